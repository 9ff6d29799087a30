"""One JSON object a line, with the id of the request that it belongs to, and without secrets."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final, TextIO

request_id: Final[ContextVar[str]] = ContextVar("request_id", default="")
"""The request that the current task serves; the empty string outside of requests."""

PAUSE: Final = 0.1
"""Seconds for which lines are collected before they are written at once."""

MAX_WAITING: Final = 20_000

HIDDEN: Final = "[hidden]"
SHORTEST: Final = 8
"""A secret shorter than this is left alone: to take it out would garble the log."""

_TOKEN: Final = re.compile(r"mg_[A-Za-z0-9_-]{20,}")

_BARE: Final = vars(logging.makeLogRecord({}))
_FIELDS: Final = frozenset(_BARE) | {"message", "asctime", "taskName", "line"}


class Prepared(logging.LogRecord):
    """A record whose line is there already.

    It looks up neither its caller nor its thread and process, which costs more than all the
    rest and would tell nothing: for the one line that each request has.
    """

    def __init__(self, logger: str, line: str) -> None:
        self.__dict__ = {**_BARE, "name": logger, "levelno": logging.INFO, "levelname": "INFO"}
        self.msg = self.line = line


class JsonLines(logging.Formatter):
    """Writes a record as one JSON object; ``extra`` fields become members."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        if isinstance(record, Prepared):
            return record.line
        line: dict[str, object] = {
            "time": stamp(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line.update({k: v for k, v in vars(record).items() if k not in _FIELDS})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)  # ASCII: no reader breaks a line at U+2028


def stamp(seconds: float) -> str:
    """Return a point in time as RFC 3339 has it, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


class Lines(logging.Handler):
    """Writes records from a thread of its own, so that no request waits for who reads them.

    Where nobody reads, the oldest lines are lost, and their number is told later. A token that a
    client has put where none belongs, such as into a path, is taken out.
    """

    def __init__(self, stream: TextIO, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = [json.dumps(s)[1:-1] for s in secrets if len(s) >= SHORTEST]
        self.setFormatter(JsonLines())
        self._stream = stream
        self._waiting: deque[str] = deque(maxlen=MAX_WAITING)
        self._lost = 0
        self._ended = threading.Event()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a record."""
        if len(self._waiting) == MAX_WAITING:
            self._lost += 1
        self._waiting.append(self.format(record))

    def flush(self) -> None:
        """Write what is waiting."""
        with self._writing, contextlib.suppress(OSError, ValueError):  # the reader has gone
            lines = [self._clean(self._waiting.popleft()) for _ in range(len(self._waiting))]
            if self._lost:
                lost, self._lost = self._lost, 0
                lines.append(json.dumps({"level": "warning", "message": f"{lost} lines are lost"}))
            if lines:
                self._stream.write("\n".join(lines) + "\n")
                self._stream.flush()

    def _clean(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, HIDDEN)
        return _TOKEN.sub(HIDDEN, line) if "mg_" in line else line

    def close(self) -> None:
        """Write what is waiting, and end."""
        self._ended.set()
        self._thread.join(2 * PAUSE)  # it may hang in a pipe that nobody reads
        if not self._thread.is_alive():
            self.flush()
        super().close()

    def _run(self) -> None:
        while not self._ended.wait(PAUSE):
            self.flush()


@contextmanager
def written(
    stream: TextIO, level: int = logging.INFO, secrets: Iterable[str] = ()
) -> Iterator[None]:
    """Send what is logged to a stream: this package's from ``level`` on, the rest's warnings.

    Args:
        stream: where the lines go.
        level: from which weight on events of this package are logged.
        secrets: what is never written, besides the tokens that look like ours.
    """
    root, ours = logging.getLogger(), logging.getLogger("mineralgraph")
    handler, former = Lines(stream, secrets), (root.level, ours.level)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    ours.setLevel(level)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.removeHandler(handler)
        root.setLevel(former[0])
        ours.setLevel(former[1])
        handler.close()


@contextmanager
def to_stderr(level: int = logging.INFO, secrets: Iterable[str] = ()) -> Iterator[None]:
    """Write the log to stderr; what anybody else writes there becomes lines of it.

    The query processes share stderr, and a process that runs out of memory says so there in its
    own words. A terminal keeps those words as they are: a person reads it.
    """
    if sys.stderr.isatty():
        with written(sys.stderr, level, secrets):
            yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    incoming, outgoing = os.pipe()
    os.dup2(outgoing, 2)
    os.close(outgoing)
    relay = threading.Thread(target=_relay, args=(incoming,), name="stderr", daemon=True)
    with os.fdopen(kept, "w", encoding="ascii") as out, written(out, level, secrets):
        relay.start()
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)  # the last writer, once the query processes have ended
            relay.join(1)


def _relay(incoming: int) -> None:
    log = logging.getLogger("mineralgraph.stderr")
    with os.fdopen(incoming, encoding="utf-8", errors="replace") as lines:
        for line in lines:
            if line.strip():
                log.warning("%s", line.rstrip())
