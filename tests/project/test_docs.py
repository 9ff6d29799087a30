"""Documentation that cannot drift: generated pages, links, settings, errors."""

from __future__ import annotations

import re
from pathlib import Path

import console_blocks
import pytest
import reference_docs

from mineralgraph import errors
from mineralgraph.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")


def test_generated_pages_are_current():
    assert list(reference_docs.stale()) == [], "run `make docs`"


def test_a_stale_page_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(reference_docs, "FOLDER", tmp_path)
    (tmp_path / "errors.md").write_text("old")
    assert set(reference_docs.stale()) == set(reference_docs.PAGES)


def test_the_output_that_pages_show_is_what_the_commands_print():
    shown = sum(p.read_text(encoding="utf-8").count("```console run") for p in PAGES)
    assert shown > 4
    assert list(console_blocks.stale()) == [], "run `make docs`"


def test_output_that_has_changed_is_found():
    page = "```console run\n$ mineralgraph settings | head -1\nold output\n```\n"
    assert console_blocks.renewed(page).splitlines()[2].split()[0] == "variable"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    missing = [
        link
        for link in _LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert missing == []


def test_the_architecture_page_knows_every_room():
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rooms = [
        p.stem for p in (ROOT / "src" / "mineralgraph").iterdir() if not p.stem.startswith("_")
    ]
    rooms.remove("py")  # py.typed
    assert [room for room in rooms if f"`{room}`" not in page] == []


def test_every_setting_that_the_docs_name_exists():
    known = {f"MINERALGRAPH_{name.upper()}" for name in Settings.model_fields}
    for page in PAGES:
        named = set(re.findall(r"MINERALGRAPH_[A-Z_]+[A-Z]", page.read_text(encoding="utf-8")))
        assert named <= known, page


@pytest.mark.parametrize("cls", reference_docs.error_classes(), ids=lambda c: c.__name__)
def test_every_error_is_drawn_and_keeps_its_own_status(cls):
    assert re.search(rf"\b{cls.__name__}\b", errors.__doc__ or "")
    error = cls("detail")
    assert error.problem()["status"] == cls.status
    assert error.problem()["type"] == errors.PROBLEM_BASE + cls.slug
    assert error.hint
    assert error.exit_code in {1, 2}


def test_slugs_of_errors_are_unique():
    slugs = [cls.slug for cls in reference_docs.error_classes()]
    assert len(slugs) == len(set(slugs))
