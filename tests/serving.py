"""A real HTTP server around an application, in a thread of the test run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from mineralgraph import opening
from mineralgraph.api import create_app
from mineralgraph.api.endpoint.wire import protocol
from mineralgraph.execution.inline import InlineRunner
from mineralgraph.settings import Settings


@contextmanager
def served(app: FastAPI, **options: Any) -> Iterator[int]:
    """Serve an application on a free port of loopback while the context lasts; yield the port.

    Args:
        app: what to serve, with the service's own short ways in front.
        options: further ones of uvicorn's.
    """
    config = uvicorn.Config(
        app, host="127.0.0.1", port=0, log_level="warning",
        **{"http": protocol(app.state.front), **options},
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not server.started and time.monotonic() < until:
        time.sleep(0.01)
    assert server.started
    try:
        port: int = server.servers[0].sockets[0].getsockname()[1]
        yield port
    finally:
        server.should_exit = True
        thread.join(30)


@contextmanager
def served_release() -> Iterator[str]:
    """Serve the project's own data, without article texts; yield the address."""
    settings = Settings(data="builtin", store="memory", port=0)
    with served(create_app(settings, InlineRunner(opening.open_to_read(settings)))) as port:
        yield f"http://127.0.0.1:{port}"
