"""Former states of a store: each write is kept as a patch that can be undone.

A patch is written before its write is made, as ``FROM--TO.patch.gz``: one line for each quad,
``-`` or ``+`` and then N-Quads, the current view's and the version's own quads included. A
former version is the present state with the patches since then undone, newest first. A chain
that has a gap ends there: what cannot be rebuilt exactly is gone, never guessed.
"""

from __future__ import annotations

import gzip
import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyoxigraph
from pyoxigraph import DefaultGraph, Quad, RdfFormat

from mineralgraph.errors import Gone, StoreError
from mineralgraph.store.base import Applied

_NAME: Final = re.compile(r"(?P<former>[0-9a-z]+)--(?P<version>[0-9a-z]+)\.patch\.gz")


@dataclass(frozen=True)
class Patch:
    """What one write removed and added, the default graph's quads among them."""

    removed: tuple[Quad, ...]
    added: tuple[Quad, ...]


class History:
    """The patches of a store, at most ``keep`` of them."""

    def __init__(self, folder: Path | None, keep: int) -> None:
        """Keep patches in a folder; in a temporary one where the store is in memory."""
        self._temporary = None
        if folder is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="mineralgraph-history-")
            folder = Path(self._temporary.name)
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._keep = keep

    def note(self, former: str, applied: Applied) -> None:
        """Keep a write that is about to be made, and let go what is beyond ``keep``.

        Raises:
            StoreError: when the disk does not take it; then the write must not be made.
        """
        if self._keep == 0 or former == "empty":
            return
        path = self._folder / f"{former}--{applied.version}.patch.gz"
        draft = path.with_suffix(".draft")
        try:
            lines = [f"-{_line(q)}\n" for q in applied.removed]
            lines += [f"+{_line(q)}\n" for q in applied.added]
            with draft.open("wb") as file:
                file.write(gzip.compress("".join(lines).encode(), 6, mtime=0))
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            kept = self._chain(applied.version)[: self._keep]
            for old in self._folder.iterdir():
                if old not in kept:
                    old.unlink()
        except OSError as error:
            raise StoreError(f"the former version cannot be kept: {error}") from error

    def versions(self, present: str) -> list[str]:
        """Return the versions that can be given, newest first, the present one included."""
        chain = self._chain(present)
        return [present, *(_parts(path)[0] for path in chain)]

    def since(self, version: str, present: str) -> list[Path]:
        """Return the patches to undo, newest first, to come from the present to a version.

        Raises:
            Gone: when that version is not kept.
        """
        if version == present:
            return []
        chain = self._chain(present)
        for number, path in enumerate(chain):
            if _parts(path)[0] == version:
                return chain[: number + 1]
        raise Gone(f"the dataset version {version[:40]} is not kept", version=present)

    def _chain(self, present: str) -> list[Path]:
        made = {}
        for path in sorted(self._folder.iterdir()):
            if _NAME.fullmatch(path.name):
                made[_parts(path)[1]] = path
        chain: list[Path] = []
        while present in made and made[present] not in chain:
            chain.append(made[present])
            present = _parts(made[present])[0]
        return chain


def read_patch(path: Path) -> Patch:
    """Read a patch back.

    Raises:
        StoreError: when the file is damaged.
    """
    try:
        lines = gzip.decompress(path.read_bytes()).decode().split("\n")
        removed, added = (
            tuple(_parsed(line[1:] for line in lines if line.startswith(sign))) for sign in "-+"
        )
    except (OSError, EOFError, SyntaxError, UnicodeDecodeError) as error:
        raise StoreError(f"{path.name} cannot be read: {error}") from error
    return Patch(removed, added)


def _parsed(lines: Iterable[str]) -> list[Quad]:
    return list(pyoxigraph.parse("\n".join(lines), format=RdfFormat.N_QUADS))


def _line(quad: Quad) -> str:
    graph = "" if isinstance(quad.graph_name, DefaultGraph) else f" {quad.graph_name}"
    return f"{quad.subject} {quad.predicate} {quad.object}{graph} ."


def _parts(path: Path) -> tuple[str, str]:
    match = _NAME.fullmatch(path.name)
    assert match is not None  # noqa: S101  (only such names are in a chain)
    return match["former"], match["version"]
