"""A plan beside today and beside what a practice would make by hand, ready to be shown.

Numbers are rounded against the plan where they are promises. No cell is marked as better.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hamlets.publish import numbers
from hamlets.publish.plan_words import conflict, headline_parts, proof
from hamlets.teams.results import Option, Plan, PlanTeam, RuleWords
from hamlets.web.teamwork.fairness import fair_words, fairness
from hamlets.web.teamwork.stored import Kept
from hamlets.web.words import known, text

DASH = "\N{EN DASH}"
_TINY = 1e-9
_WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri")
THIS = "plan"


def plan_title(plan: Plan) -> str:
    """Return the heading of a plan: "Plan 3 for Practice A"."""
    place = plan.practice_name or plan.practice_id
    return text("teams.plan.title", n=plan.number, place=place)


def state_words(kept: Kept) -> str:
    """Return how a plan stands, in words."""
    standing = kept.standing
    if standing.state == "adopted" and standing.adopted_from:
        begun = standing.adopted_from <= date.today()
        key = "teams.state.adopted" if begun else "teams.state.adopted_ahead"
        return text(key, date=numbers.day(standing.adopted_from))
    if standing.state == "superseded" and standing.until:
        return text("teams.state.superseded", date=numbers.day(standing.until))
    if kept.plan.status == "infeasible":
        return text("teams.state.nearest")
    return text(f"teams.state.{standing.state}")


def lead_words(plan: Plan) -> str:
    """Return the sentences that stand over a plan."""
    first = plan.notes[:1] if plan.approach == "reallocation" else ()
    said = headline_parts(plan)
    # what is no merit speaks of what is kept, so it follows that here
    parts = (said.kept, said.no_merit, said.moved) if said else ()
    return " ".join([*first, *filter(None, parts)])


@dataclass(frozen=True)
class Row:
    """One measure of each arrangement."""

    name: str
    cells: tuple[str, ...]
    reason: str = ""
    """Why a cell has a dash."""


@dataclass(frozen=True)
class Table:
    """Arrangements beside each other; ``this`` is the place of the plan's own column."""

    heads: tuple[str, ...]
    rows: tuple[Row, ...]
    this: int
    now: int | None


def options_table(plan: Plan) -> Table:
    """Return the table of the plan, of today, and of those made by hand."""
    rows: list[Row] = []
    for key, show in _ROWS:
        cells = tuple(show(option) for option in plan.options)
        if set(cells) <= {DASH}:
            continue
        reason = text(f"teams.dash.{key}") if DASH in cells and known(f"teams.dash.{key}") else ""
        rows.append(Row(text(f"teams.row.{key}"), cells, reason))
    names = [option.name for option in plan.options]
    return Table(
        tuple(text(f"teams.head.{name}") for name in names),
        tuple(rows),
        names.index(THIS) if THIS in names else -1,
        names.index("now") if "now" in names else None,
    )


def span(least: float | None, most: float | None) -> str:
    """Return "97 to 103", rounded outwards: how even work is, is a promise."""
    if least is None or most is None:
        return DASH
    return f"{math.floor(least + _TINY)} to {math.ceil(most - _TINY)}"


def _number(value: int | None) -> str:
    return DASH if value is None else f"{value:,}"


def _lists(option: Option) -> str:
    return span(getattr(option, "list_least", None), getattr(option, "list_most", None))


_ROWS: tuple[tuple[str, Callable[[Option], str]], ...] = (
    ("retained_team", lambda o: numbers.at_least(o.retained_team)),
    ("retained_own", lambda o: numbers.at_least(o.retained_own)),
    ("expected_own", lambda o: numbers.percent(o.expected_own)),
    ("expected_team", lambda o: numbers.percent(o.expected_team)),
    ("chance_team", lambda o: numbers.percent(o.chance_team)),
    ("work", lambda o: span(o.work_least, o.work_most)),
    ("lists", _lists),
    ("uncovered", lambda o: _number(o.uncovered_half_days)),
    ("moved", lambda o: numbers.at_most(o.moved_share)),
)


@dataclass(frozen=True)
class Proof:
    """How good a plan is known to be."""

    sentence: str
    covers: str
    bound: str
    kept: str
    teams: str
    lists: str

    @property
    def known(self) -> bool:
        return bool(self.bound)


def proof_words(plan: Plan) -> Proof:
    """Return what is known of how good a plan is, with its parts in plain words."""
    if plan.status == "infeasible":
        return Proof(text("teams.proof.none_rules"), plan.certificate.covers, "", "", "", "")
    said = proof(plan)
    certificate = plan.certificate
    if not math.isfinite(certificate.bound) or certificate.bound <= 0:
        return Proof(said[0], certificate.covers, "", "", "", "")

    def in_100(share: float) -> str:
        return f"{math.ceil(max(0.0, share) * 1000 - _TINY) / 10:g}"

    def gained(by: str, share: float) -> str:
        n = in_100(share)
        return text(f"teams.proof.{by}_0" if n == "0" else f"teams.proof.{by}", n=n)

    kept = math.floor((1 - certificate.gap) * 1000 + _TINY) / 10
    return Proof(
        said[0],
        certificate.covers,
        text("teams.proof.bound"),
        text("teams.proof.kept", n=f"{min(100.0, kept):g}"),
        gained("teams", certificate.formation_gap),
        gained("lists", certificate.allocation_loss),
    )


@dataclass(frozen=True)
class Card:
    """One team of a plan."""

    name: str
    members: tuple[str, ...]
    shared: tuple[str, ...]
    days: str
    sessions: str
    patients: str
    work: str
    cover: tuple[str, ...]
    """By weekday: "2, 1" as morning and afternoon."""


def team_cards(plan: Plan, names: dict[str, str]) -> list[Card]:
    """Return the teams of a plan; ``names`` are those of staff by id."""
    everywhere = bool(shared_by_all(plan, names))
    return [_card(team, names, everywhere) for team in plan.teams]


def shared_by_all(plan: Plan, names: dict[str, str]) -> list[str]:
    """Return who works with all teams, where it is the same people for each."""
    if len({team.shared for team in plan.teams}) != 1:
        return []
    return [names.get(who, who) for who in plan.teams[0].shared]


def _card(team: PlanTeam, names: dict[str, str], everywhere: bool) -> Card:
    pairs = zip(team.members, team.member_names, strict=True)
    members = [
        text("teams.card.leads", name=name or who) if who == team.lead else (name or who)
        for who, name in pairs
    ]
    return Card(
        name=team.name or team.team_id,
        members=tuple(members),
        shared=() if everywhere else tuple(names.get(who, who) for who in team.shared),
        days=_days(team.cover),
        sessions=f"{team.sessions:g}",
        patients=f"{team.list_size:,}",
        work=DASH if team.work_for_minutes is None else f"{team.work_for_minutes:.0f}",
        cover=tuple(
            text("teams.card.cover", am=team.cover[2 * day], pm=team.cover[2 * day + 1])
            for day in range(len(_WEEK))
        )
        if len(team.cover) >= 2 * len(_WEEK)
        else (),
    )


def _days(cover: Iterable[int]) -> str:
    halves = [*cover]
    found: list[str] = []
    for place, name in enumerate(_WEEK):
        am, pm = (*halves[2 * place : 2 * place + 2], 0, 0)[:2]
        day = text(f"teams.day.{name.lower()}")
        if am and pm:
            found.append(day)
        elif am or pm:
            found.append(text("teams.day.morning" if am else "teams.day.afternoon", day=day))
    return ", ".join(found) or text("teams.day.none")


def backtest_words(plan: Plan) -> list[str]:
    """Return how a plan made in this way a year before would have done since."""
    test = plan.backtest
    if test is None:
        return []
    lines = [
        text(
            "teams.backtest.team",
            date=numbers.day(test.design_day),
            promised=numbers.in_100(test.promised),
            found=numbers.in_100(test.found),
        )
    ]
    if test.found_now is not None:
        lines.append(text("teams.backtest.now", now=numbers.in_100(test.found_now)))
    if test.promised_own is not None and test.found_own is not None:
        lines.append(
            text(
                "teams.backtest.own",
                promised=numbers.in_100(test.promised_own),
                found=numbers.in_100(test.found_own),
            )
        )
    counted = {"contacts": f"{test.n_contacts:,}", "patients": f"{test.n_patients:,}"}
    return [*lines, text("teams.backtest.counted", **counted)]


@dataclass(frozen=True)
class Change:
    """What could be asked for instead of a rule: words, and the answer that asks for it."""

    words: str
    key: str
    value: str


def conflict_words(plan: Plan) -> tuple[str, str]:
    """Return which rules conflict, and which the plan shown does not keep."""
    which, _, broken = conflict(plan)
    return which, broken


def changes(plan: Plan, model: dict[str, Any]) -> list[Change]:
    """Return the changes that could be made to the description, each as one answer."""
    found = [_change(rule, model) for rules in plan.conflicts for rule in rules]
    return list(dict.fromkeys(each for each in found if each is not None))


def _change(rule: RuleWords, model: dict[str, Any]) -> Change | None:
    value = rule.value
    match rule.id:
        case "size_most" if model.get("approach", "whole_list") in ("whole_list", "cohort"):
            return _said("size_most", "team_most", int(value) + 1)
        case "size_least" if value > 1 and model.get("approach") not in ("buddies",):
            return _said("size_least", "team_least", int(value) - 1)
        case "cover" if value > 1:
            return _said("cover_gps", "cover_gps", int(value) - 1)
        case "cover":
            return _said("cover", "cover_except", rule.about)
        case "role":
            role = rule.about.replace("_", " ")
            return Change(text("teams.change.role", n=role), "share_role", rule.about)
        case "band":
            return _said("band", "band_percent", f"{min(100.0, 2 * value):g}")
        case "budget":
            return _said("budget", "disruption_percent", f"{min(100.0, 2 * value or 10):g}")
        case "households":
            return _said("households", "households", "no")
        case "one_site":
            return _said("one_site", "one_site", "no")
        case "language" | "skill":
            key = "languages" if rule.id == "language" else "skills"
            word = rule.about.replace("_", " ")
            return Change(text("teams.change.word", n=word), f"drop_{key}", rule.about)
        case "must_link" | "cannot_link":
            words = rule.short or rule.sentence
            return Change(text("teams.change.link", n=words), f"drop_{rule.id}", rule.about)
        case "sessions_least" | "sessions_most":
            return _said("sessions", "team_sessions", "any")
        case "lead":
            return _said("lead", "leads", "any")
        case _:
            return None


def _said(key: str, answer: str, value: Any) -> Change:
    return Change(text(f"teams.change.{key}", n=value), answer, str(value))


def made_line(kept: Kept) -> str:
    """Return when a plan was made, by whom and from which records."""
    plan = kept.plan
    return text(
        "teams.plan.made",
        date=numbers.day(date.fromisoformat(plan.made_at[:10])),
        name=plan.made_by,
        version=plan.store_version,
        day=numbers.day(plan.day),
    )


def until_words(kept: Kept) -> str:
    """Return "30 June 2031": the last day on which an adopted plan can be stopped; or blank."""
    start = kept.standing.adopted_from
    if kept.standing.state != "adopted" or start is None or start <= date.today():
        return ""
    return numbers.day(start - timedelta(days=1))


def names_in(plan: Plan, everybody: dict[str, str] | None = None) -> dict[str, str]:
    """Return names of staff by id: ``everybody``'s, and those that the plan itself keeps."""
    names = dict(everybody or {})
    for team in plan.teams:
        names |= zip(team.members, team.member_names, strict=True)
        names |= zip(team.shared, team.shared_called, strict=True) if team.shared_names else ()
    return names


def shown(kept: Kept, everybody: dict[str, str] | None = None) -> dict[str, Any]:
    """Return everything that the page of a plan says in words and numbers.

    ``everybody`` are names of staff by id, for those of whom a plan keeps the id alone.
    """
    plan = kept.plan
    which, broken = conflict_words(plan)
    names = names_in(plan, everybody)
    return {
        "kept": kept,
        "plan": plan,
        "title": plan_title(plan),
        "state": state_words(kept),
        "lead": lead_words(plan),
        "options": options_table(plan),
        "proof": proof_words(plan),
        "cards": team_cards(plan, names),
        "shared": shared_by_all(plan, names),
        "fairness": fairness(plan),
        "fair_words": fair_words(plan),
        "backtest": backtest_words(plan),
        "which": which,
        "broken": broken,
        "changes": changes(plan, kept.model),
        "made": made_line(kept),
        "until": until_words(kept),
        "counts": {
            "patients": f"{plan.n_patients:,}",
            "moved": f"{plan.moved:,}",
            "forced": f"{plan.forced:,}",
            "first": f"{plan.first:,}",
        },
    }
