"""The client's deadline on real engines, and whether their work stops with it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import engines as servers
import pytest
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph.errors import DeadlineExceeded
from mineralgraph.execution.base import Request
from mineralgraph.execution.remote import RemoteRunner
from mineralgraph.rdf import formats
from mineralgraph.rdf.namespaces import GRAPH_BASE, ID_BASE
from mineralgraph.store.remote import RemoteStore

SECONDS = 1.0
PEOPLE = NamedNode(GRAPH_BASE + "people")
HEAVY = """SELECT (COUNT(*) AS ?n) (SUM(STRLEN(CONCAT(STR(?a), STR(?b), STR(?c)))) AS ?m)
{ ?a ?p ?b . ?c ?q ?d . ?e ?r ?f FILTER(STR(?b) != STR(?d) && STR(?f) < STR(?a)) }"""
DATA = [
    Quad(NamedNode(f"{ID_BASE}place/{n}"), NamedNode(f"{ID_BASE}p"), Literal(str(n)), PEOPLE)
    for n in range(2000)
]


def cpu(pid: int) -> float:
    """Return the processor seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_idle(pid: int, within: float) -> bool:
    """Tell whether a process stops working in time."""
    ends = time.monotonic() + within
    while time.monotonic() < ends:
        before = cpu(pid)
        time.sleep(0.5)
        if cpu(pid) - before < 0.05:
            return True
    return False


OPTIONS = {
    "oxigraph": ["--timeout-s=1"],
    "fuseki": ["--timeout=1000"],
    "virtuoso": [],
}


@pytest.fixture(params=list(OPTIONS))
def limited(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[servers.Server]:
    """Each engine, told on its own command line to stop queries after a second."""
    try:
        with servers.ENGINES[request.param](tmp_path, *OPTIONS[request.param]) as server:
            yield server
    except servers.Missing as missing:
        pytest.skip(str(missing))


async def ask(store: RemoteStore) -> None:
    runner = RemoteRunner(store, 2)
    try:
        await runner.run(Request(HEAVY, formats.JSON, timeout=SECONDS))
    finally:
        await runner.stop()


def test_the_deadline_is_kept_and_the_engine_stops(limited: servers.Server):
    store = RemoteStore(limited.query, update=limited.update)
    store.load(DATA)
    began = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        asyncio.run(ask(store))
    assert time.monotonic() - began < SECONDS + 1
    assert is_idle(limited.pid, within=60)


def test_many_at_once_leave_the_event_loop_free(limited: servers.Server):
    async def heartbeat() -> float:
        worst, last = 0.0, time.monotonic()
        for _ in range(40):
            await asyncio.sleep(0.02)
            worst, last = max(worst, time.monotonic() - last), time.monotonic()
        return worst

    async def all_together() -> tuple[float, list[object]]:
        runner = RemoteRunner(store, 4)
        small = Request("SELECT ?o { ?s ?p ?o } LIMIT 5", formats.JSON, timeout=20)
        try:
            beat, *answers = await asyncio.gather(
                heartbeat(), *(runner.run(small) for _ in range(30)), return_exceptions=True
            )
        finally:
            await runner.stop()
        assert isinstance(beat, float)
        return beat, [getattr(a, "body", a) for a in answers]

    store = RemoteStore(limited.query, update=limited.update)
    store.load(DATA[:10])
    beat, bodies = asyncio.run(all_together())
    wrong = [b for b in bodies if not isinstance(b, bytes) or b.count(b'"value"') != 5]
    assert wrong == []
    assert beat < 0.5
