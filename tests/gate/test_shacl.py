"""Batches of units give what single runs give."""

from __future__ import annotations

from functools import cache

import pytest
from pyoxigraph import NamedNode

from mineralgraph.gate import shacl
from mineralgraph.gate.context import Context
from mineralgraph.gate.units import Unit, claim_unit, claims_of
from mineralgraph.intake.dataset import Compiled, compile_dataset
from mineralgraph.rdf.namespaces import MG, ORG, PROV, RDFS


@cache
def dataset() -> Compiled:
    return compile_dataset()


def damaged(unit: Unit, predicates: frozenset[NamedNode]) -> Unit:
    """The unit without some properties: a law of batches must hold for bad data too."""
    return Unit(unit.claim, frozenset(t for t in unit.triples if t.predicate not in predicates))


DAMAGE = [
    frozenset[NamedNode](),
    frozenset({MG.modality, MG.gist}),
    frozenset({RDFS.label, ORG.post}),
    frozenset({PROV.wasDerivedFrom, MG.spanDigest}),
]


@pytest.mark.parametrize("predicates", DAMAGE, ids=["whole", "claim", "labels", "evidence"])
def test_a_batch_finds_what_single_runs_find(predicates: frozenset[NamedNode]) -> None:
    context = Context(dataset().quads)
    claims = claims_of(dataset().quads)[::12]
    units = [damaged(claim_unit(claim, context), predicates) for claim in claims]
    together = [(r.claim, *r.key, str(r.value)) for r in shacl.validate(units, context)]
    alone = [(r.claim, *r.key, str(r.value)) for u in units for r in shacl.validate([u], context)]
    assert sorted(map(str, together)) == sorted(map(str, alone))
    assert bool(together) == bool(predicates), "damage must show, and whole units must conform"
    assert not any("?unit=" in str(part) for result in together for part in result)
