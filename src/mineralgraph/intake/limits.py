"""What a document may be at most, declared once. Over a limit is a clear 413, never a stall.

The service takes documents from strangers, so it holds all of these. A curator's own files may
be of any size; nesting is limited for them too, because Oxigraph's JSON-LD reader uses the
process's stack for it and a deep document ends the process.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

from mineralgraph.errors import RdfSyntaxError, TooLarge
from mineralgraph.rdf.formats import JSONLD, RDFXML, GraphFormat

DEPTH: Final = 100
"""Deepest nesting of JSON-LD and RDF/XML; the dataset's own form needs 6. At some thousands
JSON-LD ends the process, and the time for RDF/XML grows with the square."""


@dataclass(frozen=True)
class Limits:
    """Upper bounds for one document; ``None`` means none.

    Attributes:
        body: bytes of the document.
        triples: triples (or quads) in it.
        literal: characters of one literal.
        iri: characters of one IRI.
        nodes: blank nodes.
    """

    body: int | None = None
    triples: int | None = None
    literal: int | None = None
    iri: int | None = None
    nodes: int | None = None


UNLIMITED: Final = Limits()
SERVICE: Final = Limits(
    body=8 * 1024 * 1024, triples=50_000, literal=64 * 1024, iri=2_048, nodes=10_000
)
"""For documents that come over the network. An article of 40 claims has 1,200 triples."""

SECONDS: Final = 30.0
"""How long one validation may take; then it is stopped (422)."""
MEMORY: Final = 1024 * 1024 * 1024
"""How many bytes one validation may use beyond what its process starts with (413)."""

_ENTITY = re.compile(r"<!ENTITY", re.IGNORECASE)
_EXTERNAL = re.compile(r"<!DOCTYPE\s+[^\[>]*\b(SYSTEM|PUBLIC)\b", re.IGNORECASE)
_JSON_MARKS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)


def check_size(data: bytes, limits: Limits, name: str) -> None:
    """Refuse a document with too many bytes.

    Raises:
        TooLarge: when it has.
    """
    if limits.body is not None and len(data) > limits.body:
        raise TooLarge(
            f"{name} has {len(data)} bytes, and at most {limits.body} are read", limit=limits.body
        )


def check_text(text: str, form: GraphFormat, name: str) -> None:
    """Refuse what must not even reach the parser.

    Raises:
        RdfSyntaxError: for XML entities and external DTDs, which RDF/XML here does without, and
            for XML that is not well-formed.
        TooLarge: for JSON-LD that is nested too deep.
    """
    if form is RDFXML:
        for pattern, what in ((_ENTITY, "entity"), (_EXTERNAL, "external DTD")):
            found = pattern.search(text)
            if found:
                line, column = position(text, found.start())
                raise RdfSyntaxError(
                    f"{name}: an XML {what} is declared, and none is expanded here",
                    hint="Write IRIs in full, or declare namespaces with xmlns.",
                    line=line,
                    column=column,
                    document=name,
                )
        _check_well_formed(text, name)
    if form is JSONLD:
        _check_depth(text, name)


def _check_well_formed(text: str, name: str) -> None:
    """Refuse XML that is not well-formed, a document that breaks off among it.

    Oxigraph's reader names no position, and takes what stands before the break for the whole.
    """
    depth = 0

    def opened(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > DEPTH:
            raise _too_deep("RDF/XML", name, parser.CurrentLineNumber, parser.CurrentColumnNumber)

    def closed(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate("utf-8", " ")  # whatever the declaration says: it is decoded
    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise RdfSyntaxError(
            f"{name}: {expat.ErrorString(error.code)}",
            line=error.lineno,
            column=error.offset + 1,
            document=name,
        ) from error


def _check_depth(text: str, name: str) -> None:
    depth = 0
    for mark in _JSON_MARKS.finditer(text):
        first = text[mark.start()]
        if first in "[{":
            depth += 1
        elif first in "]}":
            depth -= 1
        if depth > DEPTH:
            raise _too_deep("JSON-LD", name, *position(text, mark.start()))


def _too_deep(syntax: str, name: str, line: int, column: int) -> TooLarge:
    return TooLarge(
        f"{name}: {syntax} is nested deeper than {DEPTH} levels (line {line})",
        hint="Write the nodes side by side and let them point at each other by IRI.",
        limit=DEPTH,
        line=line,
        column=column,
    )


def position(text: str, offset: int) -> tuple[int, int]:
    """Return line and column, both from 1, of an offset in a text."""
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1
