"""One pass over the store: each home practice is read once and added up by group.

Home practices are independent, so threads take them in turn; what each yields
are whole numbers by group, and sums of whole numbers do not depend on who was
first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import local

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.continuity.attributes import CONTACT_COLUMNS, Attributes, named_and_team_at
from hamlets.continuity.calendar import Window, ages_on
from hamlets.continuity.columns import Int32
from hamlets.continuity.contacts import (
    Workspace,
    map_teams,
    resolve_named,
    select_contacts,
)
from hamlets.continuity.dimensions import Codes
from hamlets.continuity.frame import Patients, births, read_patients
from hamlets.continuity.plan import IndexGrouping
from hamlets.continuity.scan_excluded import add_excluded
from hamlets.continuity.scan_indices import add_care, add_index_groupings, add_patients
from hamlets.continuity.scan_ratios import add_own_groupings, add_ratio_groupings
from hamlets.continuity.select import REASONS
from hamlets.continuity.spans import Span, chosen_spans
from hamlets.continuity.teammap import SEVERAL, TeamMap
from hamlets.continuity.yields import Context, View, Yield, constant

Flags = npt.NDArray[np.uint8]
NOBODY = np.empty(0, dtype=np.int32)
SPAN_ROWS = 250_000
"""Rows worked on at a time: enough to make light of each step, few enough for the cache."""
BASE_COLUMNS = ("patient", "start_day", "staff", "practice", "status", "mode")


def _columns(context: Context, need_roles: bool) -> list[str]:
    columns = [*BASE_COLUMNS, *(["role"] if need_roles else [])]
    for group, names in CONTACT_COLUMNS.items():
        if group in context.plan.groups:
            columns += [name for name in names if name not in columns]
    return columns


def _classes(team_map: TeamMap | None, patient_team: Int32, size: int) -> Codes:
    """Return codes of patients whose team maps differ: -1's class unless a shared member is here.

    Shared members count as the patient's own team, so chance shares depend on it.
    """
    same = constant(-1, size)
    if team_map is None or not (team_map.single == SEVERAL).any():
        return same
    matters = np.unique(team_map.teams)
    shared = np.concatenate([[-1], matters]).astype(np.int32)
    values = np.zeros(len(patient_team), dtype=np.int32)
    inside = np.isin(patient_team, matters)
    values[inside] = 1 + np.searchsorted(matters, patient_team[inside])
    return Codes(values, shared)


def _other_age(patients: Patients, ages: tuple[int, int] | None, day: int) -> Flags:
    """Return 1 for patients outside an age range (both ends in) on a day."""
    if ages is None:
        return np.zeros(patients.size, dtype=np.uint8)
    age = ages_on(births(patients), day)
    return ((age < ages[0]) | (age > ages[1])).astype(np.uint8)


@dataclass
class SpanScan:
    """A few home practices: rows and patients, read once, looked at window by window."""

    context: Context
    work: Workspace
    rows: pa.Table
    patients: Patients
    row_low: npt.NDArray[np.int64]
    row_high: npt.NDArray[np.int64]
    need_roles: bool
    result: Yield

    def view(self, window: Window, month: int) -> View:
        """Return the counted contacts of a window."""
        context, plan, patients = self.context, self.context.plan, self.patients
        contacts = select_contacts(
            self.rows, self.row_low, self.row_high, patients, context.reference, context.rules,
            window, self.work, self.need_roles, _other_age(patients, context.ages, window.last),
        )  # fmt: skip
        teams = "team" in plan.levels
        named_to, team_to = NOBODY, NOBODY
        if context.need_named:
            named_to, team_to = named_and_team_at(
                patients, context.reference, window.last, teams or "team" in plan.groups
            )
        elif teams:
            team_to = np.full(patients.size, -1, dtype=np.int32)
        made = Attributes(
            patients, contacts, self.rows, context.reference, context.labels, context.places,
            window, named_to, team_to, context.first_day, context.frequent,
        )  # fmt: skip
        team_map: TeamMap | None = None
        contacts.team = contacts.who
        if teams:
            team_map = map_teams(contacts, team_to, context.maps[window], self.work)
        classes = _classes(team_map, team_to, patients.size)
        return View(context, self.work, self.result, made, contacts, classes, month)


def open_span(context: Context, practices: tuple[int, ...], work: Workspace) -> SpanScan:
    """Read a few home practices."""
    plan = context.plan
    need_roles = context.rules.filter_roles or "role" in plan.groups or bool(plan.ratio)
    span = Span(context.store, practices)
    rows, keys = span.read("appointments", _columns(context, need_roles))
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    attributes = plan.attributes
    if context.ages:
        attributes = tuple(dict.fromkeys([*attributes, "birth_year"]))
    if "birth_year" in attributes and context.store.identifiable:
        attributes = (*attributes, "birth_date")
    patients = read_patients(span, context.reference, keys[starts], attributes, context.need_named)
    unregistered = np.diff(patients.registrations.offset) == 0
    if "start_second" not in rows.column_names and unregistered.any():
        # without a registration, ties of where a patient belongs go by time
        more, _ = span.read("appointments", ["patient", "start_second"])
        rows = rows.append_column("start_second", more.column("start_second"))
    low, high = patients.runs(keys, starts)
    result = Yield()
    result.count("rows", rows.num_rows)
    result.count("patients_as_at_extract", patients.as_at_extract)
    return SpanScan(context, work, rows, patients, low, high, need_roles, result)


def scan_span(context: Context, practices: tuple[int, ...], work: Workspace) -> Yield:
    """Return the sums of a few home practices for every window and grouping of the plan."""
    plan = context.plan
    scan = open_span(context, practices, work)
    single = [g for g in plan.index if not g.monthly]
    monthly = [g for g in plan.index if g.monthly]
    view = scan.view(context.window, -1)
    _count_facts(view)
    _indices(view, single)
    if plan.ratio or plan.own:
        resolve_named(view.contacts, scan.patients.named, context.reference, work)
        add_ratio_groupings(view)
        add_own_groupings(view)
    if plan.by_patient:
        add_patients(view)
    for by in plan.density_groups:
        if "month" not in by:
            add_care(view, by)
    for by in dict.fromkeys([*(g.by for g in single), *plan.ratio_groups]):
        add_excluded(view, by)
    for window in context.rolling if plan.monthly else ():
        view = scan.view(window, int(window.month or 0))
        _indices(view, monthly)
        for by in plan.density_groups:
            if "month" in by:
                add_care(view, by)
        for grouping in monthly:
            add_excluded(view, grouping.by)
    return scan.result


def _indices(view: View, groupings: Sequence[IndexGrouping]) -> None:
    """Add groupings that share a set of contacts in one go."""
    for contact in dict.fromkeys(g.contact for g in groupings):
        add_index_groupings(view, [g for g in groupings if g.contact == contact])


def _count_facts(view: View) -> None:
    contacts = view.contacts
    left_out = np.bincount(contacts.excluded_why, minlength=len(REASONS))
    for code, reason in enumerate(REASONS):
        view.result.count(reason, int(left_out[code]))
    n = contacts.high - contacts.low
    view.result.count("contacts", int(n.sum()))
    view.result.count("patients", int((n > 0).sum()))


def scan_store(
    context: Context, threads: int, progress: Callable[[int], None] | None = None
) -> Yield:
    """Return the sums of the whole store. ``progress`` is told the rows read, as they are read."""
    spans = chosen_spans(context.store, SPAN_ROWS, context.homes)
    reference = context.reference
    mine = local()

    def one(practices: tuple[int, ...]) -> Yield:
        if not hasattr(mine, "work"):
            mine.work = Workspace(reference.people, len(reference.practice_labels))
        result = scan_span(context, practices, mine.work)
        if progress is not None:
            progress(result.facts["rows"])
        return result

    total = Yield()
    if threads <= 1 or len(spans) <= 1:
        for practices in spans:
            total.merge(one(practices))
        return total
    with ThreadPoolExecutor(threads) as pool:
        for result in pool.map(one, spans):
            total.merge(result)
    return total
