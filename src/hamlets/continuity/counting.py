"""The sum of a report: rows read, rows left out by each rule, contacts counted."""

from __future__ import annotations

from hamlets.continuity.asking import Row, Scope
from hamlets.continuity.presence import Presence
from hamlets.continuity.results import Counting, CountLine
from hamlets.records import Store

_RULES = {
    "status": ("excluded_status",),
    "mode": ("excluded_mode",),
    "role": ("excluded_role",),
    "no_clinician": ("excluded_no_clinician",),
    "registration": ("excluded_before_registration", "excluded_after_registration"),
    "same_day": ("excluded_same_day",),
}
"""Columns of a measure's row that each line of the sum adds up."""


def read_counting(
    row: Row, store: Store, scope: Scope, presence: Presence, no_named_gp: int | None
) -> Counting:
    """Return the sum from the rows read (or held) to the contacts counted.

    ``row`` is a measure's row whose contacts are all that were counted.
    """
    counted: int = row["n_contacts"]
    taken = {name: sum(row[column] for column in columns) for name, columns in _RULES.items()}
    outside = presence.rows_held - presence.rows_inside
    # What no rule named: patients who belong to no practice, or are not of the ages asked.
    taken["other"] = max(0, presence.rows_inside - counted - sum(taken.values()))
    lines = [CountLine("outside", outside), *(CountLine(k, n) for k, n in taken.items() if n)]
    held = outside + sum(taken.values()) + counted
    before = _load_lines(store) if scope.practice is None else None
    if before is not None and held == presence.rows_held:
        read, first = before
        return Counting(read, counted, (*first, *lines), True, no_named_gp)
    return Counting(held, counted, tuple(lines), False, no_named_gp)


def _load_lines(store: Store) -> tuple[int, list[CountLine]] | None:
    """Return rows of appointments read by all loads, and what became of those not held."""
    totals = {"rows_read": 0, "rows_kept": 0, "rows_refused": 0, "rows_collapsed": 0}
    for load in store.manifest.loads:
        for name in totals:
            totals[name] += int(load.get(name, {}).get("appointments", 0))
    stored = store.manifest.tables["appointments"].rows
    replaced = totals["rows_kept"] - stored
    lines = [
        CountLine("refused", totals["rows_refused"]),
        CountLine("collapsed", totals["rows_collapsed"]),
        CountLine("replaced", replaced),
    ]
    # A store that was restored or migrated may hold rows that its list of loads does not.
    complete = totals["rows_read"] == stored + sum(line.rows for line in lines)
    return (totals["rows_read"], lines) if complete and replaced >= 0 else None
