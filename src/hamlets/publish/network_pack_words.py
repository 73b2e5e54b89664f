"""What the pack of a network says in sentences; its words lie in ``network_pack_wording.toml``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib.resources import files

from hamlets.networks.results import NetworkPack, Sharing, StaffMove
from hamlets.publish import numbers, payment_words, sharing_words
from hamlets.publish.payment_words import and_list
from hamlets.publish.strings import read_words
from hamlets.publish.svg import plain

FEWEST = 8
"""Patients below which a standard of the network has no figure."""


@cache
def catalogue() -> dict[str, str]:
    """Return every string by its dotted key."""
    return read_words([files("hamlets.publish").joinpath("network_pack_wording.toml")])


def said(key: str, **values: object) -> str:
    """Return the string called ``key`` with its values filled in; KeyError if either lacks."""
    return catalogue()[key].format_map(values)


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


def under(pack: NetworkPack) -> str:
    """Return how large the network is."""
    n = len(pack.practices)
    if pack.patients is None:
        return said("page.under_no_lists", n=n)
    return said(
        "page.under_1" if n == 1 else "page.under", n=n, patients=numbers.count(pack.patients)
    )


def uses(pack: NetworkPack) -> Iterator[str]:
    """Yield which of the three ways the contract counts, and what a chance means."""
    if pack.statement is None:
        yield said("standards.uses_none")
        return
    yield said(f"standards.uses_{pack.rule}")
    if pack.statement.what_if and any(each.chance is not None for each in pack.standards):
        yield said("standards.until", day=numbers.day(pack.statement.what_if[0].ends))


def agreement(pack: NetworkPack) -> str:
    """Return whether the three ways of counting agree, and where not."""
    differ = [plain(e.title) for e in pack.standards if e.patients >= FEWEST and not e.agree]
    return said("three.differ", titles=and_list(differ)) if differ else said("three.agree")


def payment(pack: NetworkPack) -> tuple[str, ...]:
    """Return what is paid and what hangs on what; nothing without a contract."""
    if pack.statement is None:
        return ()
    return tuple(payment_words.network_headline(pack.statement, pack.statement.networks[0]))


def offers_and_asks(pack: NetworkPack) -> Iterator[str]:
    """Yield what practices offer and ask for."""
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


def matched(pack: NetworkPack) -> Iterator[str]:
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


def _first(words: str) -> str:
    return words[:1].upper() + words[1:]
