"""Which patients a report is about, and how it asks ``measure_many`` of them.

A report needs some thirty figures. Those of the same days and options are asked
together, so that the store is read a handful of times and not thirty.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hamlets.continuity.conventions import Conventions, Question
from hamlets.continuity.results import Estimate, Level, Period
from hamlets.continuity.touching import homes_touching
from hamlets.errors import NothingToMeasureError, UnknownPlaceError
from hamlets.records import Store

Row = dict[str, Any]
AnswerMany = Callable[..., Sequence[Any]]
NOTHING = "no contacts"


@dataclass(frozen=True)
class Scope:
    """Which patients a report is about: all of a store, or one practice's.

    ``practice`` is None where no other practice's patients need leaving out.
    """

    homes: tuple[int, ...]
    practice: str | None
    name: str
    practices: int


def find_scope(store: Store, practice: str | None) -> Scope:
    """Return the home practices of a report; UnknownPlaceError where there is no such practice."""
    labels = store.labels("practice")
    homes = [home for home in store.group_practices() if store.group_rows("appointments", home)]
    named = [home for home in homes if home >= 0]
    if practice is not None:
        if practice not in labels or labels.index(practice) not in homes:
            raise UnknownPlaceError(
                f"No patients of a practice {practice!r} are in these records.",
                where="--practice",
                hint="`hamlets measure --by practice` lists the practices there are.",
            )
        code = labels.index(practice)
        only = practice if len(homes) > 1 else None
        return Scope((code,), only, _place_name(store, code, practice), 1)
    name = _place_name(store, named[0], labels[named[0]]) if len(named) == 1 else ""
    return Scope(tuple(homes), None, name, max(1, len(named)))


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
