"""Killed in the middle of a write, a store reopens in the old state or the new one, whole.

A process applies large writes to a folder as fast as it can and says what it has done. It is
killed (SIGKILL) at a random moment, again and again, on the same folder; half of the moments lie
right after the announcement of a write, so that they fall into it.

A service that is killed while it fills a new store fills it anew at its next start.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, Quad

from mineralgraph import opening, pipeline, resources
from mineralgraph.gate.report import Report
from mineralgraph.intake.corpus import Corpus
from mineralgraph.pipeline import audit
from mineralgraph.rdf.namespaces import AUDIT_GRAPH, MG, PROV
from mineralgraph.settings import Settings
from mineralgraph.store import view
from mineralgraph.store.embedded import EmbeddedStore

ROUNDS = 8
SIZE = 400
PROGRAM = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from pyoxigraph import Literal, NamedNode, Quad
from mineralgraph import pipeline
from mineralgraph.pipeline.audit import Record
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import GRAPH_BASE, MG
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.view import TRUE

P = NamedNode("https://example.org/p")
HOME = NamedNode(GRAPH_BASE + "article--a")

def claim(number):
    iri = mint("claim", str(number))
    quads = {{Quad(iri, P, Literal(f"{{number}}-{{n}}"), iri) for n in range({SIZE})}}
    shared = {{Quad(mint("event", str(n)), P, Literal(n), iri) for n in range(50)}}
    return frozenset(quads | shared | {{Quad(iri, MG.current, TRUE, HOME)}})

store = EmbeddedStore(Path(sys.argv[1]))
number = pipeline.audit.count(store)
print("open", store.version(), flush=True)
while True:
    number += 1
    print("begin", number, flush=True)
    old = claim(number - 3) if number > 3 else frozenset()
    record = Record("submission", "killer", datetime.now(UTC))
    written, _ = pipeline.write(store, Change(claim(number), old), record)
    print("done", written.after, flush=True)
"""


def one_round(folder: Path, chance: random.Random) -> list[str]:
    """Let the program write, kill it, and return what it said."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = [process.stdout.readline()]
    assert said[0].startswith("open"), said
    for _ in range(chance.randint(1, 4)):
        said.append(process.stdout.readline())
    while not said[-1].startswith("begin"):
        said.append(process.stdout.readline())
    time.sleep(chance.uniform(0, 0.08))
    process.kill()
    said += process.stdout.read().splitlines()
    process.stdout.close()
    assert process.wait(20) == -9
    return [line.strip() for line in said if line.strip()]


def test_a_killed_writer_leaves_the_old_state_or_the_new(tmp_path: Path) -> None:
    chance = random.Random(4)
    folder = tmp_path / "db"
    outcomes = set()
    for _ in range(ROUNDS):
        said = one_round(folder, chance)
        known = [line.split()[1] for line in said if not line.startswith("begin")][-1]
        with EmbeddedStore(folder) as store:
            kept = {q.triple for q in store.quads(graph=DefaultGraph())}
            assert kept == view.derive(store.quads())
            writes = audit.count(store)
            last = {q.predicate: q.object for q in store.quads(audit.iri_of(writes))}
            version = store.version()
            if writes == 0:
                assert version == known == "empty"
                continue
            assert last[MG.versionAfter] == Literal(version)
            new = version != known
            outcomes.add(new)
            if new:  # the write under way was made, though nobody was told
                assert last[MG.versionBefore] == Literal(known)
                assert said[-1] == f"begin {writes}"
            numbers = {q.object for q in store.quads(None, MG.sequenceNumber, None, AUDIT_GRAPH)}
            assert numbers == {Literal(n) for n in range(1, writes + 1)}
            claims = {q.subject for q in store.quads(None, MG.current)}
            assert len(claims) == min(writes, 3)
            for claim in claims:
                assert len(list(store.quads(graph=claim))) == SIZE + 50
    assert outcomes, "no write was ever under way"


FILLING = """
import sys
from mineralgraph import opening, pipeline
from mineralgraph.gate.report import Report
from mineralgraph.intake.corpus import Corpus
from mineralgraph.settings import Settings

real = pipeline.fill
def fill(*given):
    print("begin", flush=True)
    real(*given)
    print("done", flush=True)
pipeline.fill = fill
pipeline.build = lambda compiled, corpus: pipeline.Judged(compiled.quads, Report())
opening.open_to_serve(Settings(store=sys.argv[1], data=sys.argv[2]), Corpus(None)).store.close()
print("closed", flush=True)
"""


def start_and_kill(folder: Path, data: Path, seconds: float) -> str:
    """Let a program open a new store, kill it while it fills it, and return what it said last."""
    command = [sys.executable, "-c", FILLING, str(folder), str(data)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "begin\n"
    time.sleep(seconds)
    process.kill()
    said = process.stdout.read().split()
    process.stdout.close()
    process.wait(20)
    return said[-1] if said else "begin"


def test_a_service_killed_while_it_fills_a_store_fills_it_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The built-in data, so that filling takes long enough to be hit; judging is left out."""
    monkeypatch.setattr(
        pipeline, "build", lambda compiled, _: pipeline.Judged(compiled.quads, Report()), False
    )
    folder, data = tmp_path / "store", resources.folder("data")
    killed = [start_and_kill(folder, data, seconds) for seconds in (0.0, 0.03, 0.08)]
    assert "begin" in killed, "no filling was ever under way"
    settings = Settings(store=str(folder), data=str(data))
    with opening.open_to_serve(settings, Corpus(None)).store as store:
        assert {q.triple for q in store.quads(graph=DefaultGraph())} == view.derive(store.quads())
        assert audit.count(store) == 1
        kept = set(store.quads())
    settings = Settings(store=str(tmp_path / "other"), data=str(data))
    with opening.open_to_serve(settings, Corpus(None)).store as other:
        assert {q for q in other.quads() if q.graph_name != AUDIT_GRAPH and not when(q)} == {
            q for q in kept if q.graph_name != AUDIT_GRAPH and not when(q)
        }


def when(quad: Quad) -> bool:
    return quad.predicate == PROV.endedAtTime
