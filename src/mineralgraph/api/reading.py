"""An article to read: its text with every cited span marked, its claims in order of position.

Without the text at hand there are the claims by position only. A span whose digest does not fit the
text is never marked.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

from mineralgraph.api import quotes
from mineralgraph.api.ask import Table
from mineralgraph.api.presentation.terms import text
from mineralgraph.api.things import Json
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.sentences import Sentence, sentences


def of(corpus: Corpus, spans: Table, claims: Sequence[Json], language: str) -> Json:
    """Return the reading view of one article.

    Args:
        corpus: the texts that are at hand.
        spans: rows of ``evidence-of-article``.
        claims: the article's claims.
        language: the language of the text, which tells where sentences end.
    """
    by_iri = {claim["claim"]: claim for claim in claims}
    order: dict[str, Json] = {}
    marked: list[Json] = []
    for row in spans:
        span = quotes.of(corpus, row)
        claim = by_iri.get(text(row["claim"]))
        if claim is None and not row["reason"]:
            continue
        number = None
        if claim is not None:
            entry = order.setdefault(
                claim["claim"], {"number": len(order) + 1, "claim": claim, "spans": []}
            )
            span["opens"] = not entry["spans"]
            entry["spans"].append(span)
            number = entry["number"]
        marked.append(
            {"opens": False, **span, "number": number, "reason": text(row["reason"]) or None}
        )
    for claim in claims:  # those that name no place come last
        order.setdefault(claim["claim"], {"number": len(order) + 1, "claim": claim, "spans": []})
    words = next((corpus.text(text(row["text_digest"])) for row in spans), None)
    return {
        "at_hand": words is not None,
        "claims": list(order.values()),
        "paragraphs": _paragraphs(words, marked, language) if words is not None else [],
        "uncovered": _uncovered(words, marked, language) if words is not None else None,
    }


def _right(marked: Iterable[Json]) -> list[Json]:
    return [span for span in marked if span["checked"] == "right"]


def _bare(words: str, marked: Iterable[Json], language: str) -> list[Sentence]:
    """Return the sentences that no checked span touches."""
    spans = [(span["start"], span["end"]) for span in _right(marked)]
    return [s for s in sentences(words, language or "en") if not s.touches(spans)]


def _uncovered(words: str, marked: Iterable[Json], language: str) -> int:
    return len(_bare(words, marked, language))


def _paragraphs(words: str, marked: Sequence[Json], language: str) -> list[list[Json]]:
    """Cut the text where a span or an uncovered sentence begins or ends, line by line."""
    spans = _right(marked)
    bare = _bare(words, marked, language)
    cuts = {0, len(words)}
    for span in spans:
        cuts |= {span["start"], span["end"]}
    for sentence in bare:
        cuts |= {sentence.start, sentence.end}
    for at, letter in enumerate(words):
        if letter == "\n":
            cuts |= {at, at + 1}
    places = sorted(cuts)
    paragraphs: list[list[Json]] = [[]]
    for start, end in itertools.pairwise(places):
        if words[start:end] == "\n":
            paragraphs.append([])
        else:
            paragraphs[-1].append(_piece(words, start, end, spans, bare))
    return [pieces for pieces in paragraphs if any(p["text"].strip() for p in pieces)]


def _piece(
    words: str, start: int, end: int, spans: Sequence[Json], bare: Sequence[Sentence]
) -> dict[str, Any]:
    over = [span for span in spans if span["start"] <= start and span["end"] >= end]
    return {
        "text": words[start:end],
        "claims": sorted({span["number"] for span in over if span["number"]}),
        "begins": sorted(
            {span["number"] for span in over if span["opens"] and span["start"] == start}
        ),
        "ends": sorted({span["number"] for span in over if span["number"] and span["end"] == end}),
        "aside": next((span["reason"] for span in over if span["reason"]), None),
        "uncovered": any(s.start <= start and s.end >= end for s in bare),
    }
