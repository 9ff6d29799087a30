"""Whether a row held on the day that is looked at, from what it rests on (``store.clock``)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from pyoxigraph import NamedNode

from mineralgraph.provenance.how import All, How

_RANKS: Final = ("undated", "possible", "certain")
_TIMELESS: Final = len(_RANKS)


def held(
    how: How,
    holders: Sequence[tuple[NamedNode, ...]],
    verdict: Callable[[NamedNode], str | None],
) -> str | None:
    """Return whether a row is certain, possible or undated on the day.

    Joint needs are as weak as the weakest, alternatives as strong as the strongest. What a
    reference set holds is not bound to a day; a row that rests on nothing else is None.
    """

    def rank(part: How) -> int:
        if isinstance(part, int):
            return max((_rank(verdict(name)) for name in holders[part]), default=_TIMELESS)
        ranks = [rank(inner) for inner in part.parts]
        return _weakest(ranks) if isinstance(part, All) else max(ranks, default=_TIMELESS)

    found = rank(how)
    return None if found == _TIMELESS else _RANKS[found]


def surest(words: Iterable[str]) -> str | None:
    """Return the strongest of some verdicts."""
    return max(words, key=_RANKS.index, default=None)


def _weakest(ranks: Iterable[int]) -> int:
    return min(ranks, default=_TIMELESS)


def _rank(word: str | None) -> int:
    return _TIMELESS if word is None else _RANKS.index(word)
