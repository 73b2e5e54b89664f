"""A table of ``measure`` with the ceiling beside each value that has one."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from hamlets.continuity.calendar import Window, day_number, month_label
from hamlets.continuity.conventions import Conventions
from hamlets.records import Store
from hamlets.teams.ceiling.reading import Records, for_each, read_records, read_window
from hamlets.teams.ceiling.sums import KEYS
from hamlets.teams.ceiling.windows import WEEK_DAYS, WORKING_DAYS, WindowName

GROUPS = ("practice", *KEYS)
LEVELS = ("clinician", "team")
Allowed = dict[tuple[str, ...], tuple[int, int, int]]
"""(requests, own, own or team) by the labels of a row's groups."""


def add_ceiling(
    table: pa.Table,
    store: Store,
    window: str = "policy",
    *,
    working_days: int = WORKING_DAYS,
    threads: int | None = None,
) -> pa.Table:
    """Return a table of ``measure`` of the same store with a column ``ceiling`` after ``chance``.

    The ceiling is the most of a row's contacts that the rota allowed with the own GP, at team
    level with the own GP or team, as a share of the contacts that the value is of: in a window
    (strict, week or policy) from one booking of each whole practice. Only ``slicc`` by
    practice, list, team and month has one, of GP contacts of all modes; elsewhere it is null,
    and a note in the schema's metadata says why. Raises UsageError for another window.
    """
    name = read_window(window)
    said: dict[str, Any] = json.loads((table.schema.metadata or {}).get(b"hamlets", b"{}"))
    groups, reason = _groups(table), _why_none(table, said)
    values: list[float | None] = [None] * table.num_rows
    notes = [reason]
    if not reason:
        days = Window(_day(said["date_from"]), _day(said["date_to"]))
        found = read_records(store, days, threads=threads)
        allowed, kept = _allowed(found, groups, name, working_days, threads)
        values = _values(table, groups, allowed)
        notes = [_what(name, working_days), *_low(found, kept)]
    said["notes"] = [*said.get("notes", []), *(note for note in notes if note)]
    said["ceiling"] = name
    at = table.column_names.index("chance") + 1 if "chance" in table.column_names else None
    made = table.add_column(
        table.num_columns if at is None else at, "ceiling", pa.array(values, type=pa.float64())
    )
    return made.replace_schema_metadata({"hamlets": json.dumps(said)})


def _day(text: str) -> int:
    return day_number(date.fromisoformat(text))


def _groups(table: pa.Table) -> tuple[str, ...]:
    """Return the groups of a table by group."""
    names: list[str] = table.column_names
    if "measure" not in names:
        return ()
    return tuple(names[2 : names.index("step" if "step" in names else "value")])


def _why_none(table: pa.Table, said: dict[str, Any]) -> str:
    """Return why no row of a table can have a ceiling; no words where some can."""
    if "measure" not in table.column_names:
        return "There is no ceiling by patient: a rota is booked for all patients together."
    if table.num_rows == 0:
        return "There is no row, so there is no ceiling."
    if "slicc" not in table.column("measure").to_pylist():
        return "Only slicc has a ceiling: what the rota allows with the own GP."
    others = [group for group in _groups(table) if group not in GROUPS]
    if others:
        return (
            f"There is no ceiling by {', '.join(others)}: it is worked out by practice, list, "
            "team and month."
        )
    usual = Conventions()
    changed = [
        name
        for name in ("roles", "modes", "one_a_day", "ages")
        if said.get(name, getattr(usual, name)) != getattr(usual, name)
    ]
    if changed:
        return (
            "The ceiling is worked out for GP contacts of all modes and ages, so not with "
            f"other {', '.join(changed).replace('one_a_day', 'rules for one day')}."
        )
    return ""


def _allowed(
    found: Records,
    groups: tuple[str, ...],
    window: WindowName,
    working_days: int,
    threads: int | None,
) -> tuple[Allowed, int]:
    """Return what the rota allowed by labels, and how many requests kept their slots."""
    keys = [group for group in groups if group != "practice"]
    at = groups.index("practice") if "practice" in groups else None
    reference = found.reference
    labels: dict[str, Any] = {
        "list": reference.person_labels, "team": reference.team_labels,
    }  # fmt: skip
    places = sorted(found.requests)
    answers = for_each(places, lambda place: found.attain(place, window, working_days), threads)
    total: dict[tuple[str, ...], np.ndarray[Any, Any]] = {}
    for place, (sums, _) in zip(places, answers, strict=True):
        for codes, counts in sums.by(keys).items():
            if min(codes, default=0) < 0:
                continue
            words = [
                month_label(code) if key == "month" else labels[key][code]
                for key, code in zip(keys, codes, strict=True)
            ]
            if at is not None:
                words.insert(at, reference.practice_labels[place])
            label = tuple(words)
            total[label] = total.get(label, np.zeros(3, dtype=np.int64)) + counts
    allowed = {label: (int(c[0]), int(c[1]), int(c[2])) for label, c in total.items()}
    return allowed, sum(kept for _, kept in answers)


def _values(table: pa.Table, groups: tuple[str, ...], allowed: Allowed) -> list[float | None]:
    """Return each row's ceiling; None where it has none, or is of other contacts."""
    values: list[float | None] = []
    for row in table.select([*groups, *_NEEDED]).to_pylist():
        counts = allowed.get(tuple(row[group] for group in groups))
        has = row["measure"] == "slicc" and row["level"] in LEVELS and row["value"] is not None
        if not has or counts is None or counts[0] != row["n_contacts"]:
            values.append(None)
        else:
            values.append(counts[1 + LEVELS.index(row["level"])] / counts[0])
    return values


_NEEDED = ("measure", "level", "value", "n_contacts")


def _what(window: WindowName, working_days: int) -> str:
    when = {
        "strict": "in the same half-day",
        "week": f"within {WEEK_DAYS} working days",
        "policy": f"within {working_days} working days, urgent the same day",
    }[window]
    return (
        f"ceiling: the most that the rota allowed, each request met {when}; with hindsight, so it "
        "is the end of the scale, not a target. Only slicc has one."
    )


def _low(found: Records, kept: int) -> list[str]:
    """Return why the ceiling may be low."""
    notes: list[str] = []
    low = sorted(found.reference.practice_labels[p] for p in found.requests if found.low(p))
    if low:
        where = "" if len(low) == len(found.requests) else f"{', '.join(low)}: "
        notes.append(f"{where}No slots were loaded, so the ceiling is a low estimate.")
    if kept:
        notes.append(
            f"The day of booking of {kept:,} contacts is not known: they keep their slots in the "
            "ceiling."
        )
    return notes
