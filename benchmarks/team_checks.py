"""What a plan keeps and whether it holds, worked out from the records alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hamlets.teams.inputs import Int32, PracticeInputs

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Checked:
    """``kept`` = recency-weighted contacts of patients with the GPs of their team."""

    kept: float
    band_max: float
    """Most that a team's work for its bookable minutes is from the practice's."""
    moved_share: float
    """Changes of named GP over patients who have an eligible one."""
    split: int
    """Households in more than one team, save where people asked for different GPs."""
    sizes: tuple[int, int]
    """Fewest and most GPs of a team."""
    everyone: bool
    """Each GP is in one team and each patient in one."""


def check_plan(
    inputs: PracticeInputs,
    teams: Sequence[tuple[int, ...]],
    team: Ints | Int32,
    named: Int32 | None = None,
) -> Checked:
    """Return what holds of a plan; without ``named`` all stay with the named GP who can."""
    people, staff = inputs.people, inputs.clinicians
    home = np.full(staff.size + 1, -1, dtype=np.int64)
    for number, members in enumerate(teams):
        home[list(members)] = number
    patient = np.repeat(np.arange(people.size), np.diff(people.seen.offset))
    at = home[people.seen.clinician]
    with_team = (at >= 0) & (at == team[patient])
    work = np.bincount(team, weights=people.work_minutes, minlength=len(teams))
    minutes = np.array([staff.capacity_minutes[list(members)].sum() for members in teams])
    held = people.named >= 0
    if named is None:
        stays = home[people.named] == team
        stays &= (people.locked < 0) | (people.locked == people.named)
    else:
        stays = named == people.named
    sizes = [len(members) for members in teams]
    gps = sorted(gp for members in teams for gp in members)
    return Checked(
        kept=float(people.seen.weight[with_team].sum()),
        band_max=float(np.abs(work / minutes / (work.sum() / minutes.sum()) - 1).max()),
        moved_share=float((held & ~stays).sum() / max(1, held.sum())),
        split=_split(inputs, team),
        sizes=(min(sizes), max(sizes)),
        everyone=gps == np.flatnonzero(staff.gp).tolist() and bool((team >= 0).all()),
    )


def _split(inputs: PracticeInputs, team: Ints | Int32) -> int:
    """Return how many households without two different wishes are in more than one team."""
    people = inputs.people
    found = 0
    order = np.argsort(people.household, kind="stable")
    ends = np.flatnonzero(np.diff(people.household[order])) + 1
    for members in np.split(order, ends):
        asked = people.locked[members]
        differ = len(set(asked[asked >= 0].tolist())) > 1
        found += not differ and len(set(team[members].tolist())) > 1
    return found
