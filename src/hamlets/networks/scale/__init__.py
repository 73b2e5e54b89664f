"""Scenarios of scale: federate, merge, how big. A transparent model, not a forecast.

Names are imported when first used, so that ``import hamlets.networks.scale`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hamlets.networks.scale.comparing import compare, scenario, swings
    from hamlets.networks.scale.modelling import critical_mass, evaluate
    from hamlets.networks.scale.reading import PRESETS, Given, preset_text, read_given, read_own

_HOMES = {
    "PRESETS": "reading",
    "Given": "reading",
    "compare": "comparing",
    "critical_mass": "modelling",
    "evaluate": "modelling",
    "preset_text": "reading",
    "read_given": "reading",
    "read_own": "reading",
    "scenario": "comparing",
    "swings": "comparing",
}

__all__ = [
    "PRESETS",
    "Given",
    "compare",
    "critical_mass",
    "evaluate",
    "preset_text",
    "read_given",
    "read_own",
    "scenario",
    "swings",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'hamlets.networks.scale' has no attribute {name!r}")
    return getattr(import_module(f"hamlets.networks.scale.{home}"), name)
