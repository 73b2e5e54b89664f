"""The workforce of each practice and team: people, sessions, the week, the load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

from hamlets.continuity.asking import find_scope
from hamlets.continuity.calendar import Window, day_number
from hamlets.continuity.columns import Int32, texts, whole
from hamlets.continuity.definitions import DEFINITIONS_VERSION
from hamlets.continuity.members import CONTRACT_OF_ROLE, UNKNOWN, Member, read_members
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
from hamlets.continuity.weeks import last_weeks, presence, week_row
from hamlets.continuity.worked import Cells, Worked, read_rota, read_worked
from hamlets.continuity.workforce_load import day_load, overlap
from hamlets.errors import UsageError
from hamlets.records import Store
from hamlets.records.tables import CONTRACTS, ROLES

SESSION_BASES = (9, 8, 6)
SESSIONAL = frozenset({"salaried", "locum", "retainer"})
FEW_SESSIONS = 6
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class _Team:
    team_id: str
    name: str
    code: int
    members: tuple[tuple[int, int, int], ...]
    """Person, first day, first day no longer."""

    def rows(self, person: Int32, day: Int32) -> Bools:
        """Return which rows are a member's, on their day."""
        result = np.zeros(len(person), dtype=bool)
        for member, start, end in self.members:
            result |= (person == member) & (day >= start) & (day < end)
        return result

    def on(self, day: int) -> set[int]:
        return {person for person, start, end in self.members if start <= day < end}


@dataclass(frozen=True)
class _Here:
    """Everything about one practice."""

    place: int
    window: Window
    session_basis: int
    roles_known: bool
    people: dict[int, Member]
    """Everyone on the staff list, with a contact or with a session."""
    weekly: dict[int, tuple[float, bool]]
    """Sessions a week, and whether they come from the rota."""
    given: Cells
    """Contacts that took place here; columns as of ``Worked.given``."""
    gp_contact: Bools
    listed: Cells
    patients: Cells
    rota: Rota
    """Sessions here."""
    everywhere: Rota

    def gp(self, person: int) -> bool:
        return not self.roles_known or self.people[person].gp


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
    UnknownPlaceError, UsageError, and NothingToMeasureError without a contact.
    """
    if session_basis not in SESSION_BASES:
        raise UsageError(
            f"A full-time week of {session_basis} sessions is not known.",
            where="--session-basis",
            hint="Choose 9, 8 or 6.",
        )
    scope = find_scope(store, practice)
    period = _period(store, date_from, date_to)
    window = Window(day_number(period.first), day_number(period.last))
    reference = build_reference(store)
    worked = read_worked(store, reference, window, threads)
    rota = read_rota(store, reference, window, worked)
    members = read_members(store, reference, window.last)
    names = _practice_names(store)
    found: list[Workforce] = []
    labels = reference.practice_labels
    # a hub has contacts and no patients of its own
    peopled = set(worked.patients.keys[:, 0].tolist()) if practice is None else set(scope.homes)
    places = [home for home in scope.homes if home >= 0 and home in peopled]
    for place in sorted(places, key=lambda home: labels[home].encode()):
        here = _gather(place, window, session_basis, reference, worked, rota, members)
        teams = _teams(store, reference, place, window)
        found.append(_one(here, period, reference, teams, names.get(place) or labels[place],
                          place in members))  # fmt: skip
    return tuple(found)


def _period(store: Store, date_from: date | None, date_to: date | None) -> Period:
    if date_from is None and date_to is None:
        return find_spans(store, 24).year
    first, last = contact_days(store)
    chosen = Period(date_from or first, date_to or last)
    if date_from is None and date_to is not None:
        from hamlets.continuity.calendar import months_before

        chosen = Period(date.fromordinal(months_before(date_to, 12).toordinal() + 1), date_to)
    if chosen.first > chosen.last:
        raise UsageError(
            f"The period would begin on {chosen.first} and end on {chosen.last}.",
            where="--from, --to",
            hint="Choose a first day on or before the last.",
        )
    return chosen


def _practice_names(store: Store) -> dict[int, str | None]:
    table = store.shared("practices", ["practice", "name"])
    return dict(zip(whole(table, "practice").tolist(), texts(table, "name"), strict=True))


def _teams(store: Store, reference: Reference, place: int, window: Window) -> list[_Team]:
    """Return the teams of a practice with a member in the window, by name."""
    table = store.shared("teams", ["team_id", "practice", "name"])
    code = {label: index for index, label in enumerate(reference.team_labels)}
    t = reference.teams
    person = np.repeat(np.arange(reference.people), np.diff(t.offset))
    found: list[_Team] = []
    for team_id, home, name in zip(
        texts(table, "team_id"), whole(table, "practice").tolist(), texts(table, "name"),
        strict=True,
    ):  # fmt: skip
        if home != place or team_id is None:
            continue
        mine = (t.value == code[team_id]) & (t.start <= window.last) & (t.end > window.first)
        rows = zip(person[mine].tolist(), t.start[mine].tolist(), t.end[mine].tolist(), strict=True)
        team = _Team(team_id, name or team_id, code[team_id], tuple(rows))
        if team.members:
            found.append(team)
    return sorted(found, key=lambda team: (team.name.casefold(), team.team_id))


def _gather(
    place: int,
    window: Window,
    session_basis: int,
    reference: Reference,
    worked: Worked,
    rota: Rota,
    members: dict[int, dict[int, Member]],
) -> _Here:
    """Return what is known of one practice."""
    given = _at(worked.given, place)
    sessions = rota.at(place)
    contact_roles = _contact_roles(given)
    people = dict(members.get(place, {}))
    for person in np.union1d(given.column(1), sessions.person).tolist():
        if person not in people:
            elsewhere = [m[person] for m in members.values() if person in m]
            known = elsewhere[0] if elsewhere else Member(person, "", UNKNOWN, UNKNOWN, None, False)
            # without a staff list everyone who had contacts counts as here
            people[person] = replace(known, sessions_per_week=None, here=place not in members)
    for person, member in people.items():
        role = member.role if member.role != UNKNOWN else contact_roles.get(person, UNKNOWN)
        contract = member.contract
        if contract == UNKNOWN:
            contract = CONTRACT_OF_ROLE.get(role, UNKNOWN)
        people[person] = replace(member, role=role, contract=contract)
    return _Here(
        place=place,
        window=window,
        session_basis=session_basis,
        roles_known=worked.roles_known,
        people=people,
        weekly=_weekly(people, sessions),
        given=given,
        gp_contact=worked.gp(given.column(2)),
        listed=_at(worked.listed, place),
        patients=_at(worked.patients, place),
        rota=sessions,
        everywhere=rota,
    )


def _at(cells: Cells, place: int) -> Cells:
    low, high = np.searchsorted(cells.keys[:, 0], [place, place + 1])
    return Cells(cells.keys[low:high], cells.count[low:high])


def _contact_roles(given: Cells) -> dict[int, str]:
    """Return the role each person most often had in contacts (a tie: the vocabulary's first)."""
    counts: dict[int, Counter[int]] = {}
    for person, role, count in zip(
        given.keys[:, 1].tolist(), given.keys[:, 2].tolist(), given.count.tolist(), strict=True
    ):
        if role > 0:
            counts.setdefault(person, Counter())[role] += count
    return {
        person: ROLES[min(found, key=lambda role: (-found[role], role))]
        for person, found in counts.items()
    }


def _weekly(people: dict[int, Member], sessions: Rota) -> dict[int, tuple[float, bool]]:
    """Return sessions a week; by the rota, half-days to each week with any, where not known."""
    found: dict[int, tuple[float, bool]] = {}
    for person, member in people.items():
        if member.sessions_per_week is not None:
            found[person] = member.sessions_per_week, False
            continue
        low, high = np.searchsorted(sessions.person, [person, person + 1])
        if high > low:
            weeks = len(np.unique((sessions.day[low:high] + 3) // 7))
            found[person] = int(high - low) / weeks, True
    return found


def _one(
    here: _Here,
    period: Period,
    reference: Reference,
    teams: list[_Team],
    name: str,
    staff_given: bool,
) -> Workforce:
    mondays = last_weeks(here.window)
    gps = np.array([p for p in here.people if here.gp(p)], dtype=np.int32)
    of_gps = here.rota.only(np.isin(here.rota.person, gps))
    whole_week = presence(mondays, of_gps.day, of_gps.half)
    cells = whole_week.shown()
    week: list[WeekRow] = [week_row("", whole_week, cells)]
    on_list = {p for p, member in here.people.items() if member.here}
    practice_id = reference.practice_labels[here.place]
    whole_unit = _unit(
        here, None, practice_id, name, on_list, of_gps, sum(week[0].covered_weekdays)
    )
    units: list[WorkforceUnit] = []
    for team in teams:
        mine = of_gps.only(team.rows(of_gps.person, of_gps.day))
        row = week_row(team.name, presence(mondays, mine.day, mine.half), cells)
        week.append(row)
        present = {
            p for p in team.on(here.window.last)
            if p in on_list or (p not in here.people and reference.leaves[p] > here.window.last)
        }  # fmt: skip
        units.append(
            _unit(here, team, practice_id, team.name, present, mine, sum(row.covered_weekdays))
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


def _sessions(here: _Here, people: Iterable[int]) -> float | None:
    known = [here.weekly[p][0] for p in sorted(people) if p in here.weekly]
    return sum(known) if known else None


def _ratio(above: float, below: float | None) -> float | None:
    return above / below if below else None


def _unit(
    here: _Here,
    team: _Team | None,
    practice_id: str,
    name: str,
    people: set[int],
    sessions: Rota,
    weekdays: int,
) -> WorkforceUnit:
    """Return the figures of some people: all of the practice, or a team's."""
    gps = {p for p in people if p in here.people and here.gp(p)}
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
        weekdays_covered=weekdays,
        patients=size,
        patients_per_session=_ratio(size, by_gps),
        contacts_per_session=_ratio(int(given.count.sum()), len(sessions.person)),
        overlap=share,
        load=day_load(given.column(1), given.column(3), given.count),
        sessions_from_rota=sum(here.weekly[p][1] for p in people if p in here.weekly),
        gps_with_sessions=len(weekly),
        reason="; ".join(reasons) or None,
    )


def _people(here: _Here, reference: Reference) -> tuple[PersonRow, ...]:
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
                staff_id=label,
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
