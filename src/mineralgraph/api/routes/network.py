"""``/network``: which actors, events, instruments and minerals stand in one claim together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from fastapi import FastAPI

from mineralgraph.api import views
from mineralgraph.api.presentation.labels import Labels
from mineralgraph.api.presentation.terms import page_of, text
from mineralgraph.api.service import Service
from mineralgraph.api.things import Json
from mineralgraph.api.views import View

COLUMNS: Final = (
    "from", "fromLabel", "to", "toLabel", "modality", "gist", "claim", "article"
)  # fmt: skip
FILTERS: Final = {
    "about": ("Only pairs with this thing.", "person:tokayev"),
    "modality": ("Only claims of this modality.", "held"),
}


def register(app: FastAPI, service: Service) -> None:
    """Add the route."""
    views.register(app, service, VIEW)


async def rows(
    service: Service, filters: Mapping[str, str], labels: Labels
) -> tuple[list[Json], str]:
    """Return one row per pair and claim."""
    table = await views.asked(service, "network", filters)
    found = [
        {
            "from": text(row["from"]),
            "fromLabel": labels.label(text(row["from"])),
            "to": text(row["to"]),
            "toLabel": labels.label(text(row["to"])),
            "modality": labels.label(text(row["modality"])),
            "gist": text(row["gist"]),
            "claim": text(row["claim"]),
            "article": text(row["article"]),
        }
        for row in table
    ]
    return found, table.version


async def _shown(_: Service, found: list[Json], labels: Labels) -> Json:
    ends = {row[end] for row in found for end in ("from", "to")}
    return {
        "nodes": len(ends),
        "pages": {iri: page_of(iri) for iri in ends | {row["claim"] for row in found}},
        "articles": {row["article"]: labels.label(row["article"]) for row in found},
    }


VIEW: Final = View(
    name="network",
    summary="Actors, events, instruments and minerals that claims name together",
    columns=COLUMNS,
    filters=FILTERS,
    rows=rows,
    shown=_shown,
)
