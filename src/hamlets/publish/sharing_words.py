"""What is said of a plan of sharing: its sentences, and the text of each agreement.

The words lie in ``sharing_wording.toml``. Names from the files are filled in as data.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files
from itertools import groupby

from hamlets.networks.results import HalfDay, NextDay, Sharing, StaffMove
from hamlets.publish import numbers
from hamlets.publish.strings import read_words
from hamlets.publish.svg import plain

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@cache
def catalogue() -> dict[str, str]:
    """Return every string by its dotted key."""
    return read_words([files("hamlets.publish").joinpath("sharing_wording.toml")])


def said(key: str, **values: object) -> str:
    """Return the string called ``key`` with its values filled in; KeyError if either lacks."""
    return catalogue()[key].format_map(values)


@dataclass(frozen=True)
class Term:
    """From which day an agreement holds, and until which; None = not settled."""

    first: date | None = None
    last: date | None = None


def number(value: Fraction | float) -> str:
    """Return an amount with two decimals at most, and none where it is whole: "2", "2.5"."""
    return f"{float(value):,.2f}".rstrip("0").rstrip(".")


def amount(value: Fraction | int, unit: str) -> str:
    """Return an amount with its unit: "1 session", "2.5 hours"."""
    one = "session" if unit == "sessions" else "hour"
    return said(f"plan.{one}_1") if value == 1 else said(f"plan.{one}s", n=number(Fraction(value)))


def pounds(value: Decimal) -> str:
    """Return money to the penny: "£38.40"."""
    return f"£{value:,.2f}"


def role_words(role: str, skill: str = "") -> str:
    """Return a role as people write it, with its skill: "diabetes nurse"."""
    return " ".join(word for word in (plain(skill), plain(role).replace("_", " ")) if word)


def who_words(move: StaffMove) -> str:
    """Return who moves: their name, their code, or "a nurse"."""
    return plain(move.name or move.staff_id) or said("who.anyone", role=role_words(move.role))


def capital(words: str) -> str:
    """Return words that begin a sentence."""
    return words[:1].upper() + words[1:]


def when_words(slot: HalfDay, *, times: bool = True) -> str:
    """Return when: "every Tuesday morning", "Tuesday 3 June 2031, afternoon, 2pm to 6pm"."""
    half = said(f"when.{slot.half}") if slot.half else ""
    if slot.day is not None:
        day = f"{WEEKDAYS[slot.day.weekday()]} {numbers.day(slot.day)}"
        words = said("when.day_half", day=day, half=half) if half else said("when.day", day=day)
    elif slot.weekday is not None:
        weekday = WEEKDAYS[slot.weekday]
        key = "when.every_half" if half else "when.every"
        words = said(key, weekday=weekday, half=half)
    else:
        words = said("when.half", half=half) if half else said("when.any")
    if slot.start is None or slot.end is None or not times:
        return words
    return said("when.times", when=words, start=_clock(slot.start), end=_clock(slot.end))


def _clock(value: object) -> str:
    """Return a time as it is said: "9am", "1:30pm"."""
    hour, minute = (int(part) for part in str(value).split(":")[:2])
    minutes = f":{minute:02}" if minute else ""
    return f"{hour % 12 or 12}{minutes}{'am' if hour < 12 else 'pm'}"


def lines(plan: Sharing) -> list[str]:
    """Return the plan in sentences: what moves, what it does to the shortfall, what it costs."""
    found = [_move_line(plan, group) for group in by_pair_and_role(plan.moves)]
    for move in plan.own:
        role = role_words(move.role, move.skill)
        found.append(
            said(
                "plan.own",
                place=plain(move.to_practice),
                amount=amount(move.amount, plan.unit),
                role=role,
            )
        )
    if not plan.moves:
        found.append(said("plan.nothing"))
    before, after = plan.largest_before, plan.largest_after
    falls = said("plan.falls", before=number(before), after=amount(after, plan.unit))
    if before == after:
        falls = said("plan.stays", before=amount(before, plan.unit))
    found.append(falls)
    found.append(said("plan.fair" if plan.proven else "plan.unproven"))
    return [*found, *cost_lines(plan)] if plan.moves else found


def cost_lines(plan: Sharing) -> list[str]:
    """Return hours, travel and their cost."""
    week = said("plan.per_week") if plan.weekly else ""
    key = "plan.hours_week" if plan.weekly else "plan.hours_days"
    found = [said(key, hours=amount(plan.hours, "hours"))]
    if plan.km is not None and plan.travel_cost is not None:
        cost = pounds(plan.travel_cost) + week
        found.append(said("plan.travel", km=f"{plan.km:,.1f}", cost=cost))
    if plan.time_cost is None:
        found.append(said("plan.time_unknown"))
    else:
        found.append(said("plan.time", cost=pounds(plan.time_cost) + week))
    return found


def by_pair(moves: Iterable[StaffMove]) -> Iterator[list[StaffMove]]:
    """Yield the moves of each two practices, in order of their ids."""
    ordered = sorted(moves, key=lambda m: (m.from_practice, m.to_practice))
    for _, group in groupby(ordered, key=lambda m: (m.from_practice, m.to_practice)):
        yield list(group)


def by_pair_and_role(moves: Iterable[StaffMove]) -> Iterator[list[StaffMove]]:
    """Yield the moves of each two practices by role and skill."""
    for pair in by_pair(moves):
        ordered = sorted(pair, key=lambda m: (m.role, m.skill))
        for _, group in groupby(ordered, key=lambda m: (m.role, m.skill)):
            yield list(group)


def _move_line(plan: Sharing, group: Sequence[StaffMove]) -> str:
    first = group[0]
    way = ""
    if first.minutes is not None:
        way = said("plan.minutes", minutes=round(first.minutes))
    elif first.km is not None:
        way = said("plan.km", km=f"{first.km:,.1f}")
    return said(
        "plan.move_week" if plan.weekly else "plan.move_days",
        amount=amount(sum(move.amount for move in group), plan.unit),
        role=role_words(first.role, first.skill),
        lender=plain(first.from_practice),
        asker=plain(first.to_practice),
        way=way,
    )


def agreements(plan: Sharing, term: Term | None = None) -> list[str]:
    """Return the text of an agreement for each two practices, in full."""
    return [_agreement(plan, group, term or Term()) for group in by_pair(plan.moves)]


def plan_text(plan: Sharing, term: Term) -> str:
    """Return the plan's sentences, its notes, and every agreement on a page of its own."""
    head = "\n".join([*lines(plan), *plan.notes]) + "\n"
    return "\f".join([head, *agreements(plan, term)])


def _agreement(plan: Sharing, group: Sequence[StaffMove], term: Term) -> str:
    lender, asker = plain(group[0].from_practice), plain(group[0].to_practice)
    each = said("plan.per_week") if plan.weekly else ""
    people = list(dict.fromkeys(who_words(move) for move in group if move.staff_id or move.name))
    text = [
        said("agreement.title"),
        "",
        said("agreement.between", lender=lender, asker=asker),
        said("agreement.draft"),
        "",
        said("agreement.what"),
        *(f"- {_line(move, asker, each)}" for move in group),
        f"- {_period(plan, group, term)}",
        "",
        said("agreement.costs"),
        *(f"- {line}" for line in _costs(group, lender, asker, each)),
        "",
        said("agreement.rules"),
        *(f"- {said(f'agreement.rule_{n}', lender=lender, asker=asker)}" for n in range(1, 8)),
        "",
        said("agreement.signed"),
        said("agreement.sign_lender", lender=lender),
        said("agreement.sign_asker", asker=asker),
        *(said("agreement.sign_person", who=person) for person in people),
    ]
    return "\n".join(text) + "\n"


def _line(move: StaffMove, asker: str, each: str) -> str:
    who = who_words(move)
    return said(
        "agreement.line_skill" if move.skill else "agreement.line",
        who=capital(who),
        asker=asker,
        skill=plain(move.skill),
        when=when_words(move.slot),
        hours=amount(move.hours, "hours"),
        each=each,
    )


def _period(plan: Sharing, group: Sequence[StaffMove], term: Term) -> str:
    days = [move.slot.day for move in group if move.slot.day is not None]
    first = min(days) if days and not plan.weekly else term.first
    last = max(days) if days and not plan.weekly else term.last
    if first is None:
        return said("agreement.period_none")
    if last is None:
        return said("agreement.period_open", first=numbers.day(first))
    return said("agreement.period", first=numbers.day(first), last=numbers.day(last))


def _costs(group: Sequence[StaffMove], lender: str, asker: str, each: str) -> Iterator[str]:
    times = [move.time_cost for move in group if move.time_cost is not None]
    if len(times) == len(group):
        cost = pounds(sum(times, Decimal()))
        yield said("agreement.cost_time", cost=cost, each=each, asker=asker, lender=lender)
    else:
        yield said("agreement.cost_time_none")
    journeys = [m.travel_cost for m in group if m.travel_cost is not None]
    if len(journeys) == len(group):
        km = sum((m.km or 0.0) * 2 * m.trips for m in group)
        cost = pounds(sum(journeys, Decimal()))
        words = f"{km:,.1f}"
        yield said("agreement.cost_travel", km=words, each=each, cost=cost, asker=asker)
    else:
        yield said("agreement.cost_travel_none", asker=asker)


def help_line(rows: Sequence[NextDay]) -> str:
    """Return where a session more is worth most, or why nothing can be said."""
    known = [row for row in rows if row.worth is not None]
    if not known:
        return said("next.no_worth")
    most = max(known, key=lambda row: float(row.worth or 0))
    if float(most.worth or 0) < 1:
        return said("next.little")
    return said(
        "next.most",
        place=plain(most.practice_id),
        standard=plain(most.title),
        worth=whole_pounds(most.worth),
    )


def whole_pounds(value: Fraction | float | None) -> str:
    """Return an amount that is a model's: without pence; a dash where there is none."""
    if value is None:
        return "\N{EN DASH}"
    return f"£{round(float(value)):,}" if value == 0 or value >= 1 else said("next.under_1")
