"""What the pages of team design must know of a practice before any plan is made."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from hamlets.errors import NothingToMeasureError
from hamlets.web.words import text
from hamlets.web.work.fragments import Plain

if TYPE_CHECKING:
    from hamlets.records import Store
    from hamlets.teams.inputs import PracticeInputs
    from hamlets.web.jobs.progress import Progress

MONTHS_NEEDED = 6
"""Full months of appointments from which a plan can be made."""


def facts(store: Path, practice: str, progress: Progress, *, version: int) -> Plain:
    """Return who works at a practice and who its patients are, in counts.

    ``staff``: everybody at work, GPs first, by name: ``id``, ``name``, ``role``, ``gp``,
    ``holds_list``, ``leads`` (unless told otherwise), ``sessions`` a week, ``half_days`` of
    the template fortnight as 0 and 1, ``site``, ``languages``, ``skills``, ``ends`` (ISO day
    or None). ``cohorts``: ``key``, ``patients``. ``leaving``: GPs whose list is about to be
    without them: ``id``, ``name``, ``last_day``, ``reason``, ``patients``.
    ``months``: full months of appointments; ``enough``: whether a plan can be made from them.
    ``staff_list``: whether a staff list was given. Raises NothingToMeasureError without
    patients or contacts.
    """
    from hamlets.continuity.given import find_given
    from hamlets.continuity.periods import contact_days, full_months
    from hamlets.records import open_store
    from hamlets.teams.gathering import gather

    progress.stage(text("work.staff"))
    with open_store(store, version) as opened:
        inputs = gather(opened, practice)
        months = len(full_months(*contact_days(opened)))
        return {
            "name": inputs.name,
            "patients": inputs.people.size,
            "months": months,
            "enough": months >= MONTHS_NEEDED,
            "staff_list": find_given(opened, practice).staff,
            "staff": _staff(inputs),
            "cohorts": _cohorts(inputs),
            "rota": inputs.rota,
            "notes": list(inputs.notes),
            "teams_now": _teams_now(opened, inputs),
            "leaving": _leaving(opened, practice),
        }


def _leaving(opened: Store, practice: str) -> list[dict[str, Any]]:
    """Return the GPs who leave or stay away within half a year, and how many are on their list."""
    from hamlets.teams.worklists import early_warning

    try:
        found = early_warning(opened, practice)
    except NothingToMeasureError:
        return []
    return [
        {
            "id": each.staff_id,
            "name": each.name or each.staff_id,
            "last_day": each.last_day.isoformat(),
            "reason": each.reason,
            "patients": each.patients,
        }
        for each in found.gps
    ]


def _staff(inputs: PracticeInputs) -> list[dict[str, Any]]:
    from hamlets.continuity.columns import NEVER
    from hamlets.teams.columns import may_lead
    from hamlets.teams.model import TeamModel

    who = inputs.clinicians
    leads = may_lead(who, TeamModel())
    from hamlets.continuity.calendar import day_of

    rows = [
        {
            "id": who.staff_id[row],
            "name": who.name[row] or who.staff_id[row],
            "role": who.role[row],
            "gp": bool(who.gp[row]),
            "holds_list": bool(who.eligible[row]),
            "leads": bool(leads[row]),
            "sessions": round(float(who.sessions_per_week[row]), 1),
            "bookable": bool(who.capacity_minutes[row] > 0),
            "half_days": [int(each) for each in who.half_days[row]],
            "site": who.site[row],
            "languages": sorted(who.languages[row]),
            "skills": sorted(who.skills[row]),
            "ends": day_of(int(who.end_day[row]) - 1).isoformat()
            if who.end_day[row] < NEVER
            else None,
        }
        for row in range(who.size)
    ]
    return sorted(rows, key=lambda each: (not each["gp"], each["name"].casefold(), each["id"]))


def _cohorts(inputs: PracticeInputs) -> list[dict[str, Any]]:
    found = inputs.people.cohorts
    return [
        {"key": key, "patients": int(found[key].sum())} for key in sorted(found) if found[key].any()
    ]


def _teams_now(opened: Store, inputs: PracticeInputs) -> list[dict[str, Any]]:
    from hamlets.teams.comparing.present import present_arrangement

    present = present_arrangement(inputs, opened)
    names = inputs.clinicians.name
    return [
        {"name": name, "members": [names[row] for row in members]}
        for name, members in zip(present.names, present.arrangement.teams, strict=True)
    ]
