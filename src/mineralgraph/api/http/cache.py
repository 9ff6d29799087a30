"""Answers kept for the next request that asks exactly the same of the same dataset version."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, NamedTuple

MAX_BYTES: Final = 64 * 1024 * 1024
MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
BESIDES: Final = 2 * 1024
"""About how many bytes an answer takes besides its body: its key, its headers, their objects."""


class Kept(NamedTuple):
    """A complete answer: its headers, with names in lower case, and its body."""

    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class AnswerCache:
    """The least recently used answers of one dataset version, bounded in bytes.

    A new version empties it: nothing computed before a write is ever served after it.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max = max_bytes
        self._size = 0
        self._version = ""
        self._kept: OrderedDict[Hashable, Kept] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def find(self, version: str, key: Hashable) -> Kept | None:
        """Return the answer to a request on this dataset version, if it is kept."""
        if version != self._version:
            self._restart(version)
        kept = self._kept.get(key)
        if kept is None:
            self.misses += 1
            return None
        self.hits += 1
        self._kept.move_to_end(key)
        return kept

    def holds(self, version: str, key: Hashable) -> bool:
        """Whether an answer on the present dataset version is kept; not counted as a hit."""
        if version != self._version:
            self._restart(version)
        return key in self._kept

    def keep(self, version: str, key: Hashable, answer: Kept) -> None:
        """Keep an answer that was computed on ``version``; too large a one is let go."""
        if version != self._version or len(answer.body) > min(MAX_ANSWER_BYTES, self._max):
            return
        former = self._kept.pop(key, None)
        self._size += _size(answer) - (_size(former) if former else 0)
        self._kept[key] = answer
        while self._size > self._max:
            _, oldest = self._kept.popitem(last=False)
            self._size -= _size(oldest)

    def _restart(self, version: str) -> None:
        self._version, self._size = version, 0
        self._kept.clear()


def _size(answer: Kept) -> int:
    return len(answer.body) + BESIDES
