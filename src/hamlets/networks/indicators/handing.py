"""The tables that are handed to the sandbox: one place's patients, and what SQL may see of them.

Ids of patients become numbers that mean nothing elsewhere; names, NHS numbers, households and
addresses are not handed over at all. Patients are those who were ever registered with one of
the place's practices; with whom they counted on a day is worked out there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.networks.indicators.statements import EVERY_COLUMN
from hamlets.records.store.reading import Store
from hamlets.records.tables import VOCABULARIES

pc: Any = compute

COLUMNS: dict[str, dict[str, str]] = {
    "patients": {
        "patient_id": "A number for the patient, good for this count only.",
        "practice_id": "Practice on the period's last day, else the one before.",
        "registered": "Whether registered there on the period's last day, and alive.",
        "registered_from": "First day of that registration.",
        "age": "Years on the period's last day; of the year of birth where no more is known.",
        "birth_year": "Year of birth.",
        "birth_date": "Day of birth; null in a store without identities.",
        "sex": "Sex, as the source writes it.",
        "ethnicity": "Ethnic group, as the source writes it.",
        "imd_decile": "Deprivation decile, 1 = most deprived.",
        "housebound": "Whether housebound.",
        "death_date": "Day of death.",
    },
    "registrations": {
        "patient_id": "The patient.",
        "practice_id": "The practice.",
        "from_date": "First day.",
        "to_date": "First day no longer; null = still.",
    },
    "conditions": {
        "patient_id": "The patient.",
        "code": "Clinical code.",
        "register": "Register it counts for.",
        "from_date": "First day.",
        "to_date": "First day no longer; null = still.",
    },
    "events": {
        "patient_id": "The patient.",
        "event_type": "ae_attendance, emergency_admission, outpatient_referral, ...",
        "event_date": "Day.",
        "code": "Clinical code, specialty or kind.",
    },
    "observations": {
        "patient_id": "The patient.",
        "code": "Clinical code.",
        "date": "Day.",
        "value": "Value, where it is a number.",
        "words": "Value, where it is not.",
        "unit": "Unit of the value.",
    },
    "appointments": {
        "patient_id": "The patient.",
        "practice_id": "Where it was.",
        "start_time": "When it started.",
        "booked_time": "When it was booked.",
        "status": "Status.",
        "mode": "Way of contact.",
        "urgency": "Urgency.",
        "role": "Role of the clinician that day.",
        "duration_minutes": "Length.",
    },
    "codes": {
        "list": "Name of a list under `codes:` of this definition.",
        "code": "A code of it.",
    },
}
"""Every table and column that the SQL of an indicator may name, with what it holds."""

TABLES = frozenset(COLUMNS)
CODED = ("conditions", "events", "observations")
OWN_TABLES = frozenset({"people", "ranked"})
"""What ``patients`` is made of; definitions cannot name them."""
COVERS = 10**12
"""Added to the rank of a registration that covers the day; no store has so many."""
_ALWAYS, _NEVER = -(2**31), 2**31 - 1
_ROWS = 20_000_000


@dataclass(frozen=True)
class _Kept:
    """Which patients are handed over: by the store's number, or everyone."""

    wanted: Any | None

    def of(self, table: Any) -> Any:
        if self.wanted is None:
            return table
        return table.filter(pa.array(self.wanted[table.column("patient").to_numpy()]))


class Handed:
    """The tables of one place, read from a store when they are asked for."""

    def __init__(
        self,
        store: Store,
        practices: Collection[str] | None = None,
        columns: Collection[str] = (EVERY_COLUMN,),
    ) -> None:
        """``columns`` are those that SQL names: of observations no others are read."""
        self._store = store
        self._columns = frozenset(COLUMNS["observations"] if EVERY_COLUMN in columns else columns)
        self._practices = practices
        labels = store.labels("practice")
        self._labels = labels
        self._place = (
            None
            if practices is None
            else np.array([label in frozenset(practices) for label in labels] + [False])
        )
        self._kept = _Kept(None)
        self.by_contact = 0
        """Patients without registration, who count with the practice of their last contact."""
        registrations = self._registrations()
        if self._place is not None:
            here = self._place[registrations.column("practice").to_numpy()]
            wanted = np.zeros(max(len(store.labels("patient")), 1), np.bool_)
            wanted[registrations.column("patient").to_numpy()[here]] = True
            self._kept = _Kept(wanted)
            registrations = self._kept.of(registrations)
        self._registered = registrations

    @property
    def practices(self) -> list[str]:
        """Return the ids of the practices of the place that have patients, in order."""
        codes = set(self._registered.column("practice").to_numpy().tolist()) - {-1}
        found = {self._labels[code] for code in codes}
        return sorted(found if self._practices is None else found & set(self._practices))

    @cached_property
    def patients(self) -> Any:
        """Return the people, without their practice: that depends on the day."""
        columns = ["patient", "birth_year", "sex", "ethnicity", "imd_decile", "housebound",
                   "death_date"]  # fmt: skip
        if self._store.identifiable:
            columns.append("birth_date")
        table = self._read("patients", columns)
        if not self._store.identifiable:
            empty = pa.nulls(table.num_rows, pa.date32())
            table = table.append_column("birth_date", empty)
        return _renamed(_words(table, ("sex", "ethnicity")))

    def _registrations(self) -> Any:
        """Return registrations; of a patient without any, the practice and days of its row.

        Where that has no practice either, the patient counts with the home practice of the
        store, which is that of the last contact: ``by_contact`` says how many do.
        """
        dated = self._read("registrations", ["patient", "practice", "from_date", "to_date"])
        has = np.zeros(max(len(self._store.labels("patient")), 1), np.bool_)
        has[dated.column("patient").to_numpy()] = True
        parts = [dated]
        columns = ["patient", "practice", "registered_from", "registered_to"]
        for span in self._store.spans(_ROWS):
            people, counts = self._store.read_span("patients", span, columns)
            practice = people.column("practice").to_numpy()
            home = np.repeat(np.array(span, np.int32), counts)
            without = ~has[people.column("patient").to_numpy()]
            self.by_contact += int((without & (practice < 0) & (home >= 0)).sum())
            practice = pa.array(np.where(practice < 0, home, practice).astype(np.int32))
            named = _replaced(people, "practice", practice).rename_columns(dated.column_names)
            parts.append(named.filter(pa.array(without)))
        found = pa.concat_tables(parts)
        return found.filter(pc.greater_equal(found.column("practice"), 0))

    def _ranks(self) -> Any:
        """Return the rank of each registration: by its start, then its end, then its practice."""
        rows = self._registered
        order = np.argsort(np.array([*self._labels, ""]))  # -1, no practice, is the last place
        place = np.empty_like(order)
        place[order] = np.arange(order.size)
        start = rows.column("from_date").cast(pa.int32()).fill_null(_ALWAYS).to_numpy()
        end = rows.column("to_date").cast(pa.int32()).fill_null(_NEVER).to_numpy()
        by = np.lexsort((place[rows.column("practice").to_numpy()], end, start))
        ranks = np.empty(by.size, np.int64)
        ranks[by] = np.arange(by.size)
        return ranks

    def tables(self, wanted: Iterable[str]) -> Iterator[tuple[str, Any]]:
        """Yield the tables of these names as the sandbox takes them, patients' parts first."""
        names = set(wanted)
        yield "people", self.patients
        registrations = _renamed(self._decoded(self._registered))
        yield "ranked", registrations.append_column("rank", pa.array(self._ranks()))
        if "registrations" in names:
            yield "registrations", registrations
        for name in (*CODED, "appointments"):
            if name in names:
                yield name, getattr(self, "_" + name)

    @cached_property
    def _conditions(self) -> Any:
        columns = ["patient", "code", "register", "from_date", "to_date"]
        return _renamed(_words(self._read("conditions", columns), ("code", "register")))

    @cached_property
    def _events(self) -> Any:
        columns = ["patient", "event_type", "event_date", "code"]
        return _renamed(_words(self._read("events", columns), ("event_type", "code")))

    @cached_property
    def _observations(self) -> Any:
        """Return observations, each part of the store in order of codes.

        SQL asks for a code in nearly every question, and the database then passes over all
        blocks without it.
        """
        wanted = ["patient", "code", "date"]
        wanted += ["value"] if self._columns & {"value", "words"} else []
        wanted += ["unit"] if "unit" in self._columns else []
        parts = [_by_code(self._numbered(part)) for part in self._parts("observations", wanted)]
        return _renamed(pa.concat_tables(parts).unify_dictionaries())

    @cached_property
    def _appointments(self) -> Any:
        columns = ["patient", "practice", "start_day", "start_second", "booked_time", "status",
                   "mode", "urgency", "role", "duration_minutes"]  # fmt: skip
        table = self._decoded(self._read("appointments", columns))
        days = table.column("start_day").combine_chunks().view("int32").to_numpy()
        seconds = days.astype(np.int64) * 86400 + table.column("start_second").to_numpy()
        start = pa.array(seconds.view("datetime64[s]"))
        table = table.drop_columns(["start_day", "start_second"]).append_column("start_time", start)
        for name in ("status", "mode", "urgency", "role"):
            table = _replaced(table, name, _vocabulary(table.column(name), name))
        return _renamed(table)

    def code_words(self, wanted: Iterable[str]) -> list[str]:
        """Return every clinical code in the tables of these names, each once."""
        found: set[str] = set()
        for name in CODED:
            if name in wanted:
                for chunk in getattr(self, "_" + name).column("code").chunks:
                    found.update(w for w in chunk.dictionary.to_pylist() if w is not None)
        return sorted(found)

    def _parts(self, table: str, columns: list[str]) -> Iterator[Any]:
        for span in self._store.spans(_ROWS) or [()]:
            yield self._kept.of(self._store.read_span(table, span, columns)[0])

    def _read(self, table: str, columns: list[str]) -> Any:
        return pa.concat_tables(list(self._parts(table, columns)))

    def _decoded(self, table: Any) -> Any:
        """Return a table with practices by their ids."""
        codes = table.column("practice").combine_chunks()
        known = pc.if_else(pc.less(codes, 0), None, codes)
        words = pa.DictionaryArray.from_arrays(known, pa.array(self._labels, pa.string()))
        return _replaced(table, "practice", words)

    def _numbered(self, table: Any) -> Any:
        """Return observations with values as numbers, and what is no number as words.

        Each different text is read once.
        """
        table = _words(table, tuple({"code", "value", "unit"} & set(table.column_names)))
        if "value" not in table.column_names:
            return table
        values = table.column("value").combine_chunks()
        texts: list[str | None] = values.dictionary.to_pylist()
        numbers = [_number(text) for text in texts]
        table = _replaced(table, "value", pc.take(pa.array(numbers, pa.float64()), values.indices))
        if "words" not in self._columns:
            return table
        words = [t if n is None else None for t, n in zip(texts, numbers, strict=True)]
        as_words = pc.take(pa.array(words, pa.string()), values.indices)
        return table.append_column("words", pc.dictionary_encode(as_words))


def _number(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _by_code(table: Any) -> Any:
    codes = table.column("code").combine_chunks().indices
    order = np.argsort(codes.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32),
                       kind="stable")  # fmt: skip
    return table.take(pa.array(order))


def _words(table: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        encoded = pc.dictionary_encode(table.column(name).combine_chunks())
        table = _replaced(table, name, encoded)
    return table


def _vocabulary(column: Any, name: str) -> Any:
    codes = column.combine_chunks()
    known = pc.if_else(pc.less(codes, 0), None, codes)
    return pa.DictionaryArray.from_arrays(
        known.cast(pa.int32()), pa.array(VOCABULARIES[name], pa.string())
    )


def _replaced(table: Any, name: str, column: Any) -> Any:
    return table.set_column(table.column_names.index(name), name, column)


def _renamed(table: Any) -> Any:
    """Return a table with the column names that people know."""
    names = {"patient": "patient_id", "practice": "practice_id"}
    return table.rename_columns([names.get(n, n) for n in table.column_names])
