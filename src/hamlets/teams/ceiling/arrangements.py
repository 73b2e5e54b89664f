"""What the rota would allow under other lists and teams: the same requests and slots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np

from hamlets.continuity.asking import find_scope
from hamlets.continuity.columns import ALWAYS, NEVER, Int32
from hamlets.continuity.conventions import Conventions
from hamlets.continuity.measuring import choose_window
from hamlets.continuity.reference import Dated
from hamlets.errors import NothingToMeasureError
from hamlets.records import Store
from hamlets.teams.ceiling.reading import attain_all, read_records, read_window
from hamlets.teams.ceiling.requests import Requests
from hamlets.teams.ceiling.windows import WORKING_DAYS, WindowName


class Shares(NamedTuple):
    """Shares of the requests of patients with a named GP that the rota allows.

    None where no request is of such a patient.
    """

    own: float | None
    own_or_team: float | None


class CeilingOf:
    """One practice's requests and slots of some days, to be booked again under arrangements.

    The requests are those that the ceiling of the present arrangement has; they are read once.
    Days are those of ``measure``; ``window`` is strict, week or policy. Raises
    UnknownPlaceError, UsageError, and NothingToMeasureError without a counted GP contact.
    """

    def __init__(
        self,
        store: Store,
        practice: str,
        window: str = "policy",
        *,
        date_from: date | None = None,
        date_to: date | None = None,
        working_days: int = WORKING_DAYS,
        threads: int | None = None,
    ) -> None:
        self._window: WindowName = read_window(window)
        self._working_days = working_days
        self._place = find_scope(store, practice).homes[0]
        days = choose_window(store, Conventions(date_from=date_from, date_to=date_to))
        self._records = read_records(store, days, self._place, threads)
        if self._place not in self._records.requests:
            raise NothingToMeasureError(
                f"There is no counted GP contact of patients of {practice!r} in these days.",
                hint="Choose other days, or look at the load report.",
            )

    @property
    def low(self) -> bool:
        """Whether free slots are not known, so that every ceiling is a low estimate."""
        return self._records.low(self._place)

    @property
    def booked(self) -> float:
        """Share of requests of patients with a named GP whose day of booking is known."""
        return self._records.booked([self._place])

    def under(self, named: Int32 | Mapping[int, int], teams: Mapping[int, int]) -> Shares:
        """Return what the rota allows if lists and teams had been these on every day.

        ``named`` gives the person code of the named GP by patient code (an array: -1 for
        none), ``teams`` the team of people by person code, each in one team; a patient's team
        is the named GP's. A contact recorded with this named GP stays with them, one recorded
        with the team stays there. Requests without a day of booking keep their slots in the
        policy window. Patients without a named GP keep asking, and are in neither share.
        """
        records = self._records
        people = len(records.reference.person_labels)
        requests, members = rearranged(records.requests[self._place], named, teams, people)
        free = records.slots.at(self._place)
        sums, _ = attain_all(requests, free, self._window, self._working_days, members)
        total = int(sums.count.sum())
        if total == 0:
            return Shares(None, None)
        return Shares(int(sums.can_own.sum()) / total, int(sums.can_team.sum()) / total)


def rearranged(
    requests: Requests, named: Int32 | Mapping[int, int], teams: Mapping[int, int], people: int
) -> tuple[Requests, Dated]:
    """Return requests as of other lists and teams, and the members of these teams.

    ``people`` is how many person codes there are.
    """
    team_of = np.full(people + 1, -1, dtype=np.int32)  # the last one is nobody
    for person, team in teams.items():
        team_of[person] = team
    lists = _by_patient(named, requests.patient)
    team, seen = team_of[lists], team_of[requests.person]
    own = (lists >= 0) & (lists == requests.person)
    in_team = own | ((team >= 0) & (team == seen))
    asked = replace(requests, list=lists, team=team, own=own, in_team=in_team)
    return asked, _always(team_of[:-1])


def _by_patient(named: Int32 | Mapping[int, int], patient: Int32) -> Int32:
    """Return the named GP of each patient asked for, -1 for none."""
    if isinstance(named, Mapping):
        codes, at = np.unique(patient, return_inverse=True)
        found = np.array([named.get(code, -1) for code in codes.tolist()], dtype=np.int32)
        return found[at] if len(found) else patient
    inside = patient < len(named)
    return np.where(inside, named[np.where(inside, patient, 0)], -1).astype(np.int32)


def _always(team_of: Int32) -> Dated:
    """Return members of teams on every day, by person."""
    person = np.flatnonzero(team_of >= 0)
    size = len(person)
    return Dated(
        offset=np.searchsorted(person, np.arange(len(team_of) + 1)).astype(np.int32),
        start=np.full(size, ALWAYS, dtype=np.int32),
        end=np.full(size, NEVER, dtype=np.int32),
        value=team_of[person],
    )
