"""Who is at work in a practice on a day, as what, and who of them may hold a list."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from hamlets.continuity.calendar import Window, day_number, months_before
from hamlets.continuity.calendar import day_of as date_of
from hamlets.continuity.columns import ALWAYS, NEVER, days, texts, whole
from hamlets.continuity.members import Member, read_members
from hamlets.continuity.named_standing import ELIGIBLE, Standing, read_standing
from hamlets.continuity.reference import LIST_ROLES, NO_LIST_CONTRACTS, Reference
from hamlets.continuity.rota import make_rota
from hamlets.continuity.worked import Cells, Worked, tally
from hamlets.continuity.workplace import gather
from hamlets.records import Store
from hamlets.records.tables import CONTRACTS, ROLES
from hamlets.teams.gathering.sessions import TEMPLATE_DAYS, Stints
from hamlets.teams.gathering.visits import Visits

NOTICE_MONTHS = 6
"""Who leaves within so many months may not be given a list; a locum who has been here for as
long, and stays as long, is a long-term one."""


@dataclass(frozen=True)
class Post:
    """One role record at the practice."""

    start: int
    end: int
    supernumerary: bool
    """A registrar's or trainee's: the patients are another's."""


@dataclass(frozen=True)
class Colleague:
    """One person at work, from all their role records at the practice."""

    person: int
    label: str
    name: str
    role: str
    contract: str
    gp: bool
    eligible: bool
    sessions_per_week: float
    posts: tuple[Post, ...]
    since: int
    """First day of the posts that follow one another up to the day; ALWAYS where not known."""
    until: int
    """First day no longer here; NEVER where open."""
    languages: frozenset[str]
    skills: frozenset[str]


@dataclass(frozen=True)
class Staff:
    """People at work, by label, and whether the practice has a staff list."""

    colleagues: tuple[Colleague, ...]
    listed: bool
    roles_known: bool


@dataclass(frozen=True)
class _Row:
    person: int
    place: int
    start: int
    end: int
    role: str
    contract: str
    languages: frozenset[str]
    skills: frozenset[str]


def read_staff(
    store: Store,
    place: int,
    reference: Reference,
    visits: Visits,
    stints: Stints,
    window: Window,
    long_term_locums: bool = False,
) -> Staff:
    """Return who is at work on the window's last day.

    Who is on the practice's staff list that day; without a list, who had a contact there in
    the last 12 weeks.
    """
    day = window.last
    members = read_members(store, reference, day)
    people = _people(place, reference, visits, stints, members, window)
    listed = place in members
    recent = visits.here & (visits.day > day - TEMPLATE_DAYS)
    seen = set(np.unique(visits.person[recent]).tolist())
    here = {p: m for p, m in people.items() if (m.here if listed else p in seen)}
    rows: dict[int, list[_Row]] = {}
    for row in _rows(store, reference):
        rows.setdefault(row.person, []).append(row)
    standing = read_standing(store, reference, day)
    weekly = _weekly(stints)
    found = [
        _colleague(
            member, place, rows.get(person, []), reference, standing, day,
            weekly.get(person, 0.0), long_term_locums,
        )
        for person, member in here.items()
    ]  # fmt: skip
    by_label = sorted(found, key=lambda one: (one.label.encode(), one.person))
    return Staff(tuple(by_label), listed, reference.roles_known)


def _people(
    place: int,
    reference: Reference,
    visits: Visits,
    stints: Stints,
    members: dict[int, dict[int, Member]],
    window: Window,
) -> dict[int, Member]:
    """Return everyone of the practice, with roles by contacts where the list has none."""
    v = visits
    inside = v.here & (v.day >= stints.first)
    where = np.full(int(inside.sum()), place, dtype=np.int32)
    given = tally([where, v.person[inside], v.role[inside], v.day[inside], v.half[inside]])
    nothing = Cells(np.empty((0, 5), np.int64), np.empty(0, np.int64))
    worked = Worked(given, nothing, nothing, reference.roles_known)
    person, day, half = stints.half_days(np.ones(len(stints.day), dtype=np.bool_))
    at = np.full(len(person), place, dtype=np.int32)
    rota = make_rota(at, person, day, half, frozenset({place} if stints.given else ()))
    return gather(place, window, 9, reference, worked, rota, members, []).people


def _weekly(stints: Stints) -> dict[int, float]:
    """Return half-days worked to each week with any, as the workforce has it."""
    found: dict[int, float] = {}
    person, day, half = stints.half_days(stints.bookable)
    slots = np.unique(np.stack([person, day, half.astype(np.int32)]), axis=1) if len(day) else None
    if slots is None:
        return found
    for one in np.unique(slots[0]).tolist():
        mine = slots[1][slots[0] == one]
        found[one] = len(mine) / len(np.unique((mine + 3) // 7))
    return found


def _rows(store: Store, reference: Reference) -> Iterable[_Row]:
    table = store.shared("staff")
    columns = zip(
        whole(table, "staff").tolist(),
        whole(table, "practice").tolist(),
        days(table, "start_date", ALWAYS).tolist(),
        days(table, "end_date", NEVER).tolist(),
        whole(table, "role").tolist(),
        whole(table, "contract").tolist(),
        texts(table, "languages"),
        texts(table, "skills"),
        strict=True,
    )
    for code, place, start, end, role, contract, languages, skills in columns:
        if code >= 0:
            yield _Row(
                int(reference.person_of_staff[code]), place, start, end,
                ROLES[max(role, 0)], CONTRACTS[max(contract, 0)],
                split_words(languages), split_words(skills),
            )  # fmt: skip


def split_words(text: str | None) -> frozenset[str]:
    """Return the words of a list such as "English; Somali", as they are spelt."""
    return frozenset(word.strip() for word in re.split(r"[;,|]", text or "") if word.strip())


def _colleague(
    member: Member,
    place: int,
    rows: list[_Row],
    reference: Reference,
    standing: Standing,
    day: int,
    weekly: float,
    long_term_locums: bool,
) -> Colleague:
    mine = [row for row in rows if row.place == place]
    held = [row for row in rows if row.start <= day < row.end]
    since, until = _stay(mine, day)
    gp = member.gp or not reference.roles_known
    label = reference.person_labels[member.person]
    return Colleague(
        person=member.person,
        label=label,
        name=member.name or standing.names.get(member.person) or label,
        role=member.role,
        contract=member.contract,
        gp=gp,
        eligible=gp and _may(member, reference, standing, since, until, day, long_term_locums),
        sessions_per_week=weekly if member.sessions_per_week is None else member.sessions_per_week,
        posts=tuple(Post(row.start, row.end, _supernumerary(row, member)) for row in mine)
        or (Post(ALWAYS, NEVER, _supernumerary(None, member)),),
        since=since,
        until=until,
        languages=frozenset[str]().union(*(row.languages for row in held)),
        skills=frozenset[str]().union(*(row.skills for row in held)),
    )


def _stay(rows: list[_Row], day: int) -> tuple[int, int]:
    """Return the first day here and the first no longer, over posts without a gap between them.

    A contract that another follows at once is no leaving.
    """
    since = until = day
    if not rows:
        return ALWAYS, NEVER
    moved = True
    while moved:
        moved = False
        for row in rows:
            if row.start <= until and row.end >= since:
                low, high = min(since, row.start), max(until, row.end)
                moved = moved or (low, high) != (since, until)
                since, until = low, high
    return since, until


def _supernumerary(row: _Row | None, member: Member) -> bool:
    role = row.role if row is not None and row.role != "unknown" else member.role
    contract = row.contract if row is not None and row.contract != "unknown" else "unknown"
    return role == "gp_registrar" or contract == "trainee"


def _may(
    member: Member,
    reference: Reference,
    standing: Standing,
    since: int,
    until: int,
    day: int,
    long_term_locums: bool,
) -> bool:
    """Return whether a GP here may hold a list here (definitions, Teams 4).

    Who may be a named GP at all is continuity's to say (Continuity 7); beyond that the role
    and contract at this practice, and how long the person stays.
    """
    if until <= day_number(months_before(date_of(day), -NOTICE_MONTHS)):
        return False
    locum = member.role == "gp_locum" or (
        member.contract == "locum" and member.role != "gp_registrar"
    )
    if locum:
        return long_term_locums and since <= day_number(months_before(date_of(day), NOTICE_MONTHS))
    if int(standing.problem[member.person]) != ELIGIBLE or member.contract in NO_LIST_CONTRACTS:
        return False
    return member.role in LIST_ROLES or not reference.roles_known
