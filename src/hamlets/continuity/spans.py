"""A few home practices read and worked on together.

Patient codes ascend within a home practice only. A patient's key puts the
practice's place in the span in front of the code, so that keys ascend over all
rows of the span, in every table alike.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.continuity.columns import Int32, whole

Keys = npt.NDArray[np.int64]
_PLACE = 32


def chosen_spans(
    store: Any, rows: int, homes: Collection[int] | None = None
) -> list[tuple[int, ...]]:
    """Return the store's runs of home practices, of these homes only where they are given."""
    spans: list[tuple[int, ...]] = store.spans(rows)
    if homes is None:
        return spans
    kept = (tuple(home for home in span if home in homes) for span in spans)
    return [span for span in kept if span]


@dataclass(frozen=True)
class Span:
    """Home practice codes, ascending, and the store they lie in."""

    store: Any
    practices: tuple[int, ...]

    def read(self, table: str, columns: list[str]) -> tuple[pa.Table, Keys]:
        """Return the rows of a patient table and each row's patient key.

        ``columns`` includes patient.
        """
        rows, counts = self.store.read_span(table, self.practices, columns)
        keys = whole(rows, "patient").astype(np.int64)
        if len(self.practices) > 1:
            keys += np.repeat(np.arange(len(counts), dtype=np.int64) << _PLACE, counts)
        return rows, keys

    def patients(self, keys: Keys) -> Int32:
        """Return the patient codes of keys."""
        return (keys & ((1 << _PLACE) - 1)).astype(np.int32)

    def home(self, keys: Keys) -> Int32:
        """Return the home practice under which each patient is stored."""
        places = np.array(self.practices, dtype=np.int32)
        return places[keys >> _PLACE]
