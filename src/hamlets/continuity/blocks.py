"""Answers as columns: one block of rows for a measure, a level and a set of groups."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hamlets.continuity.dimensions import Int64
from hamlets.continuity.estimates import Floats


def blank(rows: int) -> Floats:
    """Return a column of missing values."""
    return np.full(rows, np.nan)


@dataclass
class Block:
    """Rows of one measure and level; ``keys`` are the groups' shared codes. NaN is missing."""

    measure: str
    level: str
    keys: Int64
    value: Floats
    n_patients: Int64
    n_contacts: Int64
    lower: Floats
    upper: Floats
    chance: Floats
    corrected: Floats
    shrunk: Floats = field(default_factory=lambda: np.empty(0))
    excluded_min_n: Int64 = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    n_no_named_gp: Int64 = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    partial: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    reason: list[str | None] = field(default_factory=list)
    step: str | None = None
    practice: Int64 = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    """Practice of each row where the groups name a list: lists shrink towards their practice."""

    def __post_init__(self) -> None:
        rows = len(self.value)
        if len(self.shrunk) != rows:
            self.shrunk = blank(rows)
        if len(self.excluded_min_n) != rows:
            self.excluded_min_n = np.zeros(rows, dtype=np.int64)
        if len(self.n_no_named_gp) != rows:
            self.n_no_named_gp = np.zeros(rows, dtype=np.int64)
        if len(self.partial) != rows:
            self.partial = np.zeros(rows, dtype=np.bool_)
        if len(self.reason) != rows:
            self.reason = [None] * rows

    def explain(self, why: Callable[[int], str | None]) -> None:
        """Give a reason for every row whose value is missing."""
        for row in np.flatnonzero(np.isnan(self.value)).tolist():
            self.reason[row] = why(row)

    def note_one_clinician(self) -> None:
        """Say where chance alone already gives 1, so that no corrected value exists."""
        certain = np.isnan(self.corrected) & (np.abs(self.chance - 1.0) < 1e-9)
        for row in np.flatnonzero(certain & ~np.isnan(self.value)).tolist():
            self.reason[row] = "one clinician" if self.level == "clinician" else f"one {self.level}"
        close = np.isnan(self.corrected) & ~np.isnan(self.chance) & ~certain
        for row in np.flatnonzero(close & ~np.isnan(self.value)).tolist():
            self.reason[row] = "chance is close to the best"


def empty_block(
    measure: str, level: str, groups: int, reason: str, step: str | None = None
) -> Block:
    """Return the one row of a question without groups that nothing answers."""
    nothing, none = blank(1), np.zeros(1, dtype=np.int64)
    return Block(
        measure,
        level,
        np.zeros((1, groups), dtype=np.int64),
        nothing,
        none,
        none,
        nothing.copy(),
        nothing.copy(),
        nothing.copy(),
        nothing.copy(),
        reason=[reason],
        step=step,
    )
