"""Ids of plans: a practice's code made safe as a folder's name, and a number."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from hamlets.errors import UnknownPlaceError
from hamlets.records.store.layout import Layout
from hamlets.records.store.plan_folders import is_plan_id, plan_ids

if TYPE_CHECKING:
    from hamlets.records.store.manifest import Manifest

_MOST = 40
_NO_NAME = "practice"


def slug(practice_id: str) -> str:
    """Return letters and digits that stand for a practice; two practices may share them."""
    plain = unicodedata.normalize("NFKD", practice_id).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", plain)[:_MOST].strip("-") or _NO_NAME


def next_id(layout: Layout, manifest: Manifest | None, practice_id: str) -> str:
    """Return the id of a practice's next plan.

    Its number is above all there are under the name in small or capital letters, and above
    those of plans that the store still follows though their folder is gone.
    """
    from hamlets.records.store.adopted import adoptions  # pages want a slug alone

    name = slug(practice_id)
    taken = plan_ids(layout)
    if manifest is not None:
        taken = [*taken, *(each.plan_id for each in adoptions(manifest))]
    numbers = [
        int(number)
        for before, _, number in (plan_id.rpartition("-") for plan_id in taken)
        if before.casefold() == name.casefold() and number.isdigit()
    ]
    return f"{name}-{max(numbers, default=0) + 1}"


def number_of(plan_id: str) -> int:
    """Return the number of a plan's id."""
    return int(plan_id.rpartition("-")[2])


def check_there(layout: Layout, plan_id: str) -> None:
    """Raise UnknownPlaceError where the store has no such plan."""
    if is_plan_id(plan_id) and plan_id in plan_ids(layout):
        return
    raise UnknownPlaceError(
        f"There is no plan {plan_id} in this store.",
        where=layout.root.name,
        hint="`hamlets teams list` shows the plans there are.",
    )
