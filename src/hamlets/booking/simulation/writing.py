"""One practice of the invented borough as canonical tables, and tables as Parquet files."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from hamlets.booking.simulation.arrays import (
    chosen,
    day_column,
    numbered,
    time_column,
    value_column,
)
from hamlets.booking.simulation.identities import draw_names, numbers_in
from hamlets.booking.simulation.observations import CODES
from hamlets.booking.simulation.patients import ETHNICITIES, LANGUAGES
from hamlets.booking.simulation.world import (
    CONDITIONS,
    HALVES,
    Book,
    Bools,
    Illness,
    Observations,
    PracticeWorld,
    Setting,
    stream,
)
from hamlets.records.tables import MODES, ROLES, STATUSES, TABLES, URGENCIES

PURPOSE = 5
REGISTER_CODES = {name: f"EX-REG-{name.upper().replace('_', '-')}" for name in CONDITIONS}
"""Invented clinical codes of the registers."""

_ROLE_WORDS = {"gp": "GP", "nurse": "Nurse", "pharmacist": "Pharmacist"}
Ints = npt.NDArray[np.int64]


def practice_tables(
    setting: Setting,
    world: PracticeWorld,
    illness: Illness,
    book: Book,
    observations: Observations,
    numbers: range | None = None,
) -> dict[str, pa.Table]:
    """Return the practice's rows by table, none of them about days that are not kept.

    ``numbers`` = the part of the 999 range for its patients' NHS numbers; without it they
    have neither numbers nor names.
    """
    return _Practice(setting, world, illness, book, observations, numbers).tables()


class _Practice:
    """The practice and which of its patients anything is said about."""

    def __init__(
        self,
        setting: Setting,
        world: PracticeWorld,
        illness: Illness,
        book: Book,
        observations: Observations,
        numbers: range | None = None,
    ) -> None:
        self.setting, self.world = setting, world
        self.illness, self.book, self.observed = illness, book, observations
        self.numbers = numbers
        epoch = date(1970, 1, 1)
        self.first = (setting.first - epoch).days
        self.last = (setting.last - epoch).days
        self.id = world.practice.practice_id
        # people who left while the simulation warmed up are on no extract
        self.kept: Bools = world.patients.registered_to > self.first

    def tables(self) -> dict[str, pa.Table]:
        found = {
            "patients": self._patients(),
            "registrations": self._registrations(),
            "named_gps": self._named_gps(),
            "appointments": self._appointments(),
            "conditions": self._conditions(),
            "events": self._events(),
            "observations": self._observations(),
            "sessions": self._sessions(),
            "slots": self._slots(),
        }
        return {name: table for name, table in found.items() if table.num_rows}

    def _ids(self, patients: npt.NDArray[np.int32] | Ints) -> pa.DictionaryArray:
        return chosen(self.world.patients.patient_id, patients)

    def _staff(self, staff: npt.NDArray[np.int32] | Ints) -> pa.DictionaryArray:
        return chosen(self.world.clinicians.staff_id, staff)

    def _places(self, staff: npt.NDArray[np.int32]) -> pa.DictionaryArray:
        """Return the practice, or the hub where the staff are the hub's."""
        at_hub = self.world.clinicians.hub[staff]
        return chosen((self.id, self.world.practice.hub_id), at_hub.astype(np.int32))

    def _site_ids(self, site: npt.NDArray[np.int8]) -> pa.DictionaryArray:
        practice = self.world.practice
        words = (*practice.sites, f"{practice.hub_id}-S1")
        return chosen(words, np.where(site < 0, len(practice.sites), site))

    def _patients(self) -> pa.Table:
        patients = self.world.patients
        who = np.flatnonzero(self.kept)
        areas, area = np.unique(patients.area[who], return_inverse=True)
        called: dict[str, pa.Array] = {}
        if self.numbers is not None:
            names = draw_names(self.setting.seed, self._number, patients.household)
            called = {
                "nhs_number": numbers_in(self.numbers, who.size),
                "name": names.take(pa.array(who)),
            }
        return pa.table(
            {
                "patient_id": self._ids(who),
                **called,
                "practice_id": chosen((self.id,), np.zeros(who.size, np.int32)),
                "birth_date": day_column(patients.birth_day[who]),
                "sex": chosen(("female", "male"), patients.male[who].astype(np.int32)),
                "ethnicity": chosen(ETHNICITIES, patients.ethnicity[who]),
                "language": chosen(LANGUAGES, patients.language[who]),
                "household_id": numbered(f"{self.id}-H", patients.household[who] + 1, 6),
                "lsoa_code": chosen([f"EX-LSOA-{a + 1:03d}" for a in areas.tolist()], area),
                "imd_decile": pa.array(patients.imd_decile[who].astype(np.int32)),
                "housebound": pa.array(patients.housebound[who]),
                "death_date": day_column(patients.death_day[who]),
            }
        )

    def _registrations(self) -> pa.Table:
        patients = self.world.patients
        who = np.flatnonzero(self.kept)
        return pa.table(
            {
                "patient_id": self._ids(who),
                "practice_id": chosen((self.id,), np.zeros(who.size, np.int32)),
                "from_date": day_column(patients.registered_from[who]),
                "to_date": day_column(patients.registered_to[who]),
            }
        )

    def _named_gps(self) -> pa.Table:
        named = self.world.patients.named
        who = np.repeat(np.arange(self.kept.size), np.diff(named.offset))
        rows = np.flatnonzero(self.kept[who] & (named.from_day <= self.last))
        until = named.to_day[rows]
        return pa.table(
            {
                "patient_id": self._ids(who[rows]),
                "staff_id": self._staff(named.staff[rows]),
                "from_date": day_column(named.from_day[rows]),
                "to_date": day_column(until),
                "source": chosen(("clinical_system",), np.zeros(rows.size, np.int32)),
            }
        )

    def _appointments(self) -> pa.Table:
        book = self.book
        rows = np.flatnonzero((book.day >= self.first) & self.kept[book.patient])
        staff, day, minute = book.staff[rows], book.day[rows], book.minute[rows]
        return pa.table(
            {
                "patient_id": self._ids(book.patient[rows]),
                "staff_id": self._staff(staff),
                "practice_id": self._places(staff),
                "start_time": time_column(day, minute),
                "appointment_id": numbered(f"{self.id}-A", rows + 1, 8),
                "booked_time": time_column(book.booked_day[rows], book.booked_minute[rows]),
                "status": chosen(STATUSES, book.status[rows]),
                "mode": chosen(MODES, book.mode[rows]),
                "urgency": chosen(URGENCIES, book.urgency[rows]),
                "duration_minutes": pa.array(book.duration_minutes[rows].astype(np.int32)),
                "site_id": self._site_ids(book.site[rows]),
            }
        )

    def _conditions(self) -> pa.Table:
        patients, random = self.world.patients, stream(self.setting.seed, self._number, PURPOSE)
        until = np.minimum(patients.registered_to.astype(np.int64) - 1, self.last)
        parts: list[tuple[Ints, int, Ints]] = []
        for position, name in enumerate(CONDITIONS):
            has = (patients.conditions >> position) & 1 == 1
            # known for some years, from a tenth of one's life on
            years = random.gamma(1.5, 5.0, patients.size)
            since = until - np.ceil(years * 365.25).astype(np.int64)
            since = np.maximum(since, (0.9 * patients.birth_day + 0.1 * until).astype(np.int64))
            if name in _RECENT:
                since = np.maximum(since, until - random.integers(0, _RECENT[name], since.size))
            since, has = self._from_events(name, since, has)
            who = np.flatnonzero(has & self.kept & (since <= until))
            parts.append((who, position, since[who]))
        who = np.concatenate([p[0] for p in parts])
        code = np.concatenate([np.full(p[0].size, p[1]) for p in parts])
        return pa.table(
            {
                "patient_id": self._ids(who),
                "code": chosen([REGISTER_CODES[name] for name in CONDITIONS], code),
                "from_date": day_column(np.concatenate([p[2] for p in parts])),
                "register": chosen(CONDITIONS, code),
            }
        )

    @property
    def _number(self) -> int:
        return self.world.practice.number

    def _from_events(self, name: str, since: Ints, has: Bools) -> tuple[Ints, Bools]:
        """Return onsets and members with the diagnoses that are events: those have their day."""
        if name != "cancer":
            return since, has
        known = np.array([kind == "cancer_diagnosis" for kind in self.illness.event_type], bool)
        known &= self.illness.event_day <= self.last
        who, day = self.illness.event_patient[known], self.illness.event_day[known]
        order = np.argsort(day, kind="stable")[::-1]
        # who has the register but no diagnosis in these years has had it for longer
        since = np.minimum(since, self.first - 60)
        since[who[order]] = day[order]
        has = has.copy()
        has[who] = True
        return since, has

    def _events(self) -> pa.Table:
        illness = self.illness
        rows = np.flatnonzero((illness.event_day <= self.last) & self.kept[illness.event_patient])
        kinds, kind = np.unique(np.array(illness.event_type, object), return_inverse=True)
        codes, code = np.unique(np.array(illness.event_code, object), return_inverse=True)
        return pa.table(
            {
                "patient_id": self._ids(illness.event_patient[rows]),
                "event_type": chosen(kinds.tolist(), kind[rows]),
                "event_date": day_column(illness.event_day[rows]),
                "code": chosen(codes.tolist(), code[rows]),
            }
        )

    def _observations(self) -> pa.Table:
        observed = self.observed
        rows = np.flatnonzero((observed.day <= self.last) & self.kept[observed.patient])
        units = list(dict.fromkeys(c.unit for c in CODES if c.unit))
        unit = np.array([units.index(c.unit) if c.unit else -1 for c in CODES], np.int32)
        code = observed.code[rows]
        return pa.table(
            {
                "patient_id": self._ids(observed.patient[rows]),
                "code": chosen([c.code for c in CODES], code),
                "date": day_column(observed.day[rows]),
                "value": value_column(observed.value[rows]),
                "unit": chosen(units, np.where(np.isnan(observed.value[rows]), -1, unit[code])),
            }
        )

    def _sessions(self) -> pa.Table:
        """Return the practice's own rota; the hub's is the borough's."""
        rota = self.world.rota
        rows = np.flatnonzero((rota.site >= 0) & (rota.day >= self.first))
        words = ("Morning surgery", "Afternoon surgery", "Evening surgery")
        return pa.table(
            {
                "staff_id": self._staff(rota.staff[rows]),
                "practice_id": chosen((self.id,), np.zeros(rows.size, np.int32)),
                "start_time": time_column(rota.day[rows], rota.start_minute[rows]),
                "end_time": time_column(rota.day[rows], rota.end_minute[rows]),
                "site_id": chosen(self.world.practice.sites, rota.site[rows]),
                "session_type": chosen(words[: len(HALVES)], rota.half[rows]),
                "slots": pa.array(rota.slots[rows].astype(np.int32)),
            }
        )

    def _slots(self) -> pa.Table:
        book = self.book
        rows = np.flatnonzero(book.free_day >= self.first)
        staff, day, minute = book.free_staff[rows], book.free_day[rows], book.free_minute[rows]
        words = [f"{_role_words(r)} {k}" for r in ROLES for k in ("routine", "same day")]
        kind = self.world.clinicians.role[staff].astype(np.int32) * 2
        kind += book.free_same_day[rows].astype(np.int32)
        used, kind = np.unique(kind, return_inverse=True)
        return pa.table(
            {
                "slot_id": numbered(f"{self.id}-S", rows + 1, 8),
                "staff_id": self._staff(staff),
                "practice_id": self._places(staff),
                "start_time": time_column(day, minute),
                "end_time": time_column(day, minute + book.free_minutes[rows]),
                "status": chosen(("free",), np.zeros(rows.size, np.int32)),
                "site_id": self._slot_sites(staff, day, minute),
                "slot_type": chosen([words[k] for k in used.tolist()], kind),
            }
        )

    def _slot_sites(
        self,
        staff: npt.NDArray[np.int32],
        day: npt.NDArray[np.int32],
        minute: npt.NDArray[np.int16],
    ) -> pa.DictionaryArray:
        """Return the site of the session that each slot is in."""
        rota = self.world.rota
        begins = _moment(rota.staff, rota.day, rota.start_minute)
        order = np.argsort(begins, kind="stable")
        place = np.searchsorted(begins[order], _moment(staff, day, minute), side="right") - 1
        return self._site_ids(rota.site[order[place]])


_RECENT = {"palliative_care": 500}
"""Registers that nobody is on for longer than so many days."""


def _moment(
    staff: npt.NDArray[np.int32], day: npt.NDArray[np.int32], minute: npt.NDArray[np.int16]
) -> Ints:
    return (staff.astype(np.int64) * 100_000 + day) * 1_440 + minute


def _role_words(role: str) -> str:
    family = "gp" if role.startswith("gp") else role
    return _ROLE_WORDS.get(family, family.replace("_", " ").capitalize())


def write_tables(folder: Path, tables: dict[str, pa.Table], part: int, packed: bool) -> None:
    """Write each table as one part of its name; ``packed`` for files that are kept."""
    for name, table in tables.items():
        if name not in TABLES:
            raise KeyError(name)
        pq.write_table(
            table,
            folder / f"{name}-{part:04d}.parquet",
            compression="zstd" if packed else "none",
            compression_level=1 if packed else None,
            write_statistics=False,
            store_schema=False,
        )
