"""The state of the named-GP field of a practice, and the patients to look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hamlets.web.words import text
from hamlets.web.work.fragments import Plain, plain
from hamlets.web.work.shell import day_or_none

if TYPE_CHECKING:
    from hamlets.continuity.results import NamedGpHealth
    from hamlets.web.jobs.progress import Progress


def health(
    store: Path,
    practice: str,
    progress: Progress,
    *,
    version: int,
    day: str | None = None,
    corrections: bool = False,
) -> Plain:
    """Return who has an eligible named GP on a day (the last in the records by default).

    ``registered``, ``eligible``, ``coverage``; ``problems`` and ``warnings`` (finding,
    patients, share), ``lists`` of named persons A to Z, ``slicc``, ``missing``, and
    ``without``: patients with no named GP or one who has left. With ``corrections`` each
    patient with a finding: that stays inside the practice. Raises NothingToMeasureError
    where no named GP is known.
    """
    from hamlets.continuity.named_gps import named_gp_health
    from hamlets.records import open_store

    progress.stage(text("work.named"))
    with open_store(store, version) as opened:
        found = named_gp_health(opened, practice, day_or_none(day), corrections=corrections)
    return told(found[0])


def told(found: NamedGpHealth) -> Plain:
    """Return the health of one practice as plain data."""
    return {**plain(found), "coverage": found.coverage, "without": without(found)}


def without(found: NamedGpHealth) -> int:
    """Return the patients with no named GP, or one who has left."""
    return sum(found.count(finding) or 0 for finding in ("none", "left"))
