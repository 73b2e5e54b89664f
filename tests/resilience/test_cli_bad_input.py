"""Extracts that are wrong, through the program: a sentence and the right exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.program import FIXTURES, HEADER, Ran, appointments, environment, hamlets, refused

GOOD = "p1,s1,G1,2024-01-05T09:00,a1,attended"


def load(path: Path, store: Path, *options: object) -> Ran:
    ran = hamlets("load", path, "--store", store, "--format", "json", *options)
    if ran.code == 0:
        read, kept = ran.json["rows_read"], ran.json["rows_kept"]
        gone, same = ran.json["rows_refused"], ran.json["rows_collapsed"]
        assert read == {t: kept[t] + gone[t] + same[t] for t in read}
    return ran


def table(folder: Path, text: str | bytes, name: str = "appointments.csv") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (f"{HEADER}\n", "row"),
        ("patient_id,practice_id,start_time\np1,G1,2024-01-05\n", "staff_id"),
        ("a,b,c\n1,2,3\n", "patient_id"),
        (b"\x00\x01\x02\x03" * 100, ""),
        (b"\xff\xfe", ""),
    ],
    ids=["empty", "header only", "missing column", "other columns", "binary", "bare mark"],
)
def test_no_table(tmp_path: Path, content: str | bytes, said: str) -> None:
    path = table(tmp_path / "extract", content)
    error = load(path, tmp_path / "store").error
    assert error["exit_code"] == 3 and error["hint"]
    assert said.lower() in (error["message"] + (error["hint"] or "")).lower()
    assert not (tmp_path / "store" / "CURRENT").exists()


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_is_read_or_named(tmp_path: Path, delimiter: str) -> None:
    text = f"{HEADER}\n{GOOD}\n".replace(",", delimiter)
    ran = load(table(tmp_path / "extract", text), tmp_path / "store")
    if ran.code:
        assert ran.error["exit_code"] == 3 and "separated" in json.dumps(ran.error).lower()
    else:
        assert ran.json["rows_kept"]["appointments"] == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_encodings_of_spreadsheets_are_read(tmp_path: Path, encoding: str) -> None:
    mark = "\ufeff" if encoding == "utf-16-le" else ""
    path = table(tmp_path / "extract", f"{mark}{HEADER}\n{GOOD}\n".encode(encoding))
    assert load(path, tmp_path / "store").json["rows_kept"] == {"appointments": 1}


def test_impossible_days_are_refused_and_counted(tmp_path: Path) -> None:
    rows = [GOOD, "p2,s1,G1,2024-02-31T09:00,a2,attended", "p3,s1,G1,2999-01-01T09:00,a3,attended"]
    path = table(tmp_path / "extract", "\n".join([HEADER, *rows]) + "\n")
    error = load(path, tmp_path / "store").error
    assert (error["exit_code"], error["error"]) == (4, "too_many_refused_rows")
    assert not (tmp_path / "store" / "CURRENT").exists()
    report = load(path, tmp_path / "store", "--refuse-limit", "100").json
    assert report["rows_refused"] == {"appointments": 2}
    assert sum(report["refusals_by_reason"].values()) == 2
    listed = (Path(report["quarantine"]) / "appointments.csv").read_text()
    assert "start_time" in listed and "2999" not in listed


def test_one_id_with_two_contents_is_said(tmp_path: Path) -> None:
    rows = [GOOD, GOOD.replace("09:00", "10:00"), GOOD]
    path = table(tmp_path / "extract", "\n".join([HEADER, *rows]) + "\n")
    report = load(path, tmp_path / "store").json
    assert (report["rows_kept"], report["rows_collapsed"]) == (
        {"appointments": 1},
        {"appointments": 2},
    )
    assert any("other content" in warning for warning in report["warnings"])


@pytest.mark.parametrize("profile", ["fhir-small", "synthea-small", "golden-practice"])
def test_rows_add_up_for_every_profile(tmp_path: Path, profile: str) -> None:
    report = load(FIXTURES / profile, tmp_path / "store").json
    assert report["rows_read"]["appointments"] > 50
    again = load(FIXTURES / profile, tmp_path / "store").json
    assert again["changed"] is False and again["store_version"] == 1
    assert set(again["rows_kept"].values()) == {0}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("missing", "--store", "new"), 3),
        (("extract", "--store", "new", "--profile", "emis"), 2),
        (("extract", "--store", "new", "--mapping", "missing.toml"), 3),
        (("extract", "--store", "new", "--mapping", "extract"), 3),
        (("extract", "--store", "new", "--extract-end", "2024-02-31"), 2),
        (("extract", "--store", "new", "--refuse-limit", "101"), 2),
        (("extract", "--store", "new", "--wait", "-1"), 2),
        (("extract", "--store", "note.txt"), 5),
        (("extract", "--store", "note.txt/store"), 5),
        (("extract", "--store", "other"), 5),
        (("note.txt", "--store", "new"), 3),
        (("other", "--store", "new"), 3),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_the_wrong_thing_in_the_wrong_place(
    tmp_path: Path, arguments: tuple[str, ...], code: int
) -> None:
    appointments(tmp_path / "extract")
    (tmp_path / "note.txt").write_text("Remember the milk.\n")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    ran = refused(code, "load", *arguments, "--format", "json", cwd=tmp_path)
    assert ran.error["message"].endswith(".")
    assert (tmp_path / "note.txt").read_text() == "Remember the milk.\n"
    assert [p.name for p in (tmp_path / "other").iterdir()] == ["photo.jpg"]


def test_another_key_is_noticed(tmp_path: Path) -> None:
    source, store = appointments(tmp_path / "extract"), tmp_path / "store"
    first = environment(HAMLETS_KEY_FILE=str(tmp_path / "one.key"))
    assert hamlets("load", source, "--store", store, env=first).code == 0
    other = environment(HAMLETS_KEY_FILE=str(tmp_path / "two.key"))
    ran = refused(5, "load", source, "--store", store, "--format", "json", env=other)
    assert "key" in ran.error["message"]
    assert hamlets("load", source, "--store", store, env=first).code == 0


def test_a_store_of_a_newer_format(tmp_path: Path) -> None:
    store = tmp_path / "store"
    load(appointments(tmp_path / "extract"), store)
    head = store / "store.json"
    head.write_text(head.read_text().replace('"format_version": 1', '"format_version": 99'))
    for command in (
        ("load", tmp_path / "extract"), ("measure",), ("report",), ("store", "info"),
        ("store", "verify"), ("store", "versions"), ("store", "prune"), ("store", "restore", 1),
        ("store", "migrate"),
    ):  # fmt: skip
        ran = refused(5, *command, "--store", store)
        assert "99" in ran.err, command


def test_a_damaged_file(tmp_path: Path) -> None:
    store = tmp_path / "store"
    load(appointments(tmp_path / "extract"), store)
    (path,) = store.glob("files/appointments/*")
    whole = path.read_bytes()
    path.write_bytes(whole[:40] + bytes([whole[40] ^ 1]) + whole[41:])
    ran = hamlets("store", "verify", "--store", store, "--format", "json")
    assert ran.code == 5 and ran.json["sound"] is False and ran.error["error"] == "store_damaged"
    assert path.name in refused(5, "store", "verify", "--store", store).err
    path.write_bytes(whole)
    assert hamlets("store", "verify", "--store", store).code == 0
