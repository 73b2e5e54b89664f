"""What is read once of a version of the store, and kept for the requests that follow."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from threading import Lock
from typing import TYPE_CHECKING

from hamlets.web.answers.versions import Version, store_folder
from hamlets.web.reading.codes import patient_code

if TYPE_CHECKING:
    from hamlets.continuity.free_times import FreeTimes
    from hamlets.continuity.knowing import Surroundings
    from hamlets.continuity.members import Member
    from hamlets.continuity.reference import Reference
    from hamlets.continuity.rota import Sessions
    from hamlets.records.store.finding import PatientFinder
    from hamlets.records.store.reading import Store

_FRESH_DAYS = 1
"""Free times are said as long as the extract is no older: later they are gone."""
_KEPT = 2
"""Versions and days kept at once: the one in use and the one before."""


@dataclass
class Kept:
    """What all practices of a version share on a day, and what was made for each practice."""

    finder: PatientFinder
    reference: Reference
    members: dict[int, dict[int, Member]]
    team_names: dict[str, str]
    sessions: Sessions
    free: FreeTimes
    """Free times; none where the extract is older than a day or two."""
    day: date
    around: dict[int, Surroundings] = field(default_factory=dict)
    codes: dict[int, dict[str, int]] = field(default_factory=dict)


_kept: OrderedDict[tuple[str, int, str, date], Kept] = OrderedDict()
_lock = Lock()


@dataclass(frozen=True)
class Opened:
    """A version of the store, open at one practice."""

    store: Store
    kept: Kept
    home: int
    """The practice's code in the store; -1 where the store does not know it."""

    @property
    def around(self) -> Surroundings:
        """Who works here, in which teams, and when."""
        from hamlets.continuity.being_in import rota_ahead
        from hamlets.continuity.knowing import Surroundings

        kept, home = self.kept, self.home
        with _lock:
            if home not in kept.around:
                rota = rota_ahead(self.store, kept.reference, kept.sessions, home, kept.day)
                kept.around[home] = Surroundings(
                    kept.reference, home, kept.members, kept.team_names, rota, kept.day, kept.free
                )
            return kept.around[home]

    def patient(self, code: str) -> int:
        """Return the store's number for a code of an address; -1 where nobody here has it."""
        if not self.store.identifiable:
            found = self.kept.finder.by_label(code)
            return -1 if found is None else found
        with _lock:
            if self.home not in self.kept.codes:
                self.kept.codes[self.home] = self._codes()
            return self.kept.codes[self.home].get(code, -1)

    def _codes(self) -> dict[str, int]:
        if self.home < 0:
            return {}
        rows = [
            self.store.read_group(table, self.home, ["patient"]).column("patient")
            for table in ("patients", "appointments")
        ]
        patients = {int(code) for column in rows for code in column.unique().to_pylist()}
        labels = self.kept.finder.labels(patients)
        return {patient_code(label): number for number, label in labels.items()}


@contextmanager
def opened(version: Version, practice: str, day: date) -> Generator[Opened]:
    """Open a version at a practice, as of a day; it stays on disk until this is left."""
    from hamlets.records import open_store

    folder = store_folder()
    with open_store(folder, version.number) as store:
        labels = store.labels("practice")
        home = labels.index(practice) if practice in labels else -1
        key = str(folder), version.number, version.content_id, day
        fresh = version.loaded is not None and (day - version.loaded).days <= _FRESH_DAYS
        yield Opened(store, _of(store, key, fresh), home)


def _of(store: Store, key: tuple[str, int, str, date], fresh: bool) -> Kept:
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
        kept = _read(store, key[3], fresh)
        _kept[key] = kept
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
        return kept


def _read(store: Store, day: date, fresh: bool) -> Kept:
    from hamlets.continuity.being_in import recent_sessions
    from hamlets.continuity.calendar import day_number
    from hamlets.continuity.free_times import free_times
    from hamlets.continuity.members import read_members
    from hamlets.continuity.reference import build_reference
    from hamlets.records.store.finding import PatientFinder

    reference = build_reference(store)
    teams = store.shared("teams", ["team_id", "name"]).to_pylist()
    return Kept(
        finder=PatientFinder(store),
        reference=reference,
        members=read_members(store, reference, day_number(day)),
        team_names={row["team_id"]: row["name"] or row["team_id"] for row in teams},
        sessions=recent_sessions(store, reference, day),
        free=free_times(store, reference, day) if fresh else {},
        day=day,
    )
