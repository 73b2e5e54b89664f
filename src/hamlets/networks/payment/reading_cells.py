"""Cells of small tables: exact numbers and days, or a sentence that says where they are wrong."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction

from hamlets.errors import SourceError
from hamlets.networks.small_files import Row

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")


def read_number(row: Row, name: str, where: str, most: int = 10**10) -> Fraction | None:
    """Return a number of 0 or more exactly as written; None where the cell is blank."""
    text = row.text(name).removesuffix("%").removeprefix("£").replace(",", "").strip()
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        raise SourceError(
            f"This {name} is no number.", where=where, hint="Write it as 1234 or 12.5."
        )
    value = Fraction(text)
    if value < 0:
        raise SourceError(f"This {name} is below 0.", where=where, hint="It starts at 0.")
    if value > most:
        raise SourceError(
            f"This {name} is above {most:,}.",
            where=where,
            hint="A per cent goes from 0 to 100." if most == 100 else "Check the number.",
        )
    return value


def read_whole(row: Row, name: str, where: str) -> int | None:
    """Return a whole number of 0 or more; None where the cell is blank."""
    value = read_number(row, name, where)
    if value is not None and value.denominator != 1:
        raise SourceError(
            f"This {name} is no whole number.", where=where, hint="It counts patients."
        )
    return None if value is None else int(value)


def read_day(row: Row, name: str, where: str) -> date | None:
    """Return a day written as 2027-03-31; None where the cell is blank."""
    text = row.text(name)
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise SourceError(
            f"This {name} is not a day.", where=where, hint="Write days as 2027-03-31."
        ) from None
