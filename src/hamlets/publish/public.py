"""The published form of results: the same dataclasses, with every number already safe.

What comes out can be drawn by anybody in any way: the true counts are not in it. Shares are
worked out from rounded parts, ranges stand around the published share, and GPs are gone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from hamlets.continuity.results import (
    FEW_SHOWN,
    NOT_SHOWN,
    Change,
    ContinuityReport,
    Counting,
    Estimate,
    GroupFactor,
    GroupRow,
    Headline,
    Month,
    Period,
    RotaAllows,
    Trend,
    Waterfall,
)
from hamlets.disclosure import (
    NEAR_ALL,
    NEAR_NONE,
    SMALLEST,
    Mark,
    Published,
    Release,
    half_of_mean,
    protect,
    published_mean,
    published_number,
    published_range,
    rate_of,
)
from hamlets.errors import NothingToMeasureError
from hamlets.publish import numbers
from hamlets.publish.public_counts import RATIOS, Books, key_of, month_span, span_of
from hamlets.publish.strings import text

Judge = Callable[[Sequence[Month]], Trend]
"""Says what the rules of change say about months, so that the heading fits what is shown."""

_COUNTS_PEOPLE = "clinicians"
_SAME_EVERYWHERE = {
    "age_band": ("0-4", "5-15", "16-44", "45-64", "65-74", "75-84", "85+"),
    "imd_quintile": ("1", "2", "3", "4", "5"),
    "n_band": ("1", "2", "3-4", "5-9", "10+"),
}
"""Groups that there are in any practice, so that their names tell nothing."""


@dataclass(frozen=True)
class PublicReport:
    """A report for sharing, and the record of what it gives away."""

    report: ContinuityReport
    release: Release


def public_report(
    report: ContinuityReport, judge: Judge, previous: Release | None = None
) -> PublicReport:
    """Return the published form of a report.

    ``previous`` is what was published of the version before, if anything was. Raises
    NothingToMeasureError for a place with fewer than 8 patients: nothing could be shown.
    """
    if report.place.patients < SMALLEST:
        raise NothingToMeasureError(
            "There are fewer than 8 patients: nothing of them may be published.",
            hint="Make a report without --publish, or of several practices together.",
        )
    if report.place.one_clinician:
        raise NothingToMeasureError(
            "There is one clinician here: what is published would be that person's own figures.",
            hint="Make a report of several practices together.",
        )
    report = replace(report, headlines=tuple(h for h in report.headlines if h.n_staff != 1))
    books = Books(report)
    release = protect(books.counts(), previous, books.links(previous))
    form = _Form(report, books, release)
    return PublicReport(form.report(judge), release)


class _Form:
    """Writes each part of a report from what was released."""

    def __init__(self, report: ContinuityReport, books: Books, release: Release) -> None:
        self._report = report
        self._books = books
        self._release = release

    def report(self, judge: Judge) -> ContinuityReport:
        report = self._report
        trend = self._trend(judge)
        return replace(
            report,
            place=replace(report.place, patients=self._patients()),
            source=replace(report.source, content_id=""),
            headlines=tuple(self._headline(h, trend) for h in report.headlines),
            waterfall=None if report.waterfall is None else self._waterfall(report.waterfall),
            trend=trend,
            lists=(),
            groups=tuple(self._factor(factor) for factor in report.groups),
            groups_overall=None
            if report.groups_overall is None
            else self._estimate(report.groups_overall, report.main.period),
            counting=self._counting(report.counting),
            others=(),
            audits=(),
            workforce=None,
            rota_allows=_told(report.rota_allows),
            public=True,
        )

    def _patients(self) -> int:
        """Return 100 or 99: all that a page may say is whether there are fewer than 100."""
        return 100 if self._report.place.patients >= 100 else 99

    def _count(self, name: str) -> int:
        found = self._release.counts.get(name)
        if found is None or found.mark is Mark.hidden:
            return NOT_SHOWN
        return FEW_SHOWN if found.value is None else found.value

    def _published(self, name: str) -> Published | None:
        return self._release.counts.get(name)

    def _estimate(self, true: Estimate, period: Period, group: str = "") -> Estimate:
        """Return an estimate whose every part is safe to print."""
        span = span_of(period)
        key = key_of(true)
        patients = self._count(self._books.name(key, "patients", span, group))
        contacts = self._count(self._books.name(key, "contacts", span, group))
        value = self._value(true, span, group)
        if patients == FEW_SHOWN:
            return _few(true)
        if value is None:
            return Estimate(
                true.measure,
                true.level,
                None,
                n_patients=patients,
                n_contacts=contacts,
                # That there is nobody at all is a small number too.
                reason=text("groups.hidden"),
                definition_version=true.definition_version,
            )
        people = true.measure == _COUNTS_PEOPLE
        ratio = true.measure in RATIOS
        shown = self._release.counts[self._books.name(key, "patients", span, group)]
        half = _half(true)
        lower, upper = published_range(
            value,
            half if ratio or people else half_of_mean(half, value, shown),
            contacts if ratio else None,
            step=0.1 if people else 0.01,
            top=float("inf") if people else 1.0,
        )
        chance = (
            published_number(true.chance, shown, 1.0) if people else whole_hundredths(true.chance)
        )
        return replace(
            true,
            value=value,
            lower=lower,
            upper=upper,
            chance=chance,
            corrected=None if people else corrected_of(value, chance),
            shrunk=None,
            ceiling=_ceiling(true, value, contacts),
            n_patients=patients,
            n_contacts=contacts,
        )

    def _value(self, true: Estimate, span: tuple[int, int], group: str) -> float | None:
        if true.value is None or true.n_patients < SMALLEST:
            return None
        key = key_of(true)
        patients = self._release.counts[self._books.name(key, "patients", span, group)]
        if true.measure == _COUNTS_PEOPLE:
            return published_number(true.value, patients, 1.0)
        if true.measure not in RATIOS:
            return published_mean(true.value, patients)
        above = self._published(self._books.name(key, "num", span, group))
        below = self._published(self._books.name(key, "contacts", span, group))
        if above is None or below is None or below.value is None:
            return None
        share = rate_of(above, below)
        if share is not None or below.low < SMALLEST * 100:
            return share
        # A hundredth of so many is 8 or more, so this says no more than "7 or fewer" does.
        if above.mark is Mark.few:
            return NEAR_NONE
        rest = self._books.true(self._books.name(key, "rest", span, group))
        return NEAR_ALL if rest is not None and rest < SMALLEST else None

    def _headline(self, headline: Headline, trend: Trend) -> Headline:
        return Headline(
            self._estimate(headline.estimate, headline.period),
            headline.period,
            self._change(headline, trend),
        )

    def _change(self, headline: Headline, trend: Trend) -> Change | None:
        """Return the change in whole hundredths (tenths of a GP), only from months shown."""
        true = headline.change
        shown = {month.start: month.estimate.value for month in trend.months}
        if true is None or not self._books.busy((true.before, true.after)):
            return None
        before, after = shown.get(true.before), shown.get(true.after)
        if before is None or after is None:
            return None
        step = 0.1 if headline.estimate.measure == _COUNTS_PEOPLE else 0.01
        difference = round(true.difference / step) * step
        if headline.estimate.measure == self._report.main.estimate.measure == "slicc":
            difference = after - before
        half = (round((true.upper - true.difference) / step + 0.499) + 1) * step
        return replace(
            true,
            difference=round(difference, 2),
            lower=round(difference - half, 2),
            upper=round(difference + half, 2),
        )

    def _waterfall(self, waterfall: Waterfall) -> Waterfall | None:
        span = span_of(self._report.period)
        total = self._count(self._books.waterfall_total)
        counts = tuple(self._count(name) for name in self._books.steps(span))
        if total < 0 or counts[0] < 0:
            return None
        shown = [max(count, 0) for count in counts]
        rest = max(0, total - sum(shown))
        *parts, over = numbers.to_100([*shown, rest])
        hidden = [i for i, count in enumerate(counts) if count < 0]
        if hidden and over:
            # One piece of the bar for all kinds that are not told apart.
            unsaid = [i for i in hidden if counts[i] == NOT_SHOWN]
            parts[(unsaid or hidden)[0]] = over
        elif over:
            parts[shown.index(max(shown))] += over
        if parts[0] in (0, 100):
            return None  # all or nothing is too telling, and is not drawn
        return Waterfall(counts, parts=tuple(parts), whole=total)

    def _trend(self, judge: Judge) -> Trend:
        months = [
            Month(
                month.start,
                self._estimate(month.estimate, Period(month.start, _month_end(month.start))),
            )
            for month in self._report.trend.months
        ]
        judged = judge(months)
        total = self._books.trend_total
        return replace(judged, n_contacts=NOT_SHOWN if total is None else self._count(total))

    def _factor(self, factor: GroupFactor) -> GroupFactor:
        rows = {row.label: self._row(factor.factor, row) for row in factor.rows}
        labels = _SAME_EVERYWHERE.get(factor.factor, ())
        if self._report.main.estimate.measure not in RATIOS and factor.factor == "n_band":
            labels = labels[1:]  # averages are of patients with two contacts
        some = next(iter(rows.values())).estimate
        # A band that has nobody is told as one of few is: else a row would say "somebody".
        bands = [rows.get(label) or GroupRow(label, _few(some)) for label in labels]
        others = [row for label, row in rows.items() if label not in labels and _has_figure(row)]
        return replace(factor, rows=(*bands, *others))

    def _row(self, factor: str, row: GroupRow) -> GroupRow:
        period = self._report.main.period
        estimate = self._estimate(row.estimate, period, f"{factor}={row.label}")
        return GroupRow(row.label, estimate, row.outside if estimate.value is not None else "no")

    def _counting(self, counting: Counting) -> Counting:
        name = self._books.counting
        return replace(
            counting,
            start=self._count(name("start")),
            counted=self._count(name("counted")),
            lines=tuple(
                replace(line, rows=self._count(name(line.reason))) for line in counting.lines
            ),
            no_named_gp=None if counting.no_named_gp is None else self._count(name("no_named_gp")),
        )


def _told(allows: RotaAllows | None) -> RotaAllows | None:
    """Return how ceilings were worked out, without the number of contacts that kept their slots."""
    if allows is None:
        return None
    return replace(allows, kept=NOT_SHOWN if allows.kept >= SMALLEST else 0)


def _has_figure(row: GroupRow) -> bool:
    """Return whether a group may be named: that a rare language is there tells of someone."""
    estimate = row.estimate
    return estimate.value is not None or max(estimate.n_patients, estimate.n_contacts) > 0


def _few(like: Estimate) -> Estimate:
    """Return an estimate of 7 or fewer patients, or of nobody."""
    return Estimate(
        like.measure,
        like.level,
        None,
        n_patients=FEW_SHOWN,
        n_contacts=NOT_SHOWN,
        reason=text("groups.hidden"),
        definition_version=like.definition_version,
    )


def _half(true: Estimate) -> float | None:
    if true.value is None or true.lower is None or true.upper is None:
        return None
    return max(true.value - true.lower, true.upper - true.value)


def _ceiling(true: Estimate, value: float, contacts: int) -> float | None:
    """Return the ceiling in whole hundredths, never below the published value.

    The contacts that a rota allowed were never counted of anyone, but their number may not
    tell single contacts either: a hundredth stands for 8 or more of them, or it is left out.
    """
    if true.ceiling is None or contacts < SMALLEST * 100:
        return None
    shown = whole_hundredths(true.ceiling)
    return None if shown is None else max(shown, value)


def whole_hundredths(share: float | None) -> float | None:
    """Return a share that no count belongs to in whole hundredths, never 0 or 1."""
    if share is None:
        return None
    if share < 0.01:
        return NEAR_NONE
    return NEAR_ALL if share > 0.99 else numbers.per_100(share) / 100


def corrected_of(value: float | None, chance: float | None) -> float | None:
    """Return the steps covered from chance to 1, from two published values."""
    if value is None or chance is None or chance >= 0.99:
        return None
    return round((value - chance) / (1 - chance), 2)


def _month_end(start: date) -> date:
    return date.fromordinal(month_span(start)[1])
