"""``hamlets teams design``: teams and lists for a practice, with proof, kept as a draft."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hamlets.cli.options import (
    FormatOption,
    StoreOption,
    TextOrJson,
    ThreadsOption,
    read_day,
    store_path,
)
from hamlets.errors import HamletsError, NoFeasiblePlanError, StoppedError, UsageError

if TYPE_CHECKING:
    from hamlets.cli.stopping import Asked
    from hamlets.records import Store
    from hamlets.teams.designing import Progress
    from hamlets.teams.model import TeamModel
    from hamlets.teams.planning import Extras
    from hamlets.teams.results import Plan

STAGES = {
    "teams": "Trying teams",
    "lists": "Sharing out patients",
    "proof": "Checking the proof",
    "compare": "Comparing with other ways",
    "rota": "Booking again as the rota allows",
    "trade-off": "Trying other bands and budgets",
    "backtest": "Holding a plan of a year ago against the year since",
}
_TINY = 1e-9


def design_command(
    store: StoreOption = None,
    practice: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="The practice; again for more (default: the only one)."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every practice of the store, one line each.")
    ] = False,
    model: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Team model, a TOML file.")
    ] = None,
    day: Annotated[
        str | None,
        typer.Option(metavar="DAY", help="As on this day (default: the last there is)."),
    ] = None,
    time_limit: Annotated[
        float | None,
        typer.Option(min=0, metavar="SECONDS", help="Longest search for a plan (default: 60)."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Kept with the plan (default: 1).")
    ] = None,
    compare: Annotated[
        bool,
        typer.Option(
            "--compare/--no-compare",
            help="Beside teams by alphabet, by most-seen GP, and other bands and budgets.",
        ),
    ] = True,
    expected: Annotated[
        bool | None,
        typer.Option(
            "--expected/--no-expected",
            help="What the rota would allow under each (default: for one practice).",
        ),
    ] = None,
    backtest: Annotated[
        bool,
        typer.Option(
            "--backtest/--no-backtest",
            help="A plan made in this way a year ago, held against what was booked since.",
        ),
    ] = True,
    threads: ThreadsOption = None,
    format: FormatOption = TextOrJson.text,  # noqa: A002 - the option's name
) -> None:
    """Design teams and lists for a practice, and keep them as a draft plan.

    Shown is the plan beside today's teams and those that a practice would make by hand, and
    how much better any other plan of the same rules could be. Nothing changes in the
    records: `hamlets teams adopt` follows a plan. Without --model: teams of 2 to 4 GPs for
    the whole list, a GP of each team on every weekday, work within 5 in 100 of each team's
    share, and at most 20 in 100 patients with a different named GP.

    Ctrl-C once stops the search and gives the best plan so far, with exit code 9. Rules that
    cannot hold together end with 7: the fewest that conflict are named, and the nearest plan
    is shown and kept as such.

    \b
    Examples:
      hamlets teams design --practice G99001
      hamlets teams design --practice G99001 --model pairs.toml --format json
      hamlets teams design --all --time-limit 20
    """
    from hamlets.cli.stopping import stop_on_interrupt
    from hamlets.cli.terminal import say_if_first_run
    from hamlets.records import open_store
    from hamlets.teams.model import TeamModel, read_model

    on = read_day(day, "--day")
    as_json = format is TextOrJson.json
    asked_for = read_model(model) if model is not None else TeamModel()
    with open_store(store_path(store)) as opened:
        codes = find_practices(opened, practice or [], every)
        one = len(codes) == 1 and not every
        say_if_first_run()
        from hamlets.teams.planning import Extras

        extras = Extras(
            alternatives=compare,
            expected=compare and (one if expected is None else expected),
            trade_off=compare,
            backtest=backtest,
        )
        if seed is not None:
            asked_for = replace(asked_for, seed=seed)
        with stop_on_interrupt(quiet=as_json) as stop:
            work = _Work(opened, asked_for, on, time_limit, stop, extras, threads, as_json)
            if one:
                work.one(codes[0])
            else:
                work.several(codes)


def find_practices(store: Store, asked: Sequence[str], every: bool) -> list[str]:
    """Return the practices to design, each once; raises before any work where one is not there."""
    from hamlets.continuity.asking import find_scope

    labels = store.labels("practice")
    if asked and every:
        raise UsageError(
            "Both --practice and --all were given.", where="--all", hint="Leave one of them out."
        )
    if asked:
        for code in asked:
            find_scope(store, code)
        return list(dict.fromkeys(asked))
    there = [labels[home] for home in find_scope(store, None).peopled]
    if every or len(there) == 1:
        return sorted(there)
    raise UsageError(
        "These records hold several practices.",
        where="--practice",
        hint="Name one with --practice, or design them --all.",
    )


@dataclass(frozen=True)
class _Work:
    """What the command was asked for, and how it goes through practices."""

    store: Store
    model: TeamModel
    day: date | None
    time_limit: float | None
    stop: Asked
    extras: Extras
    threads: int | None
    as_json: bool

    def one(self, code: str) -> None:
        """Design, keep and show one plan; end as it deserves."""
        from hamlets.cli.plan_tables import print_json, print_plan
        from hamlets.publish.plan_json import plan_json

        plan = self.design(code)
        if self.as_json:
            print_json(plan_json(plan))
        else:
            print_plan(plan)
        problem = find_problem(plan, self.stop.stop)
        if problem is not None:
            raise problem

    def several(self, codes: Sequence[str]) -> None:
        """Design and keep a plan for each practice; show a line each."""
        from hamlets.cli.failures import show
        from hamlets.cli.plan_tables import print_json
        from hamlets.publish.plan_json import plan_json

        plans: list[Plan] = []
        problems: list[HamletsError] = []
        for number, code in enumerate(codes):
            if self.stop():
                break
            try:
                plan = self.design(code, f"{code} ({number + 1} of {len(codes)}): ")
            except (NoFeasiblePlanError, StoppedError) as error:
                problems.append(error)
                if not self.as_json:
                    show(error, False)
                continue
            plans.append(plan)
            problem = find_problem(plan, self.stop.stop)
            if problem is not None:
                problems.append(problem)
        if self.as_json:
            print_json([plan_json(plan) for plan in plans])
        elif plans:
            print_lines_of(plans)
        if self.stop() and len(plans) < len(codes):
            raise StoppedError(
                f"Stopped after {len(plans)} of {len(codes)} practices; their plans are kept.",
                hint="Run the command again for the others.",
            )
        if problems:
            raise _several_problems(problems, len(codes))

    def design(self, code: str, before: str = "") -> Plan:
        """Return the plan of one practice, kept as a draft.

        Ctrl-C before there was any plan is an interruption as any other.
        """
        from hamlets.teams.persons import with_labels
        from hamlets.teams.planning import make_plan
        from hamlets.teams.plans.storing import read_plan, save_plan

        try:
            with showing(before, self.as_json) as progress:
                made = make_plan(
                    self.store,
                    code,
                    self.model,
                    day=self.day,
                    time_limit=self.time_limit,
                    stop=self.stop,
                    progress=progress,
                    extras=self.extras,
                    threads=self.threads,
                )
        except StoppedError as error:
            if self.stop():
                raise KeyboardInterrupt from error
            raise
        plan = made.plan
        model = with_labels(self.store, self.model, made.inputs)
        folder = save_plan(
            self.store.path, plan, made.arrangement, made.inputs, model, made.explanations
        )
        # Another plan may have taken the number in the meantime.
        return plan if folder.name == plan.plan_id else read_plan(self.store.path, folder.name).plan


@contextmanager
def showing(before: str, quiet: bool) -> Generator[Progress]:
    """Show the stages of a design on a terminal, and nothing elsewhere."""
    import sys

    from hamlets.cli.terminal import progress

    quiet = quiet or not sys.stderr.isatty()
    with progress(f"{before}Reading the records", quiet=quiet, unit="") as shown:

        def tell(stage: str, number: int) -> None:
            text = STAGES.get(stage, stage)
            if stage == "teams":
                text += f" ({number:,} tried)"
            shown.stage(before + text)

        yield tell


def find_problem(plan: Plan, interrupted: bool) -> HamletsError | None:
    """Return why a plan is not what was asked for: rules in conflict, or a search cut short."""
    from hamlets.publish.plan_words import conflict, proof

    if plan.status == "infeasible":
        which, change, broken = conflict(plan)
        kept = f" It is kept as {plan.plan_id}."
        return NoFeasiblePlanError(
            which or "No teams and lists were found that keep every rule.",
            where=plan.practice_id,
            hint=f"{change} {broken}{kept}".strip(),
        )
    if plan.status == "stopped":
        why = "was stopped" if interrupted else "came to its time limit"
        return StoppedError(
            f"The search {why}. {plan.plan_id} is the best plan found so far.",
            where=plan.practice_id,
            hint=f"{proof(plan)[0]} Allow more time with --time-limit.",
        )
    return None


def _several_problems(problems: Sequence[HamletsError], practices: int) -> HamletsError:
    """Return one error for several practices: rules in conflict before searches cut short."""
    places = {
        kind: sorted({error.where or "" for error in problems if isinstance(error, kind)})
        for kind in (NoFeasiblePlanError, StoppedError)
    }
    unmet, cut = places[NoFeasiblePlanError], places[StoppedError]
    if unmet:
        return NoFeasiblePlanError(
            f"No plan keeps every rule in {len(unmet)} of {practices} practices.",
            where=", ".join(unmet),
            hint="Design one of them alone to see which rules conflict.",
        )
    return StoppedError(
        f"The search came to its time limit in {len(cut)} of {practices} practices.",
        where=", ".join(cut),
        hint="Their plans are the best found so far. Allow more time with --time-limit.",
    )


def print_lines_of(plans: Sequence[Plan]) -> None:
    """Print a line for each plan."""
    from hamlets.cli.columns import Column, print_columns
    from hamlets.publish.numbers import at_least, at_most

    now = [plan.option("now") for plan in plans]
    chosen = [plan.option("plan") for plan in plans]
    print_columns(
        [
            Column("practice", [plan.practice_id for plan in plans], "name"),
            Column("plan", [plan.plan_id for plan in plans], "name"),
            Column("teams", [str(len(plan.teams)) for plan in plans]),
            Column("own GP now", [at_least(o and o.retained_own) for o in now], leaves=2),
            Column("by plan", [at_least(o and o.retained_own) for o in chosen], leaves=2),
            Column("team now", [at_least(o and o.retained_team) for o in now]),
            Column("by plan", [at_least(o and o.retained_team) for o in chosen]),
            Column("new named GP", [at_most(o and o.moved_share) for o in chosen]),
            Column("gap at most", [_gap(plan) for plan in plans]),
            Column("seconds", [f"{plan.seconds:.1f}" for plan in plans], leaves=1),
            Column("status", [plan.status for plan in plans], "name"),
        ]
    )


def _gap(plan: Plan) -> str:
    gap = plan.certificate.gap
    return f"{math.ceil(gap * 1000 - _TINY) / 10:.1f}%" if math.isfinite(gap) else "-"
