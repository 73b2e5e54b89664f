"""Noting what a case taught, reading it again and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from hamlets.web.audit import chain
from hamlets.web.learning.models import LONGEST as LONGEST
from hamlets.web.learning.models import LearningPoint
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing
from hamlets.web.reading.codes import patient_code


@dataclass(frozen=True)
class Point:
    """One learning point, to be shown."""

    number: int
    words: str
    noted_by: str
    noted: datetime
    mine: bool
    case: int | None
    """The case's number in the version shown; None where its period no longer holds it."""


def points(here: Standing, event: str, cases: list[Mapping[str, Any]]) -> tuple[Point, ...]:
    """Return the points noted about an event's cases here, the latest first.

    ``cases``: those of the version shown, each with number, patient_id and event_date.
    """
    numbers = {_key(case): int(case["number"]) for case in cases}
    return tuple(
        Point(
            number=row.pk,
            words=row.words,
            noted_by=row.noted_by.name if row.noted_by else "",
            noted=row.noted,
            mine=row.noted_by_id == here.person.pk,
            case=numbers.get((row.patient, row.event_date)),
        )
        for row in _here(here).filter(event=event).select_related("noted_by").order_by("-noted")
    )


def note(here: Standing, event: str, case: Mapping[str, Any], words: str) -> None:
    """Keep a point about a case; the log says that, and not what it says."""
    if not here.may(May.open_cases):
        raise PermissionError(event)
    patient, day = _key(case)
    with transaction.atomic():
        LearningPoint.objects.create(
            place=here.place,
            event=event,
            event_date=day,
            patient=patient,
            words=words,
            noted_by=here.person,
        )
        chain.note(here, "learning point noted", patient, event=event)


def take_back(here: Standing, number: int) -> bool:
    """Take back a point of one's own; whether there was one."""
    with transaction.atomic():
        row = _here(here).filter(pk=number, noted_by=here.person).first()
        if row is None:
            return False
        row.taken_back = timezone.now()
        row.save(update_fields=["taken_back"])
        chain.note(here, "learning point taken back", row.patient, event=row.event)
    return True


def _here(here: Standing) -> Any:
    return LearningPoint.objects.filter(place=here.place, taken_back=None)


def _key(case: Mapping[str, Any]) -> tuple[str, date]:
    return patient_code(case["patient_id"]), date.fromisoformat(case["event_date"])
