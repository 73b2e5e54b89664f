"""The loop of the simulated book, compiled: a day's requests, booked one after the other."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from hamlets.booking.simulation.demand import REQUEST
from hamlets.booking.simulation.outcomes import (
    ATTENDED,
    BOOKED,
    CANCEL_DAY,
    CANCELLED,
    CANCELS,
    DESK,
    DID_NOT_ATTEND,
    EVENING,
    EXTRA_BY_TELEPHONE,
    FOLLOW_KEY,
    FOLLOW_UP,
    FOLLOWS,
    HUB,
    MISSES,
    PATIENT_ASKS,
    SAME_DAY,
    TELEPHONE,
    WHO,
    chance_cancelled,
    chance_followed_up,
    chance_missed,
    draw,
    follow_up_delay,
    minutes_of,
    mixed,
    mode_of,
)
from hamlets.booking.simulation.policies import (
    ASKS_FOR_OWN,
    NOTICE_MINUTES,
    OWN_FIRST,
    ask_type,
    desk_tries,
    earliest_any,
    least_met,
    new_ask,
    own_first,
    stand_ins_type,
    whom_to_ask_for,
)
from hamlets.booking.simulation.slots import (
    ADVANCED,
    ASSISTANT,
    GP,
    HUB_GP,
    HUB_OTHER,
    NURSE,
    release,
    slots_type,
    take,
)
from hamlets.continuity.compiled import compiled, i4_, integer, numba, types, void

NO_SLOT, TAKEN_OUT = 0, -1
"""Status of a request that found nothing, and of a contact whose patient left before it."""
NOBODY = -1

HORIZON_DAYS = 28
"""How far beyond the day wanted the desk looks for a slot."""
FOLLOW_UP_WAIT = 12
"""Working days at least that the desk waits for the clinician who asked for a follow-up."""
SCATTER_DAYS, SCATTER_SOON = 12, 2
"""How far ahead a GP hardly met is looked for; for an urgent request."""
PATIENCE_DAYS = 5
"""Days beyond the day wanted from which the hub is an offer."""
HUB_DAYS = 7
SOON_DAYS = 7
"""Days in which an urgent request is seen when its own day is full."""
EXTRAS_PER_SESSION = 4
"""Urgent requests that a GP takes on beyond the slots of a session: double bookings."""
EXTRAS_BY_TELEPHONE = 0.6
"""Share of extras that are calls, whatever the practice does otherwise."""
HUB_WHEN_LATE = 10
"""How much more often the hub is taken by those who found nothing in time than by people of
working age who could have come by day (a share ``Rules.hub`` of whom choose it)."""


CHAIN = 4
"""A request and its follow-ups are at most this many contacts."""

PERSON = np.dtype(
    [
        ("loyalty", np.float32),
        ("birth_day", np.int32),
        ("left", np.int32),
        ("seen_last", np.int32),
        ("named", np.int32),
        ("scatter", np.int32),
        ("imd_decile", np.int8),
        ("housebound", np.int8),
        ("ill", np.int8),
    ],
    align=True,
)
"""What the desk knows of a patient: ``left`` is the first day no longer registered or alive,
``seen_last`` the practice's GP last seen (written by the loop), ``ill`` 1 for who is on a
register, ``named`` and ``scatter`` the first of the patient's rows in those tables."""
SPELL = np.dtype([("staff", np.int32), ("from_day", np.int32), ("to_day", np.int32)])
"""A named GP, or (without one) a time in which a patient is given GPs hardly met."""
BOOKED_ROW = np.dtype(
    [
        ("slot", np.int32),
        ("staff", np.int32),
        ("day", np.int32),
        ("cancel_day", np.int32),
        ("day_next", np.int32),
        ("cancel_next", np.int32),
        ("minute", np.int16),
        ("length", np.int16),
        ("site", np.int8),
        ("status", np.int8),
        ("mode", np.int8),
    ],
    align=True,
)
"""What a request got. ``slot`` is -1 beyond the slots; the day's rows, and those that will be
cancelled on a day, are chained through ``day_next`` and ``cancel_next``."""
DAY = np.dtype([(name, np.int32) for name in ("held", "cancelled", "rank", "nth")])
"""A day: the first rows of its two chains; how many working days come before it; and, at
position n, the n-th working day."""


class People(NamedTuple):
    """Tables about patients; days count from the first day of the book."""

    person: Any
    named: Any
    scatter: Any
    met: Any
    """Bookings in a scatter spell at spell x clinicians + clinician; written by the loop."""


class Rules(NamedTuple):
    """How the practice books, and for how long."""

    policy: int
    past_days: int
    working_days: int
    own_first: float
    wait_days: int
    telephone: float
    online: float
    hub: float
    stand_ins: Any
    """Who stands in for a GP who is away: ``policies.StandIns``."""


class Diary(NamedTuple):
    """Requests and what they got, row by row, and the days."""

    request: Any
    booked: Any
    day: Any


def _records(dtype: Any) -> Any:
    return types.Array(numba.from_dtype(dtype), 1, "C")


people_type = types.NamedTuple([_records(PERSON), _records(SPELL), _records(SPELL), i4_], People)
rules_type = types.NamedTuple(
    [types.int64] * 3 + [types.float64, types.int64] + [types.float64] * 3 + [stand_ins_type],
    Rules,
)
diary_type = types.NamedTuple([_records(REQUEST), _records(BOOKED_ROW), _records(DAY)], Diary)
_state = (slots_type, diary_type, people_type, rules_type)


@compiled(types.int64, people_type, integer, integer)
def own_gp(people: Any, patient: int, day: int) -> int:
    """Return the named GP of a patient on a day; -1: none."""
    found = NOBODY
    for row in range(people.person[patient].named, people.person[patient + 1].named):
        if people.named[row].from_day <= day < people.named[row].to_day:
            found = people.named[row].staff
    return found


@compiled(types.int64, people_type, integer, integer)
def scatter_spell(people: Any, patient: int, day: int) -> int:
    """Return the spell in which a patient is given GPs hardly met; -1: none that day."""
    for row in range(people.person[patient].scatter, people.person[patient + 1].scatter):
        if people.scatter[row].from_day <= day < people.scatter[row].to_day:
            return row
    return -1


@compiled(types.int64, slots_type, integer, integer, integer)
def extra_with(slots: Any, day: int, minute: int, wanted: int) -> int:
    """Return the slot to book a second time for an urgent request; -1: no GP can.

    The GP wanted if at work with time left, else whoever has the fewest extras for the
    sessions worked. Extras go on a session's last slots.
    """
    slot, cells = slots.slot, slots.cell
    best, best_load = -1, float(EXTRAS_PER_SESSION)
    for row in range(slots.member[GP], slots.member[GP + 1]):
        at = day * slots.clinicians + slots.member[row]
        last = cells[at + 1].start - 1
        if last < cells[at].start or slot[last].minute < minute + NOTICE_MINUTES:
            continue
        load = cells[at].extras / cells[at].sessions
        if load < EXTRAS_PER_SESSION and (load < best_load or slots.member[row] == wanted):
            best, best_load = at, (-1.0 if slots.member[row] == wanted else load)
    if best < 0:
        return -1
    found = max(cells[best + 1].start - 1 - cells[best].extras, cells[best].start)
    while slot[found].minute < minute + NOTICE_MINUTES:
        found += 1
    cells[best].extras += 1
    return found


@compiled(types.int64, slots_type, ask_type, integer, integer)
def _at_hub(slots: Any, ask: Any, not_before: int, until: int) -> int:
    hub = HUB_GP if ask.group in (GP, ADVANCED) else HUB_OTHER
    asked = new_ask(hub, False, ask.day, ask.minute, not_before, until, NOBODY, 0, False)
    return earliest_any(slots, asked)


@compiled(types.boolean, diary_type, people_type, rules_type, integer)
def _desk_tries(diary: Any, people: Any, rules: Any, row: int) -> bool:
    """Return whether the desk looks for the own GP, whomever else a request is for."""
    request = diary.request[row]
    if request.group != GP or (request.urgency == FOLLOW_UP and rules.policy != OWN_FIRST):
        return False
    age = (request.day - people.person[request.patient].birth_day) // 365
    return desk_tries(rules.policy, rules.own_first, draw(request.key, DESK), age)


@compiled(types.int64, diary_type, people_type, rules_type, integer, types.boolean)
def _wanted(diary: Any, people: Any, rules: Any, row: int, tries: bool) -> int:
    """Return the clinician whom the policy, the patient or a follow-up asks for; -1: none."""
    request = diary.request[row]
    person = people.person[request.patient]
    if request.urgency == FOLLOW_UP and not tries:
        return request.maker
    if request.group != GP:
        return NOBODY
    return whom_to_ask_for(
        rules.policy,
        own_gp(people, request.patient, request.day),
        person.seen_last,
        tries,
        draw(request.key, PATIENT_ASKS) < person.loyalty,
        draw(request.key, WHO) < ASKS_FOR_OWN,
    )


@compiled(ask_type, diary_type, people_type, rules_type, integer)
def ask_of(diary: Any, people: Any, rules: Any, row: int) -> Any:
    """Return a row of the requests as the policies take it."""
    request = diary.request[row]
    urgent = request.urgency == SAME_DAY
    follows = request.urgency == FOLLOW_UP
    tries = _desk_tries(diary, people, rules, row)
    wait = max(rules.wait_days, FOLLOW_UP_WAIT) if follows else rules.wait_days
    rank = diary.day[min(request.not_before, len(diary.day) - 1)].rank
    return new_ask(
        request.group,
        urgent,
        request.day,
        request.minute,
        request.not_before,
        request.day if urgent else request.not_before + HORIZON_DAYS,
        _wanted(diary, people, rules, row, tries),
        diary.day[min(rank + wait, rules.working_days - 1)].nth,
        tries,
    )


@compiled(types.int64, slots_type, ask_type, rules_type, types.uint64)
def _urgent_when_full(slots: Any, ask: Any, rules: Any, key: int) -> int:
    """Return a slot at the hub or with who stands in, -2 - slot for an extra, or one soon; -1."""
    if draw(key, HUB) < HUB_WHEN_LATE * rules.hub:
        slot = _at_hub(slots, ask, ask.day, ask.day + 1)
        if slot >= 0:
            return slot
    if ask.group != GP:
        other = NURSE if ask.group == ASSISTANT else GP
        instead = new_ask(other, True, ask.day, ask.minute, ask.day, ask.day, NOBODY, 0, False)
        slot = earliest_any(slots, instead)
        if slot >= 0:
            return slot
    if ask.group in (GP, ADVANCED):
        slot = extra_with(slots, ask.day, ask.minute, ask.wanted)
        if slot >= 0:
            return -2 - slot
    last = ask.day + SOON_DAYS
    soon = new_ask(ask.group, False, ask.day, ask.minute, ask.day + 1, last, NOBODY, 0, False)
    return earliest_any(slots, soon)


@compiled(types.int64, slots_type, diary_type, people_type, rules_type, ask_type, integer)
def find(slots: Any, diary: Any, people: Any, rules: Any, ask: Any, row: int) -> int:
    """Return the slot of a request; -1: none; -2 - slot: an extra on a slot that is taken."""
    request = diary.request[row]
    follows = request.urgency == FOLLOW_UP
    spell = scatter_spell(people, request.patient, ask.day) if ask.group == GP else -1
    hub_until = ask.not_before + HUB_DAYS
    if spell >= 0:
        until = ask.not_before + (SCATTER_SOON if ask.urgent else SCATTER_DAYS)
        anyone = new_ask(
            GP, ask.urgent, ask.day, ask.minute, ask.not_before, until, NOBODY, 0, False
        )
        slot = least_met(slots, anyone, people.met, spell * slots.clinicians)
        if slot >= 0:
            return slot
    elif ask.group == GP and not follows and draw(request.key, EVENING) < rules.hub:
        age = (ask.day - people.person[request.patient].birth_day) // 365
        if 16 <= age < 65:
            slot = _at_hub(slots, ask, ask.not_before, hub_until)
            if slot >= 0:
                return slot
    slot = own_first(slots, ask, rules.stand_ins)
    if ask.urgent:
        return slot if slot >= 0 else _urgent_when_full(slots, ask, rules, request.key)
    late = slot < 0 or slots.slot[slot].day - ask.not_before > PATIENCE_DAYS
    if late and not follows and draw(request.key, HUB) < HUB_WHEN_LATE * rules.hub:
        at_hub = _at_hub(slots, ask, ask.not_before, hub_until)
        if at_hub >= 0 and (slot < 0 or slots.slot[at_hub].day < slots.slot[slot].day):
            return at_hub
    return slot


@compiled(void, *_state, integer, integer)
def _write(slots: Any, diary: Any, people: Any, rules: Any, row: int, found: int) -> None:
    """Write a booking, decide its mode, and whether and when it will be cancelled."""
    if found >= 0:
        take(slots, found)
    request, booked = diary.request[row], diary.booked[row]
    slot = slots.slot[found if found >= 0 else -2 - found]
    person = people.person[request.patient]
    booked.slot = found if found >= 0 else -1
    booked.staff, booked.day, booked.minute = slot.staff, slot.day, slot.minute
    booked.length, booked.site, booked.status = slot.length, slot.site, BOOKED
    booked.day_next = diary.day[slot.day].held
    diary.day[slot.day].held = row
    age, housebound = (slot.day - person.birth_day) // 365, person.housebound != 0
    booked.mode = mode_of(
        slot.group, age, request.urgency, housebound, rules.telephone, rules.online, request.key
    )
    if found < 0 and draw(request.key, EXTRA_BY_TELEPHONE) < EXTRAS_BY_TELEPHONE:
        booked.mode = TELEPHONE
    spell = scatter_spell(people, request.patient, request.day)
    if spell >= 0:
        people.met[spell * slots.clinicians + slot.staff] += 1
    lead = slot.day - request.day
    booked.cancel_day = -1
    if draw(request.key, CANCELS) < chance_cancelled(lead):
        day = request.day + min(lead, 1 + int(draw(request.key, CANCEL_DAY) * lead))
        booked.cancel_day, booked.cancel_next = day, diary.day[day].cancelled
        diary.day[day].cancelled = row


@compiled(void, *_state, integer)
def book_one(slots: Any, diary: Any, people: Any, rules: Any, row: int) -> None:
    """Book one request, or leave it without a slot."""
    found = find(slots, diary, people, rules, ask_of(diary, people, rules, row), row)
    if found == -1:
        diary.booked[row].status = NO_SLOT
    else:
        _write(slots, diary, people, rules, row, found)


@compiled(void, slots_type, diary_type, people_type, integer, types.boolean)
def take_out(slots: Any, diary: Any, people: Any, day: int, cancels: bool) -> None:
    """Free the slots of what was cancelled by this morning, and of those who have left."""
    row = diary.day[day].cancelled if cancels else -1
    while row >= 0:
        booked = diary.booked[row]
        if booked.status == BOOKED:
            booked.status = CANCELLED
            if booked.slot >= 0:
                release(slots, booked.slot)
        row = booked.cancel_next
    row = diary.day[day].held
    while row >= 0:
        booked = diary.booked[row]
        left = people.person[diary.request[row].patient].left
        if left <= day and booked.status in (BOOKED, CANCELLED):
            if booked.status == BOOKED and booked.slot >= 0:
                release(slots, booked.slot)
            booked.status = TAKEN_OUT
        row = booked.day_next


@compiled(types.int64, slots_type, diary_type, integer)
def _group(slots: Any, diary: Any, row: int) -> int:
    """Return the group of the clinician of a booking; only GPs take extras."""
    slot = diary.booked[row].slot
    return GP if slot < 0 else slots.slot[slot].group


@compiled(types.boolean, slots_type, diary_type, people_type, integer)
def _hold(slots: Any, diary: Any, people: Any, row: int) -> bool:
    """Settle an appointment of today; return whether the clinician wants another."""
    request, booked = diary.request[row], diary.booked[row]
    person, key = people.person[request.patient], request.key
    if booked.cancel_day == booked.day:  # cancelled on the day it was made: too late to reuse
        booked.status = CANCELLED
        return False
    age, lead = (booked.day - person.birth_day) // 365, booked.day - request.day
    if draw(key, MISSES) < chance_missed(lead, person.imd_decile, age, booked.mode):
        booked.status = DID_NOT_ATTEND
        return False
    booked.status = ATTENDED
    group = _group(slots, diary, row)
    booked.length = minutes_of(group, booked.mode, key)
    if group == GP:
        person.seen_last = booked.staff
    if group >= HUB_GP or request.link >= CHAIN - 1:
        return False
    return draw(key, FOLLOWS) < chance_followed_up(group, age, person.ill != 0)


@compiled(void, slots_type, diary_type, integer, integer)
def _follow_up(slots: Any, diary: Any, row: int, new: int) -> None:
    """Write the request that follows from the appointment of a row, to the same clinician."""
    before, booked, request = diary.request[row], diary.booked[row], diary.request[new]
    request.key = mixed(before.key, FOLLOW_KEY)
    request.patient, request.group = before.patient, _group(slots, diary, row)
    request.day, request.minute = booked.day, booked.minute + booked.length
    request.not_before = booked.day + follow_up_delay(request.key)
    request.maker, request.link = booked.staff, before.link + 1
    request.urgency, request.symptom = FOLLOW_UP, -1


@compiled(types.int64, *_state, integer, integer)
def _evening(slots: Any, diary: Any, people: Any, rules: Any, day: int, count: int) -> int:
    """Settle the day and book the follow-ups; return the number of rows now filled."""
    row = diary.day[day].held
    while row >= 0:
        booked = diary.booked[row]
        if booked.status == BOOKED and _hold(slots, diary, people, row):
            _follow_up(slots, diary, row, count)
            book_one(slots, diary, people, rules, count)
            count += 1
        row = booked.day_next
    return count


@compiled(types.int64, *_state, integer)
def run_days(slots: Any, diary: Any, people: Any, rules: Any, requests: int) -> int:
    """Run the book over the days that are past, with this many requests of patients.

    Returns the rows filled in the end: requests and, after them, follow-ups.
    """
    count, row = requests, 0
    for day in range(rules.past_days):
        take_out(slots, diary, people, day, True)
        while row < requests and diary.request[row].day == day:
            book_one(slots, diary, people, rules, row)
            row += 1
        count = _evening(slots, diary, people, rules, day, count)
    for day in range(rules.past_days, len(diary.day)):
        take_out(slots, diary, people, day, False)
    return count
