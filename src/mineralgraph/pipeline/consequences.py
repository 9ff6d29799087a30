"""What the rules over the whole dataset find because of a change.

They run on the neighbourhood of the change, before and after. Thousands of claims may speak of one
event, and few of them say anything new of it: so a sample is looked at first, in which every
triple that is said of a thing has a claim that says it. Only where that raises a finding is the
neighbourhood looked at whole, and then that verdict counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from pyoxigraph import NamedNode, Quad

from mineralgraph.gate.report import Finding
from mineralgraph.intake.dataset import ontology_quads
from mineralgraph.pipeline.surroundings import OF_THE_SERVICE, is_description, run_checks
from mineralgraph.rdf.identifiers import split
from mineralgraph.rdf.namespaces import MG, ONTOLOGY_GRAPH, RDFS, SKOS
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.view import After, Find

_VALUES = frozenset({"date", "interval", "amount", "quantity", "selector"})
_POINTING = 4
"""So many statements that point at a thing are looked at in a sample, of each property."""


def new_findings(find: Find, change: Change) -> list[Finding]:
    """Return what the checks over the dataset find after a change and did not find before it.

    What they find on a neighbourhood for want of the rest of the graph they find in both states,
    and so it does not count.
    """
    after = After(find, change).quads
    seeds = _seeds(find, change)
    sample = _Sample(find, after, change, seeds)
    if not _compared(sample.quads(find), sample.quads(after)):
        return []
    ring = _ring(find, seeds) | _ring(after, seeds)  # the same nodes for both states
    return _compared(_neighbourhood(find, seeds, ring), _neighbourhood(after, seeds, ring))


def _compared(before: set[Quad], after: set[Quad]) -> list[Finding]:
    """Return what is found after and not before."""
    found = _checked(after)
    if not found:
        return []
    known = set(_checked(before, {finding.rule for finding in found}))
    return [finding for finding in found if finding not in known]


class _Sample:
    """The neighbourhood of a change without what other claims say over again.

    The claims looked at whole are the same before and after the change: those that it touches,
    and for every triple that some claim asserts of a seed, in either state, two claims that do.
    """

    def __init__(self, find: Find, after: Find, change: Change, seeds: set[NamedNode]) -> None:
        changed = change.added | change.removed
        self._described = {q.subject for q in changed if is_description(q)}
        self._seeds = seeds
        self._claims = {q.graph_name for q in changed if not is_description(q)}
        for state in (find, after):
            for node in seeds:
                self._claims |= {g for g in self._telling(state, node) if isinstance(g, NamedNode)}
        self._ring: set[NamedNode] = set()
        for state in (find, after):
            ends = {n for q in self._near(state) for n in (q.subject, q.object)}
            self._ring |= {n for n in ends if isinstance(n, NamedNode) and split(n)} - seeds

    def _telling(self, find: Find, node: NamedNode) -> Iterator[object]:
        """Yield the claims to look at because of a node."""
        kind = (split(node) or ("",))[0]
        whole = node in self._described and kind not in _VALUES
        said: Counter[object] = Counter()
        for quad in find(node):
            said[quad.triple] += 1
            if not is_description(quad) and (whole or said[quad.triple] <= 2):
                yield quad.graph_name
        if kind in _VALUES:
            return
        for quad in find(None, None, node):
            said[quad.predicate] += 1
            if not is_description(quad) and (whole or said[quad.predicate] <= _POINTING):
                yield quad.graph_name

    def _near(self, find: Find) -> set[Quad]:
        near: set[Quad] = set()
        for graph in self._claims:
            if isinstance(graph, NamedNode):
                near |= _named(find(None, None, None, graph)) | _named(find(graph))
        for node in self._seeds:
            near |= {q for q in _named(find(node)) if is_description(q)}
            if (split(node) or ("",))[0] not in _VALUES and node in self._described:
                near |= {q for q in _named(find(None, None, node)) if is_description(q)}
        return near

    def quads(self, find: Find) -> set[Quad]:
        """Return the ontology, the sample, and what is said of the things in it."""
        near = self._near(find)
        for node in self._ring:
            seen: set[object] = set()
            for quad in _named(find(node)):
                if is_description(quad) or quad.triple not in seen:
                    near.add(quad)
                    seen.add(quad.triple)
        return near | _around_all(find, near)


def _checked(quads: set[Quad], rules: Collection[str] | None = None) -> list[Finding]:
    with EmbeddedStore.holding(quads) as store:
        return list(run_checks(store, rules))


def _seeds(find: Find, change: Change) -> set[NamedNode]:
    """Return the nodes whose surroundings the checks must see whole."""
    seeds: set[NamedNode] = set()
    for quad in change.added | change.removed:
        if quad.graph_name in OF_THE_SERVICE:
            continue
        nodes: list[object] = [quad.subject]
        graph = quad.graph_name
        if isinstance(graph, NamedNode) and is_description(quad) and "/article--" not in str(graph):
            nodes.append(quad.object)  # such as the edition of a list that gains an entry
        if quad.predicate in (RDFS.label, SKOS.altLabel, MG.textDigest):
            nodes += [q.subject for q in find(None, quad.predicate, quad.object)]
        seeds |= {n for n in nodes if isinstance(n, NamedNode) and split(n)}
    return seeds


def _near(find: Find, seeds: set[NamedNode]) -> set[Quad]:
    """Return what is said of the seeds and points at them, with the whole claims it is part of."""
    near: set[Quad] = set()
    for node in seeds:
        near |= _named(find(node)) | _named(find(None, None, node))
    for graph in {q.graph_name for q in near if not is_description(q)}:
        near |= _named(find(None, None, None, graph)) | _named(find(graph))
    return near


def _ring(find: Find, seeds: set[NamedNode]) -> set[NamedNode]:
    """Return the things that stand next to the seeds."""
    touched = {n for q in _near(find, seeds) for n in (q.subject, q.object)}
    return {n for n in touched if isinstance(n, NamedNode) and split(n)} - seeds


def _neighbourhood(find: Find, seeds: set[NamedNode], ring: set[NamedNode]) -> set[Quad]:
    """Return the ontology, the surroundings of the seeds, and what is said of the ring."""
    near = _near(find, seeds)
    for node in ring:
        near |= _named(find(node))
    return near | _around_all(find, near)


def _around_all(find: Find, near: set[Quad]) -> set[Quad]:
    """Return the ontology, and what the graphs of some quads say of themselves."""
    ontology = set(find(None, None, None, ONTOLOGY_GRAPH)) or set(ontology_quads())
    return ontology.union(*(_named(find(graph)) for graph in {q.graph_name for q in near}))


def _named(quads: Iterable[Quad]) -> set[Quad]:
    return {
        q
        for q in quads
        if isinstance(q.graph_name, NamedNode) and q.graph_name not in OF_THE_SERVICE
    }
