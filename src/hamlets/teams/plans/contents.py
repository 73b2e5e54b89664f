"""The tables of a plan: who is in which team, and each patient's team and named GP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.teams.arrangement import Arrangement
from hamlets.teams.inputs import Bools, Float64, Int32, People, PracticeInputs
from hamlets.teams.results import Explanation, Plan
from hamlets.teams.results.keeping import ALLOCATION_REASONS, AllocationReason, PlanMember

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
_REASONS = tuple(ALLOCATION_REASONS)


def members_of(
    plan: Plan, arrangement: Arrangement, inputs: PracticeInputs
) -> tuple[PlanMember, ...]:
    """Return everybody of each team, the lead first, then as the practice lists them."""
    found: list[PlanMember] = []
    for number, team in enumerate(plan.teams):
        lead = arrangement.leads[number]
        own = sorted(arrangement.members(number), key=lambda row: (row != lead, row))
        found += [
            _member(team.team_id, row, lead, row in arrangement.shared, inputs)
            for row in (*own, *arrangement.shared)
        ]
    return tuple(found)


def _member(team_id: str, row: int, lead: int, shared: bool, inputs: PracticeInputs) -> PlanMember:
    staff = inputs.clinicians
    weeks = staff.half_days[row].reshape(-1, _WEEK)
    return PlanMember(
        team_id,
        staff.staff_id[row],
        staff.name[row],
        staff.role[row],
        row == lead,
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


def allocation_rows(plan: Plan, arrangement: Arrangement, inputs: PracticeInputs) -> pa.Table:
    """Return the rows of ``allocations.parquet``: one for each patient who has a team."""
    people = inputs.people
    placed = np.flatnonzero(arrangement.team >= 0)
    new, old = arrangement.named[placed], people.named[placed]
    reasons = reasons_of(people, arrangement.named, inputs.clinicians.size)[placed]
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
        "reason": _chosen(_REASONS, reasons),
    }
    return pa.table(columns, schema=ALLOCATION_SCHEMA)


def _chosen(words: Sequence[str], places: npt.NDArray[Any]) -> Any:
    """Return the word at each place, null for -1."""
    taken = cast("Any", pa.array(words, pa.string()))
    return taken.take(pa.array(places, pa.int64(), mask=places < 0))


def reasons_of(people: People, named: Int32, clinicians: int) -> Int32:
    """Return of each patient the place in ALLOCATION_REASONS of why ``named`` is the GP."""
    old = people.named
    size = people.size
    reason = np.full(size, _place("balance"), dtype=np.int32)
    reason[_shared_by_household(people, named)] = _place("household")
    patients = np.arange(size)
    more = _weight(people, patients, named, clinicians) > _weight(people, patients, old, clinicians)
    reason[more] = _place("sees_more")
    reason[(people.locked >= 0) & (people.locked == named)] = _place("asked")
    reason[old < 0] = _place("first")
    reason[(old < 0) & people.named_gone] = _place("named_gp_gone")
    reason[named == old] = _place("unchanged")
    return reason


def _place(reason: AllocationReason) -> int:
    return _REASONS.index(reason)


def _weight(people: People, patients: npt.NDArray[Any], who: Int32, clinicians: int) -> Float64:
    """Return each patient's recent contacts with one clinician, 0 for -1."""
    seen = people.seen
    patient = np.repeat(np.arange(people.size), np.diff(seen.offset))
    keys = patient * np.int64(clinicians) + seen.clinician
    wanted = patients * np.int64(clinicians) + who
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    if not len(keys):
        return np.zeros(len(patients))
    return np.where((who >= 0) & (keys[at] == wanted), seen.weight[at], 0.0)


def _shared_by_household(people: People, named: Int32) -> Bools:
    """Return who has the named GP of somebody else in the household."""
    pairs = np.stack([people.household, named], axis=1)
    _, place, counts = np.unique(pairs, axis=0, return_inverse=True, return_counts=True)
    return counts[place.reshape(-1)] > 1
