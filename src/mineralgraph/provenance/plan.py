"""What is asked of the engine to trace a query, and how a solution leads to its triples.

A plan is made from the query alone, so it can be kept and used again. Its tracers form a tree like
the pattern's: each says where, in a solution of the annotated query, the terms of a triple stand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal, NamedNode

from mineralgraph.provenance.syntax import Path

Ref = int | NamedNode | Literal
"""A column of the annotated solution, or a term of the query."""


@dataclass(frozen=True)
class Note:
    """Something that is not traced, or only partly: what, and why."""

    feature: str
    why: str


@dataclass(frozen=True, eq=False)
class Edge:
    """One triple pattern; ``graph`` is None in the default graph."""

    subject: Ref
    predicate: Ref
    object: Ref
    graph: Ref | None


@dataclass(frozen=True, eq=False)
class Walk:
    """One property path."""

    subject: Ref
    path: Path
    object: Ref
    graph: Ref | None


@dataclass(frozen=True, eq=False)
class Joined:
    """All parts of a group."""

    parts: tuple[Tracer, ...]


@dataclass(frozen=True, eq=False)
class Matched:
    """A part that counts where its marker is bound: OPTIONAL."""

    marker: int
    part: Tracer


@dataclass(frozen=True, eq=False)
class Branches:
    """Parts of which the marker names one by its number: UNION."""

    marker: int
    parts: tuple[Tracer, ...]


@dataclass(frozen=True, eq=False)
class Nested:
    """A sub-SELECT, and where its row stands in the solution around it.

    ``loose`` inside GRAPH with a variable: then it is traced as an engine answers that does not
    join the variable's graph to the row.
    """

    plan: SelectPlan
    row: tuple[Ref, ...]
    loose: bool


@dataclass(frozen=True, eq=False)
class Existing:
    """An EXISTS that must hold.

    Attributes:
        text: the query that finds matches.
        inject: what stands in it for the VALUES block, once or several times.
        bound: the variables that the solution around it gives.
        columns: where these stand.
        part: what a match rests on.
    """

    text: str
    inject: str
    bound: tuple[str, ...]
    columns: tuple[Ref, ...]
    part: Tracer


@dataclass(frozen=True, eq=False)
class Seen:
    """An EXISTS that an expression looked at; ``absent`` is said where it had no match."""

    existing: Existing
    absent: Note | None


@dataclass(frozen=True, eq=False)
class Tested:
    """An expression beside an EXISTS; it held where the marker is bound."""

    marker: int


@dataclass(frozen=True, eq=False)
class Alternatives:
    """``a || b`` with EXISTS among them; parts are ``Tested``, ``Existing``, or of these again."""

    parts: tuple[Tracer, ...]


Tracer = (
    Edge | Walk | Joined | Matched | Branches | Nested | Existing | Seen | Tested | Alternatives
)

EMPTY: Final = Joined(())
"""Rests on nothing."""


@dataclass(frozen=True, eq=False)
class SelectPlan:
    """How to trace the rows of one SELECT.

    Attributes:
        text: the annotated query: first the columns that a row is known by, then whatever the
            tracers need. Grouping, DISTINCT, LIMIT are gone.
        limited: the same with ORDER BY and LIMIT, where that may stand for it.
        width: how many columns a row (or a group, when ``grouped``) is known by.
        merged: whether equal rows are one row, so that their solutions are alternatives.
        grouped: whether a row rests on all solutions of its group.
        keys: where a group's keys stand in its row; None when they are not all projected.
        keyed: then this query gives each row followed by its keys.
        tracer: what a solution rests on.
        also: what a group rests on besides; its solution are the group's keys.
    """

    text: str
    limited: str | None
    width: int
    merged: bool
    grouped: bool
    keys: tuple[int, ...] | None
    keyed: str | None
    tracer: Tracer
    also: Tracer = EMPTY
