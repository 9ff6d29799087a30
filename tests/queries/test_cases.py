"""Every canned query against rows written down beside it.

``cases/<query>/invented.json`` has the exact answer on the invented dataset;
``cases/<query>/articles.json`` has rows that the five articles must yield (or that they must
not: ``lacks``, ``empty``), by the number of the competency question that they answer.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, QueryTriples, Store, Triple

from mineralgraph.queries import Query, load_catalog
from mineralgraph.rdf.namespaces import curie

HERE = Path(__file__).parent
CATALOG = load_catalog()
COMPETENCY_QUESTIONS = {str(n) for n in range(1, 18)} | {f"negative {n}" for n in range(1, 5)}


def cases(file: str) -> list[Any]:
    found = []
    for path in sorted(HERE.glob(f"cases/*/{file}")):
        for number, case in enumerate(json.loads(path.read_text(encoding="utf-8"))):
            name = path.parent.name
            found.append(pytest.param(name, case, id=f"{name}-{number}"))
    assert found, f"no {file} under {HERE / 'cases'}"
    return found


INVENTED = cases("invented.json")
ARTICLES = cases("articles.json")


def shown(term: Any) -> str | None:
    if term is None:
        return None
    if isinstance(term, NamedNode):
        return curie(term.value)
    assert isinstance(term, Literal)
    return term.value


def rows(store: Store, query: Query, params: dict[str, str]) -> list[list[str | None]]:
    answer = store.query(query.bind(params))
    assert isinstance(answer, QuerySolutions)
    assert [variable.value for variable in answer.variables] == list(query.columns)
    return [[shown(term) for term in solution] for solution in answer]


def triples(store: Store, query: Query, params: dict[str, str]) -> list[list[str | None]]:
    answer = store.query(query.bind(params))
    assert isinstance(answer, QueryTriples)
    return sorted([shown(part) for part in _parts(triple)] for triple in answer)  # type: ignore[type-var]


def _parts(triple: Triple) -> tuple[Any, Any, Any]:
    return triple.subject, triple.predicate, triple.object


@pytest.mark.parametrize(("name", "case"), INVENTED)
def test_exact_answer_on_the_invented_dataset(
    invented: Store, name: str, case: dict[str, Any]
) -> None:
    query = CATALOG[name]
    if query.form == "CONSTRUCT":
        assert triples(invented, query, case["params"]) == case["triples"]
    else:
        assert list(query.columns) == case["columns"]
        assert rows(invented, query, case["params"]) == case["rows"]


@pytest.mark.parametrize(("name", "case"), ARTICLES)
def test_answer_on_the_five_articles(articles: Store, name: str, case: dict[str, Any]) -> None:
    query = CATALOG[name]
    answer = [
        dict(zip(query.columns, row, strict=True)) for row in rows(articles, query, case["params"])
    ]
    if case.get("empty"):
        assert answer == []
        return
    for wanted in case["contains"]:
        assert any(_matches(row, wanted) for row in answer), f"missing: {wanted}"
    for unwanted in case.get("lacks", []):
        assert not any(_matches(row, unwanted) for row in answer), f"must not be: {unwanted}"


def _matches(row: dict[str, str | None], pattern: dict[str, str | None]) -> bool:
    assert pattern.keys() <= row.keys(), f"no such columns: {pattern.keys() - row.keys()}"
    return all(row[column] == value for column, value in pattern.items())


def test_every_query_has_a_case_with_rows_on_the_invented_dataset() -> None:
    answered = {
        p.values[0] for p in INVENTED if p.values[1].get("rows", p.values[1].get("triples"))
    }
    assert answered == set(CATALOG)


def test_every_case_is_of_a_query() -> None:
    assert {path.name for path in (HERE / "cases").iterdir()} == set(CATALOG)


def test_every_parameter_is_given_and_left_out_in_some_case() -> None:
    for name, query in CATALOG.items():
        given = [set(p.values[1]["params"]) for p in INVENTED if p.values[0] == name]
        for parameter in query.parameters:
            assert any(parameter.name in g for g in given), f"{name}: {parameter.name} never given"
            if not parameter.required:
                left_out = any(parameter.name not in g for g in given)
                assert left_out, f"{name}: {parameter.name} never left out"


def test_every_competency_question_has_a_case() -> None:
    assert {p.values[1]["question"] for p in ARTICLES} >= COMPETENCY_QUESTIONS


def test_negative_checks_return_the_row_where_a_source_states_it(invented: Store) -> None:
    """A check that is empty on our data must not be empty because it cannot find anything."""
    negative = {p.values[0] for p in ARTICLES if p.values[1]["question"].startswith("negative")}
    assert len(negative) == 4
    for name in negative:
        stated = [p for p in INVENTED if p.values[0] == name and p.values[1]["rows"]]
        assert stated, name


@pytest.mark.parametrize("name", CATALOG)
def test_the_file_runs_as_it_is(articles: Store, name: str) -> None:
    """Pasted into any editor, samples and all; with rows, save where the answer is negative."""
    answer = articles.query(CATALOG[name].text)
    found = sum(1 for _ in answer)  # type: ignore[union-attr]
    has_rows = found > 0
    assert has_rows or name in {"offer-beneficiaries", "share-minerals", "claim-relations"}


@pytest.mark.parametrize("name", CATALOG)
def test_examples_of_all_parameters_run(articles: Store, name: str) -> None:
    query = CATALOG[name]
    list(articles.query(query.bind({p.name: p.example for p in query.parameters})))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", CATALOG)
def test_no_query_knows_the_articles(name: str) -> None:
    """Instances of our data stand in the samples of parameters and nowhere else."""
    body = "\n".join(
        line
        for line in CATALOG[name].text.splitlines()
        if not line.startswith(("#", "PREFIX ")) and not line.endswith("# param")
    )
    for prefix in ("article:", "claim:", "person:", "org_:", "place:", "event:", "mineral:"):
        assert f" {prefix}" not in body


@pytest.mark.parametrize("name", [n for n, q in CATALOG.items() if q.rows == "facts"])
def test_each_fact_names_its_claim_and_article_or_its_source(articles: Store, name: str) -> None:
    query = CATALOG[name]
    for row in rows(articles, query, query.example):
        cells = dict(zip(query.columns, row, strict=True))
        assert (cells.get("claim") and cells.get("article")) or cells.get("source"), cells
