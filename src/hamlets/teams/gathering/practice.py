"""A practice on a day: the store in, arrays for makers of teams and lists out."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from hamlets.continuity.asking import find_scope
from hamlets.continuity.calendar import AGE_BANDS, Window, day_number
from hamlets.continuity.calendar import day_of as date_of
from hamlets.continuity.cohort_results import registered_days
from hamlets.continuity.columns import Int32
from hamlets.continuity.conventions import Conventions
from hamlets.continuity.measuring import choose_window
from hamlets.continuity.reference import Reference, build_reference
from hamlets.continuity.touching import homes_on
from hamlets.errors import NothingToMeasureError
from hamlets.records import Store
from hamlets.teams.gathering.capacity import yearly_minutes
from hamlets.teams.gathering.pattern import find_pattern
from hamlets.teams.gathering.people import (
    find_locks,
    find_named,
    find_seen,
    find_sites,
    number_households,
)
from hamlets.teams.gathering.sessions import Stints, contradictions, read_stints
from hamlets.teams.gathering.staff import Staff, read_staff
from hamlets.teams.gathering.visits import Registered, Visits, read_visits
from hamlets.teams.gathering.work import expected_minutes
from hamlets.teams.inputs import Clinicians, Float64, People, PracticeInputs

GRACE_DAYS = 31
"""How long after the last contact the records still tell how things stand."""


def gather(
    store: Store,
    practice: str,
    *,
    day: date | None = None,
    threads: int | None = None,
    admin_minutes: float = 0.0,
    long_term_locums: bool = False,
) -> PracticeInputs:
    """Return a practice as it stands on a day: by default the last day that ``measure`` uses.

    Nothing that happened after the day is used. Patients are those who belong to the practice
    that day (Continuity 6), clinicians those on its staff list; without a list, those with a
    contact there in the last 12 weeks. ``admin_minutes`` are added to each expected contact;
    ``long_term_locums`` may hold a list. Only what the store holds of the practice is read,
    in one thread: ``threads`` is there for callers that pass it to all.

    Raises UnknownPlaceError for a practice that the store does not have, and
    NothingToMeasureError where nobody is registered, where no contact is counted or where the
    records do not reach the day. A practice without GPs has inputs without a GP.
    """
    scope = find_scope(store, practice, hubs=True)
    place = scope.homes[0]
    window = choose_window(store, Conventions(date_to=day))
    _check_day(store, window)
    reference = build_reference(store)
    homes = homes_on(store, place, window.first, window.last)
    registered, visits = read_visits(store, homes, place, reference, window)
    _check_something(registered, visits, window)
    stints = read_stints(store, place, reference, visits, window)
    staff = read_staff(store, place, reference, visits, stints, window, long_term_locums)
    clinicians, by_contract = _clinicians(store, staff, stints, visits)
    people, refused = _people(
        store, place, registered, visits, clinicians, reference, window, admin_minutes
    )
    gps = clinicians.person[clinicians.gp]
    notes = [
        *_notes(staff, stints, clinicians, by_contract, refused),
        *contradictions(stints, visits, gps),
    ]
    return PracticeInputs(
        practice_id=practice,
        name=scope.name,
        day=window.last,
        clinicians=clinicians,
        people=people,
        rota="given" if stints.given else "inferred",
        notes=tuple(notes),
    )


def _check_day(store: Store, window: Window) -> None:
    last = store.last_counted_day
    if last is not None and date_of(window.last) > last + timedelta(days=GRACE_DAYS):
        raise NothingToMeasureError(
            "These records do not reach this day.",
            where=date_of(window.last).isoformat(),
            hint=f"Their last contact is of {last}: choose a day up to then.",
        )


def _check_something(registered: Registered, visits: Visits, window: Window) -> None:
    if not registered.size:
        raise NothingToMeasureError(
            f"Nobody is registered with the practice on {date_of(window.last)}.",
            where="--practice",
            hint="A hub has contacts with patients of other practices: name one of those,"
            " or choose another day.",
        )
    if not (visits.patient >= 0).any():
        raise NothingToMeasureError(
            "No contact of the practice's patients is counted.",
            where=f"{date_of(window.first)} to {date_of(window.last)}",
            hint="Contacts count that were attended, with a clinician, while the patient was"
            " registered: look at the load report, or choose another day.",
        )


def _clinicians(
    store: Store, staff: Staff, stints: Stints, visits: Visits
) -> tuple[Clinicians, int]:
    """Return the people at work, and of how many the capacity is from the contract alone."""
    all_of = staff.colleagues
    person = np.array([one.person for one in all_of], dtype=np.int32)
    since = np.array([one.since for one in all_of], dtype=np.int32)
    capacity, by_contract = yearly_minutes(stints, all_of)
    pattern = find_pattern(stints, person, since)
    row_of = _rows_of(person, max([*person.tolist(), *visits.person.tolist(), 0]) + 1)
    sites = store.labels("site")
    row = np.append(row_of, np.int32(-1))[np.minimum(stints.person, len(row_of))]
    by_rota = find_sites(np.where(stints.bookable, row, -1), stints.site, len(person), sites)
    seen = np.where(visits.here & (visits.day >= stints.first), row_of[visits.person], -1)
    by_contacts = find_sites(seen, visits.site, len(person), sites)
    return (
        Clinicians(
            person=person,
            staff_id=tuple(one.label for one in all_of),
            name=tuple(one.name for one in all_of),
            role=tuple(one.role for one in all_of),
            contract=tuple(one.contract for one in all_of),
            gp=np.array([one.gp for one in all_of], dtype=np.bool_),
            eligible=np.array([one.eligible for one in all_of], dtype=np.bool_),
            sessions_per_week=np.array([one.sessions_per_week for one in all_of], np.float64),
            capacity_minutes=capacity,
            half_days=pattern.usual,
            actual_half_days=pattern.worked,
            site=tuple(a or b for a, b in zip(by_rota, by_contacts, strict=True)),
            languages=tuple(one.languages for one in all_of),
            skills=tuple(one.skills for one in all_of),
            end_day=np.array([one.until for one in all_of], dtype=np.int32),
        ),
        by_contract,
    )


def _rows_of(person: Int32, people: int) -> Int32:
    """Return the clinician of each person code, -1 for people who are not at work here."""
    rows = np.full(people, -1, dtype=np.int32)
    rows[person] = np.arange(len(person), dtype=np.int32)
    return rows


def _people(
    store: Store,
    place: int,
    registered: Registered,
    visits: Visits,
    clinicians: Clinicians,
    reference: Reference,
    window: Window,
    admin_minutes: float,
) -> tuple[People, int]:
    """Return the patients, and how many asked for somebody who may not hold a list."""
    day = window.last
    row_of = _rows_of(clinicians.person, reference.people)
    named, gone = find_named(registered, reference, row_of, clinicians.eligible, day)
    asked = find_locks(store, registered, reference, row_of, day)
    locked = np.where(np.append(clinicians.eligible, False)[asked], asked, -1).astype(np.int32)
    labels = store.labels("patient")
    code = registered.patients.codes[registered.position]
    sites = np.where(visits.here, visits.site, -1)
    people = People(
        patient=code,
        patient_id=tuple(labels[one] for one in code.tolist()),
        household=number_households(registered),
        named=named,
        named_gone=gone,
        work_minutes=_work(store, place, registered, visits, window, admin_minutes),
        locked=locked,
        site=find_sites(visits.patient, sites, registered.size, store.labels("site")),
        age_band=registered.age_band.astype(np.int8),
        imd_quintile=registered.imd_quintile.astype(np.int8),
        language=tuple(registered.column("language")),
        cohorts=registered.cohorts,
        seen=find_seen(visits, registered.size, row_of, clinicians.gp, window),
    )
    return people, int(((asked >= 0) & (locked < 0)).sum())


def _work(
    store: Store,
    place: int,
    registered: Registered,
    visits: Visits,
    window: Window,
    admin_minutes: float,
) -> Float64:
    """Return expected minutes a year; without a registration all days of the records count."""
    patients = registered.patients
    home = np.full(patients.size, -1, dtype=np.int32)
    r = patients.registrations
    spells = np.empty(patients.size, dtype=np.int32)
    home[registered.position] = place
    first = max(window.first, day_number(store.first_day or date_of(window.first)))
    registered_days(r.offset, r.start, r.end, r.value, home, first, window.last, spells)
    counted = (visits.patient >= 0) & visits.gp
    return expected_minutes(
        visits.patient[counted],
        visits.mode[counted].astype(np.int32),
        visits.minutes[counted],
        np.minimum(spells[registered.position] / 365.0, 2.0),
        registered.age_band,
        registered.column("sex"),
        len(AGE_BANDS),
        admin_minutes,
    )


def _notes(
    staff: Staff, stints: Stints, clinicians: Clinicians, by_contract: int, refused: int
) -> list[str]:
    """Return what must be said of how the inputs were found."""
    said: list[str] = []
    if not staff.roles_known:
        said.append(
            "No roles are known, so everyone with contacts here counts as a GP who may hold a list."
        )
    elif not staff.listed:
        said.append(
            "The practice has no staff list, so those with contacts in the last 12 weeks are at"
            " work, with the role that their contacts give."
        )
    elif not clinicians.gp.any():
        said.append("No GP is at work here on the day.")
    if not stints.given:
        said.append(
            "No rota covers the last 12 weeks, so half-days and minutes are inferred from"
            " contacts: each half-day with one is a session of 4 h 10 min."
        )
    covered = stints.last - stints.first + 1
    if covered < 360:
        said.append(f"Minutes a year are reckoned from the {covered} days that the records cover.")
    if by_contract:
        said.append(
            "GPs who began in the last four weeks, whose minutes are those of their contracts:"
            f" {by_contract}."
        )
    if refused:
        said.append(f"Patients who asked for somebody who may not hold a list: {refused}.")
    return said
