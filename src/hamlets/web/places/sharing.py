"""What a practice agreed to share with its network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from hamlets.web.audit import chain
from hamlets.web.places.models import Place, Sharing
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing
from hamlets.web.words import text

SUBJECTS = ("counts", "looks")
"""``counts``: rounded counts by month; ``looks``: shared staff may open one patient at a time."""


@dataclass(frozen=True)
class Switch:
    """One thing that can be shared."""

    subject: str
    title: str
    what: str
    """What leaves the practice, in words."""
    on: bool
    since: datetime | None
    by: str


def switches(here: Standing) -> tuple[Switch, ...]:
    """Return every switch of this practice, and how it stands."""
    return tuple(_switch(here.place, subject) for subject in SUBJECTS)


def is_on(place: Place, subject: str) -> bool:
    """Return whether a practice shares a subject now; off until somebody switched it on."""
    last = _last(place, subject)
    return last is not None and last.on


def switch(here: Standing, subject: str, *, on: bool) -> None:
    """Switch a subject on or off; nothing happens where it stands so already."""
    if not here.may(May.share_data) or subject not in SUBJECTS:
        raise PermissionError(subject)
    if is_on(here.place, subject) == on:
        return
    Sharing.objects.create(place=here.place, subject=subject, on=on, decided_by=here.person)
    chain.note(here, "sharing switched on" if on else "sharing switched off", subject)


def _switch(place: Place, subject: str) -> Switch:
    last = _last(place, subject)
    return Switch(
        subject,
        text(f"sharing.{subject}"),
        text(f"sharing.{subject}_what"),
        last is not None and last.on,
        last.since if last else None,
        last.decided_by.name if last and last.decided_by else "",
    )


def _last(place: Place, subject: str) -> Sharing | None:
    rows = Sharing.objects.filter(place=place, subject=subject).select_related("decided_by")
    return rows.order_by("-since", "-pk").first()
