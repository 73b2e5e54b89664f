"""What was counted in each practice, and how large it is: from files that people upload."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from pathlib import Path

from hamlets.errors import NothingToMeasureError, SourceError
from hamlets.networks.payment.reading_cells import read_day, read_number, read_whole
from hamlets.networks.results.payment import CountsSource
from hamlets.networks.small_files import Row, SmallFile, read_small_file

IDS = ("practice_id", "practice_code", "ods_code")
NETWORKS = ("network_id", "pcn_code")
_COUNT_COLUMNS = (*IDS, "indicator_id", "numerator", "denominator", "period_end")


@dataclass(frozen=True)
class Count:
    """One indicator of one practice over one period; the denominator is after exclusions."""

    practice_id: str
    indicator_id: str
    numerator: Fraction
    """Whole, but where a percentage was uploaded."""
    denominator: int
    exclusions: int | None = None
    period_start: date | None = None
    period_end: date | None = None
    due_to_lapse: int = 0
    """Achieved now, but due to lapse before the year ends."""
    lapsing_next_month: int = 0
    """Of an earlier month: achieved at its end, and due to lapse in the month after it."""
    mean_before: Fraction | None = None
    """The own mean of the two years before, in per cent, where it was given."""
    prevalence: Fraction | None = None
    """Per cent of the list on the register, where it was given."""

    @property
    def percent(self) -> Fraction | None:
        """The share in per cent; None where nobody is left to count."""
        return self.numerator * 100 / self.denominator if self.denominator else None

    @property
    def outstanding(self) -> int:
        """Patients in the denominator who are not yet achieved."""
        return max(self.denominator - -(-self.numerator.numerator // self.numerator.denominator), 0)


@dataclass(frozen=True)
class PracticeSize:
    """A practice's lists, at 1 January of the year, and its network."""

    practice_id: str
    network_id: str | None = None
    list_size: Fraction | None = None
    weighted_list: Fraction | None = None
    fixed: Fraction | None = None
    """Agreed sum in pounds, for the split ``fixed``."""
    percent: Fraction | None = None
    """Agreed per cent, for the split ``custom``."""


@dataclass(frozen=True)
class Counted:
    """All that a payment is worked out from."""

    counts: tuple[Count, ...]
    """Those of the period paid for, one a practice and indicator."""
    practices: Mapping[str, PracticeSize]
    source: CountsSource
    history: tuple[Count, ...] = ()
    """Those that end on other days: for the pace and the years before."""
    notes: tuple[str, ...] = ()
    definitions: Mapping[str, str] = field(default_factory=dict[str, str])
    """What counted an indicator, where it was counted from the records."""
    no_pace: Mapping[str, str] = field(default_factory=dict[str, str])
    """Indicators of which no pace can be known, each with why."""

    def of(self, indicator_id: str) -> dict[str, Count]:
        """Return the counts of an indicator by practice."""
        return {c.practice_id: c for c in self.counts if c.indicator_id == indicator_id}

    @property
    def indicators(self) -> tuple[str, ...]:
        """The indicators there are figures of, in order."""
        return tuple(sorted({c.indicator_id for c in self.counts}))

    def networks(self) -> dict[str | None, tuple[str, ...]]:
        """Return the practices of each network, in order; None = no network is known."""
        found: dict[str | None, list[str]] = {}
        for practice_id in sorted(self.practices):
            found.setdefault(self.practices[practice_id].network_id, []).append(practice_id)
        return {
            network: tuple(found[network])
            for network in sorted(found, key=lambda n: (n is None, n or ""))
        }


def read_counts(path: Path, practices: Path | None = None, day: date | None = None) -> Counted:
    """Return the counts of a CSV file, of the latest period that ends by ``day``.

    Columns: practice_id, indicator_id, numerator (or percent), denominator; optional
    exclusions, period_start, period_end, network_id, list_size, weighted_list,
    due_to_lapse, mean_before_percent, prevalence_percent. ``practices`` is a second file
    with practice_id and the sizes. SourceError names the row that is wrong.
    """
    file = read_small_file(path, _COUNT_COLUMNS)
    code = file.need("the practice's code", *IDS)
    file.need("the indicator", "indicator_id")
    file.need("the numerator", "numerator", "percent")
    file.need("the denominator", "denominator")
    found = [_count(file, row, code) for row in file.rows]
    _check_twice(found, file)
    sizes = {row.text(code): _size(file, row, row.text(code)) for row in file.rows}
    if practices is not None:
        sizes |= read_sizes(practices, sizes)
    now, history, end = latest(found, day, file.name)
    start = min((c.period_start for c in now if c.period_start), default=None)
    return Counted(
        now,
        {p: sizes[p] for p in sorted(sizes)},
        CountsSource(file.name, end, start),
        history,
    )


def sizes_alone(practices: Path, day: date | None = None) -> Counted:
    """Return practices and their sizes without any counts, for schemes that need none."""
    sizes = read_sizes(practices, {})
    source = CountsSource(practices.name, day or date.today())
    return Counted((), {p: sizes[p] for p in sorted(sizes)}, source)


def latest(
    found: Sequence[Count], day: date | None, where: str
) -> tuple[tuple[Count, ...], tuple[Count, ...], date]:
    """Return the counts of the latest period that ends by a day, the others, and its end.

    Where a practice has several periods that end together the longest is taken. Counts
    without an end count as of ``day``, else today.
    """
    today = day or date.today()
    ended = [c if c.period_end else replace(c, period_end=today) for c in found]
    ends = [c.period_end for c in ended if c.period_end and (day is None or c.period_end <= day)]
    if not ends:
        raise NothingToMeasureError(
            "There are no counts of a period that ends by then."
            if found
            else "There are no counts of indicators.",
            where=where,
            hint="Choose a later day with --to, or load the table indicator_counts.",
        )
    end = max(ends)
    longest: dict[tuple[str, str], Count] = {}
    for count in ended:
        key = count.practice_id, count.indicator_id
        if count.period_end == end and (key not in longest or _longer(count, longest[key])):
            longest[key] = count
    now = tuple(longest[key] for key in sorted(longest))
    return now, tuple(c for c in ended if c.period_end and c.period_end < end), end


def _longer(one: Count, other: Count) -> bool:
    return (one.period_start or date.max) < (other.period_start or date.max)


def _check_twice(found: Iterable[Count], file: SmallFile) -> None:
    seen: dict[object, int] = {}
    for row, count in zip(file.rows, found, strict=True):
        key = count.practice_id, count.indicator_id, count.period_start, count.period_end
        if key in seen:
            raise SourceError(
                f"{count.indicator_id} of practice {count.practice_id} is given twice"
                " for one period.",
                where=f"{file.name}, lines {seen[key]} and {row.line}",
                hint="Keep one of the two rows.",
            )
        seen[key] = row.line


def _count(file: SmallFile, row: Row, code: str) -> Count:
    where = file.where(row)
    practice, indicator = row.text(code), row.text("indicator_id")
    if not practice or not indicator:
        raise SourceError(
            "This row names no practice or no indicator.", where=where, hint="Fill in both."
        )
    denominator = read_whole(row, "denominator", where)
    if denominator is None:
        raise SourceError(
            "This row has no denominator.",
            where=where,
            hint="Give how many patients are counted; 0 where there is nobody.",
        )
    start, end = (read_day(row, name, where) for name in ("period_start", "period_end"))
    if start and end and start > end:
        raise SourceError(
            "This period ends before it starts.", where=where, hint="Put the two days right."
        )
    return Count(
        practice,
        indicator,
        _numerator(row, denominator, where),
        denominator,
        read_whole(row, "exclusions", where),
        start,
        end,
        read_whole(row, "due_to_lapse", where) or 0,
        mean_before=read_number(row, "mean_before_percent", where, 100),
        prevalence=read_number(row, "prevalence_percent", where, 100),
    )


def _numerator(row: Row, denominator: int, where: str) -> Fraction:
    counted = read_whole(row, "numerator", where)
    if counted is None:
        percent = read_number(row, "percent", where, 100)
        if percent is None:
            raise SourceError(
                "This row has neither a numerator nor a per cent.", where=where, hint="Give one."
            )
        return percent * denominator / 100
    if counted > denominator:
        raise SourceError(
            f"More patients are achieved ({counted:,}) than are counted ({denominator:,}):"
            " that would be above 100 per cent."
            if denominator
            else f"{counted:,} patients are achieved, and nobody is counted.",
            where=where,
            hint="Check the two columns: the denominator is after exclusions.",
        )
    return Fraction(counted)


def read_sizes(path: Path, known: Mapping[str, PracticeSize]) -> dict[str, PracticeSize]:
    """Return the practices of a CSV file, over what is known of them.

    Columns: practice_id; optional list_size, weighted_list, network_id, fixed_pounds and
    custom_percent, the last two for the ways to split of these names.
    """
    file = read_small_file(path, (*IDS, "list_size", "weighted_list", *NETWORKS))
    code = file.need("the practice's code", *IDS)
    found: dict[str, PracticeSize] = {}
    for row in file.rows:
        practice = row.text(code)
        if not practice:
            raise SourceError(
                "This row names no practice.", where=file.where(row), hint="Fill it in."
            )
        if practice in found:
            raise SourceError(
                f"Practice {practice} is given twice.",
                where=file.where(row),
                hint="Keep one of the two rows.",
            )
        found[practice] = _over(known.get(practice), _size(file, row, practice))
    return found


def _over(known: PracticeSize | None, given: PracticeSize) -> PracticeSize:
    if known is None:
        return given
    told = {name: value for name, value in vars(given).items() if value is not None}
    return replace(known, **told)


def _size(file: SmallFile, row: Row, practice_id: str) -> PracticeSize:
    where = file.where(row)
    return PracticeSize(
        practice_id,
        row.text(*NETWORKS) or None,
        read_number(row, "list_size", where),
        read_number(row, "weighted_list", where),
        read_number(row, "fixed_pounds", where),
        read_number(row, "custom_percent", where, 100),
    )
