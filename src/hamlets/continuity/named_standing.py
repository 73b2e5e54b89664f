"""Who may be a named GP on one day, who may not and why, and who works where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hamlets.continuity import ladder
from hamlets.continuity.columns import ALWAYS, NEVER, Int32, days, texts, whole
from hamlets.continuity.frame import Patients
from hamlets.continuity.reference import GP_ROLES, NO_LIST_CONTRACTS, Reference, text_rank
from hamlets.continuity.results import NAMED_GP_PROBLEMS
from hamlets.records import Store
from hamlets.records.tables import CONTRACTS, ROLES

Flags = npt.NDArray[np.bool_]
ELIGIBLE = -1
NONE, LEFT, NOT_GP, REGISTRAR_OR_LOCUM, UNKNOWN_STAFF = range(len(NAMED_GP_PROBLEMS))
"""Positions in NAMED_GP_PROBLEMS."""


@dataclass(frozen=True)
class Standing:
    """The people of a store as they stand on one day, by person code."""

    problem: Int32
    """Position in NAMED_GP_PROBLEMS, or ELIGIBLE."""
    listed: Flags
    """True where the person is in the staff list at all."""
    names: dict[int, str]
    practices: frozenset[int]
    """Practices that have a staff list."""
    at_work: npt.NDArray[np.int64]
    """Sorted practice * people + person of those in post on the day."""
    staff_ids: dict[tuple[int, int], str]
    """By practice and person: the staff id that the practice's own system knows them by."""
    person_labels: list[str]

    def staff_id(self, practice: int, person: int) -> str:
        """Return a person's staff id at a practice; without one there, what measures show."""
        return self.staff_ids.get((practice, person)) or self.person_labels[person]

    def works_at(self, practice: Int32, person: Int32) -> Flags:
        """Return whether each person is in post at a practice on the day."""
        return np.isin(practice.astype(np.int64) * len(self.problem) + person, self.at_work)


def read_standing(store: Store, reference: Reference, day: int) -> Standing:
    """Return how every person stands on ``day``."""
    people = reference.people
    staff = store.shared("staff")
    code = whole(staff, "staff") if staff.num_rows else np.empty(0, dtype=np.int32)
    known = code >= 0
    person = np.where(known, reference.person_of_staff[np.maximum(code, 0)], -1)[known]
    start, end = (days(staff, n, b)[known] for n, b in _ENDS)
    in_post = (start <= day) & (day < end)
    practice = whole(staff, "practice")[known] if staff.num_rows else code
    listed = np.zeros(people, dtype=bool)
    listed[person] = True
    names = {
        int(p): name
        for p, name in zip(person, np.array(texts(staff, "name"), dtype=object)[known], strict=True)
        if name
    }
    # The one rule of who may hold a list: each person as if named on all days.
    found = np.empty(people, dtype=np.int32)
    everyone = np.arange(people + 1, dtype=np.int32)
    _ask(
        everyone,
        np.full(people, ALWAYS, dtype=np.int32),
        np.full(people, NEVER, dtype=np.int32),
        everyone[:-1].copy(),
        reference,
        day,
        found,
    )
    problem = np.full(people, ELIGIBLE, dtype=np.int32)
    problem[found == ladder.NAMED_LEFT] = LEFT
    for p in np.flatnonzero(found == ladder.NAMED_NOT_GP).tolist():
        mine = np.flatnonzero(person == p)
        now = mine[in_post[mine]]
        problem[p] = _why_not(staff, np.flatnonzero(known)[now if len(now) else mine])
    keys = practice[in_post].astype(np.int64) * people + person[in_post]
    at = frozenset(int(p) for p in np.unique(practice) if p >= 0)
    ids = _staff_ids(store.labels("staff"), practice, person, code[known], start, in_post)
    return Standing(problem, listed, names, at, np.unique(keys), ids, reference.person_labels)


_ENDS = (("start_date", ALWAYS), ("end_date", NEVER))


def _staff_ids(
    labels: list[str], practice: Int32, person: Int32, code: Int32, start: Int32, in_post: Flags
) -> dict[tuple[int, int], str]:
    """Return each person's staff id at each practice: of the row in force, else of the latest."""
    best: dict[tuple[int, int], tuple[bool, int, int]] = {}
    rank = text_rank(labels)
    columns = (practice, person, in_post, start, code)
    for at, who, now, since, staff in zip(*(c.tolist() for c in columns), strict=True):
        # of two rows that began together, the lower id
        found = (now, since, -int(rank[staff]))
        if (at, who) not in best or found > best[at, who]:
            best[at, who] = found
    by_rank = {int(r): label for r, label in zip(rank, labels, strict=True)}
    return {key: by_rank[-found[2]] for key, found in best.items()}


def _ask(
    offset: Int32,
    start: Int32,
    end: Int32,
    value: Int32,
    reference: Reference,
    day: int,
    found: Int32,
) -> None:
    lists = reference.lists
    ladder.named_at(
        offset, start, end, value,
        lists.offset, lists.start, lists.end, reference.list_may, reference.leaves, day, found,
    )  # fmt: skip


def _why_not(staff: object, rows: npt.NDArray[np.int64]) -> int:
    """Return why someone who is here may not hold a list, from the staff rows of the day."""
    roles = [ROLES[max(0, int(r))] for r in whole(staff, "role")[rows]]  # type: ignore[arg-type]
    contracts = [int(c) for c in whole(staff, "contract")[rows]]  # type: ignore[arg-type]
    if all(role == "unknown" for role in roles):
        return UNKNOWN_STAFF
    for role, contract in zip(roles, contracts, strict=True):
        barred = contract >= 0 and CONTRACTS[contract] in NO_LIST_CONTRACTS
        if role in ("gp_registrar", "gp_locum") or (role in GP_ROLES and barred):
            return REGISTRAR_OR_LOCUM
    return NOT_GP


def named_whoever(patients: Patients, reference: Reference, day: int) -> Int32:
    """Return who is named for each patient on a day, eligible or not; -1 for nobody."""
    named, people = patients.named, reference.people
    found = np.empty(patients.size, dtype=np.int32)
    nothing = np.zeros(people + 1, dtype=np.int32)
    empty = np.empty(0, dtype=np.int32)
    ladder.named_at(
        named.offset, named.start, named.end, named.value,
        nothing, empty, empty, np.empty(0, dtype=np.uint8),
        np.full(people, NEVER, dtype=np.int32), day, found,
    )  # fmt: skip
    return found
