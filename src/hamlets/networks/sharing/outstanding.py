"""Needs worked out from the patients of a standard who are still to reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from hamlets.errors import NothingToMeasureError
from hamlets.networks.sharing.asking import Asked, Need
from hamlets.networks.sharing.next_day import Worth


def asked_for_standard(
    asked: Asked,
    worths: Sequence[Worth],
    indicator: str,
    *,
    role: str,
    skill: str,
    patients_per_session: Fraction,
    weeks: int,
) -> Asked:
    """Return the offers with needs of another kind: sessions a week that reach all patients.

    Each practice asks for its outstanding patients of the indicator, divided by
    ``patients_per_session`` and spread over ``weeks``. Raises NothingToMeasureError where
    nobody is outstanding.
    """
    needs = tuple(
        Need(
            worth.practice_id,
            role,
            worth.outstanding / patients_per_session / weeks,
            skill,
            indicator,
            (),
            worth.outstanding,
            patients_per_session,
        )
        for worth in worths
        if worth.indicator_id == indicator
        and worth.outstanding > 0
        and (asked.practices is None or worth.practice_id in asked.practices)
    )
    if not needs:
        known = ", ".join(sorted({worth.indicator_id for worth in worths})) or "none"
        raise NothingToMeasureError(
            f"Nobody is still to reach for {indicator}.",
            where="--indicator",
            hint=f"Indicators of the scheme: {known}.",
        )
    note = (
        f"Needs are the patients still to reach for {indicator}, "
        f"{float(patients_per_session):g} a session, over {weeks} weeks."
    )
    return replace(asked, needs=needs, notes=(*asked.notes, note))
