"""RDF terms as plain JSON values, and as what a page shows."""

from __future__ import annotations

import re

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from mineralgraph.api.presentation import wording
from mineralgraph.gate.rules import SHAPES
from mineralgraph.rdf.identifiers import split
from mineralgraph.rdf.namespaces import GRAPH_BASE, MG, curie
from mineralgraph.rdf.values import Plain, plain_literal

Cell = NamedNode | BlankNode | Literal | Triple | None


def plain(cell: Cell) -> Plain:
    """Return a term as a JSON value; an unbound variable is null."""
    if cell is None:
        return None
    if isinstance(cell, Literal):
        return plain_literal(cell.value, cell.datatype.value)
    return text(cell)


def text(cell: Cell) -> str:
    """Return the text of a term; the empty string for an unbound variable."""
    if isinstance(cell, NamedNode | Literal):
        return cell.value
    return "" if cell is None else str(cell)


def page_of(iri: str) -> str | None:
    """Return the path of the page about one of our IRIs, None for others."""
    if iri.startswith(MG.base):
        return f"/ontology/{curie(iri)}"
    if iri.startswith(SHAPES):
        return f"/shapes/{iri.removeprefix(SHAPES)}"
    parts = split(iri)
    if parts is None:
        return None
    kind, slug = parts
    if kind in ("article", "claim"):
        return f"/{kind}s/{slug}"
    if kind == "graph":
        return f"/data?graph={GRAPH_BASE}{slug}"
    return f"/entities/{kind}/{slug}"


def fallback_label(iri: str) -> str:
    """Return something readable for an IRI that has no label."""
    parts = split(iri)
    if parts is not None:
        kind, slug = parts
        if kind in ("date", "interval"):
            return day_label(_edtf(slug))
        return slug.replace("--", " – ").replace("-", " ")
    return curie(iri).strip("<>")


def day_label(edtf: str) -> str:
    """Return a day, a set of days or a span in EDTF as words; other forms as they are."""
    one = re.fullmatch(r"\[(.+?)(?:\.\.|,)(.+)\]", edtf)
    if one:
        return wording.plain("days.one-of").format(first=one[1], last=one[2])
    first, slash, last = edtf.partition("/")
    if not slash:
        return edtf
    if last == "..":
        return wording.plain("days.since").format(first=first)
    if first == "..":
        return wording.plain("days.until").format(last=last)
    return wording.plain("days.span").format(first=first, last=last)


def _edtf(slug: str) -> str:
    """Return the EDTF behind the slug of a date (see ``rdf.edtf``) or an interval."""
    one = re.fullmatch(r"one-of-(.+?)(?:to|\+)(.+)", slug)
    if one:
        return f"[{one[1]}..{one[2]}]"
    span = re.fullmatch(r"(.+?)(?:_|--)(.+)", slug)
    if span is None:
        return slug
    first, last = (".." if side in ("to", "open") else side for side in span.groups())
    return f"{first}/{last}"
