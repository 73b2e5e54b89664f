"""The worklist: patients of high need whom their own team sees little.

Ordered by the minutes outside: the expected work of a year times the share of the last
12 months' contacts that were not with the patient's team, as it is on the day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hamlets.continuity.calendar import day_of
from hamlets.teams.inputs import Bools, Float64, Int64
from hamlets.teams.results import PresetCount, Worklist, WorklistLevel, WorklistRow
from hamlets.teams.worklists.book import Book, id_rank, with_named
from hamlets.teams.worklists.leaving import DIGITS, WITHIN_WEEKS, Leaver, find_leavers
from hamlets.teams.worklists.presets import Matched, Preset, match

LEAST_CONTACTS = 3
"""Contacts needed in the last 3 months, and in the 9 before, to say that somebody drifted."""
DRIFT_PARTS = 3
"""Drifted: the share fell by one part of so many, a third, or more."""


@dataclass(frozen=True)
class _Counts:
    """Contacts of every patient in a stretch of days: all, and with the own team (or GP)."""

    all: Int64
    inside: Int64


@dataclass(frozen=True)
class _Own:
    """Who is a patient's own: ``pair[p, g]`` through teams, or the named GP alone."""

    level: WorklistLevel
    known: Bools
    """By patient: somebody is named who is there."""
    by_team: Bools
    """By patient: the team counts; elsewhere the named GP alone."""


def year_contacts(book: Book) -> Int64:
    """Return every patient's counted contacts of the last 12 months."""
    inside = book.contacts.day >= book.months_back(12)
    return np.bincount(book.contacts.patient[inside], minlength=book.patients.size)


def matched_presets(book: Book, presets: Sequence[Preset]) -> tuple[Matched, ...]:
    """Return who is in each preset."""
    contacts = year_contacts(book)
    return tuple(match(preset, book.patients, contacts) for preset in presets)


def worklist(
    book: Book,
    matched: Sequence[Matched],
    within_weeks: int = WITHIN_WEEKS,
    least_contacts: int = LEAST_CONTACTS,
) -> Worklist:
    """Return the patients of the presets, by minutes outside, then patient id as UTF-8 text."""
    mine = np.flatnonzero(_in_any(matched, book.patients.size))
    own = _own(book)
    year, quarter = book.months_back(12), book.months_back(3)
    recent = _counts(book, own, quarter, book.day)
    before = _counts(book, own, year, quarter - 1)
    share = _share(_Counts(recent.all + before.all, recent.inside + before.inside), own)
    outside = np.round(book.patients.work_minutes * (1.0 - np.nan_to_num(share)), DIGITS)
    found = _Found(
        book, matched, own, share, outside, _chance(book, own, year), recent, before,
        drifted(recent, before, own.known, least_contacts), _other_seen_more(book),
        find_leavers(book, within_weeks),
    )  # fmt: skip
    order = np.lexsort((id_rank(book.patients.patient_id)[mine], -outside[mine]))
    return Worklist(
        practice_id=book.practice_id,
        name=book.name,
        day=day_of(book.day),
        level=own.level,
        presets=tuple(_count(each) for each in matched),
        rows=tuple(found.row(p, rank) for rank, p in enumerate(mine[order].tolist(), start=1)),
        notes=book.notes,
    )


def _in_any(matched: Sequence[Matched], size: int) -> Bools:
    found = np.zeros(size, dtype=np.bool_)
    for each in matched:
        found |= each.patients
    return found


def _count(each: Matched) -> PresetCount:
    preset = each.preset
    return PresetCount(
        preset.name,
        preset.title,
        int(each.patients.sum()),
        preset.proxy if each.by_proxy else None,
        preset.checked_by,
        preset.date_next_review,
    )


def _own(book: Book) -> _Own:
    known = book.patients.holds & (book.patients.named >= 0)
    by_team = known.copy()
    by_team[known] = book.staff.team[book.patients.named[known]] >= 0
    return _Own("team" if by_team.any() else "own_gp", known, by_team)


def _counts(book: Book, own: _Own, first: int, last: int) -> _Counts:
    """Return contacts on days first..last, and those with the own team or GP."""
    c, named = book.contacts, book.patients.named
    rows = np.flatnonzero((c.day >= first) & (c.day <= last))
    patient, who = c.patient[rows], c.staff[rows]
    mine = (named[patient] == who) & own.known[patient]
    of_team = own.by_team[patient]
    team = book.staff.team[named[patient[of_team]]]
    mine[of_team] |= book.staff.member[who[of_team], team]
    size = book.patients.size
    return _Counts(np.bincount(patient, minlength=size), np.bincount(patient[mine], minlength=size))


def _share(counts: _Counts, own: _Own) -> Float64:
    """Return inside / all; not a number without a contact, or without a named GP who is there."""
    share = np.full(len(counts.all), np.nan)
    return np.divide(counts.inside, counts.all, out=share, where=(counts.all > 0) & own.known)


def _chance(book: Book, own: _Own, first: int) -> Float64:
    """Return the share of all contacts of 12 months given by each patient's own team or GP."""
    c, staff, named = book.contacts, book.staff, book.patients.named
    by_person = np.bincount(c.staff[c.day >= first], minlength=staff.size)
    total = int(by_person.sum())
    chance = np.full(book.patients.size, np.nan)
    if total == 0:
        return chance
    chance[own.known] = by_person[named[own.known]] / total
    by_team = by_person @ staff.member.astype(np.int64)
    team = staff.team[named[own.by_team]]
    # the named GP counts too where gone from the team
    alone = ~staff.member[named[own.by_team], team]
    chance[own.by_team] = (by_team[team] + alone * by_person[named[own.by_team]]) / total
    return chance


def drifted(recent: _Counts, before: _Counts, known: Bools, least: int) -> Bools:
    """Return who saw the own team a third less, of all contacts, in the last 3 months.

    At least ``least`` contacts lie in the last 3 months and in the 9 before. Whole numbers
    are compared: nothing is rounded.
    """
    enough = (recent.all >= least) & (before.all >= least) & known
    fall = before.inside * recent.all - recent.inside * before.all
    return enough & (DRIFT_PARTS * fall >= recent.all * before.all) & (fall > 0)


def _other_seen_more(book: Book) -> Bools:
    """Return for whom another clinician was seen more often in 24 months than the named GP."""
    most = np.zeros(book.patients.size, dtype=np.int64)
    np.maximum.at(most, book.pairs.patient, book.pairs.contacts)
    return (book.patients.named >= 0) & (most > with_named(book)[0])


@dataclass(frozen=True)
class _Found:
    """What is known of every patient: arrays by patient."""

    book: Book
    matched: Sequence[Matched]
    own: _Own
    share: Float64
    outside: Float64
    chance: Float64
    recent: _Counts
    before: _Counts
    drifted: Bools
    other_seen_more: Bools
    leavers: Mapping[int, Leaver]

    def row(self, patient: int, rank: int) -> WorklistRow:
        """Return one patient's row."""
        people, staff = self.book.patients, self.book.staff
        named = int(people.named[patient])
        leaver = self.leavers.get(named)
        by_team = bool(self.own.by_team[patient])
        return WorklistRow(
            rank=rank,
            patient_id=people.patient_id[patient],
            practice_id=self.book.practice_id,
            presets=tuple(m.preset.name for m in self.matched if m.patients[patient]),
            named_gp=staff.staff_id[named] if named >= 0 else None,
            named_gp_name=staff.name[named] if named >= 0 else None,
            work_minutes=float(people.work_minutes[patient]),
            minutes_outside=float(self.outside[patient]),
            contacts=int(self.recent.all[patient] + self.before.all[patient]),
            level="team" if by_team else "own_gp",
            team=staff.team_id[int(staff.team[named])] if by_team else None,
            share=_or_none(self.share[patient]),
            chance=_or_none(self.chance[patient]),
            drifted=bool(self.drifted[patient]),
            contacts_recent=int(self.recent.all[patient]),
            share_recent=self._part(self.recent, patient),
            contacts_before=int(self.before.all[patient]),
            share_before=self._part(self.before, patient),
            losing_gp=leaver.reason if leaver else None,
            last_day=day_of(leaver.last_day) if leaver else None,
            not_most_seen=bool(self.other_seen_more[patient]),
        )

    def _part(self, counts: _Counts, patient: int) -> float | None:
        if counts.all[patient] == 0 or not self.own.known[patient]:
            return None
        return int(counts.inside[patient]) / int(counts.all[patient])


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
