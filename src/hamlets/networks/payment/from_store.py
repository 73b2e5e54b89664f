"""Counts, lists and networks as a store's records have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from hamlets.errors import NothingToMeasureError, SourceError
from hamlets.networks.membership import read_membership
from hamlets.networks.payment.counts import Count, Counted, PracticeSize, latest, read_sizes
from hamlets.networks.payment.from_records import measured_counts
from hamlets.networks.payment.pace import year_end
from hamlets.networks.payment.scheme import Scheme
from hamlets.networks.results.payment import CountsSource

if TYPE_CHECKING:
    from hamlets.records import Store


def counts_of_store(
    store: Store,
    scheme: Scheme,
    *,
    practices: Path | None = None,
    day: date | None = None,
    network: str | None = None,
    with_pace: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Counted:
    """Return what a scheme is paid for as a store has it, of the latest period by a day.

    Uploaded counts (table indicator_counts) come first; indicators without any are counted
    from the records by their definitions, over the 12 months to the same day. Networks are
    those of the period's last day; ``practices`` is a file with weighted lists and the like.
    ``with_pace`` also counts the months that a look forward needs.
    """
    wanted = scheme.indicators
    uploaded = [
        _count(row, store)
        for row in store.table("indicator_counts").to_pylist()
        if row["indicator_id"] in wanted
    ]
    there = {count.indicator_id for count in uploaded}
    missing = [name for name in wanted if name not in there]
    end = latest(uploaded, day, "indicator_counts")[2] if uploaded else day
    scope = None
    if network is not None:
        # nothing of other networks is read where one is asked for
        on = end or store.last_counted_day or store.last_day or date.today()
        scope = read_membership(store).practices_of(network, on) or None
    last = end or store.last_counted_day or store.last_day or date.today()
    made = measured_counts(
        store,
        missing,
        end,
        year_ends=(scheme.ends or year_end(last)) if with_pace else None,
        practices=scope,
        progress=progress,
    )
    found = [*uploaded, *made.counts]
    if scheme.shape != "declaration":
        _check_known(store, missing, {c.indicator_id for c in found}, made.notes)
    if scheme.shape == "reimbursement":
        now, history, end = (), (), day or store.last_day or date.today()
    else:
        now, history, end = latest(found, day, store.path.name)
    sizes = _sizes(store, end, {c.practice_id for c in now})
    if practices is not None:
        sizes |= {p: s for p, s in read_sizes(practices, sizes).items() if p in sizes}
    start = min((c.period_start for c in now if c.period_start), default=None)
    source = CountsSource("store", end, start, store.version, store.content_id, store.invented)
    return Counted(
        now, sizes, source, history, made.notes, dict(made.definitions), dict(made.no_pace)
    )


def _check_known(
    store: Store, missing: Sequence[str], there: set[str], notes: Sequence[str]
) -> None:
    """Raise where an indicator is neither uploaded nor defined, or is and has no figures."""
    from hamlets.networks.indicators import shipped

    defined = [one.id for one in shipped()]
    for name in missing:
        if name in there:
            continue
        if name not in defined:
            uploaded = {row["indicator_id"] for row in store.table("indicator_counts").to_pylist()}
            known = ", ".join(sorted({*uploaded, *defined}))
            raise SourceError(
                f"The scheme pays for {name}, an indicator that there are no figures of.",
                where=store.path.name,
                hint=f"Load its counts, or mend its name. Known are: {known}.",
            )
        raise NothingToMeasureError(
            f"There are no figures of {name} for this period.",
            where=store.path.name,
            hint=" ".join(notes) or "Load its counts, or the records that it looks at.",
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
    """Return the practices of the networks on a day and those with counts, with their lists.

    A hub is a member too, but has neither a list nor counts: it takes no part in payments.
    """
    membership = read_membership(store).on(day)
    lists = {
        str(row["practice_id"]): row["list_size"] for row in store.table("practices").to_pylist()
    }
    found: dict[str, PracticeSize] = {}
    for practice_id in sorted({*membership, *counted}):
        size = lists.get(practice_id)
        if size is None and practice_id not in counted:
            continue
        found[practice_id] = PracticeSize(
            practice_id,
            membership.get(practice_id),
            None if size is None else Fraction(int(size)),
        )
    return found
