"""How a plan stands: told by the store's current version, not by what was once written.

A plan is adopted where the version in use follows it. So going back to a version from before
takes the adoption back too, and the plan is shown as what it is then.
"""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from datetime import datetime

from hamlets.records.store.adopted import adoptions
from hamlets.records.store.manifest import Manifest
from hamlets.teams.plans.following import Followed, standing_among
from hamlets.teams.results.keeping import PlanChange, PlanStanding


def standing_of(
    manifest: Manifest | None, plan_id: str, history: Sequence[PlanChange]
) -> PlanStanding:
    """Return how a plan stands in a version of the store."""
    every = adoptions(manifest) if manifest is not None else ()
    followed = [Followed(each.plan_id, each.practice, each.from_date) for each in every]
    return standing_among(followed, plan_id, history)


def now() -> str:
    """Return the present moment in local time, ISO 8601 with its offset."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def who() -> str:
    """Return the name of the account that does this."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
