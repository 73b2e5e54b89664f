"""``hamlets teams list`` and ``hamlets teams show``: plans that the store keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hamlets.cli.options import FormatOption, StoreOption, TextOrJson, store_path

if TYPE_CHECKING:
    from pathlib import Path

    from hamlets.teams.plans.storing import StoredPlan
    from hamlets.teams.results import Plan

PlanArgument = Annotated[str, typer.Argument(metavar="PLAN", help="The plan's id, as EX001-3.")]


def list_command(
    store: StoreOption = None,
    practice: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only this practice (default: all).")
    ] = None,
    format: FormatOption = TextOrJson.text,  # noqa: A002 - the option's name
) -> None:
    """List the plans of a store, and how each stands.

    A plan is a draft, proposed, adopted, or superseded by a later one. Shown is how it
    stands in the store's version in use: going back to an earlier version takes an
    adoption back.
    """
    from hamlets.cli.plan_tables import print_json
    from hamlets.cli.terminal import say
    from hamlets.publish.plan_json import plan_json
    from hamlets.teams.plans.storing import list_plans

    damaged: list[str] = []
    plans = list_plans(store_path(store), practice, damaged)
    if practice is not None and not plans:
        _check_practice(store_path(store), practice)
    if format is TextOrJson.json:
        keys = (
            "plan_id", "practice_id", "state", "adopted_from", "approach", "status", "gap",
            "retained_team", "retained_own", "moved_share", "made_at", "made_by",
            "store_version",
        )  # fmt: skip
        print_json([{key: plan_json(plan)[key] for key in keys} for plan in plans])
    elif plans:
        _print_list(plans)
    else:
        print("There is no plan yet.")
    for plan_id in damaged:
        say(f"Plan {plan_id} cannot be read. `hamlets store verify` says what is wrong.")


def _check_practice(store: Path, practice: str) -> None:
    """Raise UnknownPlaceError where a store has no such practice."""
    from hamlets.errors import UnknownPlaceError
    from hamlets.records import open_store

    with open_store(store) as opened:
        if practice in opened.labels("practice"):
            return
    raise UnknownPlaceError(
        f"There is no practice '{practice}' in these records.",
        where="--practice",
        hint="`hamlets measure --by practice` lists the practices there are.",
    )


def _print_list(plans: tuple[Plan, ...]) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.publish.numbers import at_least, at_most

    chosen = [plan.option("plan") for plan in plans]
    print_columns(
        [
            Column("plan", [plan.plan_id for plan in plans], "name"),
            Column("practice", [plan.practice_id for plan in plans], "name"),
            Column("state", [plan.state for plan in plans], "name"),
            Column("from", [str(plan.adopted_from or "-") for plan in plans], "name"),
            Column("teams", [str(len(plan.teams)) for plan in plans], leaves=3),
            Column("kept in team", [at_least(o.retained_team if o else None) for o in chosen]),
            Column("new named GP", [at_most(o.moved_share if o else None) for o in chosen]),
            Column("made", [plan.made_at[:10] for plan in plans], "name", leaves=2),
            Column("by", [plan.made_by for plan in plans], "words", leaves=1),
        ]
    )


def show_command(
    plan: PlanArgument,
    store: StoreOption = None,
    why: Annotated[
        bool, typer.Option("--why", help="Say why each clinician and group of patients is there.")
    ] = False,
    format: FormatOption = TextOrJson.text,  # noqa: A002 - the option's name
) -> None:
    """Show a plan beside today's teams and two made without design, and how good it is.

    Promises are rounded against the plan. No patient is named.
    """
    from hamlets.cli.plan_tables import print_json, print_plan
    from hamlets.teams.plans.storing import read_plan

    stored = read_plan(store_path(store), plan)
    if format is TextOrJson.json:
        print_json(stored_json(stored))
        return
    print_plan(stored.plan)
    _print_history(stored)
    if why:
        _print_reasons(stored)


def stored_json(stored: StoredPlan) -> dict[str, Any]:
    """Return a kept plan as the object that programs read."""
    from dataclasses import asdict

    from hamlets.publish.plan_json import plan_json

    return {
        **plan_json(stored.plan),
        "standing": vars(stored.standing),
        "model": asdict(stored.model),
        "members": [vars(member) for member in stored.members],
        "explanations": [vars(each) for each in stored.explanations],
        "history": [vars(change) for change in stored.history],
    }


def _print_history(stored: StoredPlan) -> None:
    from hamlets.cli.terminal import print_lines
    from hamlets.publish.numbers import day

    lines: list[str] = []
    for change in stored.history[1:]:
        start = "" if change.from_date is None else f" from {day(change.from_date)}"
        note = f": {change.note}" if change.note else ""
        verb = {"withdrawn": "Taken back"}.get(change.state, change.state.capitalize())
        lines.append(f"{verb}{start} on {change.when[:10]} by {change.who}{note}.")
    standing = stored.standing
    if standing.undone:
        lines.append(
            "The store has gone back to a version from before that, so the plan is not in force."
        )
    if standing.until is not None:
        lines.append(f"Plan {standing.followed_by} follows it from {day(standing.until)}.")
    print_lines(lines)


def _print_reasons(stored: StoredPlan) -> None:
    from hamlets.cli.terminal import print_lines

    print_lines(["", "Why"])
    if not stored.explanations:
        print("No reasons were kept with this plan.")
    print_lines([f"- {each.reason}" for each in stored.explanations], hanging="  ")
