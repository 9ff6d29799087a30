"""docs/how-to/mend-findings.md: each way to break the lesson gives the output that is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mineralgraph import resources
from mineralgraph.cli import app

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "mend-findings.md"
_LESSON = re.compile(r'^```\w+ title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)
_CASE = re.compile(
    r"^## (?P<title>.+?)\n.*?^```diff\n(?P<diff>.*?)^```\n.*?^```text\n(?P<output>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
CASES = [pytest.param(m, id=m["title"]) for m in _CASE.finditer(PAGE.read_text(encoding="utf-8"))]
COMMAND = ["validate", "data/articles/lesson.trig", "--data", "data", "--corpus", "corpus"]


def side(diff: str, mark: str) -> str:
    return "\n".join(line[2:] for line in diff.splitlines() if line[:1] in (mark, " "))


def broken(folder: Path, diff: str) -> None:
    readme = (resources.folder("data") / "README.md").read_text(encoding="utf-8")
    for name, text in _LESSON.findall(readme):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    article = folder / "data" / "articles" / "lesson.trig"
    text = article.read_text(encoding="utf-8")
    assert text.count(side(diff, "-")) == 1, "the lesson has changed"
    article.write_text(text.replace(side(diff, "-"), side(diff, "+")), encoding="utf-8")


def test_ten_ways_are_shown() -> None:
    assert len(CASES) == 10


@pytest.mark.parametrize("case", CASES)
def test_the_output_shown_is_what_is_printed(
    case: re.Match[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(tmp_path, case["diff"])
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, COMMAND)
    assert result.exit_code in (1, 2)
    shown = [line.rstrip() for line in case["output"].strip().splitlines()]
    assert [line.rstrip() for line in result.output.strip().splitlines()] == shown
