"""The wheel carries ontology, shapes, queries and data, and answers a query from anywhere."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def pip(*arguments: object) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    subprocess.run(
        [*command, *map(str, arguments), "--no-deps", "--no-index", "--quiet"],
        check=True,
        capture_output=True,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", ROOT, "--no-build-isolation", "--wheel-dir", folder)
    (built,) = folder.glob("mineralgraph-*.whl")
    return built


def test_the_wheel_holds_every_resource_file(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder, pattern in (
        ("ontology", "*.ttl"),
        ("shapes", "*.ttl"),
        ("queries", "*.rq"),
        ("data", "*.trig"),
        ("tests/shapes/cases", "*.ttl"),
    ):
        files = [p.relative_to(ROOT) for p in (ROOT / folder).rglob(pattern)]
        assert files
        missing = [str(f) for f in files if f"mineralgraph/_resources/{f}" not in names]
        assert missing == []
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert "mineralgraph/py.typed" in names
    assert not any(name.startswith("tests/") for name in names)
    built = ROOT / "src" / "mineralgraph" / "api" / "static" / "dist"  # there when Node.js was
    for path in built.glob("*"):
        assert f"mineralgraph/api/static/dist/{path.name}" in names


def test_an_installed_wheel_answers_a_query_from_an_empty_folder(wheel, tmp_path):
    target, empty = tmp_path / "site", tmp_path / "empty"
    empty.mkdir()
    pip("install", wheel, "--target", target)
    environment = os.environ | {"PYTHONPATH": str(target), "PYTHONDONTWRITEBYTECODE": "1"}

    def python(*arguments: str) -> str:
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=empty, env=environment, check=True, capture_output=True, text=True
        ).stdout

    where = python("-c", "import mineralgraph; print(mineralgraph.__file__)").strip()
    assert Path(where).is_relative_to(target), "the checkout answered, not the wheel"
    out = python("-m", "mineralgraph", "query", "persons-and-posts", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert any(row["person"].endswith("/person/kosherbayev") for row in rows)
    assert list(empty.iterdir()) == []
