"""Every notebook runs from top to bottom against a running service.

The cells are run here as a kernel would, in one namespace, without Jupyter: what a notebook
needs of it is that the last expression of a cell is shown.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOKS = sorted((Path(__file__).parents[2] / "docs" / "notebooks").glob("*.ipynb"))


def run(cell: str, names: dict[str, Any], where: str) -> object:
    """Run one cell; return the value of its last expression, None where there is none."""
    tree = ast.parse(cell, where)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, where, "exec"), names)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), where, "eval"), names)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_the_notebook_runs(
    path: Path, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pandas")
    monkeypatch.setenv("MINERALGRAPH_URL", url)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [c for c in notebook["cells"] if c["cell_type"] == "code"]
    assert notebook["nbformat"] == 4
    assert cells
    names: dict[str, Any] = {}
    for number, cell in enumerate(cells):
        assert cell["outputs"] == [], "notebooks are kept without outputs"
        shown = run("".join(cell["source"]), names, f"{path.name}[{number}]")
        printed = capsys.readouterr().out
        assert printed or (shown is not None and len(str(shown)) > 0) or "import" in str(cell)
        assert shown is not False
        assert getattr(shown, "empty", False) is False, "a frame without rows teaches nothing"


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS
