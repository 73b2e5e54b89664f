"""The teams of an arrangement as they are shown: names, members, work and weekly cover."""

from __future__ import annotations

import numpy as np

from hamlets.teams.arrangement import Arrangement
from hamlets.teams.comparing.kept import find_gp_shares, find_members
from hamlets.teams.comparing.measures import find_balance
from hamlets.teams.inputs import HALF_DAYS, PracticeInputs
from hamlets.teams.results import PlanTeam

COLOURS = (
    "Blue", "Green", "Purple", "Orange", "Teal", "Pink", "Indigo", "Lime", "Turquoise", "Peach",
    "Lilac", "Aqua", "Plum", "Mint", "Navy", "Apricot", "Sage", "Lavender", "Cobalt", "Lemon",
    "Magenta", "Cream", "Maroon", "Azure", "Tangerine", "Mauve", "Saffron", "Cyan", "Ochre",
    "Mulberry", "Russet", "Indigo Sky", "Sand", "Marine", "Fuchsia", "Chestnut",
)  # fmt: skip
"""No red, amber, gold or silver, which read as results, and none that is a forename."""


def team_names(count: int) -> tuple[str, ...]:
    """Return the names of so many teams, always the same: Team Blue, Team Green ..."""
    rounds = [divmod(number, len(COLOURS)) for number in range(count)]
    return tuple(
        f"Team {COLOURS[colour]}" + (f" {again + 1}" if again else "") for again, colour in rounds
    )


def team_ids(plan_id: str, count: int) -> tuple[str, ...]:
    """Return the ids of a plan's teams, unlike those of any other plan, in the order of teams."""
    width = max(2, len(str(count)))
    return tuple(f"{plan_id}-{number:0{width}}" for number in range(1, count + 1))


def plan_teams(
    inputs: PracticeInputs,
    arrangement: Arrangement,
    plan_id: str,
    names: tuple[str, ...] | None = None,
) -> tuple[PlanTeam, ...]:
    """Return the teams of an arrangement in their order; names as given or by colour."""
    count = len(arrangement.teams)
    called = names or team_names(count)
    ids = team_ids(plan_id, count)
    everybody = np.ones(inputs.people.size, dtype=np.bool_)
    balance = find_balance(inputs, arrangement, everybody)
    sessions = inputs.clinicians.sessions_per_week @ find_gp_shares(inputs, arrangement)
    several = find_members(inputs, arrangement).sum(axis=1) > 1
    sizes = np.bincount(arrangement.team[arrangement.team >= 0], minlength=count)
    each_session = _for_each(balance.work, balance.sessions)
    each_minute = _for_each(balance.work, balance.capacity)
    staff = inputs.clinicians

    def shown(team: int) -> PlanTeam:
        members = [row for row in arrangement.members(team) if not several[row]]
        shared = {*arrangement.shared, *(m for m in arrangement.members(team) if several[m])}
        cover, covered_share = _cover(inputs, arrangement.teams[team])
        lead = arrangement.leads[team]
        return PlanTeam(
            team_id=ids[team],
            name=called[team],
            members=tuple(staff.staff_id[row] for row in members),
            member_names=tuple(staff.name[row] for row in members),
            lead=staff.staff_id[lead] if lead >= 0 else None,
            shared=tuple(staff.staff_id[row] for row in sorted(shared)),
            shared_names=tuple(staff.name[row] for row in sorted(shared)),
            sessions=float(sessions[team]),
            list_size=int(sizes[team]),
            work=float(balance.work[team]),
            capacity=float(balance.capacity[team]),
            work_per_session=each_session[team],
            cover=cover,
            covered_share=covered_share,
            work_for_minutes=each_minute[team],
        )

    return tuple(shown(team) for team in range(count))


def _for_each(work: np.ndarray, means: np.ndarray) -> list[float | None]:
    """Return work for means, 100 = practice average; None for a team without means."""
    if work.sum() <= 0 or means.sum() <= 0:
        return [None] * len(work)
    average = work.sum() / means.sum()
    return [
        float(100 * minutes / given / average) if given > 0 else None
        for minutes, given in zip(work.tolist(), means.tolist(), strict=True)
    ]


def _cover(
    inputs: PracticeInputs, members: tuple[int, ...]
) -> tuple[tuple[int, ...], float | None]:
    """Return GPs who hold lists by half-day of a template week, and the share really covered."""
    staff = inputs.clinicians
    holders = [row for row in members if staff.eligible[row]]
    week = HALF_DAYS // 2
    at_work = staff.half_days[holders].sum(axis=0)
    real = staff.actual_half_days[holders]
    covered = real.any(axis=0)
    share = float(covered.sum()) / covered.size if covered.size else None
    return tuple(int(n) for n in np.minimum(at_work[:week], at_work[week:])), share
