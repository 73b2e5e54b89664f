"""The audit log as a place may read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from hamlets.web.audit.models import Entry
from hamlets.web.people.models import Person
from hamlets.web.places.models import Place
from hamlets.web.places.roles import ROLES, May
from hamlets.web.places.standing import Standing
from hamlets.web.words import known, text

_LONDON = ZoneInfo("Europe/London")
PAGE_ROWS = 50


@dataclass(frozen=True)
class Line:
    """One entry, as people read it."""

    number: int
    at: datetime
    """London time."""
    who: str
    action: str
    about: str
    """Empty where it is about nothing, or hidden."""
    hidden: bool = False
    """Whether it is about a patient and the reader may not see patients here."""


@dataclass(frozen=True)
class LogPage:
    """Some lines of a place's log, newest first."""

    lines: list[Line]
    older: int | None
    """Number to ask the next page with; None at the end."""


def entries_at(here: Standing, before: int | None = None, person: Person | None = None) -> LogPage:
    """Return the newest entries of this place, or those before a number; of one person or all.

    A place sees what was done at it alone; what was done above or below is read there. The
    code of a patient is shown to those alone who may see patients here.
    """
    rows = Entry.objects.filter(place=_label(here.place)).order_by("-number")
    if person is not None:
        rows = rows.filter(person=person.email)
    if before is not None:
        rows = rows.filter(number__lt=before)
    found = list(rows[: PAGE_ROWS + 1])
    shown = found[:PAGE_ROWS]
    return LogPage(
        [
            Line(
                entry.number,
                entry.at.astimezone(_LONDON),
                entry.name,
                _action(entry),
                "" if _hides(entry, here) else _about(entry),
                _hides(entry, here),
            )
            for entry in shown
        ],
        shown[-1].number if len(found) > PAGE_ROWS else None,
    )


def proof_line() -> str:
    """Return the sentence on whether the chain is whole, from the last daily proof."""
    from hamlets.publish.numbers import day
    from hamlets.web.audit.heads import last_proof

    found = last_proof()
    if found is None:
        return text("log.not_checked")
    checked, holds = found
    return text("log.intact" if holds else "log.broken", date=day(checked))


def looks_at_patients(here: Standing, days: int = 30) -> int:
    """Return how many times a patient of this place was opened in the last days."""
    from datetime import UTC, timedelta

    since = datetime.now(UTC) - timedelta(days=days)
    rows = Entry.objects.filter(place=_label(here.place), at__gte=since)
    return rows.filter(action__in=PATIENT_ACTIONS).count()


PATIENT_ACTIONS = frozenset({"patient opened", "case opened", "patient looked up by shared staff"})
"""Looks at one patient."""
ABOUT_PATIENTS = PATIENT_ACTIONS | {"learning point noted", "learning point taken back"}
"""Actions whose ``about`` is the code of a patient."""


def _action(entry: Entry) -> str:
    """Return what was done, with the role where one was given, ended or offered."""
    role = ROLES.get(str(entry.detail.get("role", "")))
    return f"{entry.action}: {role.name.lower()}" if role else entry.action


def _about(entry: Entry) -> str:
    """Return what it was about; a subject of sharing by its title."""
    if entry.action.startswith("sharing ") and known(f"sharing.{entry.about}"):
        return text(f"sharing.{entry.about}")
    return entry.about


def _hides(entry: Entry, here: Standing) -> bool:
    return entry.action in ABOUT_PATIENTS and not here.may(May.find_patient)


def _label(place: Place) -> str:
    return f"{place.kind}:{place.code}"
