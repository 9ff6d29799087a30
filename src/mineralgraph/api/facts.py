"""What claims say of a thing, line by line: grouped, with sources, and what is contested.

A line is one value of one property, or one node that stands between (a participation, a status
step) with what is said of it. Claims that say the same stand behind one line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mineralgraph.api import things
from mineralgraph.api.ask import Row
from mineralgraph.api.labels import Labels
from mineralgraph.api.terms import page_of, plain, text
from mineralgraph.api.things import Json
from mineralgraph.rdf.identifiers import split

_GROUPS: Final[tuple[tuple[str, frozenset[str]], ...]] = tuple(
    (title, frozenset(names.split()))
    for title, names in (
        ("Status", "stepOf status"),
        ("Amounts and counts", "amount financingType numerator denominator quantityOf count counts "
         "vagueTerm eventCount value maxValue minValue exclusiveMinValue"),
        ("Minerals", "mineral activity concerns actor recipient listedConcept edition grade"),
        ("Who", "participant inEvent role onBehalfOf inPost member organization post postIn "
         "attendee party madeBy offeredBy addressedTo beneficiary governs subOrganizationOf unitOf "
         "firstInPost former singleSeat orgType"),
        ("What was said", "saidBy saidIn content topic conveys topicNote purpose"),
        ("Where", "location containedInPlace"),
        ("When", "when begins ends memberDuring attestedAt edtf issued"),
        ("What it is part of, and what belongs to it", "superEvent hasPart instrument follows "
         "inSeries ordinalInSeries broader editionOf replaces"),
    )
)  # fmt: skip
_OTHER: Final = "More"
_SHOWN_ORDER: Final = (
    "Who", "When", "Where", "Status", "Amounts and counts", "Minerals", "What was said",
    "What it is part of, and what belongs to it", _OTHER,
)  # fmt: skip
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
        independent: the rows of ``facts-by-source-families``, from one family on.
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
        between = node != thing and not _shown_alone(node, value == thing, labels)
        key = (standing, node) if between else (standing, node, prop, value)
        line = found.setdefault(key, _Line(thing, node, standing, between))
        line.add(row, families.get((node, prop, value), 0))
    grouped: dict[str, list[Json]] = {}
    for line in found.values():
        if line.says_something():
            grouped.setdefault(line.group(), []).append(line.json(labels))
    return [{"title": title, "lines": _ordered(grouped[title])}
            for title in _SHOWN_ORDER if title in grouped]  # fmt: skip


def _shown_alone(node: str, inverse: bool, labels: Labels) -> bool:
    """Tell whether a node is a thing of its own, to name and link, or one that stands between."""
    return inverse and labels.find(node) is not None


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

    def says_something(self) -> bool:
        """Tell whether there is more than the tie to the thing itself."""
        return not self._between or any(value != self._thing for _, value in self._parts)

    def group(self) -> str:
        names = {_local(prop) for prop, _ in self._parts}
        return next((title for title, known in _GROUPS if names & known), _OTHER)

    def json(self, labels: Labels) -> Json:
        """Return the line as JSON data."""
        parts: list[Json] = [
            {"property": things.named(prop, labels), "value": _value(row, labels)}
            for (prop, value), row in self._parts.items()
            if value != self._thing
        ]
        if not self._between and self._node != self._thing:
            (prop, _), *_ = self._parts
            named = things.named(prop, labels)
            parts = [{"property": named, "inverse": True,
                      "value": things.named(self._node, labels)}]  # fmt: skip
        held = _local(self._standing) == "held"
        return {
            "node": None if self._node == self._thing else self._node,
            "parts": parts,
            "held": held,
            "modality": things.named(self._standing, labels),
            "families": self._families,
            "claims": list(self._claims),
        }


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


def contested(
    rows: Iterable[Row], claims: Sequence[Mapping[str, Any]], labels: Labels
) -> list[Json]:
    """Return where claims of a page differ from others: the two sides of each difference.

    Args:
        rows: the rows of the canned query ``claim-relations``.
        claims: the claims that the page shows; only their relations are taken.
        labels: what things are called.
    """
    mine = {claim["claim"] for claim in claims}
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
    return [
        relation for relation in found.values() if mine & {s["claim"] for s in relation["sides"]}
    ]
