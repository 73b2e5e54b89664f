"""Whole reports of random small stores, of two versions, and somebody who calculates with them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from hamlets.cli.publishing import publish_report
from hamlets.continuity.results import FEW_SHOWN, STEPS, ContinuityReport, Counting, Estimate
from hamlets.continuity.summary import summarise
from hamlets.errors import NothingToMeasureError
from hamlets.records import load, open_store
from tests.oracles.publication import SAFE, Collector, Printed
from tests.oracles.reader import Reader
from tests.oracles.stores import build_store, write_csv
from tests.oracles.worlds import World, random_world
from tests.security.test_published_views import until

Row = dict[str, Any]
FEW = "7 or fewer patients"
FACTORS = ("age_band", "sex", "ethnicity", "imd_quintile", "language", "n_band")
GROUPS = {"all": (), "month": ("month",), **{factor: (factor,) for factor in FACTORS}}
MARGINS = {name: ("all",) if name in FACTORS else () for name in GROUPS}
"""All is the year; months may be of two years, and are laid beside it by their days."""


@dataclass(frozen=True)
class Version:
    """A report as it is, and as it was published."""

    true: ContinuityReport
    shown: ContinuityReport

    def printed(self) -> Printed:
        period = self.true.main.period
        span = period.first.toordinal(), period.last.toordinal()
        return Printed(
            span, tables(self.true), tables(self.shown), GROUPS, MARGINS, whole_months=True
        )


def row_of(estimate: Estimate, **group: str) -> Row:
    """Return an estimate as a row of ``measure``, or of its published form."""
    counts = {name: getattr(estimate, name) for name in ("n_patients", "n_contacts")}
    few = estimate.n_patients == FEW_SHOWN
    return {
        "measure": estimate.measure,
        "level": estimate.level,
        **group,
        "value": estimate.value,
        "lower": estimate.lower,
        "upper": estimate.upper,
        **{name: None if count < 0 else count for name, count in counts.items()},
        "reason": FEW if few else None,
    }


def tables(report: ContinuityReport) -> Mapping[str, list[Row]]:
    """Return a report's figures of its main measure as rows of views."""
    main = report.main.estimate
    found: dict[str, list[Row]] = {"all": [row_of(main)]}
    ratios = {h.estimate.level: h for h in report.headlines if h.estimate.measure == main.measure}
    found["all"] += [row_of(h.estimate) for level, h in ratios.items() if level != main.level]
    found["all"] += kinds(report)
    found["month"] = [
        row_of(month.estimate, month=month.start.isoformat()[:7]) for month in report.trend.months
    ]
    for factor in report.groups:
        name = factor.factor
        found[name] = [row_of(row.estimate, **{name: row.label}) for row in factor.rows]
    return found


def kinds(report: ContinuityReport) -> Iterator[Row]:
    """Yield the kinds of contacts, as far as they are those of the main measure."""
    waterfall, main = report.waterfall, report.main.estimate
    if waterfall is None or main.measure != "slicc" or waterfall.total <= 0:
        return
    for step, count in zip(STEPS, waterfall.counts, strict=True):
        row = row_of(main)
        yield {
            **row,
            "measure": "waterfall",
            "step": step,
            "n_contacts": waterfall.total,
            "value": count / waterfall.total if not report.public else None,
            **({"count": count if count > 0 else None, "few": count == FEW_SHOWN}),
        }


def check_counting(true: Counting, shown: Counting) -> None:
    """Assert that the sum from rows read to rows counted gives nothing away that it leaves out."""
    reader = Reader()
    counts = {"start": (true.start, shown.start), "counted": (true.counted, shown.counted)}
    for line, said in zip(true.lines, shown.lines, strict=True):
        counts[line.reason] = line.rows, said.rows
    for name, (_, said) in counts.items():
        if said > 0:
            assert said % 5 == 0 and said >= 10
            reader.shown({name: 1}, said)
        elif said == FEW_SHOWN:
            reader.few({name: 1})
    assert true.start == sum(n for name, (n, _) in counts.items() if name != "start")
    reader.knows({name: -1.0 if name == "start" else 1.0 for name in counts}, 0, 0)
    secret = [name for name, (count, said) in counts.items() if count <= 7 or said <= 0]
    assert list(reader.pinned(secret, SAFE)) == []


def published(path: Path) -> Version | None:
    """Publish a store's report after those that its ledger remembers; None if it is too small."""
    with open_store(path) as store:
        true = summarise(store)
    try:
        return Version(true, publish_report(true, path, None))
    except NothingToMeasureError:
        return None


def check_reports(versions: list[Version]) -> None:
    collector = Collector()
    collector.read_all([version.printed() for version in versions])
    assert list(collector.found()) == []
    for version in versions:
        check_counting(version.true.counting, version.shown.counting)


def a_world(rng: Random) -> World:
    return random_world(rng, patients=rng.choice((60, 120, 240)), practices=rng.choice((1, 2)))


def two_versions(seed: int, folder: Path) -> list[Version]:
    rng = Random(seed)
    world = a_world(rng)
    path = build_store(folder / "a", until(world, datetime(2025, 5, rng.randint(1, 28))))
    first = published(path)
    load([write_csv(world, folder / "b")], path, source_name="extract", refuse_limit=0.0)
    return [version for version in (first, published(path)) if version is not None]


@pytest.mark.parametrize("seed", [1])
def test_two_reports(seed: int, tmp_path: Path) -> None:
    versions = two_versions(seed, tmp_path)
    assert len(versions) == 2
    check_reports(versions)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 22))
def test_two_reports_of_many_stores(seed: int, tmp_path: Path) -> None:
    check_reports(two_versions(seed, tmp_path))


@pytest.mark.parametrize("seed", [21])
def test_bands_of_nobody_look_like_bands_of_few(seed: int, tmp_path: Path) -> None:
    """If only bands with somebody had a row, each row of few would tell of one at least."""
    path = build_store(tmp_path, a_world(Random(seed)))
    version = published(path)
    assert version is not None
    true = {factor.factor: factor.rows for factor in version.true.groups}
    shown = {factor.factor: factor.rows for factor in version.shown.groups}
    for factor, bands in (("age_band", 7), ("n_band", 5), ("imd_quintile", 5)):
        somebody = {row.label for row in true[factor]}
        few = [row for row in shown[factor] if row.estimate.n_patients == FEW_SHOWN]
        assert len(shown[factor]) >= bands
        assert {row.label in somebody for row in few} == {True, False}
        assert len({(row.estimate, row.outside) for row in few}) == 1
