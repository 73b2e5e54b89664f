"""An arrangement of one practice: who is in which team, whose patients are whose.

The present one, a plan and those made without design all have this form, so that they are
measured by the same code. Clinicians and patients are positions in ``PracticeInputs``.
"""

from __future__ import annotations

from dataclasses import dataclass

from hamlets.teams.inputs import Int32


@dataclass(frozen=True)
class Arrangement:
    """Teams and lists; -1 is nobody."""

    teams: tuple[tuple[int, ...], ...]
    """GPs of each team, each in one team alone, ascending."""
    others: tuple[tuple[int, ...], ...]
    """Of each team: people of other roles who work in that team alone."""
    shared: tuple[int, ...]
    """People who work for all teams."""
    leads: tuple[int, ...]
    """Of each team: the GP who leads it, or -1."""
    team: Int32
    """Team of each patient; -1 = not placed."""
    named: Int32
    """Named GP of each patient, a member of the team where there is one; -1 = none."""

    def members(self, team: int) -> tuple[int, ...]:
        """Return everybody of a team who is in it alone."""
        return (*self.teams[team], *self.others[team])
