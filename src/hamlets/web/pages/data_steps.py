"""One load, step by step: what we found, check, load, done (pages.md 3.9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_POST, require_safe

from hamlets.publish import numbers
from hamlets.web.answers.asking import kept, pin
from hamlets.web.answers.versions import current_version
from hamlets.web.audit.chain import note
from hamlets.web.jobs import asking as jobs
from hamlets.web.pages.answered import REFRESH_SECONDS, show_current
from hamlets.web.pages.data import administrators
from hamlets.web.pages.data_words import over_100, refused_row, sums
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing, page
from hamlets.web.uploads import history, loadings, quarantine
from hamlets.web.words import text

LIMIT = 5
"""In 100 rows, how many may be refused without anybody being asked."""
STEPS = ("files", "found", "columns", "check", "done")
_PROFILES = ("csv", "fhir", "synthea", "columns")


@page(May.load_data)
@require_safe
def loading(request: HttpRequest, here: Standing, number: int) -> HttpResponse:
    """Show a load at the step where it is."""
    show_current(request)
    found = loadings.find(here, number)
    where = loadings.step(found)
    if where == "working":
        return _working(request, here, found)
    if where == "stopped":
        return _stopped(request, here, found)
    if where in ("cancelled", "gone"):
        return _over(request, here, found, where)
    if where in ("loaded", "same", "restored"):
        return _done(request, here, found, where)
    if where == "checked" and "found" not in request.GET:
        return _check(request, here, found)
    return _found(request, here, found)


def context_of(here: Standing, found: Any, step: str, title: str) -> dict[str, Any]:
    steps = [each for each in STEPS if each != "columns" or step == each or found.choice]
    if not found.choice.get("mapping") and step != "columns":
        steps = [each for each in steps if each != "columns"]
    return {
        "load": found,
        "title": title,
        "steps": [] if found.back_to else steps,
        "step": step,
        "address": f"{here.home}data/{found.pk}/",
    }


def _working(request: HttpRequest, here: Standing, found: Any) -> HttpResponse:
    job = loadings.last_job(found)
    assert job is not None  # noqa: S101 - it works
    title, step = {
        loadings.LOOK: ("looking", "found"),
        loadings.CHECK: ("checking", "check"),
        loadings.LOAD: ("loading", "done"),
        loadings.RESTORE: ("going_back", "done"),
    }[job.kind]
    waits, name = loadings.in_front(here, found)
    somebody = text("data_job.somebody", name=name) if name else text("data_job.nobody")
    context = {
        **context_of(here, found, step, text(f"data_job.{title}", n=found.back_to)),
        "stage": text("data_job.stopping") if job.cancel else job.stage,
        "done": job.done,
        "total": job.total,
        "seconds": jobs.usual_seconds(job.kind) if job.state == "waiting" else None,
        "in_front": somebody if waits else "",
        "refresh": REFRESH_SECONDS,
        "stopping": job.cancel,
    }
    return render(request, "data/working.html", context, status=202)


def _stopped(request: HttpRequest, here: Standing, found: Any) -> HttpResponse:
    job = loadings.last_job(found)
    assert job is not None  # noqa: S101 - it stopped
    step = {loadings.LOOK: "found", loadings.CHECK: "check"}.get(job.kind, "done")
    title = {loadings.LOOK: "look_stopped", loadings.RESTORE: "back_stopped"}.get(
        job.kind, "look_stopped" if job.state == "refused" else "load_stopped"
    )
    context = {
        **context_of(here, found, step, text(f"data_job.{title}")),
        "job": job,
        "again": job.state == "died",
        "columns": bool(found.found.get("columns")),
    }
    return render(request, "data/stopped.html", context)


def _over(request: HttpRequest, here: Standing, found: Any, where: str) -> HttpResponse:
    context = {
        **context_of(here, found, "files", text("data.title")),
        "words": text(f"data_job.{where}"),
    }
    return render(request, "data/over.html", context)


# ---- what we found


def _found(request: HttpRequest, here: Standing, found: Any) -> HttpResponse:
    look = found.found
    why = text("data_found.why_line", why=look["why"]) if look["why"] else ""
    context = {
        **context_of(here, found, "found", text("data_found.title")),
        "looks_like": text(
            "data_found.looks_like",
            what=_what(look),
            files=_counted("files", look["files"]),
            rows=_counted("rows", look["rows"]),
        ),
        "known": look["known"],
        "why": why if look["known"] else text("data_found.why_unknown"),
        "names": look["names"],
        "ignored": look["ignored"],
        "profiles": [
            each for each in _PROFILES if each != "columns" or look["columns"]
        ],
    }  # fmt: skip
    return render(request, "data/found.html", context)


def _what(look: Mapping[str, Any]) -> str:
    if look["known"]:
        name = look["profile"] if look["profile"] != "csv" else "tables"
    elif look["emis"]:
        name = "appointments_emis"
    else:
        sure = any(each["meaning"] == "patient_id" for each in look["columns"])
        name = "appointments" if sure else "unknown"
    return text(f"data_found.{name}")


def _counted(what: str, n: int) -> str:
    return text(f"data_found.{what}_{1 if n == 1 else 'n'}", n=f"{n:,}")


@page(May.load_data)
@require_POST
def answer(request: HttpRequest, here: Standing, number: int) -> HttpResponse:
    """Take what the person says of the files: yes, or what else they are."""
    found = loadings.find(here, number)
    kind = request.POST.get("kind", "")
    if loadings.step(found) in ("found", "checked", "stopped") and found.found:
        if kind == "columns":
            return redirect(f"{here.home}data/{found.pk}/columns/")
        choice = {"profile": kind} if kind in _PROFILES else {}
        loadings.choose(here, found, {**choice, "confirmed": True})
    return redirect(f"{here.home}data/{found.pk}/")


# ---- check


def _check(request: HttpRequest, here: Standing, found: Any) -> HttpResponse:
    report = found.checked
    over = report["over_limit"]
    version = current_version()
    invented = version is not None and version.invented
    context = {
        **context_of(here, found, "check", text("data_check.title")),
        **_told(report),
        "over": over and text("data_check.over", n=over_100(*over), limit=LIMIT),
        "looks": _worth_a_look(report),
        "words": _unknown_words(found) if _can_map(found) else [],
        "elsewhere": [] if _can_map(found) else _unknown_words(found),
        "unused": report["unknown_columns"],
        "warnings": report["warnings"],
        "invented": invented,
        "columns": bool(found.found.get("columns")),
        # what was tried on invented records has a list of its own, which goes with the files
        "list_kept": None if invented else quarantine.is_kept(here, found),
    }
    return render(request, "data/check.html", context)


def _told(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sums of a report, by table, and the refused rows by reason."""
    total = sums(report)
    read = report["rows_read"]
    rows = [
        [
            table.replace("_", " ").capitalize(),
            *(f"{report[f'rows_{name}'].get(table, 0):,}"
              for name in ("read", "kept", "refused", "collapsed")),
        ]
        for table in read
    ]  # fmt: skip
    if len(rows) > 1:
        rows.append([text("data_check.all"), *(f"{total[name]:,}" for name in total)])
    counts = {name: f"{value:,}" for name, value in total.items()}
    return {
        "rows": rows,
        "sum": text("data_check.sum", repeats=counts["collapsed"], **counts),
        "bar": _bar(total),
        "bar_words": text("data_check.bar", repeats=counts["collapsed"], **counts),
        "refused": [refused_row(each) for each in report["refused"]],
    }


def _bar(total: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the parts of the bar of all rows: where each begins and how wide it is."""
    whole = max(1, total["read"])
    parts: list[dict[str, Any]] = []
    at = 0.0
    for name in ("kept", "refused", "collapsed"):
        width = 1000 * total[name] / whole
        if width:
            # a part that is there is seen, however small
            parts.append({"name": name, "x": round(at, 1), "width": round(max(width - 3, 2), 1)})
        at += width
    return parts


def _worth_a_look(report: Mapping[str, Any]) -> list[str]:
    names = {
        "contacts_without_clinician": "no_clinician",
        "shared_contacts": "shared",
        "duplicates": "repeated",
    }
    found: list[str] = []
    for share, name in names.items():
        value = report["shares"].get(share)
        if value:
            shown = text("data.fewer_than_1") if value < 0.005 else f"{round(100 * value)}"
            words = text(f"data_check.{name}", n=shown)
            found.append(words[0].upper() + words[1:])
    return found


def _can_map(found: Any) -> bool:
    """Return whether words of these files can be given a meaning: not in FHIR and the like."""
    return found.choice.get("profile", found.found.get("profile")) in ("csv", "columns")


MOST_WORDS = 40


def _unknown_words(found: Any) -> list[dict[str, Any]]:
    """Return the words of the files that have no meaning here, the most frequent first."""
    rows: list[dict[str, Any]] = []
    for place, words in found.checked["unmapped"].items():
        table, _, column = place.partition(".")
        for word, count in words.items():
            rows.append(
                {
                    "name": f"{table}.{column}.{len(rows)}",
                    "table": table,
                    "column": column,
                    "word": word,
                    "rows": f"{count:,}",
                    "count": count,
                    "choices": quarantine.vocabulary_of(table, column),
                }
            )
    rows.sort(key=lambda each: -each["count"])
    return rows[:MOST_WORDS]


@page(May.load_data)
@require_POST
def words(request: HttpRequest, here: Standing, number: int) -> HttpResponse:
    """Give words of the files a meaning, and check again."""
    found = loadings.find(here, number)
    if loadings.step(found) == "checked" and _can_map(found):
        mapping: dict[str, Any] = {**found.choice.get("mapping", {})}
        for each in _unknown_words(found):
            meaning = request.POST.get(each["name"], "")
            if meaning in each["choices"]:
                table = mapping[each["table"]] = {**mapping.get(each["table"], {})}
                values = table["values"] = {**table.get("values", {})}
                values[each["column"]] = {**values.get(each["column"], {}), each["word"]: meaning}
        loadings.choose(here, found, {**found.choice, "mapping": mapping})
    return redirect(f"{here.home}data/{found.pk}/")


@page(May.load_data)
@require_POST
def load(request: HttpRequest, here: Standing, number: int) -> HttpResponse:
    """Have the files loaded."""
    found = loadings.find(here, number)
    anyway = request.POST.get("anyway") == "yes"
    over = found.checked.get("over_limit")
    version = current_version()
    takes = version is None or not version.invented
    if takes and loadings.step(found) == "checked" and (anyway or not over):
        loadings.start(here, found, anyway=anyway)
    return redirect(f"{here.home}data/{found.pk}/")


@page(May.load_data)
@require_POST
def again(request: HttpRequest, here: Standing, number: int) -> HttpResponse:
    """Run the job again that stopped before its end."""
    found = loadings.find(here, number)
    if loadings.step(found) == "stopped":
        loadings.again(here, found)
    return redirect(f"{here.home}data/{found.pk}/")


@page(May.load_data)
@require_POST
def cancel(request: HttpRequest, here: Standing, number: int) -> HttpResponse:
    """Stop a load: everything stays as it was."""
    loadings.cancel(here, loadings.find(here, number))
    return redirect(f"{here.home}data/{number}/")


@page(May.load_data)
@require_safe
def refused(request: HttpRequest, here: Standing, number: int) -> HttpResponse:
    """The list of refused rows as a file; it stays in the practice."""
    found = loadings.find(here, number)
    if not quarantine.is_kept(here, found):
        context = {
            **context_of(here, found, "check", text("data_refused.title")),
            "words": text("data_refused.gone"),
        }
        return render(request, "data/over.html", context, status=410)
    note(here, "refused rows downloaded", str(found.pk))
    encoded = (line.encode() for line in quarantine.lines(here, found))
    response: Any = StreamingHttpResponse(encoded, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="refused-rows-{found.pk}.csv"'
    return response


# ---- done


def _done(request: HttpRequest, here: Standing, found: Any, where: str) -> HttpResponse:
    title = text("data_done.title")
    context = context_of(here, found, "done", title)
    if where == "same":
        context |= {"words": _same_words(found), "kind": "same"}
    elif where == "restored":
        told = text("data_done.restored", n=found.version, back=found.back_to)
        context |= {"words": told, "kind": "restored", **_pages(here, found)}
    else:
        context |= {
            "words": _in_words(found),
            "kind": "loaded",
            **_pages(here, found),
            **_undo(here, found),
        }
    if found.report:
        context |= _told(found.report)
        context["list_kept"] = quarantine.is_kept(here, found)
    return render(request, "data/done.html", context)


def _same_words(found: Any) -> str:
    before = loadings.earlier(found)
    if before is None or before.ended is None:
        return text("data_done.same")
    key = "data_done.same_before" if len(found.files) == 1 else "data_done.same_before_n"
    return text(key, date=numbers.day(before.ended.date()))


def _in_words(found: Any) -> str:
    report = found.report
    first, last = report["first_day"], report["last_contact"] or report["last_day"]
    if not first or not last:
        return text("data_done.nothing_dated", n=found.version)
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    if (start.year, start.month) == (end.year, end.month):
        return text("data_done.month", month=numbers.month(end), n=found.version)
    first_words, last_words = numbers.day(start), numbers.day(max(start, end))
    return text("data_done.days", first=first_words, last=last_words, n=found.version)


def _pages(here: Standing, found: Any) -> dict[str, Any]:
    """Return whether the practice's pages are made from what is now in use."""
    ready = kept(here.place, "home", pin(), {}) is not None
    seconds = jobs.usual_seconds("warm")
    key = "pages_ready" if ready else "pages_soon"
    return {"pages": text(f"data_done.{key}", place=here.place.name, n=seconds)}


def _undo(here: Standing, found: Any) -> dict[str, Any]:
    """Return the version to go back to, where the person may and nothing came after."""
    current = current_version()
    if current is None or current.number != found.version or not found.before:
        return {"undo": None, "undo_shared": ""}
    alone = history.alone(here)
    if alone is False:
        return {
            "undo": None, "undo_shared": text("data_done.undo_shared", who=administrators(here))
        }  # fmt: skip
    kept_still = history.is_kept(found.before)
    return {"undo": found.before if alone and kept_still else None, "undo_shared": ""}


_AT = "<kind>/<code>/data/<int:number>/"
urlpatterns = [
    path(_AT, loading, name="data-load"),
    path(f"{_AT}answer/", answer, name="data-answer"),
    path(f"{_AT}words/", words, name="data-words"),
    path(f"{_AT}load/", load, name="data-start"),
    path(f"{_AT}again/", again, name="data-again"),
    path(f"{_AT}cancel/", cancel, name="data-cancel"),
    path(f"{_AT}refused.csv", refused, name="data-refused"),
]
