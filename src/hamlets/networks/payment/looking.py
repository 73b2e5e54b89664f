"""A look forward: how far each standard is, the chance of it, and what a patient more is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from hamlets.errors import UsageError
from hamlets.networks.averages import Rule
from hamlets.networks.payment.asking import Added, Costs, with_added
from hamlets.networks.payment.chance import Expected, Pace, expected_earned, own_expected
from hamlets.networks.payment.counts import Count, Counted
from hamlets.networks.payment.crossing import (
    Reach,
    cheapest_set,
    even_set,
    least_set,
    own_need,
    share_with,
)
from hamlets.networks.payment.pace import find_paces, months_left, year_end
from hamlets.networks.payment.paying import pay
from hamlets.networks.payment.points import list_ratio, network_pounds, prevalence_ratio
from hamlets.networks.payment.retained import contract_value, retained_paid
from hamlets.networks.payment.scheme import Condition, Scheme
from hamlets.networks.payment.shares import RULE_OF, network_counts
from hamlets.networks.results.payment import (
    ConditionShown,
    NetworkPaid,
    PaymentScenario,
    PaymentStatement,
    PaymentWhatIf,
    PracticeNeed,
    StandardOutlook,
)


def look_forward(
    scheme: Scheme,
    counted: Counted,
    statement: PaymentStatement,
    *,
    added: Added = (),
    costs: Costs | None = None,
) -> PaymentStatement:
    """Return the statement with a look forward for each of its networks.

    ``added`` asks what so many more patients would change. ``costs`` are ways to reach
    patients; without them each costs one contact. UsageError for a scheme without standards.
    """
    if not scheme.conditions:
        raise UsageError(
            "This scheme has no standards, so there is nothing to look forward to.",
            where="--what-if",
            hint="Leave the option out.",
        )
    ends = scheme.ends or year_end(counted.source.period_end)
    left = months_left(counted.source.period_end, ends)
    looks: list[PaymentWhatIf] = []
    for paid in statement.networks:
        view = _View(scheme, counted, paid, left, costs or {})
        own = tuple(a for a in added if a[0] in paid.practices)
        outlooks, expected = view.outlooks()
        scenario = _scenario(scheme, counted, paid, own) if own else None
        looks.append(PaymentWhatIf(paid.network_id, ends, left, expected, outlooks, scenario))
    return replace(statement, what_if=tuple(looks))


@dataclass(frozen=True)
class _Forecast:
    """Expected part that is earned of one condition, and with one more patient in each practice."""

    whole: Expected
    more: dict[str, float]


@dataclass(frozen=True)
class _View:
    """One network, looked at from today to the year's end."""

    scheme: Scheme
    counted: Counted
    paid: NetworkPaid
    months: int
    costs: Costs

    def outlooks(self) -> tuple[tuple[StandardOutlook, ...], float | None]:
        """Return the outlook of each standard, and the payment that the model expects."""
        conditions = self.scheme.conditions
        counts = [
            list(network_counts(self.scheme, c, self.paid.practices, self.counted).values())
            for c in conditions
        ]
        forecasts = [self._forecast(c, x) for c, x in zip(conditions, counts, strict=True)]
        expected = self._expected([f.whole.value for f, _ in forecasts if f is not None])
        found = [self._outlook(index, counts[index], forecasts) for index in range(len(conditions))]
        return tuple(found), expected

    def _forecast(
        self, condition: Condition, counts: Sequence[Count]
    ) -> tuple[_Forecast | None, str]:
        line = condition.curve.height
        if line.falling or condition.curve.direction == "lower":
            return None, "It is not worked out where less is better."
        if condition.curve.rise is not None:
            return None, "It is not worked out where improvement counts as well."
        paces, why = find_paces(counts, self.counted)
        if why:
            return None, why
        names, there = list(paces), list(paces.values())
        rule = RULE_OF.get(self.scheme.average)
        if rule is None:
            return self._own_forecast(paces, condition), ""
        whole, more = expected_earned(there, self.months, rule, line)
        return _Forecast(whole, dict(zip(names, (m.value for m in more), strict=True))), ""

    def _own_forecast(self, paces: dict[str, Pace], condition: Condition) -> _Forecast:
        line = condition.curve.height
        now = {p: own_expected(pace, self.months, line) for p, pace in paces.items()}
        more = {
            p: own_expected(pace.with_one_more(), self.months, line) if pace.outstanding else now[p]
            for p, pace in paces.items()
        }
        rise = {p: more[p] - now[p] for p in paces}
        return _Forecast(Expected(sum(now.values()) / len(now)), rise)

    def _expected(self, earned: Sequence[float]) -> float | None:
        """Return the expected payment where every condition has a forecast.

        Conditions are taken as independent; all or nothing needs steps, whose chances multiply.
        """
        if len(earned) < len(self.scheme.conditions) or self.scheme.average == "own":
            return None
        if self.scheme.shape == "points":
            parts = [Fraction(e) for e in earned]
            return float(network_pounds(self.scheme, parts, self.paid.practices, self.counted)[0])
        advance, stake = float(self.paid.in_advance or 0), float(self.paid.at_stake or 0)
        part = self._part(earned)
        return None if part is None else advance + stake * part

    def _part(self, earned: Sequence[float]) -> float | None:
        conditions = self.scheme.conditions
        if not self.scheme.all_or_nothing:
            return sum(float(c.share) * e for c, e in zip(conditions, earned, strict=True))
        if any(c.curve.height.lower != c.curve.height.upper for c in conditions):
            return None
        product = 1.0
        for each in earned:
            product *= each
        return product

    def _outlook(
        self,
        index: int,
        counts: Sequence[Count],
        forecasts: Sequence[tuple[_Forecast | None, str]],
    ) -> StandardOutlook:
        condition, shown = self.scheme.conditions[index], self.paid.conditions[index]
        target = condition.curve.height.upper
        rule = RULE_OF.get(self.scheme.average)
        forecast, why = forecasts[index]
        if condition.curve.direction == "lower":
            return StandardOutlook(
                shown.indicator_id, shown.title, target, shown.share, None, None, None, None,
                None, 0.0, why, (),
            )  # fmt: skip
        sets = _sets(counts, rule, target)
        reaches = self._reaches(condition, counts)
        cheapest = cheapest_set(counts, rule or "minimum", target, reaches) if counts else None
        needs = tuple(
            self._need(count, index, sets, cheapest, forecasts, shown) for count in counts
        )
        still, even, pooled = (None if s is None else sum(s.values()) for s in sets)
        chance = forecast.whole if forecast and rule else None
        return StandardOutlook(
            shown.indicator_id,
            shown.title,
            target,
            shown.share,
            still,
            even,
            pooled,
            cheapest[0] if cheapest else None,
            chance.value if chance else None,
            chance.within if chance else 0.0,
            why if rule else "Each practice is paid for its own.",
            needs,
        )

    def _reaches(self, condition: Condition, counts: Sequence[Count]) -> list[Reach]:
        """Return the ways to reach patients: the table's, and one contact each elsewhere."""
        table = [*self.costs.get("", ()), *self.costs.get(condition.indicator, ())]
        named = {reach.practice_id for reach in table}
        others = [
            Reach(c.practice_id, 1, c.outstanding) for c in counts if c.practice_id not in named
        ]
        return [*table, *others]

    def _need(
        self,
        count: Count,
        index: int,
        sets: tuple[dict[str, int] | None, ...],
        cheapest: tuple[int, dict[str, int]] | None,
        forecasts: Sequence[tuple[_Forecast | None, str]],
        shown: ConditionShown,
    ) -> PracticeNeed:
        least, even, pooled = (None if s is None else s.get(count.practice_id, 0) for s in sets)
        condition = self.scheme.conditions[index]
        own = own_need(count, condition.curve.height.upper) if count.denominator else None
        return PracticeNeed(
            count.practice_id,
            count.outstanding,
            own,
            least,
            even,
            pooled,
            cheapest[1].get(count.practice_id, 0) if cheapest else None,
            self._next(count, index, forecasts),
            self._contribution(count, index, shown),
        )

    def _next(
        self, count: Count, index: int, forecasts: Sequence[tuple[_Forecast | None, str]]
    ) -> Fraction | float | None:
        """Return what one more patient is worth: in expectation, or as things stand today."""
        if not count.outstanding:
            return None
        forecast = forecasts[index][0]
        if forecast is None or count.practice_id not in forecast.more:
            return self._next_today(count, index)
        condition = self.scheme.conditions[index]
        if self.scheme.average == "own":
            rise = forecast.more[count.practice_id]
            return rise * float(self._point_worth(condition, count))
        now = [f.whole.value for f, _ in forecasts if f is not None]
        before = self._expected(now)
        if before is None:
            return self._next_today(count, index)
        now[index] = forecast.more[count.practice_id]
        after = self._expected(now)
        return None if after is None else after - before

    def _point_worth(self, condition: Condition, count: Count) -> Fraction:
        """Return what all the points of a condition are worth in a practice."""
        size = self.counted.practices[count.practice_id]
        return (
            (condition.points or Fraction())
            * (self.scheme.value_per_point or Fraction())
            * prevalence_ratio(condition, count, size)
            * list_ratio(self.scheme, size.list_size, size.practice_id)
        )

    def _next_today(self, count: Count, index: int) -> Fraction:
        """Return what one more patient would add to the payment if it were made today."""
        condition = self.scheme.conditions[index]
        changed = with_added(self.counted, ((count.practice_id, condition.indicator, 1),))
        again = pay(self.scheme, changed, network=self.paid.network_id)
        return _exact(self.scheme, again, changed) - _exact_paid(
            self.scheme, self.paid, self.counted
        )

    def _contribution(self, count: Count, index: int, shown: ConditionShown) -> Fraction | None:
        """Return the rule's value with the practice minus without it."""
        rule = RULE_OF.get(self.scheme.average)
        if rule is None or shown.share is None or not count.denominator:
            return None
        condition = self.scheme.conditions[index]
        all_of = network_counts(self.scheme, condition, self.paid.practices, self.counted)
        others = [c for p, c in all_of.items() if p != count.practice_id]
        without = share_with(others, rule)
        return None if without is None else shown.share - without


def _exact(scheme: Scheme, statement: PaymentStatement, counted: Counted) -> Fraction:
    return sum((_exact_paid(scheme, n, counted) for n in statement.networks), Fraction())


def _exact_paid(scheme: Scheme, paid: NetworkPaid, counted: Counted) -> Fraction:
    """Return a network's payment before it was rounded, so that a difference shows."""
    if scheme.shape in ("retained_share", "declaration"):
        value = contract_value(scheme, paid.practices, counted)
        return retained_paid(scheme, value, [c.earned for c in paid.conditions])
    if scheme.average != "own":
        earned = [c.earned for c in paid.conditions]
        return network_pounds(scheme, earned, paid.practices, counted)[0]
    return sum(
        (step.value for step in paid.steps if step.kind == "pounds"),
        Fraction(),
    )


def _sets(
    counts: Sequence[Count], rule: Rule | None, target: Fraction
) -> tuple[dict[str, int] | None, dict[str, int] | None, dict[str, int] | None]:
    """Return the smallest set, the evenly spread one, and that if all counted together.

    Where each practice is paid for its own, the first two are what each needs by itself.
    """
    there = rule or "minimum"
    return (
        least_set(counts, there, target),
        even_set(counts, there, target),
        least_set(counts, "pooled", target),
    )


def _scenario(scheme: Scheme, counted: Counted, paid: NetworkPaid, added: Added) -> PaymentScenario:
    """Return what a network would be paid with so many more patients, and what is still left."""
    changed = with_added(counted, added)
    again = pay(scheme, changed, network=paid.network_id).networks[0]
    reached = tuple(
        now.title
        for before, now in zip(paid.conditions, again.conditions, strict=True)
        if now.reached and not before.reached
    )
    left: list[tuple[str, int | None]] = []
    for condition, now in zip(scheme.conditions, again.conditions, strict=True):
        if not now.reached:
            counts = network_counts(scheme, condition, again.practices, changed)
            rule = RULE_OF.get(scheme.average) or "minimum"
            least = least_set(list(counts.values()), rule, condition.curve.height.upper)
            left.append((now.title, None if least is None else sum(least.values())))
    return PaymentScenario(added, again.paid, Decimal(again.paid - paid.paid), reached, tuple(left))
