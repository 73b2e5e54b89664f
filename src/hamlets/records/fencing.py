"""A load kept to the rows of one practice, in a store that others may share.

Whoever loads for one practice need not be trusted by the others: no row of theirs is added,
changed or deleted, whatever the extract says. What is not this practice's to say is refused
before it gets a code, so that nothing of it reaches the store. Decision 0019 tells the rules.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.records.batches import RawBatch, Refusal, RefusalKind
from hamlets.records.conform import Conformed
from hamlets.records.identity import nhs_number
from hamlets.records.store.comparing import row_keys
from hamlets.records.store.contacts import day_number
from hamlets.records.store.dictionaries import NO_SOURCE
from hamlets.records.store.encoding import Encoder
from hamlets.records.store.files import read_file
from hamlets.records.store.homes import OPEN_DAY, Codes, holding_practices
from hamlets.records.store.layout import Layout
from hamlets.records.store.manifest import Manifest
from hamlets.records.store.schema import NO_CODE
from hamlets.records.tables import TABLES

pc: Any = compute  # its functions are made at run time, out of sight of type checkers

Mask = npt.NDArray[np.bool_]

OTHERS = "a row of another practice"
NOT_OURS = "not for this practice to change"
"""One reason for whatever others hold: it does not tell which of them, nor what."""
SHARED = "only an administrator loads this table"

NOT_OF_A_PRACTICE = frozenset({"networks", "network_members"})
"""Tables about what lies above practices."""
FILLED = frozenset({"practice_id"})
"""Columns that an extract of one practice may lack."""
_OWN_IDS = frozenset({"appointments", "slots", "teams", "sites"})
"""Tables whose rows go by an id alone, so that one with another's id would take its place."""
_STAFF = {
    "staff": ("staff_id",),
    "team_members": ("staff_id",),
    "buddies": ("staff_id", "buddy_staff_id"),
}


def fill_practice(batch: RawBatch, practice: str) -> RawBatch:
    """Return the batch with the practice in each row, where its extract has no such column."""
    if "practice_id" not in TABLES[batch.table].names:
        return batch
    if "practice_id" in batch.columns.column_names:
        return batch
    column = pa.repeat(pa.scalar(practice, pa.string()), batch.columns.num_rows)
    return replace(batch, columns=batch.columns.append_column("practice_id", column))


class Fence:
    """Tells the rows that one practice may load from those that it may not."""

    def __init__(self, layout: Layout, base: Manifest, encoder: Encoder, practice: str) -> None:
        self._layout = layout
        self._base = base
        self._encoder = encoder
        self.practice = practice
        self._keys: dict[str, npt.NDArray[np.int64]] = {}

    @property
    def code(self) -> int | None:
        """The practice's code, None while the store has not a row of it."""
        return self._encoder.codes["practice"].known(NO_SOURCE, self.practice)

    def sift(self, batch: Conformed) -> Conformed:
        """Return the batch without the rows that are not this practice's; they are refused."""
        batch = self._filled(batch)
        refused = np.zeros(batch.rows.num_rows, np.bool_)
        refusals = list(batch.refusals)
        for column, reason, kind, mask in self._faults(batch):
            new = mask & ~refused
            refused |= new
            refusals += [
                Refusal(batch.table, batch.file, int(line), column, "row", reason, kind)
                for line in batch.lines[new]
            ]
        if not refused.any():
            return replace(batch, refusals=refusals)
        rows = batch.rows.filter(pa.array(~refused))
        return replace(batch, rows=rows, lines=batch.lines[~refused], refusals=refusals)

    def _filled(self, batch: Conformed) -> Conformed:
        """Give rows without a practice this one, and leave its network as the store has it."""
        rows = batch.rows
        if "practice_id" in rows.column_names:
            place = rows.column_names.index("practice_id")
            rows = rows.set_column(
                place, "practice_id", rows.column(place).fill_null(self.practice)
            )
        if batch.table == "practices" and "network_id" in rows.column_names:
            place = rows.column_names.index("network_id")
            network = pa.repeat(pa.scalar(self._network, pa.string()), rows.num_rows)
            rows = rows.set_column(place, "network_id", network)
        return replace(batch, rows=rows)

    def _faults(self, batch: Conformed) -> Iterator[tuple[str, str, RefusalKind, Mask]]:
        rows, table = batch.rows, batch.table
        if table in NOT_OF_A_PRACTICE:
            yield "", SHARED, "dropped", np.ones(rows.num_rows, np.bool_)
            return
        names = set(rows.column_names)
        if "practice_id" in names:
            other = pc.not_equal(rows.column("practice_id"), self.practice)
            yield "practice_id", OTHERS, "error", other.to_numpy()
        if table in _OWN_IDS:
            column = TABLES[table].key[0]
            if column in names:
                yield column, NOT_OURS, "error", self._others_key(table, rows.column(column))
        for column in _STAFF.get(table, ()):
            yield column, NOT_OURS, "error", self._among(rows.column(column), self._others_staff)
        if table == "team_members":
            yield "team_id", NOT_OURS, "error", self._others_key("teams", rows.column("team_id"))
        if table == "staff" and "person_id" in names:
            column = rows.column("person_id")
            yield "person_id", NOT_OURS, "error", self._in(column, self._others_persons)
        if "patient_id" in names:
            keep_out = self._not_seen_here if table == "appointments" else self._not_ours
            yield "patient_id", NOT_OURS, "error", self._among(rows.column("patient_id"), keep_out)
        if table == "patients" and "nhs_number" in names:
            column = rows.column("nhs_number")
            yield "nhs_number", NOT_OURS, "error", self._among(column, self._number_not_ours)

    # ---- what others hold, told from the version before this load

    def _stored(self, table: str, columns: list[str]) -> Iterator[Any]:
        for entry in self._base.tables[table].files:
            yield read_file(self._layout, entry, columns)

    def _others(self, rows: Any) -> Mask:
        """Return which stored rows are of another practice."""
        own = self.code
        return rows.column("practice").to_numpy() != (NO_CODE - 1 if own is None else own)

    @cached_property
    def _network(self) -> str | None:
        for rows in self._stored("practices", ["practice", "network_id"]):
            mine = rows.filter(pa.array(~self._others(rows)))
            if mine.num_rows:
                return mine.column("network_id")[0].as_py()
        return None

    def _others_key(self, table: str, ids: Any) -> Mask:
        """Return which ids are those of rows that another practice has in the store."""
        taken = self._taken(table)
        if not taken.size:
            return np.zeros(len(ids), np.bool_)
        given = pc.is_valid(ids).to_numpy()
        texts = ids.fill_null("")
        encoder = self._encoder
        if table == "sites":
            codes = [encoder.codes["site"].known(encoder.source, key) for key in texts.to_pylist()]
            keys = np.array([NO_CODE if c is None else c for c in codes], np.int64)
        elif table == "appointments":
            source = pa.array(np.full(len(ids), encoder.source, np.int16))
            keys = row_keys(table, pa.table({"source": source, "appointment_id": texts}))
        else:
            scoped = pa.array([encoder.scoped(key) for key in texts.to_pylist()], pa.string())
            keys = row_keys(table, pa.table({TABLES[table].key[0]: scoped}))
        return np.isin(keys, taken) & given

    def _taken(self, table: str) -> npt.NDArray[np.int64]:
        if table not in self._keys:
            parts: list[npt.NDArray[np.int64]] = []
            column = {"appointments": "key", "sites": "site"}.get(table, TABLES[table].key[0])
            for rows in self._stored(table, [column, "practice"]):
                theirs = rows.filter(pa.array(self._others(rows)))
                parts.append(
                    theirs.column(column).to_numpy().astype(np.int64)
                    if column in ("key", "site")
                    else row_keys(table, theirs)
                )
            self._keys[table] = np.sort(np.concatenate([np.zeros(0, np.int64), *parts]))
        return self._keys[table]

    @cached_property
    def _staff_elsewhere(self) -> frozenset[int]:
        """Codes of staff whom another practice, or a network, employs or has contacts of."""
        found: set[int] = set()
        for table in ("staff", "appointments", "sessions"):
            for rows in self._stored(table, ["staff", "practice"]):
                theirs = rows.filter(pa.array(self._others(rows))).column("staff")
                found.update(pc.unique(theirs).to_pylist())
        return frozenset(found - {NO_CODE})

    def _others_staff(self, keys: list[str]) -> Mask:
        known, source = self._encoder.codes["staff"].known, self._encoder.source
        codes = (known(source, key) for key in keys)
        return np.array([code in self._staff_elsewhere for code in codes], np.bool_)

    @cached_property
    def _others_persons(self) -> Any:
        found: set[str] = set()
        for rows in self._stored("staff", ["person_id", "practice"]):
            theirs = rows.filter(pa.array(self._others(rows))).column("person_id")
            found.update(pc.unique(theirs).drop_null().to_pylist())
        return pa.array(sorted(found), pa.string())

    @cached_property
    def _holders(self) -> tuple[Codes, Mask]:
        """Return the practice that each stored patient is with, and who is by contacts alone."""
        practices = [key for _, key in self._encoder.codes["practice"].keys_by_code()]
        last = self._base.last_contact
        day = OPEN_DAY if last is None else day_number(date.fromisoformat(last))
        return holding_practices(self._stored, self._encoder.patients.stored, practices, day)

    def _not_ours(self, keys: list[str]) -> Mask:
        """Return who is another practice's patient."""
        return self._held_elsewhere(keys)[0]

    def _not_seen_here(self, keys: list[str]) -> Mask:
        """Return whom even a contact here would take from another practice."""
        elsewhere, by_contacts = self._held_elsewhere(keys)
        return elsewhere & by_contacts

    def _number_not_ours(self, texts: list[str]) -> Mask:
        valid = np.array([nhs_number(text) is not None for text in texts], np.bool_)
        return self._not_ours(texts) & valid

    def _held_elsewhere(self, keys: list[str]) -> tuple[Mask, Mask]:
        """Return who is with another practice, and who is with any by contacts alone."""
        codes = np.array(self._encoder.patients.find(keys, self._encoder.source_name), np.int64)
        holders, by_contacts = self._holders
        elsewhere, alone = np.zeros((2, len(keys)), np.bool_)
        # whoever is new in this load is nobody's yet
        stored = (codes >= 0) & (codes < holders.size)
        own = NO_CODE if self.code is None else self.code
        elsewhere[stored] = ~np.isin(holders[codes[stored]], (NO_CODE, own))
        alone[stored] = by_contacts[codes[stored]]
        return elsewhere, alone

    # ---- columns

    @staticmethod
    def _among(column: Any, test: Callable[[list[str]], Mask]) -> Mask:
        """Return which rows have a text that a test is true of; each distinct text once."""
        encoded = column.combine_chunks().dictionary_encode()
        # the last place serves rows without a text
        found = np.append(test(encoded.dictionary.to_pylist()), np.False_)
        return found[encoded.indices.fill_null(-1).to_numpy()]

    @staticmethod
    def _in(column: Any, values: Any) -> Mask:
        return pc.is_in(column, value_set=values).to_numpy()
