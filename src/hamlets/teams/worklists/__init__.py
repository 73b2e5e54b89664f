"""Lists of patients for the staff of one practice: who loses their GP, whom to see to first."""

from __future__ import annotations

from hamlets.teams.worklists.answering import early_warning, need_worklist
from hamlets.teams.worklists.presets import (
    Preset,
    chosen_presets,
    read_presets,
    shipped_presets,
    shipped_text,
)

__all__ = [
    "Preset",
    "chosen_presets",
    "early_warning",
    "need_worklist",
    "read_presets",
    "shipped_presets",
    "shipped_text",
]
