"""Loading, measuring and reporting open no network connection."""

from __future__ import annotations

import json
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

# The commands one after another, as the program runs each, up to one that does not succeed.
PROGRAM = """
import json, sys
from hamlets.cli import app
from hamlets.cli.failures import run

for words in json.loads(sys.argv[1]):
    code = run(app, words)
    if code:
        sys.exit(code)
"""


@pytest.fixture
def watched(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH)
    return {**os.environ, "PYTHONPATH": str(tmp_path / "watch"), "PYTHONWARNINGS": "error"}


def test_the_watch_sees_a_connection(watched: dict[str, str]) -> None:
    code = "import socket; socket.socket().connect(('127.0.0.1', 9))"
    result = subprocess.run(
        [sys.executable, "-c", code], env=watched, capture_output=True, text=True
    )
    assert result.returncode == 77
    assert "network" in result.stderr


def test_no_command_reaches_a_network(watched: dict[str, str], tmp_path: Path) -> None:
    commands = [
        ["load", str(FIXTURE), "--store", "store"],
        ["measure", "--store", "store", "--output", "continuity.csv"],
        ["report", "--store", "store", "--output", "report.html"],
        ["store", "verify", "--store", "store"],
    ]
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(commands)],
        cwd=tmp_path,
        env=watched,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    assert result.returncode == 0, f"{result.stdout}{result.stderr}"
    assert (tmp_path / "report.html").stat().st_size > 0
