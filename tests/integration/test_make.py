"""The commands of the project that a newcomer meets first."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAKE = shutil.which("make")
needs_make = pytest.mark.skipif(MAKE is None, reason="make is not on this machine")


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert MAKE is not None
    return subprocess.run(
        [MAKE, "--no-print-directory", "-C", str(ROOT), *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        # The flags of a make that runs these tests are not for this one.
        env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")},
    )


@needs_make
def test_make_alone_lists_the_commands() -> None:
    result = make()
    assert result.returncode == 0, result.stderr
    listed = set(re.findall(r"make (\w+)", result.stdout))
    assert {"setup", "demo", "test", "check", "bench", "lock", "help"} <= listed


@needs_make
def test_an_old_python_is_refused_with_a_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    result = make("setup", "--always-make", f"PYTHON={old}", f"VENV={tmp_path / 'venv'}")
    assert result.returncode != 0
    assert "3.11 or newer" in result.stderr
    assert "3.9.2" in result.stderr
    assert not (tmp_path / "venv").exists()


@needs_make
def test_without_python_there_is_a_sentence_too(tmp_path: Path) -> None:
    result = make("setup", "--always-make", "PYTHON=no-such-python", f"VENV={tmp_path / 'venv'}")
    assert result.returncode != 0
    assert "no 'no-such-python' here" in result.stderr


@needs_make
def test_setup_does_nothing_when_nothing_changed(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    venv.mkdir()
    (venv / ".installed").touch()
    result = make("setup", f"VENV={venv}")
    assert result.returncode == 0, result.stderr
    assert [p.name for p in venv.iterdir()] == [".installed"]


def test_ci_is_a_sound_script_that_checks_then_tests() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    text = script.read_text(encoding="utf-8")
    assert "set -euo pipefail" in text
    assert text.index("make check") < text.index("make test")
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not on this machine")
    assert subprocess.run([bash, "-n", str(script)], check=False).returncode == 0
