"""From the store to a plan: teams and lists designed, proved, compared and explained."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple, cast

from hamlets.continuity.calendar import day_of
from hamlets.continuity.definitions import DEFINITIONS_VERSION
from hamlets.errors import NoFeasiblePlanError, NothingToMeasureError, StoppedError
from hamlets.records import Store
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.backtesting import SECONDS, Held, backtest
from hamlets.teams.comparing.equity import compare_groups
from hamlets.teams.comparing.explaining import explain
from hamlets.teams.comparing.kept import find_placed
from hamlets.teams.comparing.measures import Measured
from hamlets.teams.comparing.present import present_arrangement
from hamlets.teams.comparing.shown import plan_teams
from hamlets.teams.designing import Design, Progress, Stop, design
from hamlets.teams.gathering import gather
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel, check_model
from hamlets.teams.persons import with_labels
from hamlets.teams.plans.ids import number_of
from hamlets.teams.plans.standing import now, who
from hamlets.teams.plans.storing import next_plan_id
from hamlets.teams.practice_words import say_of_practice
from hamlets.teams.results import Certificate, Explanation, ParetoPoint, Plan
from hamlets.teams.rule_words import say_rules
from hamlets.teams.rules_not_kept import NotKept, find_not_kept
from hamlets.teams.side_by_side import Compared, add_expected, compare_options
from hamlets.teams.trade_off import find_trade_off

Status = Literal["optimal", "gap", "stopped", "infeasible"]


class Outcome(NamedTuple):
    """Teams and lists however they were made, and what is known of how good they are."""

    arrangement: Arrangement
    certificate: Certificate
    status: Status
    seconds: float
    """That it took to make them."""


class Made(NamedTuple):
    """A plan, and what is kept beside it."""

    plan: Plan
    arrangement: Arrangement
    inputs: PracticeInputs
    explanations: tuple[Explanation, ...]


@dataclass(frozen=True)
class Extras:
    """What is worked out beside the plan and the present arrangement."""

    alternatives: bool = True
    """Those made by hand: by alphabet, by most-seen GP."""
    expected: bool = True
    """What the rota would allow under each."""
    trade_off: bool = True
    backtest: bool = True
    """The same way of planning a year before, held against what was booked since."""


NOTHING_MORE = Extras(alternatives=False, expected=False, trade_off=False, backtest=False)


def make_plan(
    store: Store,
    practice: str,
    model: TeamModel,
    *,
    day: date | None = None,
    seed: int | None = None,
    time_limit: float | None = None,
    stop: Stop | None = None,
    progress: Progress | None = None,
    extras: Extras | None = None,
    threads: int | None = None,
) -> Made:
    """Return the best plan found for a practice as on a day, beside what it is compared with.

    Nothing is written: ``plans.storing.save_plan`` keeps it. Where no plan keeps every rule
    the status is ``infeasible``: ``conflict`` says why, and the teams shown are the nearest,
    without the rules of ``given_up``. ``stop`` ends the search; the best so far is returned.
    ``progress`` is told of the stages of ``design``, then "compare", "rota", "trade-off" and
    "backtest".
    Raises as ``gather`` and ``check_model`` do, NothingToMeasureError for a cohort without
    patients, NoFeasiblePlanError where there are no teams
    to show, StoppedError where the time ended before there were any.
    """
    model = model if seed is None else replace(model, seed=seed)
    limit = model.time_limit_seconds if time_limit is None else time_limit
    inputs = gather(store, practice, day=day, threads=threads)
    model = with_labels(store, model, inputs)
    check_model(model, inputs)
    _check_cohort(model, inputs)
    if stop is not None and stop():
        raise _no_plan_yet(practice)
    found = design(inputs, model, time_limit=limit, stop=stop, progress=progress)
    if not found.arrangement.teams:
        raise _no_teams(inputs, model, found)
    outcome = Outcome(
        found.arrangement, found.certificate, cast(Status, found.status), found.seconds
    )
    return _Making(store, inputs, model, outcome, found, limit, stop, progress, threads).make(
        extras or Extras()
    )


def assemble(
    store: Store,
    inputs: PracticeInputs,
    model: TeamModel,
    outcome: Outcome,
    extras: Extras,
    notes: tuple[str, ...] = (),
) -> Made:
    """Return the plan of teams and lists made in another way than by ``design``.

    ``notes`` come before what is said of every plan. There is no trade-off.
    """
    making = _Making(store, inputs, model, outcome, None, model.time_limit_seconds)
    made = making.make(extras)
    return made._replace(plan=replace(made.plan, notes=(*notes, *made.plan.notes)))


def _check_cohort(model: TeamModel, inputs: PracticeInputs) -> None:
    if not find_placed(inputs, model).any():
        raise NothingToMeasureError(
            f'No patient of the practice is in the cohort "{model.cohort}".',
            where=inputs.practice_id,
            hint="`hamlets cohorts` shows how many patients each cohort has.",
        )


class _Making:
    """One plan being put together, from a design or from an outcome alone."""

    def __init__(
        self,
        store: Store,
        inputs: PracticeInputs,
        model: TeamModel,
        outcome: Outcome,
        design: Design | None,
        limit: float,
        stop: Stop | None = None,
        progress: Progress | None = None,
        threads: int | None = None,
    ) -> None:
        self.store, self.inputs, self.model, self.outcome = store, inputs, model, outcome
        self.design = design
        self.arrangement = outcome.arrangement
        self.limit, self.threads = limit, threads
        self.stop: Stop = stop or (lambda: False)
        self.tell: Progress = progress or (lambda _stage, _number: None)

    def make(self, extras: Extras) -> Made:
        """Return the plan with everything that was asked for, save what a stop leaves out."""
        self.tell("compare", 0)
        present = present_arrangement(self.inputs, self.store)
        shown, compared = compare_options(
            self.inputs,
            self.model,
            self.arrangement,
            present.arrangement,
            alternatives=extras.alternatives,
        )
        not_kept = self.not_kept(compared.plan)
        if extras.expected and not self.stop():
            self.tell("rota", len(shown))
            compared = add_expected(self.store, self.inputs, shown, compared, threads=self.threads)
        pareto, untried = self.trade_off(compared.plan) if extras.trade_off else ((), 0)
        held = self.held() if extras.backtest else Held(None)
        notes = (
            *say_of_practice(self.inputs, self.model),
            *present.notes,
            *compared.notes,
            *_say_untried(untried),
            *filter(None, [held.why_not]),
        )
        plan = self.plan(compared, present.arrangement, pareto, not_kept, notes)
        return Made(
            replace(plan, backtest=held.backtest),
            self.arrangement,
            self.inputs,
            explain(self.inputs, self.model, self.arrangement, present.arrangement),
        )

    def plan(
        self,
        compared: Compared,
        present: Arrangement,
        pareto: tuple[ParetoPoint, ...],
        not_kept: NotKept,
        notes: tuple[str, ...],
    ) -> Plan:
        """Return the plan as it is shown and kept, without its backtest."""
        inputs, model, found, store = self.inputs, self.model, self.outcome, self.store
        plan_id = next_plan_id(store.path, inputs.practice_id)
        return Plan(
            plan_id=plan_id,
            practice_id=inputs.practice_id,
            practice_name=inputs.name,
            number=number_of(plan_id),
            state="draft",
            made_at=now(),
            made_by=who(),
            adopted_from=None,
            approach=model.approach,
            status=found.status,
            store_version=store.version,
            content_id=store.content_id,
            day=day_of(inputs.day),
            seed=model.seed,
            seconds=found.seconds,
            certificate=found.certificate,
            teams=plan_teams(inputs, self.arrangement, plan_id),
            n_patients=compared.plan.n_patients,
            forced=compared.plan.forced,
            first=compared.plan.first,
            moved=compared.plan.moved,
            options=compared.options,
            equity=compare_groups(inputs, model, present, self.arrangement),
            pareto=pareto,
            conflict=next(iter(not_kept.conflicts), ()),
            further_conflicts=not_kept.conflicts[1:],
            given_up=not_kept.given_up,
            notes=tuple(dict.fromkeys(notes)),
            rota=inputs.rota,
            definition_version=DEFINITIONS_VERSION,
            band_percent=model.band_percent,
        )

    def not_kept(self, measured: Measured) -> NotKept:
        """Return the rules that a design does not keep, and those that conflict."""
        if self.design is None:
            return NotKept()
        return find_not_kept(self.inputs, self.model, self.design, measured, self.limit / 2)

    def held(self) -> Held:
        """Return the backtest of this way of planning; none after a stop."""
        if self.stop():
            return Held(None)
        self.tell("backtest", 0)
        return backtest(
            self.store,
            self.inputs.practice_id,
            self.model,
            end=day_of(self.inputs.day),
            time_limit=min(self.limit, SECONDS),
            stop=self.stop,
        )

    def trade_off(self, measured: Measured) -> tuple[tuple[ParetoPoint, ...], int]:
        """Return other plans of the same teams; none beside a plan that breaks a limit."""
        design = self.design
        if design is None or not (design.band_kept and design.budget_kept) or self.stop():
            return (), 0
        self.tell("trade-off", 0)
        return find_trade_off(
            self.inputs,
            self.model,
            self.arrangement,
            measured,
            seconds=self.limit / 2,
            stop=self.stop,
            leaning=design.leaning,
        )


def _no_teams(
    inputs: PracticeInputs, model: TeamModel, found: Design
) -> NoFeasiblePlanError | StoppedError:
    """Return why there is no plan at all."""
    formation = found.formation
    if formation.status != "infeasible":
        return _no_plan_yet(inputs.practice_id)
    words = say_rules(formation.conflict, inputs, model)
    facts = " ".join(dict.fromkeys(rule.fact for rule in words if rule.fact))
    return NoFeasiblePlanError(
        facts or "No teams can be formed under these rules.",
        where=inputs.practice_id,
        hint="So there is no plan to show. Load the staff list and the rota, or choose another day."
        if any(rule.id == "gps" for rule in formation.conflict)
        else "There was no time to find which rules conflict: ask for less, or allow more time.",
    )


def _no_plan_yet(practice: str) -> StoppedError:
    return StoppedError(
        "The search was stopped before there was a plan.",
        where=practice,
        hint="Allow more time with --time-limit.",
    )


def _say_untried(untried: int) -> Iterable[str]:
    if untried:
        yield f"The trade-off lacks {untried} plans: there was no time for more."
