"""A rule over the dataset (``queries/checks/``), taken apart into the quad patterns that it reads.

A rule becomes *cases*, one for each way through its UNIONs. A case is a conjunction of quad
patterns, with groups of patterns below it for its (NOT) EXISTS. Understood are joins, UNION, GRAPH,
filters, (NOT) EXISTS, BIND, VALUES, subselects, aggregates, alternatives of properties, and a
circle of properties (``?x p+ ?x``). A rule with anything else cannot be loaded: nobody could
tell which of its rows a change can alter (``gate/rule_reads.py``).
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pyoxigraph import DefaultGraph, NamedNode, Variable
from rdflib import term as rdf
from rdflib.paths import AlternativePath, MulPath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue

from mineralgraph.errors import QueryFileError
from mineralgraph.gate import checks
from mineralgraph.gate.rule_parts import (
    VIEW,
    Below,
    Case,
    Pattern,
    Place,
    Term,
    all_variables,
    renamed,
)
from mineralgraph.rdf.terms import from_rdflib

_HINT = "queries/checks/README.md says what such a rule may be made of."
_COUNTING = frozenset(
    {"Aggregate_Count", "Aggregate_Sum", "Aggregate_Avg", "Aggregate_GroupConcat"}
)
_EXISTS = {"Builtin_EXISTS": True, "Builtin_NOTEXISTS": False}


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule and its cases."""

    check: checks.Check
    cases: tuple[Case, ...]


@cache
def load() -> tuple[Rule, ...]:
    """Return the rules of ``queries/checks/``.

    Raises:
        QueryFileError: when one has a construct whose reads cannot be told.
    """
    return tuple(Rule(check, read(check.text, check.name)) for check in checks.load())


def read(text: str, name: str = "the rule") -> tuple[Case, ...]:
    """Take a rule apart.

    Args:
        text: a SELECT query.
        name: what to call it in an error.

    Raises:
        QueryFileError: when it has a construct whose reads cannot be told.
    """
    query = prepareQuery(text).algebra
    try:
        found = _Reader().cases(query.p, VIEW)
    except _Unreadable as why:
        raise QueryFileError(f"{name}: {why}", hint=_HINT) from why
    if any(p.circle for case in found for p in case.patterns if len(case.patterns) > 1):
        raise QueryFileError(f"{name}: a circle stands alone", hint=_HINT)
    shown = frozenset(Variable(str(v)) for v in query.PV)
    return tuple(replace(case, used=case.used | shown) for case in found)


class _Unreadable(Exception):
    """A construct whose reads cannot be told."""


def _in(part: CompValue, name: str) -> Any:
    """Return a member of a part, None where it has none; ``CompValue.get`` means other things."""
    return OrderedDict.get(part, name)


class _Reader:
    """Reads one query; variables that are hidden in a part get names of their own."""

    def __init__(self) -> None:
        self._fresh = (Variable(f"hidden{n}") for n in itertools.count())

    def cases(self, part: CompValue, graph: Place | DefaultGraph) -> list[Case]:
        """Return the cases of a group graph pattern."""
        reader = getattr(self, f"_{part.name.lower()}", None)
        if reader is None or _in(part, "datasetClause"):
            raise _Unreadable(f"{part.name} is not understood in a rule over the dataset")
        found: list[Case] = reader(part, graph)
        return found

    def _bgp(self, part: CompValue, graph: Place | DefaultGraph) -> list[Case]:
        return [Case(tuple(self._pattern(triple, graph) for triple in part.triples))]

    def _pattern(self, triple: Any, graph: Any) -> Pattern:
        subject, path, value = triple
        ends, circle = (_place(subject), _place(value)), isinstance(path, MulPath)
        if circle:
            if path.mod != "+" or subject != value or graph != VIEW:
                raise _Unreadable("a path of any length that is no circle in the current view")
            path = path.path
        steps = path.args if isinstance(path, AlternativePath) else [path]
        places = tuple(_place(step) for step in steps)
        if not all(isinstance(p, NamedNode | Variable) for p in places):
            raise _Unreadable(f"the path {path} is not understood in a rule over the dataset")
        return Pattern(ends[0], places, ends[1], graph, circle)

    def _graph(self, part: CompValue, _: Place | DefaultGraph) -> list[Case]:
        name = _place(part.term)
        found = self.cases(part.p, name)
        if any(not case.patterns for case in found):  # GRAPH ?g { }: some quad stands in it
            anything = Pattern(next(self._fresh), (next(self._fresh),), next(self._fresh), name)
            found = [case.joined(Case((anything,))) for case in found]
        return found

    def _join(self, part: CompValue, graph: Place | DefaultGraph) -> list[Case]:
        left, right = self.cases(part.p1, graph), self.cases(part.p2, graph)
        return [one.joined(other) for one in left for other in right]

    def _union(self, part: CompValue, graph: Place | DefaultGraph) -> list[Case]:
        return self.cases(part.p1, graph) + self.cases(part.p2, graph)

    def _filter(self, part: CompValue, graph: Place | DefaultGraph) -> list[Case]:
        said = Case()
        for term in _conjuncts(part.expr):
            said = said.joined(self._condition(term, graph))
        return [case.joined(said) for case in self.cases(part.p, graph)]

    def _condition(self, expression: Any, graph: Place | DefaultGraph) -> Case:
        name = getattr(expression, "name", "")
        if name in _EXISTS:
            return self._below(expression, graph, _EXISTS[name])
        said = replace(self._expression(expression, graph), filtered=True)
        found = _one_of(expression)
        if found is not None:
            return replace(said, among=found, filtered=False)
        start = _beginning(expression)
        return replace(said, starts=(start,), filtered=False) if start else said

    def _expression(self, expression: Any, graph: Place | DefaultGraph) -> Case:
        """Return what an expression looks at; it may hold (NOT) EXISTS anywhere."""
        said = Case()
        for part in _parts(expression):
            if isinstance(part, rdf.Variable):
                said = said.joined(Case(used=frozenset({Variable(str(part))})))
            elif isinstance(part, CompValue) and part.name in _EXISTS:
                said = said.joined(self._below(part, graph, None))
        return said

    def _below(self, exists: CompValue, graph: Place | DefaultGraph, sign: bool | None) -> Case:
        return Case(below=(Below(tuple(self.cases(exists.graph, graph)), sign),))

    def _extend(self, part: CompValue, graph: Place | DefaultGraph) -> list[Case]:
        made = frozenset({Variable(str(part.var))})
        said = replace(self._expression(part.expr, graph), made=made)
        return [case.joined(said) for case in self.cases(part.p, graph)]

    def _aggregatejoin(self, part: CompValue, graph: Place | DefaultGraph) -> list[Case]:
        for aggregate in part.A:
            if aggregate.name in _COUNTING and not _in(aggregate, "distinct"):
                raise _Unreadable("a count without DISTINCT depends on how many graphs say it")
        said = self._expression(part.A, graph)
        key = frozenset(Variable(str(v)) for v in _in(part.p, "expr") or ())
        return [
            replace(case.joined(said), key=key, used=case.used | said.used | key)
            for case in self.cases(part.p.p, graph)
        ]

    def _tomultiset(self, part: CompValue, graph: Place | DefaultGraph) -> list[Case]:
        return self.cases(part.p, graph)

    def _values(self, part: CompValue, _: Place | DefaultGraph) -> list[Case]:
        among: dict[Variable, set[Term]] = {}
        for row in part.res:
            for variable, value in row.items():
                if not isinstance(value, rdf.Node):
                    raise _Unreadable("UNDEF is not understood in a rule over the dataset")
                among.setdefault(Variable(str(variable)), set()).add(from_rdflib(value))
        return [Case(among={v: frozenset(terms) for v, terms in among.items()})]

    def _distinct(self, part: CompValue, graph: Place | DefaultGraph) -> list[Case]:
        return self.cases(part.p, graph)

    def _project(self, part: CompValue, graph: Place | DefaultGraph) -> list[Case]:
        """Hide what a subselect does not show: outside, its name may mean something else."""
        shown = frozenset(Variable(str(v)) for v in part.PV)
        return [
            self._hidden(replace(c, used=c.used | shown), shown) for c in self.cases(part.p, graph)
        ]

    def _hidden(self, case: Case, shown: frozenset[Variable]) -> Case:
        names = dict.fromkeys(sorted(all_variables(case) - shown, key=str))
        return renamed(case, {name: next(self._fresh) for name in names})


def _place(node: Any) -> Any:
    """Return an rdflib term as ours; a blank node in a query is a variable."""
    if isinstance(node, rdf.Variable):
        return Variable(str(node))
    if isinstance(node, rdf.BNode):
        return Variable(f"blank{node}")
    if isinstance(node, rdf.Node):
        return from_rdflib(node)
    return None


def _conjuncts(expression: Any) -> Iterator[Any]:
    if getattr(expression, "name", "") == "ConditionalAndExpression":
        yield from _conjuncts(expression.expr)
        for other in expression.other:
            yield from _conjuncts(other)
    else:
        yield expression


def _parts(expression: Any) -> Iterator[Any]:
    """Yield an expression and all that it is made of, save the groups of (NOT) EXISTS."""
    yield expression
    if isinstance(expression, CompValue):
        if expression.name not in _EXISTS:
            for name, value in OrderedDict.items(expression):
                if name != "_vars":
                    yield from _parts(value)
    elif isinstance(expression, list | tuple):
        for value in expression:
            yield from _parts(value)


def _one_of(expression: Any) -> dict[Variable, frozenset[Term]] | None:
    """Return what ``?x IN (...)`` allows ``?x`` to be."""
    if getattr(expression, "name", "") != "RelationalExpression" or expression.op != "IN":
        return None
    variable, terms = expression.expr, expression.other
    if not isinstance(variable, rdf.Variable) or not all(isinstance(t, rdf.URIRef) for t in terms):
        return None
    return {Variable(str(variable)): frozenset(map(from_rdflib, terms))}


def _beginning(expression: Any) -> tuple[Variable, str, bool] | None:
    """Return what ``STRSTARTS(STR(?x), "...")`` or its negation says of ``?x``."""
    name, holds = getattr(expression, "name", ""), True
    if name == "UnaryNot":
        expression, holds = expression.expr, False
        name = getattr(expression, "name", "")
    if name != "Builtin_STRSTARTS" or getattr(expression.arg1, "name", "") != "Builtin_STR":
        return None
    variable, start = expression.arg1.arg, expression.arg2
    if not isinstance(variable, rdf.Variable) or not isinstance(start, rdf.Literal):
        return None
    return Variable(str(variable)), str(start), holds
