"""Answers to requests that come again byte for byte, kept as they go over the wire.

The answer cache (``cache.py``) saves the query; this saves the rest: parsing, routing and
putting the answer together cost more than twenty times what a look into a dictionary does.
Only what the envelope has finished gets in here, and only for the dataset version it was made
on. What may be kept at all, ``suitable`` and ``learn`` decide; ``wire.py`` serves it.
"""

from __future__ import annotations

import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from mineralgraph.api.journal import Journal, Line

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

Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Repeat:
    """A finished answer: everything but what differs from request to request."""

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
        request_id = uuid.uuid4().hex
        added = b"".join([name + b": " + value + b"\r\n" for name, value in further])
        answer = b"%bx-request-id: %b\r\n%b\r\n%b" % (
            repeat.head, request_id.encode(), added, repeat.body,
        )  # fmt: skip
        self._journal.note(repeat.line, time.perf_counter() - began, request_id)
        return answer

    def learn(self, scope: Mapping[str, Any], headers: Headers, body: bytes, line: Line) -> None:
        """Keep an answer that the envelope has finished, if it lasts as long as its version."""
        request: bytes | None = scope.get(WIRE)
        present = self._present()
        if request is None or line.status not in _LASTING or present != line.version:
            return
        kept = [(name, value) for name, value in headers if name != b"x-request-id"]
        if len(body) > MAX_ANSWER_BYTES or not any(name == b"etag" for name, _ in kept):
            return
        if present != self._version:
            self._version, self._size = present, 0
            self._kept.clear()
        head = b"HTTP/1.1 %d %b\r\n" % (line.status, HTTPStatus(line.status).phrase.encode())
        head += b"".join(name + b": " + value + b"\r\n" for name, value in kept)
        self._keep(request, Repeat(head, body, line))

    def _keep(self, request: bytes, repeat: Repeat) -> None:
        former = self._kept.pop(request, None)
        if former is not None:
            self._size -= _size(request, former)
        self._kept[request] = repeat
        self._size += _size(request, repeat)
        while self._size > self._max:
            self._size -= _size(*self._kept.popitem(last=False))


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
