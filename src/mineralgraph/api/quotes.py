"""Quotes: the words behind a claim with some of their context, where the article text is at hand.

A span is shown only when its digest is right, so that a page never highlights other words than
the ones that were cited; otherwise the page says why there is no quote.
"""

from __future__ import annotations

from typing import Final

from mineralgraph.api.ask import Row, Table
from mineralgraph.api.presentation.terms import plain, text
from mineralgraph.api.things import Json
from mineralgraph.intake.corpus import Corpus, span

CONTEXT: Final = 160
"""Characters shown on either side of a quote."""


def of(corpus: Corpus, row: Row) -> Json:
    """Return one span: positions, digest, whether it was checked, and the quote in context."""
    start, end, digest = plain(row["start"]), plain(row["end"]), text(row["digest"])
    found: Json = {"start": start, "end": end, "digest": digest, "quote": None}
    words = corpus.text(text(row["text_digest"]))
    if words is None or not isinstance(start, int) or not isinstance(end, int):
        return {**found, "checked": "not checked"}
    if span(words, start, end).digest != digest:
        return {**found, "checked": "wrong"}
    return {
        **found,
        "checked": "right",
        "quote": words[start:end],
        "before": _last_words(words[max(0, start - CONTEXT) : start], start > CONTEXT),
        "after": _first_words(words[end : end + CONTEXT], end + CONTEXT < len(words)),
    }


def by_claim(corpus: Corpus, table: Table) -> dict[str, list[Json]]:
    """Return the spans of many claims, by the claim's IRI."""
    found: dict[str, list[Json]] = {}
    for row in table:
        found.setdefault(text(row["claim"]), []).append(of(corpus, row))
    return found


def _last_words(words: str, cut: bool) -> str:
    return "… " + words.partition(" ")[2] if cut else words


def _first_words(words: str, cut: bool) -> str:
    return words.rpartition(" ")[0] + " …" if cut else words
