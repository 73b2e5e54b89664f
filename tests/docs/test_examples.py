"""Every fenced example of the README and of docs/ is carried out.

A page is one test: its blocks run from top to bottom in one temporary folder,
with ``hamlets`` on the path. What a block does follows from its language:

- ``bash``: run, and must succeed;
- ``console``: each line that begins with ``$ `` is run and the lines below it
  must be what it prints, where ``...`` stands for anything;
- ``python``: run as a program;
- any other: shown only, or written to a file when the line above the fence is
  ``<!-- file: NAME -->``.

``<!-- before: COMMANDS -->`` runs commands that the reader has done already, and
``<!-- fails: N -->`` above a fence says that its last command ends with exit code N.
``$REPOSITORY`` is the folder of the project.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

STEP = re.compile(
    r"<!-- before: (?P<before>.*?) -->"
    r"|(?:^<!-- file: (?P<file>\S+) -->\n+)?"
    r"(?:^<!-- fails: (?P<fails>\d+) -->\n+)?"
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<body>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)

MAKE_SHIM = """#!/bin/sh
# The examples run `make demo` for real, of a smaller borough; longer targets are rehearsed.
case "$1" in
    demo) exec "{make}" -s -o .venv/.installed -C "{root}" BIN="{bin}" DEMO="$PWD/demo" \\
        DEMO_PRACTICES=2 DEMO_PATIENTS=5000 DEMO_MONTHS=18 demo ;;
    *) exec "{make}" -s -n -C "{root}" "$@" >/dev/null ;;
esac
"""


@dataclass(frozen=True)
class Step:
    """One thing that a page asks its reader to do."""

    language: str
    body: str
    line: int
    file: str | None = None
    exit_code: int = 0


def steps(page: Path) -> Iterator[Step]:
    text = page.read_text(encoding="utf-8")
    for match in STEP.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if match["before"]:
            yield Step("bash", match["before"], line)
            continue
        body = re.sub(rf"^{match['indent']}", "", match["body"], flags=re.MULTILINE)
        yield Step(match["language"], body, line, match["file"], int(match["fails"] or 0))


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def runs_something(page: Path) -> bool:
    return any(step.language in {"bash", "console", "python"} for step in steps(page))


@pytest.fixture
def reader(tmp_path: Path) -> dict[str, str]:
    """The environment of a reader who has installed Hamlets and nothing else."""
    tools = tmp_path / ".tools"
    tools.mkdir()
    make = shutil.which("make")
    if make:
        (tools / "make").write_text(MAKE_SHIM.format(make=make, root=ROOT, bin=BIN))
        (tools / "make").chmod(0o755)
    return {
        **{
            name: value
            for name, value in os.environ.items()
            # The cache of compiled code may stay: making it anew takes a minute.
            if name == "HAMLETS_CACHE_DIR" or not name.startswith(("HAMLETS_", "MAKE"))
        },
        "PATH": os.pathsep.join([str(tools), str(BIN), os.environ["PATH"]]),
        "HAMLETS_KEY_FILE": str(tmp_path / ".account" / "pseudonym.key"),
        "HAMLETS_LOG_FILE": str(tmp_path / ".account" / "hamlets.log"),
        "REPOSITORY": str(ROOT),
        "COLUMNS": "100",
        "PYTHONWARNINGS": "error",
        "NO_COLOR": "1",
    }


def commands(body: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a console block with the output it promises."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        while command.endswith("\\"):
            more, _, output = output.partition("\n")
            command = command[:-1] + more.removeprefix("> ")
        yield command, output


def pattern(promised: str) -> re.Pattern[str]:
    """Return what printed text must match; runs of blanks count as one."""
    words = [r"[\s\S]*?" if word == "..." else re.escape(word) for word in promised.strip().split()]
    return re.compile(r"\s*" + r"\s*".join(words) + r"\s*")


def run(arguments: list[str], step: Step, where: str, folder: Path, env: dict[str, str]) -> str:
    result = subprocess.run(
        arguments, cwd=folder, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )
    assert result.returncode == step.exit_code, (
        f"{where}: exit code {result.returncode}\n{result.stdout}\n{result.stderr}"
    )
    return result.stdout + result.stderr


def carry_out(step: Step, page: Path, folder: Path, env: dict[str, str]) -> None:
    where = f"{name_of(page)}:{step.line}"
    if step.file is not None:
        target = folder / step.file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(step.body, encoding="utf-8")
    elif step.language == "bash":
        run(["bash", "-euo", "pipefail", "-c", step.body], step, where, folder, env)
    elif step.language == "python":
        run([sys.executable, "-c", step.body], step, where, folder, env)
    elif step.language == "console":
        for command, promised in commands(step.body):
            printed = run(["bash", "-c", command], step, f"{where}: {command}", folder, env)
            if promised.strip():
                assert pattern(promised).fullmatch(printed), (
                    f"{where}: {command}\npromised:\n{promised}\nprinted:\n{printed}"
                )


@pytest.mark.parametrize("page", [p for p in PAGES if runs_something(p)], ids=name_of)
def test_examples_of_a_page(page: Path, tmp_path: Path, reader: dict[str, str]) -> None:
    for step in steps(page):
        carry_out(step, page, tmp_path, reader)


def test_the_readme_and_the_tutorials_have_examples() -> None:
    with_examples = {name_of(p) for p in PAGES if runs_something(p)}
    assert {"README.md", "docs/tutorial/first-steps.md", "docs/tutorial/your-own-extract.md"} <= (
        with_examples
    )


def test_a_wrong_promise_fails(tmp_path: Path, reader: dict[str, str]) -> None:
    page = ROOT / "README.md"
    carry_out(Step("console", "$ echo one\none\n", 1), page, tmp_path, reader)
    carry_out(Step("console", "$ printf 'a\\nb\\nc\\n'\na\n...\nc\n", 1), page, tmp_path, reader)
    with pytest.raises(AssertionError, match="promised"):
        carry_out(Step("console", "$ echo one\ntwo\n", 1), page, tmp_path, reader)
    with pytest.raises(AssertionError, match="exit code 3"):
        carry_out(Step("bash", "exit 3\n", 1), page, tmp_path, reader)
    carry_out(Step("bash", "exit 3\n", 1, exit_code=3), page, tmp_path, reader)
