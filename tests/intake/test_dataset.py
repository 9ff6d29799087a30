"""The compiled dataset: laws that hold for every claim of our data."""

from __future__ import annotations

from collections import Counter
from functools import cache

from pyoxigraph import BlankNode, NamedNode, Quad, Triple

from mineralgraph.intake.dataset import compile_dataset, is_reference_graph
from mineralgraph.rdf.namespaces import MG, PROV, RDF, RDFS
from mineralgraph.store.view import TRUE


@cache
def quads() -> tuple[Quad, ...]:
    return tuple(compile_dataset().quads)


def of(predicate: NamedNode) -> dict[object, set[object]]:
    found: dict[object, set[object]] = {}
    for quad in quads():
        if quad.predicate == predicate:
            found.setdefault(quad.subject, set()).add(quad.object)
    return found


@cache
def claims() -> frozenset[object]:
    return frozenset(q.subject for q in quads() if q.predicate == RDF.type and q.object == MG.Claim)


def test_compiling_twice_gives_the_same_bytes() -> None:
    again = compile_dataset().quads
    assert [str(q) for q in quads()] == [str(q) for q in again]


def test_there_are_no_blank_nodes_and_no_triple_terms() -> None:
    assert not [
        q for q in quads() for t in (q.subject, q.object) if isinstance(t, BlankNode | Triple)
    ]


def test_every_claim_has_a_graph_and_every_other_graph_is_reference() -> None:
    graphs = {q.graph_name for q in quads() if isinstance(q.graph_name, NamedNode)}
    assert claims() == {g for g in graphs if not is_reference_graph(g)}


def test_current_is_accepted_and_actual() -> None:
    actual = {c for c, values in of(MG.actual).items() if TRUE in values}
    modality, current = of(MG.modality), of(MG.current)
    for claim in claims():
        assert (current[claim] == {TRUE}) == (modality[claim] <= actual), claim
    assert {TRUE} in current.values()
    assert {TRUE} not in [v for v in current.values() if v != {TRUE}]


def test_a_claim_is_about_labelled_things_that_its_graph_mentions() -> None:
    labels = of(RDFS.label)
    mentioned: dict[object, set[object]] = {}
    for quad in quads():
        mentioned.setdefault(quad.graph_name, set()).update((quad.subject, quad.object))
    for claim, things in of(MG.about).items():
        assert things <= mentioned[claim]
        assert things <= labels.keys()


def test_descriptions_share_no_subject_with_claim_graphs() -> None:
    described = {q.subject for q in quads() if _description(q)}
    asserted = {q.subject for q in quads() if q.graph_name in claims()}
    assert described
    assert not described & asserted


def _description(quad: Quad) -> bool:
    return isinstance(quad.graph_name, NamedNode) and "/graph/article--" in quad.graph_name.value


def test_planned_and_happened_are_two_claims_on_one_triple() -> None:
    """Case C09: the same participation is planned in one article and held in another."""
    holders: dict[Triple, set[object]] = {}
    for quad in quads():
        if quad.graph_name in claims() and quad.predicate == MG.inEvent:
            holders.setdefault(quad.triple, set()).add(quad.graph_name)
    modality = of(MG.modality)
    mixed = [t for t, held in holders.items() if len({str(modality[c]) for c in held}) > 1]
    assert mixed


def test_every_article_yields_claims() -> None:
    per_article = Counter(str(a) for values in of(PROV.wasDerivedFrom).values() for a in values)
    assert len(per_article) == 5
    assert min(per_article.values()) >= 30
