"""The client: one object for one service."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pyoxigraph
from pyoxigraph import RdfFormat, Triple

from mineralgraph.client import wire
from mineralgraph.client.rows import Rows
from mineralgraph.errors import InputError, StoreError
from mineralgraph.rdf import sparql as syntax
from mineralgraph.rdf.namespaces import ID_BASE
from mineralgraph.rdf.values import plain_binding

Parameter = str | int | bool | date

_JSON: Final = "application/json"
_TRIPLES: Final = "application/n-triples"
_RESULTS: Final = "application/sparql-results+json"


class Client:
    """A running service.

    Names of things are slugs with their kind (``person/kosherbayev``) or whole IRIs.
    """

    def __init__(self, url: str = "http://127.0.0.1:8000", *, timeout: float = 60.0) -> None:
        """Name the service; nothing is asked yet.

        Args:
            url: its address.
            timeout: seconds to wait for an answer; the service's own deadline is shorter.

        Raises:
            InputError: when it is no HTTP address.
        """
        if urlsplit(url).scheme not in ("http", "https"):
            raise InputError(f"{url} is no HTTP address", hint="Write it as http://HOST:PORT.")
        self.url = url.rstrip("/") + "/"
        self.timeout = timeout
        self._view: dict[str, Parameter | None] = {}

    def at(
        self,
        *,
        as_of: date | str | None = None,
        by_first: bool = False,
        valid_on: date | str | None = None,
        version: str | None = None,
    ) -> Client:
        """Return a client that looks from another day, or on a former dataset version.

        Whatever it asks is answered from there; this client stays as it is.

        Args:
            as_of: what could be known by this day.
            by_first: count an article as known from its first possible day, not from its last.
            valid_on: what held, or may have held, on this day; rows and claims say whether.
            version: the dataset version; errors.Gone once it is no longer kept.
        """
        basis = ("first" if by_first else "last") if as_of is not None else None
        other = Client(self.url, timeout=self.timeout)
        other._view = {
            "as-of": as_of, "as-of-basis": basis, "valid-on": valid_on, "version": version
        }  # fmt: skip
        return other

    def queries(self) -> list[dict[str, Any]]:
        """Return the canned queries: names, titles, descriptions, parameters with examples."""
        found: list[dict[str, Any]] = self._json("queries")["queries"]
        return found

    def canned(self, name: str, /, **parameters: Parameter | None) -> Rows:
        """Run a canned query; pages follow by themselves.

        Args:
            name: its name; ``queries`` lists them.
            parameters: by name; ``as_of`` stands for ``as-of``. One that is None is left out.
                ``limit`` is the size of a page, and no limit on the rows. With ``sources=True``
                each row has its ``sources``, and ``Rows.about`` describes the claims in them.

        Raises:
            NotFound: when there is no such query.
            BadParameter: when a parameter is missing, unknown or not of its type.
            InputError: when the query makes a graph; ``canned_graph`` runs it.
        """
        return self._rows(self._canned(name, parameters))

    def canned_graph(self, name: str, /, **parameters: Parameter | None) -> list[Triple]:
        """Run a canned query that makes a graph; see ``canned``."""
        address = urljoin(self.url, self._canned(name, parameters))
        body, _ = wire.get(address, _TRIPLES, self.timeout)
        return _triples(body)

    def sparql(self, text: str, *, sources: bool = False) -> Rows | bool | list[Triple]:
        """Run any SPARQL query: rows of a SELECT, the answer of an ASK, triples otherwise.

        Args:
            text: the query.
            sources: let each row of a SELECT carry what it rests on; see ``canned``.

        Raises:
            QuerySyntaxError: when it does not parse (line, column).
            QueryRefused: when it would call outside, or is an update.
            DeadlineExceeded: when it took too long and was stopped.
        """
        form = syntax.query_form(syntax.tokenize(text))
        graph = form in ("CONSTRUCT", "DESCRIBE")
        accept = _TRIPLES if graph else _RESULTS
        given = {**self._view, "sources": True if sources else None}
        asking = wire.Asking(urljoin(self.url, "sparql"), text, accept, self.timeout)
        for name, value in given.items():
            if value is not None:
                asking.addParameter(name, _text(value))
        body, headers = asking.body()
        if graph:
            return _triples(body)
        result = _document(body)
        if "boolean" in result:
            return bool(result["boolean"])
        columns: list[str] = result["head"]["vars"]
        rows: list[dict[str, Any]] = [
            {c: plain_binding(b.get(c)) for c in columns} for b in result.pop("results")["bindings"]
        ]
        for name in _MARKS:
            for row, mark in zip(rows, result.get(name, ()), strict=False):
                row[name] = mark
        about = {name: value for name, value in result.items() if name not in ("head", *_MARKS)}
        version = headers.get("Mineralgraph-Dataset-Version", "")
        return Rows(columns, rows, version, permalink=self._canonical(headers), about=about)

    def _canonical(self, headers: Mapping[str, str]) -> str | None:
        found = _CANONICAL.search(headers.get("Link", ""))
        return urljoin(self.url, found[1]) if found else None

    def select(self, text: str, *, sources: bool = False) -> Rows:
        """Run a SELECT query; see ``sparql``.

        Raises:
            InputError: when it is another form of query.
        """
        answer = self.sparql(text, sources=sources)
        if not isinstance(answer, Rows):
            raise InputError("this is no SELECT query", hint="Use sparql() for other forms.")
        return answer

    def search(self, text: str) -> Rows:
        """Search labels and variants of names, in any script."""
        return self._rows(self._address("entities", {"q": text}))

    def entity(self, name: str) -> dict[str, Any]:
        """Return one thing: labels, statements, and the claims about it.

        Raises:
            NotFound: when there is no such thing.
        """
        return self._thing(f"entities/{_slug(name)}")

    def article(self, name: str) -> dict[str, Any]:
        """Return one article: where it appeared, when, and what was set aside."""
        return self._thing(f"articles/{_slug(name, 'article')}")

    def claim(self, name: str) -> dict[str, Any]:
        """Return one claim: what it says, the passages it rests on, article, modality, review."""
        return self._thing(f"claims/{_slug(name, 'claim')}")

    def nanopublication(self, name: str) -> bytes:
        """Return a claim as a nanopublication, in TriG."""
        address = _address(f"claims/{_slug(name, 'claim')}", {"format": "nanopub"})
        return wire.get(urljoin(self.url, address), "*/*", self.timeout)[0]

    def diff(
        self, first: date | str, last: date | str, *, clock: str = "report", by_first: bool = False
    ) -> dict[str, Any]:
        """Return what changed between two days: claims in people's words, by what happened.

        Args:
            first: the first day.
            last: the second day.
            clock: ``report`` for what became known and was retracted, ``valid`` for what began,
                ended, and happened in between.
            by_first: as for ``at``.

        Raises:
            BadParameter: when a day is none, or they are the wrong way round.
        """
        basis = "first" if by_first else None
        given = {"from": first, "to": last, "clock": clock, "as-of-basis": basis}
        return self._json(_address("diff", {**given, "version": self._view.get("version")}))

    def cite(self, address: str, *, bibtex: bool = False) -> str:
        """Return the citation of an answer, as a sentence or as BibTeX.

        Args:
            address: that of any answer, such as ``Rows.permalink``.
            bibtex: give a BibTeX entry.

        Raises:
            BadParameter: when the answer changes from run to run and has no permalink.
            Gone: when its dataset version is not kept.
        """
        short = "/" + address.removeprefix(self.url).lstrip("/")
        found = self._json(_address("cite", {"url": short, "format": "json"}))
        return str(found["bibtex" if bibtex else "text"])

    def articles(self) -> Rows:
        """Return the articles that the claims come from."""
        return self._rows(self._address("articles", {}))

    def claims(self, article: str) -> Rows:
        """Return the claims of an article."""
        return self._rows(self._address("claims", {"article": _slug(article, "article")}))

    def changes(self, since: str = "0") -> Rows:
        """Return the record of writes after a number or a dataset version."""
        return self._rows(_address("changes", {"since": since}))

    def sources(self, row: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the claims that a row names, each with its passages and its article.

        Works on rows of canned queries that report facts, and on any row with IRIs of claims.
        """
        cells = dict.fromkeys(cell for cell in row.values() if isinstance(cell, str))
        return [self.claim(cell) for cell in cells if cell.startswith(f"{ID_BASE}claim/")]

    def _rows(self, address: str) -> Rows:
        page = self._page(address)
        if "columns" not in page:
            raise InputError("this makes a graph, not rows", hint="Use canned_graph().")
        links = page["links"]
        about = {name: value for name, value in page.items() if name not in _PAGE}
        return Rows(
            page["columns"], page["rows"], page["version"], links["next"], self._page,
            permalink=urljoin(self.url, links["permalink"]), total=page.get("total"), about=about,
        )  # fmt: skip

    def _thing(self, path: str) -> dict[str, Any]:
        return self._json(self._address(path, {}))

    def _canned(self, name: str, parameters: Mapping[str, Parameter | None]) -> str:
        given = {k.replace("_", "-") if k in _DASHED else k: v for k, v in parameters.items()}
        return self._address(f"queries/{quote(name, safe='')}", given)

    def _address(self, path: str, parameters: Mapping[str, Parameter | None]) -> str:
        """Return an address with the days that this client looks from."""
        return _address(path, {**self._view, **parameters})

    def _page(self, address: str) -> dict[str, Any]:
        return self._json(address.lstrip("/"))

    def _json(self, address: str) -> dict[str, Any]:
        body, _ = wire.get(urljoin(self.url, address), _JSON, self.timeout)
        return _document(body)


_DASHED: Final = ("as_of", "as_of_basis", "valid_on")
_MARKS: Final = ("sources", "validity", "contested")
_PAGE: Final = ("columns", "rows", "truncated", "total", "links", "version")
_CANONICAL: Final = re.compile(r'<([^>]*)>; rel="canonical"')


def _document(body: bytes) -> dict[str, Any]:
    """Read JSON; an answer that was cut off is an error, not a short answer."""
    try:
        found: dict[str, Any] = json.loads(body)
    except ValueError as error:
        raise StoreError("the answer is not whole, or no JSON") from error
    return found


def _triples(body: bytes) -> list[Triple]:
    return [quad.triple for quad in pyoxigraph.parse(body, format=RdfFormat.N_TRIPLES)]


def _address(path: str, parameters: Mapping[str, Parameter | None]) -> str:
    return f"{path}?{urlencode({k: _text(v) for k, v in parameters.items() if v is not None})}"


def _text(value: Parameter) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _slug(name: str, kind: str = "") -> str:
    """Return the path of a thing below its list: without the base, and the kind if it is fixed."""
    short = name.removeprefix(ID_BASE)
    if kind:
        short = short.removeprefix(f"{kind}/")
    return quote(short, safe="/")
