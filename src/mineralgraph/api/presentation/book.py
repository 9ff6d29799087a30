"""What is read from the whole dataset once for each version, and held in memory until the next."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from mineralgraph.execution.base import at_once

T = TypeVar("T")


class Book(Generic[T]):
    """Something made from the version that is served now."""

    def __init__(self, read: Callable[[], Awaitable[tuple[T, str]]]) -> None:
        """Take the function that makes it, and tells the version that it was made from."""
        self._read = read
        self._held: T | None = None
        self._version = ""
        self._lock = asyncio.Lock()

    async def at(self, version: str) -> T:
        """Return it for a version, or for a newer one where that has come."""
        if self._held is None or self._version != version:
            async with self._lock:
                if self._held is None or self._version != version:
                    with at_once():  # whoever comes meanwhile waits for this, too
                        self._held, self._version = await self._read()
        return self._held
