"""``mineralgraph diff``: what changed between two days."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from typing import Annotated, Any, Final

import typer

from mineralgraph import opening
from mineralgraph import settings as configuration
from mineralgraph.cli import options
from mineralgraph.cli.console import put, put_bytes
from mineralgraph.cli.query import DAY, Basis
from mineralgraph.cli.remote import Service
from mineralgraph.errors import NotAcceptable
from mineralgraph.rdf import formats
from mineralgraph.settings import Settings
from mineralgraph.store.base import Store

_HEADINGS: Final = {
    "became_known": "Became known",
    "retracted": "Taken back",
    "began": "Began",
    "ended": "Ended",
    "happened": "Happened in between",
}


def diff(
    first: Annotated[datetime, typer.Argument(formats=DAY, help="the first day")],
    last: Annotated[datetime, typer.Argument(formats=DAY, help="the second day")],
    clock: Annotated[
        str, typer.Option(help="report: what was known by the days; valid: what held on them")
    ] = "report",
    as_of_basis: Annotated[
        Basis | None,
        typer.Option(help="an article counts from its first or last day", show_default="last"),
    ] = None,
    format: Annotated[str, typer.Option(help="text, json, turtle, ntriples, jsonld ...")] = "text",
    url: Annotated[
        str | None, typer.Option(help="ask this running service instead", show_default=False)
    ] = None,
    store: options.Store = None,
    data: options.Data = None,
) -> None:
    """Say what changed between two days.

    By report time what became known and was taken back, by valid time what began, ended, and
    happened in between.
    """
    settings = configuration.load(store=store, data=data)
    given = {"from": str(first.date()), "to": str(last.date()), "clock": clock}
    if as_of_basis is not None:
        given["as-of-basis"] = as_of_basis.value
    graph = formats.graph_format(format)
    if graph is None and format not in ("text", "json"):
        raise NotAcceptable(f"{format!r} is no format of a difference", hint="Use text or turtle.")
    if url is not None:
        accept = graph.media_type if graph else "application/json"
        body = Service(url, settings.query_timeout + 5).get("diff", given, accept)
    else:
        with opening.open_to_read(settings) as opened:
            body = asyncio.run(_from_store(settings, opened, given, graph))
    if format == "text":
        _tell(json.loads(body))
    else:
        put_bytes(body)


async def _from_store(
    settings: Settings, store: Store, given: dict[str, str], graph: formats.GraphFormat | None
) -> bytes:
    """Compare as the service does, in this process."""
    from mineralgraph.api import permalinks  # noqa: PLC0415
    from mineralgraph.api.app import reading_service  # noqa: PLC0415
    from mineralgraph.api.routes import diff as service_side  # noqa: PLC0415  (slow to import)
    from mineralgraph.execution.inline import InlineRunner  # noqa: PLC0415

    asked, version = service_side.read(given), store.version()
    service = reading_service(settings, InlineRunner(store))
    found = await service_side.changes(service, asked, version)
    link = permalinks.of("/diff", list(given.items()), version)
    return service_side.written(found, asked, version, link, graph or "json")


def _tell(document: dict[str, Any]) -> None:
    for kind, heading in _HEADINGS.items():
        if kind in document:
            put(f"{heading}: {document['counts'][kind]}")
            for claim in document[kind]:
                put(f"  {claim['sentence']}")
