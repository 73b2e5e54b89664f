"""Drawings made by hand: the step bar, the stacked bar, and thin bars by month."""

from __future__ import annotations

from typing import Literal

from markupsafe import Markup

from hamlets.publish import numbers
from hamlets.publish.drawings import MonthBars, StackedBar, StepBar
from hamlets.publish.palette import BLUE, DARK_BLUE, GREY, KINDS, TEXT, WHITE, Kind
from hamlets.publish.svg import Canvas, Width, text_width

FULL = 1040.0
WIDE = 620.0
NARROW = 288.0
"""A 320 px screen less its margins, so that 14 px text stays 14 px there."""
ROOM: dict[Width, float] = {"narrow": NARROW, "wide": WIDE, "full": FULL}
"""Natural width of a drawing in pixels, at which its text is 14 px high."""
_CARD = 212.0
_GAP = 2.0
_REACH = 12.0
"""A label begins so far to the left of its mark, or farther."""


def step_bar(bar: StepBar, ident: str) -> Markup:
    """Return chart C1. Labels that would touch stack above and below the line."""
    left, right, y = 22.0, _CARD - 38, 56.0
    canvas = Canvas(_CARD, 98)

    def x(share: float) -> float:
        return left + min(1.0, max(0.0, share)) * (right - left)

    canvas.add("line", x1=left, y1=y, x2=right, y2=y, stroke=GREY, stroke_width=2)
    canvas.words(left - 11, y + 5, "0", text_anchor="end")
    canvas.words(right + 11, y + 5, bar.top_label)
    above: list[tuple[float, float]] = []
    if bar.value is not None and bar.ceiling is not None and bar.ceiling > bar.value:
        # room to move; a white bar ends the line that it lies on
        room = {"x": x(bar.value), "y": y - 4, "width": x(bar.ceiling) - x(bar.value), "height": 8}
        canvas.add("rect", **room, fill=WHITE, stroke=DARK_BLUE, stroke_dasharray="3 2")
    if bar.chance is not None:
        canvas.add("path", d=_diamond(x(bar.chance), y, 7), fill=WHITE, stroke=GREY, stroke_width=2)
    if bar.ceiling is not None:
        square = {"x": x(bar.ceiling) - 6, "y": y - 6, "width": 12, "height": 12}
        canvas.add("rect", **square, fill=WHITE, stroke=DARK_BLUE, stroke_width=2)
    if bar.lower is not None and bar.upper is not None:
        ends = {"x1": x(bar.lower), "x2": x(bar.upper), "y1": y, "y2": y}
        canvas.add("line", **ends, stroke=BLUE, stroke_width=3)
        # Short bars across the ends keep a narrow range visible behind its dot.
        for share in (bar.lower, bar.upper):
            end = {"x1": x(share), "x2": x(share), "y1": y - 8, "y2": y + 8}
            canvas.add("line", **end, stroke=BLUE, stroke_width=3)
    where = bar.value
    if bar.value is not None:
        canvas.add("circle", cx=x(bar.value), cy=y, r=6, fill=BLUE, stroke=WHITE, stroke_width=1)
    elif bar.lower is not None and bar.upper is not None:
        where = (bar.lower + bar.upper) / 2
    if where is not None:
        above.append(_label(canvas, x(where), y, 34, bar.now_label, bold=True))
    below: list[tuple[float, float]] = []
    if bar.chance is not None and bar.chance_label:
        below.append(_label(canvas, x(bar.chance), y, 86, bar.chance_label))
    if bar.ceiling is not None and bar.ceiling_label:
        at, span = x(bar.ceiling), _span(x(bar.ceiling), bar.ceiling_label)
        # a label may stand a little to the right of its mark to be clear of another
        over, under = _clear(span, at, above), _clear(span, at, below)
        level, span = (34, over) if over else (86, under) if under else (14, span)
        _label(canvas, at, y, level, bar.ceiling_label, span=span)
    return canvas.markup(ident, bar.title, bar.description, "step-bar")


def _span(x: float, words: str) -> tuple[float, float]:
    half = text_width(words) / 2 + 3
    middle = min(_CARD - half, max(half, x))
    return middle - half, middle + half


def _clear(
    span: tuple[float, float], x: float, taken: list[tuple[float, float]]
) -> tuple[float, float] | None:
    """Return where a label of ``x`` is clear of others, moved to the right if need be; or None."""
    near = [other for other in taken if span[1] >= other[0] and span[0] <= other[1]]
    if not near:
        return span
    start = max(other[1] for other in near) + 6
    end = start + span[1] - span[0]
    return (start, end) if end <= _CARD and start + _REACH <= x else None


def _label(
    canvas: Canvas,
    x: float,
    y: float,
    at: float,
    words: str,
    bold: bool = False,
    span: tuple[float, float] | None = None,
) -> tuple[float, float]:
    span = span or _span(x, words)
    tick = (y - 9, at + 4) if at < y else (y + 9, at - 13)
    canvas.add("line", x1=x, y1=tick[0], x2=x, y2=tick[1], stroke=GREY, stroke_width=1)
    weight = "bold" if bold else "normal"
    middle = (span[0] + span[1]) / 2
    canvas.words(middle, at, words, text_anchor="middle", font_weight=weight)
    return span


def _diamond(x: float, y: float, half: float) -> str:
    corners = ((x, y - half), (x + half, y), (x, y + half), (x - half, y))
    return "M" + " L".join(f"{a:.1f},{b:.1f}" for a, b in corners) + " Z"


def _paint(canvas: Canvas, kind: Kind, ident: str) -> str:
    if kind.pattern is None:
        return kind.fill
    return canvas.pattern(f"{ident}-{kind.step}", kind.pattern, kind.fill)


def _segment(
    canvas: Canvas,
    kind: Kind,
    box: tuple[float, float, float, float],
    paint: str,
    words: str | None,
) -> None:
    x, y, width, height = box
    canvas.add("rect", x=x, y=y, width=width, height=height, fill=paint)
    if kind.outline:
        inner = {"x": x + 0.5, "y": y + 0.5, "width": max(width - 1, 0.5), "height": height - 1}
        canvas.add("rect", **inner, fill="none", stroke=kind.outline, stroke_width=1)
    if words is None or text_width(words, 16) + 8 > width:
        return
    middle = x + width / 2
    if kind.pattern:
        # The pattern stops behind the words, so that they stay readable.
        half = text_width(words, 16) / 2 + 3
        patch = {"x": middle - half, "y": y + height / 2 - 11, "width": 2 * half, "height": 22}
        canvas.add("rect", **patch, fill=kind.fill)
    style = {"text_anchor": "middle", "font_size": 16, "font_weight": "bold", "fill": kind.ink}
    canvas.words(middle, y + height / 2 + 6, words, **style)


def stacked_bar(bar: StackedBar, ident: str, width: Width) -> Markup:
    """Return "who patients saw": one bar of 100, or six bars on narrow screens."""
    return _six_bars(bar, ident) if width == "narrow" else _one_bar(bar, ident, width)


def _one_bar(bar: StackedBar, ident: str, width: Width) -> Markup:
    full = ROOM[width]
    shown = [index for index, part in enumerate(bar.parts) if part > 0]
    room = full - _GAP * max(len(shown) - 1, 0)
    edges: list[tuple[int, float, float]] = []
    x = 0.0
    for index in shown:
        length = room * bar.parts[index] / 100
        edges.append((index, x, length))
        x += length + _GAP
    labels = [(x + w / 2, text_width(_bar_label(bar, i))) for i, x, w in edges]
    places = _label_places(labels, full)
    lines = max((row for row, _ in places), default=0) + 1
    top = 20.0 * lines + 8
    canvas = Canvas(full, top + 56)
    for (index, x, length), (row, middle) in zip(edges, places, strict=True):
        base = 20.0 * (lines - row) - 5
        centre = x + length / 2
        leader = {"x1": centre, "x2": centre, "y1": base + 4, "y2": top - 1}
        canvas.add("line", **leader, stroke=GREY, stroke_width=1)
        canvas.words(middle, base, _bar_label(bar, index), text_anchor="middle")
    for index, x, length in edges:
        kind = KINDS[index]
        paint = _paint(canvas, kind, ident)
        _segment(canvas, kind, (x, top, length, 52), paint, kind.letter)
    return canvas.markup(ident, bar.title, bar.description, width)


def _bar_label(bar: StackedBar, index: int) -> str:
    return f"{bar.parts[index]} {bar.labels[index]}"


def _label_places(labels: list[tuple[float, float]], full: float) -> list[tuple[int, float]]:
    """Return each label's row (0 lies next to the bar) and middle, from (centre, width).

    No label touches another, and no label's leader runs through another label.
    """
    placed: list[tuple[int, float, float, float]] = []
    for position, (centre, width) in enumerate(labels):
        half = width / 2 + 5
        following = labels[position + 1][0] if position + 1 < len(labels) else full + half
        # A label ends before the next part's leader, where there is room at its left.
        middle = max(half, min(full - half, centre, following - 6 - half))
        start, end = middle - half, middle + half
        row = 0
        while any(
            (other_row == row and start < other_end and end > other_start)
            or (other_row > row and start < other_centre < end)
            for other_row, other_centre, other_start, other_end in placed
        ):
            row += 1
        placed.append((row, centre, start, end))
    return [(row, (start + end) / 2) for row, _, start, end in placed]


def _six_bars(bar: StackedBar, ident: str) -> Markup:
    height = 50.0
    canvas = Canvas(NARROW, height * len(KINDS))
    for index, kind in enumerate(KINDS):
        y = index * height
        canvas.words(0, y + 15, f"{kind.letter}  {bar.labels[index]}", font_weight="bold")
        canvas.words(NARROW, y + 15, str(bar.parts[index]), text_anchor="end", font_weight="bold")
        length = NARROW * bar.parts[index] / 100
        canvas.add("line", x1=0, x2=0, y1=y + 20, y2=y + 44, stroke=GREY, stroke_width=1)
        if length:
            paint = _paint(canvas, kind, ident)
            _segment(canvas, kind, (0, y + 21, length, 22), paint, None)
    return canvas.markup(ident, bar.title, bar.description, "narrow")


def month_bars(bars: MonthBars, ident: str, width: Width) -> Markup:
    """Return one thin stacked bar a month, earliest first, with the own-GP figure at its start."""
    full = ROOM[width]
    left, row = (72.0, 26.0) if width == "narrow" else (120.0, 26.0)
    canvas = Canvas(full, row * len(bars.months) + 24)
    paints = [_paint(canvas, kind, ident) for kind in KINDS]
    for position, kind in enumerate(KINDS):
        slot = (full - left) / len(KINDS)
        _swatch(canvas, kind, paints[position], left + slot * position)
    for line, (start, parts) in enumerate(bars.months):
        y = 24 + row * line
        name = f"{start:%b} {start.year}" if width == "narrow" else numbers.month(start)
        canvas.words(left - 8, y + 16, name, text_anchor="end")
        x = left
        room = full - left - _GAP * (len(parts) - 1)
        for index, part in enumerate(parts):
            if part:
                length = room * part / 100
                words = str(part) if index == 0 else None
                _thin(canvas, KINDS[index], (x, y + 2, length, 20), paints[index], words)
                x += length + _GAP
    return canvas.markup(ident, bars.title, bars.description, width)


def _swatch(canvas: Canvas, kind: Kind, paint: str, x: float) -> None:
    canvas.add("rect", x=x, y=4, width=12, height=12, fill=paint, stroke=GREY, stroke_width=1)
    canvas.words(x + 17, 15, kind.letter)


def _thin(
    canvas: Canvas,
    kind: Kind,
    box: tuple[float, float, float, float],
    paint: str,
    words: str | None,
) -> None:
    _segment(canvas, kind, box, paint, None)
    if words and text_width(words) + 8 <= box[2]:
        canvas.words(box[0] + 6, box[1] + 15, words, fill=kind.ink, font_weight="bold")


MarkName = Literal["recorded", "chance", "ceiling", "practice", "ring", "column", "outline"]


def key_mark(name: MarkName) -> Markup:
    """Return one small mark for the key above a dot chart; the words stand beside it."""
    canvas = Canvas(28, 16)
    if name == "recorded":
        canvas.add("line", x1=2, x2=26, y1=8, y2=8, stroke=BLUE, stroke_width=3)
        canvas.add("circle", cx=14, cy=8, r=5, fill=BLUE)
    elif name == "chance":
        canvas.add("path", d=_diamond(14, 8, 6), fill=WHITE, stroke=GREY, stroke_width=2)
    elif name == "ceiling":
        square = {"x": 8.5, "y": 2.5, "width": 11, "height": 11}
        canvas.add("rect", **square, fill=WHITE, stroke=DARK_BLUE, stroke_width=2)
    elif name == "practice":
        canvas.add("line", x1=14, x2=14, y1=0, y2=16, stroke=TEXT, stroke_width=2)
    elif name == "ring":
        canvas.add("circle", cx=14, cy=8, r=4.5, fill=BLUE)
        canvas.add("circle", cx=14, cy=8, r=7, fill="none", stroke=TEXT, stroke_width=1.5)
    elif name == "column":
        canvas.add("rect", x=8, y=0, width=12, height=16, fill=BLUE)
    else:
        style = {"fill": WHITE, "stroke": GREY, "stroke_width": 1.5}
        canvas.add("rect", x=8.75, y=0.75, width=10.5, height=14.5, **style)
    return canvas.decoration("key-mark")
