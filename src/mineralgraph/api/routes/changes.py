"""``/changes``: the record of writes, to be followed from a number or a dataset version on."""

from __future__ import annotations

from typing import Final

from fastapi import FastAPI
from pyoxigraph import NamedNode
from starlette.requests import Request
from starlette.responses import Response

from mineralgraph.api import answers, ask, operations, points
from mineralgraph.api.answers import Handler, Made
from mineralgraph.api.presentation.terms import plain, text
from mineralgraph.api.service import Service
from mineralgraph.errors import BadParameter, Gone
from mineralgraph.rdf.identifiers import slug_of

COLUMNS: Final = (
    "seq", "when", "who", "kind", "things", "reason", "version_before", "version"
)  # fmt: skip


def register(app: FastAPI, service: Service) -> None:
    """Add the route."""
    app.add_api_route(
        "/changes",
        _listing(service),
        methods=["GET"],
        response_class=Response,
        tags=["Data"],
        summary="What was written, in order",
        description="Each row is one write. To follow the dataset, ask again with since set to "
        "the last number or version that you have seen.",
        operation_id="changes",
        responses=operations.responses(
            {"application/json": operations.ROWS}, 304, 410, 422, 504, headers=operations.PAGED
        ),
        openapi_extra={"parameters": [
            operations.query_parameter("since", "Number of a write, or a dataset version: only "
                                       "later writes are listed.", "0", max_length=64),
            *operations.WINDOW, operations.VERSION,
        ]},
    )  # fmt: skip


def _listing(present: Service) -> Handler:
    async def listing(request: Request) -> Response:
        _no_day(request)
        given = operations.known_only(request, ("since", "limit", "offset", "version"))
        shown = operations.window_of(given)
        operations.at_most(given.get("since"), "since", 64)
        service = await points.seen(present, points.read(given))

        async def make() -> Made:
            since = await _number(service, given.get("since", "0"))
            table = await ask.table(service, "changes", since=str(since))
            rows = [
                {
                    "seq": plain(row["seq"]),
                    "when": text(row["when"]),
                    "who": text(row["who"]),
                    "kind": slug_of(NamedNode(text(row["kind"]))),
                    "things": sorted(text(row["things"]).split()),
                    "reason": text(row["reason"]) or None,
                    "version_before": text(row["before"]),
                    "version": text(row["after"]),
                }
                for row in table
            ]
            return operations.listed(request, COLUMNS, rows, shown, table.version)

        return await answers.respond(service, request, "application/json", make)

    return listing


def _no_day(request: Request) -> None:
    """Refuse the two clocks.

    Raises:
        BadParameter: a write happened when it happened, whatever its claims speak of.
    """
    for name, _ in operations.fields(request):
        if name in (points.AS_OF, points.BASIS, points.VALID_ON):
            raise BadParameter(
                f"the record of writes has no {name!r}: it says what this dataset held, not what "
                "articles had reported or what was so",
                hint="Ask /diff?from=&to= for the days, or give a version for a former state.",
                parameter=name,
            )


async def _number(service: Service, since: str) -> int:
    """Return the number of the last write that ``since`` has seen.

    Raises:
        Gone: when it is no number, and no version that this store ever had.
    """
    if since.isascii() and since.isdigit() and len(since) < 12:
        return int(since)
    table = await ask.table(service, "number-of-version", dataset_version=since)
    numbers = [plain(row["seq"]) for row in table]
    if numbers and isinstance(numbers[0], int):
        return numbers[0]
    if since == await service.runner.version():
        return 0  # nothing was written yet
    raise Gone(
        f"this dataset never had the version {since}, as far as its record goes",
        hint="Start anew: read /data, and follow from its Mineralgraph-Dataset-Version.",
    )
