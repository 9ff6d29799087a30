"""The shapes as a person reads them: what each looks at, what it asks for, and how to mend it.

Read from the files of ``shapes/`` alone and said in words from their SHACL, so that a page about a
rule cannot say anything else than what the gate does. Terms stay terms, for a page to link them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from mineralgraph import resources
from mineralgraph.rdf.namespaces import RDF, SH, curie

SHAPES: Final = "https://w3id.org/mineralgraph/shapes#"
CASES: Final = "tests/shapes/cases"

Node = NamedNode | BlankNode | Literal | Triple
Piece = str | NamedNode
Words = tuple[Piece, ...]
"""A sentence: text, and terms among it."""

_TARGETS: Final = {
    "targetClass": "every",
    "targetSubjectsOf": "everything that has",
    "targetObjectsOf": "every value of",
}
_KINDS: Final = {"IRI": "an IRI, not a text", "Literal": "a text or number, not an IRI"}
_EACH: Final = {
    "class": "each value is of the class",
    "datatype": "each value is of the type",
    "minInclusive": "each value is at least",
    "minExclusive": "each value is more than",
    "maxInclusive": "each value is at most",
    "maxExclusive": "each value is less than",
    "lessThan": "each value comes before that of",
    "lessThanOrEquals": "no value comes after that of",
    "equals": "the values are those of",
    "disjoint": "no value is one of",
    "hasValue": "one value is",
    "minLength": "the least number of characters is",
    "maxLength": "the greatest number of characters is",
    "pattern": "each value matches the pattern",
    "languageIn": "the language is one of",
    "in": "each value is one of",
}
_GROUPS: Final = {"or": "; or ", "and": "; and ", "xone": "; or else "}


@dataclass(frozen=True)
class Example:
    """A small document that breaks a rule, and the same one mended.

    Attributes:
        about: what is wrong with it.
        fails: Turtle, without the prefixes that everything has.
        passes: the same after the smallest change that mends it.
    """

    about: str
    fails: str
    passes: str


@dataclass(frozen=True)
class Rule:
    """One shape.

    Attributes:
        iri: its name in the shapes files.
        title: a heading (``sh:name``).
        severity: ``violation`` stops a write, ``warning`` does not; empty for a shape that only
            serves others.
        file: where it stands, from the folder around ``shapes/``.
        message: what is said when it is broken.
        mend: how to mend it.
        targets: what it looks at, in words.
        asks: what it asks for, in words.
        query: the SPARQL text of a rule that is a query.
        terms: every class, property and concept that it names.
    """

    iri: str
    title: str
    severity: str
    file: str
    message: str
    mend: str
    targets: tuple[Words, ...]
    asks: tuple[Words, ...]
    query: str = ""
    terms: frozenset[str] = field(default_factory=frozenset)

    @property
    def name(self) -> str:
        """The name that a report and a path have for it."""
        return self.iri.removeprefix(SHAPES)


def plain(words: Words) -> str:
    """Return a sentence as text, its terms with their prefixes."""
    return "".join(p if isinstance(p, str) else curie(p.value) for p in words)


@cache
def rules() -> dict[str, Rule]:
    """Return every shape with a name of its own, by that name, in the order of the files."""
    return {rule.name: rule for rule in _Reader().rules()}


@cache
def statements() -> tuple[Triple, ...]:
    """Return the triples of the shapes files; the same files always give the same blank nodes."""
    found: list[Triple] = []
    names: dict[BlankNode, BlankNode] = {}

    def steady(node: Node) -> Node:
        if isinstance(node, BlankNode):
            return names.setdefault(node, BlankNode(f"b{len(names)}"))
        return node

    for path in resources.files("shapes", "*.ttl"):
        for quad in parse(path=path, format=RdfFormat.TURTLE):
            subject, value = steady(quad.subject), steady(quad.object)
            found.append(Triple(subject, quad.predicate, value))  # type: ignore[arg-type]
    return tuple(found)


def described(name: str) -> list[Triple]:
    """Return the triples of one shape: its own, what hangs on it, and what gives it a target."""
    rule = NamedNode(SHAPES + name)
    wanted: set[Node] = {rule, *(t.subject for t in statements() if t.object == rule)}
    found: dict[Triple, None] = {}
    while wanted:
        found |= dict.fromkeys(t for t in statements() if t.subject in wanted)
        wanted = {t.object for t in found if isinstance(t.object, BlankNode)}
        wanted -= {t.subject for t in found}
    return list(found)


@cache
def examples(name: str) -> tuple[Example, ...]:
    """Return the invented cases of a shape; none where the package has come without them."""
    try:
        folder = resources.folder(CASES) / name
    except FileNotFoundError:
        return ()
    found = []
    for path in sorted(folder.glob("fail-*.ttl")):
        mended = path.with_name(path.name.replace("fail", "pass"))
        about, fails = _case(path)
        _, passes = _case(mended) if mended.is_file() else ("", "")
        found.append(Example(about, fails, passes))
    return tuple(found)


def _case(path: Path) -> tuple[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    body = [line for line in lines if not line.startswith(("#", "@prefix"))]
    return lines[0].removeprefix("#").strip(), "\n".join(body).strip() + "\n"


class _Reader:
    """Turns the triples of the shapes into rules."""

    def __init__(self) -> None:
        self._by_subject: dict[Node, dict[str, list[Node]]] = {}
        self._used_by: dict[Node, list[Node]] = {}
        for triple in statements():
            about = self._by_subject.setdefault(triple.subject, {})
            about.setdefault(triple.predicate.value, []).append(triple.object)
            if triple.predicate == SH.property:
                self._used_by.setdefault(triple.object, []).append(triple.subject)

    def rules(self) -> Iterator[Rule]:
        """Yield the shapes in the order of the files."""
        root = resources.folder("shapes")
        kinds = (SH.NodeShape, SH.PropertyShape)
        for path in resources.files("shapes", "*.ttl"):
            for quad in parse(path=path, format=RdfFormat.TURTLE):
                named = isinstance(quad.subject, NamedNode)
                if named and quad.predicate == RDF.type and quad.object in kinds:
                    yield self._rule(quad, path.relative_to(root.parent).as_posix())

    def _rule(self, quad: Quad, file: str) -> Rule:
        shape = quad.subject
        severity = self._one(shape, "severity")
        query = next((self._text(q, "select") for q in self._all(shape, "sparql")), "")
        terms = {n.value for n in self._reached(shape) if not n.value.startswith(SH.base)}
        return Rule(
            iri=getattr(shape, "value", ""),
            title=self._text(shape, "name"),
            severity=severity.value.removeprefix(SH.base).lower()
            if isinstance(severity, NamedNode)
            else "",
            file=file,
            message=self._text(shape, "message"),
            mend=self._text(shape, "description"),
            targets=tuple(self._targets(shape)),
            asks=tuple(self._asks(shape)),
            query=query,
            terms=frozenset(t for t in terms if not t.startswith(SHAPES)),
        )

    def _all(self, node: Node, name: str) -> list[Node]:
        return self._by_subject.get(node, {}).get(SH[name].value, [])

    def _one(self, node: Node, name: str) -> Node | None:
        return next(iter(self._all(node, name)), None)

    def _text(self, node: Node, name: str) -> str:
        found = self._one(node, name)
        return found.value if isinstance(found, Literal) else ""

    def _list(self, head: Node | None) -> Iterator[Node]:
        while head is not None and head != RDF.nil:
            about = self._by_subject[head]
            yield about[RDF.first.value][0]
            head = about[RDF.rest.value][0]

    def _reached(self, shape: Node) -> Iterator[NamedNode]:
        """Yield every IRI that a shape, what hangs on it or its targets name."""
        for words in self._targets(shape):
            yield from (piece for piece in words if isinstance(piece, NamedNode))
        waiting = [shape]
        while waiting:
            for predicate, values in self._by_subject.get(waiting.pop(), {}).items():
                if predicate == RDF.type.value:
                    continue
                waiting += [v for v in values if isinstance(v, BlankNode)]
                yield from (v for v in values if isinstance(v, NamedNode) and v != RDF.nil)

    def _targets(self, shape: Node) -> Iterator[Words]:
        for name, words in _TARGETS.items():
            for node in self._all(shape, name):
                yield (f"{words} ", *_term(node))
        for user in self._used_by.get(shape, []):
            yield from self._targets(user)

    def _asks(self, shape: Node) -> Iterator[Words]:
        """Yield what a shape asks for, one sentence for each thing."""
        path = self._one(shape, "path")
        of: Words = (*self._path(path), ": ") if path is not None else ()
        for words in self._constraints(shape):
            yield (*of, *words)
        for inner in self._all(shape, "property"):
            if isinstance(inner, BlankNode):
                yield from ((*of, *words) for words in self._asks(inner))
            else:
                yield (*of, "see ", *_term(inner))

    def _constraints(self, shape: Node) -> Iterator[Words]:
        yield from self._counts(shape)
        for kind in self._all(shape, "nodeKind"):
            name = getattr(kind, "value", "").removeprefix(SH.base)
            yield (f"each value is {_KINDS.get(name, name)}",)
        for name, words in _EACH.items():
            for value in self._all(shape, name):
                listed = isinstance(value, BlankNode)
                members = list(self._list(value)) if listed else [value]
                yield (f"{words} ", *_joined([_term(m) for m in members], ", "))
        if self._one(shape, "uniqueLang") is not None:
            yield ("no two values are in one language",)
        yield from self._nested(shape)

    def _counts(self, shape: Node) -> Iterator[Words]:
        least, most = self._text(shape, "minCount"), self._text(shape, "maxCount")
        if least and least == most:
            yield (f"exactly {_number(least)}",)
        elif most == "0":
            yield ("no value",)
        elif least or most:
            said = [f"at least {_number(least)}"] if least else []
            yield (" and ".join([*said, *([f"at most {_number(most)}"] if most else [])]),)

    def _nested(self, shape: Node) -> Iterator[Words]:
        for inner in self._all(shape, "node"):
            yield ("each value fits ", *self._inner(inner))
        for inner in self._all(shape, "not"):
            yield ("never: ", *self._inner(inner))
        for inner in self._all(shape, "qualifiedValueShape"):
            least = self._text(shape, "qualifiedMinCount") or "0"
            most = self._text(shape, "qualifiedMaxCount")
            limit = f" and at most {most}" if most else ""
            yield (f"at least {_number(least)}{limit} of this kind: ", *self._inner(inner))
        for name, between in _GROUPS.items():
            for head in self._all(shape, name):
                yield _joined([self._inner(member) for member in self._list(head)], between)
        if self._all(shape, "sparql"):
            yield ("the query below finds nothing",)

    def _inner(self, shape: Node) -> Words:
        if isinstance(shape, NamedNode):
            return _term(shape)
        return _joined(list(self._asks(shape)), ", ")

    def _path(self, path: Node | None) -> Words:
        """Return a path as SPARQL writes it."""
        if path is None or isinstance(path, NamedNode):
            return _term(path) if path is not None else ()
        inverse, choice = self._one(path, "inversePath"), self._one(path, "alternativePath")
        if inverse is not None:
            return ("^", *self._path(inverse))
        if choice is not None:
            steps = [self._path(step) for step in self._list(choice)]
            return ("(", *_joined(steps, "|"), ")")
        return _joined([self._path(step) for step in self._list(path)], "/")


def _number(text: str) -> str:
    return "one value" if text == "1" else f"{text} values"


def _joined(parts: Sequence[Iterable[Piece]], between: str) -> Words:
    found: list[Piece] = []
    for number, part in enumerate(parts):
        found += [between, *part] if number else part
    return tuple(found)


def _term(node: Node) -> Words:
    if isinstance(node, NamedNode):
        return (node,)
    return (node.value,) if isinstance(node, Literal) else (str(node),)
