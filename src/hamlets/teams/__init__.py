"""Teams: micro-teams and patient lists, their proof, and what the rota would allow.

Public functions are imported when first used: the kernel's compiler takes a second to load.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hamlets.teams.ceiling.answering import attainable_ceiling

__all__ = ["attainable_ceiling"]

_HOMES = {"attainable_ceiling": "hamlets.teams.ceiling.answering"}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'hamlets.teams' has no attribute {name!r}")
