"""HTML: templates with everything escaped, under a policy that lets nothing in from outside."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from mineralgraph.api import permalinks
from mineralgraph.api.presentation import wording
from mineralgraph.api.presentation.terms import day_label, fallback_label, page_of

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
BUILT: Final = "dist"
"""The folder of static files that are built from ``web/``; without Node.js it is not there."""
DAYS: Final = ("as-of", "valid-on")
"""The parameters of the control in the header."""
PLACES: Final = (
    "entities", "articles", "claims", "timeline", "commitments", "network", "workbench",
    "ontology", "check", "docs",
)  # fmt: skip
"""The pages of the menu, by their paths."""

_NO_ANSWERS: Final = frozenset({"/workbench", "/check", "/docs"})
_LINK: Final = re.compile(
    r'(?<!data-now) href="(?P<path>/(?:(?:entities|articles|claims|timeline|commitments|network'
    r'|workbench|check|ask|docs|ontology|shapes)(?:/[^"?#]*)?|queries/[^"?#]+)?)(?P<rest>[?#][^"]*)?"'
)
_HERE: Final = Path(__file__).parents[1]
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Pages:
    """Renders the templates of this package."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(
            page=page_of, readable=fallback_label, safe_url=_safe_url, number="{:,}".format,
            by_claim=_by_claim, day=day_label, kind=_kind,
        )  # fmt: skip
        self._environment.globals.update(
            asset=_assets(static_files()),
            workbench=_workbench,
            question=_question,
            names_of=names_of,
            places=PLACES,
            say=wording.say,
            texts_of=wording.for_script,
        )

    def render(self, template: str, frame: Frame, **values: Any) -> bytes:
        """Return a page as UTF-8, with its frame."""
        page = self._environment.get_template(template).render(frame=frame, **values)
        return carried(page, frame.days).encode()


@dataclass(frozen=True)
class Frame:
    """What stands around a page: where it is, and the days from which it looks.

    Attributes:
        path: the page's path, which the menu marks.
        days: the two days of the control in the header; empty for the present.
        kept: the other parameters, which the control must not lose.
        asked: all parameters of what is seen.
        pinned: the dataset version that the address asks for.
    """

    path: str
    days: Mapping[str, str]
    kept: Mapping[str, str]
    asked: Mapping[str, str] = field(default_factory=dict)
    pinned: str | None = None

    @classmethod
    def of(cls, path: str, given: Mapping[str, str]) -> Frame:
        """Return the frame of a request's page."""
        days = {name: given.get(name, "") for name in DAYS}
        lost = ("offset", "format", "version", *DAYS)
        kept = {n: v for n, v in given.items() if n not in lost}
        asked = {n: v for n, v in given.items() if n not in ("format", "version")}
        return cls(path, days, kept, asked, given.get("version"))

    @property
    def looks_back(self) -> bool:
        """Whether a day is chosen."""
        return any(self.days.values())

    @property
    def now(self) -> str:
        """The same page at the present."""
        return f"{self.path}?{urlencode(self.kept)}" if self.kept else self.path

    @property
    def newest(self) -> str:
        """The same page on the newest dataset version."""
        return f"{self.path}?{urlencode(self.asked)}" if self.asked else self.path

    @property
    def is_answer(self) -> bool:
        """Whether the page shows the graph, so that it changes with it."""
        return bool(self.path) and self.path not in _NO_ANSWERS

    def permalink(self, version: str) -> str:
        """The same page on this dataset version for ever."""
        return permalinks.of(self.path, self.asked.items(), version)

    def citation(self, version: str, **more: str) -> str:
        """Where the citation of the page is."""
        return "/cite?" + urlencode({"url": self.permalink(version), **more})

    @property
    def said(self) -> Markup:
        """What the page says of its days."""
        days = {"known": self.days["as-of"], "held": self.days["valid-on"]}
        chosen = {name: day for name, day in days.items() if day}
        name = "both" if len(chosen) == 2 else next(iter(chosen))
        return wording.say(f"site.days.{name}", **chosen)


def carried(page: str, days: Mapping[str, str]) -> str:
    """Return a page whose links to places that know of days carry them on.

    This is done here, once, and not at each link, so that no link can be forgotten. Values from
    the data cannot look like a link: their quotation marks are escaped.
    """
    chosen = {name: day for name, day in days.items() if day}

    def carry(link: re.Match[str]) -> str:
        query, mark, fragment = (link["rest"] or "").partition("#")
        added = "&amp;".join(f"{n}={v}" for n, v in chosen.items() if f"{n}=" not in query)
        if added:
            query = f"{query}&amp;{added}" if query else f"?{added}"
        return f' href="{link["path"]}{query}{mark}{fragment}"'

    return _LINK.sub(carry, page) if chosen else page


def _safe_url(url: str) -> str:
    """Return a URL that may stand in ``href``: http and https only, the data is not trusted."""
    return url if urlsplit(url).scheme in ("http", "https") else "#"


def _kind(name: str, table: str = "kinds") -> Markup:
    """Return what a kind of things is called."""
    known = wording.said(f"thing.{table}.{name}")
    return wording.say(f"thing.{table}.{name if known else 'other'}")


def _by_claim(claims: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return claims by their IRI."""
    return {claim["claim"]: claim for claim in claims}


def _workbench(query: str, **values: str) -> str:
    """Return where a canned query with these values stands open in the workbench."""
    return "/workbench?" + urlencode({"query": query, **values})


def names_of(iri: str) -> tuple[str, ...]:
    """Return how a parameter may name one of our IRIs."""
    path = iri.partition("/id/")[2]
    return (iri, path, path.replace("/", ":", 1), path.rpartition("/")[2])


def _question(name: str, values: Mapping[str, str]) -> str:
    """Return where one of the pages' own questions stands open in the workbench.

    The days of a filter are not in the question: the page narrows its rows by them.
    """
    kept = {name: value for name, value in values.items() if name not in ("since", "until")}
    return "/workbench?" + urlencode({"question": name, **kept})


def _assets(files: Mapping[str, tuple[bytes, str]]) -> Callable[[str], str | None]:
    """Return what gives a static file's URL, with a digest so that a new one is fetched."""
    urls = {
        name: f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"
        for name, (content, _) in files.items()
    }
    return urls.get


def static_files() -> Mapping[str, tuple[bytes, str]]:
    """Return the static files by path, with their media types."""
    folder = _HERE / "static"
    return {
        p.relative_to(folder).as_posix(): (p.read_bytes(), _TYPES[p.suffix])
        for p in sorted([*folder.iterdir(), *(folder / BUILT).glob("*")])
        if p.suffix in _TYPES
    }
