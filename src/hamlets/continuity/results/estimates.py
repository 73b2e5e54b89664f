"""One measured value, and the days it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Level = Literal["clinician", "team", "practice"]

NOT_SHOWN = -1
"""Stands for a count that a published form leaves out without a word on its size."""
FEW_SHOWN = -2
"""Stands for a count that a published form writes as "7 or fewer"."""


@dataclass(frozen=True)
class Period:
    """Days from ``first`` to ``last``, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class Estimate:
    """One measured value with everything that must stand beside it."""

    measure: str
    level: Level
    value: float | None
    lower: float | None = None
    upper: float | None = None
    chance: float | None = None
    corrected: float | None = None
    shrunk: float | None = None
    ceiling: float | None = None
    """The most that the recorded rota allowed; None while it is not worked out."""
    n_patients: int = 0
    n_contacts: int = 0
    reason: str | None = None
    definition_version: str = ""
