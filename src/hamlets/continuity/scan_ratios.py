"""Ratios, waterfall and own patients of one home practice, added up by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hamlets.continuity import ratios
from hamlets.continuity.cohorts import COHORTS
from hamlets.continuity.columns import Int32
from hamlets.continuity.dimensions import (
    LARGEST,
    Cells,
    Codes,
    Int64,
    combine,
    combine_each,
    distinct_codes,
)
from hamlets.continuity.lists import ListHolders
from hamlets.continuity.plan import RatioGrouping
from hamlets.continuity.yields import View, constant, take

NOTHING = np.empty(0, dtype=np.int32)


@dataclass(frozen=True)
class Layout:
    """Groups of one grouping: a cell is the patient's, or the patient's times the contact's."""

    hidden: int
    names: tuple[str, ...]
    """Groups in the order of the key columns behind the hidden ones."""
    patients: Cells
    contacts: Cells | None
    sets: tuple[tuple[Int32, Int32], ...]
    """(base of each patient, cell of each contact): one pair, or one for each cohort."""

    @property
    def count(self) -> int:
        return self.patients.count * (self.contacts.count if self.contacts else 1)

    def keys(self, groups: Int64, by: Sequence[str]) -> Int64:
        """Return the hidden columns, then the groups in the order of ``by``."""
        if self.contacts is None:
            keys = self.patients.keys(groups)
        else:
            patient, contact = np.divmod(groups, self.contacts.count)
            keys = np.hstack([self.patients.keys(patient), self.contacts.keys(contact)])
        order = [*range(self.hidden), *(self.hidden + self.names.index(g) for g in by)]
        return keys[:, order]


def _layout(
    view: View,
    patient_groups: Sequence[str],
    contact_codes: dict[str, Codes],
    hidden: list[Codes],
) -> Layout:
    made = view.attributes
    size = len(view.contacts.low)
    sets: list[list[Codes]] = []
    for name in COHORTS if "cohort" in patient_groups else (None,):
        codes = [
            made.cohort_codes(name) if g == "cohort" and name else made.of_patients(g)
            for g in patient_groups
        ]
        sets.append([*hidden, *codes])
    patients = combine_each(sets, size)
    names = (*patient_groups, *contact_codes)
    if not contact_codes:
        pairs = tuple((cells.values, NOTHING) for cells in patients)
        return Layout(len(hidden), names, patients[0], None, pairs)
    contacts = combine(list(contact_codes.values()), len(view.contacts.who))
    if patients[0].count * contacts.count <= LARGEST:
        pairs = tuple(
            (
                np.where(p.values < 0, -1, p.values * contacts.count).astype(np.int32),
                contacts.values,
            )
            for p in patients
        )
        return Layout(len(hidden), names, patients[0], contacts, pairs)
    # too many combinations to lay out: number those that contacts really have
    patient = np.repeat(np.arange(size, dtype=np.int32), np.diff(view.contacts.offset))
    long = [[*(take(codes, patient) for codes in each), *contact_codes.values()] for each in sets]
    cells = combine_each(long, len(view.contacts.who))
    everyone = combine([], size)
    pairs = tuple((everyone.values, each.values) for each in cells)
    return Layout(len(hidden), names, everyone, cells[0], pairs)


def _scratch(view: View, groups: int) -> tuple[Int32, Int64]:
    """Return the line of each group (all -1) and room for the busiest patient's lines."""
    c = view.contacts
    busiest = int((c.high - c.low).max(initial=0)) + 1
    lines = np.empty((busiest, ratios.WORDS), dtype=np.int64)
    return np.full(groups, -1, dtype=np.int32), lines


def _count(view: View, layout: Layout, code: Int32, codes: int) -> Int32:
    """Return contacts by (group, code)."""
    c = view.contacts
    tally = np.zeros(layout.count * max(codes, 1), dtype=np.int32)
    varying = layout.contacts is not None
    for base, contact_cell in layout.sets:
        ratios.count_codes(c.low, c.high, base, contact_cell, varying, code, codes, tally)
    return tally


def _keep_counts(
    view: View, kind: str, grouping: object, layout: Layout, by: Sequence[str], code: Codes
) -> None:
    width = max(len(code.shared), 1)
    tally = _count(view, layout, code.values, width)
    used = np.flatnonzero(tally)
    group, local = np.divmod(used, width)
    keys = np.hstack([layout.keys(group, by), code.shared[local][:, None].astype(np.int64)])
    view.result.add(kind, grouping, keys, tally[used][:, None].astype(np.int64))


def _teams_in_epochs(view: View) -> Codes:
    """Return each contact's list's team and epoch as one code (team * epochs + epoch)."""
    c, epochs = view.contacts, view.context.epochs
    count = len(epochs) + 1
    size = len(view.context.reference.team_labels) * count
    if "team" not in view.context.plan.levels or size == 0:
        return Codes(np.full(len(c.who), -1, dtype=np.int32), np.empty(0, dtype=np.int32))
    team = c.named_team
    values = np.where(team < 0, -1, team * count)
    if count > 1:
        values += np.where(team < 0, 0, np.searchsorted(epochs, c.day, side="right"))
    return distinct_codes(values.astype(np.int32))


def _add_sums(
    view: View, grouping: RatioGrouping, layout: Layout, packed: Int64, totals: Int64
) -> None:
    c = view.contacts
    sums = np.zeros((layout.count, ratios.SUM_WIDTH), dtype=np.int64)
    if layout.contacts is None:
        for base, _ in layout.sets:
            ratios.add_by_patient(totals, base, sums)
    else:
        line_of, lines = _scratch(view, layout.count)
        for base, contact_cell in layout.sets:
            ratios.add_by_contact(
                c.low, c.high, packed, totals, base, contact_cell, line_of, lines, sums
            )
    used = np.flatnonzero(sums[:, 0])
    view.result.add("ratio", grouping, layout.keys(used, grouping.by), sums[used])


def _add_lists(view: View, grouping: RatioGrouping, layout: Layout, teams: Codes) -> None:
    """Keep contacts by list and by team, from which chance takes its part (point 13)."""
    c = view.contacts
    lists, size = max(len(c.lists), 1), max(len(teams.shared), 1)
    named = np.append(c.named, lists).astype(np.int32)
    team_epoch = np.append(teams.values, size).astype(np.int32)
    by_list = np.zeros(layout.count * 2 * lists, dtype=np.int32)
    by_team = np.zeros(layout.count * size, dtype=np.int32)
    varying = layout.contacts is not None
    for base, contact_cell in layout.sets:
        ratios.count_named(
            c.low, c.high, base, contact_cell, varying, named, team_epoch, by_list, by_team
        )
    by = grouping.by
    used = np.flatnonzero(by_list)
    group, place = np.divmod(used, 2 * lists)
    alone, local = np.divmod(place, lists)
    keys = [layout.keys(group, by), alone[:, None], c.lists[local][:, None].astype(np.int64)]
    view.result.add(
        "ratio_lists", grouping, np.hstack(keys), by_list[used][:, None].astype(np.int64)
    )
    used = np.flatnonzero(by_team)
    group, local = np.divmod(used, size)
    keys = [layout.keys(group, by), teams.shared[local][:, None].astype(np.int64)]
    view.result.add(
        "ratio_teams", grouping, np.hstack(keys), by_team[used][:, None].astype(np.int64)
    )


def add_ratio_groupings(view: View) -> None:
    """Add slicc, same_as_previous and waterfall: keys are home, class, groups."""
    plan, made, c = view.context.plan, view.attributes, view.contacts
    if not plan.ratio:
        return
    people, places = Codes(c.who, c.people), Codes(c.where, c.places)
    teams = _teams_in_epochs(view)
    for contact in dict.fromkeys(g.contact for g in plan.ratio):
        codes = {g: made.of_contacts(g) for g in contact}
        layout = _layout(view, (), codes, [made.homes()])
        _keep_counts(view, "ratio_shares", contact, layout, contact, people)
        if "practice" in plan.levels:
            _keep_counts(view, "ratio_shares_places", contact, layout, contact, places)
    packed = view.work.array("packed", len(c.who) * ratios.WORDS, np.int64)
    packed = packed[: len(c.who) * ratios.WORDS].reshape(-1, ratios.WORDS)
    ratios.pack_contacts(c.offset, c.who, c.team, c.where, c.named, c.flags, c.step, packed)
    totals = np.empty((len(c.low), ratios.WORDS), dtype=np.int64)
    ratios.patient_totals(c.low, c.high, packed, totals)
    for grouping in plan.ratio:
        codes = {g: made.of_contacts(g) for g in grouping.varying}
        layout = _layout(view, grouping.patient, codes, [made.homes(), view.classes])
        _add_sums(view, grouping, layout, packed, totals)
        if "slicc" in plan.ratio[grouping]:
            _add_lists(view, grouping, layout, teams)


def _holder_codes(view: View, holders: ListHolders) -> Codes:
    """Return the practice in whose scope a list-holder gave each contact, -1 for others."""
    c, reference = view.contacts, view.context.reference
    main = holders.main(reference.people, reference.place_rank)[c.people]
    homes = c.home[c.home >= 0]
    practices = np.unique(np.concatenate([homes, c.places, main[main >= 0]])).astype(np.int32)
    home = np.searchsorted(practices, c.home).astype(np.int32)
    home[c.home < 0] = -1
    place = np.searchsorted(practices, c.places).astype(np.int32)
    main_local = np.searchsorted(practices, main).astype(np.int32)
    main_local[main < 0] = -1
    holds = np.ascontiguousarray(holders.holds(practices, c.people))
    holder = np.full(len(c.who), -1, dtype=np.int32)
    where = place[c.where] if len(c.where) else NOTHING
    ratios.list_holder_practice(c.low, c.high, home, c.who, where, holds, main_local, holder)
    return Codes(holder, practices if len(practices) else np.array([-1], dtype=np.int32))


def _own_codes(view: View, group: str, holder: Codes) -> Codes:
    """Return the group of a contact given by a list-holder: the holder's, or the contact's."""
    c, context = view.contacts, view.context
    if group == "practice":
        return holder
    if group in ("network", "borough"):
        table = context.places.network if group == "network" else context.places.borough
        return Codes(holder.values, table[holder.shared])
    if group == "list":
        return Codes(c.who, c.people if len(c.people) else np.array([-1], dtype=np.int32))
    if group == "team":
        last = context.maps[context.window].last[c.people]
        shared = np.unique(last[last >= 0]).astype(np.int32)
        local = np.searchsorted(shared, last).astype(np.int32)
        local[last < 0] = -1
        values = local[c.who] if len(c.who) else NOTHING
        return Codes(values, shared if len(shared) else np.array([-1], dtype=np.int32))
    return view.attributes.of_contacts(group)


_OF_HOLDER = ("practice", "network", "borough", "list", "team")


def add_own_groupings(view: View) -> None:
    """Add own patients of list-holders (opr): keys are the groups alone.

    Beside the sums: contacts given by (groups, practice, holder), and contacts of
    each list by practice, which is what chance needs (definitions, point 13).
    """
    groupings, holders = view.context.plan.own, view.context.holders
    if not groupings or holders is None:
        return
    made, c = view.attributes, view.contacts
    holder = _holder_codes(view, holders)
    holder_values = holder.values
    people = max(len(c.people), 1)
    given = np.where(holder_values < 0, -1, holder_values * people + c.who).astype(np.int32)
    pairs = Codes(given, np.arange(holder.size * people, dtype=np.int32))
    for contact in dict.fromkeys(g.contact for g in groupings):
        codes = {g: made.of_contacts(g) for g in contact}
        layout = _layout(view, (), codes, [made.homes()])
        _keep_counts(view, "own_lists", contact, layout, contact, Codes(c.named, c.lists))
        _keep_counts(view, "own_people", contact, layout, contact, Codes(c.who, c.people))
    for grouping in groupings:
        of_contact = [g for g in grouping.by if g in _OF_HOLDER or g in grouping.varying]
        codes = {g: _own_codes(view, g, holder) for g in of_contact}
        if not codes:
            codes = {"": constant(0, len(c.who))}
        patient = [g for g in grouping.by if g not in of_contact]
        layout = _layout(view, patient, codes, [])
        lines, counts = _scratch(view, layout.count)
        sums = np.zeros((layout.count, 6), dtype=np.int64)
        for base, contact_cell in layout.sets:
            ratios.add_own_patients(
                c.low, c.high, base, contact_cell, holder_values, c.flags, lines, counts, sums
            )
        used = np.flatnonzero(sums[:, 0])
        view.result.add("own", grouping, layout.keys(used, grouping.by), sums[used])
        tally = _count(view, layout, pairs.values, holder.size * people)
        used = np.flatnonzero(tally)
        group, pair = np.divmod(used, holder.size * people)
        practice, person = np.divmod(pair, people)
        keys = np.hstack(
            [
                layout.keys(group, grouping.by),
                holder.shared[practice][:, None].astype(np.int64),
                c.people[person][:, None].astype(np.int64),
            ]
        )
        view.result.add("own_given", grouping, keys, tally[used][:, None].astype(np.int64))
