"""Many claims at once: cut into pieces, which the machine's cores judge side by side.

A piece is some claims, and the background nodes that these lead to first. Every claim and every
background node is in one piece, so the pieces find together what one look at everything finds.
A claim stands in one piece with its evidence, because what a claim unit and the background
read alike is asked once within a piece.

The processes are forked: they see the graph without its being copied to them, and give back
only what they find.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from pyoxigraph import NamedNode, Quad

from mineralgraph.gate import engine, reading, shacl
from mineralgraph.gate.context import Context
from mineralgraph.gate.paths import Term, TripleIndex
from mineralgraph.gate.shacl import Look, ShapeResult
from mineralgraph.gate.units import background, claim_unit, leads_on

PIECE = 450
"""Claims in one piece: few enough to share out, enough to ask once what many of them read."""

Progress = Callable[[int, int], None]
"""Told how many claims are judged, of how many."""


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the garbage collector from walking through millions of quads again and again.

    It takes up to half of the time otherwise, and finds next to nothing: quads make no circles.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@dataclass(frozen=True)
class _Piece:
    claims: Sequence[NamedNode]
    nodes: Sequence[Term]


class _Work:
    """What is to be judged, cut into pieces."""

    def __init__(
        self,
        given: Iterable[Quad],
        claims: Sequence[NamedNode],
        context: Context,
        names: tuple[str, ...],
        size: int,
    ) -> None:
        self._context = context
        self._names = names
        self._background = background(given, context)
        self._index = TripleIndex(self._background.triples)
        self.pieces = self._cut(claims, size)

    def _cut(self, claims: Sequence[NamedNode], size: int) -> list[_Piece]:
        count = max(1, -(-len(claims) // size))
        nodes: list[list[Term]] = [[] for _ in range(count)]
        left = dict.fromkeys(self._index.nodes())
        for number, claim in enumerate(claims):
            for node in self._reached(claim, left):
                nodes[number // size].append(node)
        for number, node in enumerate(left):
            nodes[number % count].append(node)
        return [_Piece(claims[n * size : (n + 1) * size], nodes[n]) for n in range(count)]

    def _reached(self, claim: NamedNode, left: dict[Term, None]) -> Iterator[Term]:
        """Yield what a claim leads to and no claim before it did; takes it out of ``left``."""
        waiting: list[object] = [claim]
        for triple in self._context.graphs.get(claim, ()):
            waiting += (triple.subject, triple.object)
        while waiting:
            node = waiting.pop()
            if isinstance(node, NamedNode) and node in left:
                del left[node]
                yield node
                waiting += (q.object for q in self._context.about(node) if leads_on(q))

    def results(self, number: int) -> list[ShapeResult]:
        """Return what the shapes find in one piece."""
        return list(shacl.judge(self._looks(self.pieces[number]), self._context, self._names))

    def _looks(self, piece: _Piece) -> Iterator[Look]:
        read = reading.load(self._names)
        for claim in piece.claims:
            yield from shacl.looks(claim_unit(claim, self._context), read)
        yield from shacl.looks_at(piece.nodes, self._index, self._background, read)


def validate(
    given: Iterable[Quad],
    claims: Sequence[NamedNode],
    context: Context,
    names: tuple[str, ...] = (),
    *,
    processes: int = 1,
    progress: Progress | None = None,
    size: int = PIECE,
) -> Iterator[ShapeResult]:
    """Validate claims and the background; yields as ``shacl.validate`` does.

    Args:
        given: the document.
        claims: the claims that it describes.
        context: the graph around the document, and the document on top.
        names: which shapes (``gate.shapes.load``).
        processes: how many processes may work at the same time; 1 is this one.
        progress: told after each piece how far the work is.
        size: how many claims one piece has.
    """
    work = _Work(given, claims, context, names, size)
    done = 0
    for piece, found in zip(work.pieces, _found(work, processes, names), strict=True):
        yield from found
        done += len(piece.claims)
        if progress is not None:
            progress(done, len(claims))


def _found(work: _Work, processes: int, names: tuple[str, ...]) -> Iterator[list[ShapeResult]]:
    """Yield the results of each piece, in the order of the pieces."""
    count = min(processes, len(work.pieces))
    if count <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(work.results, range(len(work.pieces)))
        return
    # Before the fork, and so once for all: the shapes, with the names of their blank nodes.
    engine.warm(names)
    reading.load(names)
    fork = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(count, fork, initializer=_begin, initargs=(work,)) as pool:
        yield from pool.map(_judge, range(len(work.pieces)))


_works: list[_Work] = []
"""In a forked process: the work that it has a part in."""


def _begin(work: _Work) -> None:
    gc.disable()  # see ``undisturbed``; the process lives for some pieces only
    _works.append(work)


def _judge(number: int) -> list[ShapeResult]:
    return _works[-1].results(number)
