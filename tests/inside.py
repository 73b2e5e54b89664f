"""The program run inside the process of the tests: quicker than one of its own."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout

from hamlets.cli import app
from hamlets.cli.failures import run
from tests.program import Ran


def hamlets(*arguments: object) -> Ran:
    """Run the program; whatever happens, nobody may see a traceback or a defect."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = run(app, [str(each) for each in arguments])
    texts: list[str] = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())  # type: ignore[attr-defined]
    ran = Ran(code, *texts)
    assert "Traceback" not in ran.err + ran.out
    assert "defect" not in ran.err, ran.err
    return ran


def refused(code: int, *arguments: object) -> Ran:
    """Run the program, which must end with this code and a sentence, and print no result."""
    ran = hamlets(*arguments)
    assert (ran.code, ran.out) == (code, ""), ran
    assert "hamlets: " in ran.err or '"exit_code"' in ran.err
    return ran
