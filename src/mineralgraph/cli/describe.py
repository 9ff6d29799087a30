"""``mineralgraph describe``: what a new article's file must say of its text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mineralgraph.cli.console import put
from mineralgraph.errors import InputError, NotFound
from mineralgraph.rdf.identifiers import digest


def describe(
    file: Annotated[Path, typer.Argument(help="the text of the article, UTF-8")],
) -> None:
    """Print the digest and length of a text.

    The two statements tie an article's description to its text.
    """
    if not file.is_file():
        raise NotFound(f"there is no file {file}", hint="Give the path of the article's text.")
    data = file.read_bytes()
    try:
        length = len(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8", hint="Save the text as UTF-8.") from error
    put(f'mg:textDigest "{digest(data)}" ; mg:textLength {length} ;')
