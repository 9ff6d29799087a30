"""Many claims judged in pieces by several processes: the findings are those of one look."""

from __future__ import annotations

import os
from collections import Counter
from functools import cache

import pytest
from pyoxigraph import NamedNode, Quad

from benchmarks import generator
from mineralgraph.gate import bulk, shacl
from mineralgraph.gate.check import check
from mineralgraph.gate.context import Context
from mineralgraph.gate.shacl import ShapeResult
from mineralgraph.gate.units import background, claim_unit, claims_of
from mineralgraph.rdf.namespaces import MG, ONTOLOGY_GRAPH, ORG, RDFS

DAMAGE = [frozenset[NamedNode](), frozenset({MG.modality, MG.spanDigest}), frozenset({RDFS.label})]
IDS = ["whole", "claims", "labels"]


@cache
def quads(damage: frozenset[NamedNode]) -> tuple[Quad, ...]:
    """A dataset without some properties (the ontology keeps its own)."""
    everything = dict.fromkeys(generator.dataset(4, 0, 9))
    return tuple(
        q for q in everything if q.graph_name == ONTOLOGY_GRAPH or q.predicate not in damage
    )


def counted(results: list[ShapeResult]) -> Counter[tuple[object, ...]]:
    return Counter((r.claim, *r.key, str(r.value), r.message, str(r.shape)) for r in results)


@pytest.mark.parametrize("damage", DAMAGE, ids=IDS)
@pytest.mark.parametrize(("processes", "size"), [(1, 5), (2, 7), (3, 1000)])
def test_pieces_find_what_one_look_at_everything_finds(
    damage: frozenset[NamedNode], processes: int, size: int
) -> None:
    given = list(quads(damage))
    context = Context(given)
    claims = claims_of(given)
    units = [*(claim_unit(c, context) for c in claims), background(given, context)]
    together = list(shacl.validate(units, context))
    pieces = list(bulk.validate(given, claims, context, processes=processes, size=size))
    assert counted(pieces) == counted(together)
    assert bool(pieces) == bool(damage), "damage must show, and whole data must conform"


def test_the_report_does_not_depend_on_the_number_of_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bulk.validate, "__kwdefaults__", {**_defaults(), "size": 6})
    given = quads(frozenset({MG.gist, ORG.post}))
    alone = check(given, processes=1).as_json()
    assert check(given, processes=2).as_json() == alone
    assert not alone["conforms"]


def _defaults() -> dict[str, object]:
    return dict(bulk.validate.__kwdefaults__ or {})


def test_the_pieces_are_judged_in_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    here = os.getpid()
    seen = shacl.judge

    def elsewhere(*given: object) -> object:
        assert os.getpid() != here
        return seen(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(shacl, "judge", elsewhere)
    given = list(quads(frozenset()))
    assert not list(bulk.validate(given, claims_of(given), Context(given), processes=2, size=9))


def test_progress_counts_every_claim() -> None:
    given = list(quads(frozenset()))
    claims = claims_of(given)
    told: list[tuple[int, int]] = []
    list(
        bulk.validate(
            given,
            claims,
            Context(given),
            processes=2,
            size=10,
            progress=lambda done, total: told.append((done, total)),
        )
    )
    assert told == [(10, 36), (20, 36), (30, 36), (36, 36)]
