"""``mineralgraph serve``: the graph over HTTP."""

from __future__ import annotations

from typing import Annotated

import typer

from mineralgraph import opening
from mineralgraph import settings as configuration
from mineralgraph.cli import options
from mineralgraph.cli.console import say, working
from mineralgraph.intake.corpus import Corpus


def serve(
    host: Annotated[
        str | None, typer.Option(help="address [MINERALGRAPH_HOST]", show_default=False)
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="port [MINERALGRAPH_PORT]", show_default=False)
    ] = None,
    store: options.Store = None,
    data: options.Data = None,
    corpus: options.CorpusFolder = None,
) -> None:
    """Serve the graph over HTTP.

    An empty store is first filled with the data, through the gate; a filled one is kept.
    """
    settings = configuration.load(host=host, port=port, store=store, data=data, corpus=corpus)
    # The web framework takes most of a second to import; the other verbs do without it.
    from mineralgraph.cli.service import bind, logged, run  # noqa: PLC0415

    with bind(settings) as bound:
        with working("opening the store; a new one is built and judged first"):
            texts = Corpus(settings.corpus)
            opened = opening.open_to_serve(settings, texts)
        with logged(settings):
            if opened.report is not None and opened.report.findings:
                say(opened.report.as_text())
            run(settings, opened.store, texts, bound)
