"""Drawings: text stays text, names stay names, labels do not touch, sizes hold."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import altair
import pytest
import vl_convert
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError

from hamlets.publish import charts, marks, spread
from hamlets.publish.drawings import (
    Columns,
    Dot,
    Dots,
    Line,
    MonthBars,
    Point,
    StackedBar,
    StepBar,
)
from hamlets.publish.numbers import to_100
from hamlets.publish.palette import BLUE
from hamlets.publish.svg import Canvas, Width, clean, plain, text_width

HOSTILE = "<script>alert(1)</script>&\"'"
SVG = "{http://www.w3.org/2000/svg}"
LABELS = ("own GP", "buddy", "rest of own team", "rest of practice", "locum or registrar", "hub")


def step_bar(
    value: float | None = 0.49, chance: float | None = 0.12, ceiling: float | None = None
) -> StepBar:
    return StepBar(
        value=value,
        lower=0.48,
        upper=0.5,
        chance=chance,
        ceiling=ceiling,
        now_label="now 49",
        chance_label="by chance 12",
        ceiling_label="rota allows 81",
        top_label="100",
        description="Scale of 0 to 100: by chance 12, now 49 (48 to 50).",
        title="Seen by own GP",
    )


def line(values: list[float | None], closer: bool = False) -> Line:
    points = tuple(
        Point(
            date(2030 + (5 + i) // 12, (5 + i) % 12 + 1, 1),
            value,
            None if value is None else max(0.0, value - 0.02),
            None if value is None else min(1.0, value + 0.02),
            0.12,
            marked=i == 1,
        )
        for i, value in enumerate(values)
    )
    return Line(points, "now 49", "by chance 12", "Scale", "Title", "Description", closer)


def dots(*names: str) -> Dots:
    rows = tuple(Dot(name, 0.4, 0.3, 0.5, 0.1, "40%", marked=True) for name in names)
    return Dots((*rows, Dot("wide", None, 0.1, 0.7, None, "10 to 70")), 0.45, "Title", "Words")


def parse(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(markup)


def texts(root: ElementTree.Element) -> list[ElementTree.Element]:
    return list(root.iter(f"{SVG}text"))


@pytest.mark.parametrize("width", ["full", "wide", "narrow"])
def test_every_drawing_has_a_title_a_description_and_text_of_14_px(width: Width) -> None:
    bar = StackedBar((49, 11, 8, 17, 9, 6), LABELS, "T", "D")
    drawn = [
        marks.step_bar(step_bar(), "a"),
        marks.stacked_bar(bar, "b", width),
        marks.month_bars(MonthBars(((date(2031, 5, 1), bar.parts),), "T", "D"), "c", width),
        charts.line(line([0.4, 0.5, 0.49]), "d", width),
        charts.dots(dots("Dr Example-Ash"), "e", width),
    ]
    for ident, markup in zip("abcde", drawn, strict=True):
        root = parse(markup)
        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == f"{ident}-title {ident}-desc"
        assert root[0].tag == f"{SVG}title" and root[0].get("id") == f"{ident}-title"
        assert root[1].tag == f"{SVG}desc" and root[1].text
        words = texts(root)
        assert words
        for element in words:
            assert float((element.get("font-size") or "0").removesuffix("px")) >= 14
            assert "Arial" in (element.get("font-family") or "")
        drawn_width = float(root.get("width") or 0)
        assert drawn_width <= marks.ROOM[width]


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_a_name_is_text_and_never_markup(width: Width) -> None:
    markup = charts.dots(dots(HOSTILE), "x", width)
    assert "<script" not in markup
    assert any("<script>" in (element.text or "") for element in texts(parse(markup)))


def test_what_a_chart_engine_adds_besides_shapes_is_dropped() -> None:
    source = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'width="10" height="10"><script>alert(1)</script><a xlink:href="javascript:alert(1)">'
        '<text>a</text></a><g onload="alert(1)" style="fill:red" aria-label="x"><text '
        'onclick="alert(1)" font-size="14px">kept</text></g><foreignObject/></svg>'
    )
    made = clean(source, "i", "t", "d", "wide")
    assert "kept" in made
    for gone in (
        "script",
        "javascript",
        "onload",
        "onclick",
        "style",
        "foreignObject",
        "aria-label=",
    ):
        assert gone not in made


@pytest.mark.parametrize("width", ["narrow", "wide", "full"])
@pytest.mark.parametrize("ceiling", [None, 0.81])
def test_what_is_drawn_is_sound_vega_lite(
    monkeypatch: pytest.MonkeyPatch, width: Width, ceiling: float | None
) -> None:
    """Pages are drawn without the checks of Altair: here is where they are made."""
    drawn: list[dict[str, Any]] = []

    def catch(figure: dict[str, Any]) -> str:
        drawn.append(figure)
        return "<svg/>"

    monkeypatch.setattr(vl_convert, "vegalite_to_svg", catch)
    chart = line([0.4, None, 0.5])
    points = tuple(replace(point, ceiling=ceiling) for point in chart.points)
    charts.line(replace(chart, points=points, ceiling_label="rota allows 81"), "a", width)
    charts.dots(replace(dots("x", "y"), overall=ceiling), "b", width)
    for figure in drawn:
        altair.LayerChart.from_dict(figure, validate=True)
        with pytest.raises(ValidationError):
            altair.LayerChart.from_dict(figure | {"layer": [{"mark": "nothing"}]}, validate=True)
    assert len(drawn) == 2


def test_no_drawing_needs_inline_style() -> None:
    # The page's policy allows its own style sheet only.
    assert " style=" not in charts.line(line([0.4, 0.5]), "a", "wide")
    assert " style=" not in charts.dots(dots("x"), "a", "wide")


def test_the_same_chart_gives_the_same_bytes() -> None:
    assert charts.line(line([0.4, 0.5]), "a", "wide") == charts.line(line([0.4, 0.5]), "a", "wide")
    assert charts.dots(dots("x", "y"), "a", "wide") == charts.dots(dots("x", "y"), "a", "wide")


@pytest.mark.parametrize("values", [[0.4], [None, 0.4, None], [None, None], [0.0, 1.0]])
@pytest.mark.parametrize("closer", [False, True])
def test_a_line_is_drawn_whatever_is_missing(values: list[float | None], closer: bool) -> None:
    assert texts(parse(charts.line(line(values, closer), "a", "narrow")))


def test_a_share_runs_from_0_to_100_unless_shown_closer() -> None:
    chart = line([0.41, 0.44])
    written = {element.text for element in texts(parse(charts.line(chart, "a", "wide")))}
    assert {"0", "100"} <= written
    points = tuple(replace(point, chance=None) for point in chart.points)
    closer = charts.line(replace(chart, points=points, closer=True), "a", "wide")
    shown = {element.text for element in texts(parse(closer))}
    assert "100" not in shown and "0" not in shown


def test_the_step_bar_leaves_out_what_is_not_known() -> None:
    assert "rota allows" not in marks.step_bar(step_bar(), "a")
    assert "rota allows 81" in marks.step_bar(step_bar(ceiling=0.81), "a")
    assert "by chance" not in marks.step_bar(
        StepBar(0.5, 0.4, 0.6, None, None, "now 50", None, None, "100", "D", "T"), "a"
    )
    assert "<circle" not in marks.step_bar(step_bar(value=None), "a")


@given(
    st.lists(st.integers(0, 1000), min_size=6, max_size=6).filter(any),
    st.sampled_from(("wide", "full")),
)
def test_labels_of_the_bar_of_100_do_not_touch(counts: list[int], width: Width) -> None:
    bar = StackedBar(tuple(to_100(counts)), LABELS, "T", "D")
    root = parse(marks.stacked_bar(bar, "a", width))
    # Letters stand inside the bar, in 16 px; labels above it, in 14 px.
    labels = [e for e in texts(root) if e.get("font-size") == "14"]
    assert [e.text for e in labels] == [
        f"{part} {name}" for part, name in zip(bar.parts, LABELS, strict=True) if part
    ]
    boxes: list[tuple[float, float, float]] = []
    for element in labels:
        half = text_width(element.text or "") / 2
        x = float(element.get("x") or 0)
        boxes.append((float(element.get("y") or 0), x - half, x + half))
    for i, (y, start, end) in enumerate(boxes):
        assert start >= -0.1 and end <= marks.ROOM[width] + 0.1
        for other_y, other_start, other_end in boxes[i + 1 :]:
            assert y != other_y or end < other_start or other_end < start


def test_every_kind_of_contact_has_its_letter_and_pattern() -> None:
    bar = StackedBar((30, 14, 14, 14, 14, 14), LABELS, "T", "D")
    made = marks.stacked_bar(bar, "a", "wide")
    assert {e.text for e in texts(parse(made)) if e.get("font-size") == "16"} == set("OBTPLH")
    assert len(re.findall("<pattern ", made)) == 2


def test_control_and_direction_characters_are_dropped_from_names() -> None:
    assert plain("Dr \x00Example\u202e-Ash\n ") == "Dr Example-Ash"
    assert plain("Dr Example-Ash", 8) == "Dr Exam…"


def test_a_canvas_escapes_its_words() -> None:
    canvas = Canvas(10, 10)
    canvas.words(0, 0, HOSTILE)
    assert "<script" not in canvas.markup("i", HOSTILE, HOSTILE, "wide")


def strips(markup: str) -> list[tuple[float, float]]:
    """Return from where to where, in pixels down, the white strips behind names reach."""
    found: list[tuple[float, float]] = []
    for path in parse(markup).iter(f"{SVG}path"):
        corners = re.fullmatch(
            r"M[-\d.]+,([-\d.]+)h\d[\d.]*v([-\d.]+)h-[\d.]+Z", path.get("d") or ""
        )
        if corners and path.get("fill") in ("#ffffff", "white"):
            ends = float(corners[1]), float(corners[1]) + float(corners[2])
            found.append((min(ends), max(ends)))
    return found


def test_no_line_runs_through_a_name_on_a_narrow_screen() -> None:
    chart = dots("Dr Example-Ash", "White and Black Caribbean")
    markup = charts.dots(chart, "a", "narrow")
    # A strip behind each name hides the line of all patients and the grid; dots stay on them.
    assert [round(end - start) for start, end in strips(markup)] == [20] * len(chart.rows)
    assert strips(charts.dots(chart, "a", "wide")) == []


def columns(filled: tuple[float, ...], words: tuple[str, ...]) -> Columns:
    return Columns(
        labels=tuple(str(n) for n in range(len(filled))),
        filled=filled,
        filled_words=words,
        outlined=tuple(height / 2 for height in filled),
        outlined_words=(),
        first=0,
        mean=1.0,
        lower=0.5,
        upper=1.5,
        other=0.5,
        mean_label="1.0 on average",
        other_label="similar patients 0.5",
        axis="Different GPs seen",
        title="T",
        description="D",
    )


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_equal_columns_are_equally_tall(width: Width) -> None:
    root = parse(spread.columns(columns((1.0, 4.0, 1.0, 0.0), ("1", "4", "1", "0")), "a", width))
    side = "height" if width == "wide" else "width"
    bars = [float(e.get(side) or 0) for e in root.iter(f"{SVG}rect") if e.get("fill") == BLUE]
    assert len(bars) == 3 and bars[0] == bars[2]
    assert bars[1] == pytest.approx(4 * bars[0], abs=0.3)
    bold = [e.text for e in texts(root) if e.get("font-weight") == "bold"]
    assert [word for word in bold if word != "1.0 on average"] == ["1", "4", "1"]


@pytest.mark.parametrize("chance", [0.05, 0.3])
@pytest.mark.parametrize("value", [0.1, 0.35, 0.42, 0.6, 0.88])
@pytest.mark.parametrize("room", [0.02, 0.1, 0.4])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_the_labels_of_a_line_with_a_ceiling_stand_apart(
    chance: float, value: float, room: float, width: Width
) -> None:
    ceiling = min(value + room, 1.0)
    points = tuple(
        Point(date(2030, m, 1), value, value - 0.02, value + 0.02, chance, False, ceiling)
        for m in range(1, 13)
    )
    drawn = Line(
        points, "now 49", "by chance 12", "Scale", "T", "D", ceiling_label="rota allows 81"
    )
    root = parse(charts.line(drawn, "x", width))
    heights = [
        at for words in ("now 49", "by chance 12", "rota allows 81") for at in places(root, words)
    ]
    assert len(heights) == 3
    # a figure beside what chance gives has no room for both, nor has chance beside the axis
    under = 0.1 < chance < value
    if abs(chance - value) > (0.1 if under else 0.2):
        low, middle, high = sorted(heights)
        assert min(middle - low, high - middle) >= 13


def places(root: ElementTree.Element, words: str) -> list[float]:
    """Return how far down a label stands, once for its white edge and itself together."""
    found: set[float] = set()

    def walk(element: ElementTree.Element, down: float) -> None:
        for moved in re.findall(r"translate\([^,]*,([-\d.e]+)\)", element.get("transform") or ""):
            down += float(moved)
        if element.tag == f"{SVG}text" and "".join(element.itertext()) == words:
            found.add(round(down, 1))
        for child in element:
            walk(child, down)

    walk(root, 0.0)
    return sorted(found)


@pytest.mark.parametrize("value", [0.05, 0.3, 0.42, 0.66, 0.9])
@pytest.mark.parametrize("room", [0.0, 0.05, 0.2, 0.6])
@pytest.mark.parametrize("chance", [0.02, 0.1, 0.32])
def test_the_labels_of_a_step_bar_do_not_touch(value: float, room: float, chance: float) -> None:
    bar = step_bar(value, chance, min(value + room, 1.0))
    root = parse(marks.step_bar(bar, "x"))
    boxes = [
        (float(t.get("x") or 0), float(t.get("y") or 0), text_width(t.text or ""))
        for t in texts(root)
        if (t.text or "").startswith(("now", "by", "rota"))
    ]
    assert len(boxes) == 3
    for x, _, wide in boxes:
        assert x - wide / 2 >= 0 and x + wide / 2 <= float(root.get("width") or 0)
    for one, other in combinations(boxes, 2):
        apart = abs(one[0] - other[0]) >= (one[2] + other[2]) / 2
        assert apart or abs(one[1] - other[1]) >= 16


def test_a_list_has_its_own_square() -> None:
    plain = charts.dots(dots("Dr Example-Ash"), "x", "wide")
    rows = tuple(replace(row, ceiling=0.8) for row in dots("Dr Example-Ash").rows)
    drawn = charts.dots(replace(dots("Dr Example-Ash"), rows=rows), "x", "wide")
    assert drawn.count("#003087") > plain.count("#003087")
