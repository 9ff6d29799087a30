"""Two clocks over small invented data: what was known by a day, what held on a day."""

from __future__ import annotations

from datetime import date

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import (
    DCTERMS,
    EDTF,
    GRAPH_BASE,
    MG,
    ORG,
    PROV,
    RDF,
    RDFS,
    XSD,
)  # fmt: skip
from mineralgraph.store.clock import Clock
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.results import Rows
from mineralgraph.store.view import TRUE

PEOPLE = NamedNode(GRAPH_BASE + "people")
RELATIONS = NamedNode(GRAPH_BASE + "relations")
LISTS = NamedNode(GRAPH_BASE + "lists")
FALSE = Literal("false", datatype=XSD.boolean)
EVENT = mint("event", "ball")


def day(text: str) -> Literal:
    return Literal(text, datatype=XSD.date)


def home(article: str) -> NamedNode:
    return NamedNode(f"{GRAPH_BASE}article--{article}")


def article(slug: str, first: str, last: str) -> list[Quad]:
    node = mint("article", slug)
    return [
        Quad(node, MG.publishedFirst, day(first), home(slug)),
        Quad(node, MG.publishedLast, day(last), home(slug)),
    ]


def claim(slug: str, source: str, facts: list[tuple[NamedNode, NamedNode, object]]) -> list[Quad]:
    node = mint("claim", slug)
    described = [
        (RDF.type, MG.Claim),
        (PROV.wasDerivedFrom, mint("article", source)),
        (MG.current, TRUE),
        (MG.reviewState, mint("review-state", "accepted")),
    ]
    quads = [Quad(node, p, o, home(source)) for p, o in described]
    return quads + [Quad(s, p, o, node) for s, p, o in facts]  # type: ignore[arg-type]


def when(value: str, predicate: NamedNode = MG.when) -> list[tuple[NamedNode, NamedNode, object]]:
    node = mint("date", value.replace("/", "_").replace("[", "").replace("]", ""))
    return [(EVENT, predicate, node), (node, MG.edtf, Literal(value, datatype=EDTF.EDTF))]


def opened(*parts: list[Quad]) -> EmbeddedStore:
    store = EmbeddedStore()
    store.load([q for part in parts for q in part])
    return store


def answers(store: EmbeddedStore, text: str) -> list[str]:
    found = store.query(text)
    assert isinstance(found, Rows)
    return sorted(str(row[0]) for row in found)


def claims(store: EmbeddedStore) -> list[str]:
    return [c.rpartition("/")[2].rstrip(">") for c in answers(store, "SELECT ?c { ?c a mg:Claim }")]


EARLY = article("early", "2030-01-01", "2030-01-03")
LATE = article("late", "2030-02-01", "2030-02-01")
SAID = [(EVENT, RDFS.label, Literal("the ball", language="en"))]


class TestAsOf:
    def test_a_later_article_is_not_known_with_all_it_brings(self) -> None:
        store = opened(EARLY, LATE, claim("a", "early", SAID), claim("b", "late", when("2030-01")))
        seen = store.seen_by(Clock(as_of=date(2030, 1, 31)))
        assert claims(seen) == ["a"]
        assert not list(seen.quads(mint("article", "late")))
        assert not answers(seen, "SELECT ?d { ?e mg:when ?d }")
        assert answers(store, "SELECT ?d { ?e mg:when ?d }"), "the base stays as it was"

    @pytest.mark.parametrize(("by_first", "known"), [(False, []), (True, ["a"])])
    def test_which_possible_day_counts_is_a_choice(self, by_first: bool, known: list[str]) -> None:
        store = opened(EARLY, claim("a", "early", SAID))
        assert claims(store.seen_by(Clock(date(2030, 1, 2), by_first))) == known

    def test_a_triple_stays_while_an_earlier_claim_holds_it(self) -> None:
        store = opened(EARLY, LATE, claim("a", "early", SAID), claim("b", "late", SAID))
        seen = store.seen_by(Clock(as_of=date(2030, 1, 5)))
        assert answers(seen, f"SELECT ?l {{ {EVENT} rdfs:label ?l }}")
        assert claims(seen) == ["a"]

    def test_a_list_edition_is_known_from_its_date_of_issue(self) -> None:
        edition, entry = mint("list-edition", "e"), mint("list-entry", "e--x")
        issued = [
            Quad(edition, DCTERMS.issued, day("2030-03-01"), LISTS),
            Quad(entry, MG.edition, edition, LISTS),
        ]
        store = opened(issued)
        assert not answers(
            store.seen_by(Clock(date(2030, 2, 28))), "SELECT ?s { ?s mg:edition ?o }"
        )
        assert answers(store.seen_by(Clock(date(2030, 3, 1))), "SELECT ?s { ?s mg:edition ?o }")

    @pytest.mark.parametrize(
        ("basis", "before", "after"),
        [("source-retraction", True, False), ("curation-error", False, False)],
    )
    def test_a_retraction_counts_from_its_day_an_error_of_ours_always(
        self, basis: str, before: bool, after: bool
    ) -> None:
        withdrawal, node = mint("withdrawal", "a"), mint("claim", "a")
        taken = [q for q in claim("a", "early", SAID) if q.predicate != MG.current]
        told = [
            Quad(node, MG.current, FALSE, home("early")),
            Quad(withdrawal, MG.withdraws, node, home("early")),
            Quad(withdrawal, MG.basis, mint("withdrawal-basis", basis), home("early")),
            Quad(
                withdrawal, PROV.endedAtTime,
                Literal("2030-02-01T10:00:00Z", datatype=XSD.dateTime), home("early"),
            ),
        ]  # fmt: skip
        store = opened(EARLY, taken, told)
        for on, shown in ((date(2030, 1, 10), before), (date(2030, 2, 1), after)):
            seen = store.seen_by(Clock(as_of=on))
            assert bool(answers(seen, f"SELECT ?l {{ {EVENT} rdfs:label ?l }}")) is shown

    def test_a_retraction_with_a_day_of_its_own_counts_from_that(self) -> None:
        withdrawal, node = mint("withdrawal", "a"), mint("claim", "a")
        taken = [q for q in claim("a", "early", SAID) if q.predicate != MG.current]
        said = (
            (MG.withdraws, node),
            (MG.basis, mint("withdrawal-basis", "source-retraction")),
            (MG.retractedOn, Literal("2030-01-20", datatype=XSD.date)),
            (PROV.endedAtTime, Literal("2030-02-01T10:00:00Z", datatype=XSD.dateTime)),
        )
        told = [Quad(withdrawal, predicate, value, home("early")) for predicate, value in said]
        store = opened(EARLY, taken, [Quad(node, MG.current, FALSE, home("early")), *told])
        for on, shown in ((date(2030, 1, 19), True), (date(2030, 1, 20), False)):
            seen = store.seen_by(Clock(as_of=on))
            assert bool(answers(seen, f"SELECT ?l {{ {EVENT} rdfs:label ?l }}")) is shown

    def test_a_relation_goes_with_its_claims(self) -> None:
        three = [claim("a", "early", SAID), claim("b", "early", SAID), claim("c", "late", SAID)]
        pair, group = mint("relation", "pair"), mint("relation", "group")
        held = [
            Quad(pair, MG.fromClaim, mint("claim", "a"), RELATIONS),
            Quad(pair, MG.toClaim, mint("claim", "c"), RELATIONS),
            *(Quad(group, MG.relates, mint("claim", slug), RELATIONS) for slug in "abc"),
        ]
        held += [Quad(node, RDF.type, MG.ClaimRelation, RELATIONS) for node in (pair, group)]
        seen = opened(EARLY, LATE, *three, held).seen_by(Clock(as_of=date(2030, 1, 5)))
        assert answers(seen, "SELECT ?r { ?r a mg:ClaimRelation }") == [str(group)]
        assert len(answers(seen, "SELECT ?c { ?r mg:relates ?c }")) == 2

    def test_the_version_stays(self) -> None:
        store = opened(EARLY, claim("a", "early", SAID))
        assert store.seen_by(Clock(as_of=date(2029, 1, 1))).version() == store.version()


VALID = {
    "2030-01-05": {"2030-01-05": "certain", "2030-01-06": None},
    "2030-01": {"2030-01-05": "possible", "2030-02-01": None},
    "2030-01-05/2030-01-07": {"2030-01-06": "certain", "2030-01-08": None},
    "2030-01/2030-03": {"2030-01-15": "possible", "2030-02-10": "certain", "2030-04-01": None},
    "2030-01/..": {"2030-06-01": "possible", "2029-12-31": None},
    "[2030-01-05..2030-01-07]": {"2030-01-05": "possible"},
}


@pytest.mark.parametrize(
    ("value", "on", "verdict"),
    [(value, on, verdict) for value, days in VALID.items() for on, verdict in days.items()],
)
def test_what_held_on_a_day(value: str, on: str, verdict: str | None) -> None:
    seen = opened(EARLY, claim("a", "early", when(value))).seen_by(
        Clock(valid_on=date.fromisoformat(on))
    )
    found = answers(seen, "SELECT ?v { ?c mg:validity ?v }")
    assert found == ([f'"{verdict}"'] if verdict else [])
    assert claims(seen) == (["a"] if verdict else [])


def term(begins: str | None, ends: str | None) -> list[tuple[NamedNode, NamedNode, object]]:
    interval = mint("interval", "i")
    facts: list[tuple[NamedNode, NamedNode, object]] = [(EVENT, ORG.memberDuring, interval)]
    for predicate, value in ((MG.begins, begins), (MG.ends, ends)):
        if value:
            node = mint("date", value)
            facts += [(interval, predicate, node)]
            facts += [(node, MG.edtf, Literal(value, datatype=EDTF.EDTF))]
    return facts


@pytest.mark.parametrize(
    ("begins", "ends", "on", "verdict"),
    [
        ("2029-09", None, "2029-10-01", "certain"),
        ("2029-09", None, "2030-01-02", "possible"),  # the article may be of the day before
        ("2029-09", None, "2029-09-10", "possible"),
        ("2029-09", None, "2029-08-31", None),
        ("2029-09", "2029-11", "2029-11-15", "possible"),
        ("2029-09", "2029-11", "2029-12-01", None),
        (None, "2029-11", "2029-10-01", "possible"),
        (None, None, "2029-10-01", "undated"),
    ],
)
def test_a_term_of_office(
    begins: str | None, ends: str | None, on: str, verdict: str | None
) -> None:
    store = opened(EARLY, claim("a", "early", term(begins, ends)))
    seen = store.seen_by(Clock(valid_on=date.fromisoformat(on)))
    assert answers(seen, "SELECT ?v { ?c mg:validity ?v }") == ([f'"{verdict}"'] if verdict else [])


def test_an_attestation_makes_its_day_certain_and_no_other_impossible() -> None:
    store = opened(EARLY, claim("a", "early", when("2030-01-03", MG.attestedAt)))
    for on, verdict in (("2030-01-03", "certain"), ("2029-01-01", "possible")):
        seen = store.seen_by(Clock(valid_on=date.fromisoformat(on)))
        assert answers(seen, "SELECT ?v { ?c mg:validity ?v }") == [f'"{verdict}"']


def test_an_undated_claim_stays_and_says_so() -> None:
    seen = opened(EARLY, claim("a", "early", SAID)).seen_by(Clock(valid_on=date(1990, 1, 1)))
    assert answers(seen, "SELECT ?v { ?c mg:validity ?v }") == ['"undated"']


def test_both_clocks_together() -> None:
    store = opened(EARLY, LATE, claim("a", "early", when("2030-01-05")), claim("b", "late", SAID))
    clock = Clock(as_of=date(2030, 1, 31), valid_on=date(2030, 1, 6))
    assert claims(store.seen_by(clock)) == []


def test_a_clock_survives_json() -> None:
    clock = Clock(date(2030, 1, 1), True, date(2029, 5, 6))
    assert Clock.from_json(clock.as_json()) == clock
    assert not Clock.from_json(Clock().as_json())
