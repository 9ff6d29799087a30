"""``/shapes``: the rules of the gate, each with what it looks at, asks for, and examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from fastapi import FastAPI
from pyoxigraph import Triple

from mineralgraph.api import reference, things
from mineralgraph.api.presentation.vocabulary import Vocabulary
from mineralgraph.api.reference import Part
from mineralgraph.api.service import Service
from mineralgraph.api.things import Json
from mineralgraph.errors import NotFound
from mineralgraph.gate import rules
from mineralgraph.gate.rules import Rule, Words

COLUMNS: Final = ("shape", "name", "title", "severity", "file", "message", "mend", "page")
SEVERITIES: Final = ("violation", "warning")


def register(app: FastAPI, service: Service) -> None:
    """Add the routes."""
    reference.register(app, service, PART)


async def _rows(_: Service) -> list[Json]:
    return [_row(rule) for rule in rules.rules().values() if rule.message]


def _row(rule: Rule) -> Json:
    return {
        "shape": rule.iri,
        "name": rule.name,
        "title": rule.title,
        "severity": rule.severity,
        "file": rule.file,
        "message": rule.message,
        "mend": rule.mend,
        "page": f"/shapes/{rule.name}",
    }


async def _shown(_: Service, rows: list[Json]) -> Json:
    """Return the rows of the page by the file that they stand in."""
    found: dict[str, list[Json]] = {}
    for row in rows:
        found.setdefault(row["file"], []).append(row)
    return {"files": found}


async def _triples(_: Service, name: str | None) -> Sequence[Triple]:
    return rules.statements() if name is None else rules.described(name)


async def _document(service: Service, name: str) -> Json:
    """Return a rule as JSON data."""
    rule = rules.rules().get(name)
    if rule is None:
        raise NotFound(f"there is no shape {name!r}", hint="GET /shapes lists the rules by name.")
    version = await service.runner.version()
    known = await service.vocabulary.at(version)
    return {
        **_row(rule),
        "looks_at": [_sentence(known, words) for words in rule.targets],
        "asks": [_sentence(known, words) for words in rule.asks],
        "query": rule.query or None,
        "terms": [known.named(iri) for iri in sorted(rule.terms)],
        "examples": [
            {"about": e.about, "fails": e.fails, "passes": e.passes}
            for e in rules.examples(rule.name)
        ],
        "links": things.format_links(f"/shapes/{rule.name}"),
        "version": version,
    }


def _sentence(known: Vocabulary, words: Words) -> Json:
    """Return a sentence as text and as its pieces, with a page for each term."""
    pieces = [
        {"text": piece} if isinstance(piece, str) else known.named(piece.value) for piece in words
    ]
    return {"text": rules.plain(words), "pieces": pieces}


PART: Final = Part(
    path="/shapes",
    entry="shape",
    summaries=(
        "The rules that a claim must satisfy, and how to mend what breaks them; in RDF as SHACL",
        "One rule: what it looks at, what it asks for, and invented examples",
    ),
    columns=COLUMNS,
    choice=("severity", SEVERITIES),
    examples=("gist", "claim-gist"),
    rows=_rows,
    about=dict,
    shown=_shown,
    document=_document,
    triples=_triples,
)
