"""One RDF document: parsed whole or refused, with a way back from a node to its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, Quad, parse

from mineralgraph.errors import RdfSyntaxError, UnsupportedMediaType
from mineralgraph.rdf import formats, namespaces

_DECLARED = re.compile(
    r"^[ \t]*@?prefix[ \t]+([\w.-]*):[ \t]*<([^>]*)>", re.IGNORECASE | re.MULTILINE
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
    _prefixes: dict[str, str] = field(default_factory=dict)

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
        if not self._prefixes:
            self._prefixes = dict(_DECLARED.findall(self.text)) or {"": "\0"}
        forms = [re.escape(f"<{iri}>")]
        for prefix, space in self._prefixes.items():
            if iri.startswith(space) and iri != space:
                forms.append(re.escape(f"{prefix}:{iri[len(space) :]}") + r"(?![\w-])")
        name = "(?:" + "|".join(forms) + ")"
        found = re.search(rf"^[ \t]*{name}", self.text, re.MULTILINE) or re.search(name, self.text)
        return self.text.count("\n", 0, found.start()) + 1 if found else None


def read(data: bytes, format_name: str, name: str = "request") -> Document:
    """Parse RDF bytes.

    Nothing is ever fetched: JSON-LD remote contexts and XML entities are refused by the parser.

    Args:
        data: the document, UTF-8.
        format_name: a format name, media type or suffix of ``rdf.formats``.
        name: what to call the document in messages.

    Raises:
        UnsupportedMediaType: when the format is not one that we read.
        RdfSyntaxError: when the document does not parse; carries line and column if known.
    """
    chosen = formats.graph_format(format_name)
    if chosen is None:
        known = ", ".join(f.media_type for f in formats.GRAPH_FORMATS)
        raise UnsupportedMediaType(
            f"{format_name!r} is not an RDF syntax that is read here", hint=f"Use one of: {known}."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise RdfSyntaxError(
            f"{name} is not UTF-8 (line {line})", hint="Save it as UTF-8.", line=line, column=None
        ) from error
    try:
        quads = list(parse(text, format=chosen.engine))
    except SyntaxError as error:
        raise RdfSyntaxError(
            f"{name}: {error.msg}", line=error.lineno, column=error.offset, document=name
        ) from error
    except ValueError as error:
        raise RdfSyntaxError(f"{name}: {error}", line=None, column=None, document=name) from error
    return Document(name, text, quads)


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


def predeclared(text: str) -> str:
    """Put our prefix table before Turtle or TriG that declares none (pasted snippets)."""
    return namespaces.sparql_prologue() + text
