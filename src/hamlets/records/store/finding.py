"""Finding patients: their codes by what people type, and what they are called.

Lists of all labels take half a second in a large store; here nothing is made of the
dictionary but the one row that is asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as compute

from hamlets.errors import StoreError
from hamlets.records.identity import Identity, nhs_number, pseudonymous
from hamlets.records.store.dictionaries import BY_ID, BY_NHS_NUMBER, read_entries
from hamlets.records.store.reading import Store

pc: Any = compute

IDENTITY_COLUMNS = ("name", "nhs_number", "birth_date")


@dataclass(frozen=True)
class PatientHead:
    """What a patient is called. What the store does not hold is empty."""

    code: int
    label: str
    """As the store shows the patient everywhere: the NHS number, its pseudonym or the id."""
    name: str
    nhs_number: str
    birth_date: date | None
    birth_year: int | None
    housebound: bool
    death_date: date | None


class PatientFinder:
    """Finds patients in one version of a store. Made once, used by many requests."""

    def __init__(self, store: Store) -> None:
        entries = read_entries(store.layout, store.manifest.dictionaries["patient"])
        self._entries = entries.combine_chunks()
        self._sources = list(store.manifest.sources)
        self._identifiable = store.identifiable
        self._fingerprint = store.manifest.key_fingerprint

    @property
    def reads_numbers(self) -> bool:
        """Whether a typed NHS number can be found: by itself, or with the key that is here."""
        return self._identifiable or self._identity() is not None

    def by_number(self, typed: str) -> int | None:
        """Return the patient code of a typed NHS number; None where it is none, or not known."""
        digits = nhs_number(typed.strip())
        if digits is None:
            return None
        if self._identifiable:
            return self._one(BY_NHS_NUMBER, digits)
        identity = self._identity()
        return None if identity is None else self._one(BY_NHS_NUMBER, identity.person(digits).hex())

    def by_label(self, typed: str) -> int | None:
        """Return the patient code of a label, as the store shows it; None where there is none."""
        source, colon, key = typed.partition(":")
        if colon and source in self._sources:
            found = self._rows(pc.equal(self._entries.column("key"), key))
            codes = [r["code"] for r in found if r["source"] == self._sources.index(source)]
        else:
            codes = [r["code"] for r in self._rows(pc.equal(self._entries.column("key"), typed))]
        # asked also where there is none: the same time for both answers
        found = [code for code in codes or [-1] if self.label(code) == typed and code >= 0]
        return found[0] if found else None

    def label(self, code: int) -> str:
        """Return how a patient is shown; as :meth:`Store.labels` has it."""
        return self.labels([code]).get(code, "")

    def labels(self, codes: Collection[int]) -> dict[int, str]:
        """Return how some patients are shown, by code."""
        among = pa.array(codes, pa.int32())
        rows = self._rows(pc.is_in(self._entries.column("code"), value_set=among))
        keys = pa.array({r["key"] for r in rows if r["kind"] == BY_ID}, pa.string())
        source_of: dict[str, set[int]] = {}
        if self._identifiable and len(self._sources) > 1:
            for r in self._rows(pc.is_in(self._entries.column("key"), value_set=keys)):
                if r["kind"] == BY_ID:
                    source_of.setdefault(r["key"], set()).add(r["source"])
        found: dict[int, str] = {}
        for wanted in (BY_NHS_NUMBER, BY_ID):
            for r in rows:
                if r["kind"] == wanted and r["code"] not in found:
                    several = wanted == BY_ID and len(source_of.get(r["key"], ())) > 1
                    source = f"{self._sources[r['source']]}:" if several else ""
                    found[r["code"]] = source + r["key"]
        return found

    def _rows(self, wanted: Any) -> list[dict[str, Any]]:
        return self._entries.filter(wanted).to_pylist()

    def _one(self, kind: int, key: str) -> int | None:
        rows = self._rows(pc.equal(self._entries.column("key"), key))
        # the newest entry of equal ones holds
        return next((r["code"] for r in reversed(rows) if r["kind"] == kind), None)

    def _identity(self) -> Identity | None:
        """Return what makes this store's pseudonyms, where its key is on this machine."""
        if self._fingerprint is None:
            return None
        with suppress(StoreError):
            return pseudonymous(self._fingerprint)
        return None


def head(store: Store, finder: PatientFinder, home: int, code: int) -> PatientHead | None:
    """Return what a patient of a home practice is called; None for another practice's.

    Patients whom no practice holds lie under a home below 0: they are nobody's to see.
    """
    if home < 0:
        return None
    columns = ["patient", "birth_year", "housebound", "death_date"]
    if store.identifiable:
        columns += IDENTITY_COLUMNS
    rows = store.read_group("patients", home, columns)
    found = rows.filter(pc.equal(rows.column("patient"), code)).to_pylist()
    if found:
        return _head(finder, found[0])
    # an extract of appointments alone names nobody, and still has patients
    seen = store.read_group("appointments", home, ["patient"]).column("patient")
    if not pc.any(pc.equal(seen, code)).as_py():
        return None
    return _head(finder, {"patient": code})


def named_like(
    store: Store, finder: PatientFinder, home: int, words: str, born: date, most: int
) -> list[PatientHead]:
    """Return patients of a home practice with a birth date and a name, A to Z; one too many.

    Each word typed must begin a word of the name; capitals and accents do not matter.
    Raises ValueError for a store that holds no names.
    """
    if not store.identifiable:
        raise ValueError("this store holds no names")
    columns = ["patient", "birth_year", "housebound", "death_date", *IDENTITY_COLUMNS]
    if home < 0:
        return []
    rows = store.read_group("patients", home, columns)
    born_then = rows.filter(pc.equal(rows.column("birth_date"), pa.scalar(born, pa.date32())))
    typed = plain(words).split()
    found = [
        _head(finder, row)
        for row in born_then.to_pylist()
        if row["name"] and _begin(typed, plain(row["name"]).split())
    ]
    found.sort(key=lambda one: (plain(one.name), one.label))
    return found[: most + 1]


def _begin(typed: list[str], name: list[str]) -> bool:
    return bool(typed) and all(any(part.startswith(word) for part in name) for word in typed)


def plain(words: str) -> str:
    """Return a name as it is compared: small letters without accents, hyphens as blanks."""
    import unicodedata

    apart = unicodedata.normalize("NFKD", words.casefold())
    letters = (c for c in apart if not unicodedata.combining(c))
    return "".join(c if c.isalnum() else " " for c in letters if c not in "'\u2019")


def _head(finder: PatientFinder, row: dict[str, Any]) -> PatientHead:
    born: date | None = row.get("birth_date")
    return PatientHead(
        code=row["patient"],
        label=finder.label(row["patient"]),
        name=row.get("name") or "",
        nhs_number=row.get("nhs_number") or "",
        birth_date=born,
        birth_year=row.get("birth_year") or (born.year if born else None),
        housebound=bool(row.get("housebound")),
        death_date=row.get("death_date"),
    )
