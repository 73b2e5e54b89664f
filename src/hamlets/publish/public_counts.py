"""Every count of a report by name, and all the ways in which they add up.

The names say what is counted and over which days, so that two versions of a report can be
laid side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from hamlets.continuity.results import STEPS, ContinuityReport, Estimate, Period
from hamlets.disclosure import SMALLEST, Attacker, Cell, Counts, Release, Sum, rolling

RATIOS = ("slicc", "opr", "same_as_previous")
"""Measures that divide contacts by contacts."""

Span = tuple[int, int]


def key_of(estimate: Estimate) -> str:
    """Return what an estimate's counts are called: own GP and own team share their contacts."""
    at_level = "" if estimate.level == "clinician" else f"_{estimate.level}"
    return f"{estimate.measure}{at_level}"


def span_of(period: Period) -> Span:
    """Return the days of a period as whole numbers."""
    return period.first.toordinal(), period.last.toordinal()


def month_span(start: date) -> Span:
    """Return the days of a calendar month as whole numbers."""
    after = date(start.year + start.month // 12, start.month % 12 + 1, 1)
    return start.toordinal(), after.toordinal() - 1


class Books:
    """The counts of one report."""

    def __init__(self, report: ContinuityReport) -> None:
        self._report = report
        self._year = span_of(report.period)
        self._values: dict[str, int] = {}
        self._sums: dict[Sum, None] = {}
        self._silent: set[str] = set()
        self._hide: set[str] = set()
        self.trend_total: str | None = None
        self.waterfall_total = ""
        for headline in report.headlines:
            self._add_estimate(headline.estimate, span_of(headline.period))
        self._add_nested()
        self._add_waterfall()
        self._add_months()
        self._add_groups()
        self._add_counting()

    def counts(self) -> Counts:
        """Return the counts as ``protect`` takes them."""
        own = [each for each in rolling(self._values, self._sums) if self._holds(each)]
        sums = tuple(dict.fromkeys((*self._sums, *own)))
        exact = {name: (float(value), float(value)) for name, value in self._values.items()}
        if not Attacker(exact, sums).possible():
            # Months are counted with each month's own patients, a year with the year's: they
            # need not add up, and then nobody can use them together.
            sums = tuple(self._sums)
        return Counts(
            self._values, sums, silent=frozenset(self._silent), hide=frozenset(self._hide)
        )

    def links(self, previous: Release | None) -> tuple[Sum, ...]:
        """Return the sums that join this report with the one before."""
        if previous is None:
            return ()
        names = dict.fromkeys((*self._values, *previous.counts))
        return rolling(names, (*self._sums, *previous.sums))

    def true(self, name: str) -> int | None:
        """Return a true count; None for a name that is not counted."""
        return self._values.get(name)

    def name(self, key: str, part: str, span: Span, group: str = "") -> str:
        """Return the name of a count: "contacts", "num", "rest" or "patients" of a measure."""
        base = key.removesuffix("_team") if part in ("contacts", "patients") else key
        within = f"[{group}]" if group else ""
        return Cell(f"{base}.{part}{within}", span).name

    def steps(self, span: Span) -> tuple[str, ...]:
        """Return the names of the kinds of contact, in their order."""
        return tuple(Cell(f"step.{step}", span).name for step in STEPS)

    def counting(self, line: str) -> str:
        """Return the name of a line of "What we did not count"."""
        return Cell(f"counting.{line}", self._year).name

    def busy(self, months: Iterable[date]) -> bool:
        """Return whether each of these months has patients enough for a figure."""
        wanted = set(months)
        found = [m for m in self._report.trend.months if m.start in wanted]
        return len(found) == len(wanted) and all(m.estimate.n_patients >= SMALLEST for m in found)

    def _holds(self, each: Sum) -> bool:
        """Return whether a sum holds, as far as its counts are known."""
        known = [self._values.get(name) for name in each.parts]
        total = self._values.get(each.total)
        if total is None or any(value is None for value in known):
            return True
        return sum(value for value in known if value is not None) == total

    def _sum(self, total: str, parts: Sequence[str]) -> None:
        """Note a sum, where it is true: a reader who took it for true would be misled else."""
        each = Sum(total, tuple(parts))
        if parts and all(name in self._values for name in (total, *parts)) and self._holds(each):
            self._sums[each] = None

    def _put(self, name: str, value: int, *, silent: bool = False, hide: bool = False) -> None:
        self._values.setdefault(name, value)
        if silent:
            self._silent.add(name)
        if hide:
            self._hide.add(name)

    def _add_estimate(self, estimate: Estimate, span: Span, group: str = "") -> None:
        key = key_of(estimate)
        patients, contacts, num, rest = (
            self.name(key, part, span, group) for part in ("patients", "contacts", "num", "rest")
        )
        few = estimate.n_patients < SMALLEST
        self._put(patients, estimate.n_patients)
        self._put(contacts, estimate.n_contacts, hide=few)
        if estimate.measure not in RATIOS or estimate.value is None:
            return
        above = round(estimate.value * estimate.n_contacts)
        left = estimate.n_contacts - above
        # A share with next to nothing left over is as telling as one of next to nothing.
        self._put(num, above, hide=few or left < SMALLEST)
        self._put(rest, left, silent=True)
        self._sum(contacts, (num, rest))

    def _part_of(self, whole: str, part: str, over: str) -> None:
        """Note that one count is part of another, and that what is over may be small."""
        if whole in self._values and part in self._values and whole != part:
            left = self._values[whole] - self._values[part]
            if left >= 0:
                self._put(over, left, silent=True)
                self._sum(whole, (part, over))

    def _add_nested(self) -> None:
        """Averages over patients: who has enough contacts for one is among those for another."""
        year = self._year
        own, team = self.name("slicc", "num", year), self.name("slicc_team", "num", year)
        self._part_of(team, own, Cell("slicc.team_only", year).name)
        same = [
            h.estimate
            for h in self._report.headlines
            if h.estimate.measure not in RATIOS and span_of(h.period) == year
        ]
        for wide in same:
            for narrow in same:
                if wide.n_patients <= narrow.n_patients:
                    continue
                over = Cell(f"{key_of(wide)}-{key_of(narrow)}", year).name
                for part in ("patients", "contacts"):
                    outer, inner = (self.name(key_of(e), part, year) for e in (wide, narrow))
                    # Those with a single contact are as many patients as contacts.
                    gap = wide.n_contacts - narrow.n_contacts
                    single = gap == wide.n_patients - narrow.n_patients
                    self._part_of(outer, inner, over if single else f"{part}.{over}")

    def _add_waterfall(self) -> None:
        waterfall = self._report.waterfall
        if waterfall is None:
            return
        names = self.steps(self._year)
        for name, count in zip(names, waterfall.counts, strict=True):
            self._put(name, count)
        contacts = self.name("slicc", "contacts", self._year)
        same = self._values.get(contacts) == waterfall.total
        self.waterfall_total = contacts if same else Cell("steps", self._year).name
        self._put(self.waterfall_total, waterfall.total)
        self._sum(self.waterfall_total, names)
        # Own GP and own team met at the hub are in the share but not in the kind.
        elsewhere = Cell("slicc.elsewhere", self._year).name
        self._part_of(self.name("slicc", "num", self._year), names[0], elsewhere)

    def _add_months(self) -> None:
        months = self._report.trend.months
        for month in months:
            self._add_estimate(month.estimate, month_span(month.start))
        if not months:
            return
        key = key_of(months[0].estimate)
        span = month_span(months[0].start)[0], month_span(months[-1].start)[1]
        known = [m.estimate for m in months if m.estimate.value is not None]
        self.trend_total = self.name(key, "contacts", span)
        self._put(self.trend_total, sum(e.n_contacts for e in known))

    def _add_groups(self) -> None:
        overall = self._report.groups_overall
        if overall is None:
            return
        span, key = span_of(self._report.main.period), key_of(overall)
        self._add_estimate(overall, span)
        for factor in self._report.groups:
            groups = [f"{factor.factor}={row.label}" for row in factor.rows]
            for group, row in zip(groups, factor.rows, strict=True):
                self._add_estimate(row.estimate, span, group)
                if factor.factor == "n_band":
                    self._add_band(row.label, key, span, group)
            for part in ("contacts", "num"):
                parts = [self.name(key, part, span, group) for group in groups]
                self._sum(self.name(key, part, span), parts)
            self._add_patients_of(factor.factor, key, span, groups)

    def _add_patients_of(self, factor: str, key: str, span: Span, groups: list[str]) -> None:
        """Note that patients of the groups add up; who changes group is in two of them."""
        total = self.name(key, "patients", span)
        parts = [self.name(key, "patients", span, group) for group in groups]
        twice = sum(self._values[part] for part in parts) - self._values[total]
        if twice == 0:
            self._sum(total, parts)
        elif twice > 0:
            every = Cell(f"{key}.every[{factor}]", span).name
            again = Cell(f"{key}.again[{factor}]", span).name
            self._put(every, twice + self._values[total], silent=True)
            self._put(again, twice, silent=True)
            self._sum(every, parts)
            self._sum(every, (total, again))

    def _add_band(self, label: str, key: str, span: Span, group: str) -> None:
        """Note that contacts of patients with 1 or 2 contacts follow from the patients."""
        if label in ("1", "2"):
            patients = self.name(key, "patients", span, group)
            self._sum(self.name(key, "contacts", span, group), [patients] * int(label))

    def _add_counting(self) -> None:
        counting = self._report.counting
        self._put(self.counting("start"), counting.start)
        self._put(self.counting("counted"), counting.counted)
        lines = [self.counting(line.reason) for line in counting.lines]
        for name, line in zip(lines, counting.lines, strict=True):
            self._put(name, line.rows)
        self._sum(self.counting("start"), [self.counting("counted"), *lines])
        if counting.no_named_gp is not None:
            unnamed = self.counting("no_named_gp")
            self._put(unnamed, counting.no_named_gp)
            contacts = self.name("slicc", "contacts", self._year)
            self._sum(self.counting("counted"), (contacts, unnamed))
