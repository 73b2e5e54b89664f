"""The statement of payment and the evidence of a practice in a browser: no barrier, no overflow."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from hamlets.networks.payment import (
    Count,
    Counted,
    PracticeSize,
    evidence_of,
    look_forward,
    pay,
    read_scheme,
)
from hamlets.networks.payment.claims import cover_claims
from hamlets.networks.payment.scheme import Backfill
from hamlets.networks.results import CountsSource
from hamlets.networks.small_files import read_small_file
from hamlets.publish.evidence import evidence_files
from hamlets.publish.statement import render_statement
from tests.journeys.browsing import Opened
from tests.journeys.conftest import LAYOUT, Find

pytestmark = pytest.mark.browser
MONTHS = ((12, 31, 0), (11, 30, 2), (10, 31, 5), (9, 30, 7))


def pages(folder: Path) -> tuple[Path, Path]:
    """Write a statement with everything on it, and the evidence of one practice."""
    scheme = read_scheme("network-2")
    found = [
        Count(place, indicator, Fraction(done - fewer), 100, 4, None, date(2030, month, day))
        for month, day, fewer in MONTHS
        for number, indicator in enumerate(scheme.indicators)
        for place, done in (("Practice A", 84 - number), ("Practice B", 91), ("Practice C", 47))
    ]
    end = date(2030, 12, 31)
    counted = Counted(
        tuple(c for c in found if c.period_end == end),
        {
            p: PracticeSize(p, "Q", Fraction(6000))
            for p in ("Practice A", "Practice B", "Practice C")
        },
        CountsSource("counts.csv", end, invented=True),
        tuple(c for c in found if c.period_end != end),
    )
    file = folder / "claims.csv"
    file.write_text("practice_id,date,hours,rate,evidence\nPractice A,2030-11-05,2,80,\n")
    claims = cover_claims(read_small_file(file), Backfill())
    added = (("Practice A", "diabetes_care_plan", 3),)
    made = look_forward(scheme, counted, pay(scheme, counted, claims=claims), added=added)
    statement, evidence = folder / "statement.html", folder / "evidence.html"
    statement.write_text(render_statement(made), encoding="utf-8")
    page = next(f for f in evidence_files(evidence_of(scheme, counted, made)) if ".html" in f.path)
    evidence.write_bytes(page.content)
    return statement, evidence


def test_axe_finds_nothing_and_nothing_moves_sideways(
    browser: Any, find: Find, tmp_path: Path
) -> None:
    for path in pages(tmp_path):
        with Opened(browser, path, 1280) as opened:
            opened.open_all()
            assert find(opened.page) == []
            for width in (320, 375):
                opened.page.set_viewport_size({"width": width, "height": 900})
                wide = opened.page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width
            assert find(opened.page, *LAYOUT) == []
            assert opened.trouble == []


def test_one_drawing_of_each_standard_is_seen(browser: Any, tmp_path: Path) -> None:
    statement, _ = pages(tmp_path)
    shown = """[...document.querySelectorAll('.condition')].map(part =>
        [...part.querySelectorAll('svg')].filter(svg => svg.checkVisibility()).length)"""
    with Opened(browser, statement, 1280) as opened:
        for width in (320, 700, 1000, 1280):
            opened.page.set_viewport_size({"width": width, "height": 900})
            assert opened.page.evaluate(shown) == [1, 1, 1]
