"""The workforce of each practice and team: people, sessions, the week, the load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import numpy as np
import numpy.typing as npt

from hamlets.continuity.asking import find_scope
from hamlets.continuity.calendar import Window, day_number, months_before
from hamlets.continuity.columns import Int32, texts, whole
from hamlets.continuity.definitions import DEFINITIONS_VERSION
from hamlets.continuity.members import UNKNOWN, read_members
from hamlets.continuity.periods import contact_days, find_spans
from hamlets.continuity.reference import Reference, build_reference
from hamlets.continuity.results import (
    Period,
    PersonRow,
    WeekRow,
    Workforce,
    WorkforceUnit,
)
from hamlets.continuity.rota import Rota
from hamlets.continuity.touching import homes_touching
from hamlets.continuity.weeks import WEEKS, last_weeks, presence, week_row
from hamlets.continuity.worked import read_rota, read_worked
from hamlets.continuity.workforce_load import day_load, overlap, own_gp_half_days
from hamlets.continuity.workplace import Team, Workplace, find_teams, gather
from hamlets.errors import NothingToMeasureError, UsageError
from hamlets.records import Store
from hamlets.records.tables import CONTRACTS

SESSION_BASES = (9, 8, 6)
SESSIONAL = frozenset({"salaried", "locum", "retainer"})
FEW_SESSIONS = 6


def workforce(
    store: Store,
    practice: str | None = None,
    *,
    date_from: date | None = None,
    date_to: date | None = None,
    session_basis: int = 9,
    threads: int | None = None,
) -> tuple[Workforce, ...]:
    """Return the workforce of every practice with patients, or of one, by practice id.

    The period is the last 12 full months unless said otherwise. Raises
    UnknownPlaceError, UsageError, and NothingToMeasureError without a contact, or for
    days of which there are no records.
    """
    if session_basis not in SESSION_BASES:
        raise UsageError(
            f"A full-time week of {session_basis} sessions is not known.",
            where="--session-basis",
            hint="Choose 9, 8 or 6.",
        )
    scope = find_scope(store, practice, hubs=True)
    period = _period(store, date_from, date_to)
    window = Window(day_number(period.first), day_number(period.last))
    reference = build_reference(store)
    # with one home in the store there is nothing to leave unread
    homes = homes_touching(store, scope.homes[0]) if scope.practice is not None else None
    worked = read_worked(store, reference, window, threads, homes)
    rota = read_rota(store, reference, window, worked)
    members = read_members(store, reference, window.last)
    names = _practice_names(store)
    found: list[Workforce] = []
    labels = reference.practice_labels
    # a hub has contacts and no patients of its own
    peopled = set(worked.patients.keys[:, 0].tolist()) if practice is None else set(scope.homes)
    places = [home for home in scope.homes if home >= 0 and home in peopled]
    if not places:
        raise NothingToMeasureError(
            "No patients belong to a practice on the last day.",
            where=f"{period.last}",
            hint="Choose another period, or load registrations.",
        )
    all_teams = find_teams(store, reference, window)
    mondays = last_weeks(_recorded(store, window))
    for place in sorted(places, key=lambda home: labels[home].encode()):
        teams = all_teams.get(place, [])
        here = gather(place, window, session_basis, reference, worked, rota, members, teams)
        name = names.get(place) or labels[place]
        live = [team for team in teams if team.on(window.last)]
        one = _one(here, period, mondays, reference, live, name, place in members)
        found.append(replace(one, teams_ended=len(teams) - len(live)))
    return tuple(found)


def _period(store: Store, date_from: date | None, date_to: date | None) -> Period:
    """Return the days asked for; from a last day alone, the 12 months up to it."""
    if date_from is None and date_to is None:
        return find_spans(store, 24).year
    first, last = contact_days(store)
    chosen = Period(date_from or first, date_to or last)
    if date_from is None and date_to is not None:
        chosen = Period(date.fromordinal(months_before(date_to, 12).toordinal() + 1), date_to)
    if (date_from and date_from > last) or (date_to and date_to < first) or chosen.first > last:
        raise NothingToMeasureError(
            f"The records are of {first} to {last}.",
            where="--from, --to",
            hint="Choose days among these.",
        )
    if chosen.first > chosen.last:
        raise UsageError(
            f"The period would begin on {chosen.first} and end on {chosen.last}.",
            where="--from, --to",
            hint="Choose a first day on or before the last.",
        )
    return chosen


def _recorded(store: Store, window: Window) -> Window:
    """Return the days of a window that have records, so that no week without any counts.

    A week that only begins or ends in the records stays in.
    """
    first, last = (day_number(day) for day in contact_days(store))
    return Window(max(window.first, first - 6), min(window.last, last + 6))


def _practice_names(store: Store) -> dict[int, str | None]:
    table = store.shared("practices", ["practice", "name"])
    return dict(zip(whole(table, "practice").tolist(), texts(table, "name"), strict=True))


def _one(
    here: Workplace,
    period: Period,
    mondays: Int32,
    reference: Reference,
    teams: list[Team],
    name: str,
    staff_given: bool,
) -> Workforce:
    gps = np.array([p for p in here.people if here.gp(p)], dtype=np.int32)
    of_gps = here.rota.only(np.isin(here.rota.person, gps))
    whole_week = presence(mondays, of_gps.day, of_gps.half)
    cells = whole_week.shown()
    week: list[WeekRow] = [week_row("", whole_week, cells)]
    on_list = {p for p, member in here.people.items() if member.here}
    practice_id = reference.practice_labels[here.place]
    whole_unit = _unit(
        here, None, practice_id, name, on_list, of_gps, week[0].covered_weekdays, mondays
    )
    units: list[WorkforceUnit] = []
    for team in teams:
        mine = of_gps.only(team.rows(of_gps.person, of_gps.day))
        row = week_row(team.name, presence(mondays, mine.day, mine.half), cells)
        week.append(row)
        # a member of a team may be employed elsewhere, by the network say
        present = {p for p in team.on(here.window.last) if reference.leaves[p] > here.window.last}
        units.append(
            _unit(here, team, practice_id, team.name, present, mine, row.covered_weekdays, mondays)
        )
    return Workforce(
        period=period,
        practice=whole_unit,
        teams=tuple(units),
        week=tuple(week),
        people=_people(here, reference),
        rota="given" if here.place in here.everywhere.given else "inferred",
        staff_given=staff_given,
        roles_known=here.roles_known,
        session_basis=here.session_basis,
        definition_version=DEFINITIONS_VERSION,
    )


def _sessions(here: Workplace, people: Iterable[int]) -> float | None:
    known = [here.weekly[p][0] for p in sorted(people) if p in here.weekly]
    return sum(known) if known else None


def _ratio(above: float, below: float | None) -> float | None:
    return above / below if below else None


def _unit(
    here: Workplace,
    team: Team | None,
    practice_id: str,
    name: str,
    people: set[int],
    sessions: Rota,
    weekdays: tuple[bool, ...],
    mondays: Int32,
) -> WorkforceUnit:
    """Return the figures of some people: all of the practice, or a team's."""
    gps = {p for p in people if here.gp(p)}
    everyone, by_gps = _sessions(here, people), _sessions(here, gps)
    contracts = Counter(here.people[p].contract for p in gps)
    known = sum(contracts.values()) - contracts[UNKNOWN]
    weekly = [here.weekly[p][0] for p in gps if p in here.weekly]
    given = here.given.where(here.gp_contact)
    listed, patients = here.listed, here.patients
    if team is not None:
        given = given.where(team.rows(given.column(1), given.column(3)))
        listed = listed.where(listed.keys[:, 2] == team.code)
        patients = patients.where(patients.keys[:, 2] == team.code)
    size = int(patients.count.sum())
    share, why = overlap(listed, here.everywhere)
    reasons = [f"no overlap: {why}"] if why else []
    if not len(here.patients.count):
        reasons = ["no patients are registered here"]
    if not weekdays:
        reasons.append(f"weekdays need {WEEKS} whole weeks without a bank holiday")
    if by_gps is None:
        reasons.append("no GP's sessions are known")
    if not known:
        reasons.append("no GP's contract is known")
    return WorkforceUnit(
        practice_id=practice_id,
        team_id=team.team_id if team else None,
        name=name,
        headcount=len(people),
        headcount_gps=len(gps),
        sessions_per_week=everyone,
        sessions_per_week_gps=by_gps,
        full_time_equivalent=None if everyone is None else everyone / here.session_basis,
        full_time_equivalent_gps=None if by_gps is None else by_gps / here.session_basis,
        contracts=tuple((c, contracts[c]) for c in (*CONTRACTS[1:], UNKNOWN) if contracts[c]),
        share_sessional=_ratio(sum(contracts[c] for c in SESSIONAL), known),
        share_below_6_sessions=_ratio(sum(s < FEW_SESSIONS for s in weekly), len(weekly)),
        weekdays_covered=sum(weekdays) if weekdays else None,
        patients=size,
        # of a place where nobody is registered, such as a hub, it says nothing
        patients_per_session=_ratio(size, by_gps) if len(here.patients.count) else None,
        contacts_per_session=_ratio(int(given.count.sum()), len(sessions.person)),
        overlap=share,
        load=day_load(given.column(1), given.column(3), given.count),
        sessions_from_rota=sum(here.weekly[p][1] for p in people if p in here.weekly),
        gps_with_sessions=len(weekly),
        own_gp_half_days=own_gp_half_days(patients, here.rota, mondays),
        reason="; ".join(reasons) or None,
    )


def _people(here: Workplace, reference: Reference) -> tuple[PersonRow, ...]:
    """Return everyone with a contact or a session in the period, from A to Z."""
    on_list = _sums(here.patients.column(1), here.patients.count)
    contacts = _sums(here.given.column(1), here.given.count)
    rows: list[PersonRow] = []
    for person, member in here.people.items():
        mine = here.rota.only(slice(*np.searchsorted(here.rota.person, [person, person + 1])))
        halves, given = len(mine.day), contacts.get(person, 0)
        if not halves and not given:
            continue
        days = np.union1d(here.given.column(3)[here.given.keys[:, 1] == person], mine.day)
        weekly, from_rota = here.weekly.get(person, (None, False))
        label = reference.person_labels[person]
        rows.append(
            PersonRow(
                staff_id=member.staff_id or label,
                person_id=label,
                name=member.name or label,
                role=member.role,
                contract=member.contract,
                sessions_per_week=weekly,
                half_days_worked=halves,
                days_worked=len(days),
                patients=on_list.get(person),
                contacts=given,
                contacts_per_session=_ratio(given, halves),
                sessions_from_rota=from_rota,
                left=not member.here,
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.staff_id)))


def _sums(codes: Int32, counts: npt.NDArray[np.int64]) -> dict[int, int]:
    found: dict[int, int] = {}
    for code, count in zip(codes.tolist(), counts.tolist(), strict=True):
        found[code] = found.get(code, 0) + count
    return found
