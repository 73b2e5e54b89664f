"""A load into a store that follows plans: what the plan says stays, until a later change.

An extract goes on naming the GP of before until somebody has typed the plan's into the
clinical system, and lists the old teams as open. Neither takes the plan back. What an extract
says of a day from the plan's first on does hold: it is the later word.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as compute

from hamlets.records.store.adopted import CURRENT_SOURCE, PLAN_SOURCE, Adoption, adoptions
from hamlets.records.store.comparing import as_integers, row_keys
from hamlets.records.store.contacts import day_number
from hamlets.records.store.files import read_file
from hamlets.records.store.layout import Layout
from hamlets.records.store.manifest import Manifest
from hamlets.records.store.matching import Drops
from hamlets.records.store.schema import stored_schema
from hamlets.records.store.staging import StagedTable

pc: Any = compute
Int64 = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Staged = Mapping[str, StagedTable]
_ALWAYS = np.iinfo(np.int64).min
_NEVER = np.iinfo(np.int64).max
_NAMED = ("patient", "staff", "from_date", "to_date", "source", "loaded")


@dataclass(frozen=True)
class PlanConflict:
    """Where an extract and a plan that the store follows say different things."""

    plan: str
    practice: str
    named_held: int = 0
    """Patients for whom the extract still has another GP: the plan's stays."""
    named_changed: int = 0
    """Patients for whom the extract has a later change: it holds from its day."""
    members_held: int = 0
    """Memberships of other teams that the extract leaves open: they end with the plan."""
    members_later: int = 0
    """New memberships of other teams from the plan's first day or later: they stand beside it."""

    @property
    def any(self) -> bool:
        return bool(
            self.named_held or self.named_changed or self.members_held or self.members_later
        )


class Holding:
    """Holds the plans of a store's version against the rows of one load."""

    def __init__(self, layout: Layout, base: Manifest) -> None:
        self._layout = layout
        self._base = base
        self._plans = adoptions(base)
        self._found = {
            each.plan_id: PlanConflict(each.plan_id, each.practice_id) for each in self._plans
        }
        self.made = 0
        """Rows of ``named_gps`` that are no rows of the extract's own."""

    @property
    def conflicts(self) -> tuple[PlanConflict, ...]:
        """Return what differs, by plan in the order of adopting; nothing where all agree."""
        return tuple(each for each in self._found.values() if each.any)

    def _count(self, plan_id: str, **more: int) -> None:
        before = self._found[plan_id]
        self._found[plan_id] = replace(
            before, **{name: getattr(before, name) + number for name, number in more.items()}
        )

    def close_memberships(self, staged: Staged) -> None:
        """End staged memberships of other teams on the day on which a plan begins."""
        table = staged["team_members"]
        if not self._plans or not len(table):
            return
        practice = self._practices(staged)
        own = {team for plan in self._plans for team in plan.teams}
        only = {plan.plan_id: self._people(plan) for plan in self._plans if not plan.everybody}
        for index, (start, rows) in enumerate(table.batches()):
            if start >= table.restaged:
                ends = self._ends(rows, practice, own, only)
                if ends is not None:
                    place = rows.schema.get_field_index("to_date")
                    field = rows.schema.field(place)
                    table.replace(index, rows.set_column(place, field, ends))

    def _ends(
        self,
        rows: Any,
        practice: Practices,
        own: set[str],
        only: Mapping[str, set[int]],
    ) -> Any:
        """Return the new ``to_date`` of memberships, None where all stay as they are."""
        ends: list[Any] = rows.column("to_date").to_pylist()
        columns = [rows.column(name).to_pylist() for name in ("team_id", "staff", "from_date")]
        changed = False
        for place, (team, staff, begin) in enumerate(zip(*columns, strict=True)):
            if team in own:
                continue
            for plan in self._plans:
                if practice.of(team, staff) != plan.practice:
                    continue
                if staff not in only.get(plan.plan_id, {staff}):
                    continue
                if begin is not None and begin >= plan.from_date:
                    self._count(plan.plan_id, members_later=1)
                elif ends[place] is None or ends[place] > plan.from_date:
                    ends[place] = plan.from_date
                    changed = True
                    self._count(plan.plan_id, members_held=1)
        return pa.array(ends, pa.date32()) if changed else None

    def _people(self, plan: Adoption) -> set[int]:
        """Return the staff codes of a plan's own teams."""
        rows = _stored(self._layout, self._base, "team_members", ("team_id", "staff"))
        mine = pc.is_in(rows.column("team_id"), value_set=pa.array(plan.teams, pa.string()))
        return set(rows.filter(mine).column("staff").to_pylist())

    def _practices(self, staged: Staged) -> Practices:
        names = ("team_id", "practice"), ("staff", "practice")
        found: list[dict[Any, int]] = []
        for table, columns in zip(("teams", "staff"), names, strict=True):
            rows = [_stored(self._layout, self._base, table, columns)]
            rows += [batch.select(columns) for _, batch in staged[table].batches()]
            keys, places = (pa.concat_tables(rows).column(name).to_pylist() for name in columns)
            found.append(dict(zip(keys, places, strict=True)))
        return Practices(*found)

    def hold_named(self, staged: Staged, drops: Drops, day: int) -> None:
        """Let the extract's later changes hold, and count where it says other than a plan.

        ``day`` is the extract's own: what it gives as the current named GP holds from then on
        where that has changed since the last extract. Call it when rows are matched.
        """
        if not self._plans:
            return
        rows = self._dated(staged, drops)
        if not rows.plan.any():
            return
        newest = _last(rows.patient, rows.start, rows.loaded, among=rows.plan)
        plans = Planned(
            rows.patient[newest], rows.staff[newest], rows.start[newest], rows.source[newest]
        )
        self._count_dated(plans, staged["named_gps"])
        self._take_current(plans, rows, staged, drops, day)

    def _dated(self, staged: Staged, drops: Drops) -> Dated:
        """Return the named GPs that the new version would have so far."""
        parts: list[Any] = []
        for entry in self._base.tables["named_gps"].files:
            rows = read_file(self._layout, entry, list(_NAMED))
            mask = drops.mask(entry)
            parts.append(rows if mask is None else rows.filter(pa.array(~mask)))
        parts += [rows.select(_NAMED) for rows in staged["named_gps"].kept()]
        schema = stored_schema("named_gps", self._base.identifiable)
        empty = pa.schema([schema.field(name) for name in _NAMED]).empty_table()
        return Dated(pa.concat_tables([empty, *parts]))

    def _count_dated(self, plans: Planned, staged: StagedTable) -> None:
        """Compare the extract's own dated rows with the plan's."""
        parts = [rows.select(_NAMED[:4]) for at, rows in staged.batches() if at >= staged.restaged]
        if not parts:
            return
        rows = Dated(pa.concat_tables(parts))
        place = plans.find(rows.patient)
        mine = np.flatnonzero(place >= 0)
        newest = mine[_last(rows.patient[mine], rows.start[mine], mine)]
        at = place[newest]
        differs = rows.staff[newest] != plans.staff[at]
        later = rows.start[newest] >= plans.start[at]
        still = ~later & (rows.end[newest] > plans.start[at])
        self._count_by_plan(plans.plan[at[differs & later]], "named_changed")
        self._count_by_plan(plans.plan[at[differs & still]], "named_held")

    def _take_current(
        self, plans: Planned, rows: Dated, staged: Staged, drops: Drops, day: int
    ) -> None:
        """Compare the current named GPs of the extract's patients with the plan's.

        Of patients with dated rows from extracts, those speak.
        """
        patient, named = _current(staged["patients"])
        place = plans.find(patient)
        place[np.isin(patient, rows.patient[rows.extract])] = -1
        mine = (place >= 0) & (named >= 0)
        patient, named, place = patient[mine], named[mine], place[mine]
        before = self._before(patient)
        given = "named_staff_id" in self._base.given.get("patients", ())
        changed = (named != before) & (given | (before >= 0))
        force = rows.in_force(patient, day)
        new = changed & (force != named)
        later = new & (day >= plans.start[place])
        held = (named != plans.staff[place]) & ~later & ~(changed & ~new)
        self._count_by_plan(plans.plan[place[later]], "named_changed")
        self._count_by_plan(plans.plan[place[held]], "named_held")
        self._add(staged["named_gps"], drops, patient[new], named[new], day)

    def _before(self, patient: Int64) -> Int64:
        """Return the named GP that the store's last extract gave each patient, -1 for none."""
        found = np.full(len(patient), -1, np.int64)
        order = np.argsort(patient)
        for entry in self._base.tables["patients"].files:
            rows = read_file(self._layout, entry, ["patient", "named_staff"])
            codes = rows.column("patient").to_numpy()
            at = np.minimum(np.searchsorted(patient, codes, sorter=order), len(patient) - 1)
            hit = patient[order[at]] == codes if len(patient) else np.zeros(len(codes), np.bool_)
            found[order[at[hit]]] = rows.column("named_staff").to_numpy()[hit]
        return found

    def _add(
        self, staged: StagedTable, drops: Drops, patient: Int64, staff: Int64, day: int
    ) -> None:
        """Stage a dated row from the extract's day on."""
        if not len(patient):
            return
        schema = stored_schema("named_gps", self._base.identifiable)
        size = len(patient)
        begin = pa.array(np.full(size, day, np.int32)).view(pa.date32())
        columns = {
            "patient": patient.astype(np.int32),
            "staff": staff.astype(np.int32),
            "from_date": begin,
            "to_date": pa.nulls(size, pa.date32()),
            "source": pa.array([CURRENT_SOURCE] * size, pa.string()),
            "loaded": np.full(size, self._base.version + 1, np.int32),
        }
        rows = pa.table([columns[name] for name in schema.names], schema=schema)
        keys = row_keys("named_gps", rows)
        for entry in self._base.tables["named_gps"].files:
            old = read_file(self._layout, entry, ["patient", "staff", "from_date"])
            drops.add(entry, np.flatnonzero(np.isin(row_keys("named_gps", old), keys)))
        staged.append(rows)
        staged.key = np.concatenate([staged.key, keys])
        staged.keep = np.concatenate([staged.keep, np.ones(size, np.bool_)])
        self.made += size

    def _count_by_plan(self, sources: npt.NDArray[Any], name: str) -> None:
        for source, number in zip(*np.unique(sources.astype(str), return_counts=True), strict=True):
            plan_id = str(source).removeprefix(PLAN_SOURCE)
            if plan_id in self._found:
                self._count(plan_id, **{name: int(number)})


@dataclass(frozen=True)
class Practices:
    """Which practice a team is of."""

    teams: dict[Any, int]
    staff: dict[Any, int]

    def of(self, team: str, staff: int) -> int | None:
        """Return the practice code of a team; one known by its members alone is theirs."""
        return self.teams.get(team, self.staff.get(staff))


class Dated:
    """Rows of named GPs as arrays."""

    def __init__(self, rows: Any) -> None:
        self.patient = as_integers(rows.column("patient"))
        self.staff = as_integers(rows.column("staff"))
        self.start = as_integers(rows.column("from_date"))
        end = as_integers(rows.column("to_date"))
        self.end = np.where(end == _ALWAYS, _NEVER, end)
        if "source" in rows.column_names:
            self.loaded = as_integers(rows.column("loaded"))
            source = rows.column("source")
            self.source = np.array(source.to_pylist(), object)
            self.plan: Bools = pc.fill_null(pc.starts_with(source, PLAN_SOURCE), False).to_numpy()
            current = pc.fill_null(pc.equal(source, CURRENT_SOURCE), False).to_numpy()
            self.extract = ~self.plan & ~current

    def in_force(self, patient: Int64, day: int) -> Int64:
        """Return the staff code of each patient's row that holds on a day, -1 for none."""
        holds = (self.start <= day) & (self.end > day)
        rows = _last(self.patient, self.start, self.loaded, among=holds)
        known = self.patient[rows]
        at = np.minimum(np.searchsorted(known, patient), max(len(known) - 1, 0))
        if not len(known):
            return np.full(len(patient), -1, np.int64)
        return np.where(known[at] == patient, self.staff[rows[at]], -1)


@dataclass(frozen=True)
class Planned:
    """The newest row of a plan of each patient who has one, by patient."""

    patient: Int64
    staff: Int64
    start: Int64
    plan: npt.NDArray[Any]
    """The row's source."""

    def find(self, patient: Int64) -> Int64:
        """Return where each patient is, -1 for those without a plan's row."""
        at = np.minimum(np.searchsorted(self.patient, patient), len(self.patient) - 1)
        return np.where(self.patient[at] == patient, at, -1)


def _last(patient: Int64, *order: Int64, among: Bools | None = None) -> Int64:
    """Return the row of each patient that comes last by these columns, by patient."""
    rows = np.arange(len(patient)) if among is None else np.flatnonzero(among)
    keys: Sequence[Int64] = [column[rows] for column in reversed(order)]
    rows = rows[np.lexsort((*keys, patient[rows]))]
    last = np.ones(len(rows), np.bool_)
    last[:-1] = patient[rows[1:]] != patient[rows[:-1]]
    return rows[last]


def _current(staged: StagedTable) -> tuple[Int64, Int64]:
    """Return the patients of a load, ascending, and the named GP it has for each, -1 for none."""
    parts = list(_extract_rows(staged))
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    rows = pa.concat_tables(parts)
    patient = as_integers(rows.column("patient"))
    newest = _last(patient, np.arange(len(patient)))
    return patient[newest], as_integers(rows.column("named_staff"))[newest]


def _extract_rows(staged: StagedTable) -> Iterator[Any]:
    for at, rows in staged.batches():
        if at >= staged.restaged:
            yield rows.select(["patient", "named_staff"])


def _stored(layout: Layout, base: Manifest, table: str, columns: Sequence[str]) -> Any:
    schema = stored_schema(table, base.identifiable)
    parts = [read_file(layout, entry, list(columns)) for entry in base.tables[table].files]
    empty = pa.schema([schema.field(name) for name in columns]).empty_table()
    return pa.concat_tables([empty, *(part.select(list(columns)) for part in parts)])


def extract_day(staged: StagedTable, given: int | None, today: int) -> int:
    """Return the day whose state an extract gives: as said, its last contact's, or today."""
    from datetime import date

    from hamlets.records.store.contacts import contact_days

    if given is not None:
        return given
    days = [contact_days(rows)[2] for _, rows in staged.batches()]
    last = max(filter(None, days), default=None)
    return today if last is None else day_number(date.fromisoformat(last))
