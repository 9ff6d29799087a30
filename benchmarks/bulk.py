"""How long a whole folder of articles takes through the gate: compiled, completed, judged.

The same work as ``mineralgraph build``, on generated articles (``generator.py``), from their
text to the verdict. Printed are wall-clock seconds, seconds of processor of all processes, and
how busy the machine was at the beginning.

    python -m benchmarks.bulk [--articles 1000] [--claims 30]
"""

from __future__ import annotations

import argparse
import os
import time

from benchmarks import generator
from mineralgraph import pipeline
from mineralgraph.cli.console import working
from mineralgraph.gate import bulk
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.dataset import Compiled


def processor() -> float:
    """Return the processor time of this process and of those that it waited for."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main() -> None:
    """Print one row."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=1000)
    options.add_argument("--claims", type=int, default=30)
    chosen = options.parse_args()
    load = os.getloadavg()[0]
    started, used = time.perf_counter(), processor()
    compiled = Compiled(
        list(dict.fromkeys(generator.dataset(chosen.articles, 0, chosen.claims))),
    )
    ready = time.perf_counter()
    with working("checking evidence, shapes and rules") as progress:
        report = pipeline.build(compiled, Corpus(None), progress=progress).report
    ended = time.perf_counter()
    claims = report.checked["claims"]
    print(
        "| claims | quads | processes | compiling | judging | claims a second | processor | load |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    print(
        f"| {claims:,} | {report.checked['quads']:,} | {bulk.cores()} | {ready - started:.0f} s "
        f"| {ended - ready:.0f} s | {claims / (ended - started):.0f} | {processor() - used:.0f} s "
        f"| {load:.1f} |"
    )


if __name__ == "__main__":
    main()
