"""Every engine that keeps the store contract; a missing one skips by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mineralgraph.store.base import Store
from mineralgraph.store.embedded import EmbeddedStore


@pytest.fixture(params=["memory", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each engine in turn."""
    folder = None if request.param == "memory" else tmp_path / "db"
    with EmbeddedStore(folder) as opened:
        yield opened
