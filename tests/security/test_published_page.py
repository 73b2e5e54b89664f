"""A page made for sharing says no small number anywhere, and names no GP."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hamlets.continuity.headlines import judged
from hamlets.continuity.results import (
    ContinuityReport,
    Counting,
    CountLine,
    Estimate,
    GroupFactor,
    GroupRow,
    Waterfall,
)
from hamlets.errors import NothingToMeasureError
from hamlets.publish.public import public_report
from hamlets.publish.report import render
from tests.fixtures.report import made

COUNTED = re.compile(r"(\d[\d,]*) (?:GP )?(?:contacts|patients|rows)\b")
BANDS = re.compile(
    r"Patients with (fewer than )?(\d+ to \d+|\d+ or more|\d+) contacts?"
    r"|^(1|2|3 to 4|5 to 9|10 or more) contacts?$|Fewer than 100 patients"
)
"""Names of groups and rules of the count: the same for everybody."""
COUNT_HEADS = {"Contacts", "Patients", "Rows", "GPs"}
LEFT_OUT = {"7 or fewer", "not shown", "\N{EN DASH}", ""}


class Page(HTMLParser):
    """All text of a page, its tables and its downloads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feet: list[str] = []
        self._foot = False
        self.csvs: list[list[list[str]]] = []
        self.tables: list[list[list[str]]] = []
        self.sections: list[str] = []
        self._cell: list[str] | None = None
        self._skip = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.words += [value or "" for key, value in attrs if key in ("aria-label", "title")]
        self._foot = self._foot or given.get("class") == "card-foot"
        if tag == "section":
            self.sections.append(given.get("id") or "")
        if tag == "style":
            self._skip += 1
        elif tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self._cell = []
        href = given.get("href") or ""
        if href.startswith("data:text/csv"):
            text = unquote(href.partition(",")[2]).lstrip("\N{ZERO WIDTH NO-BREAK SPACE}")
            self.csvs.append(list(csv.reader(io.StringIO(text))))

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self._foot = False
        if tag == "style":
            self._skip -= 1
        elif tag in ("td", "th") and self._cell is not None:
            self.tables[-1][-1].append(" ".join(self._cell))
            self._cell = None

    def handle_data(self, data: str) -> None:
        if self._skip or not data.strip():
            return
        if self._foot:
            self.feet.append(data)
        if self._cell is not None:
            self._cell.append(data.strip())
        if self.sections[-1:] != ["define"]:  # its worked examples are the same for everybody
            self.words.append(data)


def counts_of(page: Page) -> Iterator[tuple[str, str]]:
    """Yield every count on the page with where it stands."""
    for words in page.words:
        for found in COUNTED.finditer(BANDS.sub("", words.strip())):
            yield words, found[1]
    for words in page.feet:
        yield from ((words, found[1]) for found in COUNTED.finditer(words))
    for table in page.tables:
        for place, head in enumerate(table[0]):
            if head in COUNT_HEADS:
                for row in table[1:]:
                    # a cell repeats its head for narrow screens
                    yield head, row[place].removeprefix(head).strip()
    for rows in page.csvs:
        for place, head in enumerate(rows[0]):
            if head.startswith("n_") or head == "rows":
                yield from ((head, row[place]) for row in rows[1:])


def check_page(report: ContinuityReport) -> str:
    html = render(public_report(report, judged).report)
    page = Page(html)
    assert page.csvs
    assert page.tables
    for where, count in counts_of(page):
        if count in LEFT_OUT:
            continue
        assert re.fullmatch(r"\d+", count.replace(",", "")), (where, count)
        number = int(count.replace(",", ""))
        assert number % 5 == 0 and number >= 10, (where, count)
    # The row of all contacts is all of them by definition; a range may reach to either end.
    text = " ".join(page.words).replace("Share of contacts 100%", "")
    text = re.sub(r"between \d+ and \d+ in 100", "", text)
    assert not re.search(r"(?<![\d,.])(0|100)%|(?<![\d,.])(0|100) in 100\b", text), text[:200]
    for row in report.lists:
        assert row.name not in html
        assert row.staff_id not in text
    assert report.source.content_id[:12] not in html
    assert not {"lists", "audits", "workforce"} & set(page.sections)
    assert "Made for sharing. Small numbers are left out." in text
    return html


@pytest.mark.parametrize("number", (1, 2, 3, 33))
def test_every_kind_of_page(number: int) -> None:
    report = made.variants()[number]
    if report.place.one_clinician or report.place.patients < 8:
        with pytest.raises(NothingToMeasureError):
            public_report(report, judged)
        return
    check_page(report)


def test_the_page_for_staff_does_not_pass() -> None:
    """The same crawler finds names and small numbers on a page that is not for sharing."""
    report = made.with_main(made.full(), n_contacts=1203)
    page = Page(render(report))
    assert any(int(c.replace(",", "")) % 5 for _, c in counts_of(page) if c[:1].isdigit())
    assert report.lists[0].name in " ".join(page.words)


def some(rng: Random) -> int:
    return rng.choice((rng.randint(0, 12), rng.randint(0, 30), rng.randint(0, 3000)))


def some_estimate(rng: Random) -> Estimate:
    contacts = some(rng)
    patients = rng.randint(0, contacts)
    if not contacts or not patients:
        return Estimate("slicc", "clinician", None, reason="no contacts")
    own = rng.choice((0, contacts, rng.randint(0, contacts)))
    value, half = own / contacts, rng.uniform(0, 0.4)
    low, high = max(0.0, value - half), min(1.0, value + half)
    return Estimate(
        "slicc",
        "clinician",
        value,
        low,
        high,
        rng.random(),
        n_patients=patients,
        n_contacts=contacts,
    )


def some_report(rng: Random) -> ContinuityReport:
    """Return a report whose every count may be small."""
    report = made.full()
    labels = ("0-4", "5-15", "16-44", "45-64", "65-74", "75-84", "85+")
    rows = tuple(GroupRow(label, some_estimate(rng)) for label in labels)
    reasons = ("refused", "status", "role", "no_clinician")
    lines = tuple(CountLine(reason, some(rng)) for reason in reasons)
    counted = some(rng)
    start = counted + sum(line.rows for line in lines)
    months = tuple(
        replace(month, estimate=some_estimate(rng)) for month in report.trend.months[-4:]
    )
    first = replace(report.headlines[0], estimate=some_estimate(rng))
    return replace(
        report,
        headlines=(first, *report.headlines[1:]),
        waterfall=Waterfall(tuple(some(rng) for _ in range(6))),
        trend=replace(report.trend, months=months, signal="too_few"),
        groups=(GroupFactor("age_band", rows),),
        groups_overall=first.estimate,
        counting=Counting(start, counted, lines, no_named_gp=some(rng)),
        place=replace(report.place, patients=rng.randint(8, 300)),
    )


@given(st.integers(0, 10**6))
@settings(max_examples=6, deadline=None)
def test_any_small_numbers(seed: int) -> None:
    check_page(some_report(Random(seed)))


@pytest.mark.parametrize("seed", [2])
def test_a_small_store(seed: int, tmp_path: Path) -> None:
    from hamlets.continuity.summary import summarise
    from hamlets.records import open_store
    from tests.oracles.stores import build_store
    from tests.oracles.worlds import random_world

    path = build_store(tmp_path, random_world(Random(seed), patients=120, practices=1))
    with open_store(path) as store:
        report = summarise(store)
    check_page(report)


def test_ceilings_are_whole_hundredths_of_many_contacts_and_never_below_the_value() -> None:
    report = made.with_ceiling(made.full(), 0.001, kept=123)
    few = replace(report.trend.months[-1].estimate, n_contacts=700, ceiling=0.75)
    months = (*report.trend.months[:-1], replace(report.trend.months[-1], estimate=few))
    shown = public_report(
        replace(report, trend=replace(report.trend, months=months)), judged
    ).report
    assert shown.trend.months[-1].estimate.value is not None
    assert shown.trend.months[-1].estimate.ceiling is None
    told = [h.estimate for h in shown.headlines if h.estimate.ceiling is not None]
    told += [m.estimate for m in shown.trend.months if m.estimate.ceiling is not None]
    assert len(told) > 10
    for estimate in told:
        assert estimate.value is not None and estimate.ceiling is not None
        assert estimate.value <= estimate.ceiling
        assert estimate.ceiling in (round(estimate.ceiling, 2), estimate.value)
    assert shown.rota_allows is not None
    assert shown.rota_allows.kept < 0  # how many is not told
