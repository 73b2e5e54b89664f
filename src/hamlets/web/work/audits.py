"""Who held the story before an event: the summary, and the cases for inside the practice."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hamlets.errors import NothingToMeasureError
from hamlets.web.words import text
from hamlets.web.work.fragments import Plain, downloads, fragment, plain
from hamlets.web.work.shell import day_or_none, shell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hamlets.continuity.results import Audit, AuditCase
    from hamlets.records import Store
    from hamlets.web.jobs.progress import Progress

USUAL = ("cancer_diagnosis", "death")
LOOK_BACK_DAYS = 365
_FEWEST = 8
"""Of fewer cases no average is shown."""


def audits(
    store: Path,
    practice: str,
    progress: Progress,
    *,
    version: int,
    event: str | None = None,
    look_back: int = LOOK_BACK_DAYS,
    first: str | None = None,
    last: str | None = None,
) -> Plain:
    """Return the audits of a practice without any case.

    Of the usual two events, or of one: ``event`` with its ``look_back`` in days and the days
    of events. The answer has ``section`` (a fragment), ``sections`` (one for each event),
    ``csvs``, ``events`` (the types of
    event of the practice's patients) and ``audits``: each with ``event``, ``words`` (as it
    stands after "before"), ``heading`` or None, ``cases``, ``averaged``, and its results.
    """
    from hamlets.records import open_store

    progress.stage(text("work.cases"))
    with open_store(store, version) as opened:
        found: list[Audit] = []
        for each in (event,) if event else USUAL:
            with suppress(NothingToMeasureError):
                found.append(_audit(opened, practice, each, look_back, first, last))
        return told(opened, practice, tuple(found))


def told(opened: Store, practice: str, found: tuple[Audit, ...]) -> Plain:
    """Return audits as words, fragment and plain data."""
    from hamlets.publish.sections import audits as section_of

    section = section_of.build(shell(opened, practice, audits=found))
    return {
        "section": fragment(section),
        "sections": {
            each.event: fragment(section_of.build(shell(opened, practice, audits=(each,)), ()))
            for each in found
        },
        "csvs": downloads(section),
        "events": _event_types(opened, practice),
        "audits": [_summary(each) for each in found],
    }


def _summary(found: Audit) -> Plain:
    from hamlets.publish.sections import audits as section_of

    cases = found.group("cases")
    mean = cases.mean("gps")
    averaged = mean.value is not None and mean.n_patients >= _FEWEST
    return {
        "event": found.event,
        "words": section_of.event_words(found.event),
        "heading": section_of.heading(found) if averaged else None,
        "cases": cases.n_patients,
        "averaged": averaged,
        **{key: value for key, value in plain(found).items() if key != "cases"},
    }


def cases(
    store: Path,
    practice: str,
    progress: Progress,
    *,
    version: int,
    event: str,
    look_back: int = LOOK_BACK_DAYS,
    first: str | None = None,
    last: str | None = None,
) -> Plain:
    """Return the cases of one audit by date of event. It stays inside the practice.

    Each has the columns of the list, ``first_contact_days`` (from the first contact to the
    event), and ``strip``: its contacts in order, each with ``day``, ``days_before``, ``step``
    (kind of clinician, "unnamed" where no GP was named that day, or "unknown"), ``letter``,
    ``mode`` and ``role``. ``sentence`` is what stands under the strip.
    """
    from hamlets.records import open_store

    progress.stage(text("work.cases"))
    with open_store(store, version) as opened:
        found = _audit(opened, practice, event, look_back, first, last, with_cases=True)
    return cases_told(found)


def cases_told(found: Audit) -> Plain:
    """Return the cases of an audit as plain data."""
    from hamlets.publish.sections import audits as section_of

    return {
        "event": found.event,
        "words": section_of.event_words(found.event),
        "look_back_days": found.look_back_days,
        "period": plain(found.period),
        "not_registered": found.not_registered,
        "averaged": len(found.cases) >= _FEWEST,
        "notes": list(found.notes),
        "cases": [_case(case) for case in found.cases],
    }


def _case(case: AuditCase) -> Plain:
    from hamlets.publish import numbers

    told = plain(case)
    told["age_band"] = numbers.ages(case.age_band)
    strip: list[dict[str, Any]] = told["strip"]
    for contact in strip:
        if contact["step"] == "unknown" and contact["role"] != "unknown":
            contact["step"] = "unnamed"  # somebody is known, and no GP was named that day
        contact["letter"] = LETTERS.get(contact["step"], "?")
    told["first_contact_days"] = strip[0]["days_before"] if strip else None
    told["sentence"] = case_sentence(told)
    return told


LETTERS = {"own": "O", "buddy": "B", "team": "T", "practice": "P", "locum": "L", "hub": "H",
           "unnamed": "N"}  # fmt: skip
"""The letter of each kind of clinician on a strip; "?" where nobody is known."""


def case_sentence(case: Mapping[str, Any]) -> str:
    """Return how many contacts, GPs and handovers a case had, in words."""

    def counted(key: str, n: int) -> str:
        return text(f"cases.{key}_1" if n == 1 else f"cases.{key}", n=n)

    if not case["contacts"]:
        return text("cases.no_contacts")
    parts = [
        text(
            "cases.sentence",
            contacts=counted("contacts", case["contacts"]),
            gps=counted("gps", case["gps"]),
        ),
        counted("handovers", case["handovers"]),
    ]
    if case["own_team"] is not None:
        parts.append(text("cases.own_team", n=case["own_team"]))
    return " ".join(parts)


def _audit(
    opened: Store,
    practice: str,
    event: str,
    look_back: int,
    first: str | None,
    last: str | None,
    *,
    with_cases: bool = False,
) -> Audit:
    from hamlets.continuity import audit

    return audit(
        opened,
        event,
        practice,
        look_back=look_back,
        date_from=day_or_none(first),
        date_to=day_or_none(last),
        with_cases=with_cases,
    )


def _event_types(opened: Store, practice: str) -> list[str]:
    """Return the types of event of the practice's own patients, A to Z."""
    labels = opened.labels("practice")
    rows = opened.read_group("events", labels.index(practice), ["event_type"])
    return sorted({str(kind) for kind in rows.column("event_type").to_pylist() if kind})
