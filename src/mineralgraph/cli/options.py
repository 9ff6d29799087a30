"""Options that several verbs share. Each overrides the setting of the same name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Store = Annotated[
    str | None,
    typer.Option(
        help="`memory`, a store folder, or the URL of a SPARQL service [MINERALGRAPH_STORE]",
        show_default=False,
    ),
]
Data = Annotated[
    str | None,
    typer.Option(
        help="`builtin`, `none`, or files and folders of RDF [MINERALGRAPH_DATA]",
        show_default=False,
    ),
]
CorpusFolder = Annotated[
    Path | None,
    typer.Option(
        "--corpus",
        help="folder of article texts [MINERALGRAPH_CORPUS]",
        show_default=False,
    ),
]
