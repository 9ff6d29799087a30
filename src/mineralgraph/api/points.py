"""From which day, and on which dataset version, a request looks at the graph.

Every route that reads takes the same four parameters. ``seen`` gives a route the service as it
looks from there, so that no route needs to know of clocks or of former versions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

from mineralgraph.api import permalinks
from mineralgraph.api.http.cache import AnswerCache
from mineralgraph.api.labelling import read_labels, read_vocabulary
from mineralgraph.api.presentation.book import Book
from mineralgraph.api.service import Service
from mineralgraph.errors import BadParameter
from mineralgraph.execution.base import Request, Runner, Served
from mineralgraph.queries.parameters import ParameterType, read_parameter
from mineralgraph.store.clock import NOW, Clock

AS_OF: Final = "as-of"
BASIS: Final = "as-of-basis"
VALID_ON: Final = "valid-on"
VERSION: Final = permalinks.VERSION
NAMES: Final = (AS_OF, BASIS, VALID_ON, VERSION)
_DAY: Final = ParameterType("date")
_BASES: Final = ("last", "first")


@dataclass(frozen=True)
class Point:
    """Where a request looks from; without anything, at the newest state of everything."""

    clock: Clock = NOW
    version: str | None = None


NEWEST: Final = Point()


def read(given: Mapping[str, str]) -> Point:
    """Read the point from a request's parameters; others are left alone.

    Raises:
        BadParameter: when a day is none of the calendar, or the basis is neither of the two.
    """
    basis = given.get(BASIS)
    if basis is not None and basis not in _BASES:
        raise BadParameter(
            f"parameter {BASIS!r}: {basis[:60]!r} is neither 'last' nor 'first'",
            hint="Say first to count an article as known from its first possible day.",
            parameter=BASIS,
        )
    if basis is not None and AS_OF not in given:
        raise BadParameter(
            f"parameter {BASIS!r} says how to read {AS_OF!r}, which is missing",
            hint=f"Give {AS_OF} too, or leave {BASIS} out.",
            parameter=BASIS,
        )
    clock = Clock(_day(given, AS_OF), basis == "first", _day(given, VALID_ON))
    return Point(clock, given.get(VERSION))


def described(point: Point) -> dict[str, Any]:
    """Return the days of a point as JSON data, as they are named in a request."""
    clock = point.clock
    found: dict[str, Any] = {}
    if clock.as_of is not None:
        found |= {AS_OF: str(clock.as_of), BASIS: "first" if clock.by_first else "last"}
    if clock.valid_on is not None:
        found[VALID_ON] = str(clock.valid_on)
    return found


def _day(given: Mapping[str, str], name: str) -> date | None:
    if name not in given:
        return None
    return date.fromisoformat(read_parameter(name, _DAY, given[name]).value)


async def seen(service: Service, point: Point) -> Service:
    """Return the service as it looks from a point.

    An answer that is made by several queries has one version, whatever is written meanwhile.

    Raises:
        Gone: when the version is not kept.
    """
    if not point.clock and point.version is None:
        return service
    now = await service.runner.version()
    version = point.version or now
    await service.runner.require(version)
    runner = _Seen(service.runner, point.clock, version)
    if version == now:
        return replace(service, runner=runner)
    # The caches hold one version, which must stay the present one.
    found = replace(service, runner=runner, cache=AnswerCache(0))
    return replace(
        found,
        labels=Book(lambda: read_labels(found)),
        vocabulary=Book(lambda: read_vocabulary(found)),
    )


class _Seen(Runner):
    """A runner that looks from one point."""

    def __init__(self, inner: Runner, clock: Clock, version: str) -> None:
        self.cacheable = inner.cacheable
        self._inner = inner
        self._clock = clock
        self._version = version

    async def run(self, request: Request) -> Served:
        """See ``Runner.run``."""
        return await self._inner.run(request._replace(clock=self._clock, version=self._version))

    async def version(self) -> str:
        """See ``Runner.version``: the one that is looked at."""
        return self._version

    def known_version(self) -> str | None:
        """See ``Runner.known_version``."""
        return self._version

    async def start(self) -> None:
        """Nothing: the inner runner has its own life."""

    async def stop(self) -> None:
        """Nothing: the inner runner has its own life."""


def openapi(*, version: bool = True) -> list[dict[str, Any]]:
    """Return the parameters for OpenAPI."""
    day = {"type": "string", "format": "date"}
    found = [
        _parameter(AS_OF, "Answer from what could be known by the end of this day.", day),
        _parameter(
            BASIS,
            "An article whose day is uncertain counts as known from its last possible day, or "
            "from its first.",
            {"type": "string", "enum": list(_BASES), "default": "last"},
        ),
        _parameter(VALID_ON, "Answer with what held, or may have held, on this day.", day),
    ]
    if version:
        found.append(
            _parameter(
                VERSION,
                "Answer on this dataset version; 410 when it is no longer kept.",
                {"type": "string"},
            )
        )
    return found


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }
