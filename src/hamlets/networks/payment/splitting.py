"""Seven ways to divide a network's payment among its practices, to the penny."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import get_args

from hamlets.errors import UsageError
from hamlets.networks.payment.counts import PracticeSize
from hamlets.networks.payment.money import share_out
from hamlets.networks.payment.writing import amount, number
from hamlets.networks.results.payment import SplitColumn, SplitMethod

METHODS: tuple[SplitMethod, ...] = get_args(SplitMethod)


def read_method(text: str) -> SplitMethod:
    """Return the way that a text names; UsageError where it names none."""
    word = text.strip().lower().replace("-", "_").replace(" ", "_")
    word = {"custom_percent": "custom"}.get(word, word)
    for method in METHODS:
        if method == word:
            return method
    raise UsageError(
        f"There is no way to divide called {text[:40]!r}.",
        where="--split",
        hint=f"The ways are: {', '.join(METHODS)}.",
    )


def split(
    method: SplitMethod,
    total: Decimal,
    practices: Sequence[str],
    sizes: Mapping[str, PracticeSize],
    points: Mapping[str, Fraction],
) -> SplitColumn:
    """Return the parts of an amount in the order of ``practices``, or why there are none.

    They add up to the amount: parts are cut to whole pennies, and those left over go to the
    largest fractions; of equals to the lowest practice id.
    """
    try:
        if method == "fixed":
            return _fixed(total, practices, sizes)
        weights = _weights(method, practices, sizes, points)
    except _CannotBeError as error:
        return SplitColumn(method, None, str(error))
    whole = sum(weights, Fraction())
    written = [f"{amount(Fraction(total))} x {number(w)} / {number(whole)}" for w in weights]
    return SplitColumn(method, tuple(share_out(total, weights, practices)), "", tuple(written))


def all_splits(
    total: Decimal,
    practices: Sequence[str],
    sizes: Mapping[str, PracticeSize],
    points: Mapping[str, Fraction],
) -> tuple[SplitColumn, ...]:
    """Return the seven ways side by side."""
    return tuple(split(method, total, practices, sizes, points) for method in METHODS)


class _CannotBeError(Exception):
    """Why a way cannot be taken, as a sentence."""


def _fixed(
    total: Decimal, practices: Sequence[str], sizes: Mapping[str, PracticeSize]
) -> SplitColumn:
    """Return the agreed sums, and what is left over in equal parts."""
    agreed = [sizes[p].fixed for p in practices]
    if all(sum_ is None for sum_ in agreed):
        raise _CannotBeError("No sums are agreed: the column fixed_pounds is not given.")
    pence = [int((sum_ or Fraction()) * 100) for sum_ in agreed]
    left = total - Decimal(sum(pence)).scaleb(-2)
    if left < 0:
        raise _CannotBeError("The agreed sums are more than there is to divide.")
    rest = share_out(left, [Fraction(1)] * len(practices), practices)
    amounts = [Decimal(p).scaleb(-2) + r for p, r in zip(pence, rest, strict=True)]
    written = [
        f"{amount(Fraction(p, 100))} + {amount(Fraction(left))} / {len(practices)}" for p in pence
    ]
    return SplitColumn("fixed", tuple(amounts), "", tuple(written))


def _weights(
    method: SplitMethod,
    practices: Sequence[str],
    sizes: Mapping[str, PracticeSize],
    points: Mapping[str, Fraction],
) -> list[Fraction]:
    if method == "equal":
        return [Fraction(1)] * len(practices)
    if method == "custom":
        return _custom(practices, sizes)
    if method == "registered_list":
        return _known([sizes[p].list_size for p in practices], practices, "registered list")
    own = [points.get(p, Fraction()) for p in practices]
    if method in ("points", "weighted_points") and not any(own):
        raise _CannotBeError("No practice has points.")
    if method == "points":
        return own
    weighted = _known([sizes[p].weighted_list for p in practices], practices, "weighted list")
    if method == "weighted_list":
        return weighted
    both = [a * b for a, b in zip(own, weighted, strict=True)]
    if not any(both):
        raise _CannotBeError("No practice has both points and a weighted list.")
    return both


def _custom(practices: Sequence[str], sizes: Mapping[str, PracticeSize]) -> list[Fraction]:
    percents = [sizes[p].percent for p in practices]
    if all(percent is None for percent in percents):
        raise _CannotBeError("No per cents are agreed: the column custom_percent is not given.")
    weights = [percent or Fraction() for percent in percents]
    whole = sum(weights, Fraction())
    if whole != 100:
        raise _CannotBeError(f"The agreed per cents add up to {float(whole):g}, not to 100.")
    return weights


def _known(
    values: Sequence[Fraction | None], practices: Sequence[str], what: str
) -> list[Fraction]:
    missing = [p for p, value in zip(practices, values, strict=True) if value is None]
    if missing:
        shown = ", ".join(missing[:3]) + (" and others" if len(missing) > 3 else "")
        raise _CannotBeError(f"The {what} of {shown} is not known.")
    found = [value for value in values if value is not None]
    if not any(found):
        raise _CannotBeError(f"The {what} is 0 everywhere.")
    return found
