"""Whom to name instead: the eligible GP seen most, else the household's GP, else nobody."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from hamlets.continuity.columns import Int32
from hamlets.continuity.named_patients import Registered, Seen
from hamlets.continuity.named_standing import ELIGIBLE, Flags, Standing

Why = Literal["most_seen", "household", "none"]


@dataclass(frozen=True)
class Suggestions:
    """A person, the reason and the contacts with them, by position of the patient."""

    by_patient: dict[int, tuple[int, Why, int]]

    def of(self, position: int) -> tuple[int | None, Why, int]:
        """Return whom to name, why, and how many contacts there were; None for nobody."""
        return self.by_patient.get(position, (None, "none", 0))


def suggest(
    patients: Registered,
    seen: Seen,
    standing: Standing,
    listing: frozenset[int],
    fine: Flags,
    wanted: npt.NDArray[np.int64],
    rank: Int32,
) -> Suggestions:
    """Return suggestions for the patients at ``wanted``; ``fine`` = has an eligible named GP.

    Only a person whom the practice's own records show to be its GP is suggested:
    in post there and allowed a list or, where it gave no staff list with roles
    (``listing`` holds the practices that did), named for someone already. Ties
    of contacts: the one seen last. Ties in a household: the lowest id (``rank``
    by person).
    """
    found: dict[int, tuple[int, Why, int]] = {}
    asked = np.zeros(patients.size, dtype=bool)
    asked[wanted] = True
    inside = asked[seen.patient]
    patient, person = seen.patient[inside], seen.person[inside]
    contacts, last = seen.contacts[inside], seen.last[inside]
    may = may_be_named(patients, standing, listing, fine, patients.practice[patient], person)
    patient, person, contacts, last = (a[may] for a in (patient, person, contacts, last))
    order = np.lexsort((last, contacts, patient))
    # The last row of each patient has the most contacts and, of those, the latest.
    ends = np.flatnonzero(np.diff(patient[order], append=-1))
    for i in order[ends].tolist():
        found[int(patient[i])] = (int(person[i]), "most_seen", int(contacts[i]))
    homes = _households(patients, fine)
    for position in wanted.tolist():
        household: str | None = patients.household.item(position)
        if position in found or household is None:
            continue
        others = homes[int(patients.practice[position]), household].copy()
        if fine[position]:
            others[int(patients.named[position])] -= 1
        best = max(others.items(), key=lambda item: (item[1], -int(rank[item[0]])), default=(0, 0))
        if best[1] > 0:
            found[position] = (best[0], "household", 0)
    return Suggestions(found)


def may_be_named(
    patients: Registered,
    standing: Standing,
    listing: frozenset[int],
    fine: Flags,
    practice: npt.NDArray[np.int32],
    person: npt.NDArray[np.int32],
) -> Flags:
    """Return whether each person may be suggested at each practice."""
    people = np.int64(max(len(standing.problem), 1))
    holders = np.unique(patients.practice[fine].astype(np.int64) * people + patients.named[fine])
    listed = np.isin(practice, list(listing))
    holds = np.isin(practice.astype(np.int64) * people + person, holders)
    known = np.where(listed, standing.works_at(practice, person), holds)
    return known & (standing.problem[person] == ELIGIBLE)


def _households(patients: Registered, fine: Flags) -> dict[tuple[int, str], Counter[int]]:
    """Return how many members each eligible GP looks after, by practice and household."""
    found: dict[tuple[int, str], Counter[int]] = defaultdict(Counter)
    for position in np.flatnonzero(fine).tolist():
        household: str | None = patients.household.item(position)
        if household is not None:
            key = int(patients.practice[position]), household
            found[key][int(patients.named[position])] += 1
    return found
