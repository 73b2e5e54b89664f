"""What the repository may not hold: people, addresses of registries, machines, secrets."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nhs_number
import pytest

ROOT = Path(__file__).parents[2]
NOT_OURS = {".git", ".venv", "demo", "site", "dist", "build", ".hypothesis", "__pycache__"}

TEN_DIGITS = re.compile(r"(?<![0-9A-Za-z.])\d{3}([ \-]?)\d{3}\1\d{4}(?![0-9A-Za-z])")
# Spelt in pieces, so that this file does not hold what it looks for.
REGISTRIES = re.compile(
    "|".join(
        [r"py" + r"pi\.org/simple", r"files\.python" + r"hosted\.org", r"--(?:extra-)?index-url"]
    )
    + r"|--find-"
    + r"links|registry\.npm"
    + r"js\.org",
)
MACHINE_PATHS = re.compile(
    r"(?<![\w.~/])/(?:home|Users|root|work|mnt|opt|srv)/[A-Za-z0-9_.\-]+|[A-Z]:\\" + r"\\?Users"
)
SECRETS = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE " + r"KEY-----"),
    "cloud key": re.compile(r"(?<![A-Z0-9])AKIA[0-9A-Z]{16}(?![A-Z0-9])"),
    "token": re.compile(r"(?<![A-Za-z0-9])(?:gh[pousr]_|glpat-|xox[bap]-|sk-)[A-Za-z0-9_\-]{20,}"),
    "web token": re.compile(r"eyJ[A-Za-z0-9_\-]{10,}\.eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}"),
    "password": re.compile(
        r"(?i)(?:password|passwd|secret|api_?key)\s*[=:]\s*[\"'](?!999\d{7}[\"'])(?!Password[\"'])[^\"'\s{}$<]{8,}[\"']"
    ),
}


def committed_files() -> list[Path]:
    """Return the files of the project: those git tracks or would, else all."""
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        listed = subprocess.run(
            [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout.decode()
        found = (ROOT / name for name in listed.split("\0") if name)
    else:
        found = ROOT.rglob("*")
    return sorted(p for p in found if p.is_file() and not NOT_OURS & set(p.relative_to(ROOT).parts))


@cache
def texts() -> dict[str, str]:
    """Return the text of each file of the project, unpacked where it is packed."""
    found: dict[str, str] = {}
    for path in committed_files():
        content = path.read_bytes()
        if path.suffix == ".gz":
            content = gzip.decompress(content)
        found[path.relative_to(ROOT).as_posix()] = content.decode("utf-8", errors="replace")
    return found


def real_nhs_numbers(text: str) -> Iterator[str]:
    """Yield valid NHS numbers outside the range that is never given to a person.

    Ten zeros pass the check digit and are nobody's: issued numbers begin with 3 or more.
    """
    for match in TEN_DIGITS.finditer(text):
        digits = re.sub(r"\D", "", match[0])
        if digits[0] >= "3" and not digits.startswith("999") and nhs_number.is_valid(digits):
            yield digits


def offences(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}: {match[0]}" for name, text in texts().items() for match in pattern.finditer(text)
    ]


def test_there_are_files_to_look_at() -> None:
    assert {"README.md", "pyproject.toml", "Makefile", "src/hamlets/errors.py"} <= set(texts())


def test_no_nhs_number_that_could_be_a_persons() -> None:
    # Hashes and record counts are left out by their neighbours, not by their place.
    found = {
        name: sorted(set(real_nhs_numbers(text)))
        for name, text in texts().items()
        if not name.startswith("requirements/")
    }
    assert {name: numbers for name, numbers in found.items() if numbers} == {}


def test_the_search_finds_an_nhs_number() -> None:
    # The number that public guides print; in pieces, so that this file does not hold it.
    example = "401" + "023" + "2137"
    assert list(
        real_nhs_numbers(f"patient {example}, again {example[:3]} {example[3:6]} {example[6:]}")
    )
    assert list(real_nhs_numbers("9990000018")) == []
    assert list(real_nhs_numbers(f"a{example}")) == []


def test_no_address_of_a_registry() -> None:
    assert offences(REGISTRIES) == []


def test_no_path_of_a_machine() -> None:
    assert offences(MACHINE_PATHS) == []


@pytest.mark.parametrize("kind", SECRETS)
def test_no_secret(kind: str) -> None:
    assert offences(SECRETS[kind]) == []


@pytest.mark.parametrize("name", ["setup.txt", "base.txt", "web.txt", "dev.txt"])
def test_every_requirement_is_pinned_and_hashed(name: str) -> None:
    text = (ROOT / "requirements" / name).read_text()
    entries = re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n", "", text, flags=re.MULTILINE).strip())
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9\-]+==\S+ ", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_the_base_install_is_what_the_program_imports() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"[>=<\[]", each)[0].replace("-", "_") for each in project["dependencies"]}
    source = "\n".join(p.read_text() for p in (ROOT / "src/hamlets").rglob("*.py"))
    found = set(re.findall(r"^\s*(?:import|from) (\w+)", source, re.MULTILINE))
    named = {"vl_convert_python": "vl_convert", "pyyaml": "yaml"}
    # The data of time zones is found by Python itself.
    assert {named.get(each, each) for each in needed - {"tzdata"}} <= found


def test_no_file_is_large() -> None:
    large = [p.name for p in committed_files() if p.stat().st_size > 1_000_000]
    assert large == []
