"""Every limit is declared once and answers clearly; what is over it never blocks the service."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from mineralgraph.errors import MineralgraphError, TooLarge, ValidationTooLong
from mineralgraph.execution.base import Request
from mineralgraph.execution.pool import ProcessPool
from mineralgraph.intake import document as documents
from mineralgraph.intake.dataset import compile_dataset
from mineralgraph.intake.limits import DEPTH, Limits
from mineralgraph.pipeline import judging
from mineralgraph.rdf import formats
from mineralgraph.store.embedded import EmbeddedStore

LINE = "<https://example.org/s{}> <https://example.org/p> <https://example.org/o> .\n"
ARTICLE = "".join(LINE.format(n) for n in range(3)).encode()
KNOWN = (
    "PREFIX person: <https://w3id.org/mineralgraph/id/person/>\n"
    "PREFIX ref: <https://w3id.org/mineralgraph/id/graph/>\n"
    "PREFIX schema: <https://schema.org/>\n"
    "GRAPH ref:mine { person:jane-doe a schema:Person }"
)


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (Limits(body=len(ARTICLE)), ARTICLE),
        (Limits(triples=3), ARTICLE),
        (Limits(literal=4), b'<https://example.org/a> <https://example.org/b> "1234" .'),
        (
            Limits(iri=21),
            b"<https://example.org/> <https://example.org/> <https://example.org/a> .",
        ),
        (Limits(nodes=2), b"[] <https://example.org/b> [] ."),
    ],
    ids=["body", "triples", "literal", "iri", "nodes"],
)
def test_a_limit_holds_at_its_edge(limits: Limits, text: bytes) -> None:
    assert documents.read(text, "turtle", limits=limits).quads
    (name, limit), *_ = [(k, v) for k, v in vars(limits).items() if v is not None]
    with pytest.raises(TooLarge) as caught:
        documents.read(text, "turtle", limits=Limits(**{name: limit - 1}))
    assert caught.value.problem()["limit"] == limit - 1
    assert caught.value.status == 413


@pytest.mark.parametrize("depth", [DEPTH, DEPTH + 1])
def test_nesting_is_limited_for_everybody(depth: int) -> None:
    arrays = "[" * (depth - 1) + "1" + "]" * (depth - 1)
    text = f'{{"https://example.org/b": {arrays}}}'.encode()
    if depth <= DEPTH:
        assert documents.read(text, "jsonld").quads
        return
    with pytest.raises(TooLarge, match="nested deeper"):
        documents.read(text, "jsonld")


def test_brackets_in_a_text_are_no_nesting() -> None:
    text = '{"https://example.org/b": "' + "[{" * 500 + '\\"' + "[" * 500 + '"}'
    assert documents.read(text.encode(), "jsonld").quads


@asynccontextmanager
async def running(memory: int = 1 << 30) -> AsyncIterator[ProcessPool]:
    store = EmbeddedStore()
    store.load(compile_dataset().quads)
    pool = ProcessPool(store, 1, memory=memory, program=judging.PROGRAM)
    await pool.start()
    try:
        yield pool
    finally:
        await pool.stop()


def run(work: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(work(), 90))  # type: ignore[arg-type]


async def _queries(pool: ProcessPool) -> None:
    ask = Request("ASK { ?s ?p ?o }", formats.JSON, timeout=10)
    assert (await pool.run(ask)).body


def test_a_validation_past_its_time_is_stopped_and_the_next_one_runs() -> None:
    async def work() -> None:
        async with running() as pool:
            long = "".join(
                f"<https://w3id.org/mineralgraph/id/person/p{n}> a <https://schema.org/Person> .\n"
                for n in range(20_000)
            )
            text = "GRAPH <https://w3id.org/mineralgraph/id/graph/mine> {" + long + "}"
            started = time.monotonic()
            with pytest.raises(ValidationTooLong) as caught:
                await judging.Judge(pool, seconds=2.0).validate(text.encode(), "trig")
            assert time.monotonic() - started < 4
            assert caught.value.status == 422
            await _queries(pool)
            report = await judging.Judge(pool).validate(KNOWN.encode(), "trig")
            assert {f.rule for f in report.findings} == {"mgs:label-english"}

    run(work)


def test_a_validation_that_needs_too_much_memory_is_refused_and_the_next_one_runs() -> None:
    async def work() -> None:
        async with running(memory=96 << 20) as pool:
            text = "".join(LINE.format(f"{n}{'x' * 90}") for n in range(30_000))
            with pytest.raises(MineralgraphError) as caught:
                await judging.Judge(pool).validate(text.encode(), "ntriples")
            assert caught.value.status in (413, 422)
            await _queries(pool)

    run(work)


def test_the_report_crosses_the_process_whole() -> None:
    async def work() -> None:
        async with running() as pool:
            report = await judging.Judge(pool).validate(KNOWN.encode(), "trig")
            (finding,) = report.findings
            assert finding.line == 4
            assert finding.raw.focus == "<https://w3id.org/mineralgraph/id/person/jane-doe>"
            assert finding.raw.shape == "<https://w3id.org/mineralgraph/shapes#label-english>"
            assert not report.conforms

    run(work)
