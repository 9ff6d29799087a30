"""The texts of the interface: ``texts/*.toml``, for templates, for Python and for scripts.

A text is named by file, table and key: ``say("site.skip")``. It is ours, so it may carry HTML;
what is put into its places is not, so it is escaped. A text that depends on a number is a table
with ``one`` and ``other``, chosen by the value of ``n``.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

FOLDER: Final = Path(__file__).parents[1] / "texts"
_FORMS: Final = frozenset({"one", "other"})


def say(name: str, /, **values: Any) -> Markup:
    """Return a text as HTML, with escaped values in its places.

    Raises:
        KeyError: when there is no such text, or a place has no value.
    """
    found = texts()[name]
    if isinstance(found, Mapping):
        found = found["one" if values["n"] == 1 else "other"]
    shown = {n: f"{v:,}" if isinstance(v, int) else v for n, v in values.items()}
    return Markup(found).format(**shown)  # noqa: S704  (our own text; format escapes the values)


def said(name: str) -> bool:
    """Tell whether there is such a text."""
    return name in texts()


def plain(name: str) -> str:
    """Return a text that has no HTML and no places."""
    found = texts()[name]
    assert isinstance(found, str)  # noqa: S101  (whoever asks has no number)
    return found


def for_script(*prefixes: str) -> dict[str, str | Mapping[str, str]]:
    """Return the texts under these names, which a script fills in by itself."""
    wanted = tuple(f"{prefix}." for prefix in prefixes)
    return {name: text for name, text in texts().items() if name.startswith(wanted)}


@cache
def texts() -> Mapping[str, str | Mapping[str, str]]:
    """Return every text by its name."""
    found: dict[str, str | Mapping[str, str]] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        _collect(path.stem, tomllib.loads(path.read_text(encoding="utf-8")), found)
    return found


def _collect(name: str, value: Any, found: dict[str, str | Mapping[str, str]]) -> None:
    if isinstance(value, str) or (isinstance(value, dict) and set(value) == _FORMS):
        found[name] = value
        return
    for part, inner in value.items():
        _collect(f"{name}.{part}", inner, found)
