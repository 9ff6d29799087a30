"""Generated datasets prepared for services: a dump for memory, a folder for the durable store.

Sizes count every quad that a store holds: named graphs, and the current view besides. What was
prepared is kept under ``var/benchmarks`` and used again.
"""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path

from benchmarks import generator
from benchmarks.subjects import ROOT
from mineralgraph.store.embedded import EmbeddedStore

BASE = 14_000  # quads without any article: ontology and reference data
PER_ARTICLE = 420


@dataclass(frozen=True)
class Prepared:
    """A dataset on disk."""

    quads: int
    dump: Path
    folder: Path


def prepared(quads: int) -> Prepared:
    """Return a dataset of about so many quads."""
    articles = max(1, (quads - BASE) // PER_ARTICLE)
    place = ROOT / "var" / "benchmarks" / f"{articles}-{_made_from()}"
    dump, folder, count = place / "dump.nq", place / "db", place / "quads"
    if not count.exists():
        place.mkdir(parents=True, exist_ok=True)
        with contextlib.closing(EmbeddedStore(folder)) as store:
            if store.version() == "empty":
                store.load(generator.dataset(articles))
            store.dump(dump)
        with dump.open("rb") as lines:
            count.write_text(str(sum(1 for _ in lines)))
    return Prepared(int(count.read_text()), dump, folder)


def _made_from() -> str:
    """Return a digest over what the data follow from besides their size."""
    files = [Path(generator.__file__), *sorted((ROOT / "ontology").rglob("*.ttl"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:8]
