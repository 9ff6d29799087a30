"""``mineralgraph validate``: any RDF file against the gate, in the context of the graph."""

from __future__ import annotations

import json
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from mineralgraph import opening, pipeline
from mineralgraph import settings as configuration
from mineralgraph.cli import options
from mineralgraph.cli.console import put, put_bytes, working
from mineralgraph.errors import NotFound
from mineralgraph.gate import w3c
from mineralgraph.gate.report import EvidenceCounts, Report, ordered
from mineralgraph.intake import document as documents
from mineralgraph.intake.corpus import Corpus
from mineralgraph.rdf import formats


class Form(StrEnum):
    """How to report."""

    TEXT = "text"
    JSON = "json"
    TURTLE = "turtle"


def validate(
    files: Annotated[list[Path], typer.Argument(help="RDF in any syntax; the suffix tells which")],
    format: Annotated[
        Form, typer.Option(help="how to report; turtle is the SHACL validation report")
    ] = Form.TEXT,
    shapes: Annotated[
        list[str] | None,
        typer.Option(help="name of a shapes file or folder to use, such as `money`; repeatable"),
    ] = None,
    corpus: options.CorpusFolder = None,
    store: options.Store = None,
    data: options.Data = None,
) -> None:
    """Check RDF files against the shapes.

    They are judged in the context of the graph; nothing is changed.

    Exit code 0 when they conform (warnings do not count), 1 when they do not.
    """
    settings = configuration.load(corpus=corpus, store=store, data=data)
    for path in files:
        if not path.is_file():
            raise NotFound(f"there is no file {path}", hint="Give the path of an RDF file.")
    texts, chosen = Corpus(settings.corpus), tuple(shapes or ())
    reports = []
    with opening.open_to_read(settings) as opened, working("validating") as progress:
        for number, path in enumerate(files):
            progress(number, len(files))
            document = documents.read_file(path)
            reports.append(pipeline.judge(document, opened, texts, shapes=chosen).report)
    report = merged(reports)
    if format is Form.JSON:
        put(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    elif format is Form.TURTLE:
        put_bytes(w3c.write(report, formats.TURTLE))
    else:
        put(report.as_text())
    if not report.conforms:
        raise typer.Exit(1)


def merged(reports: list[Report]) -> Report:
    """Return one report over several documents."""
    checked: Counter[str] = Counter()
    for report in reports:
        checked.update(report.checked)
    counts = [report.evidence for report in reports]
    return Report(
        ordered(finding for report in reports for finding in report.findings),
        dict(checked),
        EvidenceCounts(
            sum(c.right for c in counts),
            sum(c.wrong for c in counts),
            sum(c.not_checked for c in counts),
        ),
        tuple(dict.fromkeys(note for report in reports for note in report.notes)),
    )
