"""Plans of teams that a version of the store follows: which, since when, what they closed.

The manifest keeps them, so that going back to an earlier version takes them back too. A
named GP of a plan is a row of ``named_gps`` whose source is ``plan:`` and the plan's id.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from hamlets.records.store.layout import damaged
from hamlets.records.store.manifest import Manifest

PLAN_SOURCE = "plan:"
CURRENT_SOURCE = "clinical_system:current"
"""Source of a dated named GP that an extract gave as the current one, without a date."""


@dataclass(frozen=True)
class Closed:
    """A dated row of another arrangement that the plan has cut short."""

    table: str
    """``team_members`` or ``buddies``."""
    key: tuple[str | int, ...]
    """(team id, staff code), or (staff code, code of the buddy)."""
    from_date: date | None
    to_date: date | None
    """What it was before the plan."""


@dataclass(frozen=True)
class Adoption:
    """One plan in force from a day on."""

    plan_id: str
    practice: int
    """Practice code."""
    practice_id: str
    from_date: date
    teams: tuple[str, ...]
    """Team ids in the store."""
    buddies: tuple[tuple[int, int], ...] = ()
    """Staff codes of the pairs that it made buddies, (staff, buddy)."""
    closed: tuple[Closed, ...] = ()
    everybody: bool = True
    """It ends all other teams of the practice, not only those of the people in its own."""

    def as_dict(self) -> dict[str, Any]:
        """Return the entry of the manifest."""
        return {
            "plan": self.plan_id,
            "practice": self.practice,
            "practice_id": self.practice_id,
            "from": self.from_date.isoformat(),
            "teams": list(self.teams),
            "buddies": [list(pair) for pair in self.buddies],
            "closed": [[c.table, *c.key, _iso(c.from_date), _iso(c.to_date)] for c in self.closed],
            "everybody": self.everybody,
        }

    @staticmethod
    def from_dict(value: dict[str, Any]) -> Adoption:
        """Return the adoption of an entry; KeyError, TypeError or ValueError if it is none."""
        return Adoption(
            str(value["plan"]),
            int(value["practice"]),
            str(value["practice_id"]),
            date.fromisoformat(value["from"]),
            tuple(value["teams"]),
            tuple((int(staff), int(buddy)) for staff, buddy in value["buddies"]),
            tuple(
                Closed(table, (first, second), _day(start), _day(end))
                for table, first, second, start, end in value["closed"]
            ),
            bool(value["everybody"]),
        )


def adoptions(manifest: Manifest) -> tuple[Adoption, ...]:
    """Return the plans that a version follows, in the order in which they were adopted.

    Raises StoreDamagedError where the manifest's entries are of another form.
    """
    try:
        return tuple(Adoption.from_dict(value) for value in manifest.adoptions)
    except (KeyError, TypeError, ValueError) as error:
        raise damaged(f"versions/{manifest.version:06d}.json") from error


def of_practice(manifest: Manifest, practice: int) -> tuple[Adoption, ...]:
    """Return the plans of one practice; the last is in force, those before it until it began."""
    return tuple(each for each in adoptions(manifest) if each.practice == practice)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
