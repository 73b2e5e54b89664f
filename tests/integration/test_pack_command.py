"""``hamlets pack``: from records to a page, an e-mail, and the line to look at before sending."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from tests.inside import hamlets
from tests.program import FIXTURES

GOLDEN = FIXTURES / "golden-practice"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pack") / "store"
    assert hamlets("load", GOLDEN, "--store", path).code == 0
    return path


@pytest.fixture(scope="module")
def names() -> list[str]:
    with (GOLDEN / "staff.csv").open(encoding="utf-8", newline="") as file:
        return [row["name"] for row in csv.DictReader(file) if row["role"].startswith("gp")]


def test_the_pack_of_all_staff_names_nobody(store: Path, names: list[str], tmp_path: Path) -> None:
    page, mail, group = (tmp_path / name for name in ("p.html", "m.txt", "g.txt"))
    ran = hamlets(
        "pack", "--store", store, "--practice", "G99001", "--month", "2025-06", "--output", page,
        "--email", mail, "--link", "https://practice.example/june", "--patient-group", group,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert ran.out.endswith("Who gets this: 5 staff. It names no GP and no patient.\n")
    written = page.read_text(encoding="utf-8")
    assert "<h1>The Example Golden Practice in June 2025</h1>" in written
    assert len(names) > 2
    for name in names:
        assert name not in written + mail.read_text(encoding="utf-8")
    said = mail.read_text(encoding="utf-8")
    assert said.endswith("The full page: https://practice.example/june\n")
    assert group.read_text(encoding="utf-8").startswith("In June 2025, ")


def test_the_month_is_measured_as_measure_does(store: Path, tmp_path: Path) -> None:
    page = tmp_path / "p.html"
    hamlets(
        "pack", "--store", store, "--practice", "G99001", "--month", "2025-06", "--output", page
    )
    days = ("--from", "2025-06-01", "--to", "2025-06-30", "--measures", "slicc")
    (row,) = hamlets("measure", "--store", store, *days, "--format", "json").json
    cards = re.findall(r'card-foot">([\d,]+) contacts', page.read_text(encoding="utf-8"))
    assert int(cards[0].replace(",", "")) == row["n_contacts"]


def test_the_managers_get_names_and_are_told(store: Path, names: list[str], tmp_path: Path) -> None:
    page = tmp_path / "p.html"
    ran = hamlets(
        "pack", "--store", store, "--practice", "G99001", "--month", "2025-06", "--output", page,
        "--managers",
    )  # fmt: skip
    assert ran.out.endswith("managers only. It names GPs. It names no patient.\n")
    assert any(name in page.read_text(encoding="utf-8") for name in names)


def test_a_typed_name_changes_the_last_line(store: Path, names: list[str], tmp_path: Path) -> None:
    ran = hamlets(
        "pack", "--store", store, "--practice", "G99001", "--month", "2025-06",
        "--output", tmp_path / "p.html", "--thanks", f"Thank you {names[0]}",
    )  # fmt: skip
    assert "It names 1 GP: look at what was typed." in ran.out


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--month", "2025-07"), 6, "We have no data for July 2025 yet."),
        (("--month", "2031-01"), 6, "We have no data for January 2031 yet."),
        (("--month", "2025-13"), 2, "'2025-13' is not a month."),
        (("--month", "June"), 2, "'June' is not a month."),
        (("--month", "2025-06", "--thanks", "x" * 401), 2, "more than 400 characters"),
        (("--month", "2025-06", "--actions", "none.csv"), 3, "cannot be read"),
    ],
)
def test_what_cannot_be_is_a_sentence_and_no_page(
    store: Path, tmp_path: Path, words: tuple[str, ...], code: int, sentence: str
) -> None:
    page = tmp_path / "p.html"
    ran = hamlets("pack", "--store", store, "--practice", "G99001", "--output", page, *words)
    assert ran.code == code
    assert sentence in ran.err
    assert not page.exists()


def test_the_ceiling_is_shown_and_can_be_left_out(store: Path, tmp_path: Path) -> None:
    page = tmp_path / "p.html"
    month = ("pack", "--store", store, "--practice", "G99001", "--month", "2025-06")
    assert hamlets(*month, "--output", page).code == 0
    written = page.read_text(encoding="utf-8")
    window = "policy" if "within 10 working days" in written else "week"
    span = ("--from", "2025-06-01", "--to", "2025-06-30", "--window", window)
    (row,) = hamlets(
        "teams", "ceiling", "--store", store, "--practice", "G99001", *span, "--format", "json"
    ).json
    assert f"rota allows {round(100 * row['attainable_own'])}" in written
    hamlets(*month, "--output", page, "--no-ceiling")
    assert "rota allows" not in page.read_text(encoding="utf-8")


def test_an_unknown_practice(store: Path, tmp_path: Path) -> None:
    page = tmp_path / "p.html"
    ran = hamlets("pack", "--store", store, "--practice", "G1", "--month", "2025-06",
                  "--output", page)  # fmt: skip
    assert ran.code == 8


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("what,who\nx,y\n", "The columns action, owner and date are needed."),
        ("", "The columns action, owner and date are needed."),
        ("action,owner,date\nx,,\n", "An action and its owner are needed."),
        ("action,owner,date\nx,y,31/02/2025\n", "This is not a day."),
        ("action,owner,date\n" + "x,y,\n" * 11, "the pack has room for 10"),
    ],
)
def test_a_wrong_file_of_actions(store: Path, tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "waiting.csv"
    path.write_text(text, encoding="utf-8")
    ran = hamlets(
        "pack", "--store", store, "--practice", "G99001", "--month", "2025-06",
        "--output", tmp_path / "p.html", "--actions", path,
    )  # fmt: skip
    assert ran.code in (2, 3)
    assert sentence in ran.err
