"""The patients of one home practice: registrations, named GPs and attributes as arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from hamlets.continuity.calendar import EPOCH, age_limits
from hamlets.continuity.columns import ALWAYS, NEVER, Int32, Int64, days, offsets, whole
from hamlets.continuity.reference import Dated, Reference
from hamlets.continuity.select import registered_homes
from hamlets.continuity.spans import Keys, Span

PATIENT_COLUMNS = ("patient", "practice", "registered_from", "registered_to", "named_staff")
TEXT_GROUPS = ("sex", "ethnicity", "language")


@dataclass(frozen=True)
class Patients:
    """Patients by position: everyone with a patients row or an appointment, by code."""

    span: Span
    keys: Keys
    """Ascending; see ``spans``."""
    registrations: Dated
    """value = practice code; rows by start."""
    named: Dated
    """value = person code; rows by start, then load."""
    death_day: Int32
    as_at_extract: int
    """Patients whose named GP has no dates, so that the extract's holds for all days."""
    row: Int32
    """Each patient's row in ``table``, -1 without one."""
    table: pa.Table

    @property
    def size(self) -> int:
        return len(self.keys)

    @property
    def codes(self) -> Int32:
        return self.span.patients(self.keys)

    def positions(self, keys: Keys) -> Int32:
        """Return the position of each key among the patients."""
        return positions(self.keys, keys)

    def runs(self, keys: Keys, starts: Int64) -> tuple[Int64, Int64]:
        """Return where each patient's rows begin and end; of those without any both are 0.

        ``keys`` = the patient of each row, ascending; ``starts`` = the first row of each of them.
        """
        low, high = np.zeros((2, self.size), dtype=np.int64)
        seen = self.positions(keys[starts])
        low[seen], high[seen] = starts, np.append(starts[1:], len(keys))
        return low, high


def positions(keys: Keys, among: Keys) -> Int32:
    """Return the position of each key of ``among`` in ``keys`` (every one is there)."""
    if len(keys) == len(among) and np.array_equal(keys, among):
        return np.arange(len(keys), dtype=np.int32)
    return np.searchsorted(keys, among).astype(np.int32)


def _joined(group: Int32, start: Int32, end: Int32, value: Int32, size: int) -> Dated:
    return Dated(offsets(group, size), start, end, value)


def _registrations(dated: pa.Table, group: Int32, size: int, table: pa.Table, row: Int32) -> Dated:
    """Return the dated registrations; a patients row is one where there are no others."""
    start, end = days(dated, "from_date", ALWAYS), days(dated, "to_date", NEVER)
    value = whole(dated, "practice")
    without = np.ones(size, dtype=bool)
    without[group] = False
    place = whole(table, "practice")
    own = np.flatnonzero(without & (row >= 0))
    own = own[place[row[own]] >= 0]
    mine = row[own]
    group = np.concatenate([group, own.astype(np.int32)])
    start = np.concatenate([start, days(table, "registered_from", ALWAYS)[mine]])
    end = np.concatenate([end, days(table, "registered_to", NEVER)[mine]])
    value = np.concatenate([value, place[mine]])
    if dated.num_rows:
        order = np.lexsort((end, start, group))
        group, start, end, value = group[order], start[order], end[order], value[order]
    return _joined(group, start, end, value, size)


def _named(
    dated: pa.Table,
    group: Int32,
    size: int,
    table: pa.Table,
    row: Int32,
    reference: Reference,
) -> tuple[Dated, int]:
    """Return dated named GPs, and how many patients have only the extract's current one."""
    start, end = days(dated, "from_date", ALWAYS), days(dated, "to_date", NEVER)
    staff = whole(dated, "staff")
    loaded = whole(dated, "loaded")
    without = np.ones(size, dtype=bool)
    without[group] = False
    current = whole(table, "named_staff")
    own = np.flatnonzero(without & (row >= 0))
    own = own[current[row[own]] >= 0]
    group = np.concatenate([group, own.astype(np.int32)])
    start = np.concatenate([start, np.full(len(own), ALWAYS, dtype=np.int32)])
    end = np.concatenate([end, np.full(len(own), NEVER, dtype=np.int32)])
    staff = np.concatenate([staff, current[row[own]]])
    loaded = np.concatenate([loaded, np.zeros(len(own), dtype=np.int32)])
    if dated.num_rows:
        # of two that begin on one day the latest loaded is in force, then the higher id
        by_id = reference.staff_rank[staff]
        order = np.lexsort((by_id, loaded, start, group))
        group, start, end, staff = group[order], start[order], end[order], staff[order]
    person = np.full(len(staff), -1, dtype=np.int32)
    if len(staff):
        known = staff >= 0
        person[known] = reference.person_of_staff[staff[known]]
    return _joined(group, start, end, person, size), len(own)


def read_patients(
    span: Span,
    reference: Reference,
    with_contacts: Keys,
    attributes: tuple[str, ...],
    need_named: bool = True,
) -> Patients:
    """Return the patients of a span, with these attribute columns read too.

    ``with_contacts`` holds the patient keys of the appointments, ascending.
    Without ``need_named`` nobody has a named GP.
    """
    table, listed = span.read("patients", [*PATIENT_COLUMNS, "death_date", *attributes])
    registered, of_registered = span.read(
        "registrations", ["patient", "practice", "from_date", "to_date"]
    )
    sources = [with_contacts, of_registered]
    columns = ["patient", "staff", "from_date", "to_date", "loaded"]
    named_rows = span.read("named_gps", columns) if need_named else None
    if named_rows is not None:
        sources.append(named_rows[1])
    keys = listed
    for others in sources:
        if len(others) and not (len(keys) == len(others) and np.array_equal(keys, others)):
            merged = np.concatenate([keys, others])
            merged.sort(kind="stable")  # runs that ascend already: merging, not sorting
            keys = merged[np.flatnonzero(np.diff(merged, prepend=-1))]
    row = np.full(len(keys), -1, dtype=np.int32)
    row[positions(keys, listed)] = np.arange(len(listed), dtype=np.int32)
    size = len(keys)
    empty = np.empty(0, dtype=np.int32)
    named, as_at_extract = _joined(empty, empty, empty, empty, size), 0
    if named_rows is not None:
        of_patient = positions(keys, named_rows[1])
        named, as_at_extract = _named(named_rows[0], of_patient, size, table, row, reference)
    death = np.full(size, NEVER, dtype=np.int32)
    has_row = row >= 0
    death[has_row] = days(table, "death_date", NEVER)[row[has_row]]
    return Patients(
        span=span,
        keys=keys,
        registrations=_registrations(registered, positions(keys, of_registered), size, table, row),
        named=named,
        death_day=death,
        as_at_extract=as_at_extract,
        row=row,
        table=table,
    )


def registered_home(patients: Patients, rank: Int32, first: int, last: int) -> Int32:
    """Return the practice each patient is registered with for a window.

    -1: no registration is known at all; NOT_IN_WINDOW: registered, but not in it.
    """
    r = patients.registrations
    home = np.full(patients.size, -1, dtype=np.int32)
    registered_homes(r.offset, r.start, r.end, r.value, rank, first, last, home)
    return home


def births(patients: Patients) -> Int32:
    """Return each patient's day of birth as a day number, NEVER where unknown.

    Where only the year is known, as if born on 1 July.
    """
    table, row = patients.table, patients.row
    born = days(table, "birth_date", NEVER).copy()  # Arrow's own memory must not be written to
    if "birth_year" in table.column_names:
        year = table.column("birth_year").fill_null(0)
        years = whole(pa.table({"birth_year": year}), "birth_year")
        use = (born == NEVER) & (years > 0)
        middle = (years[use] - EPOCH.year).astype("datetime64[Y]").astype("datetime64[D]")
        leap = middle.astype(np.int32)
        # 1 July is 181 days after 1 January, 182 in a leap year
        leaps = ((years[use] % 4 == 0) & (years[use] % 100 != 0)) | (years[use] % 400 == 0)
        born[use] = leap + 181 + leaps.astype(np.int32)
    result = np.full(patients.size, NEVER, dtype=np.int32)
    has = row >= 0
    result[has] = born[row[has]]
    return result


def band_limits(patients: Patients) -> Int32:
    """Return the days on which each patient enters the next age band; NEVER for all if unknown."""
    born = births(patients)
    known = born != NEVER
    limits = np.full((patients.size, 6), NEVER, dtype=np.int32)
    limits[known] = age_limits(born[known])
    return limits
