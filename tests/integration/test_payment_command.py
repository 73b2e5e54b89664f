"""``hamlets networks payment``, from files and stores to what is printed and written."""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeStore
from tests.inside import hamlets, refused
from tests.oracles import payment as twin

COMMAND = ("networks", "payment")
HEADER = "practice_id,indicator_id,numerator,denominator,exclusions,period_start,period_end"
NETWORK_2 = {
    "diabetes_care_plan": {"A": (84, 100), "B": (180, 190), "C": (45, 50)},
    "diabetes_retinal_screening": {"A": (85, 100), "B": (160, 190), "C": (41, 50)},
    "diabetes_bp_cholesterol": {"A": (55, 100), "B": (100, 190), "C": (26, 50)},
}


def counts(
    folder: Path,
    figures: Mapping[str, Mapping[str, tuple[int, int]]],
    months: Sequence[tuple[str, int]] = (("2030-12-31", 0),),
) -> Path:
    """Write counts; ``months`` are ends of periods and how many fewer were done by then."""
    lines = [HEADER]
    for end, fewer in months:
        lines += [
            f"{practice},{indicator},{n - fewer},{d},2,2030-01-01,{end}"
            for indicator, practices in figures.items()
            for practice, (n, d) in practices.items()
        ]
    path = folder / "counts.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def sizes(folder: Path) -> Path:
    path = folder / "practices.csv"
    path.write_text(
        "practice_id,list_size,weighted_list,custom_percent\nA,6000,6100,20\n"
        "B,9000,8800,70\nC,3001,3333,10\n"
    )
    return path


def asked(*arguments: object) -> Any:
    return hamlets(*COMMAND, *arguments, "--format", "json").json


def test_json_has_what_is_promised(tmp_path: Path) -> None:
    file = counts(tmp_path, NETWORK_2)
    made = asked("--scheme", "network-2", "--counts", file, "--practices", sizes(tmp_path))
    promised = ["scheme", "conditions", "network_averages", "paid", "by_practice", "steps"]
    assert set(promised) <= set(made)
    assert set(made["network_averages"]) == {"mean", "pooled", "minimum"}
    assert made["scheme"]["scheme_id"] == "network-2"
    assert made["scheme"]["average"] == "mean"
    for indicator, practices in NETWORK_2.items():
        pairs = list(practices.values())
        for rule in ("mean", "pooled", "minimum"):
            found = made["network_averages"][rule][indicator]
            assert found == float(twin.rule_value(pairs, rule) or 0)
    # 89.58 by the mean, 90.88 pooled: the three do not agree, and the contract says mean
    care_plan = made["conditions"][0]
    assert (care_plan["reached"], care_plan["pooled"] > 0.9 > care_plan["mean"]) == (False, True)
    assert made["paid"] == "268800.00"
    assert Fraction(care_plan["share_exact"]) == twin.rule_value(
        list(NETWORK_2["diabetes_care_plan"].values()), "mean"
    )
    parts = [Decimal(p["paid"]) for p in made["by_practice"]]
    assert sum(parts) == Decimal("268800.00")
    assert [p["practice_id"] for p in made["by_practice"]] == ["A", "B", "C"]
    assert made["networks"][0]["split"] == "registered_list"
    assert {step["unit"] for step in made["steps"]} <= {"pounds", "percent", "ratio", "yes_no"}
    for rule, shown in (("mean", "mean"), ("pooled", "pooled"), ("minimum", "every_practice")):
        steps = [s for s in made["steps"] if s["step"] == shown]
        for step, pairs in zip(steps, NETWORK_2.values(), strict=True):
            share = twin.rule_value(list(pairs.values()), rule)
            assert Fraction(step["exact"]) == (share or 0) * 100
            assert step["decides"] == (rule == "mean")
    paid = next(s for s in made["steps"] if s["step"] == "paid")
    assert paid["value"] == "268800.00"
    assert made["source"]["period_end"] == "2030-12-31"


@pytest.mark.parametrize(
    ("average", "paid"), [("mean", "700.00"), ("pooled", "1000.00"), ("every_practice", "700.00")]
)
def test_the_three_averages_pay_differently(tmp_path: Path, average: str, paid: str) -> None:
    scheme = tmp_path / "ours.yaml"
    scheme.write_text(
        f"scheme: ours\ntitle: Ours\nshape: retained_share\naverage: {average}\nvalue: 1000\n"
        "retained_percent: 30\nconditions:\n  - indicator: diabetes_care_plan\n    target: 90\n"
    )
    file = counts(tmp_path, {"diabetes_care_plan": NETWORK_2["diabetes_care_plan"]})
    assert asked("--scheme", scheme, "--counts", file)["paid"] == paid


@pytest.mark.parametrize(
    "way", ["equal", "custom", "weighted_list", "registered_list", "points", "weighted_points"]
)
def test_every_way_to_divide_adds_up(tmp_path: Path, way: str) -> None:
    file = counts(tmp_path, NETWORK_2)
    more = ("--practices", sizes(tmp_path), "--split", way, "--value", "100000.01")
    made = asked("--scheme", "network-2", "--counts", file, *more)
    assert made["paid"] == "70000.01"
    assert sum(Decimal(p["paid"]) for p in made["by_practice"]) == Decimal("70000.01")
    assert made["networks"][0]["split"] == way
    assert made["networks"][0]["splits"]["fixed"]["reason"]
    dashed = asked("--scheme", "network-2", "--counts", file, *more[:-4], *more[-4:-3],
                   way.replace("_", "-"), *more[-2:])  # fmt: skip
    assert dashed["by_practice"] == made["by_practice"]


def test_a_look_forward_says_what_is_still_to_reach(tmp_path: Path) -> None:
    months = [("2030-12-31", 0), ("2030-11-30", 2), ("2030-10-31", 4), ("2030-09-30", 6)]
    file = counts(tmp_path, NETWORK_2, months)
    made = asked("--scheme", "network-2", "--counts", file, "--what-if")
    (look,) = made["what_if"]
    assert (look["ends"], look["months_left"]) == ("2031-03-31", 3)
    care_plan = look["conditions"][0]
    pairs = list(NETWORK_2["diabetes_care_plan"].values())
    # the smallest practice counts most: one patient of C, 1/150, is not less than what lacks
    assert care_plan["still_to_reach"] == 1 == sum(p["least"] for p in care_plan["by_practice"])
    assert twin.passes(twin.taken(pairs, [0, 0, 1]), "mean", Fraction(90))
    assert care_plan["still_pooled"] == 0
    # each month brought 2, of those who were left at the ends of September to November
    paces = [(n, d, 6, sum(d - n + k for k in (6, 4, 2))) for n, d in pairs]
    exact = float(twin.chance(paces, 3, "mean", Fraction(90)))
    assert care_plan["chance"] == pytest.approx(exact, abs=1e-9 + care_plan["chance_within"])
    assert care_plan["chance_within"] < 0.001
    nexts = {p["practice_id"]: float(p["next_patient"]) for p in care_plan["by_practice"]}
    assert nexts["C"] > nexts["A"] > nexts["B"] > 0
    assert float(look["expected"]) > 268_800


def test_a_question_is_answered(tmp_path: Path) -> None:
    file = counts(tmp_path, NETWORK_2)
    spec = "C:diabetes_care_plan=1"
    ran = hamlets(*COMMAND, "--scheme", "network-2", "--counts", file, "--what-if", spec)
    assert (
        "With 1 more in C for Diabetes care plan: Diabetes care plan is reached and £115,200"
        " more is paid." in ran.out
    )
    answers = tmp_path / "more.csv"
    answers.write_text("practice_id,indicator_id,patients\nC,diabetes_care_plan,1\n")
    made = asked("--scheme", "network-2", "--counts", file, f"--what-if={answers}")
    assert made["what_if"][0]["scenario"]["more"] == "115200.00"
    assert made["paid"] == "268800.00"


def test_costs_change_which_set_is_cheapest(tmp_path: Path) -> None:
    file = counts(
        tmp_path, {"diabetes_care_plan": {"A": (84, 100), "B": (180, 190), "C": (40, 50)}}
    )
    scheme = tmp_path / "ours.toml"
    scheme.write_text(
        'scheme = "ours"\ntitle = "Ours"\nshape = "retained_share"\naverage = "mean"\n'
        'value = 1000\nretained_percent = 30\n[[conditions]]\nindicator = "diabetes_care_plan"\n'
        "target = 90\n"
    )
    costs = tmp_path / "costs.csv"
    costs.write_text("practice_id,cost,patients\nA,1,6\nA,3,10\nC,5,\n")
    made = asked("--scheme", scheme, "--counts", file, "--what-if", "--costs", costs)
    condition = made["what_if"][0]["conditions"][0]
    pairs = [(84, 100), (180, 190), (40, 50)]
    ways = [[(1, 6), (3, 10)], [(1, 10)], [(5, 10)]]
    assert condition["least_cost"] == twin.cheapest(pairs, "mean", Fraction(90), ways)
    assert condition["still_to_reach"] == twin.least(pairs, "mean", Fraction(90))
    assert condition["least_cost"] > condition["still_to_reach"]


def test_costs_that_are_too_fine_are_refused(tmp_path: Path) -> None:
    file = counts(tmp_path, {"mmr_by_2": dict.fromkeys("ABCDEFGH", (9000, 100000))})
    costs = tmp_path / "costs.csv"
    costs.write_text(
        "practice_id,cost\n" + "".join(f"{p},{9973 - i}\n" for i, p in enumerate("ABCDEFGH"))
    )
    command = (*COMMAND, "--scheme", "tower-hamlets-mmr", "--counts", file, "--what-if")
    assert "too fine" in refused(2, *command, "--costs", costs).err
    costs.write_text("practice_id,cost\nA,0\n")
    assert "A cost must be a whole number from 1" in refused(3, *command, "--costs", costs).err
    costs.write_text("practice_id,cost\nZ,1\n")
    assert "There is no practice Z" in refused(3, *command, "--costs", costs).err


def test_improvement_is_paid_where_it_is_more_than_the_height(tmp_path: Path) -> None:
    """Two years of own counts, 80 and 82: a rise of 3 of 5 percentage points, x 18 points."""
    file = tmp_path / "counts.csv"
    rows = [
        f"A,{i},{n},100,0,,{end},9085"
        for i in ("VI001", "VI002", "VI003")
        for end, n in (("2029-03-31", 80), ("2030-03-31", 82), ("2031-03-31", 84))
    ]
    file.write_text("\n".join([HEADER + ",list_size", *rows]) + "\n")
    scheme = tmp_path / "ours.toml"
    scheme.write_text('extends = "qof-2026-27"\nstarts = 2030-04-01\nends = 2031-03-31\n')
    made = asked("--scheme", scheme, "--counts", file, "--what-if")
    steps = {s["about"]: s for s in made["steps"] if s["step"] == "points"}
    first = steps["Three doses of the 6-in-1 by 8 months"]
    assert first["sum"] == "rise from 81 is 3: (3 - 0) / (5 - 0) x 18"
    assert Fraction(first["exact"]) == Fraction(54, 5)
    why = made["what_if"][0]["conditions"][0]["no_chance_why"]
    assert why == "Each practice is paid for its own."


def test_points_are_paid_to_each_practice(tmp_path: Path) -> None:
    file = counts(
        tmp_path,
        {
            "VI001": {"A": (92, 100), "B": (0, 0), "C": (48, 50)},
            "VI002": {"A": (95, 100), "B": (0, 10), "C": (0, 50)},
            "VI003": {"A": (10, 100), "B": (0, 10), "C": (0, 50)},
        },
    )
    made = asked("--scheme", "qof-2021-22", "--counts", file, "--practices", sizes(tmp_path))
    value = Decimal("201.16")
    expected = {
        "A": twin.qof([(Decimal(9), Decimal(1)), (Decimal(18), Decimal(1))], value, 6000, 9085),
        "B": Decimal("0.00"),
        "C": twin.qof([(Decimal(18), Decimal(1))], value, 3001, 9085),
    }
    assert {p["practice_id"]: Decimal(p["paid"]) for p in made["by_practice"]} == expected
    b = made["by_practice"][1]
    assert "Nobody is left to count" in b["why"]
    assert any("not in the year of the scheme" in text for text in made["warnings"])


def test_networks_are_paid_apart_and_one_can_be_chosen(tmp_path: Path) -> None:
    lines = ["practice_id,indicator_id,numerator,denominator,network_id"]
    for i in range(16):
        lines.append(f"P{i:02},mmr_by_2,{96 if i < 14 else 80},100,N{i // 2 + 1}")
    lines.append("P99,mmr_by_2,96,100,")
    file = tmp_path / "counts.csv"
    file.write_text("\n".join(lines) + "\n")
    made = asked("--scheme", "tower-hamlets-mmr", "--counts", file)
    assert made["paid"] == "105000.00"  # seven times 14,000 and one half of it
    assert [n["paid"] for n in made["networks"]] == ["14000.00"] * 7 + ["7000.00"]
    assert made["network_averages"] is None
    assert any("P99" in text for text in made["warnings"])
    one = asked("--scheme", "tower-hamlets-mmr", "--counts", file, "--network", "N8")
    assert (one["network_id"], one["paid"]) == ("N8", "7000.00")
    ran = refused(8, *COMMAND, "--scheme", "tower-hamlets-mmr", "--counts", file, "--network", "X")
    assert "N1, N2" in ran.err


def test_a_declaration_needs_every_practice(tmp_path: Path) -> None:
    file = tmp_path / "declared.csv"
    rows = "A,capacity_access_declared,1,1\nB,capacity_access_declared,1,1\n"
    file.write_text(f"practice_id,indicator_id,numerator,denominator\n{rows}")
    practices = sizes(tmp_path)
    scheme = ("--scheme", "pcn-capacity-2024-25", "--practices", practices)
    made = asked(*scheme, "--counts", file)
    value = Decimal("4.64") * (6100 + 8800 + 3333)
    assert Decimal(made["paid"]) == (value * Decimal("0.7")).quantize(Decimal("0.01"))
    file.write_text(file.read_text() + "C,capacity_access_declared,1,1\n")
    assert Decimal(asked(*scheme, "--counts", file)["paid"]) == value


def test_posts_are_paid_up_to_each_limit(tmp_path: Path) -> None:
    posts = tmp_path / "posts.csv"
    posts.write_text(
        "role,wte,cost,months\npharmacist,1,70000,12\npharmacist,0.5,30000,\n"
        "pharmacy_technician,1,40000,6\n"
    )
    scheme = ("--scheme", "pcn-roles-2025-26", "--practices", sizes(tmp_path))
    made = asked(*scheme, "--claims", posts)
    spent = Decimal("65838") + Decimal("30000") + Decimal("21218.50")
    assert Decimal(made["paid"]) == spent
    small = tmp_path / "small.csv"
    small.write_text("practice_id,weighted_list\nA,1000\n")
    capped = asked("--scheme", "pcn-roles-2025-26", "--practices", small, "--claims", posts)
    assert capped["paid"] == "26631.00"


def test_claims_are_paid_with_evidence_and_up_to_the_rate(tmp_path: Path) -> None:
    claims = tmp_path / "claims.csv"
    claims.write_text(
        "practice_id,date,hours,rate,meeting,evidence\n"
        "A,2030-11-05,2.5,85.55,Network meeting,Minutes of 5 November\n"
        "B,2030-11-05,2,120,Network meeting,Minutes of 5 November\n"
        "C,2030-11-05,2,80,Network meeting,\n"
    )
    file = counts(tmp_path, NETWORK_2)
    made = asked("--scheme", "network-2", "--counts", file, "--claims", claims)
    found = [(c["claimed"], c["payable"], c["state"]) for c in made["claims"]]
    assert found == [
        ("213.88", "213.88", "payable"),
        ("240.00", "180.00", "capped"),
        ("160.00", "0.00", "no_evidence"),
    ]
    assert made["claims_payable"] == "393.88"
    assert made["paid"] == "268800.00"


def test_a_page_and_evidence_are_written(tmp_path: Path) -> None:
    file = counts(tmp_path, NETWORK_2)
    page, folder = tmp_path / "statement.html", tmp_path / "evidence"
    ran = hamlets(
        *COMMAND, "--scheme", "network-2", "--counts", file, "--what-if", "--output", page,
        "--evidence", folder,
    )  # fmt: skip
    assert f"Wrote the statement to {page}" in ran.out
    text = page.read_text()
    for words in (
        "The three ways of counting do not agree on whether the standard is reached",
        "This contract uses the first.",
        "£268,800 is paid already.",
        "How it was worked out",
        "Help people by need, not by what they count.",
    ):
        assert words in text
    assert "<script" not in text
    assert "http:" not in text.replace("http://www.w3.org/2000/svg", "") and "https:" not in text
    assert sorted(f.name for f in folder.iterdir()) == [
        "A.csv", "A.html", "B.csv", "B.html", "C.csv", "C.html",
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO((folder / "A.csv").read_text("utf-8-sig"))))
    assert [(r["indicator_id"], r["numerator"], r["reached"]) for r in rows] == [
        ("diabetes_care_plan", "84.0", "no"),
        ("diabetes_retinal_screening", "85.0", "yes"),
        ("diabetes_bp_cholesterol", "55.0", "yes"),
    ]
    assert rows[0]["counted_by"] == "counts that were uploaded"


def test_codes_of_patients_are_in_a_file_of_their_own(tmp_path: Path) -> None:
    from hamlets.networks.payment import evidence_of, pay, read_counts, read_scheme
    from hamlets.publish.evidence import evidence_files

    scheme = read_scheme("network-2")
    made = read_counts(counts(tmp_path, NETWORK_2))
    codes = {("A", "diabetes_care_plan"): ["PAT-1", "=PAT-2"]}
    files = evidence_files(evidence_of(scheme, made, pay(scheme, made), patients=codes))
    with_codes = [f for f in files if b"PAT-1" in f.content]
    assert [(f.path, f.private) for f in with_codes] == [("A-patients.csv", True)]
    assert b"'=PAT-2" in with_codes[0].content


def test_names_in_files_are_text_everywhere(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>"
    lines = [f'"{evil}",{i},1,2,0,,2030-12-31' for i in NETWORK_2]
    file = tmp_path / "counts.csv"
    file.write_text("\n".join([HEADER, *lines]) + "\n")
    page, folder = tmp_path / "s.html", tmp_path / "evidence"
    hamlets(
        *COMMAND, "--scheme", "network-2", "--counts", file, "--what-if", "--output", page,
        "--evidence", folder,
    )  # fmt: skip
    assert evil not in page.read_text()
    assert all(evil.encode() not in f.read_bytes() for f in folder.glob("*.html"))
    assert all(f.name.startswith("script-alert-1-script") for f in folder.iterdir())


def test_a_store_gives_counts_networks_and_what_is_counted_from_records(
    make_store: MakeStore, tmp_path: Path
) -> None:
    store = make_store(
        {
            "practices": [
                {"practice_id": p, "list_size": n, "network_id": "N1"}
                for p, n in (("A", 6000), ("B", 9000), ("C", 3001))
            ],
            "networks": [{"network_id": "N1", "name": "Network Q", "kind": "network"}],
            "network_members": [
                {"network_id": "N1", "practice_id": p, "from_date": "2020-01-01"} for p in "AB"
            ]
            + [{"network_id": "N1", "practice_id": "C", "from_date": "2025-01-01"}],
            "appointments": [
                {
                    "appointment_id": "1", "patient_id": "P1", "staff_id": "S1",
                    "practice_id": "A", "start_time": "2024-12-31 09:00", "status": "attended",
                }
            ],
            "indicator_counts": [
                {
                    "practice_id": p, "indicator_id": i, "period_start": "2024-01-01",
                    "period_end": end, "numerator": n - less, "denominator": d, "exclusions": 1,
                }
                for end, less in (("2024-12-31", 0), ("2024-11-30", 10))
                for i, practices in NETWORK_2.items()
                for p, (n, d) in practices.items()
            ],
        }
    )  # fmt: skip
    made = asked("--scheme", "network-2", "--store", store)
    # practice C joins on 1 January 2025: at the period's end it is in no network
    assert made["networks"][0]["practices"] == ["A", "B"]
    assert any("In no network" in text and "C" in text for text in made["warnings"])
    assert made["source"]["store_version"] == 1
    assert len(made["source"]["content_id"]) >= 16
    assert made["networks"][0]["split"] == "registered_list"
    earlier = asked("--scheme", "network-2", "--store", store, "--to", "2024-11-30")
    assert earlier["source"]["period_end"] == "2024-11-30"
    assert earlier["conditions"][0]["practices"][0]["numerator"] == 74


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("A,diabetes_care_plan,84,100", "A,diabetes_care_plan,184,100"), "above 100 per cent"),
        (("A,diabetes_care_plan,84,100", "A,diabetes_care_plan,x,100"), "This numerator is no"),
        (("A,diabetes_care_plan,84,100", "A,diabetes_care_plan,8.5,100"), "no whole number"),
        (("A,diabetes_care_plan,84,100", "A,diabetes_care_plan,-4,100"), "is below 0"),
        (("A,diabetes_care_plan,84,100", "A,diabetes_care_plan,84,"), "has no denominator"),
        (("A,diabetes_care_plan,84,100", "A,diabetes_care_plan,84,0"), "nobody is counted"),
        (("A,diabetes_care_plan,84", ",diabetes_care_plan,84"), "names no practice"),
        (("C,diabetes_care_plan", "A,diabetes_care_plan"), "is given twice"),
        (("2030-12-31", "31.12.2030"), "This period_end is not a day."),
        (("2030-01-01", "2031-01-01"), "This period ends before it starts."),
        (("diabetes_care_plan", "care_plans"), "an indicator that there are no figures of"),
        (("numerator", "done"), "There is no column with the numerator."),
    ],
)
def test_counts_that_cannot_be_are_refused_with_a_sentence(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    file = counts(tmp_path, NETWORK_2)
    assert change[0] in file.read_text()
    file.write_text(file.read_text().replace(*change))
    ran = refused(3, *COMMAND, "--scheme", "network-2", "--counts", file)
    assert message in ran.err


def test_a_percentage_above_100_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "counts.csv"
    head = "practice_id,indicator_id,percent,denominator\n"
    file.write_text(f"{head}A,mmr_by_2,101,50\n")
    ran = refused(3, *COMMAND, "--scheme", "tower-hamlets-mmr", "--counts", file)
    assert "counts.csv, line 2: This percent is above 100." in ran.err
    file.write_text(f"{head}A,mmr_by_2,95.5%,50\n")
    made = asked("--scheme", "tower-hamlets-mmr", "--counts", file)
    assert made["conditions"][0]["share_exact"] == "191/200"


def test_nobody_to_count_anywhere_reaches_nothing(tmp_path: Path) -> None:
    file = counts(tmp_path, {"mmr_by_2": {"A": (0, 0), "B": (0, 0)}})
    made = asked("--scheme", "tower-hamlets-mmr", "--counts", file, "--what-if")
    assert made["paid"] == "7000.00"
    assert made["network_averages"]["mean"] == {"mmr_by_2": None}
    assert made["what_if"][0]["conditions"][0]["still_to_reach"] is None
    ran = hamlets(*COMMAND, "--scheme", "tower-hamlets-mmr", "--counts", file, "--what-if")
    assert "There is nobody to count" in ran.out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--scheme", "network-3"), 8, "There is no scheme of this name"),
        (("--scheme", "network-2", "--split", "fixed"), 3, "cannot be divided by fixed"),
        (("--scheme", "network-2", "--what-if", "B=3"), 2, "names no indicator"),
        (("--scheme", "network-2", "--what-if", "B:copd=3"), 2, "does not pay for copd"),
        (("--scheme", "network-2", "--what-if", "X:diabetes_care_plan=3"), 2, "no figures of"),
        (
            ("--scheme", "network-2", "--what-if", "C:diabetes_care_plan=9"),
            2,
            "has 5 patients left",
        ),
        (("--scheme", "network-2", "--what-if", "nonsense"), 2, "does not say how many"),
        (("--scheme", "network-2", "--split", "by-luck"), 2, "There is no way to divide called"),
        (("--scheme", "network-2", "--value", "lots"), 2, "is no amount"),
        (("--scheme", "network-2", "--output", "s.txt"), 2, "written as a page"),
        (("--scheme", "network-2", "--to", "2020-01-01"), 6, "no counts of a period that ends"),
        (("--scheme", "qof-2018-19"), 3, "This scheme has no conditions"),
        (("--scheme", "pcn-roles-2025-26"), 6, "There are no posts to reimburse."),
        (("--scheme", "qof-2021-22"), 3, "pays for VI001, an indicator that there are no figures"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    file = counts(tmp_path, NETWORK_2)
    ran = refused(code, *COMMAND, *arguments, "--counts", file)
    assert message in ran.err
    as_json = refused(code, *COMMAND, *arguments, "--counts", file, "--format", "json")
    assert message in as_json.error["message"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("Z,2030-11-05,2,80,M,minutes", "which is in none of these networks"),
        ("A,2030-11-05,0,80,M,minutes", "hours and a rate above 0"),
        ("A,2030-11-05,25,80,M,minutes", "no more than 24 hours"),
        ("A,5 Nov,2,80,M,minutes", "This date is not a day."),
        ("A,2030-11-05,2,80,M,minutes\nA,2030-11-05,2,80,M,minutes", "This claim is made twice."),
    ],
)
def test_claims_that_cannot_be_are_refused(tmp_path: Path, rows: str, message: str) -> None:
    claims = tmp_path / "claims.csv"
    claims.write_text(f"practice_id,date,hours,rate,meeting,evidence\n{rows}\n")
    file = counts(tmp_path, NETWORK_2)
    ran = refused(3, *COMMAND, "--scheme", "network-2", "--counts", file, "--claims", claims)
    assert message in ran.err


def test_presets_are_listed_and_shown(tmp_path: Path) -> None:
    ran = hamlets(*COMMAND)
    assert (ran.code, "network-2" in ran.out) == (0, True)
    listed = hamlets(*COMMAND, "--format", "json").json
    assert {"scheme", "title", "year", "shape"} == set(listed[0])
    shown = hamlets(*COMMAND, "--scheme", "network-2", "--show-scheme")
    mine = tmp_path / "mine.toml"
    mine.write_text(shown.out)
    file = counts(tmp_path, NETWORK_2)
    assert (
        asked("--scheme", mine, "--counts", file)["paid"]
        == asked("--scheme", "network-2", "--counts", file)["paid"]
    )


def test_evidence_with_codes_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    from hamlets.cli.exports import replace_file

    path = tmp_path / "A-patients.csv"
    replace_file(path, b"x", private=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_counts_give_the_same_bytes(tmp_path: Path) -> None:
    file = counts(tmp_path, NETWORK_2)
    lines = file.read_text().splitlines()
    other = tmp_path / "other"
    other.mkdir()
    turned = other / "counts.csv"
    turned.write_text("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    first, second = (
        asked("--scheme", "network-2", "--counts", f, "--what-if") for f in (file, turned)
    )
    assert json.dumps(first) == json.dumps(second)
