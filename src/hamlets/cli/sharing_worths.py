"""What a patient more is worth by a scheme of payment, for where the next half-day helps."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hamlets.cli.options import store_path

if TYPE_CHECKING:
    from hamlets.networks.results import PaymentStatement
    from hamlets.networks.sharing import Worth


def worths_of_scheme(
    scheme: str, counts: Path | None, store: Path | None, network: str | None = None
) -> tuple[Worth, ...]:
    """Return outstanding patients, value and chance of each practice and standard of a scheme."""
    from hamlets.networks.payment import (
        counts_of_store,
        look_forward,
        pay,
        read_counts,
        read_scheme,
    )

    read = read_scheme(scheme)
    if counts is not None:
        counted = read_counts(counts)
    else:
        from hamlets.records import open_store

        with open_store(store_path(store)) as opened:
            counted = counts_of_store(opened, read, network=network, with_pace=True)
    return worths_of(look_forward(read, counted, pay(read, counted, network=network)))


def worths_of_indicator(store: Path, indicator: str) -> tuple[Worth, ...]:
    """Return the patients still to reach for one indicator, by practice, as the records have it.

    What one of them is worth is not known without a scheme. Raises UsageError for an indicator
    that is no share of patients, or of which fewer are wanted.
    """
    from hamlets.errors import UsageError
    from hamlets.networks.indicators import chosen, definitions, measure_indicators
    from hamlets.networks.sharing import Worth
    from hamlets.records import open_store

    (definition,) = chosen(definitions(), [indicator])
    info = definition.info
    if info.counted != "patients" or info.direction != "higher":
        raise UsageError(
            f"{indicator} does not count patients who are still to be reached.",
            where="--indicator",
            hint="Choose one such as diabetes_care_plan.",
        )
    with open_store(store) as opened:
        results = measure_indicators(opened, [definition])
    return tuple(
        Worth(row.practice_id, indicator, row.denominator - (row.numerator or 0), info.title)
        for row in results.rows
        if row.level == "practice" and row.practice_id is not None and row.denominator
    )


def worths_of(statement: PaymentStatement) -> tuple[Worth, ...]:
    """Return what the look forward of a statement says of each practice and standard."""
    from hamlets.networks.sharing import Worth

    return tuple(
        Worth(
            practice_id=need.practice_id,
            indicator_id=outlook.indicator_id,
            outstanding=need.outstanding,
            title=outlook.title,
            next_patient=need.next_patient,
            chance=outlook.chance,
        )
        for look in statement.what_if
        for outlook in look.outlooks
        for need in outlook.practices
    )
