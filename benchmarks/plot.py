"""A line chart on two logarithmic axes as SVG; the same figures give the same bytes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 760, 440
LEFT, RIGHT, TOP, BOTTOM = 70, 190, 46, 52
COLOURS = ("#0b6e99", "#b3541e", "#4b7f3a", "#7a4fa3", "#8a6d00", "#a02c5a")
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2", "1 2")  # so that lines differ without colour


@dataclass(frozen=True)
class Line:
    """A line and its points."""

    name: str
    points: Sequence[tuple[float, float]]


def log_log(lines: Sequence[Line], title: str, across: str, up: str) -> str:
    """Return the chart."""
    xs = _decades([x for line in lines for x, _ in line.points])
    ys = _decades([y for line in lines for _, y in line.points])

    def place(x: float, y: float) -> tuple[float, float]:
        share_x = (math.log10(x) - xs[0]) / (xs[1] - xs[0])
        share_y = (math.log10(y) - ys[0]) / (ys[1] - ys[0])
        return (
            round(LEFT + share_x * (WIDTH - LEFT - RIGHT), 1),
            round(HEIGHT - BOTTOM - share_y * (HEIGHT - TOP - BOTTOM), 1),
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'font-family="sans-serif" font-size="12"><title>{escape(title)}</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{LEFT}" y="24" font-size="15">{escape(title)}</text>',
    ]
    for power in range(xs[0], xs[1] + 1):
        x, _ = place(10**power, 10 ** ys[0])
        parts.append(f'<path d="M{x} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{10**power:,}</text>'
        )
    for power in range(ys[0], ys[1] + 1):
        _, y = place(10 ** xs[0], 10**power)
        parts.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{10**power:g}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'<text x="{middle}" y="{HEIGHT - 12}" text-anchor="middle">{escape(across)}</text>'
    )
    parts.append(f'<text x="8" y="{TOP - 6}">{escape(up)}</text>')
    parts += _drawn(lines, place)
    return "\n".join([*parts, "</svg>"]) + "\n"


Place = Callable[[float, float], tuple[float, float]]


def _drawn(lines: Sequence[Line], place: Place) -> list[str]:
    """Draw the lines, and their names at their ends, apart from each other."""
    ends = sorted((place(*line.points[-1])[1], n) for n, line in enumerate(lines))
    heights: dict[int, float] = {}
    lowest = 0.0
    for y, number in ends:
        lowest = heights[number] = max(y, lowest + 16)
    parts = []
    for number, line in enumerate(lines):
        colour = COLOURS[number % len(COLOURS)]
        points = [place(x, y) for x, y in line.points]
        path = "M" + "L".join(f"{x} {y}" for x, y in points)
        dash = f' stroke-dasharray="{DASHES[number % len(DASHES)]}"' if number else ""
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        parts += [f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>' for x, y in points]
        x, _ = points[-1]
        y = heights[number] + 4
        parts.append(f'<text x="{x + 10}" y="{y}" fill="{colour}">{escape(line.name)}</text>')
    return parts


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)
