"""Whether the keys of a scheme fit together, and what in them looks wrong."""

from __future__ import annotations

from fractions import Fraction

from hamlets.errors import SourceError
from hamlets.networks.payment.scheme import Scheme
from hamlets.networks.results.payment import Shape

PENCE_PER_PATIENT = Fraction("2.2142")
"""Value of a QOF point over the national list, in pence: the same in most years."""


def check_whole(scheme: Scheme, where: str) -> None:
    """Raise SourceError where the keys of a scheme do not fit together."""
    needs: dict[Shape, tuple[tuple[str, bool], ...]] = {
        "retained_share": (("retained_percent", scheme.retained > 0),),
        "declaration": (("retained_percent", scheme.retained > 0),),
        "points": (
            ("value_per_point", scheme.value_per_point is not None),
            ("national_list", scheme.national_list is not None),
        ),
        "reimbursement": (("[roles]", bool(scheme.roles)),),
    }
    for key, there in needs[scheme.shape]:
        if not there:
            raise _wrong(
                f"A scheme of shape {scheme.shape} needs {key}.", where, f"Add a line for {key}."
            )
    if scheme.shape in ("retained_share", "declaration"):
        if (scheme.value is None) == (scheme.value_per_patient is None):
            raise _wrong(
                "A scheme that keeps a share back needs either value or value_per_patient.",
                where,
                "Give the pounds for one network, or for each patient of its weighted list.",
            )
        if scheme.average == "own":
            raise _wrong(
                "A share that is kept back for a network cannot be paid on each practice's own.",
                where,
                "Choose average = mean, pooled or every_practice.",
            )
    if scheme.shape == "declaration" and scheme.average != "every_practice":
        raise _wrong(
            "A declaration is for every practice.", where, 'Write average = "every_practice".'
        )
    if scheme.shape == "reimbursement" and scheme.average != "own":
        raise _wrong("Reimbursement pays on no average.", where, 'Write average = "own".')
    if scheme.starts and scheme.ends and scheme.starts > scheme.ends:
        raise _wrong("The scheme ends before it starts.", where, "Put starts and ends right.")
    _check_shares(scheme, where)
    _check_overlaps(scheme, where)


def _check_shares(scheme: Scheme, where: str) -> None:
    if scheme.conditions and scheme.shape in ("retained_share", "declaration"):
        whole = sum((c.share for c in scheme.conditions), Fraction())
        if whole != 1:
            raise _wrong(
                f"The shares of the conditions add up to {float(whole * 100):g}, not 100.",
                where,
                "Mend share_percent, or leave it out everywhere for equal shares.",
            )


def _check_overlaps(scheme: Scheme, where: str) -> None:
    """Raise SourceError where two conditions pay for the same stretch of one indicator."""
    spans: dict[str, list[tuple[Fraction, Fraction]]] = {}
    for condition in scheme.conditions:
        line = condition.curve.height
        low, high = sorted((line.lower, line.upper))
        for other_low, other_high in spans.get(condition.indicator, ()):
            touching = high <= other_low or other_high <= low
            if not touching or (low, high) == (other_low, other_high):
                raise _wrong(
                    f"Two conditions pay for {condition.indicator} between the same thresholds:"
                    f" {_span(other_low, other_high)} and {_span(low, high)}.",
                    where,
                    "Make one of them end where the other begins.",
                )
        spans.setdefault(condition.indicator, []).append((low, high))


def _span(low: Fraction, high: Fraction) -> str:
    return f"{float(low):g}" if low == high else f"{float(low):g} to {float(high):g}"


def find_warnings(scheme: Scheme) -> tuple[str, ...]:
    """Return what looks wrong in a scheme and stops nothing, as sentences."""
    found: list[str] = []
    value, people = scheme.value_per_point, scheme.national_list
    if value is not None and people is not None and scheme.average == "own":
        pence = value * 100 / people
        if round(pence, 4) != PENCE_PER_PATIENT:
            found.append(
                f"A point is worth {float(pence):.4f}p for each patient of the average list;"
                f" in most years it is {float(PENCE_PER_PATIENT):.4f}p. Check both figures."
            )
    if scheme.to_verify:
        found += [f"To be checked against the contract: {text}" for text in scheme.to_verify]
    return tuple(found)


def _wrong(message: str, where: str, hint: str) -> SourceError:
    return SourceError(message, where=where, hint=hint)
