"""What a query costs as the graph grows: a table and a picture for the documentation.

    python -m benchmarks.growth [--sizes 10000,30000,100000,300000,1000000] [--json FILE]
                                [--plot docs/explanation/growth.svg] [--realtime]
    python -m benchmarks.growth --from FILE --plot ...     # the picture again, from the figures

One client asks each query several times, each time as a text never seen before; medians. Our
service keeps the data in memory; ``oxigraph serve`` beside it does too and is asked in turn.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from pathlib import Path

from benchmarks import load, questions, subjects
from benchmarks.dataset import prepared
from benchmarks.plot import Line, log_log

SIZES = "10000,30000,100000,300000,1000000"


def measured(quads: int, times: int) -> dict[str, object]:
    """Return the milliseconds of each query at one size, ours and Oxigraph's."""
    data = prepared(quads)
    found: dict[str, dict[str, float]] = {}
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(subjects.ours(data.dump))
        peer = stack.enter_context(subjects.oxigraph(data.dump))
        for name, query in questions.GROWING.items():
            load.median_seconds(ours, query, 1)
            mine, body = load.median_seconds(ours, query, times)
            theirs, other = load.median_seconds(peer, query, times)
            rows = [len(json.loads(text)["results"]["bindings"]) for text in (body, other)]
            if rows[0] != rows[1]:
                raise RuntimeError(f"{name}: {rows[0]} rows here, {rows[1]} there")
            found[name] = {"ours": round(mine * 1000, 2), "oxigraph": round(theirs * 1000, 2)}
    return {"quads": data.quads, "milliseconds": found}


def table(points: list[dict[str, object]]) -> str:
    """Return the figures as a Markdown table: ours, and Oxigraph's in brackets."""
    names = list(questions.GROWING)
    lines = [f"| quads | {' | '.join(names)} |", "|---:|" + "---:|" * len(names)]
    for point in points:
        cells = [
            "{ours:.1f} ({oxigraph:.1f})".format(**point["milliseconds"][name])  # type: ignore[index]
            for name in names
        ]
        lines.append(f"| {point['quads']:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def picture(points: list[dict[str, object]]) -> str:
    """Return the figures of our service as SVG."""
    lines = [
        Line(name, [(float(p["quads"]), p["milliseconds"][name]["ours"]) for p in points])  # type: ignore[arg-type,index]
        for name in questions.GROWING
    ]
    return log_log(lines, "Time of one answer as the graph grows", "quads", "milliseconds")


def main() -> int:
    """Measure, print the table, write figures and picture."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default=SIZES)
    options.add_argument("--times", type=int, default=5)
    options.add_argument("--json", type=Path)
    options.add_argument("--from", dest="source", type=Path)
    options.add_argument("--plot", type=Path)
    options.add_argument("--realtime", action="store_true", help=subjects.realtime.__doc__)
    chosen = options.parse_args()
    if chosen.realtime:
        subjects.realtime()
    if chosen.source:
        points = json.loads(chosen.source.read_text())
    else:
        points = [measured(int(size), chosen.times) for size in chosen.sizes.split(",")]
    print(table(points))
    if chosen.json:
        chosen.json.write_text(json.dumps(points, indent=1) + "\n")
    if chosen.plot:
        chosen.plot.write_text(picture(points), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
