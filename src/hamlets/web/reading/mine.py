"""Whom a clinician works with, for "My team" on the home of a practice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hamlets.web.answers.versions import Version
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing
from hamlets.web.reading.opened import opened
from hamlets.web.reading.showing import KeeperLine, colleague_lines


@dataclass(frozen=True)
class MyTeam:
    """The buddies and team of somebody, and when each is in."""

    team: str
    """Its name; "" where somebody is in none."""
    lines: tuple[KeeperLine, ...]


def my_team(here: Standing, version: Version, day: date, minute: int) -> MyTeam | None:
    """Return whom the person works with here; None for somebody who is not in the records."""
    from hamlets.continuity.knowing import colleagues

    staff_id = here.person.staff_id
    if not staff_id or not here.may(May.find_patient):
        return None
    with opened(version, here.practice, day) as at:
        buddies, team = colleagues(at.around, staff_id)
    lines = colleague_lines(buddies, team, minute)
    return MyTeam(team.name if team else "", tuple(lines)) if lines or team else None
