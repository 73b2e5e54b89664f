"""Write the reference pages that come from the code itself.

``make docs`` runs this; tests/docs/test_generated.py fails while a page differs
from what it would write.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

REFERENCE = Path(__file__).parent / "reference"
NOTE = "<!-- Written by docs/generate.py from the code: change the code, then run `make docs`. -->"

KINDS = {
    "id": "code",
    "text": "text",
    "word": "word",
    "date": "date",
    "time": "date and time",
    "number": "number",
    "integer": "whole number",
    "boolean": "true or false",
}

EXIT_CODES_OF_THE_SHELL = {
    0: "Done.",
    1: "A defect of Hamlets itself. The message gives the id of a line in the log.",
    130: "`interrupted`: Interrupted by Ctrl-C. The store is as it was.",
}


PLANS_OF_CODES = (
    (
        0,
        "Every rule is kept. The printed gap says how good the plan is known to be.",
        "`optimal`, `gap`",
    ),
    (
        7,
        "Not every rule can be kept. `conflict` says which rules cannot hold together; the plan is"
        " the nearest, and `given_up` says what it does not keep. No team at all: no plan.",
        "`infeasible`",
    ),
    (8, "No such practice, or the team model names staff who do not work there.", "no plan"),
    (
        9,
        "Ctrl-C or the time limit ended the search; the plan is the best so far, with its gap."
        " Before there was any plan the time limit ends with 9 and Ctrl-C with 130.",
        "`stopped`",
    ),
)
"""How ``teams design`` ends, and what becomes of the plan."""


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def tables_page() -> str:
    """Return the page of the canonical tables, their columns and words."""
    from hamlets.records.tables import TABLES, VOCABULARIES

    lines = [
        "# Tables",
        "",
        NOTE,
        "",
        "These are the tables of the store, and the files of the `csv` profile: `<table>.csv`,",
        "with a header row, in UTF-8. `.csv.gz` and `.parquet` are read too. Only `appointments`",
        "is needed. Dates and times are ISO 8601, such as `2025-06-03` and `2025-06-03 09:20`.",
        "Times are what the clock in London showed; a time with an offset is turned into that.",
        "",
        "Columns in **bold** must be there and filled in every row; in `appointments`, a blank",
        "`staff_id` is a contact without a known clinician. Columns marked † are kept only in a",
        "store made with `--identifiable`.",
        "",
    ]
    for table in TABLES.values():
        lines += [f"## {table.name}", "", table.description, ""]
        lines += ["| column | kind | what it holds |", "|---|---|---|"]
        for column in table.columns:
            name = f"`{column.name}`"
            name = f"**{name}**" if column.required else name
            kind = KINDS[column.kind]
            if column.vocabulary:
                kind = f"[{kind}](#words)"
            mark = " †" if column.identifying else ""
            lines.append(f"| {name}{mark} | {kind} | {_cell(column.description)} |")
        key = ", ".join(f"`{name}`" for name in table.key)
        lines += ["", f"Rows are told apart by {key}.", ""]
    lines += ["## Words", "", "A word that is not listed is kept as `unknown` and reported.", ""]
    lines += ["| column | words |", "|---|---|"]
    for name, words in VOCABULARIES.items():
        lines.append(f"| `{name}` | {', '.join(f'`{word}`' for word in words)} |")
    return "\n".join(lines) + "\n"


def exit_codes_page() -> str:
    """Return the page of exit codes, from the tree of errors."""
    from hamlets import errors

    def below(kind: type[errors.HamletsError]) -> Iterator[type[errors.HamletsError]]:
        yield kind
        for child in kind.__subclasses__():
            yield from below(child)

    rows: dict[int, list[str]] = {}
    for kind in below(errors.HamletsError):
        # a room's own errors are not met by everybody, and may be loaded or not
        if kind is not errors.HamletsError and kind.__module__ == errors.__name__:
            text = f"`{kind.code}`: {_cell((kind.__doc__ or '').partition('.')[0])}."
            rows.setdefault(kind.exit_code, []).append(text)
    for code, text in EXIT_CODES_OF_THE_SHELL.items():
        rows.setdefault(code, []).insert(0, text)
    lines = [
        "# Exit codes",
        "",
        NOTE,
        "",
        "Every command ends with one of these. With `--format json` an error is one JSON object",
        "on standard error with the keys `error`, `message`, `where`, `hint` and `exit_code`; the",
        "words in the table are the values of `error`.",
        "",
        "| code | what it means |",
        "|---|---|",
    ]
    lines += [f"| {code} | {'<br>'.join(texts)} |" for code, texts in sorted(rows.items())]
    lines += [
        "",
        "## Plans of teams",
        "",
        "`hamlets teams design` shows and keeps a plan also where it ends with 7 or 9. Of several",
        "practices, 7 comes before 9 and both before 0; the plans of the others are kept. To adopt",
        "a plan with the status `infeasible` takes `--force`.",
        "",
        "| code | what it means there | `status` of the plan |",
        "|---|---|---|",
    ]
    lines += [f"| {code} | {text} | {status} |" for code, text, status in PLANS_OF_CODES]
    return "\n".join(lines) + "\n"


def environment_page() -> str:
    """Return the page of environment variables."""
    from hamlets.settings import DEFAULTS, DESCRIPTIONS
    from hamlets.web.configuration import WebSettings

    lines = [
        "# Environment variables",
        "",
        NOTE,
        "",
        "An option of a command wins over its variable. No file is read for settings.",
        "",
        "| variable | what for | when it is not set |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{name}` | {_cell(text)} | {_cell(DEFAULTS[name])} |"
        for name, text in DESCRIPTIONS.items()
    ]
    lines += [
        "",
        "## The site",
        "",
        "What `hamlets serve` and the other commands of the site read besides.",
        "",
        "| variable | what for | when it is not set |",
        "|---|---|---|",
    ]
    lines += [
        f"| `HAMLETS_{name.upper()}` | {_cell(_one_line(field.description or ''))} | "
        f"{_cell(_unset(field.default))} |"
        for name, field in WebSettings.model_fields.items()
    ]
    lines += [
        "",
        "## Compiled code",
        "",
        "The kernel is compiled on first use, which takes up to a minute, and kept in",
        "`HAMLETS_CACHE_DIR`. Later runs on the same machine read it from there. Where neither",
        "that folder nor the account's cache folder can be written to, a temporary one is used",
        "and each run compiles again: on a machine with a read-only home, set the variable. The",
        "folder holds code, never data, and may be deleted at any time. Let nobody else write to",
        "it.",
        "",
        "## The log",
        "",
        "One JSON object a line: what was done, how many rows, how long. Ten-digit numbers, record",
        "keys in braces, e-mail addresses and postcodes are removed from every line before it is",
        "written. Only the account that runs Hamlets may read the file.",
    ]
    return "\n".join(lines) + "\n"


def _one_line(words: str) -> str:
    return " ".join(words.replace("``", "`").split())


def _unset(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{value}`" if str(value) else "nothing"


def _argument(parameter: Any) -> str:
    return (parameter.metavar or parameter.name).removesuffix("...").upper()


def _names(parameter: Any) -> str:
    if parameter.param_type_name != "option":
        shown = _argument(parameter)
        return f"`{shown}...`" if parameter.nargs == -1 else f"`{shown}`"
    names = [*parameter.opts, *parameter.secondary_opts]
    return ", ".join(f"`{name}`" for name in names)


def _help_lines(text: str) -> Iterator[str]:
    """Yield the help of a command; a part that is laid out by hand becomes a block."""
    for part in text.strip().split("\n\n"):
        laid_out = part.startswith("\b\n")
        yield from ("```text", dedent(part[2:]), "```", "") if laid_out else (part, "")


def _command_lines(command: Any, path: str, context: Any) -> Iterator[str]:
    yield from (f"## {path}", "", *_help_lines(command.help or ""))
    usage = " ".join(command.get_usage(context).removeprefix("Usage: ").split())
    for parameter in command.get_params(context):
        if parameter.param_type_name != "option":
            shown = f"{{{parameter.metavar or parameter.name}}}"
            usage = usage.replace(shown, _argument(parameter))
    yield from ("```text", usage, "```", "")
    rows: list[str] = []
    for parameter in command.get_params(context):
        if getattr(parameter, "hidden", False) or parameter.name == "help":
            continue
        is_option = parameter.param_type_name == "option"
        text = _cell(getattr(parameter, "help", None) or "")
        default = parameter.default
        if is_option and not parameter.is_flag and isinstance(default, str | int | float):
            text += f" Default: `{default}`."
        rows.append(f"| {_names(parameter)} | {text} |")
    if rows:
        yield from ("| option or argument | what it does |", "|---|---|", *rows, "")


def commands_page() -> str:
    """Return the page of all commands and options, from the program itself."""
    import typer

    from hamlets.cli import app

    lines = [
        "# Commands",
        "",
        NOTE,
        "",
        "Results go to standard output, everything else to standard error.",
        "`hamlets COMMAND --help` says the same as this page.",
        "",
    ]

    def walk(command: Any, path: str, parent: Any) -> None:
        context = command.context_class(command, info_name=path.split()[-1], parent=parent)
        lines.extend(_command_lines(command, path, context))
        children = getattr(command, "commands", {})
        for name, child in children.items():
            if not child.hidden:
                walk(child, f"{path} {name}", context)

    walk(typer.main.get_command(app), "hamlets", None)
    return "\n".join(lines).rstrip() + "\n"


def _between(text: str, mark: str, content: str) -> str:
    before, begin, rest = text.partition(f"<!-- begin: {mark} -->\n")
    _, end, after = rest.partition(f"<!-- end: {mark} -->")
    if not begin or not end:
        raise ValueError(f"the page has no place for {mark}")
    return f"{before}{begin}{content}{end}{after}"


def definitions_page() -> str:
    """Return the page of definitions with its lists of measures and presets written anew."""
    from hamlets.continuity.conventions import PRESETS
    from hamlets.continuity.definitions import DEFINITIONS_VERSION, MEASURES

    lines = [
        "",
        f"Version {DEFINITIONS_VERSION}.",
        "",
        "| id | everyday name | formula | smallest n | source |",
        "|---|---|---|---|---|",
    ]
    for measure in MEASURES.values():
        formula = f"`{_cell(measure.formula)}`"
        smallest = str(measure.minimum) if measure.minimum else ""
        cells = (f"`{measure.id}`", _cell(measure.name), formula, smallest, _cell(measure.source))
        lines.append(f"| {' | '.join(cells)} |")
    page = (REFERENCE / "definitions.md").read_text(encoding="utf-8")
    page = _between(page, "measures", "\n".join([*lines, "", ""]))
    lines = ["", "| preset | source | what it sets | what it leaves open |", "|---|---|---|---|"]
    for preset in PRESETS.values():
        sets = ", ".join(f"{name} {_value(value)}" for name, value in preset.changes.items())
        lines.append(
            f"| `{preset.name}` | {_cell(preset.source)} | {sets.replace('_', ' ')} "
            f"| {_cell(preset.unknown)} |"
        )
    return _between(page, "presets", "\n".join([*lines, "", ""]))


def _value(value: Any) -> str:
    return " to ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def store_format_page() -> str:
    """Return the page of the store's format with the number of the format."""
    from hamlets.records.store.layout import FORMAT_VERSION

    page = (REFERENCE / "store-format.md").read_text(encoding="utf-8")
    return _between(page, "format", f"\nFormat number {FORMAT_VERSION}.\n\n")


def _standard(value: Any) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _indicator_rows() -> Iterator[str]:
    from hamlets.networks.indicators import shipped

    units = {"percent": "of 100", "per_1000": "of 1,000", "mean": "of 100, mean of patients"}
    sources = {"sql": "records", "counts": "uploaded counts", "continuity": "contacts"}
    for one in shipped():
        info = one.info
        window = "" if info.window_months is None else f"{info.window_months} months"
        cells = (
            f"`{one.id}`", info.title, info.package, units[one.unit], info.direction,
            _standard(info.target), window, sources[one.source],
        )  # fmt: skip
        yield f"| {' | '.join(cells)} |"


def _key_rows(properties: dict[str, Any], required: list[str], before: str = "") -> Iterator[str]:
    for name, about in properties.items():
        values = about.get("enum") or ([about["const"]] if "const" in about else [])
        words = ", ".join(f"`{value}`" for value in values)
        must = "yes" if name in required else ""
        yield f"| `{before}{name}` | {_cell(about['description'])} | {must} | {words} |"


def indicators_page() -> str:
    """Return the page of the indicators that are shipped, their keys and their tables."""
    from hamlets.networks.indicators import shipped
    from hamlets.networks.indicators.definition import schema
    from hamlets.networks.indicators.handing import COLUMNS
    from hamlets.networks.indicators.statements import PARAMETERS

    keys = schema()
    populations = keys["properties"]["populations"]
    lines = [
        "# Indicators",
        "",
        NOTE,
        "",
        "What `hamlets networks indicators` counts, and what a definition of your own may say.",
        "[A tutorial](../tutorial/your-own-indicator.md) tells how to write one, and",
        "[an explanation](../explanation/three-averages.md) what a network's three averages mean.",
        "",
        "## Shipped",
        "",
        "| id | title | package | rate | better | standard | looks back | counted from |",
        "|---|---|---|---|---|---|---|---|",
        *_indicator_rows(),
        "",
        "Without a window, events of the period itself count. Nobody but their authors has checked",
        "these definitions yet: have your own lead read those that you use.",
        "",
        "The code lists hold invented codes of `hamlets synth` and a few of SNOMED CT and LOINC.",
        "SNOMED CT codes may be used in the United Kingdom under the licence of NHS England.",
        "Complete the lists with the codes of your system.",
        "",
        "## What each means",
        "",
    ]
    for one in shipped():
        lines += [f"`{one.id}`", f":   {_cell(' '.join([one.info.meaning, *one.info.notes]))} "
                  f"Source: {one.info.source}.", ""]  # fmt: skip
    lines += [
        "## Keys of a definition",
        "",
        "| key | meaning | required | values |",
        "|---|---|---|---|",
        *_key_rows(keys["properties"], keys["required"]),
        *_key_rows(
            populations["else"]["properties"], populations["else"]["required"], "populations."
        ),
        *_key_rows(populations["then"]["then"]["properties"], ["source"], "populations."),
        *_key_rows(
            {"count_ids": populations["then"]["else"]["properties"]["count_ids"]},
            [],
            "populations.",
        ),
        "",
        "The schema itself is `src/hamlets/networks/indicators/indicator.schema.json`.",
        "",
        "## Tables that SQL may name",
        "",
        f"Days: {', '.join(f'`${name}`' for name in PARAMETERS)}. Populations that came before are",
        "tables too, with the column `patient_id`.",
        "",
        "| table | column | what it holds |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{table}` | `{column}` | {about} |"
        for table, columns in COLUMNS.items()
        for column, about in columns.items()
    ]
    lines += [
        "",
        "A numerator that counts events gives a column `events` beside `patient_id`, and with",
        "`group_is` a column `grouped`.",
        "",
    ]
    return "\n".join(lines)


PAGES: dict[str, Callable[[], str]] = {
    "tables.md": tables_page,
    "definitions.md": definitions_page,
    "store-format.md": store_format_page,
    "exit-codes.md": exit_codes_page,
    "environment.md": environment_page,
    "commands.md": commands_page,
    "indicators.md": indicators_page,
}


def main() -> None:
    """Write every generated page; given names, only those."""
    for name in sys.argv[1:] or PAGES:
        (REFERENCE / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"docs/reference/{name}")


if __name__ == "__main__":
    main()
