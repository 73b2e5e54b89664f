"""The counted contacts of one home practice in one window, ready to be grouped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.continuity import ladder, select
from hamlets.continuity.calendar import Window
from hamlets.continuity.columns import Int8, Int32, whole
from hamlets.continuity.conventions import Conventions
from hamlets.continuity.frame import Patients, registered_home
from hamlets.continuity.reference import GP_ROLES, Dated, Reference
from hamlets.continuity.teammap import TeamMap
from hamlets.records.tables import MODES, NOT_GIVEN, ROLES, STATUSES


@dataclass(frozen=True)
class Rules:
    """The conventions as lookup tables by code."""

    status_counts: npt.NDArray[np.uint8]
    mode_counts: npt.NDArray[np.uint8]
    role_counts: npt.NDArray[np.uint8]
    filter_roles: bool
    one_a_day: bool


def make_rules(conventions: Conventions, roles_known: bool) -> Rules:
    """Return the lookup tables; without any known role the role filter is off."""
    status = [1 if code == NOT_GIVEN else 0 for code in range(NOT_GIVEN, len(STATUSES))]
    for code, word in enumerate(STATUSES):
        status[code + 1] = {"unknown": 2, "arrived": 1, "attended": 1}.get(word, 0)
    if conventions.modes == "all":
        mode = [1] + [int(word != "group") for word in MODES]
    else:
        mode = [int("unknown" in conventions.modes)] + [int(w in conventions.modes) for w in MODES]
    wanted = GP_ROLES if conventions.roles == "gp" else frozenset(conventions.roles)
    return Rules(
        status_counts=np.array(status, dtype=np.uint8),
        mode_counts=np.array(mode, dtype=np.uint8),
        role_counts=np.array([int(word in wanted) for word in ROLES], dtype=np.uint8),
        filter_roles=roles_known and conventions.roles != "any",
        one_a_day=conventions.one_a_day,
    )


@dataclass
class Workspace:
    """Arrays one thread uses again and again, so that memory is touched once."""

    people: int
    places: int
    person_slot: Int32 = field(init=False)
    place_slot: Int32 = field(init=False)
    list_slot: Int32 = field(init=False)
    _kept: dict[str, npt.NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.person_slot = np.full(max(self.people, 1), -1, dtype=np.int32)
        self.place_slot = np.full(max(self.places, 1), -1, dtype=np.int32)
        self.list_slot = np.full(max(self.people, 1), -1, dtype=np.int32)

    def array(self, name: str, size: int, dtype: Any = np.int32) -> npt.NDArray[Any]:
        """Return an array of at least one element whose content is left from before."""
        kept = self._kept.get(name)
        if kept is None or len(kept) < size:
            kept = np.empty(max(size + size // 4, 1), dtype=dtype)
            self._kept[name] = kept
        return kept[: max(size, 1)]

    def zeros(self, name: str, size: int, dtype: Any = np.int32) -> npt.NDArray[Any]:
        """Return zeros; whoever takes them leaves them zero, so they are cleared only once."""
        kept = self._kept.get(name)
        if kept is None or len(kept) < size:
            kept = np.zeros(max(size + size // 4, 1), dtype=dtype)
            self._kept[name] = kept
        return kept


@dataclass
class Contacts:
    """Counted contacts up to the window's last day, by patient and time."""

    offset: Int32
    low: Int32
    high: Int32
    """A patient's contacts in the window are ``low:high``."""
    who: Int32
    where: Int32
    day: Int32
    row: Int32
    role: Int8
    people: Int32
    """Person code by local position."""
    places: Int32
    """Practice code by local position."""
    home: Int32
    """Practice each patient belongs to; below 0 for patients without any contact."""
    excluded_patient: Int32
    excluded_row: Int32
    excluded_why: Int8
    team: Int32 = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    named: Int32 = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    named_team: Int32 = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    flags: npt.NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, dtype=np.uint8))
    step: Int8 = field(default_factory=lambda: np.empty(0, dtype=np.int8))
    lists: Int32 = field(default_factory=lambda: np.empty(0, dtype=np.int32))
    """Person code by local list."""


def _where_seen(
    rows: pa.Table,
    row_low: npt.NDArray[np.int64],
    row_high: npt.NDArray[np.int64],
    patients: Patients,
    reference: Reference,
    rules: Rules,
    window: Window,
    registered: Int32,
) -> Int32:
    """Return where each patient belongs; without a registration, where most contacts were."""
    home = registered.copy()
    practices = max(len(reference.practice_labels), 1)
    minute = whole(rows, "start_second") // 60
    select.most_visited(
        row_low,
        row_high,
        whole(rows, "start_day"),
        minute.astype(np.int32),
        whole(rows, "practice"),
        whole(rows, "status", np.int8),
        rules.status_counts,
        patients.death_day,
        window.first,
        window.last,
        reference.place_rank,
        np.zeros(practices, dtype=np.int32),
        np.empty(practices, dtype=np.int32),
        home,
    )
    return home


def select_contacts(
    rows: pa.Table,
    row_low: npt.NDArray[np.int64],
    row_high: npt.NDArray[np.int64],
    patients: Patients,
    reference: Reference,
    rules: Rules,
    window: Window,
    work: Workspace,
    need_roles: bool,
    other_age: npt.NDArray[np.uint8],
) -> Contacts:
    """Return the contacts that count for a window, and the rows left out with the reason."""
    size = rows.num_rows
    empty8 = np.zeros(max(size, 1), dtype=np.int8)
    registered = registered_home(patients, reference.place_rank, window.first, window.last)
    belongs = registered
    if (registered == -1).any():
        belongs = _where_seen(
            rows, row_low, row_high, patients, reference, rules, window, registered
        )
    offset = np.empty(patients.size + 1, dtype=np.int32)
    who, where, day = (work.array(n, size) for n in ("who", "where", "day"))
    row, role = work.array("row", size), work.array("role", size, np.int8)
    people, places = work.array("people", work.people), work.array("places", work.places)
    out_patient, out_row = work.array("out_patient", size), work.array("out_row", size)
    out_why = work.array("out_why", size, np.int8)
    r = patients.registrations
    n, persons, seats, left_out = select.select_contacts(
        row_low,
        row_high,
        whole(rows, "start_day"),
        whole(rows, "staff"),
        whole(rows, "practice"),
        whole(rows, "status", np.int8),
        whole(rows, "mode", np.int8),
        whole(rows, "role", np.int8) if need_roles else empty8,
        reference.person_of_staff,
        reference.roles.offset,
        reference.roles.start,
        reference.roles.end,
        reference.role_codes,
        rules.status_counts,
        rules.mode_counts,
        rules.role_counts,
        rules.filter_roles,
        need_roles,
        rules.one_a_day,
        window.first,
        window.last,
        r.offset,
        r.start,
        r.end,
        r.value,
        reference.place_rank,
        patients.death_day,
        registered,
        other_age,
        work.person_slot,
        work.place_slot,
        offset,
        who,
        where,
        day,
        row,
        role,
        people,
        places,
        out_patient,
        out_row,
        out_why,
    )
    high = np.ascontiguousarray(offset[1:])
    low = np.empty(patients.size, dtype=np.int32)
    select.skip_until(offset, high, day, window.first, low)
    return Contacts(
        offset=offset,
        low=low,
        high=high,
        who=who[:n],
        where=where[:n],
        day=day[:n],
        row=row[:n],
        role=role[:n],
        people=people[:persons].copy(),
        places=places[:seats].copy(),
        home=belongs,
        excluded_patient=out_patient[:left_out],
        excluded_row=out_row[:left_out],
        excluded_why=out_why[:left_out],
    )


def resolve_named(
    contacts: Contacts, named_gps: Dated, reference: Reference, work: Workspace
) -> None:
    """Fill in each contact's list, the list's team, and the step of the waterfall.

    ``named_gps`` are the dated named GPs of the contacts' patients.
    """
    size = len(contacts.who)
    named, named_team = work.array("named", size), work.array("named_team", size)
    flags, step = work.array("flags", size, np.uint8), work.array("step", size, np.int8)
    lists = work.array("lists", work.people)
    r, t, b = reference.lists, reference.teams, reference.buddies
    count = ladder.resolve_contacts(
        contacts.offset,
        contacts.who,
        contacts.where,
        contacts.day,
        contacts.role,
        contacts.home,
        contacts.people,
        contacts.places,
        named_gps.offset,
        named_gps.start,
        named_gps.end,
        named_gps.value,
        r.offset,
        r.start,
        r.end,
        reference.list_may,
        reference.leaves,
        len(t.value) > 0,
        t.offset,
        t.start,
        t.end,
        t.value,
        reference.team_lead,
        b.offset,
        b.start,
        b.end,
        b.value,
        work.list_slot,
        lists,
        named,
        named_team,
        flags,
        step,
    )
    contacts.named, contacts.named_team = named[:size], named_team[:size]
    contacts.flags, contacts.step = flags[:size], step[:size]
    contacts.lists = lists[:count].copy()


def map_teams(contacts: Contacts, patient_team: Int32, teams: TeamMap, work: Workspace) -> TeamMap:
    """Fill in each contact's team under the patient's map; return the map of the local people."""
    from hamlets.continuity.indices import map_to_teams

    local = teams.of(contacts.people)
    team = work.array("team", len(contacts.who))
    map_to_teams(
        contacts.offset,
        contacts.who,
        patient_team,
        local.single,
        local.offset,
        local.count,
        local.teams,
        local.last,
        team,
    )
    contacts.team = team[: len(contacts.who)]
    return local
