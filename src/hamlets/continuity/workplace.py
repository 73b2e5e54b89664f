"""One practice as a place of work: its people, teams, contacts and sessions in a period."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from hamlets.continuity.calendar import Window
from hamlets.continuity.columns import Bools, Int32, texts, whole
from hamlets.continuity.members import CONTRACT_OF_ROLE, UNKNOWN, Member
from hamlets.continuity.reference import Reference
from hamlets.continuity.rota import Rota
from hamlets.continuity.worked import Cells, Worked
from hamlets.records import Store
from hamlets.records.tables import ROLES


@dataclass(frozen=True)
class Team:
    """A team of the practice, with everyone who was a member in the period."""

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
        """Return the members on a day."""
        return {person for person, start, end in self.members if start <= day < end}


@dataclass(frozen=True)
class Workplace:
    """What is known of one practice in a period."""

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
        """Return whether someone counts as a GP; everyone does where no role is known."""
        return not self.roles_known or self.people[person].gp


def find_teams(store: Store, reference: Reference, window: Window) -> dict[int, list[Team]]:
    """Return by practice the teams with a member in the window, by name."""
    t = reference.teams
    person = np.repeat(np.arange(reference.people), np.diff(t.offset))
    inside = (t.start <= window.last) & (t.end > window.first)
    members: dict[int, list[tuple[int, int, int]]] = {}
    columns = (a[inside].tolist() for a in (t.value, person, t.start, t.end))
    for team, *row in zip(*columns, strict=True):
        members.setdefault(team, []).append((row[0], row[1], row[2]))
    code = {label: index for index, label in enumerate(reference.team_labels)}
    table = store.shared("teams", ["team_id", "practice", "name"])
    named = zip(
        texts(table, "team_id"), whole(table, "practice").tolist(), texts(table, "name"),
        strict=True,
    )  # fmt: skip
    found: dict[int, list[Team]] = {}
    for team_id, place, name in named:
        if team_id is not None and code[team_id] in members:
            rows = tuple(members[code[team_id]])
            team = Team(team_id, name or team_id, code[team_id], rows)
            found.setdefault(place, []).append(team)
    return {
        place: sorted(teams, key=lambda team: (team.name.casefold(), team.team_id))
        for place, teams in found.items()
    }


def gather(
    place: int,
    window: Window,
    session_basis: int,
    reference: Reference,
    worked: Worked,
    rota: Rota,
    members: dict[int, dict[int, Member]],
    teams: list[Team],
) -> Workplace:
    """Return what is known of one practice."""
    given = _at(worked.given, place)
    sessions = rota.at(place)
    contact_roles = _contact_roles(given)
    people = dict(members.get(place, {}))
    active = set(np.union1d(given.column(1), sessions.person).tolist())
    for person in sorted(active.union(*(team.on(window.last) for team in teams)) - people.keys()):
        elsewhere = sorted(
            (not at[person].gp, reference.practice_labels[p], p)
            for p, at in members.items()
            if person in at
        )
        known = Member(person, "", UNKNOWN, UNKNOWN, None, False)
        if elsewhere:
            known = members[elsewhere[0][-1]][person]
        # without a staff list everyone who had contacts counts as here
        listed = place not in members and person in active
        people[person] = replace(known, sessions_per_week=None, here=listed, staff_id="")
    for person, member in people.items():
        role = member.role if member.role != UNKNOWN else contact_roles.get(person, UNKNOWN)
        contract = member.contract
        if contract == UNKNOWN:
            contract = CONTRACT_OF_ROLE.get(role, UNKNOWN)
        people[person] = replace(member, role=role, contract=contract)
    return Workplace(
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
