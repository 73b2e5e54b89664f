"""Which patients a report is about, and how it asks ``measure_many`` of them.

A report needs some thirty figures. Those of the same days and options are asked
together, so that the store is read a handful of times and not thirty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hamlets.continuity.columns import Int32, whole
from hamlets.continuity.conventions import Conventions, Question
from hamlets.continuity.results import Estimate, Level, Period
from hamlets.continuity.touching import homes_touching
from hamlets.errors import NothingToMeasureError, UnknownPlaceError
from hamlets.records import Store

Row = dict[str, Any]
AnswerMany = Callable[..., Sequence[Any]]
NOTHING = "no contacts"
REGISTERED = ("registrations", "patients")
"""Tables that say which practice a patient is registered with."""


@dataclass(frozen=True)
class Scope:
    """Which patients a report is about: all of a store, or one practice's.

    ``practice`` is None where no other practice's patients need leaving out. ``homes`` are
    the groups of the store to read; ``peopled`` those of them that have patients of their
    own, which a hub has not.
    """

    homes: tuple[int, ...]
    practice: str | None
    name: str
    peopled: tuple[int, ...]

    @property
    def practices(self) -> int:
        """Return the number of practices, at least 1."""
        return max(1, len(self.peopled))


def find_scope(store: Store, practice: str | None, *, hubs: bool = False) -> Scope:
    """Return the home practices of a report.

    Raises UnknownPlaceError where there is no such practice, and NothingToMeasureError for
    a place, such as a hub, with which nobody is registered (unless ``hubs``).
    """
    labels = store.labels("practice")
    homes = [home for home in store.group_practices() if store.group_rows("appointments", home)]
    if practice is not None:
        if practice not in labels or labels.index(practice) not in homes:
            raise UnknownPlaceError(
                f"No patients of a practice {practice!r} are in these records.",
                where="--practice",
                hint="`hamlets measure --by practice` lists the practices there are.",
            )
        code = labels.index(practice)
        if not hubs and not find_peopled(store, [code]):
            raise nobody_registered(practice)
        only = practice if len(homes) > 1 else None
        return Scope((code,), only, _place_name(store, code, practice), (code,))
    named = find_peopled(store, homes)
    name = _place_name(store, named[0], labels[named[0]]) if len(named) == 1 else ""
    return Scope(tuple(homes), None, name, named)


def nobody_registered(practice: str) -> NothingToMeasureError:
    """Return the error for a place that has contacts and no patients of its own."""
    return NothingToMeasureError(
        f"No patients are registered with {practice!r} in these records.",
        where="--practice",
        hint="A hub has contacts with patients of other practices: name one of those.",
    )


def find_peopled(store: Store, homes: Sequence[int]) -> tuple[int, ...]:
    """Return which of some home practices have patients of their own, ascending.

    A patient is of the practices of their registrations; where none is known, of the
    practice that their contacts are kept under.
    """
    found: set[int] = set()
    for home in store.group_practices():
        found |= _registered_at(store, home)
    left = [home for home in homes if home >= 0 and home not in found]
    found |= {home for home in left if _has_unregistered(store, home)}
    return tuple(sorted(found.intersection(homes)))


def _registrations(store: Store, home: int) -> list[tuple[Int32, Int32]]:
    """Return patient and practice of the registrations kept under a home practice."""
    rows = [store.read_group(t, home, ["patient", "practice"]) for t in REGISTERED]
    return [(whole(table, "patient"), whole(table, "practice")) for table in rows]


def _registered_at(store: Store, home: int) -> set[int]:
    places = [np.unique(practice) for _, practice in _registrations(store, home)]
    return {place for found in places for place in found.tolist() if place >= 0}


def _has_unregistered(store: Store, home: int) -> bool:
    seen = whole(store.read_group("appointments", home, ["patient"]), "patient")
    known = [patient[practice >= 0] for patient, practice in _registrations(store, home)]
    return bool(len(np.setdiff1d(seen, np.concatenate(known))))


def _place_name(store: Store, code: int, label: str) -> str:
    practices = store.shared("practices", ["practice", "name"])
    codes: list[int] = practices.column("practice").to_pylist()
    names: list[str | None] = practices.column("name").to_pylist()
    return dict(zip(codes, names, strict=True)).get(code) or label


class Asker:
    """Puts questions for one scope and keeps the answers."""

    def __init__(
        self,
        store: Store,
        scope: Scope,
        options: Conventions,
        answer: AnswerMany,
        threads: int | None = None,
    ) -> None:
        self._store = store
        self._scope = scope
        self._options = options
        self._answer = answer
        self._threads = threads
        # The rest of a borough has nothing to say about one practice.
        one = scope.practice is not None
        self._homes = homes_touching(store, scope.homes[0]) if one else None
        self._rows: dict[tuple[Any, ...], list[Row]] = {}

    @property
    def place(self) -> str | None:
        """Return the only practice asked about; None for all of a store."""
        return self._scope.practice

    def prepare(
        self,
        period: Period,
        wanted: Mapping[tuple[str, ...], Sequence[str]],
        levels: Sequence[Level] = ("clinician",),
        *,
        optional: bool = False,
        **changes: Any,
    ) -> None:
        """Ask measures by groups (besides the practice) over a period, in one pass.

        ``changes`` are conventions that differ from the report's own. Raises
        NothingToMeasureError without a contact, unless ``optional``.
        """
        practice = self._scope.practice
        first = () if practice is None else ("practice",)
        questions = [
            Question(tuple(measures), tuple(levels), (*first, *by))
            for by, measures in wanted.items()
        ]
        days = {"date_from": period.first, "date_to": period.last}
        chosen = replace(self._options, **days, **changes)
        try:
            tables = self._answer(
                self._store, questions, chosen, threads=self._threads, homes=self._homes
            )
        except NothingToMeasureError:
            if optional:
                return
            raise
        for (by, measures), table in zip(wanted.items(), tables, strict=True):
            found: list[Row] = table.to_pylist()
            here = [row for row in found if practice is None or row["practice"] == practice]
            for measure in measures:
                self._rows[_key(measure, period, by, changes)] = [
                    row for row in here if row["measure"] == measure
                ]

    def rows(
        self,
        measure: str,
        period: Period,
        by: tuple[str, ...] = (),
        level: Level = "clinician",
        **changes: Any,
    ) -> list[Row]:
        """Return the prepared rows of a measure; none where nothing was asked or found."""
        return [
            row
            for row in self._rows.get(_key(measure, period, by, changes), [])
            if row["level"] == level
        ]

    def one(
        self, measure: str, period: Period, level: Level = "clinician", **changes: Any
    ) -> Estimate:
        """Return one measure of the whole scope."""
        rows = self.rows(measure, period, (), level, **changes)
        if rows:
            return to_estimate(rows[0])
        return Estimate(measure, level, None, reason=NOTHING)


def _key(
    measure: str, period: Period, by: tuple[str, ...], changes: dict[str, Any]
) -> tuple[Any, ...]:
    return (measure, period, by, *sorted(changes.items()))


def to_estimate(row: Row) -> Estimate:
    """Return a row of ``measure`` as an estimate."""
    return Estimate(
        measure=row["measure"],
        level=row["level"],
        value=row["value"],
        lower=row["lower"],
        upper=row["upper"],
        chance=row["chance"],
        corrected=row["corrected"],
        shrunk=row["shrunk"],
        n_patients=row["n_patients"],
        n_contacts=row["n_contacts"],
        reason=row["reason"],
        definition_version=row["definition_version"],
    )
