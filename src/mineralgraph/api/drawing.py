"""Where bars, ticks and neighbours stand in a drawing; templates only write them out as SVG.

Uncertain dates are spans and are drawn as such. What has no date has no place on the scale: it
stands below, with the day by which an article told of it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from mineralgraph.api.presentation.labels import Labels
from mineralgraph.api.presentation.terms import day_label
from mineralgraph.api.things import Json, named

_LETTER: Final = 6.5
"""How wide a letter of a label is, in the units of a chart."""
_MONTHS: Final = (1, 2, 3, 6, 12, 24, 60, 120, 600, 1200, 2400, 6000, 12_000, 48_000)
"""The steps of months that ticks may be apart."""


@dataclass(frozen=True)
class Layout:
    """Measures of a chart in its own units.

    Attributes:
        width: of the whole chart.
        left: where the scale begins; labels stand before it, or above each bar where it is 0.
        row: height of one row.
        top: where the first row begins.
        ticks: how many ticks there may be.
    """

    width: int
    left: int
    row: int
    top: int
    ticks: int


WIDE: Final = Layout(width=1040, left=400, row=26, top=34, ticks=8)
NARROW: Final = Layout(width=320, left=0, row=38, top=26, ticks=4)


def bars(rows: Iterable[Mapping[str, Any]]) -> list[Json]:
    """Return one bar for each thing, step, date and modality, with the number of its claims."""
    found: dict[tuple[Any, ...], Json] = {}
    for row in rows:
        key = (row["thing"], row["step"], row["date"], row["modality"])
        found.setdefault(key, {**row, "claims": 0})["claims"] += 1
    placed = [{**bar, **_days(bar)} for bar in found.values()]
    return sorted(placed, key=lambda bar: (bar["from"] is None, bar["from"] or 0))


def chart(found: Sequence[Json], layout: Layout = WIDE) -> Json | None:
    """Place bars on a scale of days; None where there is nothing to draw."""
    dated = [bar for bar in found if bar["from"] is not None]
    if not found:
        return None
    low = min((bar["from"] for bar in dated), default=0)
    high = max((bar["to"] for bar in dated), default=0)
    air = max(2, (high - low) // 40) if dated else 0  # so that one day is no bar from end to end
    low, high = max(1, low - air), min(date.max.toordinal(), high + air)
    scale = (layout.width - layout.left - 40) / max(1, high - low + 1)
    lines = []
    for number, bar in enumerate(found):
        line = {**bar, "y": layout.top + number * layout.row + (12 if bar["from"] is None else 0)}
        if bar["from"] is not None:
            line["x"] = round(layout.left + (bar["from"] - low) * scale, 1)
            line["width"] = round(max(4.0, (bar["to"] - bar["from"] + 1) * scale), 1)
        lines.append(line)
    return {
        "width": layout.width,
        "height": layout.top + len(lines) * layout.row + 16,
        "left": layout.left,
        "row": layout.row,
        "bottom": layout.top + len(dated) * layout.row,
        "bars": lines,
        "undated": len(found) - len(dated),
        "ticks": _apart(
            {"x": round(layout.left + (tick.toordinal() - low) * scale, 1), "label": label}
            for tick, label in _ticks(low, high, layout.ticks)
        )
        if dated
        else [],
    }


def _apart(ticks: Iterable[Json]) -> list[Json]:
    """Leave out what would be written over the label before it."""
    found: list[Json] = []
    for tick in ticks:
        if not found or tick["x"] - found[-1]["x"] >= _LETTER * (len(found[-1]["label"]) + 1):
            found.append(tick)
    return found


def _days(bar: Mapping[str, Any]) -> Json:
    """Return a bar's first and last day as numbers, and its date in words."""
    words = day_label(bar["date"]) if bar["date"] else None
    try:
        first = date.fromisoformat(bar["first"]).toordinal()
        last = date.fromisoformat(bar["last"]).toordinal()
    except (TypeError, ValueError):  # no date, or a year that the calendar here has not
        return {"from": None, "to": None, "words": words}
    return {"from": first, "to": last, "words": words}


def _ticks(low: int, high: int, most: int) -> list[tuple[date, str]]:
    """Return the first days of months, so few that their labels have room; or else the ends."""
    first, last = date.fromordinal(low), date.fromordinal(high)
    months = (last.year - first.year) * 12 + last.month - first.month
    if months < 2:
        days = sorted({low + (high - low) * n // 3 for n in range(4)})[:most]
        return [(date.fromordinal(day), date.fromordinal(day).isoformat()) for day in days]
    step = next((s for s in _MONTHS if months / s <= most), _MONTHS[-1])
    found = []
    begin = -(-(first.year * 12 + first.month - 1) // step) * step
    for number in range(begin, last.year * 12 + last.month, step):
        year, month = divmod(number, 12)
        day = date(year, month + 1, 1)
        if low <= day.toordinal() <= high:
            found.append((day, f"{year}" if step >= 12 else f"{year}-{month + 1:02}"))
    return found


def neighbours(rows: Iterable[Mapping[str, Any]], thing: str, labels: Labels) -> list[Json]:
    """Return what claims name together with a thing, with the number of claims, most first.

    Args:
        rows: the rows of ``/network`` about the thing.
        thing: its IRI.
        labels: what things are called.
    """
    claims: dict[str, set[str]] = {}
    for row in rows:
        other = row["to"] if row["from"] == thing else row["from"]
        claims.setdefault(other, set()).add(row["claim"])
    found = [{**named(iri, labels), "claims": len(held)} for iri, held in claims.items()]
    return sorted(found, key=lambda n: (-n["claims"], n["label"]))


def star(found: Sequence[Json]) -> Json | None:
    """Place a thing's neighbours on a bow beside it, a thicker line for more claims."""
    if not found:
        return None
    row, top = 26, 16
    middle = top + (len(found) - 1) * row / 2
    placed = []
    for number, other in enumerate(found):
        y = top + number * row
        away = (y - middle) / max(1.0, middle)
        x = round(64 + 30 * math.sqrt(max(0.0, 1 - away * away)), 1)
        line = round(min(6.0, 1 + math.log2(other["claims"])), 1)
        placed.append({**other, "x": x, "y": y, "line": line})
    return {"width": 320, "height": top + len(found) * row, "x": 14, "y": middle, "ends": placed}
