"""``/timeline``: events and status steps by day, an uncertain date as the span that it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from fastapi import FastAPI

from mineralgraph.api import things, views
from mineralgraph.api.labels import Labels
from mineralgraph.api.service import Service
from mineralgraph.api.terms import page_of, text
from mineralgraph.api.things import Json
from mineralgraph.api.views import View

COLUMNS: Final = (
    "thing", "label", "kind", "step", "date", "first", "last", "dated", "modality", "gist", "claim",
    "article", "published", "page",
)  # fmt: skip
FILTERS: Final = {
    "about": ("Only what claims name together with this thing.", "place:kazakhstan"),
    "actor": ("Only what claims name together with this person or body.", "person:tokayev"),
    "country": ("Only what claims name together with this country.", "place:kazakhstan"),
    "mineral": ("Only what claims name together with this mineral.", "mineral:gallium"),
    "modality": ("Only claims of this modality.", "held"),
    "step": ("Only this status step.", "signed"),
}
_WIDTH: Final = 1000
_LEFT: Final = 400
_ROW: Final = 26
_TOP: Final = 34
_TICKS: Final = 6


def register(app: FastAPI, service: Service) -> None:
    """Add the route."""
    views.register(app, service, VIEW)


async def rows(
    service: Service, filters: Mapping[str, str], labels: Labels
) -> tuple[list[Json], str]:
    """Return one row per claim, by the first possible day; what has no date stands last."""
    table = await views.asked(service, "timeline", filters)
    found = []
    for row in table:
        thing, step, kind = text(row["thing"]), text(row["step"]), text(row["kind"])
        found.append({
            "thing": thing,
            "label": labels.label(thing),
            "kind": labels.label(kind) if kind else None,
            "step": labels.label(step) if step else None,
            "date": text(row["edtf"]) or None,
            "first": text(row["first"]) or None,
            "last": text(row["last"]) or None,
            "dated": bool(row["first"]),
            "modality": things.named(text(row["modality"]), labels)["label"],
            "gist": text(row["gist"]),
            "claim": text(row["claim"]),
            "article": text(row["article"]),
            "published": text(row["published"]),
            "page": page_of(thing),
        })  # fmt: skip
    found.sort(key=lambda r: (r["first"] or r["published"], r["label"], r["claim"]))
    return found, table.version


def chart(found: list[Json], _: Labels) -> Json:
    """Place one bar for each thing, step and date on a scale of days.

    An undated entry has no bar of its own: only the day by which an article had it is marked.
    """
    bars: dict[tuple[str, str | None, str | None, str], Json] = {}
    for row in found:
        key = (row["thing"], row["step"], row["date"], row["modality"])
        bars.setdefault(key, {**row, "claims": 0})["claims"] += 1
    lines = [line for bar in bars.values() if (line := _days(bar)) is not None]
    if not lines:
        return {"chart": None}
    low, high = min(line["from"] for line in lines), max(line["to"] for line in lines)
    scale = (_WIDTH - _LEFT - 20) / max(1, high - low)
    for number, line in enumerate(lines):
        line["x"] = round(_LEFT + (line["from"] - low) * scale, 1)
        line["width"] = round(max(4, (line["to"] - line["from"] + 1) * scale), 1)
        line["y"] = _TOP + number * _ROW
    ticks = [low + (high - low) * n // _TICKS for n in range(_TICKS + 1)]
    return {"chart": {
        "width": _WIDTH + 40,
        "height": _TOP + len(lines) * _ROW + 10,
        "left": _LEFT,
        "bars": lines,
        "ticks": [
            {"x": round(_LEFT + (t - low) * scale, 1), "label": date.fromordinal(t).isoformat()}
            for t in sorted(set(ticks))
        ],
    }}  # fmt: skip


def _days(bar: Json) -> Json | None:
    """Return a bar with its first and last day as numbers; None where a day has no number."""
    try:
        last = date.fromisoformat(bar["last"] or bar["published"]).toordinal()
        first = date.fromisoformat(bar["first"]).toordinal() if bar["first"] else last
    except ValueError:
        return None
    return {**bar, "from": first, "to": last}


VIEW: Final = View(
    name="timeline",
    summary="Events and status steps by day",
    columns=COLUMNS,
    filters=FILTERS,
    rows=rows,
    shown=chart,
)
