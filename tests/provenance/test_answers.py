"""The canned queries with their sources, in each format, as a client gets them."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections import Counter
from typing import Any

import pyoxigraph
import pytest
import rdflib.query

from mineralgraph.errors import NotAcceptable
from mineralgraph.execution import frames
from mineralgraph.execution.base import Request
from mineralgraph.execution.inline import InlineRunner
from mineralgraph.intake.dataset import compile_dataset
from mineralgraph.provenance import explain, write_explained, write_marked
from mineralgraph.queries import load_catalog
from mineralgraph.rdf import formats
from mineralgraph.rdf.namespaces import GRAPH_BASE, ID_BASE, PROV
from mineralgraph.store.base import Store
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.results import Rows

CATALOG = load_catalog()
SELECTS = sorted(name for name, query in CATALOG.items() if query.form == "SELECT")
ATTENDED = CATALOG["did-attend"].text


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    store = EmbeddedStore()
    store.load(compile_dataset().quads)
    return store


def ask(store: Store, text: str, form: Any = formats.JSON) -> bytes:
    request = frames.decode_request(
        frames.encode_request(Request(text=text, form=form, sources=True))
    )
    body = asyncio.run(InlineRunner(store).run(request)).body
    assert body is not None
    return body


@pytest.mark.parametrize("name", SELECTS)
def test_every_row_of_a_canned_query_has_its_sources(store: EmbeddedStore, name: str) -> None:
    text = CATALOG[name].text
    plain = store.query(text)
    assert isinstance(plain, Rows)
    sink = io.BytesIO()
    plain.write_rows(sink, formats.JSON)
    expected, found = json.loads(sink.getvalue()), json.loads(ask(store, text))
    assert found["head"] == expected["head"]
    as_set = [Counter(map(json.dumps, part["results"]["bindings"])) for part in (expected, found)]
    assert as_set[0] == as_set[1]
    assert len(found["sources"]) == len(found["derivations"]) == sum(as_set[0].values())
    assert all(entry for row in found["sources"] for entry in row), "a triple without a holder"
    assert all(found["sources"]), "a row without sources"
    assert not {n["feature"] for n in found["untraceable"]} & {"rows", "sub-SELECT", "EXISTS"}


def test_a_row_names_claims_described_once(store: EmbeddedStore) -> None:
    found = json.loads(ask(store, ATTENDED))
    named = {iri for row in found["sources"] for entry in row for iri in entry}
    claims = {iri for iri in named if not iri.startswith(GRAPH_BASE)}
    assert claims
    assert claims == set(found["claims"])
    for number, binding in enumerate(found["results"]["bindings"]):
        assert [binding["claim"]["value"]] in found["sources"][number]
    for claim in found["claims"].values():
        assert claim["gist"]
        assert claim["article"].startswith(f"{ID_BASE}article/")
        assert claim["url"].startswith("http")
        assert claim["spans"]
        assert all(0 <= span["start"] < span["end"] for span in claim["spans"])


def test_the_entries_of_a_row_are_its_triples(store: EmbeddedStore) -> None:
    found = json.loads(ask(store, ATTENDED))
    for row, derivation in zip(found["sources"], found["derivations"], strict=True):
        assert len(row) == len(derivation["triples"])
    assert all("subject" in triple for triple in found["triples"])


def test_alternatives_are_told_from_joint_needs(store: EmbeddedStore) -> None:
    found = json.loads(ask(store, "SELECT DISTINCT ?t { ?x a ?t ; rdfs:label ?l } LIMIT 1"))
    assert "any" in found["derivations"][0]["needs"]
    assert json.loads(ask(store, ATTENDED))["derivations"][0]["needs"] == "all"


def test_ask_has_its_sources_too(store: EmbeddedStore) -> None:
    found = json.loads(ask(store, "ASK { ?x a mg:Participation }"))
    assert found["boolean"] is True
    assert len(found["sources"]) == 1
    with pytest.raises(NotAcceptable):
        ask(store, "ASK { ?x a mg:Participation }", formats.CSV)


@pytest.mark.parametrize("text", [ATTENDED, "ASK { ?x a mg:Participation }"])
def test_ordinary_clients_read_past_what_is_ours(store: EmbeddedStore, text: str) -> None:
    """Oxigraph's reader is the strictest: it takes nothing after the results."""
    body = ask(store, text)
    read = pyoxigraph.parse_query_results(body, format=pyoxigraph.QueryResultsFormat.JSON)
    plain = store.query(text)
    if isinstance(plain, Rows):
        assert isinstance(read, pyoxigraph.QuerySolutions)
        assert [tuple(solution) for solution in read] == list(plain)
    else:
        assert bool(read)
    known = rdflib.query.Result.parse(io.BytesIO(body), format="json")
    assert len(known) == 1 if known.type == "ASK" else len(known) > 0


def test_csv_has_one_more_column(store: EmbeddedStore) -> None:
    plain = store.query(ATTENDED)
    assert isinstance(plain, Rows)
    sink = io.BytesIO()
    plain.write_rows(sink, formats.CSV)
    expected = list(csv.reader(io.StringIO(sink.getvalue().decode())))
    found = list(csv.reader(io.StringIO(ask(store, ATTENDED, formats.CSV).decode())))
    assert [row[:-1] for row in found] == expected
    assert found[0][-1] == "sources"
    assert all(ID_BASE in row[-1] for row in found[1:])


def test_a_column_of_that_name_is_left_alone_and_gaps_are_named(store: EmbeddedStore) -> None:
    query = "SELECT ?sources { ?sources a mg:Participation MINUS { ?sources a mg:Claim } } LIMIT 2"
    found = list(csv.reader(io.StringIO(ask(store, query, formats.CSV).decode())))
    assert found[0] == ["sources", "sources_"]
    assert all(row[1].endswith("untraceable: MINUS") for row in found[1:])


@pytest.mark.parametrize("form", [formats.JSON, formats.CSV, formats.TSV, formats.XML])
def test_rows_with_marks_are_written_as_the_engine_writes_them(
    store: EmbeddedStore, form: Any
) -> None:
    """On no day and with nothing asked for, not a byte differs; in XML, nothing that is read."""
    text = """SELECT ?a ?b ?c { VALUES (?a ?b ?c) {
      (1 -2.50 1e3) (true "x\\t\\n\\"<&" "y"@en) (UNDEF <urn:a> "1"^^<urn:type>)
      ("01"^^<http://www.w3.org/2001/XMLSchema#boolean> "" "a,b") } }"""
    engine, ours = io.BytesIO(), io.BytesIO()
    plain = store.query(text)
    assert isinstance(plain, Rows)
    plain.write_rows(engine, form)
    write_marked(store, text, ours, form)
    if form is formats.XML:
        read = [pyoxigraph.parse_query_results(x.getvalue(), form.engine) for x in (engine, ours)]
        assert [tuple(s) for s in read[0]] == [tuple(s) for s in read[1]]  # type: ignore[union-attr]
        return
    assert ours.getvalue().rstrip(b"\n") == engine.getvalue().rstrip(b"\n")


def test_tsv_reads_back(store: EmbeddedStore) -> None:
    body = ask(store, ATTENDED, formats.TSV)
    read = pyoxigraph.parse_query_results(body, format=pyoxigraph.QueryResultsFormat.TSV)
    assert isinstance(read, pyoxigraph.QuerySolutions)
    assert [v.value for v in read.variables][-1] == "sources"
    assert len(list(read)) == len(list(store.query(ATTENDED)))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", [formats.TURTLE, formats.JSONLD])
def test_rdf_derives_each_row_from_claims(store: EmbeddedStore, form: Any) -> None:
    graph = pyoxigraph.Store()
    graph.load(ask(store, ATTENDED, form), format=form.engine)
    rs = "http://www.w3.org/2001/sw/DataAccess/tests/result-set#"
    found = graph.query(
        f"SELECT DISTINCT ?row ?claim {{ ?set <{rs}solution> ?row . "
        f"?row {PROV.wasDerivedFrom}/{PROV.wasDerivedFrom} ?claim . ?claim a ?type }}"
    )
    rows = {row[0] for row in found}  # type: ignore[union-attr]
    assert len(rows) == len(explain(store, ATTENDED).rows)


def test_rdf_keeps_alternatives_apart(store: EmbeddedStore) -> None:
    body = ask(store, "SELECT DISTINCT ?t { ?x a ?t ; rdfs:label ?l } LIMIT 1", formats.TURTLE)
    assert b"rdf:Alt" in body
    assert b"prov:Collection" in body


def test_xml_has_no_place_for_sources(store: EmbeddedStore) -> None:
    with pytest.raises(NotAcceptable):
        write_explained(explain(store, ATTENDED), io.BytesIO(), formats.XML)
