"""Names and NHS numbers of a store that keeps them stay on the pages where they are looked up."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import site_setup  # noqa: F401 - before anything of Django

import hamlets.web
from hamlets.booking.simulation.synth import make_setting, synthesise
from hamlets.records import open_store
from hamlets.web.jobs.progress import Progress
from hamlets.web.work import everything
from tests.inside import hamlets as command

PATIENTS = 250
TEMPLATES = Path(hamlets.web.__file__).parent / "templates"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("names") / "store"
    setting = make_setting(practices=1, patients=PATIENTS, months=6, seed=4, end=date(2026, 10, 31))
    synthesise(setting, path, identifiable=True)
    return path


@pytest.fixture(scope="module")
def secrets(store: Path) -> tuple[list[str], list[str]]:
    """Return the names and the NHS numbers of the patients."""
    with open_store(store) as opened:
        rows: list[dict[str, Any]] = opened.table("patients").to_pylist()
    return [row["name"] for row in rows], [row["nhs_number"] for row in rows]


def found_in(text: str, secrets: list[str]) -> set[str]:
    return {secret for secret in secrets if secret in text}


def test_the_secrets_are_there_to_be_found(secrets: tuple[list[str], list[str]]) -> None:
    names, numbers = secrets
    assert len(set(numbers)) == len(numbers) >= PATIENTS
    assert found_in(f"x{names[3]} y{numbers[4]}", [*names, *numbers]) >= {names[3], numbers[4]}


def test_no_answer_of_the_site_holds_a_name(
    store: Path, secrets: tuple[list[str], list[str]]
) -> None:
    """Numbers stand only where patients are listed by code, inside the practice."""
    names, numbers = secrets
    for name, question, body in everything.everything(store, "EX001", Progress(), version=1):
        told = json.dumps(body, ensure_ascii=False)
        assert found_in(told, names) == set(), (name, question)
        if name not in ("cases", "worklist"):
            assert found_in(told, numbers) == set(), (name, question)


def test_no_report_pack_or_published_page_holds_a_name_or_a_number(
    store: Path, secrets: tuple[list[str], list[str]], tmp_path: Path
) -> None:
    names, numbers = secrets
    quick = ("--practice", "EX001", "--no-ceiling", "--output")
    runs = (
        ("report", *quick, tmp_path / "report.html"),
        ("report", "--publish", *quick, tmp_path / "public.html"),
        ("pack", "--month", "2026-09", *quick, tmp_path / "pack.html"),
    )
    for words in runs:
        ran = command(words[0], "--store", store, *words[1:])
        assert ran.code == 0, (words, ran.err)
        assert found_in(ran.out + ran.err, [*names, *numbers]) == set(), words
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 3
    for path in files:
        told = path.read_text(encoding="utf-8")
        assert found_in(told, [*names, *numbers]) == set(), path.name


def test_no_log_line_holds_a_name_or_a_number(
    store: Path, secrets: tuple[list[str], list[str]], pseudonym_key: Path
) -> None:
    log = pseudonym_key.with_name("hamlets.log")
    told = log.read_text(encoding="utf-8") if log.exists() else ""
    assert found_in(told, [*secrets[0], *secrets[1]]) == set()


def test_no_link_of_the_site_carries_a_number() -> None:
    """A label may be an NHS number; what stands in an address goes through patient_code."""
    links = [
        (path.name, link)
        for path in TEMPLATES.rglob("*.html")
        for link in re.findall(
            r"(?:href=\"|\"address\":)[^\n>]*patient_id[^\n>}]*", path.read_text()
        )
    ]
    assert links
    assert all("patient_code" in link for _, link in links), links
