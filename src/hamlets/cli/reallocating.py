"""``hamlets teams reallocate``: lists re-made when somebody leaves, joins or is away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hamlets.cli.options import FormatOption, StoreOption, TextOrJson, read_day, store_path
from hamlets.errors import UsageError

if TYPE_CHECKING:
    import datetime

    from hamlets.teams.staff_changes import StaffChange


def reallocate_command(
    store: StoreOption = None,
    practice: Annotated[
        str | None, typer.Option(metavar="CODE", help="The practice; always needed.")
    ] = None,
    leaver: Annotated[
        str | None, typer.Option(metavar="STAFF", help="The GP who leaves or has left.")
    ] = None,
    joiner: Annotated[
        str | None,
        typer.Option(metavar="STAFF", help="A GP who joins; on the staff list or in the rota."),
    ] = None,
    leave: Annotated[
        str | None, typer.Option(metavar="STAFF", help="A GP who is away for long: see --until.")
    ] = None,
    sessions: Annotated[
        str | None,
        typer.Option(
            metavar="STAFF=N",
            help="A GP who will work N sessions a week; beside --joiner, how much they will work.",
        ),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(
            metavar="DAY",
            help="Last day of who leaves, first of what begins (default: the staff list's or the"
            " rota's, else the last of the records).",
        ),
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DAY", help="Last day of the leave.")] = None,
    team: Annotated[
        str | None,
        typer.Option(
            metavar="TEAM",
            help="The joiner's team, by id or name (default: where balance and cover gain most).",
        ),
    ] = None,
    plan: Annotated[
        str | None,
        typer.Option(metavar="PLAN", help="Start from a plan, not from today's teams and lists."),
    ] = None,
    budget: Annotated[
        float,
        typer.Option(
            min=0, max=100, metavar="PERCENT", help="Most others in 100 who may change GP."
        ),
    ] = 5.0,
    band: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            max=100,
            metavar="PERCENT",
            help="How far a team's work may be from its share (default: that of --plan, else of the"
            " plan in force, else 5).",
        ),
    ] = None,
    format: FormatOption = TextOrJson.text,  # noqa: A002 - the option's name
) -> None:
    """Re-make the lists when a GP leaves, joins or is away, and keep them as a draft plan.

    The patients of who goes get a GP of the same team whom they saw most, as far as each
    team's and each list's share of the work allows. Where the team cannot take them all,
    some go to other teams; others move only where a share could not be kept otherwise. A
    team or list that is further from its share today may stay so. Where a share cannot be
    kept, the nearest lists are shown and kept as such, with exit code 7. Households stay together,
    and recorded preferences are kept. Without teams all list-holders take part.

    Who has left before the records end is a leaver too: the list is shared out now. Who joins
    need not have worked yet; minutes are those of --sessions, else of four weeks or more of
    rota ahead, else of the contract.

    \b
    Examples:
      hamlets teams reallocate --practice G99001 --leaver S003 --date 2026-06-30
      hamlets teams reallocate --practice G99001 --joiner S014 --team "Team Blue"
      hamlets teams reallocate --practice G99001 --joiner S015 --sessions S015=6
      hamlets teams reallocate --practice G99001 --leave S003 --date 2026-03-02 --until 2026-12-31
      hamlets teams reallocate --practice G99001 --sessions S003=4
    """
    from hamlets.cli.designing import find_problem
    from hamlets.cli.plan_tables import print_json, print_plan
    from hamlets.cli.terminal import say_if_first_run
    from hamlets.publish.plan_json import plan_json
    from hamlets.records import open_store

    if practice is None:
        raise UsageError("--practice is missing.", where="--practice", hint="Name the practice.")
    day = read_day(date, "--date")
    asked = _asked(leaver, joiner, leave, sessions, day, read_day(until, "--until"), team)
    with open_store(store_path(store)) as opened:
        say_if_first_run()
        from hamlets.teams.plans.storing import read_plan, save_plan
        from hamlets.teams.reallocating import reallocate

        found = reallocate(
            opened, practice, asked, plan_id=plan, budget_percent=budget, band_percent=band
        )
        made = found.made
        folder = save_plan(
            opened.path, made.plan, made.arrangement, made.inputs, found.model, made.explanations
        )
        kept = read_plan(opened.path, folder.name).plan
    if format is TextOrJson.json:
        print_json(
            {
                **plan_json(kept),
                "change": asked.kind,
                "leaver": asked.staff_id if asked.kind in ("leaver", "leave") else None,
                "staff_id": asked.staff_id,
                "date": found.day,
                "until": asked.until,
                "patients": found.patients,
                "stay_in_team": found.stay_in_team,
                "leave_team": found.leave_team,
                "others_moved": found.others_moved,
                "budget": found.budget,
            }
        )
    else:
        print(found.headline)
        print(f"See who: hamlets teams export {kept.plan_id} --to FOLDER --only named-gps.")
        print()
        print_plan(kept)
    problem = find_problem(kept, False)
    if problem is not None:
        raise problem


def _asked(
    leaver: str | None,
    joiner: str | None,
    leave: str | None,
    sessions: str | None,
    day: datetime.date | None,
    until: datetime.date | None,
    team: str | None,
) -> StaffChange:
    """Return the one change that was asked for; UsageError where it is none or several."""
    from hamlets.teams.staff_changes import StaffChange

    given = [
        name
        for name, value in (
            ("--leaver", leaver),
            ("--joiner", joiner),
            ("--leave", leave),
            # Of a joiner it says how much they will work, and is no change of its own.
            ("--sessions", sessions if joiner is None else None),
        )
        if value is not None
    ]
    if len(given) != 1:
        raise UsageError(
            "Say one change: who leaves, joins, is away or works other sessions.",
            where=", ".join(given) or "--leaver",
            hint="Give one of --leaver, --joiner, --leave and --sessions.",
        )
    if team is not None and joiner is None:
        raise UsageError("--team goes with --joiner.", where="--team", hint="Leave it out.")
    if (until is None) != (leave is None):
        raise UsageError(
            "A leave has a last day, and only a leave has.",
            where="--until",
            hint="Give --leave STAFF with --until DAY.",
        )
    if leaver is not None:
        return StaffChange("leaver", leaver, day)
    if joiner is not None:
        count = None if sessions is None else _sessions(sessions)
        if count is not None and count[0] != joiner:
            raise UsageError(
                f"Beside --joiner {joiner}, sessions are those of {joiner}.",
                where="--sessions",
                hint=f"For example: --sessions {joiner}=6.",
            )
        weekly = None if count is None else count[1]
        return StaffChange("joiner", joiner, day, sessions=weekly, team=team)
    if leave is not None:
        return StaffChange("leave", leave, day, until=until)
    who, weekly = _sessions(sessions or "")
    return StaffChange("sessions", who, day, sessions=weekly)


def _sessions(words: str) -> tuple[str, float]:
    """Return who and how many a week of STAFF=N; UsageError for anything else."""
    who, _, number = words.rpartition("=")
    try:
        count = float(number)
    except ValueError:
        count = -1.0
    if not who or not 0 <= count <= 20:
        raise UsageError(
            "Sessions are written as STAFF=N, with N from 0 to 20 a week.",
            where="--sessions",
            hint="For example: --sessions S003=4.",
        )
    return who, count
