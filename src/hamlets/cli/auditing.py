"""``hamlets audit``: who held the story before an event, for people or as CSV and JSON."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hamlets.cli.options import (
    StoreOption,
    TableFormat,
    TableFormatOption,
    ThreadsOption,
    read_day,
    store_path,
)
from hamlets.errors import SourceError, UsageError

if TYPE_CHECKING:
    import pyarrow as pa

    from hamlets.continuity.results import Audit
    from hamlets.records import Store

LOOK_BACK = 365
Plain = dict[str, Any]
"""An audit as JSON has it."""


class By(StrEnum):
    """One audit of everything, or one a practice."""

    all = "all"
    practice = "practice"


def audit_command(
    event: Annotated[
        str, typer.Option(metavar="TYPE", help="Type of event, such as death; see below.")
    ],
    store: StoreOption = None,
    practice: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only this practice (default: all).")
    ] = None,
    by: Annotated[
        By, typer.Option(metavar="GROUP", help="practice: one audit for each practice.")
    ] = By.all,
    look_back: Annotated[
        int, typer.Option(min=1, metavar="DAYS", help="Days looked at before the event.")
    ] = LOOK_BACK,
    first: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DAY",
            help="First day of events (default: the first with a whole look-back).",
        ),
    ] = None,
    last: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="DAY", help="Last day of events (default: the last there is)."
        ),
    ] = None,
    roles: Annotated[
        str | None,
        typer.Option(metavar="LIST", help="gp (default), any, or role words, such as nurse."),
    ] = None,
    symptoms: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Codes of symptoms, one a line or a column code."),
    ] = None,
    seed: Annotated[
        int, typer.Option(metavar="N", help="Another number draws other controls.")
    ] = 0,
    cases: Annotated[
        bool, typer.Option("--cases", help="List the cases too; for inside the practice only.")
    ] = False,
    publish: Annotated[
        bool, typer.Option("--publish", help="Leave out what must not leave the practice.")
    ] = False,
    format: TableFormatOption = TableFormat.table,  # noqa: A002 - the option's name
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write to this .csv or .json file instead.")
    ] = None,
    threads: ThreadsOption = None,
) -> None:
    """Count how many GPs patients saw in the year before an event, beside similar patients.

    Cases are patients with their first event of the type in the days asked for,
    registered all the days before it. Each is given up to four controls: patients of
    the same practice, sex and age band without such an event until then. A second set
    of controls also had about as many contacts; it over-adjusts, since illness causes
    visits. The number of GPs by chance is what as many contacts would meet if each
    went to a GP by the GP's share of all contacts.

    An event is any type in the table of events, such as cancer_diagnosis or
    death_in_hospital; death means any death, also one known by its date alone.

    \b
    Examples:
      hamlets audit --event cancer_diagnosis
      hamlets audit --event death --practice G99001 --cases
      hamlets audit --event cancer_diagnosis --by practice --publish --output audit.csv
    """
    from hamlets.cli.terminal import say_if_first_run
    from hamlets.records import open_store

    days = read_day(first, "--from"), read_day(last, "--to")
    _check(by, practice, cases, publish, output)
    if publish:
        _check_published(
            {"--from": first, "--to": last, "--look-back": look_back != LOOK_BACK, "--seed": seed}
        )
    codes = () if symptoms is None else read_codes(symptoms)
    options: dict[str, Any] = {
        "look_back": look_back,
        "date_from": days[0],
        "date_to": days[1],
        "roles": roles,
        "symptoms": codes,
        "seed": seed,
        "with_cases": cases,
        "threads": threads,
    }
    with open_store(store_path(store)) as opened:
        if cases and practice is None:
            _check_one_practice(opened)
        say_if_first_run()
        from hamlets.continuity import audit, audit_many

        if by is By.practice:
            found = list(audit_many(opened, event, **options).values())
        else:
            found = [audit(opened, event, practice, **options)]
    plain = [as_object(one, cases) for one in found]
    if publish:
        from hamlets.cli.audit_publishing import published

        plain = published(plain)
    _hand_over(plain, by, format, output)


def _check(by: By, practice: str | None, cases: bool, publish: bool, output: Path | None) -> None:
    """Raise UsageError for options that do not go together, before any work."""
    if by is By.practice and practice is not None:
        raise UsageError(
            "One practice cannot be shown by practice.",
            where="--by, --practice",
            hint="Leave one of the two out.",
        )
    if cases and by is By.practice:
        raise UsageError(
            "Cases are listed for one practice at a time.",
            where="--cases, --by",
            hint="Name the practice with --practice.",
        )
    if cases and publish:
        raise UsageError(
            "A list of cases cannot be published.",
            where="--cases, --publish",
            hint="Leave one of the two out.",
        )
    if output is not None:
        from hamlets.cli.exports import check_place

        if output.suffix.lower() not in (".csv", ".json"):
            raise UsageError(
                "An audit is written as .csv or .json.",
                where=str(output),
                hint="End the file's name with one of these.",
            )
        check_place(output)


def _check_published(options: dict[str, Any]) -> None:
    """Raise UsageError for a question that the next could be subtracted from."""
    given = [name for name, value in options.items() if value]
    if given:
        raise UsageError(
            "A published audit has the days of the records, so that two of them cannot be "
            "subtracted.",
            where=", ".join(given),
            hint="Leave this out, or leave --publish out.",
        )


def _check_one_practice(store: Store) -> None:
    """Raise UsageError where a list of cases would hold patients of several practices."""
    homes = [h for h in store.group_practices() if store.group_rows("appointments", h)]
    if len([home for home in homes if home >= 0]) > 1:
        raise UsageError(
            "Cases are listed for one practice at a time, and this store holds several.",
            where="--cases",
            hint="Name the practice with --practice.",
        )


def read_codes(path: Path) -> tuple[str, ...]:
    """Return the codes of a file: its column ``code``, or its lines where it has one column."""
    import csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except OSError as error:
        reason = (error.strerror or "the system refused").lower()
        raise SourceError(
            f"The list of codes cannot be read: {reason}.", where=f"--symptoms {path}"
        ) from error
    except (UnicodeDecodeError, csv.Error):
        raise SourceError(
            "The list of codes is not a CSV in UTF-8.",
            where=f"--symptoms {path}",
            hint="Give a text file with one code a line.",
        ) from None
    head = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "code" not in head and any(cell.strip() for row in rows for cell in row[1:]):
        raise SourceError(
            "This file has several columns, and none of them is called code.",
            where=f"--symptoms {path}",
            hint="Give the column of codes the head code, or write one code a line.",
        )
    column = head.index("code") if "code" in head else 0
    body = rows[1:] if "code" in head else rows
    codes = tuple(row[column].strip() for row in body if len(row) > column and row[column].strip())
    if not codes:
        raise SourceError(
            "The list of codes is empty.",
            where=f"--symptoms {path}",
            hint="Write one code a line, or a column with the head code.",
        )
    return codes


def _hand_over(found: list[Plain], by: By, form: TableFormat, output: Path | None) -> None:
    """Write or print the result."""
    from hamlets.cli import exports
    from hamlets.cli.audit_tables import notes_of, print_audits
    from hamlets.cli.terminal import say

    as_json = output.suffix.lower() == ".json" if output else form is TableFormat.json
    if output is None and form is TableFormat.table:
        print_audits(found)
        return
    if output is not None:
        # a list of cases is for the eyes of whoever asked
        private = any(audit.get("cases") for audit in found)
        content = json_bytes(found, by) if as_json else exports.csv_bytes(_csv_table(found, by))
        exports.replace_file(output, content, private=private)
        say(f"Wrote {output}")
    elif as_json:
        exports.print_bytes(json_bytes(found, by))
    else:
        exports.print_csv(_csv_table(found, by))
    for note in notes_of(found):
        say(note)


def json_bytes(found: list[Plain], by: By) -> bytes:
    """Return one object, or a list with one a practice."""
    import orjson

    made = found if by is By.practice else found[0]
    return orjson.dumps(made, option=orjson.OPT_APPEND_NEWLINE)


def as_object(audit: Audit, cases: bool) -> Plain:
    """Return an audit as the object that programs read."""
    made: Plain = {
        "event": audit.event,
        "practice": audit.practice_id,
        "look_back_days": audit.look_back_days,
        "from": audit.period.first.isoformat(),
        "to": audit.period.last.isoformat(),
        "roles": audit.roles,
        "seed": audit.seed,
        "published": False,
        "n_events": audit.n_events,
        "not_registered": audit.not_registered,
        "without_control": audit.without_control,
        "without_matched_control": audit.without_matched_control,
        "groups": [
            {
                "name": group.name,
                "n_patients": group.n_patients,
                "n_without_contacts": group.n_without_contacts,
                "means": [vars(mean) for mean in group.means],
                "distribution": list(group.distribution),
                "modes": dict(group.modes),
            }
            for group in audit.groups
        ],
        "notes": list(audit.notes),
        "definition_version": audit.definition_version,
    }
    if cases:
        made["cases"] = [
            {**vars(case), "strip": [vars(contact) for contact in case.strip]}
            for case in audit.cases
        ]
    return made


def _csv_table(found: list[Plain], by: By) -> pa.Table:
    return cases_of(found[0]) if "cases" in found[0] else table_of(found, by)


def cases_of(audit: Plain) -> pa.Table:
    """Return one row a case; its contacts in order are one text of steps."""
    import pyarrow as pa

    counts = ("contacts", "gps", "clinicians", "handovers", "own_team")
    schema = pa.schema(
        [
            ("number", pa.int64()),
            ("patient_id", pa.string()),
            ("practice_id", pa.string()),
            ("event_date", pa.string()),
            ("age_band", pa.string()),
            *((name, pa.int64()) for name in counts),
            ("upc", pa.float64()),
            ("symptom_days", pa.int64()),
            ("contacts_in_order", pa.string()),
        ]
    )
    rows = [
        {
            **case,
            "event_date": case["event_date"].isoformat(),
            "contacts_in_order": " ".join(contact["step"] for contact in case["strip"]),
        }
        for case in audit["cases"]
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def table_of(found: list[Plain], by: By) -> pa.Table:
    """Return one row a group and measure, of each practice where they were asked for."""
    import pyarrow as pa

    schema = pa.schema(
        [
            *([("practice", pa.string())] if by is By.practice else []),
            ("group", pa.string()),
            ("measure", pa.string()),
            *((name, pa.float64()) for name in ("value", "lower", "upper")),
            ("n_patients", pa.int64()),
            *((name, pa.float64()) for name in ("chance", "without_zeros")),
            ("reason", pa.string()),
        ]
    )
    rows = [
        {"practice": audit["practice"], "group": group["name"], **mean}
        for audit in found
        for group in audit["groups"]
        for mean in group["means"]
    ]
    return pa.Table.from_pylist(rows, schema=schema)
