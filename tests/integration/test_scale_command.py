"""``hamlets networks scale``: the case studies side by side, as text, JSON and a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inside import hamlets, refused


def test_without_a_name_the_case_studies_are_listed() -> None:
    ran = hamlets("networks", "scale")
    assert ran.code == 0
    assert all(name in ran.out for name in ("tower-hamlets-network-2", "suffolk", "hurley"))
    rows = hamlets("networks", "scale", "--format", "json").json
    assert [row["model"] for row in rows].count("super_partnership") == 2


def test_one_preset_with_what_moves_it() -> None:
    ran = hamlets("networks", "scale", "--preset", "tower-hamlets-network-2")
    assert ran.code == 0
    assert "not a forecast" in ran.out
    assert "£5.76" in ran.out and "66 in 100" in ran.out


def test_two_side_by_side_as_a_page_and_as_json(tmp_path: Path) -> None:
    page = tmp_path / "scale.html"
    both = ["--compare", "vitality,suffolk"]
    made = hamlets("networks", "scale", *both, "--format", "json", "--output", page).json
    assert [each["name"] for each in made["scenarios"]] == ["vitality", "suffolk"]
    first = made["scenarios"][0]
    assert first["outcomes"]["patients_per_site"] == 51_000 / 8
    assert {each["kind"] for each in first["inputs"]} == {"published", "assumption"}
    assert all(each["source"] and each["date"] for each in first["inputs"])
    assert set(first["tornado"]) == {"cost_per_patient", "continuity", "weekly_clinics"}
    assert "Vitality, Birmingham" in page.read_text()


def test_own_numbers(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text("[inputs.patients]\nvalue = 60000\n")
    made = hamlets(
        "networks", "scale", "--inputs", tmp_path / "ours.toml", "--format", "json"
    ).json["scenarios"][0]
    assert (made["name"], made["outcomes"]["patients_per_site"]) == ("ours", 12_000)
    shown = hamlets("networks", "scale", "--show-inputs").out
    (tmp_path / "copied.toml").write_text(shown.split("# Gains of team models")[0])
    assert hamlets("networks", "scale", "--inputs", tmp_path / "copied.toml").code == 0


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["--preset", "everywhere"], 2, "There is no preset 'everywhere'"),
        (["--compare", "vitality"], 2, "two different scenarios"),
        (["--compare", "vitality,vitality"], 2, "two different scenarios"),
        (["--compare", "a,b", "--preset", "hurley"], 2, "Both --preset and --compare"),
        (["--preset", "hurley", "--output", "scale.pdf"], 2, "written as a page"),
        (["--inputs", "nowhere.toml"], 3, "There is no such file of inputs"),
        (["--preset", "x", "--show-inputs"], 2, "There is no preset 'x'"),
    ],
)
def test_what_makes_no_sense_is_refused(options: list[str], code: int, sentence: str) -> None:
    assert sentence in refused(code, "networks", "scale", *options).err


def test_nothing_is_written_when_a_file_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "ours.toml").write_text("[inputs.patients]\nvalue = -1\n")
    page = tmp_path / "scale.html"
    ran = refused(
        3, "networks", "scale", "--inputs", tmp_path / "ours.toml", "--output", page,
        "--format", "json",
    )  # fmt: skip
    assert ran.error["where"] == "ours.toml"
    assert not page.exists()


def test_a_page_of_nothing_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    page = tmp_path / "scale.html"
    ran = refused(2, "networks", "scale", "--output", page)
    assert "There is nothing to write yet." in ran.err
    assert not page.exists()
