"""Typed rows of a source -> stored form: ids become codes, blanks are filled."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.errors import UsageError
from hamlets.records.identity import Identity
from hamlets.records.store.dictionaries import NO_SOURCE, Codes, Patients, read_entries
from hamlets.records.store.hashing import combine, hash_integers, hash_texts
from hamlets.records.store.layout import Layout
from hamlets.records.store.manifest import Manifest
from hamlets.records.store.schema import (
    NO_CODE,
    SCOPED_TEXT,
    CodeKind,
    StoredColumn,
    stored_columns,
    stored_schema,
)
from hamlets.records.tables import NOT_GIVEN, TABLES

if TYPE_CHECKING:
    from hamlets.records.conform import Conformed

pc: Any = compute

ID_HIGH, ID_LOW = "_id_high", "_id_low"
"""Columns of staged appointments without an id of their own: a hash of the row."""
_DAY = 86_400
_PREFIXED = frozenset({"patient_id", "staff_id", "named_staff_id", "buddy_staff_id",
                       "appointment_id", "slot_id", "site_id"})  # fmt: skip


class Encoder:
    """Turns the typed rows of one load into stored form, adding to the dictionaries."""

    def __init__(
        self,
        layout: Layout,
        base: Manifest,
        identity: Identity,
        source_name: str,
        *,
        ids_per_practice: bool = False,
    ) -> None:
        self._identity = identity
        self._ids_per_practice = ids_per_practice
        self.source_name = source_name
        self.version = base.version + 1
        self.sources = list(base.sources)
        if source_name not in self.sources:
            self.sources.append(source_name)
        self.source = self.sources.index(source_name)
        entries = {kind: read_entries(layout, f) for kind, f in base.dictionaries.items()}
        self.patients = Patients(entries["patient"], identity, self.sources)
        self.codes = {kind: Codes(entries[kind]) for kind in ("staff", "practice", "site")}
        self.given = {table: set(columns) for table, columns in base.given.items()}
        self._practices: set[str] = set()

    def encode(self, batch: Conformed) -> Any:
        """Return the batch's rows in stored form."""
        return _Batch(self, batch.table, batch.rows).encode()

    @property
    def identifiable(self) -> bool:
        return self._identity.identifiable

    def household(self, key: str) -> str:
        """Return how the store names a household of this source."""
        if self.identifiable:
            return self.scoped(key)
        return self._identity.household(self.source_name, key)

    def scoped(self, key: str) -> str:
        """Return an id that the store keeps as text, told apart from other sources'."""
        return key if self.source == 0 else f"{self.source_name}:{key}"

    def note_given(self, table: str, columns: list[str]) -> None:
        """Remember which canonical columns extracts have given."""
        self.given.setdefault(table, set()).update(columns)

    def scope_of(self, table: str, rows: Any) -> Any:
        """Return the practice that each row's ids belong to, None where ids need none."""
        if not self._ids_per_practice or not _PREFIXED.intersection(rows.column_names):
            return None
        if "practice_id" in rows.column_names:
            column = rows.column("practice_id")
            self._practices.update(pc.unique(column).drop_null().to_pylist())
            return column
        if len(self._practices) == 1:
            (only,) = self._practices
            return pa.chunked_array([pa.repeat(only, rows.num_rows)])
        raise UsageError(
            f"Table {table} does not say which practice its ids belong to.",
            where=table,
            hint="With ids per practice, load each practice's files on their own.",
        )


class _Batch:
    """The encoding of one batch."""

    def __init__(self, encoder: Encoder, table: str, rows: Any) -> None:
        self.encoder = encoder
        self.table = table
        self.rows = rows
        self.names = set(rows.column_names)
        self.plain_patients: Any = None
        self._distinct: dict[str, tuple[npt.NDArray[np.int64], Any]] = {}
        self._patients: tuple[npt.NDArray[np.int32], npt.NDArray[np.uint64]] | None = None

    def encode(self) -> Any:
        encoder = self.encoder
        self._prefix(encoder.scope_of(self.table, self.rows))
        if self.table == "patients" and "nhs_number" in self.names:
            self._link()
        self._note_given()
        columns = stored_columns(self.table, encoder.identifiable)
        arrays = [self._column(column) for column in columns]
        schema = stored_schema(self.table, encoder.identifiable)
        found = pa.Table.from_arrays(arrays, schema=schema)
        if self.table == "appointments":
            return self._with_row_hash(found)
        return found

    def _note_given(self) -> None:
        canonical = {c.canonical for c in stored_columns(self.table, self.encoder.identifiable)}
        given = [name for name in self.names & canonical if self._truly_given(name)]
        if self.table == "patients" and "birth_date" in self.names:
            given.append("birth_year")
        self.encoder.note_given(self.table, given)

    def _truly_given(self, name: str) -> bool:
        """A word column with NOT_GIVEN in it was made by conform, not by the extract."""
        if TABLES[self.table].column(name).kind != "word" or not self.rows.num_rows:
            return True
        return pc.min(self.rows.column(name)).as_py() != NOT_GIVEN

    def _prefix(self, scope: Any) -> None:
        if scope is None:
            return
        if "patient_id" in self.names:
            self.plain_patients = self.rows.column("patient_id")
        for index, name in enumerate(self.rows.column_names):
            if name in _PREFIXED:
                column = self.rows.column(index)
                prefixed = pc.binary_join_element_wise(scope, column, ":")
                filled = pc.if_else(pc.is_valid(column), pc.coalesce(prefixed, column), None)
                self.rows = self.rows.set_column(index, name, filled)

    def _link(self) -> None:
        """Tell the dictionary which patient ids go with which NHS numbers."""
        known = pc.is_valid(self.rows.column("nhs_number"))
        ids = self.rows.column("patient_id").filter(known).combine_chunks()
        numbers = self.rows.column("nhs_number").filter(known).to_pylist()
        plain = None
        if self.plain_patients is not None:
            plain = self.plain_patients.filter(known).combine_chunks()
        encoder = self.encoder
        encoder.patients.link(ids, numbers, encoder.source, encoder.source_name, plain)

    def distinct(self, name: str) -> tuple[npt.NDArray[np.int64], Any]:
        """Return each row's place in a column's distinct texts (-1 = null), and these texts."""
        if name not in self._distinct:
            encoded = self.rows.column(name).combine_chunks().dictionary_encode()
            places = encoded.indices.fill_null(-1).to_numpy().astype(np.int64)
            self._distinct[name] = (places, encoded.dictionary)
        return self._distinct[name]

    def _column(self, column: StoredColumn) -> Any:
        n = self.rows.num_rows
        if column.name == "source" and column.canonical is None:
            return pa.array(np.full(n, self.encoder.source, np.int16))
        if column.name == "key":
            return pa.array(np.zeros(n, np.int64))
        if column.name == "loaded":
            return pa.array(np.full(n, self.encoder.version, np.int32))
        if column.name in ("start_day", "start_second"):
            return self._start(column.name)
        if column.name == "birth_year":
            return self._birth_year()
        name = column.canonical or column.name
        if name not in self.names:
            if column.name == "time_known":
                return pa.array(np.ones(n, bool))
            return _blank(column, n)
        if column.code is not None:
            return self._code(name, column.code)
        values = self.rows.column(name).cast(column.type)
        if name == "household_id":
            return self._mapped(name, self.encoder.household)
        if name in SCOPED_TEXT:
            return self._mapped(name, self.encoder.scoped)
        return values if column.blank is None else values.fill_null(column.blank)

    def _start(self, name: str) -> Any:
        if "seconds" not in self.__dict__:
            times = self.rows.column("start_time").combine_chunks()
            self.seconds = times.view("int64").to_numpy()
        if name == "start_day":
            days = (self.seconds // _DAY).astype(np.int32)
            return pa.array(days).view(pa.date32())
        return pa.array((self.seconds % _DAY).astype(np.int32))

    def _birth_year(self) -> Any:
        found: Any = pa.nulls(self.rows.num_rows, pa.int32())
        if "birth_year" in self.names:
            found = self.rows.column("birth_year").cast(pa.int32())
        if "birth_date" in self.names:
            years = pc.year(self.rows.column("birth_date")).cast(pa.int32())
            found = pc.coalesce(years, found)
        return found

    def _code(self, name: str, kind: CodeKind) -> Any:
        places, keys = self.distinct(name)
        if kind == "patient":
            codes = self.patients()[0]
        else:
            source = NO_SOURCE if kind == "practice" else self.encoder.source
            codes = self.encoder.codes[kind].codes(source, keys.to_pylist())
        # The last place serves the rows without an id (place -1).
        return pa.array(np.append(codes, np.int32(NO_CODE))[places])

    def patients(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint64]]:
        """Return the codes and digests of the batch's distinct patient ids."""
        if self._patients is None:
            encoder = self.encoder
            places, keys = self.distinct("patient_id")
            plain = None
            if self.plain_patients is not None:
                first = np.unique(places, return_index=True)[1]
                plain = self.plain_patients.combine_chunks().take(pa.array(first))
            self._patients = encoder.patients.codes(
                keys, encoder.source, encoder.source_name, plain
            )
        return self._patients

    def _mapped(self, name: str, rename: Callable[[str], str]) -> Any:
        places, keys = self.distinct(name)
        renamed = pa.array([*map(rename, keys.to_pylist()), None], pa.string())
        return renamed.take(pa.array(np.where(places < 0, len(keys), places)))

    def _with_row_hash(self, found: Any) -> Any:
        """Add a hash of (patient, staff, practice, start) where rows have no id."""
        ids = found.column("appointment_id")
        if ids.null_count == 0:
            return found
        places, _ = self.distinct("patient_id")
        digests = self.patients()[1]
        rest = combine(self._text_hash("staff_id"), self._text_hash("practice_id"))
        rest = combine(rest, hash_integers(self.seconds))
        for name, word in ((ID_HIGH, 0), (ID_LOW, 1)):
            hashed = combine(digests[:, word][places], rest)
            found = found.append_column(name, pa.array(hashed))
        return found

    def _text_hash(self, name: str) -> npt.NDArray[np.uint64]:
        if name not in self.names:
            return np.zeros(self.rows.num_rows, np.uint64)
        places, keys = self.distinct(name)
        return np.append(hash_texts(keys), np.uint64(0))[places]


def _blank(column: StoredColumn, n: int) -> Any:
    if column.blank is None:
        return pa.nulls(n, column.type)
    return pa.array(np.full(n, column.blank, column.type.to_pandas_dtype()))
