"""Values of a scheme's keys: each reader takes what a file gives, or says what it should be."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import cast

from hamlets.networks.payment.scheme import Backfill

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_LONGEST_TEXT = 600
Keys = Mapping[str, object]


class WrongValueError(Exception):
    """What a value should be, as a sentence."""


def items(value: object) -> list[object]:
    """Return the items of a list; none of anything else."""
    return cast(list[object], list(value)) if isinstance(value, list | tuple) else []


def exact(value: object) -> Fraction:
    """Return a number exactly as it was written; no binary fraction comes near it."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise WrongValueError("It must be a number.")
    text = str(value).replace(",", "").removeprefix("£").strip()
    if not _NUMBER.fullmatch(text):
        raise WrongValueError("It must be a number, for example 14000 or 220.62.")
    return Fraction(text)


def amount(value: object, most: int = 10**12) -> Fraction:
    """Return an amount of 0 or more."""
    number = exact(value)
    if not 0 <= number <= most:
        raise WrongValueError(f"It must be 0 to {most:,}.")
    return number


def above_zero(value: object) -> Fraction:
    """Return an amount above 0."""
    number = amount(value)
    if number == 0:
        raise WrongValueError("It must be more than 0.")
    return number


def percent(value: object) -> Fraction:
    """Return a per cent, 0 to 100."""
    number = exact(value)
    if not 0 <= number <= 100:
        raise WrongValueError("It must be a per cent, 0 to 100.")
    return number


def part(value: object) -> Fraction:
    """Return a per cent as a part of 1."""
    return percent(value) / 100


def share(value: object) -> Fraction:
    """Return a part of 1."""
    number = exact(value)
    if not 0 <= number <= 1:
        raise WrongValueError("It must be a part of 1, for example 0.3.")
    return number


def one_of(words: Sequence[str], value: object) -> str:
    """Return one of these words; "minimum" is another for every practice."""
    word = {"minimum": "every_practice"}.get(str(value), str(value))
    if word not in words:
        raise WrongValueError(f"It must be one of: {', '.join(words)}.")
    return word


def yes_or_no(value: object) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise WrongValueError("It must be true or false, without quotes.")
    return value


def text(value: object) -> str:
    """Return a text on one line."""
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_TEXT:
        raise WrongValueError(f"It must be a text of 1 to {_LONGEST_TEXT} letters.")
    return " ".join(value.split())


def texts(value: object) -> tuple[str, ...]:
    """Return one text or several."""
    return tuple(text(item) for item in ([value] if isinstance(value, str) else items(value)))


def name(value: object) -> str:
    """Return a name as indicators have them."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise WrongValueError("It must be a name of letters, digits, _ and -, without blanks.")
    return value


def day(value: object) -> date:
    """Return a day."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            value = None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise WrongValueError("It must be a day, for example 2027-03-31.")
    return value


def count(value: object) -> int:
    """Return a whole number above 0."""
    number = exact(value)
    if number.denominator != 1 or not 1 <= number <= 10_000:
        raise WrongValueError("It must be a whole number, 1 to 10,000.")
    return int(number)


def loses(value: object) -> bool:
    """Return whether one missed condition loses all that is retained."""
    return one_of(("all", "own_share"), value) == "all"


def roles(value: object) -> dict[str, Fraction]:
    """Return the most that is paid a year for a whole-time post, by role."""
    if not isinstance(value, dict) or not value:
        raise WrongValueError("It must be a table of roles and pounds a year.")
    return {str(role): above_zero(most) for role, most in cast(Keys, value).items()}


def backfill(value: object) -> Backfill:
    """Return the limits on claims for meetings."""
    known = {"most_an_hour", "most_together"}
    if not isinstance(value, dict) or not set(value) <= known:
        raise WrongValueError("It may have most_an_hour and most_together, in pounds.")
    return Backfill(**{str(k): above_zero(v) for k, v in cast(Keys, value).items()})
