"""No identifier reaches the log, whoever writes the line."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from hamlets.errors import SourceError
from hamlets.logs import REDACTED, get_logger, log_defect, redact, redact_value, start_logging

NHS = "9990000018"  # of the range that is never given to a person
IDENTIFIERS = [
    NHS,
    "999 000 0018",
    "999-000-0018",
    "{5D2C3B1A-0000-4000-8000-00000000ABCD}",
    "{ 5d2c3b1a-0000-4000-8000-00000000abcd }",
    "example-ash@practice.example",
    "ZZ99 3WZ",
    "zz993wz",
    "E1 0AA",
]


@pytest.fixture
def log_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    path = tmp_path / "logs" / "hamlets.log"
    monkeypatch.setenv("HAMLETS_LOG_FILE", str(path))
    yield path
    structlog.reset_defaults()


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("identifier", IDENTIFIERS)
@pytest.mark.parametrize("frame", ["{}", "row {} refused", "({})", "a={},b", "'{}'", "x\n{}\ny"])
def test_an_identifier_is_removed(identifier: str, frame: str) -> None:
    cleaned = redact(frame.format(identifier))
    assert identifier not in cleaned
    assert REDACTED in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "2031-06-03T09:20:00.123456Z",
        "appointments.csv:1204",
        "rows_read=12480",
        "371700000000 bytes",
        "b2c41e07",
        "5d2c3b1a-0000-4000-8000-00000000abcd",
        "version 000014",
        "0a1b2c3d4e5f60718293a4b5c6d7e8f90123456789abcdef0123456789abcdef",
    ],
)
def test_what_identifies_nobody_stays(text: str) -> None:
    assert redact(text) == text


@given(
    st.recursive(
        st.sampled_from([*IDENTIFIERS, int(NHS)]) | st.none() | st.booleans() | st.integers(0, 99),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(IDENTIFIERS), inner),
    )
)
def test_nothing_hides_in_a_nested_value(value: object) -> None:
    shown = json.dumps(redact_value(value))
    assert not any(identifier in shown for identifier in IDENTIFIERS)


def test_a_line_is_json_in_a_private_file(log_file: Path) -> None:
    start_logging()
    get_logger("records").info("loaded", rows=12, patient=NHS, nested={"who": [f"id {NHS}"]})
    (line,) = lines(log_file)
    assert line["event"] == "loaded"
    assert line["room"] == "records"
    assert line["rows"] == 12
    assert NHS not in log_file.read_text()
    assert stat.S_IMODE(log_file.stat().st_mode) == 0o600


def test_standard_error_only_when_asked(log_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start_logging()
    get_logger("records").info("quiet")
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""
    start_logging(verbose=True)
    get_logger("records").debug("loud", patient=NHS)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert json.loads(captured.err)["event"] == "loud"
    assert NHS not in captured.err
    assert [line["event"] for line in lines(log_file)] == ["quiet", "loud"]


def test_a_defect_gets_an_id_and_no_text_of_the_record(log_file: Path) -> None:
    start_logging()
    try:
        raise ValueError("cannot read Ms Example-Elm, born 1931-02-31")
    except ValueError as error:
        log_id = log_defect(error)
    (line,) = lines(log_file)
    assert line["log_id"] == log_id
    assert line["kind"] == "ValueError"
    assert "test_logs.py" in str(line["frames"])
    assert "Example-Elm" not in log_file.read_text()


def test_a_logged_exception_loses_its_text(log_file: Path) -> None:
    start_logging()
    try:
        raise SourceError("Ms Example-Elm is not a date")
    except SourceError:
        get_logger("records").exception("refused")
    assert "Example-Elm" not in log_file.read_text()
    assert lines(log_file)[0]["kind"] == "SourceError"


def test_a_log_that_cannot_be_written_stops_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HAMLETS_LOG_FILE", str(tmp_path / "file" / "hamlets.log"))
    start_logging()
    get_logger("records").info("nowhere")
    structlog.reset_defaults()


def test_without_a_log_file_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HAMLETS_LOG_FILE", "")
    start_logging()
    get_logger("records").info("nowhere")
    structlog.reset_defaults()
    assert list(tmp_path.iterdir()) == []
    assert capsys.readouterr().err == ""
