"""What is asked to be done with a plan: each a job, and an entry in the audit log."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404

from hamlets.errors import HamletsError
from hamlets.web.audit.chain import note
from hamlets.web.jobs import asking as jobs
from hamlets.web.jobs.models import Job, State
from hamlets.web.places.standing import Standing
from hamlets.web.teamwork.stored import plan_of

KINDS = (
    "hand_try",
    "hand_keep",
    "staff_change",
    "plan_adopt",
    "plan_withdraw",
    "plan_propose",
    "plan_files",
)
"""Kinds of jobs that are followed by their own address."""


def adopt(here: Standing, plan_id: str, first: date, *, force: bool, ticked: list[str]) -> Job:
    """Return the job that adopts a plan from a day on."""
    plan_of(here, plan_id)
    note(here, "plan adoption asked", plan_id, first_day=first.isoformat(), ticked=ticked)
    # nothing of two adoptions may run at once at one practice
    return _ask(here, "plan_adopt", "adopt", plan=plan_id, first=first.isoformat(), force=force)


def withdraw(here: Standing, plan_id: str) -> Job:
    """Return the job that takes a plan back before its first day."""
    plan_of(here, plan_id)
    note(here, "plan withdrawal asked", plan_id)
    return _ask(here, "plan_withdraw", "withdraw", plan=plan_id)


def propose(here: Standing, plan_id: str) -> Job:
    """Return the job that says that a plan is put to the practice."""
    plan_of(here, plan_id)
    return _ask(here, "plan_propose", f"propose:{plan_id}", plan=plan_id)


def make_files(here: Standing, plan_id: str) -> Job:
    """Return the job that makes the files of a plan for the practice."""
    plan_of(here, plan_id)
    return _ask(here, "plan_files", f"files:{plan_id}", plan=plan_id)


def try_by_hand(here: Standing, plan_id: str, staff_id: str, team_id: str) -> Job:
    """Return the job that tells what moving somebody to another team would change."""
    plan_of(here, plan_id)
    note(here, "change by hand tried", plan_id, staff=staff_id, team=team_id)
    key = f"try:{plan_id}:{staff_id}:{team_id}"
    return jobs.ask(here, "hand_try", _key(here, key), plan=plan_id, staff=staff_id, team=team_id)


def keep_by_hand(here: Standing, plan_id: str, staff_id: str, team_id: str) -> Job:
    """Return the job that keeps a plan with somebody in another team, as a new plan."""
    plan_of(here, plan_id)
    key = f"keep:{plan_id}:{staff_id}:{team_id}"
    return _ask(here, "hand_keep", key, plan=plan_id, staff=staff_id, team=team_id)


def change_staff(here: Standing, change: dict[str, Any]) -> Job:
    """Return the job that makes a plan for a change of staff."""
    note(here, "plan for a change of staff asked", change["staff"], change=change["change"])
    told = ":".join(str(change.get(key) or "") for key in ("change", "staff", "day", "plan"))
    return _ask(here, "staff_change", f"staff:{told}", **change)


def last_change(here: Standing, staff_id: str) -> dict[str, Any] | None:
    """Return what the last plan for somebody who goes said; None where there is none any more."""
    jobs_of = Job.objects.filter(
        place=here.place,
        kind="staff_change",
        state=State.done,
        question__staff=staff_id,
        question__change__in=["leaver", "leave"],
    )
    for job in jobs_of.order_by("-ended")[:5]:
        try:
            plan_of(here, job.result["plan_id"])
        except (Http404, HamletsError):
            continue
        return job.result
    return None


def find(here: Standing, job: str) -> Job:
    """Return a job of this practice that is followed by its address."""
    found = jobs.find(here, job)
    if found.kind not in KINDS:
        raise Http404
    return found


def _ask(here: Standing, kind: str, key: str, **question: Any) -> Job:
    return jobs.ask(here, kind, _key(here, key), by=here.person.name, **question)


def _key(here: Standing, key: str) -> str:
    return f"team:{here.place.pk}:{key}"[:120]
