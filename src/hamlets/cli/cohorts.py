"""``hamlets cohorts``: groups of patients who may gain most, beside everyone."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hamlets.cli.options import (
    LastDayOption,
    OutputOption,
    StoreOption,
    TableFormat,
    TableFormatOption,
    ThreadsOption,
    read_day,
    store_path,
)
from hamlets.errors import UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from hamlets.cli.columns import Column
    from hamlets.continuity.results import CohortRow, Cohorts, Estimate

CAUTION = (
    "Groups picked because they come often fall by themselves: of frequent attenders in seven "
    "practices 79.3 in 100 came less often in the next half year, whatever their continuity "
    "(BJGP Open 2020;4(5)). Compare a change with others picked by the same rule at the same time."
)
GAIN = (
    "gain: own-GP contacts a year and 100 patients that the rota would allow beyond those "
    "recorded, if this cohort alone were booked again, each contact within 10 working days of its "
    "request (urgent: the same day); with hindsight, so it is the end of the scale. slots: its "
    "contacts that would have another slot, free or given up by others of the cohort; the fewest."
)
NUMBERS = ("value", "lower", "upper", "chance", "corrected", "n_patients", "n_contacts")


class Threshold(StrEnum):
    """Who is a frequent attender."""

    centile = "centile"
    nine = "9"
    eleven = "11"


class Counted(StrEnum):
    """Contacts that make a frequent attender."""

    gp = "gp"
    all = "all"


def cohorts_command(
    store: StoreOption = None,
    practice: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only this practice (default: all).")
    ] = None,
    by: Annotated[
        str, typer.Option(metavar="LIST", help="cohort (default), or practice,cohort.")
    ] = "cohort",
    threshold: Annotated[
        Threshold,
        typer.Option(
            metavar="RULE",
            help="Frequent attender: centile (above the practice's 90th), or 9 or 11 a year.",
        ),
    ] = Threshold.centile,
    contacts: Annotated[
        Counted,
        typer.Option(metavar="WHICH", help="Contacts that make a frequent attender: gp or all."),
    ] = Counted.gp,
    gain: Annotated[
        bool,
        typer.Option(
            "--gain", help="Also the own-GP contacts that the rota would allow beyond those now."
        ),
    ] = False,
    last: LastDayOption = None,
    format: TableFormatOption = TableFormat.table,  # noqa: A002 - the option's name
    output: OutputOption = None,
    threads: ThreadsOption = None,
) -> None:
    """Show cohorts beside everyone: how many patients, how often they come, how continuous it is.

    Patients are those living and registered on the last day; contacts are those with
    GPs in the 12 months up to it; seen by own GP (slicc) and by the GP they see most
    (upc) are of 24 months, as `hamlets measure` gives them. Cohorts overlap.

    The expected gain (--gain) books the contacts of each cohort alone again, with hindsight,
    within 10 working days of the request (urgent: the same day). All others keep their slots.

    \b
    Cohorts:
      frequent_attender, persistent_frequent_attender (also the year before),
      housebound, conditions_2_4, conditions_5_plus, aged_75_plus, new_cancer,
      end_of_life; and everyone, to compare with
    \b
    Examples:
      hamlets cohorts
      hamlets cohorts --by practice,cohort --threshold 11 --output cohorts.csv
      hamlets cohorts --practice G99001 --gain
    """
    from hamlets.cli import exports
    from hamlets.cli.terminal import say, say_if_first_run
    from hamlets.records import open_store

    groups = [word.strip() for word in by.split(",") if word.strip()]
    if sorted(groups) not in (["cohort"], ["cohort", "practice"]):
        raise UsageError(
            "Cohorts are shown by cohort or by practice,cohort.",
            where="--by",
            hint="`hamlets measure --by cohort,...` takes other groups.",
        )
    day = read_day(last, "--to")
    write = exports.writer_for(output) if output is not None else None
    with open_store(store_path(store)) as opened:
        say_if_first_run()
        from hamlets.continuity import cohort_table

        found = cohort_table(
            opened,
            practice,
            by_practice="practice" in groups,
            threshold=threshold.value,
            contacts=contacts.value,
            date_to=day,
            threads=threads,
        )
        if gain:
            from hamlets.teams import with_expected_gains

            found = with_expected_gains(
                found, opened, practice, threshold=threshold.value, contacts=contacts.value,
                threads=threads,
            )  # fmt: skip
    if write is not None and output is not None:
        table = table_of(found)
        write(table, output)
        say(f"Wrote {table.num_rows:,} rows to {output}")
    elif format is TableFormat.json:
        exports.print_json(table_of(found))
    elif format is TableFormat.csv:
        exports.print_csv(table_of(found))
    else:
        _print(found)
        return
    for note in (*found.notes, CAUTION):
        say(note)


def table_of(found: Cohorts) -> pa.Table:
    """Return one row a cohort; each measure has columns of its own, such as slicc_team_lower."""
    import pyarrow as pa

    schema: list[tuple[str, Any]] = [
        ("cohort", pa.string()),
        ("practice_id", pa.string()),
        ("n_patients", pa.int64()),
        ("n_contacts", pa.int64()),
        ("contacts_per_patient_year", pa.float64()),
    ]
    for estimate in found.rows[0].estimates if found.rows else ():
        name = _name(estimate)
        schema += [
            (_column(name, part), pa.int64() if part.startswith("n_") else pa.float64())
            for part in NUMBERS
        ]
        schema.append((f"{name}_reason", pa.string()))
    schema += [
        ("expected_gain_per_100", pa.float64()),
        ("slots_displaced", pa.int64()),
        ("reason", pa.string()),
        ("period_first", pa.date32()),
        ("period_last", pa.date32()),
        ("definition_version", pa.string()),
    ]
    rows = [_row(found, row) for row in found.rows]
    return pa.Table.from_pylist(rows, schema=pa.schema(schema))


def _name(estimate: Estimate) -> str:
    return estimate.measure + ("" if estimate.level == "clinician" else f"_{estimate.level}")


def _column(name: str, part: str) -> str:
    return name if part == "value" else f"{name}_{part}"


def _row(found: Cohorts, row: CohortRow) -> dict[str, Any]:
    plain: dict[str, Any] = {
        **vars(row),
        "expected_gain_per_100": row.expected_gain,
        "period_first": found.period.first,
        "period_last": found.period.last,
        "definition_version": found.definition_version,
    }
    for estimate in row.estimates:
        name = _name(estimate)
        plain |= {_column(name, part): getattr(estimate, part) for part in NUMBERS}
        plain[f"{name}_reason"] = estimate.reason
    return plain


def _print(found: Cohorts) -> None:
    from hamlets.cli.columns import print_columns
    from hamlets.cli.terminal import print_lines

    print_columns(_people(found.rows))
    gains = any(row.expected_gain is not None for row in found.rows)
    if gains:
        print()
        print_columns(_gains(found.rows))
    levels = dict.fromkeys(e.level for row in found.rows for e in row.estimates)
    for level in levels:
        print()
        print_columns(_continuity(found.rows, level))
    print()
    said = [
        f"On {found.period.last}; contacts with GPs in the 12 months up to it, continuity from "
        f"{found.period.first}. Cohorts overlap. slicc: seen by own GP; upc: by the GP they see "
        "most" + ("; _team: by anyone of that team." if "team" in levels else "."),
        *_reasons(found.rows),
        *([GAIN] if gains else []),
        *found.notes,
        CAUTION,
    ]
    print_lines(said)
    print_lines([f"Definitions {found.definition_version}."])


def _named(rows: tuple[CohortRow, ...]) -> list[Column]:
    from hamlets.cli.columns import Column

    columns = [Column("cohort", [row.cohort for row in rows], "name")]
    if any(row.practice_id for row in rows):
        columns.append(Column("practice", [row.practice_id or "" for row in rows], "name"))
    return columns


def _people(rows: tuple[CohortRow, ...]) -> list[Column]:
    from hamlets.cli.columns import Column

    return [
        *_named(rows),
        Column("patients", [_count(row.n_patients) for row in rows]),
        Column("contacts", [_count(row.n_contacts) for row in rows], leaves=2),
        Column("a year each", [_number(row.contacts_per_patient_year, 1) for row in rows]),
    ]


def _gains(rows: tuple[CohortRow, ...]) -> list[Column]:
    from hamlets.cli.columns import Column

    return [
        *_named(rows),
        Column("gain per 100", [_number(row.expected_gain, 1) for row in rows]),
        Column("slots", [_count(row.slots_displaced) for row in rows]),
    ]


def _continuity(rows: tuple[CohortRow, ...], level: str) -> list[Column]:
    """Return slicc and upc at one level: one table each keeps a line below 100 characters."""
    from hamlets.cli.columns import Column

    columns = _named(rows)
    for at, like in enumerate(rows[0].estimates):
        if like.level == level:
            mine = [row.estimates[at] for row in rows]
            columns += [
                Column(_name(like), [_number(e.value) for e in mine]),
                Column("range", [_range(e) for e in mine], leaves=2),
                Column("chance", [_number(e.chance) for e in mine], leaves=3 + at),
            ]
    return columns


def _reasons(rows: tuple[CohortRow, ...]) -> list[str]:
    """Return why there are dashes: each reason once, with the cohorts it is said of."""
    cohorts: dict[str, list[str]] = {}
    for row in rows:
        if row.reason:
            names = cohorts.setdefault(row.reason, [])
            if row.cohort not in names:
                names.append(row.cohort)
    all_of = len({row.cohort for row in rows})
    return [
        # what is said of everyone is said of the whole table
        reason if "everyone" in names or len(names) == all_of else f"{', '.join(names)}: {reason}"
        for reason, names in cohorts.items()
    ]


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _count(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"


def _range(estimate: Estimate) -> str:
    if estimate.lower is None or estimate.upper is None:
        return "-"
    return f"{estimate.lower:.3f} to {estimate.upper:.3f}"
