"""What the layers around a route tell each other about one request."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final, cast

_KEY: Final = "mineralgraph.exchange"
_numbers: Final = Random()  # noqa: S311  (ids are no secrets, and no system call for each)
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,128}")


@dataclass(slots=True)
class Exchange:
    """One request and its answer.

    Attributes:
        id: the caller's X-Request-Id where it is well formed, or one of ours.
        version: the dataset version that the answer was computed on; empty when not known yet.
        query: name of the query that was run, for logs and metrics.
        suffix: format name taken from the path, such as ``csv`` in ``/queries/x.csv``.
        known: whether the answer was kept already from a former request.
    """

    id: str
    version: str = ""
    query: str = ""
    suffix: str | None = None
    known: bool = False


def new_id() -> str:
    """Return an id for a request that came without one."""
    return f"{_numbers.getrandbits(128):032x}"


def start(asked_id: str | None) -> Exchange:
    """Start the exchange of a request."""
    if asked_id is not None and _REQUEST_ID.fullmatch(asked_id):
        return Exchange(asked_id)
    return Exchange(new_id())


def begin(scope: MutableMapping[str, Any], asked_id: str | None) -> Exchange:
    """Start the exchange of a request and keep it in the request's scope."""
    exchange = scope[_KEY] = start(asked_id)
    return exchange


def of(scope: Mapping[str, Any]) -> Exchange:
    """Return the exchange of a request."""
    return cast(Exchange, scope[_KEY])
