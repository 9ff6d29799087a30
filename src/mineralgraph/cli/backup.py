"""``mineralgraph backup``: a consistent copy of a store."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mineralgraph import opening
from mineralgraph import settings as configuration
from mineralgraph.cli import options, remote
from mineralgraph.cli.console import put, working
from mineralgraph.errors import SettingsError
from mineralgraph.submissions import backup as backups


def backup(
    folder: Annotated[Path, typer.Argument(help="the folder to make")],
    store: options.Store = None,
    url: Annotated[
        str | None, typer.Option(help="a running service, which makes the copy itself")
    ] = None,
) -> None:
    """Copy a store, whole and consistent.

    A store that is being served is open in that process alone: use --url, with an admin token
    in MINERALGRAPH_TOKEN.
    """
    settings = configuration.load(store=store)
    with working("copying the store") as progress:
        if url is not None:
            if settings.token is None:
                raise SettingsError(
                    "the service needs an admin token", hint="Set MINERALGRAPH_TOKEN."
                )
            archive = folder.with_name(folder.name + ".tar")
            service = remote.Service(url, 600)
            try:
                service.fetch("admin/backup", settings.token.get_secret_value(), archive)
                manifest = backups.unpack(archive, folder)
            finally:
                archive.unlink(missing_ok=True)
        else:
            with opening.open_to_read(settings) as opened:
                manifest = backups.make(opened, opening.folder_of(settings), folder, progress)
    put(f"{folder}: version {manifest.version}, {manifest.quads} quads, {manifest.content}")
