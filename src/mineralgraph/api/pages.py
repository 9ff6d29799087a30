"""HTML: templates with everything escaped, under a policy that lets nothing in from outside."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mineralgraph.api.terms import fallback_label, page_of

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {"Content-Security-Policy": CONTENT_SECURITY_POLICY}
_HERE: Final = Path(__file__).parent


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
            page=page_of, readable=fallback_label, safe_url=_safe_url, number="{:,}".format
        )

    def render(self, template: str, **values: Any) -> bytes:
        """Return a page as UTF-8."""
        return self._environment.get_template(template).render(**values).encode()


def _safe_url(url: str) -> str:
    """Return a URL that may stand in ``href``: http and https only, the data is not trusted."""
    return url if urlsplit(url).scheme in ("http", "https") else "#"


def static_files() -> Mapping[str, tuple[bytes, str]]:
    """Return the static files by name, with their media types."""
    types = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
    folder = _HERE / "static"
    return {
        p.name: (p.read_bytes(), types[p.suffix])
        for p in sorted(folder.iterdir())
        if p.suffix in types
    }
