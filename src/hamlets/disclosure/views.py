"""The views that may be published: a fixed list, so that no question can be made up.

Somebody who may group as they like can ask twice, with one patient in the one
answer and not in the other, and subtract. So ``--publish`` takes only these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hamlets.errors import UsageError


@dataclass(frozen=True)
class View:
    """One published view. ``margins`` are the views whose figures are its totals."""

    name: str
    by: tuple[str, ...]
    margins: tuple[str, ...] = ()


VIEWS = (
    View("all", ()),
    View("practice", ("practice",), ("all",)),
    View("month", ("month",), ("all",)),
    View("age_band", ("age_band",), ("all",)),
    View("sex", ("sex",), ("all",)),
    View("ethnicity", ("ethnicity",), ("all",)),
    View("imd_quintile", ("imd_quintile",), ("all",)),
    View("language", ("language",), ("all",)),
)


def check_view(by: Sequence[str]) -> View:
    """Return the registered view that groups so; UsageError with the list for any other."""
    wanted = set(by) - {"all"}
    for view in VIEWS:
        if set(view.by) == wanted:
            return view
    listed = "; ".join(view.name for view in VIEWS)
    raise UsageError(
        "This grouping is not one of the published views.",
        where="--by",
        hint=f"With --publish, choose one of: {listed}.",
    )


def view_named(name: str) -> View:
    """Return a registered view by its name; KeyError for any other."""
    for view in VIEWS:
        if view.name == name:
            return view
    raise KeyError(name)
