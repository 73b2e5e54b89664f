"""A shell in which ``hamlets`` is carried out by the process of the tests.

A page may call the program ten times, and a process of its own spends most of its seconds on
importing. Here ``hamlets`` is a script that leaves its arguments, folder and environment in a
folder and waits for an answer; whoever started the shell gives it.
"""

from __future__ import annotations

import os
import select
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.inside import hamlets

MORE_OPTIONS = "HAMLETS_EXAMPLE_OPTIONS"
"""Variable with options that each call gets besides its own."""

CALL = """#!/bin/sh
call=$(mktemp -d "{calls}/XXXXXX") || exit 1
mkfifo "$call/code" || exit 1
pwd > "$call/folder"
env -0 > "$call/environment"
printf '%s\\0' "$@" $HAMLETS_EXAMPLE_OPTIONS > "$call/arguments"
echo "$call" > "{calls}/waiting"
read -r code < "$call/code"
cat "$call/out"
cat "$call/err" >&2
exit "$code"
"""


@dataclass(frozen=True)
class Finished:
    """What a script printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


def put_program(tools: Path) -> None:
    """Put the script ``hamlets`` into a folder, with a folder for its calls beside it."""
    calls = tools / "calls"
    calls.mkdir()
    os.mkfifo(calls / "waiting")
    (tools / "hamlets").write_text(CALL.format(calls=calls))
    (tools / "hamlets").chmod(0o755)


def run_script(tools: Path, script: str, folder: Path, env: Mapping[str, str]) -> Finished:
    """Run a script of bash; answer its calls of ``hamlets`` until it ends."""
    out, err = tools / "out", tools / "err"
    waiting = os.open(tools / "calls" / "waiting", os.O_RDWR)
    try:
        with (
            out.open("w") as printed,
            err.open("w") as said,
            subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=folder, env=dict(env), stdin=subprocess.DEVNULL, stdout=printed, stderr=said,
            ) as shell,
        ):  # fmt: skip
            while shell.poll() is None:
                if select.select([waiting], [], [], 0.02)[0]:
                    for call in os.read(waiting, 65536).decode().split():
                        _answer(Path(call))
    finally:
        os.close(waiting)
    return Finished(shell.returncode, out.read_text(), err.read_text())


def _answer(call: Path) -> None:
    """Carry out what one call of the script asks for."""
    environment = (call / "environment").read_bytes().decode().split("\0")
    arguments = (call / "arguments").read_bytes().decode().split("\0")[:-1]
    given = dict(line.split("=", 1) for line in environment if line)
    with _standing_in((call / "folder").read_text().removesuffix("\n"), given):
        ran = hamlets(*arguments)
    (call / "out").write_text(ran.out)
    (call / "err").write_text(ran.err)
    (call / "code").write_text(f"{ran.code}\n")


@contextmanager
def _standing_in(folder: str, env: Mapping[str, str]) -> Generator[None]:
    """Stand in a folder with an environment, for a while."""
    before, there = dict(os.environ), Path.cwd()
    try:
        os.environ.clear()
        os.environ.update(env)
        os.chdir(folder)
        yield
    finally:
        os.chdir(there)
        os.environ.clear()
        os.environ.update(before)
