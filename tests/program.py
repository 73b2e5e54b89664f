"""The program as a person runs it, in a process of its own."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.resilience.disturbed import context

PROGRAM = Path(sys.executable).parent / "hamlets"
FIXTURES = Path(__file__).parent / "fixtures"
HEADER = "patient_id,staff_id,practice_id,start_time,appointment_id,status"


@dataclass(frozen=True)
class Ran:
    """What a run of the program left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return what it printed for programs."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """Return the one JSON object on standard error."""
        (line,) = self.err.splitlines()
        found = json.loads(line)
        assert list(found) == ["error", "message", "where", "hint", "exit_code"]
        assert found["exit_code"] == self.code
        return found


def environment(**changes: str) -> dict[str, str]:
    """Return this process's environment with changes."""
    return {**os.environ, **changes}


def hamlets(
    *arguments: object, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Ran:
    """Run the program; whatever happens, nobody may see a traceback.

    The process is forked from one that has imported everything, which saves seconds.
    """
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        words = [str(a) for a in arguments]
        process = context().Process(
            target=_run, args=(words, out, err, dict(env or os.environ), cwd or Path.cwd())
        )
        process.start()
        process.join(timeout=120)
        assert process.exitcode is not None, arguments
        ran = Ran(process.exitcode, out.read_text(), err.read_text())
    assert "Traceback" not in ran.err + ran.out
    assert "defect" not in ran.err, ran.err
    return ran


def _run(words: list[str], out: Path, err: Path, env: dict[str, str], cwd: Path) -> None:
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), encoding="utf-8", write_through=True)
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w"), encoding="utf-8", write_through=True)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    # The machine stays up, so what a process has written is there after its end.
    os.fsync = lambda _handle: None
    sys.argv = ["hamlets", *words]
    from hamlets.cli import main

    code = main()
    sys.stdout.flush()
    os._exit(code)


def refused(code: int, *arguments: object, **how: Any) -> Ran:
    """Run the program, which must end with this code and a sentence, and print no result."""
    ran = hamlets(*arguments, **how)
    assert (ran.code, ran.out) == (code, ""), ran
    assert "hamlets: " in ran.err or '"exit_code"' in ran.err
    return ran


def appointments(folder: Path, rows: int = 40, header: str = HEADER) -> Path:
    """Write a folder with one table of appointments: ten patients, two clinicians."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [header]
    lines += [
        f"p{i % 10},s{(i // 10 + i) % 2},G00001,"
        f"2024-0{1 + i // 28}-{1 + i % 28:02}T09:00,a{i},attended"
        for i in range(rows)
    ]
    (folder / "appointments.csv").write_text("\n".join(lines) + "\n")
    return folder
