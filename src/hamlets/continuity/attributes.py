"""Group codes of patients and of contacts in one home practice."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hamlets.continuity import ladder
from hamlets.continuity.calendar import (
    AGE_BANDS,
    CORE_ENDS,
    CORE_STARTS,
    HOURS,
    Window,
    core_days,
    months_of,
)
from hamlets.continuity.cohorts import COHORTS, Bools, Frequent, cohort_members
from hamlets.continuity.columns import NEVER, Int32, one_chunk, whole
from hamlets.continuity.contacts import Contacts
from hamlets.continuity.dimensions import Codes, Labels, distinct_codes
from hamlets.continuity.frame import Patients, band_limits
from hamlets.continuity.reference import Reference
from hamlets.records.tables import MODES, ROLES, URGENCIES

N_BANDS = ("1", "2", "3-4", "5-9", "10+")
UNKNOWN = "unknown"
CONTACT_COLUMNS = {
    "mode": ("mode",),
    "hours": ("start_second", "time_known"),
    "site": ("site",),
    "urgency": ("urgency",),
}
"""Columns of appointments that a contact group needs beyond the usual ones."""


def n_band(n: Int32) -> Int32:
    """Return the band of each number of contacts, -1 for none."""
    return (np.searchsorted([1, 2, 3, 5, 10], n, side="right") - 1).astype(np.int32)


@dataclass
class Places:
    """Network and borough of each practice code, as shared codes."""

    network: Int32
    borough: Int32


@dataclass
class Attributes:
    """Codes of the groups for one home practice and window."""

    patients: Patients
    contacts: Contacts
    rows: pa.Table
    reference: Reference
    labels: Labels
    places: Places
    window: Window
    named_to: Int32
    """Named GP (person code) of each patient on the window's last day, or a reason below 0."""
    team_to: Int32
    first_day: int
    frequent: Frequent = field(default_factory=Frequent)

    def __post_init__(self) -> None:
        self._limits: Int32 | None = None
        self._cohorts: dict[str, Bools] = {}
        self._made: dict[tuple[str, str], Codes] = {}

    @property
    def limits(self) -> Int32:
        if self._limits is None:
            self._limits = band_limits(self.patients)
        return self._limits

    def homes(self) -> Codes:
        """Return the practice each patient belongs to."""
        key = ("patient", "practice")
        if key not in self._made:
            self._made[key] = distinct_codes(self.contacts.home)
        return self._made[key]

    def of_patients(self, group: str) -> Codes:
        """Return the group of each patient, at the window's last day."""
        key = ("patient", group)
        if key not in self._made:
            self._made[key] = self._patient_codes(group)
        return self._made[key]

    def _patient_codes(self, group: str) -> Codes:
        if group == "practice":
            return self.homes()
        if group in ("network", "borough"):
            homes = self.homes()
            table = self.places.network if group == "network" else self.places.borough
            return Codes(homes.values, table[homes.shared])
        if group == "list":
            return distinct_codes(self.named_to)
        if group == "team":
            return distinct_codes(self.team_to)
        if group == "n_band":
            n = self.contacts.high - self.contacts.low
            return Codes(n_band(n), self.labels.codes(group, N_BANDS))
        if group == "age_band":
            band = (self.limits <= self.window.last).sum(axis=1).astype(np.int32)
            band[self.limits[:, 0] == NEVER] = len(AGE_BANDS)
            return Codes(band, self.labels.codes(group, [*AGE_BANDS, UNKNOWN]))
        if group == "imd_quintile":
            return self._quintile()
        return self._text(group)

    def _by_row(self, values: Int32, unknown: int) -> Int32:
        result = np.full(self.patients.size, unknown, dtype=np.int32)
        has = self.patients.row >= 0
        result[has] = values[self.patients.row[has]]
        return result

    def _quintile(self) -> Codes:
        words = ["1", "2", "3", "4", "5", UNKNOWN]
        column = self.patients.table.column("imd_decile").cast(pa.int32()).fill_null(0)
        decile = whole(pa.table({"d": column}), "d")
        quintile = np.where(decile > 0, (decile + 1) // 2 - 1, 5).astype(np.int32)
        return Codes(self._by_row(quintile, 5), self.labels.codes("imd_quintile", words))

    def _text(self, group: str) -> Codes:
        column = one_chunk(self.patients.table.column(group))
        encoded = pc.fill_null(column.cast(pa.string()), UNKNOWN).dictionary_encode()
        words = [*encoded.dictionary.to_pylist(), UNKNOWN]
        values = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
        return Codes(self._by_row(values, len(words) - 1), self.labels.codes(group, words))

    def cohort(self, name: str) -> Bools:
        """Return which patients are in a cohort at the window's last day."""
        if name not in self._cohorts:
            self._cohorts[name] = cohort_members(
                name,
                self.patients,
                self.contacts,
                self.window,
                self.limits,
                self.frequent,
                whole(self.rows, "start_day"),
            )
        return self._cohorts[name]

    def cohort_codes(self, name: str) -> Codes:
        """Return 0-based codes of one cohort: its own code for members, -1 for the others."""
        shared = self.labels.codes("cohort", COHORTS)
        local = np.where(self.cohort(name), COHORTS.index(name), -1).astype(np.int32)
        return Codes(local, shared)

    def of_contacts(self, group: str) -> Codes:
        """Return the group of each counted contact, on its day."""
        key = ("contact", group)
        if key not in self._made:
            self._made[key] = self._contact_codes(group)
        return self._made[key]

    def _contact_codes(self, group: str) -> Codes:
        c = self.contacts
        if group == "list":
            lists = c.lists if len(c.lists) else np.array([-1], dtype=np.int32)
            return Codes(np.maximum(c.named, -1), lists)
        if group == "team":
            return distinct_codes(c.named_team)
        if group == "age_band":
            counts = np.diff(c.offset)
            limits = np.repeat(self.limits, counts, axis=0)
            band = (limits <= c.day[:, None]).sum(axis=1).astype(np.int32)
            band[limits[:, 0] == NEVER] = len(AGE_BANDS)
            return Codes(band, self.labels.codes(group, [*AGE_BANDS, UNKNOWN]))
        return self.row_codes(group, c.row, c.day, c.role, c.where)

    def of_excluded(self, group: str, days: Int32) -> Codes:
        """Return the group of each row left out in the window (contact attributes only)."""
        c = self.contacts
        place = whole(self.rows, "practice")[c.excluded_row]
        role = np.zeros(len(c.excluded_row), dtype=np.int8)
        if group == "role" and "role" in self.rows.column_names:
            role = np.maximum(whole(self.rows, "role", np.int8)[c.excluded_row], 0)
        if group == "hub":
            home = c.home[c.excluded_patient]
            values = np.where((home >= 0) & (place != home), 1, 0).astype(np.int32)
            return Codes(values, self.labels.codes("hub", ["no", "yes"]))
        return self.row_codes(group, c.excluded_row, days, role, None)

    def row_codes(
        self, group: str, row: Int32, day: Int32, role: Any, where: Int32 | None
    ) -> Codes:
        """Return a contact attribute's codes for some rows of the appointments."""
        if group == "month":
            start, month = months_of(self.first_day, self.window.last)
            values = month[np.clip(day - self.first_day, 0, len(month) - 1)]
            return Codes(values, np.arange(start, start + int(month[-1]) + 1, dtype=np.int32))
        if group == "hours":
            return self._hours(row, day)
        if group == "site":
            site = whole(self.rows, "site")[row]
            shared, local = np.unique(site, return_inverse=True)
            return Codes(local.astype(np.int32), shared.astype(np.int32))
        if group == "role":
            return Codes(role.astype(np.int32), self.labels.codes(group, ROLES))
        if group == "hub":
            c = self.contacts
            patient = np.repeat(np.arange(len(c.home)), np.diff(c.offset))
            places = c.places[c.where if where is None else where]
            values = (places != c.home[patient]).astype(np.int32)
            return Codes(values, self.labels.codes("hub", ["no", "yes"]))
        words = MODES if group == "mode" else URGENCIES
        code = np.maximum(whole(self.rows, group, np.int8)[row], 0).astype(np.int32)
        return Codes(code, self.labels.codes(group, words))

    def _hours(self, row: Int32, day: Int32) -> Codes:
        shared = self.labels.codes("hours", HOURS)
        if len(row) == 0:
            return Codes(np.empty(0, dtype=np.int32), shared)
        first = int(day.min())
        core = core_days(first, int(day.max()))[day - first]
        second = whole(self.rows, "start_second")[row]
        open_hours = (second >= CORE_STARTS) & (second < CORE_ENDS)
        values = np.where(core, np.where(open_hours, 0, 1), 2).astype(np.int32)
        known = np.asarray(self.rows.column("time_known").to_numpy(zero_copy_only=False))[row]
        values[core & ~known.astype(bool)] = 3
        return Codes(values, shared)


def named_and_team_at(
    patients: Patients, reference: Reference, day: int, teams: bool
) -> tuple[Int32, Int32]:
    """Return each patient's named GP on a day, or a reason below 0, and the GP's team or -1."""
    named = np.empty(patients.size, dtype=np.int32)
    n, r, t = patients.named, reference.lists, reference.teams
    ladder.named_at(
        n.offset,
        n.start,
        n.end,
        n.value,
        r.offset,
        r.start,
        r.end,
        reference.list_may,
        reference.leaves,
        day,
        named,
    )
    team = np.full(patients.size, -1, dtype=np.int32)
    if teams and len(t.value):
        persons = distinct_codes(named).shared
        of_person = {
            int(d): ladder.team_on(
                int(t.offset[d]),
                int(t.offset[d + 1]),
                t.start,
                t.end,
                t.value,
                reference.team_lead,
                day,
            )
            for d in persons.tolist()
            if d >= 0
        }
        table = np.full(reference.people, -1, dtype=np.int32)
        for person, code in of_person.items():
            table[person] = code
        has = named >= 0
        team[has] = table[named[has]]
    return named, team
