"""What the monthly pack is told of plans: made, adopted, begun, followed, taken back."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from pathlib import Path

import pytest

from hamlets.continuity.pack_events import read_events
from hamlets.continuity.results import PackEvent, Period
from hamlets.records import open_store
from hamlets.records.store.maintenance import restore
from hamlets.teams.plans.adopting import adopt, withdraw
from hamlets.teams.plans.happened import plan_events
from tests.oracles.plans import joined, keep, records
from tests.oracles.stores import build_store

BEGAN, FOLLOWED = date(2024, 6, 3), date(2024, 6, 17)
AHEAD = date.today() + timedelta(days=40)
MADE = "2024-06-10T09:20:00+01:00"


def month_of(day: date) -> Period:
    return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return build_store(tmp_path, joined(records(), records(practice_id="EX002", offset=100)))


def told(store: Path, day: date, practice: str = "EX001") -> list[PackEvent]:
    with open_store(store) as opened:
        return list(plan_events(opened, practice, month_of(day)))


def test_plans_that_begin_and_follow_each_other(store: Path) -> None:
    one, two = keep(store), keep(store)
    adopt(store, one, BEGAN)
    adopt(store, two, FOLLOWED)
    assert told(store, BEGAN) == [
        PackEvent(FOLLOWED, "plan_began", "2", other="1"),
        PackEvent(BEGAN, "plan_began", "1"),
    ]
    assert told(store, BEGAN, "EX002") == []
    assert told(store, date(2024, 5, 1)) == []


def test_in_the_pack_a_plan_stands_for_its_teams_and_loads_nothing(store: Path) -> None:
    adopt(store, keep(store), BEGAN)
    with open_store(store) as opened:
        month = month_of(BEGAN)
        found = read_events(opened, "EX001", month, plan_events(opened, "EX001", month))
        assert [event.kind for event in found] == ["plan_began"]
        # The practice's own teams of before are events still.
        before = read_events(opened, "EX001", month_of(date(2023, 1, 1)))
        assert {event.kind for event in before} == {"team"}
        now = month_of(date.today())
        assert [event.kind for event in read_events(opened, "EX001", now)] == ["loaded"]
        (loaded,) = read_events(opened, "EX001", now)
        assert loaded.number == 1


def test_drafts_of_a_month_are_one_event_together(store: Path) -> None:
    for when in (MADE, MADE.replace("-10T", "-12T"), MADE.replace("-06-", "-07-")):
        keep(store, made_at=when)
    assert told(store, BEGAN) == [PackEvent(date(2024, 6, 12), "plans_made", number=2)]
    plan = store / "plans" / "EX001-1" / "plan.toml"
    plan.write_text("?")
    assert told(store, BEGAN) == [PackEvent(date(2024, 6, 12), "plans_made", number=1)]


def test_adopted_now_and_to_start_later(store: Path) -> None:
    plan = keep(store)
    adopt(store, plan, AHEAD)
    today = date.today()
    assert told(store, today) == [PackEvent(today, "plan_adopted", "1", starts=AHEAD)]
    assert told(store, AHEAD) == [PackEvent(AHEAD, "plan_began", "1")]
    withdraw(store, plan)
    assert told(store, today) == [PackEvent(today, "plan_withdrawn", "1")]
    assert told(store, AHEAD) == []


def test_an_adoption_that_the_store_has_gone_back_from_is_none(store: Path) -> None:
    adopt(store, keep(store), BEGAN)
    restore(store, 1)
    assert told(store, BEGAN) == []
