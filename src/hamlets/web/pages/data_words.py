"""Words for sizes, reasons and sums on the pages of a load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hamlets.web.words import text

_KILO = 1024
_REASONS = {
    "blank": "blank",
    "not a date": "not_a_date",
    "not written as YYYY-MM-DD; a mapping file can name the form": "other_form",
    "there is no such day (as 31 February)": "no_day",
    "there is no such time of day": "no_time",
    "more than two years after the extract": "late",
    "attended in the future": "future",
    "holds a NUL byte": "broken",
    "holds a line break": "broken",
    "not a whole number": "number",
    "not a number": "number",
    "is not UTF-8 text": "not_text",
    "a row of another practice": "others",
    "not for this practice to change": "not_ours",
    "only an administrator loads this table": "shared",
}
_BEGINNINGS = {
    "the year is before": "early",
    "longer than": "long",
    "before ": "order",
    "has ": "cells",
}


def size_words(size: int, *, up: bool = False) -> str:
    """Return "2.1 GB", "1 GB" or "12 MB"; ``up``: never rounded down to a limit it is over."""
    for name, unit in (("gb", _KILO**3), ("mb", _KILO**2), ("kb", _KILO)):
        if size >= unit or name == "kb":
            tenths = size * 10 / unit
            rounded = int(tenths) + (up and tenths % 1 > 0) if up else round(tenths)
            whole, tenth = divmod(int(rounded), 10)
            shown = f"{whole:,}.{tenth}" if tenth and whole < 100 else f"{whole:,}"
            return text(f"data.size_{name}", n=shown)
    return ""


def reason_key(reason: str) -> str:
    """Return which of our sentences a reason of the readers is."""
    found = _REASONS.get(reason)
    if found is None:
        found = next((key for start, key in _BEGINNINGS.items() if reason.startswith(start)), None)
    return found or "other"


def refused_row(row: Mapping[str, Any]) -> list[Any]:
    """Return the cells of one reason: what, how many, an example, what to do."""
    key = reason_key(row["reason"])
    reason = text(f"data_reason.{key}", reason=row["reason"].capitalize())
    if row["column"]:
        example = text("data_refused.example_line", line=f"{row['line']:,}", column=row["column"])
    else:
        example = text("data_refused.example_row", line=f"{row['line']:,}")
    return [
        text("data_refused.in_table", reason=reason, table=row["table"].replace("_", " ")),
        f"{row['rows']:,}",
        {"text": example, "reason": row["file"]},
        text(f"data_reason.{key}_do"),
    ]


def sums(report: Mapping[str, Any]) -> dict[str, int]:
    """Return rows read, kept, refused and repeated of all tables."""
    return {
        name: sum(report[f"rows_{name}"].values())
        for name in ("read", "kept", "refused", "collapsed")
    }


def over_100(part: int, whole: int) -> int:
    """Return how many in 100, rounded up: what is over a limit is never told to be at it."""
    return -(-100 * part // whole)
