"""``hamlets networks scale``: federate, merge, how big; a model to talk about."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hamlets.cli.options import FormatOption, TextOrJson
from hamlets.errors import UsageError

if TYPE_CHECKING:
    from hamlets.networks.results import Scales, Scenario

_FIRST_SWINGS = 5


def scale_command(
    preset: Annotated[
        str | None, typer.Option(metavar="NAME", help="One of the five case studies.")
    ] = None,
    inputs: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="Your own numbers, above those of the preset."),
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Side by side: presets, or files of inputs."),
    ] = None,
    show_inputs: Annotated[
        bool, typer.Option("--show-inputs", help="Print the file of inputs, to copy and change.")
    ] = False,
    format: FormatOption = TextOrJson.text,  # noqa: A002 - the option's name
    output: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write a page with drawings.")
    ] = None,
) -> None:
    """Show what size and form do to costs, decisions, services and continuity, in a model.

    It is no forecast: nine sums over numbers that you can change, each with its source and
    its date, and marked as published or assumed. Without --preset the case studies are listed.

    \b
    Examples:
      hamlets networks scale --preset tower-hamlets-network-2
      hamlets networks scale --compare vitality,suffolk --output scale.html
      hamlets networks scale --preset suffolk --inputs ours.toml --format json
    """
    _check_output(output)
    names = _names(preset, compare)
    if show_inputs:
        from hamlets.cli.exports import print_bytes

        print_bytes(_inputs_text(names).encode())
        return
    if not names and inputs is None:
        if output is not None:
            raise UsageError(
                "There is nothing to write yet.",
                where="--output",
                hint="Name a case study with --preset, two with --compare, or give --inputs.",
            )
        _list_presets(format)
        return
    from hamlets.networks.scale import compare as worked_out
    from hamlets.networks.scale import read_given, read_own

    given = [read_given(name, inputs) for name in names]
    if not names and inputs is not None:
        given = [read_own(inputs)]
    _show(worked_out(given), format, output)


def _check_output(output: Path | None) -> None:
    from hamlets.cli.exports import check_place

    if output is None:
        return
    if output.suffix.lower() not in (".html", ".htm"):
        raise UsageError(
            "The scenarios are written as a page.",
            where=str(output),
            hint="End its name in .html.",
        )
    check_place(output)


def _names(preset: str | None, compare: str | None) -> list[str]:
    if compare is None:
        return [] if preset is None else [preset]
    if preset is not None:
        raise UsageError(
            "Both --preset and --compare name scenarios.",
            where="--compare",
            hint="Leave one of them out.",
        )
    names = [name.strip() for name in compare.split(",") if name.strip()]
    if len(set(names)) < 2 or len(set(names)) < len(names):
        raise UsageError(
            "To compare takes two different scenarios or more.",
            where="--compare",
            hint="Write --compare vitality,suffolk.",
        )
    return names


def _inputs_text(names: list[str]) -> str:
    from hamlets.networks.scale import PRESETS, preset_text

    if not names:
        return preset_text("defaults")
    unknown = [name for name in names if name not in PRESETS]
    if unknown:
        raise UsageError(
            f"There is no preset {unknown[0]!r}.",
            where="--preset",
            hint=f"Choose from: {', '.join(PRESETS)}.",
        )
    return "\n".join(preset_text(name) for name in names)


def _list_presets(form: TextOrJson) -> None:
    from hamlets.networks.scale import PRESETS, read_given

    found = [read_given(name) for name in PRESETS]
    if form is TextOrJson.json:
        rows = [{"preset": g.name, "title": g.title, "model": g.model} for g in found]
        print(json.dumps(rows, ensure_ascii=False))
        return
    from hamlets.cli.columns import Column, print_columns
    from hamlets.cli.terminal import print_lines
    from hamlets.publish.scale_words import said

    print_columns(
        [
            Column("preset", [g.name for g in found], "name"),
            Column("title", [g.title for g in found], "words"),
            Column("form", [said(f"model.{g.model}") for g in found], "name"),
        ]
    )
    print_lines([said("cli.presets")])


def _show(scales: Scales, form: TextOrJson, output: Path | None) -> None:
    if output is not None:
        from hamlets.cli.exports import replace_file
        from hamlets.publish.scale_page import render_scales

        replace_file(output, render_scales(scales).encode())
    if form is TextOrJson.json:
        from hamlets.publish.scale_json import scales_json

        print(json.dumps(scales_json(scales), ensure_ascii=False))
        return
    _print(scales)
    if output is not None:
        print(f"Wrote the page to {output}")


def _print(scales: Scales) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.cli.terminal import print_lines
    from hamlets.publish.scale_page import outcomes_table, services_table
    from hamlets.publish.scale_words import said

    print_lines([said("page.model"), *([said("page.real")] if scales.names_real_ones else [])])
    titles = [scenario.title for scenario in scales.scenarios]
    services = services_table(scales)
    for table, caption, heads in (
        (outcomes_table(scales), "", [said("page.outcome_head"), *titles]),
        (services, services.caption, [*(c.head for c in services.columns[:2]), *titles]),
    ):
        print()
        if caption:
            print_lines([caption])
        cells = [[row[at].text for row in table.rows] for at in range(len(heads))]
        print_columns(
            [
                Column(head, column, "number" if at else "words")
                for at, (head, column) in enumerate(zip(heads, cells, strict=True))
            ]
        )
    for scenario in scales.scenarios:
        print()
        _print_swings(scenario)
    assumed = [g for s in scales.scenarios for g in s.inputs if g.kind == "assumption"]
    every = sum(len(s.inputs) for s in scales.scenarios)
    print()
    print_lines([said("cli.assumed", n=len(assumed), all=every)])


def _print_swings(scenario: Scenario) -> None:
    from hamlets.cli.columns import Column, print_columns
    from hamlets.cli.terminal import print_lines
    from hamlets.publish.scale_words import input_value, outcome_words, said

    many = len(scenario.services)
    for outcome, swings in scenario.swings.items():
        shown = swings[:_FIRST_SWINGS]
        if not shown:
            continue
        words = said(f"outcome.{outcome}")
        now = outcome_words(outcome, scenario.outcomes[outcome], many)
        print_lines([f"{said('cli.moves', outcome=words)}: {scenario.title}, now {now}"])
        print_columns(
            [
                Column(said("page.swing_head_input"), [s.title for s in shown], "words"),
                Column(
                    said("page.swing_head_low"),
                    [f"{outcome_words(outcome, s.at_low, 0)} ({input_value(s.low_input, s.unit)})"
                     for s in shown],
                    "words",
                ),
                Column(
                    said("page.swing_head_high"),
                    [f"{outcome_words(outcome, s.at_high, 0)} ({input_value(s.high_input, s.unit)})"
                     for s in shown],
                    "words",
                ),
            ]
        )  # fmt: skip
