"""What the pages of a plan say: recomputed from the plan's own numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hamlets.errors import NoFeasiblePlanError, StoppedError
from hamlets.publish.trade_off import Spot, TradeOff, trade_off
from hamlets.records import open_store
from hamlets.teams.plans.adopting import adopt
from hamlets.teams.plans.storing import list_plans, read_plan
from hamlets.teams.results import (
    Certificate,
    EquityRow,
    Option,
    ParetoPoint,
    Plan,
    PlanTeam,
    RuleWords,
)
from hamlets.web.jobs.progress import Progress
from hamlets.web.places.models import Place
from hamlets.web.teamwork import by_hand, comparing, drawing, fairness, stored
from hamlets.web.work import team_plans
from tests.fixtures.team_site import Begin
from tests.web.conftest import Borough

NAN = math.nan


def option(name: Any = "plan", **more: Any) -> Option:
    given: dict[str, Any] = {
        "retained_team": 0.914, "retained_own": 0.55, "band_max": 0.03, "work_least": 97.2,
        "work_most": 102.3, "uncovered_half_days": 0, "moved_share": 0.136, "chance_own": 0.1,
        "chance_team": 0.36,
    }  # fmt: skip
    return Option(name, **{**given, **more})


def plan(**more: Any) -> Plan:
    given: dict[str, Any] = {
        "plan_id": "EX001-3", "practice_id": "EX001", "practice_name": "Practice A", "number": 3,
        "state": "draft", "made_at": "2031-06-03T10:00:00+01:00", "made_by": "Example Ash",
        "adopted_from": None, "approach": "whole_list", "status": "gap", "store_version": 14,
        "content_id": "c", "day": date(2031, 5, 31), "seed": 1, "seconds": 2.0,
        "certificate": Certificate(990.0, 1000.0, 0.01, 0.004, 0.006, "The bound holds."),
        "teams": (), "n_patients": 100, "forced": 1, "first": 2, "moved": 3,
        "options": (option("now", moved_share=None), option()),
    }  # fmt: skip
    return Plan(**{**given, **more})


def point(moved: float, kept: float, this: bool = False, band: float = 5.0) -> ParetoPoint:
    return ParetoPoint(band, 100 * moved, kept, kept / 2, 0.04, moved, this, False)


def test_columns_and_rows_of_the_comparison() -> None:
    table = comparing.options_table(plan())
    assert table.heads == ("Now", "This plan") and (table.now, table.this) == (0, 1)
    rows = {row.name: row.cells for row in table.rows}
    assert rows["Past contacts kept in team"] == ("91%", "91%")
    # how even the work is, is a promise: rounded outwards
    assert rows["Work of teams, least to most"] == ("97 to 103", "97 to 103")
    assert rows["Patients with a new named GP"] == (comparing.DASH, "14%")
    assert "Seen by own GP, rota allows" not in rows  # nothing to say in any column
    moved = next(row for row in table.rows if row.name == "Patients with a new named GP")
    assert moved.reason == "a dash: nobody moves"


@pytest.mark.parametrize("seed", range(30))
def test_the_heading_of_the_trade_off_is_true_of_its_points(seed: int) -> None:
    rng = Random(seed)
    moved = sorted(rng.sample(range(1, 60), rng.randint(1, 5)))
    kept = sorted(rng.uniform(0.5, 0.95) for _ in moved)
    mine = rng.randrange(len(moved))
    points = [
        point(m / 100, k, at == mine) for at, (m, k) in enumerate(zip(moved, kept, strict=True))
    ]
    points.append(point(0.9, 0.99, band=10.0))  # of another band: not looked at
    heading = drawing.trade_off_heading(points)
    if mine in (0, len(moved) - 1):
        assert re.fullmatch(r"Moving \d+ in 100 patients keeps \d+ in 100 past contacts", heading)
    else:
        before = (kept[mine] - kept[mine - 1]) / (moved[mine] - moved[mine - 1])
        after = (kept[mine + 1] - kept[mine]) / (moved[mine + 1] - moved[mine])
        assert ("adds little" in heading) == (after < before / 2)
        assert ("Each further" in heading) == (after >= before / 2)
    said = [int(number) for number in re.findall(r"\d+", heading) if number != "100"]
    if said:
        assert said == [moved[mine], math.floor(kept[mine] * 100)]


def test_the_trade_off_is_drawn_with_words_and_a_table() -> None:
    points = (point(0.1, 0.8), point(0.2, 0.85, True), point(0.3, 0.86))
    shown = drawing.trade_off(plan(pareto=points))
    assert shown is not None
    assert [row[0] for row in shown.rows] == ["1", "this plan", "2"]
    for svg in (shown.wide, shown.narrow, shown.closer_wide, shown.closer_narrow):
        assert svg.count("<circle") == 3 and "<desc" in svg and shown.heading in svg
    assert drawing.trade_off(plan(pareto=points[:1])) is None


def test_the_scale_starts_at_0_unless_a_closer_look_is_asked_for() -> None:
    spots = (Spot(0.12, 0.84, "1"), Spot(0.18, 0.86, "this plan", True))
    whole = trade_off(TradeOff(spots, "x", "y", "t", "d"), "a", "wide")
    assert ">0<" in whole and ">100<" in whole
    closer = trade_off(TradeOff(spots, "x", "y", "t", "d", closer=True), "b", "wide")
    ticks = {int(n) for n in re.findall(r">(\d+)</text>", closer)}
    assert 0 not in ticks and ticks and {12, 18, 84, 86} <= set(range(min(ticks), max(ticks) + 1))
    one = trade_off(
        TradeOff((Spot(0.0, 1.0, "this plan", True),), "x", "y", "t", "d", True), "c", "narrow"
    )
    assert "nan" not in one


def test_a_proof_in_plain_words_is_rounded_against_the_plan() -> None:
    known = comparing.proof_words(plan())
    assert known.sentence == "No plan under your rules can beat this one by more than 1 in 100."
    assert known.kept == "This plan reaches at least 99 in 100 of the limit."
    assert "0.4 in 100" in known.teams and "0.6 in 100" in known.lists
    unknown = plan(certificate=Certificate(1.0, NAN, NAN, 0.0, 0.0, "x"))
    assert not comparing.proof_words(unknown).known
    assert "no proof yet" in comparing.proof_words(unknown).sentence
    assert not comparing.proof_words(plan(status="infeasible")).known


def test_figures_that_promise_are_rounded_against_the_plan() -> None:
    points = (point(0.101, 0.799), point(0.201, 0.859, True), point(0.3, 0.86))
    shown = drawing.trade_off(plan(pareto=points))
    assert shown is not None
    assert [row[2:4] for row in shown.rows] == [("11%", "79%"), ("21%", "85%"), ("30%", "86%")]
    group = EquityRow("age_band", "75-84", 50, 0.101, 0.499, 0.599, 0.299, 0.399)
    (by_age,) = fairness.fairness(plan(equity=(group,)))
    assert by_age.rows == (("75 to 84", "50", "11%", "49%", "59%", "29%", "39%"),)
    tried = by_hand.tried_words({
        "before": vars(option(retained_team=0.799, moved_share=0.101, chance_team=0.366)),
        "after": vars(option(retained_team=0.859, moved_share=0.201, chance_team=0.366)),
        "uncovered": [], "broken": [], "followed": 0, "name": "Dr Example-Ash", "to_team": "Blue",
    })  # fmt: skip
    rows = {name: cells for name, *cells in tried.rows}
    assert rows["Past contacts kept in team"] == ["79%", "85%"]
    assert rows["Patients with a new named GP"] == ["11%", "21%"]
    # what chance gives is no promise
    assert rows["Seen by own team, by chance"] == ["37%", "37%"]


def test_who_works_for_all_teams_is_named_by_the_plan_itself() -> None:
    """Also before anybody asked who works here, as just after a load."""
    blue = PlanTeam("b", "Blue", ("G1",), ("Dr Example-Ash",), "G1", ("N1",), 6.0, 10, 1.0, 1.0,
                    100.0, (), None, shared_names=("Nurse Example-Ivy",))  # fmt: skip
    named = plan(teams=(blue,))
    assert comparing.shared_by_all(named, comparing.names_in(named)) == ["Nurse Example-Ivy"]
    # a plan kept before names were: as they are called now, else by id
    older = plan(teams=(replace(blue, shared_names=()),))
    assert comparing.shared_by_all(older, comparing.names_in(older)) == ["N1"]
    now = {"N1": "Nurse Example-Oak"}
    assert comparing.shared_by_all(older, comparing.names_in(older, now)) == ["Nurse Example-Oak"]


def test_what_chance_gives_is_said_of_what_is_kept() -> None:
    now, chosen = option("now", retained_team=0.84, chance_team=0.33), option(retained_team=0.914)
    two: Any = (object(), object())
    lead = comparing.lead_words(plan(options=(now, chosen), teams=two))
    kept, merit, moved = (lead.index(words) for words in ("keep 91 in 100", "That is 7", "14 in"))
    assert kept < merit < moved


def test_groups_that_keep_less_are_named() -> None:
    def row(group: str, before: float, after: float, n: int = 50) -> EquityRow:
        return EquityRow("age_band", group, n, 0.1, before, after, before, after)

    few = row("85+", 0.9, 0.1, n=7)
    assert "None of 2 groups" in fairness.fair_words(
        plan(equity=(row("0-4", 0.5, 0.6), row("5-15", 0.5, 0.5), few))
    )
    said = fairness.fair_words(plan(equity=(row("0-4", 0.5, 0.4), row("5-15", 0.5, 0.6))))
    assert said == "Of 2 groups these keep fewer past contacts in their team than now: 0 to 4."


def test_each_rule_that_conflicts_has_a_change_of_one_answer() -> None:
    def rule(ident: str, about: str = "", value: float = 1.0) -> RuleWords:
        return RuleWords(ident, about, value, f"{ident}.")

    rules = (rule("size_most", value=3), rule("cover", "Wednesday afternoon"), rule("gps"))
    found = comparing.changes(plan(conflict=rules), {})
    assert [(each.words, each.key, each.value) for each in found] == [
        ("teams of up to 4", "team_most", "4"),
        ("leave out Wednesday afternoon", "cover_except", "Wednesday afternoon"),
    ]
    pairs = {"approach": "buddies"}
    assert comparing.changes(plan(conflict=(rule("size_most", value=3),)), pairs) == []


@pytest.mark.parametrize(
    ("before", "after", "lost", "won", "said"),
    [
        (0.90, 0.884, ["Tuesday afternoon"], [],
         "This keeps 2 fewer in every 100 and leaves Tuesday afternoon without a GP of"
         " Team Green."),
        (0.90, 0.90, [], [], "This keeps as many past contacts."),
        (0.90, 0.919, [], ["Monday morning"],
         "This keeps 1 more in every 100 and brings a GP of Team Green on Monday morning."),
        (0.90, 0.8985, [], [], "This keeps 1 fewer in every 100."),
        (0.90, 0.903, [], [], "This keeps under 1 more in every 100."),
    ],
)  # fmt: skip
def test_a_change_by_hand_in_one_sentence(
    before: float, after: float, lost: list[str], won: list[str], said: str
) -> None:
    found = {
        "before": vars(option(retained_team=before)),
        "after": vars(option(retained_team=after)),
        "uncovered": [{"team": "Team Green", "lost": lost, "won": won}],
    }
    assert by_hand.sentence(found) == said


# Plans as pages read them, beside what the store's own reader says


def test_pages_read_plans_as_the_store_does(team_store: Begin, places: Borough) -> None:
    path = team_store()
    place = Place.objects.get(code="EX001")
    for adopted in (False, True):
        if adopted:
            adopt(path, "EX001-1", date(2027, 1, 1), "Example Ash", today=date(2026, 11, 27))
        mine = stored.plans_of(place)
        assert [each.plan for each in mine.kept] == list(list_plans(path, "EX001"))
        whole = read_plan(path, "EX001-1")
        assert (mine.kept[0].standing, mine.kept[0].history) == (whole.standing, whole.history)
        assert stored.is_followed(place) is adopted
    assert stored.plans_of(Place.objects.get(code="EX002")).kept == ()
    broken = path / "plans" / "EX001-1" / "plan.toml"
    broken.write_text(broken.read_text().replace("number = 1", "number = 2"))
    assert stored.plans_of(place).unreadable == ("EX001-1",)


# Stopping a run


class Stopping(Progress):
    """Asks to stop at the first stage of a name."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self.at, self.stop = at, False

    def stage(self, words: str, total: int | None = None) -> None:
        self.stop = self.stop or words.startswith(self.at)

    @contextmanager
    def stops_by_itself(self) -> Generator[Callable[[], bool]]:
        yield lambda: self.stop


def run(path: Path, progress: Progress, **model: Any) -> dict[str, Any]:
    return team_plans.design(path, "EX001", progress, model=model, by="Example Ash")


def test_a_run_that_is_stopped_keeps_the_plan_found_so_far(team_store: Begin) -> None:
    path = team_store(planned=False)
    made = run(path, Stopping("Sharing out"), team_gps=[2, 4])
    kept = read_plan(path, made["plan_id"]).plan
    assert kept.teams and kept.made_by == "Example Ash"
    assert kept.backtest is None and not kept.pareto
    assert math.isfinite(kept.certificate.gap) or kept.given_up
    with pytest.raises(StoppedError):
        run(path, Stopping("Reading"), team_gps=[2, 4])
    assert len(list_plans(path)) == 1


def test_a_time_limit_that_was_too_short_is_a_sentence(
    team_store: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none(*_args: Any, **_more: Any) -> None:
        raise StoppedError("The search was stopped before there was a plan.")

    monkeypatch.setattr("hamlets.teams.planning.make_plan", none)
    with pytest.raises(NoFeasiblePlanError) as refused:
        run(team_store(planned=False), Progress(), team_gps=[2, 4])
    assert refused.value.hint == "Allow more time for the search."


def test_a_plan_of_another_practice_is_not_there(team_store: Begin) -> None:
    path = team_store()
    for work in (team_plans.withdraw, team_plans.propose):
        with pytest.raises(Exception, match="no such plan at this practice"):
            work(path, "EX002", Progress(), plan="EX001-1", by="Example Ash")
    with open_store(path) as opened:
        assert opened.version == 1
    assert replace(read_plan(path, "EX001-1").standing).state == "draft"
