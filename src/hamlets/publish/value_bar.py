"""What a contract is worth as one bar: paid already, earned of what is kept back, and the rest."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from hamlets.publish.palette import BLUE, DARK_BLUE, GREY, TEXT, WHITE
from hamlets.publish.svg import Canvas, text_width

_WIDTHS = {"narrow": 288.0, "wide": 620.0}
_HEIGHT = 40.0
_GAP = 2.0


@dataclass(frozen=True)
class ValueBar:
    """Parts of the value, which add up to 1, each with its label."""

    advance: float
    earned: float
    left: float
    labels: tuple[str, str, str]
    title: str
    description: str


def draw_value(bar: ValueBar, ident: str, width: str) -> Markup:
    """Return the drawing: what is not earned is an empty frame, a step that is still to come."""
    full = _WIDTHS[width]
    shown = [
        (part, label, look)
        for part, label, look in zip(
            (bar.advance, bar.earned, bar.left),
            bar.labels,
            ("solid", "light", "empty"),
            strict=True,
        )
        if part > 0
    ]
    canvas = Canvas(full, _HEIGHT + 8 + 22 * len(shown))
    room, x = full - 2 - _GAP * (len(shown) - 1), 1.0
    for row, (part, label, look) in enumerate(shown):
        length = room * part
        box = {"x": x, "y": 1, "width": length, "height": _HEIGHT}
        if look == "solid":
            canvas.add("rect", **box, fill=DARK_BLUE)
        elif look == "light":
            canvas.add("rect", **box, fill=BLUE)
        else:
            style = {"fill": WHITE, "stroke": GREY, "stroke_width": 2, "stroke_dasharray": "6 4"}
            canvas.add("rect", **box, **style)
        below = _HEIGHT + 22 * (row + 1)
        middle = x + length / 2
        canvas.add(
            "line", x1=middle, x2=middle, y1=_HEIGHT + 2, y2=below - 12, stroke=TEXT, stroke_width=1
        )
        half = text_width(label) / 2 + 4
        at = min(full - half, max(half, middle))
        ground = {"x": at - half, "y": below - 13, "width": 2 * half, "height": 18}
        canvas.add("rect", **ground, fill=WHITE)
        canvas.words(at, below, label, text_anchor="middle")
        x += length + _GAP
    return canvas.markup(ident, bar.title, bar.description, width)
