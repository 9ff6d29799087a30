"""A real HTTP server around an application, in a thread of the test run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from mineralgraph.api.wire import protocol


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
