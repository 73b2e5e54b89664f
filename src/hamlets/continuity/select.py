"""Which rows count: the first part of the kernel.

One pass over the rows of a home practice, patient by patient in the order in
which the store keeps them. It writes the counted contacts as short arrays with
local codes (people and places of this practice only), so that everything after
it stays in the processor's cache, and names the reason for each row left out.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hamlets.continuity.compiled import boolean, compiled, i1, i1_, i4, i4_, i8, integer, types, u1

#: Reasons for not counting a row, in the order in which they are tried.
REASONS = (
    "status",
    "status_unknown",
    "before_registration",
    "after_registration",
    "mode",
    "no_clinician",
    "role",
    "role_unknown",
    "same_day",
    "age",
)
STATUS, STATUS_UNKNOWN, BEFORE, AFTER, MODE, NO_CLINICIAN = range(6)
ROLE, ROLE_UNKNOWN, SAME_DAY, AGE = range(6, 10)
COUNTED = -1
#: ``home`` of a patient who is registered, but nowhere in the window.
NOT_IN_WINDOW = -2


@compiled(types.int64, integer, integer, i4, i4, i4, i4, integer, integer)
def registration_on(
    low: int, high: int, start: Any, end: Any, place: Any, rank: Any, first: int, last: int
) -> int:
    """Return the index of the registration that says where a patient belongs, or -1.

    The registration on ``last``, else the one that ends latest among those that
    reach into the window; on equal days the one that started last, then ended
    last, then has the highest practice id (``rank`` by practice code).
    """
    best = -1
    best_day = np.int64(-(2**40))
    for row in range(low, high):
        if start[row] > last or end[row] <= first or end[row] <= start[row]:
            continue
        day = min(np.int64(end[row]) - 1, last)
        better = best < 0 or day > best_day
        if not better and day == best_day:
            if start[row] != start[best]:
                better = start[row] > start[best]
            elif end[row] != end[best]:
                better = end[row] > end[best]
            else:
                better = rank[place[row]] > rank[place[best]]
        if better:
            best = row
            best_day = day
    return best


@compiled(types.void, i4, i4, i4, i4, i4, integer, integer, i4_)
def registered_homes(
    offset: Any, start: Any, end: Any, place: Any, rank: Any, first: int, last: int, home: Any
) -> None:  # fmt: skip
    """Write where each patient is registered in a window, -1 or NOT_IN_WINDOW."""
    for p in range(home.size):
        if offset[p] == offset[p + 1]:
            home[p] = -1
            continue
        best = registration_on(offset[p], offset[p + 1], start, end, place, rank, first, last)
        home[p] = place[best] if best >= 0 else NOT_IN_WINDOW


@compiled(types.int64, integer, integer, i4, i4, i4, integer, integer)
def registered(low: int, high: int, start: Any, end: Any, place: Any, home: int, day: int) -> int:
    """Return COUNTED on a day registered at ``home``, else BEFORE or AFTER."""
    started = False
    for row in range(low, high):
        if place[row] == home and start[row] <= day:
            if day < end[row]:
                return COUNTED
            started = True
    if started:
        return AFTER
    return BEFORE


@compiled(types.int64, integer, integer, i4, i4, i1, integer)
def role_on(low: int, high: int, start: Any, end: Any, role: Any, day: int) -> int:
    """Return the role of the staff row that covers the day (latest start wins), else 0."""
    found = 0
    since = np.int64(-(2**40))
    for row in range(low, high):
        if start[row] <= day < end[row] and start[row] >= since:
            if start[row] > since or role[row] > found:
                found = role[row]
            since = np.int64(start[row])
    return found


@compiled(
    types.UniTuple(types.int64, 4),
    # rows
    i8, i8, i4, i4, i4, i1, i1, i1,
    # staff
    i4, i4, i4, i4, i1,
    # rules
    u1, u1, u1, boolean, boolean, boolean, integer, integer,
    # patients
    i4, i4, i4, i4, i4, i4, i4, u1,
    # workspace
    i4_, i4_,
    # results
    i4_, i4_, i4_, i4_, i4_, i1_, i4_, i4_, i4_, i4_, i1_,
)  # fmt: skip
def select_contacts(
    row_low: Any, row_high: Any,
    day: Any, staff: Any, place: Any, status: Any, mode: Any, role: Any,
    person_of_staff: Any, role_offset: Any, role_from: Any, role_to: Any, role_code: Any,
    status_counts: Any, mode_counts: Any, role_counts: Any,
    filter_roles: bool, need_roles: bool, one_a_day: bool, first: int, last: int,
    registration_offset: Any, registration_from: Any, registration_to: Any,
    registration_place: Any, place_rank: Any, death_day: Any, home: Any, other_age: Any,
    person_slot: Any, place_slot: Any,
    offset: Any, who: Any, where: Any, contact_day: Any, source_row: Any, contact_role: Any,
    person_ids: Any, place_ids: Any,
    excluded_patient: Any, excluded_row: Any, excluded_why: Any,
) -> tuple[int, int, int, int]:  # fmt: skip
    """Write the counted contacts up to ``last``; return (contacts, people, places, excluded rows).

    Rows of patient p are ``row_low[p]:row_high[p]``, in order of time.
    ``home[p]`` is the practice the patient is registered with (-1: no registration
    is known, then no row is left out for it; or NOT_IN_WINDOW). ``status_counts`` by status code
    + 1: 0 no, 1 yes, 2 not known. ``other_age`` is 1 for patients outside an age range
    that was asked for. Rows left out are named only inside
    ``first..last``; rows after ``last`` are passed over. ``person_slot`` and
    ``place_slot`` come filled with -1 and are left so.
    """
    n = 0
    people = 0
    places = 0
    left_out = 0
    for p in range(row_low.size):
        offset[p] = n
        patient_start = n
        regs_low = registration_offset[p]
        regs_high = registration_offset[p + 1]
        for row in range(row_low[p], row_high[p]):
            d = day[row]
            if d > last:
                continue
            why = COUNTED
            found_role = 0
            counts = status_counts[status[row] + 1]
            if counts != 1:
                why = STATUS_UNKNOWN if counts == 2 else STATUS
            elif d > death_day[p]:
                why = AFTER
            elif home[p] == NOT_IN_WINDOW:
                why = BEFORE if d < registration_from[regs_low] else AFTER
            elif home[p] >= 0:
                why = registered(
                    regs_low, regs_high, registration_from, registration_to,
                    registration_place, home[p], d,
                )  # fmt: skip
            if why == COUNTED and other_age[p]:
                why = AGE
            if why == COUNTED and mode_counts[mode[row] + 1] == 0:
                why = MODE
            if why == COUNTED and staff[row] < 0:
                why = NO_CLINICIAN
            if why == COUNTED and need_roles:
                found_role = role[row]
                if found_role <= 0:
                    found_role = role_on(
                        role_offset[staff[row]], role_offset[staff[row] + 1],
                        role_from, role_to, role_code, d,
                    )  # fmt: skip
                if filter_roles and role_counts[found_role] == 0:
                    why = ROLE_UNKNOWN if found_role == 0 else ROLE
            if why == COUNTED:
                person = person_of_staff[staff[row]]
                slot = person_slot[person]
                if slot < 0:
                    slot = people
                    person_slot[person] = slot
                    person_ids[people] = person
                    people += 1
                if one_a_day:
                    back = n - 1
                    while back >= patient_start and contact_day[back] == d:
                        if who[back] == slot:
                            why = SAME_DAY
                            break
                        back -= 1
                if why == COUNTED:
                    seat = place_slot[place[row]]
                    if seat < 0:
                        seat = places
                        place_slot[place[row]] = seat
                        place_ids[places] = place[row]
                        places += 1
                    who[n] = slot
                    where[n] = seat
                    contact_day[n] = d
                    source_row[n] = row
                    contact_role[n] = found_role
                    n += 1
            if why != COUNTED and d >= first:
                excluded_patient[left_out] = p
                excluded_row[left_out] = row
                excluded_why[left_out] = why
                left_out += 1
    offset[row_low.size] = n
    for k in range(people):
        person_slot[person_ids[k]] = -1
    for k in range(places):
        place_slot[place_ids[k]] = -1
    return n, people, places, left_out


@compiled(types.void, i4, i4, i4, integer, i4_)
def skip_until(low: Any, high: Any, contact_day: Any, day: int, result: Any) -> None:
    """Write for each patient the first of the contacts ``low:high`` on or after a day."""
    for p in range(result.size):
        i = low[p]
        while i < high[p] and contact_day[i] < day:
            i += 1
        result[p] = i


@compiled(types.void, i8, i8, i4, i4, i4, i1, u1, i4, integer, integer, i4, i4_, i4_, i4_)
def most_visited(
    row_low: Any, row_high: Any, day: Any, minute: Any, place: Any, status: Any, status_counts: Any,
    death_day: Any, first: int, last: int, rank: Any, tally: Any, latest: Any, home: Any,
) -> None:  # fmt: skip
    """Fill ``home`` where it is -1: most contacts in the window, then the latest, then lowest id.

    Contacts of any role or mode: where a patient belongs must not depend on what
    is asked. ``tally`` comes as zeros, one a practice, and is left so; ``latest``
    is scratch of the same size.
    """
    for p in range(home.size):
        if home[p] != -1:
            continue
        best = -1
        for turn in range(3):  # count, choose, clear
            for row in range(row_low[p], row_high[p]):
                d = day[row]
                if d < first or d > last or d > death_day[p] or status_counts[status[row] + 1] != 1:
                    continue
                s = place[row]
                if turn == 0:
                    tally[s] += 1
                    # rows are in order of time, so the last one seen is the latest
                    latest[s] = (d - first) * 1440 + minute[row]
                elif turn == 1 and (
                    best < 0
                    or tally[s] > tally[best]
                    or (tally[s] == tally[best] and latest[s] > latest[best])
                    or (
                        tally[s] == tally[best]
                        and latest[s] == latest[best]
                        and rank[s] < rank[best]
                    )
                ):
                    best = s
                elif turn == 2:
                    tally[s] = 0
        home[p] = best
