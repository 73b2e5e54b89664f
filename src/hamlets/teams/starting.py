"""What a re-allocation starts from: the teams and lists there are, or those of a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hamlets.continuity.calendar import day_of
from hamlets.continuity.ladder import team_on
from hamlets.continuity.reference import build_reference
from hamlets.errors import HamletsError, UnknownPlaceError
from hamlets.records import Store
from hamlets.records.store.adopted import adoptions
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.comparing.present import present_arrangement
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.plans.people import patient_codes
from hamlets.teams.plans.storing import read_plan


@dataclass(frozen=True)
class Start:
    """The arrangement that is changed, and what its teams are called."""

    arrangement: Arrangement
    names: tuple[str, ...]
    team_ids: tuple[str, ...]
    model: TeamModel


def read_start(
    store: Store, inputs: PracticeInputs, plan_id: str | None, gone: tuple[int, int] | None = None
) -> Start:
    """Return the arrangement there is, or that of a plan.

    ``gone`` is the row and the last day of somebody who has left: their team is still that of
    their patients.
    """
    if plan_id is None:
        found = present_arrangement(inputs, store)
        arrangement = found.arrangement
        if gone is not None:
            arrangement = _with_gone(store, inputs, arrangement, found.team_ids, *gone)
        return Start(arrangement, found.names, found.team_ids, _model_in_force(store, inputs))
    stored = read_plan(store.path, plan_id)
    if stored.plan.practice_id != inputs.practice_id:
        raise UnknownPlaceError(
            f"Plan {plan_id} is not one of {inputs.practice_id}.",
            where="--plan",
            hint="`hamlets teams list --practice` shows the plans of a practice.",
        )
    staff = inputs.clinicians
    row_of = {name: row for row, name in enumerate(staff.staff_id)}
    ids = tuple(team.team_id for team in stored.plan.teams)
    rows = [[row_of[m.staff_id] for m in stored.members
             if m.team_id == team and not m.shared and m.staff_id in row_of]
            for team in ids]  # fmt: skip
    leads = {m.team_id: row_of[m.staff_id] for m in stored.members
             if m.lead and m.staff_id in row_of}  # fmt: skip
    size = int(max(inputs.people.patient.max(initial=0), 0)) + 1
    named, team = np.full(size, -1, dtype=np.int32), np.full(size, -1, dtype=np.int32)
    codes = patient_codes(store, stored.allocations)
    known = (codes >= 0) & (codes < size)
    gps = [row_of.get(each, -1) for each in stored.allocations["new_named_staff_id"].to_pylist()]
    number = {team_id: place for place, team_id in enumerate(ids)}
    teams = [number.get(each, -1) for each in stored.allocations["team_id"].to_pylist()]
    named[codes[known]] = np.array(gps, dtype=np.int32)[known]
    team[codes[known]] = np.array(teams, dtype=np.int32)[known]
    return Start(
        Arrangement(
            teams=tuple(tuple(sorted(r for r in team if staff.gp[r])) for team in rows),
            others=tuple(tuple(sorted(r for r in team if not staff.gp[r])) for team in rows),
            shared=tuple(sorted({row_of[m.staff_id] for m in stored.members
                                 if m.shared and m.staff_id in row_of})),
            leads=tuple(leads.get(team_id, -1) for team_id in ids),
            team=team[inputs.people.patient],
            named=named[inputs.people.patient],
        ),
        tuple(each.name for each in stored.plan.teams),
        ids,
        _of_lists(stored.model),
    )  # fmt: skip


def _model_in_force(store: Store, inputs: PracticeInputs) -> TeamModel:
    """Return what the plan that the practice follows asks of lists; the defaults without one."""
    day = day_of(inputs.day)
    followed = [
        each
        for each in adoptions(store.manifest)
        if each.practice_id == inputs.practice_id and each.from_date <= day
    ]
    if not followed:
        return TeamModel()
    try:
        return _of_lists(read_plan(store.path, followed[-1].plan_id).model)
    except HamletsError:
        # Its folder did not come along with the store: its teams are in the records all the same.
        return TeamModel()


def _of_lists(model: TeamModel) -> TeamModel:
    """Return the rules of a model that lists keep when staff change."""
    return TeamModel(
        band_percent=model.band_percent,
        list_band_percent=model.list_band_percent,
        households=model.households,
    )


def _with_gone(
    store: Store,
    inputs: PracticeInputs,
    arrangement: Arrangement,
    team_ids: tuple[str, ...],
    row: int,
    last: int,
) -> Arrangement:
    """Return an arrangement with somebody who has left in the team of their last day."""
    if any(row in team for team in arrangement.teams):
        return arrangement
    reference = build_reference(store)
    t, person = reference.teams, int(inputs.clinicians.person[row])
    team = int(
        team_on(
            int(t.offset[person]), int(t.offset[person + 1]),
            t.start, t.end, t.value, reference.team_lead, last,
        )
    )  # fmt: skip
    label = reference.team_labels[team] if team >= 0 else None
    if label not in team_ids:
        return arrangement
    place = team_ids.index(label)
    teams = list(arrangement.teams)
    teams[place] = tuple(sorted((*teams[place], row)))
    mine = arrangement.named == row
    return replace(
        arrangement,
        teams=tuple(teams),
        team=np.where(mine, place, arrangement.team).astype(np.int32),
    )
