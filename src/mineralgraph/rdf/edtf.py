"""EDTF dates: the profile of model.md section 6, and the days that a value may mean.

Profile of the Extended Date/Time Format (Library of Congress, 2019): level 0 (year, month,
day, interval ``A/B``), the qualifiers ``?`` ``~`` ``%``, open interval ends ``..``, and
one-of sets ``[A..B]`` or ``[A,B]``. Times of day are out.
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

_DATE = re.compile(r"(?P<y>\d{4})(?:-(?P<m>\d\d)(?:-(?P<d>\d\d))?)?[?~%]?\Z")


@dataclass(frozen=True)
class Bounds:
    """First and last day that a value may cover; ``None`` is an open bound."""

    first: date | None
    last: date | None


def bounds(value: str) -> Bounds:
    """Return the days implied by an EDTF value of the profile.

    Raises:
        ValueError: when the value is not in the profile, or its ends are out of order.
    """
    try:
        result = _read(value)
    except ValueError as error:
        text = str(error)
        raise ValueError(text if repr(value) in text else f"{value!r}: {text}") from None
    if result.first and result.last and result.first > result.last:
        raise ValueError(f"{value!r} ends before it begins")
    return result


def _read(value: str) -> Bounds:
    if value.startswith("[") and value.endswith("]"):
        return _one_of(value[1:-1])
    if "/" in value:
        first, _, last = value.partition("/")
        return Bounds(_end(first).first, _end(last).last)
    return _single(value)


def _single(text: str) -> Bounds:
    match = _DATE.match(text)
    if match is None:
        raise ValueError(
            f"{text!r} is not an EDTF date of our profile (such as 2026-02-04, 2025-11, "
            "2026-02-03/2026-02-04 or [2026-02-04..2026-02-05])"
        )
    year, month, day = int(match["y"]), match["m"], match["d"]
    if month is None:
        return Bounds(date(year, 1, 1), date(year, 12, 31))
    if day is None:
        return Bounds(date(year, int(month), 1), date(year, int(month), _days(year, int(month))))
    try:
        exact = date(year, int(month), int(day))
    except ValueError as error:
        raise ValueError(f"{text!r} is no day of the calendar: {error}") from None
    return Bounds(exact, exact)


def _days(year: int, month: int) -> int:
    if not 1 <= month <= 12:
        raise ValueError(f"there is no month {month}")
    return monthrange(year, month)[1]


def _end(text: str) -> Bounds:
    return Bounds(None, None) if text in ("..", "") else _single(text)


def _one_of(inside: str) -> Bounds:
    members = [_member(part.strip()) for part in inside.split(",")]
    firsts = [m.first for m in members]
    lasts = [m.last for m in members]
    return Bounds(
        None if None in firsts else min(d for d in firsts if d),
        None if None in lasts else max(d for d in lasts if d),
    )


def _member(part: str) -> Bounds:
    if ".." not in part:
        return _single(part)
    first, _, last = part.partition("..")
    lower, upper = _end(first or ".."), _end(last or "..")
    if lower.first and upper.last and lower.first > upper.last:
        raise ValueError(f"[{part}] ends before it begins")
    return Bounds(lower.first, upper.last)


def slug(value: str) -> str:
    """Return the IRI slug of a date node: readable, and different for different values."""
    table = {"/": "_", "..": "to", "[": "one-of-", "]": "", ",": "+", "?": "-uncertain"}
    table |= {"~": "-approximate", "%": "-uncertain-approximate"}
    for old, new in table.items():
        value = value.replace(old, new)
    return value
