"""Chance levels under independent draws with shares q, exactly (points 12 and 13).

Shares are Fractions, so every level but the entropy's is a rational number
and nothing is rounded before the end. ``by_enumeration`` asks the same of
every possible sequence, one by one: it is what the formulas are checked with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache
from itertools import product
from math import comb, factorial, log2, prod

Shares = tuple[Fraction, ...]


def shares_of(labels: Sequence[str]) -> Shares:
    """Return the share of each label, largest first (the order changes no level)."""
    counts = Counter(labels)
    return tuple(sorted((Fraction(c, len(labels)) for c in counts.values()), reverse=True))


@cache
def most_at_most(q: Shares, n: int, m: int) -> Fraction:
    """Return P(no clinician has more than m of n contacts), by the exponential series."""
    series = [Fraction(1)] + [Fraction(0)] * n
    for share in q:
        term = [share**x / factorial(x) for x in range(min(m, n) + 1)]
        series = [
            sum((series[i - x] * term[x] for x in range(min(i, len(term) - 1) + 1)), Fraction(0))
            for i in range(n + 1)
        ]
    return series[n] * factorial(n)


@cache
def upc(q: Shares, n: int) -> Fraction:
    """E[max]/n: sum over m of P(max >= m)."""
    return sum((1 - most_at_most(q, n, m) for m in range(n)), Fraction(0)) / n


def same(q: Shares) -> Fraction:
    """E[coc] = E[secon] = E[same_as_previous] = sum q^2, for every n."""
    return sum((s * s for s in q), Fraction(0))


def hi(q: Shares, n: int) -> Fraction:
    """E[hi] = 1/n + (1 - 1/n) sum q^2."""
    return Fraction(1, n) + (1 - Fraction(1, n)) * same(q)


@cache
def clinicians(q: Shares, n: int) -> Fraction:
    """E[M] = sum 1 - (1 - q)^n."""
    return sum((1 - (1 - s) ** n for s in q), Fraction(0))


def mci(q: Shares, n: int) -> Fraction:
    return 1 - clinicians(q, n) / (n + Fraction(1, 10))


def mmci(q: Shares, n: int) -> Fraction:
    return mci(q, n) / (1 - 1 / (n + Fraction(1, 10)))


def k(q: Shares, n: int) -> Fraction:
    return (n - clinicians(q, n)) / (n - 1)


@cache
def entropy(q: Shares, n: int) -> float:
    """E[entropy] = sum_s sum_x Bin(x; n, q_s) (-(x/n) log2(x/n))."""
    return sum(
        float(comb(n, x) * s**x * (1 - s) ** (n - x)) * -(x / n) * log2(x / n)
        for s in q
        for x in range(1, n + 1)
    )


def _flat(q: Shares, n: int) -> Fraction:
    return same(q)


EXPECTED: dict[str, Callable[[Shares, int], Fraction | float]] = {
    "upc": upc,
    "coc": _flat,
    "hi": hi,
    "secon": _flat,
    "mci": mci,
    "mmci": mmci,
    "k": k,
    "entropy": entropy,
    "clinicians": clinicians,
}


def expected(index: str, q: Shares, n: int) -> float:
    """Return the chance level of a patient index at n contacts with shares q."""
    return float(EXPECTED[index](q, n))


def by_enumeration(index: Callable[[Sequence[str]], float], q: Shares, n: int) -> float:
    """Return the mean of an index over all len(q)**n sequences, each with its probability."""
    names = [str(i) for i in range(len(q))]
    weight = dict(zip(names, q, strict=True))
    return sum(
        float(prod((weight[x] for x in xs), start=Fraction(1))) * index(xs)
        for xs in product(names, repeat=n)
    )


def occupancy(q: Shares, n: int) -> dict[int, Fraction]:
    """Return P(M <= m) for each m: inclusion and exclusion is for equal shares only."""
    s = len(q)
    if len(set(q)) > 1:
        raise ValueError("equal shares only")
    at_most: dict[int, Fraction] = {}
    total = Fraction(0)
    for m in range(1, min(n, s) + 1):
        onto = sum((-1) ** j * comb(m, j) * (m - j) ** n for j in range(m + 1))
        total += Fraction(comb(s, m) * onto, s**n)
        at_most[m] = total
    return at_most
