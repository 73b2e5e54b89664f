"""Named-GP health agrees with its slow twin about random worlds."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hamlets.errors import NothingToMeasureError
from tests.oracles.named_gps import NamedGps
from tests.oracles.stores import build_store
from tests.oracles.worlds import World, random_world

pytest.importorskip("numba")
TOOK_PLACE = ("arrived", "attended")
DAYS = (date(2025, 5, 20), date(2024, 11, 30), date(2025, 6, 15))
PROBLEMS = {"none", "left", "not_gp", "registrar_or_locum", "unknown_staff"}


def with_late_changes(world: World, rng: Random) -> World:
    """Add what health looks at: households, changes of the last weeks, people on no list."""
    for row in world["patients"]:
        row["household_id"] = rng.choice(("h1", "h2", None))
        if row.get("registered_from") and rng.random() < 0.3:
            row["registered_from"] = rng.choice(DAYS) - timedelta(days=rng.randint(0, 400))
            row["registered_to"] = None
    for row in list(world["named_gps"]):
        if rng.random() < 0.4:
            at = [s["staff_id"] for s in world["staff"]] + ["nobody-knows"]
            begins = rng.choice(DAYS) - timedelta(days=rng.choice((0, 5, 20, 21, 22, 60, 89, 90)))
            world["named_gps"].append(
                {
                    "patient_id": row["patient_id"],
                    "staff_id": rng.choice(at),
                    "from_date": begins,
                    "to_date": None,
                }
            )
    # Two entries of one patient and one day would be a question of which was loaded last.
    once = {(row["patient_id"], row["from_date"]): row for row in world["named_gps"]}
    return {**world, "named_gps": list(once.values())}


def found(path: Path, day: date) -> dict[str, dict[str, Any]]:
    """Return what the program says, in the twin's form."""
    import hamlets
    from hamlets.continuity.named_gps import named_gp_health

    result: dict[str, dict[str, Any]] = {}
    with hamlets.open_store(path) as store:
        try:
            health = named_gp_health(store, day=day, corrections=True)
        except NothingToMeasureError:
            return {}
    for one in health:
        counts = {c.finding: c.patients for c in (*one.problems, *one.warnings) if c.patients}
        result[one.practice_id] = {
            "registered": one.registered,
            "eligible": one.eligible,
            "counts": counts,
            "rows": {
                row.patient_id: (
                    sorted(row.findings),
                    row.tell_by and row.tell_by - timedelta(days=21),
                    row.suggested_staff_id,
                    row.suggested_why,
                    row.contacts_with_suggested,
                )
                for row in one.corrections
            },
        }
        missed = sum(counts.get(problem, 0) for problem in PROBLEMS)
        assert one.eligible + missed == one.registered
        assert sum(row.patients for row in one.lists) == one.registered - counts.get("none", 0)
    return result


def within(world: World, day: date) -> bool:
    """Return whether the records reach a day: from the first appointment to a month after."""
    rows = world["appointments"]
    days = [row["start_time"].date() for row in rows if row.get("start_time")]
    # without a column of statuses every appointment took place
    counted = TOOK_PLACE if any(row.get("status") for row in rows) else (None,)
    took = [row["start_time"].date() for row in rows if row.get("status") in counted]
    return bool(took) and min(days) <= day <= max(took) + timedelta(days=31)


def known_by(world: World, twin: NamedGps) -> dict[str, dict[str, Any]]:
    """Return the twin's answer with each person by the staff id of the practice's own list.

    In these worlds nobody has two staff ids at one practice.
    """
    answer = twin.health()
    for practice, one in answer.items():
        ids = {
            twin.rules.person(row["staff_id"]): row["staff_id"]
            for row in world["staff"]
            if row["practice_id"] == practice
        }
        one["rows"] = {
            patient: (*row[:2], ids.get(row[2], row[2]), *row[3:])
            for patient, row in one["rows"].items()
        }
    return answer


def compare(seed: int) -> None:
    rng = Random(seed)
    world = with_late_changes(random_world(rng, rng.randint(3, 12)), rng)
    if not world["appointments"]:
        return
    # A column without a single name is a blank field, not a missing one.
    has_named = world["patients"] or world["named_gps"]
    with TemporaryDirectory() as folder:
        path = build_store(Path(folder), world, identifiable=True)
        for day in DAYS:
            reached = has_named and within(world, day)
            expected = known_by(world, NamedGps(world, day)) if reached else {}
            assert found(path, day) == expected, (seed, day)


@given(st.integers(0, 2**20))
@settings(max_examples=15)
def test_health_and_its_twin(seed: int) -> None:
    compare(seed)


@pytest.mark.parametrize("seed", range(12))
def test_health_and_its_twin_on_worlds_that_stay(seed: int) -> None:
    compare(seed)
