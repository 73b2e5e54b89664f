"""What somebody asks of a look forward: so many patients more, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hamlets.errors import SourceError, UsageError
from hamlets.networks.payment.counts import IDS, Counted
from hamlets.networks.payment.crossing import Reach
from hamlets.networks.payment.reading_cells import read_whole
from hamlets.networks.payment.scheme import Scheme
from hamlets.networks.small_files import read_small_file

Added = tuple[tuple[str, str, int], ...]
"""(practice, indicator, more patients)."""
Costs = Mapping[str, tuple[Reach, ...]]
"""Indicator -> ways to reach patients; "" for those of every indicator."""
_MOST_COST = 10_000


def read_added(asked: str, scheme: Scheme, counted: Counted) -> Added:
    """Return what a CSV file or a text such as "B:diabetes_care_plan=40, D=56" adds.

    The indicator may be left out where the scheme has one. Raises UsageError or SourceError
    for what is not there, or for more patients than are outstanding.
    """
    path = Path(asked)
    found = _file(path) if path.suffix.lower() == ".csv" or path.is_file() else _spec(asked, scheme)
    if not found:
        raise UsageError(
            "No patients are added.", where="--what-if", hint="Write for example B=40, D=56."
        )
    for practice, indicator, number in found:
        _check(practice, indicator, number, scheme, counted)
    return tuple(found)


def _spec(asked: str, scheme: Scheme) -> list[tuple[str, str, int]]:
    found: list[tuple[str, str, int]] = []
    for part in asked.replace(";", ",").split(","):
        if not part.strip():
            continue
        place, equals, number = (word.strip() for word in part.partition("="))
        practice, _, indicator = (word.strip() for word in place.partition(":"))
        if not indicator and len(scheme.indicators) == 1:
            indicator = scheme.indicators[0]
        if not equals or not practice or not number.isdecimal() or len(number) > 9:
            raise UsageError(
                f"{part.strip()!r} does not say how many more patients, and where.",
                where="--what-if",
                hint="Write practice:indicator=number, for example B:diabetes_care_plan=40.",
            )
        if not indicator:
            raise UsageError(
                f"{part.strip()!r} names no indicator, and the scheme has several.",
                where="--what-if",
                hint=f"Choose from: {', '.join(scheme.indicators)}.",
            )
        found.append((practice, indicator, int(number)))
    return found


def _file(path: Path) -> list[tuple[str, str, int]]:
    file = read_small_file(path, (*IDS, "indicator_id", "patients"))
    code = file.need("the practice's code", *IDS)
    file.need("the indicator", "indicator_id")
    file.need("the number of patients", "patients")
    return [
        (
            row.text(code),
            row.text("indicator_id"),
            read_whole(row, "patients", file.where(row)) or 0,
        )
        for row in file.rows
    ]


def _check(practice: str, indicator: str, number: int, scheme: Scheme, counted: Counted) -> None:
    if indicator not in scheme.indicators:
        raise UsageError(
            f"The scheme does not pay for {indicator}.",
            where="--what-if",
            hint=f"It pays for: {', '.join(scheme.indicators)}.",
        )
    count = counted.of(indicator).get(practice)
    if count is None:
        raise UsageError(
            f"There are no figures of {indicator} for a practice {practice}.",
            where="--what-if",
            hint=f"There are for: {', '.join(sorted(counted.of(indicator))[:12])}.",
        )
    if number > count.outstanding:
        raise UsageError(
            f"{practice} has {count.outstanding:,} patients left for {indicator}, so {number:,}"
            " more cannot be.",
            where="--what-if",
            hint="Ask for fewer.",
        )


def with_added(counted: Counted, added: Added) -> Counted:
    """Return the counts with more patients achieved."""
    more: dict[tuple[str, str], int] = {}
    for practice, indicator, number in added:
        key = practice, indicator
        more[key] = more.get(key, 0) + number
    counts = tuple(
        replace(c, numerator=c.numerator + more.get((c.practice_id, c.indicator_id), 0))
        for c in counted.counts
    )
    for count in counts:
        if count.numerator > count.denominator:
            raise UsageError(
                f"More patients are added for {count.indicator_id} in {count.practice_id} than"
                " are left there.",
                where="--what-if",
                hint="Ask for fewer.",
            )
    return replace(counted, counts=counts)


def read_costs(path: Path, counted: Counted) -> Costs:
    """Return the ways to reach patients of a CSV file: practice_id, cost, patients.

    Costs are whole numbers, of contacts or minutes. Without patients a way reaches everyone
    of the practice; with indicator_id it is for that indicator alone.
    """
    file = read_small_file(path, (*IDS, "cost", "patients", "indicator_id"))
    code = file.need("the practice's code", *IDS)
    file.need("the cost of reaching a patient", "cost")
    found: dict[str, list[Reach]] = {}
    for row in file.rows:
        where = file.where(row)
        practice = row.text(code)
        if practice not in counted.practices:
            raise SourceError(
                f"There is no practice {practice or 'without a code'} in the counts.",
                where=where,
                hint="Mend the code or delete the row.",
            )
        cost = read_whole(row, "cost", where)
        if cost is None or not 1 <= cost <= _MOST_COST:
            raise SourceError(
                f"A cost must be a whole number from 1 to {_MOST_COST:,}.",
                where=where,
                hint="Count contacts or minutes.",
            )
        patients = read_whole(row, "patients", where)
        reach = Reach(practice, cost, 10**9 if patients is None else patients)
        found.setdefault(row.text("indicator_id"), []).append(reach)
    return {indicator: tuple(ways) for indicator, ways in found.items()}
