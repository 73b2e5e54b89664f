"""``hamlets networks share``: a plan from files, in each form; bad input gets a sentence."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pytest

from tests.inside import hamlets, refused
from tests.oracles.calendars import read_calendar

TOWER_HAMLETS = (
    Path(__file__).parents[3] / "shared" / "data" / "tower-hamlets" / "practices_2026.csv"
)
NEED = """practice_id,role,skill,patients,patients_per_session,indicator_id,half_day
A,nurse,diabetes,48,8,diabetes_care_plan,
C,nurse,diabetes,30,8,diabetes_care_plan,Tue am;Wed am
D,nurse,diabetes,20,8,diabetes_care_plan,
E,pharmacist,,16,8,medication_review,
"""
SPARE = """practice_id,staff_id,name,role,skills,half_day,consent,max_days,hourly_rate
B,N1,Nurse Example-Rose,nurse,diabetes;asthma,Tue am,yes,2,24.50
B,N1,Nurse Example-Rose,nurse,diabetes;asthma,Tue pm,yes,2,24.50
B,N1,Nurse Example-Rose,nurse,diabetes;asthma,Thu am,yes,2,24.50
D,N2,Nurse Example-Lily,nurse,diabetes,Wed am,,1,
C,N3,Nurse Example-Fern,nurse,,Mon am,no,1,
A,,,pharmacist,,Fri pm,,,
"""
PRACTICES = """practice_id,list_size,lat,lon
A,8000,51.515,-0.06
B,7000,51.520,-0.05
C,9000,51.510,-0.03
D,6000,51.525,-0.02
E,5000,51.500,-0.04
"""
SCHEME = """scheme = "ours"
title = "Ours"
shape = "retained_share"
average = "mean"
value = 100000
retained_percent = 30
loses = "all"
split = "equal"
source = "Made up"
authored_by = "Test"
checked_by = "Test"
date_next_review = 2031-11-30
ends = 2031-03-31

[[conditions]]
indicator = "diabetes_care_plan"
title = "Diabetes care plan"
target = 90
"""
WORTH = """practice_id,indicator_id,outstanding,value_next_patient,probability,title
A,diabetes_care_plan,48,312.5,0.64,Diabetes care plan
C,diabetes_care_plan,30,280,0.64,Diabetes care plan
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (
        ("need", NEED),
        ("spare", SPARE),
        ("practices", PRACTICES),
        ("worth", WORTH),
    ):
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def files(folder: Path) -> list[object]:
    return ["networks", "share", "--need", folder / "need.csv", "--spare", folder / "spare.csv"]


def with_places(folder: Path) -> list[object]:
    return [*files(folder), "--practices", folder / "practices.csv"]


def test_a_plan_for_people(folder: Path) -> None:
    ran = hamlets(*with_places(folder), "--worth", folder / "worth.csv")
    assert ran.code == 0, ran.err
    assert "2 sessions a week of diabetes nurse time could move from B to A (0.9 km)." in ran.out
    assert "Help is most useful at A, for Diabetes care plan" in ran.out
    assert "4 agreements go with this plan" in ran.out
    assert "Agreement to share staff" in hamlets(*with_places(folder), "--agreements").out


def test_a_plan_for_programs(folder: Path) -> None:
    made = hamlets(*with_places(folder), "--format", "json").json
    shares = {need["practice_id"]: need["share_met"] for need in made["needs"]}
    assert shares["A"] == pytest.approx(2 / 6) and shares["C"] == pytest.approx(1 / 3.75)
    assert made["proven"] is True and len(made["agreements"]) == 4
    row = made["next_day"][0]
    assert (row["practice_id"], row["outstanding"], row["probability"]) == ("A", 48, None)


def test_a_plan_for_a_spreadsheet_and_a_calendar(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(hamlets(*with_places(folder), "--format", "csv").out)))
    made = hamlets(*with_places(folder), "--format", "json").json["moves"]
    assert [(r["staff_id"], r["to_practice_id"]) for r in rows] == [
        (m["staff_id"] or "", m["to_practice_id"]) for m in made
    ]
    term = ["--from", "2031-07-01", "--until", "2031-09-30"]
    ran = hamlets(*with_places(folder), *term, "--output", folder / "plan.ics")
    assert (ran.code, ran.out) == (0, "")
    events = read_calendar((folder / "plan.ics").read_bytes()).parts
    assert sum(part.name == "VEVENT" for part in events) == len(rows)
    hamlets(*with_places(folder), *term, "--output", folder / "plan.txt")
    assert "It starts on 1 July 2031" in (folder / "plan.txt").read_text()


def test_a_table_of_distances_and_what_people_agree_to(folder: Path) -> None:
    pairs = [f"{a},{b},{1 + i},{5 + i}" for i, (a, b) in enumerate(_pairs())]
    (folder / "road.csv").write_text("from,to,km,minutes\n" + "\n".join(pairs))
    (folder / "people.csv").write_text("staff_id,consent,max_km\nN1,no,\nN2,yes,\n")
    options = ["--distances", folder / "road.csv", "--persons", folder / "people.csv"]
    ran = hamlets(*files(folder), *options)
    assert ran.code == 0, ran.err
    assert "minutes by road" in ran.out and "Rose" not in ran.out


def _pairs() -> list[tuple[str, str]]:
    return [(a, b) for a in "ABCDE" for b in "ABCDE" if a < b]


def test_a_scheme_says_what_a_patient_is_worth(folder: Path) -> None:
    """Outstanding patients, value and probability are those that the payment prints."""
    lines = ["practice_id,indicator_id,period_start,period_end,numerator,denominator"]
    months = [(month, f"2030-{month:02}-28") for month in range(4, 13)]
    lines += [
        f"{place},diabetes_care_plan,2030-04-01,{end},{60 + month + 4 * at},100"
        for month, end in months
        for at, place in enumerate("ACDE")
    ]
    (folder / "counts.csv").write_text("\n".join(lines))
    (folder / "scheme.toml").write_text(SCHEME)
    options = ["--scheme", folder / "scheme.toml", "--counts", folder / "counts.csv"]
    rows = hamlets(*with_places(folder), *options, "--format", "json").json["next_day"]
    assert [row["practice_id"] for row in rows] == ["A", "C", "D", "E"]
    paid = hamlets("networks", "payment", *options, "--what-if", "--format", "json").json
    (outlook,) = paid["what_if"][0]["conditions"]
    worth = {need["practice_id"]: need for need in outlook["by_practice"]}
    for row in rows:
        need = worth[row["practice_id"]]
        assert row["outstanding"] == need["outstanding"] > 0
        assert float(row["value_next_patient"]) == pytest.approx(
            float(need["next_patient"]), abs=0.01
        )
        assert row["probability"] == pytest.approx(outlook["chance"])
        patients = min(row["outstanding"], row["patients_per_session"])
        assert float(row["value_session"]) == pytest.approx(
            patients * float(row["value_next_patient"]), abs=0.05
        )


def test_files_without_a_role_share_anybody(folder: Path) -> None:
    (folder / "need.csv").write_text("practice_code,sessions_needed\nC,2\n")
    (folder / "spare.csv").write_text("practice_code,sessions_spare\nB,1\nD,3\n")
    made = hamlets(*files(folder), "--format", "json").json
    moves = {m["from_practice_id"]: m["amount"] for m in made["moves"]}
    assert moves == {"B": 1, "D": 1}


def test_without_places_travel_does_not_count(folder: Path) -> None:
    ran = hamlets(*files(folder))
    assert ran.code == 0
    assert "travel does not count" in ran.out


BAD = [
    ("need", "A,nurse,diabetes,48,8,", "A,nurse,diabetes,-48,8,", 3, "cannot be negative"),
    ("need", "A,nurse,diabetes,48,8,", "A,nurse,diabetes,x,8,", 3, "is not a number"),
    ("need", "A,nurse,diabetes,48,8,", "A,nurse,diabetes,48,0,", 3, "reaches no patient"),
    ("need", "A,nurse,diabetes,48,8,", "A,nurse,diabetes,,8,", 3, "does not say how much"),
    ("need", "A,nurse,diabetes,48,8,", ",nurse,diabetes,48,8,", 3, "has no practice"),
    ("need", "Tue am;Wed am", "Tue am;Wed noon", 3, "is not a half-day"),
    ("need", "E,pharmacist,,16,8,medication_review,", "A,nurse,diabetes,1,8,diabetes_care_plan,",
     3, "given twice"),
    ("need", "A,nurse", "Z,nurse", 8, "no practice Z"),
    ("spare", "Tue pm", "2031-02-31 pm", 3, "There is no day 2031-02-31"),
    ("spare", "Tue pm", "2031-06-03 pm", 2, "Some offers are for days"),
    ("spare", "Tue pm", "Tue am", 3, "given twice"),
    ("spare", "Tue am,yes", "Tue am,perhaps", 3, "does not say whether the person agrees"),
    ("spare", "Tue am,yes,2", "Tue am,yes,-2", 3, "cannot be negative"),
    ("spare", "Tue am,yes,2", "Tue am,yes,1.5", 3, "whole number"),
    ("practices", "B,7000,51.520,-0.05", "B,7000,,", 3, "Practice B cannot be placed"),
    ("practices", "B,7000,51.520,-0.05", "A,7000,51.520,-0.05", 3, "given twice"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "code", "sentence"), BAD)
def test_bad_input_gets_a_sentence(
    folder: Path, name: str, old: str, new: str, code: int, sentence: str
) -> None:
    path = folder / f"{name}.csv"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    ran = refused(code, *with_places(folder), "--output", folder / "plan.json")
    assert sentence in ran.err
    assert not (folder / "plan.json").exists()


def test_units_that_differ_are_refused(folder: Path) -> None:
    (folder / "spare.csv").write_text("practice_id,role,hours\nB,nurse,4\n")
    ran = refused(2, *files(folder), "--format", "json")
    assert json.loads(ran.err)["message"] == "The need is in sessions and what is spare in hours."


def test_nobody_who_agrees_or_can_help_is_no_plan(folder: Path) -> None:
    path = folder / "spare.csv"
    path.write_text("practice_id,role,sessions,consent\nB,nurse,2,no\n")
    assert "agrees to work elsewhere" in refused(7, *files(folder)).err
    path.write_text("practice_id,role,sessions\nB,paramedic,2\n")
    assert "No role is in both" in refused(7, *files(folder)).err
    path.write_text("practice_id,role,sessions\nB,nurse,0\n")
    assert "Nothing can be spared" in refused(6, *files(folder)).err


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--mileage", "cheap"], "is not an amount a mile"),
        (["--from", "2031-02-30"], "is not a day"),
        (["--from", "2031-03-02", "--until", "2031-03-01"], "before the first"),
        (["--format", "ics"], "needs a first day"),
        (["--output", "plan.docx"], ".txt, .json, .csv or .ics"),
        (["--indicator", "mmr"], "Both --need and --indicator"),
        (["--worth", "worth.csv", "--scheme", "network-2"], "Both --worth and --scheme"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    folder: Path, options: list[str], sentence: str
) -> None:
    assert sentence in refused(2, *with_places(folder), *options).err


def test_one_file_alone_or_none_is_refused(folder: Path) -> None:
    assert "Add --spare" in refused(2, "networks", "share", "--need", folder / "need.csv").err
    assert "Nothing is asked for yet" in refused(2, "networks", "share").err


@pytest.mark.shared
def test_places_of_real_practices_give_the_distances(tmp_path: Path) -> None:
    """Places and codes are real; who needs and spares what is invented, for nobody's record."""
    if not TOWER_HAMLETS.exists():
        pytest.skip("the folder shared/data is not here")
    with TOWER_HAMLETS.open(encoding="utf-8-sig", newline="") as file:
        rows = {row["practice_code"]: row for row in csv.DictReader(file)}
    first, *others = sorted(rows)
    spare = "".join(f"{code},nurse,1\n" for code in others)
    (tmp_path / "need.csv").write_text(f"practice_code,role,sessions\n{first},nurse,1\n")
    (tmp_path / "spare.csv").write_text("practice_code,role,sessions\n" + spare)
    made = hamlets(*files(tmp_path), "--practices", TOWER_HAMLETS, "--format", "json").json
    far = {code: great_circle(rows[first], rows[code]) for code in others}
    (move,) = made["moves"]
    assert move["from_practice_id"] == min(far, key=lambda code: (far[code], code))
    assert move["km"] == pytest.approx(min(far.values()), abs=0.001)


def great_circle(one: dict[str, str], other: dict[str, str]) -> float:
    """Return the distance in km by the angle between two directions from the earth's middle."""

    def direction(row: dict[str, str]) -> tuple[float, float, float]:
        up, along = math.radians(float(row["lat"])), math.radians(float(row["lon"]))
        return (
            math.cos(up) * math.cos(along),
            math.cos(up) * math.sin(along),
            math.sin(up),
        )

    chord = math.dist(direction(one), direction(other))
    return 2 * 6371.0088 * math.asin(chord / 2)
