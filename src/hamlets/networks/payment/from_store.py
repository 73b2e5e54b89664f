"""Counts, lists and networks as a store's records have them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from hamlets.errors import SourceError
from hamlets.networks.membership import read_membership
from hamlets.networks.payment.counts import Count, Counted, PracticeSize, latest, read_sizes
from hamlets.networks.results.payment import CountsSource

if TYPE_CHECKING:
    from hamlets.records import Store


def counts_of_store(
    store: Store,
    *,
    indicators: Sequence[str],
    practices: Path | None = None,
    day: date | None = None,
    more: Iterable[Count] = (),
) -> Counted:
    """Return what the table indicator_counts holds of some indicators, of the latest period.

    ``more`` are counts made from the records by the definitions of indicators; uploaded
    counts of the same practice, indicator and period come first. Networks are those of the
    period's last day; ``practices`` is a file with weighted lists and the like.
    """
    uploaded = [_count(row, store) for row in store.table("indicator_counts").to_pylist()]
    keys = {(c.practice_id, c.indicator_id, c.period_end) for c in uploaded}
    made = [c for c in more if (c.practice_id, c.indicator_id, c.period_end) not in keys]
    found = [c for c in [*uploaded, *made] if not indicators or c.indicator_id in indicators]
    now, history, end = latest(found, day, "indicator_counts")
    sizes = _sizes(store, end, {c.practice_id for c in now})
    if practices is not None:
        given = read_sizes(practices, sizes)
        sizes |= {p: s for p, s in given.items() if p in sizes}
    start = min((c.period_start for c in now if c.period_start), default=None)
    return Counted(
        now,
        sizes,
        CountsSource("store", end, start, store.version, store.content_id, store.invented),
        history,
    )


def _count(row: dict[str, object], store: Store) -> Count:
    numerator, denominator = int(str(row["numerator"])), int(str(row["denominator"]))
    where = f"{store.path.name}, indicator_counts"
    if numerator < 0 or denominator < 0:
        raise SourceError("There is a count below 0.", where=where, hint="Load it again.")
    if numerator > denominator:
        raise SourceError(
            f"More patients are achieved ({numerator:,}) than are counted ({denominator:,}) for"
            f" {row['indicator_id']} at {row['practice_id']}: that is above 100 per cent.",
            where=where,
            hint="Load the counts again: the denominator is after exclusions.",
        )
    start, end = row["period_start"], row["period_end"]
    exclusions = row["exclusions"]
    return Count(
        str(row["practice_id"]),
        str(row["indicator_id"]),
        Fraction(numerator),
        denominator,
        None if exclusions is None else int(str(exclusions)),
        start if isinstance(start, date) else None,
        end if isinstance(end, date) else None,
    )


def _sizes(store: Store, day: date, counted: set[str]) -> dict[str, PracticeSize]:
    """Return the practices of the networks on a day and those with counts, with their lists."""
    membership = read_membership(store).on(day)
    lists = {
        str(row["practice_id"]): row["list_size"] for row in store.table("practices").to_pylist()
    }
    found: dict[str, PracticeSize] = {}
    for practice_id in sorted({*membership, *counted}):
        size = lists.get(practice_id)
        found[practice_id] = PracticeSize(
            practice_id,
            membership.get(practice_id),
            None if size is None else Fraction(int(size)),
        )
    return found
