"""``mineralgraph cite``: a passage becomes a span that nobody had to count."""

from __future__ import annotations

from typing import Annotated

import typer

from mineralgraph import settings as configuration
from mineralgraph.cli import articles, options
from mineralgraph.cli.console import put, say
from mineralgraph.intake import corpus as texts


def cite(
    article: Annotated[str, typer.Argument(help="slug of an article, or a text file")],
    text: Annotated[str, typer.Argument(help="the passage, copied from the article")],
    occurrence: Annotated[
        int | None,
        typer.Option(min=1, help="which one, where it occurs several times", show_default=False),
    ] = None,
    corpus: options.CorpusFolder = None,
    data: options.Data = None,
) -> None:
    """Print the span of a passage, ready to paste.

    Start and end count code points, the end excluded. A passage that occurs several times is
    refused until --occurrence says which one is meant.
    """
    settings = configuration.load(corpus=corpus, data=data)
    span = texts.find(articles.text_of(article, settings), text, occurrence)
    say(f"characters {span.start} to {span.end} of {article}, {span.digest}")
    put(f'[ oa:start {span.start} ; oa:end {span.end} ; mg:spanDigest "{span.digest}" ]')
