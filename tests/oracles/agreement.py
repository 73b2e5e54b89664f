"""How the three twins are compared: which rows, which columns, how close."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isclose
from typing import Any

Key = tuple[Any, ...]
Row = Mapping[str, Any]
CLOSE = 1e-9
COUNTED = ("value", "n_patients", "n_contacts")
ALL = (*COUNTED, "lower", "upper", "chance", "corrected")


WITHIN = {"lower": 1e-6, "upper": 1e-6}
"""A bound has the root of a variance in it: an error of 1e-14 in sums of squares is 1e-7 there."""


def near(a: Any, b: Any, within: float = CLOSE) -> bool:
    """Return whether two values agree, to 1e-9 unless told, or are both null."""
    if a is None or b is None:
        return a is None and b is None
    return isclose(a, b, rel_tol=within, abs_tol=within)


def differences(
    first: Mapping[Key, Row], second: Mapping[Key, Row], columns: Iterable[str] = ALL
) -> list[str]:
    """Return each row or value on which two answers differ, as a line that says so.

    A group without any patient who qualifies may be left out or be null: both say nothing.
    """
    found: list[str] = []
    names = tuple(columns)
    for key in sorted({*first, *second}, key=str):
        a, b = first.get(key), second.get(key)
        if a is None or b is None:
            lone = a or b or {}
            if lone.get("value") is not None:
                found.append(f"{key}: only in the {'first' if b is None else 'second'}: {lone}")
            continue
        for name in names:
            if not near(a.get(name), b.get(name), WITHIN.get(name, CLOSE)):
                found.append(f"{key} {name}: {a.get(name)} and {b.get(name)}")
    return found


def known(answer: Mapping[Key, Row]) -> dict[Key, Row]:
    """Return the rows whose every group is known.

    Whether people without a list, a team or a sex make a row of their own is a matter of
    presentation; whether the others are right is not.
    """
    return {key: row for key, row in answer.items() if None not in key[2]}
