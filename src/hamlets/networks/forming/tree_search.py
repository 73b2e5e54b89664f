"""The networks around one middle that are worth most at given prices: a compiled search.

For a fixed middle a network's travel is a sum over its practices, so at given prices each
practice has a worth. The search decides about neighbours of what it has, one after the other,
and turns back where what was given up exceeds what may be.
"""

from __future__ import annotations

import numpy as np

from hamlets.continuity.compiled import compiled, f8, f8_, i8, i8_, i8x2_, integer
from hamlets.networks.forming.task import Float64, Int64


@compiled(integer, f8, i8, i8, i8, f8, f8, f8, integer, integer, i8x2_, f8_, i8_)
def grow(
    worth: Float64,
    size: Int64,
    first: Int64,
    near: Int64,
    bent: Float64,
    numbers: Float64,
    floor: Float64,
    most_steps: int,
    rising: bool,
    sets_: Int64,
    worth_: Float64,
    used_: Int64,
) -> int:
    """Fill ``sets_`` with connected sets around unit 0; return how many there are.

    ``worth`` and ``size`` are of each unit, ``near[first[u]:first[u + 1]]`` its neighbours.
    ``bent`` is the worth less the price of a patient; ``numbers`` = fewest and most patients
    and the greatest worth that the bent worths prove. Sets worth at least ``floor[0]`` are
    written, with their worth; where ``rising``, only those better than all before.
    ``used_`` gets the steps taken and 1 if all were looked at (0: ended early by
    ``most_steps`` or for want of rows, or a set would have had more units than a row).
    """
    units = len(worth)
    low, high, top = numbers[0], numbers[1], numbers[2]
    least = floor[0]
    state = np.zeros(units, np.int8)
    queue = np.empty(units, np.int64)
    queued = np.zeros(units, np.int8)
    ended = np.empty(units + 1, np.int64)
    choice = np.zeros(units + 1, np.int8)
    end = 0
    state[0] = 1
    queued[0] = 1
    for at in range(first[0], first[1]):
        queue[end] = near[at]
        queued[near[at]] = 1
        end += 1
    people = float(size[0])
    value = worth[0]
    given_up = max(0.0, -bent[0])
    found = 0
    steps = 0
    depth = 0
    widest = sets_.shape[1]
    inside = 1
    complete = 1
    if people > high or top - given_up < least:
        used_[0], used_[1] = 0, 1
        return 0
    choice[0] = 0
    while depth >= 0:
        steps += 1
        if steps > most_steps:
            used_[0], used_[1] = steps, 0
            return found
        if depth == end:
            if people >= low and value >= least:
                if found == sets_.shape[0]:
                    used_[0], used_[1] = steps, 0
                    return found
                place = 0
                for unit in range(units):
                    if state[unit] == 1:
                        sets_[found, place] = unit
                        place += 1
                for rest in range(place, widest):
                    sets_[found, rest] = -1
                worth_[found] = value
                found += 1
                if rising:
                    least = value + 1e-9 * (1.0 + abs(value))
            depth -= 1
            if depth < 0:
                break
            # fall through to undo the decision at this depth
        unit = queue[depth]
        if choice[depth] == 0:
            choice[depth] = 1
            lost = max(0.0, -bent[unit])
            takes = people + size[unit] <= high and top - given_up - lost >= least
            if takes and inside == widest:
                complete = 0
            elif takes:
                state[unit] = 1
                people += size[unit]
                value += worth[unit]
                given_up += lost
                inside += 1
                ended[depth] = end
                for at in range(first[unit], first[unit + 1]):
                    other = near[at]
                    if queued[other] == 0:
                        queued[other] = 1
                        queue[end] = other
                        end += 1
                depth += 1
                choice[depth] = 0
                continue
        if choice[depth] == 1:
            if state[unit] == 1:
                state[unit] = 0
                people -= size[unit]
                value -= worth[unit]
                given_up -= max(0.0, -bent[unit])
                inside -= 1
                while end > ended[depth]:
                    end -= 1
                    queued[queue[end]] = 0
            choice[depth] = 2
            lost = max(0.0, bent[unit])
            if top - given_up - lost >= least:
                state[unit] = 2
                given_up += lost
                depth += 1
                choice[depth] = 0
                continue
        if state[unit] == 2:
            state[unit] = 0
            given_up -= max(0.0, bent[unit])
        depth -= 1
    used_[0], used_[1] = steps, complete
    return found
