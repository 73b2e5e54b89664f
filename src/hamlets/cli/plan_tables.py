"""A plan of teams in a terminal: what ``design``, ``reallocate`` and ``show`` print."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hamlets.cli.columns import Column
    from hamlets.teams.results import Option, Plan, PlanTeam

_TINY = 1e-9
_HEADS = {
    "now": "Now",
    "plan": "This plan",
    "alphabetical": "By alphabet",
    "most_seen": "By most-seen GP, uneven",
    "by_hand": "By most-seen GP, even",
}
_FACTORS = {
    "age_band": "age",
    "imd_quintile": "deprivation (1 most)",
    "language": "language",
    "cohort": "cohort",
}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri")


def print_json(value: Any) -> None:
    """Print one object as JSON: days as ISO, null for what is not a number."""
    import orjson

    from hamlets.cli.exports import print_bytes

    options = orjson.OPT_APPEND_NEWLINE | orjson.OPT_SERIALIZE_NUMPY
    print_bytes(orjson.dumps(value, option=options))


def print_plan(plan: Plan) -> None:
    """Print a plan beside what it is compared with, its proof, its teams and what to know."""
    from hamlets.cli.terminal import print_lines
    from hamlets.publish.plan_words import headline, proof

    print_lines([_title(plan), *headline(plan)])
    if plan.options:
        print()
        _print_comparison(plan)
    print_lines(["", "How good is it", *proof(plan)])
    if plan.teams:
        print()
        _print_teams(plan.teams)
    if plan.equity:
        print()
        _print_equity(plan)
    if plan.pareto:
        print()
        _print_trade_off(plan)
    _print_backtest(plan)
    if plan.notes:
        print_lines(["", *plan.notes])
    print_lines(["", _made(plan)])


def _title(plan: Plan) -> str:
    state = plan.state
    if plan.adopted_from is not None:
        state = f"{state}, from {_day(plan.adopted_from)}"
    name = plan.practice_name or plan.practice_id
    return f"Plan {plan.number} for {name} ({plan.plan_id}, {state})"


def _print_comparison(plan: Plan) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.cli.terminal import print_lines
    from hamlets.publish.numbers import at_least, at_most, percent
    from hamlets.publish.plan_words import band

    def span(least: float | None, most: float | None) -> str:
        if least is None or most is None:
            return "-"
        # The band is a promise: rounded against ourselves.
        return f"{math.floor(least + _TINY)} to {math.ceil(most - _TINY)}"

    def number(value: int | None) -> str:
        return "-" if value is None else f"{value:,}"

    rows: list[tuple[str, Callable[[Option], str]]] = [
        ("Past contacts kept in team", lambda o: at_least(o.retained_team)),
        ("- of which by chance", lambda o: percent(o.chance_team)),
        ("Past contacts kept with own GP", lambda o: at_least(o.retained_own)),
        ("- of which by chance", lambda o: percent(o.chance_own)),
        ("Seen by own GP, rota allows", lambda o: percent(o.expected_own)),
        ("Seen by own team, rota allows", lambda o: percent(o.expected_team)),
        ("Work of teams, least to most", lambda o: span(o.work_least, o.work_most)),
        ("Work of lists, least to most", lambda o: span(o.list_least, o.list_most)),
        ("Half-days without a team GP", lambda o: number(o.uncovered_half_days)),
        ("Patients with a new named GP", lambda o: at_most(o.moved_share)),
    ]
    empty = {"-", percent(None)}
    kept = [
        (name, [show(option) for option in plan.options])
        for name, show in rows
        if any(show(option) not in empty for option in plan.options)
    ]
    columns = [Column("", [name for name, _ in kept], "name")]
    for place, option in enumerate(plan.options):
        head = _HEADS.get(option.name, option.name.replace("_", " "))
        columns.append(Column(head, [cells[place] for _, cells in kept], leaves=_leaves(option)))
    print_columns(columns)
    about = "Work: for the minutes that can be booked with the GPs; 100 is the practice's average."
    print_lines(filter(None, [about, band(plan)]))


def _leaves(option: Option) -> int:
    return 0 if option.name in ("now", "plan") else 1


def _print_teams(teams: tuple[PlanTeam, ...]) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.cli.terminal import print_lines

    everywhere = teams[0].shared_called if len({team.shared for team in teams}) == 1 else ()
    columns: list[Column] = [
        Column("team", [team.name or team.team_id for team in teams], "name"),
        Column("members", [_members(team, everywhere) for team in teams], "words"),
        Column("days with a GP", [_days(team.cover) for team in teams], "words", leaves=2),
        Column("sessions", [f"{team.sessions:g}" for team in teams], leaves=3),
        Column("list", [f"{team.list_size:,}" for team in teams]),
        Column("work", [_number(team.work_for_minutes) for team in teams], leaves=1),
    ]
    print_columns(columns)
    if everywhere:
        print_lines([f"Shared by all teams: {', '.join(everywhere)}."])


def _members(team: PlanTeam, everywhere: tuple[str, ...]) -> str:
    pairs = zip(team.members, team.member_names, strict=True)
    names = [f"{name} (lead)" if who == team.lead else name for who, name in pairs]
    if team.shared and not everywhere:
        names.append(f"shared: {', '.join(team.shared_called)}")
    return ", ".join(names)


def _days(cover: tuple[int, ...]) -> str:
    """Return the weekdays of the half-days with a GP: "Mon, Tue am"."""
    found: list[str] = []
    for place, name in enumerate(_DAYS):
        am, pm = (*cover[2 * place : 2 * place + 2], 0, 0)[:2]
        if am and pm:
            found.append(name)
        elif am or pm:
            found.append(f"{name} {'am' if am else 'pm'}")
    return ", ".join(found) or "none"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _print_equity(plan: Plan) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.publish.numbers import at_least, at_most

    rows = plan.equity
    print_columns(
        [
            Column("by", [_FACTORS.get(row.factor, row.factor) for row in rows], "name"),
            Column("group", [row.group for row in rows], "name"),
            Column("patients", [f"{row.n_patients:,}" for row in rows]),
            Column("new named GP", [at_most(row.moved_share) for row in rows]),
            Column("kept in team now", [at_least(r.retained_team_before) for r in rows], leaves=1),
            Column("by the plan", [at_least(row.retained_team_after) for row in rows]),
        ]
    )


def _print_trade_off(plan: Plan) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.publish.numbers import at_least, at_most

    points = plan.pareto
    print_columns(
        [
            Column("trade-off", ["this plan" if p.this_plan else "" for p in points], "name"),
            Column("work within", [f"{point.band_percent:g}%" for point in points], leaves=2),
            Column("new named GP", [at_most(point.moved_share) for point in points]),
            Column("kept in team", [at_least(point.retained_team) for point in points]),
            Column("with own GP", [at_least(point.retained_own) for point in points], leaves=1),
        ]
    )


def _print_backtest(plan: Plan) -> None:
    from hamlets.cli.terminal import print_lines
    from hamlets.publish.numbers import in_100

    test = plan.backtest
    if test is None:
        return
    lines = [
        "",
        "Held against the next year",
        f"A plan made in this way on {_day(test.design_day)} promised {in_100(test.promised)} "
        f"contacts with the own team. In the year after it, {in_100(test.found)} were with that "
        "team, though nobody booked by the plan.",
    ]
    if test.found_now is not None:
        lines[-1] += f" With the teams there were, it was {in_100(test.found_now)}."
    if test.promised_own is not None and test.found_own is not None:
        own = (
            f"With the own GP: {in_100(test.promised_own)} promised, {in_100(test.found_own)} found"
        )
        if test.found_now_own is not None:
            own += f", {in_100(test.found_now_own)} on the lists there were"
        lines.append(own + ".")
    lines.append(f"{test.n_contacts:,} contacts of {test.n_patients:,} patients.")
    print_lines(lines)


def _made(plan: Plan) -> str:
    return (
        f"Made {plan.made_at[:10]} by {plan.made_by} on version {plan.store_version} of the "
        f"records, as on {_day(plan.day)}, in {plan.seconds:.1f} seconds."
    )


def _day(day: date) -> str:
    from hamlets.publish.numbers import day as in_words

    return in_words(day)
