"""Who is a case, and who are the controls (definitions, point 21).

Cases choose in the order of their index dates, then of their hash; each takes the first
four patients in the order of the hash who fit and whom no case took before.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.continuity.audit_question import AuditQuestion
from hamlets.continuity.audit_records import AuditRecords
from hamlets.continuity.calendar import AGE_BANDS
from hamlets.continuity.columns import NEVER, Int32, offsets
from hamlets.continuity.compiled import (
    boolean,
    compiled,
    i4,
    i4_,
    i4x2,
    i8x2_,
    integer,
    types,
    u1_,
)
from hamlets.continuity.dimensions import Int64
from hamlets.continuity.select import registration_on

CONTROLS_EACH = 4
NOWHERE = -1


@compiled(
    types.boolean, integer, integer, i4, i4, i4, i4, integer, integer, integer, integer
)  # fmt: skip
def belongs_throughout(
    low: int, high: int, start: Any, end: Any, place: Any, rank: Any,
    death: int, practice: int, first: int, last: int,
) -> bool:  # fmt: skip
    """Return whether a patient belongs to a practice and is registered there all days."""
    if death < last:
        return False
    row = registration_on(low, high, start, end, place, rank, first, last)
    if row < 0 or place[row] != practice:
        return False
    reached = first
    while reached <= last:
        further = reached
        for k in range(low, high):
            if place[k] == practice and start[k] <= reached and end[k] > further:
                further = end[k]
        if further == reached:
            return False
        reached = further
    return True


@compiled(types.int64, i4x2, integer, integer)
def band_on(limits: Any, patient: int, day: int) -> int:
    """Return a patient's age band on a day, one more than the bands there are if unknown."""
    if limits[patient, 0] == NEVER:
        return limits.shape[1] + 1
    band = 0
    for k in range(limits.shape[1]):
        if limits[patient, k] <= day:
            band += 1
    return band


@compiled(types.int64, i4, integer, integer, integer)
def first_since(days: Any, low: int, high: int, day: int) -> int:
    """Return the first of ``low:high`` whose day is not before a day."""
    while low < high:
        middle = (low + high) // 2
        if days[middle] < day:
            low = middle + 1
        else:
            high = middle
    return low


@compiled(
    types.void, i4, i4, integer, boolean, i4, i4, i4, i4, i4, i4, i4, i4_, u1_
)  # fmt: skip
def place_cases(
    patient: Any, day: Any, look_back: int, registered: bool,
    offset: Any, start: Any, end: Any, place: Any, rank: Any, death: Any, seen: Any,
    practice: Any, throughout: Any,
) -> None:  # fmt: skip
    """Write each case's practice (or NOWHERE), and 1 where registered there all the days before."""
    for c in range(patient.size):
        p = patient[c]
        first, last = day[c] - look_back, day[c] - 1
        if not registered:
            practice[c] = seen[p]
            throughout[c] = 1 if death[p] >= last else 0
            continue
        row = registration_on(offset[p], offset[p + 1], start, end, place, rank, first, last)
        practice[c] = place[row] if row >= 0 else NOWHERE
        throughout[c] = 0
        if row >= 0 and belongs_throughout(
            offset[p], offset[p + 1], start, end, place, rank, death[p], place[row], first, last
        ):
            throughout[c] = 1


@compiled(
    types.void,
    i4, i4, i4, i4, i4,
    boolean, i4, i4, i4, i4, i4, i4,
    i4, i4, i4x2,
    i4, i4, i4, integer, boolean,
    u1_, i8x2_,
)  # fmt: skip
def choose_controls(
    case: Any, practice: Any, day: Any, member_offset: Any, member: Any,
    registered: bool, offset: Any, start: Any, end: Any, place: Any, rank: Any, death: Any,
    event: Any, sex: Any, limits: Any,
    contact_offset: Any, contact_day: Any, chosen_before: Any, look_back: int, matched: bool,
    taken: Any, controls: Any,
) -> None:  # fmt: skip
    """Write the controls of each case, in the order in which the cases come.

    ``member`` lists the patients of each practice in the order of their hash;
    ``chosen_before`` the contacts with the roles asked for ahead of each contact.
    ``taken`` comes as zeros; ``controls`` filled with -1.
    """
    for c in range(case.size):
        if practice[c] < 0:
            continue
        p = case[c]
        first, last = day[c] - look_back, day[c] - 1
        band = band_on(limits, p, day[c])
        i = first_since(contact_day, contact_offset[p], contact_offset[p + 1], first)
        j = first_since(contact_day, contact_offset[p], contact_offset[p + 1], last + 1)
        n = chosen_before[j] - chosen_before[i]
        found = 0
        for k in range(member_offset[practice[c]], member_offset[practice[c] + 1]):
            x = member[k]
            if taken[x] or sex[x] != sex[p] or event[x] <= day[c]:
                continue
            if band_on(limits, x, day[c]) != band:
                continue
            if registered:
                if not belongs_throughout(
                    offset[x], offset[x + 1], start, end, place, rank,
                    death[x], practice[c], first, last,
                ):  # fmt: skip
                    continue
            elif death[x] < last:
                continue
            if matched:
                i = first_since(contact_day, contact_offset[x], contact_offset[x + 1], first)
                j = first_since(contact_day, contact_offset[x], contact_offset[x + 1], last + 1)
                # within 10 in 100 of the case's contacts, or one contact
                if 10 * abs(chosen_before[j] - chosen_before[i] - n) > max(10, n):
                    continue
            taken[x] = 1
            controls[c, found] = x
            found += 1
            if found == controls.shape[1]:
                break


@dataclass(frozen=True)
class Subjects:
    """Patients (positions) with the index date and practice that they are looked at for."""

    patient: Int32
    day: Int32
    practice: Int32

    @property
    def size(self) -> int:
        return len(self.patient)

    def take(self, positions: npt.NDArray[Any]) -> Subjects:
        """Return some of them."""
        return Subjects(self.patient[positions], self.day[positions], self.practice[positions])


@dataclass(frozen=True)
class Chosen:
    """Cases in the order in which they chose, and their controls."""

    events: Subjects
    """Everyone with a first event in the days asked for."""
    throughout: npt.NDArray[np.bool_]
    """Which of ``events`` were registered all the days before: the cases."""
    cases: Subjects
    controls: Int64
    """Positions of patients (cases x 4), -1 for none."""
    matched: Int64

    def controls_of(self, which: Int64, rows: npt.NDArray[Any]) -> Subjects:
        """Return the controls of some cases as subjects: with the case's date and practice."""
        case, at = np.nonzero(which[rows] >= 0)
        patient = which[rows][case, at].astype(np.int32)
        mine = self.cases.take(rows).take(case)
        return Subjects(patient, mine.day, mine.practice)


def hashes(labels: list[str], seed: int) -> npt.NDArray[np.uint64]:
    """Return a number for each patient that depends on the seed and the patient's label alone."""
    salt = blake2b(f"{seed} ".encode(), digest_size=8)
    digests: list[bytes] = []
    for label in labels:
        one = salt.copy()
        one.update(label.encode())
        digests.append(one.digest())
    return np.frombuffer(b"".join(digests), dtype=">u8").astype(np.uint64)


def _members(
    records: AuditRecords, wanted: Int32, order: npt.NDArray[np.uint64], practices: int
) -> tuple[Int32, Int32]:
    """Return the patients of each wanted practice by hash, and where each practice begins."""
    if records.registered:
        r = records.registrations
        owner = np.repeat(np.arange(records.size, dtype=np.int32), np.diff(r.offset))
        place = r.value
    else:
        owner, place = np.arange(records.size, dtype=np.int32), records.home
    inside = np.isin(place, wanted)
    # a patient who came back has several registrations at one practice
    pairs = np.unique(place[inside].astype(np.int64) * records.size + owner[inside])
    of, member = pairs // max(records.size, 1), pairs % max(records.size, 1)
    by_hash = np.lexsort((order[member], of))
    return member[by_hash].astype(np.int32), offsets(of[by_hash].astype(np.int32), practices)


def chosen_before(records: AuditRecords) -> Int32:
    """Return the number of contacts with the roles asked for before each contact, and the end."""
    return np.concatenate([[0], np.cumsum(records.chosen)]).astype(np.int32)


def choose(
    records: AuditRecords, question: AuditQuestion, labels: list[str], rank: Int32, each: bool
) -> Chosen:
    """Return cases and both sets of controls. ``rank`` orders practice ids as text.

    With ``each`` every practice is an audit of its own, so that somebody who moved may be a
    control in two of them.
    """
    r = records.registrations
    patient = np.flatnonzero(
        (records.event >= question.first) & (records.event <= question.last)
    ).astype(np.int32)
    day = records.event[patient]
    practice = np.empty(len(patient), dtype=np.int32)
    throughout = np.zeros(len(patient), dtype=np.uint8)
    place_cases(
        patient, day, question.look_back, records.registered, r.offset, r.start, r.end, r.value,
        rank, records.death, records.home, practice, throughout,
    )  # fmt: skip
    if question.practice is not None:
        here = practice == question.practice
        patient, day, practice = patient[here], day[here], practice[here]
        throughout = throughout[here]
    events = Subjects(patient, day, practice)
    cases = events.take(np.flatnonzero(throughout))
    order = hashes([labels[code] for code in records.patients.tolist()], question.seed)
    cases = cases.take(np.lexsort((order[cases.patient], cases.day)))
    member, member_offset = _members(records, np.unique(cases.practice), order, len(rank))
    before = chosen_before(records)
    rounds = [cases.practice == place for place in np.unique(cases.practice)] if each else [
        np.ones(cases.size, dtype=bool)
    ]  # fmt: skip
    sets: list[Int64] = []
    for matched in (False, True):
        controls = np.full((cases.size, CONTROLS_EACH), -1, dtype=np.int64)
        for of_round in rounds:
            mine = cases.take(of_round)
            found = np.full((mine.size, CONTROLS_EACH), -1, dtype=np.int64)
            choose_controls(
                mine.patient, mine.practice, mine.day, member_offset, member,
                records.registered, r.offset, r.start, r.end, r.value, rank, records.death,
                records.event, records.sex, records.limits,
                records.offset, records.day, before, question.look_back, matched,
                np.zeros(records.size, dtype=np.uint8), found,
            )  # fmt: skip
            controls[of_round] = found
        sets.append(controls)
    return Chosen(events, throughout.astype(bool), cases, sets[0], sets[1])


def band_names(records: AuditRecords, subjects: Subjects) -> list[str]:
    """Return each subject's age band on the index date."""
    words = (*AGE_BANDS, "unknown")
    return [
        words[min(band_on(records.limits, p, d), len(AGE_BANDS))]
        for p, d in zip(subjects.patient.tolist(), subjects.day.tolist(), strict=True)
    ]
