"""What each cohort would gain if it alone were booked again (definitions, Continuity 22)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hamlets.continuity.calendar import Window, day_number, months_before
from hamlets.continuity.cohort_results import NEEDS_CEILING, cohort_patients
from hamlets.continuity.columns import Int32
from hamlets.continuity.results import CohortRow, Cohorts
from hamlets.records import Store
from hamlets.teams.ceiling.book import make_book
from hamlets.teams.ceiling.flow import attain_with_fewest_moves
from hamlets.teams.ceiling.reading import BOOKED_ENOUGH, Records, for_each, read_records
from hamlets.teams.ceiling.windows import WORKING_DAYS, times_of

NO_NAMED = "The expected gain needs named GPs: no contact of this cohort is of a patient with one."
NO_BOOKING = "The expected gain needs the days on which contacts were booked."


@dataclass(frozen=True)
class Gain:
    """Whole numbers of a cohort's contacts in one year."""

    contacts: int = 0
    """Of patients with a named GP."""
    booked: int = 0
    """Those whose day of booking is known; the others keep their slots."""
    own: int = 0
    """Recorded with the own GP, of those booked."""
    can_own: int = 0
    moved: int = 0

    def plus(self, other: Gain) -> Gain:
        """Return the sums."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Gain(*(one + more for one, more in pairs))


def with_expected_gains(
    found: Cohorts,
    store: Store,
    practice: str | None = None,
    *,
    threshold: str = "centile",
    contacts: str = "gp",
    threads: int | None = None,
) -> Cohorts:
    """Return cohorts of ``cohort_table``, asked with the same options, with their expected gain.

    The gain is the most contacts with the own GP in the policy window, if contacts of this
    cohort in the last 12 months alone are booked again, less those recorded; a year and 100
    patients. Contacts of others keep their slots, so the cohort can have free slots and those
    that its own contacts give up. ``slots_displaced`` is how many of its contacts have another
    slot than they had: of all bookings with that gain, the fewest.
    """
    last = day_number(found.period.last)
    year = Window(day_number(months_before(found.period.last, 12)) + 1, last)
    place = None if practice is None else store.labels("practice").index(practice)
    records = read_records(store, year, place, threads)
    members = cohort_patients(
        store, practice, threshold=threshold, contacts=contacts, date_to=found.period.last,
        threads=threads,
    )  # fmt: skip
    keys = sorted(key for key in members if key[0] in records.requests)
    made = for_each(
        range(len(keys)), lambda at: _gain(records, keys[at][0], members[keys[at]]), threads
    )
    gains = dict(zip(keys, made, strict=True))
    labels = records.reference.practice_labels
    rows = tuple(
        _with_gain(
            row,
            [
                gain
                for (home, cohort), gain in gains.items()
                if cohort == row.cohort and row.practice_id in (None, labels[home])
            ],
        )
        for row in found.rows
    )
    return replace(found, rows=rows, notes=_notes(records))


def _gain(records: Records, place: int, patients: Int32) -> Gain:
    """Return the gain of some patients of a practice, whose contacts alone may be moved."""
    whole = records.requests[place]
    requests = whole.only(np.isin(whole.patient, patients))
    listed = requests.list >= 0
    times = times_of(requests, "policy", WORKING_DAYS)
    book = make_book(requests, records.slots.at(place), times, "policy", records.reference.teams)
    can_own, moved = attain_with_fewest_moves(book)
    moving = listed & ~times.held
    return Gain(
        contacts=int(listed.sum()),
        booked=int(moving.sum()),
        own=int((requests.own & moving).sum()),
        can_own=can_own,
        moved=moved,
    )


def _with_gain(row: CohortRow, gains: list[Gain]) -> CohortRow:
    """Return a row with its gain, or with the reason why it has none."""
    if row.reason is None or NEEDS_CEILING not in row.reason:
        return row  # who is in it is not known, or nobody is
    rest = row.reason.replace(NEEDS_CEILING, "").strip()
    total = Gain()
    for gain in gains:
        total = total.plus(gain)
    why = ""
    if rest:
        pass  # the records do not cover the year
    elif not total.contacts:
        why = NO_NAMED
    elif total.booked < BOOKED_ENOUGH * total.contacts:
        why = NO_BOOKING
    elif row.n_patients:
        per_100 = 100 * (total.can_own - total.own) / row.n_patients
        return replace(row, expected_gain=per_100, slots_displaced=total.moved, reason=None)
    return replace(row, reason=f"{rest} {why}".strip() or None)


def _notes(records: Records) -> tuple[str, ...]:
    low = sorted(records.reference.practice_labels[p] for p in records.requests if records.low(p))
    if not low:
        return ()
    where = "" if len(low) == len(records.requests) else f"{', '.join(low)}: "
    return (f"{where}No slots were loaded, so expected gains are low estimates.",)
