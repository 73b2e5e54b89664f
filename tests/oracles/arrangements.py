"""Measures of an arrangement with dictionaries and loops, written from the definitions."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from random import Random

import numpy as np

from hamlets.teams.arrangement import Arrangement
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel

Value = float | int | None


def random_arrangement(inputs: PracticeInputs, rng: Random) -> Arrangement:
    """Return some arrangement: GPs left out or in two teams, patients without GP or team."""
    staff = inputs.clinicians
    gps = [row for row in range(staff.size) if staff.gp[row]]
    rest = [row for row in range(staff.size) if not staff.gp[row]]
    count = rng.choice((0, 1, 2, 3))
    teams: list[set[int]] = [set() for _ in range(count)]
    others: list[set[int]] = [set() for _ in range(count)]
    shared: list[int] = []
    for row in gps:
        if count and rng.random() < 0.9:
            teams[rng.randrange(count)].add(row)
            if rng.random() < 0.1:
                teams[rng.randrange(count)].add(row)
        elif count and rng.random() < 0.5:
            shared.append(row)
    for row in rest:
        if count and rng.random() < 0.5:
            others[rng.randrange(count)].add(row)
        elif count:
            shared.append(row)
    team, named = [], []
    for _ in range(inputs.people.size):
        mine = rng.randrange(-1, count) if rng.random() < 0.95 else -1
        team.append(mine)
        if mine >= 0 and teams[mine] and rng.random() < 0.9:
            named.append(rng.choice(sorted(teams[mine])))
        else:
            named.append(rng.choice([-1, *gps]) if mine < 0 else -1)
    return Arrangement(
        tuple(tuple(sorted(each)) for each in teams),
        tuple(tuple(sorted(each)) for each in others),
        tuple(sorted(shared)),
        tuple(min(each) if each and rng.random() < 0.7 else -1 for each in teams),
        np.array(team, dtype=np.int32),
        np.array(named, dtype=np.int32),
    )


def placed_by(inputs: PracticeInputs, model: TeamModel) -> list[int]:
    everybody = range(inputs.people.size)
    if model.approach != "cohort":
        return list(everybody)
    assert model.cohort is not None
    return [p for p in everybody if inputs.people.cohorts[model.cohort][p]]


def contacts_of(inputs: PracticeInputs, patient: int) -> list[tuple[int, int, float]]:
    """Return clinician, contacts of 12 months and weight of each GP seen; -1 = not at work."""
    seen = inputs.people.seen
    rows = range(int(seen.offset[patient]), int(seen.offset[patient + 1]))
    return [
        (int(seen.clinician[row]), int(seen.contacts[row]), float(seen.weight[row]))
        for row in rows
        if seen.clinician[row] < 0 or inputs.clinicians.gp[seen.clinician[row]]
    ]


def people_of(arrangement: Arrangement, team: int) -> set[int]:
    if team < 0:
        return set()
    return {*arrangement.teams[team], *arrangement.others[team], *arrangement.shared}


def counts(inputs: PracticeInputs, arrangement: Arrangement, patient: int) -> tuple[int, int, int]:
    """Return a patient's contacts, those with the named GP, those with GP or team."""
    total = own = team = 0
    mine = people_of(arrangement, int(arrangement.team[patient]))
    for clinician, contacts, _ in contacts_of(inputs, patient):
        total += contacts
        if clinician >= 0 and clinician == arrangement.named[patient]:
            own += contacts
            team += contacts
        elif clinician in mine:
            team += contacts
    return total, own, team


def ratio(part: int, whole: int) -> float | None:
    return float(Fraction(part, whole)) if whole else None


def measures(
    inputs: PracticeInputs, arrangement: Arrangement, model: TeamModel
) -> dict[str, Value]:
    """Return the measures by name."""
    people, staff = inputs.people, inputs.clinicians
    placed = placed_by(inputs, model)
    found: dict[str, Value] = {}
    sums = [sum(column) for column in zip(*(counts(inputs, arrangement, p) for p in placed))]  # noqa: B905
    total, own, team = sums or (0, 0, 0)
    teams = bool(arrangement.teams)
    found["retained_own"] = ratio(own, total)
    found["retained_team"] = ratio(team, total) if teams else None
    had = [p for p in placed if people.named[p] >= 0]
    found["moved"] = sum(people.named[p] != arrangement.named[p] for p in had)
    found["moved_share"] = ratio(int(found["moved"]), len(had))
    new = [p for p in placed if people.named[p] < 0 and arrangement.named[p] >= 0]
    found["forced"] = sum(bool(people.named_gone[p]) for p in new)
    found["first"] = len(new) - int(found["forced"])
    found |= chance(inputs, arrangement, placed)
    found |= balance(inputs, arrangement, placed)
    uncovered = 0
    for members in arrangement.teams:
        for half_day in range(20):
            there = [g for g in members if staff.eligible[g] and staff.half_days[g][half_day]]
            uncovered += not there
    found["uncovered_half_days"] = uncovered if teams else None
    return found


def chance(inputs: PracticeInputs, arrangement: Arrangement, placed: list[int]) -> dict[str, Value]:
    given: defaultdict[int, int] = defaultdict(int)
    for patient in range(inputs.people.size):
        for clinician, contacts, _ in contacts_of(inputs, patient):
            given[clinician] += contacts
    supply = sum(given.values())
    n = own = team = Fraction(0)
    for patient in placed:
        named = int(arrangement.named[patient])
        if named < 0:
            continue
        count = counts(inputs, arrangement, patient)[0]
        within = people_of(arrangement, int(arrangement.team[patient])) | {named}
        n += count
        if count:
            own += count * Fraction(given[named], supply)
            team += count * sum((Fraction(given[g], supply) for g in within), Fraction(0))
    if not n:
        return {"chance_own": None, "chance_team": None}
    return {
        "chance_own": float(own / n),
        "chance_team": float(team / n) if arrangement.teams else None,
    }


def balance(
    inputs: PracticeInputs, arrangement: Arrangement, placed: list[int]
) -> dict[str, Value]:
    staff = inputs.clinicians
    in_teams: defaultdict[int, int] = defaultdict(int)
    for members in arrangement.teams:
        for gp in members:
            in_teams[gp] += 1
    work, capacity = [], []
    for team, members in enumerate(arrangement.teams):
        mine = [p for p in placed if arrangement.team[p] == team]
        work.append(sum(float(inputs.people.work_minutes[p]) for p in mine))
        capacity.append(sum(float(staff.capacity_minutes[g]) / in_teams[g] for g in members))
    by_minutes = relative(work, capacity)
    lists: defaultdict[int, float] = defaultdict(float)
    for p in placed:
        if arrangement.named[p] >= 0:
            lists[int(arrangement.named[p])] += float(inputs.people.work_minutes[p])
    held = [gp for gp in sorted(lists) if lists[gp] > 0]
    by_list = relative([lists[gp] for gp in held], [float(staff.capacity_minutes[g]) for g in held])
    return {
        "list_least": 100 * min(by_list) if by_list else None,
        "list_most": 100 * max(by_list) if by_list else None,
        "band_max": max(abs(each - 1) for each in by_minutes) if by_minutes else None,
        "work_least": 100 * min(by_minutes) if by_minutes else None,
        "work_most": 100 * max(by_minutes) if by_minutes else None,
    }


def relative(work: list[float], means: list[float]) -> list[float]:
    """Return (W_t/C_t)/(W/C) of teams; nothing where a team has work and no means, or no work."""
    if not sum(work):
        return []
    found: list[float] = []
    for minutes, given in zip(work, means, strict=True):
        if not given and minutes:
            return []
        if given:
            found.append(minutes / given / (sum(work) / sum(means)))
    return found


def reason(
    inputs: PracticeInputs, model: TeamModel, arrangement: Arrangement, patient: int
) -> str | None:
    """Return why a placed patient changes lists, None where the list stays."""
    people = inputs.people
    before, after = int(people.named[patient]), int(arrangement.named[patient])
    if before == after:
        return None
    weights = {gp: weight for gp, _, weight in contacts_of(inputs, patient)}
    if before >= 0 and after < 0:
        return "no_gp"
    if before < 0 and people.named_gone[patient]:
        return "named_gp_left"
    if not sum(weights.values()):
        return "no_contact"
    if before < 0:
        return "no_named_gp"
    if people.locked[patient] == after:
        return "asked"
    if weights.get(after, 0.0) > weights.get(before, 0.0):
        return "saw_more"
    if model.households:
        for other in placed_by(inputs, model):
            if other == patient or people.household[other] != people.household[patient]:
                continue
            if arrangement.named[other] != after:
                continue
            saw = {gp: weight for gp, _, weight in contacts_of(inputs, other)}
            if people.named[other] == after or saw.get(after, 0.0) > 0:
                return "household"

    def with_teams_of(gp: int) -> float:
        mates = {
            mate
            for team in range(len(arrangement.teams))
            if gp in people_of(arrangement, team)
            for mate in people_of(arrangement, team)
        }
        return sum(weight for seen, weight in weights.items() if seen in mates)

    return "saw_team" if with_teams_of(after) > with_teams_of(before) else "even_work"
