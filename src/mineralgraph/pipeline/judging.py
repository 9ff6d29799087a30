"""The gate for strangers' documents: judged in a process that can be stopped.

Parsing and SHACL run in a process forked from the query template (``execution``): it sees the
newest published graph, reaches no network, and is killed at its deadline or when it outgrows
its memory. Whatever a document does there, the service goes on.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from mineralgraph import pipeline
from mineralgraph.errors import (
    DeadlineExceeded,
    MineralgraphError,
    StoreError,
    TooLarge,
    ValidationTooLong,
)
from mineralgraph.execution import frames, template, worker
from mineralgraph.execution.base import Request
from mineralgraph.execution.pool import ProcessPool
from mineralgraph.execution.ticket import Ticket
from mineralgraph.gate.report import Report
from mineralgraph.intake import document as documents
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.limits import MEMORY, SECONDS, SERVICE, check_size
from mineralgraph.rdf import formats
from mineralgraph.store.base import Store

PROGRAM: Final = "mineralgraph.pipeline.judging"
_HEAVY: Final = ("rdflib", "pyparsing", "rdflib.plugins.sparql", "pyshacl")
"""What takes longest to import, in an order in which each is one step."""
_HEAD: Final = struct.Struct(">I")


class Judge:
    """The gate as a service sees it."""

    def __init__(
        self, pool: ProcessPool, corpus: Path | None = None, *, seconds: float = SECONDS
    ) -> None:
        """Use a pool that was made with ``program=PROGRAM``.

        Args:
            pool: where the processes come from.
            corpus: folder of article texts; None where none is at hand.
            seconds: how long one document may take.
        """
        self._pool = pool
        self._corpus = corpus
        self._seconds = seconds

    async def validate(self, data: bytes, format: str, shapes: tuple[str, ...] = ()) -> Report:
        """Judge a document in the context of the published graph, writing nothing.

        Cancelling the caller's task stops the work.

        Raises:
            RdfSyntaxError: when it does not parse (line, column where they can be told).
            AuthoringError: when it cannot become claims (line).
            BadParameter: when there are no shapes of a name given.
            TooLarge: when it is over a limit, or needs more memory than one document may.
            ValidationTooLong: when it takes too long.
        """
        check_size(data, SERVICE, "the document")
        fields = {"format": format, "shapes": shapes, "corpus": str(self._corpus or "")}
        ticket = _JudgeTicket(self._pool, fields, data, self._seconds)
        try:
            served = await ticket.run()
        except DeadlineExceeded as error:
            raise ValidationTooLong(
                f"the validation was stopped after {self._seconds:g} s", timeout=self._seconds
            ) from error
        except StoreError as error:
            raise TooLarge(
                "the document needs more memory than one validation may use",
                limit=MEMORY,
            ) from error
        body = served.body
        if body is None and served.stream is not None:
            body = b"".join([piece async for piece in served.stream])
        return Report.from_json(json.loads(body or b""))


class _JudgeTicket(Ticket):
    """A document on its way through the lanes."""

    def __init__(
        self, pool: ProcessPool, fields: dict[str, Any], data: bytes, seconds: float
    ) -> None:
        super().__init__(pool, Request("", formats.JSON, timeout=seconds, name="validate"))
        self._head = json.dumps(fields).encode()
        self._data = data

    def command(self) -> bytes:
        """Return the frame: length of the head, head, document."""
        return frames.pack(frames.JUDGE, _HEAD.pack(len(self._head)) + self._head + self._data)


def answer(connection: worker.Connection, store: Store, payload: bytes) -> None:
    """Judge a document in this process and send the report, or the error in its place."""
    (length,) = _HEAD.unpack_from(payload)
    start = _HEAD.size
    fields = json.loads(payload[start : start + length])
    try:
        document = documents.read(payload[start + length :], fields["format"], limits=SERVICE)
        corpus = Corpus(Path(fields["corpus"]) if fields["corpus"] else None)
        report = pipeline.judge(document, store, corpus, shapes=tuple(fields["shapes"])).report
        sink = worker.AnswerSink(connection)
        sink.write(json.dumps(report.as_json()).encode())
        sink.finish()
    except MineralgraphError as error:
        worker.send_error(connection, error)
    except MemoryError as error:
        worker.send_error(connection, StoreError(f"out of memory: {error}"))


def warm() -> Iterator[None]:
    """Load the gate, once for all processes forked later; a fraction of a second at each step."""
    for module in _HEAVY:
        import_module(module)
        yield
    yield from pipeline.warm()


if __name__ == "__main__":
    template.main({frames.JUDGE: answer}, warm)
