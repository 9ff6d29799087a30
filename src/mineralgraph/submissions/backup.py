"""A consistent copy of a store, verified by digest on its way back.

A backup is a folder: ``dataset.nq`` (every quad, the current view and the record of writes
included), what the store folder knows of the built-in data, and ``manifest.json`` with the
dataset version and the SHA-256 of each file. Tokens are not in it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Final

import pyoxigraph
from pyoxigraph import Quad, RdfFormat, serialize

from mineralgraph.errors import InputError, SettingsError, StoreError
from mineralgraph.opening import COMPANIONS, DATABASE
from mineralgraph.store.base import Store
from mineralgraph.store.embedded import EmbeddedStore

DATASET = "dataset.nq"
MANIFEST = "manifest.json"
_STEP: Final = 4096
"""Progress is told each time that this share of a long task is done, so that telling is cheap."""

Progress = Callable[[int, int], None]
"""Told how much is done, of how much."""


def _untold(_: int, __: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Manifest:
    """What a backup holds.

    Attributes:
        version: the dataset version.
        quads: number of quads, those of the current view included.
        content: digest over the quads, whatever their order.
        files: SHA-256 of each file.
    """

    version: str
    quads: int
    content: str
    files: dict[str, str]


class _Meter:
    """Adds up what is done, and tells it now and then."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = self._told = 0

    def add(self, done: int) -> None:
        self._done += done
        if (self._done - self._told) * _STEP >= self._total or self._done == self._total:
            self._told = self._done
            self._progress(self._done, self._total)

    def counted(self, quads: Iterator[Quad]) -> Iterator[Quad]:
        for quad in quads:
            self.add(1)
            yield quad


class _Read:
    """A file that tells how much of it was read."""

    def __init__(self, stream: BinaryIO, meter: _Meter) -> None:
        self._stream = stream
        self._meter = meter

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self._meter.add(len(piece))
        return piece


def make(store: Store, source: Path | None, target: Path, progress: Progress = _untold) -> Manifest:
    """Write a backup of a store that nobody writes to meanwhile.

    Args:
        store: the store.
        source: its folder; None for one in memory.
        target: the folder to make.
        progress: told how many quads are written and read again.

    Raises:
        SettingsError: when the target is there already.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise SettingsError(f"{target} is there already", hint="Name a new folder.")
    target.mkdir(parents=True, exist_ok=True)
    meter = _Meter(progress, 2 * sum(1 for _ in store.quads()))
    serialize(meter.counted(store.quads()), target / DATASET, format=RdfFormat.N_QUADS)
    for name in COMPANIONS:
        if source is not None and (source / name).is_file():
            shutil.copyfile(source / name, target / name)
    files = {path.name: _digest(path) for path in sorted(target.iterdir())}
    quads, content = content_of(target / DATASET, lambda _: meter.add(1))
    manifest = Manifest(store.version(), quads, content, files)
    (target / MANIFEST).write_text(json.dumps(asdict(manifest), indent=2) + "\n")
    return manifest


def verify(folder: Path) -> Manifest:
    """Return the manifest of a backup whose files are what it says.

    Raises:
        InputError: when the folder is no backup, or one of its files has changed.
    """
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_bytes()))
        found = {name: _digest(folder / name) for name in manifest.files}
    except (OSError, ValueError, TypeError) as error:
        raise InputError(
            f"{folder} is no whole backup: {error}", hint="`mineralgraph backup DIR` makes one."
        ) from error
    wrong = sorted(name for name, digest in manifest.files.items() if found[name] != digest)
    if wrong or set(manifest.files) - {DATASET, *COMPANIONS} or DATASET not in found:
        raise InputError(
            f"{folder} is damaged: {', '.join(wrong) or 'its list of files'}",
            hint="Use another backup.",
        )
    return manifest


def restore(folder: Path, target: Path, progress: Progress = _untold) -> Manifest:
    """Bring a backup back as a store folder; what was restored is read again and compared.

    Args:
        folder: the backup.
        target: the store folder to make.
        progress: told how many bytes are loaded and compared.

    Raises:
        InputError: when the backup is damaged.
        SettingsError: when the target is there already.
        StoreError: when what was restored is not what was backed up.
    """
    manifest = verify(folder)
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise SettingsError(f"{target} is there already", hint="Name a new folder for the store.")
    draft = target.with_name(target.name + ".restoring")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    store = pyoxigraph.Store(str(draft / DATABASE))
    meter = _Meter(progress, 2 * (folder / DATASET).stat().st_size)
    with (folder / DATASET).open("rb") as stream:
        store.bulk_load(_Read(stream, meter), RdfFormat.N_QUADS)  # type: ignore[arg-type]
    store.flush()
    again = draft / "again.nq"
    store.dump(again, RdfFormat.N_QUADS)
    del store
    if content_of(again, meter.add) != (manifest.quads, manifest.content):
        raise StoreError(f"{draft} is not what {folder} holds", hint="Try again.")
    again.unlink()
    with EmbeddedStore(draft / DATABASE, read_only=True) as opened:
        if opened.version() != manifest.version and manifest.version:
            raise StoreError(f"{draft} has the version {opened.version()}")
    for name in set(manifest.files) & set(COMPANIONS):
        shutil.copyfile(folder / name, draft / name)
    if target.exists():
        target.rmdir()
    draft.rename(target)
    return manifest


def pack(folder: Path, archive: Path) -> None:
    """Put a backup into one file, to be sent."""
    with tarfile.open(archive, "w") as tar:
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name)


def unpack(archive: Path, folder: Path) -> Manifest:
    """Take a backup out of a file that was sent, and verify it.

    Raises:
        InputError: when it is no backup, or damaged.
    """
    try:
        with tarfile.open(archive, "r:") as tar:
            tar.extractall(folder, filter="data")
    except (tarfile.TarError, OSError) as error:
        raise InputError(f"the backup did not arrive whole: {error}", hint="Try again.") from error
    return verify(folder)


def content_of(file: Path, tell: Callable[[int], None] = lambda _: None) -> tuple[int, str]:
    """Return the number of quads of an N-Quads file, and a digest that no order changes.

    The digests of the lines are added up, so that nothing is sorted and nothing held.

    Args:
        file: the file.
        tell: told the length of each line when it is read.
    """
    total, count = 0, 0
    with file.open("rb") as lines:
        for line in lines:
            total += int.from_bytes(hashlib.sha256(line.strip()).digest(), "big")
            count += 1
            tell(len(line))
    return count, f"sha256-sum:{total % 2**256:064x}"


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return "sha256:" + hashlib.file_digest(stream, "sha256").hexdigest()
