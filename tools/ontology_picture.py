"""Draw the core classes: boxes on the grid of ``ontology/core-picture.json``, properties between.

The grid is data, so that a class is moved or added without touching code. Boxes side by side or
one above the other are joined by a straight line; boxes in neighbouring rows by a line with two
bends that runs in the gap between the rows, where no box stands.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import ontology_terms as terms

LAYOUT: Final = terms.ONTOLOGY / "core-picture.json"

_BOX_WIDTH, _BOX_HEIGHT = 160, 48
_GAP_X, _GAP_Y = 136, 64
_MARGIN, _BAND_HEAD = 28, 30
_APART = 14  # between a bend and the label of a straight line that passes it

# Plain rules and no CSS variables: many programs that show SVG know no variables.
_STYLE: Final = """
.core{font-family:system-ui,sans-serif}
.core .page{fill:#fff}.core .band{fill:#f4f6f8}.core text{fill:#1b2733}
.core .own{fill:#dcebf7;stroke:#2f6ea3}.core .other{fill:#fff;stroke:#5b6b7b}
.core .line{fill:none;stroke:#5b6b7b;stroke-width:1.3}.core .tip{fill:#5b6b7b}
.core .head,.core .name{font-size:14px;font-weight:600}.core .iri,.core .label{font-size:11px}
.core .label{paint-order:stroke;stroke:#f4f6f8;stroke-width:5px}
@media (prefers-color-scheme:dark){
.core .page{fill:#0d1218}.core .band{fill:#131a22}.core text{fill:#e7edf3}
.core .own{fill:#1d3b55;stroke:#6aa9dc}.core .other{fill:#18202a;stroke:#9fb0c0}
.core .line{stroke:#9fb0c0}.core .tip{fill:#9fb0c0}.core .label{stroke:#131a22}}
"""


class LayoutError(ValueError):
    """The grid asks for a line that cannot be drawn without crossing boxes."""


@dataclass(frozen=True, slots=True)
class Box:
    """A class at its place."""

    name: str
    row: int
    column: int
    x: int
    y: int

    def port(self, side: str, share: float) -> tuple[int, int]:
        """Return the point on the top or bottom side, a share of the width from the left."""
        return self.x + round(_BOX_WIDTH * share), self.y + (0 if side == "top" else _BOX_HEIGHT)

    @property
    def middle(self) -> int:
        """Height of the box's middle."""
        return self.y + _BOX_HEIGHT // 2


@dataclass(frozen=True, slots=True)
class Line:
    """A property between two boxes: its points, and where its label stands."""

    label: str
    points: tuple[tuple[int, int], ...]
    label_at: tuple[int, int]


def layout() -> dict[str, Any]:
    """Read the grid."""
    found: dict[str, Any] = json.loads(LAYOUT.read_text(encoding="utf-8"))
    return found


def _band_shift(row: int, bands: list[dict[str, Any]]) -> int:
    """Return how far the headings of the bands push a row down."""
    return sum(_BAND_HEAD + (_MARGIN if band["rows"][0] else 0) for band in bands
               if row >= band["rows"][0])  # fmt: skip


def boxes(grid: dict[str, Any]) -> dict[str, Box]:
    """Place every class of the grid."""
    return {
        name: Box(
            name,
            row,
            column,
            2 * _MARGIN + column * (_BOX_WIDTH + _GAP_X),
            2 * _MARGIN + row * (_BOX_HEIGHT + _GAP_Y) + _band_shift(row, grid["bands"]),
        )
        for row, names in enumerate(grid["rows"])
        for column, name in enumerate(names)
        if name
    }


def route(label: str, start: Box, end: Box) -> Line:
    """Lay a line from one box to another.

    Raises:
        LayoutError: when the boxes are not neighbours in a row, nor in rows next to each other.
    """
    if start.row == end.row and abs(start.column - end.column) == 1:
        right = end.column > start.column
        x1, x2 = (start.x + _BOX_WIDTH, end.x) if right else (start.x, end.x + _BOX_WIDTH)
        y = start.middle
        return Line(label, ((x1, y), (x2, y)), ((x1 + x2) // 2, y - 8))
    if abs(start.row - end.row) != 1:
        raise LayoutError(f"{label}: {start.name} and {end.name} are too far apart on the grid")
    down = end.row > start.row
    sides = ("bottom", "top") if down else ("top", "bottom")
    if start.column == end.column:
        x, y1 = start.port(sides[0], 0.5)
        y2 = end.port(sides[1], 0.5)[1]
        return Line(label, ((x, y1), (x, y2)), (x, (y1 + y2) // 2 + _APART))
    shares = (0.75, 0.25) if end.column > start.column else (0.25, 0.75)
    x1, y1 = start.port(sides[0], shares[0])
    x2, y2 = end.port(sides[1], shares[1])
    bend = (y1 + y2) // 2 - _APART // 2
    points = ((x1, y1), (x1, bend), (x2, bend), (x2, y2))
    return Line(label, points, ((x1 + x2) // 2, bend + 4))


def _draw_box(box: Box, label: str) -> str:
    kind = "own" if box.name.startswith("mg:") else "other"
    centre = box.x + _BOX_WIDTH // 2
    return (
        f'<rect class="{kind}" x="{box.x}" y="{box.y}" width="{_BOX_WIDTH}" '
        f'height="{_BOX_HEIGHT}" rx="6"/>'
        f'<text class="name" x="{centre}" y="{box.y + 21}" text-anchor="middle">'
        f"{escape(label)}</text>"
        f'<text class="iri" x="{centre}" y="{box.y + 37}" text-anchor="middle">'
        f"{escape(box.name)}</text>"
    )


def _draw_line(line: Line) -> str:
    path = "M" + " L".join(f"{x} {y}" for x, y in line.points)
    x, y = line.label_at
    return (
        f'<path class="line" d="{path}" marker-end="url(#core-tip)"/>'
        f'<text class="label" x="{x}" y="{y}" text-anchor="middle">{escape(line.label)}</text>'
    )


def _draw_band(band: dict[str, Any], placed: dict[str, Box], width: int) -> str:
    first, last = band["rows"]
    top = min(b.y for b in placed.values() if b.row == first) - _BAND_HEAD - 10
    bottom = max(b.y for b in placed.values() if b.row == last) + _BOX_HEIGHT + 18
    return (
        f'<rect class="band" x="{_MARGIN}" y="{top}" width="{width - 2 * _MARGIN}" '
        f'height="{bottom - top}" rx="10"/>'
        f'<text class="head" x="{2 * _MARGIN}" y="{top + 22}">{escape(band["title"])}</text>'
    )


def draw(labels: dict[str, str]) -> str:
    """Return the picture as SVG; ``labels`` gives each class (with its prefix) its name."""
    grid = layout()
    placed = boxes(grid)
    width = max(b.x for b in placed.values()) + _BOX_WIDTH + 2 * _MARGIN
    height = max(b.y for b in placed.values()) + _BOX_HEIGHT + 2 * _MARGIN
    lines = [route(label, placed[start], placed[end]) for start, label, end in grid["edges"]]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="core" viewBox="0 0 {width} {height}" '
        'role="img" aria-labelledby="core-title">',
        '<title id="core-title">Core classes of the ontology and the properties between them'
        "</title>",
        f"<style>{_STYLE}</style>",
        '<defs><marker id="core-tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
        'markerHeight="8" orient="auto"><path class="tip" d="M0 0 L8 4 L0 8 z"/></marker></defs>',
        f'<rect class="page" width="{width}" height="{height}"/>',
        *(_draw_band(band, placed, width) for band in grid["bands"]),
        *(_draw_line(line) for line in lines),
        *(_draw_box(box, labels[box.name]) for box in placed.values()),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
