"""The gate for strangers' documents: judged in a process that can be stopped.

Parsing and SHACL run in a process forked from the query template (``execution``): it sees the
newest published graph, reaches no network, and is killed at its deadline or when it outgrows
its memory. Whatever a document does there, the service goes on. Where the graph stands in an
engine elsewhere, the process asks the service for what it needs of it (``elsewhere``).
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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
from mineralgraph.pipeline import elsewhere
from mineralgraph.rdf import formats
from mineralgraph.store.base import Source, Store
from mineralgraph.store.remote_http import Call

if TYPE_CHECKING:
    from mineralgraph.store.remote import RemoteStore

PROGRAM: Final = "mineralgraph.pipeline.judging"
_HEAVY: Final = ("rdflib", "pyparsing", "rdflib.plugins.sparql", "pyshacl")
"""What takes longest to import, in an order in which each is one step."""
_HEAD: Final = struct.Struct(">I")


class Judge:
    """The gate as a service sees it."""

    def __init__(
        self,
        pool: ProcessPool,
        corpus: Path | None = None,
        *,
        seconds: float = SECONDS,
        around: RemoteStore | None = None,
    ) -> None:
        """Use a pool that was made with ``program=PROGRAM``.

        Args:
            pool: where the processes come from.
            corpus: folder of article texts; None where none is at hand.
            seconds: how long one document may take.
            around: the graph, where it is not the pool's own.
        """
        self._pool = pool
        self._around = around
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
            StoreError: when the engine elsewhere fails.
        """
        check_size(data, SERVICE, "the document")
        fields = {
            "format": format, "shapes": shapes, "corpus": str(self._corpus or ""),
            "elsewhere": self._around is not None,
        }  # fmt: skip
        call = Call(self._seconds)
        around = self._around.within(call) if self._around is not None else None
        ticket = _JudgeTicket(self._pool, fields, data, self._seconds, around)
        try:
            served = await ticket.run()
        except DeadlineExceeded as error:
            raise ValidationTooLong(
                f"the validation was stopped after {self._seconds:g} s", timeout=self._seconds
            ) from error
        except StoreError as error:
            if ticket.failure is not None:
                raise ticket.failure from error
            raise TooLarge(
                "the document needs more memory than one validation may use",
                limit=MEMORY,
            ) from error
        finally:
            call.end("left")  # what the engine was still asked for concerns nobody now
        body = served.body
        if body is None and served.stream is not None:
            body = b"".join([piece async for piece in served.stream])
        return Report.from_json(json.loads(body or b""))


class _JudgeTicket(Ticket):
    """A document on its way through the lanes.

    Attributes:
        failure: the engine's, when it failed to say what is known around the document.
    """

    def __init__(
        self,
        pool: ProcessPool,
        fields: dict[str, Any],
        data: bytes,
        seconds: float,
        around: Source | None,
    ) -> None:
        super().__init__(pool, Request("", formats.JSON, timeout=seconds, name="validate"))
        self.failure: MineralgraphError | None = None
        self._around = around
        self._head = json.dumps(fields).encode()
        self._data = data

    def command(self) -> bytes:
        """Return the frame: length of the head, head, document."""
        return frames.pack(frames.JUDGE, _HEAD.pack(len(self._head)) + self._head + self._data)

    def on_frame(self, kind: bytes, payload: bytes) -> None:
        """See ``Ticket.on_frame``; a question about the graph is answered beside the loop."""
        if kind == frames.LOOK and self._around is not None:
            self._pool.later(self._inform(self._around, payload))
        else:
            super().on_frame(kind, payload)

    async def _inform(self, around: Source, pattern: bytes) -> None:
        process = self._process
        frame = await asyncio.to_thread(self._found, around, pattern)
        if process is not None and process is self._process:  # it may have been killed meanwhile
            process.link.send(frame)

    def _found(self, around: Source, pattern: bytes) -> bytes:
        """Return the frame that answers a question; called in a thread.

        Of an error only its words leave the thread: its traceback may hold answers of Oxigraph's.
        """
        try:
            return frames.pack(frames.FOUND, elsewhere.found(around, pattern))
        except MineralgraphError as error:
            said = frames.encode_error(error)
        except Exception as error:  # noqa: BLE001 - the process waits for an answer, whatever it is
            said = frames.encode_error(StoreError(f"the graph cannot be asked: {error}"))
        self.failure = frames.decode_error(said)
        return frames.pack(frames.ERROR, said)


def answer(connection: worker.Connection, store: Store, payload: bytes) -> None:
    """Judge a document in this process and send the report, or the error in its place."""
    (length,) = _HEAD.unpack_from(payload)
    start = _HEAD.size
    fields = json.loads(payload[start : start + length])
    try:
        document = documents.read(payload[start + length :], fields["format"], limits=SERVICE)
        corpus = Corpus(Path(fields["corpus"]) if fields["corpus"] else None)
        around = elsewhere.Elsewhere(connection) if fields["elsewhere"] else store
        report = pipeline.judge(document, around, corpus, shapes=tuple(fields["shapes"])).report
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
