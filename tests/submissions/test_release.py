"""A newer release of the built-in data leaves a record, as every write does."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode

from mineralgraph import opening
from mineralgraph.api import create_app
from mineralgraph.execution.inline import InlineRunner
from mineralgraph.intake.corpus import Corpus
from mineralgraph.pipeline import audit
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import AUDIT_GRAPH, MG, PROV, RDF
from mineralgraph.settings import Settings
from mineralgraph.store import view
from mineralgraph.store.embedded import EmbeddedStore
from tests.api.conftest import client_of


def opened(data: Path, folder: Path) -> EmbeddedStore:
    settings = Settings(data=str(data / "data"), store=str(folder))
    store = opening.open_to_serve(settings, Corpus(None)).store
    assert isinstance(store, EmbeddedStore)
    return store


def said(store: EmbeddedStore, number: int, predicate: NamedNode) -> set[str]:
    found = store.quads(audit.iri_of(number), predicate, None, AUDIT_GRAPH)
    return {getattr(q.object, "value", "") for q in found}


def test_a_release_is_recorded_and_a_mere_restart_is_not(lesson: Path, tmp_path: Path) -> None:
    source, folder = tmp_path / "source", tmp_path / "store"
    for path in (lesson / "data").rglob("*.trig"):
        target = source / path.relative_to(lesson)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    store = opened(source, folder)
    first = store.version()
    assert audit.count(store) == 1
    store.close()

    store = opened(source, folder)  # the same data: nothing is written
    assert (audit.count(store), store.version()) == (1, first)
    store.close()

    article = source / "data" / "articles" / "lesson.trig"
    article.write_text(article.read_text().replace("She has held", "She holds, and has held,"))
    store = opened(source, folder)
    assert audit.count(store) == 2
    assert said(store, 2, MG.writeKind) == {mint("write-kind", "release").value}
    assert said(store, 2, MG.versionBefore) == {first}
    assert said(store, 2, MG.versionAfter) == {store.version()} != {first}
    assert said(store, 2, MG.touches) == {mint("claim", "lesson-since").value}
    (who,) = said(store, 2, PROV.wasAssociatedWith)
    assert who.startswith(mint("agent", "mineralgraph-").value)
    assert len(said(store, 2, PROV.endedAtTime)) == len(said(store, 2, MG.reason)) == 1
    store.close()

    article.write_text(article.read_text() + "\n# A remark, which changes nothing.\n")
    store = opened(source, folder)
    assert audit.count(store) == 2
    store.close()


def test_the_first_filling_is_recorded_like_any_write(lesson: Path, tmp_path: Path) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    store = opened(lesson, tmp_path / "store")
    assert audit.count(store) == 1
    assert said(store, 1, RDF.type) == {MG.Write.value, PROV.Activity.value}
    assert said(store, 1, MG.writeKind) == {mint("write-kind", "release").value}
    assert said(store, 1, MG.versionBefore) == {"empty"}
    assert said(store, 1, MG.versionAfter) == {store.version()}
    (who,) = said(store, 1, PROV.wasAssociatedWith)
    assert who.startswith(mint("agent", "mineralgraph-").value)
    (when,) = said(store, 1, PROV.endedAtTime)
    assert before <= datetime.fromisoformat(when) <= datetime.now(UTC)
    assert "empty store" in "".join(said(store, 1, MG.reason))
    assert {q.triple for q in store.quads(graph=DefaultGraph())} == view.derive(store.quads())
    store.close()


def test_the_record_leaves_the_version_to_the_data(lesson: Path, tmp_path: Path) -> None:
    versions = set()
    for name in ("one", "two"):
        store = opened(lesson, tmp_path / name)
        versions.add(store.version())
        store.close()
        time.sleep(1.1)  # the clock of the record goes on, to the second
    assert len(versions) == 1


def test_a_service_tells_of_it(lesson: Path, tmp_path: Path) -> None:
    store = opened(lesson, tmp_path / "store")
    app = create_app(Settings(), InlineRunner(store))
    with client_of(app) as client:
        (row,) = client.get("/changes").json()["rows"]
        assert (row["seq"], row["kind"], row["version_before"]) == (1, "release", "empty")
        assert row["version"] == store.version()
        assert row["who"].startswith("mineralgraph-")
        for since in ("1", store.version()):
            assert client.get("/changes", params={"since": since}).json()["rows"] == []
