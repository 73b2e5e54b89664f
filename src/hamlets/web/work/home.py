"""The home of a practice: headline numbers, what to do next, what changed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hamlets.errors import NothingToMeasureError
from hamlets.web.words import text
from hamlets.web.work.continuity import measured, numbers
from hamlets.web.work.fragments import Plain, plain

if TYPE_CHECKING:
    from hamlets.continuity.results import ContinuityReport, Workforce
    from hamlets.records import Store
    from hamlets.web.jobs.progress import Progress

OLD_AFTER_DAYS = 45
NO_CLINICIAN_FROM = 0.05
LEAVING_DAYS = 56
ROOM_FROM = 20
"""Contacts in every 100 between what was and what the rota allowed."""
_LOOK_AHEAD_WEEKS = 520
_CHANGES_DAYS = 92
_DUE_DAY = 5
"""The day of a month by which its extract is usually there."""


def home(store: Path, practice: str, progress: Progress, *, version: int) -> Plain:
    """Return what the home page of a practice shows, to be shown inside it.

    Everything of ``continuity.numbers`` (``lead``, ``cards``, ...), and:

    - ``steps``: what to do next, in order, each with its ``rule``, the days ``since`` and
      ``until`` between which it holds (None: open), and its numbers; one with
      ``unless_planned`` does not hold where the practice has a plan of teams;
    - ``changes``: what changed, newest first; ``next_data``: when the next month is due;
    - ``month``: heading, line and the drawings of the small chart; None without months;
    - ``lists``: rows for "My list", of people as ``shown_as`` says; ``week``: as ``workforce``.

    ``hamlets.web.answers.steps.due`` chooses the steps of a day.
    """
    from hamlets.records import open_store

    with open_store(store, version) as opened:
        found = measured(opened, practice, progress)
        progress.stage(text("work.next"))
        return told(opened, practice, found)


def told(opened: Store, practice: str, found: ContinuityReport) -> Plain:
    """Return the home page's data from a report of the usual period."""
    last = opened.last_counted_day or found.source.last_day
    return {
        **numbers(found),
        "steps": steps(opened, practice, found, last),
        "changes": changes(opened, practice, last),
        "next_data": plain(next_data(last)),
        "month": _small_chart(found),
        "lists": plain(found.lists),
        "shown_as": _shown_as(opened, practice),
        "week": plain(found.workforce.week) if found.workforce else [],
    }


def _shown_as(opened: Store, practice: str) -> dict[str, str]:
    """Return, by staff id, the other id that the rows of lists show somebody by."""
    from hamlets.teams.persons import find_labels

    staff = opened.table("staff").select(["staff_id", "practice_id"]).to_pylist()
    here = [row["staff_id"] for row in staff if row["practice_id"] == practice]
    return {own: shown for own, shown in find_labels(opened, here).items() if own != shown}


def steps(opened: Store, practice: str, found: ContinuityReport, last: date) -> list[Plain]:
    """Return every step that the records speak for, in the order of the rules."""
    return [
        _step("old_data", since=last + timedelta(days=OLD_AFTER_DAYS + 1), last_contact=last),
        *_no_clinician(found),
        *_named(opened, practice),
        *_leaving(opened, practice),
        *_uncovered(found.workforce),
        *_room(found),
    ]


def _step(
    rule: str, *, since: date | None = None, until: date | None = None, **numbers: Any
) -> Plain:
    return {"rule": rule, "since": plain(since), "until": plain(until), **plain(numbers)}


def _no_clinician(found: ContinuityReport) -> list[Plain]:
    lines = found.counting.lines
    lost = sum(max(line.rows, 0) for line in lines if line.reason == "no_clinician")
    whole = found.counting.counted + lost
    if not whole or lost / whole < NO_CLINICIAN_FROM:
        return []
    return [_step("no_clinician", share=lost / whole, contacts=lost)]


def _named(opened: Store, practice: str) -> list[Plain]:
    from hamlets.continuity.named_gps import named_gp_health
    from hamlets.web.work.named_gps import without

    try:
        health = named_gp_health(opened, practice, with_slicc=False)[0]
    except NothingToMeasureError:
        return []
    n = without(health)
    return [_step("no_named_gp", patients=n)] if n else []


def _leaving(opened: Store, practice: str) -> list[Plain]:
    """Return one step for each GP with a last day: it holds in the 8 weeks up to that day."""
    from hamlets.teams.worklists import early_warning

    try:
        found = early_warning(opened, practice, within_weeks=_LOOK_AHEAD_WEEKS)
    except NothingToMeasureError:
        return []
    leavers = sorted(
        (gp for gp in found.gps if gp.reason == "leaves" and gp.patients),
        key=lambda gp: (gp.last_day, gp.name.casefold()),
    )
    return [
        _step(
            "leaving",
            since=gp.last_day - timedelta(days=LEAVING_DAYS),
            until=gp.last_day,
            name=gp.name,
            staff_id=gp.staff_id,
            last_day=gp.last_day,
            patients=gp.patients,
        )
        for gp in leavers
    ]


def _uncovered(found: Workforce | None) -> list[Plain]:
    """Return one step for each team (or the practice) with weekdays that often have no GP."""
    if found is None:
        return []
    rows = [row for row in found.week if row.label] or list(found.week)
    made: list[Plain] = []
    for row in rows:
        gaps = [day for day, covered in enumerate(row.covered_weekdays) if not covered]
        if gaps:
            made.append(_step("weekday", team=row.label, weekdays=gaps))
    return made


def _room(found: ContinuityReport) -> list[Plain]:
    from hamlets.publish import numbers as written
    from hamlets.publish.sections import measures

    main = found.main.estimate
    if main.value is None or main.ceiling is None or measures.too_wide(main):
        return []
    room = written.per_100(main.ceiling) - written.per_100(main.value)
    return [_step("room", room=room, unless_planned=True)] if room >= ROOM_FROM else []


def changes(opened: Store, practice: str, last: date) -> list[Plain]:
    """Return what changed since some 3 months before the last contact, newest first.

    ``words`` say it; ``day`` of a leaver is the last day.
    """
    from hamlets.continuity.pack_events import read_events
    from hamlets.continuity.results import Period
    from hamlets.publish.pack import event_words
    from hamlets.records.store.maintenance import loaded_on

    until = max(last, loaded_on(opened) or last)
    days = Period(last - timedelta(days=_CHANGES_DAYS), until)
    found = read_events(opened, practice, days)
    return [{**plain(event), "words": event_words(event, named=True)} for event in found]


def next_data(last: date) -> date:
    """Return when the extract with the month after the last contact's is usually there."""
    following = (last.replace(day=1) + timedelta(days=62)).replace(day=1)
    return following.replace(day=_DUE_DAY)


def _small_chart(found: ContinuityReport) -> Plain | None:
    from hamlets.publish.page import Chart
    from hamlets.publish.sections import months

    chart = months.build(found).body
    if not isinstance(chart, Chart) or not chart.panels:
        return None
    panel = chart.panels[0]
    return {
        "heading": chart.heading,
        "line": chart.line,
        "drawings": [str(panel.svg("home-month", width)) for width in panel.widths],
    }
