"""Small random practices: the compiled book against its plain twin, and the policies' promises."""

from __future__ import annotations

import dataclasses
from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hamlets.booking.simulation.book import run, stand_ins_of
from hamlets.booking.simulation.policies import (
    Ask,
    StandIns,
    earliest_any,
    least_met,
    new_ask,
    own_first,
)
from hamlets.booking.simulation.slots import Slots, first_free, open_book, release, take
from hamlets.booking.simulation.world import POLICIES, Cover, Setting
from tests.oracles import booking as twin
from tests.oracles import small_practices

FIRST = date(2024, 3, 4)


@st.composite
def settings_of(draw: st.DrawFn) -> Setting:
    policy = draw(st.sampled_from([None, *POLICIES]))
    seed = draw(st.integers(0, 10_000))
    return small_practices.setting(FIRST, draw(st.integers(1, 21)), seed=seed, policy=policy)


@given(
    asked=settings_of(),
    patients=st.integers(1, 120),
    gps=st.integers(0, 4),
    need=st.floats(1, 25),
    supply=st.floats(0.3, 1.5),
    kept=st.floats(0, 1),
    own=st.floats(0, 1),
    hub=st.floats(0, 0.2),
    wait=st.integers(0, 12),
    scattered=st.integers(0, 10),
    covered=st.booleans(),
)
@settings(max_examples=25)
def test_any_practice_is_booked_as_its_plain_twin_books_it(
    asked: Setting, patients: int, gps: int, need: float, supply: float, kept: float,
    own: float, hub: float, wait: int, scattered: int, covered: bool,
) -> None:  # fmt: skip
    habits = dataclasses.replace(
        small_practices.HABITS, own_first=own, same_day_share=kept, wait_days=wait,
        supply=supply, hub_share=hub,
    )  # fmt: skip
    world = small_practices.world(
        asked, patients=patients, gps=gps, need=need, seed=asked.seed, habits=habits,
        others=("nurse", "healthcare_assistant")[: asked.seed % 3], covered=covered,
    )  # fmt: skip
    first = (asked.first - date(1970, 1, 1)).days
    who = np.arange(min(scattered, patients), dtype=np.int32)
    illness = dataclasses.replace(
        small_practices.no_illness(),
        scatter_patient=who,
        scatter_from=np.full(len(who), first - 40, np.int32),
        scatter_to=np.full(len(who), first + 10, np.int32),
    )
    ran = run(world, illness, asked)
    before = open_book(world.clinicians, world.rota, ran.begin, ran.slots.days, kept)
    assert twin.Replay(ran, before, world.cover).differences() == []
    _sums_hold(ran.slots)


def _sums_hold(slots: Slots) -> None:
    """Check that the counts of free slots are those of the slots themselves."""
    cells = slots.days * slots.clinicians
    place = slots.slot["day"] * slots.clinicians + slots.slot["staff"]
    for kept, field in ((0, "open_left"), (1, "kept_left")):
        free = (slots.slot["taken"] == 0) & (slots.slot["kept"] == kept)
        counted = np.bincount(place[free], minlength=cells)
        assert np.array_equal(counted, slots.cell[field][:-1])


@st.composite
def books(draw: st.DrawFn) -> Slots:
    """Draw a book of two weeks in which some slots are taken."""
    asked = small_practices.setting(FIRST, 1)
    world = small_practices.world(
        asked,
        patients=50,
        gps=draw(st.integers(1, 4)),
        seed=draw(st.integers(0, 10_000)),
        slots_each=draw(st.integers(1, 5)),
    )
    begin = (FIRST - date(1970, 1, 1)).days
    slots = open_book(world.clinicians, world.rota, begin, 14, draw(st.floats(0, 1)))
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    for slot in np.flatnonzero(random.random(len(slots.slot)) < draw(st.floats(0, 1))).tolist():
        take(slots, slot)
    return slots


@st.composite
def asks(draw: st.DrawFn) -> Ask:
    day = draw(st.integers(0, 13))
    urgent = draw(st.booleans())
    not_before = day if urgent else draw(st.integers(day, 15))
    until = day if urgent else not_before + draw(st.integers(0, 28))
    minute = draw(st.integers(8 * 60, 19 * 60))
    wanted = draw(st.integers(-1, 3))
    wanted_until = draw(st.integers(not_before, 20))
    group, covered = draw(st.integers(0, 2)), draw(st.booleans())
    return new_ask(group, urgent, day, minute, not_before, until, wanted, wanted_until, covered)


@st.composite
def covers(draw: st.DrawFn) -> Cover:
    """Draw who stands in for whom among four clinicians, at most once in each way."""
    begin = (FIRST - date(1970, 1, 1)).days
    row = st.tuples(
        st.integers(0, 3), st.integers(0, 3), st.booleans(), st.integers(-5, 8), st.integers(1, 20)
    )
    rows = draw(st.lists(row, max_size=10, unique_by=lambda r: r[:3]))
    table = np.array(rows, np.int64).reshape(-1, 5)
    first = table[:, 3] + begin
    return Cover(
        staff=table[:, 0].astype(np.int32),
        stands_in=table[:, 1].astype(np.int32),
        buddy=table[:, 2] != 0,
        from_day=first.astype(np.int32),
        to_day=(first + table[:, 4]).astype(np.int32),
    )


def stand_ins(cover: Cover, slots: Slots) -> tuple[StandIns, list[twin.StandIn]]:
    """Return who stands in for whom, for the policies and for their twins."""
    begin = (FIRST - date(1970, 1, 1)).days
    return stand_ins_of(cover, slots.clinicians, begin), twin.stand_ins(cover, begin)


@given(
    slots=books(),
    ask=asks(),
    cover=covers(),
    met=st.lists(st.integers(0, 3), min_size=12, max_size=12),
)
def test_policies_pick_the_slot_that_their_twins_pick(
    slots: Slots, ask: Ask, cover: Cover, met: list[int]
) -> None:
    plain, wish = twin.plain(slots), twin.Wish(*ask)
    compiled_cover, plain_cover = stand_ins(cover, slots)
    counts = np.array(met, np.int32)
    for found, should in (
        (earliest_any(slots, ask), twin.earliest_any(plain, wish)),
        (own_first(slots, ask, compiled_cover), twin.own_first(plain, wish, plain_cover)),
        (least_met(slots, ask, counts, 0), twin.least_met(plain, wish, dict(enumerate(met)))),
    ):
        assert found == (-1 if should is None else should.row)


@given(slots=books(), ask=asks(), cover=covers())
def test_what_the_policies_promise(slots: Slots, ask: Ask, cover: Cover) -> None:
    plain, wish = twin.plain(slots), twin.Wish(*ask)
    free = [s for s in plain if s.group == wish.group and twin.allowed(s, wish, wish.until)]
    anyone = earliest_any(slots, ask)
    own = own_first(slots, ask, stand_ins(cover, slots)[0])
    # earliest_any leaves no earlier slot that it could have given
    assert (anyone >= 0) == bool(free)
    if anyone >= 0:
        slot = plain[anyone]
        assert all((slot.day, slot.minute) <= (s.day, s.minute) for s in free)
        assert not slot.kept or slot.day == wish.day
    # own_first gives the own GP if there is a slot within the wait, and is never without one
    last = wish.day if wish.urgent else min(wish.wanted_until, wish.until)
    with_own = [s for s in plain if s.staff == wish.wanted and twin.allowed(s, wish, last)]
    circle = set(cover.stands_in[cover.staff == wish.wanted].tolist()) if wish.covered else set()
    with_circle = [s for s in plain if s.staff in circle and twin.allowed(s, wish, last)]
    assert own >= 0 or (anyone < 0 and not with_own)
    assert own < 0 or anyone >= 0 or with_own or with_circle
    if with_own:
        assert plain[own].staff == wish.wanted
    elif own >= 0 and own != anyone:
        # otherwise only a later slot with a colleague who stands in, within the same wait
        assert plain[own].staff in circle
        assert plain[own].day <= last


@given(slots=books())
def test_taking_and_releasing_leaves_the_book_as_it_was(slots: Slots) -> None:
    before = [array.copy() for array in (slots.slot, slots.cell, slots.room)]
    free = np.flatnonzero(slots.slot["taken"] == 0).tolist()
    for slot in free:
        take(slots, slot)
    assert slots.room.sum() == 0
    cells = range(slots.days * slots.clinicians)
    assert all(first_free(slots.slot, slots.cell, cell, 0, True) == -1 for cell in cells)
    for slot in free:
        release(slots, slot)
    for array, was in zip((slots.slot, slots.cell, slots.room), before, strict=True):
        assert np.array_equal(array, was)
