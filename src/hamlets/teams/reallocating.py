"""Re-allocation when a GP leaves: the same code with everybody else fixed, as far as can be.

The leaver's patients go to GPs of the team where they can, by whom they saw and who has
room. Nobody else moves unless a team's work would leave the band that the practice keeps
today; then as few as that takes.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from hamlets.continuity.calendar import day_of
from hamlets.errors import NoFeasiblePlanError, UnknownPlaceError
from hamlets.optimise.assignment import bound_of
from hamlets.optimise.partition import gap_of
from hamlets.records import Store
from hamlets.teams.allocation import Placing, Team, allocate, team_task
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.comparing.measures import Measured, measure_arrangement
from hamlets.teams.comparing.present import present_arrangement
from hamlets.teams.designing import Design
from hamlets.teams.formation import Formation
from hamlets.teams.gathering import gather
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.planning import NOTHING_MORE, Made, assemble
from hamlets.teams.results import Certificate


@dataclass(frozen=True)
class Reallocation:
    """What becomes of a leaver's patients, and what it costs."""

    made: Made
    model: TeamModel
    """The rules that were kept: today's band of work, no budget of moves."""
    leaver: str
    last_day: date
    patients: int
    """On the leaver's list."""
    stay_in_team: int
    leave_team: int
    others_moved: int
    before: Measured
    after: Measured


def reallocate(
    store: Store,
    practice: str,
    leaver: str,
    *,
    last_day: date | None = None,
    model: TeamModel | None = None,
) -> Reallocation:
    """Return a draft plan of the lists without a GP, who leaves on ``last_day``.

    Teams are those of the day; without teams the practice's list-holders are one. Raises
    UnknownPlaceError for somebody who is no GP there, NoFeasiblePlanError where nobody else
    may hold a list, and as ``gather`` does.
    """
    began = time.perf_counter()
    model = model or TeamModel()
    inputs = gather(store, practice)
    present = present_arrangement(inputs, store).arrangement
    who = find_leaver(inputs, leaver)
    left = without(inputs, who)
    if not left.clinicians.eligible.any():
        raise NoFeasiblePlanError(
            f'Nobody else at {practice} may hold a list, so the patients of "{leaver}" have'
            " nowhere to go.",
            where=practice,
            hint="Load the staff list with whoever follows, or merge with another practice.",
        )
    before = measure_arrangement(inputs, present, model)
    teams = remaining_teams(left, present, who)
    band = max(model.band_percent, 100 * (before.band_max or 0.0) + 0.1)
    kept = replace(model, approach="whole_list", band_percent=band, disruption_percent=0.0)
    gps = np.array(sorted(gp for team in teams for gp in team), dtype=np.int32)
    placing = Placing.of(left, kept, gps)
    found = allocate(placing, teams)
    arrangement = Arrangement(
        teams=teams,
        others=tuple(() for _ in teams),
        shared=present.shared,
        leads=tuple(_lead(left, present, team) for team in teams),
        team=found.team,
        named=found.named,
    )
    held = np.flatnonzero(inputs.people.named == who)
    home = _team_at(present, who)
    stay = int(np.isin(found.named[held], home).sum()) if len(home) else 0
    others = (inputs.people.named >= 0) & (inputs.people.named != who)
    moved = int((others & (found.named != inputs.people.named)).sum())
    bound = max(found.value, bound_of(team_task(placing, teams, pulls=False))[0])
    gap = gap_of(found.value, bound)
    design = Design(
        arrangement=arrangement,
        certificate=Certificate(found.value, bound, gap, 0.0, gap, _COVERS),
        formation=Formation(teams, found.value, bound, gap, "gap", 0.0, 0),
        band_kept=True,
        budget_kept=True,
        price=found.price,
        status="gap",
        seconds=time.perf_counter() - began,
    )
    last = last_day or day_of(inputs.day)
    note = f"Lists without {leaver}, whose last day is {last}."
    if not moved:
        note += " Nobody else gets a different named GP."
    made = assemble(store, left, kept, design, NOTHING_MORE, (note,))
    return Reallocation(
        made=made,
        model=kept,
        leaver=leaver,
        last_day=last,
        patients=len(held),
        stay_in_team=stay,
        leave_team=len(held) - stay,
        others_moved=moved,
        before=before,
        after=measure_arrangement(left, arrangement, kept),
    )


_COVERS = (
    "The bound holds for every way to share out these patients with the teams as they are, "
    "the same households and the same work band, and as few others moved. It speaks of past "
    "contacts, not of those to come."
)


def find_leaver(inputs: PracticeInputs, leaver: str) -> int:
    """Return the position of the GP who leaves; raises UnknownPlaceError."""
    staff = inputs.clinicians
    there = [name for row, name in enumerate(staff.staff_id) if staff.gp[row]]
    if leaver not in there:
        raise UnknownPlaceError(
            f'No GP "{leaver}" works at {inputs.practice_id} on {day_of(inputs.day)}.',
            where="--leaver",
            hint=f"The GPs there are: {', '.join(there) or 'none'}.",
        )
    return staff.staff_id.index(leaver)


def without(inputs: PracticeInputs, who: int) -> PracticeInputs:
    """Return the practice without a GP: the list has nobody, nobody asked for the GP."""
    staff, people = inputs.clinicians, inputs.people
    here = np.arange(staff.size) != who
    return replace(
        inputs,
        clinicians=replace(
            staff,
            gp=staff.gp & here,
            eligible=staff.eligible & here,
            capacity_minutes=np.where(here, staff.capacity_minutes, 0.0),
        ),
        people=replace(
            people,
            named=np.where(people.named == who, -1, people.named).astype(np.int32),
            named_gone=people.named_gone | (people.named == who),
            locked=np.where(people.locked == who, -1, people.locked).astype(np.int32),
        ),
    )


def remaining_teams(inputs: PracticeInputs, present: Arrangement, who: int) -> tuple[Team, ...]:
    """Return the teams without the leaver; a team without a list-holder ends.

    List-holders outside all teams are a team of their own.
    """
    eligible = inputs.clinicians.eligible
    teams = [tuple(gp for gp in team if gp != who) for team in present.teams]
    teams = [team for team in teams if any(eligible[gp] for gp in team)]
    inside = {gp for team in teams for gp in team}
    outside = tuple(gp for gp in np.flatnonzero(eligible).tolist() if gp not in inside)
    return tuple(sorted([*teams, outside] if outside else teams))


def _team_at(present: Arrangement, who: int) -> tuple[int, ...]:
    return next((team for team in present.teams if who in team), ())


def _lead(inputs: PracticeInputs, present: Arrangement, team: Team) -> int:
    """Return who led the team, else the list-holder of most sessions."""
    staff = inputs.clinicians
    before = next((lead for lead in present.leads if lead in team), -1)
    may = [row for row in team if staff.eligible[row]]
    most = max(may, key=lambda row: (staff.sessions_per_week[row], -row), default=-1)
    return before if before >= 0 else most


def rounded_loss(before: Measured, after: Measured) -> int:
    """Return the contacts in 100 with the own GP that are lost, rounded against ourselves."""
    lost = (before.retained_own or 0.0) - (after.retained_own or 0.0)
    return max(0, math.ceil(100 * lost - 1e-9))
