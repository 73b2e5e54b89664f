"""Arrangements that a practice would make without a design, to see what a design is worth.

They honour no wishes of patients, and only the balanced one can keep households together
and limit how many move: that makes the others look better than a practice would do, so what
a plan gains over them is not flattered. Teams by alphabet keep no rule of the model but the
number of teams: they may lack a GP on some days, and then keep more contacts than any plan may.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hamlets.teams.arrangement import Arrangement
from hamlets.teams.columns import find_gps
from hamlets.teams.comparing.kept import Weights, add_up, find_placed
from hamlets.teams.inputs import Bools, Float64, Int32, Int64, PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.units import number_units

Teams = tuple[tuple[int, ...], ...]


def group_by_alphabet(inputs: PracticeInputs, model: TeamModel, n_teams: int) -> Teams:
    """Return the GPs in order of surname, cut into teams of equal size (the first one larger).

    GPs who may hold a list are cut first and the others after them, so that each team has
    one who may: so there are never more teams than those. No such GP: no teams.
    """
    staff = inputs.clinicians

    def by_surname(row: int) -> tuple[str, str, str]:
        words = staff.name[row].split()
        return (words[-1].casefold() if words else "", staff.name[row], staff.staff_id[row])

    gps = sorted(find_gps(inputs, model).tolist(), key=by_surname)
    holders = [row for row in gps if staff.eligible[row]]
    passing = [row for row in gps if not staff.eligible[row]]
    count = min(max(n_teams, 1), len(holders))
    if not count:
        return ()
    cut, rest = np.array_split(holders, count), np.array_split(passing, count)
    return tuple(
        tuple(sorted(int(row) for row in (*some, *more)))
        for some, more in zip(cut, rest, strict=True)
    )


def alphabetical(inputs: PracticeInputs, model: TeamModel, n_teams: int) -> Arrangement:
    """Return GPs by surname in ``n_teams`` teams, patients in order of id in blocks.

    A team's block has the share of the work that its bookable minutes are of all teams'; in
    it each GP who may hold a list gets a block in the same way. The ids stand for surnames,
    which coded records do not hold. Each block is within one patient's work of its share.
    """
    teams = group_by_alphabet(inputs, model, n_teams)
    patients = _in_order(inputs, model)
    team, named = _unplaced(inputs, model)
    if not teams:
        return _arranged(inputs, teams, team, named)
    work = inputs.people.work_minutes
    team[patients] = _cut(work[patients], _capacities(inputs, teams))
    for number, members in enumerate(teams):
        mine = patients[team[patients] == number]
        holders = _holders(inputs, members)
        named[mine] = holders[_cut(work[mine], inputs.clinicians.capacity_minutes[holders])]
    return _arranged(inputs, teams, team, named)


def most_seen(inputs: PracticeInputs, model: TeamModel, teams: Teams) -> Arrangement:
    """Return each patient with the GP seen most who may hold a list, however uneven that is.

    Seen is by the weights of Teams 3; of equals the present named GP, then the first. Those
    without contacts keep their named GP; the others go to the GP with least work for the
    bookable minutes, in order of id. ``teams`` are GPs by position, as grouped by alphabet.
    """
    team_of = _team_of(inputs, teams)
    team, named = _unplaced(inputs, model)
    staff, people = inputs.clinicians, inputs.people
    holders = np.flatnonzero(staff.eligible & (team_of >= 0))
    patients = _in_order(inputs, model)
    if not holders.size:
        return _arranged(inputs, teams, team, named)
    named[patients] = _favourites(inputs, team_of)[patients]
    kept = (named[patients] < 0) & (people.named[patients] >= 0)
    kept &= team_of[people.named[patients]] >= 0
    named[patients[kept]] = people.named[patients[kept]]
    seen = patients[named[patients] >= 0]
    load = add_up(named[seen], people.work_minutes[seen], staff.size)
    for patient in patients[named[patients] < 0].tolist():
        chosen = _least(load, staff.capacity_minutes, holders.tolist())
        named[patient] = chosen
        load[chosen] += people.work_minutes[patient]
    team[patients] = team_of[named[patients]]
    return _arranged(inputs, teams, team, named)


def most_seen_balanced(
    inputs: PracticeInputs,
    model: TeamModel,
    teams: Teams,
    band_percent: float,
    list_band_percent: float = np.inf,
    disruption_percent: float = 100.0,
) -> Arrangement:
    """Return each patient with the GP seen most whose team and list still have room.

    This is how lists are dealt by hand: down the patients in order of id, household by
    household where the model keeps them together, each to the team of the GP they saw most,
    or of the next one when that team is full, and the last ones to teams that are short. A
    team is full at the band above its share of the work and short below the band under it,
    so the band is kept within about one household's work. In the team each patient is given
    the GP they saw most whose list is not full, or else the list that is least full. Those
    without contacts go to their named GP, else to the team with most room. Under a budget of
    moves those who saw another GP most of all above their own may move, up to the budget; the
    others keep their named GP however full the list, while the team has room.
    """
    team, named = _unplaced(inputs, model)
    patients = _in_order(inputs, model)
    if not teams:
        return _arranged(inputs, teams, team, named)
    work = inputs.people.work_minutes
    total = float(work[patients].sum())
    fair = total * _part(_capacities(inputs, teams))
    by_team = _Dealer(fair, band_percent / 100, total)
    by_list = _Lists(inputs, teams, fair, list_band_percent / 100)
    team_of = _team_of(inputs, teams)
    wishes = _Wishes(inputs, team_of, _stay(inputs, team_of, patients, disruption_percent))
    home = team_of.tolist()
    for unit in _units_in_order(inputs, model, patients):
        wanted = wishes.of(unit)
        number = by_team.place(float(work[unit].sum()), [home[gp] for gp in wanted])
        for patient in unit:
            minutes, kept = float(work[patient]), wishes.kept(patient)
            mine = wanted if len(unit) == 1 else wishes.of([patient])
            gp = next(
                (
                    gp
                    for gp in mine
                    if home[gp] == number and (gp == kept or by_list.has_room(gp, minutes))
                ),
                by_list.least(number),
            )
            by_list.load[gp] += minutes
            team[patient], named[patient] = number, gp
    return _arranged(inputs, teams, team, named)


class _Dealer:
    """Places work in teams one by one and keeps each between its limits."""

    def __init__(self, fair: Float64, band: float, work: float) -> None:
        self.least = [max(0.0, 1 - band) * each for each in fair.tolist()]
        self.most = [(1 + band) * each for each in fair.tolist()]
        self.held = [0.0] * len(fair)
        self.short = sum(self.least)
        """Work that teams still need to reach their least."""
        self.left = work

    def place(self, minutes: float, wanted: list[int]) -> int:
        """Return the first team wanted that has room, else the one with most room."""
        for number in wanted:
            if self._has_room(number, minutes):
                return self._put(number, minutes)
        widest = max(range(len(self.held)), key=lambda each: (self._room(each), -each))
        return self._put(widest, minutes)

    def _room(self, number: int) -> float:
        """Return the room, over the team's most: teams of unlike size fill up alike."""
        most = self.most[number]
        return (most - self.held[number]) / most if most > 0 else -np.inf

    def _has_room(self, number: int, minutes: float) -> bool:
        if self.held[number] + minutes > self.most[number]:
            return False
        lacking = max(0.0, self.least[number] - self.held[number])
        # What is left after this patient must still fill the teams that are short.
        return self.short - min(lacking, minutes) <= self.left - minutes

    def _put(self, number: int, minutes: float) -> int:
        lacking = max(0.0, self.least[number] - self.held[number])
        self.short -= min(lacking, minutes)
        self.left -= minutes
        self.held[number] += minutes
        return number


class _Lists:
    """Work on the lists of GPs, and how much each may hold."""

    def __init__(self, inputs: PracticeInputs, teams: Teams, fair: Float64, band: float) -> None:
        size = inputs.clinicians.size
        self.load = [0.0] * size
        self.fair = [0.0] * size
        self.holders = [_holders(inputs, members).tolist() for members in teams]
        for number, holders in enumerate(self.holders):
            parts = _part(inputs.clinicians.capacity_minutes[holders]) * fair[number]
            for gp, part in zip(holders, parts.tolist(), strict=True):
                self.fair[gp] = part
        self.most = [(1 + band) * each if each > 0 else 0.0 for each in self.fair]

    def has_room(self, gp: int, minutes: float) -> bool:
        """Return whether a GP's list can take so much work."""
        return self.load[gp] + minutes <= self.most[gp]

    def least(self, number: int) -> int:
        """Return whose list of a team is least full; without bookable minutes last."""
        return min(
            self.holders[number],
            key=lambda gp: (self.load[gp] / self.fair[gp] if self.fair[gp] else np.inf, gp),
        )


def _stay(
    inputs: PracticeInputs, team_of: Int32, patients: Int64, disruption_percent: float
) -> Bools:
    """Return who keeps the named GP because others gain more by one of the moves allowed."""
    people = inputs.people
    held = patients[people.named[patients] >= 0]
    weights = Weights(inputs)
    gain = weights.one(_favourites(inputs, team_of)) - weights.one(people.named)
    budget = int(disruption_percent / 100 * len(held) + 1e-9)
    stays = np.zeros(people.size, dtype=np.bool_)
    stays[held[np.argsort(-gain[held], kind="stable")][budget:]] = True
    return stays


class _Wishes:
    """The GPs whom each patient would have: the one seen most first, the named one last.

    Those who ``stay`` have the named one first.
    """

    def __init__(self, inputs: PracticeInputs, team_of: Int32, stay: Bools) -> None:
        seen, staff = inputs.people.seen, inputs.clinicians
        self.named = inputs.people.named.tolist()
        self.stay = stay.tolist()
        self.may = (staff.eligible & (team_of >= 0)).tolist()
        self.offset = seen.offset.tolist()
        self.clinician = seen.clinician.tolist()
        self.weight = seen.weight.tolist()

    def kept(self, patient: int) -> int:
        """Return the named GP whom the patient is to keep, or -1."""
        return self.named[patient] if self.stay[patient] else -1

    def of(self, unit: Sequence[int]) -> list[int]:
        """Return GPs by position among those who may hold a list, for people together."""
        weight: dict[int, float] = {}
        for patient in unit:
            for row in range(self.offset[patient], self.offset[patient + 1]):
                gp = self.clinician[row]
                if gp >= 0 and self.may[gp] and self.weight[row] > 0:
                    weight[gp] = weight.get(gp, 0.0) + self.weight[row]
        named = {self.named[patient] for patient in unit}
        kept = [gp for gp in map(self.kept, unit) if gp >= 0 and self.may[gp]]
        for gp in sorted(named):
            if gp >= 0 and self.may[gp]:
                weight.setdefault(gp, 0.0)
        return sorted(weight, key=lambda gp: (-kept.count(gp), -weight[gp], gp not in named, gp))


def _favourites(inputs: PracticeInputs, team_of: Int32) -> Int32:
    """Return the GP of a team seen most by each patient, -1 where none was seen."""
    people, staff = inputs.people, inputs.clinicians
    seen = people.seen
    patient = np.repeat(np.arange(people.size), np.diff(seen.offset))
    may = np.append(staff.eligible & (team_of >= 0), False)[seen.clinician] & (seen.weight > 0)
    patient, clinician, weight = patient[may], seen.clinician[may], seen.weight[may]
    order = np.lexsort((clinician, clinician != people.named[patient], -weight, patient))
    found = np.full(people.size, -1, dtype=np.int32)
    first, at = np.unique(patient[order], return_index=True)
    found[first] = clinician[order][at]
    return found


def _least(load: Float64, capacity: Float64, among: list[int]) -> int:
    """Return who has least work for the bookable minutes; those without minutes last."""
    return min(
        among,
        key=lambda row: (capacity[row] <= 0, load[row] / max(1.0, float(capacity[row])), row),
    )


def _in_order(inputs: PracticeInputs, model: TeamModel) -> Int64:
    """Return the patients placed in the order of their ids as text."""
    placed = np.flatnonzero(find_placed(inputs, model)).tolist()
    ids = inputs.people.patient_id
    return np.array(sorted(placed, key=lambda row: ids[row]), dtype=np.int64)


def _units_in_order(
    inputs: PracticeInputs, model: TeamModel, patients: Int64
) -> Iterator[list[int]]:
    """Yield the patients who are placed together, by the first of them."""
    found: dict[int, list[int]] = {}
    unit = number_units(inputs, model)
    for patient, together in zip(patients.tolist(), unit[patients].tolist(), strict=True):
        found.setdefault(together, []).append(patient)
    yield from found.values()


def _cut(work: Float64, capacity: Float64) -> Int64:
    """Return the block of each patient: blocks in order, work in proportion to capacity.

    A patient belongs where the middle of their work falls, so each end of a block is at
    most half a patient's work off.
    """
    part = _part(capacity)
    ends = np.cumsum(part) * work.sum()
    middle = np.cumsum(work) - work / 2
    # The last block with capacity takes what rounding leaves over.
    last = int(np.flatnonzero(part)[-1])
    return np.minimum(np.searchsorted(ends, middle, side="right"), last)


def _part(capacity: Float64) -> Float64:
    """Return each one's part of all capacity; equal parts where nobody has any."""
    if capacity.sum() <= 0:
        return np.full(len(capacity), 1 / max(1, len(capacity)))
    return capacity / capacity.sum()


def _holders(inputs: PracticeInputs, members: Sequence[int]) -> Int64:
    return np.array([row for row in members if inputs.clinicians.eligible[row]], dtype=np.int64)


def _capacities(inputs: PracticeInputs, teams: Teams) -> Float64:
    minutes = inputs.clinicians.capacity_minutes
    return np.array([minutes[list(members)].sum() for members in teams])


def _team_of(inputs: PracticeInputs, teams: Teams) -> Int32:
    found = np.full(inputs.clinicians.size, -1, dtype=np.int32)
    for number, members in enumerate(teams):
        found[list(members)] = number
    return found


def _unplaced(inputs: PracticeInputs, model: TeamModel) -> tuple[Int32, Int32]:
    """Return nobody in a team; those whom the model does not place keep their named GP."""
    team = np.full(inputs.people.size, -1, dtype=np.int32)
    named = np.where(find_placed(inputs, model), -1, inputs.people.named).astype(np.int32)
    return team, named


def _arranged(inputs: PracticeInputs, teams: Teams, team: Int32, named: Int32) -> Arrangement:
    """Return the arrangement; staff who are not GPs work for all teams."""
    others = np.flatnonzero(~inputs.clinicians.gp).tolist() if teams else []
    return Arrangement(
        teams=teams,
        others=tuple(() for _ in teams),
        shared=tuple(others),
        leads=tuple(-1 for _ in teams),
        team=team,
        named=named,
    )
