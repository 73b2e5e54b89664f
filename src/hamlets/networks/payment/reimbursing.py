"""Posts that a scheme reimburses: each up to its role's most, all together up to a cap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from hamlets.errors import NothingToMeasureError, SourceError
from hamlets.networks.payment.claims import claims_of, together
from hamlets.networks.payment.counts import Counted
from hamlets.networks.payment.money import pounds
from hamlets.networks.payment.retained import Worked, contract_value
from hamlets.networks.payment.scheme import Scheme
from hamlets.networks.payment.writing import amount, number, rate
from hamlets.networks.results.payment import ClaimShown, PaymentStep


def pay_posts(
    scheme: Scheme,
    network_id: str | None,
    practices: Sequence[str],
    counted: Counted,
    claims: Sequence[ClaimShown],
) -> Worked:
    """Return what a network gets for posts: what they cost, up to each role's and the cap."""
    own = claims_of(claims, practices)
    if not own:
        raise NothingToMeasureError(
            "There are no posts to reimburse.",
            hint="Give a file with role, wte and cost with --claims.",
        )
    if network_id is not None and any(c.practice_id is None for c in own):
        others = len(counted.networks()) - 1
        if others:
            raise SourceError(
                "A claim for a post names no practice, and there are several networks.",
                where="--claims",
                hint="Add a column practice_id, or choose one network with --network.",
            )
    steps = [
        PaymentStep(
            "post", claim.what,
            f"least of {amount(Fraction(claim.claimed))} and {number(claim.quantity)}"
            f" x {rate(claim.rate)}",
            Fraction(claim.payable), "pounds", claim.practice_id, network_id,
        )
        for claim in own
    ]  # fmt: skip
    spent = Fraction(together(own))
    steps.append(PaymentStep("posts", None, f"{len(own)} posts", spent, "pounds", None, network_id))
    most = _cap(scheme, practices, counted)
    paid = spent if most is None else min(spent, most)
    if most is not None:
        steps.append(
            PaymentStep(
                "cap", None, _cap_sum(scheme, practices, counted), most, "pounds", None, network_id
            )
        )
    exact = pounds(paid)
    steps.append(
        PaymentStep(
            "paid",
            None,
            f"least of {amount(spent)}" + (f" and {amount(most)}" if most is not None else ""),
            Fraction(exact),
            "pounds",
            None,
            network_id,
        )
    )
    return Worked((), exact, {}, tuple(steps), most)


def _cap(scheme: Scheme, practices: Sequence[str], counted: Counted) -> Fraction | None:
    if scheme.cap_per_patient is None:
        return scheme.cap
    by_patient = contract_value(
        replace(scheme, value=None, value_per_patient=scheme.cap_per_patient), practices, counted
    )
    return by_patient if scheme.cap is None else min(by_patient, scheme.cap)


def _cap_sum(scheme: Scheme, practices: Sequence[str], counted: Counted) -> str:
    people = [counted.practices[p].weighted_list or Fraction() for p in practices]
    if scheme.cap_per_patient is None:
        return amount(scheme.cap or Fraction())
    return f"{number(sum(people, Fraction()))} x {rate(scheme.cap_per_patient)}"
