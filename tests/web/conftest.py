"""The service on a real port, for a real browser: invented data with hostile texts among it.

The data are those of ``tests/queries`` and the lesson of ``data/README.md``, which has an article
text of its own. A label and a gist are replaced by what would run in a careless page.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph import pipeline, resources
from mineralgraph.api import create_app, pages
from mineralgraph.execution.inline import InlineRunner
from mineralgraph.gate.report import Report
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.dataset import compile_dataset, compile_sources
from mineralgraph.intake.document import read
from mineralgraph.settings import Settings
from mineralgraph.store.base import Store
from mineralgraph.store.embedded import EmbeddedStore

ROOT = Path(__file__).resolve().parents[2]
ID = "https://w3id.org/mineralgraph/id/"
HOSTILE = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>\"'><b>"
_BLOCK = re.compile(
    r'^```\w+ title="(?P<name>[^"]+)"\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL
)
_GIST = "https://w3id.org/mineralgraph/ontology#gist"
_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"


def browser_missing() -> str | None:
    """Return what the tests of the browser need and do not find."""
    if shutil.which(os.environ.get("CHROMIUM", "chromium")) is None:
        return "Chromium is not installed"
    if shutil.which("node") is None or not (ROOT / "web" / "node_modules").is_dir():
        return "Node.js, or what web/ needs (make web), is not installed"
    if "dist/site.js" not in pages.static_files():
        return "the scripts of the pages are not built (make web)"
    return None


class Keeper:
    """The gate, in this process."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def validate(self, data: bytes, format: str, shapes: tuple[str, ...] = ()) -> Report:
        document = read(data, format)
        return pipeline.judge(document, self._store, Corpus(None), shapes=shapes).report


def hostile(quad: Quad) -> Quad:
    """Return the quad, with a hostile text where one is put."""
    subject, predicate = quad.subject, quad.predicate
    label = subject == NamedNode(ID + "person/rassendyll") and predicate == NamedNode(_LABEL)
    gist = subject == NamedNode(ID + "claim/sp-attended") and predicate == NamedNode(_GIST)
    if label or gist:
        return Quad(subject, predicate, Literal(HOSTILE, language="en"), quad.graph_name)
    return quad


@pytest.fixture(scope="session")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lesson")
    readme = (resources.folder("data") / "README.md").read_text(encoding="utf-8")
    for block in _BLOCK.finditer(readme):
        path = folder / block["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block["text"], encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def base_url(lesson: Path) -> Iterator[str]:
    """Serve the data, and return the address."""
    invented = compile_dataset(ROOT / "tests" / "queries" / "invented").quads
    data = lesson / "data"
    more = compile_sources(
        [data / "reference" / "lesson.trig", data / "articles" / "lesson.trig"],
    ).quads
    store = EmbeddedStore()
    store.load([hostile(quad) for quad in (*invented, *more)])
    app = create_app(
        Settings(),
        InlineRunner(store),
        validator=Keeper(store),
        corpus=Corpus(lesson / "corpus"),
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started and time.monotonic() < until:
        time.sleep(0.05)
    assert server.started
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(30)
