"""The service on a real port, for a real browser: invented data with hostile texts among it.

The data are those of ``tests/queries`` and the lesson of ``data/README.md``, which has an article
text of its own. A label and a gist are replaced by what would run in a careless page.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from mineralgraph import pipeline
from mineralgraph.api import create_app
from mineralgraph.api.presentation import pages
from mineralgraph.execution.inline import InlineRunner
from mineralgraph.gate.report import Report
from mineralgraph.intake.corpus import Corpus
from mineralgraph.intake.dataset import compile_dataset, compile_sources
from mineralgraph.intake.document import read
from mineralgraph.settings import Settings
from mineralgraph.store.base import Store
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.submissions import tokens
from mineralgraph.submissions.tokens import Scope
from mineralgraph.submissions.writer import Writer
from tests.serving import served, served_release
from tests.submissions.conftest import write_lesson

ROOT = Path(__file__).resolve().parents[2]
ID = "https://w3id.org/mineralgraph/id/"
HOSTILE = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>\"'><b>"
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

    def __init__(self, store: Store, corpus: Corpus | None = None) -> None:
        self._store = store
        self._corpus = corpus or Corpus(None)

    async def validate(self, data: bytes, format: str, shapes: tuple[str, ...] = ()) -> Report:
        document = read(data, format)
        return pipeline.judge(document, self._store, self._corpus, shapes=shapes).report


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
    write_lesson(folder)
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
    with served(app) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def own_url() -> Iterator[str]:
    """Serve the project's own data, without article texts."""
    with served_release() as address:
        yield address


@dataclass(frozen=True)
class Writing:
    """A service that takes writes, and the token for it."""

    url: str
    token: str


@pytest.fixture
def writing(lesson: Path, tmp_path: Path) -> Iterator[Writing]:
    """Serve the lesson's reference entities, ready to take its article."""
    file = tmp_path / "tokens.json"
    secret = tokens.make(file, "curator", [Scope.SUBMIT])
    settings = Settings(token_file=file)
    store = EmbeddedStore()
    store.load(compile_sources([lesson / "data" / "reference" / "lesson.trig"]).quads)
    corpus = Corpus(lesson / "corpus")
    app = create_app(
        settings,
        InlineRunner(store),
        validator=Keeper(store, corpus),
        corpus=corpus,
        writer=Writer(store, corpus, settings.gate),
    )
    with served(app) as port:
        yield Writing(f"http://127.0.0.1:{port}", secret)
