"""One RDF document: parsed whole or refused, with a way back from a node to its line."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, parse

from mineralgraph.errors import RdfSyntaxError, TooLarge, UnsupportedMediaType
from mineralgraph.intake.limits import UNLIMITED, Limits, check_size, check_text, position
from mineralgraph.rdf import formats, nanopubs

_DECLARED = re.compile(
    r"^[ \t]*@?prefix[ \t]+([\w.-]*):[ \t]*<([^>]*)>", re.IGNORECASE | re.MULTILINE
)
_REMOTE = re.compile(r'"@(context|import)"\s*:\s*(\[[^\]]*)?"')
_QUOTED = re.compile(r"'([^']+)'")
_MENTION = re.compile(
    r"<(?P<iri>[^<>\"\s]+)>"
    r"|(?<![\w:])(?P<name>[\w.-]*:[\w.:%\\-]+)"
    r"|\"(?P<quoted>[a-z][a-z0-9+.-]*:[^\"\s]+)\""
)


@dataclass
class Document:
    """A parsed document: its quads, and its text for finding lines.

    Attributes:
        name: what to call it in messages (a path, or ``request``).
        text: the source text, decoded.
        quads: the quads as parsed; blank nodes are still there.
    """

    name: str
    text: str
    quads: list[Quad]
    _lines: dict[str, int] | None = field(default=None, repr=False)

    def line_of(self, *nodes: NamedNode | BlankNode) -> int | None:
        """Return the first line where one of the nodes stands, at best as a subject.

        The nodes are tried in order. Works for the syntaxes that write subjects first
        (Turtle, TriG, N-Triples, N-Quads); ``None`` where nothing is found.
        """
        for node in nodes:
            if isinstance(node, NamedNode):
                line = self._line_of_iri(node.value)
                if line is not None:
                    return line
        return None

    def _line_of_iri(self, iri: str) -> int | None:
        if self._lines is None:
            self._lines = _index(self.text)
        return self._lines.get(iri)


def _index(text: str) -> dict[str, int]:
    """Return IRI → the line where it begins a line, else where it first stands.

    One pass over the text, so that a document with ten thousand findings stays quick.
    """
    declared = dict(_DECLARED.findall(text))
    first: dict[str, int] = {}
    leading: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        for mention in _MENTION.finditer(line):
            iri = mention["iri"] or mention["quoted"]
            if iri is None:
                prefix, _, local = mention["name"].partition(":")
                if prefix not in declared:
                    continue
                iri = declared[prefix] + local.rstrip(".").replace("\\", "")
            first.setdefault(iri, number)
            if not line[: mention.start()].strip():
                leading.setdefault(iri, number)
    return first | leading


def read(
    data: bytes, format_name: str, name: str = "request", limits: Limits = UNLIMITED
) -> Document:
    """Parse RDF bytes; a nanopublication counts for the claim that it holds.

    Nothing is ever fetched: the parser refuses remote JSON-LD contexts, and ``limits`` XML
    entities.

    Args:
        data: the document, UTF-8.
        format_name: a format name, media type or suffix of ``rdf.formats``.
        name: what to call the document in messages.
        limits: what it may be at most.

    Raises:
        TooLarge: when it is over a limit.
        UnsupportedMediaType: when the format is not one that we read.
        RdfSyntaxError: when the document does not parse; carries line and column if known.
        InputError: when a nanopublication's name does not verify, or it holds no claim of ours.
    """
    chosen = formats.graph_format(format_name)
    if chosen is None:
        known = ", ".join(f.media_type for f in formats.GRAPH_FORMATS)
        raise UnsupportedMediaType(
            f"{format_name!r} is not an RDF syntax that is read here", hint=f"Use one of: {known}."
        )
    check_size(data, limits, name)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RdfSyntaxError(
            f"{name} is not UTF-8 (line {line})", hint="Save it as UTF-8.", line=line, column=None
        ) from error
    check_text(text, chosen, name)
    try:
        quads = nanopubs.unwrapped(_taken(parse(text, format=chosen.engine), limits, name))
    except (SyntaxError, ValueError) as error:
        raise _syntax_error(error, text, name) from error
    return Document(name, text, quads)


def _taken(quads: Iterable[Quad], limits: Limits, name: str) -> list[Quad]:
    """Return the quads, or refuse a document with too many or with a huge term."""
    taken: list[Quad] = []
    nodes: set[BlankNode] = set()
    for quad in quads:
        taken.append(quad)
        if limits.triples is not None and len(taken) > limits.triples:
            raise TooLarge(f"{name} has more than {limits.triples} triples", limit=limits.triples)
        for term in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(term, BlankNode):
                nodes.add(term)
            else:
                _check_term(term, limits, name)
        if limits.nodes is not None and len(nodes) > limits.nodes:
            raise TooLarge(
                f"{name} has more than {limits.nodes} blank nodes",
                hint="Give the things IRIs, and send the document in parts.",
                limit=limits.nodes,
            )
    return taken


def _check_term(term: object, limits: Limits, name: str) -> None:
    for kind, limit in ((Literal, limits.literal), (NamedNode, limits.iri)):
        if isinstance(term, kind) and limit is not None and len(term.value) > limit:
            what = "a literal" if kind is Literal else "an IRI"
            raise TooLarge(
                f"{name}: {what} has {len(term.value)} characters, and at most {limit} are read",
                hint="The graph holds no texts: cite positions and digests instead.",
                limit=limit,
            )


def _syntax_error(error: SyntaxError | ValueError, text: str, name: str) -> RdfSyntaxError:
    """Return our error for a parser's, with line and column where they can be told."""
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    hint = None
    line = error.lineno if isinstance(error, SyntaxError) else None
    column = error.offset if isinstance(error, SyntaxError) else None
    if "LoadDocumentCallback" in message:
        message = "a remote JSON-LD context is named, and none is ever fetched"
        hint = 'Write the context itself into the document, as an object under "@context".'
        found = _REMOTE.search(text)
        line, column = position(text, found.start()) if found else (None, None)
    elif line is None:
        quoted = _QUOTED.search(message)
        offset = text.find(quoted[1]) if quoted else -1
        line, column = position(text, offset) if offset >= 0 else (None, None)
    return RdfSyntaxError(f"{name}: {message}", hint=hint, line=line, column=column, document=name)


def read_file(path: Path, name: str | None = None) -> Document:
    """Parse a file; its suffix tells the syntax.

    Raises:
        UnsupportedMediaType: when the suffix is not known.
        RdfSyntaxError: when it does not parse.
    """
    chosen = formats.of_path(path)
    if chosen is None:
        known = ", ".join("." + s for f in formats.GRAPH_FORMATS for s in f.suffixes)
        raise UnsupportedMediaType(
            f"{path.name}: the suffix names no RDF syntax", hint=f"Use one of: {known}."
        )
    return read(path.read_bytes(), chosen.name, name or str(path))
