"""Where ontology/, shapes/, queries/ and data/ are.

Beside ``src/`` in a checkout, inside the package in an installed wheel. Both behave the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """Return the folder ``name`` (``ontology``, ``shapes``, ``queries`` or ``data``).

    Raises:
        FileNotFoundError: when neither the wheel nor a checkout around it has the folder.
    """
    for candidate in (_PACKAGE / "_resources" / name, _PACKAGE.parent.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"mineralgraph was installed without its {name}/ folder")


def files(name: str, pattern: str) -> Iterator[Path]:
    """Yield the files of a resource folder that match a glob, in a fixed order."""
    yield from sorted(folder(name).rglob(pattern))
