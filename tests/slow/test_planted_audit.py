"""In an invented borough the practices with a planted cancer audit stand out, as planted."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import hamlets
from hamlets.continuity import audit_many
from hamlets.continuity.results import Audit, AuditGroupName
from tests.program import hamlets as run

PLANTED = ("EX001", "EX004")
LAST = date(2025, 12, 31)


def audits(path: Path, *words: str) -> dict[str, Audit]:
    size = ("--practices", "6", "--patients", "48000", "--months", "24", "--seed", "5")
    assert run("synth", "--store", path, *size, "--end", LAST, *words).code == 0
    with hamlets.open_store(path) as store:
        return audit_many(store, "cancer_diagnosis")


def mean_gps(found: dict[str, Audit], group: AuditGroupName, practices: tuple[str, ...]) -> float:
    """Return different GPs over all patients of some practices, from the distributions."""
    counts = [one.group(group).distribution for p, one in found.items() if p in practices]
    gps = sum(i * n for row in counts for i, n in enumerate(row))
    return gps / sum(n for row in counts for n in row)


@pytest.mark.slow
def test_planted_practices_stand_out_and_the_others_do_not(tmp_path: Path) -> None:
    plain = audits(tmp_path / "plain")
    planted = audits(tmp_path / "planted", *(w for p in PLANTED for w in ("--plant-cancer", p)))
    others = tuple(p for p in plain if p not in PLANTED)
    # twice as many as elsewhere, and as the same patients meet without the plant
    elsewhere = mean_gps(planted, "cases", others)
    assert 1.8 < mean_gps(planted, "cases", PLANTED) / elsewhere < 2.3
    assert 1.8 < mean_gps(planted, "cases", PLANTED) / mean_gps(plain, "cases", PLANTED) < 2.6
    # and nobody else is any different
    controls = mean_gps(planted, "controls", PLANTED) / mean_gps(planted, "controls", others)
    assert controls == pytest.approx(1, abs=0.25)
    for group in ("cases", "controls"):
        before = mean_gps(plain, group, others)
        assert mean_gps(planted, group, others) == pytest.approx(before, rel=0.1)
    above = {
        p: mean_gps(planted, "cases", (p,)) / mean_gps(planted, "controls", (p,)) for p in planted
    }
    assert set(sorted(above, key=lambda p: above[p])[-2:]) == set(PLANTED)
