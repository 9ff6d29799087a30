"""Oxigraph's answers, as ``store.results`` has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

import pyoxigraph
from pyoxigraph import Triple

from mineralgraph.rdf.formats import ResultFormat
from mineralgraph.rdf.writing import Sink
from mineralgraph.store.results import Boolean, Cell, Rows, Triples


class EmbeddedRows(Rows):
    """Solutions of a SELECT query (``store.results.Rows``)."""

    def __init__(self, solutions: pyoxigraph.QuerySolutions) -> None:
        self._solutions = solutions

    @property
    def columns(self) -> list[str]:
        """Variable names in the order of the projection."""
        return [variable.value for variable in self._solutions.variables]

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        for solution in self._solutions:
            yield tuple(cast(Iterable[Cell], solution))

    def write_rows(self, sink: Sink, form: ResultFormat) -> None:
        """Serialise by Oxigraph's writer, a few kilobytes at a time."""
        self._solutions.serialize(cast(Any, sink), form.engine)


class EmbeddedTriples(Triples):
    """Triples of a CONSTRUCT or DESCRIBE query (``store.results.Triples``)."""

    def __init__(self, triples: pyoxigraph.QueryTriples) -> None:
        self._triples = triples

    def __iter__(self) -> Iterator[Triple]:
        yield from dict.fromkeys(self._triples)


class EmbeddedBoolean(Boolean):
    """Answer of an ASK query (``store.results.Boolean``)."""

    def __init__(self, answer: pyoxigraph.QueryBoolean) -> None:
        self._answer = answer

    @property
    def value(self) -> bool:
        """Whether the pattern has a solution."""
        return bool(self._answer)

    def write_boolean(self, sink: Sink, form: ResultFormat) -> None:
        """Serialise by Oxigraph's writer."""
        self._answer.serialize(cast(Any, sink), form.engine)
