"""Serialising statements so that the same statements give the same bytes.

The engine writes prefix declarations in a random order; here they are sorted, and those that
nothing uses are left out.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol, cast

from pyoxigraph import Quad, RdfFormat, Triple, serialize

from mineralgraph.rdf.formats import GraphFormat
from mineralgraph.rdf.namespaces import prefixes

HELD_BYTES: Final = 1024 * 1024
"""A longer document declares every prefix: only at its end is it known which ones it uses."""

_WITH_PREFIXES = (RdfFormat.TURTLE, RdfFormat.TRIG)


class Sink(Protocol):
    """Where a serialisation goes, piece by piece."""

    def write(self, piece: bytes, /) -> int:
        """Take one piece and return its length."""


def write(statements: Iterable[Quad] | Iterable[Triple], form: GraphFormat) -> bytes:
    """Serialise statements in the order given.

    Args:
        statements: quads, or triples; a triples-only syntax takes no named graph.
        form: the RDF syntax.
    """
    sink = io.BytesIO()
    write_to(sink, statements, form)
    return sink.getvalue()


def write_to(
    sink: Sink,
    statements: Iterable[Quad] | Iterable[Triple],
    form: GraphFormat,
    further: Mapping[str, str] | None = None,
) -> None:
    """Serialise statements in the order given, piece by piece and with flat memory.

    Args:
        sink: where the document goes.
        statements: see ``write``.
        form: the RDF syntax.
        further: prefixes besides ours.
    """
    if form.engine not in _WITH_PREFIXES:
        serialize(cast(Any, statements), cast(Any, sink), form.engine)
        return
    names = prefixes() | dict(further or {})
    head = _Head(sink, len(names))
    serialize(cast(Any, statements), cast(Any, head), form.engine, prefixes=names)
    head.finish()


class _Head:
    """Holds the beginning of a document back until its prefixes can be written."""

    def __init__(self, sink: Sink, prefixes: int) -> None:
        self._sink = sink
        self._prefixes = prefixes
        self._held: bytearray | None = bytearray()

    def write(self, piece: bytes, /) -> int:
        """See ``Sink``."""
        if self._held is None:
            return self._sink.write(piece)
        self._held += piece
        if len(self._held) > HELD_BYTES:
            declared, rest = self._parts(self._held)
            self._held = None
            self._sink.write(b"".join(sorted(declared)) + rest)
        return len(piece)

    def flush(self) -> None:
        """Do nothing: the sink behind has the say."""

    def finish(self) -> None:
        """Write what is held, with the prefixes that it uses."""
        if self._held is None:
            return
        declared, rest = self._parts(self._held)
        used = sorted(line for line in declared if line.split()[1] in rest)
        self._sink.write(b"".join([*used, b"\n", rest] if used else [rest]))

    def _parts(self, body: bytearray) -> tuple[list[bytes], bytes]:
        """Return the declarations of the prefixes, one line for each, and all that follows."""
        *declared, rest = bytes(body).split(b"\n", self._prefixes)
        return [line + b"\n" for line in declared], rest
