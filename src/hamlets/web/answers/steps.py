"""Which next steps of the home page hold on a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

MOST = 3


def due(
    steps: Sequence[Mapping[str, Any]], today: date, *, planned: bool, most: int = MOST
) -> list[Mapping[str, Any]]:
    """Return the steps of an answer that hold on a day, in order, at most ``most``.

    ``planned`` says whether the practice has a plan of teams.
    """
    found = [
        step
        for step in steps
        if _reached(step["since"], today)
        and not _over(step["until"], today)
        and not (planned and step.get("unless_planned"))
    ]
    return found[:most]


def _reached(since: str | None, today: date) -> bool:
    return since is None or date.fromisoformat(since) <= today


def _over(until: str | None, today: date) -> bool:
    return until is not None and date.fromisoformat(until) < today


def changed(
    changes: Sequence[Mapping[str, Any]], today: date, most: int = 5
) -> list[Mapping[str, Any]]:
    """Return what had changed by a day, newest first, at most ``most``."""
    return [each for each in changes if date.fromisoformat(each["day"]) <= today][:most]
