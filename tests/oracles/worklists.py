"""Twins of the two worklists, as a person would do them: patient by patient, in plain loops.

``random_book`` makes small practices; nothing here uses the arrays' shortcuts.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import numpy as np

from hamlets.teams.worklists.book import NO_DAY, Book, Contacts, Patients, Staff

DAY = date(2031, 3, 31)
EPOCH = date(1970, 1, 1)
COHORTS = ("end_of_life", "housebound", "new_cancer")


def number(day: date) -> int:
    """Return days since 1970."""
    return (day - EPOCH).days


def months_earlier(day: date, months: int) -> date:
    """Return the same day some months earlier, or that month's last day."""
    month = day.year * 12 + day.month - 1 - months
    year, month = divmod(month, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def random_book(seed: int) -> Book:
    """Return a small practice in which every reason, tie and gap turns up now and then."""
    draw = np.random.default_rng(seed)
    people, patients = int(draw.integers(1, 9)), int(draw.integers(1, 40))
    teams, day = int(draw.integers(0, 4)), number(DAY)
    ends = [NO_DAY, day - 200, day - 1, day, day + 90, day + 7 * 26, day + 7 * 26 + 1]
    last_day = draw.choice(ends, people, p=[0.4, *[0.1] * 6])
    rota_last = int(draw.choice([NO_DAY, day, day + 60]))
    worked = draw.choice([NO_DAY, day - 90, day - 41, day + 18, day + 19, day + 59], people)
    member = draw.random((people, teams)) < 0.4
    team = np.array(
        [
            int(draw.choice(np.flatnonzero(row))) if row.any() and draw.random() < 0.8 else -1
            for row in member
        ],
        dtype=np.int32,
    )
    staff = Staff(
        staff_id=tuple(f"S{row}" for row in range(people)),
        name=tuple(f"Dr Example-{row}" for row in range(people)),
        last_day=last_day.astype(np.int32),
        last_worked=worked.astype(np.int32),
        may_be_named=draw.random(people) < 0.7,
        team=team,
        member=member,
        buddies=tuple(
            tuple(b for b in range(people) if b != row and draw.random() < 0.15)
            for row in range(people)
        ),
        team_id=tuple(f"T{column}" for column in range(teams)),
    )
    size = int(draw.integers(0, 300))
    # few days, so that patients often have the same weights
    days = draw.choice([day - 729, day - 400, day - 364, day - 120, day - 60, day], size)
    return Book(
        practice_id="EX001",
        name="Example Practice",
        day=day,
        staff=staff,
        patients=Patients(
            patient_id=tuple(f"P{row * 7919 % 1000:03}" for row in range(patients)),
            named=draw.integers(-1, people, patients).astype(np.int32),
            holds=draw.random(patients) < 0.8,
            work_minutes=draw.choice([10.0, 20.0, 45.5, 120.0], patients),
            age=draw.choice([-1, 3, 40, 84, 85, 99], patients).astype(np.int32),
            conditions=draw.integers(0, 8, patients).astype(np.int32),
            cohorts={name: draw.random(patients) < 0.2 for name in COHORTS},
            registers={"frailty": draw.random(patients) < float(draw.choice([0.0, 0.2]))},
        ),
        contacts=Contacts(
            draw.integers(0, patients, size).astype(np.int32),
            draw.integers(0, people, size).astype(np.int32),
            days.astype(np.int32),
        ),
        rota_last=rota_last,
    )


def shuffled(book: Book, seed: int) -> Book:
    """Return the same practice with contacts and patients in another order."""
    draw = np.random.default_rng(seed)
    order = draw.permutation(book.patients.size)
    place = np.argsort(order)
    rows = draw.permutation(len(book.contacts.day))
    p, c = book.patients, book.contacts
    return replace(
        book,
        patients=Patients(
            patient_id=tuple(p.patient_id[row] for row in order),
            named=p.named[order],
            holds=p.holds[order],
            work_minutes=p.work_minutes[order],
            age=p.age[order],
            conditions=p.conditions[order],
            cohorts={name: held[order] for name, held in p.cohorts.items()},
            registers={name: held[order] for name, held in p.registers.items()},
        ),
        contacts=Contacts(
            place[c.patient[rows]].astype(np.int32), c.staff[rows], c.day[rows]
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """A contact: with whom, and on which day."""

    staff: int
    day: date


def visits(book: Book) -> dict[int, list[Visit]]:
    """Return every patient's contacts in order of time."""
    found: dict[int, list[Visit]] = {row: [] for row in range(book.patients.size)}
    c = book.contacts
    for patient, staff, day in zip(c.patient, c.staff, c.day, strict=True):
        found[int(patient)].append(Visit(int(staff), EPOCH + timedelta(days=int(day))))
    for mine in found.values():
        mine.sort(key=lambda visit: visit.day)
    return found


def weight(mine: list[Visit], staff: int | None = None) -> float:
    """Return contacts halved for each year of age, with one person or with all."""
    return sum(0.5 ** ((DAY - v.day).days / 365) for v in mine if staff is None or v.staff == staff)


def leavers(book: Book, weeks: int, asked: tuple[int, int] | None) -> dict[int, tuple[str, int]]:
    """Return why each person leaves, and the last day."""
    found: dict[int, tuple[str, int]] = {}
    today = number(DAY)
    for row in range(book.staff.size):
        last, worked = int(book.staff.last_day[row]), int(book.staff.last_worked[row])
        if asked and asked[0] == row:
            found[row] = ("asked", asked[1])
        elif last != NO_DAY and last < today:
            found[row] = ("gone", last)
        elif last != NO_DAY and last <= today + 7 * weeks:
            found[row] = ("leaves", last)
        elif (
            worked != NO_DAY
            and book.rota_last != NO_DAY
            and book.rota_last >= worked + 42
            and worked < today + 7 * weeks
        ):
            found[row] = ("away", worked)
    return found


def next_gp(book: Book, gone: set[int], named: int, mine: list[Visit]) -> tuple[int | None, str]:
    """Return whom to name instead, and why."""
    staff = book.staff

    def by_weight(rows: list[int]) -> int:
        return min(rows, key=lambda row: (-round(weight(mine, row), 6), staff.staff_id[row]))

    def may(row: int) -> bool:
        return bool(staff.may_be_named[row]) and row not in gone and row != named

    buddies = [row for row in staff.buddies[named] if may(row)]
    if buddies:
        return by_weight(buddies), "buddy"
    seen = [row for row in range(staff.size) if may(row) and any(v.staff == row for v in mine)]
    team = staff.team[named]
    colleagues = [row for row in seen if team != -1 and staff.member[row][team]]
    if colleagues:
        return by_weight(colleagues), "team"
    return (by_weight(seen), "practice") if seen else (None, "none")


def leaving(
    book: Book, cohorts: Mapping[str, Any], weeks: int, asked: tuple[int, int] | None
) -> list[dict[str, Any]]:
    """Return the rows of the early warning."""
    gone, seen = leavers(book, weeks, asked), visits(book)
    size = book.patients.size
    rows: list[dict[str, Any]] = []
    for patient in range(size):
        named = int(book.patients.named[patient])
        if named not in gone:
            continue
        mine = seen[patient]
        work = book.patients.work_minutes[patient]
        less = sum(1 for other in book.patients.work_minutes if other < work)
        groups = [name for name, held in cohorts.items() if held[patient]]
        own, everybody = weight(mine, named), weight(mine)
        following, why = next_gp(book, set(gone), named, mine)
        points = (
            25 * less / size,
            min(25.0, 12.5 * len(groups)),
            min(25.0, 25 * own / 4),
            25 * own / everybody if mine else 0.0,
        )
        rows.append(
            {
                "patient_id": book.patients.patient_id[patient],
                "named_gp": book.staff.staff_id[named],
                "reason": gone[named][0],
                "last_day": EPOCH + timedelta(days=gone[named][1]),
                "points": points,
                "score": round(sum(points), 6),
                "cohorts": tuple(groups),
                "contacts_with_gp": sum(v.staff == named for v in mine),
                "weighted_with_gp": own,
                "share_with_gp": own / everybody if mine else None,
                "suggested_gp": None if following is None else book.staff.staff_id[following],
                "suggested_why": why,
                "seen_suggested": sum(v.staff == following for v in mine),
            }
        )
    return sorted(rows, key=lambda row: (-row["score"], row["patient_id"]))


def own_people(book: Book, patient: int) -> set[int] | None:
    """Return who is a patient's own: the team and the named GP, or None where nobody is there."""
    named = int(book.patients.named[patient])
    if named == -1 or not book.patients.holds[patient]:
        return None
    team = book.staff.team[named]
    members = [row for row in range(book.staff.size) if team != -1 and book.staff.member[row][team]]
    return {named, *members}


def worklist(book: Book, presets: Mapping[str, Any], weeks: int = 26) -> list[dict[str, Any]]:
    """Return the rows of the worklist; ``presets`` say who is in which."""
    year, quarter = months_earlier(DAY, 12), months_earlier(DAY, 3)
    seen, gone = visits(book), leavers(book, weeks, None)
    of_year = [v.staff for mine in seen.values() for v in mine if v.day > year]
    rows: list[dict[str, Any]] = []
    for patient in range(book.patients.size):
        held = tuple(name for name, members in presets.items() if members[patient])
        if not held:
            continue
        own, named = own_people(book, patient), int(book.patients.named[patient])
        mine = [v for v in seen[patient] if v.day > year]
        late = [v.staff in (own or ()) for v in mine if v.day > quarter]
        early = [v.staff in (own or ()) for v in mine if v.day <= quarter]
        share = Fraction(sum(late) + sum(early), len(mine)) if mine and own is not None else None
        work = float(book.patients.work_minutes[patient])
        counts = [sum(v.staff == row for v in seen[patient]) for row in range(book.staff.size)]
        rows.append(
            {
                "patient_id": book.patients.patient_id[patient],
                "presets": held,
                "minutes_outside": round(work * (1 - float(share or 0)), 6),
                "contacts": len(mine),
                "share": None if share is None else float(share),
                "chance": sum(w in own for w in of_year) / len(of_year)
                if own is not None and of_year
                else None,
                "drifted": own is not None
                and len(late) >= 3
                and len(early) >= 3
                and Fraction(sum(early), len(early)) - Fraction(sum(late), len(late))
                >= Fraction(1, 3),
                "contacts_recent": len(late),
                "contacts_before": len(early),
                "losing_gp": gone[named][0] if named in gone else None,
                "not_most_seen": named != -1 and max(counts) > counts[named],
            }
        )
    return sorted(rows, key=lambda row: (-row["minutes_outside"], row["patient_id"]))
