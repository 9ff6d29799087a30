"""``mineralgraph sentences``: what of an article no claim rests on, and why."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph import settings as configuration
from mineralgraph.cli import articles, options
from mineralgraph.cli.console import put, put_table, say
from mineralgraph.cli.queries import Listing
from mineralgraph.intake import document as documents
from mineralgraph.intake.expand import expand
from mineralgraph.intake.sentences import sentences as split_sentences
from mineralgraph.rdf.namespaces import MG, OA
from mineralgraph.settings import Settings


@dataclass(frozen=True)
class Line:
    """One sentence and whether anything rests on it."""

    article: str
    start: int
    end: int
    state: str
    reason: str
    text: str


def sentences(
    article: Annotated[
        str | None, typer.Argument(help="slug of one article", show_default="all of them")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="also the sentences that a claim rests on")
    ] = False,
    format: Annotated[Listing, typer.Option(help="how to list them")] = Listing.TABLE,
    corpus: options.CorpusFolder = None,
    data: options.Data = None,
) -> None:
    """List the sentences that no claim rests on.

    Each is shown with the reason why it is set aside.

    Exit code 1 when a sentence is left without a reason.
    """
    settings = configuration.load(corpus=corpus, data=data)
    slugs = [article] if article else list(articles.article_files(settings))
    lines = [line for slug in slugs for line in _lines(slug, settings)]
    shown = [line for line in lines if every or line.state != "claimed"]
    if format is Listing.JSON:
        put(json.dumps([asdict(line) for line in shown], indent=2, ensure_ascii=False))
    else:
        rows = [
            (x.article, f"{x.start}-{x.end}", x.state, x.reason, " ".join(x.text.split()))
            for x in shown
        ]
        put_table(("article", "span", "state", "reason", "sentence"), rows)
    left = sum(line.state == "open" for line in lines)
    claimed = sum(line.state == "claimed" for line in lines)
    say(
        f"{len(lines)} sentences: {claimed} with a claim, "
        f"{len(lines) - claimed - left} set aside with a reason, {left} left open"
    )
    if left:
        raise typer.Exit(1)


def _lines(slug: str, settings: Settings) -> Iterator[Line]:
    text = articles.text_of(slug, settings)
    claimed, aside = spans(expand(documents.read_file(articles.article_files(settings)[slug])))
    for sentence in split_sentences(text):
        words = text[sentence.start : sentence.end]
        reasons = [why for start, end, why in aside if sentence.touches([(start, end)])]
        state = "set aside" if reasons else "open"
        if sentence.touches(claimed):
            state, reasons = "claimed", []
        reason = "; ".join(dict.fromkeys(reasons))
        yield Line(slug, sentence.start, sentence.end, state, reason, words)


def spans(quads: list[Quad]) -> tuple[list[tuple[int, int]], list[tuple[int, int, str]]]:
    """Return the spans that claims rest on, and those set aside with their reasons."""
    values = {(q.subject, q.predicate): q.object for q in quads}

    def number(node: object, predicate: NamedNode) -> int:
        value = values.get((node, predicate))  # type: ignore[arg-type]
        return int(value.value) if isinstance(value, Literal) else -1

    def bounds(evidence: object) -> tuple[int, int]:
        selector = values.get((evidence, OA.hasSelector))  # type: ignore[arg-type]
        return number(selector, OA.start), number(selector, OA.end)

    claimed = [bounds(q.object) for q in quads if q.predicate == MG.evidence]
    aside = []
    for quad in quads:
        if quad.predicate == MG.setAside:
            why = values.get((quad.object, MG.reason))  # type: ignore[arg-type]
            aside.append((*bounds(quad.object), why.value if isinstance(why, Literal) else ""))
    return claimed, aside
