"""Former versions are rebuilt exactly, for as many writes as are kept, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import Literal, Quad

from mineralgraph.errors import Gone
from mineralgraph.rdf.identifiers import mint
from mineralgraph.rdf.namespaces import MG
from mineralgraph.store.base import Change
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.store.history import History, read_patch
from tests.store.test_clock import EARLY, SAID, claim, home

NASTY = Literal('a\nb\u2028c\x85d "quoted" \\ - +', language="en")


def written(store: EmbeddedStore, number: int) -> str:
    added = claim(f"c{number}", "early", SAID)
    node = mint("claim", f"c{number}")
    gist = Quad(node, MG.gist, NASTY, home("early"))
    former = Quad(mint("claim", f"c{number - 1}"), MG.gist, NASTY, home("early"))
    return store.apply(Change(frozenset([*added, gist]), frozenset([former]))).version


@pytest.fixture
def states(tmp_path: Path) -> tuple[EmbeddedStore, dict[str, set[Quad]]]:
    store = EmbeddedStore(tmp_path / "store" / "db")
    store.history = History(tmp_path / "store" / "history", 3)
    store.load([*EARLY, *claim("c0", "early", SAID)])
    seen = {store.version(): set(store.quads())}
    for number in range(1, 6):
        version = written(store, number)
        seen[version] = set(store.quads())
    return store, seen


def rebuilt(store: EmbeddedStore, version: str) -> set[Quad]:
    assert store.history is not None
    patches = store.history.since(version, store.version())
    return set(store.before(map(read_patch, patches)).quads())


def test_kept_versions_come_back_quad_for_quad(
    states: tuple[EmbeddedStore, dict[str, set[Quad]]],
) -> None:
    store, seen = states
    assert store.history is not None
    kept = store.history.versions(store.version())
    assert kept == list(reversed(seen))[:4]
    for version in kept:
        assert rebuilt(store, version) == seen[version]


def test_what_is_not_kept_is_gone(states: tuple[EmbeddedStore, dict[str, set[Quad]]]) -> None:
    store, seen = states
    for version in [*list(seen)[:2], "0" * 16, "../../x"]:
        with pytest.raises(Gone):
            rebuilt(store, version)


def test_the_chain_lasts_over_a_restart_and_ends_at_a_gap(
    states: tuple[EmbeddedStore, dict[str, set[Quad]]], tmp_path: Path
) -> None:
    store, seen = states
    again = History(tmp_path / "store" / "history", 3)
    present = store.version()
    assert again.versions(present) == list(reversed(seen))[:4]
    next((tmp_path / "store" / "history").glob(f"*--{list(seen)[-2]}.*")).unlink()
    assert again.versions(present) == [present, list(seen)[-2]]


def test_nothing_is_written_where_the_former_state_cannot_be_kept(
    states: tuple[EmbeddedStore, dict[str, set[Quad]]], tmp_path: Path
) -> None:
    store, _ = states
    before = set(store.quads())
    folder = tmp_path / "store" / "history"
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    with pytest.raises(Exception, match="cannot be kept"):
        written(store, 9)
    assert set(store.quads()) == before
