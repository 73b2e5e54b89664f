"""Adopting a plan from a day on, and taking it back before that day.

Both write one new version of the store, which takes seconds whatever its size; the plan's
own file is told afterwards, and what the version says is what counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from hamlets.continuity.columns import texts, whole
from hamlets.errors import UsageError
from hamlets.records.store.adopted import Adoption, adoptions, of_practice
from hamlets.records.store.amending import Amendment, Change, amend
from hamlets.records.store.layout import Layout
from hamlets.records.store.locks import plans_lock, writer_lock
from hamlets.records.store.reading import Store, open_store
from hamlets.records.store.schema import stored_schema
from hamlets.teams.inputs import Bools
from hamlets.teams.plans.dated_rows import day_number, reopened, team_changes
from hamlets.teams.plans.named_rows import named_changes, without_plan
from hamlets.teams.plans.people import Staff, practice_code
from hamlets.teams.plans.standing import now, who
from hamlets.teams.plans.storing import (
    WAIT_SECONDS,
    StoredPlan,
    check_there,
    note_change,
    read_plan,
)
from hamlets.teams.results.keeping import PlanChange

_MOST_DAYS_AHEAD = 731
_GIVEN: dict[str, tuple[str, ...]] = {
    "teams": ("team_id", "practice_id", "name"),
    "team_members": ("team_id", "staff_id", "from_date", "to_date", "lead"),
}
Stage = Callable[[str], None]


@dataclass(frozen=True)
class Adopted:
    """What adopting a plan, or taking it back, did or would do."""

    plan_id: str
    practice_id: str
    from_date: date
    version: int | None
    """The store's new version; None: nothing was written, it was only tried."""
    named_changed: int
    named_first: int
    teams: int
    members: int
    closed: int
    """Rows of earlier teams and buddies that end, or are open again."""
    superseded: str | None
    """The plan of the practice that this one follows."""
    patients_left: int = 0
    """Patients of the plan who are not with the practice any more: passed over."""
    patients_without_gp: int = 0
    """Patients whose planned GP has gone: they keep the named GP they have."""
    staff_gone: tuple[str, ...] = ()
    """Staff ids of the plan who have gone: in no team."""
    names_gone: tuple[str, ...] = ()
    """What they are called, in the same order."""
    notes: tuple[str, ...] = ()


def adopt(
    store_folder: str | Path,
    plan_id: str,
    from_date: date,
    by: str | None = None,
    *,
    force: bool = False,
    dry_run: bool = False,
    today: date | None = None,
    wait_seconds: float = WAIT_SECONDS,
    stage: Stage = lambda _name: None,
) -> Adopted:
    """Follow a plan from a day on; return what changed. ``dry_run`` writes nothing.

    Raises UsageError where it is adopted already, keeps not all rules (``force`` adopts it
    all the same), or the day cannot be; UnknownPlaceError where there is no such plan or
    practice; StoreBusyError where another writer does not end in time.
    """
    layout = Layout(Path(store_folder))
    if dry_run:
        return _adopt(layout, plan_id, from_date, force, today or date.today())[0]
    read_plan(store_folder, plan_id)  # before the lock makes anything
    with writer_lock(layout, wait_seconds):
        found, amendment, store = _adopt(layout, plan_id, from_date, force, today or date.today())
        amend(layout, store.manifest, amendment, stage)
        change = PlanChange("adopted", now(), by or who(), from_date, store.version + 1)
        _note(layout, plan_id, change, wait_seconds)
    return _written(found, store.version + 1)


def _adopt(
    layout: Layout, plan_id: str, start: date, force: bool, today: date
) -> tuple[Adopted, Amendment, Store]:
    with open_store(layout.root) as store:
        stored = read_plan(layout.root, plan_id)
        practice = practice_code(store, stored.plan.practice_id)
        before = of_practice(store.manifest, practice)
        _check_plan(stored, before, force)
        _check_day(store, start, before, today)
        staff = Staff(store, practice, day_number(start))
        shared = team_changes(store, stored, staff, start, before)
        named = named_changes(store, stored, staff, start)
        adoption = Adoption(
            plan_id,
            practice,
            stored.plan.practice_id,
            start,
            tuple(team.team_id for team in stored.plan.teams),
            shared.buddies,
            shared.closed,
            everybody=stored.plan.approach != "cohort" and bool(stored.plan.teams),
        )
        amendment = Amendment(
            shared.changes,
            {practice: named.change},
            (*adoptions(store.manifest), adoption),
            _given(store, bool(shared.buddies)),
            f"adopt plan {plan_id} from {start}",
        )
        gone = {each.staff_id: each.name or each.staff_id
                for each in stored.members if not staff.here(each.staff_id)}  # fmt: skip
        found = Adopted(
            plan_id=plan_id,
            practice_id=stored.plan.practice_id,
            from_date=start,
            version=None,
            named_changed=named.changed,
            named_first=named.first,
            teams=len(stored.plan.teams),
            members=shared.members,
            closed=len(shared.closed),
            superseded=before[-1].plan_id if before else None,
            patients_left=named.left,
            patients_without_gp=named.without_gp,
            staff_gone=tuple(sorted(gone)),
            names_gone=tuple(gone[each] for each in sorted(gone)),
            notes=_notes(stored, store, start, today),
        )
        return found, amendment, store


def _given(store: Store, buddies: bool) -> dict[str, tuple[str, ...]]:
    """Return the columns that the store now has.

    Where extracts give a current named GP only, the store still has that alone: what a report
    says of undated named GPs stays true of everybody else.
    """
    found = dict(_GIVEN)
    if buddies:
        found["buddies"] = ("staff_id", "buddy_staff_id", "from_date", "to_date")
    if not store.given("patients", "named_staff_id"):
        found["named_gps"] = ("patient_id", "staff_id", "from_date", "to_date", "source")
    return found


def _check_plan(stored: StoredPlan, before: tuple[Adoption, ...], force: bool) -> None:
    plan = stored.plan
    if any(each.plan_id == plan.plan_id for each in before):
        raise UsageError(
            f"Plan {plan.plan_id} is adopted already, from {stored.standing.adopted_from}.",
            where=plan.plan_id,
            hint="To change the day, take it back first: hamlets teams withdraw.",
        )
    if not plan.teams and plan.approach != "reallocation":
        raise UsageError(
            f"Plan {plan.plan_id} has no teams.",
            where=plan.plan_id,
            hint="Change the team model and design the teams again.",
        )
    if plan.status == "infeasible" and not force:
        rules = " ".join(rule.sentence for rule in plan.given_up)
        raise UsageError(
            f"The teams of plan {plan.plan_id} do not keep all rules of the team model.",
            where=plan.plan_id,
            hint=f"Given up: {rules or 'see the plan.'} To adopt it all the same, add --force.",
        )


def _check_day(store: Store, start: date, before: tuple[Adoption, ...], today: date) -> None:
    first = store.first_day
    if first is not None and start < first:
        raise UsageError(
            f"The records begin on {first}, after this day.",
            where=str(start),
            hint="Choose a day on which the teams start, for example the first of next month.",
        )
    if (start - today).days > _MOST_DAYS_AHEAD:
        raise UsageError(
            "This day is more than two years ahead.",
            where=str(start),
            hint="Check the year. Adopt a plan when its start is near: patients and GPs change.",
        )
    if before and start < before[-1].from_date:
        raise UsageError(
            f"Plan {before[-1].plan_id} holds from {before[-1].from_date}, after this day.",
            where=str(start),
            hint="Choose that day or a later one, or take that plan back first.",
        )


def _notes(stored: StoredPlan, store: Store, start: date, today: date) -> tuple[str, ...]:
    plan = stored.plan
    found: list[str] = []
    if plan.status == "infeasible":
        found += [f"Not kept: {rule.sentence}" for rule in plan.given_up]
    if start < today:
        found.append("The day is past: figures from that day on now count by these teams.")
    if plan.content_id != store.content_id:
        found.append(
            f"The plan was made on version {plan.store_version} of the records; "
            f"they have changed since."
        )
    return tuple(found)


def withdraw(
    store_folder: str | Path,
    plan_id: str,
    by: str | None = None,
    *,
    dry_run: bool = False,
    today: date | None = None,
    wait_seconds: float = WAIT_SECONDS,
    stage: Stage = lambda _name: None,
) -> Adopted:
    """Take a plan back before its day; return what changed. The plan of before holds again.

    Raises UsageError where it is not adopted, has begun, or another plan follows it.
    """
    layout = Layout(Path(store_folder))
    if dry_run:
        return _withdraw(layout, plan_id, today or date.today())[0]
    read_plan(store_folder, plan_id)
    with writer_lock(layout, wait_seconds):
        found, amendment, store = _withdraw(layout, plan_id, today or date.today())
        amend(layout, store.manifest, amendment, stage)
        change = PlanChange("withdrawn", now(), by or who(), found.from_date, store.version + 1)
        _note(layout, plan_id, change, wait_seconds)
    return _written(found, store.version + 1)


def _withdraw(layout: Layout, plan_id: str, today: date) -> tuple[Adopted, Amendment, Store]:
    check_there(layout, plan_id)
    with open_store(layout.root) as store:
        every = adoptions(store.manifest)
        adoption = next((each for each in every if each.plan_id == plan_id), None)
        if adoption is None:
            raise UsageError(
                f"Plan {plan_id} is not adopted, so there is nothing to take back.",
                where=plan_id,
            )
        mine = of_practice(store.manifest, adoption.practice)
        _check_can_go(adoption, mine, today)
        named = without_plan(store, adoption)
        team_rows = store.shared("team_members")
        shared = {
            "teams": Change(
                _in_teams(texts(store.shared("teams"), "team_id"), adoption),
                stored_schema("teams", store.identifiable).empty_table(),
            ),
            "team_members": reopened(
                store, "team_members", adoption, _in_teams(texts(team_rows, "team_id"), adoption)
            ),
            "buddies": reopened(store, "buddies", adoption, _made_buddies(store, adoption)),
        }
        amendment = Amendment(
            shared,
            named,
            tuple(each for each in every if each is not adoption),
            {},
            f"withdraw plan {plan_id}",
        )
        found = Adopted(
            plan_id=plan_id,
            practice_id=adoption.practice_id,
            from_date=adoption.from_date,
            version=None,
            named_changed=sum(int(change.drop.sum()) for change in named.values()),
            named_first=0,
            teams=len(adoption.teams),
            members=len(
                set(
                    whole(team_rows, "staff")[
                        _in_teams(texts(team_rows, "team_id"), adoption)
                    ].tolist()
                )
            ),
            closed=len(adoption.closed),
            superseded=mine[-2].plan_id if len(mine) > 1 else None,
        )
        return found, amendment, store


def _check_can_go(adoption: Adoption, mine: tuple[Adoption, ...], today: date) -> None:
    if mine[-1].plan_id != adoption.plan_id:
        raise UsageError(
            f"Plan {mine[-1].plan_id} follows plan {adoption.plan_id}.",
            where=adoption.plan_id,
            hint=f"Take plan {mine[-1].plan_id} back first.",
        )
    if adoption.from_date <= today:
        raise UsageError(
            f"Plan {adoption.plan_id} has begun on {adoption.from_date}.",
            where=adoption.plan_id,
            hint="Adopt another plan from a later day. To undo it as if it had never been, go "
            "back to an earlier version: hamlets store restore.",
        )


def _in_teams(ids: list[str | None], adoption: Adoption) -> Bools:
    return np.array([each in adoption.teams for each in ids], np.bool_)


def _made_buddies(store: Store, adoption: Adoption) -> Bools:
    rows = store.shared("buddies")
    pairs = zip(whole(rows, "staff").tolist(), whole(rows, "buddy_staff").tolist(), strict=True)
    begins = rows.column("from_date").to_pylist()
    return np.array(
        [
            pair in adoption.buddies and begin == adoption.from_date
            for pair, begin in zip(pairs, begins, strict=True)
        ],
        np.bool_,
    )


def _note(layout: Layout, plan_id: str, change: PlanChange, wait_seconds: float) -> None:
    with plans_lock(layout, wait_seconds):
        note_change(layout, plan_id, change)


def _written(found: Adopted, version: int) -> Adopted:
    return replace(found, version=version)
