"""Continuity of care: definitions, the one-pass kernel, chance levels and intervals.

Public functions are imported when first used: the kernel's compiler takes a
second to load.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hamlets.continuity.audits import audit, audit_many
    from hamlets.continuity.cohort_results import cohort_table
    from hamlets.continuity.conventions import Conventions, Question
    from hamlets.continuity.measuring import measure, measure_many
    from hamlets.continuity.staffing import workforce

__all__ = [
    "Conventions",
    "Question",
    "audit",
    "audit_many",
    "cohort_table",
    "measure",
    "measure_many",
    "workforce",
]

_HOMES = {
    "audit": "hamlets.continuity.audits",
    "audit_many": "hamlets.continuity.audits",
    "measure": "hamlets.continuity.measuring",
    "measure_many": "hamlets.continuity.measuring",
    "cohort_table": "hamlets.continuity.cohort_results",
    "workforce": "hamlets.continuity.staffing",
    "Question": "hamlets.continuity.conventions",
    "Conventions": "hamlets.continuity.conventions",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'hamlets.continuity' has no attribute {name!r}")
