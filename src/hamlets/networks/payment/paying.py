"""A scheme worked out for networks: what is paid, to whom, and every step on the way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from hamlets.errors import NothingToMeasureError, SourceError, UnknownPlaceError
from hamlets.networks.payment.claims import claims_of
from hamlets.networks.payment.counts import Counted
from hamlets.networks.payment.points import pay_network_points, pay_own_points
from hamlets.networks.payment.reimbursing import pay_posts
from hamlets.networks.payment.retained import Worked, pay_retained
from hamlets.networks.payment.scheme import Scheme
from hamlets.networks.payment.scheme_checks import find_warnings
from hamlets.networks.payment.splitting import all_splits, split
from hamlets.networks.results.payment import (
    ClaimShown,
    NetworkPaid,
    PaymentStatement,
    PaymentStep,
    PracticePaid,
    SplitColumn,
    SplitMethod,
)


def pay(
    scheme: Scheme,
    counted: Counted,
    *,
    network: str | None = None,
    method: SplitMethod | None = None,
    claims: Sequence[ClaimShown] = (),
) -> PaymentStatement:
    """Return a scheme worked out for one network, or for each there is.

    ``method`` divides a network's payment in another way than the scheme's own. Raises
    SourceError where the scheme asks for indicators or lists that there are none of,
    UnknownPlaceError for a network that is not there, NothingToMeasureError without practices.
    """
    check_indicators(scheme, counted)
    networks = find_networks(counted, network)
    made: list[NetworkPaid] = []
    splits: list[tuple[SplitColumn, ...]] = []
    warnings = [*find_warnings(scheme), *_year(scheme, counted), *counted.notes]
    for network_id, practices in networks.items():
        paid, ways, said = _pay_network(scheme, network_id, practices, counted, method, claims)
        made.append(paid)
        splits.append(ways)
        warnings += [text for text in said if text not in warnings]
    cover = tuple(claims)
    return PaymentStatement(
        scheme.shown,
        counted.source,
        tuple(made),
        tuple(warnings),
        cover if network is None else tuple(claims_of(cover, made[0].practices)),
        tuple(splits),
    )


def check_indicators(scheme: Scheme, counted: Counted) -> None:
    """Raise SourceError where a scheme pays for an indicator that nobody has counted."""
    if scheme.shape == "declaration":
        return
    if not scheme.conditions and scheme.shape != "reimbursement":
        raise SourceError(
            "This scheme has no conditions, so there is nothing to pay for.",
            where=scheme.scheme_id,
            hint=f'Write extends = "{scheme.scheme_id}" and [[conditions]] into your own file.',
        )
    there = counted.indicators
    unknown = [name for name in scheme.indicators if name not in there]
    if unknown:
        shown = ", ".join(there[:12]) + (" and others" if len(there) > 12 else "")
        raise SourceError(
            f"The scheme pays for {unknown[0]}, an indicator that there are no figures of.",
            where=scheme.scheme_id,
            hint=f"There are figures of: {shown}. Load or upload its counts, or mend its name.",
        )


def find_networks(counted: Counted, network: str | None) -> dict[str | None, tuple[str, ...]]:
    """Return the practices of each network to pay; those in no network are left out and named."""
    networks = counted.networks()
    known = [each for each in networks if each is not None]
    if network is not None:
        if network not in networks:
            raise UnknownPlaceError(
                f"There is no network '{network}' in these counts.",
                where="--network",
                hint=f"The networks are: {', '.join(known) or 'not known'}.",
            )
        return {network: networks[network]}
    if not networks:
        raise NothingToMeasureError(
            "There is no practice to pay.", hint="Load practices, or give a file of counts."
        )
    # Where networks are known, a practice outside them belongs to no payment.
    return {each: networks[each] for each in known} if known else networks


def _year(scheme: Scheme, counted: Counted) -> Iterator[str]:
    end = counted.source.period_end
    early = scheme.starts is not None and end < scheme.starts
    late = scheme.ends is not None and end > scheme.ends
    if early or late:
        yield (
            f"The counts end on {end.isoformat()}, which is not in the year of the scheme"
            f" ({scheme.year or scheme.ends})."
        )
    networks = counted.networks()
    outside = networks.get(None, ())
    if outside and len(networks) > 1:
        yield f"In no network, so not paid here: {', '.join(outside)}."


def _pay_network(
    scheme: Scheme,
    network_id: str | None,
    practices: tuple[str, ...],
    counted: Counted,
    method: SplitMethod | None,
    claims: Sequence[ClaimShown],
) -> tuple[NetworkPaid, tuple[SplitColumn, ...], list[str]]:
    if scheme.shape == "points" and scheme.average == "own":
        return _own(scheme, network_id, practices, counted), (), []
    if scheme.shape == "points":
        worked = pay_network_points(scheme, network_id, practices, counted)
    elif scheme.shape == "reimbursement":
        worked = pay_posts(scheme, network_id, practices, counted, claims)
    else:
        worked = pay_retained(scheme, network_id, practices, counted)
    column, said = _divided(scheme, worked, practices, counted, method)
    steps = [*worked.steps, *_split_steps(column, practices, network_id)]
    paid = NetworkPaid(
        network_id,
        practices,
        worked.conditions,
        worked.value,
        worked.in_advance,
        worked.at_stake,
        worked.paid,
        tuple(
            PracticePaid(p, part, worked.points.get(p), network_id)
            for p, part in zip(practices, column.amounts or (), strict=True)
        ),
        column.method,
        tuple(steps),
        tuple(_missing(worked)),
    )
    return paid, all_splits(worked.paid, practices, counted.practices, worked.points), said


def _own(
    scheme: Scheme, network_id: str | None, practices: tuple[str, ...], counted: Counted
) -> NetworkPaid:
    made = pay_own_points(scheme, network_id, practices, counted)
    return NetworkPaid(
        network_id,
        practices,
        made.conditions,
        None,
        None,
        None,
        sum(made.paid.values(), Decimal("0.00")),
        tuple(
            PracticePaid(p, made.paid[p], made.points[p], network_id, made.why.get(p, ""))
            for p in practices
        ),
        None,
        tuple(made.steps),
    )


def _missing(worked: Worked) -> Iterator[str]:
    for shown in worked.conditions:
        if shown.missing:
            yield f"{shown.title}: no figures from {', '.join(shown.missing)}; not in the averages."
        nobody = [p.practice_id for p in shown.practices if not p.denominator]
        if nobody:
            yield f"{shown.title}: nobody to count at {', '.join(nobody)}; not in the averages."


def _divided(
    scheme: Scheme,
    worked: Worked,
    practices: Sequence[str],
    counted: Counted,
    method: SplitMethod | None,
) -> tuple[SplitColumn, list[str]]:
    """Return the payment divided; in equal parts where the scheme's own way cannot be taken."""
    wanted = method or scheme.split
    column = split(wanted, worked.paid, practices, counted.practices, worked.points)
    if column.amounts is not None:
        return column, []
    if method is not None:
        raise SourceError(
            f"The payment cannot be divided by {method.replace('_', ' ')}. {column.reason}",
            where="--split",
            hint="Give the column with --practices, or choose another way, such as equal.",
        )
    equal = split("equal", worked.paid, practices, counted.practices, worked.points)
    why = (
        f"The scheme divides by {wanted.replace('_', ' ')}. {column.reason} So it is divided"
        " in equal parts here."
    )
    return equal, [why]


def _split_steps(
    column: SplitColumn, practices: Sequence[str], network_id: str | None
) -> Iterator[PaymentStep]:
    for practice, part, written in zip(practices, column.amounts or (), column.sums, strict=True):
        yield PaymentStep(
            f"split_{column.method}",
            None,
            written,
            Fraction(part),
            "pounds",
            practice,
            network_id,
        )
