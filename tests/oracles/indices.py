"""Every patient index of one sequence of labels, straight from its formula."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import log2


def upc(xs: Sequence[str]) -> float:
    """Usual provider: max n_i / n."""
    return max(Counter(xs).values()) / len(xs)


def coc(xs: Sequence[str]) -> float:
    """Bice and Boxerman: (sum n_i^2 - n) / (n(n-1))."""
    n = len(xs)
    return (sum(c * c for c in Counter(xs).values()) - n) / (n * (n - 1))


def hi(xs: Sequence[str]) -> float:
    """Herfindahl: sum (n_i/n)^2."""
    return sum((c / len(xs)) ** 2 for c in Counter(xs).values())


def secon(xs: Sequence[str]) -> float:
    """Sequential: the share of consecutive pairs with the same clinician."""
    return sum(a == b for a, b in pairwise(xs)) / (len(xs) - 1)


def mci(xs: Sequence[str]) -> float:
    """Modified continuity: 1 - M/(n+0.1)."""
    return 1 - len(set(xs)) / (len(xs) + 0.1)


def mmci(xs: Sequence[str]) -> float:
    """Modified modified continuity: mci over its largest value."""
    return mci(xs) / (1 - 1 / (len(xs) + 0.1))


def k(xs: Sequence[str]) -> float:
    """K index: (n - M)/(n - 1)."""
    return (len(xs) - len(set(xs))) / (len(xs) - 1)


def entropy(xs: Sequence[str]) -> float:
    """Visit entropy in bits."""
    return -sum(c / len(xs) * log2(c / len(xs)) for c in Counter(xs).values()) + 0.0


def clinicians(xs: Sequence[str]) -> float:
    """M, the number of distinct clinicians."""
    return float(len(set(xs)))


INDICES: dict[str, Callable[[Sequence[str]], float]] = {
    "upc": upc,
    "coc": coc,
    "hi": hi,
    "secon": secon,
    "mci": mci,
    "mmci": mmci,
    "k": k,
    "entropy": entropy,
    "clinicians": clinicians,
}


def best(index: str, n: int) -> float:
    """Point 14: the best value an index can take at n contacts."""
    if index == "mci":
        return 1 - 1 / (n + 0.1)
    return 0.0 if index == "entropy" else 1.0
