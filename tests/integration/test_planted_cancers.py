"""A practice planted by the simulation: the audit finds it, and finds nothing where none is."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import hamlets
from hamlets.booking.simulation.illness import SYMPTOMS
from hamlets.booking.simulation.synth import make_setting, synthesise
from hamlets.continuity import audit
from hamlets.continuity.results import Audit

CODES = tuple(symptom.code for symptom in SYMPTOMS)


def audited(folder: Path, planted: tuple[str, ...]) -> Audit:
    setting = make_setting(
        practices=1, patients=14_000, months=24, seed=4, end=date(2025, 12, 31), scattered=planted
    )
    synthesise(setting, folder / "store")
    with hamlets.open_store(folder / "store") as store:
        return audit(store, "cancer_diagnosis", symptoms=CODES)


@pytest.fixture
def pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Audit, Audit]:
    monkeypatch.setenv("HAMLETS_KEY_FILE", str(tmp_path / "pseudonym.key"))
    return audited(tmp_path / "plain", ()), audited(tmp_path / "planted", ("EX001",))


def test_the_audit_finds_the_plant_and_nothing_without_it(pair: tuple[Audit, Audit]) -> None:
    plain, planted = pair
    cases, controls = planted.group("cases"), planted.group("controls")
    assert cases.n_patients > 20
    gps, of_controls = cases.mean("gps"), controls.mean("gps")
    assert gps.value is not None
    assert gps.lower is not None
    assert of_controls.upper is not None
    assert gps.lower > of_controls.upper

    # the same people have the same cancers, and meet many more GPs
    unplanted = plain.group("cases")
    assert unplanted.n_patients == cases.n_patients
    before = unplanted.mean("gps").value
    assert before is not None
    assert 1.35 < gps.value / before < 2.5

    # where nothing was planted, GPs are not more than contacts explain
    expected, found = unplanted.mean("gps").chance, unplanted.mean("gps").value
    assert expected is not None
    assert found is not None
    assert found < expected
