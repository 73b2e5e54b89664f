"""From the store to a plan: teams and lists designed, proved, compared and explained."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, NamedTuple, cast

import numpy as np

from hamlets.continuity.calendar import day_of
from hamlets.continuity.definitions import DEFINITIONS_VERSION
from hamlets.errors import NoFeasiblePlanError, NothingToMeasureError, StoppedError
from hamlets.records import Store
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.backtesting import SECONDS, Held, backtest
from hamlets.teams.columns import find_gps, sizes_within
from hamlets.teams.comparing.equity import compare_groups
from hamlets.teams.comparing.explaining import explain
from hamlets.teams.comparing.kept import find_placed
from hamlets.teams.comparing.measures import Measured
from hamlets.teams.comparing.present import present_arrangement
from hamlets.teams.comparing.shown import plan_teams
from hamlets.teams.designing import Design, Progress, Stop, design
from hamlets.teams.gathering import gather
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.list_limits import find_limits_in_conflict
from hamlets.teams.model import TeamModel, check_model
from hamlets.teams.persons import with_labels
from hamlets.teams.plans.ids import number_of
from hamlets.teams.plans.standing import now, who
from hamlets.teams.plans.storing import next_plan_id
from hamlets.teams.results import Explanation, ParetoPoint, Plan, RuleWords
from hamlets.teams.rule_words import say_limits, say_rules
from hamlets.teams.side_by_side import Compared, add_expected, compare_options
from hamlets.teams.trade_off import find_trade_off

PUBLISHED_PATIENTS = (237, 241)
"""Patients for each weekly GP session in practices with personal lists (Br J Gen Pract 2024)."""
_HEAVY = 1.25
"""Expected work over bookable minutes from which on it is said that it cannot fit."""

Status = Literal["optimal", "gap", "stopped", "infeasible"]


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
    return _Making(store, inputs, model, found, limit, stop, progress, threads).make(
        extras or Extras()
    )


def assemble(
    store: Store,
    inputs: PracticeInputs,
    model: TeamModel,
    found: Design,
    extras: Extras,
    notes: tuple[str, ...] = (),
) -> Made:
    """Return the plan of a design made elsewhere, with further notes first."""
    made = _Making(store, inputs, model, found, model.time_limit_seconds, None, None, None).make(
        extras
    )
    return made._replace(plan=replace(made.plan, notes=(*notes, *made.plan.notes)))


def _check_cohort(model: TeamModel, inputs: PracticeInputs) -> None:
    if not find_placed(inputs, model).any():
        raise NothingToMeasureError(
            f'No patient of the practice is in the cohort "{model.cohort}".',
            where=inputs.practice_id,
            hint="`hamlets cohorts` shows how many patients each cohort has.",
        )


class _Making:
    """One plan being put together from a design."""

    def __init__(
        self,
        store: Store,
        inputs: PracticeInputs,
        model: TeamModel,
        found: Design,
        limit: float,
        stop: Stop | None,
        progress: Progress | None,
        threads: int | None,
    ) -> None:
        self.store, self.inputs, self.model, self.found = store, inputs, model, found
        self.arrangement = found.arrangement
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
        conflict, given_up = self.rules_not_kept(compared.plan)
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
        plan = self.plan(compared, present.arrangement, pareto, conflict, given_up, notes)
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
        conflict: tuple[RuleWords, ...],
        given_up: tuple[RuleWords, ...],
        notes: tuple[str, ...],
    ) -> Plan:
        """Return the plan as it is shown and kept, without its backtest."""
        inputs, model, found, store = self.inputs, self.model, self.found, self.store
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
            status=cast(Status, found.status),
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
            conflict=conflict,
            given_up=given_up,
            notes=tuple(dict.fromkeys(notes)),
            rota=inputs.rota,
            definition_version=DEFINITIONS_VERSION,
            band_percent=model.band_percent,
        )

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
        if not (self.found.band_kept and self.found.budget_kept) or self.stop():
            return (), 0
        self.tell("trade-off", 0)
        return find_trade_off(
            self.inputs,
            self.model,
            self.arrangement,
            measured,
            seconds=self.limit / 2,
            stop=self.stop,
            leaning=self.found.leaning,
        )

    def rules_not_kept(
        self, measured: Measured
    ) -> tuple[tuple[RuleWords, ...], tuple[RuleWords, ...]]:
        """Return in words the rules that conflict, and those that the plan does not keep."""
        found, inputs, model = self.found, self.inputs, self.model
        formation = found.formation
        conflict = _within_sizes(say_rules(formation.conflict, inputs, model), inputs, model)
        given_up = say_rules(formation.relaxed, inputs, model)
        broken = [
            limit
            for limit, kept in (("band", found.band_kept), ("budget", found.budget_kept))
            if not kept
        ]
        if not broken:
            return conflict, given_up
        facts = _facts_of_limits(measured)
        if not conflict:
            these = find_limits_in_conflict(inputs, model, self.arrangement.teams, self.limit / 2)
            conflict = say_limits(these or broken, model, facts)
        return conflict, (*given_up, *say_limits(broken, model, facts))


def _within_sizes(
    conflict: tuple[RuleWords, ...], inputs: PracticeInputs, model: TeamModel
) -> tuple[RuleWords, ...]:
    """Return a conflict that no size is part of with the sizes that were tried, if not all."""
    gps = len(find_gps(inputs, model))
    _, most = sizes_within((), model, gps)
    if not conflict or most >= gps or any(rule.id == "size_most" for rule in conflict):
        return conflict
    *before, last = conflict
    return (*before, replace(last, fact=f"{last.fact} Teams of up to {most} GPs were tried."))


def _facts_of_limits(measured: Measured) -> dict[str, str]:
    """Return what the plan shown does about its band and budget."""
    facts: dict[str, str] = {}
    if measured.band_max is not None:
        most = math.ceil(measured.band_max * 1000 - 1e-9) / 10
        facts["band"] = f"In the plan shown a team is {most:g} in 100 from its share of the work."
    if measured.moved_share is not None:
        moved = math.ceil(measured.moved_share * 1000 - 1e-9) / 10
        facts["budget"] = f"In the plan shown {moved:g} in 100 get a different named GP."
    return facts


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


def say_of_practice(inputs: PracticeInputs, model: TeamModel) -> tuple[str, ...]:
    """Return what must be known of the records and of the work to read a plan aright."""
    return (*inputs.notes, *_say_of_work(inputs), *_say_of_patients(inputs, model))


def _say_of_work(inputs: PracticeInputs) -> Iterable[str]:
    staff, people = inputs.clinicians, inputs.people
    bookable = staff.gp & (staff.capacity_minutes > 0)
    sessions = float(staff.sessions_per_week[bookable].sum())
    low, high = PUBLISHED_PATIENTS
    if sessions > 0:
        yield (
            f"Patients for each weekly GP session: {people.size / sessions:,.0f}. Published for"
            f" practices with personal lists: {low} to {high}."
        )
    capacity = float(staff.capacity_minutes[staff.gp].sum())
    work = float(people.work_minutes.sum())
    if capacity > 0 and work > _HEAVY * capacity:
        yield (
            f"The expected work is {work / capacity:.1f} times the bookable minutes of the GPs."
            " Lists share it out in proportion; no plan makes it fit."
        )


def _say_of_patients(inputs: PracticeInputs, model: TeamModel) -> Iterable[str]:
    seen, staff = inputs.people.seen, inputs.clinicians
    patient = np.repeat(np.arange(inputs.people.size), np.diff(seen.offset))
    with_gp = np.append(staff.gp, True)[seen.clinician] & (seen.weight > 0)
    unknown = inputs.people.size - len(np.unique(patient[with_gp]))
    if unknown:
        yield (
            f"Patients without a GP contact in 24 months: {unknown:,}. They are placed by named"
            " GP, household, site, language and room."
        )
    gps = find_gps(inputs, model)
    without = [staff.staff_id[gp] for gp in gps if staff.capacity_minutes[gp] <= 0]
    if without:
        yield (
            f"GPs without bookable minutes of their own: {len(without)}. They add no room to"
            " their team."
        )
    if len(gps) and (inputs.people.named < 0).all():
        yield "No patient has an eligible named GP now, so every named GP is a first one."


def _say_untried(untried: int) -> Iterable[str]:
    if untried:
        yield f"The trade-off lacks {untried} plans: there was no time for more."
