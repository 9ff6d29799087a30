"""The canned set as its users see it: clients that ask side by side, over HTTP, again and again."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from benchmarks import questions
from benchmarks.subjects import Subject

UP_SECONDS = 60.0
"""How long the service has been up when the visitors come: what it makes ready is ready then."""


@dataclass(frozen=True)
class Visit:
    """One request.

    Attributes:
        path: what was asked.
        first: whether nobody had an answer to the same request yet when it was sent.
        taken: milliseconds until the whole answer was there.
        refused: whether it was that the service is too busy (503), or the deadline (504).
    """

    path: str
    first: bool
    taken: float
    refused: bool


class _Visitors:
    """What clients that run side by side have done so far."""

    def __init__(self, service: Subject) -> None:
        self._place = urlsplit(service.url).netloc
        self._answered: set[str] = set()
        self._lock = threading.Lock()
        self.visits: list[Visit] = []

    def visit(self, paths: Sequence[str]) -> None:
        """Ask one path after the other over one connection."""
        connection = HTTPConnection(self._place, timeout=60)
        for path in paths:
            with self._lock:
                first = path not in self._answered
            began = time.perf_counter()
            connection.request("GET", path, headers={"Accept": "application/json, */*"})
            answer = connection.getresponse()
            body = answer.read()
            taken = (time.perf_counter() - began) * 1000
            if answer.status not in (200, 503, 504):
                raise RuntimeError(f"{path}: {answer.status} {body[:300]!r}")
            with self._lock:
                if answer.status == 200:
                    self._answered.add(path)
                self.visits.append(Visit(path, first, taken, answer.status != 200))
        connection.close()


def visits(service: Subject, clients: int, rounds: int, *, seed: int = 7) -> list[Visit]:
    """Let every client ask the whole canned set some times over, each time in another order.

    Each asks the queries that need no parameter for everything, as all others do, and besides
    about things of its own: client 0 about those that 38 % of the claims mention, the next about
    rarer ones.
    """
    paths = [call.path.removesuffix("?") for call in questions.canned(0)]
    listings = [path for path in paths if "?" not in path]
    visitors = _Visitors(service)

    def one(client: int) -> None:
        chance = random.Random(seed + client)
        own = [call.path for call in questions.canned(client, narrowed=True)]
        asked = []
        for _ in range(rounds):
            asked += chance.sample([*listings, *own], len(listings) + len(own))
        visitors.visit(asked)

    with ThreadPoolExecutor(clients) as pool:
        for future in [pool.submit(one, client) for client in range(clients)]:
            future.result()
    return visitors.visits
