"""Rewriting a pattern so that its solutions show which triples they matched.

The rewritten pattern has the same solutions: it only binds markers (constants under names of
ours) in OPTIONAL parts and UNION branches, which say who matched. Whatever has no place in a
solution (MINUS, FILTER, nested queries) stays as it was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Final

from pyoxigraph import BlankNode

from mineralgraph.provenance.condition import Both, Condition, Either, Plain, condition
from mineralgraph.provenance.plan import (
    Alternatives,
    Branches,
    Edge,
    Existing,
    Joined,
    Matched,
    Nested,
    Note,
    Ref,
    SelectPlan,
    Tested,
    Tracer,
    Walk,
)
from mineralgraph.provenance.syntax import (
    Bind,
    Element,
    Exists,
    Expression,
    Filter,
    GraphPattern,
    Group,
    Minus,
    Node,
    NotUnderstood,
    OptionalGroup,
    Parsed,
    Query,
    Span,
    SubSelect,
    TriplePattern,
    Union,
    Variable,
)
from mineralgraph.provenance.visible import certain, projected, visible
from mineralgraph.store.base import Term

ABSENCE: Final = "the row rests on the absence of matches, which no triple shows"
EMPTY: Final = Joined(())


class Sheet:
    """What the scopes of one query share: its text, its constants, notes, names of ours."""

    def __init__(
        self,
        parsed: Parsed,
        constants: Mapping[str, Term],
        select: Callable[[Sheet, Query, Node | None], SelectPlan],
    ) -> None:
        self.parsed = parsed
        self.constants = constants
        self.select = select
        self.notes: dict[Note, None] = {}
        self._numbers = count()

    def name(self, kind: str) -> str:
        """Return a new variable name; ``b`` is taken by blank nodes."""
        return f"{self.parsed.fresh}{kind}{next(self._numbers)}"

    def note(self, feature: str, why: str) -> None:
        """Name something that is not traced."""
        self.notes[Note(feature, why)] = None


class Scope:
    """One SELECT's pattern, or one EXISTS: its columns, and the rewriting of its groups.

    Args:
        sheet: shared by all scopes of the query.
        where: the pattern.
        outside: variables that something outside the pattern binds too.
        inject: what every nested group begins with.
    """

    def __init__(
        self, sheet: Sheet, where: Group, outside: Iterable[str] = (), inject: str = ""
    ) -> None:
        self.sheet = sheet
        self.where = where
        self.outside = frozenset(outside)
        self.inject = inject
        self.columns: dict[str, int] = {}

    def column(self, name: str) -> int:
        """Return the column of a variable, which is projected from now on."""
        return self.columns.setdefault(name, len(self.columns))

    def ref(self, node: Node) -> Ref:
        """Return where a node's term stands."""
        if isinstance(node, Variable):
            return self.column(node.name)
        term = self.sheet.constants[node.text]
        if isinstance(term, BlankNode):
            raise NotUnderstood("a blank node", "it is no constant")
        return term

    def _raw(self, span: Span) -> str:
        return self.sheet.parsed.slice(span)

    def _alone(self, name: str, span: Span) -> bool:
        """Whether a variable stands nowhere in the scope but in this span."""
        parsed = self.sheet.parsed
        return name not in self.outside and parsed.mentions(name, span) == parsed.mentions(
            name, self.where.span
        )

    def body(
        self, group: Group, graph: Node | None, seen: frozenset[str] = frozenset()
    ) -> tuple[str, Tracer]:
        """Rewrite the inside of a group.

        Args:
            group: the group.
            graph: what GRAPH around it names; None for the default graph.
            seen: variables that its filters see though it does not bind them.
        """
        lines: list[str] = []
        tail: list[str] = []
        parts: list[Tracer] = []
        for element in group.elements:
            if isinstance(element, Filter):
                reach = _Reach(group, graph, seen)
                tracer = self._filter(element.expression, reach, tail)
                text = self._raw(element.span)
            else:
                text, tracer = self._element(element, group, graph)
            lines.append(text)
            if tracer is not EMPTY:
                parts.append(tracer)
        return "\n".join([*lines, *tail]), Joined(tuple(parts)) if parts else EMPTY

    def _element(self, element: Element, group: Group, graph: Node | None) -> tuple[str, Tracer]:
        match element:
            case TriplePattern():
                return element.text, self._pattern(element, graph)
            case OptionalGroup():
                asks = any(
                    isinstance(e, Filter) and e.expression.exists for e in element.group.elements
                )
                seen = frozenset(visible(group)) | self.outside if asks else frozenset[str]()
                return self._optional(element, seen, graph)
            case Union():
                return self._union(element, graph)
            case GraphPattern(name, inner):
                text, tracer = self.body(inner, name)
                if not inner.elements:
                    self.sheet.note("GRAPH {}", "an empty pattern matches no triple")
                return f"GRAPH {name.text} {{ {self._injected()}{text} }}", tracer
            case SubSelect(query):
                return self._nested(query, graph)
            case Minus():
                self.sheet.note("MINUS", ABSENCE)
                return self._raw(element.span), EMPTY
            case Bind():
                self._hidden(element.expression, "BIND")
        return self._raw(element.span), EMPTY

    def _injected(self) -> str:
        return f"{self.inject}\n" if self.inject else ""

    def _pattern(self, pattern: TriplePattern, graph: Node | None) -> Tracer:
        where = None if graph is None else self.ref(graph)
        subject, target = self.ref(pattern.subject), self.ref(pattern.object)
        if pattern.predicate is not None:
            return Edge(subject, self.ref(pattern.predicate), target, where)
        if pattern.path is None:
            raise NotUnderstood("a triple pattern", "it has no predicate")
        return Walk(subject, pattern.path, target, where)

    def _optional(
        self, element: OptionalGroup, seen: frozenset[str], graph: Node | None
    ) -> tuple[str, Tracer]:
        text, tracer = self.body(element.group, graph, seen)
        if tracer is EMPTY:
            return f"OPTIONAL {{ {text} }}", EMPTY
        for name in sorted(certain(element.group), key=lambda n: (n not in self.columns, n)):
            if self._alone(name, element.group.span):
                return f"OPTIONAL {{ {text}\n}}", Matched(self.column(name), tracer)
        marker = self.sheet.name("m")
        text = f"OPTIONAL {{ {text}\nBIND(1 AS ?{marker}) }}"
        return text, Matched(self.column(marker), tracer)

    def _union(self, element: Union, graph: Node | None) -> tuple[str, Tracer]:
        bodies = [self.body(branch, graph) for branch in element.branches]
        if len(bodies) == 1 or all(tracer is EMPTY for _, tracer in bodies):
            texts = [f"{{ {self._injected()}{text}\n}}" for text, _ in bodies]
            return "\nUNION ".join(texts), bodies[0][1] if len(bodies) == 1 else EMPTY
        marker = self.sheet.name("m")
        texts = [
            f"{{ {self._injected()}{text}\nBIND({number} AS ?{marker}) }}"
            for number, (text, _) in enumerate(bodies)
        ]
        tracers = tuple(tracer for _, tracer in bodies)
        return "\nUNION ".join(texts), Branches(self.column(marker), tracers)

    def _nested(self, query: Query, graph: Node | None) -> tuple[str, Tracer]:
        raw = self._raw(query.span)
        try:
            plan = self.sheet.select(self.sheet, query, graph)
        except NotUnderstood as error:
            self.sheet.note(f"sub-SELECT {error.feature}", error.why)
            return f"{{ {raw}\n}}", EMPTY
        sure = certain(Group((SubSelect(query),), query.span))
        row: list[Ref] = []
        copies: list[str] = []
        for name in projected(query):
            if name in sure or self._alone(name, query.span):
                row.append(self.column(name))
            else:
                copy = self.sheet.name("s")
                copies.append(f"BIND(?{name} AS ?{copy})")
                row.append(self.column(copy))
        return f"{{ {raw}\n}} {' '.join(copies)}", Nested(plan, tuple(row))

    def _hidden(self, expression: Expression, where: str) -> None:
        if expression.exists:
            self.sheet.note(
                f"EXISTS in {where}",
                "what it matched is not given: the value may rest on a match or on its absence",
            )

    def hidden(self, expression: Expression | None) -> None:
        """Name the EXISTS of a projected expression."""
        if expression is not None:
            self._hidden(expression, "an expression of SELECT")

    def _filter(self, expression: Expression, reach: _Reach, tail: list[str]) -> Tracer:
        if not expression.exists:
            return EMPTY
        return self._condition(condition(self.sheet.parsed, expression), reach, tail)

    def _condition(self, shape: Condition, reach: _Reach, tail: list[str]) -> Tracer:
        match shape:
            case Exists():
                return self._exists(shape, reach, tail)
            case Both(parts):
                tracers = [self._condition(part, reach, tail) for part in parts]
                found = tuple(t for t in tracers if t is not EMPTY)
                return Joined(found) if found else EMPTY
            case Either(parts):
                return self._either(parts, reach, tail)
            case Plain(span, inside) if inside:
                self.sheet.note(
                    "EXISTS inside an expression",
                    f"it cannot be told whether the row needs a match: {self._raw(span)}",
                )
        return EMPTY

    def _either(self, parts: tuple[Condition, ...], reach: _Reach, tail: list[str]) -> Tracer:
        """Trace ``||``: the engine is asked which of its sides held."""
        lines: list[str] = []
        columns = dict(self.columns)
        try:
            found = tuple(self._side(part, reach, lines) for part in parts)
        except NotUnderstood as error:
            self.columns = columns
            self.sheet.note(error.feature, error.why)
            return EMPTY
        tail += lines
        return Alternatives(found)

    def _side(self, shape: Condition, reach: _Reach, tail: list[str]) -> Tracer:
        match shape:
            case Both(parts):
                return Joined(tuple(self._side(part, reach, tail) for part in parts))
            case Either(parts):
                return Alternatives(tuple(self._side(part, reach, tail) for part in parts))
            case Exists() if not shape.negative:
                found = self._exists(shape, reach, tail)
                if found is EMPTY:
                    raise NotUnderstood("EXISTS beside ||", "it cannot be told which side held")
                return found
            case Plain(span, inside) if inside:
                raise NotUnderstood("EXISTS inside an expression", self._raw(span))
            case Exists() | Plain():
                return self._tested(shape, reach, tail)

    def _tested(self, shape: Exists | Plain, reach: _Reach, tail: list[str]) -> Tracer:
        if reach.seen:
            raise NotUnderstood(
                "EXISTS beside || in OPTIONAL", "it cannot be told which side of || held"
            )
        if isinstance(shape, Exists):
            self.sheet.note("NOT EXISTS", ABSENCE)
        marker = self.sheet.name("m")
        tail.append(f"BIND(IF({self._raw(shape.span)}, 1, 1/0) AS ?{marker})")
        return Tested(self.column(marker))

    def _exists(self, exists: Exists, reach: _Reach, tail: list[str]) -> Tracer:
        if exists.negative:
            self.sheet.note("NOT EXISTS", ABSENCE)
            return EMPTY
        if not _plain(exists.group):
            self.sheet.note(
                "EXISTS with MINUS, BIND or a sub-SELECT",
                "it cannot be asked for many rows at once",
            )
            return EMPTY
        parsed = self.sheet.parsed
        named = [*visible(reach.group), *sorted(reach.seen)]
        bound = [n for n in dict.fromkeys(named) if parsed.mentions(n, exists.group.span)]
        columns: list[Ref] = [self._stable(name, reach, tail) for name in bound]
        if isinstance(reach.graph, Variable) and reach.graph.name not in bound:
            bound.append(reach.graph.name)
            columns.append(self.column(reach.graph.name))
        index, inject = self.sheet.name("i"), f"#{self.sheet.name('v')}#"
        inner = Scope(self.sheet, exists.group, bound, inject)
        inner.column(index)
        text, tracer = inner.body(exists.group, reach.graph)
        where = f"{inject}\n{text}"
        if reach.graph is not None:
            where = f"GRAPH {reach.graph.text} {{ {where}\n}}"
        names = " ".join(f"?{name}" for name in inner.columns)
        whole = f"{parsed.prologue}\nSELECT {names} WHERE {{ {where}\n}}"
        return Existing(whole, inject, (index, *bound), tuple(columns), tracer)

    def _stable(self, name: str, reach: _Reach, tail: list[str]) -> int:
        """Return the column with a variable's value as the filter sees it."""
        group = reach.group
        if name in reach.seen or name in certain(group) or self._alone(name, group.span):
            return self.column(name)
        copy = self.sheet.name("s")
        tail.append(f"BIND(?{name} AS ?{copy})")
        return self.column(copy)


class _Reach:
    """What a filter sees: its group, the graph it is matched in, the left side of an OPTIONAL."""

    def __init__(self, group: Group, graph: Node | None, seen: frozenset[str]) -> None:
        self.group = group
        self.graph = graph
        self.seen = seen


def _plain(group: Group) -> bool:
    """Whether values can be joined to a group without changing what it means."""
    for element in group.elements:
        match element:
            case SubSelect() | Minus() | Bind():
                return False
            case Union(branches):
                if not all(map(_plain, branches)):
                    return False
            case GraphPattern(_, inner) | OptionalGroup(inner):
                if not _plain(inner):
                    return False
    return True
