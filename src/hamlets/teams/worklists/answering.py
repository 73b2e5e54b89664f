"""The two lists: the store in, rows out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from hamlets.continuity.calendar import day_number
from hamlets.continuity.reference import build_reference
from hamlets.errors import NothingToMeasureError, UnknownPlaceError
from hamlets.records import Store
from hamlets.teams.gathering import gather
from hamlets.teams.results import LeavingList, Worklist
from hamlets.teams.worklists.book import Book
from hamlets.teams.worklists.leaving import WITHIN_WEEKS, leaving_list
from hamlets.teams.worklists.presets import Preset, shipped_presets
from hamlets.teams.worklists.priority import matched_presets, worklist
from hamlets.teams.worklists.reading import read_book

NO_NAMED_GPS = "Nobody in this practice has a named GP in these records."


def early_warning(
    store: Store,
    practice: str,
    *,
    within_weeks: int = WITHIN_WEEKS,
    leaver: str | None = None,
    leaver_last_day: date | None = None,
    presets: Sequence[Preset] | None = None,
) -> LeavingList:
    """Return the patients of a practice about to lose their GP, the most urgent first.

    ``leaver`` is a staff id: that person counts as leaving on ``leaver_last_day`` (default:
    the day). ``presets`` are the groups of high need (default: those shipped). Raises
    UnknownPlaceError for a practice or person that is not there, NothingToMeasureError
    where nobody is named.
    """
    book = read_book(store, gather(store, practice))
    if not (book.patients.named >= 0).any():
        raise NothingToMeasureError(
            NO_NAMED_GPS,
            where="--practice",
            hint="Add a column named_staff_id to the patients file and load it again.",
        )
    asked = None
    if leaver is not None:
        last = book.day if leaver_last_day is None else day_number(leaver_last_day)
        asked = (_staff_row(store, book, leaver), last)
    matched = matched_presets(book, shipped_presets() if presets is None else presets)
    cohorts = {each.preset.name: each.patients for each in matched}
    return leaving_list(book, cohorts, within_weeks, asked)


def need_worklist(store: Store, practice: str, presets: Sequence[Preset] | None = None) -> Worklist:
    """Return the patients of the presets, high need and low team continuity first.

    ``presets`` are those shipped, where none are given. Raises UnknownPlaceError for a
    practice that is not there.
    """
    book = read_book(store, gather(store, practice))
    if not (book.patients.named >= 0).any():
        book = replace(book, notes=(*book.notes, NO_NAMED_GPS))
    return worklist(book, matched_presets(book, shipped_presets() if presets is None else presets))


def _staff_row(store: Store, book: Book, staff_id: str) -> int:
    """Return the row of someone by the id of measures, or any id of the staff list."""
    if staff_id in book.staff.staff_id:
        return book.staff.staff_id.index(staff_id)
    labels = store.labels("staff")
    if staff_id in labels:
        reference = build_reference(store)
        person = int(reference.person_of_staff[labels.index(staff_id)])
        shown = reference.person_labels[person]
        if shown in book.staff.staff_id:
            return book.staff.staff_id.index(shown)
    raise UnknownPlaceError(
        f"No member of staff {staff_id!r} is known in this practice.",
        where="--leaver",
        hint="`hamlets named-gp --by list` shows who is named; the staff list has the ids.",
    )
