"""Whatever goes wrong in a load, no patient identifier is in what is said about it."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from hamlets.errors import HamletsError
from hamlets.records import load
from tests.oracles.stores import write_csv

NUMBER, NAME, OWN_ID, HOUSE = "9990000018", "Ann Example-Ash", "patient-4711", "house-0815"
SECRETS = (NUMBER, "999 000 0018", NAME, OWN_ID, HOUSE, "1950-05-01")


def extract(folder: Path, **changes: Any) -> Path:
    row = {
        "patient_id": OWN_ID,
        "staff_id": "s1",
        "practice_id": "G00001",
        "start_time": datetime(2024, 1, 5, 9),
        "appointment_id": "a1",
        **changes,
    }
    patient = {
        "patient_id": OWN_ID,
        "practice_id": "G00001",
        "nhs_number": NUMBER,
        "name": NAME,
        "birth_date": date(1950, 5, 1),
        "household_id": HOUSE,
    }
    return write_csv({"appointments": [row], "patients": [patient]}, folder)


def break_nothing(_store: Path) -> None:
    pass


def break_file(store: Path) -> None:
    (path,) = store.glob("files/patients/*")
    path.write_bytes(path.read_bytes()[:-20])


def break_current(store: Path) -> None:
    (store / "CURRENT").write_text("nonsense")


@pytest.mark.parametrize(
    ("changes", "options", "break_store"),
    [
        ({"start_time": OWN_ID}, {}, break_nothing),
        ({"start_time": NUMBER}, {}, break_nothing),
        ({"patient_id": ""}, {}, break_nothing),
        ({}, {"identifiable": True}, break_nothing),
        ({"status": NUMBER}, {"profile": NAME}, break_nothing),
        ({"appointment_id": "a2"}, {}, break_file),
        ({"appointment_id": "a2"}, {}, break_current),
    ],
)
def test_no_identifier_in_an_error(
    tmp_path: Path,
    changes: dict[str, Any],
    options: dict[str, Any],
    break_store: Callable[[Path], None],
) -> None:
    store = tmp_path / "store"
    load(extract(tmp_path / "good"), store)
    break_store(store)
    source = extract(tmp_path / "bad", **changes)
    with pytest.raises(HamletsError) as caught:
        load(source, store, **options)
    said = "".join(traceback.format_exception(caught.value)) + str(caught.value.as_dict())
    said += "".join(p.read_text() for p in store.glob("quarantine/*/*.csv"))
    given = set(options.values())
    assert [s for s in SECRETS if s in said and s not in given] == []


def test_no_identifier_in_a_report_or_a_pseudonymous_store(tmp_path: Path) -> None:
    store = tmp_path / "store"
    report = load(extract(tmp_path / "good", status="no such word"), store)
    assert report.unmapped == {"appointments.status": {"no such word": 1}}
    again = load(extract(tmp_path / "more", patient_id=NUMBER, appointment_id="a2"), store)
    said = f"{report.as_dict()} {again.as_dict()}"
    names = " ".join(str(p) for p in store.rglob("*"))
    kept = b"".join(p.read_bytes() for p in store.rglob("*") if p.is_file())
    for secret in SECRETS:
        assert secret not in said
        assert secret not in names
        assert secret.encode() not in kept
