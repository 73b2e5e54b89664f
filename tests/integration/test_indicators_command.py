"""``hamlets networks indicators`` as people and programs meet it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from hamlets.networks.indicators import shipped
from tests.conftest import MakeStore
from tests.inside import hamlets, refused
from tests.oracles.indicator_worlds import make_world

COMMAND = ("networks", "indicators")
PERIOD = ("--period", "2021-11..2022-10")


@pytest.fixture(scope="module")
def store(make_store: MakeStore) -> Path:
    return make_store(make_world(3))


def test_json_of_all_indicators(store: Path) -> None:
    found = hamlets(*COMMAND, "--store", store, *PERIOD, "--format", "json").json
    by_sql = {one.id for one in shipped() if one.source == "sql"}
    assert by_sql <= {one["indicator_id"] for one in found["indicators"]}
    assert {row["level"] for row in found["rows"]} == {"practice", "network", "all"}
    row = next(r for r in found["rows"] if r["indicator_id"] == "diabetes_care_plan")
    assert {
        "practice_id", "network_id", "period_start", "period_end", "month", "numerator",
        "denominator", "exclusions", "rate", "lower", "upper", "funnel_lower_95",
        "funnel_upper_998", "funnel_position", "reached", "still_to_reach",
    } <= set(row)  # fmt: skip
    three = next(a for a in found["averages"] if a["indicator_id"] == "diabetes_care_plan")
    assert {"mean", "pooled", "minimum", "practices", "agree"} <= set(three)
    assert {case["practice_id"] for case in found["case_mix"]} == {"EX101", "EX102", "EX103"}
    assert not found["invented"]


def test_months_as_csv(store: Path, tmp_path: Path) -> None:
    output = tmp_path / "rows.csv"
    ran = hamlets(
        *COMMAND, "--store", store, "--period", "2022-05..2022-07", "--indicator",
        "cvd_statin,ae_attendances", "--by", "practice,network,month", "--output", output,
    )  # fmt: skip
    assert (ran.code, ran.out) == (0, "")
    rows = list(csv.DictReader(io.StringIO(output.read_text())))
    assert {row["month"] for row in rows} == {"2022-05", "2022-06", "2022-07"}
    # EX102 changes networks in the middle of June, and counts with the one it ends it in
    moved = {r["month"]: r["network_id"] for r in rows if r["practice_id"] == "EX102"}
    assert moved == {"2022-05": "N1", "2022-06": "N2", "2022-07": "N2"}


def test_records_that_end_within_a_period_are_said(store: Path) -> None:
    ran = hamlets(
        *COMMAND, "--store", store, "--period", "2022-10..2022-12", "--by", "practice,month",
        "--indicator", "cvd_statin", "--format", "json",
    )  # fmt: skip
    assert {row["month"] for row in ran.json["rows"]} == {"2022-10"}
    assert "there are no figures for later days" in " ".join(ran.json["notes"])
    ran = hamlets(
        *COMMAND, "--store", store, "--period", "2022-10..2022-12", "--indicator", "cvd_statin",
        "--format", "json",
    )  # fmt: skip
    assert "the last period goes on to 2022-12-31" in " ".join(ran.json["notes"])


def test_text_shows_the_three_averages_and_no_order_by_result(store: Path) -> None:
    ran = hamlets(
        *COMMAND, "--store", store, *PERIOD, "--indicator", "flu_vaccination", "--by",
        "practice,network",
    )  # fmt: skip
    assert ran.code == 0
    for words in ("average of practices", "all patients together", "furthest practice",
                  "limits of luck", "left out"):  # fmt: skip
        assert words in ran.out
    places = [line.split()[1] for line in ran.out.splitlines() if line.startswith("Practice ")]
    assert places == sorted(places)


def test_fhir_is_held_against_the_standard(store: Path) -> None:
    from fhir.resources.R4B.bundle import Bundle

    ran = hamlets(
        *COMMAND, "--store", store, *PERIOD, "--indicator", "copd_care_plan,ae_attendances",
        "--format", "fhir",
    )  # fmt: skip
    bundle: Any = Bundle.model_validate(ran.json)
    kinds = [entry.resource.get_resource_type() for entry in bundle.entry]
    assert kinds.count("Measure") == 2
    reports = [e["resource"] for e in ran.json["entry"] if e["resource"]["resourceType"]
               == "MeasureReport"]  # fmt: skip
    assert len({report["id"] for report in reports}) == len(reports) > 6
    for report in reports:
        counts = {
            p["code"]["coding"][0]["code"]: p["count"] for p in report["group"][0]["population"]
        }
        left = counts["denominator-exclusion"] + counts["denominator-exception"]
        net = counts["denominator"] - left
        if net:
            score = report["group"][0]["measureScore"]["value"]
            assert score == pytest.approx(counts["numerator"] / net)


def test_ones_own_definition(store: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    text = next(one.text for one in shipped() if one.id == "cvd_statin")
    own.write_text(text.replace("id: cvd_statin", "id: our_statin"))
    ran = hamlets(
        *COMMAND, "--store", store, *PERIOD, "--definition", own, "--indicator",
        "our_statin,cvd_statin", "--format", "json",
    )  # fmt: skip
    rows: dict[str, list[object]] = {}
    for row in ran.json["rows"]:
        rows.setdefault(row["indicator_id"], []).append(
            (row["practice_id"], row["numerator"], row["denominator"])
        )
    assert rows["our_statin"] == rows["cvd_statin"]


@pytest.mark.parametrize(
    ("code", "arguments", "sentence"),
    [
        (2, ("--period", "2022"), "is not a period"),
        (2, ("--period", "2022-05..2022-04"), "ends before it begins"),
        (2, ("--by", "patient"), "is nothing to show rows for"),
        (8, ("--indicator", "nonesuch"), "no indicator called"),
        (8, ("--network", "N9", "--indicator", "cvd_statin", *PERIOD), "no network 'N9'"),
        (2, ("--output", "rows.doc"), "written as .html, .json, .csv or .parquet"),
        (2, ("--output", "rows.csv", "--format", "fhir"), "FHIR resources are written as .json"),
        (6, ("--indicator", "qof_af", *PERIOD), "no figures for these indicators"),
        (6, ("--indicator", "cvd_statin", "--period", "1990-01"), "no figures"),
        (6, ("--indicator", "cvd_statin", "--period", "2022-11"), "Contacts end on 2022-10-31"),
        (3, ("--counts", "nowhere.csv"), ""),
        (3, ("--definition", "nowhere.yaml"), "cannot be read"),
    ],
)
def test_errors_are_a_sentence(
    store: Path, code: int, arguments: tuple[str, ...], sentence: str
) -> None:
    ran = refused(code, *COMMAND, "--store", store, *arguments)
    assert sentence in ran.err


BAD = {
    "twice": ("SELECT DISTINCT patient_id", "SELECT patient_id", "a second time"),
    "beyond": ("FROM denominator JOIN", "FROM patients JOIN", "not in the denominator"),
    "forbidden": ("JOIN observations USING", "JOIN staff USING", "`staff` is not open"),
}


@pytest.mark.parametrize("kind", BAD)
def test_sql_that_gives_what_cannot_be_stops_everything(
    store: Path, tmp_path: Path, kind: str
) -> None:
    old, new, sentence = BAD[kind]
    text = next(one.text for one in shipped() if one.id == "cvd_statin")
    before, _, numerator = text.partition("  numerator:")
    own = tmp_path / "own.yaml"
    own.write_text(before + "  numerator:" + numerator.replace(old, new))
    ran = refused(3, *COMMAND, "--store", store, *PERIOD, "--definition", own)
    assert sentence in ran.err
    assert "own.yaml, line " in ran.err


def test_check_says_all_that_is_wrong(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    text = next(one.text for one in shipped() if one.id == "cvd_statin")
    own.write_text(text)
    ran = hamlets(*COMMAND, "check", own)
    assert ran.code == 0
    assert "`cvd_statin` can be used. Of invented people it counts" in ran.out
    own.write_text(text.replace("package: cvd", "package: x").replace("unit: percent\n", ""))
    ran = hamlets(*COMMAND, "check", own)
    assert ran.code == 3
    assert len(ran.out.splitlines()) == 2
    ran = hamlets(*COMMAND, "check", own, "--format", "json")
    assert ran.code == 3
    told = json.loads(ran.out)
    assert not told["sound"]
    assert {fault["line"] for fault in told["faults"]} == {1, 7}
    assert refused(3, *COMMAND, "check", tmp_path / "nowhere.yaml").err


def test_counts_without_a_store(tmp_path: Path) -> None:
    counts, places = tmp_path / "counts.csv", tmp_path / "practices.csv"
    counts.write_text(
        "practice_id,indicator_id,period_start,period_end,numerator,denominator\n"
        "EX001,cvd_statin,2026-01-01,2026-01-31,95,100\n"
        "EX002,cvd_statin,2026-01-01,2026-01-31,9,10\n"
    )
    places.write_text("practice_code,pcn_code\nEX001,N1\nEX002,N1\n")
    ran = hamlets(*COMMAND, "--counts", counts, "--practices", places, "--format", "json")
    (three,) = ran.json["averages"]
    assert (three["mean"], three["minimum"], three["mean_reached"]) == (92.5, 90.0, False)
    places.write_text("practice_code,pcn_code\nEX001,N1\nEX001,N2\n")
    assert "in two networks" in refused(
        3, *COMMAND, "--counts", counts, "--practices", places
    ).err  # fmt: skip


def test_the_page_of_a_network(store: Path, tmp_path: Path) -> None:
    page, mix = tmp_path / "page.html", tmp_path / "mix.csv"
    mix.write_text("practice_id,homeless_practice\nEX103,yes\nEX102,no\n")
    hamlets(
        *COMMAND, "--store", store, *PERIOD, "--network", "N2", "--case-mix", mix, "--output",
        page, "--indicator", "flu_vaccination,outpatient_referrals,qof_af,copd_rehabilitation",
    )  # fmt: skip
    text = page.read_text()
    assert "Standards of N2" in text
    assert "Cares for homeless patients; more move away within the year" in text
    assert "Funnel of 2 practices." in text
    assert "Average of practices:" in text and "All patients together:" in text
    assert "too few to show" in text
    assert "<script" not in text and "http://" not in text.replace("http://www.w3.org/2000/svg", "")


def test_an_export_without_registrations_and_with_codes_of_other_systems(tmp_path: Path) -> None:
    """Synthea knows no lists: the last contact says where somebody counts."""
    folder = tmp_path / "export"
    folder.mkdir()
    people = range(4)
    encounters = [f"e{n},2025-0{n + 1}-05T09:00:00Z,2025-0{n + 1}-05T09:15:00Z,p{n},o{n // 3},v1,"
                  "wellness,1,Visit" for n in people]  # fmt: skip
    tables = {
        "patients": [
            "Id,BIRTHDATE,DEATHDATE,GENDER,RACE,ETHNICITY,FIRST,LAST",
            *(f"p{n},1950-01-01,,F,white,,Ex,Ample" for n in people),
        ],
        "encounters": [
            "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,ENCOUNTERCLASS,CODE,DESCRIPTION",
            *encounters,
        ],
        "conditions": [
            "START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION",
            *(f"2010-01-01,,p{n},e{n},59621000,Hypertension" for n in people),
        ],
        "observations": [
            "DATE,PATIENT,ENCOUNTER,CATEGORY,CODE,DESCRIPTION,VALUE,UNITS,TYPE",
            *(
                f"2025-03-05T09:00:00Z,p{n},e{n},vital-signs,{code},BP,{value},mm[Hg],numeric"
                for n in people
                for code, value in (("8480-6", 130 + 5 * n), ("8462-4", 80))
            ),
        ],
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
    store = tmp_path / "store"
    assert hamlets("load", folder, "--store", store).code == 0
    ran = hamlets(
        *COMMAND, "--store", store, "--period", "2024-05..2025-04", "--indicator",
        "hypertension_bp", "--format", "json",
    )  # fmt: skip
    rows = {r["practice_id"]: (r["numerator"], r["denominator"]) for r in ran.json["rows"]
            if r["level"] == "practice"}  # fmt: skip
    # 130 and 135 are below 140; 140 and 145 are not
    assert rows == {"o0": (2, 3), "o1": (0, 1)}
    assert "Of 4 patients no registration is known" in " ".join(ran.json["notes"])
