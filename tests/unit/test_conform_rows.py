"""Raw batches become typed rows; what cannot be kept is refused with its reason."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from hamlets.records.batches import RawBatch
from hamlets.records.conform import Conformed, conform
from hamlets.records.tables import MODES, NOT_GIVEN, ROLES, STATUSES

END = datetime(2024, 7, 1, 18, 0)
GOOD = {"patient_id": "p1", "staff_id": "s1", "practice_id": "Y1", "start_time": "2024-06-01T09:00"}


def run(table: str, rows: list[dict[str, Any]], **options: Any) -> Conformed:
    """Conform rows given as dictionaries; the first row is on line 2."""
    names = dict.fromkeys(name for row in rows for name in row)
    columns = pa.table({n: pa.array([r.get(n) for r in rows], pa.string()) for n in names})
    lines = np.arange(2, len(rows) + 2)
    return conform(RawBatch(table, f"{table}.csv", lines, columns, **options), extract_end=END)


def one_refusal(table: str, row: dict[str, Any], **options: Any) -> tuple[str, str, str]:
    done = run(table, [row], **options)
    assert done.rows.num_rows == 0
    assert done.lines.tolist() == []
    (refusal,) = done.refusals
    assert (refusal.table, refusal.file, refusal.line) == (table, f"{table}.csv", 2)
    assert refusal.kind == "error"
    return refusal.column, refusal.value_class, refusal.reason


def test_types_of_every_kind() -> None:
    row = GOOD | {
        "appointment_id": " a1 ",
        "booked_time": "2024-05-30",
        "status": "Attended",
        "mode": "Face to Face",
        "urgency": "",
        "duration_minutes": "7.5",
        "category": "  ",
        "staff_role": "gp_partner",
    }
    done = run("appointments", [row])
    assert done.refusals == [] and done.unmapped == {}
    assert done.rows.to_pylist() == [
        {
            "patient_id": "p1",
            "staff_id": "s1",
            "practice_id": "Y1",
            "start_time": datetime(2024, 6, 1, 9),
            "appointment_id": "a1",
            "booked_time": datetime(2024, 5, 30),
            "status": STATUSES.index("attended"),
            "mode": MODES.index("face_to_face"),
            "urgency": 0,
            "duration_minutes": 7.5,
            "category": None,
            "staff_role": ROLES.index("gp_partner"),
            "time_known": True,
        }
    ]
    schema = done.rows.schema
    assert schema.field("start_time").type == pa.timestamp("s")
    assert schema.field("status").type == pa.int8()
    assert schema.field("duration_minutes").type == pa.float64()


def test_only_given_columns_come_out() -> None:
    assert run("appointments", [GOOD]).rows.column_names == [*GOOD, "time_known"]


def test_date_without_a_time() -> None:
    rows = run("appointments", [GOOD | {"start_time": "2024-06-01"}, GOOD]).rows
    assert rows["start_time"].to_pylist()[0] == datetime(2024, 6, 1)
    assert rows["time_known"].to_pylist() == [False, True]


@pytest.mark.parametrize(
    ("start", "value_class", "reason"),
    [
        ("2024-02-31", "date-like", "there is no such day (as 31 February)"),
        ("2024-06-01T29:00", "date-like", "there is no such time of day"),
        ("01/06/2024", "date-like", "not written as YYYY-MM-DD; a mapping file can name the form"),
        ("tomorrow", "text", "not a date"),
        ("45292", "number", "not a date"),
        ("x" * 300, "long text", "not a date"),
        ("1899-12-31", "date-like", "the year is before 1900"),
        ("2026-07-09", "date-like", "more than two years after the extract"),
        ("", "blank", "blank"),
        (None, "blank", "blank"),
    ],
)
def test_bad_start_times(start: str | None, value_class: str, reason: str) -> None:
    found = one_refusal("appointments", GOOD | {"start_time": start})
    assert found == ("start_time", value_class, reason)


@pytest.mark.parametrize("column", ["patient_id", "practice_id"])
def test_blank_required_cells(column: str) -> None:
    assert one_refusal("appointments", GOOD | {column: "  "}) == (column, "blank", "blank")
    lacking = {k: v for k, v in GOOD.items() if k != column}
    assert one_refusal("appointments", lacking) == (column, "blank", "blank")


def test_contact_without_clinician_is_kept() -> None:
    rows = run("appointments", [GOOD | {"staff_id": " "}, GOOD]).rows
    assert rows["staff_id"].to_pylist() == [None, "s1"]


def test_columns_a_source_may_leave_blank() -> None:
    done = run("appointments", [GOOD | {"practice_id": ""}], optional=frozenset({"practice_id"}))
    assert done.rows["practice_id"].to_pylist() == [None]


def test_employer_may_be_a_network() -> None:
    staff = {"staff_id": "s1", "practice_id": "", "network_id": "U1"}
    assert run("staff", [staff]).rows.num_rows == 1
    assert one_refusal("staff", staff | {"network_id": ""})[0] == "practice_id"


def test_lines_and_refusals_keep_their_rows() -> None:
    rows = [GOOD, GOOD | {"patient_id": ""}, GOOD | {"start_time": "never"}, GOOD]
    done = run("appointments", rows)
    assert done.lines.tolist() == [2, 5]
    assert [(r.line, r.column) for r in done.refusals] == [(4, "start_time"), (3, "patient_id")]


def test_a_row_is_refused_once() -> None:
    done = run("appointments", [{"patient_id": "", "start_time": "never", "booked_time": "never"}])
    assert len(done.refusals) == 1


def test_refusals_hold_no_value() -> None:
    secret = "9990001234 Ms Example"
    done = run("appointments", [GOOD | {"start_time": secret}])
    assert "Example" not in repr(done.refusals) and "999" not in repr(done.refusals)


@pytest.mark.parametrize("status", ["attended", "arrived"])
def test_attended_in_the_future_is_refused(status: str) -> None:
    late = GOOD | {"start_time": "2024-07-01T18:01", "status": status}
    assert one_refusal("appointments", late)[2] == "attended in the future"
    assert run("appointments", [late | {"start_time": "2024-07-01T18:00"}]).refusals == []


def test_future_rows_without_a_status_are_booked() -> None:
    late = GOOD | {"start_time": "2024-07-02"}
    booked = STATUSES.index("booked")
    assert run("appointments", [GOOD, late]).rows["status"].to_pylist() == [NOT_GIVEN, booked]
    rows = run("appointments", [GOOD | {"status": ""}, late | {"status": "?"}]).rows
    assert rows["status"].to_pylist() == [0, booked]
    cancelled = run("appointments", [late | {"status": "cancelled"}])
    assert cancelled.rows["status"].to_pylist() == [STATUSES.index("cancelled")]


def test_words_of_the_source_then_ours() -> None:
    words = {"status": {"seen": "attended", "dna": "did_not_attend", "booked": "cancelled"}}
    rows = [GOOD | {"status": s} for s in (" Seen", "DNA", "Booked", "arrived", "Left", "Left", "")]
    done = run("appointments", rows, words=words)
    names = [STATUSES[c] for c in done.rows["status"].to_pylist()]
    assert names == [
        "attended", "did_not_attend", "cancelled", "arrived", "unknown", "unknown", "unknown",
    ]  # fmt: skip
    assert done.unmapped == {"status": Counter({"Left": 2})}


def test_unmapped_words_that_may_identify_are_not_shown() -> None:
    rows = [GOOD | {"status": s} for s in ("999 000 1234", "a" * 61, "x@example.org")]
    assert run("appointments", rows).unmapped == {"status": Counter({"(number)": 1, "(text)": 2})}


def test_words_apply_to_text_and_booleans_too() -> None:
    patient = {"patient_id": "p", "practice_id": "Y", "sex": "1", "housebound": "Bedbound"}
    words = {"sex": {"1": "male"}, "housebound": {"bedbound": "true"}}
    (row,) = run("patients", [patient], words=words).rows.to_pylist()
    assert (row["sex"], row["housebound"]) == ("male", True)


def test_numbers_and_booleans() -> None:
    cells = ["12", "12.0", "1e1", "12.5", "-3", "twelve", "nan", "inf", "", "99999999999"]
    practices = [{"practice_id": "Y", "list_size": c, "latitude": c} for c in cells]
    done = run("practices", practices)
    assert done.refusals == []
    assert done.rows["list_size"].to_pylist() == [12, 12, 10] + [None] * 7
    assert done.rows["latitude"].to_pylist() == [12.0, 12.0, 10.0, 12.5, -3.0] + [None] * 5
    assert done.unmapped["list_size"] == Counter({"(number)": 3, "(text)": 3})
    flags = ["true", "FALSE", "1", "0", "Yes", "n", "perhaps", ""]
    patients = [{"patient_id": "p", "practice_id": "Y", "housebound": f} for f in flags]
    done = run("patients", patients)
    assert done.rows["housebound"].to_pylist() == [
        True,
        False,
        True,
        False,
        True,
        False,
        None,
        None,
    ]
    assert done.unmapped == {"housebound": Counter({"(text)": 1})}


def test_ranges_are_blanked() -> None:
    deciles = ["0", "1", "10", "11"]
    patients = [{"patient_id": "p", "practice_id": "Y", "imd_decile": d} for d in deciles]
    done = run("patients", patients)
    assert done.rows["imd_decile"].to_pylist() == [None, 1, 10, None]
    assert done.unmapped == {"imd_decile": Counter({"(number)": 2})}
    place = {"practice_id": "Y", "latitude": "90.1", "longitude": "-180"}
    (row,) = run("practices", [place]).rows.to_pylist()
    assert (row["latitude"], row["longitude"]) == (None, -180.0)


def test_required_numbers_refuse() -> None:
    counts = {
        "practice_id": "Y", "indicator_id": "i", "period_start": "2024-01-01",
        "period_end": "2024-06-30", "numerator": "5", "denominator": "many",
    }  # fmt: skip
    found = one_refusal("indicator_counts", counts)
    assert found == ("denominator", "text", "not a whole number")


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("registrations", {"from_date": "2024-02-02", "to_date": "2024-02-01"}, "to_date"),
        ("patients", {"registered_from": "2024-02-02", "registered_to": "2024-02-01"},
         "registered_to"),
        ("sessions", {"staff_id": "s", "start_time": "2024-02-02T10:00",
                      "end_time": "2024-02-02T09:59"}, "end_time"),
    ],
)  # fmt: skip
def test_end_before_start(table: str, row: dict[str, str], column: str) -> None:
    found = one_refusal(table, {"patient_id": "p", "practice_id": "Y"} | row)
    assert found[0] == column and found[2].startswith("before ")
    row[column] = "2024-02-02T10:00" if table == "sessions" else "2024-02-02"
    assert run(table, [{"patient_id": "p", "practice_id": "Y"} | row]).refusals == []


def test_far_ends_are_open() -> None:
    row = {"patient_id": "p", "practice_id": "Y", "from_date": "2020-01-01"}
    done = run("registrations", [row | {"to_date": "9999-12-31"}, row | {"to_date": "2030-01-01"}])
    assert done.rows["to_date"].to_pylist() == [None, date(2030, 1, 1)]


def test_births_may_be_older_than_contacts() -> None:
    patient = {"patient_id": "p", "practice_id": "Y"}
    assert run("patients", [patient | {"birth_date": "1899-01-01"}]).refusals == []
    found = one_refusal("patients", patient | {"birth_date": "1879-12-31"})
    assert found == ("birth_date", "date-like", "the year is before 1880")


def test_ids_of_many_lines_or_bytes_are_refused() -> None:
    assert one_refusal("appointments", GOOD | {"patient_id": "a\nb"})[2] == "holds a line break"
    assert one_refusal("appointments", GOOD | {"patient_id": "a\0b"})[2] == "holds a NUL byte"
    long = one_refusal("appointments", GOOD | {"patient_id": "x" * 513})
    assert long == ("patient_id", "long text", "longer than 512 bytes")
    kept = run("appointments", [GOOD | {"category": "two\nlines"}])
    assert kept.rows["category"].to_pylist() == ["two\nlines"]


def test_typed_columns_pass() -> None:
    columns = pa.table(
        {
            "patient_id": pa.array([1, 2], pa.int64()),
            "staff_id": pa.array(["s", "s"]).dictionary_encode(),
            "practice_id": pa.array(["Y ", "Y"], pa.large_string()),
            "start_time": pa.array([datetime(2024, 1, 1, 9)] * 2, pa.timestamp("us")),
            "booked_time": pa.array([date(2024, 1, 1), None]),
            "duration_minutes": pa.array([10, None], pa.int16()),
            "site_id": pa.array([12.0, None], pa.float64()),
        }
    )
    batch = RawBatch("appointments", "a.parquet", np.array([1, 2]), columns)
    done = conform(batch, extract_end=END)
    assert done.refusals == []
    assert done.rows.to_pylist()[0] == {
        "patient_id": "1",
        "staff_id": "s",
        "practice_id": "Y",
        "start_time": datetime(2024, 1, 1, 9),
        "booked_time": datetime(2024, 1, 1),
        "duration_minutes": 10.0,
        "site_id": "12",
        "time_known": True,
    }


def test_typed_booleans_pass() -> None:
    columns = pa.table({"patient_id": ["p"], "practice_id": ["Y"], "housebound": [True]})
    done = conform(RawBatch("patients", "p.parquet", np.array([1]), columns), extract_end=END)
    assert done.rows["housebound"].to_pylist() == [True]


def test_no_rows() -> None:
    done = run("appointments", [GOOD])
    empty = RawBatch("appointments", "a.csv", np.zeros(0, np.int64), pa.table(
        {name: pa.array([], pa.string()) for name in GOOD}
    ))  # fmt: skip
    assert conform(empty, extract_end=END).rows.schema == done.rows.schema
