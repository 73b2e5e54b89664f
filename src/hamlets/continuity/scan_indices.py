"""Patient indices of one home practice, added up by group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hamlets.continuity import indices, ratios
from hamlets.continuity.attributes import N_BANDS, n_band
from hamlets.continuity.cohorts import COHORTS
from hamlets.continuity.columns import Int32
from hamlets.continuity.definitions import LEVELS
from hamlets.continuity.dimensions import Cells, Codes, Int64, combine, combine_each
from hamlets.continuity.estimates import Floats
from hamlets.continuity.plan import IndexGrouping
from hamlets.continuity.yields import PatientRows, SharedCare, View, constant, take

NOTHING = np.empty(0, dtype=np.int32)
Around = tuple[Sequence[Codes], Sequence[Codes]]
"""Codes before and after a grouping's own."""


@dataclass(frozen=True)
class Segments:
    """Runs of contacts that one set of indices is computed on.

    A segment is a patient; or, where contacts are grouped by an attribute of
    their own, a patient's contacts with one value of it (``kinds``).
    """

    low: Int32
    high: Int32
    who: Int32
    team: Int32
    where: Int32
    patient: Int32
    kinds: tuple[Codes, ...] = ()

    @property
    def sizes(self) -> Int32:
        return self.high - self.low


def _whole_patients(view: View) -> Segments:
    c = view.contacts
    everyone = np.arange(len(c.low), dtype=np.int32)
    return Segments(c.low, c.high, c.who, c.team, c.where, everyone)


def _by_attribute(view: View, groups: tuple[str, ...]) -> Segments:
    c = view.contacts
    codes = [view.attributes.of_contacts(g) for g in groups]
    cells = combine(codes, len(c.who))
    patient = np.repeat(np.arange(len(c.low), dtype=np.int32), np.diff(c.offset))
    position = np.arange(len(c.who))
    inside = (position >= c.low[patient]) & (position < c.high[patient])
    keep = np.flatnonzero(inside & (cells.values >= 0))
    key = patient[keep].astype(np.int64) * cells.count + cells.values[keep]
    order = np.argsort(key, kind="stable")
    keep, key = keep[order], key[order]
    low = np.flatnonzero(np.diff(key, prepend=-1)).astype(np.int32)
    high = np.append(low[1:], len(key)).astype(np.int32)[: len(low)]
    first = keep[low]
    return Segments(
        low,
        high,
        np.ascontiguousarray(c.who[keep]),
        np.ascontiguousarray(c.team[keep]),
        np.ascontiguousarray(c.where[keep]),
        patient[first],
        tuple(take(code, first.astype(np.int32)) for code in codes),
    )


def _cells(view: View, grouping: IndexGrouping, s: Segments, around: Around) -> list[Cells]:
    """Return the groups of the segments: one set of cells, or one for each cohort."""
    before, after = around
    sets: list[list[Codes]] = []
    for name in COHORTS if "cohort" in grouping.patient else (None,):
        codes: list[Codes] = []
        for group in grouping.patient:
            if group == "cohort" and name is not None:
                codes.append(take(view.attributes.cohort_codes(name), s.patient))
            elif group == "n_band":
                codes.append(Codes(n_band(s.sizes), view.context.labels.codes(group, N_BANDS)))
            else:
                codes.append(take(view.attributes.of_patients(group), s.patient))
        sets.append([*before, *codes, *after])
    return combine_each(sets, len(s.patient))


def tallies(view: View) -> tuple[Int32, Int32]:
    """Return the zeroed tally and the scratch list that counting a sequence needs."""
    c = view.contacts
    teams = len(view.context.reference.team_labels)
    codes = max(teams + len(c.people), len(c.places)) + 1
    return view.work.zeros("tally", codes), view.work.array("touched", codes)


def x_log_x(largest: int) -> npt.NDArray[np.float64]:
    """Return n log2 n for n = 0 .. largest."""
    n = np.arange(largest + 1, dtype=np.float64)
    n[1:] *= np.log2(n[1:])
    return n


def count_shares(view: View, kind: str, grouping: object, s: Segments, hidden: list[Codes]) -> None:
    """Count contacts by practice (and attribute) and clinician, and by place of contact."""
    base = combine([*hidden, *s.kinds], len(s.patient))
    c = view.contacts
    kinds = [(kind, s.who, c.people)]
    if "practice" in view.context.plan.levels:
        kinds.append((f"{kind}_places", s.where, c.places))
    for name, code, shared in kinds:
        tally = np.zeros(base.count * max(len(shared), 1), dtype=np.int32)
        ratios.count_codes(s.low, s.high, base.values, NOTHING, False, code, len(shared), tally)
        view.add_counts(name, grouping, base, tally, shared)


def add_index_groupings(view: View, groupings: Sequence[IndexGrouping]) -> None:
    """Add groupings that use the same contacts: keys are month, home, class, groups, n."""
    if not groupings:
        return
    contact = groupings[0].contact
    s = _by_attribute(view, contact) if contact else _whole_patients(view)
    month = constant(view.month, len(s.patient))
    home = take(view.attributes.homes(), s.patient)
    count_shares(view, "index_shares", (view.month >= 0, contact), s, [month, home])
    sizes = np.unique(s.sizes[s.sizes > 0]).astype(np.int32)
    if len(sizes) == 0:
        return
    slot = np.zeros(int(sizes[-1]) + 1, dtype=np.int32)
    slot[sizes] = np.arange(len(sizes), dtype=np.int32)
    hidden = [month, home, take(view.classes, s.patient), *s.kinds]
    size_codes = Codes(slot[s.sizes], sizes)
    size_codes.values[s.sizes == 0] = -1
    made = [(g, _cells(view, g, s, (hidden, [size_codes]))) for g in groupings]
    starts = np.cumsum([0] + [cells[0].count for _, cells in made])
    levels = view.context.plan.levels
    sums = np.zeros((int(starts[-1]), 1 + indices.LEVEL_WIDTH * len(levels)), dtype=np.int64)
    cell = np.stack([each.values for _, cells in made for each in cells])
    offset = np.repeat(starts[:-1], [len(cells) for _, cells in made]).astype(np.int32)
    indices.add_indices(
        s.low, s.high, s.who, s.team, s.where,
        np.array([int(level in levels) for level in LEVELS], dtype=np.uint8),
        x_log_x(int(sizes[-1])), cell, offset, *tallies(view), sums,
    )  # fmt: skip
    for (grouping, cells), start in zip(made, starts[:-1].tolist(), strict=True):
        block = sums[start : start + cells[0].count]
        used = np.flatnonzero(block[:, 0])
        view.result.add("index", grouping, cells[0].keys(used), block[used])


def _distinct(codes: Int32, low: Int32, high: Int32, width: int) -> tuple[Int32, Int32]:
    """Return each segment's distinct codes, with offsets."""
    sizes = np.maximum(high - low, 0)
    segment = np.repeat(np.arange(len(low), dtype=np.int64), sizes)
    inside = np.arange(len(segment)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    pairs = np.unique(segment * width + codes[np.repeat(low, sizes) + inside])
    owner, code = np.divmod(pairs, width)
    offset = np.searchsorted(owner, np.arange(len(low) + 1)).astype(np.int32)
    return offset, code.astype(np.int32)


def _shared_codes(view: View, level: str, s: Segments) -> Int32:
    """Return each contact's clinician, team or place as a code shared by all practices."""
    c, reference = view.contacts, view.context.reference
    if level == "practice":
        return c.places[s.where] if len(s.where) else NOTHING
    if level == "clinician" or not len(s.team):
        return c.people[s.who] if len(s.who) else NOTHING
    teams = len(reference.team_labels)
    lone = s.team >= teams
    people = c.people[np.where(lone, s.team - teams, 0)]
    return np.where(lone, teams + people, s.team).astype(np.int32)


def add_care(view: View, by: tuple[str, ...]) -> None:
    """Keep what care density needs of every segment of one grouping, for each level."""
    grouping = IndexGrouping(by)
    s = _by_attribute(view, grouping.contact) if grouping.contact else _whole_patients(view)
    month = constant(view.month, len(s.patient))
    scope = combine([month, *s.kinds], len(s.patient))
    kinds = dict(zip(grouping.contact, s.kinds, strict=True))
    who: list[Int32] = []
    keys: list[Int64] = []
    ahead = [month, *kinds.values()]
    names = ["month", *kinds, *grouping.patient]
    for cells in _cells(view, grouping, s, (ahead, ())):
        inside = np.flatnonzero((cells.values >= 0) & (s.sizes > 0)).astype(np.int32)
        who.append(inside)
        made = cells.keys(cells.values[inside].astype(np.int64))
        keys.append(made[:, [names.index(g) for g in by]])
    scope_code = np.zeros(len(s.patient), dtype=np.int64)
    shared = scope.keys(scope.values.astype(np.int64))
    for column in range(shared.shape[1]):
        # attribute codes are small: months count from year 0, words from a vocabulary
        scope_code = scope_code * 100_000 + shared[:, column] + 1
    reference = view.context.reference
    width = reference.people + len(reference.team_labels) + len(reference.practice_labels) + 1
    for level in view.context.plan.levels:
        codes = _shared_codes(view, level, s)
        offset, people = _distinct(codes, s.low, s.high, width)
        care = SharedCare(
            scope_code, s.sizes, offset, people, np.concatenate(who), np.concatenate(keys)
        )
        view.result.care.setdefault((level, by), []).append(care)


def add_patients(view: View) -> None:
    """Keep the counts of every single patient (``--by patient``)."""
    c, plan = view.contacts, view.context.plan
    s = _whole_patients(view)
    if len(s.sizes) == 0:
        return
    table = x_log_x(int(s.sizes.max(initial=1)))
    counts: dict[str, Int64] = {}
    bits: dict[str, Floats] = {}
    for level, codes in zip(LEVELS, (s.who, s.team, s.where), strict=True):
        if level in plan.levels:
            result = np.zeros((len(s.patient), 5), dtype=np.int64)
            bits[level] = np.zeros(len(s.patient))
            indices.patient_counts(s.low, s.high, codes, table, *tallies(view), result, bits[level])
            counts[level] = result
    classes = view.classes.shared[view.classes.values]
    patients = view.attributes.patients.codes
    view.result.patients.append(PatientRows(patients, c.home.copy(), classes, counts, bits))
    month = constant(-1, len(s.patient))
    count_shares(view, "index_shares", "patients", s, [month, view.attributes.homes()])
