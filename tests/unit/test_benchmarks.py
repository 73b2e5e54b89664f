"""The benchmarks compare like with like: same books, same answers. Nothing is timed here."""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import fmean

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest

from benchmarks import measuring, scans, stored
from benchmarks.books import write_book
from benchmarks.engines import ENGINES, INDICES, Row
from benchmarks.measuring import BenchmarkError, Run, run_process, summarise
from benchmarks.parts import widest_difference
from benchmarks.sizes import BOROUGH, Book, scaled, sized
from benchmarks.tables import Line, judged, table
from tests.oracles.indices import INDICES as ORACLES

BOOK = Book(rows=2_500, practices=2, patients=230, seed=7)


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_book(BOOK, tmp_path_factory.mktemp("book"))


@pytest.fixture(scope="module")
def store(extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from hamlets.records import load

    path = tmp_path_factory.mktemp("benchmark") / "store"
    report = load([extract], path)
    assert report.rows_kept["appointments"] == BOOK.rows
    return path


@pytest.fixture(scope="module")
def ours(store: Path) -> list[Row]:
    return ENGINES["hamlets"].run(store)


def tables(folder: Path) -> dict[str, pa.Table]:
    return {path.stem: pq.read_table(path) for path in sorted(folder.iterdir())}


def test_a_book_has_the_size_that_was_asked_for(extract: Path) -> None:
    made = tables(extract)
    assert made["appointments"].num_rows == BOOK.rows
    assert made["patients"].num_rows == BOOK.patients
    assert len(set(made["patients"]["practice_id"].to_pylist())) == BOOK.practices
    assert len(set(made["appointments"]["appointment_id"].to_pylist())) == BOOK.rows


def test_a_seed_gives_the_same_book_again(extract: Path, tmp_path: Path) -> None:
    again = tables(write_book(BOOK, tmp_path / "again"))
    assert again.keys() == tables(extract).keys()
    assert all(table.equals(again[name]) for name, table in tables(extract).items())
    other = Book(BOOK.rows, BOOK.practices, BOOK.patients, seed=8)
    different = tables(write_book(other, tmp_path / "other"))
    assert not different["appointments"].equals(again["appointments"])


def test_csv_and_parquet_hold_the_same_rows(extract: Path, tmp_path: Path) -> None:
    folder = write_book(BOOK, tmp_path, "csv", dated=False)
    assert sorted(path.name for path in folder.iterdir()) == [
        "appointments.csv",
        "patients.csv",
        "staff.csv",
    ]
    for name in ("appointments", "patients"):
        text = pacsv.read_csv(folder / f"{name}.csv")
        typed = tables(extract)[name]
        for column in ("patient_id", "practice_id"):
            assert text[column].to_pylist() == typed[column].to_pylist()


def test_no_patient_has_two_contacts_in_a_minute(extract: Path) -> None:
    """Else an engine that orders by day and second could differ from one that orders by id."""
    rows = tables(extract)["appointments"]
    times = list(zip(rows["patient_id"].to_pylist(), rows["start_time"].to_pylist(), strict=True))
    assert len(set(times)) == len(times)
    assert all(time.second == 0 and time.weekday() < 5 for _, time in times)


def test_a_book_of_gps_has_nobody_else(tmp_path: Path) -> None:
    book = Book(500, 2, 60, gp_only=True)
    made = tables(write_book(book, tmp_path))
    assert all(role.startswith("gp") for role in made["staff"]["role"].to_pylist())
    everyone = tables(write_book(Book(500, 2, 60), tmp_path / "all"))
    assert "nurse" in everyone["staff"]["role"].to_pylist()


@pytest.mark.parametrize("name", [name for name in ENGINES if name != "hamlets"])
def test_every_engine_gives_the_same_indices(name: str, store: Path, ours: list[Row]) -> None:
    theirs = ENGINES[name].run(store)
    assert [row[:3] for row in theirs] == [row[:3] for row in ours]
    np.testing.assert_allclose(
        [row[3:] for row in theirs], [row[3:] for row in ours], rtol=0, atol=1e-9
    )


def test_the_indices_are_not_trivial(ours: list[Row]) -> None:
    """Agreement would say nothing if all means were 0 or 1, or both levels the same."""
    assert {row[0] for row in ours} == {"clinician", "team"}
    assert all(0 < value < 1 for row in ours for value in row[3:])
    by_place = {row[:2]: row[3:] for row in ours}
    assert by_place["clinician", 0] != by_place["team", 0]
    assert len(ours[0]) == 3 + len(INDICES)


def test_the_scan_reads_what_the_kernel_reads(store: Path) -> None:
    columns = scans.columns_read(store, ENGINES["hamlets"].run)
    assert {"patient", "staff", "start_day"} <= set(columns["appointments"])
    assert "appointment_id" not in columns["appointments"]
    rows = sum(stored.rows(store, table) for table in columns)
    assert scans.scan_pyarrow(store, columns) == rows
    table = pa.concat_tables(
        pq.read_table(path, columns=columns["appointments"])
        for path in stored.files(store, "appointments")
    )
    sums = scans.scan_duckdb(store, {"appointments": columns["appointments"]})[0]
    expected = [int(table[name].cast(pa.int32()).to_numpy().sum()) for name in table.column_names]
    assert [int(value) for value in sums] == expected


def test_a_scan_of_nothing_is_refused(store: Path) -> None:
    """Where the store is read in another way than is noted, ratios would mean nothing."""
    from hamlets.records import Store

    before = Store.read_span
    with pytest.raises(RuntimeError, match="No column was seen"):
        scans.columns_read(store, lambda _store: None)
    assert Store.read_span is before


def test_engines_that_differ_are_found() -> None:
    row = ["clinician", 0, 10, 0.5, 0.4, 0.3, 0.2, 0.1]
    close = [*row[:7], 0.1 + 1e-6]
    assert widest_difference({"a": [row], "b": [row]}) == 0
    assert widest_difference({"a": [row], "b": [row], "c": [close]}) == pytest.approx(1e-6)
    assert widest_difference({"a": [row], "b": [[*row[:2], 11, *row[3:]]]}) == float("inf")
    assert widest_difference({"a": [row], "b": []}) == float("inf")


def test_the_median_counts_and_the_largest_peak() -> None:
    runs = [Run(3.0, 1.0, 50), Run(1.0, 2.0, 70), Run(9.0, 3.0, 60)]
    found = summarise(runs)
    assert (found.seconds, found.fastest, found.slowest) == (3.0, 1.0, 9.0)
    assert (found.processor, found.peak, found.runs) == (2.0, 70, 3)


def test_a_process_is_measured_and_its_failure_is_told() -> None:
    holding = "held = bytearray(60_000_000); print(len(held))"
    run = run_process([sys.executable, "-c", holding])
    assert run.output.strip() == "60000000"
    assert run.peak > 60_000_000
    assert run.seconds > 0
    with pytest.raises(BenchmarkError, match="no such engine"):
        run_process([sys.executable, "-c", "raise SystemExit('no such engine')"])


def test_one_run_tells_its_figures(store: Path, ours: list[Row]) -> None:
    run = measuring.run_engine("duckdb", store, store)
    assert [tuple(row[:3]) for row in run.answer] == [row[:3] for row in ours]
    assert run.peak > 10_000_000
    assert run.ready > 0


def test_sizes() -> None:
    assert sized(18_800_000).practices == 311
    assert 1_550_000 < sized(18_800_000).patients < 3_100_000
    assert scaled(BOROUGH, 10**9) == BOROUGH
    half = scaled(BOROUGH, BOROUGH.rows // 2)
    assert (half.patients, half.practices) == (BOROUGH.patients // 2, 18)


def test_the_table_says_what_was_met_and_what_was_left_out() -> None:
    figures = summarise([Run(2.0, 3.0, 500_000_000, 1.0)])
    printed = table(
        [
            Line("Hamlets", figures, (4.0, 5.0), judged("x pyarrow", 4.0, 2.0)),
            Line("pandas", None, target="about 75 s a run: --all"),
        ]
    )
    assert "4.00" in printed
    assert "missed (4)" in printed
    assert "0.50" in printed
    assert "--all" in printed
    assert judged("s", 0.5, 0.8).endswith("met")


def test_the_engines_agree_with_plain_loops(extract: Path, store: Path, ours: list[Row]) -> None:
    """All engines could share a mistake: loops over the extract itself do not."""
    import hamlets

    with hamlets.open_store(store) as opened:
        code = {label: i for i, label in enumerate(opened.labels("practice"))}
    made = {name: rows.to_pylist() for name, rows in tables(extract).items()}
    team = {row["staff_id"]: row["team_id"] for row in made["team_members"]}
    home = {row["patient_id"]: code[row["practice_id"]] for row in made["patients"]}
    seen: dict[str, list[str]] = {}
    for row in sorted(made["appointments"], key=lambda row: row["start_time"]):
        counts = row["status"] in ("attended", "arrived") and row["mode"] != "group"
        if counts and row["staff_id"] is not None:
            seen.setdefault(row["patient_id"], []).append(row["staff_id"])
    for level, place, patients, *means in ours:
        mapped = [
            [team.get(who, who) if level == "team" else who for who in sequence]
            for patient, sequence in seen.items()
            if home[patient] == place and len(sequence) >= 2
        ]
        assert len(mapped) == patients
        expected = [fmean(ORACLES[index](xs) for xs in mapped) for index in INDICES]
        np.testing.assert_allclose(means, expected, rtol=0, atol=1e-9)
