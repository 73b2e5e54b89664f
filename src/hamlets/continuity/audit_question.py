"""What is asked of an audit: which event, which days before it, who counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hamlets.continuity.asking import find_scope
from hamlets.continuity.calendar import Window, day_number, day_of
from hamlets.continuity.conventions import Conventions, read_conventions
from hamlets.errors import NothingToMeasureError, UsageError
from hamlets.records import Store

LOOK_BACK_DAYS = 365
DEATH = "death"
DEATH_EVENTS = ("death", "death_in_hospital")
"""Events that ``death`` stands for, besides the date of death on the patient's row."""


@dataclass(frozen=True)
class AuditQuestion:
    """A checked question. ``first`` and ``last`` are the days of events, both included."""

    event: str
    first: int
    last: int
    look_back: int
    conventions: Conventions
    symptoms: tuple[str, ...]
    seed: int
    practice: int | None
    """Code of the only practice asked about."""
    notes: tuple[str, ...]

    @property
    def window(self) -> Window:
        """Every day that lies before an event of these days and within its look-back."""
        return Window(self.first - self.look_back, self.last - 1)

    @property
    def event_types(self) -> tuple[str, ...]:
        """The types of event that count as this one."""
        return DEATH_EVENTS if self.event == DEATH else (self.event,)


def read_audit_question(
    store: Store,
    event: str,
    *,
    practice: str | None,
    look_back: int,
    date_from: date | None,
    date_to: date | None,
    roles: str | Sequence[str] | None,
    symptoms: Iterable[str],
    seed: int,
) -> AuditQuestion:
    """Return the checked question.

    Without dates: all events for which the store holds the whole look-back, up to the last
    counted day. Raises UsageError, UnknownPlaceError and NothingToMeasureError.
    """
    conventions = read_conventions(roles=roles)
    if look_back < 1:
        raise UsageError("A look-back has at least 1 day.", where="--look-back")
    begins, ends = store.first_day, store.last_counted_day
    if begins is None or ends is None:
        raise NothingToMeasureError(
            "This store holds no contact, so there is nothing to look back on.",
            hint="Load an extract first.",
        )
    whole = begins + timedelta(days=look_back)
    first, last = date_from or whole, date_to or ends
    if first > last and date_from and date_to:
        raise UsageError("The first day comes after the last.", where="--from, --to")
    if first > last:
        raise NothingToMeasureError(
            f"No day of these records has {look_back} days of records before it.",
            where=f"{begins} to {ends}",
            hint="Choose a shorter --look-back, or load older appointments too.",
        )
    notes: list[str] = []
    if first < whole:
        notes.append(f"Appointments begin on {begins}, so look-backs before {whole} are cut short.")
    if last > ends + timedelta(days=1):
        notes.append(f"The last counted contact is of {ends}, so later look-backs end early.")
    scope = None if practice is None else find_scope(store, practice)
    return AuditQuestion(
        event=event,
        first=day_number(first),
        last=day_number(last),
        look_back=look_back,
        conventions=conventions,
        symptoms=tuple(sorted({code.strip() for code in symptoms if code.strip()})),
        seed=seed,
        practice=None if scope is None else scope.homes[0],
        notes=tuple(notes),
    )


def no_such_event(event: str, loaded: Iterable[str]) -> NothingToMeasureError:
    """Return the error for an event of which the store holds none."""
    known = ", ".join(sorted(loaded))
    return NothingToMeasureError(
        f"No event of type {event!r} was loaded, so there is no audit of it.",
        where="--event",
        hint=f"Types of event here: {known}." if known else "Load a table of events first.",
    )


def no_event_in(question: AuditQuestion) -> NothingToMeasureError:
    """Return the error for days without any such event."""
    return NothingToMeasureError(
        f"No patient had a first event of type {question.event!r} in these days.",
        where=f"{day_of(question.first)} to {day_of(question.last)}",
        hint="Choose a longer period with --from and --to, or load newer events.",
    )
