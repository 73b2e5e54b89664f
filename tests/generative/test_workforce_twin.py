"""``workforce`` and its naive twin give the same figures about random worlds with rotas."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

import hamlets
from hamlets.continuity import workforce
from hamlets.continuity.results import HALF_DAYS, WorkforceUnit
from hamlets.errors import NothingToMeasureError
from tests.oracles.agreement import near
from tests.oracles.rotas import add_rota
from tests.oracles.stores import build_store
from tests.oracles.workforce import Workforce
from tests.oracles.worlds import random_world

FIRST, LAST = date(2024, 12, 2), date(2025, 5, 31)


def figures(unit: WorkforceUnit) -> dict[str, Any]:
    load = unit.load
    return {
        **vars(unit),
        "clinician_days": load.clinician_days,
        "contacts_per_day_median": load.median,
        "contacts_per_day_centile_90": load.centile_90,
        "share_days_over_25": load.share_over_25,
    }


@pytest.mark.parametrize("seed", range(8))
def test_units_and_weeks(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    world = add_rota(rng, random_world(rng, patients=40, practices=2), FIRST, LAST)
    path = build_store(tmp_path, world)
    twin = Workforce(world, FIRST, LAST)
    with hamlets.open_store(path) as store:
        try:
            found = workforce(store, date_from=FIRST, date_to=LAST)
        except NothingToMeasureError:
            assert not any(
                twin.belongs(p, place, None)
                for p in twin.rules.everyone()
                for place in ("G99001", "G99002", "U99001")
            )
            return
        assert found
        for one in found:
            # reading only what touches a practice leaves nothing out
            place = one.practice.practice_id
            assert workforce(store, place, date_from=FIRST, date_to=LAST) == (one,)
    for one in found:
        place = one.practice.practice_id
        assert one.rota == ("given" if place in twin.given else "inferred")
        for unit in (one.practice, *one.teams):
            mine, theirs = figures(unit), twin.unit(place, unit.team_id)
            for name, value in theirs.items():
                assert near(mine[name], value), (seed, place, unit.team_id, name, mine, theirs)
        gps = {slot for slot in twin.rota(place) if twin.gp(slot[0], place)}
        for row, unit in zip(one.week, (one.practice, *one.teams), strict=True):
            team = unit.team_id
            mine_only = {
                slot for slot in gps if team is None or twin.rules.in_team(slot[0], team, slot[1])
            }
            assert list(row.covered_weekdays) == twin.covered(mine_only)
            for cell in row.cells:
                assert cell.half in HALF_DAYS
                told = twin.cell(mine_only, cell.weekday, cell.half)
                assert (cell.usual, cell.covered_weeks, cell.weeks) == told
        active = {p.person_id for p in one.people}
        assert active == twin.active(place)
        for person in one.people:
            rota = [slot for slot in twin.rota(place) if slot[0] == person.person_id]
            assert person.half_days_worked == len(rota)
            assert near(
                person.sessions_per_week, twin.sessions_per_week(person.person_id, place)
            ) or not twin.records(person.person_id, place)
