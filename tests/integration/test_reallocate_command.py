"""`hamlets teams reallocate`: a leaver's list is shared out, everybody else stays if possible."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hamlets.records import open_store
from hamlets.teams.gathering import gather
from hamlets.teams.plans.storing import read_plan
from tests.program import hamlets


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("leaver") / "store"
    made = hamlets(
        "synth", "--store", where, "--practices", "1", "--patients", "4000", "--months", "13",
        "--seed", "5",
    )  # fmt: skip
    assert made.code == 0, made.err
    return where


def test_everybody_of_the_leaver_has_another_gp(store: Path) -> None:
    with open_store(store) as opened:
        practice = opened.labels("practice")[0]
        inputs = gather(opened, practice)
    staff, people = inputs.clinicians, inputs.people
    sizes = np.bincount(people.named[people.named >= 0], minlength=staff.size)
    who = int(sizes.argmax())
    leaver = staff.staff_id[who]

    ran = hamlets(
        "teams", "reallocate", "--store", store, "--practice", practice, "--leaver", leaver,
        "--date", "2030-06-30", "--format", "json",
    )  # fmt: skip

    assert ran.code == 0, ran.err
    found = ran.json
    assert (found["leaver"], found["date"]) == (leaver, "2030-06-30")
    assert found["patients"] == sizes[who] == found["stay_in_team"] + found["leave_team"]
    assert found["value"] <= found["bound"]
    kept = read_plan(store, found["plan_id"])
    new = dict(
        zip(
            kept.allocations["patient_id"].to_pylist(),
            kept.allocations["new_named_staff_id"].to_pylist(),
            strict=True,
        )
    )
    may = {name for row, name in enumerate(staff.staff_id) if staff.eligible[row]} - {leaver}
    others = 0
    for row, patient in enumerate(people.patient_id):
        assert new.get(patient) in may or people.named[row] < 0
        if people.named[row] >= 0 and people.named[row] != who:
            others += new[patient] != staff.staff_id[people.named[row]]
    assert others == found["others_moved"]


def test_who_is_no_gp_there_is_said(store: Path) -> None:
    with open_store(store) as opened:
        practice = opened.labels("practice")[0]

    ran = hamlets("teams", "reallocate", "--store", store, "--practice", practice, "--leaver", "X")

    assert ran.code == 8
    assert 'No GP "X" works at' in ran.err
    assert "Traceback" not in ran.err


def test_a_leaver_must_be_named(store: Path) -> None:
    assert hamlets("teams", "reallocate", "--store", store, "--practice", "EX001").code == 2
