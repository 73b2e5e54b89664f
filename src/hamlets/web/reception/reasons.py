"""One-click reasons: counts by month of the practice, never by patient or receptionist."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import F

from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing
from hamlets.web.reception.models import ReasonCount
from hamlets.web.words import text

REASONS = ("sooner", "someone_else", "today", "away", "wrong")
MONTHS = 3


@dataclass(frozen=True)
class Reason:
    """A reason, in the words of its button."""

    key: str
    words: str


@dataclass(frozen=True)
class ReasonRow:
    """How often a reason was given, by month, the newest first."""

    words: str
    counts: tuple[int, ...]


def reasons() -> tuple[Reason, ...]:
    """Return the reasons in the order of the page."""
    return tuple(Reason(key, text(f"reception.reason.{key}")) for key in REASONS)


def count(here: Standing, reason: str, today: date) -> None:
    """Count a reason once; nothing else about it is kept."""
    if reason not in REASONS or not here.may(May.find_patient):
        raise PermissionError(reason)
    with transaction.atomic():
        row, _ = ReasonCount.objects.get_or_create(
            place=here.place, month=today.replace(day=1), reason=reason
        )
        ReasonCount.objects.filter(pk=row.pk).update(count=F("count") + 1)


def counted(here: Standing, today: date) -> tuple[tuple[date, ...], tuple[ReasonRow, ...]]:
    """Return the last months, and how often each reason was given in them."""
    months = _months(today)
    rows = ReasonCount.objects.filter(place=here.place, month__in=months)
    found = {(row.reason, row.month): row.count for row in rows}
    table = tuple(
        ReasonRow(reason.words, tuple(found.get((reason.key, month), 0) for month in months))
        for reason in reasons()
    )
    return months, table


def _months(today: date) -> tuple[date, ...]:
    number = today.year * 12 + today.month - 1
    return tuple(date((number - n) // 12, (number - n) % 12 + 1, 1) for n in range(MONTHS))
