"""Trusty URIs of RDF (module RA): an IRI that carries a digest of the quads that it names.

The digest is over the quads in a fixed order and spelling, in which the code itself is left
out: in every IRI it is replaced by a blank. So anyone can compute it again from the document
alone and see whether a single character has changed. (Kuhn and Dumontier, "Trusty URIs", 2014.)
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad

from mineralgraph.errors import InputError

MODULE: Final = "RA"
PLACE: Final = " "
"""Stands for the code in an IRI while the code is not known."""
LENGTH: Final = 45


def code(quads: Iterable[Quad], known: str | None = None) -> str:
    """Return the code of some quads.

    Args:
        quads: without blank nodes; all in named graphs.
        known: the code that is in them already; None where ``PLACE`` stands for it.

    Raises:
        InputError: for a blank node, which has no name that could be digested.
    """
    rows = sorted({_row(quad, known) for quad in quads})
    text = "".join(f"{g}\n{s}\n{p}\n{_spelled(o)}\n" for g, s, p, o in rows)
    digest = hashlib.sha256(text.encode()).digest()
    return MODULE + base64.urlsafe_b64encode(digest).decode().rstrip("=")


def code_of(iri: str) -> str | None:
    """Return the code that an IRI ends in, if it is a trusty one."""
    tail = iri[-LENGTH:]
    plain = tail.replace("-", "").replace("_", "")
    good = len(tail) == LENGTH and tail.startswith(MODULE) and plain.isascii() and plain.isalnum()
    return tail if good else None


_Object = tuple[int, str, str, str]
"""An IRI, or a literal with its lexical form, datatype and language; IRIs come first."""
_Row = tuple[str, str, str, _Object]


def _row(quad: Quad, known: str | None) -> _Row:
    return (
        _iri(quad.graph_name, known),
        _iri(quad.subject, known),
        _iri(quad.predicate, known),
        _object(quad.object, known),
    )


def _iri(term: object, known: str | None) -> str:
    if not isinstance(term, NamedNode):
        kind = "a blank node" if isinstance(term, BlankNode) else "this term"
        raise InputError(f"{kind} has no place in a document with a trusty URI")
    return term.value.replace(known, PLACE) if known else term.value


def _object(term: object, known: str | None) -> _Object:
    if not isinstance(term, Literal):
        return (0, _iri(term, known), "", "")
    if term.language:
        return (1, term.value, "", term.language.lower())
    return (1, term.value, term.datatype.value, "")


def _spelled(found: _Object) -> str:
    literal, text, datatype, language = found
    if not literal:
        return text
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n")
    return f"@{language} {escaped}" if language else f"^{datatype} {escaped}"
