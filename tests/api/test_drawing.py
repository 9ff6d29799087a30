"""Where things stand in a drawing."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mineralgraph.api import drawing
from mineralgraph.api.presentation.labels import Labels

from .conftest import ID


def row(**more: Any) -> dict[str, Any]:
    base = {"thing": ID + "event/x", "label": "x", "step": None, "modality": "held", "date": None,
            "first": None, "last": None, "published": "2031-03-30", "page": None}  # fmt: skip
    return {**base, **more}


days = st.dates(min_value=date(1000, 1, 1))


@given(st.lists(st.tuples(days, days), min_size=1, max_size=8))
def test_every_bar_and_tick_lies_on_the_scale(spans: list[tuple[Any, Any]]) -> None:
    rows = [
        row(thing=f"{ID}event/{n}", date="?", first=str(min(s)), last=str(max(s)))
        for n, s in enumerate(spans)
    ]
    for layout in (drawing.WIDE, drawing.NARROW):
        chart = drawing.chart(drawing.bars(rows), layout)
        assert chart
        assert len(chart["bars"]) == len(spans)
        for bar in chart["bars"]:
            assert layout.left <= bar["x"]
            assert bar["x"] + bar["width"] <= layout.width
            assert bar["y"] < chart["height"]
        assert len(chart["ticks"]) <= layout.ticks + 1
        assert all(layout.left <= tick["x"] <= layout.width for tick in chart["ticks"])


def test_a_day_is_a_small_part_of_the_scale_even_when_it_is_alone() -> None:
    chart = drawing.chart(drawing.bars([row(date="2031", first="2031-03-02", last="2031-03-02")]))
    assert chart
    assert chart["bars"][0]["width"] < chart["width"] / 4


def test_claims_that_say_the_same_are_one_bar() -> None:
    (bar,) = drawing.bars([row(claim="a"), row(claim="b")])
    assert bar["claims"] == 2


def test_a_year_that_the_calendar_has_not_is_no_bar_on_the_scale() -> None:
    (bar,) = drawing.bars([row(date="-0044", first="-0044-01-01", last="-0044-12-31")])
    assert bar["from"] is None
    assert drawing.chart([]) is None


def test_neighbours_are_counted_by_claims_not_by_rows() -> None:
    me, other, third = (ID + f"person/{name}" for name in ("me", "other", "third"))
    rows = [
        {"from": me, "to": other, "claim": "1"},
        {"from": other, "to": me, "claim": "1"},
        {"from": me, "to": third, "claim": "1"},
        {"from": me, "to": third, "claim": "2"},
    ]
    found = drawing.neighbours(rows, me, Labels())
    assert [(n["iri"], n["claims"]) for n in found] == [(third, 2), (other, 1)]
    star = drawing.star(found)
    assert star
    assert star["ends"][0]["line"] > star["ends"][1]["line"]
    assert drawing.star([]) is None
