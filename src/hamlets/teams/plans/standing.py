"""How a plan stands: told by the store's current version, not by what was once written.

A plan is adopted where the version in use follows it. So going back to a version from before
takes the adoption back too, and the plan is shown as what it is then.
"""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import datetime

from hamlets.records.store.adopted import adoptions, of_practice
from hamlets.records.store.manifest import Manifest
from hamlets.teams.results.keeping import PlanChange, PlanStanding


def standing_of(
    manifest: Manifest | None, plan_id: str, history: Sequence[PlanChange]
) -> PlanStanding:
    """Return how a plan stands in a version of the store."""
    for adoption in adoptions(manifest) if manifest is not None else ():
        if adoption.plan_id == plan_id and manifest is not None:
            return _in_version(manifest, plan_id, adoption.practice)
    done = [change.state for change in history]
    undone = "adopted" in done and "withdrawn" not in done[_last(done, "adopted") :]
    return PlanStanding("proposed" if "proposed" in done else "draft", undone=undone)


def _in_version(manifest: Manifest, plan_id: str, practice: int) -> PlanStanding:
    followed = of_practice(manifest, practice)
    place = [each.plan_id for each in followed].index(plan_id)
    begin = followed[place].from_date
    if place == len(followed) - 1:
        return PlanStanding("adopted", begin)
    after = followed[place + 1]
    return PlanStanding("superseded", begin, after.from_date, after.plan_id)


def _last(words: list[str], word: str) -> int:
    return len(words) - 1 - words[::-1].index(word)


def now() -> str:
    """Return the present moment in local time, ISO 8601 with its offset."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def who() -> str:
    """Return the name of the account that does this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
