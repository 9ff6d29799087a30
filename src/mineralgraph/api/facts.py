"""What claims say of a thing, line by line: grouped, with sources, and what is contested.

A line is one value of one property, or one node that stands between (a participation, a status
step) with what is said of it. Claims that say the same stand behind one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from mineralgraph.api import things
from mineralgraph.api.ask import Row
from mineralgraph.api.presentation import wording
from mineralgraph.api.presentation.labels import Labels
from mineralgraph.api.presentation.terms import page_of, plain, text
from mineralgraph.api.things import Json
from mineralgraph.rdf.identifiers import split

_GROUPS: Final[tuple[tuple[str, frozenset[str]], ...]] = tuple(
    (title, frozenset(names.split()))
    for title, names in (
        ("status", "stepOf status"),
        ("amounts", "amount financingType numerator denominator quantityOf count counts "
         "vagueTerm eventCount value maxValue minValue exclusiveMinValue"),
        ("minerals", "mineral activity concerns actor recipient listedConcept edition grade"),
        ("who", "participant inEvent role onBehalfOf inPost member organization post postIn "
         "attendee party madeBy offeredBy addressedTo beneficiary governs subOrganizationOf unitOf "
         "firstInPost former singleSeat"),
        ("said", "saidBy saidIn content topic conveys topicNote purpose"),
        ("where", "location containedInPlace"),
        ("when", "when begins ends memberDuring attestedAt edtf issued"),
        ("parts", "superEvent hasPart instrument follows "
         "inSeries ordinalInSeries broader editionOf replaces"),
        ("kind", "eventType instrumentType orgType provisionType description"),
        ("names", "label altLabel"),
    )
)  # fmt: skip
_OTHER: Final = "more"
_SHOWN_ORDER: Final = (
    "kind", "who", "when", "where", "status", "amounts", "minerals", "said", "parts", _OTHER,
    "names",
)  # fmt: skip
NAMES: Final = _SHOWN_ORDER
"""The names of the groups."""
_LOOSE: Final = frozenset({"participant", "member", "inEvent", "stepOf", "mineral", "actor"})
"""Ties by which a nameless node hangs on a thing; what else it says tells where it belongs."""
_CONTESTED: Final = frozenset({"contradicts", "differs-in-scope"})
_AMOUNT: Final = re.compile(r"(?P<unit>[a-z]{3})-(?:(?P<bound>max|min|over)-)?(?P<number>\d+)")
_BOUNDS: Final = {"max": "up to ", "min": "at least ", "over": "more than ", None: ""}


def groups(
    thing: str, rows: Iterable[Row], independent: Iterable[Row], labels: Labels
) -> list[Json]:
    """Return groups of lines.

    Args:
        thing: the thing's IRI.
        rows: the rows of the canned query ``entity-facts``.
        independent: the rows of ``corroboration``.
        labels: what things are called.
    """
    families = {
        (text(r["subject"]), text(r["property"]), text(r["value"])): int(text(r["families"]))
        for r in independent
    }
    found: dict[tuple[str, ...], _Line] = {}
    for row in rows:
        node, prop, value = text(row["node"]), text(row["property"]), text(row["value"])
        standing = text(row["modality"])
        between = node != thing
        key = (standing, node) if between else (standing, node, prop, value)
        line = found.setdefault(key, _Line(thing, node, standing, between))
        line.add(row, families.get((node, prop, value), 0))
    grouped: dict[str, list[Json]] = {}
    for line in found.values():
        if line.says_something(labels):
            grouped.setdefault(line.group(), []).append(line.json(labels))
    return [
        {"name": name, "title": wording.plain(f"thing.groups.{name}"),
         "lines": _ordered(grouped[name])}
        for name in _SHOWN_ORDER if name in grouped
    ]  # fmt: skip


def _ordered(lines: list[Json]) -> list[Json]:
    return sorted(lines, key=lambda line: (not line["held"], -line["families"]))


class _Line:
    """One line in the making."""

    def __init__(self, thing: str, node: str, standing: str, between: bool) -> None:
        self._thing, self._node, self._standing = thing, node, standing
        self._between = between
        self._parts: dict[tuple[str, str], Row] = {}
        self._claims: dict[str, None] = {}
        self._families = 1

    def add(self, row: Row, families: int) -> None:
        """Take one row of the line."""
        self._parts.setdefault((text(row["property"]), text(row["value"])), row)
        self._claims.setdefault(text(row["claim"]))
        self._families = max(self._families, families)

    def says_something(self, labels: Labels) -> bool:
        """Tell whether there is more than the tie of a nameless node to the thing itself."""
        named = labels.find(self._node) is not None
        return not self._between or named or any(v != self._thing for _, v in self._parts)

    def group(self) -> str:
        """Return the group; what ties a node to the thing decides, then what else is said."""
        ties = {_local(prop) for prop, value in self._parts if value == self._thing}
        for title, known in _GROUPS:
            if self._between and ties & known - _LOOSE:
                return title
        names = {_local(prop) for prop, _ in self._parts}
        return next((title for title, known in _GROUPS if names & known), _OTHER)

    def json(self, labels: Labels) -> Json:
        """Return the line as JSON data."""
        parts: list[Json] = [
            {"property": things.named(prop, labels), "value": _value(row, labels)}
            for (prop, value), row in self._parts.items()
            if value != self._thing
        ]
        held = _local(self._standing) == "held"
        named = self._between and labels.find(self._node) is not None
        return {
            "node": self._node if self._between else None,
            "subject": things.named(self._node, labels) if named else None,
            "ties": [things.named(prop, labels) for prop, value in self._parts
                     if self._between and value == self._thing],
            "parts": parts,
            "held": held,
            "modality": things.named(self._standing, labels),
            "families": self._families if held else 1,
            "claims": list(self._claims),
        }  # fmt: skip


def _value(row: Row, labels: Labels) -> Json:
    found = things.value(row["value"], labels)
    kind, slug = split(text(row["value"])) or ("", "")
    amount = _AMOUNT.fullmatch(slug) if kind == "amount" else None
    if amount:
        number = f"{int(amount['number']):,}"
        return {**found, "label": f"{_BOUNDS[amount['bound']]}{amount['unit'].upper()} {number}"}
    return found


def _local(iri: str) -> str:
    return re.split(r"[#/]", iri)[-1]


def differing(rows: Iterable[Row], labels: Labels) -> list[Json]:
    """Return every difference in the rows of ``claim-relations``, with its sides."""
    found: dict[str, Json] = {}
    for row in rows:
        if _local(text(row["type"])) not in _CONTESTED:
            continue
        relation = found.setdefault(
            text(row["relation"]),
            {
                "relation": text(row["relation"]),
                "type": things.named(text(row["type"]), labels),
                "reason": plain(row["reason"]),
                "sides": [],
            },
        )
        side = {
            "claim": text(row["claim"]),
            "page": page_of(text(row["claim"])),
            "gist": text(row["gist"]),
            "article": things.named(text(row["article"]), labels),
        }
        if side not in relation["sides"]:
            relation["sides"].append(side)
    return list(found.values())
