"""Who a practice's patients are: what must stand beside any comparison of practices."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hamlets.errors import SourceError
from hamlets.networks.indicators.sandbox import Sandbox
from hamlets.networks.results.indicators import CaseMix
from hamlets.networks.small_files import read_small_file

_QUESTION = """
SELECT practice_id, count(*) AS patients,
       count(*) FILTER (WHERE imd_decile <= 2) AS deprived, count(imd_decile) AS with_decile,
       count(*) FILTER (WHERE age >= 65) AS old, count(*) FILTER (WHERE age < 5) AS young,
       count(age) AS with_age
FROM patients WHERE registered GROUP BY practice_id ORDER BY practice_id
"""
_YES, _NO = ("yes", "true", "1", "y"), ("no", "false", "0", "n", "")


def read_case_mix(sandbox: Sandbox, homeless: Mapping[str, bool]) -> tuple[CaseMix, ...]:
    """Return the case mix of each practice on the day of the table ``patients``."""
    return tuple(
        CaseMix(
            practice_id=row["practice_id"],
            patients=row["patients"],
            most_deprived=_share(row["deprived"], row["with_decile"]),
            over_65=_share(row["old"], row["with_age"]),
            under_5=_share(row["young"], row["with_age"]),
            homeless_practice=homeless.get(row["practice_id"]),
        )
        for row in sandbox.run([(_QUESTION, {})])
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def read_homeless_practices(path: Path) -> dict[str, bool]:
    """Return which practices look after homeless people, from a CSV with both columns.

    Columns: practice_id and homeless_practice (yes or no). SourceError for anything else.
    """
    table = read_small_file(path, ("practice_id", "homeless_practice"))
    code = table.need("the practice's code", "practice_id", "practice_code")
    flag = table.need("whether it looks after homeless people", "homeless_practice")
    found: dict[str, bool] = {}
    for row in table.rows:
        said = row.cells.get(flag, "").lower()
        if said not in (*_YES, *_NO):
            raise SourceError(
                "`homeless_practice` must be yes or no.", where=table.where(row), hint="Mend it."
            )
        found[row.cells.get(code, "")] = said in _YES
    return found
