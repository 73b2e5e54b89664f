"""From counts of practices to rows: rates, ranges, funnel limits, networks, three averages."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from hamlets.networks.averages import (
    Averages,
    practices_achieving,
    share_achieved,
    three_averages,
)
from hamlets.networks.indicators import limits
from hamlets.networks.indicators.definition import Indicator
from hamlets.networks.indicators.periods import Period
from hamlets.networks.indicators.reaching import Needed, needed
from hamlets.networks.results.indicators import (
    AveragesRow,
    CentreIs,
    Funnel,
    FunnelCurve,
    IndicatorRow,
    Level,
    Position,
)


@dataclass(frozen=True)
class PlaceCount:
    """What is known of one practice (or sum of practices), and of one group of it.

    Without counts there is a ``share`` (1 = all) with a ``weight``, and maybe its range.
    """

    practice_id: str
    group: str | None = None
    initial_population: int | None = None
    numerator: int | None = None
    denominator: int | None = None
    exclusions: int | None = None
    exceptions: int | None = None
    share: Fraction | None = None
    weight: int | None = None
    bounds: tuple[float, float] | None = None
    """Range of the share, where whoever counted knows better than counts alone tell."""
    expected: float | None = None
    """Events that everyone's rates by age and sex would give."""

    @property
    def counted(self) -> bool:
        return self.numerator is not None and self.denominator is not None

    @property
    def exact(self) -> Fraction | None:
        """Return the exact share; None with nobody in the denominator."""
        if self.numerator is not None and self.denominator is not None:
            return Fraction(self.numerator, self.denominator) if self.denominator else None
        return self.share

    @property
    def size(self) -> int | None:
        return self.denominator if self.counted else self.weight


@dataclass(frozen=True)
class Places:
    """Names and membership on the day that counts."""

    networks: Mapping[str, str]
    names: Mapping[str, str]


@dataclass(frozen=True)
class Assembled:
    """Rows, each network's averages, and the limits to draw."""

    rows: tuple[IndicatorRow, ...]
    averages: tuple[AveragesRow, ...]
    curve: FunnelCurve | None


def assemble(
    indicator: Indicator,
    period: Period | None,
    counts: Sequence[PlaceCount],
    places: Places,
) -> Assembled:
    """Return the rows of practices, networks and everyone, and each network's averages.

    Practices in none of the networks come under everyone only.
    """
    rows: list[IndicatorRow] = []
    averages: list[AveragesRow] = []
    maker = _Maker(indicator, period, places)
    for group in dict.fromkeys(c.group for c in counts):
        mine = sorted((c for c in counts if c.group == group), key=lambda c: c.practice_id)
        everyone = _summed(mine, "")
        by_network: dict[str, list[PlaceCount]] = {}
        for one in mine:
            network = places.networks.get(one.practice_id)
            if network is not None:
                by_network.setdefault(network, []).append(one)
        sums = [(network, _summed(found, network)) for network, found in sorted(by_network.items())]
        levels: list[tuple[Level, list[tuple[str | None, PlaceCount]]]] = [
            ("practice", [(places.networks.get(c.practice_id), c) for c in mine]),
            ("network", [(network, total) for network, total in sums]),
            ("all", [(None, everyone)]),
        ]
        for level, found in levels:
            funnels = maker.funnels([c for _, c in found], everyone, level)
            rows += [
                maker.row(level, network, one, everyone, funnel)
                for (network, one), funnel in zip(found, funnels, strict=True)
            ]
        averages += [
            maker.averages(network, found) for network, found in sorted(by_network.items())
        ]
    ungrouped = [c for c in counts if c.group is None]
    return Assembled(tuple(rows), tuple(averages), maker.curve(ungrouped))


def _summed(counts: Sequence[PlaceCount], name: str) -> PlaceCount:
    """Return the counts of several practices together."""
    group = counts[0].group if counts else None
    if all(c.counted for c in counts):
        total = PlaceCount(
            name,
            group,
            _sum([c.initial_population for c in counts]),
            _sum([c.numerator for c in counts]) or 0,
            _sum([c.denominator for c in counts]) or 0,
            _sum([c.exclusions for c in counts]),
            _sum([c.exceptions for c in counts]),
        )
        expected = [c.expected for c in counts if c.expected is not None]
        total = replace(total, expected=math.fsum(expected) if expected else None)
        return replace(total, bounds=_pooled_bounds(counts, total.exact))
    weighed = [c for c in counts if c.share is not None and c.weight]
    weight = sum(c.weight or 0 for c in weighed)
    if not weight:
        return PlaceCount(name, group)
    share = sum((c.share or 0) * (c.weight or 0) for c in weighed) / Fraction(weight)
    return PlaceCount(
        name, group, share=share, weight=weight, bounds=_pooled_bounds(weighed, share)
    )


def _sum(values: Sequence[int | None]) -> int | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None


def _pooled_bounds(
    counts: Sequence[PlaceCount], share: Fraction | None
) -> tuple[float, float] | None:
    """Return the range of a weighted mean of shares with ranges of their own."""
    parts = [(c.size or 0, c.bounds) for c in counts if c.size]
    if share is None or not parts or any(bounds is None for _, bounds in parts):
        return None
    total = sum(size for size, _ in parts)
    square = math.fsum(
        (size / total * (b[1] - b[0]) / 2) ** 2 for size, b in parts if b is not None
    )
    half = math.sqrt(square)
    return max(0.0, float(share) - half), min(1.0, float(share) + half)


@dataclass(frozen=True)
class _Maker:
    indicator: Indicator
    period: Period | None
    places: Places

    @property
    def _per(self) -> int:
        return self.indicator.info.per

    @property
    def _target(self) -> Fraction | None:
        """Return the standard in per cent of the exact share."""
        target = self.indicator.info.target
        return None if target is None else Fraction(target) * 100 / self._per

    def row(
        self,
        level: Level,
        network: str | None,
        one: PlaceCount,
        everyone: PlaceCount,
        funnel: Funnel | None,
    ) -> IndicatorRow:
        share = one.exact
        bounds = self._range(one)
        place = one.practice_id if level == "practice" else network
        return IndicatorRow(
            indicator_id=self.indicator.id,
            level=level,
            practice_id=one.practice_id if level == "practice" else None,
            name=None if place is None else self.places.names.get(place),
            network_id=network,
            period_start=None if self.period is None else self.period.start,
            period_end=None if self.period is None else self.period.end,
            group=one.group,
            initial_population=one.initial_population,
            numerator=one.numerator,
            denominator=one.size if self.indicator.unit == "mean" else one.denominator,
            exclusions=one.exclusions,
            exceptions=one.exceptions,
            rate=None if share is None else float(share * self._per),
            lower=None if bounds is None else bounds[0] * self._per,
            upper=None if bounds is None else bounds[1] * self._per,
            standardised=self._standardised(one, everyone),
            funnel=funnel,
            reached=None if self._target is None or share is None else share_achieved(
                share, self._target, self.indicator.direction),
            still_to_reach=self._to_reach(one),
            reason=_reason(one, level) if share is None else None,
        )  # fmt: skip

    def _range(self, one: PlaceCount) -> tuple[float, float] | None:
        if one.bounds is not None:
            return one.bounds
        if one.numerator is None or not one.denominator:
            return None
        if self.indicator.events:
            return limits.event_range(one.numerator, one.denominator)
        return limits.wilson(one.numerator, one.denominator)

    def _standardised(self, one: PlaceCount, everyone: PlaceCount) -> float | None:
        overall = everyone.exact
        if not one.expected or one.numerator is None or overall is None:
            return None
        return one.numerator / one.expected * float(overall) * self._per

    def _to_reach(self, one: PlaceCount) -> int | None:
        if self._target is None or one.numerator is None or not one.denominator:
            return None
        if self.indicator.events or self.indicator.direction == "lower":
            return None
        wanted = math.ceil(self._target * one.denominator / 100)
        return max(0, wanted - one.numerator)

    def _centre(self, everyone: PlaceCount) -> Fraction | None:
        """Return what a funnel is drawn around; None where luck is not binomial or Poisson."""
        if self.indicator.info.counted not in ("patients", "events") or not everyone.counted:
            return None
        return self._target / 100 if self._target is not None else everyone.exact

    def _limits(self, sizes: Sequence[int], centre: Fraction) -> dict[float, limits.Limits]:
        find = limits.event_limits if self.indicator.events else limits.binomial_limits
        return find(sizes, float(centre))

    def funnels(
        self, counts: Sequence[PlaceCount], everyone: PlaceCount, level: Level
    ) -> list[Funnel | None]:
        """Return the limits for each place: around the standard, else around everyone's rate."""
        funnels: list[Funnel | None] = [None] * len(counts)
        centre = self._centre(everyone)
        if level == "all" or centre is None:
            return funnels
        at = [k for k, c in enumerate(counts) if c.counted and c.denominator]
        sizes = [counts[k].denominator or 0 for k in at]
        found = self._limits(sizes, centre)
        for place, k in enumerate(at):
            inner, outer = (
                (int(found[tail][0][place]), int(found[tail][1][place])) for tail in limits.TAILS
            )
            scale = self._per / sizes[place]
            funnels[k] = Funnel(
                centre=float(centre * self._per),
                centre_is=self._centre_is,
                lower_95=inner[0] * scale,
                upper_95=inner[1] * scale,
                lower_998=outer[0] * scale,
                upper_998=outer[1] * scale,
                position=_position(counts[k].numerator or 0, inner, outer),
            )
        return funnels

    @property
    def _centre_is(self) -> CentreIs:
        return "all" if self._target is None else "target"

    def curve(self, counts: Sequence[PlaceCount]) -> FunnelCurve | None:
        """Return the limits for sizes up to the largest practice's."""
        centre = self._centre(_summed(counts, "")) if counts else None
        largest = max((c.denominator or 0 for c in counts), default=0)
        if centre is None or not largest:
            return None
        sizes = limits.sizes_to(largest * 3 // 2)  # a drawing has room beyond the last dot
        found = self._limits(sizes, centre)
        drawn = [
            tuple(float(k) * self._per / n for k, n in zip(found[tail][side], sizes, strict=True))
            for tail in limits.TAILS
            for side in (0, 1)
        ]
        end = None if self.period is None else self.period.end
        return FunnelCurve(
            self.indicator.id, end, float(centre * self._per), self._centre_is, sizes, *drawn
        )

    def averages(self, network: str, counts: Sequence[PlaceCount]) -> AveragesRow:
        direction, target = self.indicator.direction, self._target
        if all(c.counted for c in counts):
            pairs = [(c.numerator or 0, c.denominator or 0) for c in counts]
            three = three_averages(pairs, direction)
            reaching = None if target is None else practices_achieving(pairs, target, direction)
            more = needed(pairs, target) if self._can_reach else Needed(None, None, None)
        else:
            three = _averages_of_shares(counts, direction == "higher")
            shares = [c.share for c in counts if c.share is not None]
            reaching = None if target is None else sum(
                share_achieved(s, target, direction) for s in shares)  # fmt: skip
            more = Needed(None, None, None)

        def reached(share: Fraction | None) -> bool | None:
            if target is None or share is None:
                return None
            return share_achieved(share, target, direction)

        def shown(share: Fraction | None) -> float | None:
            return None if share is None else float(share * self._per)

        return AveragesRow(
            indicator_id=self.indicator.id,
            network_id=network,
            name=self.places.names.get(network),
            period_start=None if self.period is None else self.period.start,
            period_end=None if self.period is None else self.period.end,
            group=counts[0].group,
            mean=shown(three.mean),
            pooled=shown(three.pooled),
            minimum=shown(three.minimum),
            practices=three.practices,
            without_patients=three.without_patients,
            practices_reaching=reaching,
            mean_reached=reached(three.mean),
            pooled_reached=reached(three.pooled),
            minimum_reached=reached(three.minimum),
            to_reach_mean=more.mean,
            to_reach_pooled=more.pooled,
            to_reach_minimum=more.minimum,
            estimated_weights=self.indicator.source == "counts" and not counts[0].counted,
        )

    @property
    def _can_reach(self) -> bool:
        higher = self.indicator.direction == "higher"
        return self._target is not None and higher and not self.indicator.events


def _reason(one: PlaceCount, level: Level) -> str:
    if one.counted:
        return "nobody in the denominator"
    return "no figure" if level == "practice" else "no sizes to weigh practices by"


def _position(count: int, inner: tuple[int, int], outer: tuple[int, int]) -> Position:
    if count < outer[0]:
        return "below_998"
    if count > outer[1]:
        return "above_998"
    if count < inner[0]:
        return "below_95"
    return "above_95" if count > inner[1] else "inside"


def _averages_of_shares(counts: Sequence[PlaceCount], higher: bool) -> Averages:
    """Return the averages of shares without counts; pooled by weight, where all have one."""
    known = [c for c in counts if c.share is not None]
    shares = [c.share for c in known if c.share is not None]
    weights = [c.weight for c in known]
    total = sum(w or 0 for w in weights)
    weighed = total and all(w is not None for w in weights)
    return Averages(
        mean=sum(shares, Fraction()) / len(shares) if shares else None,
        pooled=sum((s * (w or 0) for s, w in zip(shares, weights, strict=True)), Fraction()) / total
        if weighed
        else None,
        minimum=(min(shares) if higher else max(shares)) if shares else None,
        practices=len(shares),
        without_patients=len(counts) - len(shares),
        numerator=0,
        denominator=total,
    )
