"""Keeping plans in the store and reading them again.

A plan is written beside, made safe on disk and then named: one that was stopped half-way is
never seen. Nothing here needs the pseudonym key or the writer lock of the store.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import tomli_w

from hamlets.errors import HamletsError, StoreDamagedError, StoreNewerError
from hamlets.records.store.layout import Layout, sync_folder, write_atomically
from hamlets.records.store.locks import plans_lock
from hamlets.records.store.manifest import Manifest, manifest_in_use
from hamlets.records.store.plan_folders import (
    PLAN_FILE,
    SEAL,
    check_files,
    is_plan_id,
    plan_ids,
    read_plan_file,
    seal_of,
)
from hamlets.records.store.writing import writable
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel, make_model
from hamlets.teams.plans.contents import (
    ALLOCATION_SCHEMA,
    ALLOCATIONS,
    EXPLANATION_SCHEMA,
    EXPLANATIONS,
    TEAM_SCHEMA,
    TEAMS,
    allocation_rows,
    explanation_rows,
    members_of,
    read_members,
    team_rows,
)
from hamlets.teams.plans.document import as_tables, from_tables
from hamlets.teams.plans.ids import check_there, next_id, number_of
from hamlets.teams.plans.standing import now, standing_of, who
from hamlets.teams.results import Explanation, Plan
from hamlets.teams.results.keeping import PlanChange, PlanMember, PlanStanding

FORMAT = 1
"""The form of ``plan.toml`` that this Hamlets writes."""
WAIT_SECONDS = 60.0
_DERIVED = ("state", "adopted_from")
_BESIDE = ".new-"
STAGES = ("tables", "document", "naming")
"""What saving a plan passes through: its tables, plan.toml, and its final name."""


@dataclass(frozen=True)
class StoredPlan:
    """A plan as it lies in the store."""

    plan: Plan
    """Its state is that in the store's current version."""
    standing: PlanStanding
    model: TeamModel
    members: tuple[PlanMember, ...]
    allocations: pa.Table
    """One row for each placed patient: see ``contents.ALLOCATION_SCHEMA``."""
    explanations: tuple[Explanation, ...]
    history: tuple[PlanChange, ...]
    """Everything done with the plan, oldest first."""


def next_plan_id(store_folder: str | Path, practice: str) -> str:
    """Return the id that the next plan of a practice gets, like ``EX001-3``."""
    layout = Layout(Path(store_folder))
    return next_id(layout, manifest_in_use(layout), practice)


def save_plan(
    store_folder: str | Path,
    plan: Plan,
    arrangement: Arrangement,
    inputs: PracticeInputs,
    model: TeamModel,
    explanations: Sequence[Explanation] = (),
    *,
    wait_seconds: float = WAIT_SECONDS,
    stage: Callable[[str], None] = lambda _name: None,
) -> Path:
    """Keep a plan as a draft; return its folder, whose name is the plan's id.

    That is ``plan.plan_id``, or the practice's next id where this is blank or was taken in
    the meantime: a plan is never written over. Raises StoreError where the store is none or
    cannot be written.
    """
    layout = Layout(Path(store_folder))
    manifest = manifest_in_use(layout)
    with writable(), plans_lock(layout, wait_seconds):
        _clear_away(layout)
        plan_id = plan.plan_id
        if not is_plan_id(plan_id) or (layout.plans / plan_id).exists():
            plan_id = next_id(layout, manifest, plan.practice_id)
        plan = _named(plan, plan_id)
        beside = layout.plans / f"{_BESIDE}{secrets.token_hex(4)}"
        beside.mkdir()
        try:
            _write(beside, plan, arrangement, inputs, model, explanations, stage)
            stage("naming")
            beside.rename(layout.plans / plan_id)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        sync_folder(layout.plans)
    return layout.plans / plan_id


def _named(plan: Plan, plan_id: str) -> Plan:
    """Return a plan under its id, which the ids of its teams begin with."""
    before = f"{plan.plan_id}-"
    teams = tuple(
        replace(team, team_id=f"{plan_id}-{team.team_id.removeprefix(before)}")
        for team in plan.teams
    )
    return replace(plan, plan_id=plan_id, number=number_of(plan_id), teams=teams)


def _clear_away(layout: Layout) -> None:
    """Remove what a program left that was stopped while it kept a plan."""
    for path in layout.plans.glob(f"{_BESIDE}*"):
        shutil.rmtree(path, ignore_errors=True)


def _write(
    folder: Path,
    plan: Plan,
    arrangement: Arrangement,
    inputs: PracticeInputs,
    model: TeamModel,
    explanations: Sequence[Explanation],
    stage: Callable[[str], None],
) -> None:
    stage("tables")
    tables = {
        TEAMS: team_rows(members_of(plan, inputs)),
        ALLOCATIONS: allocation_rows(plan, arrangement, inputs, model),
        EXPLANATIONS: explanation_rows(explanations),
    }
    files: dict[str, str] = {}
    for name, rows in tables.items():
        pq.write_table(rows, folder / name, compression="zstd")
        with (folder / name).open("rb") as stream:
            files[name] = hashlib.file_digest(stream, "sha256").hexdigest()
            os.fsync(stream.fileno())
    stage("document")
    made = PlanChange("draft", plan.made_at, plan.made_by, store_version=plan.store_version)
    data = {
        "format": FORMAT,
        "plan": {k: v for k, v in as_tables(plan).items() if k not in _DERIVED},
        "model": {k: v for k, v in as_tables(model).items() if v not in ([], {})},
        "files": files,
        "history": [as_tables(made)],
    }
    write_atomically(folder / PLAN_FILE, _sealed(data))


def _sealed(data: dict[str, Any]) -> bytes:
    return tomli_w.dumps({**data, SEAL: seal_of(data)}).encode()


def read_plan(store_folder: str | Path, plan_id: str) -> StoredPlan:
    """Return a plan with its tables.

    Raises UnknownPlaceError where there is none, StoreDamagedError where its files are not
    what was written, StoreNewerError where a newer Hamlets wrote it.
    """
    layout = Layout(Path(store_folder))
    manifest = manifest_in_use(layout)
    check_there(layout, plan_id)
    data = read_plan_file(layout, plan_id)
    plan, standing, history = _read_document(layout, plan_id, data, manifest)
    check_files(layout, plan_id, data)
    folder = layout.plans / plan_id
    try:
        model = make_model(data["model"], PLAN_FILE)
        teams = _read_table(folder / TEAMS, TEAM_SCHEMA)
        reasons = _read_table(folder / EXPLANATIONS, EXPLANATION_SCHEMA)
        return StoredPlan(
            plan,
            standing,
            model,
            read_members(teams),
            _read_table(folder / ALLOCATIONS, ALLOCATION_SCHEMA),
            tuple(Explanation(**row) for row in reasons.to_pylist()),
            history,
        )
    except (HamletsError, OSError, ValueError, TypeError, KeyError, pa.ArrowException) as error:
        raise _unreadable(layout, plan_id) from error


def _read_table(path: Path, schema: Any) -> pa.Table:
    return pq.read_table(path).select(schema.names).cast(schema)


def list_plans(
    store_folder: str | Path, practice: str | None = None, problems: list[str] | None = None
) -> tuple[Plan, ...]:
    """Return the plans of a store, or of one practice, by name and number.

    Plans that cannot be read are named in ``problems``; without it they raise.
    """
    return tuple(plan for plan, _ in _documents(store_folder, practice, problems))


def read_histories(
    store_folder: str | Path, practice: str
) -> tuple[tuple[Plan, tuple[PlanChange, ...]], ...]:
    """Return the plans of a practice with what was done with each, oldest first.

    Plans that cannot be read are passed over.
    """
    return tuple(_documents(store_folder, practice, []))


def _documents(
    store_folder: str | Path, practice: str | None, problems: list[str] | None
) -> Iterator[tuple[Plan, tuple[PlanChange, ...]]]:
    layout = Layout(Path(store_folder))
    manifest = manifest_in_use(layout)
    for plan_id in plan_ids(layout):
        try:
            data = read_plan_file(layout, plan_id)
            plan, _, history = _read_document(layout, plan_id, data, manifest)
        except (StoreDamagedError, StoreNewerError):
            if problems is None:
                raise
            problems.append(plan_id)
            continue
        if practice is None or plan.practice_id == practice:
            yield plan, history


def _read_document(
    layout: Layout, plan_id: str, data: dict[str, Any], manifest: Manifest | None
) -> tuple[Plan, PlanStanding, tuple[PlanChange, ...]]:
    if isinstance(data.get("format"), int) and data["format"] > FORMAT:
        raise StoreNewerError(
            f"Plan {plan_id} was kept by a newer Hamlets.",
            where=f"plans/{plan_id}/{PLAN_FILE}",
            hint="Update Hamlets.",
        )
    try:
        history = tuple(from_tables(PlanChange, each) for each in data["history"])
        standing = standing_of(manifest, plan_id, history)
        written = {**data["plan"], "state": standing.state}
        if standing.adopted_from is not None:
            written["adopted_from"] = standing.adopted_from
        plan = from_tables(Plan, written)
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(layout, plan_id) from error
    if plan.plan_id != plan_id:
        raise _unreadable(layout, plan_id)
    return plan, standing, history


def _unreadable(layout: Layout, plan_id: str) -> StoreDamagedError:
    return StoreDamagedError(
        f"Plan {plan_id} is not of the form that plans have.",
        where=layout.relative(layout.plans / plan_id / PLAN_FILE),
        hint="Bring its folder back from a copy, or design the teams again.",
    )


def note_change(layout: Layout, plan_id: str, change: PlanChange) -> None:
    """Add to a plan's history. Hold the plans' lock."""
    data = read_plan_file(layout, plan_id)
    data["history"] = [*data["history"], as_tables(change)]
    with writable():
        write_atomically(layout.plans / plan_id / PLAN_FILE, _sealed(data))
    with suppress(OSError):
        sync_folder(layout.plans / plan_id)


def propose(
    store_folder: str | Path,
    plan_id: str,
    by: str | None = None,
    *,
    note: str | None = None,
    when: str | None = None,
    wait_seconds: float = WAIT_SECONDS,
) -> PlanStanding:
    """Say that a plan is put to the practice; return how it stands. Twice changes nothing."""
    layout = Layout(Path(store_folder))
    manifest_in_use(layout)
    check_there(layout, plan_id)
    with plans_lock(layout, wait_seconds):
        stored = read_plan(store_folder, plan_id)
        if stored.standing.state == "draft":
            change = PlanChange("proposed", when or now(), by or who(), note=note)
            note_change(layout, plan_id, change)
    return read_plan(store_folder, plan_id).standing
