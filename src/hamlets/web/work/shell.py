"""A report that holds only what the sections on staff and on audits look at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hamlets.continuity.results import Audit, ContinuityReport, Workforce
    from hamlets.records import Store


def shell(
    opened: Store,
    practice: str,
    *,
    audits: tuple[Audit, ...] = (),
    workforce: Workforce | None = None,
    name: str | None = None,
) -> ContinuityReport:
    """Return a report of one practice without a single measure of continuity.

    Its sections on audits and on staff can be built; no other section can. Raises
    UnknownPlaceError for a practice that is not here.
    """
    from hamlets.continuity import results
    from hamlets.continuity.asking import find_scope
    from hamlets.continuity.given import find_given
    from hamlets.continuity.periods import contact_days

    first, last = contact_days(opened)
    if name is None:
        name = find_scope(opened, practice).name
    given = find_given(opened, practice)
    return results.ContinuityReport(
        place=results.Place(name, invented=opened.invented),
        made=last,
        period=results.Period(first, last),
        source=results.Source(first, last, opened.version, opened.content_id, ""),
        options=results.Options(),
        given=replace(given, events=given.events or bool(audits)),
        headlines=(),
        waterfall=None,
        trend=results.Trend((), "too_few"),
        lists=(),
        groups=(),
        groups_overall=None,
        counting=results.Counting(0, 0, ()),
        full_months=0,
        audits=audits,
        workforce=workforce,
    )


def day_or_none(text: str | None) -> date | None:
    """Return an ISO day as it stands in a question."""
    return date.fromisoformat(text) if text else None
