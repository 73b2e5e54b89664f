"""``hamlets networks pack``: from records and files to page, e-mail, the look before sending."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hamlets.records import open_store
from tests.inside import hamlets, refused

NETWORK = "EX-N01"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("network-pack") / "store"
    options = ["--practices", 5, "--patients", 6_000, "--months", 13, "--seed", 3]
    ran = hamlets("synth", "--store", path, *options, "--end", "2026-06-30")
    assert ran.code == 0, ran.err
    return path


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "need.csv").write_text(
        "practice_id,role,skill,sessions\nEX001,nurse,diabetes,2\n", encoding="utf-8"
    )
    (tmp_path / "spare.csv").write_text(
        "practice_id,role,skills,sessions\nEX002,nurse,diabetes,3\n", encoding="utf-8"
    )
    (tmp_path / "actions.csv").write_text(
        "action,owner,date\nAgree who rings,Network manager,2026-07-20\n", encoding="utf-8"
    )
    return tmp_path


def pack(store: Path, folder: Path, *more: object, month: str = "2026-06") -> str:
    page = folder / "pack.html"
    ran = hamlets("networks", "pack", "--network", NETWORK, "--month", month, "--store", store,
                  "--output", page, *more)  # fmt: skip
    assert ran.code == 0, ran.err
    assert f"Wrote the pack to {page}" in ran.out
    return page.read_text(encoding="utf-8")


def test_a_month_with_a_contract_offers_and_actions(store: Path, files: Path) -> None:
    mail = files / "mail.txt"
    page = pack(
        store, files, "--scheme", "network-2", "--need", files / "need.csv",
        "--spare", files / "spare.csv", "--actions", files / "actions.csv",
        "--thanks", "Thank you all", "--email", mail,
    )  # fmt: skip
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    for said in (
        "in June 2026", "Invented data.", "Diabetes care plan", "£268,800 is paid already.",
        "can spare 3 sessions of diabetes nurse time a week.",
        "asks for 2 sessions of diabetes nurse time a week.",
        "2 sessions a week of diabetes nurse time could move from",
        "Agree who rings", "20 July 2026", "Thank you all", "This contract counts the average",
    ):  # fmt: skip
        assert said in words, said
    assert "June 2026" in mail.read_text(encoding="utf-8")


def test_without_a_contract_the_definitions_standards_stand(store: Path, tmp_path: Path) -> None:
    page = pack(store, tmp_path)
    assert "MMR by the age of 2" in page
    assert "No contract was named." in page
    assert "£" not in page


def test_continuity_is_that_of_the_month_counted_again(store: Path, tmp_path: Path) -> None:
    """Own-GP contacts of the network, all practices together, from the command's own rows."""
    from datetime import date

    from hamlets.continuity import measure
    from hamlets.networks.membership import read_membership
    from hamlets.networks.packing import network_pack

    with open_store(store) as opened:
        made = network_pack(opened, NETWORK, date(2026, 6, 1))
        members = read_membership(opened).practices_of(NETWORK, date(2026, 6, 30))
        rows = measure(
            opened, measures=["slicc"], by=["practice"],
            date_from=date(2026, 6, 1), date_to=date(2026, 6, 30),
        ).to_pylist()  # fmt: skip
    mine = [row for row in rows if row["practice"] in members]
    own = sum(round(row["value"] * row["n_contacts"]) for row in mine)
    contacts = sum(row["n_contacts"] for row in mine)
    found = made.continuity[0]
    assert (found.level, found.contacts) == ("own", contacts)
    assert found.value == pytest.approx(own / contacts)
    assert found.lower < found.value < found.upper
    # together a range is narrower than that of any one of them
    assert found.upper - found.lower < min(row["upper"] - row["lower"] for row in mine)
    assert found.least == min(row["value"] for row in mine)


@pytest.mark.parametrize(
    ("month", "code", "said"),
    [
        ("2026-07", 6, "We have no data for July 2026 yet."),
        ("2020-01", 6, "We have no data for January 2020 yet."),
        ("June", 2, "'June' is not a month."),
    ],
)
def test_a_month_that_is_not_there_has_no_pack(
    store: Path, tmp_path: Path, month: str, code: int, said: str
) -> None:
    page = tmp_path / "p.html"
    told = refused(code, "networks", "pack", "--network", NETWORK, "--month", month,
                   "--store", store, "--output", page)  # fmt: skip
    assert said in told.err
    assert not page.exists()


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (("--network", "EX-N99"), 8, "No practice belonged to a network 'EX-N99'"),
        (("--need", "need.csv"), 2, "Offers and asks go together."),
        (("--counts", "need.csv"), 2, "Counts are of a contract's standards."),
        (("--scheme", "made-up"), 8, "There is no scheme of this name"),
        (("--thanks", "x" * 500), 2, "The thank-you has more than 400 characters"),
        (("--actions", "need.csv"), 3, "The columns action, owner and date are needed."),
        (("--need", "need.csv", "--spare", "none.csv"), 3, "none.csv"),
    ],
)
def test_bad_input_is_a_sentence_and_nothing_is_written(
    store: Path,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
    more: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    monkeypatch.chdir(files)
    told = refused(code, "networks", "pack", "--network", NETWORK, "--month", "2026-06",
                   "--store", store, *more)  # fmt: skip
    assert said in told.err
    assert not (files / "network-pack.html").exists()
