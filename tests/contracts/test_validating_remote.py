"""Documents judged beside a graph that stands in an engine elsewhere: the same verdict, stoppable.

The process that judges has no network; what it must know of the graph the service asks for it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import engines as servers
import pytest

from mineralgraph import opening
from mineralgraph.api import create_app
from mineralgraph.cli import service as services
from mineralgraph.errors import StoreError, StoreUnreachable, ValidationTooLong
from mineralgraph.execution.pool import ProcessPool
from mineralgraph.execution.remote import RemoteRunner
from mineralgraph.gate.report import Report
from mineralgraph.intake.dataset import ontology_quads
from mineralgraph.pipeline import judging
from mineralgraph.rdf import formats
from mineralgraph.settings import Settings
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.remote import RemoteStore
from tests.gate.test_syntaxes import of, written

from .conftest import Start, remote
from .faults import Fault, serving

GOOD = written("article", formats.TRIG, of("article"))
BAD = {
    "unknown person": (b"person/", b"person/nobody-"),
    "no gist": (b"/ontology#gist>", b"/ontology#gits>"),
}
PEOPLE = "".join(
    f"<https://w3id.org/mineralgraph/id/person/p{n}> a <https://schema.org/Person> .\n"
    for n in range(20_000)
)
LONG = f"GRAPH <https://w3id.org/mineralgraph/id/graph/mine> {{{PEOPLE}}}"


@asynccontextmanager
async def processes(store: EmbeddedStore | None = None) -> AsyncIterator[ProcessPool]:
    pool = ProcessPool(store or EmbeddedStore(), 1, program=judging.PROGRAM)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.stop()


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 90))  # type: ignore[arg-type]


def is_there(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return False
    return fields[0] != "Z"


def said(report: Report) -> str:
    return json.dumps(report.as_json(), sort_keys=True)


@pytest.mark.parametrize("name", servers.ENGINES)
def test_the_verdict_is_that_of_the_embedded_engine(start: Start, name: str) -> None:
    known = [*ontology_quads(), *of("reference")]
    documents = [GOOD, *(GOOD.replace(old, new) for old, new in BAD.values())]

    async def work() -> None:
        with remote(start(name)) as store:
            store.load(known)
            here = EmbeddedStore()
            here.load(known)
            async with processes(here) as own, processes() as beside:
                verdicts = []
                for document in documents:
                    wanted = await judging.Judge(own).validate(document, "trig")
                    found = await judging.Judge(beside, around=store).validate(document, "trig")
                    assert said(found) == said(wanted)
                    verdicts.append(found.conforms)
                assert verdicts == [True, False, False]

    run(work)


def test_past_its_time_it_is_stopped_and_the_next_one_runs(start: Start) -> None:
    async def work() -> None:
        with remote(start("oxigraph")) as store:
            store.load([*ontology_quads(), *of("reference")])
            async with processes() as pool:
                (process,) = pool.idle
                began = time.monotonic()
                with pytest.raises(ValidationTooLong) as caught:
                    await judging.Judge(pool, seconds=2.0, around=store).validate(
                        LONG.encode(), "trig"
                    )
                assert time.monotonic() - began < 4
                assert caught.value.status == 422
                for _ in range(20):
                    if not is_there(process.pid):
                        break
                    await asyncio.sleep(0.05)
                assert not is_there(process.pid)
                report = await judging.Judge(pool, around=store).validate(GOOD, "trig")
                assert report.conforms, report.as_text()

    run(work)


def test_an_engine_that_does_not_answer_holds_nobody_up() -> None:
    async def work() -> None:
        with serving(Fault(wait=60)) as engine, closing(RemoteStore(engine.url)) as store:
            async with processes() as pool:
                with pytest.raises(ValidationTooLong):
                    await judging.Judge(pool, seconds=1.0, around=store).validate(GOOD, "trig")

    began = time.monotonic()
    run(work)  # which ends when the threads do that ask the engine
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(Fault(status=500, body=b"out of luck"), StoreError), (Fault(status=0), StoreUnreachable)],
)
def test_a_failure_of_the_engine_is_called_that(fault: Fault, kind: type[StoreError]) -> None:
    async def work() -> None:
        with serving(fault) as engine, closing(RemoteStore(engine.url)) as store:
            async with processes() as pool:
                with pytest.raises(StoreError) as caught:
                    await judging.Judge(pool, around=store).validate(GOOD, "trig")
                assert type(caught.value) is kind

    run(work)


def test_a_service_of_a_remote_store_judges_in_processes(start: Start) -> None:
    async def work() -> None:
        server = start("oxigraph")
        with remote(server) as store:
            store.load([*ontology_quads(), *of("reference")])
            settings = Settings(store=server.query, workers=1)
            runner = opening.runner(store, settings, program=judging.PROGRAM)
            assert isinstance(runner, RemoteRunner)
            judge = services.judge(runner, settings)
            assert judge is not None
            assert create_app(settings, runner, validator=judge)
            await runner.start()
            try:
                report = await judge.validate(GOOD, "trig")
                assert report.conforms, report.as_text()
            finally:
                await runner.stop()

    run(work)
