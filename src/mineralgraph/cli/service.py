"""The service put together: store, query processes, gate and web framework in one process."""

from __future__ import annotations

import contextlib
import gc
import logging
import socket
import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import uvicorn

from mineralgraph import opening
from mineralgraph.api import create_app
from mineralgraph.api.endpoint.wire import protocol
from mineralgraph.api.http import logs
from mineralgraph.cli.console import say
from mineralgraph.errors import SettingsError
from mineralgraph.execution.pool import ProcessPool
from mineralgraph.intake.corpus import Corpus
from mineralgraph.pipeline import judging
from mineralgraph.settings import Gate, Settings
from mineralgraph.store.base import Store
from mineralgraph.submissions.raw import RawWriter
from mineralgraph.submissions.writer import Writer

if TYPE_CHECKING:
    from mineralgraph.execution.remote import RemoteRunner

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


def logged(settings: Settings) -> AbstractContextManager[None]:
    """Write JSON lines to stderr while the service runs, and nothing else."""
    secrets = [s.get_secret_value() for s in (settings.token, settings.store_password) if s]
    return logs.to_stderr(logging.getLevelNamesMapping()[settings.log.upper()], secrets)


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


def judge(runner: ProcessPool | RemoteRunner, settings: Settings) -> judging.Judge | None:
    """Return the gate for documents to be looked at, in processes that can be stopped."""
    if isinstance(runner, ProcessPool):
        return judging.Judge(runner, settings.corpus)
    if runner.processes is None:
        return None
    return judging.Judge(runner.processes, settings.corpus, around=runner.store)


def run(settings: Settings, store: Store, corpus: Corpus, bound: socket.socket) -> None:
    """Answer requests until the process is told to stop."""
    runner = opening.runner(store, settings, program=judging.PROGRAM)
    raw = None
    if isinstance(runner, ProcessPool) and settings.gate is Gate.OFF:
        raw = RawWriter(store, runner.refresh)
    app = create_app(
        settings,
        runner,
        validator=judge(runner, settings),
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
