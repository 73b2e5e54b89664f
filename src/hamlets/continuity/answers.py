"""Answers from the sums of a pass: one block for each measure and level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from hamlets.continuity import ratios
from hamlets.continuity.blocks import Block, blank
from hamlets.continuity.calendar import Window
from hamlets.continuity.definitions import LEVELS, MEASURES, STEPS
from hamlets.continuity.dimensions import (
    Int64,
    distinct_rows,
    find_rows,
    practice_of_lists,
    sum_rows,
    total_by,
)
from hamlets.continuity.estimates import (
    STATISTIC,
    Floats,
    best_of,
    corrected,
    line_of,
    mean_interval,
    ratio_interval,
    totals_of,
)
from hamlets.continuity.indices import LEVEL_WIDTH
from hamlets.continuity.levels import Expected, ParentKey, Shares, as_shares, counts_at
from hamlets.continuity.plan import CONTACT_GROUPS, IndexGrouping, RatioGrouping
from hamlets.continuity.ratios import NAMED_AT, PAIRS_AT
from hamlets.continuity.teammap import TeamMap
from hamlets.continuity.yields import Context, Piece, Yield

NO_NAMED = "no contact on a day with a named GP"
NO_PAIR = "no patient has 2 contacts"
NO_HOLDER = "no contact given by a GP who holds a list"


@dataclass
class Answers:
    """Turns the sums of a pass into blocks."""

    context: Context
    found: Yield
    threads: int
    min_contacts: int | None
    _expectations: dict[Any, Expected] = field(default_factory=dict)

    @property
    def levels(self) -> tuple[str, ...]:
        return self.context.plan.levels

    def minimum(self, index: str) -> int:
        """Return the smallest n an index is given for."""
        measure = MEASURES[index]
        if self.min_contacts is None:
            return measure.minimum
        return max(measure.fewest, self.min_contacts)

    def _map(self, month: int) -> TeamMap:
        """Return the team map of a rolling window, or the main one's for month -1."""
        for window in self.context.rolling if month >= 0 else ():
            if window.month == month:
                return self.context.maps[window]
        return self.context.maps[self.context.window]

    # ---- patient indices

    def indices(self, by: tuple[str, ...], wanted: Sequence[str], level: str) -> Iterator[Block]:
        """Yield a block for each patient index of one grouping and level."""
        grouping = IndexGrouping(by)
        kinds = len(grouping.contact)
        columns = 3 + kinds + len(grouping.patient) + 1
        width = 1 + LEVEL_WIDTH * len(self.levels)
        piece = self.found.total("index", grouping, columns, width)
        visible = grouping.visible
        sizes = piece.keys[:, -1]
        keys, place = distinct_rows(piece.keys[:, visible])
        expected = self._expected(piece, grouping, kinds, level, wanted)
        at = 1 + LEVEL_WIDTH * self.levels.index(level)
        # whole numbers first, so that the order of practices cannot matter
        joint = np.hstack([place[:, None], sizes[:, None]])
        counts = piece.values[:, [0, *range(at, at + LEVEL_WIDTH)]]
        merged, sums = sum_rows(joint, counts)
        for index in wanted:
            yield self._index_block(
                index, level, keys, merged, sums, (place, sizes, piece, expected), grouping
            )

    def _expected(
        self,
        piece: Piece,
        grouping: IndexGrouping,
        kinds: int,
        level: str,
        wanted: Sequence[str],
    ) -> Floats:
        """Return the expected counts of each row of sums (rows x 5)."""
        share_key = (grouping.monthly, grouping.contact)
        expected = self.expected(share_key, kinds, level, wanted)
        parents = np.hstack([piece.keys[:, :2], piece.keys[:, 3 : 3 + kinds]])
        return expected.of_rows(parents, piece.keys[:, 2], piece.keys[:, -1], self.threads)

    def expected(self, share_key: Any, kinds: int, level: str, wanted: Sequence[str]) -> Expected:
        """Return the expectations under one set of shares, kept from question to question."""
        most, entropy = "upc" in wanted, "entropy" in wanted
        key = (share_key, level, most, entropy)
        if key not in self._expectations:
            people = Shares.of(self.found.total("index_shares", share_key, 3 + kinds, 1))
            places = Shares.of(self.found.total("index_shares_places", share_key, 3 + kinds, 1))
            self._expectations[key] = Expected(
                lambda parent, team: counts_at(
                    level, parent, team, people, places, self._map(parent[0])
                ),
                most,
                entropy,
            )
        return self._expectations[key]

    def _index_block(
        self,
        index: str,
        level: str,
        keys: Int64,
        merged: Int64,
        sums: Int64,
        rows: tuple[Int64, Int64, Piece, Floats],
        grouping: IndexGrouping,
    ) -> Block:
        least = self.minimum(index)
        groups = len(keys)
        place, n = merged[:, 0], merged[:, 1]
        use = n >= least
        mean, deviation, patients = totals_of(index, groups, place[use], n[use], sums[use])
        contacts = total_by(groups, place[use], sums[use, 0] * n[use])
        under = total_by(groups, place[~use], sums[~use, 0])
        row_place, row_n, piece, expected = rows
        keep = row_n >= least
        size = row_n[keep].astype(np.float64)
        people = piece.values[keep, 0].astype(np.float64)
        a, b = line_of(index, size)
        by_chance = total_by(
            groups, row_place[keep], people * (a + b * expected[keep, STATISTIC[index]])
        )
        best_sum = total_by(groups, row_place[keep], people * best_of(index, size))
        with np.errstate(divide="ignore", invalid="ignore"):
            chance = by_chance / patients
            best = best_sum / patients
        highest = None if index in ("entropy", "clinicians") else 1.0
        lower, upper = mean_interval(mean, deviation, patients, highest)
        block = Block(
            index,
            level,
            keys,
            mean,
            patients,
            contacts,
            lower,
            upper,
            chance,
            corrected(mean, chance, best),
            excluded_min_n=under,
            practice=practice_of_lists(
                grouping.by, row_place, piece.keys[:, 1], piece.values[:, 0], groups
            ),
        )
        word = "contact" if least == 1 else "contacts"
        block.explain(lambda _: f"no patient has {least} {word}")
        block.note_one_clinician()
        block.partial = self.partial(keys, grouping.by, rolling=True)
        return block

    # ---- ratios

    def ratios(self, by: tuple[str, ...], measure: str, level: str) -> Iterator[Block]:
        """Yield the block of slicc or same_as_previous, or the six of the waterfall."""
        grouping = RatioGrouping(by)
        piece = self.found.total("ratio", grouping, 2 + len(by), ratios.SUM_WIDTH)
        keys, place = distinct_rows(piece.keys[:, 2:])
        groups = len(keys)
        sums = np.zeros((groups, ratios.SUM_WIDTH), dtype=np.int64)
        np.add.at(sums, place, piece.values)
        practice = practice_of_lists(by, place, piece.keys[:, 0], piece.values[:, 0], groups)
        if measure == "same_as_previous":
            at, numerators, chance = (
                PAIRS_AT,
                [LEVELS.index(level)],
                self._pair_chance(grouping, piece, place, groups, level),
            )
            reason, steps = NO_PAIR, (None,)
        elif measure == "slicc":
            at, numerators, chance = (
                NAMED_AT,
                [LEVELS.index(level)],
                self._named_chance(grouping, keys, level),
            )
            reason, steps = NO_NAMED, (None,)
        else:
            at, numerators = NAMED_AT, [3 + i for i in range(len(STEPS))]
            chance = blank(groups)
            reason, steps = NO_NAMED, STEPS
        patients, x, xx = sums[:, at], sums[:, at + 1], sums[:, at + 2]
        for numerator, step in zip(numerators, steps, strict=True):
            first = at + 3 + 3 * numerator
            y, yy, xy = (sums[:, first + i] for i in range(3))
            value, lower, upper = ratio_interval(patients, x, xx, y, yy, xy)
            with np.errstate(divide="ignore", invalid="ignore"):
                expected = chance / x
            block = Block(
                measure,
                level,
                keys,
                value,
                patients,
                x,
                lower,
                upper,
                expected,
                corrected(value, expected, np.ones(groups)),
                n_no_named_gp=sums[:, ratios.EXTRA_AT],
                step=step,
                practice=practice,
            )
            block.explain(lambda _: reason)
            block.note_one_clinician()
            block.partial = self.partial(keys, by, rolling=False)
            yield block

    def _shares(self, contact: tuple[str, ...]) -> tuple[Shares, Shares]:
        width = 2 + len(contact)
        return (
            Shares.of(self.found.total("ratio_shares", contact, width, 1)),
            Shares.of(self.found.total("ratio_shares_places", contact, width, 1)),
        )

    def _parents(self, keys: Int64, by: tuple[str, ...], first_group: int) -> Int64:
        """Return (home, contact attributes) of rows whose first column is the home."""
        columns = [first_group + by.index(g) for g in by if g in CONTACT_GROUPS]
        return keys[:, [0, *columns]]

    def _pair_chance(
        self, grouping: RatioGrouping, piece: Piece, place: Int64, groups: int, level: str
    ) -> Floats:
        """Return, for each group, pairs times the sum of squared shares."""
        people, places = self._shares(grouping.contact)
        parents = self._parents(piece.keys, grouping.by, 2)
        distinct, back = distinct_rows(np.hstack([parents, piece.keys[:, 1:2]]))
        teams = self._map(-1)
        squares = np.zeros(len(distinct))
        for row, key in enumerate(distinct.tolist()):
            counts = counts_at(level, tuple(key[:-1]), key[-1], people, places, teams)
            shares = as_shares(counts)
            squares[row] = float(np.dot(shares, shares))
        result = np.zeros(groups)
        np.add.at(result, place, piece.values[:, PAIRS_AT + 1] * squares[back])
        return result

    def _named_chance(self, grouping: RatioGrouping, keys: Int64, level: str) -> Floats:
        """Return, for each group, the contacts that chance alone would give."""
        by = grouping.by
        people, places = self._shares(grouping.contact)
        result = np.zeros(len(keys))
        lists = self.found.total("ratio_lists", grouping, 2 + len(by) + 2, 1)
        if level == "practice":
            parents = self._parents(lists.keys, by, 2)
            parts = places.of_rows(parents, parents[:, 0])
        else:
            parts = people.of_rows(self._parents(lists.keys, by, 2), lists.keys[:, -1])
        if level == "team":
            parts *= lists.keys[:, -2]  # only days when the named GP is in no team
            self._add_team_chance(grouping, keys, people, result)
        place = find_rows(keys, lists.keys[:, 2:-2])
        np.add.at(result, place, lists.values[:, 0] * parts)
        return result

    def _add_team_chance(
        self, grouping: RatioGrouping, keys: Int64, people: Shares, result: Floats
    ) -> None:
        """Add the chance of meeting anyone of the named GP's team, as it was on the day."""
        by = grouping.by
        teams = self.found.total("ratio_teams", grouping, 2 + len(by) + 1, 1)
        if len(teams.keys) == 0:
            return
        parents = self._parents(teams.keys, by, 2)
        pairs, back = distinct_rows(np.hstack([parents, teams.keys[:, -1:]]))
        parts = np.zeros(len(pairs))
        members = {int(t): self._members(int(t)) for t in np.unique(pairs[:, -1])}
        for row, pair in enumerate(pairs.tolist()):
            codes, counts = people.codes(tuple(pair[:-1]))
            wanted = members[pair[-1]]
            at = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
            inside = at[codes[at] == wanted] if len(codes) else at[:0]
            parts[row] = counts[inside].sum() / max(int(counts.sum()), 1)
        place = find_rows(keys, teams.keys[:, 2:-1])
        np.add.at(result, place, teams.values[:, 0] * parts[back])

    def _members(self, team_epoch: int) -> Int64:
        """Return the people in a team in one epoch (a stretch without a change of members)."""
        epochs = self.context.epochs
        team, epoch = divmod(team_epoch, len(epochs) + 1)
        day = int(epochs[epoch - 1]) if epoch else self.context.window.first
        t = self.context.reference.teams
        rows = np.flatnonzero((t.value == team) & (t.start <= day) & (day < t.end))
        return np.unique(np.searchsorted(t.offset, rows, side="right") - 1)

    # ---- own patients of a GP

    def own(self, by: tuple[str, ...]) -> Block:
        """Return the block of opr."""
        grouping = RatioGrouping(by)
        piece = self.found.total("own", grouping, len(by), 6)
        keys, s = piece.keys, piece.values
        value, lower, upper = ratio_interval(s[:, 0], s[:, 1], s[:, 2], s[:, 3], s[:, 4], s[:, 5])
        given = self.found.total("own_given", grouping, len(by) + 2, 1)
        place = find_rows(keys, given.keys[:, :-2]) if len(given.keys) else np.empty(0, np.int64)
        expected = self._own_chance(grouping, given, place, len(keys))
        with np.errstate(divide="ignore", invalid="ignore"):
            chance = expected / s[:, 1]
        practice = np.full(len(keys), -1, dtype=np.int64)
        if len(place):
            practice = practice_of_lists(
                by, place, given.keys[:, -2], given.values[:, 0], len(keys)
            )
        block = Block(
            "opr",
            "clinician",
            keys,
            value,
            s[:, 0],
            s[:, 1],
            lower,
            upper,
            chance,
            corrected(value, chance, np.ones(len(keys))),
            practice=practice,
        )
        block.explain(lambda _: NO_HOLDER)
        block.note_one_clinician()
        block.partial = self.partial(keys, by, rolling=False)
        return block

    def _own_chance(
        self, grouping: RatioGrouping, given: Piece, place: Int64, groups: int
    ) -> Floats:
        """Return, for each group, the contacts chance alone would give with own patients.

        Of a practice: list-holders weighted by their share of its contacts (point
        13); practices together by the contacts their list-holders gave.
        """
        by, contact = grouping.by, grouping.contact
        lists = Shares.of(self.found.total("own_lists", contact, 2 + len(contact), 1))
        people = Shares.of(self.found.total("own_people", contact, 2 + len(contact), 1))
        columns = [by.index(g) for g in by if g in CONTACT_GROUPS]
        counts: dict[ParentKey, tuple[dict[int, int], dict[int, int]]] = {}
        # group and practice -> contacts given, sum of q, sum of q N_L / N, N_L / N, holders
        sums: dict[tuple[int, int], list[float]] = {}
        for row in range(len(place)):
            practice, holder = (int(v) for v in given.keys[row, -2:])
            parent = (practice, *given.keys[row, columns].tolist())
            if parent not in counts:
                counts[parent] = lists.counts(parent), people.counts(parent)
            of_list, by_person = counts[parent]
            total = sum(by_person.values())
            part = sums.setdefault((int(place[row]), practice), [0.0] * 5)
            part[0] += given.values[row, 0]
            if total:
                share = by_person.get(holder, 0) / total
                part[1] += share
                part[2] += share * of_list.get(holder, 0) / total
                part[3] += of_list.get(holder, 0) / total
                part[4] += 1
        expected = np.zeros(groups)
        for (group, _), (contacts, shares, own, single, holders) in sums.items():
            if holders == 1:  # one GP: nothing to weigh
                expected[group] += contacts * single
            else:  # practices whose own patients saw none of them have no chance level
                expected[group] += contacts * own / shares if shares else np.nan
        return expected

    def partial(
        self, keys: Int64, by: tuple[str, ...], rolling: bool
    ) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        if "month" not in by:
            return np.zeros(len(keys), dtype=np.bool_)
        months = keys[:, by.index("month")]
        windows: tuple[Window, ...] = self.context.rolling
        cut = {w.month: w.partial for w in windows}
        if rolling:
            return np.array([cut.get(m, False) for m in months.tolist()], dtype=np.bool_)
        from hamlets.continuity.calendar import day_number, month_start

        first, last = self.context.window.first, self.context.window.last
        return np.array(
            [
                day_number(month_start(m)) < first or day_number(month_start(m + 1)) - 1 > last
                for m in months.tolist()
            ],
            dtype=np.bool_,
        )
