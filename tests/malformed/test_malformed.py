"""Bad documents, each with its answer: none reaches out, stalls, or ends the service.

The cases are data (``*.toml`` beside this file); they run through the same process as those of
a service, within its limits.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mineralgraph.errors import MineralgraphError
from mineralgraph.execution.pool import ProcessPool
from mineralgraph.gate.report import Report
from mineralgraph.intake.dataset import compile_dataset
from mineralgraph.intake.limits import SERVICE
from mineralgraph.pipeline import judging
from mineralgraph.store.embedded import EmbeddedStore

FOLDER = Path(__file__).parent
BASE = (FOLDER / "base.trig").read_text(encoding="utf-8")
SECONDS = 25.0  # some seconds of work, on a machine that may be busy with other things
E = "https://example.org"
RDF_OPEN = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
    f'xmlns:e="{E}/"><rdf:Description rdf:about="{E}/a">'
)
RDF_CLOSE = "</rdf:Description></rdf:RDF>"


def _entities(declarations: str, use: str) -> str:
    return f"<!DOCTYPE r [{declarations}]>{RDF_OPEN}<e:b>{use}</e:b>{RDF_CLOSE}"


def _laughs() -> str:
    lines = ['<!ENTITY a0 "ha">']
    lines += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return _entities("".join(lines), "&a9;")


def _many(count: int) -> str:
    return "".join(f"<{E}/s{n}> <{E}/p> <{E}/o> .\n" for n in range(count))


def _unknown(count: int) -> str:
    kind, graph = f"<{E}/Unknown>", "<https://w3id.org/mineralgraph/id/graph/mine>"
    a = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    base = "https://w3id.org/mineralgraph/id/person/p"
    return "".join(f"<{base}{n}> {a} {kind} {graph} .\n" for n in range(count))


assert SERVICE.body is not None
assert SERVICE.triples is not None
MADE: dict[str, Callable[[], str | bytes]] = {
    "latin-1": lambda: f'<{E}/a>\n<{E}/b> "caf\xe9" .'.encode("latin-1"),
    "utf-16": lambda: f'<{E}/a> <{E}/b> "x" .'.encode("utf-16"),
    "binary": lambda: bytes(range(256)) * 40,
    "deep-objects": lambda: f'{{"{E}/b":' * 20_000 + "1" + "}" * 20_000,
    "deep-arrays": lambda: f'{{"{E}/b":' + "[" * 50_000 + "1" + "]" * 50_000 + "}",
    "deep-elements": lambda: (
        RDF_OPEN
        + "<e:b><rdf:Description>" * 20_000
        + "</rdf:Description></e:b>" * 20_000
        + RDF_CLOSE
    ),
    "billion-laughs": _laughs,
    "quadratic-entity": lambda: _entities(f'<!ENTITY a "{"ha" * 10_000}">', "&a;" * 10_000),
    "huge-literal": lambda: f'<{E}/a> <{E}/b> "{"x" * 1_000_000}" .',
    "huge-iri": lambda: f"<{E}/{'x' * 10_000}> <{E}/b> 1 .",
    "huge-body": lambda: b"#" * ((SERVICE.body or 0) + 1),
    "many-triples": lambda: _many((SERVICE.triples or 0) + 1),
    "blank-nodes": lambda: f"<{E}/a> <{E}/b> " + ", ".join(["[]"] * 20_000) + " .",
    "nested-blank-nodes": lambda: (
        f"<{E}/a> <{E}/b> " + f"[ <{E}/b> " * 5_000 + "1" + "]" * 5_000 + " ."
    ),
    "long-list": lambda: f"<{E}/a> <{E}/b> (" + " 1" * 20_000 + ") .",
    "many-findings": lambda: _unknown(10_000),
}


def cases() -> Iterator[Any]:
    for path in sorted(FOLDER.glob("*.toml")):
        for case in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
            yield pytest.param(case, id=f"{path.stem}: {case['name']}")


def document(case: dict[str, Any], port: int) -> bytes:
    if "make" in case:
        made = MADE[case["make"]]()
        return made if isinstance(made, bytes) else made.encode()
    if "text" in case:
        return str(case["text"]).replace("{port}", str(port)).encode()
    text = BASE
    for old, new in case.get("swap", ()):
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in base.trig"
        text = text.replace(old, new)
    text = text.replace("{spaces}", " " * 20_000).replace("{digits}", "9" * 5_000)
    return (text + case.get("add", "")).encode()


class Service:
    """The gate's process pool in a loop of its own, as in a service."""

    def __init__(self, **options: Any) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        store = EmbeddedStore()
        store.load(compile_dataset().quads)
        self.pool = ProcessPool(store, 1, program=judging.PROGRAM, **options)
        self.run(self.pool.start())

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def stop(self) -> None:
        self.run(self.pool.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    running = Service()
    yield running
    running.stop()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        sock.setblocking(False)
        yield sock


def called(listener: socket.socket) -> bool:
    try:
        connection, _ = listener.accept()
    except BlockingIOError:
        return False
    connection.close()
    return True


def ask(service: Service, data: bytes, form: str) -> Report | MineralgraphError:
    judge = judging.Judge(service.pool, seconds=SECONDS)
    try:
        report: Report = service.run(judge.validate(data, form))
    except MineralgraphError as error:
        return error
    return report


@pytest.mark.parametrize("case", list(cases()))
def test_a_bad_document_has_its_answer(
    case: dict[str, Any], service: Service, listener: socket.socket
) -> None:
    data = document(case, listener.getsockname()[1])
    started = time.monotonic()
    answer = ask(service, data, case.get("format", "trig"))
    assert time.monotonic() - started < SECONDS
    assert not called(listener)
    if isinstance(answer, MineralgraphError):
        problem = answer.problem()
        assert (problem["status"], answer.slug) == (case.get("status"), case.get("error")), problem
        for key in ("line", "column"):
            if key in case:
                assert problem[key] == case[key], problem
        assert case.get("says", "") in answer.detail
        assert problem["hint"]
    else:
        assert "error" not in case, answer.as_text()
        rules = {finding.rule for finding in answer.findings}
        assert set(case.get("finds", ())) <= rules, answer.as_text()[:3000]
        assert answer.conforms == case.get("conforms", False), answer.as_text()[:3000]


def test_there_are_enough_cases_and_each_says_what_it_expects() -> None:
    found = [parameters.values[0] for parameters in cases()]
    assert len(found) >= 60
    assert len({case["name"] for case in found}) == len(found)
    for case in found:
        assert case.keys() & {"error", "finds", "conforms"}, case["name"]


def test_the_listener_would_notice_a_call(listener: socket.socket) -> None:
    with socket.create_connection(listener.getsockname()):
        assert called(listener)
