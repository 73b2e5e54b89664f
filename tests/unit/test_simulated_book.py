"""The simulated book: rules that no booking breaks, and levels near published ones."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pytest

from hamlets.booking.simulation import outcomes
from hamlets.booking.simulation.book import Run, run, simulate, stand_ins_of
from hamlets.booking.simulation.desk import NO_SLOT
from hamlets.booking.simulation.policies import new_ask, own_first
from hamlets.booking.simulation.slots import GP, HUB_GP, Slots, groups_of, open_book, take
from hamlets.booking.simulation.world import (
    AHEAD_DAYS,
    OPEN,
    WARM_UP_DAYS,
    Book,
    Illness,
    Int32,
    PracticeWorld,
    Setting,
)
from hamlets.records.tables import MODES, STATUSES, URGENCIES
from tests.oracles import small_practices
from tests.oracles.booking import Replay

FIRST = date(2024, 1, 1)
POLICIES = (None, "earliest_any", "own_first")


def fresh(ran: Run, world: PracticeWorld) -> Slots:
    """Return the book of a run as it was before anything was booked."""
    return open_book(
        world.clinicians,
        world.rota,
        ran.begin,
        ran.slots.days,
        world.practice.habits.same_day_share,
    )


@pytest.fixture(scope="module")
def setting() -> Setting:
    return small_practices.setting(FIRST, 365)


@pytest.fixture(scope="module")
def world(setting: Setting) -> PracticeWorld:
    """A practice of the usual size."""
    return small_practices.world(setting, patients=6000, gps=8)


@pytest.fixture(scope="module")
def books(world: PracticeWorld, setting: Setting) -> dict[str | None, Book]:
    illness = small_practices.no_illness()
    return {
        policy: simulate(world, illness, dataclasses.replace(setting, policy=policy))
        for policy in POLICIES
    }


def test_words_of_outcomes_are_those_of_the_store() -> None:
    assert [MODES[outcomes.FACE_TO_FACE], MODES[outcomes.TELEPHONE]] == [
        "face_to_face",
        "telephone",
    ]
    assert [MODES[outcomes.VIDEO], MODES[outcomes.ONLINE]] == ["video", "online"]
    assert MODES[outcomes.HOME_VISIT] == "home_visit"
    words = [outcomes.BOOKED, outcomes.ATTENDED, outcomes.DID_NOT_ATTEND, outcomes.CANCELLED]
    assert [STATUSES[w] for w in words] == ["booked", "attended", "did_not_attend", "cancelled"]
    urgencies = [outcomes.SAME_DAY, outcomes.ROUTINE, outcomes.FOLLOW_UP]
    assert [URGENCIES[w] for w in urgencies] == ["same_day", "routine", "follow_up"]


def test_draws_are_even_and_apart() -> None:
    keys = np.arange(4000, dtype=np.uint64)
    one = np.array([outcomes.draw(key, 100) for key in keys])
    other = np.array([outcomes.draw(key, 101) for key in keys])
    assert one.min() >= 0 and one.max() < 1
    assert abs(one.mean() - 0.5) < 0.02
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.05
    assert np.abs(np.histogram(one, 20)[0] / 200 - 1).max() < 0.3


@pytest.mark.parametrize("covered", [False, True])
@pytest.mark.parametrize("policy", POLICIES)
def test_every_booking_is_where_the_plain_twin_puts_it(policy: str | None, covered: bool) -> None:
    asked = small_practices.setting(FIRST, 40, seed=3, policy=policy)
    habits = dataclasses.replace(small_practices.HABITS, hub_share=0.05, supply=0.6)
    world = small_practices.world(
        asked, patients=120, gps=4, need=40, habits=habits, covered=covered
    )
    illness = scattering(world, asked, patients=12)
    ran = run(world, illness, asked)
    booked = ran.diary.booked[: ran.rows]
    assert (booked["slot"][booked["status"] > 0] < 0).sum() > 5  # extras
    assert (booked["status"] == NO_SLOT).any()
    assert (groups_of(world.clinicians)[booked["staff"][booked["status"] > 0]] >= HUB_GP).any()
    assert Replay(ran, fresh(ran, world), world.cover).differences() == []


@pytest.mark.parametrize("urgent", [False, True])
def test_the_buddy_and_then_the_team_are_chosen_when_the_own_gp_is_away(urgent: bool) -> None:
    asked = small_practices.setting(FIRST, 5)
    world = small_practices.world(asked, patients=50, gps=6, slots_each=4, covered=True)
    begin = FIRST.toordinal() - 719163
    rota = world.rota
    # GP 0's buddy is GP 1 and the team is 0, 1 and 2; GPs 3 to 5 are the first of a morning
    days = np.arange(begin, begin + 12)
    working = np.array([(day, gp) for day in days for gp in range(6)])
    rota = dataclasses.replace(
        rota,
        staff=working[:, 1].astype(np.int32),
        day=working[:, 0].astype(np.int32),
        start_minute=(600 - 10 * working[:, 1]).astype(np.int16),
        end_minute=np.full(len(working), 720, np.int16),
        slots=np.full(len(working), 4, np.int16),
        slot_minutes=np.full(len(working), 10, np.int16),
        half=np.zeros(len(working), np.int8),
        site=np.zeros(len(working), np.int8),
    )
    slots = open_book(world.clinicians, rota, begin, 12, 0.5)
    stand_ins = stand_ins_of(world.cover, world.clinicians.size, begin)
    last = 0 if urgent else 2

    def booked(wanted: int, covered: bool = True) -> int:
        ask = new_ask(GP, urgent, 0, 480, 0, 0 if urgent else 9, wanted, 2, covered)
        return int(slots.slot[own_first(slots, ask, stand_ins)]["staff"])

    def away(gp: int) -> None:
        hers = (slots.slot["staff"] == gp) & (slots.slot["day"] <= last)
        for slot in np.flatnonzero(hers & (slots.slot["taken"] == 0)).tolist():
            take(slots, slot)

    assert booked(0) == 0
    away(0)
    assert booked(0) == 1
    assert booked(0, covered=False) == 5  # who has the first slot of all
    assert booked(2) == 2
    away(1)
    assert booked(0) == 2
    away(2)
    assert booked(0) == booked(-1) == 5
    assert booked(4) == 4
    away(4)
    assert booked(4) == 5  # the buddy; the second team has not formed yet


def test_own_first_stays_in_the_team_where_there_is_one(setting: Setting) -> None:
    asked = dataclasses.replace(setting, policy="own_first")
    illness = small_practices.no_illness()
    share: dict[bool, float] = {}
    for covered in (False, True):
        world = small_practices.world(asked, patients=3000, gps=8, covered=covered)
        mates = small_practices.world(asked, patients=3000, gps=8, covered=True).cover
        book = simulate(world, illness, asked)
        own = own_gp_of(world, book)
        gp = (groups_of(world.clinicians)[book.staff] == GP) & (own >= 0) & (own != book.staff)
        pairs = set(zip(mates.staff.tolist(), mates.stands_in.tolist(), strict=True))
        seen = zip(own[gp].tolist(), book.staff[gp].tolist(), strict=True)
        share[covered] = float(np.mean([pair in pairs for pair in seen]))
    assert share[True] > share[False] + 0.15


def scattering(world: PracticeWorld, asked: Setting, patients: int) -> Illness:
    first = (asked.first - date(1970, 1, 1)).days
    who = np.arange(patients, dtype=np.int32)
    return dataclasses.replace(
        small_practices.no_illness(),
        scatter_patient=who,
        scatter_from=np.full(patients, first - 30, np.int32),
        scatter_to=np.full(patients, first + 400, np.int32),
    )


@pytest.mark.parametrize("policy", POLICIES)
def test_no_slot_is_used_twice_but_for_extras(
    world: PracticeWorld, setting: Setting, policy: str | None
) -> None:
    ran = run(world, small_practices.no_illness(), dataclasses.replace(setting, policy=policy))
    booked = ran.diary.booked[: ran.rows]
    asked = ran.diary.request["day"][: ran.rows]
    # A slot whose patient cancelled on an earlier day may have gone to somebody else.
    late = (booked["cancel_day"] == booked["day"]) & (asked == booked["day"])
    kept = (booked["status"] >= outcomes.BOOKED) & (booked["slot"] >= 0)
    kept &= (booked["status"] != outcomes.CANCELLED) | late
    used = np.bincount(booked["slot"][kept], minlength=len(ran.slots.slot))
    assert used.max() == 1
    assert (ran.slots.slot["taken"][used > 0] == 1).all()
    extras = booked[(booked["status"] >= outcomes.BOOKED) & (booked["slot"] < 0)]
    assert 0 < len(extras) < 0.08 * ran.rows


@pytest.mark.parametrize("policy", POLICIES)
def test_nobody_is_booked_outside_registration_life_or_rota(
    world: PracticeWorld, setting: Setting, books: dict[str | None, Book], policy: str | None
) -> None:
    book, patients, rota = books[policy], world.patients, world.rota
    assert (book.day >= patients.registered_from[book.patient]).all()
    assert (book.day < patients.registered_to[book.patient]).all()
    assert (book.day < patients.death_day[book.patient]).all()
    assert (patients.registered_to < OPEN).any()
    slots = {
        (day, staff, start + k * minutes)
        for day, staff, start, count, minutes in zip(
            rota.day.tolist(), rota.staff.tolist(), rota.start_minute.tolist(),
            rota.slots.tolist(), rota.slot_minutes.tolist(), strict=True,
        )
        for k in range(count)
    }  # fmt: skip
    contacts = zip(book.day.tolist(), book.staff.tolist(), book.minute.tolist(), strict=True)
    assert set(contacts) <= slots
    first = (setting.first - date(1970, 1, 1)).days
    last = (setting.last - date(1970, 1, 1)).days
    assert book.day.min() == first and last < book.day.max() <= last + AHEAD_DAYS
    assert (book.booked_day <= np.minimum(book.day, last)).all()
    same = book.booked_day == book.day
    assert (book.booked_minute[same] < book.minute[same]).all()
    assert ((book.status == outcomes.BOOKED) <= (book.day > last)).all()
    assert ((book.day > last) <= (book.status == outcomes.BOOKED) | (book.status == 5)).all()


def test_contacts_and_free_slots_come_in_order_and_never_overlap(
    books: dict[str | None, Book],
) -> None:
    book = books[None]
    key = np.lexsort((book.patient, book.staff, book.minute, book.day))
    assert (key == np.arange(len(key))).all()
    live = book.status != outcomes.CANCELLED
    taken = set(zip(book.day[live], book.staff[live], book.minute[live], strict=True))
    free = set(zip(book.free_day, book.free_staff, book.free_minute, strict=True))
    assert len(free) == len(book.free_day) > 0
    assert not taken & free
    last = book.booked_day.max()
    assert (book.free_day <= last).any() and (book.free_day > last).any()


def test_slots_kept_for_the_day_are_booked_on_the_day(
    world: PracticeWorld, setting: Setting
) -> None:
    ran = run(world, small_practices.no_illness(), setting)
    booked, request = ran.diary.booked[: ran.rows], ran.diary.request[: ran.rows]
    live = (booked["status"] >= outcomes.BOOKED) & (booked["slot"] >= 0)
    booked, request = booked[live], request[live]
    kept = ran.slots.slot["kept"][booked["slot"]] == 1
    assert kept.sum() > 1000
    assert (booked["day"][kept] == request["day"][kept]).all()
    late = request["minute"] >= 14 * 60
    assert ((request["urgency"] == outcomes.SAME_DAY) | late)[kept].all()
    gps = ran.slots.slot[ran.slots.slot["group"] == GP]
    assert gps["kept"].mean() == pytest.approx(0.4, abs=0.03)


def test_own_first_sees_the_own_gp_far_more_often(
    world: PracticeWorld, books: dict[str | None, Book]
) -> None:
    share = {policy: own_share(world, book) for policy, book in books.items()}
    assert share["earliest_any"] < 0.3 < share[None] < share["own_first"]
    assert share["own_first"] > 0.55


def own_share(world: PracticeWorld, book: Book) -> float:
    """Return the share of GP contacts that were with the named GP of the day."""
    gp = (groups_of(world.clinicians)[book.staff] == GP) & (book.status == outcomes.ATTENDED)
    return float((own_gp_of(world, book) == book.staff)[gp].mean())


def own_gp_of(world: PracticeWorld, book: Book) -> Int32:
    """Return the named GP of the day of each contact, -1 for none."""
    named, own = world.patients.named, np.full(len(book.patient), -1, np.int32)
    for place in range(int(np.diff(named.offset).max())):
        row = named.offset[book.patient] + place
        there = row < named.offset[book.patient + 1]
        row = np.minimum(row, len(named.staff) - 1)
        there &= (named.from_day[row] <= book.day) & (book.day < named.to_day[row])
        own[there] = named.staff[row][there]
    return own


@pytest.mark.parametrize("policy", POLICIES)
def test_levels_are_near_published_ones(
    world: PracticeWorld, setting: Setting, books: dict[str | None, Book], policy: str | None
) -> None:
    book = books[policy]
    past = book.day <= (setting.last - date(1970, 1, 1)).days
    live = past & (book.status != outcomes.CANCELLED)
    lead = (book.day - book.booked_day)[live]
    shares = [((lead >= a) & (lead <= z)).mean() for a, z in ((0, 0), (1, 1), (2, 7), (8, 14))]
    assert shares == pytest.approx([0.44, 0.08, 0.21, 0.14], abs=0.06)
    missed = book.status[live] == outcomes.DID_NOT_ATTEND
    assert missed.mean() == pytest.approx(0.045, abs=0.012)
    assert missed[lead == 0].mean() < missed[lead == 1].mean() < missed[lead > 7].mean()
    assert (book.status[past] == outcomes.CANCELLED).mean() == pytest.approx(0.05, abs=0.012)
    attended = book.status == outcomes.ATTENDED
    mode = np.bincount(book.mode[attended], minlength=len(MODES)) / attended.sum()
    habits = world.practice.habits
    assert mode[outcomes.TELEPHONE] == pytest.approx(habits.telephone_share, abs=0.03)
    online = mode[outcomes.ONLINE] + mode[outcomes.VIDEO]
    assert online == pytest.approx(habits.online_share, abs=0.02)
    assert mode[outcomes.FACE_TO_FACE] == pytest.approx(0.67, abs=0.05)
    visits = book.patient[attended & (book.mode == outcomes.HOME_VISIT)]
    assert len(visits) > 0 and world.patients.housebound[visits].all()
    assert (book.urgency == outcomes.FOLLOW_UP).mean() == pytest.approx(0.15, abs=0.03)
    assert book.unmet < 0.04 * live.sum()
    minutes = book.duration_minutes
    assert (minutes[attended] >= 1).all()
    assert (minutes[(book.status == 4) | (book.status == 5)] == 0).all()


def test_need_is_contacts_a_year(world: PracticeWorld, books: dict[str | None, Book]) -> None:
    patients, book = world.patients, books[None]
    first, last = FIRST.toordinal() - 719163, FIRST.toordinal() - 719163 + 365
    here = np.minimum(np.minimum(patients.registered_to, patients.death_day), last)
    years = np.maximum(here - np.maximum(patients.registered_from, first), 0) / 365.25
    wanted = float((patients.need * years).sum())
    assert (book.status == outcomes.ATTENDED).sum() / wanted == pytest.approx(0.92, abs=0.06)


def test_monday_is_busy_and_sunday_is_not(books: dict[str | None, Book]) -> None:
    book = books[None]
    asked = np.bincount((book.booked_day[book.urgency != outcomes.FOLLOW_UP] + 3) % 7, minlength=7)
    assert asked[0] == asked.max()
    assert asked[0] > 1.2 * asked[4]
    assert asked[5:].sum() == 0


def test_the_same_on_any_number_of_threads(setting: Setting) -> None:
    asked = small_practices.setting(FIRST, 60)
    illness = small_practices.no_illness()
    worlds = [small_practices.world(asked, patients=500, gps=4, seed=n) for n in range(4)]
    alone = [simulate(world, illness, asked) for world in worlds]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda world: simulate(world, illness, asked), worlds * 2))
    for book, other in zip(alone * 2, together, strict=True):
        for field in dataclasses.fields(Book):
            assert np.array_equal(getattr(book, field.name), getattr(other, field.name))
    seed = dataclasses.replace(asked, seed=2)
    assert not np.array_equal(simulate(worlds[0], illness, seed).patient, alone[0].patient)


def test_symptoms_are_recorded_at_the_contacts_that_they_lead_to(setting: Setting) -> None:
    asked = small_practices.setting(FIRST, 120)
    world = small_practices.world(asked, patients=800, gps=5)
    first = FIRST.toordinal() - 719163
    here = np.flatnonzero(
        (world.patients.registered_from < first)
        & (world.patients.registered_to == OPEN)
        & (world.patients.death_day == OPEN)
    )[:60].astype(np.int32)
    illness = dataclasses.replace(
        small_practices.no_illness(),
        request_patient=here,
        request_day=np.full(60, first + 40, np.int32),
        request_urgent=np.arange(60) % 2 == 0,
        request_symptom=np.arange(60).astype(np.int16),
    )
    book = simulate(world, illness, asked)
    recorded = book.symptom >= 0
    assert 45 <= recorded.sum() <= 60
    assert (here[book.symptom[recorded]] == book.patient[recorded]).all()
    assert (book.status[recorded] == outcomes.ATTENDED).all()
    assert (book.booked_day[recorded] == first + 42).all()  # a Saturday waits for Monday


@pytest.mark.parametrize("policy", POLICIES)
def test_scattered_patients_meet_about_twice_as_many_gps(policy: str | None) -> None:
    asked = small_practices.setting(FIRST, 365, policy=policy)
    world = small_practices.world(asked, patients=3000, gps=14)
    plain = simulate(world, small_practices.no_illness(), asked)
    moved = simulate(world, scattering(world, asked, patients=1500), asked)
    ratio = gps_at_equal_contacts(world, moved, 1500) / gps_at_equal_contacts(world, plain, 1500)
    assert ratio > (1.25 if policy == "earliest_any" else 1.45)


def gps_at_equal_contacts(world: PracticeWorld, book: Book, patients: int) -> float:
    """Return the mean number of GPs met in their first six GP contacts of those with six."""
    attended = (book.status == outcomes.ATTENDED) & (groups_of(world.clinicians)[book.staff] == GP)
    met: dict[int, list[int]] = {}
    for patient, staff in zip(book.patient[attended], book.staff[attended], strict=True):
        met.setdefault(int(patient), []).append(int(staff))
    counted = [len(set(seen[:6])) for p, seen in met.items() if p < patients and len(seen) >= 6]
    assert len(counted) > 50
    return float(np.mean(counted))


@pytest.mark.parametrize("gps", [0, 1])
def test_practices_with_hardly_anyone(gps: int) -> None:
    asked = small_practices.setting(FIRST, 30)
    world = small_practices.world(asked, patients=40, gps=gps, others=(), hub=False)
    book = simulate(world, small_practices.no_illness(), asked)
    assert (len(book.patient) > 0) == (gps == 1)
    assert HUB_GP not in groups_of(world.clinicians)


def test_nobody_on_the_list() -> None:
    asked = small_practices.setting(FIRST, 30)
    world = small_practices.world(asked, patients=0, gps=2, slots_each=5)
    book = simulate(world, small_practices.no_illness(), asked)
    assert len(book.patient) == 0
    assert len(book.free_day) == world.rota.slots[
        world.rota.day >= FIRST.toordinal() - 719163
    ].sum()  # fmt: skip
    assert WARM_UP_DAYS > 0
