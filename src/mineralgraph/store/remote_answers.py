"""Answers of a remote engine: read as they arrive, checked for their end, terms made equal.

Engines spell values in their own ways: Virtuoso answers ``1`` for ``true``, Fuseki keeps
``1.50``. Every literal is given the spelling that the embedded engine has for it.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any, cast

import pyoxigraph
from pyoxigraph import BlankNode, Literal, NamedNode, Quad, QueryResultsFormat, RdfFormat, Triple

from mineralgraph.errors import DeadlineExceeded, MineralgraphError, StoreError
from mineralgraph.rdf.formats import ResultFormat
from mineralgraph.rdf.writing import Sink
from mineralgraph.store.remote_http import Reply
from mineralgraph.store.results import Boolean, Cell, Rows, Triples

_STRING = "http://www.w3.org/2001/XMLSchema#string"
_ANYWHERE = NamedNode("urn:mineralgraph:scratch")
_STOPPED = re.compile(rb"cancel|timed? ?out|deadline", re.IGNORECASE)


@lru_cache(maxsize=65536)
def _spelling(value: str, datatype: str) -> Literal:
    scratch = pyoxigraph.Store()
    scratch.add(Quad(_ANYWHERE, _ANYWHERE, Literal(value, datatype=NamedNode(datatype))))
    return cast(Literal, next(iter(scratch)).object)


def canonical(term: Cell) -> Cell:
    """Return a term with the spelling that the embedded engine gives it."""
    if not isinstance(term, Literal):
        return term
    if term.language:
        return Literal(term.value, language=term.language.lower())
    if term.datatype.value == _STRING:
        return term
    return _spelling(term.value, term.datatype.value)


def canonical_quad(quad: Quad) -> Quad:
    """Return a quad whose object is spelt as the embedded engine spells it."""
    if not isinstance(quad.object, Literal):
        return quad
    spelt = cast(Literal, canonical(quad.object))
    return Quad(quad.subject, quad.predicate, spelt, quad.graph_name)


class Broken:
    """Turns what a parser says of a bad body into our errors."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None:
            return
        self._reply.close()
        if self._reply.failure is not None:
            raise self._reply.failure from error
        if isinstance(error, (SyntaxError, ValueError)) and not isinstance(
            error, MineralgraphError
        ):
            raise self._unreadable(error) from error

    def _unreadable(self, error: Exception) -> MineralgraphError:
        tail = self._reply.tail
        shown = " ".join(tail.decode("utf-8", "replace").split())[-200:]
        if _STOPPED.search(tail[-120:]):
            return DeadlineExceeded(f"the engine stopped the query and cut its answer: {shown}")
        return StoreError(f"the engine's answer is broken ({error}); it ends in: {shown}")


def _parse(reply: Reply) -> Any:
    with Broken(reply):
        return pyoxigraph.parse_query_results(cast(Any, reply), format=QueryResultsFormat.JSON)


class RemoteRows(Rows):
    """Solutions of a SELECT query (``store.results.Rows``)."""

    def __init__(self, reply: Reply, *, exact: bool) -> None:
        """Read the head.

        Args:
            reply: a body of SPARQL JSON results.
            exact: whether the engine spells values as the embedded one does.
        """
        self._reply = reply
        self._exact = exact
        self._solutions = _parse(reply)
        if not isinstance(self._solutions, pyoxigraph.QuerySolutions):
            reply.close()
            raise StoreError("the engine answered a SELECT query with a boolean")

    @property
    def columns(self) -> list[str]:
        """Variable names in the order of the projection."""
        return [variable.value for variable in self._solutions.variables]

    def __iter__(self) -> Iterator[tuple[Cell, ...]]:
        with Broken(self._reply):
            for solution in self._solutions:
                yield tuple(map(canonical, cast(Iterable[Cell], solution)))
            _drain(self._reply)

    def write_rows(self, sink: Sink, form: ResultFormat) -> None:
        """Serialise by Oxigraph's writer, a few kilobytes at a time."""
        if self._exact:
            with Broken(self._reply):
                self._solutions.serialize(cast(Any, sink), form.engine)
                _drain(self._reply)
            return
        again = pyoxigraph.parse_query_results(
            cast(Any, _Pieces(_json(self.columns, self))), format=QueryResultsFormat.JSON
        )
        cast(pyoxigraph.QuerySolutions, again).serialize(cast(Any, sink), form.engine)


class RemoteTriples(Triples):
    """Triples of a CONSTRUCT query (``store.results.Triples``)."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def __iter__(self) -> Iterator[Triple]:
        seen: dict[Triple, None] = {}
        with Broken(self._reply):
            for quad in pyoxigraph.parse(cast(Any, self._reply), format=RdfFormat.N_TRIPLES):
                triple = canonical_quad(quad).triple
                if triple not in seen:
                    seen[triple] = None
                    yield triple
            _drain(self._reply)


class GivenTriples(Triples):
    """Triples at hand, as an answer (``store.results.Triples``)."""

    def __init__(self, triples: Iterable[Triple]) -> None:
        self._triples = dict.fromkeys(triples)

    def __iter__(self) -> Iterator[Triple]:
        yield from self._triples


class RemoteBoolean(Boolean):
    """Answer of an ASK query (``store.results.Boolean``)."""

    def __init__(self, reply: Reply) -> None:
        self._answer = _parse(reply)
        if not isinstance(self._answer, pyoxigraph.QueryBoolean):
            reply.close()
            raise StoreError("the engine answered an ASK query with rows")
        with Broken(reply):
            _drain(reply)

    @property
    def value(self) -> bool:
        """Whether the pattern has a solution."""
        return bool(self._answer)

    def write_boolean(self, sink: Sink, form: ResultFormat) -> None:
        """Serialise by Oxigraph's writer."""
        self._answer.serialize(cast(Any, sink), form.engine)


def _drain(reply: Reply) -> None:
    """Read to the end, so that the connection can be used again; more than space is wrong."""
    while rest := reply.read(8192):
        if rest.strip():
            raise ValueError("text follows the answer")


def _json(columns: list[str], rows: Iterable[tuple[Cell, ...]]) -> Iterator[str]:
    yield json.dumps({"head": {"vars": columns}})[:-1] + ', "results": {"bindings": ['
    separator = ""
    for row in rows:
        cells = {n: _cell(c) for n, c in zip(columns, row, strict=True) if c is not None}
        yield separator + json.dumps(cells)
        separator = ","
    yield "]}}"


def _cell(term: Cell) -> dict[str, str]:
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    if isinstance(term, Literal):
        cell = {"type": "literal", "value": term.value}
        if term.language:
            return cell | {"xml:lang": term.language}
        plain = term.datatype.value == _STRING
        return cell if plain else cell | {"datatype": term.datatype.value}
    raise StoreError("the engine answered with a triple term, which the model does not have")


class _Pieces(io.RawIOBase):
    """A readable over generated text."""

    def __init__(self, pieces: Iterator[str]) -> None:
        self._next: Callable[[], str] = lambda: next(pieces, "")
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        """Return at most ``size`` bytes."""
        while size < 0 or len(self._rest) < size:
            piece = self._next()
            if not piece:
                break
            self._rest += piece.encode()
        size = len(self._rest) if size < 0 else size
        piece_out, self._rest = self._rest[:size], self._rest[size:]
        return piece_out
