"""Permalinks: a request with its dataset version pinned, so that it always has the same answer.

A clock in the request is pinned as it stands; so are limit and offset. Where the version is no
longer kept the answer is 410, never other rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from mineralgraph.api.points import VERSION


def of(path: str, given: Iterable[tuple[str, str]], version: str) -> str:
    """Return the permalink of a request, without scheme and host."""
    kept = [(name, value) for name, value in given if name != VERSION]
    return f"{path}?{urlencode([*kept, (VERSION, version)])}"


def header(path: str, given: Iterable[tuple[str, str]], version: str) -> str:
    """Return the permalink as an RFC 8288 header (RFC 6596: the canonical form)."""
    return f'<{of(path, given, version)}>; rel="canonical"'
