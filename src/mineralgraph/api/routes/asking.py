"""``/ask/{name}``: a canned query as a page, with a field for each parameter and its rows below.

The page shows what ``/queries/{name}`` answers: names instead of IRIs, and the gist of each claim.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, ask, operations, points, things
from mineralgraph.api.answers import Made
from mineralgraph.api.http import exchange
from mineralgraph.api.presentation import pages
from mineralgraph.api.presentation.labels import Labels
from mineralgraph.api.presentation.terms import Cell, day_label, text
from mineralgraph.api.service import Service
from mineralgraph.api.things import Json
from mineralgraph.errors import BadParameter
from mineralgraph.queries import Query as Canned
from mineralgraph.queries.header import Parameter

MOST: Final = 200
"""Rows that the page shows; the data have all."""

_DAY: Final = re.compile(r"[\[\d.][-\d.,/\[\]~?%X]*")
"""What may be a date in EDTF."""
_HIDDEN: Final = frozenset({"first", "direction", "relation", "rank"})


def register(app: FastAPI, present: Service) -> None:
    """Add the route."""

    async def answer(request: Request) -> Response:
        query = present.catalog.find(request.path_params["name"])
        exchange.of(request.scope).query = f"page:ask:{query.name}"
        names = [p.name for p in query.parameters]
        given = operations.filled(request, (*names, *points.NAMES))
        service = await points.seen(present, points.read(given))
        values = {name: given[name] for name in names if name in given}
        frame = pages.Frame.of(request.url.path, given)
        return await answers.respond(
            service,
            request,
            "text/html; charset=utf-8",
            lambda: _page(service, query, values, frame),
        )

    app.add_api_route("/ask/{name}", answer, methods=["GET"], include_in_schema=False)


async def _page(
    service: Service, query: Canned, values: Mapping[str, str], frame: pages.Frame
) -> Made:
    labels = await things.labels_now(service)
    missing = [p.name for p in query.parameters if p.required and p.name not in values]
    fault, table = None, None
    if not missing:
        try:
            table = await _rows(service, query, values)
        except BadParameter as error:
            fault = error
    html = service.pages.render(
        "ask.html",
        frame,
        query={"name": query.name, "title": query.title, "about": query.description},
        fields=[_field(p, values.get(p.name, ""), labels) for p in query.parameters],
        values=values,
        fault=fault,
        missing=missing,
        answer=await _answer(service, table, labels) if table is not None else None,
        graph=query.rows == "graph",
        version=await service.runner.version(),
    )
    return Made(html, await service.runner.version(), pages.HEADERS)


async def _rows(service: Service, query: Canned, values: Mapping[str, str]) -> ask.Table | None:
    """Return one row more than is shown, or nothing for a graph or a truth, which have no rows."""
    query.bind(values)
    if query.rows == "graph" or query.form != "SELECT":
        return None
    return await ask.first_rows(service, query.name, MOST + 1, **values)


def _field(parameter: Parameter, value: str, labels: Labels) -> Json:
    """Return a parameter as a field: a choice where its values are known things."""
    kinds = parameter.type.kinds
    named = [n for kind in kinds for n in labels.of_kind(kind) or labels.concepts(kind)]
    options = [{"iri": n.iri, "label": n.label, "kind": kind_of(n.iri)} for n in named]
    if parameter.type.name == "iri" and not kinds:
        options = [
            {"iri": n.iri, "label": n.label, "kind": kind_of(n.iri)} for n in labels.entities
        ]
    return {
        "name": parameter.name,
        "help": parameter.help,
        "required": parameter.required,
        "value": value or (parameter.default or ""),
        "type": "date" if parameter.type.name == "date" else "text",
        "options": options,
        "several": len({o["kind"] for o in options}) > 1,
        "unknown": bool(value and kinds and "claim" not in kinds)
        and not any(value in pages.names_of(option["iri"]) for option in options),
    }


def kind_of(iri: str) -> str:
    """Return the kind in one of our IRIs."""
    return iri.rpartition("/")[0].rpartition("/")[2]


async def _answer(service: Service, table: ask.Table, labels: Labels) -> Json:
    """Return the rows as they are shown: a column and its label as one, claims by their gist."""
    rows = list(table)[:MOST]
    names = list(rows[0]) if rows else []
    claims = {text(row["claim"]) for row in rows if row.get("claim")} if "claim" in names else set()
    gists = await ask.gists(service, claims) if claims else {}
    shown = [
        name for name in names
        if name not in _HIDDEN and not (name.endswith("Label") and name[:-5] in names)
        and not (name == "gist" and "claim" in names)
    ]  # fmt: skip
    shown = [name for name in shown if any(row[name] is not None for row in rows)]
    return {
        "columns": [_words(name) for name in shown],
        "rows": [[_cell(name, row, labels, gists) for name in shown] for row in rows],
        "more": len(table) > MOST,
    }


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])([A-Z])", lambda m: f" {m[1].lower()}", name)


def _cell(name: str, row: Mapping[str, Cell], labels: Labels, gists: Mapping[str, ask.Row]) -> Json:
    cell = row[name]
    if cell is None:
        return {"value": ""}
    found: dict[str, Any] = things.value(cell, labels)
    if name == "claim" and text(cell) in gists:
        return {**found, "label": text(gists[text(cell)]["gist"])}
    label = row.get(f"{name}Label")
    if label is not None and "iri" in found:
        return {**found, "label": text(label)}
    if isinstance(found.get("value"), str) and _DAY.fullmatch(found["value"]):
        return {**found, "value": day_label(found["value"])}
    return found
