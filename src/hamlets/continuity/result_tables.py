"""Blocks as one Arrow table with the columns of the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from hamlets.continuity.blocks import Block
from hamlets.continuity.calendar import month_label
from hamlets.continuity.conventions import Question
from hamlets.continuity.definitions import DEFINITIONS_VERSION, MEASURES, STEPS
from hamlets.continuity.dimensions import Int64, find_rows
from hamlets.continuity.estimates import Floats, shrink
from hamlets.continuity.select import REASONS
from hamlets.continuity.yields import Context, Yield

FEW = 10
"""Values of fewer patients than this are marked."""

EXCLUDED = {
    "excluded_status": ("status", "status_unknown"),
    "excluded_mode": ("mode",),
    "excluded_role": ("role", "role_unknown"),
    "excluded_no_clinician": ("no_clinician",),
}
OWN_LINES = (
    "status_unknown",
    "role_unknown",
    "before_registration",
    "after_registration",
    "same_day",
    "age",
)
"""Reasons that have a line of their own as well."""


def group_labels(group: str, codes: Int64, context: Context) -> list[str]:
    """Return the source ids or words of a group's shared codes."""
    if group == "practice":
        table = context.reference.practice_labels
    elif group == "list":
        table = context.reference.person_labels
    elif group == "team":
        table = context.reference.team_labels
    elif group == "site":
        table = context.store.labels("site")
    elif group == "month":
        return [month_label(int(c)) for c in codes.tolist()]
    else:
        table = context.labels.labels(group)
    return [table[c] if c >= 0 else "unknown" for c in codes.tolist()]


def _shrunk(block: Block, by: tuple[str, ...]) -> Floats:
    """Return the values of lists drawn towards their practice, month by month and so on."""
    result = np.full(len(block.value), np.nan)
    unknown = len(block.practice) != len(block.value)
    if "list" not in by or len(block.value) == 0 or block.step is not None or unknown:
        return result
    others = [i for i, g in enumerate(by) if g not in ("list", "practice")]
    stratum = np.hstack([block.practice[:, None], block.keys[:, others]])
    _, place = np.unique(stratum, axis=0, return_inverse=True)
    place = place.reshape(-1)
    for each in range(int(place.max()) + 1):
        rows = np.flatnonzero(place == each)
        if len(rows) >= 3:
            result[rows] = shrink(block.value[rows], block.lower[rows], block.upper[rows])
    return result


def _excluded(block: Block, by: tuple[str, ...], found: Yield, columns: int) -> Int64:
    """Return rows left out for each row of a block, one column a reason."""
    kind = "excluded"
    if "month" in by and MEASURES[block.measure].kind == "patient":
        kind = "excluded_rolling"
    piece = found.total(kind, by, columns, len(REASONS))
    result = np.zeros((len(block.value), len(REASONS)), dtype=np.int64)
    at = find_rows(piece.keys, block.keys)
    result[at >= 0] = piece.values[at[at >= 0]]
    return result


def _numbers(values: Floats) -> pa.Array:
    return pa.array(values, type=pa.float64(), mask=np.isnan(values))


def _block_table(block: Block, question: Question, context: Context, found: Yield) -> pa.Table:
    by, rows = question.by, len(block.value)
    block.shrunk = _shrunk(block, by)
    left_out = _excluded(block, by, found, len(by))
    position = {reason: i for i, reason in enumerate(REASONS)}
    columns: dict[str, Any] = {
        "measure": pa.array([block.measure] * rows, type=pa.string()),
        "level": pa.array([block.level] * rows, type=pa.string()),
    }
    for i, group in enumerate(by):
        columns[group] = pa.array(group_labels(group, block.keys[:, i], context), type=pa.string())
    if "waterfall" in question.measures:
        columns["step"] = pa.array([block.step] * rows, type=pa.string())
    columns |= {
        "value": _numbers(block.value),
        "n_patients": block.n_patients,
        "n_contacts": block.n_contacts,
        "lower": _numbers(block.lower),
        "upper": _numbers(block.upper),
        "chance": _numbers(block.chance),
        "corrected": _numbers(block.corrected),
        "shrunk": _numbers(block.shrunk),
    }
    for name, reasons in EXCLUDED.items():
        columns[name] = left_out[:, [position[r] for r in reasons]].sum(axis=1)
    columns["excluded_min_n"] = block.excluded_min_n
    for reason in OWN_LINES:
        columns[f"excluded_{reason}"] = left_out[:, position[reason]]
    columns["n_no_named_gp"] = block.n_no_named_gp
    columns["partial"] = block.partial
    columns["few"] = (block.n_patients > 0) & (block.n_patients < FEW)
    columns["reason"] = pa.array(block.reason, type=pa.string())
    columns["definition_version"] = pa.array([DEFINITIONS_VERSION] * rows, type=pa.string())
    return pa.table(columns)


def result_table(
    question: Question, blocks: Sequence[Block], context: Context, found: Yield
) -> pa.Table:
    """Return all blocks as one table ordered by measure, level, groups and step."""
    tables = [_block_table(block, question, context, found) for block in blocks]
    table = pa.concat_tables(tables)
    order: list[Any] = [("measure", "ascending"), ("level", "ascending")]
    order += [(group, "ascending") for group in question.by]
    if "step" in table.column_names:
        rank = pa.array(
            [STEPS.index(s) if s else -1 for s in table.column("step").to_pylist()], pa.int8()
        )
        table = table.append_column("_step", rank)
        order.append(("_step", "ascending"))
    table = table.sort_by(order)
    return table.drop_columns(["_step"]) if "_step" in table.column_names else table
