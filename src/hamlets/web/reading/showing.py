"""Who knows a patient, in words and places on the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from hamlets.publish import numbers
from hamlets.web.reception import times
from hamlets.web.words import known as has_words
from hamlets.web.words import text

if TYPE_CHECKING:
    from hamlets.continuity.results import Keeper, KnownContact, WhoKnows

LETTERS = {"own": "O", "buddy": "B", "team": "T", "practice": "P", "locum": "L", "hub": "H",
           "unknown": "?"}  # fmt: skip
_PLACES = 100
"""The stylesheet knows so many places on a line: no style stands in the page."""
_NAMED = 3


@dataclass(frozen=True)
class KeeperLine:
    """One line: what somebody is to the patient, who it is, and when they are in."""

    what: str
    name: str
    """Empty where there is nobody."""
    role: str
    when: str
    kind: str
    """own, buddy or team, for the square beside it."""


@dataclass(frozen=True)
class Square:
    """One contact, as it is drawn and told."""

    when: str
    short: str
    who: str
    kind: str
    letter: str
    words: str


@dataclass(frozen=True)
class StripDay:
    """A day on the line, with the squares above it."""

    place: int
    squares: tuple[Square, ...]


@dataclass(frozen=True)
class Strip:
    """The contacts of the window on a line, and newest first for the table."""

    days: tuple[StripDay, ...]
    rows: tuple[Square, ...]
    kinds: tuple[tuple[str, str], ...]
    """Kind and letter of those that occur, for the key."""


def keeper_lines(found: WhoKnows, minute: int) -> list[KeeperLine]:
    """Return own GP, buddies and team, each with when they are in."""
    own, what = found.own, text("patients.own")
    if own is None:
        return [KeeperLine(what, "", "", text("patients.no_gp_line"), "own")]
    if found.naming == "named":
        lines = [_line(what, own, minute, "own")]
    else:
        words = text("patients.left_line" if found.naming == "left" else "patients.not_gp_line")
        lines = [KeeperLine(what, own.who.name, role_name(own.who.role), words, "own")]
    lines += [_line(text("patients.buddy"), one, minute, "buddy") for one in found.buddies]
    if not found.buddies:
        lines.append(KeeperLine(text("patients.buddy"), "", "", text("patients.no_buddy"), "buddy"))
    team = found.team
    if team is None:
        lines.append(KeeperLine(text("patients.team"), "", "", text("patients.no_team"), "team"))
        return lines
    lines += [_line(team.name, one, minute, "team") for one in team.others]
    if not team.others:
        nobody = text("patients.team_only", team=team.name)
        lines.append(KeeperLine(team.name, "", "", nobody, "team"))
    return lines


def _line(what: str, keeper: Keeper, minute: int, kind: str) -> KeeperLine:
    when = times.presence(keeper.being_in, minute)
    return KeeperLine(what, keeper.who.name, role_name(keeper.who.role), when, kind)


def role_name(role: str) -> str:
    """Return a role as people call it; "" where it is not known."""
    if role == "unknown":
        return ""
    return text(f"role.{role}") if has_words(f"role.{role}") else role.replace("_", " ")


def seen_line(found: WhoKnows) -> list[str]:
    """Return whom the patient saw most, and how many contacts with others."""
    parts = [
        text("patients.seen_count", name=by.who.name, n=by.contacts) for by in found.seen[:_NAMED]
    ]
    others = sum(by.contacts for by in found.seen[_NAMED:])
    return [*parts, text("patients.seen_others", n=others)] if others else parts


def contact_strip(found: WhoKnows) -> Strip:
    """Return the contacts of the window as squares on a line of time."""
    first, last = found.window.first, found.window.last
    days: dict[date, list[KnownContact]] = {}
    for contact in found.strip:
        days.setdefault(contact.day, []).append(contact)
    length = max((last - first).days + 1, 1)
    drawn = tuple(
        StripDay(
            min(_PLACES - 1, _PLACES * (day - first).days // length),
            tuple(_square(contact) for contact in contacts),
        )
        for day, contacts in days.items()
    )
    kinds = dict.fromkeys(contact.kind for contact in found.strip)
    return Strip(
        drawn,
        tuple(_square(contact) for contact in reversed(found.strip)),
        tuple((kind, LETTERS[kind]) for kind in LETTERS if kind in kinds),
    )


def _square(contact: KnownContact) -> Square:
    return Square(
        when=numbers.day(contact.day),
        short=times.day_month(contact.day),
        who=contact.who.name if contact.who else text("patients.nobody"),
        kind=contact.kind,
        letter=LETTERS[contact.kind],
        words=text(f"strip.{contact.kind}"),
    )
