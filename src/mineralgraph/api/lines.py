"""How a page says the lines of ``facts.py``: first what speaks for itself, the rest with names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from mineralgraph.api.ask import Row
from mineralgraph.api.presentation import wording
from mineralgraph.api.presentation.labels import Labels
from mineralgraph.api.presentation.terms import fallback_label, text
from mineralgraph.api.things import Json, named

SHOWN: Final = 8
"""Lines of a group on a thing's page; the page of the group has all."""

_ALONE: Final = (
    "content", "member", "participant", "partner", "actor", "activity", "mineral", "status", "post",
    "role", "amount", "counts", "when", "location",
)  # fmt: skip
"""Properties whose values need no name beside them, in the order in which they are said."""


def local(iri: str) -> str:
    """Return the last part of an IRI."""
    return re.split(r"[#/]", iri)[-1]


def said(line: Mapping[str, Any], group: str) -> Json:
    """Return a line as a page says it.

    Returns:
        ``subject``: the named thing that the line is about, where it is not the page's own;
        ``lead``: values that speak for themselves; ``rest``: pairs of a name and a value.
    """
    values = {local(p["property"]["iri"]): p["value"] for p in line["parts"]}
    lead, gone = _quantity(values)
    parts = [(local(p["property"]["iri"]), p) for p in line["parts"]]
    rest = [(name, p) for name, p in parts if name not in gone]
    alone = [name for name, _ in rest] if group in ("names", "kind") else _ALONE
    bare = sorted((alone.index(name), n) for n, (name, _) in enumerate(rest) if name in alone)
    lead += [rest[n][1]["value"] for _, n in bare]
    return {**line, "lead": lead, "rest": [p for name, p in rest if name not in alone]}


def _quantity(values: Mapping[str, Any]) -> tuple[list[Json], frozenset[str]]:
    """Return a count or a share as one value, and the properties that it says."""
    bound = values.get("bound", {})
    words = "" if local(bound.get("iri", "")) in ("", "exact") else f"{bound['label']} "
    if {"numerator", "denominator"} <= set(values):
        share = wording.plain("thing.share").format(
            part=values["numerator"]["value"], whole=values["denominator"]["value"]
        )
        return [{"value": words + share}], frozenset({"numerator", "denominator", "bound"})
    if "count" in values:
        return [{"value": f"{words}{values['count']['value']}"}], frozenset({"count", "bound"})
    if "vagueTerm" in values:
        return [{"value": values["vagueTerm"]["value"]}], frozenset({"vagueTerm", "bound"})
    return [], frozenset()


def blocks(groups: Sequence[Mapping[str, Any]], only: str | None) -> list[Json]:
    """Return the groups of a page, each with as many lines as are shown.

    Args:
        groups: what ``facts.groups`` returns.
        only: the one group to show, whole; all, each cut, when None.
    """
    found = []
    for group in groups:
        if only not in (None, group["name"]):
            continue
        lines = group["lines"] if only else group["lines"][:SHOWN]
        shown = [said(line, group["name"]) for line in lines]
        found.append({**group, "lines": shown, "total": len(group["lines"])})
    return found


def competing(rows: Iterable[Row], labels: Labels) -> list[Json]:
    """Return the aspects of a thing in which articles differ, with their values side by side.

    An aspect of which one article alone gives several values (participants, topics) has many; only
    those count of which each article gives one and not all give the same.

    Args:
        rows: the rows of the canned query ``competing-values``.
        labels: what things are called.
    """
    aspects: dict[str, dict[str, Json]] = {}
    given: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        aspect, value, claim = text(row["aspect"]), text(row["value"]), text(row["claim"])
        given.setdefault((aspect, text(row["article"])), set()).add(value)
        side = aspects.setdefault(aspect, {}).setdefault(
            value,
            {
                "value": named(value, labels) if value.startswith("http") else None,
                "claims": [],
                "families": set(),
            },
        )
        side["families"].add(text(row["family"]))
        if claim not in side["claims"]:
            side["claims"].append(claim)
    many = {aspect for (aspect, _), values in given.items() if len(values) > 1}
    return [
        {
            "label": labels.label(aspect) if "/" in aspect else fallback_label(aspect),
            "sides": [{**side, "families": len(side["families"])} for side in sides.values()],
        }
        for aspect, sides in aspects.items()
        if len(sides) > 1 and aspect not in many
    ]
