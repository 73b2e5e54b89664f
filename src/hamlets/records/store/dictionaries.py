"""Dictionaries: the ids of sources and the integer codes that stand for them.

They only grow: a load adds one file of new entries. A patient has one code and
may have several aliases (an NHS number, the id in each source); the others
have one entry a code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.records.identity import Identity, nhs_number
from hamlets.records.store.files import FileWriter, read_file
from hamlets.records.store.layout import Layout
from hamlets.records.store.manifest import FileSet
from hamlets.records.store.seen import SeenIds

BY_ID, BY_NHS_NUMBER = 0, 1
"""Kinds of patient alias."""
NO_SOURCE = -1

ENTRY_SCHEMA: Any = pa.schema(
    [("code", pa.int32()), ("kind", pa.int8()), ("source", pa.int16()), ("key", pa.string())]
)


@dataclass
class _NewEntries:
    code: list[int] = field(default_factory=list[int])
    kind: list[int] = field(default_factory=list[int])
    source: list[int] = field(default_factory=list[int])
    key: list[str] = field(default_factory=list[str])

    def add(self, code: int, kind: int, source: int, key: str) -> None:
        self.code.append(code)
        self.kind.append(kind)
        self.source.append(source)
        self.key.append(key)

    def table(self) -> Any:
        columns = [self.code, self.kind, self.source, self.key]
        arrays = [pa.array(c, f.type) for c, f in zip(columns, ENTRY_SCHEMA, strict=True)]
        return pa.Table.from_arrays(arrays, schema=ENTRY_SCHEMA)


def read_entries(layout: Layout, files: FileSet) -> Any:
    """Return all entries of a dictionary, oldest first."""
    tables = [read_file(layout, entry) for entry in files.files]
    return pa.concat_tables(tables) if tables else ENTRY_SCHEMA.empty_table()


def next_code(entries: Any) -> int:
    """Return the first code that is free."""
    codes = entries.column("code").to_numpy()
    return int(codes.max()) + 1 if codes.size else 0


class Codes:
    """The dictionary of staff, sites (by source) or practices (one space)."""

    def __init__(self, entries: Any) -> None:
        columns = [entries.column(name).to_pylist() for name in ("source", "key", "code")]
        self._codes = {(s, k): c for s, k, c in zip(*columns, strict=True)}
        self._next = next_code(entries)
        self._new = _NewEntries()

    def code(self, source: int, key: str) -> int:
        """Return the code of one id, a new one where it is new."""
        found = self._codes.get((source, key))
        if found is None:
            found = self._next
            self._next += 1
            self._codes[(source, key)] = found
            self._new.add(found, BY_ID, source, key)
        return found

    def known(self, source: int, key: str) -> int | None:
        """Return the code of one id, None where it is not known."""
        return self._codes.get((source, key))

    def codes(self, source: int, keys: list[str]) -> npt.NDArray[np.int32]:
        """Return the codes of several ids."""
        return np.fromiter((self.code(source, key) for key in keys), np.int32, len(keys))

    def keys_by_code(self) -> list[tuple[int, str]]:
        """Return (source, id) by code."""
        return [pair for pair, _ in sorted(self._codes.items(), key=lambda item: item[1])]

    def new(self) -> Any:
        return self._new.table()


def _words(digests: list[bytes]) -> npt.NDArray[np.uint64]:
    """Return 16-byte digests as rows of two integers."""
    return np.frombuffer(b"".join(digests), ">u8").astype(np.uint64).reshape(-1, 2)


_UNHEX = np.zeros(256, np.uint8)
_UNHEX[np.frombuffer(b"0123456789abcdef", np.uint8)] = np.arange(16, dtype=np.uint8)


def _stored_digests(entries: Any, identity: Identity, sources: list[str]) -> Any:
    """Return the digests of stored aliases as rows of two integers."""
    if not identity.identifiable:
        text = np.frombuffer("".join(entries.column("key").to_pylist()).encode(), np.uint8)
        digits = _UNHEX[text].reshape(-1, 32)
        both = (digits[:, 0::2] << 4) | digits[:, 1::2]
        return np.ascontiguousarray(both).view(">u8").astype(np.uint64)
    columns = [entries.column(name).to_pylist() for name in ("kind", "source", "key")]
    return _words(
        [
            identity.person(key)
            if kind == BY_NHS_NUMBER
            else identity.source_patient(sources[source], key)
            for kind, source, key in zip(*columns, strict=True)
        ]
    )


class _Aliases:
    """Finds the code of a digest: sorted arrays for what is stored, a dict for what is new."""

    def __init__(self, digests: Any, codes: npt.NDArray[np.int32]) -> None:
        # Newest first, and a stable sort: of equal digests the newest entry is met first.
        digests, codes = digests[::-1], codes[::-1]
        order = np.argsort(digests[:, 0], kind="stable")
        self._high = np.ascontiguousarray(digests[order, 0])
        self._low = np.ascontiguousarray(digests[order, 1])
        self._codes = codes[order]
        self._new: dict[bytes, int] = {}

    def set(self, digest: bytes, code: int) -> None:
        self._new[digest] = code

    def new(self, digest: bytes, otherwise: int) -> int:
        """Return the code set for a digest, ``otherwise`` where none was."""
        return self._new.get(digest, otherwise)

    def find(self, digests: list[bytes]) -> list[int]:
        """Return the code of each digest, -1 where it is not known."""
        found = np.full(len(digests), -1, np.int64)
        if self._high.size and digests:
            wanted = _words(digests)
            at = np.searchsorted(self._high, wanted[:, 0])
            open_ = np.flatnonzero(at < self._high.size)
            while open_.size:
                same_high = self._high[at[open_]] == wanted[open_, 0]
                open_ = open_[same_high]
                hit = self._low[at[open_]] == wanted[open_, 1]
                found[open_[hit]] = self._codes[at[open_[hit]]]
                open_ = open_[~hit]
                at[open_] += 1
                open_ = open_[at[open_] < self._high.size]
        new = self._new
        return [new.get(d, c) for d, c in zip(digests, found.tolist(), strict=True)]


class Patients:
    """The dictionary of patients: one code a person, however many ids they go by."""

    def __init__(self, entries: Any, identity: Identity, sources: list[str]) -> None:
        self._identity = identity
        codes = entries.column("code").to_numpy()
        self._aliases = _Aliases(_stored_digests(entries, identity, sources).reshape(-1, 2), codes)
        self.stored = next_code(entries)
        self.size = self.stored
        kinds = entries.column("kind").to_numpy()
        self._numbered = set(codes[kinds == BY_NHS_NUMBER].tolist())
        self._new = _NewEntries()
        self._seen, self._seen_source = SeenIds(), -1
        self.merged: dict[int, int] = {}
        """Code -> the code of the person it turned out to be."""
        self.conflicts = 0
        """Ids that came with another NHS number than before."""
        self.linked = 0
        """Patients stored before whose NHS number became known now."""

    def codes(
        self,
        ids: Any,
        source: int,
        source_name: str,
        plain: Any = None,
        numbers: list[str] | None = None,
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint64]]:
        """Return codes, and digests as rows of two integers, of an Arrow array of ids.

        ``plain`` are the ids without their practice prefix, where they have one:
        an NHS number is recognised in it. ``numbers`` are valid NHS numbers known
        to go with the ids: a new id of a known person gets that person's code.
        """
        if source != self._seen_source:
            self._seen, self._seen_source = SeenIds(), source
        codes, digests = self._seen.find(ids)
        missing = np.flatnonzero(codes < 0)
        if missing.size:
            wanted = ids.take(pa.array(missing))
            shown = wanted if plain is None else plain.take(pa.array(missing))
            own = [nhs_number(text) for text in shown.to_pylist()]
            hints = [numbers[i] for i in missing.tolist()] if numbers else None
            found = self._look_up(wanted.to_pylist(), own, hints, source, source_name)
            codes[missing], digests[missing] = found
            self._seen.add(wanted, *found)
        return codes, digests

    def _look_up(
        self,
        ids: list[str],
        own_numbers: list[str | None],
        hints: list[str] | None,
        source: int,
        source_name: str,
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.uint64]]:
        identity, aliases = self._identity, self._aliases
        digests = [
            identity.person(number) if number else identity.source_patient(source_name, key)
            for key, number in zip(ids, own_numbers, strict=True)
        ]
        hinted: list[int] = [-1] * len(ids)
        if hints is not None:
            hinted = aliases.find([identity.person(number) for number in hints])
        found = zip(ids, own_numbers, digests, aliases.find(digests), hinted, strict=True)
        codes: list[int] = []
        for key, number, digest, stored, hint in found:
            # Two spellings of one NHS number may both be new.
            code = aliases.new(digest, stored)
            if code < 0:
                code = hint if hint >= 0 and not number else self._new_code()
                if number:
                    self._number(code, number, digest)
                else:
                    self._name(code, source, key, digest)
            codes.append(code)
        return np.array(codes, np.int32), _words(digests)

    def _new_code(self) -> int:
        self.size += 1
        return self.size - 1

    def _number(self, code: int, number: str, digest: bytes) -> None:
        key = number if self._identity.identifiable else digest.hex()
        self._new.add(code, BY_NHS_NUMBER, NO_SOURCE, key)
        self._numbered.add(code)
        self._aliases.set(digest, code)

    def _name(self, code: int, source: int, key: str, digest: bytes) -> None:
        if self._identity.identifiable:
            self._new.add(code, BY_ID, source, key)
        else:
            self._new.add(code, BY_ID, NO_SOURCE, digest.hex())
        self._aliases.set(digest, code)

    def link(
        self,
        ids: Any,
        numbers: list[str],
        source: int,
        source_name: str,
        plain: Any = None,
    ) -> None:
        """Note which texts of NHS numbers these ids go with; invalid ones are passed over.

        Where a number is already another person's, the two are merged.
        """
        valid = [(i, n) for i, text in enumerate(numbers) if (n := nhs_number(text))]
        rows = pa.array([i for i, _ in valid], pa.int64())
        digits = [n for _, n in valid]
        ids = ids.take(rows)
        plain = None if plain is None else plain.take(rows)
        codes, _ = self.codes(ids, source, source_name, plain, digits)
        digests = [self._identity.person(number) for number in digits]
        stored = self._aliases.find(digests)
        for i, (number, digest, known) in enumerate(zip(digits, digests, stored, strict=True)):
            other = self._aliases.new(digest, known)
            own = int(codes[i])
            own = self.merged.get(own, own)
            if other == own:
                continue
            if own in self._numbered:
                self.conflicts += 1
            elif other < 0:
                self._number(own, number, digest)
                self.linked += own < self.stored
            else:
                # A patient without a number has one alias, so this one carries all.
                self.merged[own] = other
                key = ids[i].as_py()
                self._name(other, source, key, self._identity.source_patient(source_name, key))

    def find(self, ids: list[str], source_name: str) -> list[int]:
        """Return the code of each id, -1 where it is not known; nobody is added."""
        numbers = [nhs_number(key) for key in ids]
        identity = self._identity
        digests = [
            identity.person(n) if n else identity.source_patient(source_name, key)
            for key, n in zip(ids, numbers, strict=True)
        ]
        return self._aliases.find(digests)

    def known(self, ids: list[str], source_name: str) -> list[int]:
        """Return the codes of those ids that are known."""
        return [c for c in self.find(ids, source_name) if c >= 0]

    @property
    def changed(self) -> bool:
        """Whether something was learnt about patients stored before."""
        return self.linked > 0 or any(code < self.stored for code in self.merged)

    def remap(self) -> npt.NDArray[np.int32] | None:
        """Return the person's code by code, None where no two were merged."""
        if not self.merged:
            return None
        found = np.arange(self.size, dtype=np.int32)
        found[list(self.merged)] = list(self.merged.values())
        return found

    def new(self) -> Any:
        return self._new.table()


def patient_labels(entries: Any, sources: list[str], identifiable: bool) -> list[str]:
    """Return how each patient code is shown: the NHS number or its pseudonym first."""
    labels = [""] * next_code(entries)
    columns = [entries.column(name).to_pylist() for name in ("code", "kind", "source", "key")]
    rows = list(zip(*columns, strict=True))
    shared = _shared_keys(rows) if identifiable else set[str]()
    for wanted in (BY_NHS_NUMBER, BY_ID):
        for code, kind, source, key in rows:
            if kind == wanted and not labels[code]:
                labels[code] = f"{sources[source]}:{key}" if key in shared else key
    return labels


def _shared_keys(rows: list[tuple[int, int, int, str]]) -> set[str]:
    """Return the ids that two sources use."""
    source_of: dict[str, int] = {}
    shared: set[str] = set()
    for _, kind, source, key in rows:
        if kind == BY_ID and source_of.setdefault(key, source) != source:
            shared.add(key)
    return shared


def source_labels(entries: Any, sources: list[str]) -> list[str]:
    """Return how each staff, practice or site code is shown."""
    columns = [entries.column(name).to_pylist() for name in ("code", "kind", "source", "key")]
    rows = sorted(zip(*columns, strict=True))
    shared = _shared_keys(rows)
    return [f"{sources[source]}:{key}" if key in shared else key for _, _, source, key in rows]


def write_entries(writer: FileWriter, kind: str, before: FileSet, new: Any) -> FileSet:
    """Return the dictionary's files with one more for the new entries, if there are any."""
    entry = writer.write("dictionary", kind, ENTRY_SCHEMA, [(None, new)])
    return before if entry is None else FileSet((*before.files, entry))
