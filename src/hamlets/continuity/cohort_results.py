"""Cohorts beside everyone: how many patients, how often they come, how continuous it is."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from hamlets.continuity.asking import Scope, find_scope, to_estimate
from hamlets.continuity.calendar import day_number, day_of, months_before
from hamlets.continuity.cohorts import COHORTS, Bools, contacts_between, holds
from hamlets.continuity.columns import Int32
from hamlets.continuity.compiled import compiled, i4, i4_, integer, types
from hamlets.continuity.contacts import Workspace
from hamlets.continuity.conventions import Conventions, Question
from hamlets.continuity.definitions import DEFINITIONS_VERSION
from hamlets.continuity.frame import Patients, registered_home
from hamlets.continuity.measuring import make_context, measure_many
from hamlets.continuity.plan import make_plan
from hamlets.continuity.reference import build_reference
from hamlets.continuity.results import CohortRow, Cohorts, Estimate, Level, Period
from hamlets.continuity.scan import SPAN_ROWS, View, open_span
from hamlets.continuity.spans import chosen_spans
from hamlets.continuity.touching import homes_touching
from hamlets.continuity.yields import Context
from hamlets.errors import NothingToMeasureError, UsageError
from hamlets.records import Store

EVERYONE = "everyone"
THRESHOLDS: dict[str, int | None] = {"centile": None, "9": 9, "11": 11}
CONTACTS = ("gp", "all")
MEASURES = ("slicc", "upc")
NEEDS_CEILING = "The expected gain needs the ceiling of the rota, which is not worked out here."
NOBODY = "Nobody is in it."
NEEDS_YEAR = "Contacts of a year need 12 months of records."
NO_MEMBER = "no contact of this cohort is counted"


@compiled(types.void, i4, i4, i4, i4, i4, integer, integer, i4_)
def registered_days(
    offset: Any, start: Any, end: Any, place: Any, home: Any, first: int, last: int, result: Any
) -> None:
    """Write the days first..last on which each patient was registered at their home practice.

    Rows are by start. Someone without any row counts as registered throughout.
    """
    for p in range(home.size):
        low, high = offset[p], offset[p + 1]
        if low == high:
            result[p] = last + 1 - first
            continue
        reached = first
        days = 0
        for row in range(low, high):
            if place[row] == home[p]:
                begin = max(reached, start[row])
                stop = min(last + 1, end[row])
                if stop > begin:
                    days += stop - begin
                    reached = stop
        result[p] = days


@dataclass
class _Counts:
    """Whole numbers by (practice code, cohort)."""

    patients: Counter[tuple[int, str]] = field(default_factory=Counter[tuple[int, str]])
    contacts: Counter[tuple[int, str]] = field(default_factory=Counter[tuple[int, str]])
    days: Counter[tuple[int, str]] = field(default_factory=Counter[tuple[int, str]])

    def add(self, other: _Counts) -> None:
        self.patients.update(other.patients)
        self.contacts.update(other.contacts)
        self.days.update(other.days)


def _count_span(context: Context, practices: tuple[int, ...]) -> _Counts:
    """Return the living, registered patients of a few practices, and their last year's contacts."""
    work = Workspace(context.reference.people, len(context.reference.practice_labels))
    scan = open_span(context, practices, work)
    view = scan.view(context.window, -1)
    patients, last = scan.patients, context.window.last
    first = _year(last)
    home = home_on(patients, context.reference.place_rank, last, view.contacts.home)
    r = patients.registrations
    days = np.empty(patients.size, dtype=np.int32)
    registered_days(r.offset, r.start, r.end, r.value, home, first, last, days)
    seen = contacts_between(view.contacts, first, last)
    counts = _Counts()
    for place, name, mine in _members(view, home):
        counts.patients[place, name] += int(mine.sum())
        counts.contacts[place, name] += int(seen[mine].sum())
        counts.days[place, name] += int(days[mine].sum())
    return counts


def _members(view: View, home: Int32) -> Iterator[tuple[int, str, Bools]]:
    """Yield who is in each cohort of each practice, and in EVERYONE, of those with a home."""
    for name in (*COHORTS, EVERYONE):
        member = home >= 0
        if name != EVERYONE:
            member = member & view.attributes.cohort(name)
        for place in np.unique(home[member]).tolist():
            yield place, name, member & (home == place)


def cohort_patients(
    store: Store,
    practice: str | None = None,
    *,
    threshold: str = "centile",
    contacts: str = "gp",
    date_to: date | None = None,
    threads: int | None = None,
) -> dict[tuple[int, str], Int32]:
    """Return the codes of the patients of ``cohort_table``, by practice code and cohort."""
    scope = find_scope(store, practice)
    homes = homes_touching(store, scope.homes[0]) if scope.practice is not None else None
    plan = make_plan([Question(MEASURES, ("clinician",), ("cohort",))])
    chosen = _conventions(threshold, contacts, date_to)
    context = make_context(store, plan, chosen, build_reference(store), homes)

    def one(practices: tuple[int, ...]) -> list[tuple[tuple[int, str], Int32]]:
        work = Workspace(context.reference.people, len(context.reference.practice_labels))
        scan = open_span(context, practices, work)
        view, patients = scan.view(context.window, -1), scan.patients
        rank, last = context.reference.place_rank, context.window.last
        home = home_on(patients, rank, last, view.contacts.home)
        codes = patients.codes
        return [((place, name), codes[mine]) for place, name, mine in _members(view, home)]

    found: dict[tuple[int, str], list[Int32]] = {}
    spans = chosen_spans(store, SPAN_ROWS, homes)
    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        for part in pool.map(one, spans):
            for key, codes in part:
                found.setdefault(key, []).append(codes)
    return {key: np.concatenate(parts) for key, parts in found.items()}


def _conventions(threshold: str, contacts: str, date_to: date | None) -> Conventions:
    return Conventions(
        date_to=date_to,
        frequent_least=THRESHOLDS[threshold],
        frequent_any_role=contacts == "all",
    )


def home_on(patients: Patients, rank: Int32, day: int, belongs: Int32) -> Int32:
    """Return the practice of everyone living and registered on a day, below 0 for others."""
    home = registered_home(patients, rank, day, day)
    home = np.where(home == -1, belongs, home)
    home[patients.death_day <= day] = -1
    return home.astype(np.int32)


def _year(last: int) -> int:
    return day_number(months_before(day_of(last), 12)) + 1


def cohort_table(
    store: Store,
    practice: str | None = None,
    *,
    by_practice: bool = False,
    threshold: str = "centile",
    contacts: str = "gp",
    date_to: date | None = None,
    threads: int | None = None,
) -> Cohorts:
    """Return every cohort and everyone, at the last day of the usual 24 months.

    Patients are those living and registered on that day; contacts are those with GPs in
    the 12 months up to it; slicc and upc are those of ``measure`` over the 24 months.
    ``threshold`` ("centile", "9", "11") and ``contacts`` ("gp", "all") say who is a
    frequent attender. Raises UsageError, UnknownPlaceError and NothingToMeasureError.
    """
    if threshold not in THRESHOLDS or contacts not in CONTACTS:
        option, known = (
            ("--contacts", CONTACTS) if threshold in THRESHOLDS else ("--threshold", THRESHOLDS)
        )
        raise UsageError(
            "This is not a rule for frequent attenders.",
            where=option,
            hint=f"Choose from: {', '.join(known)}.",
        )
    scope = find_scope(store, practice)
    split = by_practice or practice is not None
    by = ("practice",) if split else ()
    levels: tuple[Level, ...] = ("clinician",)
    if store.given("team_members", "staff_id"):
        levels = ("clinician", "team")
    conventions = _conventions(threshold, contacts, date_to)
    questions = [Question(MEASURES, levels, (*by, "cohort")), Question(MEASURES, levels, by)]
    # with one home in the store there is nothing to leave unread
    homes = homes_touching(store, scope.homes[0]) if scope.practice is not None else None
    cohorts, everyone = measure_many(store, questions, conventions, threads=threads, homes=homes)
    rows = cohorts.to_pylist() + [row | {"cohort": EVERYONE} for row in everyone.to_pylist()]
    measured = {
        (row.get("practice"), row["cohort"], row["measure"], row["level"]): to_estimate(row)
        for row in rows
    }
    plan = make_plan(questions)
    context = make_context(store, plan, conventions, build_reference(store), homes)
    counts = _count(context, threads)
    window = context.window
    return Cohorts(
        period=Period(day_of(window.first), day_of(window.last)),
        rows=tuple(_rows(store, scope, split, levels, measured, counts, window.last)),
        definition_version=DEFINITIONS_VERSION,
    )


def _count(context: Context, threads: int | None) -> _Counts:
    total = _Counts()
    spans = chosen_spans(context.store, SPAN_ROWS, context.homes)

    def one(practices: tuple[int, ...]) -> _Counts:
        return _count_span(context, practices)

    with ThreadPoolExecutor(threads or os.cpu_count() or 1) as pool:
        for counts in pool.map(one, spans):
            total.add(counts)
    return total


def _rows(
    store: Store,
    scope: Scope,
    split: bool,
    levels: tuple[Level, ...],
    measured: dict[tuple[str | None, str, str, str], Estimate],
    counts: _Counts,
    last: int,
) -> list[CohortRow]:
    labels = store.labels("practice")
    places = [home for home in scope.homes if home >= 0]
    units: list[tuple[str | None, list[int]]] = [(None, places)]
    if split:
        # a hub has contacts and no patients of its own
        places = [home for home in places if counts.patients[home, EVERYONE]]
        if not places:
            raise NothingToMeasureError(
                "Nobody is registered on the last day.",
                where=f"--to {day_of(last)}",
                hint="Choose another day with --to, or load registrations.",
            )
        units = [
            (labels[home], [home])
            for home in sorted(places, key=lambda home: labels[home].encode())
        ]
    missing = _missing(store, last)
    year_held = holds(store, _year(last), last)
    return [
        _row(name, homes, cohort, levels, measured, counts, last, missing.get(cohort), year_held)
        for name, homes in units
        for cohort in (*COHORTS, EVERYONE)
    ]


def _row(
    name: str | None,
    homes: list[int],
    cohort: str,
    levels: tuple[Level, ...],
    measured: dict[tuple[str | None, str, str, str], Estimate],
    counts: _Counts,
    last: int,
    missing: str | None,
    year_held: bool,
) -> CohortRow:
    """Return one cohort of some practices; what the records cannot say is None with a reason."""
    pairs: list[tuple[str, Level]] = [(measure, level) for measure in MEASURES for level in levels]
    if missing is not None:
        unknown = tuple(Estimate(m, level, None, reason=missing) for m, level in pairs)
        return CohortRow(cohort, name, None, None, None, unknown, reason=missing)
    patients = sum(counts.patients[home, cohort] for home in homes)
    seen = sum(counts.contacts[home, cohort] for home in homes)
    days = sum(counts.days[home, cohort] for home in homes)
    years = days / (last + 1 - _year(last))
    estimates = tuple(
        measured.get((name, cohort, m, level), Estimate(m, level, None, reason=NO_MEMBER))
        for m, level in pairs
    )
    why = NEEDS_CEILING if patients else NOBODY
    if not year_held:
        return CohortRow(
            cohort, name, patients, None, None, estimates, reason=f"{NEEDS_YEAR} {why}"
        )
    rate = seen / years if years else None
    return CohortRow(cohort, name, patients, seen, rate, estimates, reason=why)


def _missing(store: Store, last: int) -> dict[str, str]:
    """Return why it is not known who is in a cohort: records too short, or never loaded."""
    found: dict[str, str] = {}
    for months, cohort in ((12, "frequent_attender"), (24, "persistent_frequent_attender")):
        if not holds(store, day_number(months_before(day_of(last), months)) + 1, last):
            found[cohort] = f"This needs {months} months of records."
    born = "birth_date" if store.given("patients", "birth_date") else "birth_year"
    inputs = {
        "housebound": ("patients", "housebound", "It was not loaded who is housebound."),
        "aged_75_plus": ("patients", born, "No ages were loaded."),
        "conditions_2_4": ("conditions", "register", "No registers of conditions were loaded."),
        "conditions_5_plus": ("conditions", "register", "No registers of conditions were loaded."),
        "end_of_life": ("conditions", "register", "No registers of conditions were loaded."),
        "new_cancer": ("events", "event_type", "No events were loaded."),
    }
    return found | {
        cohort: said
        for cohort, (table, column, said) in inputs.items()
        if not store.given(table, column)
    }
