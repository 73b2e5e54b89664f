"""``hamlets teams propose``, ``adopt`` and ``withdraw``: what becomes of a plan."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, cast

import typer

from hamlets.cli.options import (
    FormatOption,
    StoreOption,
    TextOrJson,
    WaitOption,
    read_day,
    store_path,
    wait_seconds,
)
from hamlets.cli.plan_showing import PlanArgument

if TYPE_CHECKING:
    from hamlets.teams.plans.adopting import Adopted

ByOption = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help="Who does it (default: the account's name)."),
]
TryOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")
]


def propose_command(
    plan: PlanArgument,
    store: StoreOption = None,
    by: ByOption = None,
    note: Annotated[
        str | None, typer.Option(metavar="TEXT", help="A word to keep with it, without names.")
    ] = None,
    wait: WaitOption = None,
    format: FormatOption = TextOrJson.text,  # noqa: A002 - the option's name
) -> None:
    """Say that a plan is put to the GPs and the patient group. Nothing else changes."""
    from hamlets.cli.plan_tables import print_json
    from hamlets.teams.plans.storing import propose

    found = propose(store_path(store), plan, by, note=note, wait_seconds=wait_seconds(wait))
    if format is TextOrJson.json:
        print_json({"plan_id": plan, **vars(found)})
    else:
        print(f"Plan {plan} is {found.state}.")


def adopt_command(
    plan: PlanArgument,
    first: Annotated[
        str, typer.Option("--from", metavar="DAY", help="The teams' first day, as 2031-07-01.")
    ],
    store: StoreOption = None,
    by: ByOption = None,
    force: Annotated[
        bool, typer.Option("--force", help="Adopt a plan that does not keep all its rules.")
    ] = False,
    dry_run: TryOption = False,
    wait: WaitOption = None,
    format: FormatOption = TextOrJson.text,  # noqa: A002 - the option's name
) -> None:
    """Follow a plan from a day on: its teams and its named GPs count in all measures.

    The practice's teams of before end that day; patients whose named GP does not change are
    left as they are. It makes a new version of the store. Your clinical system does not
    change by itself: `hamlets teams export` writes the list for it, and the letters.

    \b
    Examples:
      hamlets teams adopt EX001-3 --from 2031-07-01 --dry-run
      hamlets teams adopt EX001-3 --from 2031-07-01 --by "Dr Example-Ash"
    """
    from hamlets.teams.plans.adopting import adopt

    found = adopt(
        store_path(store), plan, cast(date, read_day(first, "--from")), by,
        force=force, dry_run=dry_run, wait_seconds=wait_seconds(wait),
    )  # fmt: skip
    _show(found, _adopted(found), format)


def withdraw_command(
    plan: PlanArgument,
    store: StoreOption = None,
    by: ByOption = None,
    dry_run: TryOption = False,
    wait: WaitOption = None,
    format: FormatOption = TextOrJson.text,  # noqa: A002 - the option's name
) -> None:
    """Take an adopted plan back before its first day. What held before holds again."""
    from hamlets.teams.plans.adopting import withdraw

    found = withdraw(store_path(store), plan, by, dry_run=dry_run, wait_seconds=wait_seconds(wait))
    _show(found, _withdrawn(found), format)


def _show(found: Adopted, lines: list[str], format: TextOrJson) -> None:  # noqa: A002
    from hamlets.cli.plan_tables import print_json
    from hamlets.cli.terminal import print_lines

    if format is TextOrJson.json:
        print_json({**vars(found), "dry_run": found.version is None})
    else:
        print_lines(lines)


def _adopted(found: Adopted) -> list[str]:
    from hamlets.publish.numbers import day

    start = day(found.from_date)
    tried = found.version is None
    verb = "would start" if tried else "starts"
    first = f", and {_get(found.named_first)} their first" if found.named_first else ""
    lines = [
        f"Plan {found.plan_id} {verb} on {start}.",
        f"{_get(found.named_changed)} another named GP{first}." + _teams(found),
    ]
    if found.superseded:
        lines.append(f"Plan {found.superseded} ends that day.")
    lines += [*passed_over(found), *found.notes]
    if tried:
        return [*lines, "Nothing was changed: this was a try."]
    lines.append(
        f"Version {found.version} is ready. Your clinical system does not change by itself: "
        f"hamlets teams export {found.plan_id} writes the list for it."
    )
    if found.from_date > date.today():
        before = found.from_date - timedelta(days=1)
        lines.append(
            f"You can stop it until {day(before)}: hamlets teams withdraw {found.plan_id}."
        )
    return lines


def passed_over(found: Adopted) -> list[str]:
    """Return what is said of patients and staff of the plan who have gone since."""
    lines: list[str] = []
    if found.patients_left:
        lines.append(
            f"{_people(found.patients_left)} of the plan have left the practice and were passed "
            "over."
        )
    if found.names_gone:
        lines.append(f"In no team, because they will have left: {', '.join(found.names_gone)}.")
    if found.patients_without_gp:
        keep = "keeps" if found.patients_without_gp == 1 else "keep"
        lines.append(
            f"{_people(found.patients_without_gp)} of lists planned for who has left {keep} the "
            "named GP of now: design again to place them."
        )
    return lines


def _withdrawn(found: Adopted) -> list[str]:
    if found.version is None:
        lines = [f"Plan {found.plan_id} would be taken back. Nothing was changed: this was a try."]
    else:
        lines = [f"Plan {found.plan_id} is taken back. Version {found.version} is ready."]
    if found.superseded:
        lines.append(f"Plan {found.superseded} holds on.")
    return lines


def _teams(found: Adopted) -> str:
    """Return what becomes of teams; a plan of lists alone leaves them as they are."""
    if not found.teams:
        return " Teams stay as they are."
    teams = "1 team" if found.teams == 1 else f"{found.teams} teams"
    members = "1 member" if found.members == 1 else f"{found.members} members"
    ends = "1 earlier row ends" if found.closed == 1 else f"{found.closed} earlier rows end"
    verb = "begins" if found.teams == 1 else "begin"
    return f" {teams} with {members} {verb}; {ends}."


def _get(count: int) -> str:
    return f"{_people(count)} {'gets' if count == 1 else 'get'}"


def _people(count: int) -> str:
    return "1 patient" if count == 1 else f"{count:,} patients"
