"""The shares that a load report gives of the appointments it read."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hamlets.records import load
from tests.oracles.stores import write_csv


def contact(minute: int, staff: str | None, status: str | None, **more: Any) -> dict[str, Any]:
    return {
        "patient_id": "p",
        "staff_id": staff,
        "practice_id": "G00001",
        "start_time": datetime(2024, 1, 5, 9, minute),
        "appointment_id": f"{minute}-{staff}",
        "status": status,
        **more,
    }


def shares(folder: Path, *rows: dict[str, Any]) -> dict[str, float | None]:
    return load(write_csv({"appointments": rows}, folder / "extract"), folder / "store").shares


def test_shares(tmp_path: Path) -> None:
    found = shares(
        tmp_path,
        contact(1, "a", "attended"),
        contact(1, "b", "attended"),  # two clinicians saw the patient together
        contact(2, None, "arrived"),
        contact(3, "a", "attended"),
        contact(3, "a", "attended"),
        contact(4, None, "did_not_attend"),
        contact(5, "a", "cancelled"),
        contact(6, "a", "booked"),
    )
    # The repeat of 3-a is a duplicate; what it says is read all the same.
    assert found == {
        "contacts_without_clinician": pytest.approx(1 / 5),
        "did_not_attend": pytest.approx(1 / 6),
        "shared_contacts": pytest.approx(2 / 5),
        "duplicates": pytest.approx(1 / 8),
    }


def test_contacts_by_date_alone_are_not_taken_for_shared(tmp_path: Path) -> None:
    rows = [contact(0, s, "attended", start_time="2024-01-05") for s in ("a", "b")]
    assert shares(tmp_path, *rows)["shared_contacts"] == 0


def test_no_share_of_nothing(tmp_path: Path) -> None:
    found = shares(tmp_path, contact(1, "a", "cancelled"))
    assert found["contacts_without_clinician"] is None
    assert found["did_not_attend"] is None
    assert found["duplicates"] == 0


def test_a_key_that_others_can_read_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = tmp_path / "open.key"
    key.write_text("ab" * 32)
    key.chmod(0o644)
    monkeypatch.setenv("HAMLETS_KEY_FILE", str(key))
    source = write_csv({"appointments": [contact(1, "a", "attended")]}, tmp_path / "extract")
    assert any("chmod 600" in w for w in load(source, tmp_path / "store").warnings)
    key.chmod(0o600)
    assert load(source, tmp_path / "store").warnings == []
