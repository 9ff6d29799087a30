"""Run the checks over one case file, in a store like the real one, and read what it expects."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QuerySolutions,
    RdfFormat,
    Store,
    parse,
)

ROOT = Path(__file__).resolve().parents[2]
CHECKS = ROOT / "queries" / "checks"
CASES = Path(__file__).parent / "cases"
ID = "https://w3id.org/mineralgraph/id/"
GRAPHS = f"{ID}graph/"
CURRENT = NamedNode("https://w3id.org/mineralgraph/ontology#current")
TRUE = Literal("true", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))

_EXPECT = re.compile(r"^# expect: (?P<check>\S+) \| (?P<focus>\S+)$", re.MULTILINE)


def expected(file: Path) -> set[tuple[str, str]]:
    """The (check, focus) pairs that the ``# expect:`` lines of a case announce."""
    return set(_EXPECT.findall(file.read_text("utf-8")))


@cache
def prefixes() -> list[tuple[str, str]]:
    """(Namespace, prefix) of the one prefix table, longest namespace first."""
    text = (ROOT / "ontology" / "prefixes.ttl").read_text("utf-8")
    pairs = re.findall(r'sh:prefix "([^"]+)" ; sh:namespace "([^"]+)"', text)
    return sorted(((n, p) for p, n in pairs), key=lambda pair: -len(pair[0]))


def show(term: object) -> str:
    """Write an IRI with its prefix; a blank node as ``_:`` alone."""
    if isinstance(term, BlankNode):
        return "_:"
    value = getattr(term, "value", str(term))
    for namespace, prefix in prefixes():
        if value.startswith(namespace):
            return f"{prefix}:{value.removeprefix(namespace)}"
    return str(value)


def store(*files: Path) -> Store:
    """A store with the code lists, some TriG files, and the current view as default graph."""
    made = Store()
    ontology = NamedNode(f"{GRAPHS}ontology")
    for file in sorted((ROOT / "ontology" / "codelists").glob("*.ttl")):
        made.bulk_load(path=file, format=RdfFormat.TURTLE, to_graph=ontology)
    for file in files:
        for quad in parse(path=file, format=RdfFormat.TRIG):
            made.add(quad)
    current = {quad.subject for quad in made.quads_for_pattern(None, CURRENT, TRUE)}
    for quad in list(made):
        graph = quad.graph_name
        if isinstance(graph, NamedNode) and (graph.value.startswith(GRAPHS) or graph in current):
            made.add(Quad(quad.subject, quad.predicate, quad.object, DefaultGraph()))
    return made


def run(made: Store) -> set[tuple[str, str]]:
    """Run all checks and return (check, focus) for each row."""
    found = set()
    for file in sorted(CHECKS.glob("*-violation.rq")):
        rows = made.query(file.read_text("utf-8"))
        assert isinstance(rows, QuerySolutions)
        assert rows.variables[0].value == "focus"
        for row in rows:
            found.add((file.stem.removesuffix("-violation"), show(row["focus"])))
    return found
