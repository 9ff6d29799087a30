"""``mineralgraph build``: data/ becomes one checked, sorted N-Quads file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from pyoxigraph import Quad

from mineralgraph import opening, pipeline
from mineralgraph import settings as configuration
from mineralgraph.cli import options
from mineralgraph.cli.console import put, say, working
from mineralgraph.intake.corpus import Corpus
from mineralgraph.rdf import formats
from mineralgraph.rdf.writing import write


def build(
    out: Annotated[
        Path | None, typer.Option(help="write the N-Quads here", show_default=False)
    ] = None,
    corpus: options.CorpusFolder = None,
    data: options.Data = None,
) -> None:
    """Compile, check and validate the data.

    Every span is compared with its text where that is at hand.

    The same data give the same bytes. With violations nothing is written: the report names
    file, line and what to do, and the exit code is 1.
    """
    settings = configuration.load(corpus=corpus, data=data)
    with working("reading the data"):
        compiled = opening.compiled(settings)
    with working("checking evidence, shapes and rules") as progress:
        judged = pipeline.build(compiled, Corpus(settings.corpus), progress=progress)
    report = judged.report
    if report.findings:
        put(report.as_text())
    else:
        say(report.as_text().rstrip())
    if not report.conforms:
        raise typer.Exit(1)
    if out is not None:
        body = nquads(judged.quads)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(body)
        say(f"wrote {out}: {len(judged.quads)} quads, {len(body)} bytes")


def nquads(quads: list[Quad]) -> bytes:
    """Serialise quads, sorted by their N-Quads lines."""
    lines = write(quads, formats.NQUADS).splitlines(keepends=True)
    return b"".join(sorted(set(lines)))
