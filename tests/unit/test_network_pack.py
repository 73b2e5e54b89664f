"""The page of a network's pack: what it says, and what it never says."""

from __future__ import annotations

import csv
import io
import re
from base64 import b64decode
from dataclasses import replace
from fractions import Fraction
from html import unescape
from urllib.parse import unquote

import pytest

from hamlets.networks.results import NetworkPack
from hamlets.publish.network_pack import page_of, render_network_pack
from hamlets.publish.network_pack_words import catalogue, check_line, email_text, lead
from tests.fixtures.report.network_packs import (
    UNEVEN,
    crowded,
    hostile,
    plain_pack,
    standard,
)


def words_of(page: str) -> str:
    """The words that people see."""
    return unescape(
        re.sub(r"\s+", " ", re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.S))
    )


def with_standards(*found: object) -> NetworkPack:
    return replace(plain_pack(), standards=tuple(found))  # pyright: ignore[reportArgumentType]


REACHED = standard("A", [(9, 10)], 90, 0)
NEAR = standard("B", [(80, 100)], 90, 10)
FAR = standard("C", [(10, 100)], 90, 80)
CANNOT = standard("D", [(10, 100)], 90, None)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ((), "No standards were counted for this month."),
        ((REACHED,), "The standard is reached."),
        ((REACHED, REACHED), "Both standards are reached."),
        ((REACHED, REACHED, REACHED), "All 3 standards are reached."),
        ((NEAR,), "The standard is not reached yet. 10 more patients would reach it."),
        ((CANNOT,), "The standard is not reached yet."),
        ((REACHED, NEAR),
         "1 of 2 standards are reached. 10 more patients would reach the other one."),
        ((REACHED, CANNOT), "1 of 2 standards are reached."),
        ((REACHED, FAR, NEAR),
         "1 of 3 standards are reached. The nearest is B: 10 more patients would reach it."),
        ((FAR, NEAR),
         "No standard is reached yet. The nearest is B: 10 more patients would reach it."),
    ],
)  # fmt: skip
def test_the_lead_says_what_is_reached_and_what_the_nearest_lacks(
    found: tuple[object, ...], said: str
) -> None:
    assert lead(with_standards(*found)) == said


def test_the_rule_of_the_contract_decides() -> None:
    uneven = standard("Eyes", UNEVEN, 85, 7)
    assert lead(with_standards(uneven)).startswith("The standard is not reached yet.")
    pooled = replace(with_standards(uneven), rule="pooled")
    assert lead(pooled) == "The standard is reached."


def test_three_averages_stand_together_and_where_they_differ_is_said() -> None:
    page = page_of(plain_pack())
    assert page.standards is not None
    heads = [column.head for column in page.standards.columns]
    assert heads[1:4] == [
        "Average of practices",
        "All patients together",
        "Practices that reach it",
    ]
    row = [cell.text for cell in page.standards.rows[1]]
    # (98 + 64 + 84) / 3 = 82; 1128 of 1200 = 94; one of three is at 85
    assert row[1:6] == ["82%", "94%", "1 of 3", "85%", "7"]
    assert page.three == "The three ways of counting do not agree for Eye screening."


def test_a_share_below_a_standard_never_looks_like_it() -> None:
    close = standard("Close", [(7996, 10_000)], 80, 4)
    page = page_of(with_standards(close))
    assert page.standards is not None
    assert page.standards.rows[0][1].text == "79.9%"


def test_no_practice_has_a_figure_and_the_order_is_not_of_results() -> None:
    pack = replace(crowded(), offers=(), changes=(), actions=())
    page = words_of(render_network_pack(pack))
    assert not any(name in page.replace("Practice C has no figures", "") for name in
                   ("Practice A", "Practice B", "Practice C"))  # fmt: skip
    made = page_of(pack).standards
    assert made is not None
    assert [row[0].text for row in made.rows] == [each.title for each in pack.standards]


def test_too_few_patients_have_no_figure() -> None:
    few = standard("Few", [(3, 4), (2, 3)], 80, 1)
    page = page_of(with_standards(few, REACHED))
    assert page.standards is not None
    assert [cell.text for cell in page.standards.rows[0]][1:4] == ["", "", "too few to show"]
    assert "Few" not in page.standards.csv.text()
    assert [picture.title for picture in page.pictures] == []
    assert lead(with_standards(few)) == "No standards were counted for this month."


def test_what_was_not_given_is_said() -> None:
    page = words_of(render_network_pack(plain_pack()))
    assert "No list of offers and asks was given for this month." in page
    assert "No list of actions was given for this month." in page
    assert "No contract was named." in page
    empty = words_of(render_network_pack(replace(plain_pack(), offers=(), actions=())))
    assert "No offers yet." in empty
    assert "Nothing is waiting for us." in empty


def test_a_wide_range_has_no_middle_value() -> None:
    wide = replace(plain_pack().continuity[0], lower=0.1, upper=0.7)
    page = page_of(replace(plain_pack(), continuity=(wide,)))
    assert page.continuity is not None
    assert [cell.text for cell in page.continuity.rows[0]][1:3] == ["", "10 to 70"]


def test_the_email_and_the_look_before_sending() -> None:
    mail = email_text(crowded(), "https://network.example/june")
    assert mail.startswith("Invented data.")
    assert "In June 2031: " in mail
    assert "44 in 100 GP contacts were with the patient's own GP." in mail
    assert "10 actions are open." in mail
    assert mail.endswith("The full page: https://network.example/june\n")
    assert check_line(crowded()) == (
        "Who gets this: everyone in Network Q. It names 4 practices, no GP and no patient."
    )
    assert "It names no practice, no GP" in check_line(plain_pack())
    one = replace(plain_pack(), changes=crowded().changes[:1])
    assert "It names 1 practice, no GP" in check_line(one)


def test_what_people_typed_is_shown_and_never_run() -> None:
    page = render_network_pack(hostile())
    assert "<img" not in page
    assert "<script" not in page
    for href in re.findall(r'href="(data:text/csv[^"]+)"', page):
        head, _, body = unescape(href).partition(",")
        content = b64decode(body).decode() if head.endswith("base64") else unquote(body)
        for row in csv.reader(io.StringIO(content.removeprefix("\ufeff"))):
            assert not any(cell.startswith("=") for cell in row)


def test_the_page_allows_its_own_style_alone() -> None:
    page = render_network_pack(plain_pack())
    assert "default-src 'none'; style-src 'sha256-" in unescape(page)
    assert " style=" not in re.sub(r"<svg.*?</svg>", "", page, flags=re.S)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert sorted(ids) == sorted(set(ids))


def test_every_string_is_used() -> None:
    """A sentence that nothing says is one that nobody reads again."""
    from pathlib import Path

    import hamlets.publish as publish

    folder = Path(publish.__file__).parent
    names = ("network_pack.py", "network_pack_words.py", "templates/network_pack.html")
    source = "".join((folder / name).read_text(encoding="utf-8") for name in names)
    made = {"words", "continuity", "waiting", "standards.uses"}
    for key in catalogue():
        built = any(key.startswith(part) for part in made)
        assert built or re.search(rf"""["']{re.escape(key)}["']""", source), key


def test_exact_shares_stay_exact() -> None:
    third = standard("Third", [(2, 3), (2, 3), (2, 3), (2, 3)], 66, 0)
    assert third.mean == Fraction(2, 3)
    page = page_of(with_standards(third))
    assert page.standards is not None
    assert page.standards.rows[0][1].text == "66.6%"
