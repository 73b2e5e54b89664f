"""Dates and times: ISO 8601, offsets, both changes of the clocks, other forms."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamlets.records.times import (
    BLANK,
    NO_SUCH_DAY,
    NO_SUCH_TIME,
    NOT_A_DATE,
    OK,
    OTHER_FORM,
    form_problem,
    read_one,
    read_times,
)


def wall(text: str, form: str | None = None) -> str:
    times = read_times(pa.array([text, None], pa.string()), form)
    assert times.reason.tolist() == [OK, BLANK]
    moment = datetime(1970, 1, 1) + timedelta(seconds=int(times.seconds[0]))
    return moment.isoformat(" ") if times.has_time[0] else moment.date().isoformat()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-02-29", "2024-02-29"),
        ("20240229", "2024-02-29"),
        ("2024-2-9", "2024-02-09"),
        ("2024-01-05T10:20", "2024-01-05 10:20:00"),
        ("2024-01-05 10:20:30", "2024-01-05 10:20:30"),
        ("2024-01-05t10:20:30", "2024-01-05 10:20:30"),
        ("2024-01-05T10:20:30.999", "2024-01-05 10:20:30"),
        ("20240105T102030", "2024-01-05 10:20:30"),
        ("1931-12-31", "1931-12-31"),
        # with an offset: to London's wall clock
        ("2024-01-05T10:20:30Z", "2024-01-05 10:20:30"),
        ("2024-07-05T10:20:30Z", "2024-07-05 11:20:30"),
        ("2024-07-05T10:20Z", "2024-07-05 11:20:00"),
        ("2024-07-05T10:20:30+01:00", "2024-07-05 10:20:30"),
        ("2024-07-05T10:20:30+0100", "2024-07-05 10:20:30"),
        ("2024-07-05T10:20:30.123456+01:00", "2024-07-05 10:20:30"),
        ("2024-07-05T23:30:00-05", "2024-07-06 05:30:00"),
        ("2024-07-05T00:30:00+05:30", "2024-07-04 20:00:00"),
        # the clocks go forward on 31 March 2024 at 01:00 UTC
        ("2024-03-31T00:59:59Z", "2024-03-31 00:59:59"),
        ("2024-03-31T01:00:00Z", "2024-03-31 02:00:00"),
        ("2024-03-31T02:00:00+01:00", "2024-03-31 02:00:00"),
        # and back on 27 October 2024 at 01:00 UTC: the hour from 01:00 comes twice
        ("2024-10-27T00:30:00Z", "2024-10-27 01:30:00"),
        ("2024-10-27T01:30:00+01:00", "2024-10-27 01:30:00"),
        ("2024-10-27T01:30:00Z", "2024-10-27 01:30:00"),
        ("2024-10-27T02:00:00Z", "2024-10-27 02:00:00"),
        ("2024-10-27T01:30:00", "2024-10-27 01:30:00"),
    ],
)
def test_iso(text: str, expected: str) -> None:
    assert wall(text) == expected


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("05/01/2024", "%d/%m/%Y", "2024-01-05"),
        ("5/1/2024", "%d/%m/%Y", "2024-01-05"),
        ("05/01/2024 09:05", "%d/%m/%Y %H:%M", "2024-01-05 09:05:00"),
        ("05-Jan-2024", "%d-%b-%Y", "2024-01-05"),
        ("05 JAN 2024 09:05:01", "%d %b %Y %H:%M:%S", "2024-01-05 09:05:01"),
        ("05-Jan-24", "%d-%b-%y", "2024-01-05"),
        ("01/05/2024 9:05 PM", "%m/%d/%Y %I:%M %p", "2024-01-05 21:05:00"),
        ("2024-01-05", "%d/%m/%Y", "2024-01-05"),
    ],
)
def test_named_forms(text: str, form: str, expected: str) -> None:
    assert wall(text, form) == expected


@pytest.mark.parametrize(
    ("text", "form", "reason"),
    [
        ("2023-02-29", None, NO_SUCH_DAY),
        ("2024-02-31", None, NO_SUCH_DAY),
        ("2024-13-01", None, NO_SUCH_DAY),
        ("0000-01-01", None, NO_SUCH_DAY),
        ("2024-01-01T24:00", None, NO_SUCH_TIME),
        ("2024-01-01T10:61:00Z", None, NO_SUCH_TIME),
        ("2024-01-01T10:00:00+19:00", None, NO_SUCH_TIME),
        ("31/01/2024", None, OTHER_FORM),
        ("1 Jan 2024 10:00", None, OTHER_FORM),
        ("soon", None, NOT_A_DATE),
        ("45292", None, NOT_A_DATE),
        ("２０２４-01-01", None, NOT_A_DATE),
        ("31/02/2024", "%d/%m/%Y", NO_SUCH_DAY),
        ("31/13/2024", "%d/%m/%Y", NOT_A_DATE),
        ("soon", "%d/%m/%Y", NOT_A_DATE),
    ],
)
def test_reasons(text: str, form: str | None, reason: int) -> None:
    assert read_times(pa.array([text]), form).reason.tolist() == [reason]


@given(
    st.lists(
        st.one_of(
            st.datetimes(datetime(1850, 1, 1), datetime(2150, 1, 1)).map(
                lambda d: d.isoformat(timespec="seconds")
            ),
            st.dates(date(1850, 1, 1), date(2150, 1, 1)).map(str),
            st.from_regex(r"\A\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)?\Z"),
            st.from_regex(r"\A\d{4}-\d\d-\d\d\Z"),
            st.text(max_size=20),
        ),
        max_size=20,
    )
)
def test_bulk_reading_agrees_with_reading_one_by_one(texts: list[str]) -> None:
    times = read_times(pa.array(texts, pa.string()))
    for i, text in enumerate(texts):
        seconds, has_time, reason = read_one(text)
        assert times.reason[i] == reason
        if reason == OK:
            assert (times.seconds[i], times.has_time[i]) == (seconds, has_time)


def test_sliced_array_is_read_by_its_own_rows() -> None:
    column = pa.array(["x", "2024-01-01", None, "2024-01-02"]).slice(1, 2)
    assert read_times(column).reason.tolist() == [OK, BLANK]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_typed_times(unit: str) -> None:
    moment = datetime(2024, 7, 1, 9, 0, 0, 500_000 if unit != "s" else 0)
    plain = read_times(pa.array([moment, None], pa.timestamp(unit)))
    assert plain.reason.tolist() == [OK, BLANK]
    zoned = read_times(pa.array([moment.replace(tzinfo=UTC)], pa.timestamp(unit, "UTC")))
    assert zoned.seconds[0] - plain.seconds[0] == 3600
    day = read_times(pa.array([date(2024, 7, 1)]))
    assert plain.seconds[0] - day.seconds[0] == 9 * 3600
    assert not day.has_time[0]


def test_forms_are_checked() -> None:
    assert form_problem("%d/%m/%Y %H:%M") is None
    assert form_problem("%d %B %y") is None
    assert "leaves out" in (form_problem("%d/%m") or "")
    assert "strptime" in (form_problem("dd/mm/yyyy") or "")
