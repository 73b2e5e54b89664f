"""What is said of a payment: the catalogue of its words, its headlines, and one way to write money.

For the page, the terminal and the site alike. Money in sentences leaves pennies out where there
are none; a statement shows them always.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib.resources import files

from hamlets.networks.results import ConditionShown, NetworkPaid, PaymentStatement, PaymentStep
from hamlets.publish import numbers
from hamlets.publish.strings import read_words

_HALF = Fraction(1, 2)


@cache
def catalogue() -> dict[str, str]:
    """Return every string by its dotted key."""
    return read_words([files("hamlets.publish").joinpath("payment_wording.toml")])


def said(key: str, **values: object) -> str:
    """Return the string called ``key`` with its values filled in; KeyError if either lacks."""
    return catalogue()[key].format_map(values)


def money(value: Decimal) -> str:
    """Return pounds and pence: "£14,924.71"."""
    return f"-£{-value:,.2f}" if value < 0 else f"£{value:,.2f}"


def round_money(value: Fraction | Decimal | float) -> str:
    """Return pounds for a sentence, without pence where there are none."""
    exact = Fraction(value)
    pence = (exact * 100 + _HALF) // 1
    sign, pence = ("-", -pence) if pence < 0 else ("", pence)
    whole = f"{sign}£{pence // 100:,}"
    return whole if pence % 100 == 0 else f"{whole}.{pence % 100:02}"


def per_100(share: Fraction | None, direction: str = "higher") -> str:
    """Return a share out of 100 with one decimal at most, never rounded over a standard.

    So it is cut; where less is better it is rounded up.
    """
    if share is None:
        return said("value.dash")
    tenths = share * 1000
    shown = -(-tenths // 1) if direction == "lower" else tenths // 1
    return f"{float(Fraction(shown, 10)):.1f}".removesuffix(".0")


def step_result(step: PaymentStep) -> str:
    """Return what came out of a step, with dots where it is cut to be shown."""
    value = step.value
    if step.unit == "yes_no":
        return said("value.yes" if value else "value.no")
    if step.unit == "pounds":
        shown = Fraction((value * 100 + _HALF) // 1, 100)
        return money(Decimal(shown.numerator) / shown.denominator) + _dots(shown, value)
    places = {"percent": 2, "points": 4, "ratio": 4}.get(step.unit, 0)
    scale = 10**places
    shown = Fraction((value * scale + _HALF) // 1, scale)
    if step.unit == "percent":
        # 79.996 must not look like the 80 that it does not reach
        shown = Fraction((value * scale) // 1, scale)
    text = f"{float(shown):,.{places}f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + _dots(shown, value)


def _dots(shown: Fraction, value: Fraction) -> str:
    return "" if shown == value else "..."


def headlines(statement: PaymentStatement) -> list[str]:
    """Return the sentences that stand over a statement."""
    found: list[str] = []
    if len(statement.networks) > 1:
        n = len(statement.networks)
        found.append(said("paid.all_networks", paid=money(statement.paid), n=n))
    return found


def network_headline(statement: PaymentStatement, paid: NetworkPaid) -> list[str]:
    """Return the sentences on what one network gets, and what hangs on what."""
    scheme = statement.scheme
    if scheme.shape == "points":
        points = sum((p.points or Fraction() for p in paid.by_practice), Fraction())
        if scheme.average == "own":
            return [said("paid.points", points=numbers_of(points), paid=money(paid.paid))]
        return [said("paid.network", paid=money(paid.paid)), _count(paid)]
    if scheme.shape == "reimbursement":
        posts = [c for c in statement.claims if c.practice_id in (None, *paid.practices)]
        claimed = sum((c.claimed for c in posts), Decimal("0.00"))
        return [said("paid.posts", paid=money(paid.paid), claimed=money(claimed))]
    return list(_retained(statement, paid))


def numbers_of(value: Fraction) -> str:
    """Return a number of points with two decimals at most."""
    text = f"{float(Fraction((value * 100 + _HALF) // 1, 100)):,.2f}"
    return text.rstrip("0").rstrip(".")


def _retained(statement: PaymentStatement, paid: NetworkPaid) -> Iterator[str]:
    scheme = statement.scheme
    stake, advance = paid.at_stake or Fraction(), paid.in_advance or Fraction()
    yield said("paid.advance", advance=round_money(advance))
    percent = f"{float(scheme.retained_percent or 0):g}"
    if scheme.all_or_nothing:
        which = _which(statement, len(paid.conditions))
        key = "paid.stake_all" if scheme.ends else "paid.stake_all_undated"
        end = numbers.day(scheme.ends) if scheme.ends else ""
        yield said(key, stake=round_money(stake), percent=percent, which=which, end=end)
    else:
        yield said("paid.stake_each", stake=round_money(stake), percent=percent)
    earned = Fraction(paid.paid) - advance
    if earned >= stake:
        yield said("paid.reached_all")
    elif earned <= 0:
        yield said("paid.reached_none")
    else:
        yield said("paid.reached_some", amount=round_money(earned))
    if len(paid.conditions) > 1:
        yield _count(paid)


def _which(statement: PaymentStatement, conditions: int) -> str:
    if statement.scheme.shape == "declaration":
        return said("paid.which_declared")
    if conditions <= 2:
        return said("paid.which_one" if conditions == 1 else "paid.which_both")
    return said("paid.which_many", n=conditions)


def _count(paid: NetworkPaid) -> str:
    n = sum(condition.reached for condition in paid.conditions)
    return said("paid.reached_count", n=n, many=len(paid.conditions))


def averages_heading(condition: ConditionShown) -> str:
    """Return the message of the three averages: whether they agree on the standard."""
    if condition.mean is None:
        return said("three.nobody")
    answers = {_reaches(condition, share) for share in _three(condition)}
    if len(answers) > 1:
        return said("three.differ")
    return said("three.agree_yes" if answers == {True} else "three.agree_no")


def _three(condition: ConditionShown) -> tuple[Fraction | None, ...]:
    return condition.mean, condition.pooled, condition.minimum


def _reaches(condition: ConditionShown, share: Fraction | None) -> bool:
    if share is None:
        return False
    percent = share * 100
    lower_is_better = condition.direction == "lower"
    return percent <= condition.upper if lower_is_better else percent >= condition.upper


def three_averages(condition: ConditionShown) -> list[str]:
    """Return the three averages, always together, and which of them the contract uses."""
    if condition.mean is None:
        return []
    lower = "_lower" if condition.direction == "lower" else ""
    every = f"three.every_{'yes' if _reaches(condition, condition.minimum) else 'no'}{lower}"
    return [
        said("three.mean", value=per_100(condition.mean, condition.direction)),
        said("three.pooled", value=per_100(condition.pooled, condition.direction)),
        said(
            every,
            value=per_100(condition.minimum, condition.direction),
            n=condition.at_standard,
            many=condition.counted,
        ),
        said(f"three.uses_{condition.rule}"),
    ]


def standard_words(condition: ConditionShown) -> str:
    """Return the standard of a condition, or its two thresholds."""
    lower, upper = (f"{float(x):g}" for x in (condition.lower, condition.upper))
    if lower == upper:
        return said("three.standard", value=upper)
    return said("three.standard_line", lower=lower, upper=upper)


def network_name(paid: NetworkPaid) -> str:
    """Return what a network is called."""
    if paid.network_id is None:
        return said("page.one_network")
    return said("page.network", network=paid.network_id)


def source_words(statement: PaymentStatement) -> str:
    """Return where the counts came from."""
    source = statement.source
    if source.store_version is not None:
        return said("page.store", version=source.store_version)
    return source.name


def and_list(names: Sequence[str]) -> str:
    """Return names in a row: "A, B and C"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
