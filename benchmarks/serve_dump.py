"""Serve a prepared dataset without judging it: what the benchmarks start as our service.

    python -m benchmarks.serve_dump PORT DUMP.nq|STORE_FOLDER

Everything but the gate at start and a log line for each request (the peers write none) is as in
``mineralgraph serve``. A dump is read into memory and
holds the current view too (``EmbeddedStore.dump``); a folder is opened as it is.
"""

from __future__ import annotations

import sys
from pathlib import Path

from mineralgraph import settings as configuration
from mineralgraph.cli.service import bind, logged, run
from mineralgraph.intake.corpus import Corpus
from mineralgraph.store.embedded import EmbeddedStore


def main() -> None:
    """Serve until the process is told to stop."""
    port, source = int(sys.argv[1]), Path(sys.argv[2])
    settings = configuration.load(port=port, data="none", log="warning")
    store = EmbeddedStore(source) if source.is_dir() else EmbeddedStore.from_file(source)
    with logged(settings):
        run(settings, store, Corpus(None), bind(settings))


if __name__ == "__main__":
    main()
