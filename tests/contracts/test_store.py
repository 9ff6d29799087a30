"""The store contract, over every engine: answers, the current view, atomic changes."""

from __future__ import annotations

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Triple

from mineralgraph.errors import QueryRefused, QuerySyntaxError, StoreError
from mineralgraph.rdf import formats
from mineralgraph.rdf.namespaces import CURRENT_VIEW, GRAPH_BASE, ID_BASE, MG
from mineralgraph.store.base import Change, Dataset, Store
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.results import Boolean, Rows, Triples
from mineralgraph.store.view import TRUE, derive, version_of

DESCRIPTIONS = NamedNode(GRAPH_BASE + "article--a")
REFERENCE = NamedNode(GRAPH_BASE + "people")
FALSE = Literal("false", datatype=TRUE.datatype)
S, P, THING = (NamedNode(f"{ID_BASE}person/{n}") for n in "spo")


def claim(number: int) -> NamedNode:
    return NamedNode(f"{ID_BASE}claim/c{number}")


def flag(number: int, value: Literal = TRUE) -> Quad:
    return Quad(claim(number), MG.current, value, DESCRIPTIONS)


def fact(graph: NamedNode, obj: NamedNode = THING) -> Quad:
    return Quad(S, P, obj, graph)


def rows(store: Store, text: str, dataset: Dataset | None = None) -> list[tuple[object, ...]]:
    answer = store.query(text, dataset) if dataset else store.query(text)
    assert isinstance(answer, Rows)
    return list(answer)


def shown(store: Store) -> bool:
    answer = store.query(f"ASK {{ {S} {P} {THING} }}")
    assert isinstance(answer, Boolean)
    return answer.value


def withdraw(store: Store, number: int) -> None:
    store.apply(Change(frozenset({flag(number, FALSE)}), frozenset({flag(number)})))


class TestCurrentView:
    def test_a_triple_goes_with_its_last_holder(self, store: Store) -> None:
        store.load([q for n in range(5) for q in (flag(n), fact(claim(n)))])
        for number in range(4):
            withdraw(store, number)
            assert shown(store), f"four holders of five are gone after claim {number}, not all"
        withdraw(store, 4)
        assert not shown(store)
        assert len(rows(store, f"SELECT ?g {{ GRAPH ?g {{ {S} {P} {THING} }} }}")) == 5

    def test_reference_data_is_the_last_holder(self, store: Store) -> None:
        held = [q for n in range(5) for q in (flag(n), fact(claim(n)))]
        store.load([*held, fact(REFERENCE)])
        for number in range(5):
            withdraw(store, number)
        assert shown(store)
        store.apply(Change(removed=frozenset({fact(REFERENCE)})))
        assert not shown(store)

    def test_a_planned_claim_is_not_shown_until_it_is_current(self, store: Store) -> None:
        store.load([flag(1, FALSE), fact(claim(1))])
        assert not shown(store)
        store.apply(Change(frozenset({flag(1)}), frozenset({flag(1, FALSE)})))
        assert shown(store)

    def test_a_triple_of_several_holders_counts_once(self, store: Store) -> None:
        store.load([*(flag(n) for n in range(3)), *(fact(claim(n)) for n in range(3))])
        answer = rows(store, f"SELECT (COUNT(*) AS ?n) {{ {S} {P} ?o }}")
        assert answer[0][0] == Literal(1)

    def test_a_claim_graph_and_its_flag_may_come_in_one_change(self, store: Store) -> None:
        store.apply(Change(frozenset({flag(1), fact(claim(1))})))
        assert shown(store)
        store.apply(Change(removed=frozenset({flag(1), fact(claim(1))})))
        assert not shown(store)

    def test_the_view_has_a_name_for_from_and_for_the_protocol(self, store: Store) -> None:
        store.load([flag(1), fact(claim(1)), flag(2, FALSE), fact(claim(2), P)])
        by_clause = rows(store, f"SELECT ?o FROM {CURRENT_VIEW} {{ {S} {P} ?o }}")
        by_protocol = rows(store, f"SELECT ?o {{ {S} {P} ?o }}", Dataset(default=(CURRENT_VIEW,)))
        assert by_clause == by_protocol == [(THING,)]

    def test_it_is_no_named_graph(self, store: Store) -> None:
        store.load([flag(1), fact(claim(1))])
        graphs = {row[0] for row in rows(store, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }")}
        assert CURRENT_VIEW not in graphs
        assert set(store.graph_names()) == graphs

    def test_the_dataset_comes_graph_by_graph_and_sorted(self, store: Store) -> None:
        store.load([flag(2), flag(1), fact(claim(2), THING), fact(claim(2)), fact(claim(1))])
        found = list(store.dataset())
        assert found == sorted(found, key=lambda q: (str(q.graph_name), str(q)))
        assert set(found) == {q for q in store.quads() if isinstance(q.graph_name, NamedNode)}


_QUADS = st.one_of(
    st.builds(flag, st.integers(0, 3), st.sampled_from([TRUE, FALSE])),
    st.builds(
        fact,
        st.one_of(st.integers(0, 3).map(claim), st.sampled_from([REFERENCE, DESCRIPTIONS])),
        st.sampled_from([S, P, THING]),
    ),
)
_CHANGES = st.lists(
    st.builds(Change, st.frozensets(_QUADS, max_size=4), st.frozensets(_QUADS, max_size=4)),
    max_size=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(_CHANGES)
def test_any_sequence_of_changes_equals_a_rebuild(changes: list[Change]) -> None:
    expected: set[Quad] = set()
    with EmbeddedStore() as store:
        for change in changes:
            store.apply(change)
            expected = (expected - change.removed) | change.added
        graphs = {q for q in store.quads() if q.graph_name != DefaultGraph()}
        view = {q.triple for q in store.quads(graph=DefaultGraph())}
        stamp = {q for q in graphs if q.predicate.value.endswith("/version")}
        assert graphs - stamp == expected
        assert view == derive(graphs)


class TestChange:
    def test_every_change_has_a_new_version(self, store: Store) -> None:
        assert store.version() == "empty"
        first = store.load([fact(REFERENCE)])
        second = store.apply(Change(frozenset({fact(REFERENCE, S)}))).version
        assert len({first, second, "empty"}) == 3
        assert store.version() == second == version_of(store.quads)

    def test_a_change_that_changes_nothing_keeps_the_version(self, store: Store) -> None:
        before = store.load([fact(REFERENCE)])
        applied = store.apply(Change(frozenset({fact(REFERENCE)}), frozenset({fact(claim(9))})))
        assert (applied.version, applied.added, applied.removed) == (before, (), ())

    def test_equal_histories_have_equal_versions(self, store: Store) -> None:
        with EmbeddedStore() as other:
            assert store.load([fact(REFERENCE)]) == other.load([fact(REFERENCE)])
            change = Change(frozenset({flag(1), fact(claim(1))}))
            assert store.apply(change).version == other.apply(change).version

    def test_load_refuses_a_store_that_is_not_empty(self, store: Store) -> None:
        store.load([fact(REFERENCE)])
        with pytest.raises(StoreError, match="empty"):
            store.load([fact(REFERENCE, S)])

    def test_what_was_applied_is_told_with_the_view(self, store: Store) -> None:
        applied = store.apply(Change(frozenset({flag(1), fact(claim(1))})))
        assert Quad(S, P, THING, DefaultGraph()) in applied.added
        assert fact(claim(1)) in applied.added


class TestQuery:
    TERMS = (
        Literal("2026-02-04", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#date")),
        Literal("Қасым-Жомарт Тоқаев", language="kk"),
        Literal(""),
        Literal('a "quoted" \\ line\nbreak\t% + &'),
        Literal("900000000", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
    )

    def test_terms_come_back_whole(self, store: Store) -> None:
        store.load([Quad(S, P, term, REFERENCE) for term in self.TERMS])
        assert {row[0] for row in rows(store, f"SELECT ?o {{ {S} {P} ?o }}")} == set(self.TERMS)

    def test_an_unbound_cell_is_none(self, store: Store) -> None:
        store.load([fact(REFERENCE)])
        answer = rows(store, f"SELECT ?o ?x {{ {S} {P} ?o OPTIONAL {{ ?o {P} ?x }} }}")
        assert answer == [(THING, None)]

    def test_columns_keep_the_order_of_the_projection(self, store: Store) -> None:
        answer = store.query("SELECT ?z ?a ?m { BIND(1 AS ?a) BIND(2 AS ?m) BIND(3 AS ?z) }")
        assert isinstance(answer, Rows)
        assert answer.columns == ["z", "a", "m"]

    def test_our_prefixes_are_predeclared(self, store: Store) -> None:
        store.load([flag(1)])
        assert len(rows(store, "SELECT ?c { ?c mg:current true }")) == 1

    def test_construct_is_a_set(self, store: Store) -> None:
        store.load([fact(REFERENCE, S), fact(REFERENCE, THING)])
        answer = store.query(f"CONSTRUCT {{ {S} {P} {S} }} {{ {S} {P} ?o }}")
        assert isinstance(answer, Triples)
        assert list(answer) == [Triple(S, P, S)]

    def test_rows_serialise_with_datatype_and_language(self, store: Store) -> None:
        store.load([Quad(S, P, self.TERMS[1], REFERENCE)])
        answer = store.query(f"SELECT ?o {{ {S} {P} ?o }}")
        sink = io.BytesIO()
        assert isinstance(answer, Rows)
        answer.write_rows(sink, formats.JSON)
        assert '"xml:lang":"kk"' in sink.getvalue().decode()

    def test_a_query_that_does_not_parse_names_line_and_column(self, store: Store) -> None:
        with pytest.raises(QuerySyntaxError) as caught:
            store.query("SELECT *\n{ ?s ?p }")
        assert caught.value.extra["line"] == 2
        assert isinstance(caught.value.extra["column"], int)

    @pytest.mark.parametrize(
        "text",
        [
            "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
            "SELECT * { SERVICE SILENT <http://127.0.0.1:9/> { ?s ?p ?o } }",
            "LOAD <http://127.0.0.1:9/>",
            "INSERT DATA { <a:a> <a:b> <a:c> }",
        ],
    )
    def test_calls_outside_and_updates_are_refused(self, store: Store, text: str) -> None:
        with pytest.raises(QueryRefused):
            store.query(text)
        assert not list(store.quads())

    def test_named_graphs_of_the_protocol_limit_what_graph_sees(self, store: Store) -> None:
        store.load([flag(1), fact(claim(1)), flag(2), fact(claim(2))])
        seen = rows(store, "SELECT ?g { GRAPH ?g { ?s ?p ?o } }", Dataset(named=(claim(2),)))
        assert seen == [(claim(2),)]
        assert rows(store, "SELECT * { ?s ?p ?o }", Dataset(named=(claim(2),))) == []
