"""When: a day or a weekday, and the half of it, as people write them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, time
from fractions import Fraction

from hamlets.networks.results.sharing import Half, HalfDay

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
USUAL: dict[Half, tuple[time, time]] = {
    "am": (time(9), time(13)),
    "pm": (time(14), time(18)),
    "evening": (time(18, 30), time(20, 30)),
}
"""Hours of a half-day that is offered without times of its own."""
USUAL_HOURS = Fraction(4)

_HALVES: dict[str, Half] = {
    "am": "am",
    "morning": "am",
    "mornings": "am",
    "pm": "pm",
    "afternoon": "pm",
    "afternoons": "pm",
    "eve": "evening",
    "evening": "evening",
    "evenings": "evening",
}
_ANY = frozenset({"any", "all", "either"})
_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}")


class NotAHalfDayError(ValueError):
    """Words that name no half-day; the message is a sentence."""


def read_slot(text: str) -> HalfDay:
    """Return the half-day that some words name: "Tue am", "2031-06-03 pm", "any".

    Raises NotAHalfDayError for a day that does not exist, or for a word that is none.
    """
    rest, day = text, None
    found = _DAY.search(text)
    if found is not None:
        day = _date(found.group())
        rest = text.replace(found.group(), " ")
    weekday: int | None = None
    half: Half | None = None
    for word in re.split(r"[\s_,;/-]+", rest.lower()):
        if not word or word in _ANY:
            continue
        number = _weekday(word)
        if number is not None:
            weekday = number
        elif word in _HALVES:
            half = _HALVES[word]
        else:
            raise NotAHalfDayError(f"{text!r} is not a half-day.")
    if day is not None and weekday not in (None, day.weekday()):
        raise NotAHalfDayError(f"{day} is a {WEEKDAYS[day.weekday()]}.")
    return HalfDay(day, day.weekday() if day is not None else weekday, half)


def _date(text: str) -> date:
    try:
        return date(*(int(part) for part in text.split("-")))
    except ValueError:
        raise NotAHalfDayError(f"There is no day {text}.") from None


def _weekday(word: str) -> int | None:
    matches = [n for n, name in enumerate(WEEKDAYS) if name.lower().startswith(word.rstrip("s"))]
    return matches[0] if len(word) >= 3 and len(matches) == 1 else None


def fits(offered: HalfDay, asked: HalfDay) -> bool:
    """Return whether time on offer lies in a half-day that can be used; blanks fit all."""
    return (
        asked.day in (None, offered.day)
        and (asked.weekday is None or offered.weekday in (None, asked.weekday))
        and (asked.half is None or offered.half in (None, asked.half))
    )


def timed(slot: HalfDay) -> HalfDay:
    """Return a half-day with the usual times, where it has none of its own."""
    if slot.half is None or slot.start is not None:
        return slot
    start, end = USUAL[slot.half]
    return replace(slot, start=start, end=end)


def hours_of(slot: HalfDay) -> Fraction:
    """Return how long a half-day is, in hours: by its times, else the usual ones."""
    full = timed(slot)
    if full.start is None or full.end is None:
        return USUAL_HOURS
    return Fraction(_minutes(full.end) - _minutes(full.start), 60)


def _minutes(value: time) -> int:
    return value.hour * 60 + value.minute
