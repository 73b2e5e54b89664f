"""What the threads share and what each home practice yields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.continuity.attributes import Attributes, Places
from hamlets.continuity.calendar import Window
from hamlets.continuity.cohorts import Frequent
from hamlets.continuity.columns import Int32
from hamlets.continuity.contacts import Contacts, Rules, Workspace
from hamlets.continuity.dimensions import Cells, Codes, Int64, Labels, sum_rows
from hamlets.continuity.lists import ListHolders
from hamlets.continuity.plan import Plan
from hamlets.continuity.reference import Reference
from hamlets.continuity.teammap import TeamMap

Key = tuple[str, Any]


@dataclass(frozen=True)
class Piece:
    """Sums of whole numbers: one row of ``keys`` and of ``values`` for each group."""

    keys: Int64
    values: Int64


@dataclass(frozen=True)
class PatientRows:
    """Counts of single patients: n and the four counts of each level, and the entropy in bits."""

    patients: Int32
    home: Int32
    classes: Int32
    counts: dict[str, Int64]
    bits: dict[str, npt.NDArray[np.float64]]


@dataclass(frozen=True)
class SharedCare:
    """Distinct clinicians of some patients, for care density.

    ``people[offset[i]:offset[i + 1]]`` are the codes of row i; rows are compared
    within one ``scope`` (month and contact attributes) only. ``members`` and
    ``keys`` give the groups that rows belong to (a row may be in several cohorts).
    """

    scope: Int64
    n: Int32
    offset: Int32
    people: Int32
    members: Int32
    keys: Int64


@dataclass
class Yield:
    """Sums by (kind, grouping), single patients and plain counts."""

    pieces: dict[Key, list[Piece]] = field(default_factory=dict)
    patients: list[PatientRows] = field(default_factory=list)
    care: dict[Key, list[SharedCare]] = field(default_factory=dict)
    """By (level, groups); the groups of single patients are ("patient",)."""
    facts: dict[str, int] = field(default_factory=dict)
    _totals: dict[Key, Piece] = field(default_factory=dict)

    def add(self, kind: str, grouping: Any, keys: Int64, values: Int64) -> None:
        """Keep sums of one kind and grouping."""
        if len(keys):
            self.pieces.setdefault((kind, grouping), []).append(Piece(keys, values))

    def count(self, fact: str, number: int) -> None:
        """Add to a plain count."""
        self.facts[fact] = self.facts.get(fact, 0) + number

    def merge(self, other: Yield) -> None:
        """Take over what another home practice yielded."""
        for key, pieces in other.pieces.items():
            self.pieces.setdefault(key, []).extend(pieces)
        self.patients.extend(other.patients)
        for key, care in other.care.items():
            self.care.setdefault(key, []).extend(care)
        for fact, number in other.facts.items():
            self.count(fact, number)

    def total(self, kind: str, grouping: Any, columns: int, width: int) -> Piece:
        """Return the sums of one kind and grouping over all home practices, ordered by key."""
        key = (kind, grouping)
        if key not in self._totals:
            pieces = self.pieces.pop(key, [])
            keys = [np.empty((0, columns), np.int64), *(p.keys for p in pieces)]
            values = [np.empty((0, width), np.int64), *(p.values for p in pieces)]
            self._totals[key] = Piece(*sum_rows(np.concatenate(keys), np.concatenate(values)))
        return self._totals[key]


@dataclass
class Context:
    """Everything the threads share; nothing in it changes but the labels, under a lock."""

    store: Any
    plan: Plan
    reference: Reference
    rules: Rules
    places: Places
    labels: Labels
    window: Window
    rolling: tuple[Window, ...]
    """For each month the window of patient indices that ends with it."""
    maps: dict[Window, TeamMap]
    first_day: int
    epochs: Int32
    """Days on which a team's membership changes: chance of own team differs between them."""
    holders: ListHolders | None = None
    need_named: bool = True
    """Whether any answer depends on who a patient's named GP is."""
    ages: tuple[int, int] | None = None
    homes: frozenset[int] | None = None
    """Home practices to read; None for all."""
    frequent: Frequent = field(default_factory=Frequent)


@dataclass
class View:
    """One home practice in one window."""

    context: Context
    work: Workspace
    result: Yield
    attributes: Attributes
    contacts: Contacts
    classes: Codes
    month: int
    """Month number of a rolling window, -1 for the main one."""

    def add_counts(
        self,
        kind: str,
        grouping: Any,
        cells: Cells,
        tally: npt.NDArray[Any],
        shared: Int32,
    ) -> None:
        """Keep the counts of ``tally`` by cell and code."""
        used = np.flatnonzero(tally)
        cell, code = np.divmod(used, max(len(shared), 1))
        keys = cells.keys(cell)
        self.result.add(
            kind,
            grouping,
            np.hstack([keys, shared[code][:, None].astype(np.int64)]),
            tally[used][:, None].astype(np.int64),
        )


def constant(value: int, length: int) -> Codes:
    """Return codes that put everyone in one group with this shared code."""
    return Codes(np.zeros(length, dtype=np.int32), np.array([value], dtype=np.int32))


def take(codes: Codes, positions: Int32) -> Codes:
    """Return the codes at some positions."""
    return Codes(codes.values[positions], codes.shared)
