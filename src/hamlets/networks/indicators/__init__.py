"""Indicators of networks: definitions, counting in a sandbox, rates with their ranges.

Public functions: ``definitions`` and ``chosen`` give definitions, ``measure_indicators`` counts
them over a store or uploaded counts, ``read_counts_file`` reads those, ``check_definition``
says all that is wrong with a definition, ``as_fhir`` writes a FHIR Measure and MeasureReports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hamlets.networks.indicators.checking import check_definition
    from hamlets.networks.indicators.counted_elsewhere import CountsFile, read_counts_file
    from hamlets.networks.indicators.definition import DefinitionError, Indicator
    from hamlets.networks.indicators.fhir import as_fhir
    from hamlets.networks.indicators.measuring import measure_indicators
    from hamlets.networks.indicators.periods import Period, read_period
    from hamlets.networks.indicators.registry import chosen, definitions, shipped

__all__ = [
    "CountsFile",
    "DefinitionError",
    "Indicator",
    "Period",
    "as_fhir",
    "check_definition",
    "chosen",
    "definitions",
    "measure_indicators",
    "read_counts_file",
    "read_period",
    "shipped",
]

_HOMES = {
    "CountsFile": "counted_elsewhere",
    "DefinitionError": "definition",
    "Indicator": "definition",
    "Period": "periods",
    "as_fhir": "fhir",
    "check_definition": "checking",
    "chosen": "registry",
    "measure_indicators": "measuring",
    "read_counts_file": "counted_elsewhere",
    "read_period": "periods",
    "definitions": "registry",
    "shipped": "registry",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(name)
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
