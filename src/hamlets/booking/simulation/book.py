"""The appointment book of one practice, day by day: requests are booked, days go by.

In the morning of a day the appointments cancelled by then are taken out, and those of
patients who have left or died. Then the day's requests are booked in the order in which
they came, each by the policy, and after that by what a practice does when its book is
full (``_when_full``). In the evening the day's appointments have been held or missed,
and clinicians book the follow-ups they want.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from hamlets.booking.simulation.demand import REQUEST, requests_of
from hamlets.booking.simulation.desk import (
    BOOKED_ROW,
    CHAIN,
    DAY,
    NO_SLOT,
    PERSON,
    SPELL,
    Diary,
    People,
    Rules,
    run_days,
)
from hamlets.booking.simulation.outcomes import ATTENDED, BOOKED
from hamlets.booking.simulation.policies import POLICY_CODES, STAND_IN, StandIns
from hamlets.booking.simulation.slots import Slots, at_home, open_book
from hamlets.booking.simulation.world import (
    AHEAD_DAYS,
    WARM_UP_DAYS,
    Book,
    Cover,
    Illness,
    Int32,
    PracticeWorld,
    Setting,
)

Records = npt.NDArray[np.void]


class Run(NamedTuple):
    """A book that has been run to the end, as the compiled loop left it."""

    begin: int
    """The first day, a warm-up before the first that is kept; all days in here count from it."""
    slots: Slots
    diary: Diary
    people: People
    rules: Rules
    requests: int
    """Rows of the diary that are requests of patients; follow-ups come after them."""
    rows: int


def simulate(world: PracticeWorld, illness: Illness, setting: Setting) -> Book:
    """Return the book of one practice from ``setting.first`` to ``setting.last``.

    Days before ``first`` are simulated and left out; appointments after ``last`` are
    booked and not yet held. The same arguments give the same book, bit for bit.
    """
    return _book(run(world, illness, setting))


def run(world: PracticeWorld, illness: Illness, setting: Setting) -> Run:
    """Simulate, and return everything that came of it, warm-up and failures included."""
    begin = (setting.first - date(1970, 1, 1)).days - WARM_UP_DAYS
    past = (setting.last - date(1970, 1, 1)).days + 1 - begin
    habits = world.practice.habits
    slots = open_book(world.clinicians, world.rota, begin, past + AHEAD_DAYS, habits.same_day_share)
    requests = requests_of(world, illness, setting.seed, begin, past)
    people = people_of(world, illness, begin)
    diary = empty_diary(requests, slots)
    rules = Rules(
        policy=POLICY_CODES[setting.policy],
        past_days=past,
        working_days=max(int((diary.day["nth"] >= 0).sum()), 1),
        own_first=float(habits.own_first),
        wait_days=int(habits.wait_days),
        telephone=float(habits.telephone_share),
        online=float(habits.online_share),
        hub=float(habits.hub_share),
        stand_ins=stand_ins_of(world.cover, world.clinicians.size, begin),
    )
    rows = run_days(slots, diary, people, rules, len(requests))
    return Run(begin, slots, diary, people, rules, len(requests), rows)


def empty_diary(requests: Records, slots: Slots) -> Diary:
    """Return the requests with nothing booked, and room for their follow-ups."""
    rows = np.zeros(len(requests) * CHAIN, REQUEST)
    rows[: len(requests)] = requests
    staffed = at_home(slots)
    day = np.full(slots.days, -1, DAY)
    day["rank"] = np.cumsum(staffed) - staffed
    day["nth"][: staffed.sum()] = np.flatnonzero(staffed)
    return Diary(request=rows, booked=np.zeros(len(rows), BOOKED_ROW), day=day)


def people_of(world: PracticeWorld, illness: Illness, begin: int) -> People:
    """Return what the desk knows of the patients, days counted from ``begin``."""
    patients, named = world.patients, world.patients.named
    person = np.zeros(patients.size + 1, PERSON)
    person["named"] = named.offset
    order = np.argsort(illness.scatter_patient, kind="stable")
    scattered = illness.scatter_patient[order]
    person["scatter"] = np.searchsorted(scattered, np.arange(patients.size + 1))
    mine = person[:-1]
    mine["loyalty"], mine["imd_decile"] = patients.loyalty, patients.imd_decile
    mine["birth_day"] = _from(begin, patients.birth_day)
    mine["left"] = _from(begin, np.minimum(patients.registered_to, patients.death_day))
    mine["housebound"], mine["ill"] = patients.housebound, patients.conditions != 0
    mine["seen_last"] = -1
    return People(
        person=person,
        named=_spells(begin, named.from_day, named.to_day, named.staff),
        scatter=_spells(begin, illness.scatter_from[order], illness.scatter_to[order]),
        met=np.zeros(len(order) * world.clinicians.size, np.int32),
    )


def stand_ins_of(cover: Cover, clinicians: int, begin: int) -> StandIns:
    """Return who stands in for each clinician as policies read it, days counted from ``begin``."""
    order = np.lexsort((cover.stands_in, cover.staff))
    row = np.zeros(len(order), STAND_IN)
    row["staff"], row["buddy"] = cover.stands_in[order], cover.buddy[order]
    row["from_day"] = _from(begin, cover.from_day[order])
    row["to_day"] = _from(begin, cover.to_day[order])
    first = np.searchsorted(cover.staff[order], np.arange(clinicians + 1))
    return StandIns(first=first.astype(np.int32), row=row)


def _spells(begin: int, start: Int32, end: Int32, staff: Int32 | None = None) -> Records:
    spells = np.zeros(len(start), SPELL)
    spells["from_day"], spells["to_day"] = _from(begin, start), _from(begin, end)
    if staff is not None:
        spells["staff"] = staff
    return spells


def _from(begin: int, day: Int32) -> npt.NDArray[np.int64]:
    """Return days counted from ``begin``, those long before it as long before as fits."""
    return np.maximum(day.astype(np.int64) - begin, -(2**31))


def _book(run: Run) -> Book:
    """Return the rows from the end of the warm-up on, in order, and the slots left over."""
    slots, begin = run.slots, run.begin
    request, booked = run.diary.request[: run.rows], run.diary.booked[: run.rows]
    missed = (booked["status"] == NO_SLOT) & (request["day"] >= WARM_UP_DAYS)
    rows = np.flatnonzero((booked["status"] >= BOOKED) & (booked["day"] >= WARM_UP_DAYS))
    request, booked = request[rows], booked[rows]
    order = np.lexsort((request["patient"], booked["staff"], booked["minute"], booked["day"]))
    request, booked = request[order], booked[order]
    attended = booked["status"] == ATTENDED
    takes_time = attended | (booked["status"] == BOOKED)
    free = slots.slot[(slots.slot["taken"] == 0) & (slots.slot["day"] >= WARM_UP_DAYS)]
    return Book(
        patient=request["patient"].copy(),
        staff=booked["staff"].copy(),
        day=booked["day"] + np.int32(begin),
        minute=booked["minute"].copy(),
        booked_day=request["day"] + np.int32(begin),
        booked_minute=request["minute"].copy(),
        status=booked["status"].copy(),
        mode=booked["mode"].copy(),
        urgency=request["urgency"].copy(),
        duration_minutes=np.where(takes_time, booked["length"], 0).astype(np.int16),
        site=booked["site"].copy(),
        symptom=np.where(attended, request["symptom"], -1).astype(np.int16),
        free_staff=free["staff"].copy(),
        free_day=free["day"] + np.int32(begin),
        free_minute=free["minute"].copy(),
        free_minutes=free["length"].copy(),
        free_same_day=free["kept"] != 0,
        unmet=int(missed.sum()),
    )
