"""A tornado: what an outcome becomes as each input moves through its range, longest bar first.

One line stands for the outcome as the inputs are; a bar goes from what the input's low gives
to what its high gives. The end of the high is filled, that of the low is not, and both are
labelled, so that colour alone says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from hamlets.publish.palette import BLUE, DARK_BLUE, GREY, PALE_GREY, TEXT, WHITE
from hamlets.publish.svg import Canvas, plain, text_width

WIDTHS = {"narrow": 288.0, "wide": 700.0}
_ROW, _BAR = 56.0, 16.0
_GAP = 6.0


@dataclass(frozen=True)
class Bar:
    """One input: its name, the outcome at both ends of its range, and what stands there."""

    label: str
    at_low: float
    at_high: float
    low_words: str
    high_words: str


@dataclass(frozen=True)
class Tornado:
    """Bars around a middle value, with the title and the words of the drawing."""

    bars: tuple[Bar, ...]
    middle: float
    middle_words: str
    title: str
    description: str


def draw_tornado(chart: Tornado, ident: str, width: str) -> Markup:
    """Return the drawing for one width; the name of an input stands above its bar."""
    full = WIDTHS[width]
    room = max((_room(bar) for bar in chart.bars), default=40.0)
    side = min(room, full * 0.3) + _GAP
    left, right, top = side, full - side, 34.0
    canvas = Canvas(full, top + _ROW * len(chart.bars) + 6)
    values = [v for bar in chart.bars for v in (bar.at_low, bar.at_high)] + [chart.middle]
    low, high = min(values), max(values)
    span = (high - low) or 1.0

    def x(value: float) -> float:
        return left + (value - low) / span * (right - left)

    middle = x(chart.middle)
    canvas.add(
        "line", x1=middle, x2=middle, y1=top - 8, y2=canvas.height - 4, stroke=GREY,
        stroke_width=1.5,
    )  # fmt: skip
    _inside(canvas, middle, 18, chart.middle_words, full, bold=True)
    for row, bar in enumerate(chart.bars):
        y = top + row * _ROW
        label = _fitting(bar.label, full - 16)
        wide = text_width(label) + 8
        start = min(max(4.0, middle - wide / 2), full - wide - 4)
        canvas.add("rect", x=start - 2, y=y + 2, width=wide, height=20, fill=WHITE)
        canvas.words(start + 2, y + 17, label, fill=TEXT)
        _bar(canvas, bar, x(bar.at_low), x(bar.at_high), middle, y + 26)
    return canvas.markup(ident, chart.title, chart.description, width)


def _fitting(words: str, room: float) -> str:
    """Return words cut to a width, with dots where something is left out."""
    most = len(words)
    while text_width(plain(words, most)) > room and most > 1:
        most -= 1
    return plain(words, most)


def _room(bar: Bar) -> float:
    return max(text_width(bar.low_words), text_width(bar.high_words)) + 4


def _bar(canvas: Canvas, bar: Bar, at_low: float, at_high: float, middle: float, y: float) -> None:
    """Draw the part to the low end in white and that to the high end filled."""
    for end, fill in ((at_low, PALE_GREY), (at_high, BLUE)):
        begin, width = min(middle, end), abs(end - middle)
        canvas.add(
            "rect", x=begin, y=y, width=width, height=_BAR, fill=fill, stroke=DARK_BLUE,
            stroke_width=1,
        )  # fmt: skip
    same_side = (at_low - middle) * (at_high - middle) > 0
    for end, words in ((at_low, bar.low_words), (at_high, bar.high_words)):
        if same_side and abs(end - middle) < max(abs(at_low - middle), abs(at_high - middle)):
            continue
        before = end < middle or (end == middle and max(at_low, at_high) > middle)
        at = min(end, middle) - _GAP if before else max(end, middle) + _GAP
        canvas.words(at, y + 13, words, text_anchor="end" if before else "start")


def _inside(canvas: Canvas, x: float, y: float, words: str, full: float, *, bold: bool) -> None:
    half = text_width(words) * (1.08 if bold else 1.0) / 2
    at = min(max(half + 2, x), full - half - 2)
    weight = {"font_weight": "bold"} if bold else {}
    canvas.words(at, y, words, text_anchor="middle", **weight)
