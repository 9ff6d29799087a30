"""A running service on loopback over the project's own data, for clients that need a network.

The data is taken as compiled; judging it is tested elsewhere. Queries run in this process.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mineralgraph import opening
from mineralgraph.api import create_app
from mineralgraph.client import Client
from mineralgraph.execution.inline import InlineRunner
from mineralgraph.settings import Settings
from tests.serving import served


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    settings = Settings(data="builtin", store="memory", port=0)
    app = create_app(settings, InlineRunner(opening.open_to_read(settings)))
    with served(app) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def graph(url: str) -> Client:
    return Client(url)
