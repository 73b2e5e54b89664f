"""Who belongs to which network, and when.

Membership is dated: a roll-up counts a practice with the network it belonged to in the month
of the row, a payment with that of the period's last day. A practice that changed networks is
thus in both, each for its own months, and never in two at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from hamlets.records.store.reading import Store

KINDS = ("network", "pcn")
"""Kinds of organisation that are networks of practices; one of unknown kind counts too."""

Counted = TypeVar("Counted")


@dataclass(frozen=True)
class Member:
    """One row: a practice was in a network from a day (None = always) until before another."""

    network_id: str
    practice_id: str
    from_date: date | None = None
    to_date: date | None = None
    """First day it no longer belongs; None = open."""

    def holds_on(self, day: date) -> bool:
        """Return whether the row covers a day."""
        begun = self.from_date is None or self.from_date <= day
        return begun and (self.to_date is None or day < self.to_date)


@dataclass(frozen=True)
class Membership:
    """All rows of some practices. Where two cover one day, the one that began last holds.

    Ties: the one that ends last, then the highest id, as for registrations.
    """

    members: tuple[Member, ...]
    undated: frozenset[str] = frozenset()
    """Practices of which only the present network is known: it is taken for all days."""

    @cached_property
    def _by_practice(self) -> dict[str, list[Member]]:
        found: dict[str, list[Member]] = {}
        for member in sorted(self.members, key=_precedence, reverse=True):
            found.setdefault(member.practice_id, []).append(member)
        return found

    def network_of(self, practice_id: str, day: date) -> str | None:
        """Return the network that a practice belongs to on a day; None where it is in none."""
        for member in self._by_practice.get(practice_id, ()):
            if member.holds_on(day):
                return member.network_id
        return None

    def on(self, day: date) -> dict[str, str]:
        """Return the network of each practice that is in one on a day, practices in order."""
        found: dict[str, str] = {}
        for practice_id in sorted(self._by_practice):
            network_id = self.network_of(practice_id, day)
            if network_id is not None:
                found[practice_id] = network_id
        return found

    def practices_of(self, network_id: str, day: date) -> tuple[str, ...]:
        """Return the practices of a network on a day, in order of their ids."""
        return tuple(p for p, network in self.on(day).items() if network == network_id)

    def by_month(self, first: date, last: date) -> dict[date, dict[str, str]]:
        """Return, by first day of each month, the network of each practice in that month.

        A practice that changes within a month counts with the network it ends it in.
        """
        return {month: self.on(month_end(month)) for month in months(first, last)}


def _precedence(member: Member) -> tuple[date, date, str]:
    """Return what is greatest for the row that holds."""
    return member.from_date or date.min, member.to_date or date.max, member.network_id


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    if day.month == 12:
        return day.replace(day=31)
    return day.replace(month=day.month + 1, day=1) - timedelta(days=1)


def months(first: date, last: date) -> Iterator[date]:
    """Yield the first day of each month from that of ``first`` to that of ``last``."""
    month = first.replace(day=1)
    while month <= last:
        yield month
        if (month.year, month.month) == (date.max.year, date.max.month):
            return
        month = month_end(month) + timedelta(days=1)


def roll_up(
    rows: Iterable[tuple[str, date, Counted]], membership: Membership
) -> dict[tuple[str | None, date], list[tuple[str, Counted]]]:
    """Return rows of (practice, day, what was counted) by network and month of the day.

    Each row counts with the network of its own month; those of practices in none come under
    None, so that nothing is lost unseen. The practices of a group are in order of their ids.
    """
    found: dict[tuple[str | None, date], list[tuple[str, Counted]]] = {}
    known: dict[tuple[str, date], str | None] = {}
    for practice_id, day, counted in rows:
        month = day.replace(day=1)
        place = practice_id, month
        if place not in known:
            known[place] = membership.network_of(practice_id, month_end(month))
        found.setdefault((known[place], month), []).append((practice_id, counted))
    for group in found.values():
        group.sort(key=lambda row: row[0])
    ordered = sorted(found, key=lambda key: (key[0] is None, key[0] or "", key[1]))
    return {key: found[key] for key in ordered}


def read_membership(store: Store, kinds: Sequence[str] = KINDS) -> Membership:
    """Return the membership that a store's records give, of networks of some kinds.

    Dated rows are those of ``network_members``. A practice without any has the network of
    ``practices`` for all days, and is named in ``undated``.
    """
    kind_of = {row["network_id"]: row["kind"] for row in store.table("networks").to_pylist()}

    def wanted(network_id: str | None) -> bool:
        kind = kind_of.get(network_id)
        return bool(network_id) and (kind in (None, "unknown") or kind in kinds)

    members = [
        Member(row["network_id"], row["practice_id"], row["from_date"], row["to_date"])
        for row in store.table("network_members").to_pylist()
        if wanted(row["network_id"])
    ]
    dated = {member.practice_id for member in members}
    now = [
        Member(row["network_id"], row["practice_id"])
        for row in store.table("practices").to_pylist()
        if row["practice_id"] not in dated and wanted(row["network_id"])
    ]
    return Membership((*members, *now), frozenset(member.practice_id for member in now))
