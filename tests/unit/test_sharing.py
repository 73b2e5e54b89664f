"""Sharing staff: half-days, costs, who can serve whom, the plan in words and as a calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from hamlets.errors import NoFeasiblePlanError, NothingToMeasureError, UsageError
from hamlets.networks.results import HalfDay, Sharing
from hamlets.networks.sharing import Asked, Distance, Need, Offer, Worth, next_days, share
from hamlets.networks.sharing.costs import time_cost, travel_cost
from hamlets.networks.sharing.slots import NotAHalfDayError, fits, hours_of, read_slot
from hamlets.publish.calendar_file import calendar_file, unplaced
from hamlets.publish.sharing_json import sharing_json
from hamlets.publish.sharing_words import Term, agreements, help_line, lines, plan_text
from tests.oracles.calendars import days_of, read_calendar

TUESDAY_AM = HalfDay(None, 1, "am")
TERM = Term(date(2031, 3, 31), date(2031, 5, 27))


def km(table: dict[tuple[str, str], float]):  # noqa: ANN201 - a function of two practices
    return lambda a, b: Distance(0.0 if a == b else table.get((a, b), table.get((b, a), 1.0)))


def offer(practice: str, slot: HalfDay = TUESDAY_AM, **more: object) -> Offer:
    return replace(Offer(practice, "nurse", 1, slot=slot), **more)  # type: ignore[arg-type]


def asked(needs: list[Need], offers: list[Offer]) -> Asked:
    return Asked(tuple(needs), tuple(offers), "sessions")


def nurse(practice: str, amount: int | Fraction = 1, **more: object) -> Need:
    return replace(Need(practice, "nurse", Fraction(amount)), **more)  # type: ignore[arg-type]


def moved(plan: Sharing) -> list[tuple[str, str, int]]:
    return [(m.from_practice, m.to_practice, m.amount) for m in plan.moves]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Tue am", HalfDay(None, 1, "am")),
        ("tuesday_morning", HalfDay(None, 1, "am")),
        ("Thursdays, afternoon", HalfDay(None, 3, "pm")),
        ("2031-06-03 pm", HalfDay(date(2031, 6, 3), 1, "pm")),
        ("2031-6-3 Tuesday eve", HalfDay(date(2031, 6, 3), 1, "evening")),
        ("pm", HalfDay(None, None, "pm")),
        ("any", HalfDay()),
        ("", HalfDay()),
    ],
)
def test_half_days_are_read_as_people_write_them(words: str, expected: HalfDay) -> None:
    assert read_slot(words) == expected


@pytest.mark.parametrize("words", ["2031-02-31 am", "Mon 2031-06-03", "T am", "lunch", "Tue noon"])
def test_what_is_no_half_day_is_told(words: str) -> None:
    with pytest.raises(NotAHalfDayError):
        read_slot(words)


def test_time_fits_where_nothing_is_against_it() -> None:
    assert fits(TUESDAY_AM, HalfDay(None, 1))
    assert fits(HalfDay(), TUESDAY_AM)
    assert not fits(TUESDAY_AM, HalfDay(None, 2))
    assert not fits(TUESDAY_AM, HalfDay(None, 1, "pm"))
    assert not fits(HalfDay(date(2031, 6, 3), 1, "am"), HalfDay(date(2031, 6, 10), 1, "am"))


def test_hours_are_those_of_the_times_or_the_usual_ones() -> None:
    assert hours_of(HalfDay(None, 1, "am", time(8, 30), time(12, 40))) == Fraction(25, 6)
    assert hours_of(TUESDAY_AM) == hours_of(HalfDay()) == 4
    assert hours_of(HalfDay(None, 1, "evening")) == 2


def test_money_is_rounded_half_up_once() -> None:
    # 10 miles there and back, twice: 40 miles at 45p
    assert travel_cost(16.09344, 2, Decimal("0.45")) == Decimal("18.00")
    assert travel_cost(None, 2, Decimal("0.45")) is None
    assert time_cost(Fraction(25, 6), Decimal("24.51")) == Decimal("102.13")  # 102.125
    assert time_cost(Fraction(4), None) is None


def test_the_need_that_is_met_least_comes_first_then_the_nearer_one() -> None:
    plan = share(
        asked([nurse("C", 4), nurse("D", 2)], [offer("A"), offer("A"), offer("B")]),
        km({("A", "C"): 5, ("A", "D"): 1, ("B", "C"): 1, ("B", "D"): 5}),
    )
    # 2 of 4 and 1 of 2 are the same share; any other way leaves one with less
    assert sorted(need.share for need in plan.needs) == [Fraction(1, 2), Fraction(1, 2)]
    assert moved(plan) == [("A", "C", 1), ("A", "D", 1), ("B", "C", 1)]
    assert (plan.largest_before, plan.largest_after) == (4, 2)


def test_with_equal_fairness_and_distance_the_lowest_ids_are_taken() -> None:
    plan = share(asked([nurse("D"), nurse("C")], [offer("B"), offer("A")]), km({}))
    assert moved(plan) == [("A", "C", 1), ("B", "D", 1)]


def test_a_person_serves_one_practice_a_day_and_no_more_days_than_agreed() -> None:
    days = [HalfDay(None, day, half) for day in (0, 1, 2) for half in ("am", "pm")]
    mine = [offer("A", slot, staff_id="N1", max_days=2) for slot in days]
    plan = share(asked([nurse("B", 3), nurse("C", 3)], mine), km({}))
    by_day: dict[int | None, set[str]] = {}
    for move in plan.moves:
        by_day.setdefault(move.slot.weekday, set()).add(move.to_practice)
    assert len(by_day) == 2
    assert all(len(places) == 1 for places in by_day.values())
    assert plan.amount == 4
    # a whole day at one place is one journey
    assert sum(move.trips for move in plan.moves) == 2


def test_days_are_counted_by_week() -> None:
    june = [HalfDay(date(2031, 6, day), date(2031, 6, day).weekday(), "am") for day in (3, 4, 10)]
    mine = [offer("A", slot, staff_id="N1", max_days=1) for slot in june]
    plan = share(asked([nurse("B", 3)], mine), km({}))
    assert [move.slot.day for move in plan.moves] == [date(2031, 6, 3), date(2031, 6, 10)]
    assert not plan.weekly


def test_role_skill_half_day_and_distance_decide_who_can_serve() -> None:
    needs = [nurse("B", skill="diabetes", slots=(TUESDAY_AM,))]
    good: dict[str, Any] = {"skills": frozenset({"diabetes", "asthma"}), "max_km": 2.0}
    assert moved(share(asked(needs, [offer("A", **good)]), km({})))
    changes: list[dict[str, Any]] = [
        {"skills": frozenset({"asthma"})},
        {"slot": HalfDay(None, 1, "pm")},
        {"max_km": 0.5},
        {"role": "pharmacist"},
    ]
    for change in changes:
        with pytest.raises(NoFeasiblePlanError):
            share(asked(needs, [replace(offer("A", **good), **change)]), km({}))


def test_time_that_helps_at_home_moves_nobody() -> None:
    plan = share(asked([nurse("A", 1)], [offer("A")]), km({}))
    assert (plan.moves, len(plan.own)) == ((), 1)
    assert "Nothing would move" in " ".join(lines(plan))
    assert agreements(plan) == []


def test_what_cannot_be_planned_is_told() -> None:
    with pytest.raises(NothingToMeasureError, match="Nothing is asked for"):
        share(asked([nurse("B", 0)], [offer("A")]))
    with pytest.raises(NothingToMeasureError, match="Nothing can be spared"):
        share(asked([nurse("B")], []))
    with pytest.raises(NoFeasiblePlanError, match="agrees"):
        share(asked([nurse("B")], [offer("A", consent="no")]))
    with pytest.raises(UsageError, match="every week"):
        share(asked([nurse("B")], [offer("A"), offer("A", HalfDay(date(2031, 6, 3), 1, "am"))]))


def test_people_who_did_not_agree_are_left_out_and_said() -> None:
    plan = share(asked([nurse("B", 2)], [offer("A", consent="no"), offer("C", consent="yes")]))
    assert moved(plan) == [("C", "B", 1)]
    assert any("does not agree" in note for note in plan.notes)
    assert plan.km is None and plan.travel_cost is None


def full_plan(consent: str = "yes") -> Sharing:
    named = {"staff_id": "N1", "name": "Nurse Example-Rose, RGN; team; lead", "consent": consent}
    half_days = [TUESDAY_AM, HalfDay(None, 1, "pm"), HalfDay(None, 0, "am")]
    mine = [offer("B", s, hourly_rate=Decimal("24.50"), **named) for s in half_days]
    anybody = [offer("C", HalfDay(None, 4, "pm")), offer("C", HalfDay(None, 4, "pm"))]
    return share(
        asked([nurse("D", 6, about="mmr")], [*mine, *anybody, offer("C", HalfDay())]), km({})
    )


def test_the_plan_is_told_in_sentences() -> None:
    told = lines(full_plan())
    assert told[0] == "3 sessions a week of nurse time could move from B to D (1.0 km)."
    assert told[2] == "The largest shortfall falls from 6 to 0 sessions."
    by_road = share(asked([nurse("D")], [offer("B")]), lambda _a, _b: Distance(4.0, 11.0))
    assert lines(by_road)[0] == (
        "1 session a week of nurse time could move from B to D (11 minutes by road)."
    )


def test_an_agreement_says_who_when_how_much_and_who_pays() -> None:
    _, text = agreements(full_plan(), TERM)[0], agreements(full_plan(), TERM)[0]
    assert "Between B, which lends, and D, which receives." in text
    assert "every Tuesday morning, 9am to 1pm. 4 hours a week." in text
    assert "It starts on 31 March 2031 and ends on 27 May 2031." in text
    # 12 hours at 24.50; 2 journeys of 2 km at 45p a mile
    assert "Time: £294.00 a week, which D pays to B." in text
    assert "Travel: 4.0 km a week, £1.12, which D pays." in text
    assert plan_text(full_plan(), TERM).count("Agreement to share staff") == 2


def test_the_calendar_keeps_to_the_standard() -> None:
    plan = full_plan()
    closed = {date(2031, 4, 14), date(2031, 5, 5), date(2031, 5, 26)}
    data = calendar_file(plan, TERM, closed).encode()
    calendar = read_calendar(data)
    events = [part for part in calendar.parts if part.name == "VEVENT"]
    assert len(events) == 5 and len(unplaced(plan, TERM)) == 1
    mondays = next(e for e in events if e.one("DTSTART") == "20310331T090000")
    assert days_of(mondays, date(2032, 1, 1)) == [
        date(2031, 3, 31), date(2031, 4, 7), date(2031, 4, 21), date(2031, 4, 28),
        date(2031, 5, 12), date(2031, 5, 19),
    ]  # fmt: skip
    assert mondays.one("SUMMARY") == "Nurse Example-Rose\\, RGN\\; team\\; lead at D"
    assert data == calendar_file(full_plan(), TERM, closed).encode()


def test_a_calendar_of_days_needs_no_term_and_a_draft_is_tentative() -> None:
    slot = HalfDay(date(2031, 6, 3), 1, "am")
    plan = share(asked([nurse("D")], [offer("Böhm " * 30, slot)]), km({}))
    (event,) = [
        part
        for part in read_calendar(calendar_file(plan, Term()).encode()).parts
        if part.name == "VEVENT"
    ]
    assert event.one("STATUS") == "TENTATIVE"
    assert days_of(event, date(2032, 1, 1)) == [date(2031, 6, 3)]


def test_a_need_takes_any_of_its_half_days() -> None:
    slots = (HalfDay(None, 1, "am"), HalfDay(None, 2, "am"))
    plan = share(
        asked([nurse("B", 3, slots=slots)], [offer("A"), offer("C", HalfDay(None, 3))]), km({})
    )
    assert moved(plan) == [("A", "B", 1)]


def test_of_equal_half_days_the_earlier_one_is_taken() -> None:
    halves = [HalfDay(None, 1, half) for half in ("evening", "pm", "am")]
    plan = share(asked([nurse("B")], [offer("A", half) for half in halves]), km({}))
    assert [move.slot.half for move in plan.moves] == ["am"]
    days = [HalfDay(None, day, "am") for day in (4, 0, 2)]
    plan = share(asked([nurse("B")], [offer("A", day) for day in days]), km({}))
    assert [move.slot.weekday for move in plan.moves] == [0]


def test_what_is_left_out_or_lacking_is_counted_in_words() -> None:
    unwilling = [offer("A", consent="no", amount=2), offer("C", amount=0), offer("D")]
    plan = share(asked([nurse("B", 9), nurse("E", 9), nurse("F", 9)], unwilling), km({}))
    assert plan.spare == 1
    assert "2 sessions are left out, since the person does not agree." in plan.notes
    assert any(note.startswith("2 of 3 needs get nothing") for note in plan.notes)
    with pytest.raises(NothingToMeasureError, match="Nothing can be spared"):
        share(asked([nurse("B")], [offer("A", amount=0)]))
    roles = [replace(nurse("B"), role=role) for role in ("pharmacist", "nurse")]
    with pytest.raises(
        NoFeasiblePlanError, match=r"Asked for: nurse, pharmacist\. Spare: paramedic"
    ):
        share(asked(roles, [offer("A", role="paramedic")]))


def test_hours_are_shared_as_hours() -> None:
    needs = (nurse("C", 5), nurse("D", Fraction(5, 2)))
    mine = offer("A", amount=6, staff_id="N1", hourly_rate=Decimal("20"))
    anybody = offer("B", amount=2)
    plan = share(Asked(needs, (mine, anybody), "hours"), km({}))
    # one practice a day for the person: 5 of 6 hours to C, and the 2 of B to D
    assert moved(plan) == [("A", "C", 5), ("B", "D", 2)]
    assert (plan.hours, plan.moves[0].time_cost) == (7, Decimal("100.00"))
    assert [move.trips for move in plan.moves] == [1, 1]
    assert lines(plan)[0] == "5 hours a week of nurse time could move from A to C (1.0 km)."


def test_a_need_is_never_given_more_than_it_asks_for() -> None:
    plan = share(asked([nurse("B", Fraction(3, 2))], [offer("A", amount=5)]), km({}))
    assert (plan.amount, plan.needs[0].met, plan.needs[0].after) == (2, Fraction(3, 2), 0)


def test_where_the_next_half_day_helps() -> None:
    needs = [nurse("C", 6, about="dm", skill="diabetes", patients_per_session=Fraction(8))]
    offers = [
        offer("A", skills=frozenset({"diabetes"})),
        offer("B", skills=frozenset({"diabetes"}), consent="no"),
        offer("D", skills=frozenset({"diabetes"}), max_km=1.0),
        offer("E"),
    ]
    worths = [
        Worth("D", "dm", 20, "Diabetes", Fraction(10), 0.5),
        Worth("C", "dm", 5, "Diabetes", 2.5, None),
        Worth("C", "mmr", 5),
        Worth("B", "dm", 0),
    ]
    first, second = next_days(
        worths, needs, offers, km({("A", "C"): 3.0, ("A", "D"): 0.5, ("C", "D"): 4.0})
    )
    assert (first.practice_id, first.sessions, first.worth) == ("C", 1, 12.5)
    assert (first.spare, first.nearest, first.km) == (1, "A", 3.0)
    assert (second.practice_id, second.sessions, second.worth) == ("D", 3, 80)
    assert (second.spare, second.nearest) == (2, "D")
    assert help_line([first, second]) == (
        "Help is most useful at D, for Diabetes: a session more is worth about £80."
    )


def test_the_last_patient_and_the_last_kilometre_count() -> None:
    needs = [nurse("C", 1, about="dm", patients_per_session=Fraction(8))]
    far = km({("A", "C"): 3.0})
    (row,) = next_days([Worth("C", "dm", 1)], needs, [offer("A", max_km=3.0)], far)
    assert (row.outstanding, row.sessions, row.spare, row.worth) == (1, 1, 1, None)
    (row,) = next_days([Worth("C", "dm", 1)], needs, [offer("A", max_km=2.9)], far)
    assert (row.spare, row.nearest, row.km) == (0, None, None)
    assert moved(share(asked([nurse("C")], [offer("A", max_km=3.0)]), far)) == [("A", "C", 1)]


def test_a_practices_own_need_says_how_many_a_session_reaches() -> None:
    each = {"about": "dm", "amount": Fraction(1)}
    needs = [
        nurse("B", patients_per_session=Fraction(6), **each),
        nurse("C", patients_per_session=Fraction(8), **each),
    ]
    rows = next_days([Worth(place, "dm", 24) for place in "ABC"], needs, [], km({}))
    # A has asked for nothing itself: the first need for the same standard stands for it
    assert [row.sessions for row in rows] == [4, 4, 3]
    assert next_days([Worth("A", "mmr", 24)], needs, [], km({})) == ()


def test_json_says_all_and_money_is_text() -> None:
    made = sharing_json(full_plan(), TERM)
    assert made["largest_shortfall"] == {"before": 6, "after": 0}
    assert made["moves"][0]["time_cost"] == "98.00"
    assert made["time_cost"] is None  # no rate for people of C
    assert made["travel_cost"] == "2.80"
    assert [need["share_met"] for need in made["needs"]] == [1.0]
