"""Each check has a case in which it is silent and one in which it, and no other, gives rows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from . import harness

FILES = sorted(harness.CASES.rglob("*.trig"))
QUERIES = sorted(harness.CHECKS.rglob("*.rq"))
CONTEXT = harness.CASES.parent / "context.trig"


def test_there_are_checks_and_cases() -> None:
    assert FILES
    assert QUERIES
    assert all(file.name.endswith("-violation.rq") for file in QUERIES)


def test_the_context_alone_is_in_order() -> None:
    assert harness.run(harness.store(CONTEXT)) == set()


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.stem}")
def test_case(file: Path) -> None:
    expected = harness.expected(file)
    assert file.stem.startswith("fail-") == bool(expected), "only fail files expect rows"
    assert {check for check, _ in expected} <= {file.parent.name}
    assert harness.run(harness.store(CONTEXT, file)) == expected


@pytest.mark.parametrize("kind", ["pass", "fail"])
def test_every_check_has_a_case(kind: str) -> None:
    have = {f.parent.name for f in FILES if f.stem.startswith(f"{kind}-")}
    assert have == {q.stem.removesuffix("-violation") for q in QUERIES}


@pytest.mark.parametrize("file", QUERIES, ids=lambda f: f.stem)
def test_header(file: Path) -> None:
    text = file.read_text("utf-8")
    lines = text.splitlines()
    for line, key in zip(lines, ("title", "message", "fix"), strict=False):
        assert re.fullmatch(rf"# {key}: \S.{{10,}}", line)
    projected = set(re.findall(r"\?(\w+)", text.split("WHERE")[0].split("SELECT")[1]))
    named = set(re.findall(r"\?(\w+)", lines[1]))
    assert "focus" in projected
    assert named <= projected, "the message names a variable that the query does not give"


@pytest.mark.parametrize("file", QUERIES, ids=lambda f: f.stem)
def test_nothing_follows_an_optional(file: Path) -> None:
    assert "OPTIONAL" not in file.read_text("utf-8"), "Oxigraph is slow on what follows one"
