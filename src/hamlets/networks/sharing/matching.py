"""The plan of sharing: offers matched with needs, the least met first, with the fewest km."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hamlets.errors import NoFeasiblePlanError, NothingToMeasureError, UsageError
from hamlets.networks.results.sharing import HalfDay, NeedMet, Sharing, StaffMove
from hamlets.networks.sharing.asking import Asked, Need, Offer, Travel
from hamlets.networks.sharing.costs import MILEAGE, time_cost, travel_cost
from hamlets.networks.sharing.slots import fits, hours_of, timed
from hamlets.networks.sharing.travel import no_travel
from hamlets.optimise.deadline import Deadline
from hamlets.optimise.fairest import Fairest, Task, Way, fairest

_METRES = 1000


def share(
    asked: Asked,
    travel: Travel = no_travel,
    *,
    mileage: Decimal = MILEAGE,
    deadline: Deadline | None = None,
) -> Sharing:
    """Return who goes where and when.

    Of all plans within the limits it is the one whose sorted shares of needs met are
    lexicographically the largest (the need that is met least is met as much as can be, then
    the next); then the one with the fewest km, each session counted one way; then the lowest
    ids. A person serves one practice a day. ``mileage`` is in pounds a mile.

    Raises NothingToMeasureError where nothing is needed or spare, NoFeasiblePlanError where
    nobody agrees or nobody who is spare can help, UsageError for days mixed with weekdays.
    """
    needs = tuple(sorted((n for n in asked.needs if n.amount > 0), key=_need_order))
    offers = tuple(sorted((o for o in asked.offers if o.amount > 0), key=_offer_order))
    if not needs or not offers:
        raise NothingToMeasureError(
            "Nothing is asked for." if not needs else "Nothing can be spared.",
            hint="Every amount is 0." if asked.needs and asked.offers else "A file has no rows.",
        )
    weekly = _weekly(offers)
    willing = tuple(each for each in offers if each.consent != "no")
    if not willing:
        raise NoFeasiblePlanError(
            "Nobody who could be spared agrees to work elsewhere.",
            hint="Ask again, or ask other practices.",
        )
    pairs = tuple(_pairs(needs, willing, travel))
    if not pairs:
        message, hint = _nobody_fits(needs, willing)
        raise NoFeasiblePlanError(message, hint=hint)
    found = fairest(_task(needs, willing, pairs), deadline)
    moves = tuple(_moves(needs, willing, pairs, found, asked.unit, mileage))
    received = [
        sum(units for pair, units in zip(pairs, found.flow, strict=True) if pair.need == number)
        for number in range(len(needs))
    ]
    return Sharing(
        unit=asked.unit,
        weekly=weekly,
        moves=tuple(m for m in moves if m.from_practice != m.to_practice),
        own=tuple(m for m in moves if m.from_practice == m.to_practice),
        needs=tuple(
            NeedMet(n.practice_id, n.role, n.skill, n.about, n.amount, got, n.patients)
            for n, got in zip(needs, received, strict=True)
        ),
        spare=sum(each.amount for each in willing),
        proven=found.proven,
        notes=(*asked.notes, *_notes(needs, offers, pairs, found, asked.unit)),
    )


def _need_order(need: Need) -> tuple[str, ...]:
    return (need.practice_id, need.role, need.skill, need.about, str(need.slots))


def _offer_order(offer: Offer) -> tuple[object, ...]:
    slot = offer.slot
    half = ("am", "pm", "evening").index(slot.half) if slot.half else -1
    day = slot.day or date.min
    start = slot.start.isoformat() if slot.start else ""
    weekday = -1 if slot.weekday is None else slot.weekday
    return (offer.practice_id, offer.role, offer.staff_id, day, weekday, half, start)


def _weekly(offers: Sequence[Offer]) -> bool:
    dated = [each for each in offers if each.slot.day is not None]
    on_weekdays = [e for e in offers if e.slot.day is None and e.slot.weekday is not None]
    if dated and on_weekdays:
        raise UsageError(
            "Some offers are for days and some for every week.",
            hint="Make one plan for the weeks, and another for single days.",
        )
    return not dated


@dataclass(frozen=True)
class Pair:
    """An offer that can serve a need, and how far that is."""

    offer: int
    need: int
    km: float | None
    minutes: float | None


def _pairs(needs: Sequence[Need], offers: Sequence[Offer], travel: Travel) -> Iterator[Pair]:
    """Yield what can serve what, in the order of ids."""
    for at, offer in enumerate(offers):
        for number, need in enumerate(needs):
            if not can_serve(offer, need):
                continue
            away = travel(offer.practice_id, need.practice_id)
            if away is not None and offer.max_km is not None and away.km > offer.max_km:
                continue
            yield Pair(at, number, away.km if away else None, away.minutes if away else None)


def can_serve(offer: Offer, need: Need) -> bool:
    """Return whether role, skill and half-day of an offer are those that are asked for."""
    return (
        offer.role == need.role
        and (not need.skill or need.skill in offer.skills)
        and (not need.slots or any(fits(offer.slot, slot) for slot in need.slots))
    )


def _task(needs: Sequence[Need], offers: Sequence[Offer], pairs: Sequence[Pair]) -> Task:
    """Return the question in numbers: metres, a person's days, the most days of a week."""
    days: dict[tuple[object, ...], int] = {}
    weeks: dict[tuple[object, ...], int] = {}
    most: list[int] = []
    block: list[int | None] = []
    owner: list[int | None] = []
    units: list[int] = []
    for offer in offers:
        day = offer.slot.day if offer.slot.day is not None else offer.slot.weekday
        mine = owned = None
        amount = offer.amount
        if offer.staff_id and day is not None:
            mine = days.setdefault((offer.staff_id, day), len(days))
        limit = _most_days(offers, offer.staff_id) if offer.staff_id else offer.max_days
        if limit is not None and mine is not None:
            week = (offer.staff_id, _monday(offer.slot))
            if week not in weeks:
                weeks[week] = len(weeks)
                most.append(limit)
            owned = weeks[week]
        elif limit is not None:
            # without a day each session may be a day of its own
            amount = min(amount, limit)
        units.append(amount)
        block.append(mine)
        owner.append(owned)
    ways = tuple(Way(p.offer, p.need, round((p.km or 0.0) * _METRES)) for p in pairs)
    need = tuple(each.amount for each in needs)
    return Task(tuple(units), need, ways, tuple(block), tuple(owner), tuple(most))


def _most_days(offers: Sequence[Offer], staff_id: str) -> int | None:
    """Return the least of the limits that a person's rows give."""
    given = [o.max_days for o in offers if o.staff_id == staff_id and o.max_days is not None]
    return min(given, default=None)


def _monday(slot: HalfDay) -> date | None:
    return slot.day - timedelta(days=slot.day.weekday()) if slot.day is not None else None


def _moves(
    needs: Sequence[Need],
    offers: Sequence[Offer],
    pairs: Sequence[Pair],
    found: Fairest,
    unit: str,
    mileage: Decimal,
) -> Iterator[StaffMove]:
    travelled: set[tuple[object, ...]] = set()
    for pair, amount in zip(pairs, found.flow, strict=True):
        if not amount:
            continue
        offer, need = offers[pair.offer], needs[pair.need]
        hours = Fraction(amount) if unit == "hours" else amount * hours_of(offer.slot)
        trips = _trips(offer, need, amount, unit, travelled)
        yield StaffMove(
            from_practice=offer.practice_id,
            to_practice=need.practice_id,
            role=offer.role,
            skill=need.skill,
            staff_id=offer.staff_id,
            name=offer.name,
            slot=timed(offer.slot),
            amount=amount,
            hours=hours,
            km=pair.km,
            minutes=pair.minutes,
            trips=trips,
            travel_cost=travel_cost(pair.km, trips, mileage),
            time_cost=time_cost(hours, offer.hourly_rate),
            consent="yes" if offer.consent == "yes" else "ask",
            about=need.about,
        )


def _trips(
    offer: Offer, need: Need, amount: int, unit: str, travelled: set[tuple[object, ...]]
) -> int:
    """Return the journeys there and back: one a person and day, else one a session."""
    day = offer.slot.day if offer.slot.day is not None else offer.slot.weekday
    if offer.staff_id and day is not None:
        key = (offer.staff_id, day, need.practice_id)
        if key in travelled:
            return 0
        travelled.add(key)
        return 1
    return 1 if unit == "hours" else amount


def _nobody_fits(needs: Sequence[Need], offers: Sequence[Offer]) -> tuple[str, str]:
    asked = sorted({need.role for need in needs})
    offered = sorted({offer.role for offer in offers})
    if not set(asked) & set(offered):
        return (
            f"Asked for: {', '.join(asked)}. Spare: {', '.join(offered)}. No role is in both.",
            "Write roles alike in both files.",
        )
    return (
        "Nobody who is spare has the skill or the half-day that is asked for, or is near enough.",
        "Look at skill, half_day and max_km.",
    )


def _notes(
    needs: Sequence[Need],
    offers: Sequence[Offer],
    pairs: Sequence[Pair],
    found: Fairest,
    unit: str,
) -> Iterator[str]:
    refused = sum(offer.amount for offer in offers if offer.consent == "no")
    if refused:
        words = f"1 {unit[:-1]} is" if refused == 1 else f"{refused:,} {unit} are"
        yield f"{words} left out, since the person does not agree."
    if any(offer.consent == "ask" for offer in offers):
        yield "Some people were not asked yet. Nobody moves before they have agreed."
    served = {pair.need for pair in pairs}
    for number, need in enumerate(needs):
        if number not in served:
            words = " ".join(word for word in (need.skill, need.role.replace("_", " ")) if word)
            yield f"Nobody offers what {need.practice_id} asks for: {words}."
    without = sum(found.shares[number] == 0 for number in served)
    if without:
        yield (
            f"{without:,} of {len(needs):,} needs get nothing, since too little is spare. "
            "As few as can be are left with nothing, and small needs then come first: "
            "look at it together."
        )
    if all(pair.km is None for pair in pairs):
        yield "No places were given, so that travel does not count. Add --practices."
    if not found.proven:
        yield (
            "Time ran out. The plan keeps every limit, but a fairer one may exist: "
            "give it longer with --time-limit."
        )
