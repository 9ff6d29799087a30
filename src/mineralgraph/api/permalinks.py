"""Permalinks: a request with its dataset version pinned, so that it always has the same answer.

A clock in the request is pinned as it stands; so are limit and offset. Where the version is no
longer kept the answer is 410, never other rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final
from urllib.parse import urlencode

VERSION: Final = "version"
"""The parameter that pins."""

# Letters, digits and "_.-~" as they are, the space as "+", everything else in capital hex.
_CANONICAL: Final = re.compile(
    rb"query=(?:[A-Za-z0-9_.~+-]"
    rb"|%(?!20|3[0-9]|[46][1-9A-F]|[57][0-9A]|2D|2E|5F|7E)[0-9A-F]{2})*+"
)


def of(path: str, given: Iterable[tuple[str, str]], version: str) -> str:
    """Return the permalink of a request, without scheme and host."""
    kept = [(name, value) for name, value in given if name != VERSION]
    return f"{path}?{urlencode([*kept, (VERSION, version)])}"


def header(path: str, given: Iterable[tuple[str, str]], version: str) -> str:
    """Return the permalink as an RFC 8288 header (RFC 6596: the canonical form)."""
    return _as_header(of(path, given, version))


def spelled(query_string: bytes) -> str | None:
    """Return a query string of one field as ``of`` spells it, where that is easily seen.

    Encoding a query anew costs as much as answering a small one does; most arrive in the
    canonical spelling, but for the space.
    """
    found = query_string.replace(b"%20", b"+")
    return found.decode() if _CANONICAL.fullmatch(found) else None


def spelled_header(path: str, query_string: str, version: str) -> str:
    """Return the header that ``header`` does, of an answer of ``spelled``."""
    return _as_header(f"{path}?{query_string}&{_pinned(version)}")


@lru_cache(64)
def _pinned(version: str) -> str:
    return urlencode([(VERSION, version)])


def _as_header(link: str) -> str:
    return f'<{link}>; rel="canonical"'
