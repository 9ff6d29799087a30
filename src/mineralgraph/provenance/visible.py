"""Which variables a pattern binds: those in scope, and those that every solution has."""

from __future__ import annotations

from collections.abc import Iterable

from mineralgraph.provenance.syntax import (
    Bind,
    Element,
    GraphPattern,
    Group,
    Item,
    OptionalGroup,
    Query,
    SubSelect,
    TriplePattern,
    Union,
    Values,
    Variable,
)


def visible(group: Group) -> list[str]:
    """Return the variables in scope (SPARQL 1.1 section 18.2.1), in order of appearance."""
    return list(dict.fromkeys(name for e in group.elements for name in _visible(e)))


def _visible(element: Element) -> Iterable[str]:
    match element:
        case TriplePattern():
            return [node.name for node in _nodes(element) if not node.hidden]
        case Group():
            return visible(element)
        case OptionalGroup(group):
            return visible(group)
        case Union(branches):
            return [name for branch in branches for name in visible(branch)]
        case GraphPattern(name, group):
            return [*([name.name] if isinstance(name, Variable) else []), *visible(group)]
        case Bind():
            return [element.variable]
        case Values():
            return element.variables
        case SubSelect(query):
            return projected(query)
    return []


def projected(query: Query) -> list[str]:
    """Return the columns of a SELECT; for ``*`` those in scope that the query names itself."""
    if query.items is not None:
        return [item.variable for item in query.items]
    after = query.values.variables if query.values else ()
    return list(dict.fromkeys([*visible(query.where), *after]))


def certain(group: Group) -> set[str]:
    """Return variables that every solution of a group binds (not always all of them)."""
    found: set[str] = set()
    for element in group.elements:
        match element:
            case TriplePattern():
                found.update(node.name for node in _nodes(element))
            case Union(branches):
                found |= set.intersection(*map(certain, branches))
            case GraphPattern(name, inner):
                found |= certain(inner)
                if isinstance(name, Variable) and not any(
                    isinstance(e, SubSelect) for e in inner.elements
                ):
                    found.add(name.name)  # see ``Nested.loose`` for the others
            case Values() if not element.partial:
                found.update(element.variables)
            case SubSelect(query):
                found |= _certain_columns(query)
    return found


def _certain_columns(query: Query) -> set[str]:
    inside = certain(query.where)
    if query.items is None:
        return inside
    return {item.variable for item in query.items if _is_certain(item, inside)}


def _is_certain(item: Item, inside: set[str]) -> bool:
    if item.expression is None:
        return item.variable in inside
    return item.text.lstrip("( \n\t").upper().startswith("COUNT")


def _nodes(pattern: TriplePattern) -> list[Variable]:
    nodes = (pattern.subject, pattern.predicate, pattern.object)
    return [node for node in nodes if isinstance(node, Variable)]
