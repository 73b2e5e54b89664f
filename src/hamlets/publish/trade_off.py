"""The trade-off of plans: patients who change GP across, contacts kept upwards."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from hamlets.publish.marks import ROOM
from hamlets.publish.palette import BLUE, DARK_BLUE, GREY, PALE_GREY, TEXT, WHITE
from hamlets.publish.svg import Canvas, Width, text_width

_RADIUS = 6.0
_STEPS = (1, 2, 5, 10, 20, 25, 50)


@dataclass(frozen=True)
class Spot:
    """One plan: shares between 0 and 1, and what stands at its dot."""

    moved: float
    kept: float
    label: str
    this: bool = False


@dataclass(frozen=True)
class TradeOff:
    """Dots of plans, on scales of 0 to 100 or, ``closer``, on those of the data."""

    spots: tuple[Spot, ...]
    x_title: str
    y_title: str
    title: str
    description: str
    closer: bool = False


def trade_off(chart: TradeOff, ident: str, width: Width) -> Markup:
    """Return the drawing for one width. ``ident`` is unique in the page."""
    full = min(ROOM[width], 760.0)
    height = 300.0 if width == "narrow" else 360.0
    left, right, top, bottom = 44.0, 24.0, 40.0, 56.0
    canvas = Canvas(full, height)
    low_x, high_x, step_x = _scale([s.moved for s in chart.spots], chart.closer)
    low_y, high_y, step_y = _scale([s.kept for s in chart.spots], chart.closer)

    def x(share: float) -> float:
        return left + (share * 100 - low_x) / (high_x - low_x) * (full - left - right)

    def y(share: float) -> float:
        return height - bottom - (share * 100 - low_y) / (high_y - low_y) * (height - top - bottom)

    for tick in _ticks(low_y, high_y, step_y):
        at = y(tick / 100)
        canvas.add("line", x1=left, x2=full - right, y1=at, y2=at, stroke=PALE_GREY, stroke_width=1)
        canvas.words(left - 8, at + 5, f"{tick:g}", text_anchor="end")
    for tick in _ticks(low_x, high_x, step_x):
        canvas.words(x(tick / 100), height - bottom + 22, f"{tick:g}", text_anchor="middle")
    base = height - bottom
    canvas.add("line", x1=left, x2=full - right, y1=base, y2=base, stroke=GREY, stroke_width=1.5)
    canvas.words(2, 18, chart.y_title)
    canvas.words(full - right, height - 8, chart.x_title, text_anchor="end")
    taken = [(x(s.moved) - 8, y(s.kept) - 8, x(s.moved) + 8, y(s.kept) + 8) for s in chart.spots]
    for spot in sorted(chart.spots, key=lambda each: each.this):
        at, up = x(spot.moved), y(spot.kept)
        paint = {"fill": BLUE if spot.this else WHITE, "stroke": DARK_BLUE if spot.this else BLUE}
        radius = _RADIUS + 2 if spot.this else _RADIUS
        canvas.add("circle", cx=at, cy=up, r=radius, stroke_width=2, **paint)
    for spot in sorted(chart.spots, key=lambda each: not each.this):
        if spot.label and (spot.this or chart.closer):
            _label(canvas, x(spot.moved), y(spot.kept), spot, (0, 22, full, base), taken)
    return canvas.markup(ident, chart.title, chart.description, width)


Box = tuple[float, float, float, float]


def _label(canvas: Canvas, x: float, y: float, spot: Spot, room: Box, taken: list[Box]) -> None:
    """Write a label where it touches no dot and no other label, as near as that can be."""
    wide = text_width(spot.label) * (1.08 if spot.this else 1.0)
    best: tuple[float, Box] | None = None
    for away in (12.0, 24.0, 38.0, 54.0):
        for turn in range(8):
            angle = math.pi / 4 * turn
            right, down = math.cos(angle), math.sin(angle)
            left = x + away * right - wide * (1 - right) / 2
            middle = y + away * down
            box = (left, middle - 8, left + wide, middle + 8)
            inside = box[0] >= room[0] and box[2] <= room[2]
            inside = inside and box[1] >= room[1] and box[3] <= room[3]
            cost = sum(_shared(box, other) for other in taken) + (0 if inside else 1e4)
            if best is None or cost < best[0] - 1e-9:
                best = (cost, box)
        if best is not None and best[0] == 0:
            break
    if best is None:
        return
    box = best[1]
    taken.append(box)
    weight = {"font_weight": "bold"} if spot.this else {}
    canvas.words(box[0], box[1] + 13, spot.label, fill=TEXT, **weight)


def _shared(one: Box, other: Box) -> float:
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across * down if across > 0 and down > 0 else 0.0


def _scale(shares: Sequence[float], closer: bool) -> tuple[float, float, float]:
    """Return the ends and the step of a scale: 0 to 100, or for a closer look the data's own."""
    if not closer or not shares:
        return 0.0, 100.0, 25.0
    low, high = min(shares) * 100, max(shares) * 100
    span = max(high - low, 2.0)
    step = next((each for each in _STEPS if span / each <= 5), 25)
    begin = max(0.0, math.floor((low - step * 0.4) / step) * step)
    end = min(100.0, math.ceil((high + step * 0.4) / step) * step)
    return begin, max(end, begin + step), float(step)


def _ticks(low: float, high: float, step: float) -> list[float]:
    return [low + step * n for n in range(round((high - low) / step) + 1)]
