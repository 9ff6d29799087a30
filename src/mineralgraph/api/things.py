"""What pages and JSON documents say of things: labels, statements, and claims with sources."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from mineralgraph.api.ask import Row
from mineralgraph.api.http import negotiation
from mineralgraph.api.http.negotiation import Offer
from mineralgraph.api.presentation.labels import Labels
from mineralgraph.api.presentation.terms import Cell, page_of, plain, text
from mineralgraph.api.service import Service
from mineralgraph.errors import NotFound
from mineralgraph.rdf import formats
from mineralgraph.rdf.formats import GraphFormat
from mineralgraph.rdf.identifiers import mint, split

Json = dict[str, Any]

HTML: Final = "text/html"
THING_OFFERS: Final[tuple[Offer[GraphFormat | str], ...]] = (
    Offer("json", "application/json", "json"),
    Offer("html", HTML, HTML, ("application/xhtml+xml",), ("htm",)),
    *(
        Offer(o.name, o.media_type, o.what, o.aliases, o.names)
        for o in negotiation.graph_offers(
            (
                formats.JSONLD, formats.TURTLE, formats.TRIG, formats.NTRIPLES, formats.RDFXML,
                formats.NQUADS,
            )
        )
    ),
)  # fmt: skip
LIST_OFFERS: Final = (
    Offer("json", "application/json", "json"),
    Offer("html", HTML, HTML, ("application/xhtml+xml",)),
)


def thing_iri(kind: str, slug: str) -> str:
    """Return the IRI behind a path.

    Raises:
        NotFound: when the path cannot be one of our IRIs.
    """
    try:
        iri = mint(kind, slug).value
    except ValueError:
        iri = ""
    if split(iri) != (kind, slug):
        raise NotFound(f"there is nothing at {kind}/{slug}")
    return iri


def named(iri: str, labels: Labels) -> Json:
    """Return an IRI with what it is called and where its page is.

    A label that is not English carries its language.
    """
    found = {"iri": iri, "label": labels.label(iri), "page": page_of(iri)}
    language = labels.language(iri)
    return found if language in ("", "en") else {**found, "language": language}


def value(cell: Cell, labels: Labels) -> Json:
    """Return one value of a property."""
    if isinstance(cell, NamedNode):
        return named(cell.value, labels)
    if isinstance(cell, Literal):
        found: Json = {"value": plain(cell), "datatype": cell.datatype.value}
        if cell.language:
            found["language"] = cell.language
        return found
    return {"value": text(cell)}


def statements(rows: Iterable[Row], labels: Labels) -> list[Json]:
    """Group (property, value) rows by property."""
    grouped: dict[str, list[Json]] = {}
    for row in rows:
        grouped.setdefault(text(row["property"]), []).append(value(row["value"], labels))
    return [{"property": named(iri, labels), "values": found} for iri, found in grouped.items()]


def claims(rows: Iterable[Row], labels: Labels) -> list[Json]:
    """Return claims with their sources, each once.

    A claim whose description gives several values (a gist in two languages) has several rows;
    the English gist, or the first, is taken.
    """
    found: dict[str, Json] = {}
    for row in rows:
        iri = text(row["claim"])
        gist = row["gist"]
        english = isinstance(gist, Literal) and gist.language == "en"
        if iri in found:
            if english:
                found[iri]["gist"] = text(gist)
            continue
        found[iri] = {
            "claim": iri,
            "page": page_of(iri),
            "gist": text(gist),
            "modality": named(text(row["modality"]), labels),
            "review": named(text(row["review"]), labels),
            "current": plain(row["current"]) is True,
            "article": _article(row, labels),
            "speaker": named(text(row["speaker"]), labels) if row["speaker"] else None,
            "inferred": text(row["inferred"]) or None,
        }
    return list(found.values())


def _article(row: Row, labels: Labels) -> Json:
    return {
        **named(text(row["article"]), labels),
        "url": text(row["url"]) or None,
        "publisher": named(text(row["publisher"]), labels) if row["publisher"] else None,
        "published": text(row["published"]) or None,
    }


def by_standing(found: Sequence[Json]) -> tuple[list[Json], list[Json]]:
    """Part claims into facts (current ones) and the rest, grouped by what keeps them apart.

    A plan or an opinion is named as such; a claim that is not accepted says its review state.
    """
    facts = [claim for claim in found if claim["current"]]
    groups: dict[str, list[Json]] = {}
    for claim in found:
        if not claim["current"]:
            accepted = claim["review"]["iri"].endswith("/accepted")
            reason = claim["modality"] if accepted else claim["review"]
            groups.setdefault(str(reason["label"]), []).append(claim)
    return facts, [{"standing": name, "claims": group} for name, group in groups.items()]


def claim_row(claim: Json) -> Json:
    """Return a claim as one flat row of a list."""
    article = claim["article"]
    return {
        "claim": claim["claim"],
        "gist": claim["gist"],
        "modality": claim["modality"]["iri"],
        "review": claim["review"]["iri"],
        "current": claim["current"],
        "article": article["iri"],
        "published": article["published"],
        "speaker": claim["speaker"]["iri"] if claim["speaker"] else None,
        "page": claim["page"],
    }


def format_links(path: str) -> Json:
    """Return where the other forms of a page are."""
    names = {"html": "html", "jsonld": "jsonld", "turtle": "ttl", "trig": "trig", "json": "json"}
    return {name: f"{path}.{suffix}" for name, suffix in names.items()}


async def labels_now(service: Service) -> Labels:
    """Return the labels of the version that is served now."""
    return await service.labels.at(await service.runner.version())
