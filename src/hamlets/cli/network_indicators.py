"""``hamlets networks indicators``: standards of practices and networks, and their definitions."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hamlets.cli.options import (
    FormatOption,
    StoreOption,
    TextOrJson,
    ThreadsOption,
    store_path,
)
from hamlets.errors import UnknownPlaceError, UsageError

if TYPE_CHECKING:
    from hamlets.networks.indicators import CountsFile, Indicator
    from hamlets.networks.membership import Membership
    from hamlets.networks.results.indicators import IndicatorResults


class IndicatorFormat(StrEnum):
    """Output for people, for programs, for spreadsheets, or as FHIR resources."""

    text = "text"
    json = "json"
    csv = "csv"
    fhir = "fhir"


LEVELS = ("practice", "network")
GROUPS = (*LEVELS, "month")

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)

DefinitionOption = Annotated[
    list[Path] | None,
    typer.Option(
        "--definition",
        metavar="FILE",
        help="Your own definition, or a folder of them; may be given again.",
    ),
]


@app.callback()
def indicators_command(
    context: typer.Context,
    store: StoreOption = None,
    period: Annotated[
        str | None,
        typer.Option(
            metavar="PERIOD",
            help="2026-03, 2025-04..2026-03 or 2025/26 (default: the last 12 full months).",
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option(metavar="GROUPS", help="Rows for: practice, network, month; with commas."),
    ] = None,
    indicator: Annotated[
        list[str] | None,
        typer.Option(metavar="ID", help="Only this one; may be given again, or with commas."),
    ] = None,
    network: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="Only rows of this network; may be given again."),
    ] = None,
    counts: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Counts made elsewhere: a CSV like indicator_counts, or a published QOF file."
            " Without --store they are all there is.",
        ),
    ] = None,
    practices: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Which practice is in which network, where no store says so."
        ),
    ] = None,
    case_mix: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="CSV with practice_id and homeless_practice (yes or no)."
        ),
    ] = None,
    definition: DefinitionOption = None,
    format: Annotated[  # noqa: A002 - the option's name
        IndicatorFormat, typer.Option(metavar="FORMAT", help="Print text, json, csv or fhir.")
    ] = IndicatorFormat.text,
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write to this file instead: .html, .json, .csv or .parquet."
        ),
    ] = None,
    threads: ThreadsOption = None,
) -> None:
    """Show what practices and networks reach: rates, ranges, three averages, who was left out.

    A network has three averages, always shown together: the mean of practice rates, all
    patients together, and every practice (the one furthest from the standard). Practices are
    never ranked; limits say what luck alone would give.

    \b
    Examples:
      hamlets networks indicators
      hamlets networks indicators --indicator diabetes_care_plan --period 2025/26
      hamlets networks indicators --by practice,network,month --format csv --output rows.csv
      hamlets networks indicators --counts qof.xlsx --network U00000 --output qof.html
      hamlets networks indicators check my-indicator.yaml
    """
    if context.invoked_subcommand is not None:
        return
    from hamlets.cli import network_indicator_output as out

    groups = _groups(by)
    kind = out.kind_of(output, format.value)
    found, used = _measured(
        store, period, groups, indicator, counts, practices, case_mix, definition, threads,
        quiet=kind != "text",
    )  # fmt: skip
    levels = groups & set(LEVELS) or set(LEVELS)
    # every practice of every indicator is a book: people get the networks unless they ask
    if kind == "text" and by is None and len(found.indicators) > 1:
        levels = {"network"}
    out.write(_of_networks(found, network), used, levels, kind, output)


def _groups(by: str | None) -> set[str]:
    groups = {part.strip().lower() for part in (by or ",".join(LEVELS)).split(",") if part.strip()}
    strange = sorted(groups - set(GROUPS))
    if strange or not groups:
        raise UsageError(
            f"{(strange or [''])[0]!r} is nothing to show rows for.",
            where="--by",
            hint=f"Choose from: {', '.join(GROUPS)}.",
        )
    return groups


def _measured(
    store: Path | None,
    period: str | None,
    groups: set[str],
    indicator: Sequence[str] | None,
    counts: Path | None,
    practices: Path | None,
    case_mix: Path | None,
    definition: Sequence[Path] | None,
    threads: int | None,
    *,
    quiet: bool,
) -> tuple[IndicatorResults, list[Indicator]]:
    from hamlets.cli.terminal import progress, say_if_first_run
    from hamlets.networks.indicators import (
        chosen,
        definitions,
        measure_indicators,
        read_counts_file,
        read_period,
    )
    from hamlets.networks.indicators.case_mix import read_homeless_practices

    ids = [part for each in indicator or () for part in each.split(",") if part]
    used = chosen(definitions(definition or ()), ids)
    asked = None if period is None else read_period(period)
    given: CountsFile | None = None if counts is None else read_counts_file(counts)
    membership = None if practices is None else _membership(practices)
    homeless = None if case_mix is None else read_homeless_practices(case_mix)
    from hamlets.records import open_store

    opened = None if counts is not None and store is None else open_store(store_path(store))
    if opened is not None and any(one.source == "continuity" for one in used):
        say_if_first_run()
    try:
        with progress(None, quiet=quiet, unit="") as shown:
            found = measure_indicators(
                opened,
                used,
                period=asked,
                by_month="month" in groups,
                counts=given,
                membership=membership,
                homeless=homeless,
                threads=threads,
                progress=shown.stage,
            )
    finally:
        if opened is not None:
            opened.close()
    return found, used


def _membership(path: Path) -> Membership:
    """Return networks as a file of practices has them: the same that ``form`` takes."""
    from hamlets.errors import SourceError
    from hamlets.networks.membership import Member, Membership
    from hamlets.networks.small_files import read_small_file

    table = read_small_file(path, ("practice_id", "practice_code", "network_id", "pcn_code"))
    code = table.need("the practice's code", "practice_id", "practice_code")
    network = table.need("the network's code", "network_id", "pcn_code")
    found: dict[str, str] = {}
    for row in table.rows:
        practice, mine = row.cells.get(code, ""), row.cells.get(network, "")
        if practice and found.get(practice, mine) != mine:
            raise SourceError(
                f"Practice {practice} is in two networks.",
                where=table.where(row),
                hint="Give each practice one network.",
            )
        if practice and mine:
            found[practice] = mine
    return Membership(tuple(Member(n, p) for p, n in sorted(found.items())), frozenset(found))


def _of_networks(found: IndicatorResults, networks: Sequence[str] | None) -> IndicatorResults:
    """Return the rows of some networks, with everyone's beside them."""
    from dataclasses import replace

    if not networks:
        return found
    known = {row.network_id for row in found.rows if row.network_id is not None}
    wanted = {part for each in networks for part in each.split(",") if part}
    for one in sorted(wanted):
        if one not in known:
            some = ", ".join(sorted(known)[:8])
            raise UnknownPlaceError(
                f"There is no network {one!r} with figures.",
                where="--network",
                hint=f"There are: {some}{' and others' if len(known) > 8 else ''}.",
            )
    rows = tuple(r for r in found.rows if r.level == "all" or r.network_id in wanted)
    practices = {r.practice_id for r in rows}
    return replace(
        found,
        rows=rows,
        averages=tuple(a for a in found.averages if a.network_id in wanted),
        case_mix=tuple(c for c in found.case_mix if c.practice_id in practices),
    )


@app.command("check", short_help="Say all that is wrong with a definition, line by line.")
def check_command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A definition, a .yaml file.")],
    format: FormatOption = TextOrJson.text,  # noqa: A002 - the option's name
) -> None:
    """Check a definition: its keys, its SQL, and a run on a few invented people.

    Every fault is a sentence with its line. The exit code is 0 where the definition can be
    used and 3 where it cannot.
    """
    from datetime import date

    from hamlets.cli import exports
    from hamlets.cli.terminal import plain, print_lines
    from hamlets.networks.indicators import check_definition

    checked = check_definition(file, date.today())
    if format is TextOrJson.json:
        import orjson

        told: dict[str, Any] = {
            "file": checked.file,
            "indicator_id": checked.indicator_id,
            "sound": checked.sound,
            "faults": [{"line": f.line, "message": f.message} for f in checked.faults],
            "remarks": list(checked.remarks),
            "invented_denominator": checked.denominator,
            "invented_numerator": checked.numerator,
        }
        exports.print_bytes(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))
    else:
        print_lines([fault.sentence(checked.file) for fault in checked.faults], hanging="  ")
        print_lines([f"{checked.file}: {remark}" for remark in checked.remarks], hanging="  ")
        if checked.sound:
            run = (
                ""
                if checked.denominator is None
                else f" Of invented people it counts {checked.numerator} of {checked.denominator}."
            )
            print(plain(f"{checked.file}: `{checked.indicator_id}` can be used.{run}"))
    if not checked.sound:
        raise typer.Exit(3)
