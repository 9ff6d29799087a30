"""From a parameter's text to an RDF term.

A value never becomes SPARQL by string formatting: it becomes a term of the RDF library, which
validates it, and the term's own rendering is what stands in the query.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from mineralgraph.errors import BadParameter
from mineralgraph.rdf.namespaces import ID_BASE, XSD, prefixes

_DECLARATION: Final = re.compile(r"(?P<name>[a-z]+)(?:\((?P<kinds>[a-z, -]+)\))?")
_SLUG: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]*")
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:.+", re.DOTALL)
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
_MAX_LENGTH: Final = 2000

Term = NamedNode | Literal


@dataclass(frozen=True, slots=True)
class ParameterType:
    """A type that a header may declare, such as ``date`` or ``iri(person, organization)``.

    Attributes:
        name: ``iri``, ``concept``, ``string``, ``integer``, ``date``, ``boolean``, ``language``.
        kinds: for ``iri`` and ``concept`` the path segments under ``/id/`` that are allowed;
            empty means any IRI.
    """

    name: str
    kinds: tuple[str, ...] = ()

    @classmethod
    def declared(cls, text: str) -> ParameterType:
        """Read a declaration.

        Raises:
            ValueError: when there is no such type, or no such kind in the prefix table.
        """
        match = _DECLARATION.fullmatch(text.strip())
        if match is None or match["name"] not in _READERS:
            raise ValueError(f"no parameter type {text!r}; there are {', '.join(_READERS)}")
        name = match["name"]
        kinds = tuple(k.strip() for k in (match["kinds"] or "").split(",") if k.strip())
        if kinds and name not in {"iri", "concept"}:
            raise ValueError(f"the type {name} takes nothing in brackets")
        if name == "concept" and len(kinds) != 1:
            raise ValueError("the type concept needs one code list, such as concept(modality)")
        unknown = [k for k in kinds if k not in known_kinds()]
        if unknown:
            raise ValueError(f"no prefix of ontology/prefixes.ttl is for the kind {unknown[0]!r}")
        return cls(name, kinds)

    def read(self, text: str) -> Term:
        """Turn a value as typed into a term.

        Raises:
            ValueError: when the value is not of this type; the message says what is accepted.
        """
        if len(text) > _MAX_LENGTH:
            raise ValueError(f"it is longer than {_MAX_LENGTH} characters")
        try:
            text.encode()
        except UnicodeEncodeError:
            raise ValueError("it is not well-formed Unicode") from None
        return _READERS[self.name](text, self.kinds)

    @property
    def accepts(self) -> str:
        """What may be given, in words."""
        if self.name in {"iri", "concept"}:
            if not self.kinds:
                return "an IRI, or a prefixed name such as person:SLUG"
            if len(self.kinds) == 1:
                return f"the slug of a {self.kinds[0]}, its prefixed name, or its IRI"
            choices = " or ".join(f"{kind}/SLUG" for kind in self.kinds)
            return f"{choices}, a prefixed name, or an IRI"
        return {
            "string": "any text",
            "integer": "a whole number",
            "date": "a day as YYYY-MM-DD",
            "boolean": "true or false",
            "language": "a language tag such as en or kk",
        }[self.name]

    @property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of the value as given in a URL, for OpenAPI."""
        return {
            "integer": {"type": "integer"},
            "date": {"type": "string", "format": "date"},
            "boolean": {"type": "boolean"},
        }.get(self.name, {"type": "string"})

    def __str__(self) -> str:
        return f"{self.name}({', '.join(self.kinds)})" if self.kinds else self.name


@cache
def known_kinds() -> frozenset[str]:
    """Return the path segments under ``/id/`` that the prefix table names."""
    return frozenset(
        space[len(ID_BASE) :].rstrip("/")
        for space in prefixes().values()
        if space.startswith(ID_BASE)
    )


def read_parameter(name: str, type_: ParameterType, text: str) -> Term:
    """Turn a caller's value into a term.

    Raises:
        BadParameter: naming the parameter and what is accepted.
    """
    try:
        return type_.read(text)
    except ValueError as error:
        raise BadParameter(
            f"parameter {name!r}: {error}",
            hint=f"Give {type_.accepts}.",
            parameter=name,
            expected=str(type_),
        ) from None


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _read_iri(text: str, kinds: tuple[str, ...]) -> NamedNode:
    node = NamedNode(_expanded(text.strip(), kinds))
    allowed = [f"{ID_BASE}{kind}/" for kind in kinds]
    if allowed and not any(node.value.startswith(a) and node.value != a for a in allowed):
        raise ValueError(f"{_shown(text)} is no {' or '.join(kinds)}")
    return node


def _expanded(text: str, kinds: tuple[str, ...]) -> str:
    prefix, colon, local = text.partition(":")
    if colon and prefix in prefixes() and not local.startswith("//"):
        return prefixes()[prefix] + local
    if _ABSOLUTE.fullmatch(text):
        return text
    kind, slash, slug = text.partition("/")
    if slash and kind in kinds and _SLUG.fullmatch(slug):
        return f"{ID_BASE}{kind}/{slug}"
    if _SLUG.fullmatch(text) and len(kinds) == 1:
        return f"{ID_BASE}{kinds[0]}/{text}"
    if _SLUG.fullmatch(text) and kinds:
        raise ValueError(f"{_shown(text)} may be a {' or a '.join(kinds)}")
    raise ValueError(f"{_shown(text)} is no IRI and no name with a prefix of ours")


def _read_integer(text: str, _kinds: tuple[str, ...]) -> Literal:
    if not _INTEGER.fullmatch(text.strip()):
        raise ValueError(f"{_shown(text)} is no whole number")
    return Literal(int(text))


def _read_date(text: str, _kinds: tuple[str, ...]) -> Literal:
    try:
        if not _DAY.fullmatch(text.strip()):
            raise ValueError
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{_shown(text)} is no day of the calendar") from None
    return Literal(day.isoformat(), datatype=XSD["date"])


def _read_boolean(text: str, _kinds: tuple[str, ...]) -> Literal:
    value = _BOOLEANS.get(text.strip().lower())
    if value is None:
        raise ValueError(f"{_shown(text)} is neither true nor false")
    return Literal(value)


def _read_language(text: str, _kinds: tuple[str, ...]) -> Literal:
    if not _LANGUAGE.fullmatch(text.strip()):
        raise ValueError(f"{_shown(text)} is no language tag")
    return Literal(text.strip().lower())


def _read_string(text: str, _kinds: tuple[str, ...]) -> Literal:
    return Literal(text)


_READERS: Final[dict[str, Callable[[str, tuple[str, ...]], Term]]] = {
    "iri": _read_iri,
    "concept": _read_iri,
    "string": _read_string,
    "integer": _read_integer,
    "date": _read_date,
    "boolean": _read_boolean,
    "language": _read_language,
}
