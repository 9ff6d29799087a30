"""A running service on loopback over the project's own data, for clients that need a network.

The data is taken as compiled; judging it is tested elsewhere. Queries run in this process.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from mineralgraph import opening
from mineralgraph.api import create_app
from mineralgraph.api.wire import protocol
from mineralgraph.client import Client
from mineralgraph.execution.inline import InlineRunner
from mineralgraph.settings import Settings


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    settings = Settings(data="builtin", store="memory", port=0)
    app = create_app(settings, InlineRunner(opening.open_to_read(settings)))
    config = uvicorn.Config(app, log_level="warning", http=protocol(app.state.front))
    server = uvicorn.Server(config)
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        ends = time.monotonic() + 60
        while not server.started and time.monotonic() < ends:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        server.should_exit = True
        thread.join(20)


@pytest.fixture(scope="session")
def graph(url: str) -> Client:
    return Client(url)
