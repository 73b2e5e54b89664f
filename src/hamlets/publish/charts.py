"""Charts drawn by Altair on the server: the line by month and the dots by row.

Altair and its renderer are slow to load, so they are imported when a chart is drawn; its checks
of every part against the schema of Vega-Lite take longer than the drawing, so the tests make
them instead. Every drawing is cleaned before it enters a page (``svg``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec

from markupsafe import Markup

from hamlets.publish import numbers
from hamlets.publish.drawings import Dot, Dots, Line
from hamlets.publish.marks import NARROW, ROOM
from hamlets.publish.palette import BLUE, DARK_BLUE, GREY, TEXT, WHITE
from hamlets.publish.svg import Width, clean, plain, text_width

if TYPE_CHECKING:
    import altair as alt

P = ParamSpec("P")

_SIZE = 14
_FONT = "Arial"
_LINE_HEIGHT: dict[Width, float] = {"narrow": 240.0, "wide": 270.0, "full": 320.0}
_NARROW_ROW = 44
_ABOVE = 20
"""On narrow screens a name stands so many pixels above its row."""
_ROWS = "rows"
_BAND = "#cfe0f1"
_GRID = "#d8dde0"


def _unchecked(draw: Callable[P, Markup]) -> Callable[P, Markup]:
    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Markup:
        from altair.utils.schemapi import debug_mode

        with debug_mode(False):
            return draw(*args, **kwargs)

    return drawn


@_unchecked
def line(chart: Line, ident: str, width: Width) -> Markup:
    """Return a line over months with its range band and, dashed, chance and ceiling."""
    import altair as alt

    full = ROOM[width]
    left, right, height = 40.0, 14.0, _LINE_HEIGHT[width]
    room = full - left - right
    points = chart.points
    low, high = _domain(
        [v for p in points for v in (p.lower, p.upper, p.value, p.chance, p.ceiling)],
        chart.closer,
    )
    rows = [
        {
            "i": index,
            "value": _hundred(point.value),
            "lower": _hundred(point.lower),
            "upper": _hundred(point.upper),
            "chance": _hundred(point.chance),
            "ceiling": _hundred(point.ceiling),
            "marked": point.marked,
        }
        for index, point in enumerate(points)
    ]
    last = max(len(points) - 1, 1)
    every = room / last if len(points) > 1 else room
    labels = numbers.month_axis([point.start for point in points], _months_between(every))
    # Labels come from our own month names, so they may stand in an expression.
    expression = json.dumps([[name, year] if year else [name] for name, year in labels])
    x = alt.X(
        "i:Q",
        scale=alt.Scale(domain=[0, last], nice=False, padding=0),
        axis=alt.Axis(
            values=[i for i, (name, _) in enumerate(labels) if name],
            labelExpr=f"({expression})[datum.value]",
            labelFontSize=_SIZE,
            labelFont=_FONT,
            labelColor=TEXT,
            title=None,
            grid=False,
            tickColor=GREY,
            domainColor=GREY,
            labelOverlap=False,
            labelFlush=False,
        ),
    )
    y = _share_axis(low, high)
    base = alt.Chart(alt.NamedData(name=_ROWS))
    layers: list[Any] = [
        base.mark_area(color=_BAND).encode(x=x, y=alt.Y("lower:Q", **y), y2="upper:Q"),
        base.mark_line(color=GREY, strokeDash=[6, 4], strokeWidth=2).encode(
            x=x, y=alt.Y("chance:Q", **y)
        ),
        base.mark_line(color=DARK_BLUE, strokeDash=[12, 5], strokeWidth=2).encode(
            x=x, y=alt.Y("ceiling:Q", **y)
        ),
        base.mark_line(color=BLUE, strokeWidth=2.5).encode(x=x, y=alt.Y("value:Q", **y)),
        base.mark_point(color=BLUE, fill=BLUE, size=26, opacity=1).encode(
            x=x, y=alt.Y("value:Q", **y)
        ),
        base.transform_filter("datum.marked")
        .mark_point(color=DARK_BLUE, fill=WHITE, size=90, strokeWidth=2.5, opacity=1)
        .encode(x=x, y=alt.Y("value:Q", **y)),
        *_line_labels(chart, base, x, y, (low, high), every),
        # A title of the chart engine would be pushed out by a label near the top.
        alt.Chart(alt.Data(values=[{}]))
        .mark_text(
            text=plain(chart.scale_title), align="left", font=_FONT, fontSize=_SIZE, color=TEXT
        )
        .encode(x=alt.value(2.0 - left), y=alt.value(-20.0)),
    ]
    padding = {"left": left, "right": right, "top": 34.0, "bottom": 44.0}
    figure = _figure(layers, rows, room, height) | {"padding": padding}
    return clean(_svg(figure), ident, chart.title, chart.description, width)


def _line_labels(
    chart: Line,
    base: alt.Chart,
    x: alt.X,
    y: dict[str, Any],
    domain: tuple[float, float],
    every: float,
) -> list[Any]:
    """Return the labels "now", "by chance" and "rota allows", off the lines and the axis."""
    import altair as alt

    ends = [i for i, p in enumerate(chart.points) if p.value is not None or p.upper is not None]
    if chart.now_label is None or not ends:
        return []
    index = ends[-1]
    layers: list[Any] = [
        base.transform_filter(f"datum.i == {index} && isValid(datum.value)")
        .mark_point(color=BLUE, fill=BLUE, size=130, opacity=1)
        .encode(x=x, y=alt.Y("value:Q", **y))
    ]
    low, high = domain
    span = high - low
    point = chart.points[index]
    # A label reaches back over some months, and must stay clear of them all.
    reach = int(text_width(chart.now_label) / max(every, 1)) + 1
    top, bottom = _edges(chart, index, reach)
    over_chance = point.chance is None or point.value is None or point.chance <= point.value
    above = over_chance and top < high - 0.08 * span
    if point.ceiling is not None and chart.ceiling_label is not None:
        reach = int(text_width(chart.ceiling_label) / max(every, 1)) + 1
        near = [p.ceiling * 100 for p in chart.points[max(0, index - reach) : index + 1]
                if p.ceiling is not None]  # fmt: skip
        over = max(near) < high - 0.08 * span
        above = above and min(near) - top > (0.1 if over else 0.2) * span
        layers += _words(base, x, index, chart.ceiling_label, max(near) if over else min(near),
                         over, y)  # fmt: skip
    layers += _words(base, x, index, chart.now_label, top if above else bottom, above, y)
    if point.chance is not None and chart.chance_label is not None:
        reach = int(text_width(chart.chance_label) / max(every, 1)) + 1
        near = [p.chance * 100 for p in chart.points[max(0, index - reach) : index + 1] if p.chance]
        lowest, highest = min(near, default=0.0), max(near, default=0.0)
        # under its own line, so that it never meets "now" between the two
        below = over_chance and lowest > low + 0.1 * span
        at = lowest if below else highest
        layers += _words(base, x, index, chart.chance_label, at, not below, y)
    return layers


def _edges(chart: Line, index: int, reach: int) -> tuple[float, float]:
    """Return the highest and lowest point of the range band before and at a month."""
    near = [
        share * 100
        for point in chart.points[max(0, index - reach) : index + 1]
        for share in (point.lower, point.upper, point.value)
        if share is not None
    ]
    return max(near), min(near)


def _words(
    base: alt.Chart, x: alt.X, index: int, words: str, at: float, above: bool, y: dict[str, Any]
) -> list[Any]:
    import altair as alt

    def layer(**style: Any) -> Any:
        return (
            base.transform_filter(f"datum.i == {index}")
            .transform_calculate(at=str(at))
            .mark_text(
                text=plain(words),
                align="right",
                dx=10,
                dy=-14 if above else 16,
                font=_FONT,
                fontSize=_SIZE,
                fontWeight="bold",
                **style,
            )
            .encode(x=x, y=alt.Y("at:Q", **y))
        )

    # A white edge keeps the words readable where they cross the band or a line.
    return [layer(color=WHITE, stroke=WHITE, strokeWidth=5), layer(color=TEXT)]


@_unchecked
def dots(chart: Dots, ident: str, width: Width) -> Markup:
    """Return one row a list or group: dot, range, chance, and a line for all patients."""
    import altair as alt

    wide = width != "narrow"
    row_height = 30 if wide else _NARROW_ROW
    names = [row.label for row in chart.rows] + list(chart.beside)
    longest = max((text_width(plain(name)) for name in names), default=0.0)
    left = min(ROOM[width] * 0.4, max(90.0, longest + 18)) if wide else 10.0
    right = 82.0 if wide else 14.0
    room = ROOM[width] - left - right
    shares = [
        v for row in chart.rows for v in (row.lower, row.upper, row.value, row.chance, row.ceiling)
    ]
    low, high = _domain([*shares, chart.overall], chart.closer)
    rows = [_dot_row(index, row, wide, left) for index, row in enumerate(chart.rows)]
    base = alt.Chart(alt.NamedData(name=_ROWS))
    x = _share_axis(low, high)
    # Altair draws on a row number; about half a row of air stands above and below.
    above, below = (-0.6, -0.4) if wide else (-0.64, -0.6)
    y: dict[str, Any] = {
        "scale": alt.Scale(domain=[len(chart.rows) + below, above], nice=False, zero=False),
        "axis": None,
    }
    row = alt.Y("i:Q", **y)
    layers: list[Any] = []
    if chart.overall is not None:
        layers.append(
            alt.Chart(alt.Data(values=[{"v": _hundred(chart.overall)}]))
            .mark_rule(color=TEXT, strokeWidth=1.5)
            .encode(x=alt.X("v:Q", **x))
        )
    if not wide:
        layers.append(_behind_names(base, left, room + right, y))
    layers += [
        base.mark_rule(color=BLUE, strokeWidth=3).encode(
            x=alt.X("lower:Q", **x), x2="upper:Q", y=row
        ),
        base.transform_filter("isValid(datum.chance)")
        .mark_point(shape="diamond", color=GREY, fill=WHITE, size=110, strokeWidth=2, opacity=1)
        .encode(x=alt.X("chance:Q", **x), y=row),
        base.transform_filter("isValid(datum.ceiling)")
        .mark_point(shape="square", color=DARK_BLUE, fill=WHITE, size=120, strokeWidth=2, opacity=1)
        .encode(x=alt.X("ceiling:Q", **x), y=row),
        base.transform_filter("isValid(datum.value)")
        .mark_point(color=BLUE, fill=BLUE, size=120, opacity=1)
        .encode(x=alt.X("value:Q", **x), y=row),
        base.transform_filter("isValid(datum.value) && datum.marked")
        .mark_point(color=TEXT, size=290, strokeWidth=2, opacity=1)
        .encode(x=alt.X("value:Q", **x), y=row),
        *_row_words(base, row, wide, left, room),
    ]
    height = row_height * (len(chart.rows) + below - above)
    padding = {"left": left, "right": right, "top": 8.0, "bottom": 30.0}
    figure = _figure(layers, rows, room, height) | {"padding": padding}
    return clean(_svg(figure), ident, chart.title, chart.description, width)


def _dot_row(index: int, row: Dot, wide: bool, left: float) -> dict[str, Any]:
    # On narrow screens name and figure share a line above the row.
    room = left - 14 if wide else NARROW - 16 - 1.1 * text_width(row.figure)
    name = plain(row.label)
    while text_width(name) > room:
        name = plain(name, len(name) - 1)
    return {
        "i": index,
        "name": name,
        "figure": row.figure,
        "value": _hundred(row.value),
        "lower": _hundred(row.lower),
        "upper": _hundred(row.upper),
        "chance": _hundred(row.chance),
        "ceiling": _hundred(row.ceiling),
        "marked": row.marked,
    }


def _behind_names(base: alt.Chart, left: float, end: float, y: dict[str, Any]) -> alt.Chart:
    """Return a white strip behind each name, so that no line runs through its words."""
    import altair as alt

    half = 10.0 / _NARROW_ROW
    middle = _ABOVE / _NARROW_ROW
    return (
        base.transform_calculate(
            above=f"datum.i - {middle + half}", below=f"datum.i - {middle - half}"
        )
        .mark_rect(color=WHITE, opacity=1)
        .encode(x=alt.value(-left), x2=alt.value(end), y=alt.Y("above:Q", **y), y2="below:Q")
    )


def _row_words(base: alt.Chart, row: alt.Y, wide: bool, left: float, room: float) -> list[Any]:
    """Return the names and figures of the rows: beside them, or above them on narrow screens."""
    import altair as alt

    style: dict[str, Any] = {"font": _FONT, "fontSize": _SIZE, "color": TEXT, "baseline": "middle"}
    name: dict[str, Any] = (
        {"align": "right", "dx": -12} if wide else {"align": "left", "dy": -_ABOVE}
    )
    figure: dict[str, Any] = (
        {"align": "left", "dx": 12} if wide else {"align": "right", "dy": -_ABOVE}
    )
    name_x = alt.value(0.0 if wide else -left + 1)
    figure_x = alt.value(room if wide else room + 12)
    return [
        base.mark_text(**style, **name).encode(x=name_x, y=row, text="name:N"),
        base.mark_text(fontWeight="bold", **style, **figure).encode(
            x=figure_x, y=row, text="figure:N"
        ),
    ]


def _share_axis(low: float, high: float) -> dict[str, Any]:
    return {"scale": _scale(low, high), "axis": _axis(low, high)}


def _scale(low: float, high: float) -> Any:
    import altair as alt

    return alt.Scale(domain=[low, high], nice=False, zero=False)


def _axis(low: float, high: float) -> Any:
    import altair as alt

    step = (high - low) / 4 if high - low >= 20 else (high - low) / 2
    ticks = [low + step * n for n in range(round((high - low) / step) + 1)]
    return alt.Axis(
        values=ticks,
        format="d",
        labelFontSize=_SIZE,
        labelFont=_FONT,
        labelColor=TEXT,
        title=None,
        gridColor=_GRID,
        domain=False,
        ticks=False,
        labelPadding=6,
        labelOverlap=False,
        labelFlush=False,
    )


def _domain(shares: list[float | None], closer: bool) -> tuple[float, float]:
    """Return the scale's ends: 0 to 100, or for a closer look the data's own, in tens."""
    known = [share * 100 for share in shares if share is not None]
    if not closer or not known:
        return 0.0, 100.0
    low, high = math.floor(min(known) / 10) * 10, math.ceil(max(known) / 10) * 10
    if (high - low) % 20:  # an even number of tens gives whole numbers at every tick
        high, low = (high + 10, low) if high <= 90 else (high, low - 10)
    return float(low), float(max(high, low + 20))


def _months_between(pixels_per_month: float) -> int:
    """Return how many months lie between labels, so that "2030" never touches a neighbour."""
    return next((n for n in (1, 2, 3, 4, 6) if n * pixels_per_month >= 38), 12)


def _hundred(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 4)


def _figure(
    layers: list[Any], rows: list[dict[str, Any]], width: float, height: float
) -> dict[str, Any]:
    """Return the specification of layers over rows.

    Altair copies all of a chart at every step: what can be said once is said here, at the end.
    """
    import altair as alt

    figure = alt.layer(*layers).to_dict(validate=False)
    figure["config"]["view"] |= {"stroke": None, "continuousWidth": 100}
    return figure | {
        "datasets": {_ROWS: rows},
        "width": width,
        "height": height,
        "autosize": {"type": "none", "contains": "content"},
        "background": "white",
    }


def _svg(figure: dict[str, Any]) -> str:
    import vl_convert

    return vl_convert.vegalite_to_svg(figure)
