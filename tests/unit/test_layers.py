"""The contracts between rooms bite, also for rooms that are not built yet."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = (
    "cli",
    "web",
    "publish",
    "booking",
    "networks",
    "improvement",
    "teams",
    "continuity",
    "records",
    "optimise",
    "disclosure",
)
ALLOWED = {
    "cli": ("import rich", "import hamlets.publish"),
    "web": ("import django", "import hamlets.booking", "import hamlets.publish"),
    "publish": (
        "import jinja2",
        "import altair",
        "import hamlets.disclosure",
        "import hamlets.continuity.results",
        "import hamlets.teams.results",
    ),
    "booking": ("import hamlets.teams", "import hamlets.optimise", "import hamlets.records"),
    "networks": ("import hamlets.continuity", "import hamlets.optimise"),
    "improvement": ("import hamlets.records", "import hamlets.continuity"),
    "teams": ("import hamlets.continuity", "import hamlets.optimise", "import hamlets.logs"),
    "continuity": ("import hamlets.records", "import hamlets.settings", "import numba"),
    "records": ("import hamlets.errors", "import pyarrow"),
    "optimise": ("import hamlets.errors", "import scipy"),
    "disclosure": (),
}
FORBIDDEN = [
    ("cli", "import hamlets.web.commands"),  # the program itself does, and no other module
    ("cli", "import hamlets.web.results"),
    ("records", "import hamlets.continuity"),
    ("records", "import hamlets.optimise"),
    ("records", "import rich"),
    ("continuity", "import hamlets.publish"),
    ("continuity", "import hamlets.optimise"),
    ("continuity", "import hamlets.disclosure"),
    ("continuity", "import altair"),
    ("teams", "import hamlets.booking"),
    ("teams", "import django"),
    ("networks", "import hamlets.teams"),
    ("improvement", "import hamlets.networks"),
    ("publish", "import hamlets.continuity"),
    ("publish", "import hamlets.networks.payment"),
    ("optimise", "import hamlets.records"),
    ("disclosure", "import hamlets.records"),
    ("settings", "import hamlets.records"),
    ("errors", "import hamlets.settings"),
    ("surprise", "import json"),
]


def make_package(folder: Path) -> Path:
    """Write a package with every room of the drawing and only allowed imports."""
    package = folder / "hamlets"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    for module in ("errors", "settings", "logs"):
        (package / f"{module}.py").write_text("")
    for room in ROOMS:
        (package / room).mkdir()
        (package / room / "__init__.py").write_text("")
        (package / room / "results.py").write_text("import hamlets.errors\n")
        (package / room / "inside.py").write_text("\n".join(ALLOWED[room]) + "\n")
    (package / "cli" / "__init__.py").write_text("import hamlets.web.commands\n")
    (package / "web" / "commands.py").write_text("")
    (package / "networks" / "payment.py").write_text("")
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    return package


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the project's own contracts over the package in ``folder``."""
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_drawing_is_allowed(tmp_path: Path) -> None:
    make_package(tmp_path)
    result = lint(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(("room", "statement"), FORBIDDEN)
def test_a_forbidden_import_fails(tmp_path: Path, room: str, statement: str) -> None:
    package = make_package(tmp_path)
    folder = package / room
    if folder.is_dir():
        (folder / "wrong.py").write_text(statement + "\n")
    else:
        (package / f"{room}.py").write_text(statement + "\n")
    result = lint(tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout, result.stdout + result.stderr
    assert f"hamlets.{room}" in result.stdout or room == "surprise"
