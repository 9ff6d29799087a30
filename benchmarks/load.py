"""Load on a service: wrk over loopback, bounded in clients and time; and single timed requests."""

from __future__ import annotations

import re
import secrets
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from benchmarks.subjects import PRIORITY, Subject, processor_seconds, settle

ENOUGH = 20  # answers, or the burst is made again and longer
MOST_SECONDS = 25
ACCEPT = "application/sparql-results+json"
# A comment makes each text new without changing the query, so that nothing is found in a cache.
_LUA = """
wrk.headers["Accept"] = "{accept}"
local counter = 0
request = function()
  counter = counter + 1
  local varied = {varied} and ("%%20%%23{run}-" .. counter) or ""
  return wrk.format(nil, wrk.path .. "?query={query}" .. varied)
end
"""


@dataclass(frozen=True)
class Measured:
    """One burst of load.

    Attributes:
        rate: answers in a second.
        processor: processor seconds of the service for each answer.
        failed: answers that were no success.
    """

    rate: float
    processor: float
    failed: int


def burst(
    subject: Subject, query: str, *, clients: int = 16, seconds: int = 3, fresh: bool = False
) -> Measured:
    """Ask the same query from many connections at once.

    Args:
        subject: the service.
        query: SPARQL text.
        clients: connections; each waits for its answer before it asks again.
        seconds: how long.
        fresh: vary a comment, so that each text is seen for the first time.
    """
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed (Debian: apt-get install wrk)")
    lua = _LUA.replace("%%", "%").format(
        accept=ACCEPT, varied="true" if fresh else "false", run=secrets.token_hex(4),
        query=quote(query, safe=""),
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "request.lua"
        script.write_text(lua)
        command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}", "--timeout", "30", "-s"]
        before = processor_seconds(subject.pid)
        said = subprocess.run(
            [*PRIORITY, *command, str(script), subject.url],
            capture_output=True, text=True, timeout=seconds + 60, check=True,
        ).stdout  # fmt: skip
        used = processor_seconds(subject.pid) - before
    settle(subject.pid)
    failures = re.findall(r"Non-2xx or 3xx responses: (\d+)|read (\d+)|timeout (\d+)", said)
    answers = int(re.search(r"(\d+) requests in", said)[1])  # type: ignore[index]
    if answers < ENOUGH and seconds < MOST_SECONDS:
        return burst(subject, query, clients=clients, seconds=seconds * 3, fresh=fresh)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])  # type: ignore[index]
    failed = sum(int(number) for found in failures for number in found if number)
    return Measured(rate, used / max(1, answers), failed)


def interleaved(
    subjects: Sequence[Subject], query: str, *, rounds: int = 3, clients: int = 16,
    seconds: int = 3, fresh: bool = False,
) -> dict[str, Measured]:  # fmt: skip
    """Load each service in turn, several times; the median round of each, by rate.

    Raises:
        RuntimeError: when a service failed to answer; a failure is quick and would look good.
    """
    found: dict[str, list[Measured]] = {subject.name: [] for subject in subjects}
    for _ in range(rounds):
        for subject in subjects:
            measured = burst(subject, query, clients=clients, seconds=seconds, fresh=fresh)
            if measured.failed:
                raise RuntimeError(f"{subject.name}: {measured.failed} failures with {query!r}")
            found[subject.name].append(measured)
    middle = rounds // 2
    return {name: sorted(all_, key=lambda m: m.rate)[middle] for name, all_ in found.items()}


def seconds_of(url: str, accept: str = ACCEPT) -> tuple[float, bytes]:
    """Time one request, body read."""
    request = urllib.request.Request(url, headers={"Accept": accept})
    began = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        body: bytes = answer.read()
    return time.perf_counter() - began, body


def median_seconds(subject: Subject, query: str, times: int = 5) -> tuple[float, bytes]:
    """Return the median time of a query that is new each time, and its last answer."""
    taken = []
    body = b""
    for _ in range(times):
        text = f"{query} #{secrets.token_hex(6)}"
        seconds, body = seconds_of(f"{subject.url}?query={quote(text, safe='')}")
        taken.append(seconds)
    return statistics.median(taken), body
