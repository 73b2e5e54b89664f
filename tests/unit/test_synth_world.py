"""One invented practice at a time: patients, named GPs and the rota, and what must hold."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from hamlets.booking.simulation.making import Ground, make_ground, make_practice, make_world
from hamlets.booking.simulation.patients import ETHNICITIES, LANGUAGES
from hamlets.booking.simulation.posts import days_of
from hamlets.booking.simulation.world import HALVES, OPEN, PracticeWorld, Setting
from hamlets.records.tables import ROLES

SETTING = Setting(6, 24_000, date(2024, 11, 1), date(2026, 10, 31), 5)
EPOCH = date(1970, 1, 1)
TODAY = (SETTING.last - EPOCH).days
FIRST, END = days_of(SETTING)


@pytest.fixture(scope="module")
def ground() -> Ground:
    return make_ground(SETTING)


@pytest.fixture(scope="module")
def worlds(ground: Ground) -> list[PracticeWorld]:
    return [make_practice(ground, n) for n in range(SETTING.practices)]


def roles_of(world: PracticeWorld) -> np.ndarray:
    return np.array([ROLES[code] for code in world.clinicians.role])


def test_the_list_has_the_size_that_was_asked_for(worlds: list[PracticeWorld]) -> None:
    for world in worlds:
        patients = world.patients
        here = (patients.registered_from <= TODAY) & (patients.registered_to > TODAY)
        assert here.sum() == world.practice.list_size


@pytest.mark.parametrize(("practices", "patients"), [(1, 1), (1, 50), (3, 3), (7, 200)])
def test_small_worlds_can_be_made(practices: int, patients: int) -> None:
    setting = Setting(practices, patients, date(2026, 10, 1), date(2026, 10, 31), 2)
    worlds = make_world(setting)
    for world in worlds:
        found = world.patients
        here = (found.registered_from <= TODAY) & (found.registered_to > TODAY)
        assert here.sum() == world.practice.list_size
        assert world.clinicians.size >= 2
        assert (world.rota.slots > 0).all()


def test_many_small_lists_all_have_their_size() -> None:
    setting = Setting(150, 2_000, date(2026, 10, 1), date(2026, 10, 31), 4)
    for world in make_world(setting):
        found = world.patients
        here = (found.registered_from <= TODAY) & (found.registered_to > TODAY)
        assert here.sum() == world.practice.list_size


def test_one_practice_does_not_depend_on_who_was_made_before(ground: Ground) -> None:
    alone = make_practice(ground, 4)
    again = make_world(SETTING)[4]
    assert alone.patients.patient_id == again.patients.patient_id
    for name in ("birth_day", "need", "loyalty", "registered_from", "conditions", "area"):
        assert np.array_equal(getattr(alone.patients, name), getattr(again.patients, name))
    for name in ("staff", "day", "start_minute", "slots", "site"):
        assert np.array_equal(getattr(alone.rota, name), getattr(again.rota, name))
    assert np.array_equal(alone.patients.named.staff, again.patients.named.staff)


def test_another_seed_is_another_borough() -> None:
    other = Setting(6, 24_000, SETTING.first, SETTING.last, 6)
    mine, theirs = make_ground(SETTING), make_ground(other)
    assert mine.borough.practices[0].list_size != theirs.borough.practices[0].list_size


def test_registered_days_are_in_order(worlds: list[PracticeWorld]) -> None:
    for world in worlds:
        p = world.patients
        assert (p.registered_from < p.registered_to).all()
        assert (p.registered_from <= TODAY).all()
        assert (p.registered_to > FIRST).all()
        assert (p.birth_day <= p.registered_from).all()
        # nobody knows who will leave or die in the days booked ahead
        assert ((p.registered_to <= TODAY + 1) | (p.registered_to == OPEN)).all()
        dead = p.death_day != OPEN
        assert (p.registered_to[dead] == p.death_day[dead] + 1).all()
        assert (p.death_day[dead] < TODAY).all()


def test_the_people_are_those_of_a_young_inner_city(worlds: list[PracticeWorld]) -> None:
    ages: list[np.ndarray] = []
    needs: list[np.ndarray] = []
    left = there = died = 0
    for world in worlds:
        p = world.patients
        here = (p.registered_from <= TODAY) & (p.registered_to > TODAY)
        ages.append((TODAY - p.birth_day[here]) / 365.25)
        needs.append(p.need[here])
        there += int(here.sum())
        left += int(((p.registered_to > TODAY - 365) & (p.registered_to <= TODAY)).sum())
        died += int(((p.death_day > TODAY - 365) & (p.death_day <= TODAY)).sum())
    age = np.concatenate(ages)
    assert 0.55 < np.mean((age >= 16) & (age < 45)) < 0.68
    assert 0.04 < np.mean(age >= 65) < 0.10
    assert 0.03 < np.mean(age < 5) < 0.08
    assert 0.09 < left / there < 0.16
    assert 0.003 < died / there < 0.009
    assert 5.8 < np.concatenate(needs).mean() < 6.8


def test_households_share_where_they_live(worlds: list[PracticeWorld]) -> None:
    for world in worlds:
        p = world.patients
        order = np.argsort(p.household, kind="stable")
        same = np.diff(p.household[order]) == 0
        assert (np.diff(p.area[order])[same] == 0).all()
        assert (np.diff(p.imd_decile[order])[same] == 0).all()
        sizes = np.bincount(p.household)
        assert sizes.min() >= 1
        assert 1.5 < sizes.mean() < 3.2
        assert ((p.imd_decile >= 1) & (p.imd_decile <= 10)).all()
        assert p.ethnicity.max() < len(ETHNICITIES)
        assert p.language.max() < len(LANGUAGES)


def test_children_live_with_an_adult_when_they_come(worlds: list[PracticeWorld]) -> None:
    p = worlds[0].patients
    age = (p.registered_from - p.birth_day) / 365.25
    adult = np.zeros(int(p.household.max()) + 1, bool)
    adult[p.household[(TODAY - p.birth_day) / 365.25 >= 18]] = True
    children = age < 10
    assert adult[p.household[children]].mean() > 0.97


def test_the_old_and_the_ill_need_more_and_ask_more_for_their_own_gp(
    worlds: list[PracticeWorld],
) -> None:
    for world in worlds[:3]:
        p = world.patients
        old = (TODAY - p.birth_day) / 365.25 >= 75
        young = ((TODAY - p.birth_day) / 365.25 < 40) & (p.conditions == 0)
        assert p.need[old].mean() > 1.5 * p.need[young].mean()
        assert p.loyalty[old].mean() > p.loyalty[young].mean() + 0.1
        assert ((p.loyalty >= 0) & (p.loyalty <= 1)).all()
        assert (p.need >= 0).all()


def test_named_gps_begin_inside_the_employment_and_rows_do_not_overlap(
    worlds: list[PracticeWorld],
) -> None:
    for world in worlds:
        p, named, staff = world.patients, world.patients.named, world.clinicians
        who = np.repeat(np.arange(p.size), np.diff(named.offset))
        assert named.offset[-1] == named.staff.size
        assert (named.from_day >= staff.start_day[named.staff]).all()
        assert (named.from_day < staff.end_day[named.staff]).all()
        assert (named.from_day >= p.registered_from[who]).all()
        assert (named.to_day <= p.registered_to[who]).all()
        assert (named.from_day < named.to_day).all()
        same = np.diff(who) == 0
        assert (named.to_day[:-1] <= named.from_day[1:])[same].all()


def test_most_have_a_named_gp_and_few_a_wrong_one(worlds: list[PracticeWorld]) -> None:
    have, wrong, gone, total = 0, 0, 0, 0
    for world in worlds:
        p, named = world.patients, world.patients.named
        here = (p.registered_from <= TODAY) & (p.registered_to > TODAY)
        who = np.repeat(np.arange(p.size), np.diff(named.offset))
        rows = here[who] & (named.from_day <= TODAY) & (named.to_day > TODAY)
        roles = roles_of(world)[named.staff[rows]]
        total += int(here.sum())
        have += int(rows.sum())
        wrong += int(np.isin(roles, ("gp_locum", "gp_registrar")).sum())
        gone += int((world.clinicians.end_day[named.staff[rows]] <= TODAY).sum())
        assert np.isin(roles, ("gp_partner", "gp_salaried", "gp_locum", "gp_registrar")).all()
    assert 0.93 < have / total < 0.99
    assert 0.001 < wrong / total < 0.02
    assert 0.001 < gone / total < 0.10


def test_lists_follow_sessions_and_households_mostly_share(worlds: list[PracticeWorld]) -> None:
    world = max(worlds, key=lambda w: w.practice.list_size)
    p, named, staff = world.patients, world.patients.named, world.clinicians
    who = np.repeat(np.arange(p.size), np.diff(named.offset))
    now = (named.from_day <= TODAY) & (named.to_day > TODAY)
    roles = roles_of(world)
    here = np.isin(roles, ("gp_partner", "gp_salaried")) & ~staff.hub
    here &= (staff.start_day <= FIRST) & (staff.end_day > TODAY)
    lists = np.bincount(named.staff[now], minlength=staff.size)[here]
    sessions = staff.sessions_per_week[here]
    assert np.corrcoef(lists, sessions)[0, 1] > 0.7
    of = np.full(p.size, -1)
    of[who[now]] = named.staff[now]
    order = np.argsort(p.household, kind="stable")
    pair = (np.diff(p.household[order]) == 0) & (of[order][:-1] >= 0) & (of[order][1:] >= 0)
    assert (np.diff(of[order])[pair] == 0).mean() > 0.7


def test_the_rota_is_in_order_inside_the_employment_and_nobody_is_in_two_places(
    worlds: list[PracticeWorld],
) -> None:
    for world in worlds:
        rota, staff = world.rota, world.clinicians
        assert (rota.day >= FIRST).all()
        assert (rota.day <= END).all()
        assert (rota.day >= staff.start_day[rota.staff]).all()
        assert (rota.day < staff.end_day[rota.staff]).all()
        key = np.lexsort((rota.staff, rota.start_minute, rota.day))
        assert np.array_equal(key, np.arange(key.size))
        assert (rota.slots > 0).all()
        assert (rota.slots * rota.slot_minutes <= rota.end_minute - rota.start_minute).all()
        assert ((rota.site == -1) == staff.hub[rota.staff]).all()
        assert (rota.half < len(HALVES)).all()
        own = np.flatnonzero(rota.site >= 0)
        by_person = own[np.lexsort((rota.start_minute[own], rota.day[own], rota.staff[own]))]
        same = (np.diff(rota.staff[by_person]) == 0) & (np.diff(rota.day[by_person]) == 0)
        ends = rota.end_minute[by_person][:-1]
        assert (ends <= rota.start_minute[by_person][1:])[same].all()


def test_own_surgeries_are_on_working_days_only(worlds: list[PracticeWorld]) -> None:
    import holidays

    closed = [(d - EPOCH).days for d in holidays.country_holidays(
        "GB", subdiv="ENG", years=range(2024, 2028)
    )]  # fmt: skip
    for world in worlds:
        own = world.rota.day[world.rota.site >= 0]
        assert ((own + 3) % 7 < 5).all()
        assert not np.isin(own, closed).any()


def test_gps_are_away_some_weeks_and_locums_stand_in(worlds: list[PracticeWorld]) -> None:
    given = promised = locum = 0.0
    for world in worlds:
        staff, rota = world.clinicians, world.rota
        roles = roles_of(world)
        weeks = (END - FIRST + 1) / 7
        here = np.isin(roles, ("gp_partner", "gp_salaried")) & ~staff.hub
        here &= (staff.start_day <= FIRST) & (staff.end_day > END)
        day_sessions = rota.half < 2
        given += float((here[rota.staff] & day_sessions).sum())
        promised += float(staff.sessions_per_week[here].sum() * weeks)
        locum += float((roles == "gp_locum")[rota.staff].sum())
    assert 0.74 < given / promised < 0.88
    assert 0.04 < locum / given < 0.35


def test_slots_are_made_for_the_requests(worlds: list[PracticeWorld]) -> None:
    for world in worlds:
        p, rota = world.patients, world.rota
        days = np.minimum(p.registered_to, END + 1) - np.maximum(p.registered_from, FIRST)
        wanted = float((p.need * np.maximum(days, 0)).sum() / 365.25)
        own = float(rota.slots[rota.site >= 0].sum())
        assert own / wanted == pytest.approx(world.practice.habits.supply, abs=0.04)


def test_practices_share_the_hubs_slots(ground: Ground, worlds: list[PracticeWorld]) -> None:
    for network in ground.borough.networks:
        sessions = ground.hub_sessions[network.hub_id]
        assert sessions
        slots: dict[tuple[str, int, int], int] = {}
        for number in network.practices:
            world = worlds[number]
            at_hub = np.flatnonzero(world.rota.site == -1)
            for row in at_hub.tolist():
                who = world.clinicians.staff_id[world.rota.staff[row]]
                for k in range(int(world.rota.slots[row])):
                    start = int(world.rota.start_minute[row]) + k * int(
                        world.rota.slot_minutes[row]
                    )
                    key = (who, int(world.rota.day[row]), start)
                    slots[key] = slots.get(key, 0) + 1
        assert max(slots.values()) == 1
        assert len(slots) > 0.85 * sum(s.slots for s in sessions)
