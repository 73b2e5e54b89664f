"""What patients, reception and teams are told of a plan: each sheet, built once.

A sheet is written as a page or as plain text. The words follow the plan's approach: who has a
GP and no team is never told of a team.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from hamlets.publish import numbers
from hamlets.publish.team_words import (
    Block,
    Holder,
    Sheet,
    Sheets,
    catalogue,
    joined,
    name_of_team,
    said,
    tame,
)
from hamlets.teams.results import PlanTeam

_FEW = 7
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The characters of which a text message has room for 160 (GSM 03.38); of others, 70."""
_TWICE = frozenset("[]{}\\^~|€")
PLAIN_PART, OTHER_PART = 160, 70
_EASY = {
    "team": ("place", "start", "team", "own", "gp", "away", "choose", "ill", "ask"),
    "pair": ("place", "start", "gp", "know", "pair", "away", "choose", "ill", "ask"),
    "list": ("place", "start", "gp", "know", "away", "choose", "ill", "ask"),
    "reallocation": ("place", "start", "gp", "know", "part", "away", "choose", "ill", "ask"),
}
"""The lines of Easy Read, by form; the last, of a re-allocation among teams."""


def _text(*lines: str) -> Block:
    return Block("text", lines)


def _team_lines(sheets: Sheets, key: str) -> Block:
    if sheets.form == "list":
        names = [holder.called for holder, _ in sheets.list_holders()]
        return Block("list", tuple(sheets.said(key, names=name, team="") for name in names))
    lines = [
        sheets.said(key, team=name_of_team(team), names=joined(sheets.gps(team)))
        for team in sheets.plan.teams
        if sheets.gps(team)
    ]
    return Block("list", tuple(lines))


def _heading(sheets: Sheets, key: str) -> Block:
    return Block("heading", (sheets.said(key),))


def leaflet(sheets: Sheets) -> Sheet:
    """Return the leaflet for patients."""
    plan = sheets.plan
    had = plan.n_patients - plan.first
    stay: tuple[str, ...] = ()
    if had > 0:
        kept = (had - plan.moved - plan.forced) * 100 // had
        stay = (said("leaflet.change_stay", n=kept),)
    return Sheet(
        sheets.said("leaflet.title", place=sheets.place),
        (
            _text(said(f"leaflet.lead_{plan.approach}", start=sheets.start)),
            _heading(sheets, "leaflet.why"),
            _text(said("leaflet.why_known"), sheets.said("leaflet.why_team")),
            _heading(sheets, "leaflet.change"),
            _text(sheets.said("leaflet.change_gp"), *stay, said("leaflet.change_told")),
            _heading(sheets, "leaflet.same"),
            _text(
                said("leaflet.same_choice"),
                said("leaflet.same_urgent"),
                said("leaflet.same_records"),
            ),
            _heading(sheets, "leaflet.teams"),
            _team_lines(sheets, "leaflet.team_line"),
            _heading(sheets, "leaflet.ask"),
            _text(said("leaflet.ask_how")),
        ),
    )


def web_text(sheets: Sheets) -> Sheet:
    """Return the words for the practice's own web page."""
    return Sheet(
        sheets.said("web.title"),
        (
            _text(said(f"web.lead_{sheets.plan.approach}", start=sheets.start, place=sheets.place)),
            _text(sheets.said("web.book"), said("leaflet.same_urgent")),
            _team_lines(sheets, "leaflet.team_line"),
            _text(sheets.said("web.find")),
        ),
    )


@dataclass(frozen=True)
class Message:
    """A text message, cut into parts, and whom it is for."""

    to: str
    gp: str
    parts: tuple[str, ...]


def text_messages(sheets: Sheets) -> list[Message]:
    """Return a message for each list; of a re-allocation, for those who come to it."""
    some = sheets.plan.approach == "reallocation"
    return [
        _message(sheets, holder, team)
        for holder, team in sheets.list_holders()
        if not some or holder.new or not sheets.holders
    ]


def _message(sheets: Sheets, holder: Holder, team: PlanTeam | None) -> Message:
    gp = holder.called
    name = "" if team is None else name_of_team(team)
    others = [each for each in sheets.gps(team) if each != gp] if team is not None else []
    alone = team is None or sheets.form == "list" or (sheets.form == "pair" and not others)
    values = {"place": sheets.place, "start": sheets.start, "gp": gp, "team": name}
    if alone:
        words = said("text.message_list", **values)
    else:
        words = sheets.said("text.message", **values, others=joined(others or [gp]))
    if sheets.plan.approach == "reallocation":
        to = said("text.for_new", gp=gp)
    else:
        to = said("text.for_team" if sheets.form == "team" and team else "text.for_list", **values)
    return Message(to, gp, message_parts(words))


def message_parts(words: str) -> tuple[str, ...]:
    """Return a message cut between words, each part short enough for one text message.

    160 characters, of which brackets and a few others count twice; or 70 where one of them is
    not of the alphabet of text messages.
    """
    twice = sum(letter in _TWICE for letter in words)
    plain = set(words) <= _GSM | _TWICE and PLAIN_PART - twice > OTHER_PART
    most = PLAIN_PART - twice if plain else OTHER_PART
    return tuple(textwrap.wrap(" ".join(words.split()), most, break_on_hyphens=False))


def phone_script(sheets: Sheets) -> Sheet:
    """Return what to say on the phone about people's GPs and teams."""
    blocks: list[Block] = []
    for part, lines in (("open", 2), ("keep", 1), ("new", 2), ("other", 1), ("urgent", 1)):
        told = [sheets.said(f"phone.{part}_{n}", start=sheets.start) for n in range(1, lines + 1)]
        blocks += [_heading(sheets, f"phone.{part}_head"), _text(*told)]
    blocks += [_heading(sheets, "phone.teams_head"), _team_lines(sheets, "leaflet.team_line")]
    return Sheet(sheets.said("phone.title"), tuple(blocks))


def easy_read(sheets: Sheets) -> Sheet:
    """Return the Easy Read form: one idea a line, each with room for a picture."""
    form = sheets.form
    some = sheets.plan.approach == "reallocation" and form == "team"
    lines = [
        sheets.said(f"easy.line_{name}", place=sheets.place, start=sheets.start)
        for name in _EASY["reallocation" if some else form]
    ]
    return Sheet(
        sheets.said("easy.title"),
        (
            Block("note", (said("easy.lead"),)),
            Block("pictured", tuple(lines)),
            _heading(sheets, "easy.teams"),
            Block("pictured", _team_lines(sheets, "easy.team_line").lines),
        ),
        large=True,
    )


def letter(sheets: Sheets) -> Sheet:
    """Return the letter to those whose named GP changes, with the columns it is filled from."""
    return Sheet(
        said("letter.title"),
        (
            Block("note", (said("letter.note"),)),
            _text(said("letter.dear"), said("letter.body"), said("letter.days")),
            _text(said("leaflet.why_known"), sheets.said("leaflet.why_team")),
            _text(
                said("leaflet.same_choice"),
                said("leaflet.same_urgent"),
                said("leaflet.same_records"),
            ),
            _text(said("leaflet.ask_how"), said("letter.end", place=sheets.place)),
        ),
    )


def letter_words(
    sheets: Sheets, gp: str, team: str | None, old: str | None, first: bool = False
) -> str:
    """Return what one letter says: who the GP is from now on, and who it was.

    ``old`` is None where nobody was named (``first``) or where the records do not say who.
    """
    values = {"start": sheets.start, "place": sheets.place, "gp": tame(gp)}
    if team is None:
        now = said("letter.gp", **values)
    else:
        now = said("letter.gp_in_team", **values, team=tame(team))
    if old is not None:
        return f"{now} {said('letter.was', old=tame(old))}"
    return f"{now} {said('letter.was_nobody')}" if first else now


def reception_card(sheets: Sheets, team: PlanTeam) -> Sheet:
    """Return the words for reception, of one team or list: a card of A5."""
    gps = sheets.gps(team) or [name_of_team(team)]
    alone = len(gps) == 1
    values: dict[str, Any] = {
        "gp": gps[0],
        "other": gps[1 % len(gps)],
        "team": name_of_team(team),
        "names": joined(gps),
    }

    def words(key: str) -> str:
        # A pair of which one is left is told of as a list.
        if alone and sheets.form == "pair" and f"{key}_list" in catalogue():
            return said(f"{key}_list", **values)
        return sheets.said(key, **values)

    blocks: list[Block] = []
    for part in ("in", "away", "long", "today", "sooner", "another", "unknown"):
        form = "alone" if alone and part in ("away", "long", "another") else "1"
        blocks += [
            Block("heading", (said(f"reception.{part}_head"),)),
            _text(words(f"reception.{part}_{form}")),
        ]
        if part == "today":
            blocks.append(Block("note", (said("reception.today_note"),)))
    for part in ("reasons", "never"):
        lines = tuple(said(f"reception.{part}").split(";"))
        blocks += [Block("heading", (said(f"reception.{part}_head"),)), Block("list", lines)]
    return Sheet(words("reception.title"), tuple(blocks), small=True)


def list_words(sheets: Sheets, team: PlanTeam) -> str:
    """Return how many people a team or GP looks after, in words."""
    gp = sheets.own_gp(team)
    if team.list_size <= _FEW:
        return sheets.said("team.lead_few", gp=gp)
    return sheets.said("team.lead", n=numbers.count(round(team.list_size / 10) * 10), gp=gp)
