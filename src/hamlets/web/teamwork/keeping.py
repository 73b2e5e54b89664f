"""What jobs about plans leave behind here: the entry in the audit log, and which plan it was."""

from __future__ import annotations

from typing import Any

from hamlets.web.audit.chain import record
from hamlets.web.jobs.models import Job
from hamlets.web.teamwork.models import Draft

_ACTIONS = {
    "design": "plan made",
    "hand_keep": "plan changed by hand",
    "staff_change": "plan made for a change of staff",
    "plan_adopt": "plan adopted",
    "plan_withdraw": "plan taken back",
    "plan_propose": "plan proposed",
    "plan_files": "files of a plan made",
}


def keep(job: Job, result: dict[str, Any]) -> dict[str, Any]:
    """Write the audit entry of what a job did; return what stays in its row."""
    more = {"first_day": result["from_date"]} if result.get("from_date") else {}
    record(job.asked_by, _ACTIONS[job.kind], place=job.place, about=str(result["plan_id"]), **more)
    if job.kind == "design":
        Draft.objects.filter(place=job.place, number=job.question["draft"]).update(
            plan_id=result["plan_id"]
        )
    return result
