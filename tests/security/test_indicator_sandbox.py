"""What the SQL of an indicator may not do: said in a sentence, and kept from it by the process."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from hamlets.networks.indicators import check_definition, shipped
from hamlets.networks.indicators.definition import Fault
from hamlets.networks.indicators.handing import TABLES
from hamlets.networks.indicators.sandbox import Sandbox, SandboxError
from hamlets.networks.indicators.statements import Read, read_statement

FORBIDDEN = {
    "SELECT patient_id FROM staff": "`staff` is not open",
    "SELECT * FROM information_schema.tables": "`information_schema.tables` is not open",
    "SELECT patient_id FROM main.patients": "`main.patients` is not open",
    "SELECT * FROM '/etc/passwd'": "`/etc/passwd` is not open",
    "SELECT (SELECT max(x) FROM people) FROM patients": "`people` is not open",
    "WITH a AS (SELECT * FROM ranked) SELECT patient_id FROM a": "`ranked` is not open",
    "SELECT * FROM read_csv('/etc/passwd')": "`read_csv(...)` is not open",
    "SELECT * FROM duckdb_settings()": "`duckdb_settings(...)` is not open",
    "SELECT * FROM query('SELECT 1')": "`query(...)` is not open",
    "SELECT current_setting('threads') FROM patients": "`current_setting` is not open",
    "SELECT random() FROM patients": "`random` is not open",
    "SELECT current_date FROM patients": "`current_date` is not open",
    "SELECT now() FROM patients": "`now` is not open",
    "SELECT patient_id FROM patients TABLESAMPLE 5": "A sample",
    "SELECT $secret FROM patients": "There is no `$secret`",
    "SELECT 1; SELECT 2": "these are 2 statements",
    "-- nothing at all": "there is nothing",
    "DROP TABLE patients": "one SELECT",
    "COPY patients TO '/tmp/out.csv'": "one SELECT",
    "ATTACH '/tmp/other.db'": "one SELECT",
    "SET enable_external_access = true": "one SELECT",
    "DESCRIBE patients": "one SELECT",
    "INSTALL httpfs": "one SELECT",
    "SELECT FROM WHERE": "cannot be read",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(threads=1) as opened:
        yield opened


def read(sandbox: Sandbox, sql: str) -> Read | list[Fault]:
    return read_statement(sandbox.parse(sql), sql, TABLES, sandbox.functions())


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_a_sentence_says_what_is_not_open(sandbox: Sandbox, sql: str) -> None:
    found = read(sandbox, sql)
    assert isinstance(found, list)
    assert any(FORBIDDEN[sql] in fault.message for fault in found), found


def test_lines_are_those_of_the_text(sandbox: Sandbox) -> None:
    found = read(sandbox, "SELECT patient_id -- é\nFROM patients\nJOIN staff USING (patient_id)")
    assert isinstance(found, list)
    assert [fault.line for fault in found] == [3]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT patient_id FROM patients WHERE age BETWEEN 17 AND 90;",
        "WITH staff AS (SELECT 1 AS one) SELECT one FROM staff",
        "SELECT patient_id, count(*) AS events FROM events GROUP BY ALL",
        "SELECT arg_max(value, ROW(date, -value)) FROM observations GROUP BY patient_id",
        "SELECT patient_id FROM patients WHERE birth_year = year($period_end) - 3",
        "FROM patients SELECT row_number() OVER (PARTITION BY practice_id ORDER BY age)",
    ],
)
def test_ordinary_sql_is_read(sandbox: Sandbox, sql: str) -> None:
    assert isinstance(read(sandbox, sql), Read)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO '/tmp/hamlets-sandbox.csv'",
        "ATTACH '/tmp/hamlets-sandbox.db'",
        "SET enable_external_access = true",
        "SET memory_limit = '100GB'",
        "RESET lock_configuration",
        "SELECT * FROM request",  # a variable of the process's own Python
        "INSTALL httpfs",
    ],
)
def test_what_is_not_caught_in_words_does_not_work_either(sandbox: Sandbox, sql: str) -> None:
    with pytest.raises(SandboxError) as caught:
        sandbox.run([(sql, {})])
    assert "root:" not in caught.value.message
    assert not Path("/tmp/hamlets-sandbox.csv").exists()
    assert not Path("/tmp/hamlets-sandbox.db").exists()


def test_a_name_given_elsewhere_in_the_statement_opens_nothing(tmp_path: Path) -> None:
    """``WITH ranked`` in one part must not let another part read Hamlets' own table."""
    text = next(one.text for one in shipped() if one.id == "cvd_statin")
    before, _, _ = text.partition("  numerator:")
    own = tmp_path / "own.yaml"
    own.write_text(
        before + "  numerator: |\n    SELECT DISTINCT r.patient_id FROM ranked r JOIN denominator"
        " USING (patient_id), (WITH ranked AS (SELECT 1 AS one) SELECT * FROM ranked) x\n"
    )
    checked = check_definition(own, date(2026, 11, 1))
    assert any("ranked does not exist" in fault.message for fault in checked.faults), checked


def test_groups_cannot_be_a_list_of_patients(tmp_path: Path) -> None:
    text = next(one.text for one in shipped() if one.id == "outpatient_referrals")
    own = tmp_path / "own.yaml"
    own.write_text(text.replace("code AS grouped", "patient_id AS grouped").replace(
        "GROUP BY patient_id, code", "GROUP BY patient_id"))  # fmt: skip
    checked = check_definition(own, date(2026, 11, 1))
    assert any("groups; 60 at most" in fault.message for fault in checked.faults), checked


def test_no_value_of_a_record_is_in_a_message() -> None:
    with Sandbox(threads=1) as sandbox:
        sandbox.words([])
        sandbox.hand_over("notes", pa.table({"words": ["my neighbour's secret"]}))
        with pytest.raises(SandboxError) as caught:
            sandbox.run([("SELECT CAST(words AS INTEGER) FROM notes", {})])
    assert "secret" not in caught.value.message + str(caught.value.hint)


def test_time_is_limited() -> None:
    with Sandbox(threads=1, seconds=0.5) as sandbox, pytest.raises(SandboxError) as caught:
        sandbox.run(
            [("SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b", {})]
        )
    assert caught.value.fault == "time"


def test_memory_is_limited() -> None:
    many = "SELECT list(range ORDER BY hash(range)) FROM range(50000000)"
    with Sandbox(threads=1, memory_mb=100) as sandbox, pytest.raises(SandboxError) as caught:
        sandbox.run([(many, {})])
    assert caught.value.fault in ("memory", "ended")


def test_the_process_knows_nothing_of_its_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HAMLETS_SANDBOX_SECRET", "hidden")
    with Sandbox(threads=1) as sandbox:
        process = sandbox._process
        assert process is not None
        environment = Path(f"/proc/{process.pid}/environ")
        if environment.exists():
            assert b"hidden" not in environment.read_bytes()
            assert Path(f"/proc/{process.pid}/cwd").readlink() == Path("/")
            limits = Path(f"/proc/{process.pid}/limits").read_text()
            (size,) = (row for row in limits.splitlines() if row.startswith("Max file size"))
            assert size.split()[3:5] == ["0", "0"]


def test_a_process_that_dies_is_a_sentence() -> None:
    with Sandbox(threads=1) as sandbox:
        assert sandbox._process is not None
        sandbox._process.kill()
        sandbox._process.wait()
        with pytest.raises(SandboxError) as caught:
            sandbox.run([("SELECT 1", {})])
    assert caught.value.fault == "ended"
