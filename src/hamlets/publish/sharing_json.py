"""A plan of sharing for programs: plain values, amounts of money as text."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from hamlets.networks.results import HalfDay, NeedMet, NextDay, Sharing, StaffMove
from hamlets.publish.sharing_words import Term, agreements, when_words

MOVE_COLUMNS = (
    "from_practice_id", "to_practice_id", "role", "skill", "indicator_id", "staff_id", "name",
    "date", "weekday", "half_day", "start_time", "end_time", "amount", "unit", "hours", "km",
    "minutes", "trips", "travel_cost", "time_cost", "consent",
)  # fmt: skip
"""Columns of the CSV and keys of a move."""


def sharing_json(plan: Sharing, term: Term, next_days: Sequence[NextDay] = ()) -> dict[str, Any]:
    """Return a plan as plain values. Shares of need are fractions of 1."""
    return {
        "unit": plan.unit,
        "weekly": plan.weekly,
        "from": _day(term.first),
        "until": _day(term.last),
        "moves": [move_json(move, plan.unit) for move in plan.moves],
        "own_use": [move_json(move, plan.unit) for move in plan.own],
        "needs": [_need(need) for need in plan.needs],
        "largest_shortfall": {
            "before": _number(plan.largest_before),
            "after": _number(plan.largest_after),
        },
        "moved": plan.amount,
        "spare": plan.spare,
        "hours": _number(plan.hours),
        "km": None if plan.km is None else round(plan.km, 3),
        "travel_cost": _money(plan.travel_cost),
        "time_cost": _money(plan.time_cost),
        "proven": plan.proven,
        "agreements": agreements(plan, term),
        "next_day": [next_day_json(row) for row in next_days],
        "notes": list(plan.notes),
    }


def move_json(move: StaffMove, unit: str) -> dict[str, Any]:
    """Return one move as plain values."""
    return {
        "from_practice_id": move.from_practice,
        "to_practice_id": move.to_practice,
        "role": move.role,
        "skill": move.skill or None,
        "indicator_id": move.about or None,
        "staff_id": move.staff_id or None,
        "name": move.name or None,
        **_slot(move.slot),
        "amount": move.amount,
        "unit": unit,
        "hours": _number(move.hours),
        "km": None if move.km is None else round(move.km, 3),
        "minutes": move.minutes,
        "trips": move.trips,
        "travel_cost": _money(move.travel_cost),
        "time_cost": _money(move.time_cost),
        "consent": move.consent,
        "when": when_words(move.slot),
    }


def _slot(slot: HalfDay) -> dict[str, Any]:
    return {
        "date": _day(slot.day),
        "weekday": None if slot.weekday is None else slot.weekday + 1,
        "half_day": slot.half,
        "start_time": None if slot.start is None else f"{slot.start:%H:%M}",
        "end_time": None if slot.end is None else f"{slot.end:%H:%M}",
    }


def _need(need: NeedMet) -> dict[str, Any]:
    return {
        "practice_id": need.practice_id,
        "role": need.role,
        "skill": need.skill or None,
        "indicator_id": need.about or None,
        "patients": need.patients,
        "needed": _number(need.needed),
        "received": need.received,
        "met": _number(need.met),
        "shortfall_before": _number(need.needed),
        "shortfall_after": _number(need.after),
        "share_met": float(need.share),
    }


def next_day_json(row: NextDay) -> dict[str, Any]:
    """Return one row of where the next half-day helps as plain values."""
    return {
        "practice_id": row.practice_id,
        "indicator_id": row.indicator_id,
        "title": row.title,
        "outstanding": row.outstanding,
        "patients_per_session": _number(row.patients_per_session),
        "sessions": row.sessions,
        "value_next_patient": _expected(row.next_patient),
        "value_session": _expected(row.worth),
        "probability": row.chance,
        "spare_sessions": row.spare,
        "nearest_practice_id": row.nearest,
        "km": None if row.km is None else round(row.km, 3),
        "minutes": row.minutes,
    }


def _number(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


def _money(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.2f}"


def _expected(value: Fraction | float | None) -> str | None:
    return None if value is None else f"{float(value):.2f}"


def _day(value: object) -> str | None:
    return None if value is None else str(value)
