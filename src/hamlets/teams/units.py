"""Units that are placed together: households, or patients, and whom they saw.

A unit keeps the weights (recency-weighted contacts, definitions Teams 3) of its people
with those GPs who are in exactly one team.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hamlets.teams.inputs import Bools, Float64, Int32, Int64, PracticeInputs
from hamlets.teams.model import TeamModel


@dataclass(frozen=True)
class Units:
    """Rows of unit u are ``offset[u]:offset[u + 1]``, GPs by position, heaviest first."""

    offset: Int64
    gp: Int32
    weight: Float64
    locked: Int32
    """The GP whom somebody of the unit asked for, or -1."""
    anchor: Int32
    """The GP whom the unit follows: the one asked for, else the most seen; -1 = none seen."""

    @property
    def count(self) -> int:
        """Number of units."""
        return len(self.anchor)


def number_units(inputs: PracticeInputs, model: TeamModel) -> Int64:
    """Return the unit of each patient, -1 for those whom the model does not place.

    A household is one unit, save that people of it who asked for different GPs each are
    one of their own.
    """
    people = inputs.people
    placed = np.ones(people.size, dtype=np.bool_)
    if model.approach == "cohort" and model.cohort is not None:
        placed = people.cohorts[model.cohort]
    if not model.households:
        unit = np.arange(people.size, dtype=np.int64)
    else:
        unit = people.household.astype(np.int64)
        own = _divided(unit, people.locked, placed)
        unit = np.where(own, unit.max(initial=0) + 1 + np.arange(people.size), unit)
    unit = np.where(placed, unit, -1)
    numbers, place = np.unique(unit, return_inverse=True)
    return place.astype(np.int64) - int(numbers.size > 0 and numbers[0] == -1)


def _divided(household: Int64, locked: Int32, placed: Bools) -> Bools:
    """Return the people with a lock in households where locks differ."""
    asked = (locked >= 0) & placed
    size = int(household.max(initial=-1)) + 1
    first = np.full(size, np.iinfo(np.int32).max, dtype=np.int64)
    last = np.full(size, -1, dtype=np.int64)
    np.minimum.at(first, household[asked], locked[asked])
    np.maximum.at(last, household[asked], locked[asked])
    return asked & (first < last)[household]


def gather_units(inputs: PracticeInputs, model: TeamModel, gps: Int32, keep: float = 0.0) -> Units:
    """Return the units of a practice with their weights on these GPs.

    ``keep`` = further weight of each person on the present named GP: what a change costs.
    """
    people = inputs.people
    unit = number_units(inputs, model)
    count = int(unit.max(initial=-1)) + 1
    position = np.full(inputs.clinicians.size + 1, -1, dtype=np.int64)
    position[gps] = np.arange(len(gps))
    patient = np.repeat(np.arange(people.size), np.diff(people.seen.offset))
    who, much = people.seen.clinician, people.seen.weight
    if keep > 0:
        held = np.flatnonzero(people.named >= 0)
        patient = np.concatenate([patient, held])
        who = np.concatenate([who, people.named[held]])
        much = np.concatenate([much, np.full(len(held), keep)])
    row_unit, row_gp = unit[patient], position[who]
    kept = (row_unit >= 0) & (row_gp >= 0) & (much > 0)
    key = row_unit[kept] * len(gps) + row_gp[kept]
    keys, place = np.unique(key, return_inverse=True)
    weight = np.bincount(place, weights=much[kept], minlength=len(keys))
    row_unit, row_gp = keys // max(1, len(gps)), keys % max(1, len(gps))
    # Heaviest first, ties by position: one anchor for the same records, always.
    order = np.lexsort((row_gp, -weight, row_unit))
    row_unit, row_gp, weight = row_unit[order], row_gp[order], weight[order]
    offset = np.searchsorted(row_unit, np.arange(count + 1)).astype(np.int64)
    locked = np.full(count, -1, dtype=np.int32)
    asked = (people.locked >= 0) & (unit >= 0)
    asked &= position[people.locked] >= 0
    locked[unit[asked]] = position[people.locked[asked]]
    anchor = np.full(count, -1, dtype=np.int32)
    seen = offset[1:] > offset[:-1]
    anchor[seen] = row_gp[offset[:-1][seen]]
    anchor[locked >= 0] = locked[locked >= 0]
    return Units(offset, row_gp.astype(np.int32), weight.astype(np.float64), locked, anchor)
