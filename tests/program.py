"""The program as a person runs it: in a process of its own, from the outside."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    """Run the program; whatever happens, nobody may see a traceback."""
    done = subprocess.run(
        [PROGRAM, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=None if env is None else dict(env),
        cwd=cwd,
    )
    assert "Traceback" not in done.stderr + done.stdout
    assert "defect" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


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
        f"p{i % 10},s{(i // 10 + i) % 2},G00001,2024-0{1 + i // 28}-{1 + i % 28:02}T09:00,a{i},attended"
        for i in range(rows)
    ]
    (folder / "appointments.csv").write_text("\n".join(lines) + "\n")
    return folder
