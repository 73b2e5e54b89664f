"""Who is in, and when next: the rota as far as it goes, else the usual week; against a twin."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import holidays
import pytest

from hamlets.continuity.being_in import AHEAD_DAYS, recent_sessions, rota_ahead
from hamlets.continuity.reference import build_reference
from hamlets.continuity.results import BeingIn
from hamlets.records import open_store
from tests.oracles.stores import build_store

PRACTICE = "G99001"
TODAY = date(2025, 6, 17)  # a Tuesday
MORNING, AFTERNOON, EVENING = (9, 12), (14, 17), (19, 20)
Row = dict[str, Any]


def session(staff: str, day: date, hours: tuple[int, int] = MORNING, place: str = PRACTICE) -> Row:
    begins = datetime(day.year, day.month, day.day, hours[0])
    return {"staff_id": staff, "practice_id": place, "start_time": begins,
            "end_time": begins + timedelta(hours=hours[1] - hours[0])}  # fmt: skip


def contact(staff: str, day: date, hour: int = 9, number: int = 0) -> Row:
    at = datetime(day.year, day.month, day.day, hour, number % 60)
    return {"patient_id": f"P{number}", "staff_id": staff, "practice_id": PRACTICE,
            "start_time": at, "status": "attended",
            "appointment_id": f"{staff}{day}{hour}{number}"}  # fmt: skip


def asked(folder: Path, sessions: list[Row], contacts: list[Row], staff: str) -> BeingIn:
    tables = {"appointments": contacts, "sessions": sessions}
    with open_store(build_store(folder, tables)) as store:
        reference = build_reference(store)
        home = store.labels("practice").index(PRACTICE)
        rota = rota_ahead(store, reference, recent_sessions(store, reference, TODAY), home, TODAY)
        return rota.of(reference.person_labels.index(staff))


def told(found: BeingIn) -> list[tuple[date, int | None, int | None]]:
    return [(turn.day, turn.begins, turn.ends) for turn in found.turns]


def weeks_back(count: int) -> list[date]:
    """Return the days of so many weeks before this one, Monday to Sunday."""
    monday = TODAY - timedelta(days=TODAY.weekday())
    return [monday - timedelta(days=n) for n in range(7 * count, 0, -1)]


SEEN = [contact("Z", TODAY - timedelta(days=1))]


def test_the_rota_says_today_and_the_next_days(tmp_path: Path) -> None:
    ahead = [TODAY, TODAY + timedelta(days=2), TODAY + timedelta(days=9)]
    rows = [session("A", day) for day in ahead] + [session("A", TODAY, AFTERNOON)]
    rows.append(session("A", TODAY + timedelta(days=1), place="G99002"))
    found = asked(tmp_path, rows, SEEN, "A")
    assert found.basis == "rota"
    assert found.known_until == ahead[-1]
    assert told(found) == [
        (TODAY, 9 * 60, 12 * 60),
        (TODAY, 14 * 60, 17 * 60),
        (ahead[1], 9 * 60, 12 * 60),
        (ahead[2], 9 * 60, 12 * 60),
    ]
    assert found.next_days() == (ahead[1], ahead[2])
    assert len(found.left_today(11 * 60)) == 2
    assert [turn.begins for turn in found.left_today(12 * 60)] == [14 * 60]
    assert found.left_today(17 * 60) == ()


def test_behind_the_end_of_the_rota_the_usual_week_goes_on(tmp_path: Path) -> None:
    past = [session("A", day) for day in weeks_back(14) if day.weekday() == 3]
    found = asked(tmp_path, [*past, session("B", TODAY + timedelta(days=3))], SEEN, "A")
    assert found.known_until == TODAY + timedelta(days=3)
    thursday = TODAY + timedelta(days=2)
    assert [turn.day for turn in found.turns] == [
        thursday + timedelta(days=7 * n) for n in range(1, 4)
    ], "on the Thursday that the rota knows A is not in"


def test_where_the_rota_has_ended_it_is_the_usual_week(tmp_path: Path) -> None:
    tuesdays = [day for day in weeks_back(14) if day.weekday() == 1]
    found = asked(tmp_path, [session("A", day) for day in tuesdays], SEEN, "A")
    assert found.basis == "usual_week"
    assert found.known_until == tuesdays[-1]
    assert told(found) == [
        (TODAY + timedelta(days=7 * n), 9 * 60, 12 * 60) for n in range(AHEAD_DAYS // 7)
    ]


def test_without_a_rota_the_contacts_say_which_half_days(tmp_path: Path) -> None:
    mondays = [day for day in weeks_back(14) if day.weekday() == 0]
    rows = [contact("A", day, 15, n) for n, day in enumerate(mondays)]
    found = asked(tmp_path, [], rows, "A")
    assert found.basis == "usual_week"
    assert {(t.day.weekday(), t.half, t.begins) for t in found.turns} == {(0, 1, None)}


def test_who_came_lately_has_a_usual_week_and_who_stopped_has_none(tmp_path: Path) -> None:
    days = [day for day in weeks_back(13) if day.weekday() == 2]
    rows = [session("new", day) for day in days[-6:]] + [session("gone", day) for day in days[:6]]
    rows += [session("Z", day) for day in days]
    with open_store(build_store(tmp_path, {"appointments": SEEN, "sessions": rows})) as store:
        reference = build_reference(store)
        rota = rota_ahead(store, reference, recent_sessions(store, reference, TODAY), 0, TODAY)
        found = {n: rota.of(reference.person_labels.index(n)) for n in ("new", "gone")}
    assert found["new"].turns
    assert found["gone"].turns == ()


def test_nothing_is_known_of_a_practice_without_rows(tmp_path: Path) -> None:
    with open_store(build_store(tmp_path, {"appointments": SEEN})) as store:
        reference = build_reference(store)
        rota = rota_ahead(store, reference, recent_sessions(store, reference, TODAY), 99, TODAY)
        assert rota.of(0).basis == "unknown"
        assert rota.of(0).turns == ()


def usual_by_hand(rows: list[Row], staff: str, last: date) -> set[tuple[int, int]]:
    """Point 23's weeks, by plain loops: weekday and hour of what is worked in most of them."""
    closed = holidays.country_holidays("GB", subdiv="ENG", years=[2024, 2025])
    mondays: list[date] = []
    monday = last - timedelta(days=(last.weekday() + 1) % 7 + 6)
    while len(mondays) < 13:
        if not any(monday + timedelta(days=n) in closed for n in range(5)):
            mondays.append(monday)
        monday -= timedelta(days=7)
    weeks: dict[tuple[int, int], set[date]] = defaultdict(set)
    for row in rows:
        day = row["start_time"].date()
        week = day - timedelta(days=day.weekday())
        if row["staff_id"] == staff and row["practice_id"] == PRACTICE and week in mondays:
            weeks[day.weekday(), row["start_time"].hour].add(week)
    if not weeks:
        return set()
    since = min(min(found) for found in weeks.values())
    count = sum(monday >= since for monday in mondays)
    return {slot for slot, found in weeks.items() if count >= 3 and 2 * len(found) > count}


@pytest.mark.parametrize("seed", range(6))
def test_the_usual_week_is_that_of_plain_loops(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    rows: list[Row] = []
    keen: Counter[tuple[str, int, int]] = Counter()
    for staff in "ABCD":
        for weekday in range(6):
            for hours in (MORNING, AFTERNOON, EVENING):
                keen[staff, weekday, hours[0]] = rng.choice((0, 0, 0, 4, 6, 9, 10))
    ended = TODAY - timedelta(days=rng.randint(1, 40))
    for day in weeks_back(30):
        for staff in "ABCD":
            for hours in (MORNING, AFTERNOON, EVENING):
                if day <= ended and rng.randrange(10) < keen[staff, day.weekday(), hours[0]]:
                    place = PRACTICE if rng.randrange(8) else "G99002"
                    rows.append(session(staff, day, hours, place))
    last = max(r["start_time"].date() for r in rows if r["practice_id"] == PRACTICE)
    with open_store(build_store(tmp_path, {"appointments": SEEN, "sessions": rows})) as store:
        reference = build_reference(store)
        home = store.labels("practice").index(PRACTICE)
        rota = rota_ahead(store, reference, recent_sessions(store, reference, TODAY), home, TODAY)
        for staff in "ABCD":
            found = rota.of(reference.person_labels.index(staff))
            assert {(t.day.weekday(), (t.begins or 0) // 60) for t in found.turns} == (
                usual_by_hand(rows, staff, min(last, TODAY - timedelta(days=1)))
            )
