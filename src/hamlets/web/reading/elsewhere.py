"""The one way to a patient of another practice: shared staff of one network, one at a time.

Off until both practices switched it on. A look needs a reason, shows the team, the named GP
and who is in, and nothing else; it is noted at both practices before it is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import transaction

from hamlets.web.answers.versions import Version
from hamlets.web.audit import chain
from hamlets.web.audit.models import Entry
from hamlets.web.places import sharing
from hamlets.web.places.models import Holding, Place
from hamlets.web.places.roles import Kind, May
from hamlets.web.places.standing import Standing
from hamlets.web.reading.opened import opened
from hamlets.web.reading.patients import named_like, numbered
from hamlets.web.reading.showing import KeeperLine, keeper_lines
from hamlets.web.words import known, text

SUBJECT = "looks"
REASONS = ("phone", "here", "booked")
SHARED_ROLES = ("clinician", "receptionist")
LOOKED, LOOKED_UP = "looked up elsewhere", "patient looked up by shared staff"
"""Actions in the log of the practice that looked, and of the patient's own."""
DAYS = 90
_MOST = 100


@dataclass(frozen=True)
class Other:
    """A practice whose patients can be looked up from here."""

    code: str
    name: str


@dataclass(frozen=True)
class Wanted:
    """Whom somebody looks for: a whole number, or a name with a birth date."""

    number: str = ""
    name: str = ""
    born: date | None = None


@dataclass(frozen=True)
class Look:
    """What a look at another practice's patient shows."""

    practice: str
    team: str
    keepers: tuple[KeeperLine, ...]
    """Own GP, buddies and team, and when they are in."""


@dataclass(frozen=True)
class Past:
    """A look that somebody of another practice had at a patient of this one."""

    at: datetime
    who: str
    place: str
    reason: str
    code: str


class SeveralMatchError(ValueError):
    """More than one patient matches; which one cannot be shown."""


def practices(here: Standing) -> list[Other]:
    """Return the practices whose patients can be looked up from here, A to Z."""
    return [Other(place.code, place.name) for place in _open_to(here)]


def shares(here: Standing) -> bool:
    """Return whether this practice itself switched looks on."""
    return sharing.is_on(here.place, SUBJECT)


def _open_to(here: Standing) -> list[Place]:
    above = here.place.parent
    if here.place.kind != Kind.practice or above is None or above.kind != Kind.network:
        return []
    if not here.may(May.find_patient) or not is_shared_staff(here) or not shares(here):
        return []
    others = Place.objects.filter(parent=above, kind=Kind.practice.value).exclude(pk=here.place.pk)
    return [place for place in others.order_by("name") if sharing.is_on(place, SUBJECT)]


def is_shared_staff(here: Standing) -> bool:
    """Return whether somebody is here as a clinician or receptionist."""
    return Holding.objects.filter(
        person=here.person, place=here.place, role__in=SHARED_ROLES, until__isnull=True
    ).exists()


def look(
    here: Standing,
    version: Version,
    day: date,
    minute: int,
    practice: str,
    wanted: Wanted,
    reason: str,
) -> Look | None:
    """Return what a look shows; None where no patient of that practice matches.

    SeveralMatchError where more than one does. PermissionError where the two practices have
    not both agreed, or without a reason.
    """
    from hamlets.continuity import knowing

    place = next((place for place in _open_to(here) if place.code == practice), None)
    if place is None or reason not in REASONS:
        raise PermissionError(practice)
    with opened(version, place.code, day) as at:
        if wanted.number:
            found = numbered(at, wanted.number)
        elif wanted.born is not None and at.store.identifiable:
            found = named_like(at, wanted.name, wanted.born)
        else:
            raise ValueError("nothing to look for")
        where = f"{place.kind}:{place.code}"
        if len(found.patients) != 1:
            chain.note(here, LOOKED, where, reason=reason, found=False)
            if found.patients:
                raise SeveralMatchError
            return None
        code = found.patients[0].code
        with transaction.atomic():
            chain.record(
                here.person,
                LOOKED_UP,
                place=place,
                about=code,
                reason=reason,
                by_place=f"{here.place.kind}:{here.place.code}",
                by_name=here.place.name,
            )
            chain.note(here, LOOKED, where, reason=reason, found=True)
        who = knowing.who_knows(at.store, at.around, at.patient(code), minute)
    team = who.team.name if who.team else ""
    return Look(place.name, team, tuple(keeper_lines(who, minute)))


def looks(here: Standing, code: str | None = None) -> list[Past]:
    """Return the last looks at patients of this practice, newest first; at one patient's alone."""
    since = datetime.now(UTC) - timedelta(days=DAYS)
    label = f"{here.place.kind}:{here.place.code}"
    rows = Entry.objects.filter(place=label, action=LOOKED_UP, at__gte=since)
    if code is not None:
        rows = rows.filter(about=code)
    return [_past(entry) for entry in rows.order_by("-number")[:_MOST]]


def _past(entry: Entry) -> Past:
    return Past(
        at=entry.at,
        who=entry.name,
        place=str(entry.detail.get("by_name", "")),
        reason=reason_words(str(entry.detail.get("reason", ""))),
        code=entry.about,
    )


def reason_words(reason: str) -> str:
    """Return a reason as people read it."""
    key = f"elsewhere.reason.{reason}"
    return text(key) if known(key) else reason
