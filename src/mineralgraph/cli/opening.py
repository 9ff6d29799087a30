"""Opening what a verb reads: the data that the settings name, or a store."""

from __future__ import annotations

import os
from pathlib import Path

from mineralgraph import resources
from mineralgraph.errors import SettingsError
from mineralgraph.intake.dataset import Compiled, compile_sources
from mineralgraph.settings import Settings
from mineralgraph.store.base import Store
from mineralgraph.store.embedded import EmbeddedStore

MEMORY = "memory"


def sources(settings: Settings) -> list[Path]:
    """Return the folders and files that ``MINERALGRAPH_DATA`` names; none for ``none``."""
    if settings.data == "none":
        return []
    if settings.data == "builtin":
        return [resources.folder("data")]
    return [Path(part) for part in settings.data.split(os.pathsep) if part]


def compiled(settings: Settings) -> Compiled:
    """Compile the data that the settings name.

    Raises:
        NotFound: when there is no such data.
        RdfSyntaxError: when a file does not parse.
        AuthoringError: when a file breaks the authoring form.
    """
    return compile_sources(sources(settings))


def folder_of(settings: Settings) -> Path | None:
    """Return the store's folder, None for a store in memory.

    Raises:
        SettingsError: for the address of a service, which this version does not take.
    """
    if settings.store == MEMORY:
        return None
    if "://" in settings.store:
        raise SettingsError(
            f"MINERALGRAPH_STORE is {settings.store}, and remote engines are not supported yet",
            hint="Use `memory` or a folder.",
        )
    return Path(settings.store)


def open_to_read(settings: Settings) -> Store:
    """Open the store for reading, also while a service has it open.

    A store in memory is filled with the data as compiled. It is not judged: whoever asks the
    command line about files under their own hand sees what is in them, and `build` judges.

    Raises:
        SettingsError: when the store's folder is not there.
        StoreError: when it cannot be opened.
    """
    folder = folder_of(settings)
    if folder is None:
        store = EmbeddedStore()
        store.load(compiled(settings).quads)
        return store
    if not folder.is_dir():
        raise SettingsError(
            f"there is no store in {folder}",
            hint=f"`mineralgraph serve --store {folder}` or `build --store {folder}` makes one.",
        )
    return EmbeddedStore(folder, read_only=True)
