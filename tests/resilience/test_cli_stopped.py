"""The program stopped, crowded out, or with its output closed: nothing is lost or half done."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from hamlets.records.store.layout import Layout
from hamlets.records.store.locks import writer_lock
from tests.program import PROGRAM, appointments, hamlets, refused


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stopped")
    appointments(folder / "extract", 56)
    assert hamlets("load", folder / "extract", "--store", folder / "store").code == 0
    return folder / "store"


@contextmanager
def begun(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [PROGRAM, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1,
        # What a shell starts in the background ignores Ctrl-C, and so do its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("form", ["text", "json"])
def test_interrupted_while_reading(tmp_path: Path, form: str) -> None:
    """The source takes seconds to read, so the load is in its middle when Ctrl-C comes."""
    target = tmp_path / "store"
    assert hamlets("load", appointments(tmp_path / "one"), "--store", target).code == 0
    before = hamlets("store", "info", "--store", target, "--format", "json").json
    big = appointments(tmp_path / "two")
    lines = (f"q{i % 9999},s1,G1,2024-01-05T09:00,b{i},attended\n" for i in range(300_000))
    with (big / "appointments.csv").open("a") as stream:
        stream.writelines(lines)
    with begun("load", big, "--store", target, "--format", form) as process:
        deadline = time.monotonic() + 60
        while not (target / "tmp").exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, ""), err
    assert "Traceback" not in err
    if form == "json":
        assert json.loads(err)["error"] == "interrupted"
    else:
        assert "Stopped before it was done" in err
    assert hamlets("store", "info", "--store", target, "--format", "json").json == before
    assert hamlets("store", "verify", "--store", target).code == 0
    # what an interruption at its very start may leave, the next load clears away
    assert hamlets("load", appointments(tmp_path / "one", 44), "--store", target).code == 0
    assert not (target / "tmp").exists()


def test_a_second_load_says_who_or_waits(tmp_path: Path) -> None:
    target, source = tmp_path / "store", appointments(tmp_path / "one")
    assert hamlets("load", source, "--store", target).code == 0
    appointments(source, 44)
    with writer_lock(Layout(target), 0):
        held = json.loads((target / "lock").read_text())
        ran = refused(5, "load", source, "--store", target, "--wait", 0, "--format", "json")
        assert ran.error["error"] == "store_busy"
        assert held["who"] in ran.error["message"] and held["since"] in ran.error["message"]
        process = subprocess.Popen(
            [PROGRAM, "load", source, "--store", target, "--wait", "60"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert process.stderr is not None
        assert process.stderr.readline().startswith("Waiting: another load")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "Version 2 is ready" in out


def test_whoever_reads_the_output_may_stop(store: Path) -> None:
    for words in (
        ("measure", "--by", "patient"),
        ("measure", "--format", "csv"),
        ("store", "info"),
    ):
        here = () if words == ("--help",) else ("--store", store)
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run(
            [PROGRAM, *words, *here],
            stdout=writer, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
        os.close(writer)
        assert (done.returncode, done.stderr.count("Exception"), done.stderr.count("Error")) == (
            0, 0, 0,
        ), done.stderr  # fmt: skip


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("form", ["table", "csv", "json"])
def test_no_room_for_the_output(store: Path, form: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [PROGRAM, "measure", "--store", store, "--measures", "upc", "--format", form],
            stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 2 and "no space left" in done.stderr
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr


def on_a_terminal(columns: int, *arguments: object) -> str:
    """Return all that the program shows on a terminal of so many columns."""
    parent, child = pty.openpty()
    fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    env = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "NO_COLOR")}
    process = subprocess.Popen(
        [PROGRAM, *map(str, arguments)],
        stdin=child, stdout=child, stderr=child, env={**env, "TERM": "xterm"},
    )  # fmt: skip
    os.close(child)
    shown = b""
    with suppress(OSError):
        while part := os.read(parent, 65536):
            shown += part
    os.close(parent)
    assert process.wait(timeout=60) == 0, shown
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown.decode())


@pytest.mark.parametrize("columns", [80, 160])
def test_a_terminal_never_cuts_a_number(store: Path, columns: int) -> None:
    shown = on_a_terminal(columns, "measure", "--store", store, "--measures", "upc,coc")
    assert "…" not in shown
    (row,) = (line for line in shown.splitlines() if line.startswith("upc "))
    exact = hamlets("measure", "--store", store, "--measures", "upc", "--format", "json").json[0]
    assert f" {exact['value']:.3f} " in row
    assert f" {exact['lower']:.3f} to {exact['upper']:.3f} " in row
    assert ("Seen by the GP they see most" in row) == (columns == 160)
    # progress may fill a line; what stays may not
    assert all(len(line) <= columns for line in shown.split("\r")[-1].splitlines())
