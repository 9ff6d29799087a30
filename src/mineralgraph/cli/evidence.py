"""``mineralgraph evidence``: does every span still say what it said?"""

from __future__ import annotations

from collections import defaultdict

import typer

from mineralgraph import opening, pipeline
from mineralgraph import settings as configuration
from mineralgraph.cli import options
from mineralgraph.cli.console import put, put_table, say
from mineralgraph.gate.evidence import SpanCheck, count
from mineralgraph.gate.report import EvidenceState
from mineralgraph.intake.corpus import Corpus
from mineralgraph.rdf.identifiers import slug_of
from mineralgraph.rdf.namespaces import curie


def evidence(
    corpus: options.CorpusFolder = None,
    data: options.Data = None,
) -> None:
    """Compare every span with the article texts.

    Exit code 1 when a span is wrong. A span whose text is not at hand is "not checked", which
    is no error.
    """
    settings = configuration.load(corpus=corpus, data=data)
    checks = pipeline.evidence(opening.compiled(settings), Corpus(settings.corpus))
    by_article: dict[str, list[SpanCheck]] = defaultdict(list)
    for check in checks:
        by_article[slug_of(check.article) if check.article else "?"].append(check)
    rows = []
    for article, found in sorted(by_article.items()):
        counts = count(found)
        rows.append((article, str(counts.right), str(counts.wrong), str(counts.not_checked)))
    put_table(("article", "right", "wrong", "not checked"), rows)
    wrong = [check for check in checks if check.state is EvidenceState.WRONG]
    for check in wrong:
        claims = ", ".join(curie(c.value) for c in check.claims) or curie(check.evidence.value)
        put(f"wrong: {claims}: {check.reason}")
    if settings.corpus is None:
        say("hint: --corpus or MINERALGRAPH_CORPUS names the folder of article texts")
    if wrong:
        raise typer.Exit(1)
