"""Everything here runs on the invented article of data/README.md, taken from that file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from mineralgraph import resources
from mineralgraph.cli import app

Run = Callable[..., Result]
_BLOCK = re.compile(
    r'^```\w+ title="(?P<name>[^"]+)"\n(?P<text>.*?)^```$', re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Lesson:
    """The lesson's files, written out."""

    root: Path

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def corpus(self) -> Path:
        return self.root / "corpus"

    @property
    def article(self) -> Path:
        return self.data / "articles" / "lesson.trig"

    @property
    def text(self) -> Path:
        return self.corpus / "lesson.txt"

    @property
    def options(self) -> list[str]:
        return ["--data", str(self.data), "--corpus", str(self.corpus)]


@pytest.fixture
def lesson(tmp_path: Path) -> Lesson:
    readme = (resources.folder("data") / "README.md").read_text(encoding="utf-8")
    blocks = list(_BLOCK.finditer(readme))
    assert blocks, "data/README.md holds no titled blocks any more"
    for block in blocks:
        path = tmp_path / block["name"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block["text"], encoding="utf-8")
    return Lesson(tmp_path)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.delenv("MINERALGRAPH_CORPUS", raising=False)

    def invoke(*arguments: object, stdin: str | None = None) -> Result:
        return CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)

    return invoke
