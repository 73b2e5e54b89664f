"""A heading is true of its own table: each claim is worked out again from the table's cells.

The rules are written here a second time, plainly, from the text and the downloads
that a reader gets, and never from the results that the page was made of.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hamlets.continuity.results import (
    STEPS,
    ContinuityReport,
    Estimate,
    GroupFactor,
    GroupRow,
    Month,
    Outside,
    Waterfall,
)
from hamlets.continuity.summary import judged
from hamlets.publish.page import Chart
from hamlets.publish.sections import groups, lists, months, short, who
from tests.fixtures.report import made

shares = st.floats(0, 1, allow_subnormal=False)
sides: st.SearchStrategy[Outside] = st.sampled_from(("no", "no", "higher", "lower"))
MONTH_NAMES = tuple(date(2031, month, 1).strftime("%B") for month in range(1, 13))


def table_of(section: object) -> tuple[Chart, list[list[str]]]:
    """Return the chart of a section and the text of its table."""
    body = getattr(section, "body", None)
    assert isinstance(body, Chart)
    return body, [[cell.text for cell in row] for row in body.table.rows]


@given(st.lists(st.integers(0, 10**6), min_size=6, max_size=6).filter(any))
def test_who_patients_saw(counts: list[int]) -> None:
    report = replace(made.full(), waterfall=Waterfall(tuple(counts)))
    chart, table = table_of(who.build(report))
    percents = [int(row[2].removesuffix("%")) for row in table]
    assert sum(percents[:-1]) == percents[-1] == 100
    own, *team = (int(n) for n in re.findall(r"(\d+) (?:were|with)", chart.heading))
    assert own == percents[0]
    # Where nobody else of the team saw anyone, the heading leaves the team out.
    assert team == ([sum(percents[:3])] if counts[1] or counts[2] else [])
    description = getattr(chart.panels[0].drawing, "description", "")
    assert [int(n) for n in re.findall(r"(\d+)", description)[1:]] == percents[:-1]
    assert [row[0] for row in chart.table.csv.rows] == list(STEPS)


@given(st.lists(sides, min_size=1, max_size=9))
def test_list_by_list(outside: list[Outside]) -> None:
    full = made.full()
    rows = tuple(replace(row, outside=side) for row, side in zip(full.lists, outside, strict=False))
    chart, table = table_of(lists.build(replace(full, lists=rows)))
    differ = sum(row[-1] != "no" for row in table)
    numbers = [int(n) for n in re.findall(r"\d+", chart.heading)]
    if differ == 0:
        assert chart.heading.startswith("No list differs")
    else:
        assert numbers == [differ, len(table)]
    assert not any(row[0] in chart.heading for row in table)


labels = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Zs"]), min_size=1, max_size=9
)


@st.composite
def reports_with_groups(draw: st.DrawFn) -> ContinuityReport:
    factors: list[GroupFactor] = []
    for factor in ("age_band", "sex", "ethnicity", "language", "n_band"):
        names = draw(st.lists(labels, min_size=1, max_size=4, unique=True))
        rows = tuple(GroupRow(name, made.estimate(0.5), draw(sides)) for name in names)
        factors.append(GroupFactor(factor, rows))
    return replace(made.full(), groups=tuple(factors))


@given(reports_with_groups())
def test_who_gets_less(report: ContinuityReport) -> None:
    section = groups.build(report)
    if section.body is None:  # nobody's group is known
        return
    chart, table = table_of(section)
    lower = [row for row in table if row[-1] == "lower"]
    higher = [row for row in table if row[-1] == "higher"]
    told = lower or higher
    if not told:
        assert chart.heading == "No group stands clearly apart"
        return
    words = "fewer" if lower else "more"
    assert chart.heading.endswith(f"had {words} contacts with their own GP than others")
    if len(told) > 2:
        assert chart.heading.startswith(f"{len(told)} of {len(table)} groups ")
    else:
        for row in told:
            spoken = row[1] if row[1] != "not recorded" else f"{row[0].lower()} not recorded"
            assert spoken.lower() in chart.heading.lower()


def naive_heading(values: list[tuple[str, float]]) -> str:
    """Work out the trend's heading from (month, value) pairs of the download."""
    n = len(values)
    if n < 13:
        return f"Too few months ({n}) to say whether seen by own GP is changing"
    shares_only = [value for _, value in values]
    mean = sum(shares_only) / n
    steps = [abs(b - a) for a, b in pairwise(shares_only)]
    usual = sum(steps) / len(steps)
    kept = [step for step in steps if step < 3.267 * usual] or steps
    reach = 2.66 * sum(kept) / len(kept)
    above = [0 if abs(v - mean) < 1e-12 else 1 if v > mean else -1 for v in shares_only]
    run = 0
    while run < n and above[-1] != 0 and above[-1 - run] == above[-1]:
        run += 1
    if run >= 7:
        way = "higher" if above[-1] == 1 else "lower"
        return f"Seen by own GP has been {way} than usual since {spoken(values[n - run][0])}"
    last = shares_only[-7:]
    if sorted(set(last)) == last:
        return "Seen by own GP has risen 7 months running"
    if sorted(set(last), reverse=True) == last:
        return "Seen by own GP has fallen 7 months running"
    unusual = [(m, v) for m, v in values if v > mean + reach or v < mean - reach]
    if unusual:
        month, value = unusual[-1]
        return f"{spoken(month)} was unusually {'high' if value > mean else 'low'}"
    return f"Seen by own GP shows no clear change over {n} months"


def spoken(month: str) -> str:
    year, number = month.split("-")
    return f"{MONTH_NAMES[int(number) - 1]} {year}"


# Small whole numbers make runs, ties and rising series likely.
steady = st.lists(st.integers(40, 46).map(lambda n: n / 100), min_size=1, max_size=24)
rising = st.integers(0, 16).flatmap(
    lambda n: st.lists(st.integers(40, 60), min_size=n, max_size=n).map(
        lambda before: [v / 100 for v in [*before, *range(40, 54, 2)]]
    )
)
any_months = st.lists(st.none() | shares, min_size=1, max_size=24)


@given(steady | rising | rising.map(lambda v: v[::-1]) | any_months)
def test_month_by_month(values: list[float | None]) -> None:
    starts = made.month_starts(len(values))
    trend = judged(
        [
            Month(start, made.estimate(value, 0.02))
            for start, value in zip(starts, values, strict=True)
        ]
    )
    section = months.build(replace(made.full(), trend=trend))
    if all(value is None for value in values):
        assert section.body is None
        return
    chart, table = table_of(section)
    download = [
        (str(row[0]), float(row[1])) for row in chart.table.csv.rows if isinstance(row[1], float)
    ]
    assert chart.heading == naive_heading(download)
    marked = [row[0] for row in table if row[-1] == "yes"]
    if "since" in chart.heading:
        assert chart.heading.endswith(marked[0])
    if "shows no clear change" in chart.heading or "Too few" in chart.heading:
        assert marked == []


@given(shares, st.floats(0, 0.14))
def test_the_lead_sentence(value: float, half: float) -> None:
    estimate = Estimate(
        "slicc", "clinician", value, max(0.0, value - half), min(1.0, value + half), 0.1
    )
    full = made.full()
    headline = replace(full.headlines[0], estimate=estimate)
    section = short.build(replace(full, headlines=(headline, *full.headlines[1:])))
    assert isinstance(section.body, short.Short)
    share = section.body.table.csv.rows[0][2]
    assert isinstance(share, float)
    rest = section.body.lead
    assert ("someone other" in rest) == (share < 0.45)
    assert rest.startswith("About half") == (0.45 <= share < 0.55)
    assert rest.startswith("Most") == (share < 0.35 or share >= 0.70)
    assert rest.startswith("More than half") == (0.35 <= share < 0.45 or 0.55 <= share < 0.70)


_LEAST = r"(?:[1-9]\d*|fewer than 1)"
"""A clear change leaves out no change, so its range never begins with 0."""


@given(st.floats(-0.5, 0.5), st.floats(0, 0.3))
def test_a_change_is_told_only_where_its_interval_leaves_out_no_change(
    difference: float, half: float
) -> None:
    report = made.with_change(made.full(), difference, difference - half, difference + half)
    change = report.headlines[0].change
    assert change is not None
    said = short.change_words(change)
    if difference - half > 0:
        assert re.search(
            rf"more in every 100 than in April \(between {_LEAST} and \d+ more\)$", said
        )
    elif difference + half < 0:
        assert re.search(
            rf"fewer in every 100 than in April \(between {_LEAST} and \d+ fewer\)$", said
        )
    else:
        assert said.startswith("No clear change since April (between ")
    assert "better" not in said and "worse" not in said
    assert change.before == date(2031, 4, 1)
