"""A drill: copy a store, lose it, bring it back, and find nothing changed. It is timed."""

from __future__ import annotations

import io
import json
import tarfile
import time
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad
from typer.testing import CliRunner

from mineralgraph.cli import app
from mineralgraph.errors import InputError, SettingsError
from mineralgraph.store.embedded import EmbeddedStore
from mineralgraph.submissions import backup

SECONDS = 30


@pytest.fixture
def folder(tmp_path, base) -> Path:
    """A store folder after a write, with its companions."""
    folder = tmp_path / "store"
    with EmbeddedStore(folder / "db") as store:
        store.load(base)
    (folder / "source.json").write_text('{"digest": "x"}')
    return folder


def quads(folder: Path) -> set[Quad]:
    with EmbeddedStore(folder / "db") as store:
        return set(store.quads())


def run(*arguments: object):
    return CliRunner().invoke(app, [str(a) for a in arguments])


def test_both_tell_how_far_they_are(folder, tmp_path):
    told: dict[str, list[tuple[int, int]]] = {"backup": [], "restore": []}
    with EmbeddedStore(folder / "db") as store:
        backup.make(store, folder, tmp_path / "copy", lambda *now: told["backup"].append(now))
    backup.restore(tmp_path / "copy", tmp_path / "new", lambda *now: told["restore"].append(now))
    for what, steps in told.items():
        done = [now for now, _ in steps]
        assert len(done) > 10, what
        assert done == sorted(done)
        assert {total for _, total in steps} == {done[-1]}, "it does not end at its total"


def test_the_drill(folder, tmp_path):
    before, began = quads(folder), time.monotonic()
    copied = run("backup", tmp_path / "copy", "--store", folder)
    assert copied.exit_code == 0, copied.output
    restored = run("restore", tmp_path / "copy", "--store", tmp_path / "new")
    assert restored.exit_code == 0, restored.output
    assert time.monotonic() - began < SECONDS
    assert quads(tmp_path / "new") == before
    assert (tmp_path / "new" / "source.json").read_text() == '{"digest": "x"}'
    assert run("check", "--store", tmp_path / "new").exit_code == 0
    said = json.loads((tmp_path / "copy" / "manifest.json").read_text())
    assert said["version"] in copied.output
    assert said["version"] in restored.output
    assert said["quads"] == len(before)


@pytest.mark.parametrize("harm", ["change", "shorten", "manifest", "remove", "foreign"])
def test_a_damaged_backup_is_refused_and_nothing_is_made(folder, tmp_path, harm):
    copy = tmp_path / "copy"
    with EmbeddedStore(folder / "db") as store:
        backup.make(store, folder, copy)
    data, manifest = copy / "dataset.nq", copy / "manifest.json"
    if harm == "change":
        data.write_text(data.read_text().replace("Norden", "Nordem"))
    elif harm == "shorten":
        data.write_bytes(data.read_bytes()[:-200])
    elif harm == "manifest":
        manifest.write_text("{}")
    elif harm == "remove":
        data.unlink()
    else:
        said = json.loads(manifest.read_text())
        (copy / "x").write_text("")
        said["files"]["x"] = (
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        manifest.write_text(json.dumps(said))
    with pytest.raises(InputError):
        backup.restore(copy, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten(folder, tmp_path):
    with EmbeddedStore(folder / "db") as store:
        backup.make(store, folder, tmp_path / "copy")
        with pytest.raises(SettingsError):
            backup.make(store, folder, tmp_path / "copy")
    with pytest.raises(SettingsError):
        backup.restore(tmp_path / "copy", folder)


def test_a_running_service_gives_a_copy_of_itself(filled, tmp_path):
    answer = filled.client.get("/admin/backup", headers=filled.headers("admin"))
    assert answer.status_code == 200
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as tar:
        assert set(tar.getnames()) == {"dataset.nq", "manifest.json"}
    archive = tmp_path / "sent.tar"
    archive.write_bytes(answer.content)
    manifest = backup.unpack(archive, tmp_path / "copy")
    assert manifest.version == filled.store.version()
    backup.restore(tmp_path / "copy", tmp_path / "new")
    assert quads(tmp_path / "new") == filled.dump()
    archive.write_bytes(answer.content[:5000])
    with pytest.raises(InputError):
        backup.unpack(archive, tmp_path / "other")


@pytest.mark.parametrize(("who", "status"), [(None, 401), ("submitter", 403), ("editor", 403)])
def test_only_an_admin_gets_a_copy(world, who, status):
    assert world.client.get("/admin/backup", headers=world.headers(who)).status_code == status


def test_check_repairs_a_view_that_does_not_fit(folder):
    right = quads(folder)
    stray = Quad(NamedNode("a:s"), NamedNode("a:p"), Literal(1), DefaultGraph())
    lost = next(q for q in right if q.graph_name == DefaultGraph())
    with EmbeddedStore(folder / "db") as store:
        store.patch([lost], [stray])
    assert run("check", "--store", folder).exit_code == 1
    assert quads(folder) != right
    mended = run("check", "--repair", "--store", folder)
    assert "2 different" in mended.output
    assert "repaired" in mended.output
    assert run("check", "--store", folder).exit_code == 0
    assert quads(folder) == right
