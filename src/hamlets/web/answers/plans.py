"""Whether a practice has a plan of teams in the record store, told from folder names alone."""

from __future__ import annotations

from hamlets.records.store.layout import Layout
from hamlets.records.store.plan_folders import plan_ids
from hamlets.teams.plans.ids import slug
from hamlets.web.answers.versions import store_folder
from hamlets.web.places.standing import Standing


def is_planned(here: Standing) -> bool:
    """Return whether there is a plan of any state for this practice."""
    name = slug(here.practice)
    return any(plan.rpartition("-")[0] == name for plan in plan_ids(Layout(store_folder())))
