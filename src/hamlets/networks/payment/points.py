"""Points and what they are worth: QOF for each practice, and the same for a whole network.

D = achieved / (register - exclusions) x 100, H = the points that D earns, and
pounds = sum of H x value x prevalence ratio, x list ratio. Nothing is rounded before the
amount of a practice (or network), unless the scheme says so. Source: Statement of Financial
Entitlements, Section 5; the published worked examples are tests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from hamlets.errors import SourceError
from hamlets.networks.payment.counts import Count, Counted, PracticeSize
from hamlets.networks.payment.earning_words import points_sum
from hamlets.networks.payment.money import half_up, pounds
from hamlets.networks.payment.retained import Worked
from hamlets.networks.payment.scheme import Condition, Scheme
from hamlets.networks.payment.shares import (
    average_steps,
    network_before,
    network_counts,
    own_before,
    show_condition,
)
from hamlets.networks.payment.writing import amount, number, rate
from hamlets.networks.results.payment import ConditionShown, PaymentStep


@dataclass(frozen=True)
class PointLine:
    """The points of one indicator, and how common its condition is beside the nation."""

    points: Fraction
    prevalence_ratio: Fraction = Fraction(1)


def points_earned(curve_part: Fraction, whole: Fraction, rounded: bool = False) -> Fraction:
    """Return H: the part of an indicator's points, to 2 decimals where the scheme rounds."""
    earned = curve_part * whole
    return half_up(earned) if rounded else earned


def points_pounds(
    lines: Iterable[PointLine],
    value_per_point: Fraction,
    list_ratio: Fraction = Fraction(1),
    round_point_value: bool = False,
) -> Fraction:
    """Return what points are worth in pounds, not yet rounded to the penny.

    With ``round_point_value`` the value of a point, adjusted for list and prevalence, is
    rounded to the penny before it is multiplied.
    """
    if round_point_value:
        return sum(
            (half_up(value_per_point * list_ratio * x.prevalence_ratio) * x.points for x in lines),
            Fraction(),
        )
    whole = sum((x.points * value_per_point * x.prevalence_ratio for x in lines), Fraction())
    return whole * list_ratio


@dataclass
class OwnPoints:
    """What points come to where each practice is paid for its own."""

    conditions: tuple[ConditionShown, ...]
    steps: list[PaymentStep] = field(default_factory=list[PaymentStep])
    paid: dict[str, Decimal] = field(default_factory=dict[str, Decimal])
    points: dict[str, Fraction] = field(default_factory=dict[str, Fraction])
    why: dict[str, str] = field(default_factory=dict[str, str])


def pay_own_points(
    scheme: Scheme, network_id: str | None, practices: Sequence[str], counted: Counted
) -> OwnPoints:
    """Return what each practice of a network gets for its own points."""
    made = OwnPoints(
        tuple(show_condition(scheme, c, practices, counted) for c in scheme.conditions)
    )
    counts = [network_counts(scheme, c, practices, counted) for c in scheme.conditions]
    for practice in practices:
        own = [(c, found.get(practice)) for c, found in zip(scheme.conditions, counts, strict=True)]
        size = counted.practices[practice]
        exact, points, steps = _practice(scheme, size, own, counted, network_id)
        made.paid[practice] = pounds(exact)
        made.points[practice] = points
        made.steps += steps
        why = _why(own)
        if why:
            made.why[practice] = why
    return made


def practice_pounds(
    scheme: Scheme,
    size: PracticeSize,
    own: Sequence[tuple[Condition, Count | None]],
    counted: Counted,
) -> Fraction:
    """Return what one practice's points are worth, not yet rounded."""
    return _practice(scheme, size, own, counted, None)[0]


def _practice(
    scheme: Scheme,
    size: PracticeSize,
    own: Sequence[tuple[Condition, Count | None]],
    counted: Counted,
    network_id: str | None,
) -> tuple[Fraction, Fraction, list[PaymentStep]]:
    lines: list[PointLine] = []
    steps: list[PaymentStep] = []
    value = scheme.value_per_point or Fraction()
    ratio = list_ratio(scheme, size.list_size, size.practice_id)

    def step(kind: str, written: str, found: Fraction, unit: str, about: str | None = None) -> None:
        steps.append(
            PaymentStep(kind, about, written, found, unit, size.practice_id, network_id)  # type: ignore[arg-type]
        )

    for condition, count in own:
        if count is None or count.percent is None:
            continue
        before = own_before(count, counted)
        part = condition.curve.earned(count.percent, before)
        whole = condition.points or Fraction()
        points = points_earned(part, whole, scheme.round_points)
        prevalence = prevalence_ratio(condition, count, size)
        lines.append(PointLine(points, prevalence))
        title = condition.title
        step("achieved", _written(count), count.percent, "percent", title)
        written = points_sum(condition.curve, count.percent, before, whole)
        step("points", written, points, "points", title)
        if condition.national_prevalence:
            common = number(prevalence * condition.national_prevalence)
            written = f"{common} / {number(condition.national_prevalence)}"
            step("prevalence", written, prevalence, "ratio", title)
    exact = points_pounds(lines, value, ratio, scheme.round_point_value)
    together = sum((line.points for line in lines), Fraction())
    if lines:
        national = number(scheme.national_list or Fraction())
        written = f"{number(size.list_size or Fraction())} / {national}"
        step("list_ratio", written, ratio, "ratio")
        step("pounds", _sum(lines, value, ratio, scheme.round_point_value), exact, "pounds")
        step("paid_practice", amount(exact), Fraction(pounds(exact)), "pounds")
    return exact, together, steps


def _sum(
    lines: Sequence[PointLine], value: Fraction, ratio: Fraction, round_point_value: bool
) -> str:
    if round_point_value:
        return " + ".join(
            f"{number(line.points)} x {amount(half_up(value * ratio * line.prevalence_ratio))}"
            for line in lines
        )
    parts = " + ".join(
        f"{number(line.points)} x {rate(value)}"
        + (f" x {number(line.prevalence_ratio)}" if line.prevalence_ratio != 1 else "")
        for line in lines
    )
    return f"({parts}) x {number(ratio)}"


def _written(count: Count) -> str:
    left = count.exclusions
    if left:
        return f"{number(count.numerator)} / ({count.denominator + left:,} - {left:,}) x 100"
    return f"{number(count.numerator)} / {count.denominator:,} x 100"


def _why(own: Sequence[tuple[Condition, Count | None]]) -> str:
    """Return why standards of a practice earn nothing, where the figures do not say it."""
    nobody = [c.title for c, count in own if count is not None and not count.denominator]
    missing = [c.title for c, count in own if count is None]
    said: list[str] = []
    if nobody:
        said.append(f"Nobody is left to count for {_and(nobody)}, so it earns no points.")
    if missing:
        said.append(f"There are no figures for {_and(missing)}.")
    return " ".join(said)


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def list_ratio(scheme: Scheme, size: Fraction | None, place: str) -> Fraction:
    """Return a list over the national one; SourceError where it is not known."""
    if size is None:
        raise SourceError(
            f"The scheme pays by list size, and that of {place} is not known.",
            where="list_size",
            hint="Give a file with practice_id and list_size with --practices.",
        )
    return size / (scheme.national_list or Fraction(1))


def prevalence_ratio(condition: Condition, count: Count, size: PracticeSize) -> Fraction:
    """Return practice prevalence over national prevalence; 1 without a register.

    The register is the denominator and the exclusions together, over the list.
    """
    if not condition.national_prevalence:
        return Fraction(1)
    percent = count.prevalence
    if percent is None:
        if not size.list_size:
            return Fraction(1)
        percent = Fraction(count.denominator + (count.exclusions or 0)) * 100 / size.list_size
    return percent / condition.national_prevalence


def pay_network_points(
    scheme: Scheme, network_id: str | None, practices: Sequence[str], counted: Counted
) -> Worked:
    """Return what a network gets for points on its average, before it is divided."""
    conditions = tuple(show_condition(scheme, c, practices, counted) for c in scheme.conditions)
    exact, lines = network_pounds(scheme, [c.earned for c in conditions], practices, counted)
    steps = _network_steps(scheme, conditions, lines, network_id, practices, counted, exact)
    own = dict.fromkeys(practices, Fraction())
    for condition, shown in zip(scheme.conditions, conditions, strict=True):
        for one in shown.practices:
            own[one.practice_id] += one.earned * (condition.points or Fraction())
    return Worked(conditions, pounds(exact), own, tuple(steps))


def network_pounds(
    scheme: Scheme, earned: Sequence[Fraction], practices: Sequence[str], counted: Counted
) -> tuple[Fraction, list[PointLine]]:
    """Return what a network's points are worth, not rounded, and its lines."""
    sizes = [counted.practices[p] for p in practices]
    whole = sum((list_of(scheme, size) for size in sizes), Fraction())
    lines = [
        PointLine(
            points_earned(part, condition.points or Fraction(), scheme.round_points),
            _network_prevalence(scheme, condition, practices, counted, whole),
        )
        for condition, part in zip(scheme.conditions, earned, strict=True)
    ]
    ratio = whole / (scheme.national_list or Fraction(1))
    value = scheme.value_per_point or Fraction()
    return points_pounds(lines, value, ratio, scheme.round_point_value), lines


def list_of(scheme: Scheme, size: PracticeSize) -> Fraction:
    """Return a practice's list; SourceError where it is not known."""
    return list_ratio(scheme, size.list_size, size.practice_id) * (
        scheme.national_list or Fraction(1)
    )


def _network_prevalence(
    scheme: Scheme,
    condition: Condition,
    practices: Sequence[str],
    counted: Counted,
    whole: Fraction,
) -> Fraction:
    """Return the network's prevalence over the nation's: that of all its patients together."""
    if not condition.national_prevalence or not whole:
        return Fraction(1)
    counts: Mapping[str, Count] = network_counts(scheme, condition, practices, counted)
    together = Fraction()
    for practice, count in counts.items():
        size = counted.practices[practice]
        together += prevalence_ratio(condition, count, size) * (size.list_size or Fraction())
    return together / whole


def _network_steps(
    scheme: Scheme,
    conditions: Sequence[ConditionShown],
    lines: Sequence[PointLine],
    network_id: str | None,
    practices: Sequence[str],
    counted: Counted,
    exact: Fraction,
) -> Iterator[PaymentStep]:
    def step(
        kind: str, written: str, found: Fraction, unit: str, about: str | None = None
    ) -> PaymentStep:
        return PaymentStep(kind, about, written, found, unit, None, network_id)  # type: ignore[arg-type]

    for condition, shown, line in zip(scheme.conditions, conditions, lines, strict=True):
        yield from average_steps(shown, network_id)
        title = condition.title
        percent = None if shown.share is None else shown.share * 100
        before = network_before(scheme, condition, practices, counted)
        written = points_sum(condition.curve, percent, before, condition.points or Fraction())
        yield step("points", written, line.points, "points", title)
        if condition.national_prevalence:
            common = number(line.prevalence_ratio * condition.national_prevalence)
            written = f"{common} / {number(condition.national_prevalence)}"
            yield step("prevalence", written, line.prevalence_ratio, "ratio", title)
    together = sum((list_of(scheme, counted.practices[p]) for p in practices), Fraction())
    value, ratio = scheme.value_per_point or Fraction(), together / (scheme.national_list or 1)
    written = f"{number(together)} / {number(scheme.national_list or Fraction())}"
    yield step("list_ratio", written, ratio, "ratio")
    yield step("pounds", _sum(lines, value, ratio, scheme.round_point_value), exact, "pounds")
    yield step("paid", amount(exact), Fraction(pounds(exact)), "pounds")
