"""Who moves and who gains, by age, deprivation, language and cohort."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import numpy as np

from hamlets.continuity.calendar import AGE_BANDS
from hamlets.continuity.languages import language_labels
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.comparing.kept import Kept, count_kept, find_placed, share
from hamlets.teams.comparing.measures import find_moves
from hamlets.teams.inputs import Bools, Int64, PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.results import EquityRow

Factor = Literal["age_band", "imd_quintile", "language", "cohort"]
UNKNOWN = "unknown"
"""As in the groups of continuity."""
FIFTHS = ("1", "2", "3", "4", "5")


def compare_groups(
    inputs: PracticeInputs, model: TeamModel, before: Arrangement, after: Arrangement
) -> tuple[EquityRow, ...]:
    """Return a row for each group with patients whom the model places.

    Groups are in natural order with "unknown" last, and called as the groups of continuity
    are; cohorts may overlap. A share of nothing is None, and so is what a team keeps where
    the arrangement has no teams.
    """
    placed = find_placed(inputs, model)
    moves = find_moves(inputs, after, placed)
    kept = [(count_kept(inputs, each), len(each.teams) > 0) for each in (before, after)]

    def row(factor: Factor, group: str, mine: Bools) -> EquityRow:
        (own_before, team_before), (own_after, team_after) = (
            _retained(found, mine, teams) for found, teams in kept
        )
        return EquityRow(
            factor=factor,
            group=group,
            n_patients=int(mine.sum()),
            moved_share=share(int((moves.moved & mine).sum()), int((moves.eligible & mine).sum())),
            retained_team_before=team_before,
            retained_team_after=team_after,
            retained_own_before=own_before,
            retained_own_after=own_after,
        )

    return tuple(
        row(factor, group, mine & placed)
        for factor, group, mine in _groups(inputs)
        if (mine & placed).any()
    )


def _retained(kept: Kept, mine: Bools, teams: bool) -> tuple[float | None, float | None]:
    """Return the shares kept by own GP and by team among some patients."""
    total = int(kept.total[mine].sum())
    own = share(int(kept.own[mine].sum()), total)
    return own, share(int(kept.team[mine].sum()), total) if teams else None


def _groups(inputs: PracticeInputs) -> Iterator[tuple[Factor, str, Bools]]:
    people = inputs.people
    yield from _coded("age_band", AGE_BANDS, people.age_band.astype(np.int64))
    yield from _coded("imd_quintile", FIFTHS, people.imd_quintile.astype(np.int64) - 1)
    spoken = [word or UNKNOWN for word in people.language]
    labels = language_labels(spoken)
    words = sorted({*labels.values()} - {UNKNOWN}, key=str.casefold)
    number = {word: place for place, word in enumerate(words)}
    codes = [number.get(labels[word], -1) for word in spoken]
    yield from _coded("language", words, np.array(codes, dtype=np.int64))
    for name, mine in people.cohorts.items():
        yield "cohort", name, mine


def _coded(
    factor: Factor, labels: Sequence[str], codes: Int64
) -> Iterator[tuple[Factor, str, Bools]]:
    """Yield the groups of a factor by code; any other code is unknown."""
    for code, label in enumerate(labels):
        yield factor, label, codes == code
    yield factor, UNKNOWN, (codes < 0) | (codes >= len(labels))
