"""The ratio measures and the waterfall: the third part of the kernel.

Whole numbers are added up by group, with the squares and products that the
interval of a ratio clustered by patient needs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hamlets.continuity.compiled import (
    boolean,
    compiled,
    i1,
    i4,
    i4_,
    i8x2,
    i8x2_,
    integer,
    types,
    u1,
    u1x2,
)
from hamlets.continuity.ladder import AT_HOME, IN_TEAM, OWN

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
