"""What a plan of teams and lists is shown from. No patient is named here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

PlanState = Literal["draft", "proposed", "adopted", "superseded"]
PLAN_STATES: tuple[PlanState, ...] = ("draft", "proposed", "adopted", "superseded")

OptionName = Literal["now", "plan", "alphabetical", "most_seen", "by_hand"]
"""``most_seen`` is uneven; ``by_hand`` keeps the band and the budget of moves, dealt by hand."""
PRESENT: OptionName = "now"

ExplanationKind = Literal[
    # why a clinician is in a team
    "lead", "must_link", "cannot_link", "role", "site", "language", "skill", "together_now",
    "shared_patients", "kept", "cover", "all_teams",
    # why patients change lists
    "no_gp", "named_gp_left", "no_contact", "no_named_gp", "asked", "saw_more", "household",
    "saw_team", "even_work",
]  # fmt: skip


@dataclass(frozen=True)
class PlanTeam:
    """One team of a plan."""

    team_id: str
    name: str
    members: tuple[str, ...]
    """Staff ids of the clinicians in this team alone."""
    member_names: tuple[str, ...]
    lead: str | None
    """Staff id."""
    shared: tuple[str, ...]
    """Staff ids of those who work for several teams."""
    sessions: float
    """Weekly sessions of the team's GPs."""
    list_size: int
    work: float
    """Expected minutes a year of the patients."""
    capacity: float
    """Bookable clinical minutes a year of the GPs."""
    work_per_session: float | None
    """100 = practice average. Sessions differ in how much can be booked, so this is not what
    the band of work goes by: that is ``work_for_minutes``."""
    cover: tuple[int, ...]
    """List-eligible GPs at work on each half-day of a template week, Monday morning first: the
    fewer of the two weeks of the fortnight."""
    covered_share: float | None
    """Share of the half-days of the last 12 weeks, leave taken out, with such a GP."""
    work_for_minutes: float | None = None
    """Work for the bookable minutes, 100 = practice average; the band is how far it may be
    from 100."""
    shared_names: tuple[str, ...] = ()
    """Of those in ``shared``, in the same order."""

    @property
    def shared_called(self) -> tuple[str, ...]:
        """What those in ``shared`` are called: by id where a plan was kept without names."""
        return self.shared_names or self.shared


@dataclass(frozen=True)
class Certificate:
    """How good a plan is known to be, in recency-weighted contacts (definitions, Teams 9)."""

    value: float
    bound: float
    gap: float
    """(bound - value) / bound; not a number where the plan breaks a rule that the bound keeps."""
    formation_gap: float
    """Part of the gap that is left open by the choice of teams, over the bound."""
    allocation_loss: float
    """Part of the gap that band, budget, locks and rounding to people cost, over the bound."""
    covers: str
    """The rules that the bound keeps, and those that it does not, in words."""


@dataclass(frozen=True)
class Option:
    """One way to arrange teams and lists: the plan, the present, or one made without design."""

    name: OptionName
    retained_team: float | None
    """Share of the past 12 months' contacts of placed patients with their team."""
    retained_own: float | None
    band_max: float | None
    """Most that a team's work for its capacity is from the practice's."""
    work_least: float | None
    """Least work of a team for its bookable minutes, 100 = practice average."""
    work_most: float | None
    """Most; of the two, the one further from 100 is ``band_max`` from it."""
    uncovered_half_days: int | None
    """Half-days of the template fortnight (of 20, summed over teams) without a team GP."""
    moved_share: float | None
    """Of patients with an eligible named GP, those whose named GP changes."""
    chance_own: float | None
    """Seen by the own GP if every contact went by the GPs' shares alone."""
    chance_team: float | None
    expected_own: float | None = None
    """Seen by own GP, as the rota would allow (policy window)."""
    expected_team: float | None = None
    list_least: float | None = None
    """Least work of a list for its GP's bookable minutes, 100 = average of all lists."""
    list_most: float | None = None


@dataclass(frozen=True)
class EquityRow:
    """One group of patients: who moves, and who gains."""

    factor: Literal["age_band", "imd_quintile", "language", "cohort"]
    group: str
    n_patients: int
    moved_share: float | None
    retained_team_before: float | None
    retained_team_after: float | None
    retained_own_before: float | None
    retained_own_after: float | None


@dataclass(frozen=True)
class Explanation:
    """Why a clinician is in a team, or why patients go from one list to another."""

    subject: str
    """A staff id, or two with " to " between: the list left and the list joined."""
    kind: ExplanationKind
    reason: str
    """One sentence. It may name staff, never a patient."""
    number: float | None
    """Patients, days or contacts that the sentence speaks of; None where it counts nothing."""


@dataclass(frozen=True)
class ParetoPoint:
    """One plan of the trade-off: contacts kept against balance against patients moved."""

    band_percent: float
    disruption_percent: float
    retained_team: float
    retained_own: float
    band_max: float
    moved_share: float
    this_plan: bool
    dominated: bool


@dataclass(frozen=True)
class Backtest:
    """A plan of the first year held against the second (definitions, Teams 11)."""

    design_day: date
    promised: float
    """retained_team on the design year."""
    found: float
    """Share of the next year's counted contacts, as booked, that were in the planned team."""
    found_now: float | None
    """The same for the arrangement there was on the design day."""
    n_patients: int
    """Still registered at the end."""
    n_contacts: int
    promised_own: float | None = None
    """The same three for the named GP alone."""
    found_own: float | None = None
    found_now_own: float | None = None


@dataclass(frozen=True)
class RuleWords:
    """One rule of a model: its id, what it is about, and the sentence that says it."""

    id: str
    about: str
    value: float
    sentence: str
    short: str = ""
    """The rule as part of a list: "a GP of every team on Wednesday afternoon"."""
    fact: str = ""
    """What there is that the rule asks for, as a sentence; blank where nothing can be said."""
    change: str = ""
    """What could be asked for instead; blank where the rule is not the practice's to change."""


def listed(rules: Iterable[RuleWords]) -> str:
    """Return rules as parts of one sentence; the times of a rule on cover stand together."""
    times: dict[str, list[str]] = {}
    for rule in rules:
        short = rule.short or rule.sentence.rstrip(".")
        before = short.removesuffix(rule.about) if rule.id == "cover" else short
        times.setdefault(before, []).extend([rule.about] if before != short else [])
    return "; ".join(before + ", ".join(each) for before, each in times.items())


@dataclass(frozen=True)
class Plan:
    """A plan of teams and lists, with its proof and what it is compared with."""

    plan_id: str
    practice_id: str
    practice_name: str
    number: int
    state: PlanState
    made_at: str
    """Local time, ISO 8601."""
    made_by: str
    adopted_from: date | None
    approach: str
    status: Literal["optimal", "gap", "stopped", "infeasible"]
    store_version: int
    content_id: str
    day: date
    """The day of the records that the plan is made on."""
    seed: int
    seconds: float
    certificate: Certificate
    teams: tuple[PlanTeam, ...]
    n_patients: int
    """Placed."""
    forced: int
    """Patients whose named GP is gone or not eligible: not in moved_share."""
    first: int
    """Patients without a named GP before."""
    moved: int
    options: tuple[Option, ...]
    equity: tuple[EquityRow, ...] = ()
    pareto: tuple[ParetoPoint, ...] = ()
    backtest: Backtest | None = None
    conflict: tuple[RuleWords, ...] = ()
    """Infeasible: the smallest set of rules that cannot hold together."""
    further_conflicts: tuple[tuple[RuleWords, ...], ...] = ()
    """Infeasible: conflicts that are left once rules of those before are given up."""
    given_up: tuple[RuleWords, ...] = ()
    """Infeasible: the rules that the teams shown do not keep."""
    notes: tuple[str, ...] = ()
    rota: str = "given"
    """"given" or "inferred" from appointments."""
    definition_version: str = ""
    band_percent: float | None = None
    """How far the model lets a team's work be from the practice average; None where not kept."""

    @property
    def conflicts(self) -> tuple[tuple[RuleWords, ...], ...]:
        """Every set of rules that cannot hold together, a smallest first."""
        return (*([self.conflict] if self.conflict else []), *self.further_conflicts)

    def option(self, name: OptionName = "plan") -> Option | None:
        """Return one of the arrangements compared."""
        return next((each for each in self.options if each.name == name), None)
