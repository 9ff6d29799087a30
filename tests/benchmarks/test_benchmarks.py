"""Pictures come from figures, questions fit the catalog, generated services answer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_the_picture_is_drawn_from_the_figures(tmp_path: Path) -> None:
    again = tmp_path / "growth.svg"
    figures = ROOT / "benchmarks" / "figures" / "growth.json"
    table = subprocess.run(
        [sys.executable, "-m", "benchmarks.growth", "--from", str(figures), "--plot", str(again)],
        cwd=ROOT, check=True, capture_output=True, text=True, timeout=60,
    ).stdout  # fmt: skip
    assert again.read_bytes() == (ROOT / "docs" / "explanation" / "growth.svg").read_bytes()
    assert table in (ROOT / "docs" / "explanation" / "performance.md").read_text(encoding="utf-8")
    assert len(json.loads(figures.read_text())) >= 5


@pytest.mark.parametrize("entity", [0, 5])
def test_canned_questions_bind(entity: int) -> None:
    code = (
        "from urllib.parse import urlsplit, parse_qsl\n"
        "from benchmarks.questions import canned\n"
        "from mineralgraph.queries import load_catalog\n"
        "catalog = load_catalog()\n"
        f"calls = [c for n in (0, 1) for c in canned({entity}, catalog, narrowed=bool(n))]\n"
        "for call in calls:\n"
        "    query = catalog.find(call.query.name)\n"
        "    query.bind(dict(parse_qsl(urlsplit(call.path).query)))\n"
        "asked = {call.query.name for call in calls}\n"
        "assert len(asked) > len(catalog) * 0.8, set(catalog) - asked\n"
        "assert any('?' in call.name for call in calls)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=60)
