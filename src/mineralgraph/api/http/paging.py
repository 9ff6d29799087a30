"""One page of the rows of a query: a window on a stable order, and links to its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from mineralgraph.rdf import sparql

DEFAULT_LIMIT: Final = 1000
MAX_LIMIT: Final = 10_000


@dataclass(frozen=True)
class Window:
    """Which rows: ``limit`` of them after the first ``offset``."""

    limit: int = DEFAULT_LIMIT
    offset: int = 0


def window(text: str, columns: Sequence[str], wanted: Window) -> str:
    """Return a SELECT query narrowed to a window of its rows.

    The query's own LIMIT and OFFSET hold: the window lies within them. All columns are added
    to the order, so that rows that the query's own order leaves equal cannot change places
    between two pages.

    Args:
        text: a SELECT query that ends in ORDER BY, LIMIT and OFFSET clauses (the lint of canned
            queries sees to that).
        columns: the projected variables.
        wanted: the window; its limit may be one more than a page, to see if rows follow.
    """
    tokens = sparql.tokenize(text)
    last_brace = max((i for i, t in enumerate(tokens) if t.text == "}"), default=0)
    cuts, own = [], {"LIMIT": None, "OFFSET": 0}
    for i in range(last_brace, len(tokens) - 1):
        if tokens[i].is_word("LIMIT", "OFFSET") and tokens[i + 1].type == sparql.NUMBER:
            own[tokens[i].text.upper()] = int(tokens[i + 1].text)
            cuts.append((tokens[i].start, tokens[i + 1].end))
    for start, end in reversed(cuts):
        text = text[:start] + text[end:]
    limit, skipped = own["LIMIT"], own["OFFSET"] or 0
    rows = wanted.limit if limit is None else max(0, min(wanted.limit, limit - wanted.offset))
    order = " ".join(f"?{column}" for column in columns)
    return f"{text}\n{order}\nLIMIT {rows}\nOFFSET {skipped + wanted.offset}\n"


def total(shown: Window, rows: int, *, more: bool) -> int | None:
    """Return the number of rows on all pages, or None where the page does not tell.

    The last page tells it. A page behind the end has no rows, and does not. It never depends
    on how busy the service is: one ETag, one content.
    """
    return None if more or (rows == 0 and shown.offset) else shown.offset + rows


def links(
    path: str, parameters: Sequence[tuple[str, str]], shown: Window, version: str, *, more: bool
) -> dict[str, str | None]:
    """Return the links of a page: self, first, prev and next; ``next`` is null at the end.

    They pin the dataset version, so that a walk through pages never mixes two versions, and
    ``permalink`` gives these very rows for as long as that version is kept.
    """
    kept = [(k, v) for k, v in parameters if k not in ("limit", "offset", "version")]

    def at(offset: int) -> str:
        place = [("limit", str(shown.limit)), ("offset", str(offset)), ("version", version)]
        return f"{path}?{urlencode([*kept, *place])}"

    return {
        "self": at(shown.offset),
        "permalink": at(shown.offset),
        "first": at(0),
        "prev": at(max(0, shown.offset - shown.limit)) if shown.offset else None,
        "next": at(shown.offset + shown.limit) if more else None,
    }


def link_header(found: dict[str, str | None]) -> str:
    """Return the links as an RFC 8288 header."""
    rels = {"permalink": "canonical"}
    return ", ".join(f'<{url}>; rel="{rels.get(rel, rel)}"' for rel, url in found.items() if url)
