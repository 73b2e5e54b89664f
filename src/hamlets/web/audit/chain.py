"""Writing and proving the chain of audit entries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction

from hamlets.web.audit.models import Entry, Head

if TYPE_CHECKING:
    from hamlets.web.people.models import Person
    from hamlets.web.places.models import Place
    from hamlets.web.places.standing import Standing

START = hashlib.sha256(b"hamlets audit log").hexdigest()
"""What the first entry carries as the hash before it."""


def note(here: Standing, action: str, about: str = "", **detail: Any) -> Entry:
    """Write an entry for somebody who stands somewhere; it is there when this returns.

    Inside a transaction it is kept or lost with the rest of it.
    """
    return record(here.person, action, place=here.place, about=about, **detail)


def record(
    person: Person | None,
    action: str,
    *,
    place: Place | None = None,
    about: str = "",
    by: str = "system",
    **detail: Any,
) -> Entry:
    """Write an entry; ``by`` says who it was where no person is signed in."""
    with transaction.atomic():
        head = stand_in_line()
        entry = Entry(
            number=head.number + 1,
            at=datetime.now(UTC),
            person=person.email if person else by,
            name=person.name if person else by,
            place=f"{place.kind}:{place.code}" if place else "",
            action=action,
            about=about,
            detail=detail,
            before=head.hash,
        )
        entry.hash = digest(entry)
        entry.save(force_insert=True)
        head.number, head.hash = entry.number, entry.hash
        head.save()
    return entry


def stand_in_line() -> Head:
    """Return the head of the chain, held until the transaction ends: one writer at a time."""
    Head.objects.get_or_create(pk=1, defaults={"hash": START})
    # under PostgreSQL the row is locked; SQLite has one writer since the transaction began
    return Head.objects.select_for_update().get(pk=1)


def digest(entry: Entry) -> str:
    """Return the SHA-256 of an entry with the hash of the one before it."""
    told: Mapping[str, Any] = {
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "person": entry.person,
        "name": entry.name,
        "place": entry.place,
        "action": entry.action,
        "about": entry.about,
        "detail": entry.detail,
        "before": entry.before,
    }
    return hashlib.sha256(
        json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    ).hexdigest()


@dataclass(frozen=True)
class Proof:
    """What a look over the whole chain found."""

    entries: int
    wrong: int | None
    """Number of the first entry that does not hold; None where all do."""
    reason: str = ""
    head: str = START

    @property
    def holds(self) -> bool:
        return self.wrong is None


def verify() -> Proof:
    """Return whether every entry is as it was written and none is missing."""
    before, expected = START, 1
    for entry in Entry.objects.order_by("number").iterator(chunk_size=2000):
        if entry.number != expected:
            return Proof(expected - 1, expected, "is missing", before)
        if entry.before != before or entry.hash != digest(entry):
            return Proof(expected - 1, entry.number, "was changed", before)
        before, expected = entry.hash, expected + 1
    head = Head.objects.filter(pk=1).first()
    last = head.number if head else 0
    if last != expected - 1 or (head and head.hash != before):
        return Proof(expected - 1, expected, "is missing", before)
    return Proof(expected - 1, None, head=before)
