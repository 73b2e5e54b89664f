"""A spec: a tiny table of contacts, a question, the answer, and the prose that says why.

Specs are data. ``test_spec.py`` asks each of the naive twin and of the kernel;
``write_reference.py`` turns each section into a page of the reference.
Folder = chapter, file = section, ``Spec`` = paragraph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

from hamlets.records.tables import TABLES
from tests.oracles.questions import MEASURES, Question
from tests.oracles.worlds import World

PRACTICE = "G99001"
CHAPTERS = {
    "patient_indices": "Indices of a patient",
    "ratios": "Ratios of lists, GPs and practices",
    "conventions": "What counts",
    "results": "What a result carries",
}


@dataclass(frozen=True)
class Spec:
    """One paragraph of the reference, and one test."""

    title: str
    text: str
    tables: dict[str, str]
    question: Question
    expected: str
    """Rows of the answer: fractions (2/3), decimals (0.5), rounded ones (~0.918), or null."""


@dataclass(frozen=True)
class Section:
    """One page of the reference: a measure or a convention."""

    title: str
    text: str
    specs: tuple[Spec, ...]
    formula: str = ""
    source: str = ""
    checked: str = "naive twin, SQL twin"
    next_review: str = "2027-11"
    name: str = field(default="", compare=False)


def split(table: str) -> tuple[list[str], list[list[str]]]:
    """Return the header and the rows of a table written with | between its cells."""
    lines = [line for line in table.strip().splitlines() if line.strip()]
    cells = [[cell.strip() for cell in line.split("|")] for line in lines]
    for row in cells[1:]:
        if len(row) != len(cells[0]):
            raise ValueError(f"not as long as its header: {row}")
    return cells[0], cells[1:]


def value_of(kind: str, cell: str) -> Any:
    """Return what a cell of a canonical column means; a blank cell is None."""
    if cell == "":
        return None
    if kind == "time":
        # Most specs need only a day: it is then nine in the morning.
        when = datetime.fromisoformat(cell)
        return when if len(cell) > 10 else datetime.combine(when.date(), time(9))
    if kind == "date":
        return date.fromisoformat(cell)
    if kind == "integer":
        return int(cell)
    return cell == "true" if kind == "boolean" else cell


def world_of(spec: Spec) -> World:
    """Return the canonical tables of a spec.

    Contacts lie in one practice and are numbered in the order written, unless the table
    says otherwise.
    """
    world: World = {}
    for name, written in spec.tables.items():
        header, rows = split(written)
        kinds = {column.name: column.kind for column in TABLES[name].columns}
        world[name] = [
            {c: value_of(kinds[c], cell) for c, cell in zip(header, row, strict=True)}
            for row in rows
        ]
    for i, row in enumerate(world["appointments"]):
        row.setdefault("practice_id", PRACTICE)
        row.setdefault("appointment_id", f"c{i + 1:02d}")
    for name in ("patients", "staff"):
        for row in world.get(name, []):
            row.setdefault("practice_id", PRACTICE)
    return world


@dataclass(frozen=True)
class Number:
    """An expected number and how close is close enough."""

    value: float | None
    within: float = 1e-9


def number(cell: str) -> Number | str | bool:
    """Return what an expected cell means."""
    if cell == "null":
        return Number(None)
    if cell in ("true", "false"):
        return cell == "true"
    if cell.startswith("~"):
        decimals = len(cell.partition(".")[2])
        return Number(float(cell[1:]), 0.5000001 * 10**-decimals)
    if re.fullmatch(r"-?\d+(/\d+|\.\d+)?", cell):
        return Number(float(Fraction(cell)))
    return cell


def expectations(spec: Spec) -> Iterator[tuple[tuple[Any, ...], dict[str, Number | str | bool]]]:
    """Return each expected row as its key and its columns."""
    header, rows = split(spec.expected)
    names = {"measure", "level", "step", "patient_id", *spec.question.by}
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        columns = {name: number(cell) for name, cell in cells.items() if name not in names}
        if "patient_id" in cells:
            yield (cells["patient_id"],), columns
            continue
        groups = tuple(cells[name] for name in spec.question.by)
        measure = cells.get("measure", spec.question.measures[0])
        key: tuple[Any, ...] = (measure, spec.question.level, groups)
        yield ((*key, cells["step"]) if "step" in cells else key), columns


def by_patient(spec: Spec) -> bool:
    """Return whether a spec asks for one row a patient."""
    return "patient_id" in split(spec.expected)[0]


def _place(file: Path) -> tuple[int, str]:
    """Measures come in the order in which a result lists them, the rest by name."""
    name = file.stem
    return (MEASURES.index(name) if name in MEASURES else len(MEASURES), name)


def sections() -> dict[str, list[Section]]:
    """Return every section by chapter, in the order of the reference."""
    found: dict[str, list[Section]] = {}
    for chapter in CHAPTERS:
        files = sorted((Path(__file__).parent / chapter).glob("*.py"), key=_place)
        found[chapter] = [
            replace(import_module(f"tests.spec.{chapter}.{f.stem}").SECTION, name=f.stem)
            for f in files
        ]
    return found
