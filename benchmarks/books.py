"""Made-up appointment books of any size, by numpy: the same numbers for the same seed.

A book has practices of uneven size, each with list-holding GPs who work from two to nine
sessions a week, registrars, locums, nurses and others, three micro-teams, and patients who
differ in how often they come and how loyal they are. Three patients in twenty change their
named GP on the way; one contact in fifty is at an extended-access hub.

No patient has two contacts in the same minute, so that an engine which orders by day and
second alone gets the order that the definitions ask for, and no rival has to read ids.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute

from benchmarks.sizes import Book
from benchmarks.writing import TableWriter

pc: Any = compute
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

FIRST, LAST = date(2024, 4, 1), date(2026, 3, 31)
EPOCH = date(1970, 1, 1)
FIRST_DAY, LAST_DAY = (FIRST - EPOCH).days, (LAST - EPOCH).days
TEAMS = 3
PRACTICES_A_HUB = 36
HUB_STAFF = 6
AWAY, NOBODY, GP_SHARE, CHANGED = 0.02, 0.005, 0.54, 0.15

OTHERS = (
    ("nurse", 0.40),
    ("advanced_practitioner", 0.16),
    ("pharmacist", 0.16),
    ("healthcare_assistant", 0.18),
    ("paramedic", 0.05),
    ("physiotherapist", 0.05),
)
STATUSES = (("attended", 0.87), ("arrived", 0.03), ("did_not_attend", 0.05), ("cancelled", 0.05))
MODES = (
    ("face_to_face", 0.62),
    ("telephone", 0.29),
    ("online", 0.05),
    ("home_visit", 0.02),
    ("group", 0.02),
)
AGES = ((0, 5), (5, 16), (16, 45), (45, 65), (65, 75), (75, 85), (85, 100))
AGE_SHARES = (0.06, 0.13, 0.42, 0.23, 0.09, 0.05, 0.02)
AGE_RATES = (1.1, 0.5, 0.75, 1.1, 1.6, 2.2, 2.6)


@dataclass(frozen=True)
class Practice:
    """One practice: its staff by position, shares of its GPs' and others' contacts."""

    number: int
    patients: int
    first_patient: int
    rows: int
    first_row: int
    first_staff: int
    roles: tuple[str, ...]
    sessions: Floats
    holders: int
    """The first ``holders`` of the staff may hold a list."""
    gps: int
    """The first ``gps`` of the staff are GPs."""


def _split(total: int, weights: Floats) -> Ints:
    """Share out a whole number in proportion to weights, to the last unit."""
    exact = total * weights / weights.sum()
    shares = np.floor(exact).astype(np.int64)
    left = total - int(shares.sum())
    shares[np.argsort(shares - exact, kind="stable")[:left]] += 1
    return shares


def practices_of(book: Book) -> list[Practice]:
    """Return the practices of a book, sized unevenly."""
    rng = np.random.default_rng([book.seed, 0])
    weights = np.exp(rng.normal(0.0, 0.45, book.practices))
    patients = 1 + _split(book.patients - book.practices, weights)
    rows = _split(book.rows, patients.astype(np.float64))
    made: list[Practice] = []
    staff = 0
    for number in range(book.practices):
        size = int(patients[number])
        holders = 3 + size // 1_800
        extra_gps = ("gp_registrar", "gp_registrar", "gp_locum", "gp_locum")[: 2 + size // 4_000]
        listed = tuple("gp_partner" if i % 3 else "gp_salaried" for i in range(holders))
        others = () if book.gp_only else tuple(role for role, _ in OTHERS)
        roles = (*listed, *extra_gps, *others)
        sessions = rng.integers(2, 10, len(roles)).astype(np.float64)
        made.append(
            Practice(
                number,
                size,
                int(patients[:number].sum()),
                int(rows[number]),
                int(rows[:number].sum()),
                staff,
                roles,
                sessions,
                holders,
                holders + len(extra_gps),
            )
        )
        staff += len(roles)
    return made


def _ids(prefix: str, numbers: npt.NDArray[Any], width: int) -> pa.Array:
    """Return ids of equal width: a prefix and a number."""
    digits = pc.utf8_slice_codeunits(pa.array(numbers + 10**width).cast(pa.string()), 1)
    return pc.binary_join_element_wise(prefix, digits, "")


def _days(numbers: npt.NDArray[Any], mask: npt.NDArray[np.bool_] | None = None) -> pa.Array:
    return pa.array(numbers.astype(np.int32), mask=mask).cast(pa.date32())


def _words(rng: np.random.Generator, choices: tuple[tuple[str, float], ...], n: int) -> pa.Array:
    edges = np.cumsum([share for _, share in choices])[:-1]
    codes = np.searchsorted(edges, rng.random(n), side="right").astype(np.int8)
    return pa.array([word for word, _ in choices]).take(pa.array(codes))


def _pick(rng: np.random.Generator, weights: Floats, n: int) -> Ints:
    edges = np.cumsum(weights / weights.sum())[:-1]
    return np.searchsorted(edges, rng.random(n), side="right")


def write_book(book: Book, folder: Path, kind: str = "parquet", dated: bool = True) -> Path:
    """Write the tables of a book as Parquet or CSV files and return the folder.

    Without ``dated``, only appointments, patients and staff: what a simple extract holds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    practices = practices_of(book)
    staff_count = practices[-1].first_staff + len(practices[-1].roles)
    _write_staff(book, practices, staff_count, folder, kind, dated)
    names = ["patients", "appointments", *(["named_gps"] if dated else [])]
    writers = {name: TableWriter(folder, name, kind) for name in names}
    for practice in practices:
        for name, table in _practice_tables(book, practice, staff_count):
            if name in writers:
                writers[name].write(table)
    for writer in writers.values():
        writer.close()
    return folder


def _hubs(practices: int) -> int:
    return -(-practices // PRACTICES_A_HUB)


def _write_staff(
    book: Book, practices: list[Practice], staff_count: int, folder: Path, kind: str, dated: bool
) -> None:
    hubs = _hubs(book.practices)
    home = np.concatenate([np.full(len(p.roles), p.number) for p in practices])
    places = pa.concat_arrays(
        [_ids("BENCH", home, 4), _ids("HUB", np.arange(hubs).repeat(HUB_STAFF), 4)]
    )
    roles = [role for p in practices for role in p.roles]
    roles += ["gp_salaried", "gp_locum", "gp_locum", "gp_salaried", "gp_registrar", "gp"] * hubs
    total = staff_count + hubs * HUB_STAFF
    sessions = np.concatenate([*(p.sessions for p in practices), np.full(hubs * HUB_STAFF, 2.0)])
    staff = {
        "staff_id": _ids("S", np.arange(total), 6),
        "practice_id": places,
        "role": pa.array(roles),
        "sessions_per_week": pa.array(sessions),
    }
    TableWriter.once(folder, "staff", kind, pa.table(staff))
    if not dated:
        return
    members = [
        (p.number * TEAMS + i % TEAMS, p.first_staff + i) for p in practices for i in range(p.gps)
    ]
    team, who = (np.array(column) for column in zip(*members, strict=True))
    teams = np.unique(team)
    TableWriter.once(
        folder,
        "teams",
        kind,
        pa.table({"team_id": _ids("T", teams, 5), "practice_id": _ids("BENCH", teams // TEAMS, 4)}),
    )
    TableWriter.once(
        folder,
        "team_members",
        kind,
        pa.table({"team_id": _ids("T", team, 5), "staff_id": _ids("S", who, 6)}),
    )
    pairs = np.array(
        [
            (p.first_staff + i, p.first_staff + (i ^ 1))
            for p in practices
            for i in range(p.holders - p.holders % 2)
        ]
    )
    TableWriter.once(
        folder,
        "buddies",
        kind,
        pa.table(
            {"staff_id": _ids("S", pairs[:, 0], 6), "buddy_staff_id": _ids("S", pairs[:, 1], 6)}
        ),
    )


def _practice_tables(
    book: Book, practice: Practice, staff_count: int
) -> Iterator[tuple[str, pa.Table]]:
    """Yield the patients, named GPs and appointments of one practice."""
    rng = np.random.default_rng([book.seed, 1 + practice.number])
    n = practice.patients
    ids = _ids("P", practice.first_patient + np.arange(n), 8)
    shares = practice.sessions[: practice.holders]
    first = _pick(rng, shares, n)
    changed = rng.random(n) < CHANGED
    then = np.where(changed, (first + 1) % practice.holders, first)
    change_day = np.where(changed, rng.integers(FIRST_DAY + 60, LAST_DAY - 60, n), LAST_DAY + 1)
    band = _pick(rng, np.array(AGE_SHARES), n)
    low, high = np.array(AGES).T
    age = low[band] + np.floor(rng.random(n) * (high - low)[band]).astype(np.int64)
    yield (
        "patients",
        pa.table(
            {
                "patient_id": ids,
                "practice_id": pa.array([f"BENCH{practice.number:04d}"] * n),
                "named_staff_id": _ids("S", practice.first_staff + then, 6),
                "birth_year": pa.array((LAST.year - age).astype(np.int32)),
                "sex": _words(rng, (("female", 0.51), ("male", 0.49)), n),
                "imd_decile": pa.array(rng.integers(1, 11, n).astype(np.int32)),
                "registered_from": _days(FIRST_DAY - rng.integers(1, 4_000, n)),
            }
        ),
    )
    both = np.concatenate([np.arange(n), np.flatnonzero(changed)])
    order = np.argsort(both, kind="stable")
    late = np.concatenate([np.zeros(n, bool), np.ones(len(both) - n, bool)])[order]
    who = both[order]
    ends = np.where(late, 0, np.where(changed[who], change_day[who], 0))
    yield (
        "named_gps",
        pa.table(
            {
                "patient_id": ids.take(pa.array(who)),
                "staff_id": _ids(
                    "S", practice.first_staff + np.where(late, then[who], first[who]), 6
                ),
                "from_date": _days(np.where(late, change_day[who], FIRST_DAY - 1_000)),
                "to_date": _days(ends, ends == 0),
            }
        ),
    )
    weight = rng.gamma(0.8, 1.0, n) * np.array(AGE_RATES)[band] + 0.02
    loyal = rng.beta(2.0, 2.4, n)
    patient = np.sort(_pick(rng, weight, practice.rows))
    minute = _minutes(rng, patient)
    day = minute // 1440
    named = np.where(day < change_day[patient], first[patient], then[patient])
    yield (
        "appointments",
        _appointments(rng, book, practice, staff_count, ids, patient, minute, named, loyal),
    )


def _minutes(rng: np.random.Generator, patient: Ints) -> Ints:
    """Return start minutes since 1970 on weekdays, ascending and distinct within a patient."""
    n = len(patient)
    weekdays = np.array([d for d in range(FIRST_DAY, LAST_DAY + 1) if (d + 3) % 7 < 5])
    day = weekdays[(rng.random(n) * len(weekdays)).astype(np.int64)]
    minute = day * 1440 + 480 + 5 * rng.integers(0, 132, n)
    order = np.lexsort((minute, patient))
    minute = minute[order]
    while True:
        again = np.zeros(n, dtype=bool)
        again[1:] = (patient[1:] == patient[:-1]) & (minute[1:] <= minute[:-1])
        if not again.any():
            return minute
        minute[again] = minute[np.flatnonzero(again) - 1] + 1


def _appointments(
    rng: np.random.Generator,
    book: Book,
    practice: Practice,
    staff_count: int,
    ids: pa.Array,
    patient: Ints,
    minute: Ints,
    named: Ints,
    loyal: Floats,
) -> pa.Table:
    """Return a practice's appointments, in the order in which they took place."""
    n = len(patient)
    everyone = practice.sessions.copy()
    any_gp = _pick(rng, everyone[: practice.gps], n)
    own = rng.random(n) < loyal[patient]
    who = np.where(own, named, any_gp)
    if not book.gp_only:
        shares = np.array([share for _, share in OTHERS])
        other = practice.gps + _pick(rng, shares, n)
        who = np.where(rng.random(n) < GP_SHARE, who, other)
    staff = practice.first_staff + who
    hub = practice.number // PRACTICES_A_HUB
    away = rng.random(n) < AWAY
    at_hub = staff_count + hub * HUB_STAFF + rng.integers(0, HUB_STAFF, n)
    staff = np.where(away, at_hub, staff)
    nobody = rng.random(n) < NOBODY
    order = np.argsort(minute, kind="stable")
    places = pa.array([f"BENCH{practice.number:04d}", f"HUB{hub:04d}"])
    staff_ids = pc.if_else(pa.array(nobody[order]), None, _ids("S", staff[order], 6))
    table = {
        "appointment_id": _ids("A", practice.first_row + np.arange(n), 9),
        "patient_id": ids.take(pa.array(patient[order])),
        "staff_id": staff_ids,
        "practice_id": places.take(pa.array(away[order].astype(np.int8))),
        "start_time": pa.array(minute[order] * 60).cast(pa.timestamp("s")),
        "status": _words(rng, STATUSES, n),
        "mode": _words(rng, MODES, n),
        "duration_minutes": pa.array((5 * rng.integers(1, 5, n)).astype(np.int32)),
    }
    return pa.table(table)


if __name__ == "__main__":
    import sys

    _folder, _kind, *_numbers, _gp_only = sys.argv[1:]
    _book = Book(*(int(number) for number in _numbers), gp_only=_gp_only == "gp")
    write_book(_book, Path(_folder), _kind, dated=_kind == "parquet")
