"""HTML: templates with everything escaped, under a policy that lets nothing in from outside."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mineralgraph.api.terms import fallback_label, page_of

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
BUILT: Final = "dist"
"""The folder of static files that are built from ``web/``; without Node.js it is not there."""

_HERE: Final = Path(__file__).parent
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
            by_claim=_by_claim,
        )  # fmt: skip
        self._environment.globals.update(asset=_assets(static_files()), workbench=_workbench)

    def render(self, template: str, **values: Any) -> bytes:
        """Return a page as UTF-8."""
        return self._environment.get_template(template).render(**values).encode()


def moment(given: Mapping[str, str]) -> dict[str, Any]:
    """Return what the control of the days in the header shows and keeps of a request."""
    days = {name: given.get(name, "") for name in ("as-of", "valid-on")}
    lost = ("offset", "format", *days)
    return {"days": days, "kept": {n: v for n, v in given.items() if n not in lost}}


def _safe_url(url: str) -> str:
    """Return a URL that may stand in ``href``: http and https only, the data is not trusted."""
    return url if urlsplit(url).scheme in ("http", "https") else "#"


def _by_claim(claims: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return claims by their IRI."""
    return {claim["claim"]: claim for claim in claims}


def _workbench(query: str, **values: str) -> str:
    """Return where a canned query with these values stands open in the workbench."""
    return "/workbench?" + urlencode({"query": query, **values})


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
