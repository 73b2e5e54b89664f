"""The usual answers of one practice together: what several of them need is worked out once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hamlets.errors import NothingToMeasureError
from hamlets.web.work import (
    audits,
    continuity,
    files,
    free_wins,
    home,
    loading_back,
    named_gps,
    teams,
    workforce,
    worklists,
)

if TYPE_CHECKING:
    from hamlets.web.jobs.progress import Progress

Answers = list[tuple[str, dict[str, Any], Any]]


def everything(store: Path, practice: str, progress: Progress, *, version: int) -> Answers:
    """Return name, question and answer of each usual question of a practice.

    The answers are those that each question gets when it is asked alone. One that cannot be
    answered from these records is left out: whoever asks it is told why.
    """
    from hamlets.continuity.named_gps import named_gp_health
    from hamlets.records import open_store

    made: Answers = []

    def add(name: str, question: dict[str, Any], what: Callable[[], Any]) -> None:
        with suppress(NothingToMeasureError):
            made.append((name, question, what()))

    with open_store(store, version) as opened:
        found = continuity.measured(opened, practice, progress)
        staff = found.workforce
        add("home", {}, lambda: home.told(opened, practice, found))
        add("continuity", {}, lambda: continuity.told(opened, practice, found, progress))
        if staff is not None:
            add("workforce", {}, lambda: workforce.told(opened, practice, staff))
        add("audits", {}, lambda: audits.told(opened, practice, found.audits))
        for event in [each.event for each in found.audits]:
            add("cases", {"event": event}, partial(
                audits.cases, store, practice, progress, version=version, event=event
            ))  # fmt: skip
        add("named_gps", {}, lambda: named_gps.told(named_gp_health(opened, practice)[0]))
        add("worklist", {}, lambda: worklists.told(
            opened, practice, "all", worklists.WITHIN_WEEKS
        ))  # fmt: skip
    for name, what in (
        ("free_wins", free_wins.free_wins),
        ("team_facts", teams.facts),
        ("pack_months", files.months_held),
        ("store_practices", loading_back.practices),
    ):
        add(name, {}, partial(what, store, practice, progress, version=version))
    return made
