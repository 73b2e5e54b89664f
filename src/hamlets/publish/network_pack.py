"""The monthly pack of a network: two sides of A4, the same for everyone, looked at together.

Practices stand on it only with what they offer and ask for: no figure is under a practice's
name, and nothing is in order of a result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from hamlets.networks.results import NetworkPack, PackContinuity, PackStandard
from hamlets.publish import network_pack_words as words
from hamlets.publish import numbers, payment_words
from hamlets.publish.network_pack_words import said
from hamlets.publish.standard_line import StandardLine, draw_standard
from hamlets.publish.statement import style_and_policy
from hamlets.publish.strings import text
from hamlets.publish.svg import plain
from hamlets.publish.tables import Cell, Column, Csv, Table, Value, cells
from hamlets.publish.templating import make_environment

if TYPE_CHECKING:
    from jinja2 import Environment

_DRAWN = 3
"""Standards that have room for a picture: one row on paper."""


@dataclass(frozen=True)
class Picture:
    """One standard drawn: three averages and the standard on a line."""

    title: str
    drawings: tuple[Markup, ...]


@dataclass(frozen=True)
class NetworkPackPage:
    """The page as the template sees it."""

    title: str
    under: str
    private: str
    banner: str
    lead: str
    standards: Table | None
    uses: tuple[str, ...]
    three: str
    pictures: tuple[Picture, ...]
    payment: tuple[str, ...]
    sharing: tuple[str, ...]
    match: tuple[str, ...]
    continuity: Table | None
    changed: tuple[str, ...]
    waiting: Table | None
    waiting_state: str
    thanks: tuple[str, ...]
    words: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    foot: str


def render_network_pack(pack: NetworkPack) -> str:
    """Return the pack as one HTML page that needs no network and no script."""
    style, policy = style_and_policy("network_pack.css")
    page = _environment().get_template("network_pack.html")
    made = page_of(pack)
    return page.render(style=style, policy=policy, page=made, banner=made.banner)


@cache
def _environment() -> Environment:
    return make_environment(t=text, said=said)


def page_of(pack: NetworkPack) -> NetworkPackPage:
    """Return all that the page says, undrawn but for its pictures."""
    name, month = plain(pack.name), numbers.month(pack.month)
    return NetworkPackPage(
        title=said("page.title", network=name, month=month),
        under=words.under(pack),
        private=said("page.private", network=name),
        banner=said("page.invented") if pack.invented else "",
        lead=words.lead(pack),
        standards=_standards(pack) if pack.standards else None,
        uses=tuple(words.uses(pack)) if pack.standards else (),
        three=words.agreement(pack),
        pictures=tuple(_pictures(pack)),
        payment=words.payment(pack),
        sharing=tuple(words.offers_and_asks(pack)),
        match=tuple(words.matched(pack)),
        continuity=_continuity(pack) if pack.continuity else None,
        changed=tuple(
            said("changed.joined" if each.joined else "changed.left",
                 practice=plain(pack.name_of(each.practice_id)))
            for each in pack.changes
        ) or (said("changed.none"),),
        waiting=_waiting(pack) if pack.actions else None,
        waiting_state=said("waiting.not_given" if pack.actions is None else "waiting.none"),
        thanks=tuple(line for line in pack.thanks.splitlines() if line.strip()),
        words=tuple(
            (said(f"words.{key}_name"), said(f"words.{key}"))
            for key in ("standard", "mean", "pooled", "every", "own")
        ),
        notes=pack.notes,
        foot=said("page.foot", version=pack.store_version),
    )  # fmt: skip


def _standards(pack: NetworkPack) -> Table:
    ahead = any(each.chance is not None for each in pack.standards)
    heads = [
        Column(said("standards.standard"), number=False),
        Column(said("standards.mean"), number=True),
        Column(said("standards.pooled"), number=True),
        Column(said("standards.every"), number=True),
        Column(said("standards.target"), number=True),
        Column(said("standards.still"), number=True),
        *([Column(said("standards.chance"), number=True)] if ahead else []),
    ]
    return Table(
        said(
            "standards.caption_plain" if pack.statement is None else "standards.caption",
            month=numbers.month(pack.month),
        ),
        tuple(heads),
        tuple(_standard_cells(pack, each, ahead=ahead) for each in pack.standards),
        _standards_csv(pack),
    )


def _standard_cells(pack: NetworkPack, each: PackStandard, *, ahead: bool) -> tuple[Cell, ...]:
    target = _percent(float(each.target))
    if each.patients < words.FEWEST:
        few = ["", "", said("standards.few"), target, ""]
        return cells(plain(each.title), *few, *([""] if ahead else []))
    shown = [
        _share(each.mean),
        _share(each.pooled),
        said("standards.of", n=each.at_standard, many=each.practices),
        target,
        _still(pack, each),
    ]
    if ahead:
        done = each.reached(pack.rule) or each.chance is None
        shown.append("" if done else numbers.percent(each.chance))
    return cells(plain(each.title), *shown)


def _still(pack: NetworkPack, each: PackStandard) -> str:
    if each.reached(pack.rule):
        return said("standards.reached")
    return said("standards.cannot") if each.still is None else numbers.count(each.still)


def _standards_csv(pack: NetworkPack) -> Csv:
    head = ("indicator_id", "title", "mean", "pooled", "minimum", "practices_reaching",
            "practices", "standard", "still_to_reach")  # fmt: skip
    rows: list[tuple[Value, ...]] = [
        (
            each.indicator_id,
            each.title,
            *(None if v is None else float(v) for v in (each.mean, each.pooled, each.minimum)),
            each.at_standard,
            each.practices,
            float(each.target),
            each.still,
        )
        for each in pack.standards
        if each.patients >= words.FEWEST
    ]
    return Csv("standards.csv", head, tuple(rows))


def _pictures(pack: NetworkPack) -> Iterator[Picture]:
    """Yield pictures of standards about which the ways differ, then of others not reached."""
    shown = [each for each in pack.standards if each.patients >= words.FEWEST]
    shown = [
        *(each for each in shown if not each.agree),
        *(each for each in shown if each.agree and not each.reached(pack.rule)),
    ]
    for place, each in enumerate(shown[:_DRAWN], 1):
        if each.mean is None or each.pooled is None or each.minimum is None:
            continue
        shares = [_share(v) for v in (each.mean, each.pooled, each.minimum)]
        labels = [
            payment_words.said(f"three.label_{name}", value=value.removesuffix("%"))
            for name, value in zip(("mean", "pooled", "minimum"), shares, strict=True)
        ]
        target = f"{float(each.target):g}"
        line = StandardLine(
            mean=float(each.mean) * 100,
            pooled=float(each.pooled) * 100,
            minimum=float(each.minimum) * 100,
            standard=float(each.target),
            labels=(*labels, payment_words.said("three.label_standard", value=target)),  # pyright: ignore[reportArgumentType] - three and one
            title=payment_words.said("three.chart", title=plain(each.title)),
            description=" ".join((*labels, payment_words.said("three.standard", value=target))),
        )
        yield Picture(plain(each.title), (draw_standard(line, f"standard-{place}", "narrow"),))


def _continuity(pack: NetworkPack) -> Table:
    heads = ("what", "of_100", "range", "chance", "spread")
    values: tuple[tuple[Value, ...], ...] = tuple(
        (each.level, each.contacts, each.value, each.lower, each.upper, each.chance)
        for each in pack.continuity
    )
    return Table(
        said("continuity.caption", month=numbers.month(pack.month)),
        tuple(Column(said(f"continuity.{key}"), number=key != "what") for key in heads),
        tuple(_level(each) for each in pack.continuity),
        Csv("continuity.csv", ("level", "contacts", "value", "lower", "upper", "chance"), values),
    )


def _level(each: PackContinuity) -> tuple[Cell, ...]:
    wide = numbers.too_wide(each.lower, each.upper)
    many = each.practices > 2
    low, high = numbers.per_100(each.least), numbers.per_100(each.most)
    return cells(
        said(f"continuity.{each.level}"),
        "" if wide else str(numbers.per_100(each.value)),
        numbers.range_to(each.lower, each.upper),
        "" if each.chance is None else str(numbers.per_100(each.chance)),
        said("continuity.from_to", least=low, most=high) if many else "",
    )


def _waiting(pack: NetworkPack) -> Table:
    actions = pack.actions or ()
    rows = tuple(
        cells(
            plain(each.what),
            plain(each.owner),
            said("waiting.no_date") if each.due is None else numbers.day(each.due),
        )
        for each in actions
    )
    heads = tuple(
        Column(said(f"waiting.{key}"), number=False) for key in ("action", "owner", "due")
    )
    values: tuple[tuple[Value, ...], ...] = tuple(
        (each.what, each.owner, None if each.due is None else each.due.isoformat())
        for each in actions
    )
    return Table(
        said("waiting.caption"), heads, rows, Csv("actions.csv", ("what", "owner", "due"), values)
    )


def _share(value: Fraction | float | None) -> str:
    """Return a share for the table, cut and not rounded, so that none looks like a standard."""
    if value is None:
        return ""
    # a share that was a float comes from counts: the nearest fraction of people is what it was
    exact = value if isinstance(value, Fraction) else Fraction(value).limit_denominator(10**7)
    return f"{payment_words.per_100(exact)}%"


def _percent(value: float) -> str:
    return f"{value:g}%"
