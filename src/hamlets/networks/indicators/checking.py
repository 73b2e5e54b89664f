"""Checking a definition before it is used: its words, its SQL, and a run on invented people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from hamlets.networks.indicators.counting import count, patients_on, prepare, use_codes
from hamlets.networks.indicators.definition import DefinitionError, Fault, Indicator
from hamlets.networks.indicators.registry import read_definition_file
from hamlets.networks.indicators.sandbox import Sandbox
from hamlets.networks.indicators.tiny import PEOPLE, PERIOD, PRACTICES, make_tiny_store

_SECONDS = 20.0


@dataclass(frozen=True)
class Checked:
    """What a check found. ``faults`` stop a definition, ``remarks`` do not."""

    file: str
    indicator_id: str | None
    faults: tuple[Fault, ...]
    remarks: tuple[str, ...]
    denominator: int | None = None
    numerator: int | None = None
    """What a run on the invented people counted."""

    @property
    def sound(self) -> bool:
        return not self.faults


def check_definition(path: Path, today: date) -> Checked:
    """Return all that is wrong with a file, and what a run on invented people counts.

    SourceError where there is no such file or it is no text.
    """
    try:
        indicator = read_definition_file(path)
    except DefinitionError as error:
        return Checked(path.name, None, tuple(error.faults), ())
    remarks = _remarks(indicator, today)
    if indicator.source != "sql":
        return Checked(path.name, indicator.id, (), tuple(remarks))
    try:
        with Sandbox(seconds=_SECONDS, memory_mb=1024, threads=1) as sandbox:
            prepared = prepare(indicator, sandbox, sandbox.functions())
            make_tiny_store(sandbox, indicator)
            patients_on(sandbox, PERIOD, PRACTICES)
            use_codes(sandbox, indicator)
            counted = count(sandbox, prepared, PERIOD)
    except DefinitionError as error:
        return Checked(path.name, indicator.id, tuple(error.faults), tuple(remarks))
    total = [c for c in counted if c.group is None]
    denominator, numerator = sum(c.denominator for c in total), sum(c.numerator for c in total)
    if not denominator:
        remarks.append(
            f"None of {PEOPLE} invented people is in the denominator. They have every code of"
            " the definition, so look whether the SQL can find anyone."
        )
    elif not numerator:
        remarks.append("None of the invented people is in the numerator: look at its SQL again.")
    return Checked(path.name, indicator.id, (), tuple(remarks), denominator, numerator)


def _remarks(indicator: Indicator, today: date) -> list[str]:
    remarks: list[str] = []
    info = indicator.info
    if info.next_review < today:
        remarks.append(f"The definition should have been read again by {info.next_review}.")
    if info.checked_by.lower() in ("nobody", "nobody yet"):
        remarks.append("Nobody but its author has checked the definition yet.")
    used = " ".join(indicator.populations.values())
    remarks += [
        f"The code list `{name}` is not used." for name in indicator.codes if name not in used
    ]
    return remarks
