"""A plan of sharing as a calendar file (iCalendar, RFC 5545), in the time of Europe/London.

Made by hand: the file has one kind of event, and its zone is written out, so that no calendar
has to know the place by name. The same plan gives the same bytes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta

from hamlets.networks.results import Sharing, StaffMove
from hamlets.publish.sharing_words import Term, amount, capital, role_words, said, who_words
from hamlets.publish.svg import plain

_MOST_OCTETS = 75
_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ZONE = """BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
DTSTART:19960331T010000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZNAME:BST
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T020000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE"""


def unplaced(plan: Sharing, term: Term) -> list[StaffMove]:
    """Return the moves that have no place in a calendar: no day, no half, or no first day."""
    return [move for move in plan.moves if _begins(move, term) is None]


def calendar_file(plan: Sharing, term: Term, closed: Collection[date] = ()) -> str:
    """Return the moves that have a day and a half-day as the text of an .ics file.

    Weekly ones repeat from the term's first day to its last, but for ``closed`` days (bank
    holidays). ``unplaced`` says which moves are left out.
    """
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Hamlets//Shared staff//EN",
        "CALSCALE:GREGORIAN",
        f"X-WR-CALNAME:{_text(said('calendar.name'))}",
        *_ZONE.splitlines(),
    ]
    seen: Counter[str] = Counter()
    for move in plan.moves:
        begin = _begins(move, term)
        if begin is not None:
            uid = _uid(move, begin)
            seen[uid] += 1
            # people without names may be alike in all
            unique = uid if seen[uid] == 1 else f"{seen[uid]}-{uid}"
            lines += _event(move, begin, unique, term if plan.weekly else Term(), closed)
    return "".join(_folded(line) for line in (*lines, "END:VCALENDAR"))


def _begins(move: StaffMove, term: Term) -> datetime | None:
    """Return when a move is for the first time; None where that is not known."""
    slot = move.slot
    day = slot.day
    if day is None and slot.weekday is not None and term.first is not None:
        day = term.first + timedelta(days=(slot.weekday - term.first.weekday()) % 7)
        if term.last is not None and day > term.last:
            return None
    return None if day is None or slot.start is None else datetime.combine(day, slot.start)


def _event(
    move: StaffMove, begin: datetime, uid: str, term: Term, closed: Collection[date]
) -> Iterator[str]:
    slot = move.slot
    end = datetime.combine(begin.date(), slot.end or begin.time())
    who, asker = capital(who_words(move)), plain(move.to_practice)
    named = bool(move.staff_id or move.name)
    role = role_words(move.role)
    summary = said("calendar.summary", who=who, asker=asker)
    if not named and move.amount > 1:
        summary = said("calendar.summary_many", n=move.amount, role=role, asker=asker)
    described = said(
        "calendar.description" if move.consent == "yes" else "calendar.description_draft",
        who=who,
        lender=plain(move.from_practice),
        asker=asker,
        hours=amount(move.hours, "hours"),
    )
    yield "BEGIN:VEVENT"
    yield f"UID:{uid}"
    # When the plan was made is not kept: its first day stands for it, so that bytes repeat.
    yield f"DTSTAMP:{begin:%Y%m%d}T000000Z"
    yield f"DTSTART;TZID=Europe/London:{begin:%Y%m%dT%H%M%S}"
    yield f"DTEND;TZID=Europe/London:{end:%Y%m%dT%H%M%S}"
    if slot.day is None:
        yield from _weekly(begin, term, closed)
    yield f"SUMMARY:{_text(summary)}"
    yield f"LOCATION:{_text(asker)}"
    yield f"DESCRIPTION:{_text(described)}"
    yield f"STATUS:{'CONFIRMED' if move.consent == 'yes' else 'TENTATIVE'}"
    yield "END:VEVENT"


def _weekly(begin: datetime, term: Term, closed: Collection[date]) -> Iterator[str]:
    rule = f"RRULE:FREQ=WEEKLY;BYDAY={_WEEK[begin.weekday()]}"
    if term.last is not None:
        # UNTIL is in universal time: the last moment of the last day holds in winter and summer
        rule += f";UNTIL={term.last:%Y%m%d}T235959Z"
    yield rule
    last = term.last or begin.date()
    out = sorted(
        day for day in closed if begin.date() <= day <= last and day.weekday() == begin.weekday()
    )
    for day in out:
        left_out = datetime.combine(day, begin.time())
        yield f"EXDATE;TZID=Europe/London:{left_out:%Y%m%dT%H%M%S}"


def _uid(move: StaffMove, begin: datetime) -> str:
    """Return an id that is the same whenever the same move is written."""
    parts = (
        move.from_practice,
        move.to_practice,
        move.staff_id,
        move.name,
        move.role,
        move.skill,
        move.about,
        begin.isoformat(),
    )
    digest = hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).hexdigest()
    return f"{digest}@hamlets"


def _text(words: str) -> str:
    """Return words as a TEXT value: what would end or split it is escaped."""
    escaped = words.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return escaped.replace("\r\n", "\\n").replace("\n", "\\n")


def _folded(line: str) -> str:
    """Return a content line with its end, broken so that no part is over 75 octets."""
    parts: list[str] = []
    room = _MOST_OCTETS
    current, size = "", 0
    for character in line:
        octets = len(character.encode())
        if size + octets > room:
            parts.append(current)
            current, size, room = "", 0, _MOST_OCTETS - 1  # the blank that begins a part
        current, size = current + character, size + octets
    return "\r\n ".join([*parts, current]) + "\r\n"
