"""Plans made, changed by hand, adopted and taken back, as jobs of the site do it.

Each writes to the store what it says and nothing else. A plan is of the practice that asks,
or it is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from hamlets.errors import NoFeasiblePlanError, StoppedError, UnknownPlaceError
from hamlets.web.words import text
from hamlets.web.work.fragments import Plain, plain

if TYPE_CHECKING:
    from hamlets.records import Store
    from hamlets.teams.model import TeamModel
    from hamlets.teams.planning import Made
    from hamlets.teams.plans.storing import StoredPlan
    from hamlets.web.jobs.progress import Progress


def design(
    store: Path,
    practice: str,
    progress: Progress,
    *,
    model: dict[str, Any],
    by: str,
    draft: int | None = None,
    edition: int | None = None,
) -> Plain:
    """Return ``plan_id`` and ``status`` of a plan designed under a model and kept as a draft.

    ``draft`` and ``edition`` say which description it is of. A wish to stop gives the plan
    found so far; where there is none yet, the job ends without one.
    """
    from hamlets.records import open_store
    from hamlets.teams.model import make_model
    from hamlets.teams.planning import make_plan

    asked = make_model(model)
    progress.stage(text("team_work.reading"))
    with open_store(store) as opened, progress.stops_by_itself() as stop:
        try:
            made = make_plan(opened, practice, asked, stop=stop, progress=_tell(progress))
        except StoppedError as error:
            if stop():
                raise
            # the time that the model allows was too short: a sentence for people
            raise NoFeasiblePlanError(error.message, hint=text("team_work.more_time")) from error
        plan_id = _keep(opened, made, asked, by)
    return {"plan_id": plan_id, "status": made.plan.status}


def _tell(progress: Progress) -> Callable[[str, int], None]:
    def tell(stage: str, number: int) -> None:
        if stage == "teams" and number:
            progress.stage(text("team_work.teams_tried", n=f"{number:,}"))
        else:
            progress.stage(text(f"team_work.{stage.replace('-', '_')}"))

    return tell


def _keep(opened: Store, made: Made, model: TeamModel, by: str) -> str:
    from hamlets.teams.persons import with_labels
    from hamlets.teams.plans.storing import save_plan

    folder = save_plan(
        opened.path,
        replace(made.plan, made_by=by),
        made.arrangement,
        made.inputs,
        with_labels(opened, model, made.inputs),
        made.explanations,
    )
    return folder.name


def stored_here(store: Path, practice: str, plan_id: str) -> StoredPlan:
    """Return a plan of this practice; UnknownPlaceError for another's as for none."""
    from hamlets.teams.plans.storing import read_plan

    found = read_plan(store, plan_id)
    if found.plan.practice_id != practice:
        raise UnknownPlaceError(text("team_work.no_plan"))
    return found


def check(
    store: Path,
    practice: str,
    progress: Progress,
    *,
    version: int,
    plan: str,
    first: str,
    today: str,
) -> Plain:
    """Return what adopting a plan from a day on would do; nothing is written.

    Raises UsageError with a sentence where the day cannot be or the plan is adopted already.
    """
    from hamlets.teams.plans import adopting

    progress.stage(text("team_work.checking"))
    stored_here(store, practice, plan)
    found = adopting.adopt(
        store,
        plan,
        date.fromisoformat(first),
        force=True,
        dry_run=True,
        today=date.fromisoformat(today),
    )
    return {**plain(found), "letters": found.named_changed + found.named_first}


def adopt(
    store: Path,
    practice: str,
    progress: Progress,
    *,
    plan: str,
    first: str,
    by: str,
    force: bool = False,
) -> Plain:
    """Return what adopting a plan did: the store follows it from a day on, in a new version."""
    from hamlets.teams.plans import adopting

    progress.stage(text("team_work.adopting"))
    stored_here(store, practice, plan)
    return plain(adopting.adopt(store, plan, date.fromisoformat(first), by, force=force))


def withdraw(store: Path, practice: str, progress: Progress, *, plan: str, by: str) -> Plain:
    """Return what taking a plan back did, before its first day."""
    from hamlets.teams.plans import adopting

    progress.stage(text("team_work.withdrawing"))
    stored_here(store, practice, plan)
    return plain(adopting.withdraw(store, plan, by))


def propose(store: Path, practice: str, progress: Progress, *, plan: str, by: str) -> Plain:
    """Return the state of a plan that is now put to the practice."""
    from hamlets.teams.plans import storing

    progress.stage(text("team_work.proposing"))
    stored_here(store, practice, plan)
    return {"plan_id": plan, "state": storing.propose(store, plan, by).state}


def try_by_hand(
    store: Path, practice: str, progress: Progress, *, plan: str, staff: str, team: str
) -> Plain:
    """Return what moving somebody to another team would change; nothing is written.

    ``kept_before`` and ``kept_after`` are shares of past contacts kept in the team, ``work``
    the least and most work of a team, ``uncovered`` half-days lost and won by team,
    ``broken`` sentences of rules that hold no more.
    """
    from hamlets.records import open_store
    from hamlets.teams.moving_staff import move_by_hand

    progress.stage(text("team_work.trying_hand"))
    stored_here(store, practice, plan)
    with open_store(store) as opened:
        move = move_by_hand(opened, plan, staff, team)
    return {
        "plan_id": plan,
        "staff": staff,
        "team": team,
        "name": move.name,
        "from_team": move.from_team,
        "to_team": move.to_team,
        "followed": move.followed,
        "before": plain(move.before.option("plan")),
        "after": plain(move.after.option("plan")),
        "uncovered": [plain(each) for each in move.uncovered],
        "broken": [rule.sentence for rule in move.newly_broken],
    }


def keep_by_hand(
    store: Path, practice: str, progress: Progress, *, plan: str, staff: str, team: str, by: str
) -> Plain:
    """Return the ``plan_id`` of a plan with somebody in another team, kept as a draft."""
    from hamlets.records import open_store
    from hamlets.teams.moving_staff import make_moved, move_by_hand

    progress.stage(text("team_work.keeping_hand"))
    stored_here(store, practice, plan)
    with open_store(store) as opened:
        move = move_by_hand(opened, plan, staff, team)
        plan_id = _keep(opened, make_moved(opened, move), move.stored.model, by)
    return {"plan_id": plan_id, "from_plan": plan}


def staff_change(
    store: Path,
    practice: str,
    progress: Progress,
    *,
    change: str,
    staff: str,
    by: str,
    day: str | None = None,
    until: str | None = None,
    sessions: float | None = None,
    team: str | None = None,
    plan: str | None = None,
) -> Plain:
    """Return the ``plan_id`` of the lists after somebody leaves, joins, is away or works less.

    ``patients``, ``stay_in_team``, ``leave_team`` and ``others_moved`` are counts,
    ``headline`` the sentence that says them. With ``plan`` it starts from that plan.
    """
    from hamlets.records import open_store
    from hamlets.teams.reallocating import reallocate
    from hamlets.teams.staff_changes import StaffChange

    progress.stage(text("team_work.staff_change"))
    if plan is not None:
        stored_here(store, practice, plan)
    asked = StaffChange(
        cast("Any", change),
        staff,
        date.fromisoformat(day) if day else None,
        date.fromisoformat(until) if until else None,
        sessions,
        team,
    )
    with open_store(store) as opened:
        found = reallocate(opened, practice, asked, plan_id=plan)
        plan_id = _keep(opened, found.made, found.model, by)
    return {
        "plan_id": plan_id,
        "headline": found.headline,
        "patients": found.patients,
        "stay_in_team": found.stay_in_team,
        "leave_team": found.leave_team,
        "others_moved": found.others_moved,
    }


def patients(store: Path, practice: str, progress: Progress, *, version: int, plan: str) -> Plain:
    """Return the patients whose named GP a plan changes. They stay inside the practice.

    ``rows``: ``patient``, ``old``, ``new``, ``team``, ``change``, ``reason``, in the order of
    the new named GP; ``gone``: patients of the plan who have left since.
    """
    from hamlets.publish.plan_lists import Lists
    from hamlets.records import open_store
    from hamlets.teams.plans.patients_now import read_patients_now
    from hamlets.teams.plans.people import staff_names

    progress.stage(text("team_work.who"))
    stored = stored_here(store, practice, plan)
    with open_store(store, version) as opened:
        now = read_patients_now(opened, stored)
        names = staff_names(opened)
    names |= {each.staff_id: each.name or each.staff_id for each in stored.members}
    lists = Lists(stored, names, now, with_teams=bool(stored.plan.teams))
    rows = [
        {
            "patient": row["patient_id"],
            "old": row["old_named_gp"],
            "new": row["new_named_gp"],
            "team": row["team"],
            "change": row["change"],
            "reason": row["reason"],
        }
        for row in lists.told
    ]
    rows.sort(key=lambda row: (row["new"] or "", row["old"] or "", row["patient"]))
    return {"rows": rows, "gone": lists.gone}
