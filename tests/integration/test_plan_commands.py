"""The commands about plans, as a person runs them."""

from __future__ import annotations

import csv
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from hamlets.publish.plan_json import plan_json
from hamlets.publish.plan_words import headline, proof
from hamlets.records import load
from hamlets.records.store.layout import Layout
from hamlets.records.store.locks import writer_lock
from hamlets.teams.results import Certificate, Option, RuleWords
from tests.inside import hamlets, refused
from tests.oracles.plans import keep, random_plan, records
from tests.oracles.stores import build_store, known_as, write_csv

AHEAD = date.today() + timedelta(days=40)
RULES = (
    RuleWords(
        "cover",
        "Wednesday afternoon",
        1,
        "A GP of every team works on Wednesday afternoon.",
        "a GP of every team on Wednesday afternoon",
        "Only 2 GPs work on Wednesday afternoon.",
        "cover by weekday",
    ),
    RuleWords("size_most", "", 3, "Each team has at most 3 GPs.", change="teams of up to 4"),
)


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = build_store(tmp_path_factory.mktemp("commands"), records())
    keep(store)
    keep(store, status="infeasible", given_up=RULES[:1], conflict=RULES)
    return store


@pytest.fixture
def store(pattern: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pattern, tmp_path / "store"))


def test_a_plan_is_shown_beside_what_it_is_compared_with(pattern: Path) -> None:
    ran = hamlets("teams", "show", "EX001-1", "--store", pattern, "--why")
    lines = ran.out.splitlines()
    assert lines[0] == "Plan 1 for Example EX001 (EX001-1, draft)"
    assert lines[1] == (
        "Patients keep 91 in 100 of their past contacts inside their new team. "
        "14 in 100 get a different named GP."
    )
    (kept,) = [line for line in lines if line.startswith("Past contacts kept in team")]
    assert kept.split()[-4:] == ["62%", "91%", "48%", "93%"]
    assert "No plan under your rules can beat this one by more than 1 in 100." in lines
    assert any(line.startswith("Team Blue") and "(lead)" in line for line in lines)
    assert "- 2 patients go to Dr Example-2: they saw more." in lines
    assert ran.code == 0
    for code in records()["patients"]:
        assert code["patient_id"] not in ran.out


def test_programs_get_the_keys_of_a_design(pattern: Path) -> None:
    found = hamlets("teams", "show", "EX001-1", "--store", pattern, "--format", "json").json
    assert set(found) >= {
        "plan_id", "value", "bound", "gap", "retained_own", "retained_team", "band_max",
        "moved_share", "forced", "seconds", "status", "certificate", "teams", "retained_share",
        "state", "practice_id", "comparison", "equity", "pareto", "backtest", "conflict",
        "given_up", "notes", "history", "explanations", "model", "members", "standing",
    }  # fmt: skip
    assert found["retained_share"] == found["retained_team"] == 0.91
    assert set(found["certificate"]) == {"formation_gap", "allocation_loss", "covers"}
    assert set(found["teams"][0]) >= {
        "team_id", "members", "shared", "sessions", "list_size", "work",
    }  # fmt: skip
    assert [row["name"] for row in found["comparison"]] == [
        "now", "plan", "alphabetical", "most_seen",
    ]  # fmt: skip
    assert found["backtest"]["design_day"] == "2025-09-04"


def test_rules_that_conflict_are_said(pattern: Path) -> None:
    ran = hamlets("teams", "show", "EX001-2", "--store", pattern)
    assert (
        "These 2 rules cannot both hold: a GP of every team on Wednesday afternoon; "
        "Each team has at most 3 GPs. Only 2 GPs work on Wednesday afternoon."
    ) in ran.out
    assert "Change one: ask for cover by weekday; or teams of up to 4." in ran.out
    assert "does not keep: a GP of every team on Wednesday afternoon." in ran.out


def test_every_conflict_is_said() -> None:
    from dataclasses import replace

    _, _, plan = random_plan()
    again = (RuleWords("must_link", "", 2, "", "Dr Example-1 and Dr Example-2 in one team"),)
    plan = replace(
        plan, status="infeasible", conflict=RULES[:1], further_conflicts=(again,),
        given_up=(*RULES[:1], *again),
    )  # fmt: skip
    said = " ".join(proof(plan))
    assert "This rule cannot hold: a GP of every team on Wednesday afternoon." in said
    assert "This rule cannot hold: Dr Example-1 and Dr Example-2 in one team." in said
    assert len(plan_json(plan)["further_conflicts"]) == 1


def certified(gap: float, bound: float = 100.0) -> list[str]:
    _, _, plan = random_plan()
    certificate = Certificate(bound * (1 - gap), bound, gap, 0, 0, "")
    from dataclasses import replace

    return proof(replace(plan, certificate=certificate))


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (0.0, "can beat this one."),
        (1e-13, "can beat this one."),
        (0.0001, "by more than 1 in 100."),
        (0.01, "by more than 1 in 100."),
        (0.0101, "by more than 2 in 100."),
        (float("nan"), "We have no proof yet"),
        (float("inf"), "We have no proof yet"),
    ],
)
def test_the_certificate_is_rounded_against_us(gap: float, words: str) -> None:
    assert words in " ".join(certified(gap))


def test_promises_are_rounded_against_us() -> None:
    from dataclasses import replace

    _, _, plan = random_plan()
    option = Option("plan", 0.9199, 0.5, 0.0, 99.0, 101.0, 0, 0.1301, 0.1, 0.2)
    (line,) = headline(replace(plan, options=(option,)))
    assert line.startswith("Patients keep 91 in 100")
    assert "14 in 100 get" in line
    bare = replace(plan, options=())
    assert headline(bare) == []
    assert plan_json(bare)["retained_team"] is None


def test_lists_alone_are_told_by_the_own_gp() -> None:
    from dataclasses import replace

    _, _, plan = random_plan()
    for alone in (replace(plan, approach="personal_lists"), replace(plan, teams=())):
        (line,) = headline(alone)
        assert line.startswith("Patients keep 55 in 100 of their past contacts with their own GP.")


def test_from_draft_to_adopted_and_back(store: Path) -> None:
    at = ("--store", store)
    assert hamlets("teams", "propose", "EX001-1", *at, "--by", "Dr Example-Ash").code == 0
    tried = hamlets("teams", "adopt", "EX001-1", "--from", AHEAD, *at, "--dry-run", "--format",
                    "json").json  # fmt: skip
    assert (tried["dry_run"], tried["version"], tried["named_changed"]) == (True, None, 6)
    done = hamlets("teams", "adopt", "EX001-1", "--from", AHEAD, *at)
    assert "Your clinical system does not change by itself" in done.out
    assert "6 patients get another named GP. 2 teams with 5 members begin;" in done.out
    last = AHEAD - timedelta(days=1)
    assert f"You can stop it until {last.day} {last:%B %Y}" in done.out
    listed = hamlets("teams", "list", *at, "--format", "json").json
    assert [(row["plan_id"], row["state"]) for row in listed] == [
        ("EX001-1", "adopted"), ("EX001-2", "draft"),
    ]  # fmt: skip
    assert listed[0]["adopted_from"] == str(AHEAD)
    assert hamlets("store", "versions", *at, "--format", "json").json[-1]["what"] == (
        f"adopt plan EX001-1 from {AHEAD}"
    )
    hamlets("store", "restore", 1, *at)
    shown = hamlets("teams", "show", "EX001-1", *at).out
    assert "(EX001-1, proposed)" in shown
    assert "gone back to a version from before" in shown
    hamlets("store", "restore", 2, *at)
    assert "taken back" in hamlets("teams", "withdraw", "EX001-1", *at).out
    assert "EX001-1  EX001     proposed" in hamlets("teams", "list", *at).out


def test_what_cannot_be_is_a_sentence_with_its_code(store: Path, tmp_path: Path) -> None:
    at = ("--store", store)
    refused(8, "teams", "show", "EX001-9", *at)
    refused(8, "teams", "adopt", "../EX001-1", "--from", AHEAD, *at)
    refused(8, "teams", "export", "EX001-9", "--to", tmp_path / "out", *at)
    refused(2, "teams", "adopt", "EX001-1", "--from", "tomorrow", *at)
    refused(2, "teams", "adopt", "EX001-2", "--from", AHEAD, *at)
    refused(2, "teams", "withdraw", "EX001-1", *at)
    refused(5, "teams", "list", "--store", tmp_path / "none")
    refused(5, "teams", "propose", "EX001-1", "--store", tmp_path / "none")
    assert not (tmp_path / "none").exists()
    with writer_lock(Layout(store), 0):
        refused(5, "teams", "adopt", "EX001-1", "--from", AHEAD, "--wait", 0, *at)
    (store / "plans" / "EX001-1" / "teams.parquet").unlink()
    error = refused(5, "teams", "show", "EX001-1", *at, "--format", "json").error
    assert (error["error"], error["where"]) == ("store_damaged", "plans/EX001-1/teams.parquet")
    (store / "plans" / "EX001-2" / "plan.toml").write_text("?")
    assert "cannot be read" in hamlets("teams", "list", *at).err
    verified = refused(5, "store", "verify", *at).err
    assert "hamlets: store: A plan is damaged: plans/EX001-1/teams.parquet" in verified
    assert "The records are sound." in verified
    assert ".. " not in verified.replace(" ...", "")
    unknown = refused(8, "teams", "list", *at, "--practice", "EX009").err
    assert "There is no practice 'EX009' in these records." in unknown
    (tmp_path / "file").write_text("")
    refused(5, "teams", "export", "EX001-1", "--to", tmp_path / "file", *at)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def export(store: Path, to: Path, *more: Any) -> dict[str, Path]:
    ran = hamlets("teams", "export", "EX001-1", "--store", store, "--to", to, *more)
    assert ran.code == 0, ran
    return {p.relative_to(to).as_posix(): p for p in sorted(to.rglob("*")) if p.is_file()}


def test_everything_a_practice_needs_is_exported(store: Path, tmp_path: Path) -> None:
    hamlets("teams", "adopt", "EX001-1", "--from", AHEAD, "--store", store)
    files = export(store, tmp_path / "a" / "b")
    assert set(files) == {
        "readme.txt", "named-gps.csv", "lists.csv", "letters.csv", "letter.txt",
        *(f"patients/{name}.txt" for name in
          ("leaflet", "web", "text-messages", "phone-script", "easy-read")),
        "patients/leaflet.html", "patients/easy-read.html",
        "reception/01-team-blue.html", "reception/02-team-green.html",
        "teams/01-team-blue.html", "teams/02-team-green.html",
    }  # fmt: skip
    names = known_as(store, records())
    changes = read_csv(files["named-gps.csv"])
    assert {names[row["patient_id"]] for row in changes} == {
        "P001", "P005", "P009", "P013", "P017", "P021",
    }  # fmt: skip
    for row in changes:
        assert (row["old_named_gp"], row["new_named_gp"]) == ("Dr Example-A2", "Dr Example-A1")
        assert (row["team"], row["change"], row["from_date"]) == (
            "Team Blue",
            "changed",
            str(AHEAD),
        )
    assert len(read_csv(files["lists.csv"])) == 24
    told = read_csv(files["letters.csv"])
    assert {row["tell_by"] for row in told} == {str(AHEAD + timedelta(days=21))}
    assert len(told) == 6
    for name in ("named-gps.csv", "lists.csv", "letters.csv"):
        assert files[name].stat().st_mode & 0o077 == 0
    assert "codes" in files["readme.txt"].read_text()
    for name, path in files.items():
        if name.startswith(("patients/", "reception/", "teams/")):
            assert not any(code in path.read_text() for code in names)
    again = export(store, tmp_path / "a" / "b")
    assert set(again) == set(files)


def test_only_what_is_asked_is_exported(store: Path, tmp_path: Path) -> None:
    files = export(store, tmp_path / "out", "--only", "letters", "--only", "teams")
    assert set(files) == {
        "readme.txt", "letters.csv", "letter.txt",
        "teams/01-team-blue.html", "teams/02-team-green.html",
    }  # fmt: skip
    assert {row["tell_by"] for row in read_csv(files["letters.csv"])} == {""}
    assert "Draft" in files["teams/01-team-blue.html"].read_text()


def test_who_has_left_or_died_since_is_left_out(store: Path, tmp_path: Path) -> None:
    """P001, P005 and others are to change; of them P005 dies, P009 leaves, and so does P002."""
    tables = records()
    for row in tables["patients"]:
        if row["patient_id"] == "P005":
            row["death_date"] = date(2024, 6, 20)
        elif row["patient_id"] in ("P009", "P002"):
            row["registered_to"] = date(2024, 6, 24)
    load(write_csv(tables, tmp_path / "extract"), store, source_name="extract", refuse_limit=0)
    names = known_as(store, records())
    ran = hamlets("teams", "export", "EX001-1", "--store", store, "--to", tmp_path / "out")
    said = "3 patients of the plan have left or died since, and are left out."
    assert ran.out.splitlines()[0] == said
    assert said in (tmp_path / "out" / "readme.txt").read_text()
    lists = {names[row["patient_id"]] for row in read_csv(tmp_path / "out" / "lists.csv")}
    assert lists == {f"P{n:03}" for n in range(24)} - {"P005", "P009", "P002"}
    for name in ("named-gps.csv", "letters.csv"):
        told = {names[row["patient_id"]] for row in read_csv(tmp_path / "out" / name)}
        assert told == {"P001", "P013", "P017", "P021"}


def test_a_household_with_one_news_shares_a_letter(tmp_path: Path) -> None:
    """P001, P005 and P002 live together; the GP of the first two changes, from A2 to A1."""
    tables = records()
    for row in tables["patients"]:
        home = {"P001": "H1", "P005": "H1", "P002": "H1", "P009": "H2"}
        row["household_id"] = home.get(row["patient_id"])
    store = build_store(tmp_path, tables)
    keep(store)
    hamlets("teams", "adopt", "EX001-1", "--from", AHEAD, "--store", store)
    names = known_as(store, tables)
    rows = read_csv(export(store, tmp_path / "out", "--only", "letters")["letters.csv"])
    letters: dict[str, list[str]] = {}
    for row in rows:
        letters.setdefault(row["letter"], []).append(names[row["patient_id"]])
    assert sorted(map(sorted, letters.values())) == [
        ["P001", "P005"], ["P009"], ["P013"], ["P017"], ["P021"],
    ]  # fmt: skip
    assert [row["letter"] for row in rows] == sorted((row["letter"] for row in rows), key=int)
    assert {row["people"] for row in rows if names[row["patient_id"]] in ("P001", "P005")} == {"2"}
    first = rows[0]
    start = f"{AHEAD.day} {AHEAD:%B %Y}"
    assert first["words"] == (
        f"From {start} your own GP at Example EX001 is Dr Example-A1, in Team Blue. "
        "Until now it was Dr Example-A2."
    )
    assert first["team_gps"] == "Dr Example-A1, Dr Example-A3"
    words = (tmp_path / "out" / "letter.txt").read_text()
    for column in ("words", "new_gp_days"):
        assert f"[{column}]" in words
        assert column in first


def test_people_of_a_care_home_get_a_letter_each(tmp_path: Path) -> None:
    tables = records()
    for number, row in enumerate(tables["patients"]):
        row["household_id"] = "H1" if number < 9 else "H2" if number < 17 else None
    store = build_store(tmp_path, tables)
    keep(store)
    names = known_as(store, tables)
    rows = read_csv(export(store, tmp_path / "out", "--only", "letters")["letters.csv"])
    people = {names[row["patient_id"]]: row["people"] for row in rows}
    # The first home has 9 people, P001 and P005 of them; the second 8, with P009 and P013.
    assert people == {"P001": "1", "P005": "1", "P009": "2", "P013": "2", "P017": "1", "P021": "1"}


def test_letters_say_who_was_named_where_that_gp_has_gone(tmp_path: Path) -> None:
    tables = records()
    for row in tables["staff"]:
        if row["staff_id"] == "A2":
            row["end_date"] = date(2024, 5, 1)
    store = build_store(tmp_path, tables)
    plan = hamlets("teams", "reallocate", "--store", store, "--practice", "EX001", "--leaver",
                   "A2", "--format", "json").json["plan_id"]  # fmt: skip
    to = tmp_path / "out"
    assert hamlets("teams", "export", plan, "--store", store, "--to", to).code == 0
    rows = [row for row in read_csv(to / "letters.csv") if row["change"] == "gp_gone"]
    assert len(rows) == 6
    assert {row["old_named_gp"] for row in rows} == {"Dr Example-A2"}
    assert all(row["words"].endswith("Until now it was Dr Example-A2.") for row in rows)


@pytest.mark.parametrize(
    ("found", "words", "not_there"),
    [
        ({"names_gone": ("Dr Example-Ash",)}, ("will have left: Dr Example-Ash.",), "patient"),
        (
            {"names_gone": ("Dr Example-Ash", "Nurse Example"), "patients_without_gp": 1},
            ("left: Dr Example-Ash, Nurse Example.", "1 patient of lists ", " keeps the named GP"),
            "1 patients",
        ),
        ({"patients_left": 2}, ("2 patients of the plan have left",), "In no team"),
    ],
)
def test_who_is_passed_over_is_named_and_counted(
    found: dict[str, Any], words: tuple[str, ...], not_there: str
) -> None:
    from hamlets.cli.adopting import passed_over
    from hamlets.teams.plans.adopting import Adopted

    said = " ".join(
        passed_over(Adopted("EX001-1", "EX001", AHEAD, 2, 0, 0, 1, 3, 1, None, **found))
    )
    assert all(each in said for each in words)
    assert not_there not in said


def test_people_of_all_teams_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    from dataclasses import replace

    from hamlets.cli.plan_tables import print_plan

    inputs, _, plan = random_plan(pharmacists=2)
    name_of = dict(zip(inputs.clinicians.staff_id, inputs.clinicians.name, strict=True))
    shared = plan.teams[0].shared
    assert len(shared) == 2
    print_plan(plan)
    out = capsys.readouterr().out
    assert f"Shared by all teams: {', '.join(name_of[who] for who in shared)}." in out
    # A plan kept before names were: by id.
    print_plan(replace(plan, teams=tuple(replace(t, shared_names=()) for t in plan.teams)))
    assert f"Shared by all teams: {', '.join(shared)}." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("now", "plan", "words"),
    [
        ((0.578, 0.434), (0.641, 0.497), "That is 7 in 100 more than now, all by chance: "),
        ((0.57, 0.43), (0.645, 0.52), "That is 7 in 100 more than now, all by chance: "),
        ((0.578, 0.43), (0.645, 0.461), "That is 7 in 100 more than now, 3 of it by chance: "),
        ((0.57, 0.43), (0.645, 0.42), ""),
        ((0.57, 0.43), (0.56, 0.50), ""),
        ((None, None), (0.645, 0.50), ""),
    ],
)
def test_a_gain_that_chance_gives_is_said_so(
    now: tuple[float | None, float | None], plan: tuple[float, float], words: str
) -> None:
    from dataclasses import replace

    _, _, made = random_plan()
    shown = {each.name: each for each in made.options}
    options = tuple(
        replace(shown[name], retained_team=team, chance_team=chance)
        for name, (team, chance) in (("now", now), ("plan", plan))
    )
    (line,) = headline(replace(made, options=options))
    assert (words in line) if words else ("chance" not in line)
    one = replace(made, options=options, teams=made.teams[:1])
    assert headline(one)[0].endswith("All GPs are in one team, so there was no team to choose.")
    assert "chance" not in headline(replace(one, teams=()))[0]
