"""Rewriting a pattern so that its solutions show which triples they matched.

The rewritten pattern has the same solutions: it only binds markers (constants under names of
ours) in OPTIONAL parts and UNION branches, which say who matched. Whatever has no place in a
solution (MINUS, FILTER, nested queries) stays as it was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import count

from pyoxigraph import BlankNode

from mineralgraph.provenance.existence import ABSENCE, Left, Reach, before, needed, valued
from mineralgraph.provenance.plan import (
    EMPTY,
    Branches,
    Edge,
    Joined,
    Matched,
    Nested,
    Note,
    Ref,
    SelectPlan,
    Tracer,
    Walk,
)
from mineralgraph.provenance.syntax import (
    Bind,
    Element,
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
    Values,
    Variable,
)
from mineralgraph.provenance.visible import certain, projected
from mineralgraph.store.base import Term


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
        inject: what every nested group begins with; it binds what is outside.
    """

    def __init__(
        self, sheet: Sheet, where: Group, outside: Iterable[str] = (), inject: str = ""
    ) -> None:
        self.sheet = sheet
        self.where = where
        self.outside = frozenset(outside)
        self.inject = inject
        self.given = self.outside if inject else frozenset[str]()
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

    def raw(self, span: Span) -> str:
        """Return a part of the query as it was written."""
        return self.sheet.parsed.slice(span)

    def alone(self, name: str, span: Span) -> bool:
        """Whether a variable stands nowhere in the scope but in this span."""
        parsed = self.sheet.parsed
        return name not in self.outside and parsed.mentions(name, span) == parsed.mentions(
            name, self.where.span
        )

    def body(
        self, group: Group, graph: Node | None, left: Left | None = None
    ) -> tuple[str, Tracer]:
        """Rewrite the inside of a group.

        Args:
            group: the group.
            graph: what GRAPH around it names; None for the default graph.
            left: what its filters see besides, in an OPTIONAL.
        """
        lines: list[str] = []
        tail: list[str] = []
        parts: list[Tracer] = []
        for number, element in enumerate(group.elements):
            tracer: Tracer = EMPTY
            if isinstance(element, Filter):
                if element.expression.exists:
                    reach = Reach.of(self, group, graph, tail, group.span, left)
                    tracer = needed(self, element.expression, reach)
                text = self.raw(element.span)
            elif isinstance(element, Bind):
                tracer = self._bind(element, before(group, number), graph, lines)
                text = self.raw(element.span)
            elif isinstance(element, OptionalGroup):
                text, tracer = self._optional(element, before(group, number), graph, lines)
            else:
                text, tracer = self._element(element, graph)
            lines.append(text)
            if tracer is not EMPTY:
                parts.append(tracer)
        return "\n".join([*lines, *tail]), Joined(tuple(parts)) if parts else EMPTY

    def _element(self, element: Element, graph: Node | None) -> tuple[str, Tracer]:
        match element:
            case TriplePattern():
                return element.text, self._pattern(element, graph)
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
                return self.raw(element.span), EMPTY
            case Values():
                return self.raw(element.span), EMPTY
        raise NotUnderstood(type(element).__name__, "it is not traced")

    def _bind(self, bind: Bind, left: Group, graph: Node | None, lines: list[str]) -> Tracer:
        if not bind.expression.exists:
            return EMPTY
        reach = Reach.of(self, left, graph, lines, bind.expression.span)
        return valued(self, bind.expression, reach)

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
        self, element: OptionalGroup, left: Group, graph: Node | None, lines: list[str]
    ) -> tuple[str, Tracer]:
        asks = any(isinstance(e, Filter) and e.expression.exists for e in element.group.elements)
        seen = Left.of(self, left, element.group, lines) if asks else None
        text, tracer = self.body(element.group, graph, seen)
        if tracer is EMPTY:
            return f"OPTIONAL {{ {text} }}", EMPTY
        for name in sorted(certain(element.group), key=lambda n: (n not in self.columns, n)):
            if self.alone(name, element.group.span):
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
        raw = self.raw(query.span)
        try:
            plan = self.sheet.select(self.sheet, query, graph)
        except NotUnderstood as error:
            self.sheet.note(f"sub-SELECT {error.feature}", error.why)
            return f"{{ {raw}\n}}", EMPTY
        sure = certain(Group((SubSelect(query),), query.span))
        row: list[Ref] = []
        copies: list[str] = []
        for name in projected(query):
            if name in sure or self.alone(name, query.span):
                row.append(self.column(name))
            else:
                copy = self.sheet.name("s")
                copies.append(f"BIND(?{name} AS ?{copy})")
                row.append(self.column(copy))
        nested = Nested(plan, tuple(row), loose=isinstance(graph, Variable))
        text = f"{{ {raw}\n}}"
        # In a group of their own, since what stands around may bind what the row leaves open.
        return f"{{ {text} {' '.join(copies)} }}" if copies else text, nested
