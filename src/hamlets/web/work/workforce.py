"""Who works when at a practice, and what load they carry."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hamlets.web.words import text
from hamlets.web.work.fragments import Plain, downloads, fragment, plain
from hamlets.web.work.shell import day_or_none, shell

if TYPE_CHECKING:
    from hamlets.continuity.results import Workforce
    from hamlets.records import Store
    from hamlets.web.jobs.progress import Progress


def week(
    store: Path,
    practice: str,
    progress: Progress,
    *,
    version: int,
    first: str | None = None,
    last: str | None = None,
) -> Plain:
    """Return the workforce of a practice, to be shown inside it.

    The period is the last 12 full months, or the days ``first`` to ``last``. The answer has
    ``lead`` and ``heading`` (sentences), ``section`` (the report's section as a fragment),
    ``csvs``, and ``workforce``: the results as plain data (``week``, ``people``, ``practice``,
    ``teams``, ``rota``, ``period``). Raises NothingToMeasureError for days without records.
    """
    from hamlets.continuity.staffing import workforce
    from hamlets.records import open_store

    progress.stage(text("work.staff"))
    with open_store(store, version) as opened:
        days = day_or_none(first), day_or_none(last)
        found = workforce(opened, practice, date_from=days[0], date_to=days[1])[0]
        return told(opened, practice, found)


def told(opened: Store, practice: str, found: Workforce) -> Plain:
    """Return a workforce as words, fragment and plain data."""
    from hamlets.publish.sections import measures
    from hamlets.publish.sections import workforce as section_of

    report = shell(opened, practice, workforce=found, name=found.practice.name)
    section = section_of.build(report)
    known = section.body is not None
    return {
        "lead": section_of.lead(found) if known else "",
        "heading": section_of.heading(found, measures.place(report)) if known else "",
        "section": fragment(section),
        "csvs": downloads(section),
        "workforce": plain(found),
    }
