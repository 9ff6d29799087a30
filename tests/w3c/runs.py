"""Running one case against one service: True for passed."""

from __future__ import annotations

from urllib.parse import urljoin

import httpx
from pyoxigraph import Quad

from mineralgraph.rdf import sparql
from tests.w3c import results
from tests.w3c.endpoints import Endpoint, load, with_base
from tests.w3c.manifests import Case, State, path

QUERY_FORMS = ("select", "ask", "construct", "describe")


def evaluate(endpoint: Endpoint, case: Case) -> bool:
    """Run a query evaluation test: fill, ask, compare strictly."""
    text = with_base(path(case.action).read_text(encoding="utf-8"), case.action)
    endpoint.fill(with_dataset(case.before, text, case.action))
    assert case.result is not None
    if case.result.endswith(".csv"):
        answer = endpoint.ask(text, "text/csv")
        return answer.status_code == 200 and results.same_csv(answer.content, case.result)
    if case.result.endswith(".tsv"):
        return _same_tsv(endpoint.ask(text, "text/tab-separated-values"), case.result)
    expected = results.expected_rows(case.result)
    if expected is None:
        answer = endpoint.ask(text, "application/n-triples")
        return answer.status_code == 200 and results.same_triples(answer.content, case.result)
    accept, form = (
        ("application/sparql-results+json", results.QueryResultsFormat.JSON)
        if case.result.endswith(".srj")
        else ("application/sparql-results+xml", results.QueryResultsFormat.XML)
    )
    answer = endpoint.ask(text, accept)
    if answer.status_code != 200:
        return False
    found = results.rows_of(answer.content, form)
    if isinstance(found, bool) or isinstance(expected, bool):
        return found == expected
    return results.same_rows(found, expected)


def with_dataset(state: State, text: str, base: str) -> State:
    """Add the files that the query's own FROM clauses name, under the names they have there."""
    named = dict(state.named)
    for clause in sparql.dataset_clauses(sparql.tokenize(text)):
        iri = urljoin(base, clause.graph.text.strip("<>"))
        named.setdefault(iri, iri)
    return State(state.default, tuple(sorted(named.items())))


def _same_tsv(answer: httpx.Response, expected: str) -> bool:
    if answer.status_code != 200:
        return False
    tables = [
        results.rows_of(data, results.QueryResultsFormat.TSV)
        for data in (answer.content, path(expected).read_bytes())
    ]
    found, wanted = tables
    assert isinstance(found, list)
    assert isinstance(wanted, list)
    return results.same_rows(found, wanted)


def update(endpoint: Endpoint, case: Case) -> bool:
    """Run an update evaluation test: fill, change, compare the dataset."""
    endpoint.fill(case.before)
    text = with_base(path(case.action).read_text(encoding="utf-8"), case.action)
    if endpoint.change(text).status_code >= 300:
        return False
    return results.same_quads(endpoint.quads(), expected_quads(case.after))


def expected_quads(state: State) -> list[Quad]:
    """Return the quads of a state."""
    quads = [Quad(t.subject, t.predicate, t.object) for f in state.default for t in load(f)]
    for name, file in state.named:
        graph = results.NamedNode(name)
        quads += [Quad(t.subject, t.predicate, t.object, graph) for t in load(file)]
    return quads


def accepts(endpoint: Endpoint, case: Case) -> bool:
    """Run a syntax test: a good text is accepted, a bad one refused with 400."""
    text = with_base(path(case.action).read_text(encoding="utf-8"), case.action)
    good = "Positive" in case.kind
    answer = endpoint.change(text) if "Update" in case.kind else endpoint.ask(text, "*/*")
    return answer.status_code < 300 if good else answer.status_code == 400
