"""Importing any module has no effect: no file, no connection, no process, no output."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROBE = """
import importlib, pkgutil, sys

EFFECTS = ("socket.connect", "socket.getaddrinfo", "socket.bind", "subprocess.Popen", "os.mkdir",
           "os.system", "os.fork", "os.remove", "os.rename", "shutil.rmtree", "tempfile.mkstemp",
           "urllib.Request")
seen = []

def watch(event, arguments):
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if event in EFFECTS or writes:
        seen.append((event, str(arguments[0])))

import mineralgraph
sys.dont_write_bytecode = True
names = [m.name for m in pkgutil.walk_packages(mineralgraph.__path__, "mineralgraph.")]
sys.addaudithook(watch)
for name in names:
    if not name.endswith("__main__"):
        importlib.import_module(name)
print(len(names), seen)
"""


def test_importing_every_module_has_no_effect(tmp_path):
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROBE],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    count, seen = result.stdout.split(maxsplit=1)
    modules = sum(1 for _ in (ROOT / "src").rglob("*.py")) - 1
    assert int(count) == modules
    assert seen.strip() == "[]"
    assert list(tmp_path.iterdir()) == []


def test_every_room_says_what_it_is():
    rooms = sorted((ROOT / "src" / "mineralgraph").rglob("__init__.py"))
    assert len(rooms) > 5
    for room in rooms:
        lines = room.read_text(encoding="utf-8").partition('"""')[2].partition('"""')[0]
        assert lines.strip(), f"{room} has no docstring"


HEAVY = ("pyshacl", "rdflib", "owlrl", "SPARQLWrapper", "pandas", "numpy", "rich")
WEB = ("fastapi", "starlette", "uvicorn", "jinja2", "pydantic")


@pytest.mark.parametrize(
    ("module", "unwanted"),
    [
        ("mineralgraph.cli.service", HEAVY),
        ("mineralgraph.cli.main", (*HEAVY, "fastapi", "uvicorn", "jinja2")),
        ("mineralgraph.execution.template", (*HEAVY, *WEB)),
        ("mineralgraph.pipeline.judging", (*HEAVY, *WEB)),
    ],
)
def test_a_start_imports_only_what_it_needs(module, unwanted):
    probe = f"import sys, {module}; print(*{{m.partition('.')[0] for m in sys.modules}})"
    loaded = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "pyoxigraph" in loaded
    assert not set(unwanted) & set(loaded)
