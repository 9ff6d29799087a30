"""Every engine that keeps the store contract; a missing one skips by name.

Servers are started once for a session and wiped before each test. A deviation of one engine is
a strict expected failure in ``deviations.py``, by the test's name and with its reason.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import engines as servers
import pytest

from mineralgraph.store.base import Store
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.remote import RemoteStore

from .deviations import STORE_DEVIATIONS, expect

EMBEDDED = ("memory", "folder")
Start = Callable[[str], servers.Server]


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Return a function that gives the running server of a name, starting it the first time."""
    running: dict[str, servers.Server] = {}
    with contextlib.ExitStack() as stack:

        def get(name: str) -> servers.Server:
            if name not in running:
                folder = tmp_path_factory.mktemp(name)
                try:
                    running[name] = stack.enter_context(servers.ENGINES[name](folder))
                except servers.Missing as missing:
                    pytest.skip(str(missing))
            return running[name]

        yield get


@pytest.fixture(params=[*EMBEDDED, *servers.ENGINES])
def store(request: pytest.FixtureRequest, tmp_path: Path, start: Start) -> Iterator[Store]:
    """An empty store of each engine in turn."""
    expect(request, STORE_DEVIATIONS, request.param, request.node.originalname)
    if request.param in EMBEDDED:
        folder = None if request.param == "memory" else tmp_path / "db"
        with EmbeddedStore(folder) as opened:
            yield opened
    else:
        with remote(start(request.param)) as opened:
            yield opened


@contextlib.contextmanager
def remote(server: servers.Server) -> Iterator[RemoteStore]:
    """An empty remote store."""
    with contextlib.closing(RemoteStore(server.query, update=server.update)) as opened:
        opened.clear()
        yield opened
