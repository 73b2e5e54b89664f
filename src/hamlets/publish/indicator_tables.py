"""Tables of the page of indicators: practices, networks, groups; A to Z, never by result."""

from __future__ import annotations

from collections.abc import Sequence

from hamlets.networks.results import AveragesRow, CaseMix, IndicatorInfo, IndicatorRow
from hamlets.publish import indicator_words as words
from hamlets.publish import numbers
from hamlets.publish.indicator_words import DASH, rate, said
from hamlets.publish.tables import Cell, Column, Csv, Table, Value, cells, columns

FEWEST = 8
"""Patients below which a practice has no dot and no figure."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def ident(info: IndicatorInfo) -> str:
    """Return what an indicator is called in the page's addresses."""
    return info.indicator_id.replace("_", "-")


def practice_table(
    info: IndicatorInfo, practices: Sequence[IndicatorRow], case_mix: Sequence[CaseMix]
) -> Table:
    """Return practices in the order given, with who their patients are beside the figures."""
    mix = {case.practice_id: case for case in case_mix}
    events = info.per == 1000
    contacts = info.counted == "contacts"
    standardised = any(row.standardised is not None for row in practices)
    heads = [
        said("table.dot"),
        said("table.contacts" if contacts else "table.patients"),
        said("table.events" if events else "table.done"),
        said("table.left"),
        said("table.share_events" if events else "table.share"),
        *([said("table.alike")] if standardised else []),
        *([said("table.still")] if info.target is not None else []),
        said("table.luck"),
        *([said("table.who")] if mix else []),
    ]
    rows = [
        _practice_cells(
            info, letter(k), row, standardised, mix.get(row.practice_id or ""), bool(mix)
        )
        for k, row in enumerate(practices)
    ]
    kept = [
        k
        for k in range(len(heads) + 1)
        if k == 0 or not rows or any(row[k].text != DASH for row in rows)
    ]
    names = [said("table.practice"), *heads]
    return Table(
        said("table.caption", title=info.title),
        tuple(Column(names[k], number=names[k] not in _in_words()) for k in kept),
        tuple(tuple(row[k] for k in kept) for row in rows),
        _csv(info, practices),
    )


def _practice_cells(
    info: IndicatorInfo,
    dot: str,
    row: IndicatorRow,
    standardised: bool,
    case: CaseMix | None,
    with_mix: bool,
) -> tuple[Cell, ...]:
    name = row.name or row.practice_id or DASH
    few = (row.denominator or 0) < FEWEST and row.denominator is not None
    luck = DASH
    if row.funnel is not None and not few:
        luck = said("table.inside" if row.funnel.position == "inside" else "table.outside")
    left = [n for n in (row.exclusions, row.exceptions) if n is not None]
    shown = [
        dot if row.funnel is not None and not few else DASH,
        _count(row.denominator) if not few else said("table.few"),
        _count(row.numerator) if not few else DASH,
        _count(sum(left)) if left and not few else DASH,
        words.with_range(row, info) if not few else DASH,
    ]
    if standardised:
        shown.append(rate(row.standardised, info) if not few else DASH)
    if info.target is not None:
        shown.append(_count(row.still_to_reach) if not few else DASH)
    shown.append(luck)
    if with_mix:
        shown.append(words.mix(case))
    return cells(name, *shown)


def _csv(info: IndicatorInfo, rows: Sequence[IndicatorRow]) -> Csv:
    head = ("practice_id", "name", "denominator", "numerator", "exclusions", "exceptions",
            "rate", "lower", "upper", "standardised", "still_to_reach")  # fmt: skip
    values: list[tuple[Value, ...]] = [
        (row.practice_id, row.name, *(getattr(row, name) for name in head[2:]))
        for row in rows
        if row.denominator is None or row.denominator >= FEWEST
    ]
    return Csv(f"{ident(info)}.csv", head, tuple(values))


def network_table(info: IndicatorInfo, averages: Sequence[AveragesRow]) -> Table:
    """Return networks A to Z with their three averages."""
    rows = sorted(
        (a for a in averages if a.group is None),
        key=lambda a: (a.name or a.network_id or "", a.network_id or ""),
    )
    with_standard = info.target is not None
    heads = [said("table.mean"), said("table.pooled"), said("table.every")]
    if with_standard:
        heads += [said("table.reach")]
    shown = [
        cells(
            a.name or a.network_id or DASH,
            rate(a.mean, info),
            rate(a.pooled, info),
            rate(a.minimum, info),
            *(
                [said("table.of", n=a.practices_reaching, many=a.practices)]
                if with_standard
                else []
            ),
        )
        for a in rows
    ]
    head = ("network_id", "name", "mean", "pooled", "minimum", "practices",
            "practices_reaching")  # fmt: skip
    values: tuple[tuple[Value, ...], ...] = tuple(
        tuple(getattr(a, name) for name in head) for a in rows
    )
    return Table(
        said("table.networks", title=info.title),
        columns(said("table.network"), *heads),
        tuple(shown),
        Csv(f"{ident(info)}-networks.csv", head, values),
    )


def group_table(info: IndicatorInfo, rows: Sequence[IndicatorRow], network: str) -> Table | None:
    """Return a network's groups, such as specialties, beside everyone's; None without groups."""
    if info.group_is is None:
        return None
    grouped = [r for r in rows if r.group is not None]
    everyone = {r.group: r for r in grouped if r.level == "all"}
    mine = sorted(
        (r for r in grouped if r.level == "network" and r.network_id == network),
        key=lambda r: r.group or "",
    )
    shown = [
        cells(
            (r.group or "").replace("_", " "),
            _count(r.numerator),
            words.with_range(r, info),
            rate(everyone[r.group].rate, info) if r.group in everyone else DASH,
        )
        for r in mine
    ]
    values: tuple[tuple[Value, ...], ...] = tuple(
        (r.group, r.numerator, r.denominator, r.rate, r.lower, r.upper) for r in mine
    )
    return Table(
        said("table.groups", title=info.title, group=info.group_is),
        columns(
            info.group_is.capitalize(),
            said("table.events"),
            said("table.share_events"),
            said("table.everyone"),
        ),
        tuple(shown),
        Csv(
            f"{ident(info)}-groups.csv",
            (info.group_is, "numerator", "denominator", "rate", "lower", "upper"),
            values,
        ),
    )


def _in_words() -> frozenset[str]:
    """Return the heads of columns that hold words."""
    return frozenset(said(f"table.{key}") for key in ("practice", "dot", "luck", "who"))


def letter(position: int) -> str:
    """Return A, B, ... Z, AA, AB, ..."""
    first, second = divmod(position, len(_LETTERS))
    return (_LETTERS[first - 1] if first else "") + _LETTERS[second]


def _count(number: int | None) -> str:
    return DASH if number is None else numbers.count(number)
