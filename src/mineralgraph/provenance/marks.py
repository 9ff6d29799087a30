"""Marks on rows: whether a claim that they name is contested, and whether they held on a day.

A row is *contested* when a claim that it names stands in a relation of the type ``contradicts``;
one that names no claim has no such mark. On a day that is looked at (``store.clock``), a row
that names its claim in the column ``claim`` is marked by that claim, any other by what it rests
on, which is traced (``explain.py``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from pyoxigraph import NamedNode

from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import ID_BASE, MG
from mineralgraph.store.base import Store
from mineralgraph.store.clock import verdict
from mineralgraph.store.results import Cell, Rows

CONTESTED: Final = "contested"
VALIDITY: Final = "validity"
CLAIM: Final = "claim"
"""The column whose claim decides whether a row held."""
_CLAIMS: Final = f"{ID_BASE}claim/"
_CONTRADICTS: Final = mint("relation-type", "contradicts")
_BATCH: Final = 500

Row = Sequence[Cell]


@dataclass(frozen=True)
class Marks:
    """What each row also says; None where it was not asked for.

    Attributes:
        contested: for each row whether a claim that it names is contradicted; None in it for a
            row that names no claim.
        validity: for each row certain, possible or undated; None in it for a row that rests on
            reference data alone.
    """

    contested: tuple[bool | None, ...] | None = None
    validity: tuple[str | None, ...] | None = None

    def __iter__(self) -> Iterator[tuple[str, tuple[bool | str | None, ...]]]:
        """Yield the marks that were asked for, by name."""
        if self.contested is not None:
            yield CONTESTED, self.contested
        if self.validity is not None:
            yield VALIDITY, self.validity

    @property
    def undated(self) -> int | None:
        """How many rows have no date, where a day is looked at."""
        return None if self.validity is None else self.validity.count("undated")


def contested_text(claims: Iterable[NamedNode]) -> str:
    """Return a query for those of some claims (?claim) that another claim contradicts."""
    return (
        f"SELECT DISTINCT ?claim {{ ?relation {MG.relationType} {_CONTRADICTS} ; "
        f"{MG.relates} ?claim VALUES ?claim {{ {' '.join(map(str, claims))} }} }}"
    )


def contested_claims(store: Store, claims: Iterable[NamedNode]) -> frozenset[NamedNode]:
    """Return those of some claims that another claim contradicts."""
    waiting = iter(sorted(set(claims), key=str))
    found: set[NamedNode] = set()
    while some := list(islice(waiting, _BATCH)):
        rows = store.query_accepted(contested_text(some))
        if isinstance(rows, Rows):
            found.update(row[0] for row in rows if isinstance(row[0], NamedNode))
    return frozenset(found)


def contested_rows(store: Store, rows: Sequence[Row]) -> tuple[bool | None, ...]:
    """Return for each row whether a claim that it names is contested."""
    named = [list(_claims_of(row)) for row in rows]
    against = contested_claims(store, (claim for claims in named for claim in claims))
    return tuple(any(c in against for c in claims) if claims else None for claims in named)


def by_claim(store: Store, columns: Sequence[str], rows: Iterable[Row]) -> tuple[str | None, ...]:
    """Return for each row what is known of the claim that it is about; None where it has none."""
    if CLAIM not in columns:
        return tuple(None for _ in rows)
    place, known = columns.index(CLAIM), dict[Cell, str | None]()
    found = []
    for row in rows:
        cell = row[place]
        if cell not in known:
            known[cell] = verdict(store.quads, cell) if isinstance(cell, NamedNode) else None
        found.append(known[cell])
    return tuple(found)


def _claims_of(row: Row) -> Iterator[NamedNode]:
    for cell in row:
        if isinstance(cell, NamedNode) and cell.value.startswith(_CLAIMS):
            yield cell


def text_of(mark: bool | str | None) -> str:
    """Return a mark as tables write it."""
    return str(mark).lower() if isinstance(mark, bool) else mark or ""


def members(marks: Marks) -> Mapping[str, object]:
    """Return the marks as members of a JSON document, arrays that run parallel to the rows."""
    found: dict[str, object] = {name: list(values) for name, values in marks}
    return found if marks.undated is None else {**found, "undated": marks.undated}
