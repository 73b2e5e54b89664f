"""``hamlets teams design``: plans made, shown and kept; records and models that are not right."""

from __future__ import annotations

import io
import os
import signal
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from hamlets.cli.designing import showing
from hamlets.records import open_store
from hamlets.teams import planning
from hamlets.teams.gathering import gather
from hamlets.teams.model import TeamModel, make_model
from hamlets.teams.plans.storing import list_plans, read_plan
from hamlets.teams.results import Plan
from tests.inside import hamlets, refused
from tests.oracles.plan_rules import as_kept, broken_figures, broken_promises, promised_by
from tests.oracles.villages import LAST, Village
from tests.program import Ran

PLAIN = Village(place="PLAIN", teams=3, locks=5)
PLACES = (
    PLAIN,
    Village(place="TWO", gps=2, patients=40),
    Village(place="ONE", gps=1, patients=30),
    Village(place="NONE", gps=0, patients=20),
    Village(place="MONDAYS", days_off=(0,)),
    Village(place="NEW", without_contact=60),
    Village(place="HEAVY", minutes=120, session_minutes=4),
    Village(place="NOROTA", rota="missing", gps=4, patients=80),
    Village(place="WRONGROTA", rota="wrong"),
    Village(place="NONAMES", named=False),
    Village(place="ONETEAM", teams=1, gps=4, patients=60),
)
QUICK = ("--no-compare",)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return PLACES[0].store(tmp_path_factory.mktemp("villages"), *PLACES[1:])


def design(store: Path, place: str, *more: object) -> Ran:
    return hamlets("teams", "design", "--store", store, "--practice", place, *more)


def as_json(store: Path, place: str, *more: object, code: int = 0) -> dict[str, Any]:
    ran = design(store, place, "--format", "json", *more)
    assert ran.code == code, ran
    return ran.json


def plans_of(store: Path, place: str) -> tuple[Plan, ...]:
    return list_plans(store, place)


def check(store: Path, plan_id: str) -> Plan:
    """Hold a kept plan against the definitions; return it."""
    stored = read_plan(store, plan_id)
    with open_store(store) as opened:
        inputs = gather(opened, stored.plan.practice_id, day=stored.plan.day)
    kept = as_kept(stored, inputs)
    assert broken_promises(inputs, stored.model, kept, promised_by(stored.plan)) == []
    assert broken_figures(inputs, stored.model, kept, stored.plan) == []
    return stored.plan


def model(folder: Path, text: str) -> Path:
    path = folder / "model.toml"
    path.write_text(text)
    return path


def test_a_plan_is_shown_as_it_is_kept(store: Path) -> None:
    before = hamlets("store", "info", "--store", store, "--format", "json").json
    known = {plan.plan_id for plan in plans_of(store, "PLAIN")}
    ran = design(store, "PLAIN")
    assert (ran.code, ran.err) == (0, "")
    # Other tests keep plans of the practice too.
    (plan,) = [plan for plan in plans_of(store, "PLAIN") if plan.plan_id not in known]
    assert plan.plan_id.startswith("PLAIN-")
    assert plan.state == "draft"
    assert "PLAIN-P0" not in ran.out
    for words in (
        "in 100 of their past contacts inside their new team", "By alphabet",
        "By most-seen GP, uneven", "By most-seen GP, even", "Seen by own GP, rota allows",
        "No plan under your rules can beat this one", "Team Blue", "trade-off",
        "Work of teams, least to most", "deprivation",
        f"({plan.plan_id}, draft)",
    ):  # fmt: skip
        assert words in ran.out
    assert hamlets("teams", "show", plan.plan_id, "--store", store).out == ran.out
    assert hamlets("store", "info", "--store", store, "--format", "json").json == before
    assert hamlets("store", "verify", "--store", store).code == 0
    check(store, plan.plan_id)


def test_programs_read_the_keys_of_a_design(store: Path) -> None:
    ran = design(store, "PLAIN", "--format", "json")
    found = ran.json
    assert "PLAIN-P0" not in ran.out
    shares = ("gap", "retained_own", "retained_team", "retained_share", "band_max", "moved_share")
    for key in shares:
        assert 0 <= found[key] <= 1, key
    assert found["value"] <= found["bound"]
    assert found["status"] in ("optimal", "gap")
    assert isinstance(found["forced"], int)
    assert found["seconds"] > 0
    assert set(found["certificate"]) == {"formation_gap", "allocation_loss", "covers"}
    for team in found["teams"]:
        assert {"team_id", "members", "shared", "sessions", "list_size", "work"} <= set(team)
        assert team["team_id"].startswith(found["plan_id"])
        assert set(team["members"]).isdisjoint(team["shared"])
    assert sum(team["list_size"] for team in found["teams"]) == found["n_patients"] == 120
    names = [option["name"] for option in found["comparison"]]
    assert names == ["now", "plan", "alphabetical", "most_seen", "by_hand"]
    assert 9 <= len(found["pareto"]) <= 15
    assert [point["this_plan"] for point in found["pareto"]].count(True) == 1
    assert found["retained_share"] == found["retained_team"]
    shown = hamlets("teams", "show", found["plan_id"], "--store", store, "--format", "json").json
    assert {key: shown[key] for key in found} == found


def test_the_same_command_gives_the_same_plan_under_another_id(store: Path) -> None:
    def made() -> dict[str, Any]:
        return as_json(store, "NEW")

    one, two = made(), made()
    assert one["plan_id"] != two["plan_id"]
    for plan in (one, two):
        for key in ("plan_id", "made_at", "seconds"):
            del plan[key]
        for team in plan["teams"]:
            del team["team_id"]
    assert one == two


def test_the_options_are_those_measured_apart(store: Path) -> None:
    """What the table says of now and of the plan is what the ceiling and the loops say."""
    plan = check(store, as_json(store, "PLAIN")["plan_id"])
    options = {option.name: option for option in plan.options}
    now, ours, uneven = options["now"], options["plan"], options["most_seen"]
    assert now.moved_share is None
    assert now.retained_team is not None
    assert uneven.retained_own is not None
    assert ours.retained_team is not None
    assert ours.retained_team >= max(options["by_hand"].retained_team or 0, now.retained_team)
    # Nobody keeps more own-GP contacts by weight than those who follow the GP seen most.
    assert all((each.retained_own or 0) <= uneven.retained_own + 0.03 for each in plan.options)
    for option in plan.options:
        assert option.expected_own is not None
        assert option.expected_team is not None
        assert (option.retained_own or 0) - 0.1 <= option.expected_own <= option.expected_team <= 1


@pytest.mark.parametrize(
    ("place", "code", "words"),
    [
        ("TWO", 0, "Dr Example-TWO-D1 (lead), Dr Example-TWO-D2"),
        ("ONE", 7, "at least 2 GPs in a team. There is 1 GP."),
        ("MONDAYS", 7, "a GP of every team on Monday. No GP who may hold a list works on Monday."),
        ("NEW", 0, "Patients without a GP contact in 24 months: 60."),
        ("HEAVY", 0, "times the bookable minutes of the GPs."),
        ("HEAVY", 0, "Published for practices with personal lists: 237 to 241."),
        ("NOROTA", 0, "No rota covers the last 12 weeks, so half-days and minutes are inferred"),
        ("WRONGROTA", 7, "The rota contradicts the appointments"),
        ("WRONGROTA", 7, "GPs without bookable minutes of their own: 4."),
        ("NONAMES", 0, "No patient has an eligible named GP now"),
        ("NEW", 0, "No teams are recorded on 1 August 2025."),
    ],
)
def test_records_that_lack_something(store: Path, place: str, code: int, words: str) -> None:
    more = ("--model", model(store.parent, 'cover = "none"')) if place == "NOROTA" else ()
    ran = design(store, place, *QUICK, *more)
    assert ran.code == code, ran
    assert words in ran.out
    plan = check(store, plans_of(store, place)[-1].plan_id)
    assert (plan.status == "infeasible") == (code == 7)
    assert plan.rota == ("inferred" if place == "NOROTA" else "given")
    if code == 7:
        assert f"It is kept as {plan.plan_id}." in ran.err
        assert "does not keep" in ran.err
        assert plan.given_up
    else:
        assert ran.err == ""


def test_ten_times_the_capacity_is_said_with_its_number(store: Path) -> None:
    notes = as_json(store, "HEAVY", *QUICK)["notes"]
    (said,) = [note for note in notes if "times the bookable minutes" in note]
    with open_store(store) as opened:
        inputs = gather(opened, "HEAVY")
    staff = inputs.clinicians
    times = sum(inputs.people.work_minutes) / sum(staff.capacity_minutes[staff.gp])
    assert times > 8
    assert f"The expected work is {times:.1f} times" in said


def test_a_cohort_without_patients(store: Path, tmp_path: Path) -> None:
    path = model(tmp_path, 'approach = "cohort"\ncohort = "housebound"')
    ran = refused(6, "teams", "design", "--store", store, "--practice", "PLAIN", "--model", path)
    assert "No patient of the practice is in the cohort" in ran.err


def test_a_single_team_of_four_keeps_everything(store: Path) -> None:
    plan = check(store, as_json(store, "ONETEAM", *QUICK)["plan_id"])
    now, ours = plan.option("now"), plan.option()
    assert ours is not None
    assert now is not None
    assert (ours.retained_team, plan.status) == (1.0, "optimal")
    assert now.retained_team == 1.0


def test_without_a_gp_there_is_no_plan(store: Path) -> None:
    ran = refused(7, "teams", "design", "--store", store, "--practice", "NONE")
    assert "No GP works at the practice." in ran.err
    assert plans_of(store, "NONE") == ()
    ran = refused(
        7, "teams", "design", "--store", store, "--practice", "NONE", "--format", "json"
    )  # fmt: skip
    assert ran.error["error"] == "no_feasible_plan"


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ('must_link = [["PLAIN-D1", "Dr Nobody"]]', 8, "who does not work at PLAIN"),
        ('leads = ["PLAIN-N1"]', 2, "None of the leads of the team model is a GP"),
        ("team_gps = [4, 5]", 7, "at least 4 GPs in a team; at most 5 GPs in a team."),
        ("team_gps = [5, 2]", 3, "The fewest GPs (5) must be at least 1"),
        ("team_gps = ", 3, "cannot be read as TOML"),
        ("teams = 3", 3, 'a key "teams" that there is none of'),
        ('approach = "cohort"', 3, "which cohort"),
        ('approach = "cohort"\ncohort = "nobody"', 2, 'a cohort "nobody" that there is none of'),
        ("roles = { nurse = 2 }", 7, "2 nurses in every team. There are 6 GPs. There are 2"),
        (
            'roles = { nurse = 1 }\nmust_link = [["PLAIN-N1", "PLAIN-N2"]]', 7,
            "at most 4 GPs in a team; a nurse in every team; Nurse Example-1 and"
            " Nurse Example-2 in one team.",
        ),
        ('skills = { juggling = 1 }', 7, "a GP who has the skill juggling in every team."),
        ('languages = { Welsh = 1 }', 7, "No GP speaks Welsh."),
        ("team_sessions = [100, 200]", 7, "All GPs together work 48 sessions a week."),
        (
            'must_link = [["PLAIN-D1", "PLAIN-D2"]]\ncannot_link = [["PLAIN-D2", "PLAIN-D1"]]', 7,
            "Dr Example-PLAIN-D1 and Dr Example-PLAIN-D2 in one team; Dr Example-PLAIN-D2 and Dr"
            " Example-PLAIN-D1 in different teams.",
        ),
        ("cover_gps = 4\nteam_gps = [1, 1]", 7, "Teams of up to 3 GPs were tried."),
        ("cover_gps = 4", 7, "or 3 of a team at a time (cover_gps)."),
        ("disruption_percent = 0\nband_percent = 0.1", 7, "We found no lists that keep these"),
    ],
)  # fmt: skip
def test_models_that_cannot_be(
    store: Path, tmp_path: Path, text: str, code: int, words: str
) -> None:
    known = len(plans_of(store, "PLAIN"))
    ran = design(store, "PLAIN", *QUICK, "--model", model(tmp_path, text))
    assert ran.code == code, ran
    assert words in ran.err
    plans = plans_of(store, "PLAIN")
    if code != 7:
        assert (ran.out, len(plans)) == ("", known)
        return
    plan = check(store, max(plans, key=lambda each: each.number).plan_id)
    assert (plan.status, len(plans)) == ("infeasible", known + 1)
    assert words in ran.out


def test_rules_that_conflict_as_programs_read_them(store: Path, tmp_path: Path) -> None:
    path = model(tmp_path, "team_gps = [4, 5]")
    ran = design(store, "PLAIN", *QUICK, "--model", path, "--format", "json")
    assert ran.code == 7
    assert ran.error["error"] == "no_feasible_plan"
    assert ran.error["where"] == "PLAIN"
    assert ran.json["status"] == "infeasible"
    assert [rule["id"] for rule in ran.json["conflict"]] == ["size_least", "size_most"]
    for rule in ran.json["conflict"]:
        assert rule["sentence"].endswith(".")
        assert rule["fact"] == "There are 6 GPs."


@pytest.mark.parametrize(
    "text",
    [
        'approach = "whole_list"\nteam_gps = [3, 3]\nroles = { nurse = 1 }',
        'approach = "cohort"\ncohort = "aged_75_plus"\ndisruption_percent = 100',
        'approach = "buddies"\nband_percent = 10',
        'approach = "personal_lists"\ndisruption_percent = 50\nhouseholds = false',
        'must_link = [["PLAIN-D1", "PLAIN-D4"]]\ncannot_link = [["PLAIN-D1", "PLAIN-D2"]]',
        'taking_part = ["PLAIN-D1", "PLAIN-D2", "PLAIN-D3", "PLAIN-D4"]\ndisruption_percent = 60',
        'cover = "half_day"\nleads = ["PLAIN-D2", "PLAIN-D5"]',
    ],
)
def test_approaches_and_rules_from_end_to_end(store: Path, tmp_path: Path, text: str) -> None:
    found = as_json(store, "PLAIN", "--model", model(tmp_path, text), "--no-expected")
    plan = check(store, found["plan_id"])
    assert plan.status in ("optimal", "gap")
    assert [option.name for option in plan.options][:2] == ["now", "plan"]
    sizes = sorted(len(team.members) for team in plan.teams)
    if plan.approach == "personal_lists":
        assert sizes == [1] * 6
    if plan.approach == "buddies":
        assert set(sizes) <= {2, 3}
    if plan.approach == "cohort":
        assert plan.n_patients == 22
    assert read_plan(store, plan.plan_id).model == model_of(text)


def model_of(text: str) -> TeamModel:
    import tomllib

    return make_model(tomllib.loads(text))


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--practice", "G1"), 8, "No patients of a practice 'G1' are in these records."),
        (("--practice", "TWO", "--practice", "G1"), 8, "'G1'"),
        (("--practice", "TWO", "--all"), 2, "Both --practice and --all"),
        ((), 2, "These records hold several practices."),
        (("--practice", "TWO", "--day", "1.2.2025"), 2, "is not a day"),
        (("--practice", "TWO", "--day", "2031-01-01"), 6, "do not reach this day"),
        (("--practice", "TWO", "--model", "no.toml"), 3, "There is no such team model."),
    ],
)
def test_questions_that_cannot_be_answered(
    store: Path, words: tuple[str, ...], code: int, said: str
) -> None:
    known = len(list_plans(store))
    ran = refused(code, "teams", "design", "--store", store, *words)
    assert said in ran.err
    assert len(list_plans(store)) == known
    ran = refused(code, "teams", "design", "--store", store, *words, "--format", "json")
    assert said.strip("'") in ran.error["message"]


def test_several_practices_have_a_line_each(store: Path) -> None:
    ran = hamlets(
        "teams", "design", "--store", store, "--practice", "TWO", "--practice", "MONDAYS",
        "--practice", "TWO", "--practice", "NONE", *QUICK,
    )  # fmt: skip
    assert ran.code == 7
    lines = ran.out.splitlines()
    assert [line.split()[0] for line in lines] == ["practice", "TWO", "MONDAYS"]
    assert "NONE: No GP works at the practice." in ran.err
    assert "No plan keeps every rule in 2 of 3 practices." in ran.err
    for place in ("TWO", "MONDAYS"):
        plan = check(store, max(plans_of(store, place), key=lambda each: each.number).plan_id)
        assert plan.plan_id in ran.out
        assert plan.option("now") is not None


def test_all_practices_for_programs(tmp_path: Path) -> None:
    store = Village(gps=3, patients=40).store(tmp_path, Village(place="B", gps=4, patients=60))
    ran = hamlets("teams", "design", "--store", store, "--all", *QUICK, "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    assert [plan["practice_id"] for plan in ran.json] == ["B", "G99001"]
    assert all(option["expected_own"] is None for p in ran.json for option in p["comparison"])


def test_the_only_practice_need_not_be_named(tmp_path: Path) -> None:
    store = Village(gps=3, patients=40).store(tmp_path)
    ran = hamlets("teams", "design", "--store", store, *QUICK, "--seed", 7, "--format", "json")
    assert (ran.json["practice_id"], ran.json["seed"]) == ("G99001", 7)
    assert read_plan(store, "G99001-1").model.seed == 7


def test_a_plan_of_an_earlier_day_knows_nothing_later(store: Path) -> None:
    day = date(2025, 6, 30)
    found = as_json(store, "PLAIN", *QUICK, "--day", day.isoformat())
    assert found["day"] == day.isoformat() != LAST.isoformat()
    check(store, found["plan_id"])


def interrupting(times: int, at: str) -> Callable[..., Any]:
    """Return a design in whose midst Ctrl-C is pressed so many times."""
    real = planning.design

    def begin(*inputs: Any, progress: Callable[[str, int], None], **more: Any) -> Any:
        def tell(stage: str, number: int) -> None:
            progress(stage, number)
            if stage == at:
                for _ in range(times):
                    os.kill(os.getpid(), signal.SIGINT)

        return real(*inputs, progress=tell, **more)

    return begin


@pytest.fixture
def listening() -> Iterator[None]:
    """Ctrl-C as in a terminal, also where the tests were started in the background without it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_gives_the_best_plan_so_far(
    store: Path, monkeypatch: pytest.MonkeyPatch, listening: None
) -> None:
    monkeypatch.setattr(planning, "design", interrupting(1, "lists"))
    ran = design(store, "PLAIN", *QUICK, "--format", "json")
    assert ran.code == 9
    assert ran.error["error"] == "stopped"
    assert ran.json["plan_id"] in ran.error["message"]
    assert ran.json["status"] == "stopped"
    assert ran.json["gap"] > 0
    check(store, ran.json["plan_id"])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_twice_ends_at_once(
    store: Path, monkeypatch: pytest.MonkeyPatch, listening: None
) -> None:
    known = len(plans_of(store, "NEW"))
    monkeypatch.setattr(planning, "design", interrupting(2, "lists"))
    ran = design(store, "NEW", *QUICK)
    assert (ran.code, ran.out) == (130, "")
    assert "Ctrl-C again ends at once" in ran.err
    assert "Stopped before it was done" in ran.err
    assert len(plans_of(store, "NEW")) == known


def test_ctrl_c_before_there_was_a_plan(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*asked: Any, **more: Any) -> Any:
        os.kill(os.getpid(), signal.SIGINT)
        return gather(*asked, **more)

    known = len(plans_of(store, "NEW"))
    monkeypatch.setattr(planning, "gather", slow)
    ran = design(store, "NEW", *QUICK)
    assert (ran.code, ran.out) == (130, "")
    assert len(plans_of(store, "NEW")) == known


def test_ctrl_c_between_practices(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "design", interrupting(1, "lists"))
    ran = hamlets(
        "teams", "design", "--store", store, "--practice", "NEW", "--practice", "TWO", *QUICK
    )  # fmt: skip
    assert ran.code == 9
    assert "Stopped after 1 of 2 practices" in ran.err
    assert len(ran.out.splitlines()) == 2


def test_a_time_limit_gives_the_best_plan_so_far(store: Path) -> None:
    ran = design(store, "PLAIN", *QUICK, "--time-limit", 0)
    assert ran.code == 9
    assert "The search came to its time limit." in ran.err
    (plan_id,) = [word for word in ran.err.split() if word.startswith("PLAIN-")]
    assert check(store, plan_id).status == "stopped"
    assert f"({plan_id}, draft)" in ran.out


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stage", "number", "words"),
    [
        ("teams", 1234, "G1: Trying teams (1,234 tried)"),
        ("lists", 1234, "G1: Sharing out patients"),
        ("proof", 1234, "G1: Checking the proof"),
    ],
)
def test_progress_on_a_terminal_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, stage: str, number: int, words: str
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for stream, quiet, shown in (
        (Terminal(), False, True), (Terminal(), True, False), (io.StringIO(), False, False),
    ):  # fmt: skip
        monkeypatch.setattr("sys.stderr", stream)
        with showing("G1: ", quiet) as tell:
            tell(stage, number)
        assert (words in stream.getvalue()) == shown
