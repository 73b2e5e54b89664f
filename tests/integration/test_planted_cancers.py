"""A practice planted by the simulation: the audit finds it, and finds nothing where none is."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import hamlets
from hamlets.booking.simulation.illness import SYMPTOMS
from hamlets.booking.simulation.synth import make_setting, synthesise
from hamlets.continuity import audit
from hamlets.continuity.results import Audit
from tests.inside import hamlets as run

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
    assert 1.7 < gps.value / before < 2.4

    # where nothing was planted, GPs are not more than contacts explain
    expected, found = unplanted.mean("gps").chance, unplanted.mean("gps").value
    assert expected is not None
    assert found is not None
    assert found < expected


def test_the_commands_plant_and_find_a_practice_with_twice_as_many_gps(tmp_path: Path) -> None:
    store = ("--store", tmp_path / "store")
    size = ("--practices", 3, "--patients", 30_000, "--months", 24, "--seed", 5)
    made = run("synth", *store, *size, "--end", "2025-12-31", "--plant-cancer", "EX002")
    assert made.code == 0, made.err
    asked = ("--event", "cancer_diagnosis", "--by", "practice", "--format", "json")
    ran = run("audit", *store, *asked)
    assert ran.code == 0, ran.err
    planted = [one for one in ran.json if one["practice"] == "EX002"]
    others = [one for one in ran.json if one["practice"] != "EX002"]
    assert len(planted) == 1
    assert len(others) == 2
    assert 1.7 < mean_gps(planted, "cases") / mean_gps(others, "cases") < 2.4
    controls = mean_gps(planted, "controls") / mean_gps(others, "controls")
    assert controls == pytest.approx(1, abs=0.3)


def mean_gps(found: list[dict[str, Any]], name: str) -> float:
    """Return the mean of different GPs over the patients of some audits."""
    groups = [g for one in found for g in one["groups"] if g["name"] == name]
    means = [(g["n_patients"], m) for g in groups for m in g["means"] if m["measure"] == "gps"]
    assert len(means) == len(found)
    return sum(n * m["value"] for n, m in means) / sum(n for n, _ in means)
