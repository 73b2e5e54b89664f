"""The results of a monthly pack: one month of one practice, and the months that led to it."""

from __future__ import annotations

from calendar import month_name
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hamlets.continuity.asking import Asker, Scope, find_scope
from hamlets.continuity.calendar import (
    Window,
    day_number,
    day_of,
    month_number,
    month_start,
    months_before,
)
from hamlets.continuity.conventions import Conventions
from hamlets.continuity.counting import read_counting
from hamlets.continuity.given import find_given
from hamlets.continuity.headlines import RATIOS, ROLLING, YEAR, judged, last_change, read_months
from hamlets.continuity.named_gps import named_gp_health
from hamlets.continuity.pack_events import gps_of, read_events, staff_count
from hamlets.continuity.periods import Spans, contact_days, full_months
from hamlets.continuity.presence import read_presence
from hamlets.continuity.results import (
    Action,
    ContinuityReport,
    Given,
    Headline,
    Level,
    LoadSum,
    MonthlyPack,
    NamedGpHealth,
    Options,
    PackEvent,
    Period,
    Place,
    Source,
    Workforce,
)
from hamlets.continuity.staffing import workforce
from hamlets.continuity.summary import read_lists, read_waterfall
from hamlets.continuity.weeks import last_weeks
from hamlets.errors import NothingToMeasureError
from hamlets.records import Store

_TREND = 24
_WINDOW = 24


def monthly_pack(
    store: Store,
    practice: str,
    month: date,
    *,
    made: date | None = None,
    loaded: date | None = None,
    invented: bool = False,
    actions: Sequence[Action] | None = None,
    thanks: str = "",
    managers: bool = False,
    plans: Sequence[PackEvent] = (),
    threads: int | None = None,
) -> MonthlyPack:
    """Return the pack of the month that ``month`` lies in.

    ``actions`` (None: no list was given) and ``thanks`` are the manager's own words; ``plans``
    are what became of plans of teams in the month. The
    pack of an invented store is ``invented`` in any case. Raises UnknownPlaceError for a
    practice that is not here, NothingToMeasureError for one without registered patients
    and for a month that the records do not hold in full.
    """
    from hamlets.continuity import measure_many

    scope = find_scope(store, practice)
    spans = month_spans(store, month)
    asker = Asker(store, scope, Conventions(), measure_many, threads)
    report = _report(
        store, practice, scope, asker, spans, made or date.today(), loaded, invented, managers
    )
    last = spans.year.last
    health = _health(store, practice, last, managers)
    return MonthlyPack(
        month=spans.year.first,
        report=report,
        events=read_events(store, practice, spans.year, plans),
        workforce=_workforce(store, practice, last, threads),
        health=health,
        last_load=_last_load(store),
        gps=gps_of(store, practice),
        staff=staff_count(store, practice, last),
        weeks=_usual_weeks(last),
        actions=None if actions is None else tuple(actions),
        thanks=thanks,
        managers=managers,
    )


def month_spans(store: Store, month: date) -> Spans:
    """Return the periods of a pack; NothingToMeasureError for a month not held in full."""
    first, last = contact_days(store)
    months = full_months(first, last)
    wanted = month_number(month)
    if wanted not in months:
        raise _no_data(month, store)
    known = [m for m in months if m <= wanted][-_TREND:]
    start, end = month_start(wanted), month_start(wanted + 1) - timedelta(days=1)
    return Spans(
        year=Period(start, end),
        patients=Period(month_start(max(months[0], wanted - _WINDOW + 1)), end),
        months=tuple(month_start(m) for m in known),
    )


def _no_data(month: date, store: Store) -> NothingToMeasureError:
    first, last = contact_days(store)
    held = [month_start(number) for number in full_months(first, last)]
    hint = (
        f"Whole months held: {_named(held[0])} to {_named(held[-1])}."
        if held
        else "The records hold no whole month."
    )
    return NothingToMeasureError(
        f"We have no data for {_named(month)} yet.", where="--month", hint=hint
    )


def _named(month: date) -> str:
    return f"{month_name[month.month]} {month.year}"


def _report(
    store: Store,
    practice: str,
    scope: Scope,
    asker: Asker,
    spans: Spans,
    made: date,
    loaded: date | None,
    invented: bool,
    managers: bool,
) -> ContinuityReport:
    given = find_given(store, practice)
    levels: tuple[Level, ...] = ("clinician", "team") if given.teams else ("clinician",)
    asker.prepare(
        spans.year,
        {
            (): ("slicc", "opr", "waterfall", "clinicians", "same_as_previous"),
            ("list",): ("opr",),
        },
        levels,
        optional=True,
    )
    rows = asker.rows("clinicians", spans.year)
    if not rows or not rows[0]["n_contacts"]:
        raise NothingToMeasureError(
            f"No contact of {practice}'s patients counts in {_named(spans.year.first)}.",
            where="--practice, --month",
            hint="`hamlets measure --by practice,month` shows what there is.",
        )
    named = asker.one("slicc", spans.year)
    given = replace(given, named_gps=given.named_gps and named.n_contacts > 0)
    _prepare_more(asker, spans, levels, given)
    headlines = _headlines(asker, spans, given)
    presence = read_presence(store, scope.homes, spans.year.first, spans.year.last)
    left_over = rows[0]["n_contacts"] - named.n_contacts if given.named_gps else None
    first, last = contact_days(store)
    overall = headlines[0].estimate
    return ContinuityReport(
        place=Place(
            scope.name,
            scope.practices,
            patients=presence.patients_now,
            one_clinician=overall.chance is not None and overall.chance > 1 - 1e-9,
            invented=invented or store.invented,
        ),
        made=made,
        period=spans.year,
        source=_source(store, first, last, loaded),
        options=Options(),
        given=given,
        headlines=headlines,
        waterfall=replace(read_waterfall(asker, spans), months=()) if given.named_gps else None,
        trend=judged(read_months(asker, spans, "slicc" if given.named_gps else "same_as_previous")),
        lists=_year_lists(store, scope, asker, spans) if managers and given.named_gps else (),
        groups=(),
        groups_overall=None,
        counting=read_counting(rows[0], store, scope, presence, left_over),
        full_months=1,
        definition_version=overall.definition_version,
    )


def _prepare_more(asker: Asker, spans: Spans, levels: tuple[Level, ...], given: Given) -> None:
    asker.prepare(spans.patients, {(): ("upc",)}, optional=True)
    if spans.trend is not None:
        asker.prepare(spans.trend, {("month",): RATIOS}, levels, optional=True)
    if spans.last_two is not None:
        asker.prepare(spans.last_two, {("month",): ("upc",)}, optional=True)
        if not given.named_gps:
            rolling = {("month",): ROLLING}
            asker.prepare(spans.last_two, rolling, optional=True, window_months=YEAR)
    if not given.named_gps:
        asker.prepare(_year(spans), {(): ROLLING}, optional=True)


def _year(spans: Spans) -> Period:
    """Return the 12 months to the month's end, or as many of them as the records hold."""
    last = spans.year.last
    return Period(max(months_before(last, YEAR) + timedelta(days=1), spans.patients.first), last)


def _headlines(asker: Asker, spans: Spans, given: Given) -> tuple[Headline, ...]:
    """Return the four headline numbers of the month, the main one first."""

    def headline(measure: str, period: Period, level: Level = "clinician") -> Headline:
        estimate = asker.one(measure, period, level)
        return Headline(estimate, period, last_change(asker, spans, measure, level))

    month = spans.year
    most = headline("upc", spans.patients)
    same = headline("same_as_previous", month)
    if not given.named_gps:
        return most, same, *(headline(measure, _year(spans)) for measure in ROLLING)
    holders = [row for row in asker.rows("opr", month, ("list",)) if row["n_contacts"]]
    own_day = replace(headline("opr", month), n_staff=len(holders))
    team = headline("slicc", month, "team") if given.teams else same
    return headline("slicc", month), team, most, own_day


def _year_lists(store: Store, scope: Scope, asker: Asker, spans: Spans) -> Any:
    """Return the lists of the 12 months to the month's end: one month is too short for a list."""
    year = _year(spans)
    asker.prepare(year, {(): ("slicc",), ("list",): ("slicc", "opr")})
    presence = read_presence(store, scope.homes, year.first, year.last)
    return read_lists(asker, replace(spans, year=year), presence, asker.one("slicc", year))


def _source(store: Store, first: date, last: date, loaded: date | None) -> Source:
    from hamlets import __version__

    return Source(first, last, store.version, store.content_id, __version__, loaded)


def _health(store: Store, practice: str, day: date, managers: bool) -> NamedGpHealth | None:
    try:
        found = named_gp_health(store, practice, day)[0]
    except NothingToMeasureError:
        return None
    # Whose list it is stays with the managers.
    return found if managers else replace(found, lists=())


def _workforce(store: Store, practice: str, day: date, threads: int | None) -> Workforce | None:
    """Return the usual week."""
    try:
        return workforce(store, practice, date_from=_half_year(day), date_to=day, threads=threads)[
            0
        ]
    except (NothingToMeasureError, IndexError):
        return None


def _half_year(last: date) -> date:
    """Return the first of six months' days: they hold 13 weeks without a bank holiday."""
    return months_before(last, 6) + timedelta(days=1)


def _usual_weeks(last: date) -> Period | None:
    """Return the first and last day of the weeks that the usual week is made of."""
    mondays = last_weeks(Window(day_number(_half_year(last)), day_number(last)))
    if not len(mondays):
        return None
    return Period(day_of(int(mondays[0])), day_of(int(mondays[-1]) + 6))


def _last_load(store: Store) -> LoadSum | None:
    loads = store.manifest.loads
    if not loads:
        return None
    sums = [
        sum(int(n) for n in loads[-1].get(f"rows_{name}", {}).values())
        for name in ("read", "kept", "refused", "collapsed")
    ]
    return LoadSum(*sums)


__all__ = ["month_spans", "monthly_pack"]
