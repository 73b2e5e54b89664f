"""Reading the two files of a plan of sharing: what is asked for, and what can be spared."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import time
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from pathlib import Path
from typing import Literal

from hamlets.errors import SourceError, UsageError
from hamlets.networks.results.sharing import HalfDay, Unit
from hamlets.networks.sharing.asking import Asked, Need, Offer
from hamlets.networks.sharing.slots import NotAHalfDayError, read_slot
from hamlets.networks.small_files import Row, SmallFile, read_small_file

IDS = ("practice_id", "practice_code", "ods_code", "practice")
ROLES = ("role", "staff_role")
SKILLS = ("skill", "skills")
SESSIONS = ("sessions", "sessions_needed", "sessions_spare", "spare_sessions", "needed", "spare")
HOURS = ("hours", "hours_needed", "hours_spare", "spare_hours")
ANYBODY = "staff"
"""The role in a file without that column."""
PATIENTS = ("patients", "outstanding", "patients_to_reach")
RATE = ("patients_per_session",)
STAFF = ("staff_id", "staff", "person_id")
ABOUT = ("indicator_id", "indicator", "about", "reason")
HALVES = ("half_day", "when", "slot", "session")
DATES, WEEKDAYS = ("date",), ("weekday", "day")
_YES, _NO = frozenset({"yes", "y", "true", "1"}), frozenset({"no", "n", "false", "0"})
_ASK = frozenset({"", "ask", "asked", "not asked", "unknown"})
_MOST = 100_000
_MOST_OF_A_ROW = 1_000
"""Sessions or hours that one row can offer: more is a slip of the pen."""


def read_asked(need: Path, spare: Path) -> Asked:
    """Return what two CSV files ask for and offer.

    Need: practice_id, role and one of sessions, hours, or patients with patients_per_session;
    optional skill, indicator_id, half_day (several with ;). Spare: practice_id, role, and
    sessions or hours (1 session where neither); optional staff_id, name, skills, date or
    weekday, half_day, start_time, end_time, consent, max_days, max_km, hourly_rate.

    Raises SourceError with file and line for a value that is none and for a row given twice,
    UsageError where one file counts sessions and the other hours.
    """
    wants = read_small_file(need, (*IDS, *ROLES, *SESSIONS, *HOURS, *PATIENTS))
    spares = read_small_file(spare, (*IDS, *ROLES, *SESSIONS, *HOURS))
    unit = _same_unit(_unit(wants, (*SESSIONS, *PATIENTS)), _unit(spares, SESSIONS), wants, spares)
    needs = tuple(_need(wants, row, unit) for row in wants.rows)
    offers = tuple(_offer(spares, row, unit) for row in spares.rows)
    _not_twice(wants, [(n.practice_id, n.role, n.skill, n.about, n.slots) for n in needs], "need")
    people = [(o.staff_id, o.slot.day, o.slot.weekday, o.slot.half) for o in offers]
    _not_twice(spares, [key if key[0] and key[3] else None for key in people], "offer")
    return Asked(needs, offers, unit)


def _unit(file: SmallFile, sessions: tuple[str, ...]) -> Unit | None:
    """Return the unit that a file counts in; None = it has no such column."""
    file.need("the practice's code", *IDS)
    if "unit" in file.columns:
        given = {row.text("unit").lower() for row in file.rows} - {""}
        if given and not given <= {"sessions", "session", "hours", "hour"}:
            raise SourceError(
                "The unit is neither sessions nor hours.",
                where=file.name,
                hint="Write sessions or hours in the column unit, the same in each row.",
            )
        if len({word.rstrip("s") for word in given}) > 1:
            raise UsageError(
                "Some rows are in sessions and some in hours.",
                where=file.name,
                hint="Use one unit in both files.",
            )
        if given:
            return "hours" if given.pop().startswith("hour") else "sessions"
    in_sessions, in_hours = file.first_of(*sessions), file.first_of(*HOURS)
    if in_sessions and in_hours:
        raise UsageError(
            f"There are both {in_sessions} and hours: one unit is needed.",
            where=file.name,
            hint="Leave one of the two columns out.",
        )
    return "hours" if in_hours else "sessions" if in_sessions else None


def _same_unit(need: Unit | None, spare: Unit | None, wants: SmallFile, spares: SmallFile) -> Unit:
    if need is None and wants.first_of("amount") is None:
        wants.need("how much is needed", *SESSIONS, *HOURS, *PATIENTS)
    asked, offered = need or "sessions", spare or ("sessions" if need is None else need)
    if asked != offered:
        raise UsageError(
            f"The need is in {asked} and what is spare in {offered}.",
            where=f"{wants.name} and {spares.name}",
            hint="Use one unit in both: a half-day is one session.",
        )
    return asked


def _need(file: SmallFile, row: Row, unit: Unit) -> Need:
    where = file.where(row)
    about = row.text(*ABOUT)
    patients = row.text(*PATIENTS)
    given = row.text(*(HOURS if unit == "hours" else SESSIONS), "amount")
    per_session: Fraction | None = None
    if row.text(*RATE):
        per_session = _number(row.text(*RATE), where, "patients_per_session")
        if per_session == 0:
            raise SourceError(
                "A session that reaches no patient cannot help.",
                where=f"{where}, column patients_per_session",
                hint="Write how many patients one session sees.",
            )
    number = _number(patients, where, "patients") if patients else None
    if number is not None and number.denominator != 1:
        raise SourceError(
            "Patients are a whole number.", where=f"{where}, column patients", hint="Mend it."
        )
    if given:
        amount = _number(given, where, unit)
    elif number is not None and per_session is not None:
        amount = number / per_session
    else:
        raise SourceError(
            "This row does not say how much is needed.",
            where=where,
            hint=f"Fill in {unit}, or patients and patients_per_session.",
        )
    return Need(
        practice_id=_practice(row, where),
        role=_role(file, row, where),
        amount=amount,
        skill=_words(row.text(*SKILLS)),
        about=about,
        slots=_slots(row, where),
        patients=int(number) if number is not None else None,
        patients_per_session=per_session,
    )


def _offer(file: SmallFile, row: Row, unit: Unit) -> Offer:
    where = file.where(row)
    given = row.text(*(HOURS if unit == "hours" else SESSIONS), "amount")
    if not given and unit == "hours":
        raise SourceError(
            "This row does not say how many hours are spare.", where=where, hint="Fill in hours."
        )
    amount = _number(given or "1", where, unit)
    if amount.denominator != 1:
        raise SourceError(
            f"What is spare is a whole number of {unit}.",
            where=f"{where}, column {unit}",
            hint="A session is a half-day. For parts of one, write both files in hours.",
        )
    if amount > _MOST_OF_A_ROW:
        raise SourceError(
            f"This row offers {int(amount):,} {unit}: the most of one row is {_MOST_OF_A_ROW:,}.",
            where=f"{where}, column {unit}",
            hint="Write what one half-day, or one kind of staff, can spare.",
        )
    return replace(
        read_person(row, where),
        practice_id=_practice(row, where),
        role=_role(file, row, where),
        amount=int(amount),
        slot=_slot(row, where),
    )


def read_person(row: Row, where: str) -> Offer:
    """Return what a row says of a person, as an offer of no time yet."""
    max_days = row.text("max_days", "maximum_days")
    max_km, rate = row.text("max_km"), row.text("hourly_rate", "rate")
    days = _number(max_days, where, "max_days") if max_days else None
    if days is not None and days.denominator != 1:
        raise SourceError(
            "The most days are a whole number.", where=f"{where}, column max_days", hint="Mend it."
        )
    return Offer(
        practice_id="",
        role="",
        amount=0,
        skills=frozenset({_words(each) for each in re.split(r"[;,/|]", row.text(*SKILLS))} - {""}),
        staff_id=row.text(*STAFF),
        name=row.text("name", "staff_name"),
        consent=_consent(row, where),
        max_days=int(days) if days is not None else None,
        max_km=float(_number(max_km, where, "max_km")) if max_km else None,
        hourly_rate=_money(rate, where) if rate else None,
    )


def _practice(row: Row, where: str) -> str:
    code = row.text(*IDS).upper()
    if not code:
        raise SourceError("This row has no practice.", where=where, hint="Fill in its code.")
    return code


def _role(file: SmallFile, row: Row, where: str) -> str:
    if file.first_of(*ROLES) is None:
        return ANYBODY
    role = "_".join(_words(row.text(*ROLES)).split())
    if not role:
        raise SourceError("This row has no role.", where=where, hint="Write nurse, pharmacist, ...")
    return role


def _words(text: str) -> str:
    return " ".join(text.lower().replace("_", " ").split())


def _number(text: str, where: str, column: str) -> Fraction:
    """Return a number that is 0 or more, exactly as it is written."""
    try:
        value = Fraction(Decimal(text.replace(",", "")))
    except (InvalidOperation, ValueError, OverflowError):
        raise SourceError(
            f"{text[:40]!r} is not a number.", where=f"{where}, column {column}", hint="Write 2.5."
        ) from None
    if value < 0:
        raise SourceError(
            f"{column.replace('_', ' ').capitalize()} cannot be negative.",
            where=f"{where}, column {column}",
            hint="Write 0 or more. What is missing belongs into the file of needs.",
        )
    if value > _MOST:
        raise SourceError(
            f"{text} is more than any network has.", where=f"{where}, column {column}"
        )
    return value


def _money(text: str, where: str) -> Decimal:
    value = _number(text.removeprefix("£"), where, "hourly_rate")
    return Decimal(value.numerator) / Decimal(value.denominator)


def _consent(row: Row, where: str) -> Literal["yes", "no", "ask"]:
    word = row.text("consent", "agreed").lower()
    if word in _YES:
        return "yes"
    if word in _NO:
        return "no"
    if word in _ASK:
        return "ask"
    raise SourceError(
        f"{word[:40]!r} does not say whether the person agrees.",
        where=f"{where}, column consent",
        hint="Write yes, no, or nothing where nobody was asked yet.",
    )


def _slot(row: Row, where: str) -> HalfDay:
    words = " ".join(
        dict.fromkeys(row.text(name) for name in (*DATES, *WEEKDAYS, *HALVES) if row.text(name))
    )
    slot = _half_day(words, where)
    start, end = (_time(row.text(name), where, name) for name in ("start_time", "end_time"))
    if (start is None) != (end is None) or (start is not None and end is not None and start >= end):
        raise SourceError(
            "The session does not end after it starts.",
            where=where,
            hint="Fill in start_time and end_time, as 09:00 and 13:00, or neither.",
        )
    half = slot.half
    if half is None and start is not None:
        half = "am" if start < time(13) else "pm" if start < time(18, 30) else "evening"
    return HalfDay(slot.day, slot.weekday, half, start, end)


def _slots(row: Row, where: str) -> tuple[HalfDay, ...]:
    days = " ".join(row.text(name) for name in (*DATES, *WEEKDAYS) if row.text(name))
    halves = [each.strip() for each in row.text(*HALVES).split(";") if each.strip()]
    found = [_half_day(f"{days} {half}", where) for half in halves or ([""] if days else [])]
    return tuple(slot for slot in found if slot != HalfDay())


def _half_day(words: str, where: str) -> HalfDay:
    try:
        return read_slot(words)
    except NotAHalfDayError as error:
        raise SourceError(
            str(error), where=where, hint="Write half-days as Tue am, or as 2031-06-03 pm."
        ) from None


def _time(text: str, where: str, column: str) -> time | None:
    if not text:
        return None
    try:
        return time.fromisoformat(text.zfill(5))
    except ValueError:
        raise SourceError(
            f"{text[:20]!r} is not a time.", where=f"{where}, column {column}", hint="Write 09:00."
        ) from None


def _not_twice(file: SmallFile, keys: list[tuple[object, ...] | None], what: str) -> None:
    seen: dict[tuple[object, ...], int] = {}
    for row, key in zip(file.rows, keys, strict=True):
        if key is None:
            continue
        if key in seen:
            raise SourceError(
                f"This {what} is given twice.",
                where=f"{file.name}, lines {seen[key]} and {row.line}",
                hint="Add the two rows up, or delete one."
                if what == "need"
                else "A person has each half-day once: delete one row.",
            )
        seen[key] = row.line
