"""Asking for help loads nothing heavy, so that it answers at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("altair", "duckdb", "numba", "pandas", "pyarrow", "scipy")
PROGRAM = """
import sys
sys.argv = {arguments!r}
from hamlets.cli import main
try:
    code = main()
except SystemExit as stop:
    code = stop.code
loaded = [name for name in {heavy!r} if name in sys.modules]
print(loaded, file=sys.stderr)
sys.exit(99 if loaded else code)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["hamlets", "--help"],
        ["hamlets", "--version"],
        ["hamlets", "load", "--help"],
        ["hamlets", "measure", "--help"],
        ["hamlets", "report", "--help"],
        ["hamlets", "store", "--help"],
        ["hamlets", "networks", "indicators", "--help"],
    ],
    ids=" ".join,
)
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    program = PROGRAM.format(arguments=arguments, heavy=HEAVY)
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "amlets" in result.stdout
