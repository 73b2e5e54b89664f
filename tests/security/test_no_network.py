"""Loading, measuring and reporting open no network connection."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

FIXTURE = Path(__file__).parents[1] / "fixtures" / "fhir-small"

# Python imports this module by itself at its start. Any try to reach a network
# ends the process with a code that no command uses.
WATCH = """
import os, sys

def watch(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto"}:
        address = arguments[-1]
        if not isinstance(address, (str, bytes)):
            sys.stderr.write(f"network: {event} {address}")
            os._exit(77)

sys.addaudithook(watch)
"""

PROGRAM = "import sys; from hamlets.cli import main; sys.exit(main())"


@pytest.fixture
def watched(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH)
    return {**os.environ, "PYTHONPATH": str(tmp_path / "watch")}


def hamlets(env: dict[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def test_the_watch_sees_a_connection(watched: dict[str, str]) -> None:
    code = "import socket; socket.socket().connect(('127.0.0.1', 9))"
    result = subprocess.run(
        [sys.executable, "-c", code], env=watched, capture_output=True, text=True
    )
    assert result.returncode == 77
    assert "network" in result.stderr


def test_no_command_reaches_a_network(watched: dict[str, str], tmp_path: Path) -> None:
    for arguments in (
        ["load", str(FIXTURE), "--store", "store"],
        ["measure", "--store", "store", "--output", "continuity.csv"],
        ["report", "--store", "store", "--output", "report.html"],
        ["store", "verify", "--store", "store"],
    ):
        result = hamlets(watched, tmp_path, *arguments)
        assert result.returncode == 0, f"{arguments}: {result.stdout}{result.stderr}"
    assert (tmp_path / "report.html").stat().st_size > 0
