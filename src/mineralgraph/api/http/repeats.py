"""Answers to requests that come again byte for byte, kept as they go over the wire.

The answer cache (``cache.py``) saves the query; this saves the rest: parsing, routing and
putting the answer together cost more than twenty times what a look into a dictionary does.
Only what the envelope has finished gets in here, and only for the dataset version it was made
on. What may be kept at all, ``suitable`` and ``learn`` decide; ``wire.py`` serves it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import lru_cache
from http import HTTPStatus
from typing import Final, NamedTuple

from mineralgraph.api.http.exchange import new_id
from mineralgraph.api.http.journal import Journal, Line

WIRE: Final = "mineralgraph.wire"
"""Where in the scope the server puts a request's bytes when they are suitable."""

MAX_REQUEST_BYTES: Final = 8 * 1024
MAX_ANSWER_BYTES: Final = 128 * 1024
MAX_BYTES: Final = 16 * 1024 * 1024
_LASTING: Final = (200, 304)
_END: Final = b"\r\n\r\n"
# With these, a request is more than its head, ends its connection, or names itself.
_UNSUITABLE: Final = tuple(
    b"\r\n" + name
    for name in (
        b"authorization:", b"connection: close", b"connection: upgrade", b"content-length:",
        b"expect:", b"transfer-encoding:", b"upgrade:", b"x-request-id:",
    )
)  # fmt: skip

_STATUS_LINES: Final = {
    status.value: b"HTTP/1.1 %d %b\r\n" % (status.value, status.phrase.encode())
    for status in HTTPStatus
}

_field: Final = b": ".join

Headers = Iterable[tuple[bytes, bytes]]


class Repeat(NamedTuple):
    """A finished answer: everything but what differs from request to request.

    Attributes:
        head: status line and headers, each with its line end (``head_of``).
        line: what the journal notes of it.
    """

    head: bytes
    body: bytes
    line: Line


class Repeats:
    """The least recently used answers of one dataset version, bounded in bytes."""

    def __init__(
        self, present: Callable[[], str | None], journal: Journal, max_bytes: int = MAX_BYTES
    ) -> None:
        """Make an empty collection.

        Args:
            present: the dataset version that is served now; None where only a question to the
                engine would tell, and then nothing is kept.
            journal: where answers are noted.
            max_bytes: bound on requests and answers together.
        """
        self._present = present
        self._journal = journal
        self._max = max_bytes
        self._version = ""
        self._size = 0
        self._kept: OrderedDict[bytes, Repeat] = OrderedDict()
        self.hits = 0

    def find(self, request: bytes) -> Repeat | None:
        """Return the answer to exactly this request on the present dataset version."""
        if self._present() != self._version:
            return None
        repeat = self._kept.get(request)
        if repeat is not None:
            self._kept.move_to_end(request)
        return repeat

    def render(self, repeat: Repeat, further: Headers) -> bytes:
        """Return an answer as it goes over the wire, and note that it was given.

        Args:
            repeat: what ``find`` found.
            further: headers that the server adds, such as Date.
        """
        began = time.perf_counter()
        self.hits += 1
        request_id = new_id()
        answer = opening(repeat.head, request_id, further) + repeat.body
        self._journal.note(repeat.line, time.perf_counter() - began, request_id)
        return answer

    def learn(self, request: bytes, repeat: Repeat) -> None:
        """Keep an answer that the envelope has finished, if it lasts as long as its version."""
        present = self._present()
        if repeat.line.status not in _LASTING or present != repeat.line.version:
            return
        if len(repeat.body) > MAX_ANSWER_BYTES or b"\r\netag: " not in repeat.head:
            return
        if present != self._version:
            self._version, self._size = present, 0
            self._kept.clear()
        self._keep(request, repeat)

    def _keep(self, request: bytes, repeat: Repeat) -> None:
        former = self._kept.pop(request, None)
        if former is not None:
            self._size -= _size(request, former)
        self._kept[request] = repeat
        self._size += _size(request, repeat)
        while self._size > self._max:
            self._size -= _size(*self._kept.popitem(last=False))


def head_of(status: int, headers: Headers, common: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """Return status line and headers as they go over the wire, open for more."""
    fields = b"\r\n".join(map(_field, headers))
    return b"%b%b\r\n%b" % (_STATUS_LINES[status], fields, _rendered(common))


@lru_cache(8)
def _rendered(common: tuple[tuple[bytes, bytes], ...]) -> bytes:
    """Return headers that many answers have in common."""
    return b"".join([b"%b: %b\r\n" % field for field in common])


def opening(head: bytes, request_id: str, further: Headers) -> bytes:
    """Return a whole head: what ``head_of`` began, the request's id, and further headers."""
    added = b"\r\n".join(map(_field, further))
    return b"%bx-request-id: %b\r\n%b\r\n\r\n" % (head, request_id.encode(), added)


def suitable(data: bytes) -> bool:
    """Whether bytes that begin a request are the whole of one that may be learned."""
    if len(data) > MAX_REQUEST_BYTES or not data.startswith(b"GET /"):
        return False
    if data.find(_END) != len(data) - len(_END):
        return False
    head = data.lower()
    return b" http/1.1\r\n" in head and not any(name in head for name in _UNSUITABLE)


def _size(request: bytes, repeat: Repeat) -> int:
    return len(request) + len(repeat.head) + len(repeat.body)
