"""The page on what is contested is what the rules find now."""

from __future__ import annotations

import contested


def test_the_page_is_current() -> None:
    written = contested.PAGE.read_text(encoding="utf-8")
    assert written == contested.NOTICE + contested.page(), "run tools/contested.py"
