"""How a row comes from triples: ``all`` of some, or ``any`` of some.

The tree is a why-provenance polynomial without its coefficients: ``All`` is the product (joint
needs), ``Any`` the sum (alternatives), a number is a triple. It is kept factored, because the sum
of products of a nested query can be exponentially longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class All:
    """Every part is needed."""

    parts: tuple[How, ...]


@dataclass(frozen=True)
class Any:
    """One part is enough."""

    parts: tuple[How, ...]


How = int | All | Any

NOTHING = All(())
"""Rests on no triple: true of any dataset."""


def all_of(parts: Iterable[How]) -> How:
    """Join what is needed together; nested products and repetitions are flattened."""
    found: dict[How, None] = {}
    for part in parts:
        if isinstance(part, All):
            found.update(dict.fromkeys(part.parts))
        else:
            found[part] = None
    return next(iter(found)) if len(found) == 1 else All(tuple(found))


def any_of(parts: Iterable[How]) -> How:
    """Join alternatives; one that needs nothing makes the others needless."""
    found: dict[How, None] = {}
    for part in parts:
        if isinstance(part, Any):
            found.update(dict.fromkeys(part.parts))
        else:
            found[part] = None
    if NOTHING in found:
        return NOTHING
    return next(iter(found)) if len(found) == 1 else Any(tuple(found))


def leaves(how: How) -> Iterator[int]:
    """Yield the triples of a tree, each once, in order of appearance."""
    seen: set[How] = set()
    waiting: list[How] = [how]
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        if isinstance(part, int):
            yield part
        else:
            waiting.extend(reversed(part.parts))


def jointly(how: How) -> bool:
    """Whether all triples of a tree are needed together, so that a flat list says everything."""
    return isinstance(how, int) or (
        isinstance(how, All) and all(isinstance(part, int) for part in how.parts)
    )
