"""The ceiling of a tiny practice by trying every way to book its requests again.

Written from the definitions, one slot and one request at a time; nothing of the package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

GROUP_OF = {"in person": 0, "remote": 1, "visit": 2, "unknown": 3}


@dataclass(frozen=True)
class Contact:
    """A recorded contact, which is a request and a slot."""

    named: str | None
    team: str | None
    person: str
    passing: bool
    day: date
    half: int
    mode: str
    minutes: int
    asked: date | None
    urgent: bool


@dataclass(frozen=True)
class Spare:
    """A free slot; ``mode`` None: its type says nothing of it."""

    person: str
    passing: bool
    day: date
    half: int
    mode: str | None
    minutes: int


Slot = Contact | Spare
Members = Callable[[str, str, date], bool]
"""Whether a person is in a team on a day."""


@cache
def works(day: date) -> bool:
    """Return whether a day is a working day of England."""
    import holidays

    return day.weekday() < 5 and day not in holidays.country_holidays("GB", "ENG", years=day.year)


def step(day: date, count: int, way: int) -> date:
    """Return the working day so many working days on (way 1) or back (way -1)."""
    while count:
        day += timedelta(days=way)
        count -= works(day)
    return day


def in_window(contact: Contact, slot: Slot, window: str, working_days: int) -> bool:
    """Return whether a slot lies where the request could have been met."""
    if window == "strict":
        return (slot.day, slot.half) == (contact.day, contact.half)
    if window == "week":
        return step(contact.day, 2, -1) <= slot.day <= step(contact.day, 2, 1)
    assert contact.asked is not None
    asked = min(contact.asked, contact.day)
    last = asked if contact.urgent else step(asked, working_days, 1)
    return asked <= slot.day <= last


def suits(contact: Contact, slot: Slot) -> bool:
    """Return whether a slot is of the way of contact, and long enough."""
    if isinstance(slot, Contact):
        return slot.mode == contact.mode
    if slot.minutes < contact.minutes:
        return False
    if slot.mode is None:
        return contact.mode != "visit"
    return slot.mode == contact.mode or (
        contact.mode == "unknown" and slot.mode in ("in person", "remote")
    )


@dataclass(frozen=True)
class Ceiling:
    """What the rota allowed: counts of requests with a named GP."""

    n: int
    own: int
    team: int
    can_own: int
    can_team: int
    away: int
    wins: int


def is_own(c: Contact, s: Slot) -> bool:
    """Return whether a slot is one of the request's own GP."""
    return s.person == c.named and not s.passing


def recorded_with(c: Contact, member: Members) -> int:
    """Return 2 for a contact with the own GP, 1 with the team, 0 with others."""
    if c.named is not None and c.person == c.named:
        return 2
    return int(c.named is not None and c.team is not None and member(c.team, c.person, c.day))


def ways(
    i: int, moved: list[Contact], slots: list[Slot], member: Members, window: str, days: int
) -> Iterator[tuple[int, int]]:
    """Yield each slot that request i may take, and what it is worth there."""
    c = moved[i]
    level = recorded_with(c, member)
    for j, s in enumerate(slots):
        if j == i:
            yield j, level
        elif in_window(c, s, window, days) and suits(c, s):
            in_team = c.team is not None and member(c.team, s.person, s.day)
            worth = 2 if is_own(c, s) else int(c.named is not None and in_team)
            if worth >= level:
                yield j, worth


def fewest_moves(
    contacts: list[Contact], spare: list[Spare], member: Members, window: str, working_days: int
) -> tuple[int, int]:
    """Return the most requests with the own GP, and how few must have another slot for that."""
    moved = [c for c in contacts if window != "policy" or c.asked is not None]
    slots: list[Slot] = [*moved, *spare]
    choices: list[list[tuple[int, int]]] = []
    for i, c in enumerate(moved):
        made = ways(i, moved, slots, member, window, working_days)
        own = [(j, c.named is not None and worth == 2) for j, worth in made]
        choices.append([(j, 2 * int(is_mine) + int(j != i)) for j, is_mine in own])
    own_moves = _most(choices, ((0, 0), (0, -1), (1, 0), (1, -1)))
    return own_moves[0], -own_moves[1]


def ceiling(
    contacts: list[Contact], spare: list[Spare], member: Members, window: str, working_days: int
) -> Ceiling:
    """Return the most requests with the own GP and, among such bookings, with the team."""
    moved = [c for c in contacts if window != "policy" or c.asked is not None]
    slots: list[Slot] = [*moved, *spare]

    def recorded(c: Contact) -> int:
        return recorded_with(c, member)

    listed = [i for i, c in enumerate(moved) if c.named is not None]
    choices = [list(ways(i, moved, slots, member, window, working_days)) for i in range(len(moved))]
    best = _most(choices, tuple((int(w == 2), int(w >= 1)) for w in range(3)))
    wins: list[list[tuple[int, int]]] = []
    for i in listed:
        if recorded(moved[i]) < 2:
            free = [(j, w) for j, w in choices[i] if w == 2 and j >= len(moved)]
            wins.append([*free, (len(slots) + i, 0)])
    level = {i: recorded(moved[i]) for i in listed}
    return Ceiling(
        n=len(listed),
        own=sum(level[i] == 2 for i in listed),
        team=sum(level[i] >= 1 for i in listed),
        can_own=best[0],
        can_team=best[1],
        away=sum(
            level[i] < 2
            and not any(
                is_own(moved[i], s) and in_window(moved[i], s, window, working_days) for s in slots
            )
            for i in listed
        ),
        wins=_most(wins, ((0, 0), (0, 0), (1, 1)))[0],
    )


def _most(
    choices: list[list[tuple[int, int]]], worth: tuple[tuple[int, int], ...]
) -> tuple[int, int]:
    """Return the greatest worth (own first) of every way to give each request its own slot."""

    def best(i: int, taken: frozenset[int]) -> tuple[int, int] | None:
        if i == len(choices):
            return (0, 0)
        found: tuple[int, int] | None = None
        for slot, kind in choices[i]:
            if slot in taken:
                continue
            rest = best(i + 1, taken | {slot})
            if rest is not None:
                total = (rest[0] + worth[kind][0], rest[1] + worth[kind][1])
                found = total if found is None else max(found, total)
        return found

    result: Any = best(0, frozenset())
    assert result is not None  # each may keep its recorded slot
    return result
