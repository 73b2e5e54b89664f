"""Three averages and a standard on one line from 0 to 100: a dot, a square, a diamond, a mark."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from hamlets.publish.palette import BLUE, DARK_BLUE, GREY, TEXT, WHITE
from hamlets.publish.svg import Canvas, text_width

_WIDTHS = {"narrow": 288.0, "wide": 620.0}
_ROW = 20.0


@dataclass(frozen=True)
class StandardLine:
    """What is drawn: shares of 100, each with its label."""

    mean: float
    pooled: float
    minimum: float
    standard: float
    labels: tuple[str, str, str, str]
    title: str
    description: str


def draw_standard(line: StandardLine, ident: str, width: str) -> Markup:
    """Return the drawing; labels stand in rows below and above, so that none touches another."""
    full = _WIDTHS[width]
    left, right, y = 22.0, full - 34.0, 64.0
    canvas = Canvas(full, y + 20 + 3 * _ROW)

    def x(value: float) -> float:
        return left + min(100.0, max(0.0, value)) / 100 * (right - left)

    canvas.add("line", x1=left, y1=y, x2=right, y2=y, stroke=GREY, stroke_width=2)
    canvas.words(left - 6, y + 5, "0", text_anchor="end")
    canvas.words(right + 6, y + 5, "100")
    mark = x(line.standard)
    canvas.add(
        "line", x1=mark, x2=mark, y1=y - 34, y2=y + 12, stroke=TEXT, stroke_width=2,
        stroke_dasharray="6 4",
    )  # fmt: skip
    _words(canvas, mark, y - 40, line.labels[3], full)
    marks = (
        (line.minimum, line.labels[2], "square"),
        (line.mean, line.labels[0], "dot"),
        (line.pooled, line.labels[1], "diamond"),
    )
    labels: list[tuple[float, float, str]] = []
    for row, (value, label, _) in enumerate(marks):
        at = x(value)
        below = y + 32 + row * _ROW
        canvas.add("line", x1=at, x2=at, y1=y + 12, y2=below - 13, stroke=GREY, stroke_width=1)
        labels.append((at, below, label))
    # after all lines, so that none runs through a label
    for at, below, label in labels:
        _words(canvas, at, below, label, full)
    for value, _, shape in marks:
        _shape(canvas, x(value), y, shape)
    return canvas.markup(ident, line.title, line.description, width)


def _words(canvas: Canvas, at: float, y: float, words: str, full: float) -> None:
    """Write a label at its mark, on a white ground, kept inside the drawing."""
    half = text_width(words) / 2 + 4
    middle = min(full - half, max(half, at))
    box = {"x": middle - half, "y": y - 14, "width": 2 * half, "height": 19}
    canvas.add("rect", **box, fill=WHITE)
    canvas.words(middle, y, words, text_anchor="middle")


def _shape(canvas: Canvas, x: float, y: float, shape: str) -> None:
    if shape == "dot":
        canvas.add("circle", cx=x, cy=y, r=7, fill=BLUE, stroke=WHITE, stroke_width=2)
    elif shape == "square":
        canvas.add(
            "rect", x=x - 6, y=y - 6, width=12, height=12, fill=WHITE, stroke=DARK_BLUE,
            stroke_width=2,
        )  # fmt: skip
    else:
        # open, so that a dot at the same place is seen in it
        points = ((x, y - 12), (x + 12, y), (x, y + 12), (x - 12, y))
        path = "M" + " L".join(f"{a:.1f},{b:.1f}" for a, b in points) + " Z"
        canvas.add("path", d=path, fill="none", stroke=TEXT, stroke_width=2)
