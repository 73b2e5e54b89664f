"""Where the next nurse-day pays: what a session more would do, and who is near with one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from hamlets.networks.results.sharing import NextDay
from hamlets.networks.sharing.asking import Need, Offer, Travel
from hamlets.networks.sharing.matching import can_serve
from hamlets.networks.sharing.travel import no_travel


@dataclass(frozen=True)
class Worth:
    """What one more patient of a practice is worth to its network, for one standard.

    ``next_patient`` is in expected pounds; ``chance`` that the standard is reached in time.
    """

    practice_id: str
    indicator_id: str
    outstanding: int
    title: str = ""
    next_patient: Fraction | float | None = None
    chance: float | None = None


def next_days(
    worths: Sequence[Worth],
    needs: Sequence[Need],
    offers: Sequence[Offer],
    travel: Travel = no_travel,
) -> tuple[NextDay, ...]:
    """Return one row a practice and standard with patients still to reach, in order of ids.

    Needs say which role and skill a standard takes, and how many patients a session reaches;
    the practice's own need first, else any need for the same standard. A standard that no
    need names has no row. Offers of people who do not agree do not count.
    """
    willing = [offer for offer in offers if offer.consent != "no" and offer.amount > 0]
    ordered = sorted(worths, key=lambda each: (each.practice_id, each.indicator_id))
    return tuple(
        found
        for worth in ordered
        if worth.outstanding > 0
        for found in _row(worth, needs, willing, travel)
    )


def _row(
    worth: Worth, needs: Sequence[Need], offers: Sequence[Offer], travel: Travel
) -> Iterator[NextDay]:
    need = _need_for(worth, needs)
    if need is None or need.patients_per_session is None:
        return
    can = [
        (away.km if away else 0.0, offer.practice_id, away, offer.amount)
        for offer in offers
        if can_serve(offer, need)
        for away in [travel(offer.practice_id, worth.practice_id)]
        if away is None or offer.max_km is None or away.km <= offer.max_km
    ]
    nearest = min(can, key=lambda each: each[:2], default=None)
    reached = min(Fraction(worth.outstanding), need.patients_per_session)
    away = nearest[2] if nearest else None
    yield NextDay(
        practice_id=worth.practice_id,
        indicator_id=worth.indicator_id,
        title=worth.title or worth.indicator_id,
        outstanding=worth.outstanding,
        patients_per_session=need.patients_per_session,
        next_patient=worth.next_patient,
        chance=worth.chance,
        worth=None if worth.next_patient is None else reached * worth.next_patient,
        sessions=ceil(worth.outstanding / need.patients_per_session),
        spare=sum(each[3] for each in can),
        nearest=nearest[1] if nearest else None,
        km=away.km if away else None,
        minutes=away.minutes if away else None,
    )


def _need_for(worth: Worth, needs: Sequence[Need]) -> Need | None:
    about = [need for need in needs if need.about == worth.indicator_id]
    mine = [need for need in about if need.practice_id == worth.practice_id]
    return next(iter(mine or about), None)


def worths_of_needs(needs: Sequence[Need]) -> tuple[Worth, ...]:
    """Return what the needs themselves say: patients still to reach, with no value known."""
    return tuple(
        Worth(need.practice_id, need.about, need.patients)
        for need in needs
        if need.patients and need.about
    )
