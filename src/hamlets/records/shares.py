"""Shares of a load's appointments that say how far it can be trusted."""

from __future__ import annotations

from typing import Any

import numpy as np

from hamlets.records.store.comparing import as_integers
from hamlets.records.store.contacts import took_place
from hamlets.records.store.matching import Tally
from hamlets.records.store.staging import StagedTable
from hamlets.records.tables import STATUSES

_DID_NOT_ATTEND = STATUSES.index("did_not_attend")
_COLUMNS = ["patient", "staff", "practice", "start_day", "start_second", "status", "time_known"]


def appointment_shares(staged: StagedTable, tally: Tally) -> dict[str, float | None]:
    """Return shares of the appointments read (call after the rows are matched).

    ``contacts_without_clinician``: of contacts that took place. ``shared_contacts``:
    contacts at which two or more clinicians saw one patient at one place and time.
    ``did_not_attend``: of appointments with a status, booked and cancelled ones
    aside. ``duplicates``: rows that repeat another row of the load.
    """
    rows = sum(h.num_rows for h in staged.held) - staged.restaged
    if rows <= 0:
        return dict.fromkeys(
            ("contacts_without_clinician", "did_not_attend", "shared_contacts", "duplicates")
        )
    contacts = without = missed = kept_or_missed = 0
    shared = _Shared()
    for _, batch in staged.batches():
        status = batch.column("status").to_numpy()
        met = took_place(status)
        staff = batch.column("staff").to_numpy()
        contacts += int(met.sum())
        without += int((met & (staff < 0)).sum())
        missed += int((status == _DID_NOT_ATTEND).sum())
        kept_or_missed += int(((status == _DID_NOT_ATTEND) | (met & (status >= 0))).sum())
        known = batch.column("time_known").to_numpy(zero_copy_only=False)
        shared.add(batch, met & (staff >= 0) & known)
    return {
        "contacts_without_clinician": _share(without, contacts),
        "did_not_attend": _share(missed, kept_or_missed),
        "shared_contacts": _share(shared.count(), contacts),
        "duplicates": _share(tally.repeated, rows),
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


class _Shared:
    """Counts contacts of one patient, place and time with different clinicians."""

    def __init__(self) -> None:
        self._when: list[Any] = []
        self._staff: list[Any] = []

    def add(self, rows: Any, which: Any) -> None:
        seconds = as_integers(rows.column("start_day")) * 86_400
        seconds += rows.column("start_second").to_numpy()
        patient = rows.column("patient").to_numpy().astype(np.uint64)
        # Patient and second fit into one integer; a patient is at one place at a time.
        when = (patient << np.uint64(33)) ^ seconds.view(np.uint64) & np.uint64(2**33 - 1)
        self._when.append(when[which])
        self._staff.append(rows.column("staff").to_numpy()[which])

    def count(self) -> int:
        when, staff = np.concatenate(self._when), np.concatenate(self._staff)
        if not when.size:
            return 0
        order = np.argsort(when, kind="stable")
        when, staff = when[order], staff[order]
        first = np.flatnonzero(np.append(True, when[1:] != when[:-1]))
        size = np.diff(np.append(first, when.size))
        differ = np.maximum.reduceat(staff, first) != np.minimum.reduceat(staff, first)
        return int(size[differ].sum())
