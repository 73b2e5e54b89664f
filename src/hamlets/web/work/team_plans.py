"""Plans made, changed by hand, adopted and taken back, as jobs of the site do it.

Each writes to the store what it says and nothing else. A plan is of the practice that asks,
or it is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
