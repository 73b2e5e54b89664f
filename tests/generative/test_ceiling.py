"""The attainable ceiling is the best of all ways to book again, and what must hold of any."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hamlets
from hamlets.continuity import measure
from hamlets.continuity.calendar import day_number
from hamlets.continuity.columns import ALWAYS, NEVER
from hamlets.continuity.reference import Dated
from hamlets.continuity.rota import Rota
from hamlets.continuity.summary import summarise
from hamlets.errors import NothingToMeasureError
from hamlets.records import Store
from hamlets.teams import add_ceiling, attainable_ceiling, with_ceiling
from hamlets.teams.ceiling.arrangements import rearranged
from hamlets.teams.ceiling.book import OTHER, OWN, make_book
from hamlets.teams.ceiling.flow import attain, attain_with_fewest_moves
from hamlets.teams.ceiling.reading import attain_all
from hamlets.teams.ceiling.requests import Requests
from hamlets.teams.ceiling.slots import ANY_MODE, FreeSlots
from hamlets.teams.ceiling.windows import WINDOWS, WindowName, times_of
from hamlets.teams.ceiling.wins import away, free_wins
from hamlets.teams.results import CEILING_BY, Ceiling, CeilingBy
from tests.oracles import ceiling as oracle
from tests.oracles.ceiling import GROUP_OF, Contact, Spare
from tests.oracles.worlds import World, random_world

MakeStore = Callable[..., Path]
PEOPLE, TEAMS = ("A", "B", "C"), ("T0", "T1")
# Good Friday and Easter Monday lie among these days
FIRST = date(2024, 3, 26)
MEMBERS = {
    ("T0", "A"): (date.min, date.max),
    ("T0", "B"): (date.min, FIRST + timedelta(days=3)),
    ("T1", "C"): (date.min, date.max),
    ("T1", "A"): (FIRST, FIRST + timedelta(days=4)),
}
MODES = ("in person", "in person", "in person", "remote", "visit", "unknown")


def is_member(team: str, person: str, day: date) -> bool:
    first, end = MEMBERS.get((team, person), (date.max, date.max))
    return first <= day < end


def tiny(rng: Random) -> tuple[list[Contact], list[Spare]]:
    """Return a few contacts and free slots of three GPs in one or two weeks."""
    days = rng.choice((1, 4, 9))
    halves = rng.choice((1, 2))

    def day() -> date:
        return FIRST + timedelta(days=rng.randrange(days))

    contacts: list[Contact] = []
    for _ in range(rng.randint(2, 6)):
        named = rng.choice((*PEOPLE, *PEOPLE, None))
        seen = day()
        contacts.append(
            Contact(
                named=named,
                team=rng.choice((*TEAMS, None)) if named else None,
                person=rng.choice(PEOPLE),
                passing=rng.random() < 0.1,
                day=seen,
                half=rng.randrange(halves),
                mode=rng.choice(MODES),
                minutes=rng.choice((0, 10, 10, 17)),
                asked=rng.choice((seen, day(), seen - timedelta(days=9), None)),
                urgent=rng.random() < 0.3,
            )
        )
    spare = [
        Spare(
            person=rng.choice(PEOPLE),
            passing=rng.random() < 0.1,
            day=day(),
            half=rng.randrange(halves),
            mode=rng.choice((None, None, "in person", "remote", "visit")),
            minutes=rng.choice((10, 10, 15, 20)),
        )
        for _ in range(rng.randint(0, 3))
    ]
    return contacts, spare


def code(names: tuple[str, ...], name: str | None) -> int:
    return -1 if name is None else names.index(name)


def ints(values: Iterable[int]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(list(values), dtype=np.int32)


def requests_of(contacts: list[Contact]) -> Requests:
    return Requests(
        practice=ints(0 for _ in contacts),
        patient=ints(range(len(contacts))),
        list=ints(code(PEOPLE, c.named) for c in contacts),
        team=ints(code(TEAMS, c.team) for c in contacts),
        person=ints(code(PEOPLE, c.person) for c in contacts),
        passing=np.array([c.passing for c in contacts]),
        day=ints(day_number(c.day) for c in contacts),
        half=ints(c.half for c in contacts).astype(np.int8),
        group=ints(GROUP_OF[c.mode] for c in contacts).astype(np.int8),
        need=ints(c.minutes for c in contacts),
        asked=ints(NEVER if c.asked is None else day_number(c.asked) for c in contacts),
        urgent=np.array([c.urgent for c in contacts]),
        own=np.array([c.named == c.person for c in contacts]),
        in_team=np.array(
            [
                c.named is not None
                and (
                    c.named == c.person
                    or (c.team is not None and is_member(c.team, c.person, c.day))
                )
                for c in contacts
            ]
        ),
    )


def slots_of(spare: list[Spare]) -> FreeSlots:
    return FreeSlots(
        place=ints(0 for _ in spare),
        person=ints(code(PEOPLE, s.person) for s in spare),
        passing=np.array([s.passing for s in spare], dtype=bool),
        day=ints(day_number(s.day) for s in spare),
        half=ints(s.half for s in spare).astype(np.int8),
        hour=ints(9 + 5 * s.half for s in spare).astype(np.int8),
        group=ints(ANY_MODE if s.mode is None else GROUP_OF[s.mode] for s in spare).astype(np.int8),
        minutes=ints(s.minutes for s in spare),
        kind=ints(0 for _ in spare),
    )


def teams_of() -> Dated:
    rows = sorted(
        (
            code(PEOPLE, person),
            ALWAYS if first == date.min else day_number(first),
            NEVER if end == date.max else day_number(end),
            code(TEAMS, team),
        )
        for (team, person), (first, end) in MEMBERS.items()
    )
    person = [row[0] for row in rows]
    return Dated(
        offset=ints(sum(p < k for p in person) for k in range(len(PEOPLE) + 1)),
        start=ints(row[1] for row in rows),
        end=ints(row[2] for row in rows),
        value=ints(row[3] for row in rows),
    )


NO_ROTA = Rota(ints(()), ints(()), ints(()), ints(()).astype(np.int8), frozenset())


def answer(
    contacts: list[Contact], spare: list[Spare], window: WindowName, working_days: int
) -> oracle.Ceiling:
    requests = requests_of(contacts)
    times = times_of(requests, window, working_days)
    book = make_book(requests, slots_of(spare), times, window, teams_of())
    c = book.classes
    mine, attained, won = c.list >= 0, attain(book), free_wins(book)
    gone = away(book, NO_ROTA, window) & (c.recorded != OWN)
    assert int(won.count[~won.of_team].sum()) == int(won.own.sum())
    assert int(won.count[won.of_team].sum()) == int(won.team.sum())
    return oracle.Ceiling(
        n=int(c.count[mine].sum()),
        own=int(c.count[mine & (c.recorded == OWN)].sum()),
        team=int(c.count[mine & (c.recorded != OTHER)].sum()),
        can_own=int(attained.own[mine].sum()),
        can_team=int(attained.team[mine].sum()),
        away=int(c.count[gone].sum()),
        wins=int(won.own.sum()),
    )


@pytest.mark.parametrize("window", WINDOWS)
@settings(max_examples=250)
@given(st.integers(0, 2**32), st.sampled_from((0, 1, 3, 10)))
def test_no_way_to_book_again_is_better(window: WindowName, seed: int, working_days: int) -> None:
    contacts, spare = tiny(Random(seed))
    expected = oracle.ceiling(contacts, spare, is_member, window, working_days)
    assert answer(contacts, spare, window, working_days) == expected


@pytest.mark.parametrize("window", WINDOWS)
@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_no_way_to_book_another_arrangement_is_better(window: WindowName, seed: int) -> None:
    """Other lists for every day, and teams that never change."""
    rng = Random(seed)
    contacts, spare = tiny(rng)
    patients = [rng.randrange(4) for _ in contacts]
    named = [rng.choice((*PEOPLE, None)) for _ in range(4)]
    teams = {p: rng.choice(TEAMS) for p in PEOPLE if rng.random() < 0.8}
    lists = {i: code(PEOPLE, p) for i, p in enumerate(named) if p is not None or i % 2}
    asked = replace(requests_of(contacts), patient=ints(patients))
    requests, members = rearranged(
        asked,
        lists if rng.random() < 0.5 else ints(code(PEOPLE, p) for p in named),
        {code(PEOPLE, p): code(TEAMS, t) for p, t in teams.items()},
        len(PEOPLE),
    )
    sums, kept = attain_all(requests, slots_of(spare), window, 3, members)
    pairs = zip(contacts, patients, strict=True)
    again = [replace(c, named=named[p], team=teams.get(named[p] or "")) for c, p in pairs]

    def member(team: str, person: str, day: date) -> bool:
        return teams.get(person) == team

    expected = oracle.ceiling(again, spare, member, window, 3)
    held = [c for c in again if window == "policy" and c.asked is None and c.named is not None]
    own = sum(c.person == c.named for c in held)
    team = sum(c.person == c.named or c.team == teams.get(c.person, "none") for c in held)
    assert kept == len(held)
    assert int(sums.count.sum()) == expected.n + len(held)
    assert int(sums.own.sum()) == expected.own + own
    assert int(sums.in_team.sum()) == expected.team + team
    assert int(sums.can_own.sum()) == expected.can_own + own
    assert int(sums.can_team.sum()) == expected.can_team + team


@pytest.mark.parametrize("window", WINDOWS)
@settings(max_examples=80)
@given(st.integers(0, 2**32))
def test_no_fewer_moves_bring_as_many_to_the_own_gp(window: WindowName, seed: int) -> None:
    contacts, spare = tiny(Random(seed))
    requests = requests_of(contacts)
    times = times_of(requests, window, 3)
    book = make_book(requests, slots_of(spare), times, window, teams_of())
    expected = oracle.fewest_moves(contacts, spare, is_member, window, 3)
    assert attain_with_fewest_moves(book) == expected
    # with nobody moved for a team, own GPs are as full
    assert expected[0] == oracle.ceiling(contacts, spare, is_member, window, 3).can_own


def test_the_oracle_knows_a_swap_a_free_slot_and_what_is_away() -> None:
    """Two who saw each other's GP can swap; a third can have a free slot; a fourth cannot."""
    monday = date(2024, 4, 15)

    def contact(named: str, person: str, day: date = monday) -> Contact:
        return Contact(named, None, person, False, day, 0, "in person", 10, day, False)

    contacts = [contact("A", "B"), contact("B", "A"), contact("C", "A"), contact("C", "B")]
    spare = [Spare("C", False, monday, 1, None, 10)]
    for window, n in (("strict", 2), ("week", 3), ("policy", 3)):
        found = oracle.ceiling(contacts, spare, is_member, window, 10)
        assert found.can_own == n
        assert found.away == (2 if window == "strict" else 0)
        assert found.wins == (0 if window == "strict" else 1)


# --- stores ---------------------------------------------------------------------------------


def with_slots(world: World, rng: Random) -> World:
    """Return a world with lengths, days of booking and a few free slots."""
    rows = []
    for row in world["appointments"]:
        start = row["start_time"]
        rows.append(
            {
                **row,
                "duration_minutes": rng.choice((None, 8, 10, 12)),
                "booked_time": rng.choice((None, start, start - timedelta(days=rng.randrange(20)))),
            }
        )
    slots = []
    staff = world.get("staff", [])
    for i, row in enumerate(rows):
        if not staff or rng.random() < 0.4:
            continue
        who = rng.choice(staff)
        day = row["start_time"].date() + timedelta(days=rng.randint(-3, 12))
        start = datetime.combine(day, datetime.min.time()) + timedelta(hours=rng.choice((9, 14)))
        slots.append(
            {
                "slot_id": f"slot-{i}",
                "staff_id": who["staff_id"],
                "practice_id": who["practice_id"],
                "start_time": start,
                "end_time": start + timedelta(minutes=rng.choice((10, 15))),
                "status": rng.choice(("free", "Free", "booked", "blocked")),
                "slot_type": rng.choice(("GP routine", "Telephone", "Home visit", "Admin", None)),
            }
        )
    return {**world, "appointments": rows, "slots": slots}


def check(found: Ceiling) -> None:
    """Assert what holds of every ceiling."""
    for by in CEILING_BY:
        for row in found.rows(by):
            assert 0 <= row.recorded_own <= row.attainable_own <= 1
            assert row.gap == pytest.approx(row.attainable_own - row.recorded_own)
            total = row.recorded_own + row.away + row.full + row.free_wins
            assert total == pytest.approx(1)
            assert min(row.away, row.full, row.free_wins) >= 0
            if by == "practice":
                assert row.free_wins <= row.gap + 1e-12
            assert row.gap <= row.full + row.free_wins + 1e-12
            if row.attainable_own_or_team is not None:
                assert row.recorded_team is not None
                assert row.recorded_own <= row.recorded_team <= row.attainable_own_or_team <= 1
                assert row.attainable_own <= row.attainable_own_or_team
    for by in ("list", "month"):
        for whole in found.practices:
            parts = [
                row
                for row in found.rows(by)
                if (row.practice_id, row.window) == (whole.practice_id, whole.window)
            ]
            assert sum(row.n_contacts for row in parts) == whole.n_contacts
            for name in ("recorded_own", "attainable_own", "away", "free_wins"):
                total = sum(getattr(row, name) * row.n_contacts for row in parts)
                assert total == pytest.approx(getattr(whole, name) * whole.n_contacts)


def measured(store: Store, by: CeilingBy) -> list[dict[str, Any]]:
    """Return the rows of slicc by practice and a group, each with the strict ceiling."""
    groups = ["practice"] if by == "practice" else ["practice", by]
    table = measure(store, measures=["slicc"], level=["clinician", "team"], by=groups)
    plain = table.to_pylist()
    table = add_ceiling(table, store, "strict")
    assert table.column_names.index("ceiling") == table.column_names.index("chance") + 1
    assert table.drop_columns(["ceiling"]).to_pylist() == plain
    return [row for row in table.to_pylist() if row["n_contacts"]]


def agrees_with_measure(found: Ceiling, by: CeilingBy, table: list[dict[str, Any]]) -> None:
    """Assert that rows are of measure's contacts, and that its column says what they say."""
    rows = {(r.practice_id, r.group): r for r in found.rows(by) if r.window == "strict"}
    assert len(table) == 2 * len(rows)
    for each in table:
        row = rows[each["practice"], None if by == "practice" else each[by]]
        assert row.n_contacts == each["n_contacts"]
        own = each["level"] == "clinician"
        recorded = row.recorded_own if own or row.recorded_team is None else row.recorded_team
        allowed = row.attainable_own if own else row.attainable_own_or_team
        assert recorded == pytest.approx(each["value"])
        assert each["ceiling"] == pytest.approx(row.attainable_own if allowed is None else allowed)


@pytest.mark.parametrize("seed", range(12))
def test_never_below_the_record_in_random_worlds(make_store: MakeStore, seed: int) -> None:
    rng = Random(4100 + seed)
    world = random_world(rng, patients=14)
    while not world["appointments"]:
        world = random_world(rng, patients=14)
    path = make_store(with_slots(world, rng))
    with hamlets.open_store(path) as store:
        tables: dict[CeilingBy, Any] = {by: measured(store, by) for by in CEILING_BY}
        try:
            found = attainable_ceiling(store, window="all")
        except NothingToMeasureError:
            assert not any(row["n_contacts"] for row in tables["practice"])
            return
        check(found)
        for by, table in tables.items():
            agrees_with_measure(found, by, table)
        report = summarise(store)
        shown = with_ceiling(report, store, window="strict").trend.months
        first, last = (shown[0].start, report.period.last) if shown else (None, None)
        plain = measure(store, measures="slicc", by="month", date_from=first, date_to=last)
        table = add_ceiling(plain, store, "strict")
        months = {row["month"]: row for row in table.to_pylist()}
        for month in shown if shown and shown[0].estimate.measure == "slicc" else ():
            row = months.get(f"{month.start:%Y-%m}")
            if row is not None and row["n_contacts"] == month.estimate.n_contacts:
                assert month.estimate.ceiling == row["ceiling"]
        one = found.practices[0].practice_id
        alone = attainable_ceiling(store, one, window="all")
        assert alone.practices == tuple(r for r in found.practices if r.practice_id == one)
        assert alone.months == tuple(r for r in found.months if r.practice_id == one)
