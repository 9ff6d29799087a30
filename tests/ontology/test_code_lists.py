"""Code lists are SKOS schemes in which every concept can be found, named and told apart."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import ontology_terms as terms
import pytest
from pyoxigraph import Literal, NamedNode

LISTS = terms.code_lists()
SCHEME_BASE = "https://w3id.org/mineralgraph/id/scheme/"
ID_BASE = "https://w3id.org/mineralgraph/id/"
SKOS = terms.SKOS

Values = dict[str, list[str]]


def _nodes(path: Path) -> dict[str, Values]:
    found: dict[str, Values] = defaultdict(lambda: defaultdict(list))
    for quad in terms.read(path):
        assert isinstance(quad.subject, NamedNode)
        assert isinstance(quad.object, NamedNode | Literal)
        found[quad.subject.value][quad.predicate.value].append(quad.object.value)
    return found


def _of_type(nodes: dict[str, Values], kind: str) -> dict[str, Values]:
    return {iri: v for iri, v in nodes.items() if SKOS + kind in v[str(terms.TYPE.value)]}


def test_the_lists_are_there() -> None:
    assert {path.stem for path in LISTS} >= {
        "modality", "review-state", "event-type", "instrument-type", "role", "step",
        "activity", "date-basis", "bound", "financing-type", "relation-type", "withdrawal-basis",
    }  # fmt: skip


@pytest.mark.parametrize("path", LISTS, ids=terms.relative)
def test_scheme_is_named_like_its_file(path: Path) -> None:
    schemes = _of_type(_nodes(path), "ConceptScheme")
    assert list(schemes) == [SCHEME_BASE + path.stem]
    (scheme,) = schemes.values()
    for needed in (terms.RDFS + "label", SKOS + "prefLabel", SKOS + "definition"):
        assert len(scheme[needed]) == 1


@pytest.mark.parametrize("path", LISTS, ids=terms.relative)
def test_concepts_are_complete(path: Path) -> None:
    nodes = _nodes(path)
    concepts = _of_type(nodes, "Concept")
    assert len(concepts) >= 2
    scheme = SCHEME_BASE + path.stem
    for iri, values in concepts.items():
        slug = iri.removeprefix(f"{ID_BASE}{path.stem}/")
        assert values[SKOS + "notation"] == [slug], iri
        assert values[SKOS + "inScheme"] == [scheme], iri
        assert values[terms.RDFS + "label"] == values[SKOS + "prefLabel"], iri
        assert len(values[SKOS + "prefLabel"]) == 1, iri
        assert len(values[SKOS + "definition"]) == 1, iri
        on_top = values[SKOS + "topConceptOf"] == [scheme]
        assert on_top != bool(values[SKOS + "broader"]), f"{iri}: top concept or broader, not both"
        assert set(values[SKOS + "broader"]) <= set(concepts), iri


@pytest.mark.parametrize("path", LISTS, ids=terms.relative)
def test_labels_and_definitions_tell_concepts_apart(path: Path) -> None:
    concepts = _of_type(_nodes(path), "Concept")
    for needed in (SKOS + "prefLabel", SKOS + "definition"):
        texts = [values[needed][0] for values in concepts.values()]
        assert len(set(texts)) == len(texts) > 0


@pytest.mark.parametrize("path", LISTS, ids=terms.relative)
def test_the_prefix_table_has_the_list(path: Path) -> None:
    assert f"{ID_BASE}{path.stem}/" in terms.prefix_table().values()


def test_only_what_happened_or_holds_is_actual() -> None:
    concepts = _of_type(_nodes(terms.ONTOLOGY / "codelists/modality.ttl"), "Concept")
    actual = {iri.rsplit("/", 1)[1]: v[terms.MG + "actual"] for iri, v in concepts.items()}
    assert actual.pop("held") == ["true"]
    assert actual
    assert set(map(tuple, actual.values())) == {("false",)}


def test_ladder_has_ranks_in_the_order_of_its_steps() -> None:
    concepts = _of_type(_nodes(terms.ONTOLOGY / "codelists/step.ttl"), "Concept")
    ranks = {iri.rsplit("/", 1)[1]: v[terms.MG + "rank"] for iri, v in concepts.items()}
    assert all(len(rank) == 1 for rank in ranks.values())
    by_rank = sorted(ranks, key=lambda slug: int(ranks[slug][0]))
    assert by_rank == [
        "rumoured", "proposed", "announced", "letter-of-interest", "signed", "approved",
        "committed", "disbursed", "fulfilled", "lapsed", "cancelled",
    ]  # fmt: skip


def test_no_broader_chain_comes_back_to_itself() -> None:
    broader: dict[str, list[str]] = {}
    for path in LISTS:
        for iri, values in _of_type(_nodes(path), "Concept").items():
            broader[iri] = values[SKOS + "broader"]
    assert any(broader.values())
    for start, above in broader.items():
        seen, ahead = set[str](), list(above)
        while ahead:
            step = ahead.pop()
            assert step != start, start
            if step not in seen:
                seen.add(step)
                ahead += broader[step]


def test_every_coded_value_that_a_file_uses_is_in_its_list() -> None:
    """A typing slip in a code would otherwise make a concept of its own."""
    bases = tuple(f"{ID_BASE}{path.stem}/" for path in LISTS)
    known = terms.concepts()
    used = {use for use in terms.uses() if use.iri.startswith(bases) and use.iri not in bases}
    assert len(used) >= len(known)
    assert sorted(f"{use.file}: {use.iri}" for use in used if use.iri not in known) == []
