"""The dated rows that a plan puts into the store, and those of before that it closes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from hamlets.continuity.columns import ALWAYS, NEVER, days, texts, whole
from hamlets.records.store.adopted import Adoption, Closed
from hamlets.records.store.amending import Change
from hamlets.records.store.reading import Store
from hamlets.records.store.schema import stored_schema
from hamlets.teams.inputs import Bools, Int32
from hamlets.teams.plans.people import Staff
from hamlets.teams.plans.storing import StoredPlan

_COLUMN = {"team_members": ("team_id", "staff"), "buddies": ("staff", "buddy_staff")}


@dataclass(frozen=True)
class Shared:
    """Changes to tables of teams and buddies, and what the adoption remembers of them."""

    changes: dict[str, Change]
    closed: tuple[Closed, ...]
    buddies: tuple[tuple[int, int], ...]
    members: int
    """People in the teams: who works for several counts once."""


def team_changes(
    store: Store, stored: StoredPlan, staff: Staff, start: date, before: Sequence[Adoption]
) -> Shared:
    """Return the rows of teams, their members and buddies from a day on.

    Rows of the practice's other teams end that day. A plan for a cohort leaves people alone
    who are in none of its teams. Buddies change only by a plan of pairs, or after one.
    """
    plan = stored.plan
    identifiable = store.identifiable
    teams = [
        {"team_id": team.team_id, "practice": staff.practice, "name": team.name}
        for team in plan.teams
    ]
    members = [
        {"team_id": each.team_id, "staff": staff.code(each.staff_id), "from_date": start,
         "to_date": None, "lead": each.lead}
        for each in stored.members
        if staff.here(each.staff_id)
    ]  # fmt: skip
    people = {staff.person(each.staff_id) for each in stored.members}
    # A plan of lists alone leaves all teams as they are: nobody is in its teams.
    of_some = plan.approach == "cohort" or not plan.teams
    team_cut = _cut_members(store, staff, start, people if of_some else None)
    pairs = _pairs(stored, staff) if plan.approach == "buddies" else ()
    buddy_cut = _cut_buddies(store, staff, start, people if pairs else (), before)
    changes = {
        "teams": Change(
            np.isin(
                np.array(texts(store.shared("teams"), "team_id"), object),
                [team.team_id for team in plan.teams],
            ),
            pa.Table.from_pylist(teams, schema=stored_schema("teams", identifiable)),
        ),
        "team_members": _with_closed(store, "team_members", team_cut, start, members),
        "buddies": _with_closed(
            store, "buddies", buddy_cut, start,
            [{"staff": one, "buddy_staff": other, "from_date": start, "to_date": None}
             for one, other in pairs],
        ),
    }  # fmt: skip
    closed = (*_closed(store, "team_members", team_cut), *_closed(store, "buddies", buddy_cut))
    return Shared(changes, closed, pairs, len({row["staff"] for row in members}))


def open_on(rows: pa.Table, day: int) -> Bools:
    """Return which dated rows hold on a day."""
    return (days(rows, "from_date", ALWAYS) <= day) & (days(rows, "to_date", NEVER) > day)


def _cut_members(store: Store, staff: Staff, start: date, people: Collection[int] | None) -> Bools:
    """Return which memberships of the practice end; with ``people`` only theirs."""
    rows = store.shared("team_members")
    teams = store.shared("teams")
    place_of = dict(zip(texts(teams, "team_id"), whole(teams, "practice").tolist(), strict=True))
    ids, codes = texts(rows, "team_id"), whole(rows, "staff")
    # A team may be known by its members alone.
    mine = [
        place_of[team] == staff.practice if team in place_of else staff.works_here(code)
        for team, code in zip(ids, codes.tolist(), strict=True)
    ]
    cut = np.array(mine, np.bool_) & open_on(rows, day_number(start))
    if people is not None:
        cut &= np.isin(staff.people(codes), list(people))
    return cut


def _cut_buddies(
    store: Store,
    staff: Staff,
    start: date,
    people: Collection[int],
    before: Sequence[Adoption],
) -> Bools:
    rows = store.shared("buddies")
    codes, others = whole(rows, "staff"), whole(rows, "buddy_staff")
    cut = np.isin(staff.people(codes), list(people))
    made = {pair for adoption in before for pair in adoption.buddies}
    cut |= np.array(
        [pair in made for pair in zip(codes.tolist(), others.tolist(), strict=True)], np.bool_
    )
    return cut & open_on(rows, day_number(start))


def _pairs(stored: StoredPlan, staff: Staff) -> tuple[tuple[int, int], ...]:
    """Return (GP, other GP) of each team, both ways."""
    found: list[tuple[int, int]] = []
    for team in stored.plan.teams:
        gps = [
            staff.code(each.staff_id)
            for each in stored.members
            if each.team_id == team.team_id
            and each.role.startswith("gp")
            and staff.here(each.staff_id)
        ]
        found += [(one, other) for one in gps for other in gps if one != other]
    return tuple(sorted(found))


def _with_closed(
    store: Store, table: str, cut: Bools, end: date, new: Iterable[dict[str, Any]]
) -> Change:
    """Return the change that ends rows on a day and adds new ones."""
    rows = store.shared(table)
    schema = stored_schema(table, store.identifiable)
    ended = rows.filter(pa.array(cut))
    place = schema.get_field_index("to_date")
    ended = ended.set_column(
        place, schema.field(place), pa.repeat(pa.scalar(end, pa.date32()), ended.num_rows)
    )
    added = pa.Table.from_pylist(list(new), schema=schema)
    return Change(_same(rows, added, table) | cut, pa.concat_tables([ended.cast(schema), added]))


def _same(rows: pa.Table, added: pa.Table, table: str) -> Bools:
    """Return which rows have the key of an added one."""
    names = (*_COLUMN[table], "from_date")
    wanted = set(zip(*(added.column(name).to_pylist() for name in names), strict=True))
    keys = zip(*(rows.column(name).to_pylist() for name in names), strict=True)
    return np.array([key in wanted for key in keys], np.bool_)


def _closed(store: Store, table: str, cut: Bools) -> tuple[Closed, ...]:
    rows = store.shared(table).filter(pa.array(cut))
    columns = [rows.column(name).to_pylist() for name in (*_COLUMN[table], "from_date", "to_date")]
    return tuple(
        Closed(table, (first, second), start, end)
        for first, second, start, end in zip(*columns, strict=True)
    )


def reopened(store: Store, table: str, adoption: Adoption, gone: Bools) -> Change:
    """Return the change that drops rows of a plan and opens again what it had closed."""
    rows = store.shared(table)
    schema = stored_schema(table, store.identifiable)
    before = {
        (*each.key, each.from_date): each.to_date for each in adoption.closed if each.table == table
    }
    keys = list(
        zip(
            *(rows.column(name).to_pylist() for name in (*_COLUMN[table], "from_date")), strict=True
        )
    )
    still = days(rows, "to_date", NEVER) == day_number(adoption.from_date)
    mine = np.array([key in before for key in keys], np.bool_) & still & ~gone
    opened = rows.filter(pa.array(mine))
    ends = [before[keys[place]] for place in np.flatnonzero(mine).tolist()]
    place = schema.get_field_index("to_date")
    opened = opened.set_column(place, schema.field(place), pa.array(ends, pa.date32()))
    return Change(gone | mine, opened.cast(schema))


def day_number(day: date) -> int:
    """Return a day as days since 1 January 1970."""
    return int(np.datetime64(day, "D").astype(np.int64))


def in_force(offset: Int32, start: Int32, end: Int32, value: Int32, day: int) -> Int32:
    """Return of each group the value of its last row that holds on a day, -1 for none."""
    found = np.full(len(offset) - 1, -1, dtype=np.int32)
    group = np.repeat(np.arange(len(found)), np.diff(offset))
    rows = np.flatnonzero((start <= day) & (end > day))
    found[group[rows]] = value[rows]
    return found
