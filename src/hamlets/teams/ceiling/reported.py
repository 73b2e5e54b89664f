"""A continuity report with what the rota would have allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from hamlets.continuity.calendar import (
    Window,
    day_number,
    month_label,
    month_number,
    month_start,
)
from hamlets.continuity.results import ContinuityReport, Estimate, Month, RotaAllows
from hamlets.records import Store
from hamlets.teams.ceiling.reading import (
    BOOKED_ENOUGH,
    Records,
    for_each,
    read_part,
    read_records,
    read_window,
)
from hamlets.teams.ceiling.requests import Requests
from hamlets.teams.ceiling.sums import Sums
from hamlets.teams.ceiling.windows import WORKING_DAYS, WindowName

Counts = tuple[int, int, int]
"""Requests, and those that the rota allowed with the own GP, and with the own GP or team."""


def with_ceiling(
    report: ContinuityReport,
    store: Store,
    practice: str | None = None,
    *,
    window: str | None = None,
    planned: bool = False,
    threads: int | None = None,
) -> ContinuityReport:
    """Return a report of the same store and practice with the ceilings of own GP and own team.

    Its headlines, months and lists get the most that the rota allowed: in a ``window``
    (strict, week or policy); by default policy, or week where too few days of booking are
    known. The year is booked by
    itself, as ``add_ceiling`` and ``attainable_ceiling`` book those days. A report without
    named GPs, or of other contacts than those with GPs, comes back as it was. ``planned``
    says that a plan of teams has been made.
    """
    if not report.given.named_gps or (report.options.roles, report.options.modes) != ("gp", "all"):
        return report
    only = None if practice is None else store.labels("practice").index(practice)
    year = Window(day_number(report.period.first), day_number(report.period.last))
    whole = read_records(store, _span(report, year), only, threads)
    found = whole if whole.days == year else read_part(whole, store, year, threads)
    places = sorted(p for p, each in found.requests.items() if (each.list >= 0).any())
    if not places:
        return report
    enough = found.booked(places) >= BOOKED_ENOUGH
    name = read_window(window or ("policy" if enough else "week"))
    sums, kept = _book(found, name, threads)
    months = _months(whole, found, sums, name, threads)
    people = found.reference.person_labels
    lists = {people[code]: counts for (code,), counts in sums.by(["list"]).items()}
    return replace(
        report,
        headlines=tuple(
            replace(each, estimate=_allowed(each.estimate, sums.by([]).get(())))
            for each in report.headlines
        ),
        trend=replace(
            report.trend, months=tuple(_month(each, months) for each in report.trend.months)
        ),
        lists=tuple(
            replace(row, estimate=_allowed(row.estimate, lists.get(row.staff_id)))
            for row in report.lists
        ),
        rota_allows=RotaAllows(
            window=name,
            working_days=WORKING_DAYS,
            slots=not any(found.low(place) for place in places),
            kept=kept,
            planned=planned,
        ),
    )


def _book(found: Records, window: WindowName, threads: int | None) -> tuple[Sums, int]:
    """Return what the rotas of practices allowed, and how many requests kept their slots."""
    places = sorted(found.requests)
    answers = for_each(places, lambda place: found.attain(place, window), threads)
    total = answers[0][0]
    for sums, _ in answers[1:]:
        total = total.joined(sums)
    return total, sum(kept for _, kept in answers)


def _span(report: ContinuityReport, year: Window) -> Window:
    """Return the days of the year and of the trend's months."""
    trend = report.trend.months
    if not trend or trend[0].estimate.measure != "slicc":
        return year
    last = day_number(month_start(month_number(trend[-1].start) + 1)) - 1
    return Window(min(year.first, day_number(trend[0].start)), max(year.last, last))


def _months(
    whole: Records, year: Records, sums: Sums, window: WindowName, threads: int | None
) -> dict[str, Counts]:
    """Return what the rota allowed in each month.

    The months before the year are booked apart. Someone who was never registered may count
    for another practice over the longer time: then the year's own months are booked again.
    """
    parts = [sums]
    if whole.days != year.days:
        before = whole.between(Window(whole.days.first, year.days.first - 1))
        after = whole.between(Window(year.days.first, whole.days.last))
        parts = [
            sums if _same(each.requests, year.requests) else _book(each, window, threads)[0]
            for each in (before, after)
        ]
    counts: dict[str, Counts] = {}
    for part in parts:
        for (code,), values in part.by(["month"]).items():
            counts[month_label(code)] = values
    return counts


def _same(one: Mapping[int, Requests], other: Mapping[int, Requests]) -> bool:
    """Return whether the same contacts are asked for in the same practices."""

    def known(each: Mapping[int, Requests]) -> dict[int, Requests]:
        return {place: requests for place, requests in each.items() if requests.size}

    one, other = known(one), known(other)
    return one.keys() == other.keys() and all(
        np.array_equal(one[place].patient, other[place].patient)
        and np.array_equal(one[place].day, other[place].day)
        for place in one
    )


def _month(month: Month, counts: Mapping[str, Counts]) -> Month:
    label = month_label(month_number(month.start))
    return replace(month, estimate=_allowed(month.estimate, counts.get(label)))


def _allowed(estimate: Estimate, counts: Counts | None) -> Estimate:
    """Return an estimate with its ceiling, if it has one and is of the same contacts."""
    if estimate.measure != "slicc" or estimate.value is None or counts is None:
        return estimate
    if counts[0] != estimate.n_contacts:
        return estimate
    allowed = counts[2] if estimate.level == "team" else counts[1]
    return replace(estimate, ceiling=allowed / counts[0])
