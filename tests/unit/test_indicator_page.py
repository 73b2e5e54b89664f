"""The page of indicators: its words, its funnel, and what it never shows."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import mean

import pytest

import hamlets.publish
from hamlets.networks.indicators import chosen, definitions, measure_indicators
from hamlets.networks.indicators.counted_elsewhere import CountsFile, PublishedCount
from hamlets.networks.membership import Member, Membership
from hamlets.networks.results import IndicatorResults
from hamlets.publish import indicator_words
from hamlets.publish.indicators import indicator_parts, indicators_page
from tests.unit.test_wording import BANNED, grade, plain, sentences, words

DAYS = (date(2026, 1, 1), date(2026, 1, 31))


def results(counts: dict[str, tuple[int, int]], indicator: str = "cvd_statin") -> IndicatorResults:
    """Return results of counts by practice, all in one network."""
    rows = tuple(PublishedCount(p, indicator, *DAYS, n, d) for p, (n, d) in counts.items())
    names = {p: f"Practice {p[-1]}" for p in counts} | {"N1": "Network 1"}
    return measure_indicators(
        None,
        chosen(definitions(), [indicator]),
        counts=CountsFile(rows, names=names),
        membership=Membership(tuple(Member("N1", p) for p in counts)),
    )


FIVE = {"EX00A": (190, 200), "EX00B": (300, 400), "EX00C": (95, 100), "EX00D": (6, 7),
        "EX00E": (0, 0)}  # fmt: skip


def test_the_funnel_says_who_is_inside_and_outside() -> None:
    (part,) = indicator_parts(results(FIVE), "N1")
    assert part.funnel_heading == (
        "1 of 3 lie outside the range that luck gives. Ask why before comparing."
    )
    assert len(part.funnels) == 2
    assert "Funnel of 3 practices. Network 84 in 100. Inside: A, C. Outside: B." in part.funnels[0]
    # of fewer than 8 patients nothing but that they are few
    rows = {row[0].text: [cell.text for cell in row] for row in part.table.rows}
    assert rows["Practice D"][1:6] == ["\N{EN DASH}", "too few to show", *["\N{EN DASH}"] * 3]
    assert "EX00D" not in part.table.csv.text()
    assert list(rows) == sorted(rows)


def test_all_inside() -> None:
    (part,) = indicator_parts(results({"EX00A": (190, 200), "EX00B": (95, 100)}), "N1")
    assert part.funnel_heading == "All practices are within the range that luck gives"
    assert part.three_heading == "All three ways of counting say the standard is reached"


def test_the_three_ways_may_differ() -> None:
    (part,) = indicator_parts(results({"EX00A": (96, 100), "EX00B": (475, 501)}), "N1")
    assert part.three_heading == (
        "The three ways of counting do not agree on whether the standard is reached"
    )
    # 94.8 is not shown as the 95 that it does not reach
    assert part.three[2].endswith("the smallest share is 94.8.")
    assert part.lead.startswith("On average the practices are at 95 in 100")
    (none,) = indicator_parts(results({"EX00A": (900, 1000), "EX00B": (90, 100)}), "N1")
    assert none.lead == (
        "On average the practices are at 90 in 100; the standard is 95."
        " 10 more patients would reach it."
    )


def test_high_and_low_look_the_same() -> None:
    (high,) = indicator_parts(results({"EX00A": (1000, 1000), "EX00B": (700, 1000)}), "N1")
    dots = re.findall(r"<circle[^>]*r=\"6\"[^>]*>", high.funnels[1])
    looks = {re.sub(r'c[xy]="[^"]*"', "", dot) for dot in dots}
    assert len(dots) == 2
    assert len(looks) == 1


def test_events_and_no_standard() -> None:
    (part,) = indicator_parts(
        results({"EX00A": (400, 1000), "EX00B": (800, 2000)}, "ae_attendances"), "N1"
    )
    assert part.lead == "All patients together: 400 for each 1,000. There is no standard."
    assert part.three_heading == ""
    assert part.three[2] == "Every practice is at 400 or less."
    assert part.lines == ()


def test_several_networks_have_a_table_and_no_funnel() -> None:
    found = results(FIVE)
    other = replace(found.averages[0], network_id="N2", name="Network 2")
    page = indicators_page(replace(found, averages=(*found.averages, other)))
    assert "Standards of 2 networks" in page
    assert "<circle" not in page


def test_names_are_escaped_and_the_page_fetches_nothing() -> None:
    found = results(FIVE)
    rows = tuple(replace(r, name="<script>alert(1)</script>") for r in found.rows)
    page = indicators_page(replace(found, rows=rows))
    assert "<script" not in page
    assert 'content="default-src' in page
    assert "src=" not in page.replace("style-src", "").replace("default-src", "")


@pytest.mark.parametrize(
    ("value", "shown"),
    [(89.96, "89.9"), (90.0, "90"), (99.95, "99.9"), (0.04, "0.1"), (100.0, "100")],
)
def test_a_rate_is_never_shown_as_what_it_does_not_reach(value: float, shown: str) -> None:
    info = results(FIVE).indicators[0]
    assert indicator_words.rate(value, replace(info, target=Decimal(90))) == shown


def test_words_are_short_plain_and_all_used() -> None:
    catalogue = indicator_words.catalogue()
    folder = Path(str(hamlets.publish.__file__)).parent
    source = "".join(
        path.read_text()
        for path in (*folder.glob("indicator*.py"), folder / "templates/indicators.html")
    )
    graded: list[float] = []
    for key, template in catalogue.items():
        ending = key.rpartition(".")[2]
        assert f'"{key}"' in source or f'"{ending}"' in source, key
        text = plain(template)
        for banned in BANNED:
            assert not re.search(rf"\b{banned}\b", text.lower()), (key, banned)
        for sentence in sentences(text):
            if len(words(sentence)) >= 8:
                graded.append(grade(sentence))
    assert mean(graded) < 8
