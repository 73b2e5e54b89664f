"""The funnel of a network: how many patients across, the share reached upwards, limits of luck.

Dots are labelled A, B, C by the order of names and all look the same, high or low: a funnel asks
a question, it gives no order. Drawn by hand: a few lines and letters need no chart engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from hamlets.publish.marks import ROOM
from hamlets.publish.palette import BLUE, GREY, PALE_GREY, TEXT, WHITE
from hamlets.publish.svg import Canvas, Width, text_width

_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1_000, 2_000, 2_500, 5_000, 10_000, 20_000,
          50_000, 100_000, 1_000_000)  # fmt: skip


@dataclass(frozen=True)
class Spot:
    """A practice: its letter, its patients, and its rate."""

    letter: str
    size: int
    rate: float


@dataclass(frozen=True)
class Funnel:
    """What is drawn. Limits are (lower, upper) by size; ``top`` is the end of the scale."""

    spots: tuple[Spot, ...]
    sizes: tuple[int, ...]
    inner: tuple[tuple[float, ...], tuple[float, ...]]
    outer: tuple[tuple[float, ...], tuple[float, ...]]
    average: float | None
    standard: float | None
    average_label: str
    standard_label: str
    x_title: str
    y_title: str
    top: float
    title: str
    description: str


def draw_funnel(chart: Funnel, ident: str, width: Width) -> Markup:
    """Return the drawing for one width. ``ident`` is unique in the page."""
    full = min(ROOM[width], 760.0)
    height = 300.0 if width == "narrow" else 380.0
    frame = _Frame(chart, full, height)
    canvas = Canvas(full, height)
    _axes(canvas, chart, frame)
    for (lower, upper), dashes in ((chart.outer, None), (chart.inner, "3 4")):
        for curve in (lower, upper):
            _curve(canvas, frame, chart.sizes, curve, dashes)
    if chart.average is not None:
        _level(canvas, frame, chart.average, None)
    if chart.standard is not None:
        _level(canvas, frame, chart.standard, "10 5")
    _legend(canvas, frame, chart)
    taken: list[tuple[float, float]] = []
    for spot in sorted(chart.spots, key=lambda s: s.letter):
        _spot(canvas, frame, spot, taken)
    return canvas.markup(ident, chart.title, chart.description, width)


class _Frame:
    """Where a size and a rate lie on the paper."""

    def __init__(self, chart: Funnel, full: float, height: float) -> None:
        self.left, self.right, self.top, self.bottom = 44.0, full - 20, 36.0, height - 54
        most = max(spot.size for spot in chart.spots)
        self.step = next(
            (s for s in _STEPS if most * 1.12 / s <= (4 if full < 400 else 6)), _STEPS[-1]
        )
        self.most = (int(most * 1.12 / self.step) + 1) * self.step
        self.high = chart.top

    def x(self, size: float) -> float:
        return self.left + size / self.most * (self.right - self.left)

    def y(self, rate: float) -> float:
        inside = min(max(rate, 0.0), self.high)
        return self.bottom - inside / self.high * (self.bottom - self.top)


def _axes(canvas: Canvas, chart: Funnel, frame: _Frame) -> None:
    for part in range(5):
        tick = frame.high * part / 4
        at = frame.y(tick)
        canvas.add("line", x1=frame.left, x2=frame.right, y1=at, y2=at, stroke=PALE_GREY,
                   stroke_width=1)  # fmt: skip
        canvas.words(frame.left - 8, at + 5, f"{tick:,.4g}", text_anchor="end")
    for number in range(frame.most // frame.step + 1):
        size = number * frame.step
        anchor = "end" if frame.x(size) > frame.right - 10 else "middle"
        canvas.words(frame.x(size), frame.bottom + 20, f"{size:,}", text_anchor=anchor)
    canvas.add("line", x1=frame.left, x2=frame.right, y1=frame.bottom, y2=frame.bottom,
               stroke=GREY, stroke_width=1.5)  # fmt: skip
    canvas.words(2, 18, chart.y_title)
    canvas.words(frame.right, frame.bottom + 44, chart.x_title, text_anchor="end")


def _curve(
    canvas: Canvas,
    frame: _Frame,
    sizes: Sequence[int],
    rates: Sequence[float],
    dashes: str | None,
) -> None:
    inside = sum(n <= frame.most for n in sizes) + 1  # and the first beyond, drawn at the edge
    points = [
        (min(frame.x(n), frame.right), frame.y(r))
        for n, r in zip(sizes[:inside], rates[:inside], strict=True)
    ]
    path = "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = {"stroke_dasharray": dashes} if dashes else {}
    canvas.add("path", d=path, fill="none", stroke=GREY, stroke_width=1.3, **dashed)


def _level(canvas: Canvas, frame: _Frame, rate: float, dashes: str | None) -> None:
    at = frame.y(rate)
    dashed = {"stroke_dasharray": dashes} if dashes else {}
    canvas.add("line", x1=frame.left, x2=frame.right, y1=at, y2=at, stroke=TEXT, stroke_width=1.5,
               **dashed)  # fmt: skip


def _legend(canvas: Canvas, frame: _Frame, chart: Funnel) -> None:
    """Write above the drawing what the level lines are: inside it dots may lie anywhere."""
    at = frame.right
    for rate, words, dashes in (
        (chart.average, chart.average_label, None),
        (chart.standard, chart.standard_label, "6 3"),
    ):
        if rate is None:
            continue
        at -= text_width(words)
        canvas.words(at, 18, words)
        dashed = {"stroke_dasharray": dashes} if dashes else {}
        canvas.add("line", x1=at - 24, x2=at - 5, y1=13, y2=13, stroke=TEXT, stroke_width=1.5,
                   **dashed)  # fmt: skip
        at -= 36


def _spot(canvas: Canvas, frame: _Frame, spot: Spot, taken: list[tuple[float, float]]) -> None:
    x, y = frame.x(spot.size), frame.y(spot.rate)
    canvas.add("circle", cx=x, cy=y, r=6, fill=BLUE, stroke=WHITE, stroke_width=1.5)
    # a letter moves round its dot until it touches no other
    for dx, dy in ((10, 5), (-20, 5), (-5, -10), (-5, 22), (10, -8), (10, 18)):
        at = (x + dx, y + dy)
        if all(abs(at[0] - a) > 14 or abs(at[1] - b) > 14 for a, b in taken):
            break
    else:
        at = (x + 10, y + 5)
    taken += [at, (x - 5, y + 5)]
    canvas.words(*at, spot.letter, font_weight="bold")
