"""The monthly pack of a network: two sides of A4, the same for everyone, looked at together.

Practices stand on it only with what they offer and ask for: no figure is under a practice's
name, and nothing is in order of a result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from hamlets.networks.results import NetworkPack, PackContinuity, PackStandard, Sharing, StaffMove
from hamlets.publish import numbers, payment_words, sharing_words
from hamlets.publish.payment_words import and_list
from hamlets.publish.standard_line import StandardLine, draw_standard
from hamlets.publish.statement import style_and_policy
from hamlets.publish.strings import read_words, text
from hamlets.publish.svg import plain
from hamlets.publish.tables import Cell, Column, Csv, Table, Value, cells
from hamlets.publish.templating import make_environment

if TYPE_CHECKING:
    from jinja2 import Environment

FEWEST = 8
"""Patients below which a standard of the network has no figure."""
_DRAWN = 3
"""Standards that have room for a picture: one row on paper."""


@cache
def catalogue() -> dict[str, str]:
    """Return every string by its dotted key."""
    return read_words([files("hamlets.publish").joinpath("network_pack_wording.toml")])


def said(key: str, **values: object) -> str:
    """Return the string called ``key`` with its values filled in; KeyError if either lacks."""
    return catalogue()[key].format_map(values)


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
        under=_under(pack),
        private=said("page.private", network=name),
        banner=said("page.invented") if pack.invented else "",
        lead=lead(pack),
        standards=_standards(pack) if pack.standards else None,
        uses=tuple(_uses(pack)) if pack.standards else (),
        three=_three(pack),
        pictures=tuple(_pictures(pack)),
        payment=_payment(pack),
        sharing=tuple(_offers_and_asks(pack)),
        match=tuple(_matched(pack)),
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


def email_text(pack: NetworkPack, link: str) -> str:
    """Return the e-mail that goes with the page; ``link`` is where the page lies."""
    parts = [said("page.invented")] if pack.invented else []
    month = numbers.month(pack.month)
    parts.append(said("mail.standards", month=month, lead=lead(pack)))
    own = next((each for each in pack.continuity if each.level == "own"), None)
    if own is not None and not numbers.too_wide(own.lower, own.upper):
        parts.append(said("mail.own", share=_first(numbers.in_100(own.value))))
    if pack.actions:
        n = len(pack.actions)
        parts.append(said("mail.waiting_1" if n == 1 else "mail.waiting", n=n))
    return " ".join([*parts, said("mail.link", link=link)]) + "\n"


def check_line(pack: NetworkPack) -> str:
    """Return the one look before sending: who gets it, and whom it names."""
    named = {each.practice_id for each in pack.offers or ()}
    named |= {each.practice_id for each in pack.changes}
    if pack.sharing is not None:
        named |= {need.practice_id for need in pack.sharing.needs}
    key = "check.names_none" if not named else "check.names_1" if len(named) == 1 else "check.names"
    return said(key, network=plain(pack.name), practices=len(named))


def lead(pack: NetworkPack) -> str:
    """Return how many standards are reached, and what is missing for the nearest."""
    listed = [each for each in pack.standards if each.patients >= FEWEST]
    if not listed:
        return said("lead.none")
    missing = [each for each in listed if not each.reached(pack.rule)]
    n, many = len(listed) - len(missing), len(listed)
    reached = said("lead.reached" if n else "lead.reached_none", n=n, many=many)
    if not missing:
        return said("lead.all" if many > 2 else "lead.both" if many == 2 else "lead.one_yes", n=n)
    near = min(
        (each for each in missing if each.still), key=lambda each: each.still or 0, default=None
    )
    if many == 1:
        return (
            said("lead.one_no", n=numbers.count(near.still or 0))
            if near
            else (said("lead.one_cannot"))
        )
    if near is None:
        return reached
    more = numbers.count(near.still or 0)
    if len(missing) == 1:
        return f"{reached} {said('lead.last', more=more)}"
    return f"{reached} {said('lead.nearest', title=plain(near.title), more=more)}"


def _under(pack: NetworkPack) -> str:
    n = len(pack.practices)
    if pack.patients is None:
        return said("page.under_no_lists", n=n)
    return said(
        "page.under_1" if n == 1 else "page.under", n=n, patients=numbers.count(pack.patients)
    )


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
    if each.patients < FEWEST:
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
        if each.patients >= FEWEST
    ]
    return Csv("standards.csv", head, tuple(rows))


def _uses(pack: NetworkPack) -> Iterator[str]:
    if pack.statement is None:
        yield said("standards.uses_none")
        return
    yield said(f"standards.uses_{pack.rule}")
    if pack.statement.what_if and any(each.chance is not None for each in pack.standards):
        yield said("standards.until", day=numbers.day(pack.statement.what_if[0].ends))


def _three(pack: NetworkPack) -> str:
    differ = [plain(e.title) for e in pack.standards if e.patients >= FEWEST and not e.agree]
    return said("three.differ", titles=and_list(differ)) if differ else said("three.agree")


def _pictures(pack: NetworkPack) -> Iterator[Picture]:
    """Yield pictures of standards about which the ways differ, then of others not reached."""
    shown = [each for each in pack.standards if each.patients >= FEWEST]
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


def _payment(pack: NetworkPack) -> tuple[str, ...]:
    if pack.statement is None:
        return ()
    return tuple(payment_words.network_headline(pack.statement, pack.statement.networks[0]))


def _offers_and_asks(pack: NetworkPack) -> Iterator[str]:
    if pack.offers is None:
        yield said("sharing.not_given")
        return
    plan = pack.sharing
    unit = "sessions" if plan is None else plan.unit
    week = sharing_words.said("plan.per_week") if plan is not None and plan.weekly else ""
    for offer in pack.offers:
        yield said(
            "sharing.offer",
            practice=plain(pack.name_of(offer.practice_id)),
            amount=sharing_words.amount(offer.amount, unit),
            role=sharing_words.role_words(offer.role, offer.skill),
            week=week,
        )
    for need in plan.needs if plan is not None else ():
        yield said(
            "sharing.ask",
            practice=plain(pack.name_of(need.practice_id)),
            amount=sharing_words.amount(need.needed, unit),
            role=sharing_words.role_words(need.role, need.skill),
            week=week,
        )
    if not pack.offers:
        yield said("sharing.none")


def _matched(pack: NetworkPack) -> Iterator[str]:
    """Yield how offers could meet asks, practices by their names."""
    plan = pack.sharing
    if plan is None or not plan.moves:
        return
    yield from sharing_words.lines(_by_name(plan, pack))


def _by_name(plan: Sharing, pack: NetworkPack) -> Sharing:
    """Return a plan with the names of practices in place of their ids."""

    def renamed(moves: tuple[StaffMove, ...]) -> tuple[StaffMove, ...]:
        return tuple(
            replace(
                move,
                from_practice=pack.name_of(move.from_practice),
                to_practice=pack.name_of(move.to_practice),
            )
            for move in moves
        )

    return replace(plan, moves=renamed(plan.moves), own=renamed(plan.own))


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


def _first(words: str) -> str:
    return words[:1].upper() + words[1:]
