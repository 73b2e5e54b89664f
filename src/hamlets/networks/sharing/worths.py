"""What a patient more is worth, read from a file that somebody made elsewhere."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

from hamlets.errors import SourceError
from hamlets.networks.sharing.next_day import Worth
from hamlets.networks.sharing.reading import ABOUT, IDS, PATIENTS
from hamlets.networks.small_files import Row, SmallFile, read_small_file

VALUES = ("value_next_patient", "next_patient", "value")
CHANCES = ("probability", "chance", "probability_of_crossing")


def read_worths(path: Path) -> tuple[Worth, ...]:
    """Return rows of practice_id, indicator_id, outstanding, value_next_patient, probability.

    The last two may be blank. Raises SourceError for a value that is none or a row given twice.
    """
    file = read_small_file(path, (*IDS, *ABOUT, *PATIENTS))
    file.need("the practice's code", *IDS)
    file.need("the indicator", *ABOUT)
    file.need("the patients still to reach", *PATIENTS)
    found: dict[tuple[str, str], Worth] = {}
    for row in file.rows:
        worth = _worth(file, row)
        key = (worth.practice_id, worth.indicator_id)
        if key in found:
            raise SourceError(
                "This practice and indicator are given twice.",
                where=file.where(row),
                hint="Delete one of the rows.",
            )
        found[key] = worth
    return tuple(found.values())


def _worth(file: SmallFile, row: Row) -> Worth:
    patients = _number(file, row, PATIENTS)
    value, chance = (_number(file, row, names) for names in (VALUES, CHANCES))
    if patients is None or patients != int(patients):
        raise SourceError(
            "Patients still to reach are a whole number.",
            where=file.where(row),
            hint="Write 0 or more.",
        )
    if chance is not None and chance > 1:
        raise SourceError(
            "A probability is not above 1.",
            where=file.where(row),
            hint="Write 0.64 for 64 in 100.",
        )
    return Worth(
        practice_id=row.text(*IDS).upper(),
        indicator_id=row.text(*ABOUT),
        outstanding=int(patients),
        title=row.text("title"),
        next_patient=None if value is None else Fraction(value),
        chance=chance,
    )


def _number(file: SmallFile, row: Row, names: tuple[str, ...]) -> float | None:
    text = row.text(*names).replace(",", "").removeprefix("£")
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < 1e12:
        raise SourceError(
            f"{text[:40]!r} is not a number of 0 or more.",
            where=f"{file.where(row)}, column {file.first_of(*names)}",
            hint="Mend it or leave it blank.",
        )
    return value
