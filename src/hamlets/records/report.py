"""What a load did: the counts that a person checks before trusting a number."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class LoadReport:
    """What one load read, kept, refused and collapsed, and what it met on the way.

    For every table: rows_read = rows_kept + rows_refused + rows_collapsed.
    """

    profile: str
    profile_why: str
    source: str
    rows_read: dict[str, int]
    rows_kept: dict[str, int]
    """Rows that are new in the store or took the place of another."""
    rows_refused: dict[str, int]
    rows_collapsed: dict[str, int]
    """Repeats within the load, and rows that the store already had word for word."""
    rows_new: dict[str, int]
    rows_replaced: dict[str, int]
    rows_deleted: dict[str, int]
    """Rows taken out of the store because the source says they are deleted."""
    store_version: int
    content_id: str
    changed: bool
    """False: the store already held all of this, and its version stands."""
    identifiable: bool
    warnings: list[str] = field(default_factory=list[str])
    unmapped: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """``table.column`` -> word without a meaning here -> rows."""
    unknown_columns: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """File -> columns that were left out."""
    skipped: dict[str, int] = field(default_factory=dict[str, int])
    """File or kind of resource that has no table here -> rows."""
    refusals_by_reason: dict[str, int] = field(default_factory=dict[str, int])
    quarantine: str | None = None
    shares: dict[str, float | None] = field(default_factory=dict[str, float | None])
    """Shares of the load's appointments, 0 to 1; None where it had none."""
    plan_conflicts: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Where the extract and a plan that the store follows differ, counted by plan."""
    first_day: str | None = None
    """First day with an appointment of this load, ISO; None where it brought none."""
    last_day: str | None = None
    last_contact: str | None = None
    """Last day with a contact of this load that took place."""
    over_limit: tuple[int, int] | None = None
    """(refused, read) where more was refused than may be: a look (``check``) alone says so."""
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the report as the JSON object that programs read."""
        return asdict(self)
