"""EDTF values and the days that they imply."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mineralgraph.rdf import edtf

CASES = {
    "2026": ("2026-01-01", "2026-12-31"),
    "2024-02": ("2024-02-01", "2024-02-29"),
    "2026-02-04": ("2026-02-04", "2026-02-04"),
    "2026-02-04?": ("2026-02-04", "2026-02-04"),
    "2025-11~": ("2025-11-01", "2025-11-30"),
    "2026-02-03/2026-02-04": ("2026-02-03", "2026-02-04"),
    "2025-09/..": ("2025-09-01", None),
    "../2026-01": (None, "2026-01-31"),
    "[2026-02-04..2026-02-05]": ("2026-02-04", "2026-02-05"),
    "[2026-02-04,2026-03]": ("2026-02-04", "2026-03-31"),
    "[..2026-02-04]": (None, "2026-02-04"),
}


@pytest.mark.parametrize("value", CASES)
def test_bounds(value: str) -> None:
    found = edtf.bounds(value)
    said = tuple(day.isoformat() if day else None for day in (found.first, found.last))
    assert said == CASES[value]


@pytest.mark.parametrize(
    "value",
    ["", "yesterday", "2026-2-4", "2026-02-30", "2026-00", "26-02-04", "2026-02-05/2026-02-04",
     "[2026-02-05..2026-02-04]", "2026-02-04T10:00", "[2026", "2026-02-04?~"],
)  # fmt: skip
def test_what_is_not_in_the_profile_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        edtf.bounds(value)


@given(st.dates(min_value=date(1000, 1, 1)), st.dates(min_value=date(1000, 1, 1)))
def test_an_interval_spans_from_its_earlier_end_to_its_later(one: date, other: date) -> None:
    first, last = sorted((one, other))
    assert edtf.bounds(f"{first}/{last}") == edtf.Bounds(first, last)
    assert edtf.bounds(f"[{first}..{last}]") == edtf.Bounds(first, last)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_less_precision_never_narrows(day: date) -> None:
    exact, month, year = (edtf.bounds(day.isoformat()[:n]) for n in (10, 7, 4))
    for wide, narrow in ((year, month), (month, exact)):
        assert wide.first is not None
        assert narrow.first is not None
        assert wide.first <= narrow.first
        assert wide.last is not None
        assert narrow.last is not None
        assert narrow.last <= wide.last


def test_different_values_have_different_slugs() -> None:
    slugs = {edtf.slug(value) for value in CASES}
    assert len(slugs) == len(CASES)
    assert all("/" not in slug and " " not in slug for slug in slugs)
