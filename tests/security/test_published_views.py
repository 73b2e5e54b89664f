"""All registered views of random small stores, of two versions, known to one attacker at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hamlets.cli.exports import conventions
from hamlets.cli.publishing import Ledger
from hamlets.continuity import measure
from hamlets.disclosure import VIEWS, Mark, Published, Release, check_view
from hamlets.errors import UsageError
from hamlets.publish.public_rows import RATIOS, measures_of, public_views
from hamlets.records import Store, open_store
from tests.oracles.publication import Collector, Printed
from tests.oracles.stores import build_store
from tests.oracles.worlds import World, random_world

Row = Mapping[str, Any]
Span = tuple[int, int]
GROUPS = {view.name: view.by for view in VIEWS}
MARGINS = {view.name: view.margins for view in VIEWS}


def true_rows(store: Store) -> tuple[dict[str, list[Row]], Span]:
    """Return the true rows of each view, and the days that they count."""
    found: dict[str, list[Row]] = {}
    span = (0, 0)
    for view in VIEWS:
        table = measure(
            store, measures=measures_of(view), level="all", by=view.by or "all", threads=1
        )
        rows = table.to_pylist()
        found[view.name] = [
            r for r in rows if r["measure"] != "waterfall" or r["level"] == "clinician"
        ]
        said = conventions(table)
        first, last = (date.fromisoformat(said[f"date_{end}"]) for end in ("from", "to"))
        span = (first.toordinal(), last.toordinal())
    return found, span


def published(path: Path) -> Printed:
    """Publish all views of a store's version, after those that its ledger remembers."""
    with open_store(path) as store:
        true, span = true_rows(store)
        ledger = Ledger(path, "measures")
        shown, release = public_views(true, span, ledger.before(store.version))
        ledger.remember(store.version, release)
    return Printed(span, true, shown, GROUPS, MARGINS)


def until(world: World, day: datetime) -> World:
    """Return a world as it was loaded on a day: without the contacts that came later."""
    seen = [row for row in world["appointments"] if row["start_time"] < day]
    return {**world, "appointments": seen}


def check_printed(version: Printed) -> None:
    for rows in version.shown.values():
        for row in rows:
            assert row["value"] is None or row["value"] > 0
            assert row["value"] is None or row["n_patients"] is None or row["n_patients"] >= 10
            if row["measure"] in RATIOS and row["value"] is not None:
                assert row["value"] < 1
                assert row["n_contacts"] >= 10


def check_versions(versions: Sequence[Printed]) -> None:
    collector = Collector()
    for version in versions:
        check_printed(version)
    collector.read_all(versions)
    assert len(collector.secret) > 50, "a store this small has much to leave out"
    assert list(collector.found()) == []


def test_all_views_at_once(tmp_path: Path) -> None:
    world = random_world(Random(9), patients=120, practices=2)
    version = published(build_store(tmp_path, world))
    check_versions([version])
    values = [row["value"] for rows in version.shown.values() for row in rows]
    assert len([value for value in values if value is not None]) > 20


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 11))
def test_all_views_of_many_stores(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    world = random_world(rng, patients=rng.choice((40, 80, 160, 300)), practices=2)
    check_versions([published(build_store(tmp_path, world))])


def two_versions(seed: int, folder: Path) -> list[Printed]:
    rng = Random(seed)
    world = random_world(rng, patients=rng.choice((60, 120)), practices=2)
    path = build_store(folder / "a", until(world, datetime(2025, 5, rng.randint(1, 28))))
    first = published(path)
    # The store grows; the window moves with its last counted day.
    from hamlets.records import load
    from tests.oracles.stores import write_csv

    load([write_csv(world, folder / "b")], path, source_name="extract", refuse_limit=0.0)
    return [first, published(path)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 8))
def test_two_versions_of_all_views(seed: int, tmp_path: Path) -> None:
    check_versions(two_versions(seed, tmp_path))


def rounded(patients: int, own: int, contacts: int, **group: str) -> tuple[Row, Row]:
    """Return a row, and how it would be printed if small numbers alone were left out."""
    row: Row = {"measure": "slicc", "level": "clinician", **group, "value": own / contacts}
    row = {**row, "n_patients": patients, "n_contacts": contacts, "lower": None, "upper": None}
    few = patients <= 7
    printed = {
        "n_patients": None if few else (patients + 2) // 5 * 5,
        "n_contacts": (contacts + 2) // 5 * 5,
        "value": None,
        "reason": "7 or fewer patients" if few else None,
    }
    return row, {**row, **printed}


def test_the_collector_finds_what_rounding_alone_gives_away() -> None:
    views = {
        "all": [rounded(29, 40, 89)],
        "sex": [rounded(22, 30, 60, sex="female"), rounded(7, 10, 29, sex="male")],
    }
    true = {view: [row for row, _ in rows] for view, rows in views.items()}
    shown = {view: [printed for _, printed in rows] for view, rows in views.items()}
    collector = Collector()
    collector.read(Printed((1, 9), true, shown, GROUPS, MARGINS))
    # 28 or more of all, less 22 or fewer women.
    assert list(collector.found()) == [("slicc.clinician.patients[sex:male]@1:9", 6, 7)]


def test_what_is_published_is_remembered(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, "measures")
    assert ledger.before(5) is None
    old = Release({"a@1:2": Published(Mark.shown, 10), "b@1:2": Published(Mark.few)})
    new = Release({"a@1:2": Published(Mark.hidden)})
    ledger.remember(1, old)
    ledger.remember(2, new)
    again = Ledger(tmp_path, "measures")
    assert again.before(1) is None
    assert again.before(2) == old
    assert again.before(7) == new
    assert Ledger(tmp_path, "report of all").before(7) is None


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
