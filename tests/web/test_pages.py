"""Every page in a real browser, light on a wide screen and dark on a narrow one.

What a person does stands in ``web/e2e/*.mjs``: on the project's own data in ``questions``, on a
service that takes writes in ``writing``, on each page of invented data in the others. Each run also
fails on an error in the console, a breach of the content policy, a request to another host, a
hostile text that runs, a page over its budget, and whatever axe-core finds.
"""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from mineralgraph.api.presentation import pages

from .conftest import ROOT, Writing, browser_missing

MODULES = {path.stem for path in (ROOT / "web" / "e2e").glob("*.mjs")}
INVENTED = sorted(MODULES - {"run", "questions", "writing"})


def names(*modules: str) -> list[str]:
    texts = [(ROOT / f"web/e2e/{name}.mjs").read_text(encoding="utf-8") for name in modules]
    return [n for text in texts for n in re.findall(r"^  (\w+): \{", text, re.MULTILINE)]


def play(base_url: str, scenario: str, **environment: str) -> None:
    done = subprocess.run(
        ["node", "e2e/run.mjs", base_url, scenario],
        cwd=ROOT / "web",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(autouse=True)
def a_browser() -> None:
    missing = browser_missing()
    if missing:
        pytest.skip(missing)


@pytest.mark.parametrize("scenario", names(*INVENTED))
def test_in_a_browser(base_url: str, scenario: str) -> None:
    play(base_url, scenario)


@pytest.mark.parametrize("scenario", names("questions"))
def test_a_question_is_answered_by_clicking(own_url: str, scenario: str) -> None:
    play(own_url, scenario)


def test_a_document_is_checked_and_submitted(writing: Writing, lesson: Path) -> None:
    play(
        writing.url,
        "submission",
        MINERALGRAPH_E2E_TOKEN=writing.token,
        MINERALGRAPH_E2E_DOCUMENT=str(lesson / "data" / "articles" / "lesson.trig"),
    )


def test_every_scenario_is_found() -> None:
    assert len(names(*INVENTED)) > 10
    assert len(names("questions")) >= 10


def test_no_part_loads_the_module_of_a_page_again() -> None:
    """A page names its module with a digest; a part that imported it without would run it twice."""
    built = {n: c for n, (c, _) in pages.static_files().items() if n.endswith(".js")}
    if not built:
        pytest.skip("the scripts of the pages are not built (make web)")
    for name, content in built.items():
        found = re.findall(rb'["\'`]\./([\w.-]+\.js)["\'`]', content)
        assert all(part.startswith(b"shared-") for part in found), name
