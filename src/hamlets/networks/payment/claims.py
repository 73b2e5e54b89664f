"""Claims: cover for staff who were at a meeting, and posts that a scheme reimburses."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from hamlets.errors import SourceError
from hamlets.networks.payment.counts import IDS
from hamlets.networks.payment.money import pounds
from hamlets.networks.payment.reading_cells import read_day, read_number
from hamlets.networks.payment.scheme import Backfill, Scheme
from hamlets.networks.results.payment import ClaimShown, ClaimState
from hamlets.networks.small_files import SmallFile, read_small_file

_MOST_HOURS = 24


def read_claims(path: Path, scheme: Scheme) -> tuple[ClaimShown, ...]:
    """Return the claims of a CSV file, each with what of it can be paid.

    For cover: practice_id, date, hours, rate, evidence; optional meeting. For a scheme that
    reimburses posts: role, wte, cost; optional months, practice_id, evidence.
    """
    if scheme.shape == "reimbursement":
        return post_claims(read_small_file(path, ("role", "wte", "cost")), scheme)
    file = read_small_file(path, (*IDS, "date", "hours", "rate", "evidence"))
    return cover_claims(file, scheme.backfill or Backfill())


def cover_claims(file: SmallFile, limits: Backfill) -> tuple[ClaimShown, ...]:
    """Return claims for cover: hours x rate, to the penny; nothing without evidence.

    A rate above the scheme's is paid at the scheme's. Once the sum for all is used up, in the
    order of the file, the rest is capped.
    """
    code = file.need("the practice's code", *IDS)
    for name in ("date", "hours", "rate", "evidence"):
        file.need(f"the {name}", name)
    found: list[ClaimShown] = []
    seen: dict[object, int] = {}
    left = limits.most_together
    for row in file.rows:
        where = file.where(row)
        practice, when = row.text(code), read_day(row, "date", where)
        hours, rate = (read_number(row, name, where) for name in ("hours", "rate"))
        if not practice or when is None or not hours or not rate:
            raise SourceError(
                "A claim needs a practice, a date, hours and a rate above 0.",
                where=where,
                hint="Fill in the row or delete it.",
            )
        if hours > _MOST_HOURS:
            raise SourceError("A day has no more than 24 hours.", where=where, hint="Check them.")
        what, evidence = row.text("meeting"), row.text("evidence")
        key = practice, when, what, hours, evidence
        if key in seen:
            raise SourceError(
                "This claim is made twice.",
                where=f"{file.name}, lines {seen[key]} and {row.line}",
                hint="Keep one of the two rows.",
            )
        seen[key] = row.line
        paid_rate = min(rate, limits.most_an_hour) if limits.most_an_hour else rate
        most = Fraction(pounds(hours * paid_rate))
        payable, state = _limited(most, left, bool(evidence), paid_rate < rate)
        if left is not None:
            left -= payable
        found.append(
            ClaimShown(
                row.line, practice, when, what, hours, rate, pounds(hours * rate),
                pounds(payable), state, evidence,
            )
        )  # fmt: skip
    return tuple(found)


def _limited(
    most: Fraction, left: Fraction | None, evidence: bool, cut: bool
) -> tuple[Fraction, ClaimState]:
    if not evidence:
        return Fraction(), "no_evidence"
    payable = most if left is None else min(most, left)
    return payable, "capped" if cut or payable < most else "payable"


def post_claims(file: SmallFile, scheme: Scheme) -> tuple[ClaimShown, ...]:
    """Return claims for posts: what each cost, up to its role's most for its hours and months."""
    for name in ("role", "wte", "cost"):
        file.need(f"the {name}", name)
    found: list[ClaimShown] = []
    for row in file.rows:
        where = file.where(row)
        role = row.text("role")
        if role not in scheme.roles:
            raise SourceError(
                f"The scheme pays for no {role[:40] or 'post without a role'}.",
                where=where,
                hint=f"Its roles are: {', '.join(scheme.roles)}.",
            )
        wte, cost = (read_number(row, name, where) for name in ("wte", "cost"))
        months = read_number(row, "months", where, 12)
        if wte is None or cost is None:
            raise SourceError("A post needs a wte and a cost.", where=where, hint="Fill them in.")
        years = wte * (Fraction(12) if months is None else months) / 12
        most = scheme.roles[role] * years
        payable = min(cost, most)
        code = file.first_of(*IDS)
        found.append(
            ClaimShown(
                row.line, (row.text(code) or None) if code else None, None, role, years,
                scheme.roles[role], pounds(cost), pounds(payable),
                "payable" if payable == cost else "capped", row.text("evidence"),
            )
        )  # fmt: skip
    return tuple(found)


def claims_of(claims: Sequence[ClaimShown], practices: Sequence[str]) -> list[ClaimShown]:
    """Return the claims of some practices, and those of no practice."""
    return [c for c in claims if c.practice_id is None or c.practice_id in practices]


def check_claims(claims: Sequence[ClaimShown], practices: Sequence[str], where: str) -> None:
    """Raise SourceError for a claim of a practice that is not there."""
    for claim in claims:
        if claim.practice_id is not None and claim.practice_id not in practices:
            raise SourceError(
                f"A claim is made by {claim.practice_id}, which is in none of these networks.",
                where=f"{where}, line {claim.line}",
                hint=f"The practices are: {', '.join(practices[:12])}.",
            )


def together(claims: Sequence[ClaimShown]) -> Decimal:
    """Return what can be paid of some claims."""
    return sum((claim.payable for claim in claims), Decimal("0.00"))
