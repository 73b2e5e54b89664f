"""What patients, reception and teams are told of a plan, as titles, sentences and lists.

The words lie in ``team_wording.toml``, where a test can check them all; names from the records
are filled in as data. Each sheet is built once and written as a page or as plain text.
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from hamlets.publish import numbers
from hamlets.teams.results import Plan, PlanMember, PlanTeam

_FEW = 7
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The characters of which a text message has room for 160 (GSM 03.38); of others, 70."""
PLAIN_PART, OTHER_PART = 160, 70


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
class Sheets:
    """What sheets are made from: a plan, its people, and where its data comes from."""

    plan: Plan
    members: tuple[PlanMember, ...]
    invented: bool

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


def _heading(key: str) -> Block:
    return Block("heading", (said(key),))


def _text(*lines: str) -> Block:
    return Block("text", lines)


def _team_lines(sheets: Sheets, key: str) -> Block:
    lines = [
        said(key, team=name_of_team(team), names=joined(sheets.gps(team)))
        for team in sheets.plan.teams
        if sheets.gps(team)
    ]
    return Block("list", tuple(lines))


def joined(names: list[str]) -> str:
    """Return "A, B and C"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def leaflet(sheets: Sheets) -> Sheet:
    """Return the leaflet for patients."""
    plan = sheets.plan
    had = plan.n_patients - plan.first
    stay: tuple[str, ...] = ()
    if had > 0:
        kept = (had - plan.moved - plan.forced) * 100 // had
        stay = (said("leaflet.change_stay", n=kept),)
    return Sheet(
        said("leaflet.title", place=sheets.place),
        (
            _text(said(f"leaflet.lead_{sheets.plan.approach}", start=sheets.start)),
            _heading("leaflet.why"),
            _text(said("leaflet.why_known"), said("leaflet.why_team")),
            _heading("leaflet.change"),
            _text(said("leaflet.change_gp"), *stay, said("leaflet.change_told")),
            _heading("leaflet.same"),
            _text(
                said("leaflet.same_choice"),
                said("leaflet.same_urgent"),
                said("leaflet.same_records"),
            ),
            _heading("leaflet.teams"),
            _team_lines(sheets, "leaflet.team_line"),
            _heading("leaflet.ask"),
            _text(said("leaflet.ask_how")),
        ),
    )


def web_text(sheets: Sheets) -> Sheet:
    """Return the words for the practice's own web page."""
    return Sheet(
        said("web.title"),
        (
            _text(said(f"web.lead_{sheets.plan.approach}", start=sheets.start, place=sheets.place)),
            _text(said("web.book"), said("leaflet.same_urgent")),
            _team_lines(sheets, "leaflet.team_line"),
            _text(said("web.find")),
        ),
    )


def text_messages(sheets: Sheets) -> list[tuple[str, PlanMember, tuple[str, ...]]]:
    """Return (team, GP, parts of the message) for each GP's own patients."""
    return [
        (
            name_of_team(team),
            member,
            message_parts(
                said(
                    "text.message",
                    place=sheets.place,
                    start=sheets.start,
                    gp=name_of(member),
                    team=name_of_team(team),
                )
            ),
        )
        for team in sheets.plan.teams
        for member in sheets.people(team)
        if _is_gp(member) and not member.shared
    ]


def message_parts(words: str) -> tuple[str, ...]:
    """Return a message cut between words, each part short enough for one text message.

    160 characters, or 70 where one of them is not of the plain alphabet of text messages.
    """
    most = PLAIN_PART if set(words) <= _GSM else OTHER_PART
    return tuple(textwrap.wrap(" ".join(words.split()), most, break_on_hyphens=False))


def phone_script(sheets: Sheets) -> Sheet:
    """Return what to say on the phone about the new teams."""
    blocks: list[Block] = []
    for part, lines in (("open", 2), ("keep", 1), ("new", 2), ("other", 1), ("urgent", 1)):
        blocks.append(_heading(f"phone.{part}_head"))
        blocks.append(
            _text(*(said(f"phone.{part}_{n}", start=sheets.start) for n in range(1, lines + 1)))
        )
    blocks += [_heading("phone.teams_head"), _team_lines(sheets, "leaflet.team_line")]
    return Sheet(said("phone.title"), tuple(blocks))


def easy_read(sheets: Sheets) -> Sheet:
    """Return the Easy Read form: one idea a line, each with room for a picture."""
    lines = [said(f"easy.line_{n}", place=sheets.place, start=sheets.start) for n in range(1, 10)]
    teams = _team_lines(sheets, "easy.team_line").lines
    return Sheet(
        said("easy.title"),
        (
            Block("note", (said("easy.lead"),)),
            Block("pictured", tuple(lines)),
            _heading("easy.teams"),
            Block("pictured", teams),
        ),
        large=True,
    )


def reception_card(sheets: Sheets, team: PlanTeam) -> Sheet:
    """Return the words for reception, of one team: a card of A5."""
    gps = sheets.gps(team) or [name_of_team(team)]
    values: dict[str, Any] = {"gp": gps[0], "other": gps[1 % len(gps)], "team": name_of_team(team)}
    alone = len(gps) == 1
    blocks: list[Block] = []
    for part in ("in", "away", "long", "today", "sooner", "another", "unknown"):
        form = "alone" if alone and part in ("away", "long", "another") else "1"
        blocks += [
            _heading(f"reception.{part}_head"),
            _text(said(f"reception.{part}_{form}", **values)),
        ]
        if part == "today":
            blocks.append(Block("note", (said("reception.today_note"),)))
    for part in ("reasons", "never"):
        lines = tuple(said(f"reception.{part}").split(";"))
        blocks += [_heading(f"reception.{part}_head"), Block("list", lines)]
    return Sheet(said("reception.title", **values), tuple(blocks), small=True)


def list_words(team: PlanTeam) -> str:
    """Return how many people a team looks after, in words."""
    if team.list_size <= _FEW:
        return said("team.lead_few")
    return said("team.lead", n=numbers.count(round(team.list_size / 10) * 10))
