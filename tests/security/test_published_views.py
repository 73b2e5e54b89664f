"""The registered views of random small stores, all of them known to one attacker at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hamlets.continuity import measure
from hamlets.disclosure import VIEWS, check_view, view_named
from hamlets.errors import UsageError
from hamlets.publish.public_rows import RATIOS, measures_of, public_views
from hamlets.records import open_store
from tests.oracles.reader import Reader
from tests.oracles.stores import build_store
from tests.oracles.worlds import random_world

SAFE = 3.0
SPAN = (738_000, 738_730)
Row = Mapping[str, Any]


def tables_of(path: Path) -> dict[str, list[Row]]:
    """Return the true rows of each view."""
    found: dict[str, list[Row]] = {}
    with open_store(path) as store:
        for view in VIEWS:
            table = measure(
                store, measures=measures_of(view), level="clinician", by=view.by or "all", threads=1
            )
            found[view.name] = table.to_pylist()
    return found


def publish_all(true: Mapping[str, list[Row]]) -> Mapping[str, Sequence[Row]]:
    """Return the published rows of each view."""
    return public_views(true, SPAN)[0]


def place(view: str, row: Row) -> str:
    by = view_named(view).by
    return f"{view}[{','.join(str(row[key]) for key in by)}]"


def attack(true: Mapping[str, list[Row]], shown: Mapping[str, list[Row]], measured: str) -> int:
    """Assert that nothing left out of one measure can be worked out; return how many there are."""
    step = {"waterfall": "own"}.get(measured)

    def of(rows: list[Row]) -> list[Row]:
        return [r for r in rows if r["measure"] == measured and r.get("step") == step]

    reader, targets, total = Reader(), set[str](), 0
    part = "n_contacts" if measured in RATIOS else "n_patients"
    for view, rows in true.items():
        forms = [place(view, row) for row in of(rows)]
        by_place = {place(view, row): row for row in of(shown.get(view, []))}
        for cell in forms:
            printed = by_place.get(cell)
            if printed is None or printed[part] is None:
                small = printed is not None and printed["reason"] == "7 or fewer patients"
                if small and part == "n_patients":
                    reader.few({cell: 1})
                targets.add(cell)
                continue
            assert printed[part] % 5 == 0
            assert printed[part] >= 10
            reader.shown({cell: 1}, printed[part])
        for margin in view_named(view).margins:
            total += link(reader, margin, true[margin], view, rows, measured, step, part)
    for cell in sorted(targets):
        low, high = reader.can_say({cell: 1})
        assert high - low > SAFE, (measured, cell, low, high)
    return len(targets)


def link(
    reader: Reader,
    margin: str,
    totals: list[Row],
    view: str,
    rows: list[Row],
    measured: str,
    step: str | None,
    part: str,
) -> int:
    """Let the attacker know each sum between two views that is true of the store."""
    by, known = view_named(margin).by, 0
    for total in totals:
        if total["measure"] != measured or total.get("step") != step:
            continue
        inside = [
            row
            for row in rows
            if row["measure"] == measured
            and row.get("step") == step
            and all(row[key] == total[key] for key in by)
        ]
        if inside and sum(row[part] for row in inside) == total[part]:
            form: dict[str, float] = {place(margin, total): -1.0}
            form |= {place(view, row): 1.0 for row in inside}
            reader.knows(form, 0, 0)
            known += 1
    return known


@pytest.mark.parametrize("seed", [3])
def test_all_views_at_once(seed: int, tmp_path: Path) -> None:
    world = random_world(Random(seed), patients=60, practices=2)
    true = tables_of(build_store(tmp_path, world))
    shown = publish_all(true)
    assert "all" in shown
    left_out = sum(attack(true, shown, name) for name in ("slicc", "opr", "upc", "clinicians"))
    assert left_out > 10, "a store this small has much to leave out"
    for rows in shown.values():
        for row in rows:
            assert row["value"] is None or row["value"] > 0
            if row["measure"] in RATIOS and row["value"] is not None:
                assert row["value"] < 1
                assert (row["n_patients"] or 10) >= 10


@pytest.mark.parametrize(
    "by", [("list",), ("practice", "list"), ("site",), ("month", "sex"), ("practice", "month")]
)
def test_no_other_grouping_is_published(by: tuple[str, ...]) -> None:
    with pytest.raises(UsageError) as caught:
        check_view(by)
    assert caught.value.exit_code == 2
    assert all(re.search(rf"\b{view.name}\b", caught.value.hint or "") for view in VIEWS)


def test_views_are_known_by_their_groups() -> None:
    assert check_view(("age_band",)).name == "age_band"
    assert check_view(("all",)).name == "all"
    assert check_view(()).name == "all"
