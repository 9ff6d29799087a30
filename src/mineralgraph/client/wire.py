"""HTTP as the client uses it: one request, one answer, and the service's errors as ours."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from SPARQLWrapper import POST, POSTDIRECTLY, SPARQLWrapper

from mineralgraph.errors import MineralgraphError, StoreError, StoreUnreachable

AGENT: Final = "mineralgraph-client"
_STANDARD: Final = ("type", "title", "status", "detail", "hint")


class Asking(SPARQLWrapper):
    """SPARQLWrapper, but an error status stays the HTTP error that carries the reason."""

    def __init__(self, endpoint: str, query: str, accept: str, timeout: float) -> None:
        super().__init__(endpoint, agent=AGENT)
        self.setTimeout(math.ceil(timeout))
        self.setMethod(POST)
        self.setRequestMethod(POSTDIRECTLY)
        self.setOnlyConneg(True)  # no format= beside the Accept header
        self._accept = accept
        self.setQuery(query)

    def _getAcceptHeader(self) -> str:  # noqa: N802  (SPARQLWrapper's name)
        """Ask for exactly what is wanted: by default SPARQLWrapper guesses from the text."""
        return self._accept

    def body(self) -> tuple[bytes, Mapping[str, str]]:
        """Return the answer whole, with its headers."""
        return opened(self._createRequest(), float(self.timeout or 0))


def get(address: str, accept: str, timeout: float) -> tuple[bytes, Mapping[str, str]]:
    """Read an address; returns the body and the headers."""
    request = Request(address, headers={"Accept": accept, "User-Agent": AGENT})  # noqa: S310
    return opened(request, timeout)


def opened(request: Request, timeout: float) -> tuple[bytes, Mapping[str, str]]:
    """Send a request; the scheme was checked when the service was named.

    Raises:
        StoreUnreachable: when nobody answers, or not in time.
        MineralgraphError: the error that the service names.
    """
    try:
        with urlopen(request, timeout=timeout) as answer:  # noqa: S310
            return answer.read(), answer.headers
    except HTTPError as error:
        with error:
            raise problem(error.code, error.read()) from None
    except (URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise StoreUnreachable(
            f"{request.full_url.partition('?')[0]} does not answer: {reason}",
            hint="Check that the service runs there.",
        ) from error


def problem(status: int, body: bytes) -> MineralgraphError:
    """Turn a problem document (RFC 9457) into the error that it is called after."""
    try:
        said: dict[str, Any] = json.loads(body)
        slug = str(said["type"]).rpartition("/")[2]
        kind = _KINDS.get(slug, StoreError)
        extra = {name: value for name, value in said.items() if name not in _STANDARD}
        return kind(str(said["detail"]), hint=said.get("hint"), **extra)
    except (ValueError, KeyError, TypeError):
        return StoreError(f"the service answered {status} without saying why")


def _kinds(kind: type[MineralgraphError]) -> Iterator[type[MineralgraphError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _kinds(narrower)


_KINDS: Final = {kind.slug: kind for kind in _kinds(MineralgraphError)}
