"""The published percentages of the cardiovascular groups of QOF, one row a practice.

The file gives achievement and prevalence in per cent and the list, and no counts: so there are
no ranges and no limits of luck. A register is worked out as prevalence times list, and serves
as a weight only. The file does not say which year it is of.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from hamlets.errors import SourceError
from hamlets.networks.indicators.counted_elsewhere import (
    CountsFile,
    Faults,
    PublishedCount,
    percentage,
    whole_number,
)
from hamlets.networks.small_files import SmallFile

_BEFORE = "achievement_"
_PRACTICE = ("practice.code", "practice_code")
_NOT_GIVEN = ("", "na")


def is_qof_percentages(table: SmallFile) -> bool:
    """Return whether a file has achievements by group beside a practice's code."""
    has = any(column.startswith(_BEFORE) for column in table.columns)
    return has and table.first_of(*_PRACTICE) is not None


def read_percentages(table: SmallFile) -> CountsFile:
    """Return the percentages of each practice; SourceError where one is none."""
    code = table.need("the practice's code", *_PRACTICE)
    groups = [c.removeprefix(_BEFORE) for c in table.columns if c.startswith(_BEFORE)]
    faults = Faults(table.name)
    rows: list[PublishedCount] = []
    seen: dict[str, int] = {}
    missing = unnamed = 0
    for row in table.rows:
        practice = row.cells.get(code, "")
        if practice.lower() in _NOT_GIVEN:
            unnamed += 1
            continue
        if practice in seen:
            faults.add(row.line, f"This practice stands in line {seen[practice]} too.")
        seen.setdefault(practice, row.line)
        for group in groups:
            try:
                found = _one(row.cells, practice, group)
            except ValueError:
                faults.add(row.line, f"A figure of {group.upper()} is no percentage or no count.")
                continue
            missing += found is None
            rows += [found] if found else []
    faults.stop_if_any()
    if not rows:
        raise SourceError("The file holds no percentages.", where=table.name)
    notes = [
        "The file does not say which year its percentages are of.",
        "Percentages without counts: no ranges, no limits of luck. Pooled shares weigh each"
        " practice by its register, worked out as prevalence times list.",
    ]
    if missing:
        notes.append(f"{missing:,} figures are not given in the file and left out.")
    if unnamed:
        notes.append(f"Rows that name no practice, left out: {unnamed:,}.")
    return CountsFile(tuple(rows), notes=tuple(notes))


def _one(cells: Mapping[str, str], practice: str, group: str) -> PublishedCount | None:
    values = {
        name: cells.get(f"{name}_{group}", "")
        for name in ("achievement", "prevalence", "list.size")
    }
    if values["achievement"].lower() in _NOT_GIVEN:
        return None
    weight = None
    if not {values["prevalence"].lower(), values["list.size"].lower()} & set(_NOT_GIVEN):
        register = percentage(values["prevalence"]) * whole_number(values["list.size"]) / 100
        weight = int(register + Fraction(1, 2))
    return PublishedCount(
        practice, f"QOF_{group.upper()}", None, None,
        percent=percentage(values["achievement"]), weight=weight,
    )  # fmt: skip
