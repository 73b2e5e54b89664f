"""The people of a plan found again in the store's current version."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.continuity.columns import ALWAYS, NEVER, days, whole
from hamlets.continuity.reference import LIST_ROLES, build_reference
from hamlets.errors import UnknownPlaceError
from hamlets.records.store.dictionaries import read_entries
from hamlets.records.store.reading import Store
from hamlets.records.tables import ROLES
from hamlets.teams.inputs import Int32

pc: Any = compute
_NOBODY = -1


def practice_code(store: Store, practice_id: str) -> int:
    """Return the code of a practice; UnknownPlaceError where the store has none such."""
    labels = store.labels("practice")
    if practice_id not in labels:
        raise UnknownPlaceError(
            f"The store has no practice {practice_id}.",
            where=store.path.name,
            hint="The plan may belong to another store.",
        )
    return labels.index(practice_id)


class Staff:
    """The staff of one practice from a day on, by the ids that plans name them by."""

    def __init__(self, store: Store, practice: int, day: int) -> None:
        reference = build_reference(store)
        self.practice = practice
        self._day = day
        self._leaves = reference.leaves
        self._person_of_staff = reference.person_of_staff
        labels = store.labels("staff")
        self._persons = {label: person for person, label in enumerate(reference.person_labels)}
        for code, label in enumerate(labels):
            # Joined to another role record since, a person is shown by another id.
            self._persons.setdefault(label, int(reference.person_of_staff[code]))
        self._codes = self._best_codes(store, reference.staff_rank)
        rows = store.shared("staff", ["staff", "practice"])
        self._here = set(whole(rows, "staff")[whole(rows, "practice") == practice].tolist())

    def _best_codes(self, store: Store, rank: Int32) -> dict[int, int]:
        """Return the staff code of each person: here, now, in a role that holds lists, lowest."""
        rows = store.shared("staff", ["staff", "practice", "role", "start_date", "end_date"])
        staff = whole(rows, "staff")
        holds = np.array([role in LIST_ROLES for role in ROLES])[np.maximum(whole(rows, "role"), 0)]
        now = days(rows, "start_date", ALWAYS) <= self._day
        now &= days(rows, "end_date", NEVER) > self._day
        here = whole(rows, "practice") == self.practice
        found: dict[int, int] = {}
        for place in np.lexsort((-rank[staff], holds, now, here)).tolist():
            found[int(self._person_of_staff[staff[place]])] = int(staff[place])
        for code, person in enumerate(self._person_of_staff.tolist()):
            found.setdefault(person, code)
        return found

    def person(self, staff_id: str | None) -> int:
        """Return the person code of an id, -1 where nobody goes by it."""
        return _NOBODY if staff_id is None else self._persons.get(staff_id, _NOBODY)

    def here(self, staff_id: str | None) -> bool:
        """Return whether somebody goes by this id and has not left by the day."""
        person = self.person(staff_id)
        return person >= 0 and bool(self._leaves[person] > self._day)

    def code(self, staff_id: str) -> int:
        """Return the staff code that the store's rows name a person by."""
        return self._codes[self._persons[staff_id]]

    def code_of(self, person: int) -> int:
        """Return the staff code of a person."""
        return self._codes[person]

    def people(self, codes: Int32) -> Int32:
        """Return the person of each staff code, -1 for none."""
        return np.append(self._person_of_staff, np.int32(_NOBODY))[codes]

    def works_here(self, code: int) -> bool:
        """Return whether a staff code is of the practice."""
        return code in self._here


def patient_codes(store: Store, allocations: pa.Table) -> Int32:
    """Return the store's present code of each allocated patient, -1 where there is none.

    A code stays; but a patient may have turned out to be somebody the store knew already, or
    the plan may have been copied to a store that was loaded anew.
    """
    labels = pa.array(store.labels("patient"), pa.string())
    codes = whole(allocations, "patient").copy()
    ids = allocations.column("patient_id").combine_chunks()
    inside = codes < len(labels)
    same = np.zeros(len(codes), np.bool_)
    shown = labels.take(pa.array(np.where(inside, codes, 0))) if len(labels) else ids
    same[inside] = pc.equal(shown, ids).to_numpy(zero_copy_only=False)[inside]
    if same.all():
        return codes
    entries = read_entries(store.layout, store.manifest.dictionaries["patient"])
    keys = entries.column("key").to_pylist()
    known = dict(zip(keys, entries.column("code").to_pylist(), strict=True))
    known |= {label: code for code, label in enumerate(labels.to_pylist()) if label not in known}
    for place in np.flatnonzero(~same).tolist():
        codes[place] = known.get(ids[place].as_py(), _NOBODY)
    return codes


def staff_names(store: Store) -> dict[str, str]:
    """Return the names of staff by both ids that measures may show."""
    found: dict[str, str] = {}
    for row in store.table("staff").select(["staff_id", "person_id", "name"]).to_pylist():
        for key in (row["staff_id"], row["person_id"]):
            if key and row["name"]:
                found.setdefault(key, row["name"])
    return found
