"""``hamlets measure`` for people: tables that read well in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from hamlets.cli.columns import Column, print_columns
from hamlets.cli.exports import conventions
from hamlets.cli.terminal import print_lines

if TYPE_CHECKING:
    import pyarrow as pa

MOST_ROWS = 400
MOST_PATIENTS = 20
Rows = list[dict[str, Any]]
STEP_NAMES = {
    "own": "own GP",
    "buddy": "buddy",
    "team": "rest of own team",
    "practice": "rest of practice",
    "locum": "locum or registrar",
    "hub": "network hub or other practice",
}
NOT_COUNTED = {
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


def print_table(table: pa.Table) -> None:
    """Print a result with the conventions it was measured with."""
    if "patient_id" in table.column_names:
        _print_patients(table)
    else:
        _print_groups(table)
    print()
    printed = conventions(table)
    print_lines(_counted(printed))
    print_lines(
        [f"Store version {printed['store_version']}, definitions {printed['definition_version']}."]
    )


def _print_groups(table: pa.Table) -> None:
    groups = _groups(table)
    rows = table.slice(0, MOST_ROWS).to_pylist()
    plain = [r for r in rows if r["measure"] != "waterfall"]
    steps = [r for r in rows if r["measure"] == "waterfall"]
    if plain:
        print_columns(_measures(plain, groups))
    if plain and steps:
        print()
    if steps:
        print_columns(_waterfall(steps, groups))
    if table.num_rows > MOST_ROWS:
        print(f"{table.num_rows - MOST_ROWS:,} more rows: use --output FILE.csv")


def _groups(table: pa.Table) -> list[str]:
    names = table.column_names
    stop = names.index("step") if "step" in names else names.index("value")
    return names[2:stop]


def _group_columns(rows: Rows, groups: Sequence[str]) -> list[Column]:
    return [
        Column(g, ["-" if r[g] is None else str(r[g]) for r in rows], kind="words") for g in groups
    ]


def _number(value: float | None, digits: int = 3) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _range(row: dict[str, Any], scale: float = 1, digits: int = 3) -> str:
    if row["lower"] is None or row["upper"] is None:
        return "-"
    return f"{scale * row['lower']:.{digits}f} to {scale * row['upper']:.{digits}f}"


def _measures(rows: Rows, groups: Sequence[str]) -> list[Column]:
    from hamlets.continuity.definitions import MEASURES

    order = list(MEASURES)
    rows = sorted(rows, key=lambda r: order.index(r["measure"]))
    first = _first_of_each(_with_level(row) for row in rows)
    names = [MEASURES[row["measure"]].name_at(row["level"]) for row in rows]
    columns = [
        Column("measure", _where(first, [_with_level(row) for row in rows]), "name"),
        Column("in words", _where(first, names), kind="words", leaves=1),
        *_group_columns(rows, groups),
        Column("value", [_number(r["value"]) for r in rows]),
        Column("range", [_range(r) for r in rows]),
        Column("by chance", [_number(r["chance"]) for r in rows], leaves=3),
        Column("ceiling", [_number(r.get("ceiling")) for r in rows]),
        Column("corrected", [_number(r["corrected"]) for r in rows], leaves=4),
        Column("shrunk", [_number(r["shrunk"]) for r in rows], leaves=2),
        Column("patients", [f"{r['n_patients']:,}" for r in rows]),
        Column("contacts", [f"{r['n_contacts']:,}" for r in rows], leaves=5),
        Column("", [_remark(r) for r in rows], kind="words"),
    ]
    empty = {"shrunk"} if all(r["shrunk"] is None for r in rows) else set[str]()
    if not any(columns[-1].cells):
        empty.add("")
    if "ceiling" not in rows[0]:
        empty.add("ceiling")
    return [c for c in columns if c.name not in empty]


def _first_of_each(keys: Iterable[str]) -> list[bool]:
    seen = list(keys)
    return [i == 0 or seen[i - 1] != key for i, key in enumerate(seen)]


def _where(wanted: Sequence[bool], texts: Sequence[str]) -> list[str]:
    return [text if yes else "" for yes, text in zip(wanted, texts, strict=True)]


def _with_level(row: dict[str, Any]) -> str:
    return row["measure"] + ("" if row["level"] == "clinician" else f"_{row['level']}")


def _remark(row: dict[str, Any]) -> str:
    remark = row["reason"] or ("few patients" if row["few"] else "")
    if row["partial"]:
        remark = f"{remark}, part month" if remark else "part month"
    return remark


def _waterfall(rows: Rows, groups: Sequence[str]) -> list[Column]:
    shares = [row["value"] for row in rows]
    return [
        Column("who patients saw", [STEP_NAMES[row["step"]] for row in rows], kind="words"),
        *_group_columns(rows, groups),
        Column("of 100", [_number(None if s is None else 100 * s, 1) for s in shares]),
        Column("range", [_range(row, 100, 1) for row in rows]),
        Column(
            "",
            [row["reason"] or "█" * round((row["value"] or 0) * 20) for row in rows],
            kind="words",
            leaves=1,
        ),
    ]


def _counted(printed: dict[str, Any]) -> list[str]:
    counted = printed.get("counted", {})
    left_out = [f"{NOT_COUNTED[k]} {counted[k]:,}" for k in NOT_COUNTED if counted.get(k)]
    roles = printed["roles"] if isinstance(printed["roles"], str) else ", ".join(printed["roles"])
    modes = printed["modes"] if isinstance(printed["modes"], str) else ", ".join(printed["modes"])
    lines = [
        f"Counted: {counted.get('contacts', 0):,} contacts of {counted.get('patients', 0):,} "
        f"patients, {printed['date_from']} to {printed['date_to']}, roles {roles}, "
        f"modes {'all but group' if modes == 'all' else modes}.",
        "Not counted in these days: " + ("; ".join(left_out) or "nothing") + ".",
    ]
    return lines + printed.get("notes", [])


def _print_patients(table: pa.Table) -> None:
    rows = table.slice(0, MOST_PATIENTS).to_pylist()
    names = [n for n in table.column_names if not n.startswith("expected_")]
    indices = names[3:]
    columns = [
        Column("patient_id", [str(r["patient_id"]) for r in rows], kind="words"),
        Column("practice_id", [str(r["practice_id"] or "-") for r in rows], kind="words"),
        Column("n_contacts", [f"{r['n_contacts']:,}" for r in rows]),
        # the last measures are the first to go
        *(
            Column(n, [_cell(r[n]) for r in rows], leaves=0 if i == 0 else len(indices) - i)
            for i, n in enumerate(indices)
        ),
    ]
    print_columns(columns)
    if table.num_rows > MOST_PATIENTS:
        print(f"{table.num_rows - MOST_PATIENTS:,} more patients: use --output FILE.csv")


def _cell(value: float | None) -> str:
    return _number(value) if value is None or isinstance(value, float) else str(value)
