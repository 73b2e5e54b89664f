"""``hamlets teams reallocate``: the lists without a GP who leaves, as a draft plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hamlets.cli.options import StoreOption, TextOrJson, read_day, store_path

if TYPE_CHECKING:
    from hamlets.teams.reallocating import Reallocation


def reallocate_command(
    store: StoreOption = None,
    practice: Annotated[str, typer.Option(metavar="CODE", help="The practice.")] = "",
    leaver: Annotated[str, typer.Option(metavar="STAFF", help="The GP who leaves.")] = "",
    date: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="The GP's last day (default: the last of the records)."),
    ] = None,
    format: Annotated[  # noqa: A002 - the option's name
        TextOrJson, typer.Option("--format", metavar="FORMAT", help="Print text or json.")
    ] = TextOrJson.text,
) -> None:
    """Share out the list of a GP who leaves, and keep the result as a draft plan.

    Patients go to a GP of the same team whom they saw, or who has room. Nobody else moves,
    unless a team's work would be further from its share than in the practice today.

    \b
    Example:
      hamlets teams reallocate --practice G99001 --leaver S003 --date 2026-06-30
    """
    from hamlets.cli.plan_tables import plan_json, print_json, print_plan
    from hamlets.cli.terminal import say_if_first_run
    from hamlets.errors import UsageError
    from hamlets.records import open_store

    for name, value in (("--practice", practice), ("--leaver", leaver)):
        if not value:
            raise UsageError(f"{name} is missing.", where=name, hint="Name one.")
    last = read_day(date, "--date")
    with open_store(store_path(store)) as opened:
        say_if_first_run()
        from hamlets.teams.plans.storing import read_plan, save_plan
        from hamlets.teams.reallocating import reallocate

        found = reallocate(opened, practice, leaver, last_day=last)
        made = found.made
        folder = save_plan(
            opened.path, made.plan, made.arrangement, made.inputs, found.model, made.explanations
        )
        plan = read_plan(opened.path, folder.name).plan
    if format is TextOrJson.json:
        print_json(
            {
                **plan_json(plan),
                "leaver": found.leaver,
                "date": found.last_day.isoformat(),
                "patients": found.patients,
                "stay_in_team": found.stay_in_team,
                "leave_team": found.leave_team,
                "others_moved": found.others_moved,
            }
        )
        return
    print(sentence(found))
    print()
    print_plan(plan)


def sentence(found: Reallocation) -> str:
    """Return what becomes of the list."""
    from hamlets.publish.numbers import day
    from hamlets.teams.reallocating import rounded_loss

    lost = rounded_loss(found.before, found.after)
    return (
        f"{found.leaver} leaves on {day(found.last_day)}. {found.patients:,} patients: "
        f"{found.stay_in_team:,} can stay in the team, {found.leave_team:,} would move. "
        f"{found.others_moved:,} others get a different named GP. Contacts with the own GP "
        f"that are lost: at most {lost} in every 100."
    )
