"""Why an arrangement is as it is, in sentences: clinicians in teams, patients on lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from hamlets.teams.arrangement import Arrangement
from hamlets.teams.comparing.kept import find_members, read_contacts
from hamlets.teams.comparing.moving import explain_moves
from hamlets.teams.comparing.shown import team_names
from hamlets.teams.inputs import HALF_DAYS, Bools, Int64, PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.results.plan import Explanation, ExplanationKind

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


def explain(
    inputs: PracticeInputs,
    model: TeamModel,
    arrangement: Arrangement,
    present: Arrangement,
    names: tuple[str, ...] | None = None,
) -> tuple[Explanation, ...]:
    """Return why each clinician is in their team, then why patients change lists.

    ``names`` are those of the teams, by colour where not given. Numbers of patients who
    change lists sum to those moved, forced and first of the measures. No patient is named.
    """
    called = names or team_names(len(arrangement.teams))
    why = _Clinicians(inputs, model, arrangement, present, called)
    return (*why.all(), *explain_moves(inputs, model, arrangement, called))


def and_list(words: Sequence[str]) -> str:
    """Return words as "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


class _Clinicians:
    """Reasons of clinicians, with what they are worked out from."""

    def __init__(
        self,
        inputs: PracticeInputs,
        model: TeamModel,
        arrangement: Arrangement,
        present: Arrangement,
        names: tuple[str, ...],
    ) -> None:
        self.staff, self.model, self.names = inputs.clinicians, model, names
        self.arrangement = arrangement
        self.together = _count_together(inputs)
        self.given, self.inside = _count_inside(inputs, arrangement)
        now = find_members(inputs, present)
        self.now: Bools = now @ now.T

    def all(self) -> Iterator[Explanation]:
        """Yield the reasons of each clinician, teams in order."""
        for team in range(len(self.arrangement.teams)):
            members = sorted(self.arrangement.members(team))
            for row in members:
                others = [other for other in members if other != row]
                for kind, reason, number in self._of(row, team, others):
                    yield Explanation(self.staff.staff_id[row], kind, reason, number)
        for row in self.arrangement.shared:
            reason = f"{self.staff.name[row]} works for all teams."
            yield Explanation(self.staff.staff_id[row], "all_teams", reason, None)

    def _of(
        self, row: int, team: int, others: list[int]
    ) -> Iterator[tuple[ExplanationKind, str, float | None]]:
        name, called = self.staff.name[row], self.names[team]
        if self.arrangement.leads[team] == row:
            yield "lead", f"{name} leads {called}.", None
        yield from self._links(row)
        yield from self._rules(row, team)
        mates = [self.staff.name[other] for other in others if self.now[row, other]]
        if mates:
            yield "together_now", f"{name} is in a team with {and_list(mates)} now.", None
        yield from self._shared_patients(row, others)
        if self.given[row] and len(self.arrangement.teams) > 1:
            count, total = int(self.inside[row]), int(self.given[row])
            yield (
                "kept",
                f"Of the {total:,} contacts that {name} gave in the last 12 months,"
                f" {count:,} were with patients of {called}.",
                count,
            )
        days = self._alone_on(row, team)
        if days:
            reason = f"Without {name}, no GP with a list in {called} would work {and_list(days)}."
            yield "cover", reason, len(days)

    def _links(self, row: int) -> Iterator[tuple[ExplanationKind, str, None]]:
        known = dict(zip(self.staff.staff_id, self.staff.name, strict=True))
        me, name = self.staff.staff_id[row], self.staff.name[row]
        for group in self.model.must_link:
            if me in group:
                others = and_list([known.get(each, each) for each in group if each != me])
                yield "must_link", f"The team model keeps {name} together with {others}.", None
        for group in self.model.cannot_link:
            if me in group:
                others = and_list([known.get(each, each) for each in group if each != me])
                yield "cannot_link", f"The team model keeps {name} apart from {others}.", None

    def _rules(self, row: int, team: int) -> Iterator[tuple[ExplanationKind, str, None]]:
        """Yield the rules that the team would break without this clinician, and its site."""
        staff, model = self.staff, self.model
        name, called = staff.name[row], self.names[team]
        gps = self.arrangement.teams[team]
        role = staff.role[row]
        if role in model.needed:
            needed = f"Each team needs {model.needed[role]} of the role {_said(role)}"
            yield "role", f"{needed}, and {name} works for {called} alone.", None
        site = staff.site[row]
        if model.one_site and site is not None:
            yield "site", f"{name} works mostly at {site}, where all of {called} do.", None
        if row not in gps:
            return
        for word, needed in model.languages.items():
            have = sum(word in staff.languages[gp] for gp in gps)
            if needed and word in staff.languages[row] and have <= needed:
                yield "language", f"Without {name}, {called} would lack {word}.", None
        for word, needed in model.skills.items():
            have = sum(word in staff.skills[gp] for gp in gps)
            if needed and word in staff.skills[row] and have <= needed:
                yield "skill", f"Without {name}, {called} would lack the skill {_said(word)}.", None

    def _shared_patients(
        self, row: int, others: list[int]
    ) -> Iterator[tuple[ExplanationKind, str, int]]:
        mine, name = self.together[row], self.staff.name[row]
        gps = np.flatnonzero(self.staff.gp)
        for other in others:
            count, rest = int(mine[other]), gps[(gps != row) & (gps != other)]
            if not count:
                continue
            people = "1 patient" if count == 1 else f"{count:,} patients"
            reason = f"{people} saw both {name} and {self.staff.name[other]} in the last 24 months"
            if self.staff.gp[row] and self.staff.gp[other] and (mine[rest] < count).all():
                reason += f", more than {name} shares with any other GP"
            yield "shared_patients", f"{reason}.", count

    def _alone_on(self, row: int, team: int) -> list[str]:
        """Return the weekdays, in words, on which no other GP of the team with a list works."""
        staff = self.staff
        gps = self.arrangement.teams[team]
        if row not in gps or not staff.eligible[row]:
            return []
        others = [gp for gp in gps if gp != row and staff.eligible[gp]]
        here = staff.half_days[row].reshape(HALF_DAYS // 2, 2).any(axis=1)
        covered = staff.half_days[others].any(axis=0).reshape(HALF_DAYS // 2, 2).any(axis=1)
        alone = (here & ~covered).reshape(2, len(WEEKDAYS)).sum(axis=0)
        return [
            f"on {day}s" if weeks == 2 else f"every other {day}"
            for day, weeks in zip(WEEKDAYS, alone.tolist(), strict=True)
            if weeks
        ]


def _said(word: str) -> str:
    return word.replace("_", " ")


def _count_together(inputs: PracticeInputs) -> Int64:
    """Return clinicians x clinicians: patients who saw both in the last 24 months."""
    seen, size = inputs.people.seen, inputs.clinicians.size
    met = np.zeros((inputs.people.size, size), dtype=np.float32)
    patient = np.repeat(np.arange(inputs.people.size), np.diff(seen.offset))
    known = (seen.clinician >= 0) & (seen.weight > 0)
    met[patient[known], seen.clinician[known]] = 1.0
    # Counts below 2**24 are exact in this type; a practice has fewer patients.
    return (met.T @ met).astype(np.int64)


def _count_inside(inputs: PracticeInputs, arrangement: Arrangement) -> tuple[Int64, Int64]:
    """Return the counted contacts that each GP gave, and those with patients of their team."""
    patient, clinician, contacts = read_contacts(inputs)
    members = np.pad(find_members(inputs, arrangement), ((0, 1), (0, 1)))
    inside = contacts * members[clinician, arrangement.team[patient]]
    sums = np.zeros((2, inputs.clinicians.size + 1), dtype=np.int64)
    np.add.at(sums[0], clinician, contacts)
    np.add.at(sums[1], clinician, inside)
    return sums[0, :-1], sums[1, :-1]
