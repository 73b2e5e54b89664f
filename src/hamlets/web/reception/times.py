"""When somebody is in, in words that can be said at a desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from hamlets.publish import numbers
from hamlets.web.words import text

if TYPE_CHECKING:
    from hamlets.continuity.results import BeingIn, Turn

_ALL_DAY = (9 * 60 + 30, 16 * 60 + 30)
"""Whoever begins by the first minute and ends after the second is in all day."""
_WEEK = 7


def clock(minute: int) -> str:
    """Return "9:20am" or "2pm" for a minute of a day."""
    hours, minutes = divmod(minute, 60)
    shown = f":{minutes:02d}" if minutes else ""
    return f"{hours % 12 or 12}{shown}{'am' if hours % 24 < 12 else 'pm'}"


def weekday(day: date, today: date) -> str:
    """Return "tomorrow", "Thursday" within a week, else "Thursday 10 December"."""
    after = (day - today).days
    if after == 1:
        return text("reception.tomorrow")
    name = text(f"reception.weekday.{day.weekday()}")
    if 0 <= after < _WEEK:
        return name
    return text("reception.weekday_date", weekday=name, date=day_month(day))


def day_month(day: date) -> str:
    """Return "10 December"."""
    return numbers.day(day).rsplit(" ", 1)[0]


def at_time(day: date, minute: int, today: date) -> str:
    """Return "Tuesday at 9:20am", "today at 4pm"."""
    said = text("reception.today") if day == today else weekday(day, today)
    return text("reception.at_time", day=said, time=clock(minute))


def on_day(day: date, today: date) -> str:
    """Return the day for the middle of a sentence: "tomorrow", "on Thursday"."""
    said = weekday(day, today)
    return said if (day - today).days == 1 else text("reception.on_day", day=said)


def today_words(being_in: BeingIn, minute: int) -> str:
    """Return "today until 1pm", "today from 2pm until 6pm", "today all day"; "" where not in."""
    turns = being_in.left_today(minute)
    if not turns:
        return ""
    if turns[0].begins is None or turns[-1].ends is None:
        return _by_half(turns)
    begins, ends = turns[0].begins, max(t.ends or 0 for t in turns)
    started = being_in.on(being_in.day)[0].begins
    if started is not None and started <= _ALL_DAY[0] and ends >= _ALL_DAY[1] and minute < _NOON:
        return text("reception.today_all_day")
    if minute >= begins:
        return text("reception.today_until", until=clock(ends))
    return text("reception.today_from", begins=clock(begins), until=clock(ends))


_NOON = 12 * 60


def _by_half(turns: Sequence[Turn]) -> str:
    halves = sorted({turn.half for turn in turns})
    if halves == [0, 1] or halves == [0, 1, 2]:
        return text("reception.today_all_day")
    if len(halves) == 1 and halves[0] >= 0:
        return text(f"reception.today_half.{halves[0]}")
    return text("reception.today")


def presence(being_in: BeingIn, minute: int) -> str:
    """Return the line beside a name: "in today until 1pm, then Thursday"."""
    if being_in.basis == "unknown":
        return text("reception.presence.unknown")
    usual = "_usual" if being_in.basis == "usual_week" else ""
    now = today_words(being_in, minute)
    first, *later = being_in.next_days() or (None,)
    near = [day for day in (first, *later) if day and (day == first or within_week(being_in, day))]
    days = listed([weekday(day, being_in.day) for day in near])
    if now and days:
        return text(f"reception.presence.in{usual}", today=now, days=days)
    if now:
        return text(f"reception.presence.in_only{usual}", today=now)
    if days:
        return text(f"reception.presence.next{usual}", days=days)
    if usual or being_in.known_until is None:
        return text("reception.presence.never_usual")
    return text("reception.presence.not_on_rota", until=day_month(being_in.known_until))


def within_week(being_in: BeingIn, day: date) -> bool:
    """Return whether a day has a weekday's name to itself."""
    return (day - being_in.day).days < _WEEK


def listed(names: Sequence[str]) -> str:
    """Return "Thursday and Friday"."""
    if len(names) < 2:
        return "".join(names)
    return text("part.and", names=", ".join(names[:-1]), last=names[-1])
