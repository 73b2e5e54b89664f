"""Words about a plan: the catalogue, who is called what, and a sheet of words.

The words lie in ``team_wording.toml``, where a test can check them all; names from the records
are filled in as data.
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from hamlets.publish import numbers
from hamlets.teams.results import Plan, PlanMember, PlanTeam

_STEERS = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069]+")
"""Control characters, and marks that turn the direction of writing."""


@cache
def catalogue() -> dict[str, str]:
    """Return every string by its dotted key."""
    source = files("hamlets.publish").joinpath("team_wording.toml").read_text(encoding="utf-8")
    return {
        f"{group}.{name}": words
        for group, strings in tomllib.loads(source).items()
        for name, words in strings.items()
    }


def said(key: str, **values: object) -> str:
    """Return the string called ``key`` with its values filled in; KeyError if either lacks."""
    return catalogue()[key].format_map(values)


@dataclass(frozen=True)
class Holder:
    """A GP who holds a list under a plan."""

    staff_id: str
    name: str
    patients: int
    new: int = 0
    """Of them, those who had another named GP or none."""

    @property
    def called(self) -> str:
        """The name, or the id where the records have none."""
        return tame(self.name) or tame(self.staff_id)


Form = Literal["team", "pair", "list"]
"""What patients have beside their own GP: a team, a GP or two who stand in, or nobody."""


@dataclass(frozen=True)
class Sheets:
    """What sheets are made from: a plan, its people, and where its data comes from."""

    plan: Plan
    members: tuple[PlanMember, ...]
    invented: bool
    holders: tuple[Holder, ...] = ()
    """Who holds a list; where not told, the plan's GPs who are not in training."""

    @property
    def form(self) -> Form:
        if self.plan.approach == "personal_lists" or not self.plan.teams:
            return "list"
        return "pair" if self.plan.approach == "buddies" else "team"

    def said(self, key: str, **values: object) -> str:
        """Return a string in the plan's form: of its approach, else of its form, else as it is."""
        words = catalogue()
        for form in (self.plan.approach, self.form):
            if f"{key}_{form}" in words:
                return said(f"{key}_{form}", **values)
        return said(key, **values)

    @property
    def place(self) -> str:
        return tame(self.plan.practice_name) or said("place.unknown")

    @property
    def start(self) -> str:
        """The first day in words, or a mark to fill in where the plan is not adopted."""
        day = self.plan.adopted_from
        return said("date.unknown") if day is None else numbers.day(day)

    @property
    def banners(self) -> tuple[str, ...]:
        draft = [] if self.plan.adopted_from is not None else [said("frame.draft")]
        return (*([said("frame.invented")] if self.invented else []), *draft)

    @property
    def foot(self) -> str:
        return said("frame.foot", place=self.place, plan=self.plan.plan_id)

    def people(self, team: PlanTeam) -> tuple[PlanMember, ...]:
        """Return everybody of a team: the lead, other GPs, others, those of all teams."""
        mine = [each for each in self.members if each.team_id == team.team_id]
        return tuple(sorted(mine, key=_place))

    def gps(self, team: PlanTeam) -> list[str]:
        """Return the names of a team's GPs."""
        return [name_of(each) for each in self.people(team) if _is_gp(each) and not each.shared]

    def own_gp(self, team: PlanTeam) -> str:
        """Return the name of the GP whom a list is of, the team's where it has no GP."""
        return next(iter(self.gps(team)), name_of_team(team))

    def called(self, team: PlanTeam) -> str:
        """Return what a team is called before patients: by its GPs where they are no team."""
        if self.form == "team" or not self.gps(team):
            return name_of_team(team)
        return self.own_gp(team) if self.form == "list" else joined(self.gps(team))

    def list_holders(self) -> tuple[tuple[Holder, PlanTeam | None], ...]:
        """Return who holds a list, with the team: by team, in its order, then by name."""
        found: list[tuple[Holder, PlanTeam | None]] = []
        told = {each.staff_id: each for each in self.holders}
        for team in self.plan.teams:
            for member in self.people(team):
                if not _is_gp(member) or member.shared:
                    continue
                if member.staff_id in told:
                    found.append((told.pop(member.staff_id), team))
                elif not self.holders and member.role not in _NO_LIST:
                    found.append((Holder(member.staff_id, name_of(member), 0), team))
        rest = sorted(told.values(), key=lambda each: (each.called, each.staff_id))
        return (*found, *((each, None) for each in rest))


_NO_LIST = ("gp_registrar", "gp_locum")


def _place(member: PlanMember) -> tuple[bool, bool, bool, str]:
    return member.shared, not member.lead, not _is_gp(member), name_of(member)


def _is_gp(member: PlanMember) -> bool:
    return member.role.startswith("gp")


def name_of(member: PlanMember) -> str:
    """Return a person's name, or the id where the records have none."""
    return tame(member.name) or tame(member.staff_id)


def name_of_team(team: PlanTeam) -> str:
    """Return a team's name, or its id."""
    return tame(team.name) or tame(team.team_id)


def tame(name: str) -> str:
    """Return a name from the records as one line that steers no screen."""
    return _STEERS.sub(" ", name).strip()


def role_words(member: PlanMember) -> str:
    """Return a role as patients call it."""
    key = f"role.{member.role}"
    return said(key if key in catalogue() else "role.other")


def day_words(half_days: tuple[bool, ...]) -> str:
    """Return the days that somebody is here: "Monday, Tuesday morning"."""
    if all(half_days):
        return said("day.all")
    found: list[str] = []
    for place, name in enumerate(said("day.names").split(",")):
        am, pm = half_days[2 * place], half_days[2 * place + 1]
        if am or pm:
            part = "both" if am and pm else "morning" if am else "afternoon"
            found.append(said(f"day.{part}", day=name))
    return ", ".join(found) or said("day.none")


Kind = Literal["heading", "text", "list", "note", "pictured"]


@dataclass(frozen=True)
class Block:
    """One part of a sheet."""

    kind: Kind
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A page of words."""

    title: str
    blocks: tuple[Block, ...]
    small: bool = False
    """A5, not A4."""
    large: bool = False
    """Large type and room for pictures: Easy Read."""

    def as_text(self, banners: Iterable[str] = ()) -> str:
        """Return the sheet as plain text, lines of 72 characters."""
        parts = [*banners, self.title.upper()]
        for block in self.blocks:
            if block.kind == "list":
                lines = [_wrapped(f"- {line}", "  ") for line in block.lines]
                parts.append("\n".join(lines))
            elif block.kind == "heading":
                parts += [line.upper() for line in block.lines]
            else:
                parts += [_wrapped(line) for line in block.lines]
        return "\n\n".join(parts) + "\n"


def _wrapped(line: str, after: str = "") -> str:
    return textwrap.fill(
        line, 72, subsequent_indent=after, break_long_words=False, break_on_hyphens=False
    )


def joined(names: list[str]) -> str:
    """Return "A, B and C"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
