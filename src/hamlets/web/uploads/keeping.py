"""What the jobs of a load leave behind: their results, the entries of the audit log."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from hamlets.web.answers.keeping import store
from hamlets.web.answers.versions import current_version
from hamlets.web.answers.warming import KIND as WARM
from hamlets.web.audit.chain import record
from hamlets.web.jobs import asking as jobs
from hamlets.web.jobs.models import Job
from hamlets.web.uploads import files
from hamlets.web.uploads.history import PRACTICES
from hamlets.web.uploads.loadings import earlier
from hamlets.web.uploads.models import End, Loading

_NOTHING: dict[str, Any] = {}


def keep_look(job: Job, found: dict[str, Any]) -> dict[str, Any]:
    """Keep what a look at the files found."""
    _row(job).update(found=found)
    return _NOTHING


def keep_check(job: Job, checked: dict[str, Any]) -> dict[str, Any]:
    """Keep what a load would do; where it would change nothing, that is the end of it."""
    _row(job).update(checked=checked)
    _record(job, "load checked", checked)
    if checked["changed"]:
        return _NOTHING
    loading = _row(job).first()
    # where too many rows are refused, only the same files again are nothing new
    if checked["over_limit"] is None or (loading and earlier(loading)):
        _end(job, End.same, report=checked)
    return _NOTHING


def keep_load(job: Job, report: dict[str, Any]) -> dict[str, Any]:
    """Keep what a load did, and have the practice's pages made anew."""
    practices = report.pop("practices")
    end = End.loaded if report["changed"] else End.same
    _end(job, end, report=report, version=report["store_version"], content_id=report["content_id"])
    _record(job, "data loaded" if report["changed"] else "load changed nothing", report)
    _make_pages(job, practices)
    return _NOTHING


def keep_restore(job: Job, made: dict[str, Any]) -> dict[str, Any]:
    """Keep which version holds again what an earlier one held."""
    _end(job, End.restored, version=made["version"], content_id=made["content_id"])
    record(
        job.asked_by,
        "gone back to an earlier version",
        place=job.place,
        about=str(job.question["version"]),
        version=made["version"],
    )
    _make_pages(job, made["practices"])
    return _NOTHING


def _row(job: Job) -> Any:
    return Loading.objects.filter(pk=job.question["loading"], place=job.place)


def _end(job: Job, end: End, **more: Any) -> None:
    loading = _row(job).first()
    if loading is None:
        return
    files.remove(loading.folder)
    _row(job).update(end=end, ended=timezone.now(), folder="", **more)


def _record(job: Job, action: str, report: dict[str, Any]) -> None:
    sums = {
        name: sum(report[f"rows_{name}"].values())
        for name in ("read", "kept", "refused", "collapsed")
    }
    version = {"version": report["store_version"]} if report["changed"] else {}
    number = str(job.question["loading"])
    record(job.asked_by, action, place=job.place, about=number, **sums, **version)


def _make_pages(job: Job, practices: list[str]) -> None:
    """Have the practice's pages made before anybody else's, and keep whose the records are."""
    version = current_version()
    if version is None or job.place is None:
        return
    store(job.place, PRACTICES, version, {}, {"practices": practices})
    key = f"{WARM}:{job.place.pk}:{version.content_id}"
    jobs.ask(job.place, WARM, key, 0, version=version.number)
