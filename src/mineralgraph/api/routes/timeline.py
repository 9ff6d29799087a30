"""``/timeline``: events and status steps by day, an uncertain date as the span that it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from fastapi import FastAPI

from mineralgraph.api import drawing, things, views
from mineralgraph.api.presentation.labels import Labels
from mineralgraph.api.presentation.terms import page_of, text
from mineralgraph.api.service import Service
from mineralgraph.api.things import Json
from mineralgraph.api.views import View
from mineralgraph.queries.parameters import ParameterType, read_parameter

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
    "since": ("Only what may have been on this day or later.", "2025-11-01"),
    "until": ("Only what may have been on this day or before.", "2026-02-04"),
}
_DAY: Final = ParameterType("date")


def register(app: FastAPI, service: Service) -> None:
    """Add the route."""
    views.register(app, service, VIEW)


async def rows(
    service: Service, filters: Mapping[str, str], labels: Labels
) -> tuple[list[Json], str]:
    """Return one row per claim, by the first possible day; what has no date stands last."""
    since, until = (_day(filters, name) for name in ("since", "until"))
    asked = {name: value for name, value in filters.items() if name not in ("since", "until")}
    table = await views.asked(service, "timeline", asked)
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
    if since or until:  # what has no date is on no day
        found = [
            row for row in found
            if row["dated"] and row["last"] >= since and (not until or row["first"] <= until)
        ]  # fmt: skip
    found.sort(key=lambda r: (r["first"] or r["published"], r["label"], r["claim"]))
    return found, table.version


def _day(filters: Mapping[str, str], name: str) -> str:
    """Return a day as text, which sorts like the day; empty where it is not given."""
    if name not in filters:
        return ""
    return str(date.fromisoformat(read_parameter(name, _DAY, filters[name]).value))


async def shown(_: Service, found: list[Json], __: Labels) -> Json:
    """Return what the page needs beside its rows."""
    return {"chart": drawing.chart(drawing.bars(found))}


VIEW: Final = View(
    name="timeline",
    summary="Events and status steps by day",
    columns=COLUMNS,
    filters=FILTERS,
    rows=rows,
    shown=shown,
)
