"""What is said of indicators: the catalogue of the words, and one way to write a rate."""

from __future__ import annotations

import math
from functools import cache
from importlib.resources import files

from hamlets.networks.results import AveragesRow, CaseMix, IndicatorInfo, IndicatorRow
from hamlets.publish import numbers, payment_words
from hamlets.publish.strings import read_words

_TINY = 1e-9
DASH = "\N{EN DASH}"


@cache
def catalogue() -> dict[str, str]:
    """Return every string by its dotted key."""
    return read_words([files("hamlets.publish").joinpath("indicator_wording.toml")])


def said(key: str, **values: object) -> str:
    """Return the string called ``key`` with its values filled in; KeyError if either lacks."""
    return catalogue()[key].format_map(values)


def rate(value: float | None, info: IndicatorInfo) -> str:
    """Return a rate for people: whole, or with a decimal where it is small or near its standard.

    A rate is never shown as the standard that it does not reach.
    """
    if value is None:
        return DASH
    if value < 10 and info.per == 1000:
        return f"{value:.1f}"
    shown = math.floor(value + 0.5 + _TINY)
    if info.per == 100 and (shown == 100 or shown == 0) and 0 < value < 100:
        # hardly any is not none, and nearly all is not all
        return f"{max(0.1, min(99.9, value)):.1f}"
    if info.target is not None and (shown >= info.target) != (value >= float(info.target) - _TINY):
        tenths = math.floor(value * 10 + _TINY) / 10 if info.direction == "higher" else (
            math.ceil(value * 10 - _TINY) / 10)  # fmt: skip
        return f"{tenths:.1f}"
    return f"{shown:,}"


def target(info: IndicatorInfo) -> str:
    """Return the standard as it was written: "90"."""
    return "" if info.target is None else f"{info.target.normalize():f}"


def with_range(row: IndicatorRow, info: IndicatorInfo) -> str:
    """Return a rate with its range in brackets, the range rounded outwards."""
    if row.rate is None or row.lower is None or row.upper is None:
        return rate(row.rate, info)
    if row.upper < 10 and info.per == 1000:
        low, high = math.floor(row.lower * 10) / 10, math.ceil(row.upper * 10) / 10
        return f"{rate(row.rate, info)} ({low:.1f} to {high:.1f})"
    low, high = math.floor(row.lower + _TINY), math.ceil(row.upper - _TINY)
    return f"{rate(row.rate, info)} ({low:,} to {high:,})"


def lead(info: IndicatorInfo, averages: AveragesRow | None, network: IndicatorRow | None) -> str:
    """Return the sentence under an indicator's title."""
    if averages is None or averages.mean is None:
        return said("lead.nobody")
    events = info.per == 1000
    if info.target is None:
        together = network.rate if network is not None else averages.pooled
        if together is None:
            together = averages.mean
        return said("lead.events" if events else "lead.no_standard", value=rate(together, info))
    values = {"value": rate(averages.mean, info), "target": target(info)}
    if events:
        return said("lead.events_standard", **values)
    if averages.mean_reached:
        return said("lead.reached", **values)
    if averages.to_reach_mean is None:
        return said("lead.not_reached_none", **values)
    return said("lead.not_reached", **values, n=numbers.count(averages.to_reach_mean))


def three_heading(row: AveragesRow) -> str:
    """Return whether the three ways of counting agree; "" without a standard."""
    if row.agree is None:
        return ""
    if not row.agree:
        return payment_words.said("three.differ")
    return payment_words.said("three.agree_yes" if row.mean_reached else "three.agree_no")


def three_sentences(row: AveragesRow, info: IndicatorInfo) -> tuple[str, ...]:
    """Return the three averages, always together, as pages.md has them."""
    lower = "_lower" if info.direction == "lower" else ""
    said_of = payment_words.said
    found = [
        said_of("three.mean", value=rate(row.mean, info)),
        said_of("three.pooled", value=rate(row.pooled, info)),
    ]
    furthest = rate(row.minimum, info)
    if row.practices_reaching is None:
        found.append(said("three.at_most" if lower else "three.at_least", value=furthest))
    elif row.minimum_reached:
        found.append(said_of(f"three.every_yes{lower}", value=furthest))
    else:
        found.append(
            said_of(
                f"three.every_no{lower}",
                n=row.practices_reaching,
                many=row.practices,
                value=furthest,
            )
        )
    return tuple(found)


def still_to_reach(row: AveragesRow) -> str:
    """Return the fewest patients more by each way of counting; "" where there is no such count."""
    three = (row.to_reach_mean, row.to_reach_pooled, row.to_reach_minimum)
    if None in three or not any(three):
        return ""
    mean, pooled, minimum = (numbers.count(n or 0) for n in three)
    return said("three.more", mean=mean, pooled=pooled, minimum=minimum)


def mix(case: CaseMix | None) -> str:
    """Return who a practice's patients are, in a few words."""
    if case is None:
        return DASH
    parts = [said("mix.homeless")] if case.homeless_practice else []
    for key, share in (
        ("deprived", case.most_deprived),
        ("old", case.over_65),
        ("young", case.under_5),
    ):
        if share is not None:
            parts.append(said(f"mix.{key}", n=numbers.per_100(share)))
    return "; ".join(parts) or DASH
