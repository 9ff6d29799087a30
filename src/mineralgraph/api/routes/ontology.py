"""``/ontology``: the terms that the graph is written in, each with what uses it.

The IRIs of our terms are this document's address and a fragment, so looking one up in a browser
ends at its entry, and a program that asks for Turtle has the ontology.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from fastapi import FastAPI
from pyoxigraph import Triple

from mineralgraph.api import ask, reference, things
from mineralgraph.api.presentation.terms import text
from mineralgraph.api.presentation.vocabulary import Section, Term, Vocabulary
from mineralgraph.api.reference import Part
from mineralgraph.api.service import Service
from mineralgraph.api.things import Json
from mineralgraph.errors import NotFound
from mineralgraph.rdf.namespaces import prefixes

COLUMNS: Final = (
    "term", "name", "kind", "label", "definition", "module", "uses", "claims", "page"
)  # fmt: skip
KINDS: Final = ("class", "property", "code", "datatype", "list")


def register(app: FastAPI, service: Service) -> None:
    """Add the routes."""
    reference.register(app, service, PART)


async def _known(service: Service) -> Vocabulary:
    return await service.vocabulary.at(await service.runner.version())


async def _rows(service: Service) -> list[Json]:
    known = await _known(service)
    return [
        {
            "term": term.iri,
            "name": term.name,
            "kind": term.kind,
            "label": term.label,
            "definition": term.definition,
            "module": term.home,
            "uses": term.uses,
            "claims": term.claims,
            "page": term.page,
        }
        for section in known.sections()
        for term in (*_itself(known, section), *section.terms)
    ]


def _itself(known: Vocabulary, section: Section) -> tuple[Term, ...]:
    return (known.terms[section.iri],) if section.kind == "list" else ()


async def _shown(service: Service, rows: list[Json]) -> Json:
    """Return the sections of the page, with the rows that are shown in each."""
    known = await _known(service)
    by_iri = {row["term"]: row for row in rows}
    found = []
    for section in known.sections():
        shown = [by_iri[term.iri] for term in section.terms if term.iri in by_iri]
        if shown:
            found.append({
                "anchor": section.anchor, "title": section.title, "about": section.about,
                "kind": section.kind, "iri": section.iri, "rows": shown,
                "page": known.named(section.iri)["page"] if section.kind == "list" else None,
            })  # fmt: skip
    return {"sections": found, "prefixes": prefixes()}


async def _triples(service: Service, name: str | None) -> Sequence[Triple]:
    known = await _known(service)
    term = known.find(name) if name is not None else None
    return [t for t in known.statements if term is None or text(t.subject) == term.iri]


async def _elsewhere(service: Service, name: str) -> str | None:
    return (await _known(service)).elsewhere(name)


async def _document(service: Service, name: str) -> Json:
    """Return a term as JSON data: what it means, and what uses it."""
    known = await _known(service)
    term = known.find(name)
    if term is None:
        raise NotFound(
            f"there is no term {name!r} here",
            hint="GET /ontology lists the terms; a name has its prefix, such as mg:Event.",
        )
    scheme = next((other for how, other in term.links if how == "skos:inScheme"), None)
    home = scheme or (term.iri if term.kind == "list" else term.home)
    title, _ = known.home(home)
    links: dict[str, list[Any]] = {}
    for how, other in term.links:
        links.setdefault(how, []).append(known.named(other))
    return {
        **known.named(term.iri),
        "kind": term.kind,
        "definition": term.definition,
        "home": {"iri": home, "label": title, "page": f"/ontology#{known.anchor(home)}"},
        "examples": term.examples,
        "related": [{"how": how, "terms": others} for how, others in links.items()],
        "rules": [
            {"name": r.name, "title": r.title, "message": r.message, "page": f"/shapes/{r.name}"}
            for r in known.rules_with(term.iri)
        ],
        "queries": [
            {"name": q.name, "title": q.title, "page": f"/ask/{q.name}"}
            for q in service.catalog.values()
            if re.search(rf"(?<![\w:-]){re.escape(term.name)}(?![\w-])", q.text)
        ],
        **await _uses(service, term),
        "sparql": _sparql(term),
        "links": things.format_links(term.page),
        "version": await service.runner.version(),
    }


async def _uses(service: Service, term: Term) -> Json:
    labels = await things.labels_now(service)
    statements = await ask.table(service, "statements-with-term", term=term.iri)
    claims = await ask.table(service, "claims-with-term", term=term.iri)
    return {
        "uses": term.uses,
        "statements": [
            {name: things.value(row[name], labels) for name in ("thing", "property", "value")}
            for row in statements
        ],
        "claims": term.claims,
        "some_claims": things.claims(claims, labels),
    }


def _sparql(term: Term) -> str:
    """Return a query for everything that uses a term, to be changed in the workbench."""
    if term.kind == "property":
        pattern = f"?thing {term.name} ?value"
    elif term.kind == "class":
        pattern = f"?thing a {term.name}"
    else:
        pattern = f"?thing ?property {term.name}"
    return f"SELECT * WHERE {{\n  GRAPH ?graph {{ {pattern} }}\n}}\nLIMIT 100\n"


PART: Final = Part(
    path="/ontology",
    entry="term",
    summaries=(
        "The terms of the graph, with how often each is used; in RDF the ontology itself",
        "One term: its meaning, the rules and questions that name it, examples of its use",
    ),
    columns=COLUMNS,
    choice=("kind", KINDS),
    examples=("date", "mg:Event"),
    rows=_rows,
    about=lambda: {"prefixes": prefixes()},
    shown=_shown,
    document=_document,
    triples=_triples,
    elsewhere=_elsewhere,
)
