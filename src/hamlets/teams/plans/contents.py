"""The tables of a plan: who is in which team, and each patient's team and named GP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.teams.arrangement import Arrangement
from hamlets.teams.comparing.moving import KINDS, find_reasons
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.results import Explanation, Plan, PlanTeam
from hamlets.teams.results.keeping import PlanMember

TEAMS = "teams.parquet"
ALLOCATIONS = "allocations.parquet"
EXPLANATIONS = "explanations.parquet"

TEAM_SCHEMA: Any = pa.schema(
    [
        ("team_id", pa.string()),
        ("staff_id", pa.string()),
        ("name", pa.string()),
        ("role", pa.string()),
        ("lead", pa.bool_()),
        ("shared", pa.bool_()),
        ("sessions", pa.float64()),
        ("half_days", pa.list_(pa.bool_())),
    ]
)
ALLOCATION_SCHEMA: Any = pa.schema(
    [
        ("patient", pa.int32()),  # the store's code when the plan was made
        ("patient_id", pa.string()),
        ("old_named_staff_id", pa.string()),
        ("new_named_staff_id", pa.string()),
        ("team_id", pa.string()),
        ("changed", pa.bool_()),
        ("forced", pa.bool_()),
        ("first", pa.bool_()),
        ("reason", pa.string()),
    ]
)
EXPLANATION_SCHEMA: Any = pa.schema(
    [
        ("subject", pa.string()),
        ("kind", pa.string()),
        ("reason", pa.string()),
        ("number", pa.float64()),
    ]
)
_WEEK = 10
UNCHANGED = "unchanged"
"""The reason of patients whose named GP stays."""


def members_of(plan: Plan, inputs: PracticeInputs) -> tuple[PlanMember, ...]:
    """Return everybody of each team, the lead first, then as the plan lists them."""
    row_of = {staff_id: row for row, staff_id in enumerate(inputs.clinicians.staff_id)}
    return tuple(
        _member(team, row_of[staff_id], staff_id in team.shared, inputs)
        for team in plan.teams
        for staff_id in sorted((*team.members, *team.shared), key=lambda each: each != team.lead)
    )


def _member(team: PlanTeam, row: int, shared: bool, inputs: PracticeInputs) -> PlanMember:
    staff = inputs.clinicians
    weeks = staff.half_days[row].reshape(-1, _WEEK)
    return PlanMember(
        team.team_id,
        staff.staff_id[row],
        staff.name[row],
        staff.role[row],
        staff.staff_id[row] == team.lead,
        shared,
        float(staff.sessions_per_week[row]),
        tuple(bool(each) for each in weeks.any(axis=0)),
    )


def team_rows(members: Sequence[PlanMember]) -> pa.Table:
    """Return the rows of ``teams.parquet``."""
    return pa.Table.from_pylist([vars(each) for each in members], schema=TEAM_SCHEMA)


def read_members(rows: pa.Table) -> tuple[PlanMember, ...]:
    """Return the people of ``teams.parquet``."""
    found: list[PlanMember] = []
    for row in rows.to_pylist():
        half_days = tuple(row.pop("half_days"))
        found.append(PlanMember(**row, half_days=half_days))
    return tuple(found)


def explanation_rows(explanations: Sequence[Explanation]) -> pa.Table:
    """Return the rows of ``explanations.parquet``."""
    return pa.Table.from_pylist([vars(each) for each in explanations], schema=EXPLANATION_SCHEMA)


def allocation_rows(
    plan: Plan, arrangement: Arrangement, inputs: PracticeInputs, model: TeamModel
) -> pa.Table:
    """Return the rows of ``allocations.parquet``: one for each patient with a team or a named GP.

    ``reason`` is the kind of an explanation, or UNCHANGED.
    """
    people = inputs.people
    placed = np.flatnonzero((arrangement.team >= 0) | (arrangement.named >= 0))
    new, old = arrangement.named[placed], people.named[placed]
    reasons = find_reasons(inputs, model, arrangement)[placed]
    gone = people.named_gone[placed] & (old < 0)
    columns = {
        "patient": people.patient[placed],
        "patient_id": _chosen(people.patient_id, placed),
        "old_named_staff_id": _chosen(inputs.clinicians.staff_id, old),
        "new_named_staff_id": _chosen(inputs.clinicians.staff_id, new),
        "team_id": _chosen([team.team_id for team in plan.teams], arrangement.team[placed]),
        "changed": (old >= 0) & (new != old),
        "forced": gone,
        "first": (old < 0) & ~gone & (new >= 0),
        "reason": _chosen((*KINDS, UNCHANGED), reasons % (len(KINDS) + 1)),
    }
    return pa.table(columns, schema=ALLOCATION_SCHEMA)


def _chosen(words: Sequence[str], places: npt.NDArray[Any]) -> Any:
    """Return the word at each place, null for -1."""
    taken = cast("Any", pa.array(words, pa.string()))
    return taken.take(pa.array(places, pa.int64(), mask=places < 0))
