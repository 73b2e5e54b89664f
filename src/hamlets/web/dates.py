"""Days and times of day as people read them, in London."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from hamlets.publish import numbers


def local(value: datetime) -> datetime:
    """Return the moment by the clock of the records."""
    return timezone.localtime(value) if timezone.is_aware(value) else value


def day(value: date) -> str:
    """Return "3 June 2031", for a day or a moment of it."""
    return numbers.day(local(value) if isinstance(value, datetime) else value)


def iso_day(value: str) -> str:
    """Return "3 June 2031" for "2031-06-03", as answers write days."""
    return numbers.day(date.fromisoformat(value))


def clock(value: datetime) -> str:
    """Return "9:20am" or "2pm"."""
    at = local(value)
    hour = at.hour % 12 or 12
    minutes = f":{at.minute:02d}" if at.minute else ""
    return f"{hour}{minutes}{'am' if at.hour < 12 else 'pm'}"


def moment(value: datetime) -> str:
    """Return "3 June 2031, 9:20am"."""
    return f"{day(value)}, {clock(value)}"
