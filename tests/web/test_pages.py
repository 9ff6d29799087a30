"""Every page in a real browser, light on a wide screen and dark on a narrow one.

What a person does on each page stands in ``web/e2e/``. Each run also fails on an
error in the console, a breach of the content policy, a request to another host, a hostile text
that runs, and whatever axe-core finds.
"""

from __future__ import annotations

import re
import subprocess

import pytest

from mineralgraph.api import pages

from .conftest import ROOT, browser_missing

SCENARIOS = [
    name
    for path in sorted((ROOT / "web" / "e2e").glob("*.mjs"))
    for name in re.findall(r"^  (\w+): \{", path.read_text(encoding="utf-8"), re.MULTILINE)
]


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


def test_no_part_loads_the_module_of_a_page_again() -> None:
    """A page names its module with a digest; a part that imported it without would run it twice."""
    built = {n: c for n, (c, _) in pages.static_files().items() if n.endswith(".js")}
    if not built:
        pytest.skip("the scripts of the pages are not built (make web)")
    for name, content in built.items():
        found = re.findall(rb'["\'`]\./([\w.-]+\.js)["\'`]', content)
        assert all(part.startswith(b"shared-") for part in found), name
