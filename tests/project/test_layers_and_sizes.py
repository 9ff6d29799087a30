"""Imports point one way, and rooms stay small. Both checks are shown to be able to fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import check_sizes
import pytest

ROOT = Path(__file__).resolve().parents[2]


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_imports_point_one_way():
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout
    assert "kept" in result.stdout


def test_every_file_and_function_is_under_its_ceiling():
    assert list(check_sizes.oversized()) == []


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["x = 1"] * 400, []),
        (["x = 1"] * 401, ["src/room.py: 401 lines, at most 400"]),
        (["def f():", *["    x = 1"] * 59], []),
        (["def f():", *["    x = 1"] * 60], ["src/room.py:1: f has 61 lines, at most 60"]),
    ],
)
def test_the_ceilings_hold_at_their_edge(tmp_path, lines, found):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "room.py").write_text("\n".join(lines) + "\n")
    assert list(check_sizes.oversized(tmp_path)) == found
