"""The published workbooks of the Quality and Outcomes Framework, one row a practice.

Above the rows stand eleven lines of headings, some of them merged over several columns: the
group (an indicator, or a year) in the line above the column's own name. Columns are found by
these words, never by their place.
"""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

from hamlets.errors import SourceError
from hamlets.networks.indicators.counted_elsewhere import CountsFile, Faults, PublishedCount
from hamlets.records.packed import Limits, damaged, unpacks_too_far

_PRACTICE = "practice code"
_INDICATOR = re.compile(r"[A-Z]{2,6}\d{3}")
_YEAR = re.compile(r"\b(20\d\d)-(\d\d)\b")
_CODE = re.compile(r"[A-Z]\w{5}")
_WITHIN = 40
"""Lines among which the heading is looked for."""
_LIMITS = Limits(max_bytes=512 * 2**20)
_NOT_GIVEN = frozenset({"", ":", "z", "*", "-"})
_UNALLOCATED = "U"
"""Stands for the network of a practice that is in none."""


def is_workbook(path: Path) -> bool:
    """Return whether a file is a workbook, by its first bytes and its name."""
    try:
        with path.open("rb") as stream:
            packed = stream.read(4) == b"PK\x03\x04"
    except OSError:
        return False
    return packed and path.suffix.lower() in (".xlsx", ".xlsm")


def read_workbook(path: Path) -> CountsFile:
    """Return the counts of a QOF workbook: patients reached, net denominators, adjustments.

    A sheet of a register gives the patients on it and the list it is taken from, under the
    sheet's name. SourceError where the file is damaged or holds no such sheet.
    """
    rows: list[PublishedCount] = []
    networks: dict[str, str] = {}
    names: dict[str, str] = {}
    faults = Faults(path.name)
    missing = 0
    for sheet, cells in _sheets(path):
        found = _Sheet.find(sheet, cells)
        if found is None:
            continue
        for place, record in found.practices():
            network = found.network(record)
            if network is not None:
                networks[place] = network
                names[network] = found.text(record, "pcn name")
            names[place] = found.text(record, "practice name")
            for counted in found.counts(place, record, faults):
                missing += counted is None
                rows += [counted] if counted else []
    faults.stop_if_any()
    if not rows:
        raise SourceError(
            "This workbook holds no table of practices with counts.",
            where=path.name,
            hint="Wanted: the practice level workbook of a QOF publication, with a column"
            " `Practice code`.",
        )
    notes = [f"{missing:,} figures are not given in the file and left out."] if missing else []
    return CountsFile(tuple(rows), networks, names, tuple(notes))


def _sheets(path: Path) -> list[tuple[str, list[list[Any]]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
        unpacked = sum(entry.file_size for entry in entries)
        if _LIMITS.broken_by(unpacked, sum(entry.compress_size for entry in entries)):
            raise unpacks_too_far(path.name)
        workbook = CalamineWorkbook.from_path(path)
        return [(n, workbook.get_sheet_by_name(n).to_python()) for n in workbook.sheet_names]
    except (OSError, zipfile.BadZipFile, CalamineError, ValueError, NotImplementedError) as error:
        raise damaged(path.name) from error


class _Sheet:
    """One sheet with practices: its columns by group and name."""

    def __init__(self, name: str, cells: list[list[Any]], heading: int, start: int) -> None:
        self.name = name
        self._cells = cells
        self._heading = heading
        self._start = start
        self._end = date(start + 1, 3, 31)
        tidy = [_tidy(cell).lower() for cell in cells[heading]]
        groups = [""] * len(tidy)
        above = ""
        for column, cell in enumerate(cells[heading - 1] if heading else []):
            above = _tidy(cell) or above
            groups[column] = above if column < len(groups) else ""
        self._columns = {
            (g, n): c for c, (g, n) in reversed(list(enumerate(zip(groups, tidy, strict=True))))
        }
        self._by_name = {n: c for c, n in reversed(list(enumerate(tidy)))}

    @classmethod
    def find(cls, name: str, cells: list[list[Any]]) -> _Sheet | None:
        """Return a sheet that has a heading with practices and a year above it, else None."""
        for number, row in enumerate(cells[:_WITHIN]):
            if _PRACTICE in (_tidy(cell).lower() for cell in row):
                said = " ".join(_tidy(c) for above in cells[:number] for c in above)
                years = [int(y[1]) for y in _YEAR.finditer(said)]
                return cls(name, cells, number, max(years)) if years else None
        return None

    def practices(self) -> list[tuple[str, tuple[int, list[Any]]]]:
        """Return (practice, (line, row)) of each row that is about a practice."""
        at = self._by_name[_PRACTICE]
        return [
            (_tidy(row[at]), (line + 1, row))
            for line, row in enumerate(self._cells)
            if line > self._heading and len(row) > at and _CODE.fullmatch(_tidy(row[at]))
        ]

    def text(self, record: tuple[int, list[Any]], name: str) -> str:
        column = self._by_name.get(name)
        return "" if column is None else _tidy(record[1][column])

    def network(self, record: tuple[int, list[Any]]) -> str | None:
        code = self.text(record, "pcn ods code")
        return code if code and code != _UNALLOCATED else None

    def counts(
        self, place: str, record: tuple[int, list[Any]], faults: Faults
    ) -> list[PublishedCount | None]:
        """Return the counts of a row; None for one of which the file gives no figure."""
        return [
            self._one(place, record, faults, indicator, columns)
            for indicator, columns in self._wanted()
        ]

    def _wanted(self) -> list[tuple[str, tuple[int, int, int | None]]]:
        """Return the columns of numerator, denominator and exclusions by indicator."""
        groups = dict.fromkeys(g for g, _ in self._columns if _INDICATOR.fullmatch(g))
        found: list[tuple[str, tuple[int, int, int | None]]] = []
        for group in groups:
            numerator = self._columns.get((group, "numerator"))
            denominator = self._columns.get((group, "denominator"))
            if numerator is not None and denominator is not None:
                found.append((group, (numerator, denominator, self._columns.get((group, "pcas")))))
        year = f"{self._start}-{(self._start + 1) % 100:02d}"
        register = self._columns.get((year, "register"))
        listed = next(
            (c for (g, n), c in self._columns.items() if g == year and n.startswith("list size")),
            None,
        )
        if register is not None and listed is not None:
            found.append((self.name, (register, listed, None)))
        return found

    def _one(
        self,
        place: str,
        record: tuple[int, list[Any]],
        faults: Faults,
        indicator: str,
        columns: tuple[int, int, int | None],
    ) -> PublishedCount | None:
        line, row = record
        found: list[int | None] = []
        for column in columns:
            cell = None if column is None or column >= len(row) else row[column]
            if cell is None or _tidy(cell) in _NOT_GIVEN:
                found.append(None)
            elif isinstance(cell, int | float) and cell >= 0 and float(cell).is_integer():
                found.append(int(cell))
            else:
                faults.add(
                    f"sheet {self.name}, row {line}",
                    f"A count of {indicator} is not a whole number, 0 or more.",
                )
                return None
        numerator, denominator, exclusions = found
        if numerator is None or denominator is None:
            return None
        if numerator > denominator:
            faults.add(
                f"sheet {self.name}, row {line}",
                f"More patients reached than there are for {indicator}.",
            )
            return None
        return PublishedCount(
            place, indicator, date(self._start, 4, 1), self._end, numerator, denominator, exclusions
        )


def _tidy(cell: Any) -> str:
    return " ".join(str(cell).split())
