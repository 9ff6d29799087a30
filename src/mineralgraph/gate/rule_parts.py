"""What a rule over the dataset is made of, once it is taken apart (``gate/rule_cases.py``)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Variable

from mineralgraph.rdf.namespaces import GRAPH_BASE

Term = NamedNode | BlankNode | Literal
Place = Term | Variable
VIEW = DefaultGraph()


@dataclass(frozen=True)
class Pattern:
    """A quad pattern.

    Attributes:
        subject: a term or a variable; so are ``object`` and ``graph``.
        predicates: the properties, one of which must match; a variable stands alone.
        object: see ``subject``.
        graph: ``VIEW`` where the pattern stands in no GRAPH.
        circle: whether the pattern is ``?x p+ ?x``.
    """

    subject: Place
    predicates: tuple[NamedNode | Variable, ...]
    object: Place
    graph: Place | DefaultGraph
    circle: bool = False

    @cached_property
    def variables(self) -> frozenset[Variable]:
        """The variables of the pattern."""
        places = (self.subject, *self.predicates, self.object, self.graph)
        return frozenset(place for place in places if isinstance(place, Variable))

    @cached_property
    def open(self) -> tuple[tuple[int, Variable], ...]:
        """The variables, each with its place in a quad."""
        places = enumerate(self._places())
        return tuple((n, place) for n, place in places if isinstance(place, Variable))

    @cached_property
    def fixed(self) -> tuple[tuple[int, Any], ...]:
        """The terms, each with its place in a quad."""
        places = enumerate(self._places())
        return tuple((n, p) for n, p in places if p and not isinstance(p, Variable))

    def _places(self) -> tuple[Any, ...]:
        alone = self.predicates[0] if len(self.predicates) == 1 else None
        return (self.subject, alone, self.object, self.graph)


@dataclass(frozen=True)
class Below:
    """A group of (NOT) EXISTS.

    Attributes:
        cases: its ways to be true.
        sign: True where a row needs it to hold, False where a row needs it not to; None where
            that depends, as in a BIND.
    """

    cases: tuple[Case, ...]
    sign: bool | None


@dataclass(frozen=True)
class Case:
    """One way to make a row of a rule, or to make a group of (NOT) EXISTS true.

    Attributes:
        patterns: what must all match.
        below: its (NOT) EXISTS.
        used: variables that a filter, a BIND, an aggregate or the row itself looks at.
        among: what a variable can be, from VALUES and IN.
        starts: variable, beginning, and whether its IRI must begin so or must not.
        key: the variables of GROUP BY, where the rows count or compare others; else None.
        made: variables that a BIND gives a value.
        filtered: whether a filter can reject what the patterns match.
    """

    patterns: tuple[Pattern, ...] = ()
    below: tuple[Below, ...] = ()
    used: frozenset[Variable] = frozenset()
    among: Mapping[Variable, frozenset[Term]] = field(default_factory=dict)
    starts: tuple[tuple[Variable, str, bool], ...] = ()
    key: frozenset[Variable] | None = None
    made: frozenset[Variable] = frozenset()
    filtered: bool = False

    @cached_property
    def variables(self) -> frozenset[Variable]:
        """The variables of the patterns, those of the groups below left out."""
        return frozenset().union(*(p.variables for p in self.patterns))

    @cached_property
    def seen(self) -> frozenset[Variable]:
        """Every variable that the case or a group below it looks at."""
        return (self.variables | self.used).union(*(inner.seen for inner in self.inner()))

    @cached_property
    def matter(self) -> frozenset[Variable]:
        """The variables of the patterns on which a row, or a group below, depends."""
        return self.variables & self.used.union(*(inner.seen for inner in self.inner()))

    @cached_property
    def limited(self) -> frozenset[Variable]:
        """The variables that cannot be anything."""
        return frozenset(self.among).union(variable for variable, _, _ in self.starts)

    def allows(self, variable: Variable, term: Term) -> bool:
        """Tell whether VALUES, IN and beginnings let a variable have a value."""
        if variable not in self.limited:
            return True
        among = self.among.get(variable)
        text = str(getattr(term, "value", ""))
        return (among is None or term in among) and all(
            text.startswith(start) == holds for v, start, holds in self.starts if v == variable
        )

    def describes(self, graph: Place | DefaultGraph) -> bool:
        """Tell whether a variable can only be a graph of descriptions."""
        return any(v == graph and h and s.startswith(GRAPH_BASE) for v, s, h in self.starts)

    def inner(self) -> Iterator[Case]:
        """Yield the cases of the groups below."""
        return (case for group in self.below for case in group.cases)

    def joined(self, other: Case) -> Case:
        """Return the conjunction of two cases."""
        among = dict(self.among)
        for variable, terms in other.among.items():
            among[variable] = among.get(variable, terms) & terms
        return Case(
            self.patterns + other.patterns,
            self.below + other.below,
            self.used | other.used,
            among,
            self.starts + other.starts,
            self.key if other.key is None else other.key,
            self.made | other.made,
            self.filtered or other.filtered,
        )


def all_variables(case: Case) -> frozenset[Variable]:
    """Return the variables of a case and of what is below it."""
    found = case.variables | case.used | case.made | frozenset(case.among)
    found |= case.key or frozenset()
    return found.union(*(all_variables(c) for c in case.inner()))


def renamed(case: Case, names: Mapping[Variable, Variable]) -> Case:
    """Return a case with other names for some variables."""

    def name(place: Any) -> Any:
        return names.get(place, place) if isinstance(place, Variable) else place

    def set_of(variables: Iterable[Variable]) -> frozenset[Variable]:
        return frozenset(map(name, variables))

    patterns = (
        replace(
            p,
            subject=name(p.subject),
            predicates=tuple(map(name, p.predicates)),
            object=name(p.object),
            graph=name(p.graph),
        )
        for p in case.patterns
    )
    below = (
        Below(tuple(renamed(inner, names) for inner in group.cases), group.sign)
        for group in case.below
    )
    return Case(
        tuple(patterns),
        tuple(below),
        set_of(case.used),
        {name(v): terms for v, terms in case.among.items()},
        tuple((name(v), start, holds) for v, start, holds in case.starts),
        None if case.key is None else set_of(case.key),
        set_of(case.made),
        case.filtered,
    )
