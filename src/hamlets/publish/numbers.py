"""Numbers and dates as people read them: one way for sentences, one for tables.

Shares come in as fractions between 0 and 1 and are shown out of 100. Ranges are
rounded outwards, so that they never look narrower than they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

from hamlets.continuity.results import FEW_SHOWN, NOT_SHOWN
from hamlets.publish.strings import text

TOO_WIDE = 0.30
"""A wider range leaves the middle value without meaning, so it is not shown."""

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_TINY = 1e-9


def per_100(share: float) -> int:
    """Return the share as a whole number out of 100, halves rounded up."""
    return math.floor(share * 100 + 0.5 + _TINY)


def in_100(share: float) -> str:
    """Return a share for a sentence: "49 in 100", "fewer than 1 in 100"."""
    if 0 < share < 0.01 - _TINY:
        return text("number.fewer_than_1")
    if 0.99 + _TINY < share < 1:
        return text("number.more_than_99")
    return text("number.in_100", n=per_100(share))


def about(share: float) -> str:
    """Return a share for "about ...": "12", "fewer than 1", "more than 99"."""
    return in_100(share).removesuffix(text("number.of_100"))


def percent(share: float | None) -> str:
    """Return a share for a table: "49%", "<1%", ">99%"; a dash for None."""
    if share is None:
        return "\N{EN DASH}"
    if 0 < share < 0.01 - _TINY:
        return "<1%"
    if 0.99 + _TINY < share < 1:
        return ">99%"
    return f"{per_100(share)}%"


def at_least(share: float | None) -> str:
    """Return a share that is a promise, for a table: as ``percent``, but rounded down."""
    inside = share is not None and 0.01 <= share <= 0.99 + _TINY
    return percent(math.floor(share * 100 + _TINY) / 100 if share and inside else share)


def at_most(share: float | None) -> str:
    """Return a share that is a cost, for a table: as ``percent``, but rounded up."""
    inside = share is not None and 0.01 <= share <= 0.99 + _TINY
    return percent(math.ceil(share * 100 - _TINY) / 100 if share and inside else share)


def outward(lower: float, upper: float) -> tuple[int, int]:
    """Return a range out of 100 as whole numbers, rounded outwards."""
    return math.floor(lower * 100 + _TINY), math.ceil(upper * 100 - _TINY)


def too_wide(lower: float | None, upper: float | None) -> bool:
    """Return whether a range is too wide for its middle value to be shown."""
    return lower is not None and upper is not None and upper - lower > TOO_WIDE + _TINY


def between(lower: float, upper: float) -> str:
    """Return a range for a sentence: "between 46 and 52 in 100"."""
    low, high = outward(lower, upper)
    if too_wide(lower, upper):
        return text("number.somewhere", low=low, high=high)
    return text("number.between", low=low, high=high)


def range_to(lower: float | None, upper: float | None) -> str:
    """Return a range for a table: "46 to 52"; a dash where there is none."""
    if lower is None or upper is None:
        return "\N{EN DASH}"
    low, high = outward(lower, upper)
    return f"{low} to {high}"


def count(number: int) -> str:
    """Return a count with commas: "12,480"; what stands for one that a published form lacks."""
    if number == FEW_SHOWN:
        return text("number.few")
    return text("number.left_out") if number == NOT_SHOWN else f"{number:,}"


def told(number: int) -> str:
    """Return a count that stands before its noun: "12,480", "7 or fewer", "some"."""
    return text("number.some") if number == NOT_SHOWN else count(number)


def one_decimal(value: float) -> str:
    """Return a mean number of people: "3.4"."""
    return f"{math.floor(value * 10 + 0.5 + _TINY) / 10:.1f}"


def one_decimal_range(lower: float, upper: float) -> tuple[str, str]:
    """Return a range of a mean number, rounded outwards to one decimal."""
    return (
        f"{math.floor(lower * 10 + _TINY) / 10:.1f}",
        f"{math.ceil(upper * 10 - _TINY) / 10:.1f}",
    )


def to_100(parts: Sequence[int]) -> list[int]:
    """Return whole numbers that sum to 100 (largest remainder; ties: the earlier part).

    All zero where there is nothing to split.
    """
    whole = sum(parts)
    if whole == 0:
        return [0] * len(parts)
    floors = [part * 100 // whole for part in parts]
    remainders = [part * 100 % whole for part in parts]
    order = sorted(range(len(parts)), key=lambda i: (-remainders[i], i))
    for index in order[: 100 - sum(floors)]:
        floors[index] += 1
    return floors


def ages(band: str) -> str:
    """Return an age band as people say it: "16 to 44", "85 and over"."""
    if band.endswith("+"):
        return text("label.age_over", first=band[:-1])
    first, dash, last = band.replace("\N{EN DASH}", "-").partition("-")
    return text("label.range", first=first, last=last) if dash else band


def day(value: date) -> str:
    """Return "3 June 2031"."""
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def month(value: date) -> str:
    """Return "June 2031"."""
    return f"{_MONTHS[value.month - 1]} {value.year}"


def month_name(value: date) -> str:
    """Return "June"."""
    return _MONTHS[value.month - 1]


def period(first: date, last: date) -> str:
    """Return "1 June 2030 to 31 May 2031"."""
    return text("number.period", first=day(first), last=day(last))


def month_axis(months: Sequence[date], between: int = 1) -> list[tuple[str, str]]:
    """Return (month, year) labels of an axis: the year under the first month and each January.

    With ``between`` greater than 1 only the months of each year at that distance are named
    (1 = all, 3 = January, April, ...) and the first, unless a January follows too closely.
    Months without a name have empty labels.
    """
    labels: list[tuple[str, str]] = []
    for position, start in enumerate(months):
        near_first = 0 < position < between
        on_step = (start.month - 1) % between == 0
        shown = position == 0 or (on_step and (start.month == 1 or not near_first))
        with_year = position == 0 or start.month == 1
        name = _MONTHS[start.month - 1][:3] if shown else ""
        labels.append((name, str(start.year) if shown and with_year else ""))
    if any(start.month == 1 for start in months[1:between]):
        labels[0] = ("", "")
    return labels
