"""Records: canonical tables, readers, checks, pseudonyms, the versioned store.

Names are imported when first used, so that ``import hamlets.records`` is quick.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hamlets.records.loading import load
    from hamlets.records.report import LoadReport
    from hamlets.records.store.reading import Store, open_store

__all__ = ["LoadReport", "Store", "load", "open_store"]

_HOMES = {
    "LoadReport": "hamlets.records.report",
    "Store": "hamlets.records.store.reading",
    "load": "hamlets.records.loading",
    "open_store": "hamlets.records.store.reading",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'hamlets.records' has no attribute {name!r}")
    return getattr(import_module(home), name)
