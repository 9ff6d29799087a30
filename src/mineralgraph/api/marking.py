"""Rows of a canned query with more to each: what it rests on, and whether it held on a day."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from pyoxigraph import NamedNode

from mineralgraph.api import points
from mineralgraph.api.answers import whole
from mineralgraph.api.points import Point
from mineralgraph.api.service import Service
from mineralgraph.errors import BadParameter
from mineralgraph.execution.base import Request
from mineralgraph.rdf import formats
from mineralgraph.store.clock import CLOCK_GRAPH

SOURCES: Final = "sources"
UNDATED_CLAIMS: Final = "Mineralgraph-Undated-Claims"
_ABOUT: Final = ("claims", "triples", "derivations", "untraceable")
_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}
PARAMETER: Final[dict[str, Any]] = {
    "name": SOURCES,
    "in": "query",
    "required": False,
    "description": "Let each row also carry the claims that its triples rest on.",
    "schema": {"type": "boolean", "default": False},
}


def wanted(given: Mapping[str, str]) -> bool:
    """Tell whether ``sources`` is asked for.

    Raises:
        BadParameter: when it is neither true nor false.
    """
    value = _BOOLEANS.get(given.get(SOURCES, "false").strip().lower())
    if value is None:
        raise BadParameter(
            f"parameter {SOURCES!r}: {given[SOURCES][:60]!r} is neither true nor false",
            hint="Give true or false.",
            parameter=SOURCES,
        )
    return value


def add_sources(rows: Sequence[dict[str, Any]], result: Mapping[str, Any]) -> dict[str, Any]:
    """Give each row its sources; returns the members that describe them."""
    for row, entries in zip(rows, result[SOURCES], strict=False):
        row[SOURCES] = entries
    about = {name: result[name] for name in _ABOUT}
    if isinstance(about["derivations"], list):
        about["derivations"] = about["derivations"][: len(rows)]
    return about


async def add_validity(
    service: Service,
    point: Point,
    rows: Sequence[dict[str, Any]],
    result: Mapping[str, Any],
) -> dict[str, Any]:
    """Mark each row certain, possible or undated; returns the count of undated ones.

    A row is marked by its claim, or where it has none by its sources if it carries them. A row
    with neither is marked null.
    """
    claims = {str(row["claim"]) for row in rows if row.get("claim")}
    verdicts = await _verdicts(service, claims)
    traced = result.get("validity", [None] * len(rows))
    for row, found in zip(rows, traced, strict=False):
        row["validity"] = verdicts.get(str(row.get("claim")), found)
    undated = sum(row["validity"] == "undated" for row in rows)
    return {"clock": points.described(point), "undated": undated}


async def mark_claims(service: Service, document: Mapping[str, Any]) -> dict[str, Any]:
    """Mark every claim in a thing's document; returns the count of undated ones."""
    listed = list(_claims_in(document))
    verdicts = await _verdicts(service, {claim["claim"] for claim in listed})
    for claim in listed:
        claim["validity"] = verdicts.get(claim["claim"])
    return {"undated": len({c["claim"] for c in listed if c["validity"] == "undated"})}


def _claims_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if isinstance(value.get("claim"), str):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _claims_in(part)


async def _verdicts(service: Service, claims: set[str]) -> dict[str, str]:
    if not claims:
        return {}
    values = " ".join(str(NamedNode(claim)) for claim in sorted(claims))
    text = (
        f"SELECT ?claim ?validity {{ VALUES ?claim {{ {values} }} "
        f"GRAPH {CLOCK_GRAPH} {{ ?claim mg:validity ?validity }} }}"
    )
    found = await _bindings(service, text)
    return {b["claim"]["value"]: b["validity"]["value"] for b in found}


async def undated_claims(service: Service) -> int:
    """Return how many of the claims that are shown on the day have no date."""
    text = (
        f"SELECT (COUNT(?claim) AS ?count) {{ GRAPH {CLOCK_GRAPH} "
        '{ ?claim mg:validity "undated" } }'
    )
    (found,) = await _bindings(service, text)
    return int(found["count"]["value"])


async def _bindings(service: Service, text: str) -> list[dict[str, Any]]:
    request = Request(
        text, formats.JSON, timeout=service.settings.query_timeout, name="page:validity"
    )
    served = await service.runner.run(request)
    found: list[dict[str, Any]] = json.loads(await whole(served))["results"]["bindings"]
    return found
