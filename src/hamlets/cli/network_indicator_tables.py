"""Indicators for people, in a terminal: A to Z, never by result."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from hamlets.cli.columns import Column, print_columns
from hamlets.cli.terminal import plain, print_lines

if TYPE_CHECKING:
    from hamlets.networks.results.indicators import (
        AveragesRow,
        IndicatorInfo,
        IndicatorResults,
        IndicatorRow,
    )

    Row = TypeVar("Row", AveragesRow, IndicatorRow)

MOST_ROWS = 300
_DASH = "-"
_POSITIONS = {
    "inside": "inside",
    "below_95": "below",
    "above_95": "above",
    "below_998": "far below",
    "above_998": "far above",
}


def print_indicators(found: IndicatorResults, levels: Collection[str]) -> None:
    """Print each indicator with its standard, its rows and what must be read beside them."""
    left_out = 0
    for number, info in enumerate(found.indicators):
        if number:
            print()
        _heading(info, found)
        averages = _a_to_z(a for a in found.averages if a.indicator_id == info.indicator_id)
        if "network" in levels and averages:
            left_out += max(0, len(averages) - MOST_ROWS)
            print_columns(_networks(info, averages[:MOST_ROWS]))
        if "practice" in levels:
            rows = _a_to_z(
                r
                for r in found.rows
                if r.indicator_id == info.indicator_id and r.level == "practice"
            )
            if rows and "network" in levels and averages:
                print()
            left_out += max(0, len(rows) - MOST_ROWS)
            print_columns(_practices(info, rows[:MOST_ROWS]))
    print()
    if left_out:
        print(f"{left_out:,} more rows: use --output FILE.csv, or --network CODE.")
    print_lines(_below(found, levels))


def _a_to_z(rows: Iterable[Row]) -> list[Row]:
    """Return rows by group, then name, then month: never by result."""

    def key(row: AveragesRow | IndicatorRow) -> tuple[str, str, date]:
        place = getattr(row, "practice_id", None) or row.network_id or ""
        return row.group or "", row.name or place, row.period_end or date.min

    return sorted(rows, key=key)


def _heading(info: IndicatorInfo, found: IndicatorResults) -> None:
    print(plain(info.title))
    print_lines([f"{info.meaning} {_standard(info)}".strip()], indent="  ")
    mine = [
        row
        for row in found.rows
        if row.indicator_id == info.indicator_id and row.level == "all" and row.group is None
    ]
    # of many months the table tells
    if len(mine) == 1:
        print_lines([_everyone(info, mine[0])], indent="  ")


def _standard(info: IndicatorInfo) -> str:
    if info.target is None:
        return "There is no standard." if info.direction == "higher" else ""
    return f"The standard is {info.target.normalize():f}."


def _everyone(info: IndicatorInfo, row: IndicatorRow) -> str:
    days = (
        "days not told" if row.period_start is None else f"{row.period_start} to {row.period_end}"
    )
    if row.rate is None:
        return f"Everyone together, {days}: {row.reason}."
    size = "" if row.denominator is None else f" of {row.denominator:,} {_people(info)}"
    return f"Everyone together, {days}: {row.rate:.1f}{size}."


def _people(info: IndicatorInfo) -> str:
    return "contacts" if info.counted == "contacts" else "patients"


def _number(value: float | None) -> str:
    return _DASH if value is None else f"{value:.1f}"


def _count(value: int | None) -> str:
    return _DASH if value is None else f"{value:,}"


def _range(lower: float | None, upper: float | None) -> str:
    return _DASH if lower is None or upper is None else f"{lower:.1f} to {upper:.1f}"


def _when(rows: Sequence[AveragesRow | IndicatorRow]) -> list[Column]:
    """Return a column of months, where rows are of more than one period."""
    ends = [row.period_end for row in rows]
    if len(set(ends)) < 2:
        return []
    return [Column("month", [f"{e:%Y-%m}" if e else _DASH for e in ends], "name")]


def _groups(info: IndicatorInfo, rows: Sequence[AveragesRow | IndicatorRow]) -> list[Column]:
    if info.group_is is None or not any(row.group for row in rows):
        return []
    return [Column(info.group_is, [row.group or "all" for row in rows], kind="words")]


def _networks(info: IndicatorInfo, rows: Sequence[AveragesRow]) -> list[Column]:
    columns = [
        Column("network", [row.name or row.network_id or _DASH for row in rows], kind="words"),
        *_when(rows),
        *_groups(info, rows),
        Column("average of practices", [_number(row.mean) for row in rows]),
        Column("all patients together", [_number(row.pooled) for row in rows]),
        Column("furthest practice", [_number(row.minimum) for row in rows]),
    ]
    if info.target is not None:
        columns += [
            Column("reach it", [f"{row.practices_reaching} of {row.practices}" for row in rows]),
            Column("still to reach", [_needed(row) for row in rows], leaves=2),
            Column("", [_agreement(row) for row in rows], kind="words", leaves=1),
        ]
    else:
        columns.append(Column("practices", [f"{row.practices}" for row in rows]))
    return columns


def _needed(row: AveragesRow) -> str:
    """Return the fewest patients more by each of the three rules, in their order."""
    three = (row.to_reach_mean, row.to_reach_pooled, row.to_reach_minimum)
    return _DASH if three == (None, None, None) else " / ".join(_count(n) for n in three)


def _agreement(row: AveragesRow) -> str:
    if row.agree is None:
        return ""
    if not row.agree:
        return "the three do not agree"
    return "reached" if row.mean_reached else "not reached"


def _practices(info: IndicatorInfo, rows: Sequence[IndicatorRow]) -> list[Column]:
    events = info.counted == "events"
    columns = [
        Column("practice", [row.name or row.practice_id or _DASH for row in rows], kind="words"),
        *_when(rows),
        *_groups(info, rows),
        Column(_people(info), [_count(row.denominator) for row in rows]),
        Column("events" if events else "done", [_count(row.numerator) for row in rows]),
        Column("left out", [_count(_left_out(row)) for row in rows], leaves=4),
        Column("of 1,000" if info.per == 1000 else "of 100", [_number(row.rate) for row in rows]),
        Column("range", [_range(row.lower, row.upper) for row in rows], leaves=5),
        Column("as if of one age", [_number(row.standardised) for row in rows], leaves=3),
        Column("still to reach", [_count(row.still_to_reach) for row in rows], leaves=2),
        Column(
            "limits of luck",
            [_DASH if r.funnel is None else _POSITIONS[r.funnel.position] for r in rows],
            kind="words",
            leaves=1,
        ),
    ]
    return [c for c in columns if any(cell != _DASH for cell in c.cells) or c.leaves == 0]


def _left_out(row: IndicatorRow) -> int | None:
    known = [n for n in (row.exclusions, row.exceptions) if n is not None]
    return sum(known) if known else None


def _below(found: IndicatorResults, levels: Collection[str]) -> list[str]:
    lines: list[str] = []
    if "network" in levels:
        lines.append(
            "Average of practices: each practice counts the same. All patients together: each"
            " patient counts the same. Furthest practice: every practice reaches the standard when"
            " this one does. A contract says which of the three it uses."
        )
        if any(row.to_reach_mean is not None for row in found.averages):
            lines.append(
                "Still to reach: the fewest patients more, by each of the three in that order."
            )
    if "practice" in levels and any(row.funnel for row in found.rows):
        lines.append(
            "Limits of luck: outside them is what luck alone gives 5 of 100 practices of this"
            " size (far outside: 2 of 1,000). Ask why before comparing."
        )
    lines += _case_mix(found, levels)
    lines += found.notes
    if found.invented:
        lines.append("Invented data: no real patient, practice or member of staff.")
    if found.store_version is not None:
        lines.append(f"Store version {found.store_version}, definitions {found.registry}.")
    else:
        lines.append(f"Definitions {found.registry}.")
    return lines


def _case_mix(found: IndicatorResults, levels: Collection[str]) -> list[str]:
    if "practice" not in levels or not found.case_mix:
        return []
    homeless = [c.practice_id for c in found.case_mix if c.homeless_practice]
    names = {r.practice_id: r.name for r in found.rows if r.practice_id}
    lines = [
        f"{names.get(p) or p} cares for homeless patients; more patients move away within the year."
        for p in homeless
    ]
    for words, values in (
        ("in the most deprived fifth of areas", [c.most_deprived for c in found.case_mix]),
        ("65 or over", [c.over_65 for c in found.case_mix]),
    ):
        known = [v for v in values if v is not None]
        if known:
            lines.append(
                f"Practices differ in who their patients are: {min(known) * 100:.0f} to"
                f" {max(known) * 100:.0f} in 100 are {words}."
            )
    return lines
