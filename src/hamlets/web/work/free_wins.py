"""Free slots of the own GP that could have been had, and the two changes that win most back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hamlets.web.words import text
from hamlets.web.work.fragments import Plain, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hamlets.records import Store
    from hamlets.teams.results import BookingChange, Ceiling
    from hamlets.web.jobs.progress import Progress


def free_wins(
    store: Path, practice: str, progress: Progress, *, version: int, window: str = "policy"
) -> Plain:
    """Return the ceiling of a practice and its free wins under a window.

    ``practice``, ``lists``, ``teams`` and ``months`` are rows of shares; ``wins`` counts free
    slots by weekday, hour, slot type and list, and its ``changes`` are the two booking changes
    that win most back, each with ``sentence`` and ``counted`` in words. ``wins`` is None where
    the window says nothing of anybody. Raises NothingToMeasureError without named GPs.
    """
    from hamlets.records import open_store
    from hamlets.teams.ceiling.answering import attainable_ceiling

    progress.stage(text("work.booking"))
    with open_store(store, version) as opened:
        found = attainable_ceiling(opened, practice, window)
        return told(found, practice, staff_names(opened))


def staff_names(opened: Store) -> dict[str, str]:
    """Return the name of each member of staff who has one, by each id that they are shown by."""
    from hamlets.teams.persons import find_labels

    rows = opened.table("staff").select(["staff_id", "name"]).to_pylist()
    names = {row["staff_id"]: row["name"] for row in rows if row["name"]}
    shown = find_labels(opened, names)
    return {shown[who]: name for who, name in names.items()} | names


def told(found: Ceiling, practice: str, names: Mapping[str, str]) -> Plain:
    """Return what concerns one practice of a ceiling as plain data; lists by the GP's name."""

    def mine(rows: object) -> list[Plain]:
        return [row for row in plain(rows) if row["practice_id"] == practice]

    places, wins = mine(found.practices), mine(found.free_wins)
    changes = [w.changes for w in found.free_wins if w.practice_id == practice]
    shown = wins[0] if wins else None
    if shown is not None:
        for row in shown["by_list"]:
            row["value"] = names.get(row["value"], row["value"])
        shown["changes"] = [
            {**plain(change), "sentence": _sentence(change), "counted": _counted(change.wins)}
            for change in changes[0]
        ]
    return {
        "period": plain(found.period),
        "working_days": found.working_days,
        "practice": places[0] if places else None,
        "lists": mine(found.lists),
        "teams": mine(found.teams),
        "months": mine(found.months),
        "wins": shown,
        "notes": list(found.notes),
        "definition_version": found.definition_version,
    }


def _sentence(change: BookingChange) -> str:
    when = {
        "same half-day": text("free_wins.half_day"),
        "same day": text("free_wins.same_day"),
    }.get(change.within, text("free_wins.within", days=change.within))
    return text("free_wins.change", slot=change.slot_type, when=when)


def _counted(wins: int) -> str:
    return text("free_wins.wins_1" if wins == 1 else "free_wins.wins", n=f"{wins:,}")
