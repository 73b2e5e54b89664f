"""The monthly pack of a network: its standards, its continuity, its offers and asks, together."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hamlets.errors import NothingToMeasureError, UnknownPlaceError
from hamlets.networks.averages import share_achieved
from hamlets.networks.membership import Membership, month_end, read_membership
from hamlets.networks.results.pack import (
    NetworkPack,
    PackChange,
    PackContinuity,
    PackOffer,
    PackStandard,
)

if TYPE_CHECKING:
    from hamlets.continuity.results import Action
    from hamlets.networks.indicators import Indicator
    from hamlets.networks.payment import Counted, Scheme
    from hamlets.networks.results import PaymentStatement, Sharing
    from hamlets.networks.results.payment import AverageRule
    from hamlets.networks.sharing import Asked
    from hamlets.records import Store

_Z = 1.959964
_YEAR = 12
_LEVELS = {"clinician": "own", "team": "team"}


@dataclass(frozen=True)
class Contract:
    """A scheme, and what it is paid for at the end of the month."""

    scheme: Scheme
    counted: Counted


def network_pack(
    store: Store,
    network_id: str,
    month: date,
    *,
    contract: Contract | None = None,
    indicators: Sequence[Indicator] = (),
    asked: Asked | None = None,
    sharing: Sharing | None = None,
    actions: Sequence[Action] | None = None,
    thanks: str = "",
    invented: bool = False,
    progress: Callable[[str], None] | None = None,
) -> NetworkPack:
    """Return the pack of the month that ``month`` lies in.

    Standards are those of ``contract``, with what it pays; without one those of ``indicators``
    that have a standard, counted over the 12 months to the month's end. ``asked`` and ``sharing``
    are offers and asks and how they match, ``actions`` and ``thanks`` the manager's own words.

    Raises UnknownPlaceError for a network without practices in that month, and
    NothingToMeasureError for a month that the records do not hold in full.
    """
    say = progress or _silent
    first, last = month.replace(day=1), month_end(month)
    _check_month(store, first, last)
    membership = read_membership(store)
    members = _members(membership, network_id, last)
    rule: AverageRule = "mean" if contract is None else contract.scheme.average
    statement, notes = None, ()
    if contract is not None:
        statement = _statement(contract, network_id)
        standards = _of_contract(statement)
    else:
        standards, notes = _of_indicators(store, indicators, members, network_id, last, say)
    say("Measuring continuity")
    records = store.table("practices").to_pylist()
    mine = [row for row in records if row["practice_id"] in members]
    # a hub is a member too, and has no list
    listed = sorted(str(row["practice_id"]) for row in mine if row["list_size"])
    sizes = [row["list_size"] for row in mine if row["list_size"] is not None]
    names = {row["network_id"]: row["name"] for row in store.table("networks").to_pylist()}
    return NetworkPack(
        network_id=network_id,
        name=names.get(network_id) or network_id,
        month=first,
        practices=tuple(listed or members),
        names={str(row["practice_id"]): row["name"] or "" for row in records},
        patients=sum(sizes) if sizes else None,
        rule=rule,
        standards=standards,
        statement=statement,
        continuity=_continuity(store, members, first, last),
        offers=None if asked is None else _offers(asked),
        sharing=sharing,
        changes=_changes(membership, network_id, first, last),
        actions=None if actions is None else tuple(actions),
        thanks=thanks,
        notes=tuple(notes),
        invented=invented or store.invented,
        store_version=store.version,
    )


def _silent(_text: str) -> None:
    """Say nothing."""


def _check_month(store: Store, first: date, last: date) -> None:
    begins, ends = store.first_day, store.last_counted_day or store.last_day
    if begins is None or ends is None or first < begins.replace(day=1) or last > ends:
        raise NothingToMeasureError(
            f"We have no data for {first:%B} {first.year} yet.",
            where="--month",
            hint="Load the month first, or choose an earlier one that is whole.",
        )


def _members(membership: Membership, network_id: str, day: date) -> list[str]:
    members = list(membership.practices_of(network_id, day))
    if members:
        return members
    known = sorted(set(membership.on(day).values()))
    there = f"There are: {', '.join(known[:8])}." if known else "Load networks first."
    raise UnknownPlaceError(
        f"No practice belonged to a network {network_id!r} in {day:%B} {day.year}.",
        where="--network",
        hint=there,
    )


def _statement(contract: Contract, network_id: str) -> PaymentStatement:
    from hamlets.networks.payment import look_forward, pay

    made = pay(contract.scheme, contract.counted, network=network_id)
    return look_forward(contract.scheme, contract.counted, made)


def _of_contract(statement: PaymentStatement) -> tuple[PackStandard, ...]:
    """Return the standards of a contract's one network, in its order."""
    network = statement.networks[0]
    outlooks = statement.what_if[0].outlooks if statement.what_if else ()
    ahead = {each.indicator_id: each for each in outlooks}
    found: list[PackStandard] = []
    for each in network.conditions:
        outlook = ahead.get(each.indicator_id)
        reach = [
            share_achieved(share, each.upper, each.direction)
            for share in (each.mean, each.pooled, each.minimum)
        ]
        found.append(
            PackStandard(
                indicator_id=each.indicator_id,
                title=each.title,
                direction=each.direction,
                target=each.upper,
                mean=each.mean,
                pooled=each.pooled,
                minimum=each.minimum,
                mean_reached=reach[0],
                pooled_reached=reach[1],
                minimum_reached=reach[2],
                at_standard=each.at_standard,
                practices=each.counted,
                patients=sum(p.denominator for p in each.practices),
                still=None if outlook is None else outlook.still,
                chance=None if outlook is None else outlook.chance,
            )
        )
    return tuple(found)


def _of_indicators(
    store: Store,
    indicators: Sequence[Indicator],
    members: Sequence[str],
    network_id: str,
    last: date,
    say: Callable[[str], None],
) -> tuple[tuple[PackStandard, ...], tuple[str, ...]]:
    """Return the standards of some definitions, and what must be said beside them."""
    from hamlets.networks.indicators import Period, measure_indicators
    from hamlets.networks.indicators.periods import months_back

    wanted = [one for one in indicators if one.info.target is not None and one.info.per == 100]
    if not wanted:
        return (), ()
    found = measure_indicators(
        store,
        wanted,
        period=Period(months_back(last, _YEAR), last),
        practices=members,
        progress=say,
    )
    whole = {
        row.indicator_id: row.denominator
        for row in found.rows
        if row.level == "network" and row.network_id == network_id and row.group is None
    }
    standards: list[PackStandard] = []
    for row in found.averages:
        info = found.info(row.indicator_id)
        if row.network_id != network_id or row.group is not None or info.target is None:
            continue
        standards.append(
            PackStandard(
                indicator_id=row.indicator_id,
                title=info.title,
                direction=info.direction,
                target=Fraction(info.target),
                mean=_share(row.mean, info.per),
                pooled=_share(row.pooled, info.per),
                minimum=_share(row.minimum, info.per),
                mean_reached=bool(row.mean_reached),
                pooled_reached=bool(row.pooled_reached),
                minimum_reached=bool(row.minimum_reached),
                at_standard=row.practices_reaching or 0,
                practices=row.practices,
                patients=whole.get(row.indicator_id) or 0,
                still=0 if row.mean_reached else row.to_reach_mean,
            )
        )
    order = {one.id: place for place, one in enumerate(wanted)}
    return tuple(sorted(standards, key=lambda each: order[each.indicator_id])), found.notes


def _share(rate: float | None, per: int) -> float | None:
    return None if rate is None else rate / per


def _continuity(
    store: Store, members: Sequence[str], first: date, last: date
) -> tuple[PackContinuity, ...]:
    """Return own GP and own team of the month, everyone's contacts together."""
    from hamlets.continuity import measure

    try:
        table = measure(
            store,
            measures=["slicc"],
            level=list(_LEVELS),
            by=["practice"],
            date_from=first,
            date_to=last,
        )
    except NothingToMeasureError:
        return ()
    rows = [
        row
        for row in table.to_pylist()
        if row["practice"] in members and row["value"] is not None and row["n_contacts"]
    ]
    made = [
        _pooled(kind, [row for row in rows if row["level"] == level])
        for level, kind in _LEVELS.items()
    ]
    return tuple(each for each in made if each is not None)


def _pooled(kind: Any, rows: Sequence[dict[str, Any]]) -> PackContinuity | None:
    """Return practices together: the range adds their variances, since they share no patient."""
    contacts = sum(row["n_contacts"] for row in rows)
    if not contacts:
        return None
    weights = [row["n_contacts"] / contacts for row in rows]
    value = sum(w * row["value"] for w, row in zip(weights, rows, strict=True))
    half = [(row["upper"] - row["lower"]) / (2 * _Z) for row in rows if row["upper"] is not None]
    spread = (
        _Z * math.sqrt(sum((w * h) ** 2 for w, h in zip(weights, half, strict=True)))
        if len(half) == len(rows)
        else 0.5
    )
    chances = [row["chance"] for row in rows]
    known = all(chance is not None for chance in chances)
    return PackContinuity(
        level=kind,
        contacts=contacts,
        value=value,
        lower=max(0.0, value - spread),
        upper=min(1.0, value + spread),
        chance=sum(w * c for w, c in zip(weights, chances, strict=True)) if known else None,
        least=min(row["value"] for row in rows),
        most=max(row["value"] for row in rows),
        practices=len(rows),
    )


def _offers(asked: Asked) -> tuple[PackOffer, ...]:
    """Return what is spare by practice, role and skills, practices in order of their ids."""
    found: dict[tuple[str, str, str], int] = {}
    for offer in asked.offers:
        if offer.consent == "no":
            continue
        key = offer.practice_id, offer.role, ", ".join(sorted(offer.skills))
        found[key] = found.get(key, 0) + offer.amount
    return tuple(PackOffer(*key, amount) for key, amount in sorted(found.items()))


def _changes(
    membership: Membership, network_id: str, first: date, last: date
) -> tuple[PackChange, ...]:
    before = set(membership.practices_of(network_id, first - timedelta(days=1)))
    after = set(membership.practices_of(network_id, last))
    came = [PackChange(code, joined=True) for code in sorted(after - before)]
    return (*came, *(PackChange(code, joined=False) for code in sorted(before - after)))
