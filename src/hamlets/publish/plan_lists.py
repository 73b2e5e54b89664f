"""Lists of patients from a plan: named GPs for the clinical system, and who gets a letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from hamlets.publish.team_words import Holder, Sheets
    from hamlets.teams.plans.patients_now import PatientsNow
    from hamlets.teams.plans.storing import StoredPlan

TOLD_WITHIN_DAYS = 21
"""Patients are told of a new accountable GP within 21 days (SI 2015/196)."""
MOST_IN_A_HOME = 8
"""People of a household who may share a letter; more live in a care home or a hostel."""
WHY = {
    "unchanged": "the named GP stays",
    "no_gp": "no list could take the patient under the rules",
    "named_gp_left": "the named GP has left or may not hold a list",
    "no_contact": "no GP was seen lately, and this list has room",
    "no_named_gp": "there was no named GP",
    "asked": "the patient asked for this GP",
    "saw_more": "the patient saw this GP more",
    "household": "another of the household knows this GP",
    "saw_team": "the patient saw the GPs of this team more",
    "even_work": "this evens out the work",
}
_NAMED = (
    "patient_id", "old_named_staff_id", "old_named_gp", "new_named_staff_id", "new_named_gp",
    "team_id", "team", "change", "reason",
)  # fmt: skip
_LETTERS = (
    "letter", "people", "patient_id", "old_named_gp", "new_named_gp", "new_gp_days", "team",
    "team_gps", "change", "words", "reason", "from_date", "tell_by",
)  # fmt: skip
_CHANGES = ("changed", "gp_gone", "first")
Row = dict[str, Any]


@dataclass(frozen=True)
class Lists:
    """The placed patients who are still with the practice, as rows with names."""

    stored: StoredPlan
    names: dict[str, str]
    now: PatientsNow
    with_teams: bool
    """Patients have a team of a name; else a GP, who may work with one or two others."""

    @cached_property
    def rows(self) -> list[Row]:
        """Every placed patient who is still here."""
        return list(self._rows())

    @property
    def gone(self) -> int:
        """Patients of the plan who have left or died since it was made."""
        return int((~self.now.here).sum())

    def _rows(self) -> Iterator[Row]:
        teams = {team.team_id: team.name or team.team_id for team in self.stored.plan.teams}
        placed = self.stored.allocations.to_pylist()
        every = zip(placed, self.now.here.tolist(), self.now.named, self.now.household, strict=True)
        for row, here, named, household in every:
            if not here:
                continue
            new = row["new_named_staff_id"]
            kind = (
                "changed" if row["changed"] else "gp_gone" if row["forced"]
                else "first" if row["first"] else "same"
            )  # fmt: skip
            # Who may not hold a list is no one's named GP in a plan; the records still say who.
            old: str | None = row["old_named_staff_id"] or (named if row["forced"] else None)
            yield {
                "patient_id": row["patient_id"],
                "old_named_staff_id": old,
                "old_named_gp": None if old is None else self.names.get(old, old),
                "new_named_staff_id": new,
                "new_named_gp": self.names.get(new, new),
                "team_id": row["team_id"] if self.with_teams else None,
                "team": teams.get(row["team_id"]) if self.with_teams else None,
                "change": kind if new is not None else "none",
                "reason": WHY.get(row["reason"], row["reason"]),
                "household": household,
                "in_team": row["team_id"],
            }

    @property
    def told(self) -> list[Row]:
        """The rows of patients whose named GP changes or is the first."""
        return [row for row in self.rows if row["change"] in _CHANGES]

    @property
    def from_date(self) -> str | None:
        start = self.stored.plan.adopted_from
        return None if start is None else start.isoformat()

    def holders(self) -> tuple[Holder, ...]:
        """Return who holds a list, with how many patients and how many new ones."""
        from hamlets.publish.team_words import Holder

        every, new = (
            Counter[str](row["new_named_staff_id"] for row in rows if row["new_named_staff_id"])
            for rows in (self.rows, self.told)
        )
        return tuple(
            Holder(gp, self.names.get(gp, gp), count, new[gp])
            for gp, count in sorted(every.items())
        )

    def named_gps(self) -> pa.Table:
        """Return the patients whose named GP is to be changed in the clinical system."""
        rows = [{**row, "from_date": self.from_date} for row in self.told]
        return _as_table(rows, (*_NAMED, "from_date"))

    def everybody(self) -> pa.Table:
        """Return every placed patient with named GP and team."""
        return _as_table(self.rows, _NAMED)

    def letters(self, sheets: Sheets) -> pa.Table:
        """Return who is to be told of their named GP, by when, and in which words.

        One row a patient. People of one household with the same news have one number of a
        letter, and stand together. A home of more than 8 is an institution: there each has
        their own.
        """
        start = self.stored.plan.adopted_from
        by = None if start is None else (start + timedelta(days=TOLD_WITHIN_DAYS)).isoformat()
        size = Counter(row["household"] for row in self.rows)
        numbers: dict[Any, int] = {}
        found: list[tuple[int, Row]] = []
        for place, row in enumerate(self.told):
            alone = row["household"] is None or size[row["household"]] > MOST_IN_A_HOME
            news = (row["old_named_staff_id"], row["new_named_staff_id"], row["in_team"])
            key = ("alone", place) if alone else (row["household"], row["change"], *news)
            found.append((numbers.setdefault(key, len(numbers) + 1), row))
        people = Counter(number for number, _ in found)
        found.sort(key=lambda each: each[0])
        rows = [
            {**row, **self._letter(sheets, row), "letter": str(number),
             "people": str(people[number]), "from_date": self.from_date, "tell_by": by}
            for number, row in found
        ]  # fmt: skip
        return _as_table(rows, _LETTERS)

    def _letter(self, sheets: Sheets, row: Row) -> Row:
        from hamlets.publish.team_texts import letter_words
        from hamlets.publish.team_words import day_words, said

        gp, mine = row["new_named_gp"], row["in_team"]
        team = next((each for each in sheets.plan.teams if each.team_id == mine), None)
        days = next(
            (each.half_days for each in sheets.members
             if each.staff_id == row["new_named_staff_id"] and each.team_id == mine),
            (),
        )  # fmt: skip
        others = sheets.gps(team) if team is not None and sheets.form != "list" else []
        return {
            "team_gps": ", ".join(others) or None,
            "new_gp_days": said("letter.days_of", gp=gp, days=day_words(days))
            if any(days)
            else None,
            "words": letter_words(
                sheets, gp, row["team"], row["old_named_gp"], row["change"] == "first"
            ),
        }


def _as_table(rows: list[Row], names: tuple[str, ...]) -> pa.Table:
    import pyarrow as pa

    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})
