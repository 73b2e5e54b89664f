"""Payment: schemes as versioned data, worked out exactly, with every step to be looked at.

Names are imported when first used, so that ``import hamlets.networks.payment`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hamlets.networks.payment.claims import read_claims
    from hamlets.networks.payment.counts import (
        Count,
        Counted,
        PracticeSize,
        read_counts,
        sizes_alone,
    )
    from hamlets.networks.payment.evidence import evidence_of
    from hamlets.networks.payment.from_store import counts_of_store
    from hamlets.networks.payment.looking import look_forward
    from hamlets.networks.payment.outstanding import outstanding_patients
    from hamlets.networks.payment.paying import pay
    from hamlets.networks.payment.scheme import Condition, Scheme
    from hamlets.networks.payment.scheme_files import preset_names, preset_text, read_scheme

_HOMES = {
    "Condition": "scheme",
    "Count": "counts",
    "Counted": "counts",
    "PracticeSize": "counts",
    "Scheme": "scheme",
    "counts_of_store": "from_store",
    "evidence_of": "evidence",
    "look_forward": "looking",
    "outstanding_patients": "outstanding",
    "pay": "paying",
    "preset_names": "scheme_files",
    "preset_text": "scheme_files",
    "read_claims": "claims",
    "read_counts": "counts",
    "read_scheme": "scheme_files",
    "sizes_alone": "counts",
}

__all__ = [
    "Condition",
    "Count",
    "Counted",
    "PracticeSize",
    "Scheme",
    "counts_of_store",
    "evidence_of",
    "look_forward",
    "outstanding_patients",
    "pay",
    "preset_names",
    "preset_text",
    "read_claims",
    "read_counts",
    "read_scheme",
    "sizes_alone",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'hamlets.networks.payment' has no attribute {name!r}")
    return getattr(import_module(f"hamlets.networks.payment.{home}"), name)
