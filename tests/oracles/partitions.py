"""Formation by exhaustive enumeration, and the rules of teams, written from the definitions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel

Team = tuple[int, ...]

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def all_partitions(people: Sequence[int], least: int, most: int) -> Iterator[list[Team]]:
    """Yield every way to divide people into teams of these sizes."""
    if not people:
        yield []
        return
    first, rest = people[0], list(people[1:])
    for team, others in _teams_with(first, rest, most):
        if len(team) < least:
            continue
        for more in all_partitions(others, least, most):
            yield [team, *more]


def _teams_with(first: int, rest: list[int], most: int) -> Iterator[tuple[Team, list[int]]]:
    def grow(team: list[int], start: int) -> Iterator[Team]:
        yield tuple(team)
        if len(team) < most:
            for place in range(start, len(rest)):
                yield from grow([*team, rest[place]], place + 1)

    for team in grow([first], 0):
        yield team, [other for other in rest if other not in team]


def broken_rules(inputs: PracticeInputs, model: TeamModel, teams: Sequence[Team]) -> list[str]:
    """Return a word for each rule that teams of GPs break."""
    staff = inputs.clinicians
    broken: list[str] = []
    in_teams = sorted(member for team in teams for member in team)
    lists_only = model.approach in ("buddies", "personal_lists")
    wanted = [g for g in range(staff.size) if staff.gp[g] and (staff.eligible[g] or not lists_only)]
    if in_teams != wanted:
        broken.append("everybody in one team")
    for role, number in model.roles.items():
        have = len([r for r in staff.role if r == role])
        if not lists_only and role not in model.shared and have < number * len(teams):
            broken.append(f"role {role}")
    for team in teams:
        broken += _broken_by_team(inputs, model, team)
    for group in model.must_link:
        places = {n for n, team in enumerate(teams) for m in team if staff.staff_id[m] in group}
        if len(places) > 1:
            broken.append("must_link")
    return broken


def _broken_by_team(inputs: PracticeInputs, model: TeamModel, team: Team) -> list[str]:
    staff = inputs.clinicians
    broken: list[str] = []
    sizes = {"personal_lists": (1, 1), "buddies": (2, 3)}.get(model.approach, model.team_gps)
    if not sizes[0] <= len(team) <= sizes[1]:
        broken.append("size")
    holders = [m for m in team if staff.eligible[m]]
    if not holders:
        broken.append("list_holder")
    if sum(staff.capacity_minutes[m] for m in team) <= 0:
        broken.append("bookable")
    if model.approach in ("whole_list", "cohort"):
        if model.leads is None:
            leads = [m for m in team if staff.role[m] in ("gp_partner", "gp_salaried")]
        else:
            leads = [m for m in team if staff.staff_id[m] in model.leads]
        if not leads:
            broken.append("lead")
    if model.approach != "personal_lists" and model.cover != "none":
        for week in (0, 1):
            for day in range(5):
                morning = 10 * week + 2 * day
                slots = [(morning, morning + 1)]
                if model.cover == "half_day":
                    slots = [(morning,), (morning + 1,)]
                for half, slot in enumerate(slots):
                    name = _DAYS[day]
                    if model.cover == "half_day":
                        name += (" morning", " afternoon")[half]
                    if {name, _DAYS[day]} & set(model.cover_except):
                        continue
                    there = [m for m in holders if any(staff.half_days[m][h] for h in slot)]
                    if len(there) < model.cover_gps:
                        broken.append(f"cover {week} {slot}")
    sites = {staff.site[m] for m in team if staff.site[m] is not None}
    if model.one_site and len(sites) > 1:
        broken.append("one_site")
    for group in model.cannot_link:
        if len([m for m in team if staff.staff_id[m] in group]) > 1:
            broken.append("cannot_link")
    for word, number in model.languages.items():
        if len([m for m in team if word in staff.languages[m]]) < number:
            broken.append(f"language {word}")
    for word, number in model.skills.items():
        if len([m for m in team if word in staff.skills[m]]) < number:
            broken.append(f"skill {word}")
    if model.team_sessions is not None:
        low, high = model.team_sessions
        if not low <= sum(staff.sessions_per_week[m] for m in team) <= high:
            broken.append("sessions")
    return broken


def unit_weights(inputs: PracticeInputs, model: TeamModel) -> list[tuple[dict[int, float], int]]:
    """Return for each unit its weight with each clinician, and who was asked for (-1 nobody)."""
    people = inputs.people
    locks: defaultdict[int, set[int]] = defaultdict(set)
    placed = range(people.size)
    if model.approach == "cohort":
        assert model.cohort is not None
        placed = [p for p in placed if people.cohorts[model.cohort][p]]
    for p in placed:
        if people.locked[p] >= 0:
            locks[int(people.household[p])].add(int(people.locked[p]))
    units: defaultdict[object, dict[int, float]] = defaultdict(dict)
    asked: dict[object, int] = {}
    for p in placed:
        home, lock = int(people.household[p]), int(people.locked[p])
        alone = not model.households or (lock >= 0 and len(locks[home]) > 1)
        key: object = ("alone", p) if alone else home
        if lock >= 0:
            asked[key] = lock
        for row in range(people.seen.offset[p], people.seen.offset[p + 1]):
            who = int(people.seen.clinician[row])
            units[key][who] = units[key].get(who, 0.0) + float(people.seen.weight[row])
    return [(weights, asked.get(key, -1)) for key, weights in units.items()]


def retained(units: list[tuple[dict[int, float], int]], teams: Sequence[Team]) -> float:
    """Return the weight kept when each unit goes to its best team, or to whom it asked for."""
    total = 0.0
    for weights, lock in units:
        by_team = [sum(weights.get(m, 0.0) for m in team) for team in teams]
        held = [value for value, team in zip(by_team, teams, strict=True) if lock in team]
        total += held[0] if held else max(by_team)
    return total


def best_teams(inputs: PracticeInputs, model: TeamModel) -> tuple[float, list[Team]] | None:
    """Return the greatest retained weight and its teams; None where rules cannot be kept."""
    staff = inputs.clinicians
    lists_only = model.approach in ("buddies", "personal_lists")
    gps = [g for g in range(staff.size) if staff.gp[g] and (staff.eligible[g] or not lists_only)]
    sizes = {"personal_lists": (1, 1), "buddies": (2, 3)}.get(model.approach, model.team_gps)
    units = unit_weights(inputs, model)
    allowed: dict[Team, bool] = {}

    def may_be(team: Team) -> bool:
        # The same team comes up in many partitions.
        if team not in allowed:
            allowed[team] = not _broken_by_team(inputs, model, team)
        return allowed[team]

    best: tuple[float, list[Team]] | None = None
    for teams in all_partitions(gps, *sizes):
        if not all(map(may_be, teams)) or broken_rules(inputs, model, teams):
            continue
        value = retained(units, teams)
        if best is None or value > best[0]:
            best = value, teams
    return best
