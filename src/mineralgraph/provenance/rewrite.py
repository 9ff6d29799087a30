"""From a query's text to its plan (``plan.SelectPlan``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mineralgraph.provenance import parser
from mineralgraph.provenance.annotate import Scope, Sheet
from mineralgraph.provenance.existence import Reach, joined, needed, valued
from mineralgraph.provenance.plan import EMPTY, Note, SelectPlan, Tracer
from mineralgraph.provenance.syntax import (
    Bind,
    GroupKey,
    Item,
    Node,
    NotUnderstood,
    Parsed,
    Query,
    Span,
    Variable,
)
from mineralgraph.provenance.visible import projected, visible
from mineralgraph.rdf import sparql
from mineralgraph.store.base import Dataset, Term
from mineralgraph.store.embedded import dataset_of


@dataclass(frozen=True, eq=False)
class QueryPlan:
    """A plan for a whole query.

    Attributes:
        dataset: what its FROM clauses say.
        columns: the order in which the plan expects the columns of a row; empty for ASK.
        chance: columns by which a row is not known: they differ from run to run.
        constants: the terms that the constants of its paths stand for.
        notes: what will not be traced.
    """

    select: SelectPlan
    dataset: Dataset
    columns: tuple[str, ...]
    chance: frozenset[str]
    constants: dict[str, Term]
    notes: tuple[Note, ...]


@lru_cache(maxsize=256)
def plan(text: str) -> QueryPlan:
    """Make the plan of a query; kept by the query's text, since nothing else goes into it.

    Raises:
        NotUnderstood: when nothing of it can be traced.
    """
    try:
        return _plan(parser.read(text))
    except RecursionError as error:
        raise NotUnderstood("the query", "it is nested too deeply to be traced") from error


def _plan(parsed: Parsed) -> QueryPlan:
    constants: dict[str, Term] = dict(parser.constants(parsed))
    sheet = Sheet(parsed, constants, _select)
    select = _select(sheet, parsed.query, None)
    names = [] if parsed.query.form == "ASK" else projected(parsed.query)
    chance = _by_chance(parsed)
    columns = tuple(name for name in names if name not in chance)
    return QueryPlan(
        select, dataset_of(list(parsed.tokens)), columns, chance, constants, tuple(sheet.notes)
    )


def _by_chance(parsed: Parsed) -> frozenset[str]:
    """Return the columns made by RAND, UUID and the like, where rows are known by the others.

    A variable of BIND is among them when nothing else in the pattern looks at it.
    """
    query = parsed.query
    if query.distinct or query.keys is not None:
        return frozenset()
    made = {item.variable: item.expression for item in query.items or () if item.expression}
    for element in query.where.elements:
        if isinstance(element, Bind) and parsed.mentions(element.variable, query.where.span) == 1:
            made[element.variable] = element.expression
    return frozenset(
        name
        for name, expression in made.items()
        if name in projected(query)
        and sparql.non_deterministic(parsed.tokens[slice(*expression.span)])
    )


def _select(sheet: Sheet, query: Query, graph: Node | None) -> SelectPlan:
    if query.keys is None:
        return _ungrouped(sheet, query, graph)
    return _grouped(sheet, query, query.keys, graph)


def _ungrouped(sheet: Sheet, query: Query, graph: Node | None) -> SelectPlan:
    scope = Scope(sheet, query.where, query.values.variables if query.values else ())
    heads: list[str] = []
    ask = query.form == "ASK"
    items = () if ask else query.items or tuple(Item(name) for name in projected(query))
    if query is sheet.parsed.query:
        chance = _by_chance(sheet.parsed)
        items = tuple(item for item in items if item.variable not in chance)
    for item in items:
        scope.column(item.variable)
        heads.append(item.text or f"?{item.variable}")
    width = len(heads)
    where, tracer = scope.body(query.where, graph)
    tracer = joined([tracer, *_valued(scope, items, query, graph)])
    after = sheet.parsed.slice(query.values.span) if query.values else ""
    text = _text(sheet.parsed, scope, heads, width, where, graph) + after
    limited = None
    if ask:
        limited = f"{text}\nLIMIT 1"
    elif query.slice and not (query.distinct or query.values):
        limited = f"{text}\n{query.order}\n{query.slice}"
    return SelectPlan(text, limited, width, query.distinct, False, None, None, tracer)


def _text(
    parsed: Parsed, scope: Scope, heads: list[str], width: int, where: str, graph: Node | None
) -> str:
    names = [*heads, *(f"?{name}" for name in list(scope.columns)[width:])]
    if graph is not None:
        where = f"GRAPH {graph.text} {{ {where}\n}}"
    return f"{parsed.prologue}\nSELECT {' '.join(names) or '(1 AS ?one)'} WHERE {{ {where}\n}} "


def _grouped(
    sheet: Sheet, query: Query, keys: tuple[GroupKey, ...], graph: Node | None
) -> SelectPlan:
    if query.form == "ASK":
        raise NotUnderstood("ASK with GROUP BY or HAVING", "its solutions have no row")
    scope = Scope(sheet, query.where)
    heads: list[str] = []
    names: list[str] = []
    keys = tuple(dict.fromkeys(keys))
    for key in keys:
        name = key.variable or sheet.name("k")
        names.append(name)
        scope.column(name)
        heads.append(f"?{name}" if key.text == f"?{name}" else f"({key.text} AS ?{name})")
    width = len(heads)
    where, tracer = scope.body(query.where, graph)
    made = [Item(key.variable or "", key.expression) for key in keys]
    tracer = joined([tracer, *_valued(scope, made, query, graph)])
    also = _also(sheet, query, names, graph)
    text = _text(sheet.parsed, scope, heads, width, where, graph)
    columns = projected(query)
    positions = [columns.index(n) if n in columns else None for n in names]
    known = tuple(p for p in positions if p is not None)
    if len(known) == len(positions):
        return SelectPlan(text, None, width, True, True, known, None, tracer, also)
    keyed = _keyed(sheet, query, keys, names, graph)
    return SelectPlan(text, None, width, True, True, None, keyed, tracer, also)


def _valued(scope: Scope, items: Sequence[Item], query: Query, graph: Node | None) -> list[Tracer]:
    """Trace the EXISTS in expressions that are evaluated on whole solutions."""
    asked = [item.expression for item in items if item.expression and item.expression.exists]
    if not asked:
        return []
    given = query.values.variables if query.values and query.keys is None else ()
    names = [*visible(query.where), *given, *(item.variable for item in items)]
    known = tuple(name for name in dict.fromkeys(names) if name)
    reach = Reach(graph, known, frozenset(known), query.where.span, None)
    return [valued(scope, expression, reach) for expression in asked]


def _also(sheet: Sheet, query: Query, keys: Sequence[str], graph: Node | None) -> Tracer:
    """Trace the EXISTS of HAVING and SELECT, which see a group's keys alone."""
    asked = [e for e in query.conditions if e.exists]
    items = [item for item in query.items or () if item.expression and item.expression.exists]
    if not (asked or items):
        return EMPTY
    if isinstance(graph, Variable):
        sheet.note("EXISTS of a group in GRAPH with a variable", "its graph is not known")
        return EMPTY
    scope = Scope(sheet, query.where)
    for name in keys:
        scope.column(name)
    made = frozenset(item.variable for item in query.items or () if item.expression)
    sure = frozenset(keys)
    reach = Reach(graph, (*keys, *(made - sure)), sure, Span(0, 0), None)
    found = [needed(scope, expression, reach) for expression in asked]
    return joined([*found, *(valued(scope, item.expression, reach) for item in items)])


def _keyed(
    sheet: Sheet, query: Query, keys: tuple[GroupKey, ...], names: list[str], graph: Node | None
) -> str:
    """Return the query with its keys projected too, after the columns of the row."""
    parsed = sheet.parsed
    items = [item.text or f"?{item.variable}" for item in query.items or ()]
    columns = [f"?{item.variable}" for item in query.items or ()]
    grouping, copies = [], []
    for key, name in zip(keys, names, strict=True):
        if key.variable is None:
            grouping.append(f"({key.text} AS ?{name})")
            items.append(f"?{name}")
            copies.append(f"?{name}")
        else:
            grouping.append(key.text if key.text == f"?{name}" else f"({key.text} AS ?{name})")
            copy = sheet.name("c")
            items.append(f"(?{name} AS ?{copy})")
            copies.append(f"?{copy}")
    limits = "" if query.distinct else f"{query.order}\n{query.slice}"
    inner = (
        f"SELECT {' '.join(items)} WHERE {parsed.slice(query.where.span)}\n"
        f"GROUP BY {' '.join(grouping)}\n{query.having}\n{limits}"
    )
    after = parsed.slice(query.values.span) if query.values else ""
    if graph is None:
        return f"{parsed.prologue}\n{inner}\n{after}"
    projection = " ".join([*columns, *copies])
    return (
        f"{parsed.prologue}\nSELECT {projection} WHERE {{ GRAPH {graph.text} {{ {{ {inner}\n{after}"
        " } } }"
    )
