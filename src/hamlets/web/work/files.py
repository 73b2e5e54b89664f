"""Pages to keep and to send: the continuity report and the monthly pack, as files."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from hamlets.errors import NothingToMeasureError
from hamlets.web.words import text
from hamlets.web.work.fragments import Plain

if TYPE_CHECKING:
    from hamlets.web.jobs.progress import Progress


def report_file(store: Path, practice: str, progress: Progress, *, version: int) -> Plain:
    """Return the continuity report of a practice: ``name`` and ``html``, one page on its own."""
    from hamlets.publish.report import render
    from hamlets.records import open_store
    from hamlets.web.work.continuity import measured

    with open_store(store, version) as opened:
        found = measured(opened, practice, progress)
        progress.stage(text("work.drawing"))
        return {"name": f"continuity-{practice}.html", "html": render(found)}


def pack_file(
    store: Path, practice: str, progress: Progress, *, version: int, month: str, thanks: str = ""
) -> Plain:
    """Return the monthly pack: ``name``, ``html``, ``mail`` (text) and ``check`` (one sentence).

    ``month`` is YYYY-MM. Raises NothingToMeasureError for a month without records.
    """
    from hamlets.continuity.pack_results import month_spans, monthly_pack
    from hamlets.publish.pack import check_line, render_pack
    from hamlets.publish.pack_words import email_text
    from hamlets.records import open_store
    from hamlets.records.store.maintenance import loaded_on
    from hamlets.teams import with_ceiling
    from hamlets.teams.plans.happened import plan_events

    name = f"pack-{practice}-{month}.html"
    start = date.fromisoformat(f"{month}-01")
    progress.stage(text("work.counting"))
    with open_store(store, version) as opened:
        pack = monthly_pack(
            opened,
            practice,
            start,
            loaded=loaded_on(opened),
            thanks=thanks,
            plans=plan_events(opened, practice, month_spans(opened, start).year),
        )
        progress.stage(text("work.booking"))
        pack = replace(pack, report=with_ceiling(pack.report, opened, practice))
        progress.stage(text("work.drawing"))
        page = render_pack(pack)
        mail = email_text(pack, name)
    return {"name": name, "html": page, "mail": mail, "check": check_line(pack, page, mail)}


def months_held(store: Path, practice: str, progress: Progress, *, version: int) -> Plain:
    """Return the full months that a pack can be made of, newest first, as ``months``."""
    from hamlets.continuity.calendar import month_start
    from hamlets.continuity.periods import contact_days, full_months
    from hamlets.records import open_store

    progress.stage(text("work.counting"))
    with open_store(store, version) as opened:
        first, last = contact_days(opened)
    held = full_months(first, last)
    if not held:
        raise NothingToMeasureError(text("work.no_month"), where=practice)
    return {"months": [month_start(month).isoformat()[:7] for month in reversed(held)]}
