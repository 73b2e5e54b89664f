"""Continuity of care: definitions, the one-pass kernel, chance levels and intervals.

Public functions are imported when first used: the kernel's compiler takes a
second to load.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hamlets.continuity.conventions import Conventions, Question
    from hamlets.continuity.measuring import measure, measure_many

__all__ = ["Conventions", "Question", "measure", "measure_many"]

_HOMES = {
    "measure": "hamlets.continuity.measuring",
    "measure_many": "hamlets.continuity.measuring",
    "Question": "hamlets.continuity.conventions",
    "Conventions": "hamlets.continuity.conventions",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'hamlets.continuity' has no attribute {name!r}")
