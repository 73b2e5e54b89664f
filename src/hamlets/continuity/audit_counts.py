"""What each case and control had in the days before the index date: the compiled counting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from hamlets.continuity.audit_controls import Subjects, first_since
from hamlets.continuity.audit_question import AuditQuestion
from hamlets.continuity.audit_records import AuditRecords
from hamlets.continuity.chance import expected_counts
from hamlets.continuity.columns import Int32
from hamlets.continuity.compiled import (
    boolean,
    compiled,
    i1,
    i4,
    i4_,
    i8x2_,
    integer,
    types,
    u1,
)
from hamlets.continuity.dimensions import Int64
from hamlets.continuity.estimates import Floats
from hamlets.continuity.ladder import named_on, team_on
from hamlets.continuity.levels import as_shares
from hamlets.continuity.reference import Reference
from hamlets.records.tables import MODES

#: Columns of the counts; contacts by mode follow.
CONTACTS, GPS, CLINICIANS, HANDOVERS, MOST, MOST_TEAM, BY_MODE = range(7)


@compiled(types.int64, integer, integer, i4, i4, i4, integer, integer, integer)
def team_in_window(
    low: int, high: int, start: Any, end: Any, team: Any, own: int, first: int, last: int
) -> int:
    """Return a person's team in the fixed map of patients of team ``own``; -1 for a team of one."""
    best = -1
    until = np.int64(-(2**40))
    for row in range(low, high):
        if start[row] > last or end[row] <= first or end[row] <= start[row]:
            continue
        if team[row] == own:
            return own
        here = min(np.int64(end[row]) - 1, last)
        if here > until or (here == until and team[row] < best):
            best = team[row]
            until = here
    return best


@compiled(
    types.void,
    i4, i4, integer,
    i4, i4, i4, u1, i1,
    boolean, i4, i4, i4, i4, i4, i4, i4, u1, i4, i4, i4, i4, i4, u1, integer,
    i4_, i4_, i4_, i8x2_,
)  # fmt: skip
def count_subjects(
    patient: Any, index_day: Any, look_back: int,
    offset: Any, day: Any, person: Any, chosen: Any, mode: Any,
    have_teams: bool, named_offset: Any, named_from: Any, named_to: Any, named_person: Any,
    list_offset: Any, list_from: Any, list_to: Any, list_may: Any, leaves: Any,
    member_offset: Any, member_from: Any, member_to: Any, member_team: Any, member_lead: Any,
    teams: int,
    tally: Any, team_tally: Any, met: Any, counts: Any,
) -> None:  # fmt: skip
    """Write the counts of each subject in the days before the index date.

    ``tally``, ``team_tally`` and ``met`` come as zeros and are left so.
    """
    for s in range(patient.size):
        p = patient[s]
        first, last = index_day[s] - look_back, index_day[s] - 1
        low = first_since(day, offset[p], offset[p + 1], first)
        high = first_since(day, offset[p], offset[p + 1], last + 1)
        own = -1
        if have_teams:
            d = named_on(
                named_offset[p], named_offset[p + 1], named_from, named_to, named_person,
                list_offset, list_from, list_to, list_may, leaves, last,
            )  # fmt: skip
            if d >= 0:
                own = team_on(
                    member_offset[d], member_offset[d + 1],
                    member_from, member_to, member_team, member_lead, last,
                )  # fmt: skip
        previous = -1
        for i in range(low, high):
            x = person[i]
            if met[x] == 0:
                met[x] = 1
                counts[s, CLINICIANS] += 1
            if not chosen[i]:
                continue
            counts[s, CONTACTS] += 1
            counts[s, BY_MODE + mode[i]] += 1
            tally[x] += 1
            if tally[x] == 1:
                counts[s, GPS] += 1
            counts[s, MOST] = max(counts[s, MOST], tally[x])
            if previous >= 0 and previous != x:
                counts[s, HANDOVERS] += 1
            previous = x
            t = -1
            if have_teams:
                t = team_in_window(
                    member_offset[x], member_offset[x + 1],
                    member_from, member_to, member_team, own, first, last,
                )  # fmt: skip
            t = t if t >= 0 else teams + x
            team_tally[t] += 1
            counts[s, MOST_TEAM] = max(counts[s, MOST_TEAM], team_tally[t])
        for i in range(low, high):
            x = person[i]
            tally[x] = 0
            met[x] = 0
            team_tally[teams + x] = 0
            if have_teams:
                t = team_in_window(
                    member_offset[x], member_offset[x + 1],
                    member_from, member_to, member_team, own, first, last,
                )  # fmt: skip
                if t >= 0:
                    team_tally[t] = 0


@dataclass(frozen=True)
class Counts:
    """What subjects had: ``columns`` by CONTACTS .. BY_MODE, expected GPs, days of symptoms."""

    columns: Int64
    expected: Floats
    """E[M] at each subject's number of contacts; NaN where nobody's shares are known."""
    symptom_days: Int32
    """Days from the first symptom code to the index date, 0 without one."""

    def of(self, column: int) -> Int64:
        return self.columns[:, column]

    def take(self, positions: npt.NDArray[Any]) -> Counts:
        """Return the counts of some subjects."""
        return Counts(
            self.columns[positions], self.expected[positions], self.symptom_days[positions]
        )


def count(
    records: AuditRecords, reference: Reference, question: AuditQuestion, subjects: Subjects
) -> Counts:
    """Return what each subject had in the look-back."""
    columns = np.zeros((subjects.size, BY_MODE + len(MODES)), dtype=np.int64)
    n, r, t = records.named, reference.lists, reference.teams
    teams = len(reference.team_labels)
    people = max(reference.people, 1)
    count_subjects(
        subjects.patient, subjects.day, question.look_back,
        records.offset, records.day, records.person, records.chosen, records.mode,
        len(t.value) > 0, n.offset, n.start, n.end, n.value,
        r.offset, r.start, r.end, reference.list_may, reference.leaves,
        t.offset, t.start, t.end, t.value, reference.team_lead,
        teams,
        np.zeros(people, np.int32), np.zeros(teams + people, np.int32), np.zeros(people, np.int32),
        columns,
    )  # fmt: skip
    return Counts(
        columns,
        _expected(records, subjects, columns[:, CONTACTS]),
        _symptom_days(records, question, subjects),
    )


def _expected(records: AuditRecords, subjects: Subjects, n: Int64) -> Floats:
    """Return E[M] under the practice's shares at each subject's number of contacts."""
    result = np.full(subjects.size, np.nan)
    result[n == 0] = 0.0
    for practice in np.unique(subjects.practice[n > 0]).tolist():
        _, counts = records.shares.codes((practice,))
        if len(counts) == 0:
            continue
        mine = np.flatnonzero((subjects.practice == practice) & (n > 0))
        sizes, back = np.unique(n[mine], return_inverse=True)
        made = expected_counts(as_shares(counts), sizes, most=False, entropy=False)
        result[mine] = made[back, 2]
    return result


def _symptom_days(records: AuditRecords, question: AuditQuestion, subjects: Subjects) -> Int32:
    """Return days from the first code of the list in the look-back to the index date, or 0."""
    result = np.zeros(subjects.size, dtype=np.int32)
    if len(records.symptom_day) == 0:
        return result
    # one number for patient and day, so that one search finds the first code since a day
    width = np.int64(2**32)
    codes = np.sort(records.symptom_patient * width + records.symptom_day)
    wanted = subjects.patient * width + (subjects.day - question.look_back)
    at = np.searchsorted(codes, wanted)
    found = codes[np.minimum(at, len(codes) - 1)]
    on = found - subjects.patient * width
    inside = (at < len(codes)) & (on >= subjects.day - question.look_back) & (on < subjects.day)
    result[inside] = (subjects.day - on)[inside]
    return result
