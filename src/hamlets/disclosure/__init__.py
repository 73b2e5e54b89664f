"""Disclosure control: what may be said outside the practice, and in which form.

Counts of 0 to 7 are left out, the rest rounded to 5; shares come from the rounded
parts; and nothing that was left out can be worked out from what is shown, nor from
two versions of it. Knows numbers and names of numbers, nothing of patients or GPs.
"""

from __future__ import annotations

from hamlets.disclosure.attacker import SAFE_WIDTH, Attacker, Sum
from hamlets.disclosure.counts import (
    FEW,
    HIDDEN,
    SMALLEST,
    Mark,
    Published,
    publish_count,
    round_to_5,
)
from hamlets.disclosure.protect import (
    Counts,
    Release,
    UnprotectableError,
    protect,
    protect_counts,
)
from hamlets.disclosure.rates import (
    NEAR_ALL,
    NEAR_NONE,
    half_of_mean,
    published_mean,
    published_number,
    published_range,
    published_rate,
    rate_of,
)
from hamlets.disclosure.versions import Cell, rolling
from hamlets.disclosure.views import VIEWS, View, check_view, view_named

__all__ = [
    "FEW",
    "HIDDEN",
    "NEAR_ALL",
    "NEAR_NONE",
    "SAFE_WIDTH",
    "SMALLEST",
    "VIEWS",
    "Attacker",
    "Cell",
    "Counts",
    "Mark",
    "Published",
    "Release",
    "Sum",
    "UnprotectableError",
    "View",
    "check_view",
    "half_of_mean",
    "protect",
    "protect_counts",
    "publish_count",
    "published_mean",
    "published_number",
    "published_range",
    "published_rate",
    "rate_of",
    "rolling",
    "round_to_5",
    "view_named",
]
