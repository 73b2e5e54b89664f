"""Teams: micro-teams and patient lists, their proof, and what the rota would allow.

Public functions are imported when first used: the kernel's compiler takes a second to load.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hamlets.teams.ceiling.answering import attainable_ceiling
    from hamlets.teams.ceiling.arrangements import CeilingOf
    from hamlets.teams.ceiling.gains import with_expected_gains
    from hamlets.teams.ceiling.measured import add_ceiling
    from hamlets.teams.ceiling.reported import with_ceiling

__all__ = [
    "CeilingOf",
    "add_ceiling",
    "attainable_ceiling",
    "with_ceiling",
    "with_expected_gains",
]

_HOMES = {
    "CeilingOf": "hamlets.teams.ceiling.arrangements",
    "add_ceiling": "hamlets.teams.ceiling.measured",
    "attainable_ceiling": "hamlets.teams.ceiling.answering",
    "with_ceiling": "hamlets.teams.ceiling.reported",
    "with_expected_gains": "hamlets.teams.ceiling.gains",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'hamlets.teams' has no attribute {name!r}")
