"""Which methods a path answers to, and which of them only read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from starlette.routing import BaseRoute, Match
from starlette.types import Scope

_READING_POSTS: Final = ("/sparql", "/validate")


def methods_at(routes: Iterable[BaseRoute], scope: Scope) -> list[str]:
    """Return the methods that a path answers to, sorted; empty where nothing is served."""
    found: set[str] = set()
    for route in routes:
        match, _ = route.matches({**scope, "method": "GET"})
        if match is not Match.NONE:
            found |= set(getattr(route, "methods", None) or ())
    if not found:
        return []
    return sorted(found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set()))


def is_read(method: str, path: str) -> bool:
    """Whether a request changes nothing; such a one may come from any web page."""
    return method in ("GET", "HEAD", "OPTIONS") or (method == "POST" and path in _READING_POSTS)
