"""What FHIR's words mean here: classes, statuses, modes, roles and days."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")

NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"
ODS_SITE = "https://fhir.nhs.uk/Id/ods-site-code"
SDS_USER = "https://fhir.nhs.uk/Id/sds-user-id"
SDS_ROLE = "https://fhir.nhs.uk/Id/sds-role-profile-id"
_UK = "https://fhir.hl7.org.uk/Id/"
GMC, GMP = _UK + "gmc-number", _UK + "gmp-number"
NMC, GPHC, HCPC = _UK + "nmc-number", _UK + "gphc-number", _UK + "hcpc-number"

SNOMED = "http://snomed.info/sct"

PERSON_SYSTEMS = (SDS_USER, GMC, NMC, GPHC, HCPC)
"""Registers in which one number is one person. GMP numbers are left out: practices
share placeholder numbers among locums."""

ROLE_BY_REGISTER = ((GMP, "gp"), (NMC, "nurse"), (GPHC, "pharmacist"))
"""Roles that a registration number alone gives away, for want of anything better."""

STATUS_WORDS = {
    "planned": "booked",
    "proposed": "booked",
    "pending": "booked",
    "waitlist": "booked",
    "booked": "booked",
    "arrived": "arrived",
    "triaged": "arrived",
    "in-progress": "arrived",
    "onleave": "arrived",
    "on-hold": "arrived",
    "checked-in": "arrived",
    "finished": "attended",
    "fulfilled": "attended",
    "completed": "attended",
    "discharged": "attended",
    "noshow": "did_not_attend",
    "cancelled": "cancelled",
    "unknown": "unknown",
}
IN_ERROR = "entered-in-error"
NEVER_HAPPENED = frozenset(
    ("planned", "proposed", "pending", "waitlist", "booked", "noshow", "cancelled")
)

EVENT_OF_CLASS = {
    "EMER": "ae_attendance",
    "IMP": "admission",
    "ACUTE": "admission",
    "NONAC": "admission",
    "SS": "admission",
}
"""Encounter classes that are hospital events, not contacts in general practice."""
HOSPITAL_CLASSES = frozenset(("OBSENC", "PRENC"))
"""Stays under observation and work-up before a stay: neither contact nor event."""
MODE_OF_CLASS = {"AMB": "face_to_face", "HH": "home_visit", "FLD": "home_visit"}

# In this order: a care home visit is not a home visit.
_MODE_WORDS = (
    ("video", "video"),
    ("telephone", "telephone"),
    ("phone", "telephone"),
    ("domiciliary", "home_visit"),
    ("care home", "care_home"),
    ("nursing home", "care_home"),
    ("rest home", "care_home"),
    ("residential home", "care_home"),
    ("home visit", "home_visit"),
    ("house call", "home_visit"),
    ("online", "online"),
    ("e-consult", "online"),
    ("econsult", "online"),
    ("email", "online"),
    ("e-mail", "online"),
    ("text message", "online"),
    ("group consultation", "group"),
    ("group session", "group"),
    ("group therapy", "group"),
    ("in-person", "face_to_face"),
    ("in person", "face_to_face"),
    ("face to face", "face_to_face"),
    ("face-to-face", "face_to_face"),
)
_URGENCY_OF_PRIORITY = {
    "EM": "same_day",
    "UR": "same_day",
    "S": "same_day",
    "A": "same_day",
    "R": "routine",
}
_URGENCY_OF_TYPE = {
    "ROUTINE": "routine",
    "CHECKUP": "routine",
    "FOLLOWUP": "follow_up",
    "WALKIN": "same_day",
    "EMERGENCY": "same_day",
}

_ROLE_WORDS: tuple[tuple[str, str], ...] = (
    (r"advanced (nurse|clinical)? ?practitioner|nurse practitioner", "advanced_practitioner"),
    (r"health ?care (assistant|support)|\bhca\b|phlebotom", "healthcare_assistant"),
    (r"physician'?s? (associate|assistant)", "physician_associate"),
    (r"physiotherap|physical therap", "physiotherapist"),
    (r"paramedic", "paramedic"),
    (r"pharmacy technician|midwi|dent(al|ist)|optom|podiatr|dieti[tc]", "other"),
    (r"pharmac", "pharmacist"),
    (r"social prescrib|link worker", "social_prescriber"),
    (r"care co-?ordinator", "care_coordinator"),
    (r"social worker", "social_worker"),
    (r"patient advocate|patient liaison", "patient_advocate"),
    (r"recept|administrat|secretar|clerical|practice manager", "administrator"),
    (r"nurs", "nurse"),
    (r"consultant", "other"),
)
_DOCTOR_WORDS: tuple[tuple[str, str], ...] = (
    (r"registrar|trainee|\bst[1-4]\b", "gp_registrar"),
    (r"locum", "gp_locum"),
    (r"partner|principal", "gp_partner"),
    (r"salaried|retain", "gp_salaried"),
)
_GP_WORDS = re.compile(
    r"general (medical )?pract|family (medicine|pract|doctor|physician)|\bgp\b|primary care doctor"
)
_ROLE_OF_CODE = {
    "R0260": "gp",
    "62247001": "gp",
    "394814009": "gp",
    "408443003": "gp",
    "224571005": "advanced_practitioner",
    "106292003": "nurse",
    "46255001": "pharmacist",
    "36682004": "physiotherapist",
    "397897005": "paramedic",
}
_CONTRACTS = {
    "gp_partner": "partner",
    "gp_salaried": "salaried",
    "gp_locum": "locum",
    "gp_registrar": "trainee",
}


def words_of(concepts: list[Any] | None) -> str:
    """Return every text, display and (for want of one) code, lower case, as one string."""
    if not concepts:
        return ""
    words: list[str] = []
    for concept in concepts:
        text = concept.get("text")
        if text:
            words.append(text)
        for coding in concept.get("coding") or ():
            word = coding.get("display") or coding.get("code")
            if word and word != text:
                words.append(word)
    return " | ".join(words).lower()


def code_of(concept: dict[str, Any] | None) -> str | None:
    """Return the SNOMED CT code of a concept, else its first code, else None."""
    codings = (concept or {}).get("coding") or ()
    for coding in codings:
        if coding.get("system") == SNOMED and coding.get("code"):
            return coding["code"]
    for coding in codings:
        if coding.get("code"):
            return coding["code"]
    return None


def mode_of(class_code: str | None, words: str) -> str | None:
    """Return the way of contact, by the type's words first, then by the class."""
    for word, mode in _MODE_WORDS:
        if word in words:
            return mode
    return MODE_OF_CLASS.get(class_code or "")


def urgency_of(priority: dict[str, Any] | None, words: str, type_code: str | None) -> str | None:
    """Return the urgency an encounter's priority or an appointment's type gives."""
    for coding in (priority or {}).get("coding") or ():
        urgency = _URGENCY_OF_PRIORITY.get(coding.get("code"))
        if urgency:
            return urgency
    if type_code in _URGENCY_OF_TYPE:
        return _URGENCY_OF_TYPE[type_code]
    if "follow-up" in words or "follow up" in words:
        return "follow_up"
    if "same day" in words or "same-day" in words:
        return "same_day"
    return None


def role_of(codes: list[Any] | None, specialties: list[Any] | None) -> str | None:
    """Return the role: a canonical word, or the source's own where none fits.

    The code decides; a doctor's grade counts as a GP's unless every specialty
    named is another one, and a specialty alone is ``gp`` or ``other``.
    """
    text, specialty = words_of(codes), words_of(specialties)
    general = bool(_GP_WORDS.search(specialty))
    for pattern, role in _ROLE_WORDS:
        if re.search(pattern, text):
            return role
    for pattern, role in _DOCTOR_WORDS:
        if re.search(pattern, text):
            return role if general or not specialty or _GP_WORDS.search(text) else "other"
    if _GP_WORDS.search(text):
        return "gp"
    by_code = _role_by_code(codes) or _role_by_code(specialties)
    if by_code or general:
        return by_code or "gp"
    if specialty:
        return next((r for p, r in _ROLE_WORDS if re.search(p, specialty)), "other")
    return text or None


def _role_by_code(concepts: list[Any] | None) -> str | None:
    for concept in concepts or ():
        for coding in concept.get("coding") or ():
            if coding.get("code") in _ROLE_OF_CODE:
                return _ROLE_OF_CODE[coding["code"]]
    return None


def contract_of(codes: list[Any] | None, role: str | None) -> str | None:
    """Return the contract that a role's words give away."""
    return "retainer" if "retain" in words_of(codes) else _CONTRACTS.get(role or "")


def sessions_a_week(available: list[Any] | None) -> str | None:
    """Return the half-days a week in ``PractitionerRole.availableTime`` as text.

    A day that is worked on both sides of 13:00 is two sessions.
    """
    halves: set[tuple[str, int]] = set()
    for time in available or ():
        start = (time.get("availableStartTime") or "00:00")[:5]
        end = (time.get("availableEndTime") or "24:00")[:5]
        for day in time.get("daysOfWeek") or ():
            if start < "13:00":
                halves.add((day, 0))
            if end > "13:00":
                halves.add((day, 1))
    return str(len(halves)) if halves else None


def london_time(text: str) -> datetime:
    """Return a FHIR date or time as wall time in London; ValueError if it is neither."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is None else moment.astimezone(LONDON).replace(tzinfo=None)


def first_day(text: str | None) -> str | None:
    """Return a FHIR date or time, a mere month or year as its first day."""
    if not text:
        return None
    return text + {4: "-01-01", 7: "-01"}.get(len(text), "")


def last_day(text: str | None) -> str | None:
    """Return a FHIR date or time, a mere month or year as its last day.

    Text that is no date is handed on as it is, for the checks to refuse.
    """
    if not text or len(text) not in (4, 7):
        return text or None
    try:
        return _on(_next_start(text), -1)
    except ValueError:
        return text


def day_after(text: str | None) -> str | None:
    """Return the first day a period no longer holds: FHIR's ends are inclusive.

    An end at midnight sharp is the first moment of a day not served.
    """
    if not text:
        return None
    try:
        if len(text) in (4, 7):
            return _next_start(text).isoformat()
        if len(text) == 10:
            return _on(date.fromisoformat(text), 1)
        end = london_time(text)
    except ValueError:
        return text
    midnight = (end.hour, end.minute, end.second) == (0, 0, 0)
    return _on(end.date(), 0 if midnight else 1)


def _on(day: date, days: int) -> str:
    return (day + timedelta(days=days)).isoformat()


def _next_start(text: str) -> date:
    year = int(text[:4])
    if len(text) == 4 or text[5:7] == "12":
        return date(year + 1, 1, 1)
    return date(year, int(text[5:7]) + 1, 1)


def wall_seconds(text: str | None) -> int | None:
    """Return seconds since 1970 of the London wall time; None if it is no time."""
    if not text:
        return None
    try:
        return int(london_time(text).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None


def wall_text(seconds: int) -> str:
    """Return the wall time that ``wall_seconds`` gave, as ISO text."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()


def minutes_between(start: str | None, end: str | None) -> str | None:
    """Return the minutes from start to end as text; None unless both are times, in order."""
    if not start or not end or len(start) <= 10 or len(end) <= 10:
        return None
    try:
        minutes = (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds() / 60
    except (ValueError, TypeError):
        return None
    return f"{minutes:g}" if minutes > 0 else None
