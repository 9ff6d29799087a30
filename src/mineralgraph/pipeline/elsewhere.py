"""What a document is judged beside, when the graph stands in an engine elsewhere.

The process that judges has no network, and gets none for that: it asks the service, over the
connection on which its document came (``frames.LOOK``), and the service asks the engine.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from mineralgraph.errors import StoreError
from mineralgraph.execution import frames
from mineralgraph.execution.worker import Connection
from mineralgraph.store.base import Graph, Source, Term
from mineralgraph.store.descriptions import describes

_ANY: Final = NamedNode("urn:x-mineralgraph:any")
"""Stands for "any term" in a pattern on its way to the service."""


class Elsewhere:
    """The graph as a process sees it that must ask for it (``store.base.Source``)."""

    def __init__(self, connection: Connection) -> None:
        """Ask over a connection on which nothing else is under way."""
        self._connection = connection

    def quads(
        self,
        subject: Term | None = None,
        predicate: NamedNode | None = None,
        object: Term | None = None,
        graph: Graph | None = None,
        /,
    ) -> Iterator[Quad]:
        """See ``Store.quads``.

        Raises:
            StoreError: when the engine fails, or the service has gone.
            DeadlineExceeded: when the engine does not answer in time.
        """
        wanted = (subject or _ANY, predicate or _ANY, object or _ANY, graph or _ANY)
        self._connection.send(frames.LOOK, _line(Quad(*wanted)))  # type: ignore[arg-type]
        frame = frames.receive(self._connection.sock)
        if frame is None:
            raise StoreError("the service has gone")
        kind, payload = frame
        if kind == frames.ERROR:
            raise frames.decode_error(payload)
        return parse(payload, format=RdfFormat.N_QUADS)

    def described(self, node: NamedNode, /) -> Iterator[Quad]:
        """See ``Store.described``."""
        return filter(describes, self.quads(node))


def found(source: Source, pattern: bytes) -> bytes:
    """Return what a source holds that matches a pattern of ``Elsewhere.quads``.

    Raises:
        StoreError: when the engine fails.
    """
    asked = next(parse(pattern, format=RdfFormat.N_QUADS))
    parts = (asked.subject, asked.predicate, asked.object, asked.graph_name)
    wanted = [None if part == _ANY else part for part in parts]
    return serialize(source.quads(*wanted), format=RdfFormat.N_QUADS) or b""


def _line(quad: Quad) -> bytes:
    return f"{quad} .\n".encode()
