"""Every page in a real browser, light on a wide screen and dark on a narrow one.

What a person does on each page stands in ``web/e2e/scenarios.mjs``. Each run also fails on an
error in the console, a breach of the content policy, a request to another host, a hostile text
that runs, and whatever axe-core finds.
"""

from __future__ import annotations

import re
import subprocess

import pytest

from .conftest import ROOT, browser_missing

SCENARIOS = re.findall(
    r"^  (\w+): \{", (ROOT / "web/e2e/scenarios.mjs").read_text(encoding="utf-8"), re.MULTILINE
)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_in_a_browser(base_url: str, scenario: str) -> None:
    missing = browser_missing()
    if missing:
        pytest.skip(missing)
    done = subprocess.run(
        ["node", "e2e/run.mjs", base_url, scenario],
        cwd=ROOT / "web",
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_scenario_is_found() -> None:
    assert len(SCENARIOS) > 10
