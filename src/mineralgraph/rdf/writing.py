"""Serialising quads so that the same quads give the same bytes.

The engine writes prefix declarations in a random order; here they are sorted, and those that
nothing uses are left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from mineralgraph.rdf.formats import GraphFormat
from mineralgraph.rdf.namespaces import prefixes

_WITH_PREFIXES = (RdfFormat.TURTLE, RdfFormat.TRIG)


def write(statements: Iterable[Quad] | Iterable[Triple], form: GraphFormat) -> bytes:
    """Serialise statements in the order given.

    Args:
        statements: quads, or triples; a triples-only syntax takes no named graph.
        form: the RDF syntax.
    """
    if form.engine not in _WITH_PREFIXES:
        return _bytes(serialize(cast(Any, statements), format=form.engine))
    table = prefixes()
    body = _bytes(serialize(cast(Any, statements), format=form.engine, prefixes=table))
    *declared, rest = body.split(b"\n", len(table))  # one line for each prefix comes first
    used = [line + b"\n" for line in sorted(declared) if line.split()[1] in rest]
    return b"".join([*used, b"\n", rest] if used else [rest])


def _bytes(body: bytes | None) -> bytes:
    if body is None:
        raise TypeError("serialize() was given no output and returned nothing")
    return body
