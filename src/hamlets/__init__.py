"""Hamlets measures relational continuity of care in general practice.

Public functions are named here and imported only when first used, so that
``import hamlets`` stays quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hamlets import continuity, records
    from hamlets.records import Store, open_store

__version__ = "0.1.0"
__all__ = ["Store", "__version__", "continuity", "open_store", "records"]

_LAZY = {"open_store": "hamlets.records", "Store": "hamlets.records"}
_ROOMS = {"records", "continuity", "publish"}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name in _ROOMS:
        return import_module(f"hamlets.{name}")
    raise AttributeError(f"module 'hamlets' has no attribute {name!r}")
