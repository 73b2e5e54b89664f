"""What a practice keeps to show what it was paid for: one line for each line of the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from hamlets.networks.payment.counts import Count, Counted
from hamlets.networks.payment.scheme import Condition, Scheme
from hamlets.networks.payment.shares import network_counts
from hamlets.networks.results.payment import (
    EvidenceLine,
    NetworkPaid,
    PaymentStatement,
    PracticeEvidence,
)


def evidence_of(
    scheme: Scheme,
    counted: Counted,
    statement: PaymentStatement,
    *,
    patients: Mapping[tuple[str, str], Sequence[str]] | None = None,
) -> tuple[PracticeEvidence, ...]:
    """Return the evidence of each practice of a statement, in order of their ids.

    ``patients`` are codes of those still to reach by (practice, indicator): they belong in the
    practice's own file and nowhere else.
    """
    found: list[PracticeEvidence] = []
    for paid in statement.networks:
        by_practice = {each.practice_id: each.paid for each in paid.by_practice}
        for practice in paid.practices:
            lines = tuple(
                _line(scheme, condition, paid, practice, counted, patients or {})
                for condition in scheme.conditions
            )
            claims = tuple(c for c in statement.claims if c.practice_id == practice)
            found.append(
                PracticeEvidence(
                    practice,
                    paid.network_id,
                    statement.scheme,
                    statement.source,
                    by_practice[practice],
                    lines,
                    claims,
                )
            )
    return tuple(sorted(found, key=lambda each: each.practice_id))


def _line(
    scheme: Scheme,
    condition: Condition,
    paid: NetworkPaid,
    practice: str,
    counted: Counted,
    patients: Mapping[tuple[str, str], Sequence[str]],
) -> EvidenceLine:
    count = network_counts(scheme, condition, paid.practices, counted).get(practice)
    line = condition.curve.height
    lower, upper = f"{float(line.lower):g}", f"{float(line.upper):g}"
    listed = patients.get((practice, condition.indicator))
    uploaded = "counts that were uploaded"
    return EvidenceLine(
        condition.indicator,
        condition.title,
        upper if lower == upper else f"{lower} to {upper}",
        count.numerator if count else None,
        count.denominator if count else None,
        count.exclusions if count else None,
        count.percent / 100 if count and count.percent is not None else None,
        condition.curve.reaches(count.percent) if count and count.denominator else None,
        counted.definitions.get(condition.indicator, uploaded),
        tuple(_missing(scheme, condition, practice, count, counted)),
        None if listed is None else tuple(listed),
    )


def _missing(
    scheme: Scheme,
    condition: Condition,
    practice: str,
    count: Count | None,
    counted: Counted,
) -> Iterator[str]:
    if scheme.shape == "declaration":
        if practice not in counted.of(condition.indicator):
            yield "It has not been declared."
        return
    if count is None:
        yield "There are no figures for this period."
        return
    if not count.denominator:
        yield "Nobody is left to count."
    if count.exclusions is None:
        yield "How many were not counted is not known."
