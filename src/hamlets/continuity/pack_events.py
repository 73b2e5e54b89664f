"""What changed at a practice in a month: GPs, teams, data; and who is on its staff."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hamlets.continuity.named_gps import named_gp_health
from hamlets.continuity.reference import GP_ROLES
from hamlets.continuity.results import PackEvent, Period
from hamlets.errors import NothingToMeasureError
from hamlets.records import Store
from hamlets.records.store.adopted import adoptions
from hamlets.records.store.maintenance import versions

MOST_EVENTS = 5
_OF_PLANS = ("adopt plan ", "withdraw plan ")
"""Versions that loaded nothing."""
Row = dict[str, Any]


def read_events(
    store: Store, practice: str, month: Period, plans: Sequence[PackEvent] = ()
) -> tuple[PackEvent, ...]:
    """Return at most 5 events of the month, newest first; of its loads the last.

    ``plans`` are what became of plans of teams, which continuity does not know.
    """
    found = [*plans, *_people(store, practice, month), *_teams(store, practice, month)]
    loads = list(_loads(store, month.first, month.last))[-1:]
    found.sort(key=lambda event: (event.day, event.kind, event.name), reverse=True)
    # whose list it was takes a look at every patient: only for those that are kept
    kept = [_with_list(store, practice, each) for each in found[: MOST_EVENTS - len(loads)]]
    return tuple(sorted([*kept, *loads], key=lambda e: (e.day, e.kind, e.name), reverse=True))


def _staff(store: Store, practice: str) -> dict[str, list[Row]]:
    """Return the practice's staff rows by person."""
    people: dict[str, list[Row]] = defaultdict(list)
    for row in store.table("staff").to_pylist():
        if row["practice_id"] == practice:
            people[row["person_id"] or row["staff_id"]].append(row)
    return people


def _people(store: Store, practice: str, month: Period) -> Iterator[PackEvent]:
    for person, rows in _staff(store, practice).items():
        if not any(row["role"] in GP_ROLES for row in rows):
            continue
        name = next((row["name"] for row in rows if row["name"]), person)
        starts, ends = ([row[key] for row in rows] for key in ("start_date", "end_date"))
        if None not in starts and month.first <= min(starts) <= month.last:
            yield PackEvent(min(starts), "joined", name)
        if None not in ends:
            last = max(ends) - timedelta(days=1)  # the end is the first day no longer there
            if month.first <= last <= month.last:
                ids = frozenset({person, *(row["staff_id"] for row in rows)})
                yield _Left(last, "left", name, ids=ids)


@dataclass(frozen=True)
class _Left(PackEvent):
    """A GP who left, with the ids under which patients may have been on a list."""

    ids: frozenset[str] = frozenset()


def _with_list(store: Store, practice: str, event: PackEvent) -> PackEvent:
    """Return an event; a leaver's with the patients of the list, None where it is not known."""
    if not isinstance(event, _Left):
        return event
    try:
        health = named_gp_health(store, practice, event.day, with_slicc=False)[0]
    except NothingToMeasureError:
        return PackEvent(event.day, event.kind, event.name)
    patients = sum(row.patients for row in health.lists if row.staff_id in event.ids)
    return PackEvent(event.day, event.kind, event.name, patients)


def _teams(store: Store, practice: str, month: Period) -> Iterator[PackEvent]:
    """Yield the teams that began, but those of a plan: that is an event itself."""
    of_plans = {team for adoption in adoptions(store.manifest) for team in adoption.teams}
    names: dict[str, str] = {
        row["team_id"]: row["name"] or row["team_id"]
        for row in store.table("teams").to_pylist()
        if row["practice_id"] == practice and row["team_id"] not in of_plans
    }
    began: dict[str, list[date | None]] = defaultdict(list)
    for row in store.table("team_members").to_pylist():
        if row["team_id"] in names:
            began[row["team_id"]].append(row["from_date"])
    for team, days in began.items():
        known = [day for day in days if day is not None]
        if len(known) == len(days) and month.first <= min(known) <= month.last:
            yield PackEvent(min(known), "team", names[team])


def _loads(store: Store, since: date, until: date) -> Iterator[PackEvent]:
    for version in versions(store.path):
        when = version["when"]
        if version["version"] > store.version or not isinstance(when, str):
            continue
        if str(version["what"]).startswith(_OF_PLANS):
            continue
        day = date.fromisoformat(when[:10])
        if since <= day <= until:
            yield PackEvent(day, "loaded", number=version["version"])


def gps_of(store: Store, practice: str) -> tuple[str, ...]:
    """Return the names of everyone who is or was a GP of the practice, from A to Z."""
    return tuple(
        sorted(
            {
                row["name"]
                for rows in _staff(store, practice).values()
                for row in rows
                if row["role"] in GP_ROLES and row["name"]
            }
        )
    )


def staff_count(store: Store, practice: str, day: date) -> int | None:
    """Return the people on the practice's staff list on a day; None where it has no list."""
    people = _staff(store, practice)
    if not people:
        return None
    return sum(
        any(
            (row["start_date"] is None or row["start_date"] <= day)
            and (row["end_date"] is None or day < row["end_date"])
            for row in rows
        )
        for rows in people.values()
    )
