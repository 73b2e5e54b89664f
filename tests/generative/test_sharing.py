"""A plan of sharing is the one that trying every way of sharing finds, person by person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product
from math import ceil

from hypothesis import assume, given
from hypothesis import strategies as st

from hamlets.errors import NoFeasiblePlanError
from hamlets.networks.results import HalfDay
from hamlets.networks.sharing import Asked, Distance, Need, Offer, share

PLACES = ("A", "B", "C")
KM = {("A", "B"): 1.25, ("A", "C"): 2.5, ("B", "C"): 1.25}
SLOTS = [HalfDay(None, day, half) for day in (0, 1) for half in ("am", "pm")]


def travel(one: str, other: str) -> Distance:
    return Distance(0.0 if one == other else KM[min(one, other), max(one, other)])


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    needs = [
        Need(
            place,
            "nurse",
            draw(st.sampled_from([Fraction(1), Fraction(2), Fraction(3, 2)])),
            draw(st.sampled_from(["", "diabetes"])),
            slots=draw(st.sampled_from([(), (HalfDay(None, 1),)])),
        )
        for place in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=3, unique=True))
    ]
    people = {
        name: Offer(
            draw(st.sampled_from(PLACES)),
            "nurse",
            1,
            draw(st.sampled_from([frozenset[str](), frozenset({"diabetes"})])),
            staff_id=name,
            consent=draw(st.sampled_from(["yes", "ask", "no"])),
            max_days=draw(st.sampled_from([None, 1, 2])),
            max_km=draw(st.sampled_from([None, 2.0])),
        )
        for name in ("N1", "N2")
    }
    chosen = draw(
        st.lists(st.tuples(st.sampled_from(sorted(people)), st.sampled_from(SLOTS)), min_size=1,
                 max_size=5, unique=True)
    )  # fmt: skip
    offers = [replace(people[name], slot=slot) for name, slot in chosen]
    return Asked(tuple(needs), tuple(offers), "sessions")


Way = tuple[int | None, ...]
"""Which need each offer goes to; None = it stays."""


def ways(asked: Asked) -> Iterator[Way]:
    """Yield every way to share that the limits allow, offer by offer."""
    for way in product(*(choices(asked, offer) for offer in asked.offers)):
        if keeps_limits(asked, way):
            yield way


def choices(asked: Asked, offer: Offer) -> list[int | None]:
    found: list[int | None] = [None]
    for number, need in enumerate(asked.needs):
        near = (
            offer.max_km is None or travel(offer.practice_id, need.practice_id).km <= offer.max_km
        )
        knows = not need.skill or need.skill in offer.skills
        has_room = not need.slots or offer.slot.weekday == need.slots[0].weekday
        if offer.consent != "no" and near and knows and has_room:
            found.append(number)
    return found


def keeps_limits(asked: Asked, way: Way) -> bool:
    for number, need in enumerate(asked.needs):
        if way.count(number) > ceil(need.amount):
            return False
    for name in {offer.staff_id for offer in asked.offers}:
        days: dict[int | None, set[int]] = {}
        limits = [o.max_days for o in asked.offers if o.staff_id == name and o.max_days is not None]
        for offer, to in zip(asked.offers, way, strict=True):
            if offer.staff_id == name and to is not None:
                days.setdefault(offer.slot.weekday, set()).add(to)
        if any(len(places) > 1 for places in days.values()):
            return False
        if limits and len(days) > min(limits):
            return False
    return True


def worth(asked: Asked, way: Way) -> tuple[list[Fraction], float]:
    shares = [min(Fraction(1), way.count(n) / need.amount) for n, need in enumerate(asked.needs)]
    km = sum(
        travel(offer.practice_id, asked.needs[to].practice_id).km
        for offer, to in zip(asked.offers, way, strict=True)
        if to is not None
    )
    return sorted(shares), -km


@given(questions())
def test_the_plan_is_the_fairest_and_of_those_the_one_with_the_fewest_km(asked: Asked) -> None:
    best = max(worth(asked, way) for way in ways(asked))
    if not any(len(choices(asked, offer)) > 1 for offer in asked.offers):
        assume(asked.offers)
        try:
            share(asked, travel)
        except NoFeasiblePlanError:
            return
        raise AssertionError("a plan was made where nobody can serve anybody")
    plan = share(asked, travel)
    moves = [*plan.moves, *plan.own]
    assert plan.proven
    assert sorted(need.share for need in plan.needs) == best[0]
    assert -sum((move.km or 0) * move.amount for move in moves) == best[1]
    # and it is one of those ways: whom it moves is allowed
    received = sum(need.received for need in plan.needs)
    assert sum(move.amount for move in moves) == received
    for need in plan.needs:
        assert need.received == sum(m.amount for m in moves if m.to_practice == need.practice_id)
        assert 0 <= need.after <= need.needed
    used = [(m.staff_id, m.slot.weekday, m.slot.half) for m in moves]
    assert len(set(used)) == len(used)
    way = tuple(destination(asked, offer, moves) for offer in asked.offers)
    assert way in set(ways(asked))


def destination(asked: Asked, offer: Offer, moves: list) -> int | None:  # type: ignore[type-arg]
    for move in moves:
        same = (move.staff_id, move.slot.weekday, move.slot.half)
        if same == (offer.staff_id, offer.slot.weekday, offer.slot.half):
            return next(
                n for n, need in enumerate(asked.needs) if need.practice_id == move.to_practice
            )
    return None


@given(questions(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(asked: Asked, random) -> None:  # noqa: ANN001 - Random
    if not any(len(choices(asked, offer)) > 1 for offer in asked.offers):
        return
    needs, offers = list(asked.needs), list(asked.offers)
    random.shuffle(needs)
    random.shuffle(offers)
    assert share(Asked(tuple(needs), tuple(offers), "sessions"), travel) == share(asked, travel)
