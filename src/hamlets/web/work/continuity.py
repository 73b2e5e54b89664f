"""The continuity of a practice: the report's sections as fragments, and its headline numbers."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hamlets.errors import UsageError
from hamlets.web.words import text
from hamlets.web.work.fragments import Plain, downloads, fragment, plain

if TYPE_CHECKING:
    from hamlets.continuity.results import ContinuityReport, Headline, Period
    from hamlets.publish.page import Section
    from hamlets.records import Store
    from hamlets.web.jobs.progress import Progress

_YEAR = 12
_FEW_PATIENTS = 100


def report(
    store: Path,
    practice: str,
    progress: Progress,
    *,
    version: int,
    months: int | None = None,
    first: str | None = None,
    last: str | None = None,
    roles: str = "gp",
    modes: str = "all",
    window: str | None = None,
) -> Plain:
    """Return the continuity of a practice, to be shown inside it.

    The period is the last 12 full months, or the last ``months``, or the days ``first`` to
    ``last`` (ISO). ``roles`` and ``modes`` are words with commas, as ``measure`` takes them;
    ``window`` is that of the ceiling: strict, week or policy. The answer has:

    - ``lead`` and ``standard``: sentences; ``cards``: the headline numbers, each with its
      words, its drawing as SVG and its numbers; ``steps``: of the 100 from chance to always;
    - ``sections``: ident, title and HTML of each of the report's sections;
    - ``extra``: sections of teams and ways of contact, in the same form;
    - ``csvs``: text by file name; ``notes``: sentences on what the records do not hold;
      ``few_patients``: whether every figure is to be read with care; ``period``, ``source``.

    Raises NothingToMeasureError where no contact matches, UsageError for an unknown word.
    """
    from hamlets.records import open_store

    with open_store(store, version) as opened:
        days = _days(opened, months, first, last)
        found = measured(
            opened, practice, progress, days=days, roles=roles, modes=modes, window=window
        )
        return told(opened, practice, found, progress)


def told(opened: Store, practice: str, found: ContinuityReport, progress: Progress) -> Plain:
    """Return a report drawn, with its numbers: see :func:`report`."""
    from hamlets.publish.report import SECTIONS, frame_of
    from hamlets.web.work.parts import teams_section, ways_section

    both = teams_section(opened, practice, found), ways_section(opened, practice, found)
    extra = [section for section in both if section is not None]
    sections = [build(found) for build in SECTIONS]
    progress.stage(text("work.drawing"), total=len(sections) + len(extra))

    def drawn(section: Section) -> Plain:
        made = fragment(section)
        progress.advance()
        return made

    frame = frame_of(found)
    return {
        **numbers(found),
        "sections": [drawn(section) for section in sections],
        "extra": [drawn(section) for section in extra],
        "csvs": downloads(sections, extra),
        "few_patients": found.place.patients < _FEW_PATIENTS,
        "notes": list(frame.notes),
        "no_named_gps": frame.no_named_gps,
    }


def measured(
    opened: Store,
    practice: str,
    progress: Progress,
    *,
    days: Period | None = None,
    roles: str = "gp",
    modes: str = "all",
    window: str | None = None,
) -> ContinuityReport:
    """Return the report of a practice, with what the rota would have allowed."""
    from hamlets.continuity.summary import summarise
    from hamlets.records.store.maintenance import loaded_on
    from hamlets.teams import with_ceiling

    progress.stage(text("work.counting"))
    found = summarise(
        opened,
        practice,
        roles=roles,
        modes=modes,
        period=days,
        # the same records, the same answer: what is old is said when a page is shown
        made=opened.last_counted_day,
        loaded=loaded_on(opened),
    )
    progress.stage(text("work.booking"))
    # whether teams were planned is asked when a page is shown: plans lie outside the versions
    return with_ceiling(found, opened, practice, window=window, planned=True)


def numbers(found: ContinuityReport) -> Plain:
    """Return the headline numbers of a report with their words."""
    from hamlets.publish.sections import measures, short

    return {
        "place": plain(found.place),
        "period": plain(found.period),
        "source": plain(found.source),
        "options": plain(found.options),
        "given": plain(found.given),
        "definition_version": found.definition_version,
        "lead": short.lead(found),
        "standard": list(short.standard(found, found.main.estimate)),
        "window": measures.window(found),
        "window_name": found.rota_allows.window if found.rota_allows else None,
        "steps": _steps(found.main),
        "cards": [_card(found, headline) for headline in found.headlines],
        "counting": {**plain(found.counting), "adds_up": found.counting.adds_up},
        "trend": {"signal": found.trend.signal, "since": plain(found.trend.since)},
    }


def _card(found: ContinuityReport, headline: Headline) -> Plain:
    from hamlets.publish.sections import measures, short

    words = short.card(found, headline)
    key = measures.key(headline.estimate)
    ident = f"card-{key.replace('_', '-')}"
    return {
        "measure": key,
        "title": words.title,
        "value": words.value,
        "range": words.range,
        "room": words.room,
        "change": words.change,
        "foot": words.foot,
        "period": words.period,
        "explained": words.explained,
        "svg": str(words.panel.svg(ident, "narrow")) if words.panel else "",
        "numbers": plain(headline),
    }


def _steps(headline: Headline) -> int | None:
    """Return how many of the 100 steps from chance to always are covered; None if unknown."""
    from hamlets.publish import numbers as written

    value = headline.estimate.corrected
    return None if value is None else max(0, written.per_100(value))


def _days(opened: Store, months: int | None, first: str | None, last: str | None) -> Period | None:
    """Return the chosen days; None for the usual 12 months."""
    from hamlets.continuity.calendar import month_start
    from hamlets.continuity.periods import contact_days, full_months
    from hamlets.continuity.results import Period

    begin, end = contact_days(opened)
    if first or last:
        low = date.fromisoformat(first) if first else begin
        high = date.fromisoformat(last) if last else end
        if low > high:
            raise UsageError(text("work.no_period"), hint=text("work.no_period_hint"))
        return Period(low, high)
    held = full_months(begin, end)
    if months is None or months == _YEAR or not held:
        return None
    start = held[max(0, len(held) - months)]
    return Period(month_start(start), month_start(held[-1] + 1) - timedelta(days=1))
