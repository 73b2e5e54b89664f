"""``hamlets measure`` for people: tables that read well in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hamlets.cli.exports import conventions
from hamlets.cli.terminal import to_people

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 400
FIXED = 16
STEP_NAMES = {
    "own": "own GP",
    "buddy": "buddy",
    "team": "rest of own team",
    "practice": "rest of practice",
    "locum": "locum or registrar",
    "hub": "network hub or other practice",
}


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _range(row: dict[str, Any]) -> str:
    if row["lower"] is None or row["upper"] is None:
        return "-"
    return f"{row['lower']:.3f} to {row['upper']:.3f}"


def _groups(table: pa.Table) -> list[str]:
    names = table.column_names
    stop = names.index("step") if "step" in names else names.index("value")
    return names[2:stop]


def _new_table(columns: list[tuple[str, str]]) -> Any:
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold")
    for name, side in columns:
        made.add_column(name, justify="right" if side == "right" else "left", no_wrap=True)
    return made


def _measures(rows: list[dict[str, Any]], groups: list[str]) -> Any:
    from hamlets.continuity.definitions import MEASURES

    left = [("measure", "left"), ("", "left"), *((g, "left") for g in groups)]
    right = ["value", "range", "by chance", "corrected", "patients", "contacts"]
    extra = [n for n in ("shrunk",) if any(r[n] is not None for r in rows)]
    table = _new_table(
        [*left, *((n, "right") for n in [*right[:4], *extra, *right[4:]]), ("", "left")]
    )
    order = list(MEASURES)
    previous = None
    for row in sorted(rows, key=lambda r: order.index(r["measure"])):
        first = row["measure"] != previous
        previous = row["measure"]
        level = "" if row["level"] == "clinician" else f"_{row['level']}"
        remark = row["reason"] or ("few patients" if row["few"] else "")
        if row["partial"]:
            remark = f"{remark}, part month" if remark else "part month"
        table.add_row(
            row["measure"] + level if first else "",
            MEASURES[row["measure"]].name if first else "",
            *(str(row[g]) for g in groups),
            _number(row["value"]),
            _range(row),
            _number(row["chance"]),
            _number(row["corrected"]),
            *(_number(row[n]) for n in extra),
            f"{row['n_patients']:,}",
            f"{row['n_contacts']:,}",
            remark,
        )
    return table


def _waterfall(rows: list[dict[str, Any]], groups: list[str]) -> Any:
    columns = [("who patients saw", "left"), *((g, "left") for g in groups)]
    table = _new_table([*columns, ("of 100", "right"), ("range", "right"), ("", "left")])
    for row in rows:
        share = row["value"]
        bar = "" if share is None else "█" * round(share * 40)
        table.add_row(
            STEP_NAMES[row["step"]],
            *(str(row[g]) for g in groups),
            "-" if share is None else f"{100 * share:.1f}",
            "-"
            if row["lower"] is None
            else f"{100 * row['lower']:.1f} to {100 * row['upper']:.1f}",
            bar or (row["reason"] or ""),
        )
    return table


def _counted(printed: dict[str, Any]) -> list[str]:
    counted = printed.get("counted", {})
    names = {
        "status": "missed, cancelled or only booked",
        "status_unknown": "status not known",
        "before_registration": "before registration here",
        "after_registration": "after registration ended or death",
        "mode": "group or other mode",
        "no_clinician": "no clinician",
        "role": "not a GP",
        "role_unknown": "role not known",
        "same_day": "same day, same clinician",
    }
    left_out = [f"{names[k]} {counted[k]:,}" for k in names if counted.get(k)]
    roles = printed["roles"] if isinstance(printed["roles"], str) else ", ".join(printed["roles"])
    modes = printed["modes"] if isinstance(printed["modes"], str) else ", ".join(printed["modes"])
    lines = [
        f"Counted: {counted.get('contacts', 0):,} contacts of {counted.get('patients', 0):,} "
        f"patients, {printed['date_from']} to {printed['date_to']}, roles {roles}, "
        f"modes {'all but group' if modes == 'all' else modes}.",
        "Not counted in these days: " + ("; ".join(left_out) or "nothing") + ".",
    ]
    return lines + printed.get("notes", [])


def print_table(table: pa.Table) -> None:
    """Print a result with the conventions it was measured with."""
    console = to_people()
    printed = conventions(table)
    if "patient_id" in table.column_names:
        _print_patients(table)
    else:
        groups = _groups(table)
        rows = table.slice(0, MOST_ROWS).to_pylist()
        plain = [r for r in rows if r["measure"] != "waterfall"]
        steps = [r for r in rows if r["measure"] == "waterfall"]
        if plain:
            console.print(_measures(plain, groups))
        if steps:
            console.print()
            console.print(_waterfall(steps, groups))
        if table.num_rows > MOST_ROWS:
            console.print(f"{table.num_rows - MOST_ROWS:,} more rows: use --output FILE.csv")
    console.print()
    for line in _counted(printed):
        console.print(line)
    console.print(
        f"Store version {printed['store_version']}, definitions {printed['definition_version']}."
    )


def _print_patients(table: pa.Table) -> None:
    console = to_people()
    names = [n for n in table.column_names if not n.startswith("expected_")]
    made = _new_table(
        [(n, "left" if n in ("patient_id", "practice_id") else "right") for n in names]
    )
    for row in table.slice(0, 20).to_pylist():
        made.add_row(
            *(
                _number(row[n]) if isinstance(row[n], float) or row[n] is None else str(row[n])
                for n in names
            )
        )
    console.print(made)
    if table.num_rows > 20:
        console.print(f"{table.num_rows - 20:,} more patients: use --output FILE.csv")
