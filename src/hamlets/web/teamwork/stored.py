"""The plans of a practice as the record store has them, told from its small files.

A request opens no store. A plan's figures stand in its ``plan.toml``, and which plans are
followed in the manifest of the version in use: both are read again only when they change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.http import Http404

from hamlets.errors import StoreDamagedError, StoreNewerError
from hamlets.records.store.layout import Layout, damaged, read_json
from hamlets.records.store.plan_folders import PLAN_FILE, is_plan_id, plan_ids, read_plan_file
from hamlets.teams.plans.document import from_tables
from hamlets.teams.plans.following import Followed, standing_among
from hamlets.teams.plans.ids import slug
from hamlets.teams.results import Plan
from hamlets.teams.results.keeping import PlanChange, PlanStanding
from hamlets.web.answers.versions import store_folder
from hamlets.web.places.models import Place
from hamlets.web.places.standing import Standing

_FORMAT = 1


@dataclass(frozen=True)
class Kept:
    """A plan, how it stands in the version in use, its model and what was done with it."""

    plan: Plan
    standing: PlanStanding
    model: dict[str, Any]
    history: tuple[PlanChange, ...]

    @property
    def followed(self) -> bool:
        """Whether the records follow it, or did until another began."""
        return self.standing.state in ("adopted", "superseded")


@dataclass(frozen=True)
class Plans:
    """The plans of a practice, newest first, and those that cannot be read."""

    kept: tuple[Kept, ...]
    unreadable: tuple[str, ...]

    def in_state(self, *states: str) -> list[Kept]:
        """Return the plans that stand so."""
        return [each for each in self.kept if each.standing.state in states]

    @property
    def adopted(self) -> Kept | None:
        """The plan that the records follow, from its first day on."""
        return next(iter(self.in_state("adopted")), None)


def plans_of(here: Standing | Place) -> Plans:
    """Return the plans of this practice."""
    place = here if isinstance(here, Place) else here.place
    layout = Layout(store_folder())
    followed = _followed(layout)
    kept: list[Kept] = []
    unreadable: list[str] = []
    for plan_id in plan_ids(layout):
        try:
            found = _kept(layout, plan_id, followed)
        except (StoreDamagedError, StoreNewerError):
            unreadable.append(plan_id)
            continue
        if found.plan.practice_id == place.code:
            kept.append(found)
    mine = [each for each in unreadable if each.rpartition("-")[0] == slug(place.code)]
    return Plans(tuple(sorted(kept, key=lambda k: -k.plan.number)), tuple(mine))


def plan_of(here: Standing, plan_id: str) -> Kept:
    """Return a plan of this practice; Http404 for another's and for one that cannot be read."""
    layout = Layout(store_folder())
    if not is_plan_id(plan_id) or not (layout.plans / plan_id).is_dir():
        raise Http404
    try:
        found = _kept(layout, plan_id, _followed(layout))
    except (StoreDamagedError, StoreNewerError):
        raise Http404 from None  # the list of plans says which cannot be read
    if found.plan.practice_id != here.practice:
        raise Http404
    return found


def is_followed(here: Standing | Place) -> bool:
    """Return whether the records follow a plan of this practice."""
    return plans_of(here).adopted is not None


def _kept(layout: Layout, plan_id: str, followed: Sequence[Followed]) -> Kept:
    path = layout.plans / plan_id / PLAN_FILE
    try:
        stat = path.stat()
    except OSError as error:
        raise damaged(layout.relative(path)) from error
    plan, model, history = _read(layout.root, plan_id, (stat.st_mtime_ns, stat.st_size))
    standing = standing_among(followed, plan_id, history)
    shown = replace(plan, state=standing.state, adopted_from=standing.adopted_from)
    return Kept(shown, standing, model, history)


@lru_cache(maxsize=256)
def _read(
    root: Path, plan_id: str, _state: tuple[int, int]
) -> tuple[Plan, dict[str, Any], tuple[PlanChange, ...]]:
    layout = Layout(root)
    data = read_plan_file(layout, plan_id)
    where = f"plans/{plan_id}/{PLAN_FILE}"
    if isinstance(data.get("format"), int) and data["format"] > _FORMAT:
        raise StoreNewerError(f"Plan {plan_id} was kept by a newer Hamlets.", where=where)
    try:
        plan = from_tables(Plan, {**data["plan"], "state": "draft"})
        history = tuple(from_tables(PlanChange, each) for each in data["history"])
        return plan, dict(data["model"]), history
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(where) from error


def _followed(layout: Layout) -> tuple[Followed, ...]:
    """Return the plans that the version in use follows, in the order of adopting."""
    number = layout.current_version()
    return () if number is None else _of_version(layout.root, number)


@lru_cache(maxsize=64)
def _of_version(root: Path, number: int) -> tuple[Followed, ...]:
    # a version is written once and never changed
    layout = Layout(root)
    where = layout.relative(layout.manifest(number))
    value = read_json(layout.manifest(number), where)
    try:
        return tuple(
            Followed(str(each["plan"]), int(each["practice"]), date.fromisoformat(each["from"]))
            for each in value.get("adoptions", ())
        )
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(where) from error
