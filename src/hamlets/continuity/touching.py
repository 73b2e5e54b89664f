"""Which home practices must be read for the figures of one practice to be complete."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hamlets.continuity.columns import ALWAYS, NEVER, Bools, Int32, days, whole
from hamlets.continuity.reference import build_reference
from hamlets.records import Store


def homes_touching(store: Store, practice: int) -> frozenset[int]:
    """Return the home practices with anything that the figures of a practice depend on.

    A patient may have belonged to the practice and be kept under another one since; a GP who
    holds a list here may see, and be named by, patients of other practices. So: every home
    with a contact or a registration at the practice, then every home with a contact or a named
    GP who holds a list in one of those.
    """
    homes = store.group_practices()
    near = {
        home
        for home in homes
        if home == practice
        or _holds(store, home, "appointments", "practice", practice)
        or _holds(store, home, "registrations", "practice", practice)
        or _holds(store, home, "patients", "practice", practice)
    }
    holders = _people_named(store, near)
    if not holders.any():
        return frozenset(near)
    return frozenset(
        near | {home for home in homes if home not in near and _met(store, home, holders)}
    )


def homes_on(store: Store, practice: int, first: int, last: int) -> tuple[int, ...]:
    """Return the home practices, ascending, that hold anything of a practice as it is on a day.

    Those with somebody registered there on day ``last``, or with an appointment there on days
    ``first..last``. The practice itself is one of them.
    """
    return tuple(
        home
        for home in store.group_practices()
        if home == practice
        or _booked_at(store, home, practice, first, last)
        or _open_at(store, home, "registrations", ("from_date", "to_date"), practice, last)
        or _open_at(store, home, "patients", ("registered_from", "registered_to"), practice, last)
    )


def _booked_at(store: Store, home: int, practice: int, first: int, last: int) -> bool:
    if not _holds(store, home, "appointments", "practice", practice):
        return False
    rows = store.read_group("appointments", home, ["practice", "start_day"])
    day = whole(rows, "start_day")
    return bool(((whole(rows, "practice") == practice) & (day >= first) & (day <= last)).any())


def _open_at(
    store: Store, home: int, table: str, dates: tuple[str, str], practice: int, day: int
) -> bool:
    if not _holds(store, home, table, "practice", practice):
        return False
    rows = store.read_group(table, home, ["practice", *dates])
    start, end = days(rows, dates[0], ALWAYS), days(rows, dates[1], NEVER)
    return bool(((whole(rows, "practice") == practice) & (start <= day) & (day < end)).any())


def _holds(store: Store, home: int, table: str, column: str, value: int) -> bool:
    rows = store.read_group(table, home, [column])
    return bool((whole(rows, column) == value).any())


def _people_named(store: Store, homes: Iterable[int]) -> Bools:
    """Return for each staff code whether that person is named by a patient of these homes."""
    person_of_staff = build_reference(store).person_of_staff
    named = np.zeros(int(person_of_staff.max(initial=-1)) + 1, dtype=bool)
    for home in homes:
        for table, column in (("named_gps", "staff"), ("patients", "named_staff")):
            staff = _codes(store, home, table, column)
            named[person_of_staff[staff]] = True
    return named[person_of_staff]


def _met(store: Store, home: int, people: Bools) -> bool:
    """Return whether patients of a home have a contact with, or name, one of these people."""
    columns = (("appointments", "staff"), ("named_gps", "staff"), ("patients", "named_staff"))
    return any(bool(people[_codes(store, home, *column)].any()) for column in columns)


def _codes(store: Store, home: int, table: str, column: str) -> Int32:
    """Return the codes of one column that are known."""
    codes = whole(store.read_group(table, home, [column]), column)
    return codes[codes >= 0]
