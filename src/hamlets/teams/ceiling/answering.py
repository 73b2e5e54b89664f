"""Attainable ceilings: the store in, rows and free wins out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from hamlets.continuity.asking import find_scope
from hamlets.continuity.calendar import Window, day_number, day_of, month_label
from hamlets.continuity.columns import NEVER
from hamlets.continuity.conventions import Conventions
from hamlets.continuity.definitions import DEFINITIONS_VERSION
from hamlets.continuity.measuring import choose_window
from hamlets.continuity.reference import Reference
from hamlets.continuity.results import WEEKDAYS, Period
from hamlets.continuity.rota import Rota, given_rota
from hamlets.errors import NothingToMeasureError
from hamlets.records import Store
from hamlets.teams.ceiling.book import Book, Int64, make_book
from hamlets.teams.ceiling.reading import Records, for_each, read_records, read_windows
from hamlets.teams.ceiling.requests import Requests
from hamlets.teams.ceiling.slots import FreeSlots, SlotTable
from hamlets.teams.ceiling.sums import Sums, sums_of_moved
from hamlets.teams.ceiling.windows import (
    WEEK_DAYS,
    WORKING_DAYS,
    WindowName,
    WorkingDays,
    times_of,
)
from hamlets.teams.ceiling.wins import Wins, away, free_wins
from hamlets.teams.results import (
    NO_SLOTS,
    BookingChange,
    Ceiling,
    CeilingBy,
    CeilingRow,
    FreeWinCount,
    FreeWins,
)

CHANGES = 2


def attainable_ceiling(
    store: Store,
    practice: str | None = None,
    window: str = "policy",
    *,
    date_from: date | None = None,
    date_to: date | None = None,
    working_days: int = WORKING_DAYS,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Ceiling:
    """Return the ceilings of every practice with patients, or of one, by practice id.

    ``window`` is strict, week, policy or all; ``working_days`` is the policy's. The days are
    those of ``measure``. Raises UnknownPlaceError, UsageError, and NothingToMeasureError
    without a counted contact of a patient with a named GP. ``progress`` is told each practice.
    """
    names = read_windows(window)
    scope = find_scope(store, practice)
    days = choose_window(store, Conventions(date_from=date_from, date_to=date_to))
    only = None if scope.practice is None else scope.homes[0]
    found = read_records(store, days, only, threads)
    # a rota cannot be asked to reach back to before the records
    since = max(days.first, day_number(store.first_day or day_of(days.first)))
    rota = given_rota(store, found.reference, since, days.last)
    work = _Work(found.reference, found.slots, rota, working_days)

    def one(place: int) -> _Answer:
        answer = work.answer(place, found.requests[place], names)
        if progress is not None:
            progress(1)
        return answer

    return _ceiling(for_each(_places(found, scope.practice), one, threads), days, working_days)


def _places(found: Records, practice: str | None) -> list[int]:
    """Return the practices with a counted contact of a patient with a named GP, by id."""
    labels = found.reference.practice_labels
    named = [place for place, each in found.requests.items() if (each.list >= 0).any()]
    if not named:
        raise NothingToMeasureError(
            "No counted GP contact in these days is of a patient with a named GP.",
            where="--practice" if practice is not None else None,
            hint="Load named GPs, or choose other days: `hamlets named-gp` says who has one.",
        )
    return sorted(named, key=lambda place: labels[place].encode())


@dataclass(frozen=True)
class _Answer:
    """One practice: rows by grouping, free wins and what must be said."""

    rows: dict[CeilingBy, list[CeilingRow]]
    wins: list[FreeWins]
    practice_id: str
    not_booked: int
    """Contacts without a day of booking."""
    low: bool


@dataclass(frozen=True)
class _Work:
    """What all practices share."""

    reference: Reference
    slots: SlotTable
    rota: Rota
    working_days: int

    def answer(self, place: int, requests: Requests, names: Sequence[WindowName]) -> _Answer:
        """Return what one practice's rota allowed."""
        rows: dict[CeilingBy, list[CeilingRow]] = {
            "practice": [], "list": [], "team": [], "month": []
        }  # fmt: skip
        wins: list[FreeWins] = []
        free = self.slots.at(place)
        rota = self.rota.at(place)
        said = "given" if place in self.rota.given else "inferred"
        low = place not in self.slots.places
        for name in names:
            sums, found = self._one(requests, free, rota, name)
            if sums is None or found is None:
                continue
            practice_id = self.reference.practice_labels[place]
            made = _Rows(practice_id, name, NO_SLOTS if low else said)
            for by, key, label in self._groupings():
                rows[by] += made.of(sums, key, label)
            wins.append(self._free_wins(practice_id, name, found, int(sums.count.sum())))
        not_booked = int((requests.asked == NEVER).sum()) if "policy" in names else 0
        practice_id = self.reference.practice_labels[place]
        return _Answer(rows, wins, practice_id, not_booked, low)

    def _one(
        self, requests: Requests, free: FreeSlots, rota: Rota, name: WindowName
    ) -> tuple[_Reasons | None, Wins | None]:
        """Return the sums by class of one window; none where it cannot be said of anyone."""
        times = times_of(requests, name, self.working_days)
        if not ((requests.list >= 0) & ~times.held).any():
            return None, None
        book = make_book(requests, free, times, name, self.reference.teams)
        return self._sums(book, rota, name)

    def _sums(self, book: Book, rota: Rota, name: WindowName) -> tuple[_Reasons, Wins]:
        c, sums = book.classes, sums_of_moved(book)
        won, gone = free_wins(book), away(book, rota, name)
        mine = c.list >= 0
        lost = np.where(gone[mine], sums.count - sums.own, 0)
        wins, wins_team = won.own[mine], won.team[mine]
        full = sums.count - sums.own - lost - wins
        return _Reasons(**vars(sums), away=lost, full=full, wins=wins, wins_team=wins_team), won

    def _groupings(
        self,
    ) -> tuple[tuple[CeilingBy, str | None, Callable[[int], str | None]], ...]:
        people, teams = self.reference.person_labels, self.reference.team_labels
        return (
            ("practice", None, lambda code: None),
            ("list", "list", lambda code: people[code]),
            ("team", "team", lambda code: teams[code]),
            ("month", "month", month_label),
        )

    def _free_wins(self, practice_id: str, name: WindowName, won: Wins, total: int) -> FreeWins:
        weekday = (won.day + 3) % 7  # 1 January 1970 was a Thursday
        people, kinds = self.reference.person_labels, self.slots.kinds
        by_list = _counts(won, won.list, lambda code: people[code])
        return FreeWins(
            practice_id=practice_id,
            window=name,
            own=int(won.count[~won.of_team].sum()),
            team=int(won.count[won.of_team].sum()),
            by_weekday=_counts(won, weekday, lambda code: WEEKDAYS[code]),
            by_hour=_counts(won, won.hour, lambda code: f"{code:02d}:00"),
            by_slot_type=_counts(won, won.kind, lambda code: kinds[code]),
            by_list=tuple(sorted(by_list, key=lambda row: row.value.encode())),
            changes=_changes(won, name, kinds, total, self.working_days),
        )


@dataclass(frozen=True)
class _Reasons(Sums):
    """Why contacts were not with the own GP, by class."""

    away: Int64
    full: Int64
    wins: Int64
    wins_team: Int64


@dataclass(frozen=True)
class _Rows:
    """Makes the rows of one practice and window."""

    practice_id: str
    window: str
    rota: str

    def of(
        self, sums: _Reasons, key: str | None, label: Callable[[int], str | None]
    ) -> list[CeilingRow]:
        """Return a row for each value of a key (None: one row of all); -1 has none."""
        if key is None:
            return [self._row(sums, None)]
        codes: Int64 = getattr(sums, key)
        made = [
            self._row(sums.only(np.flatnonzero(codes == code)), label(code))
            for code in np.unique(codes[codes >= 0]).tolist()
        ]
        return sorted(made, key=lambda row: (row.group or "").encode())

    def _row(self, sums: _Reasons, group: str | None) -> CeilingRow:
        total = int(sums.count.sum())

        def share(column: Int64) -> float:
            return int(column.sum()) / total

        teams = bool((sums.team >= 0).any())
        return CeilingRow(
            practice_id=self.practice_id,
            window=self.window,
            group=group,
            recorded_own=share(sums.own),
            attainable_own=share(sums.can_own),
            recorded_team=share(sums.in_team) if teams else None,
            attainable_own_or_team=share(sums.can_team) if teams else None,
            gap=share(sums.can_own - sums.own),
            away=share(sums.away),
            full=share(sums.full),
            free_wins=share(sums.wins),
            free_wins_team=share(sums.wins_team) if teams else None,
            n_contacts=total,
            rota=self.rota,
        )


def _counts(won: Wins, codes: Int64, label: Callable[[int], str]) -> tuple[FreeWinCount, ...]:
    """Return the free wins by a code, in the order of the codes."""
    made: list[FreeWinCount] = []
    for code in np.unique(codes).tolist():
        mine = codes == code
        team = int(won.count[mine & won.of_team].sum())
        made.append(FreeWinCount(label(code), int(won.count[mine].sum()) - team, team))
    return tuple(made)


def _nearness(won: Wins, name: WindowName, working_days: int) -> tuple[Int64, tuple[str, ...]]:
    """Return how near each free slot was, as a position among words."""
    near = np.zeros(len(won.wait), dtype=np.int64)
    if name == "strict":
        return near, ("same half-day",)
    near[won.wait != 0] = 1
    words = ("same day", f"{WEEK_DAYS} working days", f"{working_days} working days")
    if name == "policy" and len(near):
        start = (won.day - won.wait).astype(np.int32)
        calendar = WorkingDays.between(int(start.min()), int(start.max()))
        near[won.day > calendar.after(start, WEEK_DAYS)] = 2
    return near, words


def _changes(
    won: Wins, name: WindowName, kinds: tuple[str, ...], total: int, working_days: int
) -> tuple[BookingChange, ...]:
    """Return the changes that would win back most: one type of slot, offered so far ahead."""
    near, words = _nearness(won, name, working_days)
    own = ~won.of_team
    places = near * len(kinds) + won.kind
    sums = np.bincount(places[own], weights=won.count[own], minlength=len(words) * len(kinds))
    order = np.argsort(-sums, kind="stable")[:CHANGES]
    return tuple(
        BookingChange(
            slot_type=kinds[place % len(kinds)],
            within=words[place // len(kinds)],
            wins=int(sums[place]),
            share=float(sums[place]) / total,
        )
        for place in order.tolist()
        if sums[place] > 0
    )


def _ceiling(answers: list[_Answer], days: Window, working_days: int) -> Ceiling:
    def rows(by: CeilingBy) -> tuple[CeilingRow, ...]:
        return tuple(row for answer in answers for row in answer.rows[by])

    return Ceiling(
        period=Period(day_of(days.first), day_of(days.last)),
        working_days=working_days,
        practices=rows("practice"),
        lists=rows("list"),
        teams=rows("team"),
        months=rows("month"),
        free_wins=tuple(each for answer in answers for each in answer.wins),
        notes=tuple(_notes(answers)),
        definition_version=DEFINITIONS_VERSION,
    )


def _notes(answers: list[_Answer]) -> list[str]:
    """Return what must be read beside the numbers."""
    said = [
        "Everything is booked again with hindsight, so nobody can book that well: it is the end "
        "of the scale, not a target. Lists and months are of one booking of the whole practice."
    ]
    low = [answer.practice_id for answer in answers if answer.low]
    if low:
        where = "" if len(low) == len(answers) else f"{', '.join(low)}: "
        said.append(
            f"{where}No slots were loaded, so only slots that change hands count, and no free "
            "wins are found: a low estimate."
        )
    missing = sum(answer.not_booked for answer in answers)
    if missing:
        said.append(
            f"The day of booking of {missing:,} contacts is not known: they keep their slots, "
            "and the policy window is not worked out for them."
        )
    return said
