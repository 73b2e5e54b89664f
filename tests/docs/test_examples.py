"""Every fenced example of the README and of docs/ is carried out.

A page is one test: its blocks run from top to bottom in one temporary folder,
with ``hamlets`` on the path: a script that hands over to this process (`shell`). What a
block does follows from its language:

- ``bash``: run, and must succeed;
- ``console``: each line that begins with ``$ `` is run and the lines below it
  must be what it prints, where ``...`` stands for anything;
- ``python``: run as a program;
- any other: shown only, or written to a file when the line above the fence is
  ``<!-- file: NAME -->``.

``<!-- before: COMMANDS -->`` runs commands that the reader has done already (those at the top of
several pages once for all of them), and ``<!-- fails: N -->`` above a fence says that its last
command ends with exit code N.
``<!-- like: -->`` above a console block says that it shows another, larger store than the
one that the test has made: figures, dates and staff may differ, the words may not.
``<!-- quick: OPTIONS -->`` above a fence adds options to its calls of ``hamlets``, for tests only:
they leave out what takes seconds and is looked at elsewhere.
``$REPOSITORY`` is the folder of the project.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from tests.docs.shell import MORE_OPTIONS, Finished, put_program, run_script

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])

STEP = re.compile(
    r"<!-- before: (?P<before>.*?) -->"
    r"|(?:^<!-- file: (?P<file>\S+) -->\n+)?"
    r"(?:^<!-- fails: (?P<fails>\d+) -->\n+)?"
    r"(?:^<!-- quick: (?P<quick>.*?) -->\n+)?"
    r"(?P<like>^<!-- like: -->\n+)?"
    r"^(?P<indent> *)```(?P<language>\w*)\n(?P<body>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)

MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
OF_THE_STORE = re.compile(
    rf"(?P<staff>Example\\-\w+)|(?P<month>\b(?:{MONTHS})\b)|(?P<figure>\d(?:[\d,]|\\?\.\d)*)"
)
"""What differs from store to store, in text whose special characters are escaped."""
ANY_OF_ITS_KIND = {"staff": r"Example-\w+", "month": f"(?:{MONTHS})", "figure": r"\d[\d,.]*"}

MAKE_SHIM = """#!/bin/sh
# The examples run `make demo` for real, of a smaller borough and without the site at its end,
# which has tests of its own; longer targets are rehearsed.
case "$1" in
    demo) exec "{make}" -s -o .venv/.installed -C "{root}" BIN="{bin}" DEMO="$PWD/demo" \\
        DEMO_PRACTICES=2 DEMO_PATIENTS=5000 DEMO_MONTHS=18 demo-figures ;;
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
    like: bool = False
    quick: str = ""
    before: bool = False


def steps(page: Path) -> Iterator[Step]:
    text = page.read_text(encoding="utf-8")
    for match in STEP.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        if match["before"]:
            yield Step("bash", match["before"], line, before=True)
            continue
        body = re.sub(rf"^{match['indent']}", "", match["body"], flags=re.MULTILINE)
        code, like = int(match["fails"] or 0), match["like"] is not None
        quick = match["quick"] or ""
        yield Step(match["language"], body, line, match["file"], code, like, quick)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def runs_something(page: Path) -> bool:
    return any(step.language in {"bash", "console", "python"} for step in steps(page))


@pytest.fixture
def reader(tmp_path: Path, page: Path) -> dict[str, str]:
    """The environment of a reader who has installed Hamlets and nothing else."""
    tools = tmp_path / ".tools"
    tools.mkdir()
    put_program(tools)
    make = shutil.which("make")
    if make:
        (tools / "make").write_text(MAKE_SHIM.format(make=make, root=ROOT, bin=tools))
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


def pattern(promised: str, *, like: bool = False) -> re.Pattern[str]:
    """Return what printed text must match; runs of blanks count as one.

    ``...`` stands for anything, between words for anything of that line: so many of them
    cannot keep the search busy for hours. ``like``: figures, months and invented staff are
    any such.
    """
    words: list[str] = []
    for line in promised.strip().splitlines():
        found = line.split()
        last = len(found) - 1
        words += [
            "[^\\n]*?" if word == "..." and place < last else _word(word, like)
            for place, word in enumerate(found)
        ]
    return re.compile(r"\s*+" + r"\s*+".join(words) + r"\s*")


def _word(word: str, like: bool) -> str:
    if word == "...":
        return r"[\s\S]*?"
    text = re.escape(word)
    return (
        OF_THE_STORE.sub(lambda found: ANY_OF_ITS_KIND[found.lastgroup or ""], text)
        if like
        else text
    )


def run(script: str, step: Step, where: str, folder: Path, env: dict[str, str]) -> str:
    tools = folder / ".tools"
    if (tools / "calls").exists():
        result = run_script(tools, script, folder, {**env, MORE_OPTIONS: step.quick})
    else:
        found = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=folder, env=env, capture_output=True, text=True, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        result = Finished(found.returncode, found.stdout, found.stderr)
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
        run(step.body, step, where, folder, env)
    elif step.language == "python":
        run(f"{shlex.quote(sys.executable)} -c {shlex.quote(step.body)}", step, where, folder, env)
    elif step.language == "console":
        for command, promised in commands(step.body):
            printed = run(command, step, f"{where}: {command}", folder, env)
            if promised.strip():
                assert pattern(promised, like=step.like).fullmatch(printed), (
                    f"{where}: {command}\npromised:\n{promised}\nprinted:\n{printed}"
                )


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of all processes of a run that keeps what pages begin with."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "examples-prepared"
    folder.mkdir(exist_ok=True)
    return folder


def prepare(
    begun: Sequence[Step], page: Path, folder: Path, env: dict[str, str], prepared: Path
) -> None:
    """Bring the empty folder of a page to where its first steps lead; the first page does them."""
    if not begun:
        return
    words = "\n".join(step.body for step in begun)
    kept = prepared / hashlib.sha256(words.encode()).hexdigest()[:16]
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if kept.exists():
            shutil.copytree(kept, folder, dirs_exist_ok=True)
            return
        prepare(begun[:-1], page, folder, env, prepared)
        carry_out(begun[-1], page, folder, env)
        part = kept.with_suffix(".part")
        shutil.copytree(folder, part, ignore=shutil.ignore_patterns(".tools"))
        part.rename(kept)


@pytest.mark.parametrize("page", [p for p in PAGES if runs_something(p)], ids=name_of)
def test_examples_of_a_page(
    page: Path, tmp_path: Path, reader: dict[str, str], prepared: Path
) -> None:
    asked = list(steps(page))
    begun = list(takewhile(lambda step: step.before, asked))
    prepare(begun, page, tmp_path, reader, prepared)
    for step in asked[len(begun) :]:
        carry_out(step, page, tmp_path, reader)


def test_the_readme_and_the_tutorials_have_examples() -> None:
    with_examples = {name_of(p) for p in PAGES if runs_something(p)}
    assert {"README.md", "docs/tutorial/first-steps.md", "docs/tutorial/your-own-extract.md"} <= (
        with_examples
    )


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs" / "index.md"], ids=name_of)
def test_a_wrong_promise_fails(page: Path, tmp_path: Path, reader: dict[str, str]) -> None:
    def console(text: str, **how: Any) -> None:
        carry_out(Step("console", text, 1, **how), page, tmp_path, reader)

    console("$ echo one\none\n")
    console("$ printf 'a\\nb\\nc\\n'\na\n...\nc\n")
    console("$ hamlets teams list --store nowhere | cat\n... no record store ...\n", exit_code=5)
    console("$ cd /; echo $(HAMLETS_STORE=there hamlets teams list 2>&1)\n... there: ...\n")
    with pytest.raises(AssertionError, match="promised"):
        console("$ echo one\ntwo\n")
    with pytest.raises(AssertionError, match="exit code 3"):
        carry_out(Step("bash", "exit 3\n", 1), page, tmp_path, reader)
    carry_out(Step("bash", "exit 3\n", 1, exit_code=3), page, tmp_path, reader)


def test_a_block_about_another_store_promises_its_words() -> None:
    shown = "Dr Example-Dune leaves on 1 May 2031. 1,310 patients: 85.2%"
    promise = pattern(shown, like=True)
    assert promise.fullmatch("Dr Example-Ash leaves on 31 June 2026. 94 patients: 7%")
    assert not promise.fullmatch("Dr Example-Ash leaves on 31 June 2026. 94 people: 7%")
    assert not promise.fullmatch("Dr Example-Ash leaves on 31 June 2026. no patients: 7%")
    assert not pattern(shown).fullmatch("Dr Example-Ash leaves on 31 June 2026. 94 patients: 7%")
