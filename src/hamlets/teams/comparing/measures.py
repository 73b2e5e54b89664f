"""Measures of one arrangement: contacts kept, chance, work, cover and who moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hamlets.teams.arrangement import Arrangement
from hamlets.teams.comparing.kept import (
    Kept,
    add_up,
    count_kept,
    find_gp_shares,
    find_members,
    find_placed,
    read_contacts,
    share,
)
from hamlets.teams.inputs import HALF_DAYS, Bools, Float64, Int64, PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.results import PRESENT, Option, OptionName


@dataclass(frozen=True)
class Moves:
    """Patients by what happens to their named GP (definitions, Teams 8)."""

    moved: Bools
    """Had an eligible named GP, and has another or none."""
    eligible: Bools
    """Had an eligible named GP."""
    forced: Bools
    """The one named is gone or not eligible, and another is named."""
    first: Bools
    """Nobody was named before, and somebody is."""


@dataclass(frozen=True)
class Measured:
    """What an arrangement is worth. None = not defined, and ``notes`` says why."""

    n_patients: int
    """Whom the model places: the measures are over them."""
    n_contacts: int
    """Their counted GP contacts of the last 12 months."""
    retained_own: float | None
    retained_team: float | None
    band_max: float | None
    work_least: float | None
    work_most: float | None
    list_least: float | None
    list_most: float | None
    uncovered_half_days: int | None
    moved_share: float | None
    moved: int
    forced: int
    first: int
    chance_own: float | None
    chance_team: float | None
    notes: tuple[str, ...] = ()

    def option(
        self,
        name: OptionName,
        *,
        expected_own: float | None = None,
        expected_team: float | None = None,
    ) -> Option:
        """Return the row of a comparison; nobody moves in the present arrangement."""
        return Option(
            name=name,
            retained_team=self.retained_team,
            retained_own=self.retained_own,
            band_max=self.band_max,
            work_least=self.work_least,
            work_most=self.work_most,
            list_least=self.list_least,
            list_most=self.list_most,
            uncovered_half_days=self.uncovered_half_days,
            moved_share=None if name == PRESENT else self.moved_share,
            chance_own=self.chance_own,
            chance_team=self.chance_team,
            expected_own=expected_own,
            expected_team=expected_team,
        )


def measure_arrangement(
    inputs: PracticeInputs, arrangement: Arrangement, model: TeamModel
) -> Measured:
    """Return the measures of an arrangement, over the patients whom the model places.

    Retained: Teams 7; contacts with people who work for all teams count as with the team.
    Band: Teams 6. Moves: Teams 8. Chance: see ``find_chance``. Measures of teams are None
    where there are none.
    """
    placed = find_placed(inputs, model)
    kept = count_kept(inputs, arrangement)
    moves = find_moves(inputs, arrangement, placed)
    teams = len(arrangement.teams) > 0
    total = int(kept.total[placed].sum())
    chance_own, chance_team = find_chance(inputs, arrangement, placed, kept)
    balance = find_balance(inputs, arrangement, placed)
    lists = find_work_of_lists(inputs, arrangement, placed)
    return Measured(
        n_patients=int(placed.sum()),
        n_contacts=total,
        retained_own=share(int(kept.own[placed].sum()), total),
        retained_team=share(int(kept.team[placed].sum()), total) if teams else None,
        band_max=balance.band_max,
        work_least=min(balance.by_minutes, default=None) if balance.by_minutes else None,
        work_most=max(balance.by_minutes, default=None) if balance.by_minutes else None,
        list_least=min(lists, default=None),
        list_most=max(lists, default=None),
        uncovered_half_days=count_uncovered(inputs, arrangement) if teams else None,
        moved_share=share(int(moves.moved.sum()), int(moves.eligible.sum())),
        moved=int(moves.moved.sum()),
        forced=int(moves.forced.sum()),
        first=int(moves.first.sum()),
        chance_own=chance_own,
        chance_team=chance_team if teams else None,
        notes=(*_notes(inputs, arrangement, placed, total), *balance.notes),
    )


def find_moves(inputs: PracticeInputs, arrangement: Arrangement, placed: Bools) -> Moves:
    """Return who moves, among the patients placed."""
    people = inputs.people
    had, has = people.named >= 0, arrangement.named >= 0
    return Moves(
        moved=placed & had & (people.named != arrangement.named),
        eligible=placed & had,
        forced=placed & ~had & has & people.named_gone,
        first=placed & ~had & has & ~people.named_gone,
    )


@dataclass(frozen=True)
class Balance:
    """How even the work of teams is."""

    work: Float64
    """Expected minutes a year of each team's patients (W_t)."""
    capacity: Float64
    """Bookable minutes a year of each team's GPs (C_t)."""
    sessions: Float64
    """Weekly sessions of each team's GPs with bookable minutes: supernumerary ones carry none."""
    band_max: float | None
    by_minutes: tuple[float, ...] | None
    """Work for the bookable minutes of each team, 100 = practice average. ``band_max`` is the
    most that one of these is from 100."""
    notes: tuple[str, ...]


def find_balance(inputs: PracticeInputs, arrangement: Arrangement, placed: Bools) -> Balance:
    """Return work against capacity by team, after rounding to people.

    A team with patients and without capacity has no such number, and then nor has the
    practice; one without either is left out.
    """
    staff, count = inputs.clinicians, len(arrangement.teams)
    mine = placed & (arrangement.team >= 0)
    work = add_up(arrangement.team[mine], inputs.people.work_minutes[mine], count)
    shares = find_gp_shares(inputs, arrangement)
    capacity = staff.capacity_minutes @ shares
    sessions = (staff.sessions_per_week * (staff.capacity_minutes > 0)) @ shares
    ratios = _relative(work, capacity)
    band = max((abs(each - 1) for each in ratios), default=None) if ratios else None
    notes = ()
    if ratios is None and work.sum() > 0:
        notes = (
            "A team has patients but no bookable minutes, so the work of teams cannot be compared.",
        )
    by_minutes = None if ratios is None else tuple(100 * each for each in ratios)
    return Balance(work, capacity, sessions, band, by_minutes, notes)


def find_work_of_lists(
    inputs: PracticeInputs, arrangement: Arrangement, placed: Bools
) -> list[float]:
    """Return the work of each list for its GP's bookable minutes, 100 = average of all lists.

    Of GPs with patients; none where one of them has no bookable minutes.
    """
    staff = inputs.clinicians
    mine = placed & (arrangement.named >= 0)
    work = add_up(arrangement.named[mine], inputs.people.work_minutes[mine], staff.size)
    holds = work > 0
    ratios = _relative(work[holds], staff.capacity_minutes[holds])
    return [100 * each for each in ratios or []]


def _relative(work: Float64, means: Float64) -> list[float] | None:
    """Return (W_t / C_t) / (W / C) of each team with work or means; None where not defined."""
    used = (work > 0) | (means > 0)
    if work.sum() <= 0 or (used & (means <= 0)).any():
        return None
    return ((work[used] / means[used]) / (work.sum() / means.sum())).tolist()


def count_uncovered(inputs: PracticeInputs, arrangement: Arrangement) -> int:
    """Return the half-days of the template fortnight, over teams, without a GP who holds lists."""
    staff = inputs.clinicians
    uncovered = 0
    for members in arrangement.teams:
        holders = [member for member in members if staff.eligible[member]]
        uncovered += HALF_DAYS - int(staff.half_days[holders].any(axis=0).sum())
    return uncovered


def find_chance(
    inputs: PracticeInputs, arrangement: Arrangement, placed: Bools, kept: Kept
) -> tuple[float | None, float | None]:
    """Return seen by own GP and by own team if each contact went by the GPs' shares alone.

    E = sum over lists d of N_L(d) q_d / N (definitions, Continuity 13), for the team with
    the sum of q in it. q is each GP's share of the practice's counted GP contacts of the
    last 12 months; N, as in slicc, the contacts of placed patients who have a named GP.
    """
    _, clinician, contacts = read_contacts(inputs)
    given = np.zeros(inputs.clinicians.size + 1, dtype=np.int64)
    np.add.at(given, clinician, contacts)
    supply = int(given.sum())
    given = given[:-1]
    listed = placed & (arrangement.named >= 0)
    total = int(kept.total[listed].sum())
    if not total:
        return None, None
    members = find_members(inputs, arrangement)
    of_team = np.append(given @ members, 0)
    named, team = arrangement.named[listed], arrangement.team[listed]
    outside = ~np.pad(members, ((0, 0), (0, 1)))[named, team]
    own: Int64 = given[named]
    reach: Int64 = of_team[team] + own * outside
    weights = kept.total[listed]
    # Whole numbers of any size, divided once.
    whole = total * supply
    return (
        sum(map(int.__mul__, weights.tolist(), own.tolist())) / whole,
        sum(map(int.__mul__, weights.tolist(), reach.tolist())) / whole,
    )


def _notes(
    inputs: PracticeInputs, arrangement: Arrangement, placed: Bools, total: int
) -> list[str]:
    staff, said = inputs.clinicians, list[str]()
    if not total:
        said.append(
            "No counted GP contact in the last 12 months, so nothing can be kept or missed."
        )
    without = int((placed & (arrangement.named < 0)).sum())
    if without:
        said.append(f"Patients without a named GP: {without:,}. Their contacts count as not kept.")
    if not arrangement.teams:
        said.append("There are no teams, so nothing is said of contacts with a team.")
        return said
    alone = int((placed & (arrangement.named >= 0) & (arrangement.team < 0)).sum())
    if alone:
        said.append(
            f"Patients of GPs who are in no team: {alone:,}. Their team is their own GP alone,"
            " and they are not in the work of teams."
        )
    if staff.gp[list(arrangement.shared)].any():
        said.append("Contacts with a GP who works for all teams count as with the team.")
    return said
