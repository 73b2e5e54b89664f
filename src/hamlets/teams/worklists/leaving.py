"""Early warning: patients about to lose their GP, ranked by need and by the relationship.

The score has four parts of at most 25 points, each a column of its own:

- work: 25 for the share of the practice's patients with less expected work,
- cohorts: 12.5 for each preset of high need that holds the patient, two at most,
- contacts: 25 for 4 or more contacts with the GP, each halved for each year of age,
- share: 25 for the share of all the patient's contacts, weighted alike, with the GP.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hamlets.continuity.calendar import day_of
from hamlets.teams.inputs import Bools, Float64, Int32, Int64
from hamlets.teams.results import LeavingGp, LeavingList, LeavingReason, LeavingRow, SuggestedWhy
from hamlets.teams.worklists.book import NO_DAY, Book, Pairs, added_up, id_rank, with_named

WITHIN_WEEKS = 26
"""Six months: whoever leaves sooner is not given patients (definitions, Teams 4)."""
LONG_LEAVE_DAYS = 42
"""Without a session for so long, to the end of the rota, is more than a holiday."""
POINTS = 25.0
MANY_CONTACTS = 4.0
MANY_COHORTS = 2
DIGITS = 6
"""Scores are compared to so many decimals, so that rounding in sums ranks nobody."""


@dataclass(frozen=True)
class Leaver:
    """A member of staff who leaves: why, and the last day."""

    reason: LeavingReason
    last_day: int


def find_leavers(
    book: Book, within_weeks: int = WITHIN_WEEKS, asked: tuple[int, int] | None = None
) -> dict[int, Leaver]:
    """Return the staff who are gone, leave within the weeks, or have no session from then on.

    ``asked`` is a row of the staff and a last day: that person counts as leaving.
    """
    staff, until = book.staff, book.day + 7 * within_weeks
    found: dict[int, Leaver] = {}
    for row, (last, worked) in enumerate(
        zip(staff.last_day.tolist(), staff.last_worked.tolist(), strict=True)
    ):
        if asked is not None and asked[0] == row:
            found[row] = Leaver("asked", asked[1])
        elif last < book.day:
            found[row] = Leaver("gone", last)
        elif last <= until:
            found[row] = Leaver("leaves", last)
        elif worked < until and _stays_away(book, worked):
            found[row] = Leaver("away", worked)
    return found


def _stays_away(book: Book, worked: int) -> bool:
    """Return whether the rota, as far as it goes, has nothing after the day last worked."""
    return NO_DAY not in (worked, book.rota_last) and book.rota_last - worked >= LONG_LEAVE_DAYS


def leaving_list(
    book: Book,
    cohorts: Mapping[str, Bools],
    within_weeks: int = WITHIN_WEEKS,
    asked: tuple[int, int] | None = None,
) -> LeavingList:
    """Return the patients whose named GP leaves, by score, then patient id as UTF-8 text.

    ``cohorts`` are the groups of high need, by name.
    """
    leavers = find_leavers(book, within_weeks, asked)
    found = _find(book, cohorts, leavers)
    score = np.round(sum(found.points.values()), DIGITS)
    order = np.lexsort((id_rank(book.patients.patient_id)[found.mine], -score))
    return LeavingList(
        practice_id=book.practice_id,
        name=book.name,
        day=day_of(book.day),
        until=day_of(book.day + 7 * within_weeks),
        gps=found.gps(),
        rows=tuple(found.row(at, rank) for rank, at in enumerate(order.tolist(), start=1)),
        notes=(*_unnamed(book, asked), *book.notes),
    )


def _unnamed(book: Book, asked: tuple[int, int] | None) -> tuple[str, ...]:
    """Return what is said where nobody has the one who was asked about."""
    if asked is None or (book.patients.named == asked[0]).any():
        return ()
    return (f"Nobody here has {book.staff.name[asked[0]]} as named GP.",)


@dataclass(frozen=True)
class Suggested:
    """Whom to name next, by patient: row of the staff or -1, why, and plain contacts."""

    staff: Int32
    why: tuple[SuggestedWhy, ...]
    contacts: Int64


def suggest(book: Book, leavers: Mapping[int, Leaver], mine: Int64) -> Suggested:
    """Return the next GP for some patients: the buddy, else the GP seen most, of the team first.

    Of several buddies, and of GPs, the one with most weighted contacts; ties: the lowest
    staff id. A GP who was never seen is suggested only as a buddy.
    """
    staff, pairs = book.staff, book.pairs
    may = staff.may_be_named.copy()
    may[list(leavers)] = False
    low = np.searchsorted(pairs.patient, mine, side="left").tolist()
    high = np.searchsorted(pairs.patient, mine, side="right").tolist()
    buddies = {row: tuple(b for b in staff.buddies[row] if may[b] and b != row) for row in leavers}
    who = np.full(len(mine), -1, dtype=np.int32)
    contacts = np.zeros(len(mine), dtype=np.int64)
    why: list[SuggestedWhy] = []
    for at, named in enumerate(book.patients.named[mine].tolist()):
        seen = _seen(pairs, low[at], high[at])
        who[at], reason = _choose(book, may, named, buddies[named], seen)
        why.append(reason)
        contacts[at] = seen.get(int(who[at]), (0.0, 0))[1]
    return Suggested(who, tuple(why), contacts)


def _seen(pairs: Pairs, low: int, high: int) -> dict[int, tuple[float, int]]:
    """Return weighted and plain contacts of one patient by staff, staff ascending."""
    rows = slice(low, high)
    values = zip(pairs.weight[rows].tolist(), pairs.contacts[rows].tolist(), strict=True)
    return dict(zip(pairs.staff[rows].tolist(), values, strict=True))


def _choose(
    book: Book,
    may: Bools,
    named: int,
    buddies: tuple[int, ...],
    seen: Mapping[int, tuple[float, int]],
) -> tuple[int, SuggestedWhy]:
    def most(rows: list[int]) -> int:
        # staff are ordered by id, so the lowest row of equals is the lowest id
        return max(rows, key=lambda row: (round(seen.get(row, (0.0, 0))[0], DIGITS), -row))

    if buddies:
        return most(list(buddies)), "buddy"
    known = [row for row in seen if may[row] and row != named]
    team = int(book.staff.team[named])
    of_team = [row for row in known if team >= 0 and book.staff.member[row, team]]
    if of_team:
        return most(of_team), "team"
    return (most(known), "practice") if known else (-1, "none")


@dataclass(frozen=True)
class _Found:
    """What is known of the patients whose GP leaves: arrays in the order of ``mine``."""

    book: Book
    cohorts: Mapping[str, Bools]
    leavers: Mapping[int, Leaver]
    mine: Int64
    """Rows of the patients."""
    contacts: Int64
    """With the named GP; ``weight`` halved for each year of age."""
    weight: Float64
    total: Float64
    """Weighted contacts with anybody."""
    points: Mapping[str, Float64]
    suggested: Suggested

    def gps(self) -> tuple[LeavingGp, ...]:
        """Return the named GPs who leave, by last day and then staff id."""
        staff, named = self.book.staff, self.book.patients.named[self.mine]
        rows: list[LeavingGp] = []
        for row in np.unique(named).tolist():
            leaver, of_gp = self.leavers[row], named == row
            rows.append(
                LeavingGp(
                    staff_id=staff.staff_id[row],
                    name=staff.name[row],
                    last_day=day_of(leaver.last_day),
                    reason=leaver.reason,
                    patients=int(of_gp.sum()),
                    with_suggestion=int((self.suggested.staff[of_gp] >= 0).sum()),
                )
            )
        return tuple(sorted(rows, key=lambda gp: (gp.last_day, gp.staff_id.encode())))

    def row(self, at: int, rank: int) -> LeavingRow:
        """Return one patient's row."""
        staff, people, patient = self.book.staff, self.book.patients, int(self.mine[at])
        named, following = int(people.named[patient]), int(self.suggested.staff[at])
        total = float(self.total[at])
        points = {name: round(float(values[at]), DIGITS) for name, values in self.points.items()}
        return LeavingRow(
            rank=rank,
            patient_id=people.patient_id[patient],
            practice_id=self.book.practice_id,
            named_gp=staff.staff_id[named],
            named_gp_name=staff.name[named],
            last_day=day_of(self.leavers[named].last_day),
            reason=self.leavers[named].reason,
            score=round(sum(float(values[at]) for values in self.points.values()), DIGITS),
            points_work=points["work"],
            points_cohorts=points["cohorts"],
            points_contacts=points["contacts"],
            points_share=points["share"],
            work_minutes=float(people.work_minutes[patient]),
            cohorts=tuple(name for name, held in self.cohorts.items() if held[patient]),
            contacts_with_gp=int(self.contacts[at]),
            weighted_with_gp=float(self.weight[at]),
            share_with_gp=float(self.weight[at]) / total if total > 0 else None,
            suggested_gp=staff.staff_id[following] if following >= 0 else None,
            suggested_gp_name=staff.name[following] if following >= 0 else None,
            suggested_why=self.suggested.why[at],
            seen_suggested=int(self.suggested.contacts[at]),
        )


def _find(book: Book, cohorts: Mapping[str, Bools], leavers: Mapping[int, Leaver]) -> _Found:
    people, pairs = book.patients, book.pairs
    mine = np.flatnonzero(np.isin(people.named, list(leavers)))
    contacts, weight = with_named(book)
    total = added_up(pairs.patient, pairs.weight, people.size)[mine]
    share = np.divide(weight[mine], total, out=np.zeros(len(mine)), where=total > 0)
    less = np.searchsorted(np.sort(people.work_minutes), people.work_minutes[mine], side="left")
    groups = sum((held[mine].astype(np.int64) for held in cohorts.values()), np.zeros_like(mine))
    points = {
        "work": POINTS * less / max(people.size, 1),
        "cohorts": POINTS * np.minimum(groups, MANY_COHORTS) / MANY_COHORTS,
        "contacts": POINTS * np.minimum(weight[mine], MANY_CONTACTS) / MANY_CONTACTS,
        "share": POINTS * share,
    }
    suggested = suggest(book, leavers, mine)
    return _Found(
        book, cohorts, leavers, mine, contacts[mine], weight[mine], total, points, suggested
    )
