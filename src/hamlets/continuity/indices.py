"""The patient indices, counted in whole numbers: the second part of the kernel.

For a patient with n contacts every index is linear in one count once n is
fixed: the most contacts with one clinician (upc), the sum of squares (coc, hi),
the equal neighbours (secon), the distinct clinicians (mci, mmci, k, clinicians).
So the kernel adds up these counts and their squares by (group, n) in 64-bit
integers. Sums are exact and do not depend on the order of rows, files or
threads; the few divisions happen once, at the end (``estimates``). Entropy is
the one index that needs logarithms: it is added up in units of 2**-38 bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from hamlets.continuity.compiled import (
    compiled,
    f8,
    f8_,
    i4,
    i4_,
    i4x2,
    i8x2_,
    integer,
    types,
    u1,
)

#: Counts of one sequence: most with one clinician, sum of squares, clinicians, equal neighbours.
MOST, SQUARES, DISTINCT, NEIGHBOURS = range(4)
ENTROPY_UNIT = 2.0**38
HALF_BITS = 20
#: Columns of one level in a sum: four counts, their squares, then entropy h in
#: units and its square as high^2, high x low, low^2 of h = high * 2**20 + low.
LEVEL_WIDTH = 12
ENTROPY_AT = 8


@compiled(types.float64, i4, integer, integer, f8, i4_, i4_, i4_)
def count_sequence(
    codes: Any, low: int, high: int, xlogx: Any, tally: Any, touched: Any, result: Any
) -> float:
    """Count one sequence; write MOST..NEIGHBOURS to ``result``; return its entropy in bits.

    ``tally`` comes as zeros, one per code, and is left so.
    """
    most = 0
    squares = 0
    distinct = 0
    neighbours = 0
    previous = -1
    for i in range(low, high):
        x = codes[i]
        c = tally[x]
        if c == 0:
            touched[distinct] = x
            distinct += 1
        squares += 2 * c + 1
        c += 1
        tally[x] = c
        most = max(most, c)
        if x == previous:
            neighbours += 1
        previous = x
    n = high - low
    total = 0.0
    for k in range(distinct):
        total += xlogx[tally[touched[k]]]
        tally[touched[k]] = 0
    result[MOST] = most
    result[SQUARES] = squares
    result[DISTINCT] = distinct
    result[NEIGHBOURS] = neighbours
    if distinct == 1:
        return 0.0
    return (xlogx[n] - total) / n


@compiled(types.void, i4, i4, i4, i4, i4, u1, f8, i4x2, i4, i4_, i4_, i8x2_)
def add_indices(
    low: Any, high: Any, who: Any, team: Any, where: Any, levels: Any, xlogx: Any,
    cell: Any, cell_offset: Any, tally: Any, touched: Any, sums: Any,
) -> None:  # fmt: skip
    """Add every patient's counts to the sums of its cells.

    Patient p has contacts ``low[p]:high[p]``. ``cell[g, p]`` is the patient's
    group and n together in grouping g (-1: in none) and ``cell_offset[g]`` where
    that grouping's rows begin in ``sums``. A row: patients, then LEVEL_WIDTH
    columns for each level whose flag in ``levels`` (clinician, team, practice)
    is set.
    """
    groupings = cell.shape[0]
    width = sums.shape[1]
    line = np.zeros(width, dtype=np.int64)
    counts = np.zeros(4, dtype=np.int32)
    for p in range(low.size):
        n = high[p] - low[p]
        if n <= 0:
            continue
        line[0] = 1
        at = 1
        for level in range(3):
            if levels[level] == 0:
                continue
            if level == 0:
                bits = count_sequence(who, low[p], high[p], xlogx, tally, touched, counts)
            elif level == 1:
                bits = count_sequence(team, low[p], high[p], xlogx, tally, touched, counts)
            else:
                bits = count_sequence(where, low[p], high[p], xlogx, tally, touched, counts)
            for k in range(4):
                value = np.int64(counts[k])
                line[at + k] = value
                line[at + 4 + k] = value * value
            units = int(np.rint(bits * ENTROPY_UNIT))
            upper_half = units >> HALF_BITS
            lower_half = units - (upper_half << HALF_BITS)
            line[at + ENTROPY_AT] = units
            line[at + ENTROPY_AT + 1] = upper_half * upper_half
            line[at + ENTROPY_AT + 2] = upper_half * lower_half
            line[at + ENTROPY_AT + 3] = lower_half * lower_half
            at += LEVEL_WIDTH
        for g in range(groupings):
            if cell[g, p] < 0:
                continue
            row = cell_offset[g] + cell[g, p]
            for k in range(at):
                sums[row, k] += line[k]


@compiled(types.void, i4, i4, i4, f8, i4_, i4_, i8x2_, f8_)
def patient_counts(
    low: Any, high: Any, codes: Any, xlogx: Any, tally: Any, touched: Any, result: Any, bits: Any
) -> None:  # fmt: skip
    """Write n and the four counts of each patient to ``result``, the entropy to ``bits``."""
    counts = np.zeros(4, dtype=np.int32)
    for p in range(low.size):
        n = high[p] - low[p]
        result[p, 0] = n
        if n <= 0:
            continue
        bits[p] = count_sequence(codes, low[p], high[p], xlogx, tally, touched, counts)
        for k in range(4):
            result[p, 1 + k] = counts[k]


@compiled(types.void, i4, i4, i4, i4, i4, integer, i4, i4, i4_)
def map_to_teams(
    offset: Any, who: Any, patient_team: Any, single_team: Any, member_offset: Any,
    teams: int, member_team: Any, last_team: Any, team: Any,
) -> None:  # fmt: skip
    """Write the team of each contact's clinician under the patient's own fixed map.

    Local person s: ``single_team[s]`` is a team, or -1 (none) or -2 (several: look
    whether the patient's team is among ``member_team[member_offset[s]:...]``, else
    ``last_team[s]``). A clinician without a team is a team of one: teams + s.
    """
    for p in range(offset.size - 1):
        own = patient_team[p]
        for i in range(offset[p], offset[p + 1]):
            s = who[i]
            t = single_team[s]
            if t == -2:
                t = last_team[s]
                if own >= 0:
                    for m in range(member_offset[s], member_offset[s + 1]):
                        if member_team[m] == own:
                            t = own
                            break
            if t < 0:
                t = teams + s
            team[i] = t
