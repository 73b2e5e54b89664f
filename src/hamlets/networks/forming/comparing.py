"""Networks beside the present ones: who stays together, how even, how far."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from math import comb

import numpy as np

from hamlets.networks.forming.task import Float64, Int64
from hamlets.networks.results.forming import Balance


def adjusted_rand(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Return the adjusted Rand index of two groupings of the same things (unweighted).

    1 where they agree on every pair, 0 as by chance; None where chance alone decides: fewer
    than two things, or both groupings are all in one or all apart.
    Hubert & Arabie, J Classif 1985;2:193.
    """
    pairs = comb(len(first), 2)
    both = sum(comb(n, 2) for n in Counter(zip(first, second, strict=True)).values())
    one = sum(comb(n, 2) for n in Counter(first).values())
    two = sum(comb(n, 2) for n in Counter(second).values())
    # whole numbers up to the one division: exact where the groupings agree
    numerator = 2 * (both * pairs - one * two)
    denominator = (one + two) * pairs - 2 * one * two
    return numerator / denominator if denominator else None


def matched(formed: Sequence[str], present: Sequence[str | None]) -> dict[str, str]:
    """Return for each formed network the present one that it continues, where one is.

    Each present network is continued once at most, so that most practices stay in theirs.
    """
    from scipy.optimize import linear_sum_assignment

    news = sorted(set(formed))
    olds = sorted({old for old in present if old is not None})
    shared = np.zeros((len(news), len(olds)))
    for new, old in zip(formed, present, strict=True):
        if old is not None:
            shared[news.index(new), olds.index(old)] += 1
    rows, columns = linear_sum_assignment(-shared)
    return {
        news[row]: olds[column]
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if shared[row, column] > 0
    }


def balance(
    groups: Mapping[str, Sequence[int]], size: Int64, km: Float64, flow: Float64 | None
) -> Balance:
    """Return how even and near groups of practices are; ``groups`` by network, none empty."""
    people = {name: int(size[list(rows)].sum()) for name, rows in groups.items()}
    patients = sum(people.values())
    mean = patients / len(groups)
    travel = [
        float((size[list(rows)][:, None] * km[np.ix_(list(rows), list(rows))]).sum(axis=0).min())
        for rows in groups.values()
    ]
    kept = None
    if flow is not None:
        kept = sum(
            float(flow[np.ix_(list(rows), list(rows))].sum()) / 2 for rows in groups.values()
        )
    return Balance(
        len(groups),
        min(people.values()),
        max(people.values()),
        max(abs(each / mean - 1) for each in people.values()),
        sum(travel),
        patients,
        kept,
    )
