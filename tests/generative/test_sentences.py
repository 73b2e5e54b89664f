"""What the page says is in its own tables: sentences and text alternatives, worked out again.

As in ``test_headings``: from the text and the downloads that a reader gets, by rules written
a second time, and never from the results that the page was made of.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hamlets.continuity.results import (
    ContinuityReport,
    Estimate,
    GroupFactor,
    GroupRow,
    Load,
    Month,
    Trend,
    Waterfall,
    Workforce,
)
from hamlets.publish import numbers
from hamlets.publish.page import Chart
from hamlets.publish.sections import (
    audits,
    counted,
    groups,
    lists,
    months,
    short,
    who,
    workforce,
)
from hamlets.publish.tables import Table
from tests.fixtures.report import made

DASH = "\N{EN DASH}"
shares = st.floats(0, 1, allow_subnormal=False)


@st.composite
def estimates(draw: st.DrawFn, measure: str = "slicc") -> Estimate:
    """Return an estimate with or without a value, its range narrow or too wide."""
    value = draw(st.none() | shares)
    if value is None:
        return Estimate(measure, "clinician", None, reason="no contacts")
    low, high = draw(st.floats(0, 0.25)), draw(st.floats(0, 0.25))
    return Estimate(
        measure,
        "clinician",
        value,
        max(0.0, value - low),
        min(1.0, value + high),
        draw(st.none() | shares),
        n_patients=draw(st.integers(1, 9999)),
        n_contacts=draw(st.integers(1, 99999)),
    )


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def download(table: Table) -> list[dict[str, Any]]:
    return [dict(zip(table.csv.head, row, strict=True)) for row in table.csv.rows]


def chart_of(section: Any) -> Chart:
    assert isinstance(section.body, Chart)
    return section.body


def described(chart: Chart, panel: int = 0) -> str:
    return getattr(chart.panels[panel].drawing, "description", "")


def hundred(share: float) -> str:
    """Return a share out of 100 as a sentence says it."""
    if 0 < share < 0.01 - 1e-9:
        return "fewer than 1"
    if 0.99 + 1e-9 < share < 1:
        return "more than 99"
    return str(math.floor(share * 100 + 0.5 + 1e-9))


def outward(row: dict[str, Any]) -> tuple[int, int]:
    return math.floor(row["lower"] * 100 + 1e-9), math.ceil(row["upper"] * 100 - 1e-9)


def wide(row: dict[str, Any]) -> bool:
    return row["lower"] is not None and row["upper"] - row["lower"] > 0.3 + 1e-9


def with_headline(estimate: Estimate) -> ContinuityReport:
    full = made.full()
    first = replace(full.headlines[0], estimate=estimate)
    return replace(full, headlines=(first, *full.headlines[1:]))


@given(estimates())
def test_the_standard_sentence_and_the_step_bar(estimate: Estimate) -> None:
    body = short.build(with_headline(estimate)).body
    assert isinstance(body, short.Short)
    row = download(body.table)[0]
    if row["value"] is None:
        assert body.standard == () and body.cards[0].panel is None
        assert body.lead == "There are too few contacts to say who patients saw."
        return
    low, high = outward(row)
    said = " ".join(body.standard)
    scale = getattr(body.cards[0].panel, "drawing", None)
    if wide(row):
        assert said.startswith(f"Somewhere between {low} and {high} in 100 GP contacts")
        now = f"now somewhere from {low} to {high}"
    else:
        value = hundred(row["value"])
        start = f"{value} in 100 GP contacts were with the patient's own GP"
        assert said.lower().startswith(start.lower())
        assert f"(between {low} and {high} in 100)." in said
        now = f"now {value} ({low} to {high})"
    if row["chance"] is None:
        assert "We do not work out a chance level for this one." in said
        parts = now
    else:
        chance = hundred(row["chance"])
        assert f"whoever was working, it would be about {chance}." in said
        parts = f"by chance {chance}, {now}"
    assert scale is not None and scale.description == f"Scale of 0 to 100: {parts}."


@given(st.lists(st.integers(0, 10**6), min_size=6, max_size=6), st.data())
def test_who_patients_saw_by_month(counts: list[int], data: st.DataObject) -> None:
    assume(sum(counts))
    starts = made.month_starts(data.draw(st.integers(2, 12)))
    by_month = st.lists(st.integers(0, 999), min_size=6, max_size=6).filter(any).map(tuple)
    rows = tuple((start, data.draw(by_month)) for start in starts)
    chart = chart_of(who.build(replace(made.full(), waterfall=Waterfall(tuple(counts), rows))))
    (fold,) = chart.folds
    assert fold.table is not None
    table = texts(fold.table)
    for row in table:
        assert sum(int(cell.removesuffix("%")) for cell in row[1:]) == 100
    said = getattr(fold.panels[0].drawing, "description", "")
    first, last = (f"{row[1].removesuffix('%')} in {row[0]}" for row in (table[0], table[-1]))
    assert said == (
        f"{len(table)} bars of 100 contacts, one a month. Contacts with the own GP: "
        f"{first}, {last}."
    )


@given(st.lists(estimates(), min_size=1, max_size=24))
def test_the_line_by_month_in_words(values: list[Estimate]) -> None:
    starts = made.month_starts(len(values))
    found = tuple(Month(start, value) for start, value in zip(starts, values, strict=True))
    section = months.build(replace(made.full(), trend=Trend(found, "none")))
    if all(value.value is None for value in values):
        assert section.body is None
        return
    chart = chart_of(section)
    names = [row[0] for row in texts(chart.table)]
    rows = [
        {**row, "name": name}
        for row, name in zip(download(chart.table), names, strict=True)
        if row["value"] is not None
    ]
    told = [row for row in rows if not wide(row)]
    said = described(chart)
    if not told:
        assert said.startswith(f"Band of {len(rows)} months.")
    else:
        lowest, highest = (pick(told, key=lambda row: row["value"]) for pick in (min, max))
        first, last = told[0], told[-1]
        start = (
            f"Line of {len(rows)} months. From {hundred(first['value'])} in 100 in "
            f"{first['name']} to {hundred(last['value'])} in {last['name']}; "
            f"lowest {hundred(lowest['value'])} in {lowest['name']}, "
            f"highest {hundred(highest['value'])} in {highest['name']}."
        )
        if len(rows) == 1:
            start = f"Only 1 month: {hundred(first['value'])} in 100 in {first['name']}."
        assert said.startswith(start)
    chance = rows[-1]["chance"]
    assert (f"Chance about {hundred(chance)}." in said) if chance is not None else True
    assert said.endswith(f"{chart.heading}.")


@given(st.lists(estimates(), min_size=1, max_size=9))
def test_the_lists_in_words(values: list[Estimate]) -> None:
    full = made.full()
    rows = tuple(
        replace(row, estimate=value) for row, value in zip(full.lists, values, strict=False)
    )
    chart = chart_of(lists.build(replace(full, lists=rows)))
    table = download(chart.table)
    told = [row["value"] for row in table if row["value"] is not None and not wide(row)]
    differ = sum(row["differs"] != "no" for row in table)
    if not told:
        said = f"{len(table)} lists, each with too few contacts for a figure."
    else:
        said = (
            f"{len(table)} lists, from {hundred(min(told))} to {hundred(max(told))} in 100. "
            f"{differ} outside the range that luck gives."
        )
    assert described(chart) == said


@given(st.lists(estimates(), min_size=1, max_size=5))
def test_the_groups_in_words(values: list[Estimate]) -> None:
    bands = ("0-4", "5-15", "16-44", "45-64", "65-74")
    rows = tuple(GroupRow(band, value) for band, value in zip(bands, values, strict=False))
    chart = chart_of(groups.build(replace(made.full(), groups=(GroupFactor("age_band", rows),))))
    said: list[str] = []
    for row, cells in zip(download(chart.table), texts(chart.table), strict=True):
        if row["value"] is None:
            value = "no contacts"
        elif wide(row):
            low, high = outward(row)
            value = f"somewhere between {low} and {high} in 100: too few contacts to say more"
        else:
            low, high = outward(row)
            value = f"{hundred(row['value'])} in 100 (between {low} and {high} in 100)"
        said.append(f"Patients aged {cells[1]}: {value}.")
    assert described(chart) == " ".join(said)


@given(
    st.integers(0, 5000),
    st.integers(1, 90000),
    st.integers(0, 3000),
    st.dates(date(2031, 6, 1), date(2031, 9, 30)),
)
def test_talking_points(lost: int, kept: int, unnamed: int, made_on: date) -> None:
    full = made.full()
    lines = tuple(
        replace(line, rows=lost) if line.reason == "no_clinician" else line
        for line in full.counting.lines
    )
    counting = replace(
        full.counting,
        lines=lines,
        counted=kept,
        start=kept + sum(line.rows for line in lines),
        no_named_gp=min(unnamed, kept),
    )
    report = replace(full, made=made_on, counting=counting)
    shown, sums = short.build(report).body, counted.build(report).body
    assert isinstance(shown, short.Short) and isinstance(sums, counted.Counted)
    rows = {row["line"]: row["rows"] for row in download(sums.table)}
    found = re.findall(r"contacts, ([\d,]+) were of patients without", " ".join(sums.after))
    without = int(found[0].replace(",", "")) if found else 0
    points = list(shown.talk)
    assert all(point.endswith("?") for point in points)
    if (made_on - date(2031, 5, 31)).days > 45:
        assert points.pop(0).startswith("The newest contact is from 31 May 2031.")
    share = rows["no_clinician"] / (rows["no_clinician"] + rows["counted"])
    if share >= 0.05:
        assert points.pop(0).lower().startswith(f"{hundred(share)} in 100 contacts have no clin")
    if without / rows["counted"] >= 0.01:
        said = f"In {hundred(without / rows['counted'])} in 100 GP contacts the patient had no"
        assert points.pop(0).startswith(said)
    assert points == []


@given(st.lists(st.integers(0, 99999), min_size=9, max_size=9), st.integers(1, 99999))
def test_the_sum_in_words(taken: list[int], kept: int) -> None:
    full = made.full()
    lines = tuple(
        replace(line, rows=rows) for line, rows in zip(full.counting.lines, taken, strict=True)
    )
    counting = replace(full.counting, lines=lines, counted=kept, start=kept + sum(taken))
    body = counted.build(replace(full, counting=counting)).body
    assert isinstance(body, counted.Counted)
    said = [int(n.replace(",", "")) for n in re.findall(r"[\d,]*\d", body.lead)]
    assert said[0] - sum(said[2:]) == said[1]
    rows = texts(body.table)
    told = {int(row[1].replace(",", "")) for row in rows[1:-1]}
    assert set(said[2:]) == told
    assert said[:2] == [int(row[1].replace(",", "")) for row in (rows[0], rows[-1])]


spreads = st.lists(st.integers(0, 12), min_size=13, max_size=13).filter(any).map(tuple)


@given(spreads, spreads, st.floats(0, 2), st.sampled_from((365, 90)), st.booleans())
def test_audits(
    cases: tuple[int, ...], others: tuple[int, ...], half: float, days: int, bare: bool
) -> None:
    cohort = made.audit_group("cases", cases, half)
    if bare:
        gps = replace(cohort.mean("gps"), lower=None, upper=None)
        cohort = replace(cohort, means=(gps, *cohort.means[1:]))
    found = made.audit(
        look_back_days=days,
        groups=(
            cohort,
            made.audit_group("controls", others, 0.3),
            made.audit_group("controls_matched", others, 0.3),
        ),
    )
    body = audits.build(replace(made.full(), audits=(found,))).body
    assert isinstance(body, audits.Shown)
    told, nobody = body.audits
    assert nobody.chart is None and nobody.state is not None
    if sum(cases) < 8:
        assert told.chart is None
        assert told.state is not None and "Too few to average" in told.state
        assert re.findall(r"\d+", told.state) == [str(sum(cases))]
        return
    chart = told.chart
    assert chart is not None
    rows = {row[0]: row[1:] for row in texts(chart.table)}
    mean, _, similar, _ = rows["Different GPs"]
    value, _, bounds = mean.partition(" ")
    when = "in the year" if days == 365 else f"in the {days} days"
    said = f"Patients saw {value} different GPs on average {when} before a cancer diagnosis"
    if bounds:
        said += f" (between {bounds.strip('()').replace(' to ', ' and ')})"
    if similar != DASH:
        said += f"; similar patients saw {similar.partition(' ')[0]}"
    assert chart.heading == said
    assert (similar == DASH) == (sum(others) < 8)
    assert described(chart) == f"{said}. {rows['Number of patients'][0]} patients."
    (fold,) = chart.folds
    assert fold.table is not None
    # The cells are counts under 100 patients, else shares; each as the download has it.
    printed = zip(*(row[1:] for row in texts(fold.table)), strict=True)
    groups = [[int(n or 0) for n in part] for part in zip(*(r[1:] for r in fold.table.csv.rows))]  # noqa: B905
    unit = sum(groups[0]) if sum(cases) < 100 else 100
    drawing: Any = chart.panels[0].drawing
    drawn = [part for part in (drawing.filled, drawing.outlined) if part]
    for cells, counts, heights in zip(printed, groups, drawn, strict=True):
        exact_parts = [n / sum(counts) for n in counts]
        if sum(cases) < 100:
            assert list(cells) == [str(n) for n in counts]
        else:
            assert list(cells) == [numbers.percent(share) for share in exact_parts]
        assert heights == pytest.approx([share * unit for share in exact_parts])
    # The mean is that of the columns' own counts: the last stands for 12 exactly here.
    counts = [(int(str(row[0]).rstrip("+")), row[1]) for row in fold.table.csv.rows]
    exact = sum(n * int(k or 0) for n, k in counts) / sum(int(k or 0) for _, k in counts)
    assert abs(exact - float(value)) <= 0.05 + 1e-9


half_days = st.lists(st.integers(0, 3), min_size=10, max_size=10).map(tuple)
covered = st.lists(st.booleans(), min_size=5, max_size=5).map(tuple)
never = st.just((1,) * 10)
always = st.just((True,) * 5)


@st.composite
def weeks(draw: st.DrawFn) -> Workforce:
    full = made.workforce()
    names = draw(st.sampled_from(((), ("Team Blue",), ("Team Blue", "Team Green", "Team Red"))))
    teams = tuple(
        made.week_row(name, draw(half_days | never), draw(covered | always)) for name in names
    )
    whole = made.week_row("", draw(half_days | never), draw(covered | always))
    known = draw(st.booleans())
    return replace(full, week=(whole, *teams), roles_known=known)


@given(weeks())
def test_the_heading_of_the_week(found: Workforce) -> None:
    body = workforce.build(replace(made.full(), workforce=found)).body
    assert isinstance(body, workforce.Shown)
    who_is = "GP" if found.roles_known else "clinician"
    heads = [column.head for column in body.week.columns]
    rows = texts(body.week)
    teams = rows[1:] or rows
    core = [i for i, head in enumerate(heads) if re.fullmatch(r"(Mon|Tue|Wed|Thu|Fri) [ap]m", head)]
    assert len(core) == 10
    gaps = {row[0]: sum(row[i] == "none" for i in core) for row in teams}
    gaps = {team: n for team, n in gaps.items() if n}
    days = {row[0]: 5 - int(row[-1].split(" of ")[0]) for row in teams}
    days = {team: n for team, n in days.items() if n}
    if len(gaps) > 1:
        said = f"{len(gaps)} of {len(teams)} teams have half-days without a {who_is}"
    elif gaps:
        ((team, n),) = gaps.items()
        said = f"{n} half-day{'s have' if n > 1 else ' has'} no {who_is} of {team}"
    elif len(days) > 1:
        said = f"{len(days)} of {len(teams)} teams often have no {who_is} on a weekday"
    elif days:
        ((team, n),) = days.items()
        said = f"{n} weekday{'s' if n > 1 else ''} often ha{'ve' if n > 1 else 's'} no {who_is}"
        said += f" of {team}"
    else:
        place = "Every team" if rows[1:] else "The practice"
        said = f"{place} has a {who_is} on every day"
    assert body.heading == said


@given(
    st.integers(1, 40),
    st.none() | st.floats(0.5, 300),
    st.integers(0, 40),
    st.none() | shares,
    st.none() | st.tuples(st.integers(1, 9999), st.floats(1, 40), st.floats(0, 20), shares),
)
def test_the_lead_of_the_workforce(
    gps: int,
    sessions: float | None,
    below: int,
    own_gp_half_days: float | None,
    load: tuple[int, float, float, float] | None,
) -> None:
    full = made.workforce()
    unit = replace(
        full.practice,
        headcount_gps=gps,
        sessions_per_week_gps=sessions,
        gps_with_sessions=0 if sessions is None else gps,
        share_below_6_sessions=None if sessions is None else min(below, gps) / gps,
        own_gp_half_days=own_gp_half_days,
        load=Load(0, None, None, None)
        if load is None
        else Load(load[0], load[1], load[1] + load[2], load[3]),
    )
    body = workforce.build(replace(made.full(), workforce=replace(full, practice=unit))).body
    assert isinstance(body, workforce.Shown)
    cells, row = texts(body.units)[0], download(body.units)[0]
    noun = "GP works" if row["gps"] == 1 else "GPs work"
    if row["gp_sessions_per_week"] is None:
        said = f"{row['gps']} {noun} here. We do not know "
        said += "the sessions." if row["gps"] == 1 else "their sessions."
    else:
        said = f"{row['gps']} {noun} {cells[3]} sessions a week. {cells[5]} work fewer than 6."
    if row["own_gp_half_days"] is not None:
        tens = math.floor(row["own_gp_half_days"] * 10 + 0.5 + 1e-9)
        words = {0: "fewer than 1", 10: "more than 9"}
        told = words.get(tens, str(tens)) if 0 < row["own_gp_half_days"] < 1 else str(tens)
        said += f" A patient's own GP is here in {told} of 10 half-days."
    assert body.lead == said
    if row["contacts_a_day_median"] is None:
        assert body.load is None
        return
    assert body.load is not None
    figures = re.findall(r"[\d,.]*\d", body.load)
    middle, high = (
        f"{math.floor(row[name] * 10 + 0.5 + 1e-9) / 10:.1f}".removesuffix(".0")
        for name in ("contacts_a_day_median", "contacts_a_day_centile_90")
    )
    assert figures[:3] == [middle, f"{row['clinician_days']:,}", high]
    over = row["share_of_days_over_25"]
    if over == 0:
        assert body.load.endswith("No day had more than 25.")
    else:
        assert f" {hundred(over)} in 100 of these days".lower() in body.load.lower()
