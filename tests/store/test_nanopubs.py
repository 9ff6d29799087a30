"""Claims as nanopublications: names that verify, nothing that may change, and the way back."""

from __future__ import annotations

import hashlib
import random

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse, serialize

from mineralgraph.errors import InputError, NotFound
from mineralgraph.intake.dataset import compile_sources
from mineralgraph.rdf import nanopubs, trusty
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import MG, PROV, RDF
from mineralgraph.resources import folder
from mineralgraph.store import nanopubs as making
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore

CLAIM = mint("claim", "mx-exim")
MUTABLE = (MG.reviewState, MG.current, MG.about)


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    store = EmbeddedStore()
    store.load(compile_sources([folder("data")]).quads)
    return store


def test_every_claim_has_a_name_that_verifies(store: EmbeddedStore) -> None:
    names = set()
    for claim in making.claims_of(store.quads):
        made = making.of_claim(claim, store.quads)
        random.Random(1).shuffle(made)
        names.add(nanopubs.verify(made))
        assert len({q.graph_name for q in made}) == 4
    assert len(names) == len(making.claims_of(store.quads)) > 100


def test_the_name_outlives_a_change_of_syntax(store: EmbeddedStore) -> None:
    made = making.of_claim(CLAIM, store.quads)
    for form in (RdfFormat.TRIG, RdfFormat.N_QUADS, RdfFormat.JSON_LD):
        again = list(parse(serialize(made, format=form) or b"", format=form))
        assert nanopubs.verify(again) == nanopubs.name(made)


def test_any_change_is_noticed(store: EmbeddedStore) -> None:
    made = making.of_claim(CLAIM, store.quads)
    for number, quad in enumerate(made):
        rest = made[:number] + made[number + 1 :]
        with pytest.raises(InputError):
            nanopubs.verify(rest)
        if isinstance(quad.object, Literal):
            other = Literal(quad.object.value + " ", language=quad.object.language)
            with pytest.raises(InputError, match="was changed"):
                nanopubs.verify([*rest, Quad(quad.subject, quad.predicate, other, quad.graph_name)])


def test_the_digest_is_that_of_the_specification() -> None:
    """The text that is digested, written out by hand for two quads."""
    base = "https://example.org/np/"
    graph = NamedNode(base + "RA-unknown-#g")
    node, says = NamedNode(base + "RA-unknown-"), NamedNode("https://example.org/says")
    quads = [
        Quad(node, says, Literal('a\nb\\"c', language="EN"), graph),
        Quad(node, says, Literal(1), graph),
        Quad(node, says, says, graph),
    ]
    lines = []
    for value in (
        "https://example.org/says",
        "^http://www.w3.org/2001/XMLSchema#integer 1",
        '@en a\\nb\\\\"c',
    ):
        lines += [base + " #g", base + " ", "https://example.org/says", value]
    digest = hashlib.sha256("".join(line + "\n" for line in lines).encode()).digest()
    code = trusty.code(quads, "RA-unknown-")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    number = int.from_bytes(digest + b"\0", "big") >> 6
    assert code == "RA" + "".join(alphabet[number >> 6 * n & 63] for n in reversed(range(43)))
    assert trusty.code_of(base + code) == code
    assert trusty.code_of(base + code[:-1]) is None


def test_what_may_change_stays_out(store: EmbeddedStore) -> None:
    made = making.of_claim(CLAIM, store.quads)
    assert not {q.predicate for q in made} & set(MUTABLE)
    other = EmbeddedStore()
    other.load(q for q in store.quads() if not isinstance(q.graph_name, DefaultGraph))
    for predicate in (MG.reviewState, MG.current):
        found = [q for q in other.quads(CLAIM, predicate) if isinstance(q.graph_name, NamedNode)]
        other.apply(Change(frozenset(), frozenset(found)))
    assert set(making.of_claim(CLAIM, other.quads)) == set(made)


def test_it_links_the_claim(store: EmbeddedStore) -> None:
    made = making.of_claim(CLAIM, store.quads)
    assertion = NamedNode(nanopubs.name(made).value + "#assertion")
    assert any(
        (q.subject, q.predicate, q.object) == (assertion, PROV.specializationOf, CLAIM)
        for q in made
    )


def test_it_comes_back_as_the_same_claim(store: EmbeddedStore) -> None:
    for claim in making.claims_of(store.quads):
        back = set(nanopubs.read(making.of_claim(claim, store.quads)))
        graph = {q for q in back if q.graph_name == claim}
        assert graph == set(store.quads(graph=claim))
        assert all(any(True for _ in store.quads(*_parts(q))) for q in back)
        own = {q for q in store.quads(claim) if isinstance(q.graph_name, NamedNode)}
        lost = own - back
        assert {q.predicate for q in lost} <= {*MUTABLE, RDF.type}
        assert {q.object for q in lost if q.predicate == RDF.type} <= {PROV.Entity}


def _parts(quad: Quad) -> tuple[object, NamedNode, object, object]:
    return quad.subject, quad.predicate, quad.object, quad.graph_name


def test_a_withdrawal_retracts(store: EmbeddedStore) -> None:
    with pytest.raises(NotFound):
        making.of_withdrawal(CLAIM, store.quads)
    other = EmbeddedStore()
    other.load(q for q in store.quads() if isinstance(q.graph_name, NamedNode))
    home = next(q.graph_name for q in store.quads(CLAIM) if isinstance(q.graph_name, NamedNode))
    node = mint("withdrawal", "mx-exim")
    other.apply(Change(frozenset([Quad(node, MG.withdraws, CLAIM, home)])))
    made = making.of_withdrawal(CLAIM, other.quads)
    assert nanopubs.verify(made)
    (said,) = [q for q in made if q.predicate.value.endswith("/retracts")]
    assert said.object == nanopubs.name(making.of_claim(CLAIM, store.quads))
    with pytest.raises(InputError):
        nanopubs.read(made)
