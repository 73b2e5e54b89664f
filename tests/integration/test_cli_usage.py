"""The program in clumsy and in careful hands: options, exit codes, and what programs read."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from hamlets.continuity.conventions import GROUPS, PRESETS
from hamlets.continuity.definitions import MEASURES
from tests import program
from tests.inside import hamlets, refused
from tests.program import FIXTURES, appointments, environment

HOSTILE = ("=cmd()", "[red]bold[/red]", "\x1b[31mred", "\u202eback", "s,comma", "ends\x9b0m")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("usage") / "store"
    assert hamlets("load", FIXTURES / "golden-practice", "--store", path).code == 0
    return path


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("nope",), 2),
        (("--nope",), 2),
        (("load",), 2),
        (("measure", "--nope"), 2),
        (("measure", "--measures", "upc,luck"), 2),
        (("measure", "--measures", ""), 2),
        (("measure", "--measures", ","), 2),
        (("measure", "--level", "planet"), 2),
        (("measure", "--level", " "), 2),
        (("measure", "--by", "hair"), 2),
        (("measure", "--by", "list,list"), 2),
        (("measure", "--roles", "wizard"), 2),
        (("measure", "--modes", "pigeon"), 2),
        (("measure", "--modes", ""), 2),
        (("measure", "--preset", "nobody-1999"), 2),
        (("measure", "--from", "2024-02-31"), 2),
        (("measure", "--to", "yesterday"), 2),
        (("measure", "--from", "2024-03-01", "--to", "2024-01-01"), 2),
        (("measure", "--min-contacts", "0"), 2),
        (("measure", "--min-contacts", "two"), 2),
        (("measure", "--window-months", "0"), 2),
        (("measure", "--min-list", "0"), 2),
        (("measure", "--threads", "0"), 2),
        (("measure", "--format", "xml"), 2),
        (("measure", "--output", "result.txt"), 2),
        (("measure", "--output", "missing/result.csv"), 2),
        (("measure", "--output", "folder.csv"), 2),
        (("measure", "--from", "1990-01-01", "--to", "1990-12-31"), 6),
        (("report", "--output", "missing/page.html"), 2),
        (("report", "--output", "folder.csv"), 2),
        (("report", "--practice", "Z99999"), 8),
        (("store", "restore", "99"), 5),
        (("store", "restore", "one"), 2),
        (("store", "prune", "--keep", "0"), 2),
        (("store", "dance"), 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_word_gets_a_sentence(
    store: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    code: int,
) -> None:
    (tmp_path / "folder.csv").mkdir()
    monkeypatch.setenv("HAMLETS_STORE", str(store))
    monkeypatch.chdir(tmp_path)
    ran = refused(code, *words)
    first, *more = ran.err.splitlines()
    assert first.startswith("hamlets: ") and first.endswith((".", "?"))
    assert all(line.startswith("  ") for line in more)
    assert [p.name for p in tmp_path.iterdir()] == ["folder.csv"]


@pytest.mark.parametrize(
    "words", [("measure", "--measures", "luck"), ("measure", "--nope"), ("store", "restore", "x")]
)
def test_programs_get_one_object(store: Path, words: tuple[str, ...]) -> None:
    error = refused(2, *words, "--store", store, "--format", "json").error
    assert error["error"] == "usage" and error["hint"]


@pytest.mark.parametrize("command", ["measure", "report", "store info", "store verify",
                                     "store versions", "store prune", "store restore 1",
                                     "store migrate"])  # fmt: skip
def test_no_store(tmp_path: Path, command: str) -> None:
    note = tmp_path / "note.txt"
    note.write_text("x")
    for place in (tmp_path / "nowhere", note, tmp_path):
        assert "record store" in refused(5, *command.split(), "--store", place).err
    assert [p.name for p in tmp_path.iterdir()] == ["note.txt"]


def test_every_store_command_speaks_json(tmp_path: Path) -> None:
    path = tmp_path / "store"
    for rows in (40, 44):
        hamlets("load", appointments(tmp_path / "extract", rows), "--store", path)

    def ask(*words: object) -> Any:
        ran = hamlets("store", *words, "--store", path, "--format", "json")
        assert (ran.code, ran.err) == (0, "")
        return ran.json

    wanted = {
        "store_id", "version", "content_id", "format_version", "identifiable",
        "tables", "first_day", "last_day",
    }  # fmt: skip
    assert wanted <= set(ask("info"))
    assert [v["version"] for v in ask("versions")] == [1, 2]
    assert ask("verify")["sound"] is True
    assert ask("restore", 1)["version"] == 3
    assert ask("prune", "--keep", 1)["removed_versions"] == [1, 2]
    assert ask("migrate")["changed"] is False
    for words in ("info", "versions", "verify", "prune", "migrate"):
        ran = hamlets("store", words, "--store", path)
        assert ran.code == 0 and ran.out.strip()


def test_help_teaches() -> None:
    for words in ((), ("--help",), ("store",), ("store", "--help")):
        ran = hamlets(*words)
        assert (ran.code, ran.err) == (0, "") and "Usage: hamlets" in ran.out
        assert all(len(line) <= 80 for line in ran.out.splitlines())
        assert "..." not in ran.out.split("Commands:")[1]
    said = hamlets("measure", "--help").out
    known = set(re.findall(r"[\w-]+", said))
    assert set(MEASURES) | set(GROUPS) | set(PRESETS) <= known | {"waterfall"}
    assert all(len(line) <= 80 for line in said.splitlines())


def test_no_value_is_null_and_says_why(store: Path, tmp_path: Path) -> None:
    words = ("measure", "--store", store, "--min-contacts", 999)
    rows = [r for r in hamlets(*words, "--format", "json").json if r["measure"] in ("upc", "coc")]
    for row in rows:
        assert [row[n] for n in ("value", "lower", "upper", "chance", "corrected")] == [None] * 5
        assert row["n_patients"] == 0 and row["reason"]
    assert len(rows) == 2
    cells = {
        r["measure"]: r for r in csv.DictReader(io.StringIO(hamlets(*words, "--format", "csv").out))
    }
    for name in ("value", "lower", "upper", "chance", "corrected"):
        assert cells["upc"][name] == ""
    assert cells["upc"]["reason"] == rows[0]["reason"]
    (line,) = (x for x in hamlets(*words).out.splitlines() if x.startswith("upc"))
    assert " - " in line and rows[0]["reason"] in line and "nan" not in line.lower()
    for suffix in ("json", "csv"):
        out = tmp_path / f"result.{suffix}"
        assert hamlets(*words, "--output", out).out == ""
        assert "NaN" not in out.read_text() and "nan" not in out.read_text()


def test_results_in_full(store: Path, tmp_path: Path) -> None:
    words = ("measure", "--store", store, "--measures", "upc,slicc", "--by", "list")
    rows = hamlets(*words, "--format", "json").json
    cells = list(csv.DictReader(io.StringIO(hamlets(*words, "--format", "csv").out)))
    assert [float(c["value"]) for c in cells] == [r["value"] for r in rows]
    assert all(math.isfinite(r["value"]) for r in rows)
    assert list(rows[0])[:4] == ["measure", "level", "list", "value"]
    hamlets(*words, "--output", tmp_path / "out.json")
    assert json.loads((tmp_path / "out.json").read_text()) == rows
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]


def test_hostile_ids_neither_run_nor_steer(tmp_path: Path) -> None:
    folder = tmp_path / "extract"
    folder.mkdir()
    with (folder / "appointments.csv").open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["patient_id", "staff_id", "practice_id", "start_time", "status", "mode"])
        for i in range(60):
            who = HOSTILE[i % len(HOSTILE)]
            day = f"2024-0{1 + i // 28}-{1 + i % 28:02}"
            writer.writerow([f"p{i % 9}", "s1", who, day, "attended", "\x1b[2Jpigeon"])
    store = tmp_path / "store"
    loaded = hamlets("load", folder, "--store", store)
    words = ("measure", "--store", store, "--measures", "clinicians", "--by", "practice")
    shown = hamlets(*words)
    for text in (loaded.out, loaded.err, shown.out, shown.err):
        assert not set(text) & {"\x1b", "\x9b", "\u202e", "\r", "\x07"}
    assert loaded.code == 0 and "pigeon" in loaded.out
    assert "[red]bold[/red]" in shown.out or "[red]bold[/red]" not in str(
        hamlets(*words, "--format", "json").json
    )
    cells = [
        r["practice"] for r in csv.DictReader(io.StringIO(hamlets(*words, "--format", "csv").out))
    ]
    assert cells and not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    refused(
        8, "report", "--store", store, "--practice", "\x1b[31mred!", "--output", tmp_path / "x.html"
    )
    assert "\x1b" not in refused(2, "measure", "--store", store, "--from", "\x1b[2J").err


def test_stages_are_said_once(tmp_path: Path) -> None:
    ran = hamlets("load", appointments(tmp_path / "extract"), "--store", tmp_path / "store")
    stages = [line for line in ran.err.splitlines() if line.endswith("...")]
    assert stages[0] == "Reading ..." and len(set(stages)) == len(stages) >= 3


def test_an_empty_cache_is_said_once(store: Path, tmp_path: Path) -> None:
    """The note comes before the kernel: a question that fails right after it shows that."""
    words = ("measure", "--store", store, "--measures", "luck")
    empty, full = tmp_path / "empty", tmp_path / "full"
    empty.mkdir()
    full.mkdir()
    (full / "kernel.nbi").write_text("")

    def said(cache: Path) -> str:
        return program.hamlets(*words, env=environment(NUMBA_CACHE_DIR=str(cache))).err

    assert "first run only" in said(empty)
    assert "first run" not in said(full)
