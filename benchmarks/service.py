"""The service side by side with its peers: ratios, each with the goal it was built to.

    python -m benchmarks.service [--quads 100000] [--rounds 3] [--seconds 3] [--json FILE]
                    [--ways memory,folder] [--realtime]
                    [--peers oxigraph,oxigraph-disk,rdflib-endpoint,virtuoso,bare]

Every service gets the same quads, runs at the same time, and is loaded in turn (A B C A B C ...)
by wrk over loopback from 16 connections (the large answers also from 4); the medians of the
rounds are compared. "A bare route" is the HTTP server that ours runs on, answering the same bytes
to everything: what any service in Python on it stays below. On a busy machine the processor time
of one answer, all processes of a service together, tells more than answers in a second.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import load, questions, subjects
from benchmarks.dataset import prepared
from benchmarks.subjects import Subject

PEERS = ("oxigraph", "oxigraph-disk", "rdflib-endpoint", "virtuoso", "bare")
OURS = "mineralgraph"
DISK = "oxigraph serve (disk)"


@dataclass(frozen=True)
class Result:
    """One comparison; ``goal`` is None where there is none."""

    what: str
    ours: str
    peer: str
    rate: float
    peer_rate: float
    ratio: float
    cpu_ratio: float
    goal: float | None

    def line(self) -> str:
        goal = "" if self.goal is None else f"{self.goal:g}"
        verdict = "" if self.goal is None else ("met" if self.ratio >= self.goal else "MISSED")
        return (
            f"| {self.what} | {self.ours} | {self.peer} | {self.rate:,.0f} | {self.peer_rate:,.0f}"
            f" | {self.ratio:.2f} | {self.cpu_ratio:.2f} | {goal} | {verdict} |"
        )


NAMES = {
    "repeated": "repeated small query",
    "first": "first-time small query",
    "rows": "10,000 rows",
    "rows16": "10,000 rows, 16 clients",
    "joined": "10,000 rows of a join",
}
QUESTIONS = {
    "repeated": (questions.SMALL, False, 16),
    "first": (questions.SMALL, True, 16),
    "rows": (questions.ROWS, True, 4),  # each answer is two megabytes
    "rows16": (questions.ROWS, True, 16),
    "joined": (questions.JOINED, True, 4),
}
SMALL_ONLY = ("a bare route",)
GOALS: dict[tuple[str, str], float] = {
    ("repeated small query", "oxigraph serve"): 1.0,
    ("first-time small query", "oxigraph serve"): 0.25,
    ("first-time small query", "rdflib-endpoint"): 2.0,
    ("10,000 rows", "oxigraph serve"): 0.9,
    ("10,000 rows", DISK): 5.0,
    ("10,000 rows, 16 clients", "oxigraph serve"): 0.9,
    ("10,000 rows of a join", "oxigraph serve"): 0.9,
    ("10,000 rows of a join", DISK): 5.0,
    ("10,000 rows", "rdflib-endpoint"): 15.0,
}
HEAD = (
    "| what | ours | peer | answers/s | peer's | ratio | ratio by processor time | goal | |\n"
    "|---|---|---|---:|---:|---:|---:|---:|---|"
)


def started(
    stack: contextlib.ExitStack, wanted: list[str], dump: Path, folder: Path
) -> list[Subject]:
    """Start the peers that can be had; name those that cannot."""
    makers: dict[str, Callable[[], contextlib.AbstractContextManager[Subject]]] = {
        "oxigraph": lambda: subjects.oxigraph(dump),
        "oxigraph-disk": lambda: subjects.oxigraph(dump, folder / "oxigraph"),
        "rdflib-endpoint": lambda: subjects.rdflib_endpoint(dump),
        "bare": subjects.bare,
        "virtuoso": lambda: subjects.virtuoso(dump, folder / "virtuoso"),
    }
    running = []
    for name in wanted:
        try:
            running.append(stack.enter_context(makers[name]()))
        except subjects.Missing as missing:
            print(f"without {name}: {missing}", file=sys.stderr)
    return running


def compared(
    what: str, ours: Subject, peers: list[Subject], query: str, **options: object
) -> list[Result]:
    """Load ours and the peers in turn."""
    if "rows" in what:
        peers = [peer for peer in peers if peer.name not in SMALL_ONLY]
    found = load.interleaved([ours, *peers], query, **options)  # type: ignore[arg-type]
    mine = found[ours.name]
    results = []
    for peer in peers:
        theirs = found[peer.name]
        goal = GOALS.get((what, peer.name)) if ours.name == OURS else None
        results.append(
            Result(
                what, ours.name, peer.name, mine.rate, theirs.rate,
                mine.rate / max(theirs.rate, 1e-9),
                theirs.processor / max(mine.processor, 1e-9), goal,
            )
        )  # fmt: skip
    return results


def main() -> int:
    """Run everything, print the table, write the JSON."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--quads", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seconds", type=int, default=3)
    options.add_argument("--peers", default=",".join(PEERS))
    options.add_argument("--ways", default="memory,folder", help="how ours keeps the data")
    options.add_argument("--what", default=",".join(QUESTIONS), help="which questions to ask")
    options.add_argument("--json", type=Path)
    options.add_argument("--realtime", action="store_true", help=subjects.realtime.__doc__)
    chosen = options.parse_args()
    if chosen.realtime:
        subjects.realtime()
    bounds = {"rounds": chosen.rounds, "seconds": chosen.seconds}
    data = prepared(chosen.quads)
    results: list[Result] = []
    print(f"{data.quads:,} quads, the current view among them\n\n{HEAD}")
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        peers = started(stack, chosen.peers.split(","), data.dump, folder)
        ways = {"memory": (data.dump, OURS), "folder": (data.folder, f"{OURS} (folder)")}
        for way in chosen.ways.split(","):
            ours = stack.enter_context(subjects.ours(*ways[way]))
            for what in chosen.what.split(","):
                query, fresh, clients = QUESTIONS[what]
                for result in compared(
                    NAMES[what], ours, peers, query, fresh=fresh, clients=clients, **bounds
                ):
                    results.append(result)
                    print(result.line(), flush=True)
    if chosen.json:
        chosen.json.write_text(
            json.dumps({"quads": data.quads, "results": [asdict(r) for r in results]}, indent=2)
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
