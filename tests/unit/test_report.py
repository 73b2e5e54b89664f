"""The report page: what it says in each state, and that it is safe and self-contained."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import date
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from hamlets.continuity.results import AuditCase, Change, ContinuityReport, Month, Trend
from hamlets.publish.drawings import Columns, Dots, Line
from hamlets.publish.page import Chart
from hamlets.publish.report import render
from hamlets.publish.sections import (
    audits,
    counted,
    define,
    groups,
    lists,
    measures,
    months,
    short,
    who,
)
from tests.fixtures.report import made

HOSTILE = "</style><script>alert(1)</script>\"'<img src=x onerror=alert(1)>{{7*7}}=1+1"
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Outline(HTMLParser):
    """Reads a page: elements with attributes, ids, headings, visible text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.headings: list[tuple[int, str]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" in self._open or "script" in self._open:
            return
        self.words.append(data)
        if self._open and re.fullmatch("h[1-6]", self._open[-1]):
            level, words = self.headings[-1]
            self.headings[-1] = (level, words + data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


@cache
def page(name: str) -> str:
    return render(getattr(made, name)())


def hostile() -> ContinuityReport:
    """Return a report whose every name tries to break out."""
    report = made.full()
    rows = tuple(replace(row, name=HOSTILE, staff_id=HOSTILE) for row in report.lists[:2])
    factors = tuple(
        replace(factor, rows=tuple(replace(row, label=HOSTILE) for row in factor.rows[:2]))
        for factor in report.groups
    )
    place = replace(report.place, name=HOSTILE)
    given = made.workforce()
    people = tuple(replace(p, name=HOSTILE, role=HOSTILE, contract=HOSTILE) for p in given.people)
    week = tuple(replace(row, label=HOSTILE) for row in given.week)
    teams = tuple(replace(team, name=HOSTILE) for team in given.teams)
    working = replace(given, people=people, week=week, teams=teams)
    events = (made.audit(HOSTILE),)
    options = replace(report.options, roles=f"gp,{HOSTILE}", preset=HOSTILE)
    report = replace(report, lists=rows, groups=factors, place=place, options=options)
    return replace(report, workforce=working, audits=events)


STATES = ("full", "no_named_gps", "small", "many")


@pytest.mark.parametrize("name", STATES)
def test_the_page_is_one_well_formed_file_that_fetches_nothing(name: str) -> None:
    html = page(name)
    assert len(html.encode()) < 2_000_000
    outline = Outline(html)
    for tag, attributes in outline.elements:
        assert tag not in ("link", "iframe", "object", "embed", "form", "base", "img")
        assert not [key for key in attributes if key.startswith("on")]
        assert "style" not in attributes
        href = attributes.get("href", "#")
        assert href.startswith(("#", "data:text/csv"))
        assert "src" not in attributes
    assert "http://" not in html.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in html


@pytest.mark.parametrize("name", STATES)
def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else(name: str) -> None:
    html = page(name)
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    policy = next(
        attributes["content"]
        for tag, attributes in Outline(html).elements
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    assert len(scripts) == 1 == html.count("<script")
    script = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; script-src 'sha256-{script}'; "
        "base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize("name", STATES)
def test_ids_are_unique_and_links_lead_somewhere(name: str) -> None:
    elements = Outline(page(name)).elements
    ids = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in elements:
        if tag == "a" and attributes["href"].startswith("#"):
            assert attributes["href"][1:] in ids
        for reference in ("aria-labelledby", "aria-describedby"):
            assert set(attributes.get(reference, "").split()) <= set(ids)


@pytest.mark.parametrize("name", STATES)
def test_headings_go_down_one_level_at_a_time(name: str) -> None:
    levels = [level for level, _ in Outline(page(name)).headings]
    assert levels[0] == 1 and levels.count(1) == 1
    for before, after in pairwise(levels):
        assert after <= before + 1


def test_sections_stand_in_order_without_place_holders() -> None:
    titles = [words for level, words in Outline(page("full")).headings if level == 2]
    assert titles == [
        "Contents",
        "In short",
        "Who patients saw",
        "Month by month",
        "List by list",
        "Who gets less continuity",
        "Before a cancer diagnosis, and in the last year of life",
        "Who was working",
        "What we did not count",
        "How we count",
    ]


def test_hostile_names_stay_text() -> None:
    html = render(hostile())
    outline = Outline(html)
    assert not [tag for tag, _ in outline.elements if tag == "img"]
    assert [tag for tag, _ in outline.elements].count("script") == html.count("<script") == 1
    assert html.count("</style>") == 1
    assert "{{7*7}}" in outline.text and "49=1+1" not in outline.text


def test_the_full_report_says_the_standard_sentence() -> None:
    said = Outline(page("full")).text
    assert "About half of GP contacts were with the patient's own GP." in said
    assert (
        "49 in 100 GP contacts were with the patient's own GP (between 48 and 51 in 100). If "
        "patients had simply seen whoever was working, it would be about 12. You have covered 42 "
        "of the 100 steps from chance to always the same GP." in said
    )
    assert "No clear change since April (between 3 fewer and 2 more)" in said
    assert "3 more in every 100 than in April (between fewer than 1 and 6 more)" in said
    assert "For staff of Practice A. It names GPs. Do not publish." in said
    assert "1 June 2030 to 31 May 2031" in said
    assert "Of 100 GP contacts, 49 were with the own GP and 68 with the own team" in said
    assert "2 of 9 lists differ from the practice by more than luck would give" in said


def test_there_is_no_word_of_a_ceiling_that_was_not_worked_out() -> None:
    said = Outline(page("full")).text
    assert "rota allows" not in said.lower() and "rota would" not in said.lower()
    with_ceiling = short.build(made.with_main(made.full(), ceiling=0.81)).body
    assert isinstance(with_ceiling, short.Short)
    assert with_ceiling.lead.endswith("Your rota would have allowed more.")
    assert "Your rota would have allowed up to 81." in with_ceiling.standard


def test_the_rota_is_told_wherever_own_gp_and_own_team_are() -> None:
    report = made.with_ceiling(made.full())
    drawn = Outline(render(report))
    for said in (
        "Your rota would have allowed more.",
        "Your rota would have allowed up to 81.",
        "What the rota allows: each request met within 10 working days, urgent the same day.",
        "Nobody can book that well. It is the end of the scale, not a target.",
        "Room to move: 32 more in every 100",
        "Your rota would have allowed 32 more in every 100 with the own GP. What could teams do?",
    ):
        assert said in drawn.text
    body = short.build(report).body
    assert isinstance(body, short.Short)
    bars = [card.panel.drawing for card in body.cards if card.panel is not None]
    told = [bar.description for bar in bars if "rota allows" in bar.description]
    assert told[0] == "Scale of 0 to 100: by chance 12, now 49 (48 to 51), rota allows 81."
    assert len(told) == 2  # own GP and own team: no empty mark elsewhere
    assert [column.head for column in body.table.columns][4] == "Rota allows"
    lines = months.build(report).body
    assert isinstance(lines, Chart)
    line = lines.panels[0].drawing
    assert isinstance(line, Line)
    assert "Chance about 13, rota allows about 81." in line.description
    by_list = lists.build(report).body
    assert isinstance(by_list, Chart)
    assert "rota allows" in [entry.words for entry in by_list.key]
    heads = [column.head for column in by_list.table.columns]
    assert heads[heads.index("By chance") + 1] == "Rota allows"
    assert by_list.table.rows[0][heads.index("Rota allows")].text.endswith("%")


def test_little_room_a_plan_and_a_missing_rota_are_told_as_such() -> None:
    question = "What could teams do?"
    little = made.with_ceiling(made.full(), 0.09, window="week", slots=False, kept=1237)
    said = Outline(render(little)).text
    assert "This is close to what your rota allows." in said
    assert "each request met within 2 working days." in said
    assert "We worked out the rota from the appointments, so the ceiling is a low estimate." in said
    assert "The day of booking of 1,237 contacts is not known" in said
    assert question not in said
    assert question not in Outline(render(made.with_ceiling(made.full(), planned=True))).text
    shared = replace(little, public=True, lists=(), workforce=None, audits=())
    assert "1,237" not in Outline(render(shared)).text


@pytest.mark.parametrize(
    ("value", "start"),
    [
        (0.3499, "Most GP contacts were with someone other"),
        (0.35, "More than half of GP contacts were with someone other"),
        (0.4499, "More than half of GP contacts were with someone other"),
        (0.45, "About half"),
        (0.5499, "About half"),
        (0.55, "More than half of GP contacts were with the own GP"),
        (0.6999, "More than half of GP contacts were with the own GP"),
        (0.70, "Most GP contacts were with the own GP"),
    ],
)
def test_the_lead_follows_the_unrounded_value(value: float, start: str) -> None:
    report = made.with_main(made.full(), value=value, lower=value - 0.01, upper=value + 0.01)
    assert short.lead(report).startswith(start)


def test_a_range_that_is_too_wide_keeps_no_middle_value() -> None:
    said = Outline(page("small")).text
    assert (
        "Somewhere between 22 and 61 in 100 GP contacts were with the patient's own GP: too few "
        "contacts to say more." in said
    )
    assert "There are too few contacts to say who patients saw." in said
    assert "40 in 100" not in said and "40%" not in said


def test_months_with_ranges_that_are_too_wide_show_the_range_alone() -> None:
    wide = replace(made.estimate(0.5), lower=0.2, upper=0.8)
    trend = Trend(tuple(Month(start, wide) for start in made.month_starts(3)), "too_few")
    body = months.build(replace(made.full(), trend=trend)).body
    assert isinstance(body, months.Chart)
    drawing = body.panels[0].drawing
    assert isinstance(drawing, Line)
    assert [point.value for point in drawing.points] == [None] * 3
    assert drawing.now_label == "20 to 80"
    assert drawing.description.startswith("Band of 3 months.")
    assert {row[1].text for row in body.table.rows} == {"–"}


def test_states_of_missing_input_are_said() -> None:
    small = Outline(page("small")).text
    assert "Only 14 patients. Read every figure here with care." in small
    assert "Only one clinician is in these records." in small
    assert "Your extract does not say which contacts took place" in small
    assert "Your extract has no teams" in small
    assert "Too few months (2) to say whether seen by own GP is changing" in small
    assert "No figure: no patient has 2 contacts." in small
    bare = Outline(page("no_named_gps")).text
    assert "Your extract has no named GP, so we show the GP each patient sees most." in bare
    assert "contacts with any clinician are counted" in bare
    assert "GP contacts" not in bare.replace("GP contacts of a list", "")
    assert "Only" not in Outline(page("full")).text.replace("Only contacts", "").replace(
        "Only what", ""
    )


def test_a_report_of_many_practices_shows_no_gp_and_no_small_group() -> None:
    report = made.many()
    said = Outline(page("many")).text
    assert "Dr Example" not in said
    assert "It names GPs" not in said
    body = groups.build(report).body
    assert body is not None
    row = next(row for row in groups_table(report) if row[1] == "Welsh")
    assert row[2] == "7 or fewer" and row[4] == "–"
    assert "Welsh" not in groups.heading(report.groups, "slicc")


def spread_of(report: ContinuityReport) -> tuple[Columns, Chart]:
    """Return the drawing of the report's first audit, and its chart."""
    body = audits.build(report).body
    assert isinstance(body, audits.Shown)
    chart = body.audits[0].chart
    assert chart is not None
    drawing = chart.panels[0].drawing
    assert isinstance(drawing, Columns)
    return drawing, chart


def test_columns_of_few_patients_count_them_inside_the_practice() -> None:
    few = (0, 1, 4, 3, 1, 1, 1, 1, 0, 0, 0, 0, 0)
    drawing, chart = spread_of(replace(made.full(), audits=(made.audit(spread=few),)))
    assert drawing.filled_words == tuple(str(n) for n in few)
    assert drawing.filled == pytest.approx(few)
    # Similar patients are drawn as if there were as many, and carry no numbers.
    assert sum(drawing.outlined) == pytest.approx(sum(few))
    assert drawing.outlined_words == ()
    assert chart.key[0].words == "number of patients"
    table = chart.folds[0].table
    assert table is not None
    assert [row[1].text for row in table.rows] == [str(n) for n in few]
    assert chart.table_words == "Show the averages as a table"


def test_equal_columns_of_100_patients_carry_equal_words() -> None:
    many_cases = (0, *(10,) * 11, 1)
    drawing, chart = spread_of(replace(made.full(), audits=(made.audit(spread=many_cases),)))
    assert drawing.filled_words == ("0", *("9",) * 11, "<1")
    assert chart.key[0].words == "of 100 patients"


def test_the_ring_stands_in_the_key_where_it_is_drawn() -> None:
    ring = "differs by more than luck would give"
    for sides, shown in (({"lower": 1}, True), ({"lower": 0}, False)):
        report = made.with_outside(made.full(), 0, **sides)
        chart = groups.build(report).body
        assert isinstance(chart, Chart)
        drawings = [panel.drawing for panel in chart.panels]
        drawn = [row.marked for d in drawings if isinstance(d, Dots) for row in d.rows]
        assert any(drawn) == shown
        assert (ring in [entry.words for entry in chart.key]) == shown


def test_a_clear_change_never_seems_to_begin_with_none() -> None:
    april, may = date(2031, 4, 1), date(2031, 5, 1)
    words = short.change_words(Change(april, may, -0.04, -0.09, -0.004))
    assert words == "4 fewer in every 100 than in April (between fewer than 1 and 9 fewer)"
    words = short.change_words(Change(april, may, 0.3, 0.04, 0.5), people=True)
    assert words == "0.3 more GPs than in April (between less than 0.1 and 0.5 more)"


def test_an_audit_of_many_practices_lets_no_small_number_be_worked_out() -> None:
    body = audits.build(made.many()).body
    assert isinstance(body, audits.Shown)
    cancer, deaths = (told.chart for told in body.audits)
    assert cancer is not None and deaths is not None
    # Columns of 1 to 7 patients: no drawing, and no table of columns.
    assert cancer.panels == () and cancer.folds == ()
    assert deaths.panels and deaths.folds
    rows = {row[0].text: [cell.text for cell in row[1:]] for row in cancer.table.rows}
    assert rows["Number without a contact"] == ["0", "–", "7 or fewer", "0"]
    # Both means together would tell how many had no contact.
    assert rows["Different GPs, if any contact"][2] == "–"
    few = replace(made.many(), audits=(made.audit(spread=(0, 3, *(0,) * 11)),))
    body = audits.build(few).body
    assert isinstance(body, audits.Shown)
    assert body.audits[0].chart is None
    assert body.audits[0].state == "7 or fewer patients. Too few to show."


def test_no_case_stands_in_a_report() -> None:
    case = AuditCase(1, "9990000001", "A", date(2031, 3, 3), "65-74", 9, 4, 5, 3, 2, 0.4, None)
    report = replace(made.full(), audits=(made.audit(cases=(case,)),))
    html = render(report)
    assert "9990000001" not in html and "3 March 2031" not in html


def test_lists_of_several_practices_are_refused_even_where_given() -> None:
    report = replace(made.full(), place=replace(made.full().place, practices=2))
    assert lists.build(report).body is None
    assert "Dr Example" not in Outline(render(report)).text


def groups_table(report: ContinuityReport) -> list[list[str]]:
    body = groups.build(report).body
    assert isinstance(body, groups.Chart)
    return [[cell.text for cell in row] for row in body.table.rows]


def test_talking_points_each_end_in_a_question() -> None:
    report = replace(made.full(), made=made.full().made.replace(month=8))
    points = short.talking_points(report)
    assert len(points) == 3 and all(point.endswith("?") for point in points)
    assert points[0].startswith("The newest contact is from 31 May 2031.")
    clean = replace(report.counting, lines=(), no_named_gp=0)
    assert short.talking_points(replace(made.full(), counting=clean)) == ()


def test_the_sum_of_what_was_not_counted_adds_up() -> None:
    for report in (made.full(), made.small(), made.many()):
        assert report.counting.adds_up
        body = counted.build(report).body
        assert isinstance(body, counted.Counted)
        figures = [int(row[-1].text.replace(",", "")) for row in body.table.rows]
        assert figures[0] - sum(figures[1:-1]) == figures[-1]
        assert "not explained" not in str(body.table)


def test_a_sum_that_does_not_add_up_says_so() -> None:
    report = made.full()
    broken = replace(report, counting=replace(report.counting, counted=1))
    body = counted.build(broken).body
    assert isinstance(body, counted.Counted)
    assert "not explained" in str(body.table)


def test_gps_stand_from_a_to_z_and_none_in_a_heading() -> None:
    report = made.full()
    body = lists.build(report).body
    assert isinstance(body, lists.Chart)
    names = [row[0].text for row in body.table.rows]
    assert names == sorted(names)
    for _, words in Outline(page("full")).headings:
        assert "Dr " not in words


@pytest.mark.parametrize("name", sorted(define.EXAMPLES))
def test_worked_examples_are_true_of_their_letters(name: str) -> None:
    letters = define.EXAMPLES[name]
    assert len(letters) == 5
    most = max(letters.count(letter) for letter in letters)
    pairs = list(pairwise(letters))
    share = {
        "slicc": letters.count("O") / 5,
        "slicc_team": (letters.count("O") + letters.count("T")) / 5,
        "upc": most / 5,
        "secon": sum(a == b for a, b in pairs) / 4,
        "k": (5 - len(set(letters))) / 4,
        "opr": letters.count("O") / 5,
    }
    said = define.text(f"define.example.{name}")
    if name in share:
        assert f"{round(share[name] * 100)} in 100" in said
    elif name == "clinicians":
        assert f"{len(set(letters))} different GPs" in said
    else:
        assert "40, 20, 20 and 20 in 100" in said
        assert [letters.count(kind) for kind in "OBPH"] == [2, 1, 1, 1]


def test_every_measure_on_the_page_is_defined_on_it() -> None:
    for report in (made.full(), made.no_named_gps(), made.small()):
        body = define.build(report).body
        assert isinstance(body, define.Define)
        defined = {item.name for item in body.definitions}
        shown = {measures.name(headline.estimate) for headline in report.headlines}
        assert shown <= defined


def test_the_same_results_give_the_same_bytes() -> None:
    assert render(made.small()) == render(made.small())


def test_every_chart_has_its_parts() -> None:
    report = made.full()
    for build in (who.build, months.build, lists.build, groups.build):
        body = build(report).body
        assert isinstance(body, who.Chart)
        assert body.heading and "Practice A" in body.line and " contacts" in body.line
        for panel in body.panels:
            assert panel.drawing.title and panel.drawing.description
        assert body.table.rows and body.table.csv.rows
