"""A newer release of the built-in data leaves a record, as every write does."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import NamedNode

from mineralgraph import opening
from mineralgraph.intake.corpus import Corpus
from mineralgraph.pipeline import audit
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import AUDIT_GRAPH, MG, PROV
from mineralgraph.settings import Settings
from mineralgraph.store.embedded import EmbeddedStore


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
    assert audit.count(store) == 0
    store.close()

    store = opened(source, folder)  # the same data: nothing is written
    assert (audit.count(store), store.version()) == (0, first)
    store.close()

    article = source / "data" / "articles" / "lesson.trig"
    article.write_text(article.read_text().replace("She has held", "She holds, and has held,"))
    store = opened(source, folder)
    assert audit.count(store) == 1
    assert said(store, 1, MG.writeKind) == {mint("write-kind", "release").value}
    assert said(store, 1, MG.versionBefore) == {first}
    assert said(store, 1, MG.versionAfter) == {store.version()} != {first}
    assert said(store, 1, MG.touches) == {mint("claim", "lesson-since").value}
    (who,) = said(store, 1, PROV.wasAssociatedWith)
    assert who.startswith(mint("agent", "mineralgraph-").value)
    assert len(said(store, 1, PROV.endedAtTime)) == len(said(store, 1, MG.reason)) == 1
    store.close()

    article.write_text(article.read_text() + "\n# A remark, which changes nothing.\n")
    store = opened(source, folder)
    assert audit.count(store) == 1
    store.close()
