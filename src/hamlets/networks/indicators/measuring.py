"""Indicators of a place: from definitions, records and uploaded counts to results."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date

from hamlets.errors import NothingToMeasureError
from hamlets.networks.indicators.assembling import Assembled, PlaceCount, Places, assemble
from hamlets.networks.indicators.case_mix import read_case_mix
from hamlets.networks.indicators.continuity_counts import Found as ContinuityCounts
from hamlets.networks.indicators.continuity_counts import continuity_counts
from hamlets.networks.indicators.counted_elsewhere import (
    CountsFile,
    PublishedCount,
    check_against,
    counts_of,
)
from hamlets.networks.indicators.counting import (
    Counted,
    Prepared,
    count,
    patients_on,
    prepare,
    use_codes,
)
from hamlets.networks.indicators.definition import Indicator
from hamlets.networks.indicators.handing import OWN_TABLES, Handed
from hamlets.networks.indicators.notes import (
    by_contact,
    covered,
    membership_notes,
    nobody_anywhere,
    nobody_notes,
)
from hamlets.networks.indicators.periods import Period, latest_year
from hamlets.networks.indicators.registry import shipped, version_of
from hamlets.networks.indicators.sandbox import Sandbox
from hamlets.networks.indicators.standardising import place_counts
from hamlets.networks.membership import Membership, read_membership
from hamlets.networks.results.indicators import (
    CaseMix,
    IndicatorInfo,
    IndicatorResults,
)
from hamlets.records import Store

Progress = Callable[[str], None]


@dataclass
class _Found:
    """Counts by indicator and period, and what must be said beside them."""

    counts: dict[tuple[str, Period | None], list[PlaceCount]] = field(
        default_factory=dict[tuple[str, Period | None], list[PlaceCount]]
    )
    notes: list[str] = field(default_factory=list[str])
    case_mix: tuple[CaseMix, ...] = ()


def measure_indicators(
    store: Store | None,
    indicators: Sequence[Indicator],
    *,
    period: Period | None = None,
    by_month: bool = False,
    counts: CountsFile | None = None,
    membership: Membership | None = None,
    practices: Collection[str] | None = None,
    homeless: Mapping[str, bool] | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> IndicatorResults:
    """Return indicators of every practice, every network and everyone, with what stands beside.

    ``period`` is by default the last 12 full months of the store; ``by_month`` gives each of its
    months a row. ``counts`` are uploaded ones; without a store they are all there is.
    ``practices`` is the caller's place (default: all of the store): nothing of others is read
    by SQL. Networks are those of each month, or of the period's last day.

    Raises DefinitionError where SQL may not run or gives what cannot be, and
    NothingToMeasureError where no indicator has figures.
    """
    say = progress or _silent
    if membership is None:
        membership = read_membership(store) if store is not None else Membership(())
    if counts is not None and counts.networks:
        membership = _with_networks(membership, counts.networks)
    period = period or _default_period(store)
    found = _Found()
    periods = [] if period is None else (period.by_month() if by_month else [period])
    if store is not None:
        periods = covered(periods, store.last_counted_day or store.last_day, found.notes)
    if store is not None and periods:
        wanted = [one for one in indicators if one.source == "continuity"]
        # SQL is counted in a process of its own, so the kernel may run here meanwhile
        with ThreadPoolExecutor(1) as beside:
            kernel = beside.submit(
                _continuity, store, wanted, periods, practices, by_month, threads
            )
            if threads == 1:
                kernel.result()
            _by_sql(store, indicators, periods, practices, found, threads, homeless, say)
        found.counts.update(kernel.result())
    _by_counts(store, indicators, period, by_month, counts, practices, found)
    made = _assembled(indicators, found, membership, _names(store, counts))
    rows = tuple(row for one in made for row in one.rows)
    if not rows:
        raise NothingToMeasureError(
            "There are no figures for these indicators and this period.",
            where=None if period is None else f"{period.start} to {period.end}",
            hint=" ".join(found.notes) or "Upload counts with --counts, or load observations.",
        )
    used = {row.indicator_id for row in rows}
    return IndicatorResults(
        indicators=tuple(_told(one, found) for one in indicators if one.id in used),
        rows=rows,
        averages=tuple(row for one in made for row in one.averages),
        curves=tuple(one.curve for one in made if one.curve is not None),
        case_mix=found.case_mix,
        notes=(
            *found.notes,
            *(counts.notes if counts is not None else ()),
            *membership_notes(membership, rows),
            *nobody_notes(indicators, rows),
        ),
        invented=store is not None and store.invented,
        content_id=None if store is None else store.content_id,
        store_version=None if store is None else store.version,
        registry=version_of(indicators),
    )


def _silent(_text: str) -> None:
    """Say nothing."""


def _told(one: Indicator, found: _Found) -> IndicatorInfo:
    """Return what is said of an indicator; of published percentages, that they are such."""
    mine = [c for (name, _), counts in found.counts.items() if name == one.id for c in counts]
    if one.source == "counts" and not any(c.counted for c in mine):
        return replace(one.info, counted="published")
    return one.info


def _default_period(store: Store | None) -> Period | None:
    if store is None:
        return None
    last = store.last_counted_day or store.last_day
    return None if last is None else latest_year(last)


def _with_networks(membership: Membership, networks: Mapping[str, str]) -> Membership:
    """Return membership with the networks of a file for practices of which no other is known."""
    from hamlets.networks.membership import Member

    known = {member.practice_id for member in membership.members}
    more = [Member(n, p) for p, n in sorted(networks.items()) if p not in known]
    return Membership(
        (*membership.members, *more), membership.undated | {m.practice_id for m in more}
    )


def _names(store: Store | None, counts: CountsFile | None) -> dict[str, str]:
    names = dict(counts.names) if counts is not None else {}
    if store is not None:
        for table, key in (("practices", "practice_id"), ("networks", "network_id")):
            for row in store.table(table).to_pylist():
                if row[key] and row["name"]:
                    names[row[key]] = row["name"]
    return names


def _by_sql(
    store: Store,
    indicators: Sequence[Indicator],
    periods: Sequence[Period],
    practices: Collection[str] | None,
    found: _Found,
    threads: int | None,
    homeless: Mapping[str, bool] | None,
    say: Progress,
) -> None:
    """Count every indicator of SQL, period by period, in one counting process."""
    wanted = [one for one in indicators if one.source == "sql"]
    if not wanted:
        return
    with Sandbox(threads=threads) as sandbox:
        functions = sandbox.functions()
        prepared = [prepare(one, sandbox, functions) for one in wanted]
        prepared = [one for one in prepared if _has_records(store, one, found)]
        say("Reading the records")
        columns = frozenset[str]().union(*(one.columns for one in prepared))
        handed = Handed(store, practices, columns)
        tables = frozenset[str]().union(*(one.tables for one in prepared))
        known = handed.code_words(tables)
        sandbox.words(known)
        for name, table in handed.tables(tables):
            sandbox.hand_over(name, table, own=name in OWN_TABLES)
        if handed.by_contact:
            found.notes.append(by_contact(handed.by_contact))
        place = handed.practices
        for period in periods:
            say(f"Counting to {period.end}")
            patients_on(sandbox, period, place)
            for one in prepared:
                use_codes(sandbox, one.indicator)
                counted = count(sandbox, one, period)
                _keep(one, period, counted, frozenset(known), found)
        if periods:
            found.case_mix = read_case_mix(sandbox, homeless or {})
    _note_short_history(store, prepared, periods, found)


def _has_records(store: Store, prepared: Prepared, found: _Found) -> bool:
    """Return whether a store has any of the records that an indicator looks at.

    Without them its numerator would be 0, which is no figure but a gap.
    """
    empty = sorted(
        table
        for table in prepared.tables - {"patients", "codes"}
        if not sum(entry.rows for entry in store.manifest.tables[table].files)
    )
    if empty:
        title = prepared.indicator.info.title
        found.notes.append(f"{title}: no figures, since the store has no {' and no '.join(empty)}.")
    return not empty


def _keep(
    prepared: Prepared,
    period: Period,
    counted: Sequence[Counted],
    known: frozenset[str],
    found: _Found,
) -> None:
    indicator = prepared.indicator
    looked_for = prepared.read["numerator"].words
    unseen = [
        name
        for name, each in indicator.codes.items()
        if name in looked_for and not known.intersection(each.codes)
    ]
    if unseen and not any(c.numerator for c in counted):
        lists = " and ".join(f"`{name}`" for name in unseen)
        note = f"{indicator.info.title}: no figures, since no record has a code of {lists}."
        if note not in found.notes:
            found.notes.append(note)
        return
    if counted:
        found.counts[indicator.id, period] = place_counts(counted, indicator.standardise)
    else:
        found.notes.append(nobody_anywhere(indicator, period))


def _note_short_history(
    store: Store, prepared: Iterable[Prepared], periods: Sequence[Period], found: _Found
) -> None:
    first = store.first_day
    starts = [p.window_start(one.indicator.info.window_months) for one in prepared for p in periods]
    if first is not None and starts and min(starts) < first:
        found.notes.append(
            f"Appointments begin on {first}, and some figures look back to {min(starts)}: they are"
            " too low if the other records begin there too."
        )


def _continuity(
    store: Store,
    indicators: Sequence[Indicator],
    periods: Sequence[Period],
    practices: Collection[str] | None,
    by_month: bool,
    threads: int | None,
) -> ContinuityCounts:
    if not indicators:
        return {}
    place = practices if practices is not None else set(store.labels("practice"))
    return continuity_counts(store, indicators, periods, place, by_month=by_month, threads=threads)


def _by_counts(
    store: Store | None,
    indicators: Sequence[Indicator],
    period: Period | None,
    by_month: bool,
    counts: CountsFile | None,
    practices: Collection[str] | None,
    found: _Found,
) -> None:
    """Take counts made elsewhere: of a file and of the store, a file's before the store's.

    Practices' own counts come before those made from the records, as in payment: who sends
    counts knows what the records lack.
    """
    stored = counts_of(store).rows if store is not None else ()
    given = counts.rows if counts is not None else ()
    used: set[str] = set()
    for one in indicators:
        names = {one.id, *one.count_ids}
        rows = {
            (r.practice_id, r.period_start, r.period_end): r
            for r in (*(() if one.source == "continuity" else stored), *given)
            if r.indicator_id in names and (practices is None or r.practice_id in practices)
        }
        used |= names
        check_against(rows.values(), one, one.id)
        for place, found_rows in _periods_of(list(rows.values()), period, by_month, counts).items():
            _put(one, place, [_published(row) for row in found_rows], found)
    used |= {name for one in shipped() for name in (one.id, *one.count_ids)}
    strange = sorted({r.indicator_id for r in given} - used)
    if strange and counts is not None:
        found.notes.append(
            f"Counts of {', '.join(strange[:5])}{' and others' if len(strange) > 5 else ''}"
            " are left out: no definition goes by that name."
        )


def _put(one: Indicator, place: Period | None, counts: list[PlaceCount], found: _Found) -> None:
    """Keep counts made elsewhere, beside those made from the records for the same days."""
    from_records = [period for name, period in found.counts if name == one.id]
    if from_records and place not in from_records:
        return  # other days than were asked for
    sent = {each.practice_id for each in counts}
    before = found.counts.get((one.id, place), [])
    found.counts[one.id, place] = [*(c for c in before if c.practice_id not in sent), *counts]
    gap = f"{one.info.title}: no figures"
    found.notes = [note for note in found.notes if not note.startswith(gap)]


def _periods_of(
    rows: Sequence[PublishedCount],
    period: Period | None,
    by_month: bool,
    counts: CountsFile | None,
) -> dict[Period | None, list[PublishedCount]]:
    """Return counts by their own period: months, or the latest one that was given.

    A file's counts of any period are used where the period was not asked for.
    """
    by_period: dict[Period | None, list[PublishedCount]] = {}
    for row in rows:
        own = None
        if row.period_start is not None and row.period_end is not None:
            own = Period(row.period_start, row.period_end)
        by_period.setdefault(own, []).append(row)
    dated = [p for p in by_period if p is not None]
    inside = [
        p for p in dated if period is None or (period.start <= p.start and p.end <= period.end)
    ]
    if by_month:
        chosen = [p for p in inside if p.months == 1]
        return {p: by_period[p] for p in sorted(chosen, key=lambda p: p.start)}
    candidates = inside or (dated if counts is not None else [])
    if not candidates:
        return {None: by_period[None]} if None in by_period else {}
    latest = max(candidates, key=lambda p: (p.end, -p.start.toordinal()))
    return {latest: by_period[latest]}


def _published(row: PublishedCount) -> PlaceCount:
    return PlaceCount(
        practice_id=row.practice_id,
        numerator=row.numerator,
        denominator=row.denominator,
        exclusions=row.exclusions,
        share=None if row.percent is None else row.percent / 100,
        weight=row.weight,
    )


def _assembled(
    indicators: Sequence[Indicator],
    found: _Found,
    membership: Membership,
    names: Mapping[str, str],
) -> list[Assembled]:
    made: list[Assembled] = []
    on_day: dict[date, dict[str, str]] = {}
    for one in indicators:
        for (name, period), counts in found.counts.items():
            if name != one.id or not counts:
                continue
            if not any(each.exact is not None for each in counts):
                found.notes.append(nobody_anywhere(one, period))
                continue
            day = date.max if period is None else period.end
            if day not in on_day:
                on_day[day] = membership.on(day)
            made.append(assemble(one, period, counts, Places(on_day[day], names)))
    return made
