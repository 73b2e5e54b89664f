"""Audits of hand-made practices: a planted difference is found, and what the program says of it."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import hamlets
from hamlets.continuity import audit, audit_many
from hamlets.errors import NothingToMeasureError, UnknownPlaceError, UsageError
from tests.inside import hamlets as run
from tests.oracles.worlds import Row, World, gp_rows

MakeStore = Callable[..., Path]
SCATTERED, STEADY = "G99001", "G99002"
EVENT = date(2024, 6, 3)
CASES = 10


def practice_world(practice: str, meets: Sequence[int], cases: int = CASES) -> World:
    """Return a practice: each case has as many controls as it may have, seen by two GPs.

    ``meets`` are the GPs of a case's eight contacts, one a month before the event.
    """
    world: World = {"appointments": [], "patients": [], "events": [], "registrations": []}
    world["staff"] = gp_rows((f"{practice}-{i}" for i in range(8)), practice)
    for i in range(cases * 5):
        patient = f"{practice}-p{i:03d}"
        case = i < cases
        world["patients"].append(
            {"patient_id": patient, "practice_id": practice, "sex": "female", "birth_year": 1950}
        )
        world["registrations"].append(
            {"patient_id": patient, "practice_id": practice, "from_date": date(2010, 1, 1)}
        )
        if case:
            world["events"].append(
                {"patient_id": patient, "event_type": "cancer_diagnosis", "event_date": EVENT}
            )
        gps = meets if case else (0, 1, 0, 1, 0, 1, 0, 1)
        days = [
            EVENT - timedelta(days=400),
            *(EVENT - timedelta(days=d) for d in range(240, 0, -30)),
        ]
        for at, (day, gp) in enumerate(zip(days, (7, *gps), strict=True)):
            world["appointments"].append(
                {
                    "patient_id": patient,
                    "staff_id": f"{practice}-{gp}",
                    "practice_id": practice,
                    "start_time": datetime.combine(day, datetime.min.time()) + timedelta(hours=9),
                    "appointment_id": f"{patient}-{at}",
                    "status": "attended",
                    "mode": "telephone" if at % 2 else "face_to_face",
                }
            )
    # a contact after the events, so that records reach beyond them
    world["appointments"].append(
        {**world["appointments"][-1], "appointment_id": f"{practice}-last",
         "start_time": datetime(2024, 7, 1, 9)}
    )  # fmt: skip
    return world


def together(*worlds: World) -> World:
    return {name: [row for world in worlds for row in world[name]] for name in worlds[0]}


FOUR_GPS, TWO_GPS = (0, 1, 2, 3, 0, 1, 2, 3), (0, 0, 0, 0, 1, 1, 1, 1)


@pytest.fixture(scope="module")
def planted(make_store: MakeStore) -> Path:
    """Two practices; in one the cases met exactly twice as many GPs."""
    return make_store(
        together(practice_world(SCATTERED, FOUR_GPS), practice_world(STEADY, TWO_GPS))
    )


@pytest.fixture(scope="module")
def few(make_store: MakeStore) -> Path:
    return make_store(practice_world(SCATTERED, FOUR_GPS, cases=3))


def test_twice_as_many_gps_are_found(planted: Path) -> None:
    with hamlets.open_store(planted) as store:
        found = audit_many(store, "cancer_diagnosis")
    assert list(found) == [SCATTERED, STEADY]
    scattered, steady = (found[p].group("cases") for p in (SCATTERED, STEADY))
    assert scattered.mean("gps").value == 2 * (steady.mean("gps").value or 0) == 4
    assert scattered.mean("handovers").value == 7
    assert steady.mean("handovers").value == 1
    for one in found.values():
        controls = one.group("controls")
        assert controls.n_patients == 4 * CASES
        assert controls.mean("gps").value == 2
        assert (one.n_events, one.not_registered, one.without_control) == (CASES, 0, 0)
        assert one.group("cases").mean("contacts").value == 8  # the day of the event is out
    assert scattered.distribution[4] == CASES
    assert dict(scattered.modes) == {"telephone": 4 * CASES, "face_to_face": 4 * CASES}


def test_chance_is_what_as_many_contacts_would_meet(planted: Path) -> None:
    with hamlets.open_store(planted) as store:
        one = audit(store, "cancer_diagnosis", STEADY)
    # of each patient's nine contacts in all the look-backs, four are with each of two GPs
    expected = 2 * (1 - (5 / 9) ** 8) + 1 - (8 / 9) ** 8
    assert one.group("cases").mean("gps").chance == pytest.approx(expected)


def test_few_cases_have_no_average(few: Path) -> None:
    with hamlets.open_store(few) as store:
        one = audit(store, "cancer_diagnosis", with_cases=True)
    for group in one.groups:
        assert {mean.value for mean in group.means} == {None}
        assert {mean.reason for mean in group.means} == {"fewer than 8 cases"}
    assert [case.gps for case in one.cases] == [4, 4, 4]
    assert [contact.days_before for contact in one.cases[0].strip] == list(range(240, 0, -30))


def test_errors_say_what_there_is(planted: Path) -> None:
    with hamlets.open_store(planted) as store:
        with pytest.raises(NothingToMeasureError, match="'stroke'") as caught:
            audit(store, "stroke")
        assert caught.value.hint == "Types of event here: cancer_diagnosis."
        with pytest.raises(NothingToMeasureError, match="in these days"):
            audit(store, "cancer_diagnosis", date_from=EVENT + timedelta(days=1))
        with pytest.raises(NothingToMeasureError, match="900 days"):
            audit(store, "cancer_diagnosis", look_back=900)
        with pytest.raises(UnknownPlaceError):
            audit(store, "cancer_diagnosis", "G00000")
        with pytest.raises(UsageError):
            audit(store, "cancer_diagnosis", look_back=0)


def test_days_that_the_records_do_not_reach_are_said(planted: Path) -> None:
    with hamlets.open_store(planted) as store:
        whole = audit(store, "cancer_diagnosis")
        early = audit(store, "cancer_diagnosis", date_from=date(2024, 1, 1), date_to=EVENT)
        late = audit(store, "cancer_diagnosis", date_to=date(2025, 1, 1))
    assert whole.notes == ()
    assert whole.period.first == date(2023, 4, 30) + timedelta(days=365)
    assert whole.period.last == date(2024, 7, 1)
    assert "cut short" in early.notes[0]
    assert "end early" in late.notes[0]


def test_any_death_counts_as_a_death(make_store: MakeStore) -> None:
    world = practice_world(SCATTERED, FOUR_GPS)
    died = [row["patient_id"] for row in world["events"]]
    world["events"] = [
        {"patient_id": died[0], "event_type": "death_in_hospital", "event_date": EVENT},
        {"patient_id": died[1], "event_type": "death", "event_date": EVENT},
    ]
    for row in world["patients"]:
        row["death_date"] = EVENT if row["patient_id"] in died[1:3] else None
    with hamlets.open_store(make_store(world)) as store:
        assert audit(store, "death").n_events == 3
        assert audit(store, "death_in_hospital").n_events == 1


def test_whoever_died_within_the_look_back_is_no_case(make_store: MakeStore) -> None:
    world = practice_world(SCATTERED, FOUR_GPS)
    for row, before in zip(world["patients"][:CASES], (1, 2), strict=False):
        row["death_date"] = EVENT - timedelta(days=before)
    for row in world["patients"]:
        row.setdefault("death_date", None)
    with hamlets.open_store(make_store(world)) as store:
        found = audit(store, "cancer_diagnosis")
    # alive on the last of the days is registered throughout; dead on it is not
    assert (found.n_events, found.not_registered) == (CASES, 1)


def test_a_clinician_of_two_teams_counts_for_the_patients_own(make_store: MakeStore) -> None:
    world = practice_world(SCATTERED, TWO_GPS)
    for row in world["patients"]:
        row["named_staff_id"] = f"{SCATTERED}-1"
    world["teams"] = [{"team_id": t, "practice_id": SCATTERED, "name": t} for t in ("T1", "T2")]
    world["team_members"] = [
        {"team_id": team, "staff_id": f"{SCATTERED}-{gp}"}
        for team, gp in (("T1", 0), ("T2", 0), ("T2", 1))
    ]
    with hamlets.open_store(make_store(world)) as store:
        cases = audit(store, "cancer_diagnosis").group("cases")
    assert cases.mean("upc").value == 0.5
    assert cases.mean("upc_team").value == 1.0


# The program ------------------------------------------------------------------------


def program(store: Path, *words: object) -> Any:
    return run("audit", "--store", store, "--event", "cancer_diagnosis", *words)


def test_json_has_what_is_promised(planted: Path) -> None:
    made = program(planted, "--format", "json").json
    assert {
        "event", "look_back_days", "from", "to", "n_events", "not_registered", "without_control",
        "groups", "definition_version",
    } <= set(made)  # fmt: skip
    assert "cases" not in made
    assert [group["name"] for group in made["groups"]] == ["cases", "controls", "controls_matched"]
    first = made["groups"][0]
    assert {"name", "n_patients", "n_without_contacts", "means", "distribution", "modes"} == set(
        first
    )
    assert set(first["means"][0]) == {
        "measure", "value", "lower", "upper", "n_patients", "chance", "without_zeros", "reason",
    }  # fmt: skip
    assert [m["measure"] for m in first["means"]] == [
        "gps", "clinicians", "contacts", "handovers", "upc", "upc_team", "symptom_days",
    ]  # fmt: skip
    assert len(first["distribution"]) == 13


def test_csv_by_practice(planted: Path, tmp_path: Path) -> None:
    printed = program(planted, "--by", "practice", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(printed.out)))
    assert list(rows[0]) == [
        "practice", "group", "measure", "value", "lower", "upper", "n_patients", "chance",
        "without_zeros", "reason",
    ]  # fmt: skip
    assert len(rows) == 2 * 3 * 7
    assert rows[0] | {"practice": SCATTERED, "measure": "gps", "value": "4.0"} == rows[0]
    assert program(planted, "--by", "practice", "--output", tmp_path / "a.csv").code == 0
    assert (tmp_path / "a.csv").read_text() == printed.out


def test_cases_are_for_one_practice_and_one_reader(
    planted: Path, few: Path, tmp_path: Path
) -> None:
    assert program(planted, "--cases").code == 2
    assert program(planted, "--cases", "--by", "practice").code == 2
    assert program(planted, "--cases", "--practice", SCATTERED, "--publish").code == 2
    file = tmp_path / "cases.json"
    assert program(planted, "--cases", "--practice", SCATTERED, "--output", file).code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    cases = json.loads(file.read_text())["cases"]
    assert [case["number"] for case in cases] == list(range(1, CASES + 1))
    assert {len(case["strip"]) for case in cases} == {8}
    assert program(few, "--cases").code == 0  # one practice needs no name
    table = tmp_path / "cases.csv"
    assert program(planted, "--cases", "--practice", SCATTERED, "--output", table).code == 0
    assert stat.S_IMODE(table.stat().st_mode) == 0o600
    rows = list(csv.DictReader(io.StringIO(table.read_text())))
    assert [row["number"] for row in rows] == [str(n) for n in range(1, CASES + 1)]
    assert {(row["patient_id"], row["gps"]) for row in rows} == {
        (case["patient_id"], str(case["gps"])) for case in cases
    }
    assert {len(row["contacts_in_order"].split()) for row in rows} == {8}
    assert {row["event_date"] for row in rows} == {EVENT.isoformat()}


def test_few_cases_are_said_not_averaged(few: Path) -> None:
    said = program(few).out
    assert "3 cases. Too few to average. Read them one by one." in said
    assert "on average" not in said
    assert "It cannot say whether care was late." in said
    made = program(few, "--format", "json").json
    assert {mean["value"] for group in made["groups"] for mean in group["means"]} == {None}
    # each case by itself, in letters; without named GPs nobody knows who was whose
    assert program(few, "--cases").out.count("? ? ? ? ? ? ? ?") == 3


def test_the_published_form_keeps_small_counts(
    planted: Path, few: Path, make_store: MakeStore
) -> None:
    made = program(planted, "--publish", "--format", "json").json
    cases = made["groups"][0]
    assert made["published"] is True
    assert (made["n_events"], made["not_registered"], cases["modes"]) == (None, None, None)
    assert cases["n_patients"] == 20
    assert cases["means"][0] | {"value": 3.0, "without_zeros": None} == cases["means"][0]
    assert set(cases["distribution"]) == {None, 10}
    small = program(few, "--publish", "--format", "json").json
    shown = [small["groups"][i]["n_patients"] for i in range(3)]
    assert shown == [None, None, None]
    assert {mean["value"] for group in small["groups"] for mean in group["means"]} == {None}
    both = together(practice_world(SCATTERED, FOUR_GPS, 3), practice_world(STEADY, TWO_GPS, 12))
    listed = program(make_store(both), "--by", "practice", "--publish", "--format", "json").json
    assert [one["groups"][0]["n_patients"] for one in listed] == [None, 10]
    small = listed[0]["groups"]
    assert {mean["value"] for group in small for mean in group["means"]} == {None}
    assert {count for group in listed[1]["groups"] for count in group["distribution"]} == {None}
    assert "Made for sharing." in program(planted, "--publish").out


def test_symptom_codes_come_from_a_file(make_store: MakeStore, tmp_path: Path) -> None:
    world = practice_world(SCATTERED, FOUR_GPS)
    world["observations"] = [
        {"patient_id": row["patient_id"], "code": code, "date": EVENT - timedelta(days=days)}
        for row in world["events"]
        for code, days in (("12345", 60), ("12345", 100), ("12345", 500), ("999", 200))
    ]
    store = make_store(world)
    plain, headed = tmp_path / "plain.csv", tmp_path / "headed.csv"
    plain.write_text("12345\n")
    headed.write_text("name,code\ncough, 12345\n")
    for file in (plain, headed):
        made = program(store, "--symptoms", file, "--format", "json").json
        assert (
            made["groups"][0]["means"][-1] | {"value": 100.0, "n_patients": 10}
            == (made["groups"][0]["means"][-1])
        )
    said = program(store, "--symptoms", plain)
    assert "days from symptom code" in said.out
    assert "symptoms" not in said.out
    (tmp_path / "other.csv").write_text("77777\n88888\n")
    none = program(store, "--symptoms", tmp_path / "other.csv")
    assert none.code == 0
    assert "None of the 2 codes of symptoms occurs in the days looked at" in none.out
    assert "days from symptom code" not in none.out


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("empty.csv", "code\n", "The list of codes is empty."),
        ("none.csv", None, "cannot be read: no such file or directory."),
        (".", None, "cannot be read: is a directory."),
        ("wide.csv", "name,other\nx,y\n", "several columns, and none of them is called code"),
    ],
)
def test_a_list_of_codes_that_is_none_is_refused(
    planted: Path, tmp_path: Path, name: str, text: str | None, sentence: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    ran = program(planted, "--symptoms", tmp_path / name)
    assert (ran.code, ran.out) == (3, "")
    assert sentence in ran.err


def test_a_note_of_some_practices_names_them(make_store: MakeStore, tmp_path: Path) -> None:
    world = together(practice_world(SCATTERED, FOUR_GPS), practice_world(STEADY, TWO_GPS))
    world["observations"] = [
        {"patient_id": f"{STEADY}-p000", "code": "1", "date": EVENT - timedelta(days=9)}
    ]
    codes = tmp_path / "codes.csv"
    codes.write_text("1\n")
    said = program(make_store(world), "--by", "practice", "--symptoms", codes).out
    assert f"{SCATTERED}: The code of symptoms does not occur in the days looked at" in said
    assert STEADY not in said[said.index(f"{SCATTERED}: ") :]


def test_the_share_of_the_team_is_not_known_without_teams(planted: Path) -> None:
    with hamlets.open_store(planted) as store:
        found = audit(store, "cancer_diagnosis")
    for group in found.groups:
        mean = group.mean("upc_team")
        assert (mean.value, mean.lower, mean.reason) == (None, None, "no teams in these records")
    assert "-: no teams in these records (share: team seen most)." in program(planted).out
    assert "no teams in these records" in program(planted, "--publish", "--format", "csv").out


def test_tables_fit_a_page_and_show_shares_as_measure_does(planted: Path, few: Path) -> None:
    for ran in (program(planted), program(planted, "--by", "practice"), program(few)):
        cells = [line for line in ran.out.splitlines() if not line.endswith(".")]
        assert max(map(len, cells), default=0) <= 100
    assert re.search("share: GP seen most +0.375 ", program(planted).out)
    assert re.search(r"share: GP seen most +(-|0\.\d\d) ", program(planted, "--publish").out)
    assert "By chance, contacts as many as the cases had meet" in program(planted).out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--event", "stroke"), 6),
        (("--practice", "G00000"), 8),
        (("--by", "practice", "--practice", SCATTERED), 2),
        (("--output", "audit.txt"), 2),
        (("--from", "2024-02-31"), 2),
        (("--from", "2024-06-30", "--to", "2024-06-01"), 2),
        (("--roles", "wizard"), 2),
        (("--look-back", "0"), 2),
        (("--seed", "one"), 2),
        (("--publish", "--to", "2024-06-30"), 2),
        (("--publish", "--look-back", "364"), 2),
    ],
)
def test_wrong_options_say_so(planted: Path, words: tuple[str, ...], code: int) -> None:
    ran = program(planted, *words)
    assert ran.code == code
    assert ran.err.startswith("hamlets: ") or "Usage" in ran.err


def test_an_event_must_be_named(planted: Path) -> None:
    assert run("audit", "--store", planted).code == 2


def test_no_patient_is_named_without_being_asked_for(make_store: MakeStore) -> None:
    world: World = practice_world(SCATTERED, FOUR_GPS)
    store = make_store(world, identifiable=True)
    rows: list[Row] = world["patients"]
    for form in ("table", "csv", "json"):
        ran = program(store, "--format", form)
        assert not any(row["patient_id"] in ran.out + ran.err for row in rows)
