"""Asking a running service over HTTP (architecture: the same answer as from the store)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urljoin, urlsplit
from urllib.request import Request, urlopen

from mineralgraph.errors import (
    InputError,
    MineralgraphError,
    NotAcceptable,
    StoreUnreachable,
)
from mineralgraph.rdf import formats
from mineralgraph.rdf.formats import CSV, JSON, TURTLE, GraphFormat, ResultFormat

_NEXT: Final = re.compile(r'<([^>]*)>\s*;[^,]*\brel="?next"?')
Form = GraphFormat | ResultFormat
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

    def canned(self, name: str, values: Mapping[str, str]) -> Asked:
        """Return a canned query, ready to be asked."""
        return Asked(self, f"queries/{quote(name)}", dict(values))

    def sparql(self, text: str) -> Asked:
        """Return any SPARQL query, ready to be asked."""
        return Asked(self, "sparql", {}, text.encode())

    def get(self, path: str, values: Mapping[str, str], accept: str) -> bytes:
        """Return what a path answers to parameters."""
        return self.ask(urljoin(self.url, f"{path}?{urlencode(values)}"), {"Accept": accept})[0]

    def fetch(self, path: str, token: str, file: Path) -> None:
        """Write what a path gives into a file, as the holder of a token."""
        headers = {"Authorization": f"Bearer {token}", "Accept": "*/*"}
        file.write_bytes(self.ask(urljoin(self.url, path), headers)[0])

    def post(self, path: str, token: str, said: Mapping[str, Any]) -> dict[str, Any]:
        """Send a decision as JSON, as the holder of a token; returns the receipt."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        body, _, _ = self.ask(urljoin(self.url, path), headers, json.dumps(said).encode())
        receipt: dict[str, Any] = json.loads(body)
        return receipt

    def ask(
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


@dataclass(frozen=True)
class Asked:
    """One question to a service.

    Attributes:
        path: the route.
        values: the parameters of a canned query.
        text: the body of a SPARQL query; None asks by GET.
    """

    service: Service
    path: str
    values: Mapping[str, str]
    text: bytes | None = None

    def answer(self, view: Mapping[str, str], name: str) -> tuple[bytes, Form]:
        """Ask; the pages of rows are joined.

        Args:
            view: days to look from, and whether rows carry their sources.
            name: the format to show the answer in; a table is made from SPARQL JSON, with
                sources from CSV.

        Raises:
            NotAcceptable: when the service answers in a format that it was not asked for.
        """
        name = CSV.name if name == "table" and "sources" in view else name
        given = {**self.values, **view}
        headers = {"Accept": ACCEPT} if name == "table" else {"Accept": _accept(name)}
        if self.text is not None:
            headers["Content-Type"] = "application/sparql-query"
        address = urljoin(self.service.url, f"{self.path}?{urlencode(given)}".rstrip("?"))
        body, kind, following = self.service.ask(address, headers, self.text)
        form: Form | None = formats.result_format(kind) or formats.graph_format(kind)
        if form is None:
            raise NotAcceptable(
                f"the service answered in {kind}", hint="Is this a mineralgraph service?"
            )
        pages = [body]
        while following and isinstance(form, ResultFormat):
            body, _, following = self.service.ask(urljoin(address, following), headers)
            pages.append(body)
        return (joined(pages, form) if isinstance(form, ResultFormat) else body), form


def _accept(name: str) -> str:
    form = formats.result_format(name) or formats.graph_format(name)
    if form is None:
        raise NotAcceptable(f"there is no format {name!r}", hint="Use json, csv, tsv or turtle.")
    return form.media_type


def joined(pages: Sequence[bytes], form: ResultFormat) -> bytes:
    """Return the pages of one answer as one page."""
    first, *others = pages
    if not others:
        return first
    if form is formats.JSON:
        return json.dumps(_together([json.loads(page) for page in pages])).encode()
    if form is formats.XML:
        inside = [page.partition(b"<results>")[2].partition(b"</results>")[0] for page in pages]
        head, tail = first.partition(b"<results>")[0], first.rpartition(b"</results>")[2]
        return head + b"<results>" + b"".join(inside) + b"</results>" + tail
    return first + b"".join(page.partition(b"\n")[2] for page in others)


def _together(pages: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Join pages in SPARQL JSON, with the members that run parallel to the rows."""
    whole = pages[0]
    for page in pages[1:]:
        before = len(whole.get("triples", ()))
        for derivation in page.get("derivations", ()):
            derivation["triples"] = [before + number for number in derivation["triples"]]
        for name, value in page.items():
            if isinstance(value, list):
                whole[name] += [v for v in value if name != "untraceable" or v not in whole[name]]
            elif name == "undated":
                whole[name] += value
            elif name == "claims":
                whole[name] |= value
        whole["results"]["bindings"] += page["results"]["bindings"]
    return {**whole, "results": whole.pop("results")}


def problem(status: int, body: bytes) -> Refused:
    """Turn a problem document (RFC 9457) into an error."""
    try:
        said = json.loads(body)
        return Refused(said["detail"], hint=said.get("hint"))
    except (ValueError, KeyError, TypeError):
        return Refused(f"the service answered {status} without saying why")
