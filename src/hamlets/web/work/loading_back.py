"""Going back to an earlier version of the records, and who may."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hamlets.errors import StoreError, UsageError
from hamlets.web.words import text
from hamlets.web.work.fragments import Plain
from hamlets.web.work.loading import in_words, practices_of

if TYPE_CHECKING:
    from hamlets.web.jobs.progress import Progress


def practices(store: Path, practice: str, progress: Progress, *, version: int) -> Plain:
    """Return the codes of all practices that the records name, in this version or before it."""
    del practice, progress
    return {"practices": sorted(practices_of(store, version))}


def restore(
    store: Path,
    practice: str,
    progress: Progress,
    *,
    version: int,
    current: int,
    allowed: Collection[str],
    **_loading: Any,
) -> Plain:
    """Return the number of the new version, which holds what an earlier one held.

    ``allowed`` are the practices that the person may load data of: where the records name any
    other, nothing is done. ``current`` is the version that the person saw as the newest.
    """
    from hamlets.records.store.layout import Layout
    from hamlets.records.store.maintenance import restore as restore_version

    progress.stage(text("data_work.going_back"))
    layout = Layout(store)
    if layout.current_version() != current:
        raise UsageError(text("data_wrong.moved_on"), hint=text("data_wrong.moved_on_hint"))
    if version not in layout.version_numbers():
        raise StoreError(
            text("data_wrong.version_gone", n=version), hint=text("data_wrong.version_gone_hint")
        )
    if practices_of(store, current) - set(allowed):
        raise UsageError(text("data_wrong.shared"), hint=text("data_wrong.shared_hint"))
    with in_words():
        made = restore_version(store, version, current=current, wait_seconds=600)
    return {
        "version": made["version"],
        "content_id": made["content_id"],
        "practice": practice,
        "practices": sorted(practices_of(store, made["version"])),
    }
