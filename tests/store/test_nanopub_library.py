"""Another reader's judgement: the library of the nanopublication network on each of our claims.

Its validity check looks at neither digest nor signature; its check of the name is a second one.
"""

from __future__ import annotations

import warnings

import pytest
from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize

from mineralgraph.intake.dataset import compile_dataset
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import MG
from mineralgraph.store import nanopubs as making
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the library's own use of rdflib
    import rdflib
    from nanopub import Nanopub
    from nanopub.utils import MalformedNanopubError

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def store() -> EmbeddedStore:
    store = EmbeddedStore()
    store.load(compile_dataset().quads)
    return store


def as_the_library_reads(quads: list[Quad]) -> Nanopub:
    graph = rdflib.ConjunctiveGraph()
    graph.parse(data=serialize(quads, format=RdfFormat.N_QUADS), format="nquads")
    return Nanopub(rdf=graph)


def test_every_claim_is_valid_and_its_name_verifies(store: EmbeddedStore) -> None:
    claims = making.claims_of(store.quads)
    assert len(claims) > 200
    for claim in claims:
        read = as_the_library_reads(making.of_claim(claim, store.quads))
        assert read.is_valid
        assert read.has_valid_trusty


def test_a_retraction_is_valid_too(store: EmbeddedStore) -> None:
    claim, node = mint("claim", "mx-exim"), mint("withdrawal", "mx-exim")
    with EmbeddedStore() as other:
        other.load(q for q in store.quads() if isinstance(q.graph_name, NamedNode))
        homes = {q.graph_name for q in other.quads(claim, MG.gist)}
        [home] = [graph for graph in homes if isinstance(graph, NamedNode)]
        other.apply(Change(frozenset([Quad(node, MG.withdraws, claim, home)])))
        read = as_the_library_reads(making.of_withdrawal(claim, other.quads))
    assert read.is_valid
    assert read.has_valid_trusty


def test_the_library_sees_a_change(store: EmbeddedStore) -> None:
    made = making.of_claim(mint("claim", "mx-exim"), store.quads)
    changed = [
        Quad(q.subject, q.predicate, Literal(1), q.graph_name)
        if q.predicate.value.endswith("maxValue") else q
        for q in made
    ]  # fmt: skip
    assert changed != made
    with pytest.raises(MalformedNanopubError):
        _ = as_the_library_reads(changed).has_valid_trusty
