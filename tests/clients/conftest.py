"""A running service on loopback over the project's own data, for clients that need a network.

The data is taken as compiled; judging it is tested elsewhere. Queries run in this process.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mineralgraph.client import Client
from tests.serving import served_release


@pytest.fixture(scope="session")
def url() -> Iterator[str]:
    with served_release() as address:
        yield address


@pytest.fixture(scope="session")
def graph(url: str) -> Client:
    return Client(url)
