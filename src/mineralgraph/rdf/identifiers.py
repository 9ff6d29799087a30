"""IRIs minted from content or from natural keys (model.md section 3).

The same content always gives the same IRI, on every machine and at every time: no clock, no
counter, no random number.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from pyoxigraph import NamedNode

from mineralgraph.rdf.namespaces import ID_BASE

_ID = re.compile(re.escape(ID_BASE) + r"(?P<kind>[a-z-]+)/(?P<slug>[^/?#]+)\Z")


def mint(kind: str, slug: str) -> NamedNode:
    """Return ``id/KIND/SLUG``."""
    return NamedNode(f"{ID_BASE}{kind}/{slug}")


def split(node: NamedNode | str) -> tuple[str, str] | None:
    """Return (kind, slug) of one of our instance IRIs, ``None`` for any other IRI."""
    match = _ID.match(node if isinstance(node, str) else node.value)
    return (match["kind"], match["slug"]) if match else None


def slug_of(node: NamedNode) -> str:
    """Return the last path segment of one of our IRIs (the whole IRI for any other)."""
    parts = split(node)
    return parts[1] if parts else node.value


def digest(data: bytes) -> str:
    """Return ``sha256:`` and the hexadecimal SHA-256 of some bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


def content_slug(parts: Iterable[str]) -> str:
    """Return a short slug for content that has no readable one: 16 hexadecimal digits.

    64 bits: two different contents collide with probability 1e-7 among two million nodes.
    """
    joined = "\x1f".join(sorted(parts))
    return hashlib.sha256(joined.encode()).hexdigest()[:16]
