"""Rows of a canned query with more to each: what it rests on, and whether it held on a day."""

from __future__ import annotations

import csv
import io
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
from mineralgraph.provenance.holding import surest
from mineralgraph.provenance.marks import CONTESTED, VALIDITY, contested_text
from mineralgraph.rdf import formats
from mineralgraph.rdf.formats import ResultFormat
from mineralgraph.store.clock import CLOCK_GRAPH

SOURCES: Final = "sources"
UNDATED_ROWS: Final = "Mineralgraph-Undated-Rows"
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


def add_marks(
    point: Point, rows: Sequence[dict[str, Any]], result: Mapping[str, Any]
) -> dict[str, Any]:
    """Give each row its marks; returns the count of undated ones on a day."""
    for name in (CONTESTED, VALIDITY):
        for row, mark in zip(rows, result.get(name, ()), strict=False):
            row[name] = mark
    if not point.clock.valid_on:
        return {}
    undated = sum(row[VALIDITY] == "undated" for row in rows)
    return {"clock": points.described(point), "undated": undated}


async def mark_rows(
    service: Service, point: Point, rows: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """Mark the rows of a list of claims, each by its claim; see ``add_marks``."""
    claims = {row["claim"] for row in rows}
    against = await contested(service, claims)
    found: dict[str, Any] = {CONTESTED: [row["claim"] in against for row in rows]}
    if point.clock.valid_on:
        verdicts = await _verdicts(service, claims)
        found[VALIDITY] = [verdicts.get(row["claim"]) for row in rows]
    return add_marks(point, rows, found)


async def mark_things(
    service: Service, point: Point, rows: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """On a day, mark the rows of a list of things, each by what claims say of it.

    Of several claims the surest decides; null where none speaks of the thing on that day.
    """
    if not point.clock.valid_on:
        return {}
    text = (
        f"SELECT DISTINCT ?thing ?validity {{ {_values('thing', {r['iri'] for r in rows})} "
        f"?claim mg:about ?thing . GRAPH {CLOCK_GRAPH} {{ ?claim mg:validity ?validity }} }}"
    )
    words: dict[str, set[str]] = {}
    for found in await _bindings(service, text):
        words.setdefault(found["thing"]["value"], set()).add(found["validity"]["value"])
    sure = [surest(words.get(row["iri"], ())) for row in rows]
    return add_marks(point, rows, {VALIDITY: sure})


async def mark_claims(
    service: Service, point: Point, document: Mapping[str, Any]
) -> dict[str, Any]:
    """Mark what a thing's document shows: every claim, and every line that rests on claims.

    Returns the count of undated claims on a day.
    """
    listed = list(_parts_in(document, "claim", str))
    lines = list(_parts_in(document, "claims", list))
    claims = {claim["claim"] for claim in listed}
    against = await contested(service, claims)
    for claim in listed:
        claim[CONTESTED] = claim["claim"] in against
    for line in lines:
        line[CONTESTED] = any(claim in against for claim in line["claims"])
    if not point.clock.valid_on:
        return {}
    verdicts = await _verdicts(service, claims)
    for claim in listed:
        claim["validity"] = verdicts.get(claim["claim"])
    return {"undated": len({c["claim"] for c in listed if c["validity"] == "undated"})}


def _parts_in(value: Any, name: str, kind: type) -> Iterator[dict[str, Any]]:
    """Yield the objects in a document whose member of a name is of a type; no list of objects."""
    if isinstance(value, dict):
        found = value.get(name)
        if isinstance(found, kind) and not (isinstance(found, list) and _has_objects(found)):
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _parts_in(part, name, kind)


def _has_objects(values: Sequence[Any]) -> bool:
    return any(isinstance(value, dict) for value in values)


async def contested(service: Service, claims: set[str]) -> set[str]:
    """Return those of some claims that another claim contradicts."""
    if not claims:
        return set()
    found = await _bindings(service, contested_text(map(NamedNode, sorted(claims))))
    return {b["claim"]["value"] for b in found}


async def _verdicts(service: Service, claims: set[str]) -> dict[str, str]:
    if not claims:
        return {}
    text = (
        f"SELECT ?claim ?validity {{ {_values('claim', claims)} "
        f"GRAPH {CLOCK_GRAPH} {{ ?claim mg:validity ?validity }} }}"
    )
    found = await _bindings(service, text)
    return {b["claim"]["value"]: b["validity"]["value"] for b in found}


def _values(name: str, iris: set[str]) -> str:
    return f"VALUES ?{name} {{ {' '.join(str(NamedNode(iri)) for iri in sorted(iris))} }}"


def undated_rows(content: bytes, form: ResultFormat) -> int:
    """Return how many rows of an answer with marks say that they have no date."""
    if form is formats.JSON:
        return int(json.loads(content).get("undated", 0))
    if form is formats.XML:
        return content.count(b"<literal>undated</literal>")
    lines = io.StringIO(content.decode(), newline="")
    tabs = form is formats.TSV  # there line breaks inside values are escaped
    table = [line.rstrip("\n").split("\t") for line in lines] if tabs else list(csv.reader(lines))
    names = [name.lstrip("?").rstrip("_") for name in table[0]] if table else []
    place = len(names) - 1 - names[::-1].index(VALIDITY) if VALIDITY in names else None
    return 0 if place is None else sum("undated" in row[place] for row in table[1:])


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
