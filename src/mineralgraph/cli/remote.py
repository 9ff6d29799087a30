"""Asking a running service over HTTP (architecture: the same answer as from the store)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urljoin, urlsplit
from urllib.request import Request, urlopen

from mineralgraph.errors import InputError, MineralgraphError, StoreUnreachable
from mineralgraph.rdf.formats import JSON, TURTLE

_NEXT: Final = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?')
ACCEPT: Final = f"{JSON.media_type}, {TURTLE.media_type};q=0.9"


class Refused(MineralgraphError):
    """The service answered with a problem document."""

    slug = "refused-by-service"
    title = "The service refused"
    default_hint = "The message above is the service's own."


class Service:
    """A running mineralgraph service."""

    def __init__(self, url: str, timeout: float) -> None:
        """Take the service's address.

        Raises:
            InputError: when it is no HTTP address.
        """
        if urlsplit(url).scheme not in {"http", "https"}:
            raise InputError(f"{url} is no HTTP address", hint="Write it as http://HOST:PORT.")
        self.url = url.rstrip("/") + "/"
        self.timeout = timeout

    def canned(self, name: str, values: Mapping[str, str]) -> tuple[bytes, str]:
        """Run a canned query; the pages of a SELECT are joined.

        Returns:
            The body and its media type.
        """
        address = urljoin(self.url, f"queries/{quote(name)}?{urlencode(values)}").rstrip("?")
        body, kind, following = self._get(address)
        if not following:
            return body, kind
        joined: dict[str, Any] = json.loads(body)
        while following:
            body, _, following = self._get(urljoin(address, following))
            joined["results"]["bindings"] += json.loads(body)["results"]["bindings"]
        return json.dumps(joined).encode(), kind

    def sparql(self, text: str) -> tuple[bytes, str]:
        """Run any SPARQL query; returns the body and its media type."""
        headers = {"Accept": ACCEPT, "Content-Type": "application/sparql-query"}
        return self._ask(urljoin(self.url, "sparql"), headers, text.encode())[:2]

    def fetch(self, path: str, token: str, file: Path) -> None:
        """Write what a path gives into a file, as the holder of a token."""
        headers = {"Authorization": f"Bearer {token}", "Accept": "*/*"}
        file.write_bytes(self._ask(urljoin(self.url, path), headers)[0])

    def _get(self, address: str) -> tuple[bytes, str, str | None]:
        return self._ask(address, {"Accept": ACCEPT})

    def _ask(
        self, address: str, headers: Mapping[str, str], data: bytes | None = None
    ) -> tuple[bytes, str, str | None]:
        """Return body, media type and the address of the next page.

        The scheme was checked when the service was named, so nothing but HTTP is opened.
        """
        request = Request(address, data, dict(headers))  # noqa: S310
        try:
            with urlopen(request, timeout=self.timeout) as answer:  # noqa: S310
                more = _NEXT.search(", ".join(answer.headers.get_all("Link") or ()))
                kind = answer.headers.get_content_type()
                return answer.read(), kind, more[1] if more else None
        except HTTPError as error:
            raise problem(error.code, error.read()) from None
        except (URLError, TimeoutError, ConnectionError) as error:
            reason = getattr(error, "reason", error)
            raise StoreUnreachable(
                f"{self.url} does not answer: {reason}",
                hint="Start it with `mineralgraph serve`, or mend the --url.",
            ) from error


def problem(status: int, body: bytes) -> Refused:
    """Turn a problem document (RFC 9457) into an error."""
    try:
        said = json.loads(body)
        return Refused(said["detail"], hint=said.get("hint"))
    except (ValueError, KeyError, TypeError):
        return Refused(f"the service answered {status} without saying why")
