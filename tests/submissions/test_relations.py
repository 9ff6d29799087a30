"""A write carries what it does to families and relations: nothing is left to be computed."""

from __future__ import annotations

from pyoxigraph import NamedNode

from mineralgraph import relations
from mineralgraph.rdf.namespaces import GRAPH_BASE


def test_relations_are_in_step_after_every_write(world, article):
    assert world.submit(article).status_code == 201
    families = NamedNode(GRAPH_BASE + "source-families")
    assert list(world.store.quads(graph=families)), "the article has come with its family"
    assert not relations.renewed(world.store)
    assert world.withdraw("lesson-since").status_code == 201
    assert not relations.renewed(world.store)
