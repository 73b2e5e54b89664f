"""The patients whom each service needs for a clinic a week, and how many organisations have."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from hamlets.publish.palette import AQUA, DARK_BLUE, GREY, PALE_GREY, TEXT, WHITE
from hamlets.publish.svg import Canvas, text_width

_WIDTHS = {"narrow": 288.0, "wide": 700.0}
_ROW = 48.0
_TICKS = (2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)


@dataclass(frozen=True)
class Mass:
    """Services with the patients they need, organisations with the patients they have."""

    services: tuple[tuple[str, float], ...]
    places: tuple[tuple[str, float], ...]
    title: str
    description: str


def draw_mass(chart: Mass, ident: str, width: str) -> Markup:
    """Return the drawing for one width, on a scale on which each step multiplies."""
    full = _WIDTHS[width]
    left, right = 12.0, full - 26.0
    top = 16.0 + 20.0 * len(chart.places)
    base = top + _ROW * len(chart.services)
    canvas = Canvas(full, base + 34)
    sizes = [n for _, n in (*chart.services, *chart.places)]
    low, high = math.log10(min(sizes) / 1.6), math.log10(max(sizes) * 1.15)

    def x(patients: float) -> float:
        return left + (math.log10(patients) - low) / (high - low) * (right - left)

    shown = [tick for tick in _TICKS if low <= math.log10(tick) <= high]
    for number, tick in enumerate(shown):
        at = x(tick)
        canvas.add("line", x1=at, x2=at, y1=top, y2=base, stroke=PALE_GREY, stroke_width=1)
        if width == "wide" or number % 2 == 0:
            canvas.words(at, base + 20, f"{tick:,}", text_anchor="middle")
    for row, (_, patients) in enumerate(chart.services):
        y = top + row * _ROW
        canvas.add(
            "rect", x=left, y=y + 24, width=x(patients) - left, height=14, fill=AQUA,
            stroke=DARK_BLUE, stroke_width=1,
        )  # fmt: skip
    for row, (name, patients) in enumerate(chart.places):
        at = x(patients)
        canvas.add(
            "line", x1=at, x2=at, y1=20.0 * row + 20, y2=base, stroke=TEXT, stroke_width=2,
            stroke_dasharray="6 4",
        )  # fmt: skip
        wide = text_width(name)
        start = min(max(2.0, at - wide / 2), full - wide - 2)
        canvas.add("rect", x=start - 2, y=20.0 * row + 1, width=wide + 4, height=18, fill=WHITE)
        canvas.words(start, 20.0 * row + 15, name)
    for row, (name, _) in enumerate(chart.services):
        y = top + row * _ROW
        canvas.add("rect", x=left, y=y + 3, width=text_width(name) + 4, height=18, fill=WHITE)
        canvas.words(left, y + 18, name)
    canvas.add("line", x1=left, x2=right, y1=base, y2=base, stroke=GREY, stroke_width=1.5)
    return canvas.markup(ident, chart.title, chart.description, width)
