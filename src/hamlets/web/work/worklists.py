"""Lists of patients for the staff of one practice: much need and little continuity, GP leaves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hamlets.errors import NothingToMeasureError
from hamlets.web.words import text
from hamlets.web.work.fragments import Plain, plain

if TYPE_CHECKING:
    from hamlets.records import Store
    from hamlets.web.jobs.progress import Progress

WITHIN_WEEKS = 26


def worklist(
    store: Path,
    practice: str,
    progress: Progress,
    *,
    version: int,
    presets: str = "all",
    within_weeks: int = WITHIN_WEEKS,
) -> Plain:
    """Return both lists of a practice. They hold patients: they stay inside it.

    ``need``: patients of the presets, those whose expected work goes most outside their team
    first (fields of ``WorklistRow``, and ``presets`` with their titles and counts).
    ``leaving``: GPs who leave within the weeks and their patients, the most urgent first; None
    where nobody is named. Raises UsageError for a preset that is not known.
    """
    from hamlets.records import open_store

    progress.stage(text("work.lists"))
    with open_store(store, version) as opened:
        return told(opened, practice, presets, within_weeks)


def told(opened: Store, practice: str, presets: str, within_weeks: int) -> Plain:
    """Return both lists of a practice of an open store."""
    from hamlets.teams.worklists import (
        chosen_presets,
        early_warning,
        need_worklist,
        shipped_presets,
    )

    wanted = chosen_presets(shipped_presets(), presets)
    need = need_worklist(opened, practice, wanted)
    try:
        leaving = plain(early_warning(opened, practice, within_weeks=within_weeks))
    except NothingToMeasureError:
        leaving = None
    return {"need": plain(need), "leaving": leaving}
