"""``hamlets teams leaving`` and ``worklist``, from loaded tables to what is printed and written."""

from __future__ import annotations

import csv
import io
import stat
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hamlets
from hamlets.booking.simulation.synth import make_setting, synthesise
from hamlets.cli import app
from hamlets.cli.failures import run as run_app
from hamlets.continuity.calendar import day_of
from hamlets.teams.gathering import gather
from hamlets.teams.worklists import shipped_presets
from hamlets.teams.worklists.priority import matched_presets
from hamlets.teams.worklists.reading import read_book
from tests.conftest import MakeStore
from tests.oracles import worklists as twin
from tests.program import Ran

Rows = Sequence[Mapping[str, Any]]
PLACE = "Y00001"
TOP = "For staff of Y00001. It lists patients. Do not pass on."


def person(code: str, role: str = "gp_salaried", **more: Any) -> dict[str, Any]:
    name = f"Dr Example-{code.title()}"
    return {"staff_id": code, "practice_id": PLACE, "name": name, "role": role, **more}


def patient(code: str, named: str | None, **more: Any) -> dict[str, Any]:
    return {
        "patient_id": code, "practice_id": PLACE, "named_staff_id": named, "birth_year": 1980,
        "registered_from": "2015-01-01", **more,
    }  # fmt: skip


def contacts(*told: str) -> Rows:
    """Return contacts told as "patient staff day day ..."."""
    rows: list[dict[str, Any]] = []
    for line in told:
        who, staff, *days = line.split()
        for day in days:
            rows.append({
                "appointment_id": f"{len(rows):04}", "patient_id": who, "staff_id": staff,
                "practice_id": PLACE, "start_time": f"{day} 09:00", "status": "attended",
                "mode": "face_to_face", "duration_minutes": 10,
            })  # fmt: skip
    return rows


STAFF: Rows = [
    person("ASH", "gp_partner"),
    person("BIRCH"),
    person("CEDAR"),
    person("DUNE", end_date="2025-09-01"),
    person("ELM", end_date="2025-03-02"),
    person("FIR"),
    person("REED", "gp_registrar"),
    {**person("BAD"), "name": "=cmd()"},
]
PATIENTS: Rows = [
    patient("P1", "DUNE", birth_year=1935, housebound=True),
    patient("P2", "DUNE"),
    patient("P3", "DUNE"),
    patient("P4", "ELM"),
    patient("P5", "FIR"),
    patient("P6", "ASH", housebound=True),
    patient("P7", "BAD"),
    patient("P8", None, birth_year=1930),
]
TABLES: dict[str, Rows] = {
    "staff": STAFF,
    "patients": PATIENTS,
    "team_members": [
        {"team_id": "BLUE", "staff_id": s, "from_date": "2020-01-01"}
        for s in ("ASH", "BIRCH", "DUNE")
    ],
    "buddies": [{"staff_id": "FIR", "buddy_staff_id": "CEDAR", "from_date": "2020-01-01"}],
    "sessions": [
        {"staff_id": s, "practice_id": PLACE, "start_time": f"{d} 08:30", "end_time": f"{d} 12:40"}
        for s, days in {
            "ASH": ["2025-03-03", "2025-06-09", "2025-08-15"],
            "BIRCH": ["2025-03-03", "2025-06-09", "2025-08-15"],
            "FIR": ["2025-03-03", "2025-06-20"],
        }.items()
        for d in days
    ],
    "conditions": [
        {"patient_id": "P2", "code": "X", "from_date": "2020-01-01", "register": "Palliative care"}
    ],
    "appointments": contacts(
        "P1 DUNE 2025-06-02 2025-05-12 2025-04-07 2024-06-11",
        "P1 BIRCH 2024-07-01",
        "P1 CEDAR 2025-06-03 2025-05-13",
        "P2 DUNE 2025-06-05",
        "P2 CEDAR 2025-06-06 2024-02-01",
        "P4 REED 2025-05-01",
        "P4 CEDAR 2025-02-03",
        "P5 FIR 2025-06-09",
        "P6 CEDAR 2025-06-04 2025-05-05 2025-04-04",
        "P6 BIRCH 2024-09-04 2024-10-04 2024-11-04",
        "P7 BAD 2025-06-10",
        "P7 ASH 2025-06-10",
    ),
}


@pytest.fixture
def store(make_store: MakeStore) -> Path:
    return make_store(TABLES, identifiable=True)


def run(*words: object) -> Ran:
    """Run the program here: no process of its own, which saves half a second each."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = run_app(app, [str(word) for word in words])
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return Ran(code, *texts)


def leaving(store: Path, *words: str) -> Ran:
    return run("teams", "leaving", "--store", store, "--practice", PLACE, *words)


def worklist(store: Path, *words: str) -> Ran:
    return run("teams", "worklist", "--store", store, "--practice", PLACE, *words)


def by_patient(ran: Ran) -> dict[str, Any]:
    assert ran.code == 0, ran.err
    return {row["patient_id"]: row for row in ran.json}


def test_who_leaves_why_and_whom_to_name_instead(store: Path) -> None:
    rows = by_patient(leaving(store, "--format", "json"))
    told = {
        p: (r["named_gp"], r["reason"], r["last_day"], r["suggested_gp"], r["suggested_why"])
        for p, r in rows.items()
    }
    assert told == {
        # Birch is of the team, though Cedar was seen more
        "P1": ("DUNE", "leaves", "2025-08-31", "BIRCH", "team"),
        "P2": ("DUNE", "leaves", "2025-08-31", "CEDAR", "practice"),
        "P3": ("DUNE", "leaves", "2025-08-31", None, "none"),
        # a registrar holds no list
        "P4": ("ELM", "gone", "2025-03-01", "CEDAR", "practice"),
        # the rota goes on for 8 weeks without Fir; the buddy was never seen
        "P5": ("FIR", "away", "2025-06-20", "CEDAR", "buddy"),
    }
    assert [row["rank"] for row in rows.values()] == [1, 2, 3, 4, 5]
    first = rows["P1"]
    assert next(iter(rows)) == "P1"
    assert first["cohorts"] == "frailty housebound"
    assert (first["contacts_with_gp"], first["seen_suggested"]) == (4, 1)
    assert first["points_cohorts"] == 25.0
    days = {"DUNE": (8, 29, 64, 364), "BIRCH": (344,), "CEDAR": (7, 28)}
    weight = {who: sum(0.5 ** (n / 365) for n in ages) for who, ages in days.items()}
    assert first["weighted_with_gp"] == pytest.approx(weight["DUNE"])
    assert first["share_with_gp"] == pytest.approx(weight["DUNE"] / sum(weight.values()))
    assert first["points_contacts"] == pytest.approx(25 * weight["DUNE"] / 4, abs=1e-6)
    parts = ("points_work", "points_cohorts", "points_contacts", "points_share")
    assert first["score"] == pytest.approx(sum(first[part] for part in parts), abs=1e-5)
    assert (rows["P3"]["share_with_gp"], rows["P3"]["points_share"]) == (None, 0.0)


def test_a_week_more_or_less(store: Path) -> None:
    # the last contact is of 10 June: 31 August is the 82nd day after it
    assert set(by_patient(leaving(store, "--within-weeks", "11", "--format", "json"))) == {
        "P4", "P5"
    }  # fmt: skip
    assert "P1" in by_patient(leaving(store, "--within-weeks", "12", "--format", "json"))
    assert set(by_patient(leaving(store, "--within-weeks", "0", "--format", "json"))) == {"P4"}


def test_a_leaver_whom_the_staff_list_does_not_know_of(store: Path) -> None:
    words = ("--leaver", "CEDAR", "--date", "2026-03-31", "--format", "json")
    rows = by_patient(leaving(store, *words))
    assert {p: r["suggested_gp"] for p, r in rows.items()} == {
        "P1": "BIRCH", "P2": None, "P3": None, "P4": None, "P5": None
    }  # fmt: skip
    rows = by_patient(leaving(store, "--leaver", "BAD", "--date", "2026-03-31", "--format", "json"))
    assert (rows["P7"]["reason"], rows["P7"]["last_day"]) == ("asked", "2026-03-31")
    text = leaving(store, "--leaver", "ASH").out
    assert "If Dr Example-Ash's last day is 10 June 2025, 1 patient needs a new GP." in text


def test_somebody_whom_nobody_has_leaves_nobody_without(store: Path) -> None:
    ran = leaving(store, "--leaver", "BIRCH", "--within-weeks", "0")
    assert ran.code == 0
    assert "Nobody here has Dr Example-Birch as named GP." in ran.out


def test_posts_that_follow_each_other_and_retired_gps_who_come_back(make_store: MakeStore) -> None:
    staff = [
        person("ASH", start_date="2015-01-01", end_date="2025-06-20"),
        person("ASH", "gp_partner", start_date="2025-06-20"),
        # a locum holds no list; still here, and lost to the patients all the same
        person("BIRCH", "gp_partner", start_date="2010-01-01", end_date="2025-06-20"),
        person("BIRCH", "gp_locum", start_date="2025-07-01"),
    ]
    tables = {
        "staff": staff,
        "patients": [patient("P1", "ASH"), patient("P2", "BIRCH")],
        "appointments": contacts("P1 ASH 2025-06-10", "P2 BIRCH 2025-06-09"),
    }
    rows = by_patient(leaving(make_store(tables, identifiable=True), "--format", "json"))
    assert {p: (r["reason"], r["last_day"]) for p, r in rows.items()} == {
        "P2": ("leaves", "2025-06-19")
    }


def test_who_is_seen_is_not_away_whatever_the_rota_says(make_store: MakeStore) -> None:
    def ask(last_session: str, *seen: str) -> Any:
        sessions = [
            {"staff_id": s, "practice_id": PLACE, "start_time": f"{d} 08:30",
             "end_time": f"{d} 12:40"}
            for s, d in (("ASH", "2025-07-10"), ("FIR", last_session))
        ]  # fmt: skip
        told = contacts("P5 ASH 2025-06-10", *seen)
        tables = {**TABLES, "sessions": sessions, "appointments": told}
        store = make_store(tables, identifiable=True)
        return by_patient(leaving(store, "--format", "json")).get("P5", {}).get("last_day")

    assert ask("2025-05-29") == "2025-05-29"  # 42 days before the rota's end
    assert ask("2025-05-30") is None
    assert ask("2025-05-29", "P5 FIR 2025-05-30") is None
    assert ask("2025-03-03", "P5 FIR 2025-05-29") == "2025-05-29"


def test_the_table_says_first_who_leaves(store: Path) -> None:
    ran = leaving(store, "--most", "2")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == TOP
    for sentence in (
        "Dr Example-Elm's last day was 1 March 2025. 1 patient needs a new GP. "
        "A next GP is suggested for the one.",
        "Dr Example-Fir has no session in the rota after 20 June 2025. 1 patient may need another "
        "GP.",
        "Dr Example-Dune's last day is 31 August 2025. 3 patients need a new GP. "
        "A next GP is suggested for 2.",
        "3 more patients: use --output FILE.csv",
    ):
        assert sentence in ran.out
    assert " he " not in ran.out and " she " not in ran.out


def test_files_are_private_and_harmless_in_a_spreadsheet(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "leaving.csv"
    ran = leaving(store, "--leaver", "BAD", "--output", str(target))
    assert ran.code == 0 and TOP in ran.err and "Wrote 6 patients" in ran.err
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    rows = list(csv.DictReader(target.read_text(encoding="utf-8").splitlines()))
    assert {row["named_gp_name"] for row in rows if row["named_gp"] == "BAD"} == {"'=cmd()"}
    ran = worklist(store, "--preset", "housebound", "--format", "csv")
    assert ran.out.splitlines()[0].startswith("rank,patient_id,practice_id,presets,")
    assert TOP in ran.err


def test_need_and_continuity_side_by_side(store: Path) -> None:
    ran = worklist(store, "--format", "json")
    rows = by_patient(ran)
    assert set(rows) == {"P1", "P2", "P6", "P8"}
    assert "frailty: nobody is on a frailty register, so those aged 85" in ran.err
    assert rows["P1"]["presets"] == "frailty housebound"
    assert rows["P2"]["presets"] == "end_of_life"
    # Dune and Birch are of Dune's team: 5 of 7
    assert (rows["P1"]["level"], rows["P1"]["team"]) == ("team", "BLUE")
    assert rows["P1"]["share"] == pytest.approx(5 / 7)
    assert rows["P1"]["losing_gp"] == "leaves"
    p6 = rows["P6"]
    assert (p6["share"], p6["drifted"], p6["not_most_seen"]) == (0.5, True, True)
    assert (p6["contacts_recent"], p6["share_recent"]) == (3, 0.0)
    assert (p6["contacts_before"], p6["share_before"]) == (3, 1.0)
    # of 20 contacts in 12 months 10 are with Ash, Birch and Dune
    assert p6["chance"] == pytest.approx(10 / 20)
    assert (rows["P8"]["named_gp"], rows["P8"]["share"], rows["P8"]["drifted"]) == (
        None, None, False
    )  # fmt: skip
    outside = [row["minutes_outside"] for row in rows.values()]
    assert outside == sorted(outside, reverse=True)
    assert p6["minutes_outside"] == pytest.approx(p6["work_minutes"] / 2, abs=1e-6)
    assert rows["P8"]["minutes_outside"] == pytest.approx(rows["P8"]["work_minutes"], abs=1e-6)


def test_the_worklist_for_people(store: Path, make_store: MakeStore) -> None:
    ran = worklist(store)
    assert ran.out.splitlines()[0] == TOP
    assert "drifted, other" in ran.out and "GP leaves" in ran.out
    alone = make_store({n: t for n, t in TABLES.items() if n != "team_members"}, identifiable=True)
    assert "with the own GP (there are no teams here)" in worklist(alone).out
    assert by_patient(worklist(alone, "--format", "json"))["P1"]["level"] == "own_gp"
    ran = worklist(store, "--preset", "conditions_5_plus")
    assert "No patient is in these presets." in ran.out and ran.code == 0


def test_presets_of_ones_own(store: Path, tmp_path: Path) -> None:
    shown = run("teams", "worklist", "--show-presets")
    assert shown.code == 0 and "[frailty]" in shown.out
    mine = tmp_path / "mine.toml"
    mine.write_text(
        '[often]\ntitle = "Often here"\nauthored_by = "A"\nchecked_by = "B"\n'
        "date_next_review = 2031-01-01\n[[often.when]]\ncontacts_from = 7\n"
    )
    rows = by_patient(worklist(store, "--preset-file", str(mine), "--format", "json"))
    assert {p: r["presets"] for p, r in rows.items()} == {"P1": "often"}
    mine.write_text("[often\n")
    ran = worklist(store, "--preset-file", str(mine))
    assert ran.code == 3 and "The presets cannot be read as TOML." in ran.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["leaving"], 2, "A list of patients is of one practice."),
        (["worklist"], 2, "A list of patients is of one practice."),
        (["leaving", "--practice", "NONE"], 8, "'NONE'"),
        (["worklist", "--practice", "NONE"], 8, "'NONE'"),
        (["leaving", "--practice", PLACE, "--leaver", "NOBODY"], 8, "'NOBODY'"),
        (["leaving", "--practice", PLACE, "--date", "2025-01-01"], 2, "somebody who leaves"),
        (
            ["leaving", "--practice", PLACE, "--leaver", "ASH", "--date", "31/3/26"],
            2,
            "is not a day",
        ),
        (["worklist", "--practice", PLACE, "--preset", "x"], 2, "There is no preset 'x'."),
        (["worklist", "--practice", PLACE, "--preset-file", "none.toml"], 3, "no such file"),
        (["worklist", "--practice", PLACE, "--output", "list.txt"], 2, ".csv, .json or .parquet"),
    ],
)
def test_what_cannot_be_done_is_said(store: Path, words: list[str], code: int, said: str) -> None:
    ran = run("teams", *words, "--store", store)
    assert (ran.code, ran.out) == (code, "")
    assert said in ran.err
    if "x" in words:
        assert "end_of_life, frailty, housebound" in ran.err


def test_without_named_gps_or_leavers_a_sentence(make_store: MakeStore) -> None:
    nobody = [{**row, "named_staff_id": None} for row in PATIENTS]
    store = make_store({**TABLES, "patients": nobody}, identifiable=True)
    ran = leaving(store)
    assert ran.code == 6 and "Nobody in this practice has a named GP" in ran.err
    ran = worklist(store)
    assert ran.code == 0 and "Nobody in this practice has a named GP" in ran.out
    staying = {**TABLES, "staff": [person("ASH")], "sessions": []}
    staying["patients"] = [patient("P1", "ASH")]
    staying["appointments"] = contacts("P1 ASH 2025-06-10")
    ran = leaving(make_store(staying, identifiable=True))
    assert "no named GP of Y00001 is gone, and none is known to leave by 9 December 2025" in ran.out
    assert "There is no rota of these days" in ran.out


def test_the_book_weighs_contacts_as_the_inputs_do(store: Path) -> None:
    with hamlets.open_store(store) as opened:
        inputs = gather(opened, PLACE)
        book = read_book(opened, inputs)
    seen = inputs.people.seen
    owner = np.repeat(np.arange(inputs.people.size), np.diff(seen.offset))
    wanted = {
        (int(p), inputs.clinicians.staff_id[c]): w
        for p, c, w in zip(owner, seen.clinician, seen.weight, strict=True)
        if c >= 0
    }
    pairs = book.pairs
    found = {
        (int(p), book.staff.staff_id[s]): w
        for p, s, w in zip(pairs.patient, pairs.staff, pairs.weight, strict=True)
    }
    assert len(wanted) >= 10
    assert {key: found[key] for key in wanted} == pytest.approx(wanted)
    assert book.patients.patient_id == inputs.people.patient_id
    # the palliative care register is not a long-term condition
    assert not book.patients.conditions.any()
    assert book.patients.registers["palliative_care"].sum() == 1


def test_an_invented_borough_is_listed_as_its_twin_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = make_setting(practices=2, patients=2400, months=14, seed=5, end=date(2025, 12, 31))
    synthesise(setting, tmp_path / "store")
    words = ("--store", tmp_path / "store", "--practice", "EX001", "--format", "json")
    with hamlets.open_store(tmp_path / "store") as opened:
        book = read_book(opened, gather(opened, "EX001"))
    monkeypatch.setattr(twin, "DAY", day_of(book.day))
    groups = {m.preset.name: m.patients for m in matched_presets(book, shipped_presets())}
    leaver = Counter(book.patients.named[book.patients.named >= 0].tolist()).most_common(1)[0][0]
    asked = ("--leaver", book.staff.staff_id[leaver], "--date", "2026-03-31")
    wanted = twin.leaving(book, groups, 26, (leaver, book.day + 90))
    rows = list(by_patient(run("teams", "leaving", *words, *asked)).values())
    assert len(wanted) > 100
    keys = ("patient_id", "named_gp", "reason", "suggested_gp", "suggested_why", "seen_suggested")
    assert [[row[key] for key in keys] for row in rows] == [
        [w[key] for key in keys] for w in wanted
    ]
    assert [row["score"] for row in rows] == pytest.approx([w["score"] for w in wanted], abs=1e-5)
    rows = list(by_patient(run("teams", "worklist", *words)).values())
    wanted = twin.worklist(book, groups)
    assert len(wanted) > 10
    keys = ("patient_id", "contacts", "share", "chance", "drifted", "losing_gp", "not_most_seen")
    found = [tuple(row[key] for key in keys) for row in rows]
    assert found == [pytest.approx(tuple(w[key] for key in keys)) for w in wanted]
