"""Fail on a function over 60 lines or a Python file over 400: rooms stay small enough to read."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDERS: Final = ("src", "tests", "tools", "benchmarks")
FILE_LINES: Final = 400
FUNCTION_LINES: Final = 60


def oversized(root: Path = ROOT) -> Iterator[str]:
    """Yield one line for each file and function over its ceiling."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            name = path.relative_to(root)
            length = len(text.splitlines())
            if length > FILE_LINES:
                yield f"{name}: {length} lines, at most {FILE_LINES}"
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    length = (node.end_lineno or node.lineno) - node.lineno + 1
                    if length > FUNCTION_LINES:
                        yield f"{name}:{node.lineno}: {node.name} has {length} lines, " + (
                            f"at most {FUNCTION_LINES}"
                        )


def main() -> int:
    """Print what is too large."""
    found = list(oversized())
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
