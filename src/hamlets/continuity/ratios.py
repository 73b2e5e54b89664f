"""The ratio measures and the waterfall: the third part of the kernel.

Each contact gets its place on the patient's ladder (own GP, buddy, team, ...);
then whole numbers are added up by group, with the squares and products that the
interval of a ratio clustered by patient needs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hamlets.continuity.compiled import (
    boolean,
    compiled,
    i1,
    i1_,
    i4,
    i4_,
    i8x2,
    i8x2_,
    integer,
    types,
    u1,
    u1_,
    u1x2,
)

#: Why a contact has no named GP on its day (values of ``named`` below 0).
NO_NAMED, NAMED_LEFT, NAMED_NOT_GP = -1, -2, -3
#: Bits of ``flags``.
OWN, IN_TEAM, AT_HOME = 1, 2, 4
#: Steps of the waterfall, as in definitions.STEPS.
STEP_OWN, STEP_BUDDY, STEP_TEAM, STEP_PRACTICE, STEP_LOCUM, STEP_HUB = range(6)
GP_LOCUM, GP_REGISTRAR = 4, 5  # codes of the role vocabulary; a test holds them to it

#: Counts of a set of contacts: two denominators and their numerators.
NAMED, OWN_GP, OWN_TEAM, OWN_PRACTICE, STEP_0 = 0, 1, 2, 3, 4
PAIRS, SAME_CLINICIAN, SAME_TEAM, SAME_PRACTICE = 10, 11, 12, 13
NOT_NAMED, CONTACTS = 14, 15
#: A contact's counts are packed three to a 64-bit word, so that adding a contact
#: to a group is six additions; a field holds two million contacts of a patient.
FIELD_BITS = 21
FIELD_MASK = (1 << FIELD_BITS) - 1
WORDS = 6
NAMED_NUMERATORS = 9
PAIR_NUMERATORS = 3
#: Columns of a sum: patients, then each denominator as (patients, x, x^2) followed
#: by its numerators as (y, y^2, x y), then contacts without a named GP, contacts.
NAMED_AT = 1
PAIRS_AT = NAMED_AT + 3 + 3 * NAMED_NUMERATORS
EXTRA_AT = PAIRS_AT + 3 + 3 * PAIR_NUMERATORS
SUM_WIDTH = EXTRA_AT + 2


@compiled(types.int64, integer, integer, i4, i4, i4, u1, integer)
def team_on(low: int, high: int, start: Any, end: Any, team: Any, lead: Any, day: int) -> int:
    """Return a person's team on a day: the one they lead, else the lowest code; -1 if none."""
    best = -1
    best_lead = 0
    for row in range(low, high):
        if start[row] <= day < end[row] and (
            best < 0 or lead[row] > best_lead or (lead[row] == best_lead and team[row] < best)
        ):
            best = team[row]
            best_lead = lead[row]
    return best


@compiled(types.boolean, integer, integer, i4, i4, i4, integer, integer)
def holds_on(low: int, high: int, start: Any, end: Any, value: Any, wanted: int, day: int) -> bool:
    """Return whether a dated row with this value covers the day."""
    for row in range(low, high):
        if value[row] == wanted and start[row] <= day < end[row]:
            return True
    return False


@compiled(types.int64, integer, integer, i4, i4, i4, i4, i4, i4, u1, i4, integer)
def named_on(
    low: int, high: int, start: Any, end: Any, person: Any,
    list_offset: Any, list_from: Any, list_to: Any, list_may: Any, leaves: Any, day: int,
) -> int:  # fmt: skip
    """Return the person who is the named GP on a day, or NO_NAMED, NAMED_LEFT, NAMED_NOT_GP.

    Rows are ordered by start, then by load: the last one that covers the day is
    in force. ``list_from`` .. ``list_may`` say, by person, when that person may
    hold a list; ``leaves`` is the first day the person is no longer there.
    """
    found = -1
    for row in range(low, high):
        if start[row] <= day < end[row]:
            found = row
    if found < 0:
        return NO_NAMED
    d = person[found]
    if d < 0:
        return NO_NAMED
    if day >= leaves[d]:
        return NAMED_LEFT
    for row in range(list_offset[d], list_offset[d + 1]):
        if list_from[row] <= day < list_to[row]:
            return d if list_may[row] else NAMED_NOT_GP
    return d


@compiled(
    types.int64,
    i4, i4, i4, i4, i1, i4, i4, i4,
    i4, i4, i4, i4,
    i4, i4, i4, u1, i4,
    boolean, i4, i4, i4, i4, u1,
    i4, i4, i4, i4,
    i4_, i4_, i4_, i4_, u1_, i1_,
)  # fmt: skip
def resolve_contacts(
    offset: Any, who: Any, where: Any, contact_day: Any, contact_role: Any,
    home: Any, person_ids: Any, place_ids: Any,
    named_offset: Any, named_from: Any, named_to: Any, named_person: Any,
    list_offset: Any, list_from: Any, list_to: Any, list_may: Any, leaves: Any,
    have_teams: bool, member_offset: Any, member_from: Any, member_to: Any, member_team: Any,
    member_lead: Any,
    buddy_offset: Any, buddy_from: Any, buddy_to: Any, buddy_person: Any,
    list_slot: Any, list_ids: Any, named: Any, named_team: Any, flags: Any, step: Any,
) -> int:  # fmt: skip
    """Write for each contact its list, the list's team and who was seen; return how many lists.

    ``named`` is a local list or a reason below 0; ``named_team`` a team or -1;
    ``flags`` OWN, IN_TEAM, AT_HOME; ``step`` the waterfall's step (-1 without a
    named GP). ``list_slot`` comes filled with -1 and is left so.
    """
    lists = 0
    for p in range(offset.size - 1):
        for i in range(offset[p], offset[p + 1]):
            day = contact_day[i]
            at_home = place_ids[where[i]] == home[p]
            d = named_on(
                named_offset[p], named_offset[p + 1], named_from, named_to, named_person,
                list_offset, list_from, list_to, list_may, leaves, day,
            )  # fmt: skip
            flags[i] = AT_HOME if at_home else 0
            step[i] = -1
            named_team[i] = -1
            if d < 0:
                named[i] = d
                continue
            if list_slot[d] < 0:
                list_slot[d] = lists
                list_ids[lists] = d
                lists += 1
            named[i] = list_slot[d]
            x = person_ids[who[i]]
            own = x == d
            in_team = own
            if have_teams:
                t = team_on(
                    member_offset[d], member_offset[d + 1],
                    member_from, member_to, member_team, member_lead, day,
                )  # fmt: skip
                named_team[i] = t
                if not own and t >= 0:
                    in_team = holds_on(
                        member_offset[x], member_offset[x + 1],
                        member_from, member_to, member_team, t, day,
                    )  # fmt: skip
            if own:
                flags[i] |= OWN
            if in_team:
                flags[i] |= IN_TEAM
            if not at_home:
                step[i] = STEP_HUB
            elif own:
                step[i] = STEP_OWN
            elif holds_on(
                buddy_offset[d], buddy_offset[d + 1], buddy_from, buddy_to, buddy_person, x, day
            ):
                step[i] = STEP_BUDDY
            elif in_team:
                step[i] = STEP_TEAM
            elif contact_role[i] == GP_LOCUM or contact_role[i] == GP_REGISTRAR:
                step[i] = STEP_LOCUM
            else:
                step[i] = STEP_PRACTICE
    for k in range(lists):
        list_slot[list_ids[k]] = -1
    return lists


@compiled(types.void, i4, i4, i4, i4, i4, u1, i1, i8x2_)
def pack_contacts(
    offset: Any, who: Any, team: Any, where: Any, named: Any, flags: Any, step: Any, packed: Any
) -> None:  # fmt: skip
    """Write each contact's counts, packed, to its row of ``packed`` (contacts x WORDS)."""
    one = np.int64(1)
    for p in range(offset.size - 1):
        for i in range(offset[p], offset[p + 1]):
            for word in range(WORDS):
                packed[i, word] = 0
            packed[i, CONTACTS // 3] = one << (FIELD_BITS * (CONTACTS % 3))
            if named[i] >= 0:
                f = np.int64(flags[i])
                packed[i, 0] += 1 + ((f & OWN) << FIELD_BITS)
                packed[i, 0] += ((f & IN_TEAM) >> 1) << (2 * FIELD_BITS)
                packed[i, 1] += (f & AT_HOME) >> 2
                field = STEP_0 + step[i]
                packed[i, field // 3] += one << (FIELD_BITS * (field % 3))
            else:
                packed[i, NOT_NAMED // 3] += one << (FIELD_BITS * (NOT_NAMED % 3))
            if i > offset[p]:
                packed[i, PAIRS // 3] += one << (FIELD_BITS * (PAIRS % 3))
                if who[i] == who[i - 1]:
                    packed[i, SAME_CLINICIAN // 3] += one << (FIELD_BITS * (SAME_CLINICIAN % 3))
                if team[i] == team[i - 1]:
                    packed[i, SAME_TEAM // 3] += one << (FIELD_BITS * (SAME_TEAM % 3))
                if where[i] == where[i - 1]:
                    packed[i, SAME_PRACTICE // 3] += one << (FIELD_BITS * (SAME_PRACTICE % 3))


@compiled(types.void, i4, i4, i8x2, i8x2_)
def patient_totals(low: Any, high: Any, packed: Any, totals: Any) -> None:
    """Write the packed counts of each patient's contacts to ``totals`` (patients x WORDS)."""
    for p in range(low.size):
        for word in range(WORDS):
            total = np.int64(0)
            for i in range(low[p], high[p]):
                total += packed[i, word]
            totals[p, word] = total


@compiled(types.int64, i8x2, integer, integer)
def count_in(packed: Any, row: int, field: int) -> int:
    """Return one count of a packed row."""
    return (packed[row, field // 3] >> (FIELD_BITS * (field % 3))) & FIELD_MASK


@compiled(types.void, i8x2, integer, i8x2_, integer)
def add_line(packed: Any, line: int, sums: Any, row: int) -> None:
    """Add one patient's counts, their squares and products to a row of sums."""
    sums[row, 0] += 1
    x = count_in(packed, line, NAMED)
    if x > 0:
        sums[row, NAMED_AT] += 1
        sums[row, NAMED_AT + 1] += x
        sums[row, NAMED_AT + 2] += x * x
        at = NAMED_AT + 3
        for k in range(NAMED_NUMERATORS):
            y = count_in(packed, line, OWN_GP + k)
            if y > 0:
                sums[row, at] += y
                sums[row, at + 1] += y * y
                sums[row, at + 2] += x * y
            at += 3
    x = count_in(packed, line, PAIRS)
    if x > 0:
        sums[row, PAIRS_AT] += 1
        sums[row, PAIRS_AT + 1] += x
        sums[row, PAIRS_AT + 2] += x * x
        at = PAIRS_AT + 3
        for k in range(PAIR_NUMERATORS):
            y = count_in(packed, line, SAME_CLINICIAN + k)
            if y > 0:
                sums[row, at] += y
                sums[row, at + 1] += y * y
                sums[row, at + 2] += x * y
            at += 3
    sums[row, EXTRA_AT] += count_in(packed, line, NOT_NAMED)
    sums[row, EXTRA_AT + 1] += count_in(packed, line, CONTACTS)


@compiled(types.void, i8x2, i4, i8x2_)
def add_by_patient(totals: Any, cell: Any, sums: Any) -> None:
    """Add up one grouping that does not change within a patient; ``cell`` below 0: in no group."""
    for p in range(cell.size):
        if cell[p] >= 0 and totals[p, CONTACTS // 3] > 0:
            add_line(totals, p, sums, cell[p])


@compiled(types.void, i4, i4, i8x2, i8x2, i4, i4, i4_, i8x2_, i8x2_)
def add_by_contact(
    low: Any, high: Any, packed: Any, totals: Any, base: Any, contact_cell: Any, line_of: Any,
    lines: Any, sums: Any,
) -> None:  # fmt: skip
    """Add up one grouping in which a patient's contacts may fall into several groups.

    The group of contact i of patient p is ``base[p] + contact_cell[i]`` (none
    where either is below 0). ``line_of`` has one entry a group, filled with -1;
    ``lines`` one row for each contact of the busiest patient.
    """
    for p in range(low.size):
        first = low[p]
        if base[p] < 0 or first >= high[p]:
            continue
        same = True
        for i in range(first + 1, high[p]):
            if contact_cell[i] != contact_cell[first]:
                same = False
                break
        if same:
            if contact_cell[first] >= 0:
                add_line(totals, p, sums, base[p] + contact_cell[first])
            continue
        used = 0
        for i in range(first, high[p]):
            if contact_cell[i] < 0:
                continue
            group = base[p] + contact_cell[i]
            line = line_of[group]
            if line < 0:
                line = used
                line_of[group] = line
                used += 1
                for word in range(WORDS):
                    lines[line, word] = packed[i, word]
            else:
                for word in range(WORDS):
                    lines[line, word] += packed[i, word]
        for i in range(first, high[p]):
            if contact_cell[i] < 0:
                continue
            group = base[p] + contact_cell[i]
            line = line_of[group]
            if line >= 0:
                add_line(lines, line, sums, group)
                line_of[group] = -1


@compiled(types.void, i4, i4, i4, i4, boolean, i4, i4, i4_, i4_)
def count_named(
    low: Any, high: Any, base: Any, contact_cell: Any, varying: bool, named: Any, team_epoch: Any,
    by_list: Any, by_team: Any,
) -> None:  # fmt: skip
    """Count contacts by (group, list) and, apart by whether the list has a team, by team.

    ``by_list[(group * 2 + alone) * lists + list]`` with alone = 1 on days when
    the named GP is in no team; ``by_team[group * teams + team_epoch]``. Lists and
    teams are as many as the last entries of ``named`` and ``team_epoch`` say.
    """
    lists = named[named.size - 1]
    teams = team_epoch[team_epoch.size - 1]
    for p in range(low.size):
        if base[p] < 0:
            continue
        for i in range(low[p], high[p]):
            d = named[i]
            if d < 0:
                continue
            group = base[p]
            if varying:
                if contact_cell[i] < 0:
                    continue
                group += contact_cell[i]
            t = team_epoch[i]
            if t < 0:
                by_list[(group * 2 + 1) * lists + d] += 1
            else:
                by_list[group * 2 * lists + d] += 1
                by_team[group * teams + t] += 1


@compiled(types.void, i4, i4, i4, i4, boolean, i4, integer, i4_)
def count_codes(
    low: Any, high: Any, base: Any, contact_cell: Any, varying: bool, code: Any, codes: int,
    tally: Any,
) -> None:  # fmt: skip
    """Count contacts by (group, code) at ``group * codes + code``; codes below 0 are skipped."""
    for p in range(low.size):
        if base[p] < 0:
            continue
        for i in range(low[p], high[p]):
            c = code[i]
            if c < 0:
                continue
            group = base[p]
            if varying:
                if contact_cell[i] < 0:
                    continue
                group += contact_cell[i]
            tally[group * codes + c] += 1


@compiled(types.void, i4, i4, i4, i4, i4, u1x2, i4, i4_)
def list_holder_practice(
    low: Any, high: Any, home: Any, who: Any, where: Any, holds: Any, main: Any, result: Any
) -> None:
    """Write the practice in whose scope a list-holder gave each contact, -1 for others.

    Local practice codes: the patient's practice if the clinician holds a list
    there, else the place of the contact if so, else ``main`` of the clinician.
    """
    for p in range(low.size):
        for i in range(low[p], high[p]):
            s = who[i]
            if home[p] >= 0 and holds[home[p], s]:
                result[i] = home[p]
            elif holds[where[i], s]:
                result[i] = where[i]
            else:
                result[i] = main[s]


@compiled(types.void, i4, i4, i4, i4, i4, u1, i4_, i8x2_, i8x2_)
def add_own_patients(
    low: Any, high: Any, base: Any, contact_cell: Any, holder: Any, flags: Any, line_of: Any,
    counts: Any, sums: Any,
) -> None:  # fmt: skip
    """Add up contacts given by list-holders and those with their own list (opr) by group.

    ``holder[i]`` below 0: not given by a list-holder. Sums: patients, x, x^2, y,
    y^2, x y with x = contacts given, y = contacts with the own list.
    """
    for p in range(low.size):
        if base[p] < 0:
            continue
        lines = 0
        for i in range(low[p], high[p]):
            if contact_cell[i] < 0 or holder[i] < 0:
                continue
            group = base[p] + contact_cell[i]
            line = line_of[group]
            if line < 0:
                line = lines
                line_of[group] = line
                counts[line, 0] = 0
                counts[line, 1] = 0
                lines += 1
            counts[line, 0] += 1
            counts[line, 1] += flags[i] & OWN
        for i in range(low[p], high[p]):
            if contact_cell[i] < 0 or holder[i] < 0:
                continue
            group = base[p] + contact_cell[i]
            line = line_of[group]
            if line >= 0:
                x = np.int64(counts[line, 0])
                y = np.int64(counts[line, 1])
                sums[group, 0] += 1
                sums[group, 1] += x
                sums[group, 2] += x * x
                sums[group, 3] += y
                sums[group, 4] += y * y
                sums[group, 5] += x * y
                line_of[group] = -1


@compiled(types.void, i4, i4, i4, i4, i4, i4, i4, u1, i4, integer, i4_)
def named_at(
    named_offset: Any, named_from: Any, named_to: Any, named_person: Any,
    list_offset: Any, list_from: Any, list_to: Any, list_may: Any, leaves: Any, day: int,
    result: Any,
) -> None:  # fmt: skip
    """Write each patient's named GP (person code) on one day, or the reason below 0."""
    for p in range(result.size):
        result[p] = named_on(
            named_offset[p], named_offset[p + 1], named_from, named_to, named_person,
            list_offset, list_from, list_to, list_may, leaves, day,
        )  # fmt: skip
