"""``mineralgraph restore``: a store from a backup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mineralgraph import opening
from mineralgraph import settings as configuration
from mineralgraph.cli import options
from mineralgraph.cli.console import put, working
from mineralgraph.errors import SettingsError
from mineralgraph.submissions import backup as backups


def restore(
    folder: Annotated[Path, typer.Argument(help="the backup")],
    store: options.Store = None,
) -> None:
    """Make a store folder from a backup; every file and every quad is compared by digest."""
    settings = configuration.load(store=store)
    target = opening.folder_of(settings)
    if target is None:
        raise SettingsError("a backup is restored into a folder", hint="Name it with --store.")
    with working("restoring the store") as progress:
        manifest = backups.restore(folder, target, progress)
    put(f"{target}: version {manifest.version}, {manifest.quads} quads, verified")
