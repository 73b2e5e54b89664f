"""A large made-up extract as Parquet files, by numpy: for comparing engines at size.

Nothing is drawn that the definitions leave open: every contact has a clinician record, ids
decide no tie but those within a minute, and there is one dated named GP entry a day at most.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

FIRST = date(2023, 1, 1)
DAYS = 880
GPS_A_PRACTICE = 9
PATIENTS_A_PRACTICE = 6000
EPOCH_DAY = (FIRST - date(1970, 1, 1)).days


def _ids(prefix: str, numbers: np.ndarray, width: int) -> pa.Array:
    text = np.char.zfill(numbers.astype(f"U{width}"), width)
    return pa.array(np.char.add(prefix, text))


def write_large_extract(folder: Path, rows: int, seed: int = 1) -> Path:
    """Write an extract of about ``rows`` appointments and return its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    patients = max(rows // 25, 50)
    practices = max(patients // PATIENTS_A_PRACTICE, 2)
    home = rng.integers(0, practices, patients)
    named = home * GPS_A_PRACTICE + rng.integers(0, GPS_A_PRACTICE - 2, patients)
    _write_staff(folder, practices)
    _write_patients(folder, rng, home, named)
    _write_appointments(folder, rng, rows, home, named)
    return folder


def _write_staff(folder: Path, practices: int) -> None:
    n = practices * GPS_A_PRACTICE
    number = np.arange(n)
    place = number % GPS_A_PRACTICE
    roles = np.array(["gp_partner", "gp_salaried", "gp", "gp_salaried", "gp_partner"])[place % 5]
    roles = np.where(place == GPS_A_PRACTICE - 1, "gp_locum", roles)
    roles = np.where(place == GPS_A_PRACTICE - 2, "nurse", roles)
    staff = _ids("s", number, 6)
    _save(
        folder / "staff.parquet",
        {
            "staff_id": staff,
            "practice_id": _ids("G", number // GPS_A_PRACTICE, 5),
            "role": pa.array(roles),
        },
    )
    team = _ids("T", number // 3, 6)
    first_of_team = distinct(number // 3)
    _save(
        folder / "teams.parquet",
        {
            "team_id": _ids("T", first_of_team, 6),
            "practice_id": _ids("G", first_of_team * 3 // GPS_A_PRACTICE, 5),
        },
    )
    # Some joined later, some left: the fixed map and the day's team differ.
    joined = [FIRST + timedelta(days=200) if i % 5 == 0 else None for i in range(n)]
    left = [FIRST + timedelta(days=600) if i % 7 == 0 else None for i in range(n)]
    _save(
        folder / "team_members.parquet",
        {
            "team_id": team,
            "staff_id": staff,
            "from_date": pa.array(joined, pa.date32()),
            "to_date": pa.array(left, pa.date32()),
        },
    )
    _save(
        folder / "buddies.parquet",
        {"staff_id": staff, "buddy_staff_id": _ids("s", number ^ 1, 6)},
        slice(0, n - n % 2),
    )


def distinct(numbers: np.ndarray) -> np.ndarray:
    """Return the distinct numbers, ascending."""
    return np.unique(numbers)


def _write_patients(
    folder: Path, rng: np.random.Generator, home: np.ndarray, named: np.ndarray
) -> None:
    n = len(home)
    ids = _ids("p", np.arange(n), 8)
    _save(folder / "patients.parquet", {"patient_id": ids, "practice_id": _ids("G", home, 5)})
    registered = np.where(rng.random(n) < 0.9, EPOCH_DAY - 2000, EPOCH_DAY + 300)
    ended = np.where(rng.random(n) < 0.03, EPOCH_DAY + 700, 0)
    to_date = pa.array(ended.astype("int32"), mask=ended == 0).cast(pa.date32())
    _save(
        folder / "registrations.parquet",
        {
            "patient_id": ids,
            "practice_id": _ids("G", home, 5),
            "from_date": pa.array(registered.astype("int32")).cast(pa.date32()),
            "to_date": to_date,
        },
    )
    # A fifth changed their named GP on day 400; a tenth have none.
    changed = (rng.random(n) < 0.2) & (np.arange(n) % 10 != 0)
    has = np.arange(n) % 10 != 0
    later = home * GPS_A_PRACTICE + (named + 1) % (GPS_A_PRACTICE - 2)
    first_end = np.where(changed, EPOCH_DAY + 400, 0)[has].astype("int32")
    first = {
        "patient_id": ids.filter(pa.array(has)),
        "staff_id": _ids("s", named[has], 6),
        "from_date": pa.array(np.full(int(has.sum()), EPOCH_DAY - 900, "int32")).cast(pa.date32()),
        "to_date": pa.array(first_end, mask=first_end == 0).cast(pa.date32()),
    }
    second = {
        "patient_id": ids.filter(pa.array(changed)),
        "staff_id": _ids("s", later[changed], 6),
        "from_date": pa.array(np.full(int(changed.sum()), EPOCH_DAY + 400, "int32")).cast(
            pa.date32()
        ),
        "to_date": pa.nulls(int(changed.sum()), pa.date32()),
    }
    both = pa.concat_tables([pa.table(first), pa.table(second)])
    pq.write_table(both, folder / "named_gps.parquet")


def _write_appointments(
    folder: Path, rng: np.random.Generator, rows: int, home: np.ndarray, named: np.ndarray
) -> None:
    writer: pq.ParquetWriter | None = None
    chunk = 1_000_000
    for begin in range(0, rows, chunk):
        n = min(chunk, rows - begin)
        patient = (len(home) * rng.random(n) ** 1.3).astype("int64")
        away = rng.random(n) < 0.04
        at = np.where(away, rng.integers(0, home.max() + 1, n), home[patient])
        anyone = at * GPS_A_PRACTICE + rng.integers(0, GPS_A_PRACTICE, n)
        own = (rng.random(n) < 0.45) & ~away
        staff = np.where(own, named[patient], anyone)
        day = EPOCH_DAY + rng.integers(0, DAYS, n)
        # Ten-minute slots: many of a patient's contacts would tie without the ids.
        second = 8 * 3600 + 600 * rng.integers(0, 60, n)
        start = pa.array((day * 86400 + second).astype("int64")).cast(pa.timestamp("s"))
        status = rng.choice(["attended", "arrived", "did_not_attend", "cancelled"], n, p=STATUS)
        table = pa.table(
            {
                "patient_id": _ids("p", patient, 8),
                "staff_id": _ids("s", staff, 6),
                "practice_id": _ids("G", at, 5),
                "start_time": start,
                "appointment_id": _ids("a", begin + rng.permutation(n), 9),
                "status": pa.array(status),
                "mode": pa.array(rng.choice(["face_to_face", "telephone", "group"], n, p=MODE)),
            }
        )
        if writer is None:
            writer = pq.ParquetWriter(folder / "appointments.parquet", table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


STATUS = (0.85, 0.05, 0.06, 0.04)
MODE = (0.7, 0.28, 0.02)


def _save(path: Path, columns: dict[str, pa.Array], rows: slice = slice(None)) -> None:
    table = pa.table(columns)
    pq.write_table(table.slice(0, len(range(table.num_rows)[rows])), path)
