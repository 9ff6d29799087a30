"""The present step of a thing: reversals, lapses, late reports, withdrawals; and sums of offers."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph import relations
from mineralgraph.intake.dataset import ontology_quads
from mineralgraph.queries import load_catalog
from mineralgraph.rdf import edtf
from mineralgraph.rdf.identifiers import mint, slug_of
from mineralgraph.rdf.namespaces import DCTERMS, MG, PROV, RDF, SCHEMA, XSD
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.results import Rows

CATALOG = load_catalog()
RANKS = [q for q in ontology_quads() if q.predicate == MG.rank]
HOME = mint("graph", "article--invented")
OFFER = mint("offer", "invented-loan")
Told = tuple[str, str, str | None]
"""Day of the article, step, and date of the step where the article gives one."""


def day(text: str) -> Literal:
    return Literal(text, datatype=XSD.date)


def dated(node: NamedNode, value: str, graph: NamedNode) -> list[Quad]:
    """Return the statement of a date with its bounds, in a claim's graph."""
    date, bounds = mint("date", value.replace("/", "_")), edtf.bounds(value)
    quads = [Quad(node, MG.when, date, graph), Quad(date, MG.edtf, Literal(value), graph)]
    for predicate, bound in ((MG.firstDay, bounds.first), (MG.lastDay, bounds.last)):
        if bound:
            quads.append(Quad(date, predicate, day(bound.isoformat()), graph))
    return quads


def claim(number: int, published: str, asserted: Iterable[Quad]) -> list[Quad]:
    """Return an accepted claim of an article of its own; its triples come without a graph."""
    node, article = mint("claim", f"invented-{number}"), mint("article", f"invented-{number}")
    said = [
        Quad(node, RDF.type, MG.Claim, HOME),
        Quad(node, MG.reviewState, mint("review-state", "accepted"), HOME),
        Quad(node, MG.modality, mint("modality", "held"), HOME),
        Quad(node, MG.current, Literal(True), HOME),
        Quad(node, PROV.wasDerivedFrom, article, HOME),
        Quad(article, RDF.type, SCHEMA.NewsArticle, HOME),
        Quad(article, MG.publishedFirst, day(published), HOME),
        Quad(article, MG.publishedLast, day(published), HOME),
    ]
    return said + [Quad(q.subject, q.predicate, q.object, node) for q in asserted]


def step(name: str, date: str | None, thing: NamedNode = OFFER) -> list[Quad]:
    node = mint("status-step", f"{slug_of(thing)}--{name}")
    quads = [
        Quad(node, MG.stepOf, thing),
        Quad(node, MG.status, mint("step", name)),
    ]
    return quads + (dated(node, date, HOME) if date else [])


def ladder(*told: Told) -> EmbeddedStore:
    store = EmbeddedStore()
    quads = [*RANKS]
    for number, (published, name, date) in enumerate(told):
        quads += claim(number, published, step(name, date))
    store.load(relations.complete(quads))
    return store


def rows(store: EmbeddedStore, name: str, **params: str) -> list[dict[str, str | None]]:
    answer = store.query(CATALOG[name].bind(params))
    assert isinstance(answer, Rows)
    return [
        {c: getattr(v, "value", None) for c, v in zip(answer.columns, row, strict=True)}
        for row in answer
    ]


def present(store: EmbeddedStore) -> tuple[str, str, str]:
    """Return step, since and dated, which all claims of the present step agree on."""
    found = {
        (str(r["status"]).rpartition("/")[2], str(r["since"]), str(r["dated"]))
        for r in rows(store, "present-steps")
    }
    assert len(found) == 1
    return found.pop()


CASES: dict[str, tuple[list[Told], tuple[str, str, str]]] = {
    "a later step by date": (
        [("2040-02-01", "announced", "2040-01-10"), ("2040-06-01", "signed", "2040-05-02")],
        ("signed", "2040-05-02", "true"),
    ),
    "an undated step counts from the article's last day, and is shown as such": (
        [("2040-02-01", "announced", None)],
        ("announced", "2040-02-01", "false"),
    ),
    "a late undated report of an earlier step changes nothing": (
        [("2040-06-01", "signed", "2040-05-02"), ("2041-01-01", "announced", None)],
        ("signed", "2040-05-02", "true"),
    ),
    "a late dated report of an earlier step changes nothing": (
        [("2040-06-01", "signed", "2040-05-02"), ("2041-01-01", "announced", "2040-01")],
        ("signed", "2040-05-02", "true"),
    ),
    "a late report of the same step makes it no younger": (
        [("2040-06-01", "announced", None), ("2041-01-01", "announced", None)],
        ("announced", "2040-06-01", "false"),
    ),
    "an undated report of a dated step does not blur its date": (
        [("2040-06-01", "approved", "2040-05"), ("2041-01-01", "approved", None)],
        ("approved", "2040-05-31", "true"),
    ),
    "where dates do not decide, the higher rank": (
        [("2040-06-01", "announced", "2040"), ("2040-06-01", "signed", "2040-03")],
        ("signed", "2040-03-31", "true"),
    ),
    "two undated steps: the higher rank": (
        [("2040-06-01", "committed", None), ("2040-09-01", "proposed", None)],
        ("committed", "2040-06-01", "false"),
    ),
    "a lapse": (
        [("2040-06-01", "signed", "2040-05-02"), ("2041-01-01", "lapsed", None)],
        ("lapsed", "2041-01-01", "false"),
    ),
    "a cancellation, and news of the signing after it": (
        [("2040-06-01", "cancelled", "2040-05-02"), ("2041-01-01", "signed", None)],
        ("cancelled", "2040-05-02", "true"),
    ),
    "a reversal: announced again after the cancellation": (
        [("2040-06-01", "cancelled", "2040-05-02"), ("2041-02-01", "announced", "2041-01-20")],
        ("announced", "2041-01-20", "true"),
    ),
    "an undated step of an article older than a dated one is past": (
        [("2040-01-01", "lapsed", None), ("2040-06-01", "signed", "2040-05-02")],
        ("signed", "2040-05-02", "true"),
    ),
    "announced twice, with the cancellation between": (
        [
            ("2040-01-05", "announced", "2040-01-02"),
            ("2040-06-01", "cancelled", "2040-05-02"),
            ("2040-09-01", "announced", "2040-08-30"),
        ],
        ("announced", "2040-08-30", "true"),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_present_step(name: str) -> None:
    told, wanted = CASES[name]
    for order in permutations(told):
        with ladder(*order) as store:
            assert present(store) == wanted


@pytest.mark.parametrize("name", CASES)
def test_history_marks_the_present_step_and_puts_it_first(name: str) -> None:
    told, wanted = CASES[name]
    with ladder(*told) as store:
        history = rows(store, "status-history")
        marked = [r["present"] == "true" for r in history]
        assert len(history) == len(told)
        assert marked == sorted(marked, reverse=True)
        assert {str(r["status"]).rpartition("/")[2] for r in history[: sum(marked)]} == {wanted[0]}


def test_withdrawing_a_claim_moves_the_step_back() -> None:
    with ladder(
        ("2040-02-01", "announced", "2040-01-10"), ("2040-06-01", "signed", "2040-05-02")
    ) as store:
        node = mint("claim", "invented-1")
        before = {q for q in store.quads() if q.graph_name == relations.RELATIONS}
        assert before
        change = Change(
            frozenset(
                {Quad(node, MG.current, Literal(False), HOME)}
                | {Quad(node, MG.reviewState, mint("review-state", "withdrawn"), HOME)}
            ),
            frozenset(
                {Quad(node, MG.current, Literal(True), HOME)}
                | {Quad(node, MG.reviewState, mint("review-state", "accepted"), HOME)}
            ),
        )
        store.apply(relations.extended(store, change))
        assert present(store) == ("announced", "2040-01-10", "true")
        assert not [q for q in store.quads() if q.graph_name == relations.RELATIONS]
        store.apply(relations.extended(store, Change(change.removed, change.added)))
        assert present(store) == ("signed", "2040-05-02", "true")
        assert {q for q in store.quads() if q.graph_name == relations.RELATIONS} == before


def test_announced_long_ago_and_nothing_since() -> None:
    other = mint("offer", "invented-grant")
    quads = [*RANKS]
    quads += claim(0, "2040-01-05", step("announced", "2040-01-02"))
    quads += claim(1, "2040-01-05", step("announced", "2040-01-02", other))
    quads += claim(2, "2040-09-05", step("signed", "2040-09-02", other))
    with EmbeddedStore() as store:
        store.load(quads)
        found = rows(store, "present-steps", at="announced", before="2041-01-02")
        assert [r["thing"] for r in found] == [OFFER.value]
        assert rows(store, "present-steps", at="announced", before="2040-01-02") == []


def money(thing: NamedNode, currency: str, bound: NamedNode, number: int, kind: str) -> list[Quad]:
    amount = mint("amount", f"{currency}-{slug_of(bound)}-{number}".lower().replace(":", "-"))
    amount = mint("amount", f"{slug_of(thing)}-{currency}-{number}-{len(bound.value)}")
    return [
        Quad(thing, MG.amount, amount),
        Quad(thing, MG.financingType, mint("financing-type", kind)),
        Quad(amount, SCHEMA.currency, Literal(currency)),
        Quad(amount, bound, Literal(number)),
    ]


def totals(*told: tuple[NamedNode, list[Quad]]) -> set[tuple[str, ...]]:
    quads = [*RANKS]
    for number, (_, asserted) in enumerate(told):
        quads += claim(number, "2040-01-05", asserted)
    with EmbeddedStore() as store:
        store.load(quads)
        return {
            tuple(
                "" if r[c] is None else str(r[c]).rpartition("/")[2]
                for c in ("currency", "status", "type", "offers", "floor", "ceiling", "endless")
            )
            for r in rows(store, "ladder-totals")
        }


A, B, C = (mint("offer", name) for name in ("a", "b", "c"))


def test_sums_never_mix_currencies_steps_or_types() -> None:
    assert totals(
        (A, money(A, "XTS", SCHEMA.maxValue, 900, "letter-of-interest")),
        (A, step("letter-of-interest", None, A)),
        (B, money(B, "XTS", SCHEMA.value, 100, "loan")),
        (B, step("signed", None, B)),
        (C, money(C, "XAU", SCHEMA.value, 7, "loan")),
        (C, step("signed", None, C)),
    ) == {
        ("XTS", "letter-of-interest", "letter-of-interest", "1", "0", "900", "0"),
        ("XTS", "signed", "loan", "1", "100", "100", "0"),
        ("XAU", "signed", "loan", "1", "7", "7", "0"),
    }


def test_up_to_is_a_ceiling_and_at_least_a_floor() -> None:
    assert totals(
        (A, money(A, "XTS", SCHEMA.maxValue, 900, "loan")),
        (B, money(B, "XTS", SCHEMA.value, 100, "loan")),
    ) == {("XTS", "", "loan", "2", "100", "1000", "0")}
    assert totals(
        (A, money(A, "XTS", SCHEMA.minValue, 900, "loan")),
        (B, money(B, "XTS", SCHEMA.value, 100, "loan")),
    ) == {("XTS", "", "loan", "2", "1000", "", "1")}


def test_one_offer_told_twice_is_added_once() -> None:
    asserted = money(A, "XTS", SCHEMA.value, 100, "loan")
    assert totals((A, asserted), (A, asserted)) == {("XTS", "", "loan", "1", "100", "100", "0")}


def test_where_sources_differ_the_sum_is_a_span() -> None:
    assert totals(
        (A, money(A, "XTS", SCHEMA.value, 100, "loan")),
        (A, money(A, "XTS", SCHEMA.value, 150, "loan")),
    ) == {("XTS", "", "loan", "1", "100", "150", "0")}


def test_an_offer_of_two_types_is_added_to_neither() -> None:
    assert totals(
        (A, money(A, "XTS", SCHEMA.value, 100, "loan")),
        (A, money(A, "XTS", SCHEMA.value, 100, "grant")),
        (B, money(B, "XTS", SCHEMA.value, 1, "loan")),
    ) == {("XTS", "", "", "1", "100", "100", "0"), ("XTS", "", "loan", "1", "1", "1", "0")}


def test_a_part_is_not_added_to_its_whole() -> None:
    assert totals(
        (A, money(A, "XTS", SCHEMA.value, 100, "loan")),
        (B, [*money(B, "XTS", SCHEMA.value, 40, "loan"), Quad(A, DCTERMS.hasPart, B)]),
    ) == {("XTS", "", "loan", "1", "100", "100", "0")}
