"""EXISTS in expressions: which of its matches a row rests on.

In a FILTER or HAVING the row may *need* a match; anywhere else the value of an expression was made
in sight of it. Either way the matches are asked for many rows at once, by joining the rows' values
to the pattern of EXISTS.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mineralgraph.provenance.condition import Both, Condition, Either, Plain, condition
from mineralgraph.provenance.plan import (
    EMPTY,
    Alternatives,
    Existing,
    Joined,
    Note,
    Ref,
    Seen,
    Tested,
    Tracer,
)
from mineralgraph.provenance.syntax import (
    Bind,
    Exists,
    Expression,
    GraphPattern,
    Group,
    Minus,
    Node,
    NotUnderstood,
    OptionalGroup,
    Span,
    SubSelect,
    Union,
    Variable,
)
from mineralgraph.provenance.visible import certain, visible

if TYPE_CHECKING:
    from mineralgraph.provenance.annotate import Scope

ABSENCE: Final = "the row rests on the absence of matches, which no triple shows"
UNMATCHED: Final = Note(
    "EXISTS without a match", "the value of an expression rests on that absence"
)


@dataclass(frozen=True)
class Left:
    """What a filter in an OPTIONAL sees of the pattern before it.

    Attributes:
        columns: the columns with the values that it sees, by variable.
        vague: variables that both sides may bind or leave open.
    """

    columns: Mapping[str, int]
    vague: frozenset[str]

    @classmethod
    def of(cls, scope: Scope, left: Group, inside: Group, lines: list[str]) -> Left:
        """Look to the left of an OPTIONAL; lines before it keep what may change later."""
        sure, within = certain(left) | scope.given, set(visible(inside))
        columns: dict[str, int] = {}
        vague: set[str] = set()
        for name in dict.fromkeys([*visible(left), *sorted(scope.given)]):
            if name in certain(inside) or not scope.sheet.parsed.mentions(name, inside.span):
                continue
            if name in sure:
                columns[name] = scope.column(name)
            elif name in within:
                vague.add(name)
            else:
                columns[name] = _copied(scope, name, lines)
        return cls(columns, frozenset(vague))


@dataclass(frozen=True)
class Reach:
    """What an expression sees where it stands.

    Attributes:
        graph: what GRAPH around it names.
        names: the variables that may be bound there.
        sure: those of them that have the same value in the whole solution.
        span: where else a variable may stand and still have that value.
        lines: where lines are added that keep the value of the others, and say what held; None
            where nothing can be added.
        left: what it sees besides, in an OPTIONAL.
    """

    graph: Node | None
    names: tuple[str, ...]
    sure: frozenset[str]
    span: Span
    lines: list[str] | None
    left: Left | None = None

    @classmethod
    def of(
        cls,
        scope: Scope,
        group: Group,
        graph: Node | None,
        lines: list[str],
        span: Span,
        left: Left | None = None,
    ) -> Reach:
        """Return what an expression sees of a group."""
        more = [*scope.given, *(left.columns if left else ())]
        names = tuple(dict.fromkeys([*visible(group), *sorted(more)]))
        return cls(graph, names, frozenset(certain(group) | scope.given), span, lines, left)

    def column(self, scope: Scope, name: str) -> int:
        """Return the column with a variable's value as the expression sees it."""
        if self.left and name in self.left.columns:
            return self.left.columns[name]
        if self.left and name in self.left.vague:
            raise NotUnderstood(
                "EXISTS in the filter of an OPTIONAL", f"both sides of it may bind ?{name}"
            )
        if name in self.sure:
            return scope.column(name)
        if self.lines is None:
            raise NotUnderstood(
                "EXISTS with a variable made beside it", f"?{name} is not known of the rows"
            )
        if scope.alone(name, self.span):
            return scope.column(name)
        return _copied(scope, name, self.lines)


def _copied(scope: Scope, name: str, lines: list[str]) -> int:
    copy = scope.sheet.name("s")
    lines.append(f"BIND(?{name} AS ?{copy})")
    return scope.column(copy)


def needed(scope: Scope, expression: Expression, reach: Reach) -> Tracer:
    """Trace a condition that must hold: FILTER, HAVING."""
    if not expression.exists:
        return EMPTY
    return _condition(scope, condition(scope.sheet.parsed, expression.span, expression), reach)


def valued(scope: Scope, expression: Expression | None, reach: Reach) -> Tracer:
    """Trace an expression whose value goes into the solution: BIND, SELECT, GROUP BY."""
    if expression is None or not expression.exists:
        return EMPTY
    span, tokens = expression.span, scope.sheet.parsed.tokens
    if tokens[span.high - 3].is_word("AS"):
        span = Span(span.low + 1, span.high - 3)
    if not isinstance(condition(scope.sheet.parsed, span, expression), Exists):
        _composite(scope, span)
    return joined(_seen(scope, exists, reach) for exists in expression.exists)


def joined(tracers: Iterable[Tracer]) -> Tracer:
    """Join what a row rests on."""
    found = tuple(tracer for tracer in tracers if tracer is not EMPTY)
    return Joined(found) if found else EMPTY


def _composite(scope: Scope, span: Span) -> None:
    text = " ".join(scope.raw(span).split())
    scope.sheet.note(
        "EXISTS inside an expression",
        f"its matches are given where it has any; the value may not need them: {text}",
    )


def _condition(scope: Scope, shape: Condition, reach: Reach) -> Tracer:
    match shape:
        case Exists(negative=True):
            scope.sheet.note("NOT EXISTS", ABSENCE)
            return EMPTY
        case Exists():
            return _existing(scope, shape, reach) or EMPTY
        case Both(parts):
            return joined(_condition(scope, part, reach) for part in parts)
        case Either(parts):
            return _either(scope, parts, reach)
        case Plain(span, inside) if inside:
            _composite(scope, span)
            return joined(_seen(scope, exists, reach) for exists in inside)
    return EMPTY


def _either(scope: Scope, parts: tuple[Condition, ...], reach: Reach) -> Tracer:
    """Trace ``||``: the engine is asked which of its sides held."""
    if reach.lines is not None and not (reach.left and (reach.left.columns or reach.left.vague)):
        lines: list[str] = []
        columns = dict(scope.columns)
        found = [_side(scope, part, reach, lines) for part in parts]
        if None not in found:
            reach.lines.extend(lines)
            return Alternatives(tuple(side for side in found if side is not None))
        scope.columns = columns
    scope.sheet.note(
        "EXISTS beside ||", "it cannot be told which side held; the matches of each are given"
    )
    inside = [exists for part in parts for exists in _all(part)]
    if any(exists.negative for exists in inside):
        scope.sheet.note("NOT EXISTS", ABSENCE)
    return joined(_seen(scope, e, reach, None) for e in inside if not e.negative)


def _all(shape: Condition) -> Iterable[Exists]:
    match shape:
        case Exists():
            return [shape]
        case Plain(_, inside):
            return inside
        case Both(parts) | Either(parts):
            return [exists for part in parts for exists in _all(part)]


def _side(scope: Scope, shape: Condition, reach: Reach, lines: list[str]) -> Tracer | None:
    """Trace one side of ``||``; None when it cannot be told whether it held."""
    match shape:
        case Both(parts) | Either(parts):
            found = [_side(scope, part, reach, lines) for part in parts]
            if None in found:
                return None
            kind = Joined if isinstance(shape, Both) else Alternatives
            return kind(tuple(side for side in found if side is not None))
        case Exists(negative=False):
            return _existing(scope, shape, reach)
        case Exists():
            scope.sheet.note("NOT EXISTS", ABSENCE)
            return _tested(scope, shape.span, lines)
        case Plain(span, inside):
            tested = _tested(scope, span, lines)
            if not inside:
                return tested
            _composite(scope, span)
            return Joined((tested, *(_seen(scope, exists, reach) for exists in inside)))


def _tested(scope: Scope, span: Span, lines: list[str]) -> Tracer:
    marker = scope.sheet.name("m")
    lines.append(f"BIND(IF({scope.raw(span)}, 1, 1/0) AS ?{marker})")
    return Tested(scope.column(marker))


def _seen(scope: Scope, exists: Exists, reach: Reach, absent: Note | None = UNMATCHED) -> Tracer:
    """Trace an EXISTS that an expression looked at, negated or not."""
    found = _existing(scope, exists, reach)
    return EMPTY if found is None else Seen(found, absent)


def _existing(scope: Scope, exists: Exists, reach: Reach) -> Existing | None:
    """Make the query for the matches of an EXISTS; None, and a note, where there is none."""
    sheet, parsed = scope.sheet, scope.sheet.parsed
    bound = [n for n in dict.fromkeys(reach.names) if parsed.mentions(n, exists.group.span)]
    try:
        _check(exists.group, frozenset(bound))
        columns: list[Ref] = [reach.column(scope, name) for name in bound]
    except NotUnderstood as error:
        sheet.note(error.feature, error.why)
        return None
    if isinstance(reach.graph, Variable) and reach.graph.name not in bound:
        bound.append(reach.graph.name)
        columns.append(scope.column(reach.graph.name))
    index, inject = sheet.name("i"), f"#{sheet.name('v')}#"
    inner = type(scope)(sheet, exists.group, bound, inject)
    inner.column(index)
    text, tracer = inner.body(exists.group, reach.graph)
    where = f"{inject}\n{text}"
    if reach.graph is not None:
        where = f"GRAPH {reach.graph.text} {{ {where}\n}}"
    names = " ".join(f"?{name}" for name in inner.columns)
    whole = f"{parsed.prologue}\nSELECT {names} WHERE {{ {where}\n}}"
    return Existing(whole, inject, (index, *bound), tuple(columns), tracer)


def _check(group: Group, bound: frozenset[str]) -> None:
    """Refuse a pattern that means something else when values are joined to it."""
    for element in group.elements:
        match element:
            case SubSelect(query) if not (query.slice or query.keys is not None):
                pass
            case SubSelect():
                raise NotUnderstood(
                    "EXISTS with a sub-SELECT that counts or cuts",
                    "it cannot be asked for many rows at once",
                )
            case Bind() if element.variable in bound:
                raise NotUnderstood("EXISTS with BIND", f"?{element.variable} is bound around it")
            case Union(branches):
                for branch in branches:
                    _check(branch, bound)
            case GraphPattern(_, inner):
                _check(inner, bound)
            case OptionalGroup(inner):
                _check(inner, bound)
                if any(isinstance(e, Bind | Minus | SubSelect) for e in inner.elements):
                    raise NotUnderstood(
                        "EXISTS with an OPTIONAL that has more than patterns",
                        "it cannot be asked for many rows at once",
                    )


def before(group: Group, number: int) -> Group:
    """Return what stands before an element of a group."""
    return Group(group.elements[:number], group.span)
