"""The service put together: store, query processes, gate and web framework in one process."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import socket
import sys
from contextlib import AbstractContextManager

import uvicorn

from mineralgraph import opening, pipeline
from mineralgraph.api import create_app, logs
from mineralgraph.api.wire import protocol
from mineralgraph.cli.console import say
from mineralgraph.errors import SettingsError
from mineralgraph.execution.pool import ProcessPool
from mineralgraph.gate.report import Report
from mineralgraph.intake import document as documents
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.limits import SERVICE, check_size
from mineralgraph.pipeline import judging
from mineralgraph.settings import Gate, Settings
from mineralgraph.store.base import Store
from mineralgraph.submissions.raw import RawWriter
from mineralgraph.submissions.writer import Writer

_log = logging.getLogger("mineralgraph.service")


class Announcing(uvicorn.Server):
    """A server that says where it listens once it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the address."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # what is there now stays; looking through it again would only stop requests
        if sockets and not self.should_exit:
            host, port = sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            message = f"Mineralgraph is served on http://{shown}:{port} (Ctrl-C stops it)"
            if sys.stderr.isatty():
                say(message)
            else:
                _log.info(message)


class JudgeBeside:
    """The gate for a remote store: one document at a time in a thread, which cannot be killed.

    The query processes have no network, so none of them can ask the engine for a document's
    context. Size and nesting are bounded as in ``judging``.
    """

    def __init__(self, store: Store, corpus: Corpus) -> None:
        self._store = store
        self._corpus = corpus
        self._turn = asyncio.Lock()  # SHACL keeps a core busy; two at once help nobody

    async def validate(self, data: bytes, format: str, shapes: tuple[str, ...] = ()) -> Report:
        """See ``judging.Judge.validate``."""
        check_size(data, SERVICE, "the document")
        async with self._turn:
            return await asyncio.to_thread(self._judge, data, format, shapes)

    def _judge(self, data: bytes, format: str, shapes: tuple[str, ...]) -> Report:
        document = documents.read(data, format, limits=SERVICE)
        return pipeline.judge(document, self._store, self._corpus, shapes=shapes).report


def logged(settings: Settings) -> AbstractContextManager[None]:
    """Write JSON lines to stderr while the service runs, and nothing else."""
    return logs.to_stderr(logging.getLevelNamesMapping()[settings.log.upper()])


def bind(settings: Settings) -> socket.socket:
    """Take the address before the long work starts; nobody can connect to it yet.

    The caller closes what is returned.

    Raises:
        SettingsError: when the address is taken, or is none of this machine's.
    """
    where = f"{settings.host}:{settings.port}"
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with contextlib.ExitStack() as unless_bound:
            bound = unless_bound.enter_context(socket.socket(family, kind))
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            unless_bound.pop_all()
    except OSError as error:
        raise SettingsError(
            f"nothing can be served on {where}: {error.strerror}",
            hint="Stop what listens there, or choose another --port.",
        ) from error
    return bound


def run(settings: Settings, store: Store, corpus: Corpus, bound: socket.socket) -> None:
    """Answer requests until the process is told to stop."""
    runner = opening.runner(store, settings, program=judging.PROGRAM)
    validator = (
        judging.Judge(runner, settings.corpus)
        if isinstance(runner, ProcessPool)
        else JudgeBeside(store, corpus)
    )
    raw = None
    if isinstance(runner, ProcessPool) and settings.gate is Gate.OFF:
        raw = RawWriter(store, runner.refresh)
    app = create_app(
        settings,
        runner,
        validator=validator,
        corpus=corpus,
        writer=Writer(store, corpus, settings.gate, publish=runner.publish),
        raw=raw,
    )
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,  # each request has a line of ours
        server_header=False,
        http=protocol(app.state.front),
    )
    with contextlib.suppress(KeyboardInterrupt):
        Announcing(config).run([bound])
