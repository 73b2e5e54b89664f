"""The booking policies once more, as plain loops over a list of slots, and a replay of a run.

Written from the rules and not from the compiled code: a slot is an object, the book is a
list, every search looks at every slot. The replay meets the same requests, the same luck
and the same cancellations as a run, and says for each request where it should have gone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

from hamlets.booking.simulation import desk, outcomes, policies
from hamlets.booking.simulation.book import Run
from hamlets.booking.simulation.slots import (
    ADVANCED,
    ASSISTANT,
    GP,
    HUB_GP,
    HUB_OTHER,
    NURSE,
    Slots,
)
from hamlets.booking.simulation.world import Cover


@dataclass
class Slot:
    """One slot of the plain book."""

    row: int
    day: int
    staff: int
    minute: int
    group: int
    kept: bool
    free: bool = True


@dataclass(frozen=True)
class Wish:
    """A request: for which group, how urgent, when asked, for which days, whom first."""

    group: int
    urgent: bool
    day: int
    minute: int
    not_before: int
    until: int
    wanted: int = -1
    wanted_until: int = 0
    covered: bool = False


@dataclass(frozen=True)
class StandIn:
    """Who stands in for a clinician from one day to before another."""

    staff: int
    stands_in: int
    buddy: bool
    from_day: int
    to_day: int


def plain(slots: Slots) -> list[Slot]:
    """Return the slots of a compiled book as objects."""
    return [
        Slot(
            row=row,
            day=int(s["day"]),
            staff=int(s["staff"]),
            minute=int(s["minute"]),
            group=int(s["group"]),
            kept=bool(s["kept"]),
            free=not s["taken"],
        )
        for row, s in enumerate(slots.slot)
    ]


def allowed(slot: Slot, wish: Wish, until: int) -> bool:
    """Return whether a slot may be given: free, in the days wanted, reserve and notice kept."""
    if not slot.free or not wish.not_before <= slot.day <= until:
        return False
    today = slot.day == wish.day
    if today and slot.minute < wish.minute + 5:
        return False
    return not slot.kept or (today and (wish.urgent or wish.minute >= 14 * 60))


def stand_ins(cover: Cover, begin: int) -> list[StandIn]:
    """Return who stands in for whom as objects, days counted from ``begin``."""
    columns = (getattr(cover, f.name).tolist() for f in fields(Cover))
    return [
        StandIn(staff, other, buddy, first - begin, last - begin)
        for staff, other, buddy, first, last in zip(*columns, strict=True)
    ]


def earliest_any(book: Iterable[Slot], wish: Wish) -> Slot | None:
    """Return the first slot allowed; of equals with whom most slots are free that day."""
    found = [s for s in book if s.group == wish.group and allowed(s, wish, wish.until)]
    if not found:
        return None
    first = min((s.day, s.minute) for s in found)
    day = [s for s in book if s.free and s.day == first[0]]
    reserve = first[0] == wish.day and (wish.urgent or wish.minute >= 14 * 60)

    def room(staff: int) -> int:
        return sum(1 for s in day if s.staff == staff and (reserve or not s.kept))

    best = [s for s in found if (s.day, s.minute) == first]
    return min(best, key=lambda s: (-room(s.staff), s.staff))


def own_first(book: list[Slot], wish: Wish, cover: Iterable[StandIn] = ()) -> Slot | None:
    """Return the first slot with the clinician wanted, the buddy, the team, else with anyone."""
    until = wish.day if wish.urgent else min(wish.wanted_until, wish.until)
    mine = [c for c in cover if c.staff == wish.wanted and c.from_day <= wish.day < c.to_day]
    circles = [{wish.wanted}]
    if wish.covered:
        circles += [{c.stands_in for c in mine if c.buddy is kind} for kind in (True, False)]
    for circle in circles:
        found = [s for s in book if s.staff in circle and allowed(s, wish, until)]
        if found:
            return min(found, key=lambda s: (s.day, s.minute, -_room(book, wish, s), s.staff))
    return earliest_any(book, wish)


def _room(book: list[Slot], wish: Wish, slot: Slot) -> int:
    """Return the slots that the clinician of a slot has free that day for this request."""
    reserve = slot.day == wish.day and (wish.urgent or wish.minute >= 14 * 60)
    day = [s for s in book if s.free and s.day == slot.day and s.staff == slot.staff]
    return sum(1 for s in day if reserve or not s.kept)


def least_met(book: Iterable[Slot], wish: Wish, met: dict[int, int]) -> Slot | None:
    """Return the first slot with whoever of the group was met least."""
    found = [s for s in book if s.group == wish.group and allowed(s, wish, wish.until)]
    return min(found, key=lambda s: (met.get(s.staff, 0), s.row)) if found else None


class Replay:
    """A run once more, request by request."""

    def __init__(self, run: Run, fresh: Slots, cover: Cover) -> None:
        """``fresh`` is the book of the run before anything was booked."""
        self.run = run
        self.cover = stand_ins(cover, run.begin)
        self.slots = plain(fresh)
        self.sessions = fresh.cell["sessions"].tolist()
        self.extras: dict[tuple[int, int], int] = {}
        self.seen_last: dict[int, int] = {}
        self.met: dict[tuple[int, int], int] = {}
        self.request = _rows(run.diary.request[: run.rows])
        self.booked = _rows(run.diary.booked[: run.rows])
        self.person = _rows(run.people.person)
        self.order: list[int] = []

    def differences(self) -> list[tuple[int, Any, Any]]:
        """Return (row, where it went, where it should have gone) for all rows that differ."""
        wrong: list[tuple[int, Any, Any]] = []
        for day in range(self.run.rules.past_days):
            self._morning(day)
            today = [r for r, ask in enumerate(self.request) if ask["day"] == day]
            for row in (r for r in today if r < self.run.requests):
                wrong += self._compare(row)
            # Of two appointments of a day, the one booked later is settled first.
            for row in reversed(self.order):
                booked = self.booked[row]
                if booked["day"] != day or booked["status"] != outcomes.ATTENDED:
                    continue
                if self._group_of(booked["staff"]) == GP:
                    self.seen_last[self.request[row]["patient"]] = booked["staff"]
            for row in (r for r in today if r >= self.run.requests):
                wrong += self._compare(row)
        return wrong

    def _group_of(self, staff: int) -> int:
        return next(s.group for s in self.slots if s.staff == staff)

    def _morning(self, day: int) -> None:
        """Free the slots of what was cancelled by now, and of patients who have left."""
        for row in self.order:
            booked, ask = self.booked[row], self.request[row]
            early = booked["cancel_day"] == day and ask["day"] < day
            left = self.person[ask["patient"]]["left"] <= day == booked["day"]
            if booked["slot"] >= 0 and (early or left):
                self.slots[booked["slot"]].free = True

    def _compare(self, row: int) -> list[tuple[int, Any, Any]]:
        """Book a row here; return it if the run did otherwise."""
        slot, extra = self._find(row)
        booked, ask = self.booked[row], self.request[row]
        went = None
        if booked["status"] != desk.NO_SLOT:
            went = (booked["day"], booked["staff"], booked["minute"], booked["slot"] < 0)
            self.order.append(row)
        should = None
        if slot is not None:
            should = (slot.day, slot.staff, slot.minute, extra)
            if not extra:
                slot.free = False
            spell = self._spell(ask)
            if spell is not None:
                key = (spell, slot.staff)
                self.met[key] = self.met.get(key, 0) + 1
        return [] if went == should else [(row, went, should)]

    def _spell(self, ask: dict[str, Any]) -> int | None:
        rows = range(*(self.person[ask["patient"] + n]["scatter"] for n in (0, 1)))
        spells = _rows(self.run.people.scatter)
        hits = (r for r in rows if spells[r]["from_day"] <= ask["day"] < spells[r]["to_day"])
        return next(hits, None)

    def _wanted(self, ask: dict[str, Any]) -> tuple[int, bool]:
        """Return whom the policy, the patient or the clinician of a follow-up asks for,

        and whether the buddy and the team would do.
        """
        policy, rules, key = self.run.rules.policy, self.run.rules, ask["key"]
        person, next_person = (self.person[ask["patient"] + n] for n in (0, 1))
        own = -1
        for spell in _rows(self.run.people.named[person["named"] : next_person["named"]]):
            if spell["from_day"] <= ask["day"] < spell["to_day"]:
                own = spell["staff"]
        if ask["urgency"] == outcomes.FOLLOW_UP:
            is_own = policy == policies.OWN_FIRST and ask["group"] == GP
            return (own, True) if is_own else (ask["maker"], False)
        if ask["group"] != GP or policy == policies.EARLIEST_ANY:
            return -1, False
        if policy == policies.OWN_FIRST:
            return own, True
        age = (ask["day"] - person["birth_day"]) // 365
        if outcomes.draw(key, outcomes.DESK) < rules.own_first * policies.desk_effort(age):
            return own, True
        if outcomes.draw(key, outcomes.PATIENT_ASKS) < person["loyalty"]:
            last = self.seen_last.get(ask["patient"], -1)
            means_own = outcomes.draw(key, outcomes.WHO) < 0.7 or last < 0
            return (own if own >= 0 and means_own else last), False
        return -1, False

    def _wish(self, ask: dict[str, Any]) -> Wish:
        urgent, rules = ask["urgency"] == outcomes.SAME_DAY, self.run.rules
        wait = rules.wait_days
        if ask["urgency"] == outcomes.FOLLOW_UP:
            wait = max(wait, desk.FOLLOW_UP_WAIT)
        members = {s.staff for s in self.slots if s.group < HUB_GP}
        clinicians = self.run.slots.clinicians
        open_days = [
            d
            for d in range(self.run.slots.days)
            if any(self.sessions[d * clinicians + staff] for staff in members)
        ]
        ahead = [d for d in open_days if d >= ask["not_before"]]
        wanted, covered = self._wanted(ask)
        return Wish(
            ask["group"],
            urgent,
            ask["day"],
            ask["minute"],
            ask["not_before"],
            ask["day"] if urgent else ask["not_before"] + desk.HORIZON_DAYS,
            wanted,
            (ahead + open_days[-1:] * (wait + 1))[wait],
            covered,
        )

    def _find(self, row: int) -> tuple[Slot | None, bool]:
        """Return where a request should go, and whether that is beyond the slots."""
        ask = self.request[row]
        wish, key, hub = self._wish(ask), ask["key"], self.run.rules.hub
        follows = ask["urgency"] == outcomes.FOLLOW_UP
        spell = self._spell(ask) if wish.group == GP else None
        if spell is not None:
            until = wish.not_before + (desk.SCATTER_SOON if wish.urgent else desk.SCATTER_DAYS)
            met = {staff: n for (s, staff), n in self.met.items() if s == spell}
            slot = least_met(self.slots, replace(wish, until=until), met)
            if slot is not None:
                return slot, False
        elif wish.group == GP and not follows and outcomes.draw(key, outcomes.EVENING) < hub:
            age = (ask["day"] - self.person[ask["patient"]]["birth_day"]) // 365
            slot = self._at_hub(wish, wish.not_before, 7) if 16 <= age < 65 else None
            if slot is not None:
                return slot, False
        slot = own_first(self.slots, wish, self.cover)
        goes = outcomes.draw(key, outcomes.HUB) < 10 * hub
        if wish.urgent and slot is None:
            return self._urgent_when_full(wish, goes)
        late = slot is None or slot.day - wish.not_before > desk.PATIENCE_DAYS
        if not wish.urgent and late and goes and not follows:
            at_hub = self._at_hub(wish, wish.not_before, 7)
            if at_hub is not None and (slot is None or at_hub.day < slot.day):
                return at_hub, False
        return slot, False

    def _at_hub(self, wish: Wish, not_before: int, days: int) -> Slot | None:
        group = HUB_GP if wish.group in (GP, ADVANCED) else HUB_OTHER
        until = not_before + days
        asked = Wish(group, False, wish.day, wish.minute, not_before, until)
        return earliest_any(self.slots, asked)

    def _urgent_when_full(self, wish: Wish, goes: bool) -> tuple[Slot | None, bool]:
        """The hub; somebody of another role; an extra; any of the next days."""
        slot = self._at_hub(wish, wish.day, 1) if goes else None
        if slot is None and wish.group != GP:
            other = NURSE if wish.group == ASSISTANT else GP
            slot = earliest_any(self.slots, replace(wish, group=other, wanted=-1))
        if slot is None and wish.group in (GP, ADVANCED):
            slot = self._extra(wish)
            if slot is not None:
                return slot, True
        if slot is None:
            until = wish.day + desk.SOON_DAYS
            soon = Wish(wish.group, False, wish.day, wish.minute, wish.day + 1, until)
            slot = earliest_any(self.slots, soon)
        return slot, False

    def _extra(self, wish: Wish) -> Slot | None:
        """Return the slot to book twice: the GP wanted if possible, else with fewest extras."""
        able: list[tuple[bool, float, int]] = []
        for staff in {s.staff for s in self.slots if s.group == GP}:
            day = [s for s in self.slots if s.staff == staff and s.day == wish.day]
            if not day or day[-1].minute < wish.minute + 5:
                continue
            sessions = self.sessions[wish.day * self.run.slots.clinicians + staff]
            load = self.extras.get((wish.day, staff), 0) / sessions
            if load < desk.EXTRAS_PER_SESSION:
                able.append((staff != wish.wanted, load, staff))
        if not able:
            return None
        staff = min(able)[2]
        day = [s for s in self.slots if s.staff == staff and s.day == wish.day]
        done = self.extras.get((wish.day, staff), 0)
        self.extras[wish.day, staff] = done + 1
        place = max(len(day) - 1 - done, 0)
        return next(s for s in day[place:] if s.minute >= wish.minute + 5)


def _rows(records: Any) -> list[dict[str, Any]]:
    """Return records as dictionaries of plain numbers."""
    return [dict(zip(records.dtype.names, row, strict=True)) for row in records.tolist()]
