"""Indicators for programs: JSON, CSV, Parquet, FHIR; and which form a file's name asks for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from hamlets.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from hamlets.networks.indicators import Indicator
    from hamlets.networks.results.indicators import IndicatorResults, IndicatorRow

Kind = Literal["text", "json", "csv", "fhir", "parquet", "html"]
_SUFFIXES: dict[str, Kind] = {
    ".json": "json",
    ".csv": "csv",
    ".parquet": "parquet",
    ".html": "html",
    ".htm": "html",
}


def kind_of(output: Path | None, chosen: str) -> Kind:
    """Return the form of the output; a file's name decides, but for FHIR, which is JSON too."""
    if output is None:
        kinds: dict[str, Kind] = {"text": "text", "json": "json", "csv": "csv", "fhir": "fhir"}
        return kinds[chosen]
    from hamlets.cli.exports import check_place

    check_place(output)
    kind = _SUFFIXES.get(output.suffix.lower())
    if kind is None:
        raise UsageError(
            "Indicators are written as .html, .json, .csv or .parquet.",
            where=str(output),
            hint="End the file's name with one of these.",
        )
    if chosen == "fhir":
        if kind != "json":
            raise UsageError(
                "FHIR resources are written as .json.",
                where=str(output),
                hint="End the file's name with .json.",
            )
        return "fhir"
    if chosen != "text" and chosen != kind:
        raise UsageError(
            f"--format {chosen} does not fit this file's name.",
            where=str(output),
            hint=f"End it with .{chosen}, or leave --format out.",
        )
    return kind


def write(
    found: IndicatorResults,
    used: Sequence[Indicator],
    levels: Collection[str],
    kind: Kind,
    output: Path | None,
) -> None:
    """Print results, or write them to a file whole or not at all."""
    from hamlets.cli import exports
    from hamlets.cli.terminal import say

    if kind == "text":
        from hamlets.cli.network_indicator_tables import print_indicators

        print_indicators(found, levels)
        return
    content = _MADE[kind](found, used, levels)
    if output is None:
        exports.print_bytes(content)
    else:
        exports.replace_file(output, content)
        say(f"Wrote {output}")
    if kind != "html":
        for note in found.notes:
            say(note)


def _json(found: IndicatorResults, _used: Sequence[Indicator], levels: Collection[str]) -> bytes:
    import orjson

    told = {
        "indicators": [asdict(one) for one in found.indicators],
        "rows": [flat(row) for row in _wanted(found, levels)],
        "averages": [asdict(one) | {"agree": one.agree} for one in found.averages],
        "case_mix": [asdict(one) for one in found.case_mix],
        "notes": list(found.notes),
        "invented": found.invented,
        "store_version": found.store_version,
        "content_id": found.content_id,
        "registry": found.registry,
    }
    return orjson.dumps(told, default=_plain, option=orjson.OPT_APPEND_NEWLINE)


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(type(value).__name__)


def _wanted(found: IndicatorResults, levels: Collection[str]) -> list[IndicatorRow]:
    return [row for row in found.rows if row.level == "all" or row.level in levels]


def flat(row: IndicatorRow) -> dict[str, Any]:
    """Return a row with its month and its limits as keys of their own."""
    told = {k: v for k, v in asdict(row).items() if k != "funnel"}
    whole_month = (
        row.period_start is not None
        and row.period_end is not None
        and (row.period_start.year, row.period_start.month)
        == (row.period_end.year, row.period_end.month)
    )
    told["month"] = f"{row.period_start:%Y-%m}" if whole_month else None
    limits = row.funnel
    for name in (
        "centre", "centre_is", "lower_95", "upper_95", "lower_998", "upper_998", "position",
    ):  # fmt: skip
        told[f"funnel_{name}"] = None if limits is None else getattr(limits, name)
    return told


def _table(found: IndicatorResults, levels: Collection[str]) -> pa.Table:
    import pyarrow as pa

    rows = [flat(row) for row in _wanted(found, levels)]
    return pa.Table.from_pylist(rows)


def _csv(found: IndicatorResults, _used: Sequence[Indicator], levels: Collection[str]) -> bytes:
    from hamlets.cli.exports import csv_bytes

    return csv_bytes(_table(found, levels))


def _parquet(found: IndicatorResults, _used: Sequence[Indicator], levels: Collection[str]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(_table(found, levels), sink)
    return sink.getvalue().to_pybytes()


def _fhir(found: IndicatorResults, used: Sequence[Indicator], levels: Collection[str]) -> bytes:
    from dataclasses import replace
    from datetime import date

    import orjson

    from hamlets.networks.indicators import as_fhir

    shown = replace(found, rows=tuple(_wanted(found, levels)))
    bundle = as_fhir(shown, used, date.today())
    return orjson.dumps(bundle, option=orjson.OPT_APPEND_NEWLINE)


def _html(found: IndicatorResults, _used: Sequence[Indicator], _levels: Collection[str]) -> bytes:
    from hamlets.publish.indicators import indicators_page

    return indicators_page(found).encode()


_MADE: dict[Kind, Callable[[Any, Any, Any], bytes]] = {
    "json": _json,
    "csv": _csv,
    "parquet": _parquet,
    "fhir": _fhir,
    "html": _html,
}
