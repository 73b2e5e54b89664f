"""What readers hand over: batches of text rows under canonical names.

A reader knows the source's layout and words, nothing else. Turning text into
dates and codes, refusing rows, making pseudonyms and storing happen once, for
every reader, in ``conform`` and ``load``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from hamlets.records.sources import Source

RefusalKind = Literal["error", "dropped"]
"""``error``: the row is wrong and counts towards the refuse limit.
``dropped``: the row is rightly left out (test patient, deleted in its source)."""


@dataclass(frozen=True)
class Refusal:
    """One row that was not kept. Holds no value of the row, only its class."""

    table: str
    file: str
    line: int
    column: str
    value_class: str
    reason: str
    kind: RefusalKind = "error"


@dataclass(frozen=True)
class RawBatch:
    """Rows of one canonical table as text.

    ``columns`` holds string columns under canonical names, null where blank;
    ``lines`` the line of each row in ``file`` (the first line is 1).
    """

    table: str
    file: str
    lines: npt.NDArray[np.int64]
    columns: pa.Table
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Column -> (source word, lower case -> canonical word)."""
    date_formats: Mapping[str, str] = field(default_factory=dict)
    """Column -> strptime format, where it is not ISO 8601."""
    optional: frozenset[str] = frozenset()
    """Required columns that this source may leave blank."""


@dataclass
class ReaderNotes:
    """What a reader has to say beside its rows, filled while it reads."""

    refusals: list[Refusal] = field(default_factory=list)
    """Rows it could not hand over; each counts as one row read and refused."""
    deletions: dict[str, list[str]] = field(default_factory=dict)
    """Table -> source ids that the source says are deleted."""
    unknown_columns: dict[str, list[str]] = field(default_factory=dict)
    """File -> columns that were left out."""
    warnings: list[str] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    """File or resource type that has no place in the canonical tables -> rows."""


@dataclass(frozen=True)
class Recognition:
    """How sure a reader is that a source is its own, and why (one sentence)."""

    score: float
    why: str


ProgressCallback = Callable[[str, int], None]
"""Called with (file label, rows read since the last call)."""


class Reader(Protocol):
    """A profile: reads one kind of source system."""

    name: str

    def recognise(self, source: Source) -> Recognition | None:
        """Return how surely this source is of the reader's kind, or None."""
        ...

    def read(
        self, source: Source, notes: ReaderNotes, progress: ProgressCallback
    ) -> Iterator[RawBatch]:
        """Yield the source's rows: dimension tables before appointments.

        Raises SourceError where a file cannot be read at all.
        """
        ...
