"""The parts of a SPARQL query that matter for what its rows rest on.

Patterns are kept as a tree, because each of their triples is traced. Expressions stay text, which
the engine evaluates; only the EXISTS inside them is a tree again. ``Span`` counts tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from mineralgraph.rdf.sparql import Token


class Span(NamedTuple):
    """Tokens from ``low`` up to, not including, ``high``."""

    low: int
    high: int


class Variable(NamedTuple):
    """A variable; ``hidden`` where it is ours, in place of a blank node."""

    name: str
    hidden: bool = False

    @property
    def text(self) -> str:
        """As SPARQL writes it."""
        return f"?{self.name}"


class Constant(NamedTuple):
    """An IRI or literal as written; resolved to a term by ``parser.constants``."""

    text: str


Node = Variable | Constant


@dataclass(frozen=True)
class Link:
    """A path of one predicate."""

    predicate: Constant


@dataclass(frozen=True)
class Inverse:
    """``^path``."""

    path: Path


@dataclass(frozen=True)
class Steps:
    """``a/b``."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Alternative:
    """``a|b``."""

    parts: tuple[Path, ...]


@dataclass(frozen=True)
class Repeat:
    """``path?``, ``path*`` or ``path+``."""

    path: Path
    mark: str


@dataclass(frozen=True)
class Negated:
    """``!(a|^b)``: any predicate but these."""

    forward: tuple[Constant, ...]
    backward: tuple[Constant, ...]
    both: bool
    """Whether each direction is walked at all, or forward only."""


Path = Link | Inverse | Steps | Alternative | Repeat | Negated


@dataclass(frozen=True)
class TriplePattern:
    """A triple pattern, or a property path between two nodes (``path`` set)."""

    subject: Node
    predicate: Node | None
    object: Node
    path: Path | None = None
    path_text: str = ""

    @property
    def text(self) -> str:
        """As SPARQL writes it, in full."""
        middle = self.predicate.text if self.predicate is not None else self.path_text
        return f"{self.subject.text} {middle} {self.object.text} ."


@dataclass(frozen=True)
class Group:
    """``{ ... }``; its span has the braces."""

    elements: tuple[Element, ...]
    span: Span


@dataclass(frozen=True)
class OptionalGroup:
    """``OPTIONAL { ... }``."""

    group: Group


@dataclass(frozen=True)
class Union:
    """``{ ... } UNION { ... }``, or one nested group."""

    branches: tuple[Group, ...]


@dataclass(frozen=True)
class Minus:
    """``MINUS { ... }``."""

    span: Span


@dataclass(frozen=True)
class GraphPattern:
    """``GRAPH name { ... }``."""

    name: Node
    group: Group


@dataclass(frozen=True)
class Exists:
    """``EXISTS { ... }`` or ``NOT EXISTS { ... }``; the span begins at the keyword."""

    group: Group
    negative: bool
    span: Span


@dataclass(frozen=True)
class Expression:
    """An expression as written, and the EXISTS in it."""

    span: Span
    exists: tuple[Exists, ...]


@dataclass(frozen=True)
class Filter:
    """``FILTER ...``; the span has the keyword."""

    span: Span
    expression: Expression


@dataclass(frozen=True)
class Bind:
    """``BIND(... AS ?variable)``; the span has the keyword."""

    span: Span
    expression: Expression
    variable: str


@dataclass(frozen=True)
class Values:
    """``VALUES ...``; the span has the keyword."""

    span: Span
    variables: tuple[str, ...]
    partial: bool
    """Whether some value is UNDEF."""


@dataclass(frozen=True)
class Item:
    """A projected variable, with its expression where it has one."""

    variable: str
    expression: Expression | None = None
    text: str = ""


@dataclass(frozen=True)
class GroupKey:
    """One condition of GROUP BY: a variable, or an expression with or without a name."""

    variable: str | None
    text: str
    expression: Expression | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Query:
    """A SELECT (also a nested one) or ASK.

    Attributes:
        items: what is projected; None for ``*`` and for ASK.
        distinct: whether equal rows are merged (DISTINCT, REDUCED).
        keys: the conditions of GROUP BY; empty for one group of all; None when not grouped.
        having: HAVING clause, as written.
        conditions: the conditions of HAVING.
        order: ORDER BY clause, as written.
        slice: LIMIT and OFFSET, as written.
        values: the VALUES clause at the end.
        span: the whole query without its prologue.
    """

    form: str
    items: tuple[Item, ...] | None
    distinct: bool
    where: Group
    keys: tuple[GroupKey, ...] | None
    having: str
    conditions: tuple[Expression, ...]
    order: str
    slice: str
    values: Values | None
    span: Span


@dataclass(frozen=True)
class SubSelect:
    """A nested SELECT, alone in its group."""

    query: Query


Element = (
    TriplePattern
    | Group
    | OptionalGroup
    | Union
    | Minus
    | GraphPattern
    | Filter
    | Bind
    | Values
    | SubSelect
)


@dataclass(frozen=True)
class Parsed:
    """A parsed query with its text.

    Attributes:
        prologue: the BASE and PREFIX declarations, as written.
        fresh: how the names of our own variables begin; no variable of the query does.
        constants: every constant of a pattern, as written.
    """

    text: str
    tokens: Sequence[Token]
    prologue: str
    fresh: str
    constants: frozenset[str]
    query: Query

    def slice(self, span: Span) -> str:
        """Return tokens as they were written, comments between them included."""
        if span.low >= span.high:
            return ""
        return self.text[self.tokens[span.low].start : self.tokens[span.high - 1].end]

    def mentions(self, variable: str, span: Span) -> int:
        """Count how often a variable stands in a span."""
        return sum(
            1
            for token in self.tokens[span.low : span.high]
            if token.type == "VARIABLE" and token.text[1:] == variable
        )


class NotUnderstood(Exception):
    """Something that cannot be traced: what, and why."""

    def __init__(self, feature: str, why: str) -> None:
        super().__init__(f"{feature}: {why}")
        self.feature = feature
        self.why = why
