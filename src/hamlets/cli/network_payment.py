"""``hamlets networks payment``: what a scheme pays, step by step, and what would change it."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from hamlets.cli.options import (
    FormatOption,
    LastDayOption,
    StoreOption,
    TextOrJson,
    read_day,
    store_path,
)
from hamlets.errors import UsageError

if TYPE_CHECKING:
    from datetime import date

    from hamlets.networks.payment import Counted, Scheme
    from hamlets.networks.results import ClaimShown, PaymentStatement

_WHAT_IF = "--what-if"


class WithWhatIf(TyperCommand):
    """A command whose ``--what-if`` may stand alone or have something typed after it."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Return what is left of the arguments, a blank put after a lone --what-if."""
        filled: list[str] = []
        for position, word in enumerate(args):
            filled.append(word)
            following = args[position + 1 : position + 2]
            if word == _WHAT_IF and (not following or following[0].startswith("-")):
                filled.append("")
        return super().parse_args(ctx, filled)


def payment_command(
    scheme: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="The scheme: a TOML or YAML file, or a preset's name."),
    ] = None,
    store: StoreOption = None,
    counts: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Counts of a file, instead of a store's."),
    ] = None,
    practices: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Sizes of practices: list_size, weighted_list, ..."),
    ] = None,
    network: Annotated[
        str | None, typer.Option(metavar="N", help="One network (default: each there is).")
    ] = None,
    last: LastDayOption = None,
    what_if: Annotated[
        str | None,
        typer.Option(
            _WHAT_IF,
            metavar="[FILE|SPEC]",
            help="What would change it; with a CSV, or as B:diabetes_care_plan=40, the answer.",
        ),
    ] = None,
    costs: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Cost of reaching a patient, for the cheapest set."),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="WAY",
            help="Divide in another way than the scheme's own: equal, fixed, custom,"
            " weighted_list, registered_list, points or weighted_points.",
        ),
    ] = None,
    claims: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Claims for meetings, or posts to reimburse."),
    ] = None,
    evidence: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write an evidence file for each practice here."),
    ] = None,
    practice: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="Evidence of this practice alone, with codes of patients still to reach.",
        ),
    ] = None,
    value: Annotated[
        str | None,
        typer.Option(metavar="POUNDS", help="Value of the contract, instead of the scheme's."),
    ] = None,
    show_scheme: Annotated[
        bool, typer.Option("--show-scheme", help="Print a preset's file, to copy and change.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write the statement as a page.")
    ] = None,
    format: FormatOption = TextOrJson.text,  # noqa: A002 - the option's name
) -> None:
    """Work out what a scheme pays, and show each step as an accountant would.

    Three averages of the network stand beside one another; the scheme says which it pays on.
    Without --scheme the schemes of Hamlets are listed. Counts come from the store (the table
    indicator_counts, and indicators counted from the records) or from a file with the columns
    practice_id, indicator_id, numerator and denominator.

    \b
    Examples:
      hamlets networks payment --scheme network-2 --counts counts.csv --what-if
      hamlets networks payment --scheme ours.toml --store borough --network EX-N02
      hamlets networks payment --scheme network-2 --counts counts.csv --output statement.html
    """
    from hamlets.networks.payment import preset_text, read_scheme

    if scheme is None or show_scheme:
        _show_presets(scheme, preset_text, show_scheme, format)
        return
    if counts is not None and store is not None:
        raise UsageError(
            "Both --counts and --store were given.", where="--counts", hint="Leave one of them out."
        )
    _check_output(output)
    _check_practice(practice, evidence, counts)
    read = _with_value(read_scheme(scheme), value)
    day = read_day(last, "--to")
    forward = what_if is not None
    counted = _counted(read, store, counts, practices, day, network, forward, format)
    made = _statement(read, counted, network, split, claims)
    if what_if is not None:
        made = _looked(read, counted, made, what_if, costs)
    if evidence is not None:
        patients = _patients(read, counted, made, practice, store)
        quiet = format is TextOrJson.json
        _write_evidence(read, counted, made, evidence, practice, patients, quiet=quiet)
    _show(made, output, format)


def _show_presets(scheme: str | None, preset_text: Any, show: bool, form: TextOrJson) -> None:
    from hamlets.networks.payment import preset_names, read_scheme

    if show:
        if scheme not in preset_names():
            raise UsageError(
                "Only a scheme of Hamlets can be shown.",
                where="--show-scheme",
                hint=f"Name one with --scheme: {', '.join(preset_names())}.",
            )
        print(preset_text(scheme), end="")
        return
    found = [(name, read_scheme(name)) for name in preset_names()]
    if form is TextOrJson.json:
        rows = [{"scheme": n, "title": s.title, "year": s.year, "shape": s.shape} for n, s in found]
        print(json.dumps(rows, ensure_ascii=False))
        return
    from hamlets.cli.columns import Column, print_columns

    print_columns(
        [
            Column("scheme", [name for name, _ in found], "name"),
            Column("title", [each.title for _, each in found], "words"),
            Column("shape", [each.shape.replace("_", " ") for _, each in found], "name", leaves=1),
        ]
    )
    print("Work one out with --scheme NAME; print its file with --show-scheme.")


def _check_output(output: Path | None) -> None:
    from hamlets.cli.exports import check_place

    if output is None:
        return
    if output.suffix.lower() not in (".html", ".htm"):
        raise UsageError(
            "The statement is written as a page.", where=str(output), hint="End its name in .html."
        )
    check_place(output)


def _with_value(scheme: Scheme, value: str | None) -> Scheme:
    if value is None:
        return scheme
    from fractions import Fraction

    if scheme.shape not in ("retained_share", "declaration"):
        raise UsageError(
            "Only a scheme that keeps a share back has a value.",
            where="--value",
            hint="Leave the option out.",
        )
    text = value.replace(",", "").removeprefix("£")
    if not text.replace(".", "", 1).isdecimal() or len(text) > 15 or Fraction(text) == 0:
        raise UsageError(
            f"{value!r} is no amount.", where="--value", hint="Write pounds as 384000 or 384000.50."
        )
    return replace(scheme, value=Fraction(text), value_per_patient=None)


def _counted(
    scheme: Scheme,
    store: Path | None,
    counts: Path | None,
    practices: Path | None,
    day: date | None,
    network: str | None,
    forward: bool,
    form: TextOrJson,
) -> Counted:
    from hamlets.cli.terminal import progress
    from hamlets.networks.payment import counts_of_store, read_counts, sizes_alone
    from hamlets.records import open_store

    if counts is not None:
        return read_counts(counts, practices, day)
    if scheme.shape == "reimbursement" and practices is not None and store is None:
        return sizes_alone(practices, day)
    quiet = form is TextOrJson.json or not sys.stderr.isatty()
    with (
        open_store(store_path(store)) as opened,
        progress("Reading the records", quiet=quiet, unit="") as bar,
    ):
        return counts_of_store(
            opened,
            scheme,
            practices=practices,
            day=day,
            network=network,
            with_pace=forward,
            progress=bar.stage,
        )


def _statement(
    scheme: Scheme,
    counted: Counted,
    network: str | None,
    split: str | None,
    claims: Path | None,
) -> PaymentStatement:
    from hamlets.networks.payment import pay, read_claims
    from hamlets.networks.payment.claims import check_claims
    from hamlets.networks.payment.splitting import read_method

    made: tuple[ClaimShown, ...] = ()
    if claims is not None:
        made = read_claims(claims, scheme)
        check_claims(made, sorted(counted.practices), claims.name)
    method = None if split is None else read_method(split)
    return pay(scheme, counted, network=network, method=method, claims=made)


def _looked(
    scheme: Scheme, counted: Counted, made: PaymentStatement, asked: str, costs: Path | None
) -> PaymentStatement:
    from hamlets.networks.payment import look_forward
    from hamlets.networks.payment.asking import read_added, read_costs

    added = read_added(asked, scheme, counted) if asked else ()
    table = read_costs(costs, counted) if costs is not None else {}
    return look_forward(scheme, counted, made, added=added, costs=table)


def _check_practice(practice: str | None, evidence: Path | None, counts: Path | None) -> None:
    """Raise UsageError where codes of patients are asked for that cannot be given."""
    if practice is None:
        return
    if evidence is None:
        raise UsageError(
            "A practice is named for its evidence, and no evidence is asked for.",
            where="--practice",
            hint="Add --evidence DIR, or choose a network with --network.",
        )
    if counts is not None:
        raise UsageError(
            "A file of counts has no patients.",
            where="--practice",
            hint="Use --store, where the records are.",
        )


def _patients(
    scheme: Scheme,
    counted: Counted,
    made: PaymentStatement,
    practice: str | None,
    store: Path | None,
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return codes of the patients one practice has still to reach; none unless it is named."""
    if practice is None:
        return {}
    from hamlets.errors import UnknownPlaceError
    from hamlets.networks.payment import outstanding_patients
    from hamlets.records import open_store

    places = [p for network in made.networks for p in network.practices]
    if practice not in places:
        raise UnknownPlaceError(
            f"There is no practice '{practice}' in this statement.",
            where="--practice",
            hint=f"The practices are: {', '.join(places[:12])}.",
        )
    counted_here = [name for name in scheme.indicators if name in counted.definitions]
    with open_store(store_path(store)) as opened:
        return outstanding_patients(opened, practice, counted_here, counted.source.period_end)


def _write_evidence(
    scheme: Scheme,
    counted: Counted,
    made: PaymentStatement,
    folder: Path,
    practice: str | None,
    patients: dict[tuple[str, str], tuple[str, ...]],
    *,
    quiet: bool,
) -> None:
    from hamlets.cli.exports import replace_file
    from hamlets.cli.terminal import say
    from hamlets.networks.payment import evidence_of
    from hamlets.publish.evidence import evidence_files

    try:
        folder.mkdir(exist_ok=True)
    except OSError:
        raise UsageError(
            "The folder for the evidence cannot be made.",
            where=str(folder),
            hint="Choose a place that you may write to.",
        ) from None
    all_of = evidence_of(scheme, counted, made, patients=patients)
    files = evidence_files(e for e in all_of if practice in (None, e.practice_id))
    for file in files:
        replace_file(folder / file.path, file.content, private=file.private)
    if not quiet:
        say(f"Wrote {len(files)} evidence files to {folder}")
        if any(file.private for file in files):
            say(f"For staff of {practice}: a file lists patients. Do not pass it on.")


def _show(made: PaymentStatement, output: Path | None, form: TextOrJson) -> None:
    if output is not None:
        from hamlets.cli.exports import replace_file
        from hamlets.publish.statement import render_statement

        replace_file(output, render_statement(made).encode())
    if form is TextOrJson.json:
        from hamlets.publish.payment_json import statement_json

        print(json.dumps(statement_json(made), ensure_ascii=False))
        return
    from hamlets.cli.payment_tables import print_statement

    print_statement(made)
    if output is not None:
        print(f"Wrote the statement to {output}")
