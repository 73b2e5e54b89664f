"""Counts that were made elsewhere: uploaded files and the table indicator_counts of a store.

Either exact counts, or a published percentage without them; both with the practice, the
indicator and the days they are about. Nothing of a file is used where a row of it is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TypeVar

from hamlets.errors import SourceError
from hamlets.networks.indicators.definition import Indicator
from hamlets.networks.small_files import Row, SmallFile, read_small_file
from hamlets.records.store.reading import Store

_NEEDED = ("practice_id", "indicator_id", "period_start", "period_end")
T = TypeVar("T")
Key = tuple[str, str, date | None, date | None]
_SHOWN = 3
"""Faults of a file that an error tells; the others are counted."""


@dataclass(frozen=True)
class PublishedCount:
    """One practice, indicator and period. Without counts there is a ``percent``."""

    practice_id: str
    indicator_id: str
    period_start: date | None
    """None where the source does not say which days it is about."""
    period_end: date | None
    numerator: int | None = None
    denominator: int | None = None
    exclusions: int | None = None
    percent: Fraction | None = None
    weight: int | None = None
    """Patients that a percentage is about, where they were only worked out."""

    @property
    def key(self) -> Key:
        return self.practice_id, self.indicator_id, self.period_start, self.period_end


@dataclass(frozen=True)
class CountsFile:
    """What a file of counts says, of places too where it names them."""

    rows: tuple[PublishedCount, ...]
    networks: dict[str, str] = field(default_factory=dict[str, str])
    """Network of each practice, where the file tells."""
    names: dict[str, str] = field(default_factory=dict[str, str])
    notes: tuple[str, ...] = ()


def read_counts_file(path: Path) -> CountsFile:
    """Return the counts of a file: CSV of indicator_counts, or a published QOF file.

    SourceError where it is none of these, or where a row cannot be right.
    """
    from hamlets.networks.indicators.qof_percentages import is_qof_percentages, read_percentages
    from hamlets.networks.indicators.qof_workbook import is_workbook, read_workbook

    if is_workbook(path):
        return read_workbook(path)
    table = read_small_file(path, ("practice_id", "indicator_id", "practice_code"))
    if is_qof_percentages(table):
        return read_percentages(table)
    return _read_counts(table)


def counts_of(store: Store) -> CountsFile:
    """Return the counts that were loaded into a store."""
    rows = tuple(
        PublishedCount(
            practice_id=row["practice_id"],
            indicator_id=row["indicator_id"],
            period_start=row["period_start"],
            period_end=row["period_end"],
            numerator=row["numerator"],
            denominator=row["denominator"],
            exclusions=row["exclusions"],
        )
        for row in store.table("indicator_counts").to_pylist()
        if row["practice_id"] is not None
    )
    return CountsFile(rows)


class Faults:
    """What is wrong with a file, told together at the end."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._found: list[tuple[int | str, str]] = []

    def add(self, at: int | str, message: str) -> None:
        """Note a fault of a line or cell."""
        self._found.append((at, message))

    def stop_if_any(self) -> None:
        """Raise SourceError with the first faults."""
        if not self._found:
            return
        at, message = self._found[0]
        more = [f"line {a}: {m}" if isinstance(a, int) else f"{a}: {m}" for a, m in self._found[1:]]
        said = " Also " + " ".join(more[: _SHOWN - 1]) if more else ""
        rest = len(more) - (_SHOWN - 1)
        raise SourceError(
            message + said + (f" And {rest:,} more rows." if rest > 0 else ""),
            where=f"{self._name}, line {at}" if isinstance(at, int) else f"{self._name}, {at}",
            hint="Nothing of the file was used. Mend these rows and try again.",
        )


def _read_counts(table: SmallFile) -> CountsFile:
    for name in _NEEDED:
        table.need(f"the {name.replace('_', ' ')}", name)
    by_percent = table.first_of("percent") is not None
    if not by_percent:
        for name in ("numerator", "denominator"):
            table.need(f"the {name}", name)
    faults = Faults(table.name)
    rows: list[PublishedCount] = []
    seen: dict[Key, int] = {}
    for row in table.rows:
        found = _count(row, faults)
        if found is None:
            continue
        if found.key in seen:
            faults.add(row.line, f"This says line {seen[found.key]} a second time.")
        seen.setdefault(found.key, row.line)
        rows.append(found)
    faults.stop_if_any()
    if not rows:
        raise SourceError("The file holds no counts.", where=table.name, hint="Add rows to it.")
    return CountsFile(tuple(rows))


def _count(row: Row, faults: Faults) -> PublishedCount | None:
    problems: list[str] = []

    def read(name: str, convert: Callable[[str], T], what: str) -> T | None:
        text = row.cells.get(name, "")
        if not text:
            return None
        try:
            return convert(text)
        except ValueError:
            problems.append(f"`{name}` must be {what}.")
            return None

    start = read("period_start", date.fromisoformat, "a day, as 2026-03-31")
    end = read("period_end", date.fromisoformat, "a day, as 2026-03-31")
    whole = "a whole number, 0 or more"
    numerator = read("numerator", whole_number, whole)
    denominator = read("denominator", whole_number, whole)
    exclusions = read("exclusions", whole_number, whole)
    percent = read("percent", percentage, "a number from 0 to 100")
    practice, indicator = row.cells.get("practice_id", ""), row.cells.get("indicator_id", "")
    if not problems:
        given = dict(zip(_NEEDED, (practice, indicator, start, end), strict=True))
        missing = [name for name, value in given.items() if not value]
        if missing:
            problems.append(f"`{missing[0]}` is blank.")
        elif percent is None and (numerator is None or denominator is None):
            problems.append("Numerator and denominator are both needed.")
        elif start is not None and end is not None and end < start:
            problems.append("The period ends before it begins.")
        elif numerator and denominator == 0:
            problems.append("Nobody is in the denominator, and somebody in the numerator.")
    for problem in problems[:1]:
        faults.add(row.line, problem)
    if problems or start is None or end is None:
        return None
    return PublishedCount(
        practice, indicator, start, end, numerator, denominator, exclusions,
        None if numerator is not None and denominator is not None else percent,
    )  # fmt: skip


def whole_number(text: str) -> int:
    """Return a count; ValueError for anything that is not 0, 1, 2, ... (1,234 is read too)."""
    number = int(text.replace(",", ""))
    if number < 0 or number > 10**12:
        raise ValueError("no count")
    return number


def percentage(text: str) -> Fraction:
    """Return a percentage as written; ValueError below 0 and above 100."""
    number = Fraction(text.strip().removesuffix("%").strip())
    if not 0 <= number <= 100:
        raise ValueError("no percentage")
    return number


def check_against(rows: Iterable[PublishedCount], indicator: Indicator, where: str) -> None:
    """Raise SourceError where a count of patients goes beyond its denominator."""
    faults = Faults(where)
    for row in rows:
        beyond = None not in (row.numerator, row.denominator) and (
            (row.numerator or 0) > (row.denominator or 0)
        )
        if beyond and indicator.unit != "per_1000":
            faults.add(
                f"practice {row.practice_id}, {row.period_end}",
                f"More patients reached than there are for {indicator.id}:"
                f" {row.numerator:,} of {row.denominator:,}.",
            )
    faults.stop_if_any()
