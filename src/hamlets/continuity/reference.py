"""What the whole store says about staff, teams and places, as arrays by code.

Built once a question from the shared tables. A person may have several role
records; continuity counts people, so staff codes are joined to people here.
"""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.continuity.columns import ALWAYS, NEVER, Int8, Int32, days, offsets, texts, whole
from hamlets.records import Store
from hamlets.records.tables import CONTRACTS, ROLES

GP_ROLES = frozenset({"gp", "gp_partner", "gp_salaried", "gp_locum", "gp_registrar"})
LIST_ROLES = frozenset({"gp", "gp_partner", "gp_salaried"})
"""Roles that may hold a list (registrars and locums may not)."""
NO_LIST_CONTRACTS = frozenset({"locum", "trainee"})


@dataclass(frozen=True)
class Dated:
    """Rows with dates, grouped by a code: rows of code c are ``offset[c]:offset[c + 1]``."""

    offset: Int32
    start: Int32
    end: Int32
    value: Int32


@dataclass(frozen=True)
class Reference:
    """Arrays by staff, person, team and practice code that the kernel looks things up in."""

    person_of_staff: Int32
    person_labels: list[str]
    roles: Dated
    """By staff code; value = role code."""
    role_codes: Int8
    roles_known: bool
    lists: Dated
    """By person: when the person may hold a list; value = 1 may, 0 may not."""
    list_may: npt.NDArray[np.uint8]
    """1 where a row of ``lists`` allows a list."""
    leaves: Int32
    """By person: the first day the person is no longer there."""
    teams: Dated
    """By person; value = team code, in the order of team ids."""
    team_lead: npt.NDArray[np.uint8]
    team_labels: list[str]
    buddies: Dated
    """By person; value = the buddy's person code."""
    staff_rank: Int32
    """By staff code: its position when ids are sorted as text; the last entry is for none."""
    place_rank: Int32
    """By practice code: its position when ids are sorted as text."""
    practice_labels: list[str]

    @property
    def people(self) -> int:
        return len(self.person_labels)


def text_rank(labels: list[str]) -> Int32:
    """Return each label's position when the labels are sorted as UTF-8 text."""
    order = sorted(range(len(labels)), key=lambda code: labels[code].encode())
    rank = np.empty(len(labels), dtype=np.int32)
    rank[order] = np.arange(len(labels), dtype=np.int32)
    return rank


def _dated(group: Int32, size: int, start: Int32, end: Int32, value: Int32) -> Dated:
    order = np.lexsort((value, end, start, group))
    return Dated(offsets(group[order], size), start[order], end[order], value[order])


def _people(staff: pa.Table, staff_labels: list[str]) -> tuple[Int32, list[str]]:
    """Join staff codes by person_id; a person with one staff id is shown by it."""
    joined: dict[str, list[int]] = {}
    for code, person in zip(whole(staff, "staff").tolist(), texts(staff, "person_id"), strict=True):
        if person is not None and code >= 0:
            members = joined.setdefault(person, [])
            if code not in members:
                members.append(code)
    first_code: dict[int, int] = {}
    shown_as: dict[int, str] = {}
    for person, codes in joined.items():
        # one staff id may be given two person ids by mistake: the groups then join
        root = min(first_code.get(code, code) for code in codes)
        for code in codes:
            first_code[code] = root
        if len(codes) > 1:
            shown_as[root] = min(person, shown_as.get(root, person))
    person_of_staff = np.empty(len(staff_labels), dtype=np.int32)
    labels: list[str] = []
    person_of_root: dict[int, int] = {}
    for code, label in enumerate(staff_labels):
        root = code
        while first_code.get(root, root) != root:
            root = first_code[root]
        if root not in person_of_root:
            person_of_root[root] = len(labels)
            labels.append(shown_as.get(root, staff_labels[root] if root == code else label))
        person_of_staff[code] = person_of_root[root]
    return person_of_staff, labels


def _list_rights(
    staff: pa.Table, person_of_staff: Int32, people: int, roles_known: bool
) -> tuple[Dated, Int32]:
    """Return when each person may hold a list, and the first day each is gone.

    Where some roles are known, a person on the staff list without one is no GP;
    of someone who is not on it nothing is known, and the extract is believed.
    """
    may_role = np.array(
        [r in LIST_ROLES or (r == "unknown" and not roles_known) for r in ROLES], dtype=np.int32
    )
    no_contract = np.array([c in NO_LIST_CONTRACTS for c in CONTRACTS])
    person = person_of_staff[whole(staff, "staff")] if staff.num_rows else np.empty(0, np.int32)
    start = days(staff, "start_date", ALWAYS)
    end = days(staff, "end_date", NEVER)
    role = np.maximum(whole(staff, "role"), 0) if staff.num_rows else np.empty(0, np.int32)
    contract = np.maximum(whole(staff, "contract"), 0) if staff.num_rows else role
    may = (may_role[role] * ~no_contract[contract]).astype(np.int32)
    leaves = np.full(people, NEVER, dtype=np.int32)
    rows: list[tuple[int, int, int, int]] = []
    order = np.argsort(person, kind="stable")
    present, first = np.unique(person[order], return_index=True)
    for p, mine in zip(present.tolist(), np.split(order, first[1:]), strict=False):
        leaves[p] = end[mine].max()
        since = start[mine].copy()
        if not roles_known:
            since[since == since.min()] = ALWAYS  # only who has left is known to hold none
        # cut the person's time at every start and end; a stretch allows a list
        # when any role held in it does
        cuts = np.unique(np.concatenate([[ALWAYS], since, end[mine]])).tolist()
        for low, high in zip(cuts, [*cuts[1:], NEVER], strict=True):
            inside = (since <= low) & (end[mine] > low)
            rows.append((p, low, high, int(may[mine][inside].any())))
    table = np.array(rows, dtype=np.int32).reshape(-1, 4)
    return _dated(table[:, 0], people, table[:, 1], table[:, 2], table[:, 3]), leaves


def _memberships(
    store: Store, person_of_staff: Int32, people: int
) -> tuple[Dated, npt.NDArray[np.uint8], list[str]]:
    members = store.shared("team_members")
    names = sorted(
        {t for t in texts(members, "team_id") if t}
        | {t for t in texts(store.shared("teams"), "team_id") if t},
        key=str.encode,
    )
    code = {name: position for position, name in enumerate(names)}
    if members.num_rows == 0:
        empty = np.empty(0, dtype=np.int32)
        return _dated(empty, people, empty, empty, empty), np.empty(0, np.uint8), names
    team = np.array([code[t] if t else -1 for t in texts(members, "team_id")], dtype=np.int32)
    person = person_of_staff[whole(members, "staff")]
    start = days(members, "from_date", ALWAYS)
    end = days(members, "to_date", NEVER)
    lead = np.array([bool(v) for v in texts(members, "lead")], dtype=np.uint8)
    order = np.lexsort((team, end, start, person))
    dated = Dated(offsets(person[order], people), start[order], end[order], team[order])
    return dated, lead[order], names


def _any_role_known(store: Store, staff: pa.Table) -> bool:
    """Return whether a role is known anywhere: in the staff table or on any appointment."""
    if staff.num_rows and int(whole(staff, "role").max(initial=0)) > 0:
        return True
    if not store.given("appointments", "staff_role"):
        return False
    return any(
        int(whole(store.read_group("appointments", home, ["role"]), "role").max(initial=0)) > 0
        for home in store.group_practices()
    )


_BUILT: WeakKeyDictionary[Store, Reference] = WeakKeyDictionary()


def build_reference(store: Store) -> Reference:
    """Return the lookup arrays of a store's version; built once for each opened store."""
    found = _BUILT.get(store)
    if found is None:
        found = _BUILT[store] = _build(store)
    return found


def _build(store: Store) -> Reference:
    staff = store.shared("staff")
    staff_labels = store.labels("staff")
    person_of_staff, person_labels = _people(staff, staff_labels)
    people = len(person_labels)
    empty = np.empty(0, dtype=np.int32)
    staff_code = whole(staff, "staff") if staff.num_rows else empty
    role = np.maximum(whole(staff, "role"), 0) if staff.num_rows else empty
    roles = _dated(
        staff_code,
        len(staff_labels),
        days(staff, "start_date", ALWAYS),
        days(staff, "end_date", NEVER),
        role,
    )
    roles_known = _any_role_known(store, staff)
    lists, leaves = _list_rights(staff, person_of_staff, people, roles_known)
    teams, team_lead, team_labels = _memberships(store, person_of_staff, people)
    pairs = store.shared("buddies")
    buddies = _dated(
        person_of_staff[whole(pairs, "staff")] if pairs.num_rows else empty,
        people,
        days(pairs, "from_date", ALWAYS),
        days(pairs, "to_date", NEVER),
        person_of_staff[whole(pairs, "buddy_staff")] if pairs.num_rows else empty,
    )
    practice_labels = store.labels("practice")
    return Reference(
        person_of_staff=person_of_staff,
        person_labels=person_labels,
        roles=roles,
        role_codes=roles.value.astype(np.int8),
        roles_known=roles_known,
        lists=lists,
        list_may=lists.value.astype(np.uint8),
        leaves=leaves,
        teams=teams,
        team_lead=team_lead,
        team_labels=team_labels,
        buddies=buddies,
        staff_rank=np.append(text_rank(staff_labels), -1).astype(np.int32),
        place_rank=text_rank(practice_labels),
        practice_labels=practice_labels,
    )
