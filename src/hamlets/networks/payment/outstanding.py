"""Who is still to reach for a standard: codes of patients of one practice, for its own staff.

They are those in the denominator who are not in the numerator, the longest overdue first: who
was not achieved in 5 years, then in 3, in 2, and last in the indicator's own window. Codes never
leave the practice: they are asked for one practice at a time and written to a private file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from hamlets.networks.payment.from_records import follows_a_cohort

if TYPE_CHECKING:
    from hamlets.networks.indicators import Indicator, Period
    from hamlets.networks.indicators.counting import Prepared
    from hamlets.networks.indicators.sandbox import Sandbox
    from hamlets.records import Store

_LONGER = (60, 36, 24)
"""Months looked back over, the longest first."""
_OUTSTANDING = """
SELECT d.patient_id AS patient FROM denominator d
JOIN patients p ON p.patient_id = d.patient_id
WHERE d.patient_id NOT IN (SELECT patient_id FROM denominator_exclusion)
  AND d.patient_id NOT IN (SELECT patient_id FROM denominator_exception)
  AND d.patient_id NOT IN (SELECT patient_id FROM numerator)
"""
_ACHIEVED = "SELECT DISTINCT patient_id AS patient FROM numerator"


def outstanding_patients(
    store: Store, practice: str, indicators: Sequence[str], end: date
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return codes of patients still to reach by (practice, indicator), longest overdue first.

    Only indicators that Hamlets counts from the records; ties stand by code.
    """
    from hamlets.networks.indicators import Period, shipped
    from hamlets.networks.indicators.counting import patients_on, prepare
    from hamlets.networks.indicators.handing import OWN_TABLES, Handed
    from hamlets.networks.indicators.periods import DEFAULT_MONTHS, months_back
    from hamlets.networks.indicators.sandbox import Sandbox

    wanted = [o for o in shipped() if o.id in indicators and o.source == "sql" and not o.events]
    if not wanted:
        return {}
    period = Period(months_back(end, DEFAULT_MONTHS), end)
    labels = store.labels("patient")
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    with Sandbox() as sandbox:
        functions = sandbox.functions()
        prepared = [prepare(one, sandbox, functions) for one in wanted]
        handed = Handed(store, [practice])
        tables = frozenset[str]().union(*(one.tables for one in prepared))
        sandbox.words(handed.code_words(tables))
        for name, table in handed.tables(tables):
            sandbox.hand_over(name, table, own=name in OWN_TABLES)
        patients_on(sandbox, period, handed.practices)
        for one in prepared:
            codes = _in_order(sandbox, one, period, labels)
            found[practice, one.indicator.id] = tuple(codes)
    return found


def _in_order(
    sandbox: Sandbox, prepared: Prepared, period: Period, labels: Sequence[str]
) -> list[str]:
    """Return the codes of an indicator's patients, the longest overdue first."""
    from hamlets.networks.indicators.counting import count, use_codes

    use_codes(sandbox, prepared.indicator)
    count(sandbox, prepared, period)
    waiting = {int(row["patient"]) for row in sandbox.run([(_OUTSTANDING, {})])}
    own = prepared.indicator.info.window_months
    longer = [] if own is None or follows_a_cohort(prepared.indicator) else list(_LONGER)
    seen_within: dict[int, int] = {}
    for months in (m for m in longer if own is not None and m > own):
        count(
            sandbox, replace(prepared, indicator=_looking_back(prepared.indicator, months)), period
        )
        for row in sandbox.run([(_ACHIEVED, {})]):
            seen_within[int(row["patient"])] = months
    never = max(_LONGER) + 1
    ordered = sorted(waiting, key=lambda p: (-seen_within.get(p, never), labels[p]))
    return [labels[patient] for patient in ordered]


def _looking_back(indicator: Indicator, months: int) -> Indicator:
    return replace(indicator, info=replace(indicator.info, window_months=months))
