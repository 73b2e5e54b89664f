"""The drawing of a spread: columns of patients by different GPs, with the mean marked.

Filled columns are the cases, outline columns similar patients. On narrow screens the
columns lie down, so that their words stay readable.
"""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from hamlets.publish.drawings import Columns
from hamlets.publish.marks import NARROW
from hamlets.publish.palette import BLUE, GREY, WHITE
from hamlets.publish.svg import Canvas, Width, text_width

_WIDE = 516.0
"""Half of the page's width: two charts stand side by side on a desk and on paper."""
_SIDE = 2.5
"""Room between the two columns of a pair; pairs stand further apart."""


def columns(chart: Columns, ident: str, width: Width) -> Markup:
    """Return the columns, standing on wide screens and lying on narrow ones."""
    return _lying(chart, ident) if width == "narrow" else _standing(chart, ident)


def _top(chart: Columns) -> float:
    """Return the scale's end: a little over the tallest column."""
    return max(4.0, 1.05 * max((*chart.filled, *chart.outlined)))


def _standing(chart: Columns, ident: str) -> Markup:
    left, top, height = 6.0, 70.0, 130.0
    canvas = Canvas(_WIDE, top + height + 46)
    slot = (_WIDE - 2 * left) / len(chart.labels)
    scale = height / _top(chart)
    base = top + height
    pair = 2 if chart.outlined else 1
    column = min(20.0, (slot - 3 * _SIDE) / pair)
    _means(canvas, chart, lambda n: left + (n - chart.first + 0.5) * slot)
    canvas.add("line", x1=0, x2=_WIDE, y1=base, y2=base, stroke=GREY, stroke_width=1)
    for index, label in enumerate(chart.labels):
        middle = left + (index + 0.5) * slot
        start = middle - (column * pair + _SIDE * (pair - 1)) / 2
        place = (start, base, column, chart.filled[index] * scale)
        _column(canvas, place, chart.filled_words[index])
        if chart.outlined:
            place = (start + column + _SIDE, base, column, chart.outlined[index] * scale)
            # Numbers over every column would run into each other: the table has these.
            _column(canvas, place, None)
        canvas.words(middle, base + 18, label, text_anchor="middle")
    canvas.words(_WIDE / 2, base + 38, chart.axis, text_anchor="middle", fill=GREY)
    return canvas.markup(ident, chart.title, chart.description, "wide small-chart")


def _column(canvas: Canvas, place: tuple[float, float, float, float], words: str | None) -> None:
    """Draw a filled column with its words, or without words an outline."""
    x, base, width, height = place
    if not height:
        return
    _bar(canvas, (x, base - height, width, height), words is None)
    if words is not None:
        style = {"text_anchor": "middle", "font_weight": "bold"}
        canvas.words(x + width / 2, base - height - 4, words, **style)


def _bar(canvas: Canvas, box: tuple[float, float, float, float], outline: bool) -> None:
    x, y, width, height = box
    if not outline:
        canvas.add("rect", x=x, y=y, width=width, height=height, fill=BLUE)
        return
    inner = {"x": x + 0.75, "y": y + 0.75, "width": width - 1.5, "height": max(height - 1.5, 0.5)}
    canvas.add("rect", **inner, fill=WHITE, stroke=GREY, stroke_width=1.5)


def _means(canvas: Canvas, chart: Columns, x: Callable[[float], float]) -> None:
    """Draw the mean with its range above the columns, and that of similar patients."""
    y = 36.0
    end = x(chart.first + len(chart.labels) - 0.5)

    def at(n: float) -> float:
        return min(end, max(x(chart.first - 0.5), x(n)))

    mean = at(chart.mean)
    low = mean if chart.lower is None else at(chart.lower)
    high = mean if chart.upper is None else at(chart.upper)
    # A tick says that the marks lie on the scale of the columns below them.
    canvas.add("line", x1=mean, x2=mean, y1=y, y2=y + 14, stroke=BLUE, stroke_width=1.5)
    if chart.other is not None:
        other = at(chart.other)
        canvas.add("circle", cx=other, cy=y, r=6, fill=WHITE, stroke=GREY, stroke_width=2)
        high_end = max(high, mean + 8, other + 8)
    else:
        other, high_end = None, max(high, mean + 8)
    canvas.add("line", x1=low, x2=high, y1=y, y2=y, stroke=BLUE, stroke_width=3)
    canvas.add("circle", cx=mean, cy=y, r=6, fill=BLUE, stroke=WHITE, stroke_width=1)
    length = text_width(chart.mean_label) * 1.06
    if high_end + 8 + length <= _WIDE:
        canvas.words(high_end + 8, y + 5, chart.mean_label, font_weight="bold")
    else:
        start = min(low, mean - 8, other - 8 if other is not None else mean)
        style = {"text_anchor": "end", "font_weight": "bold"}
        canvas.words(start - 8, y + 5, chart.mean_label, **style)
    if other is not None and chart.other_label is not None:
        half = text_width(chart.other_label) / 2 + 2
        middle = min(_WIDE - half, max(half, other))
        canvas.add("line", x1=other, x2=other, y1=18, y2=y - 7, stroke=GREY, stroke_width=1)
        canvas.words(middle, 14, chart.other_label, text_anchor="middle")


def _lying(chart: Columns, ident: str) -> Markup:
    pair = 2 if chart.outlined else 1
    bar, left, right = 14.0, 34.0, 36.0
    row = bar * pair + 8
    top = 20.0 + 22 * pair + 8
    canvas = Canvas(NARROW, top + row * len(chart.labels) + 2)
    _lying_means(canvas, chart, lambda n: top + (n - chart.first + 0.5) * row)
    canvas.words(0, 20.0 + 22 * pair - 4, chart.axis, fill=GREY)
    scale = (NARROW - left - right - 24) / _top(chart)
    height = row * len(chart.labels)
    canvas.add("line", x1=left, x2=left, y1=top, y2=top + height, stroke=GREY, stroke_width=1)
    for index, label in enumerate(chart.labels):
        y = top + index * row + 4
        canvas.words(left - 6, y + bar * pair / 2 + 5, label, text_anchor="end")
        lines = [(chart.filled, chart.filled_words), (chart.outlined, chart.outlined_words)]
        for line, (heights, words) in enumerate(lines[:pair]):
            if heights[index]:
                place = (left + 1, y + bar * line + 1, heights[index] * scale, bar - 2)
                _bar(canvas, place, outline=line == 1)
                style = {"font_weight": "bold" if line == 0 else "normal"}
                x = left + heights[index] * scale + 6
                said = words[index] if words else ""
                canvas.words(x, y + bar * line + bar - 2, said, **style)
    return canvas.markup(ident, chart.title, chart.description, "narrow")


def _lying_means(canvas: Canvas, chart: Columns, y: Callable[[float], float]) -> None:
    """Draw the means on a strip at the right, their words above the columns."""
    x = NARROW - 14
    first, last = y(chart.first - 0.5), y(chart.first + len(chart.labels) - 0.5)

    def at(n: float) -> float:
        return min(last, max(first, y(n)))

    canvas.add("circle", cx=8, cy=11, r=6, fill=BLUE)
    canvas.words(22, 16, chart.mean_label, font_weight="bold")
    if chart.other is not None and chart.other_label is not None:
        ring = {"r": 6, "fill": WHITE, "stroke": GREY, "stroke_width": 2}
        canvas.add("circle", cx=8, cy=33, **ring)
        canvas.words(22, 38, chart.other_label)
        canvas.add("circle", cx=x, cy=at(chart.other), **ring)
    if chart.lower is not None and chart.upper is not None:
        ends = {"x1": x, "x2": x, "y1": at(chart.lower), "y2": at(chart.upper)}
        canvas.add("line", **ends, stroke=BLUE, stroke_width=3)
    canvas.add("circle", cx=x, cy=at(chart.mean), r=6, fill=BLUE, stroke=WHITE, stroke_width=1)
