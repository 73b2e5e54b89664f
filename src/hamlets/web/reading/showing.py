"""Who knows a patient, in words and places on the page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from hamlets.publish import numbers
from hamlets.web.places.standing import Standing
from hamlets.web.reception import times
from hamlets.web.words import known as has_words
from hamlets.web.words import text

if TYPE_CHECKING:
    from hamlets.continuity.results import Keeper, KnownContact, PatientTeam, WhoKnows

LETTERS = {"own": "O", "buddy": "B", "team": "T", "practice": "P", "locum": "L", "hub": "H",
           "unnamed": "N", "unknown": "?"}  # fmt: skip
_NAMED = 3
_WEEK = 5


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
class StripMonth:
    """A month of the window, its squares one on the other, the first at the foot."""

    letter: str
    year: str
    """Under the first month and each January."""
    squares: tuple[Square, ...]


@dataclass(frozen=True)
class Strip:
    """The contacts of the window month by month, and newest first for the table."""

    months: tuple[StripMonth, ...]
    rows: tuple[Square, ...]
    kinds: tuple[tuple[str, str], ...]
    """Kind and letter of those that occur, for the key."""


@dataclass(frozen=True)
class Week:
    """Who is in on the next days, as a table."""

    caption: str
    source: str
    """Where the times come from."""
    heads: list[str]
    rows: list[list[Any]]
    """Cells as the table macro takes them."""


def week_of(here: Standing, keepers: list[Keeper], today: date) -> Week:
    """Return who is in on the next five days on which anybody is."""
    days = sorted({turn.day for keeper in keepers for turn in keeper.being_in.turns})[:_WEEK]
    rows = [
        [keeper.who.name, *(_half_days(keeper, day) for day in days)]
        for keeper in keepers
        if any(keeper.being_in.on(day) for day in days)
    ]
    if not rows:
        return Week("", "", [], [])
    known = next(k.being_in for k in keepers if k.being_in.known_until)
    key = "patients.week_rota" if known.basis == "rota" else "patients.week_usual"
    until = known.known_until
    caption = text(
        "patients.week_caption",
        place=here.place.name,
        first=times.day_month(days[0]),
        last=times.day_month(days[-1]),
    )
    heads = [text("patients.week_name"), *(_day_head(day, today) for day in days)]
    return Week(caption, text(key, date=numbers.day(until)) if until else "", heads, rows)


def _day_head(day: date, today: date) -> str:
    if day == today:
        return text("reception.today").capitalize()
    name = text(f"reception.weekday.{day.weekday()}")
    return text("reception.weekday_date", weekday=name, date=times.day_month(day))


def _half_days(keeper: Keeper, day: date) -> Any:
    """Return "morning", "all day" and so on; a dash where somebody is not in."""
    halves = {turn.half for turn in keeper.being_in.on(day)}
    if not halves:
        return {"text": "–", "css": "off"}
    if {0, 1} <= halves:
        return text("patients.week_all")
    names = {0: "am", 1: "pm", 2: "evening"}
    said = [text(f"patients.week_{names[half]}") for half in sorted(halves & set(names))]
    return times.listed(said) or text("patients.week_in")


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


def colleague_lines(
    buddies: tuple[Keeper, ...], team: PatientTeam | None, minute: int
) -> list[KeeperLine]:
    """Return somebody's buddies and team, each with when they are in."""
    lines = [_line(text("patients.buddy"), one, minute, "buddy") for one in buddies]
    if team is not None:
        lines += [_line(team.name, one, minute, "team") for one in team.others]
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
    """Return the contacts of the window as squares, the newest month right."""
    first, last = found.window.first, found.window.last
    months: list[list[KnownContact]] = [[] for _ in range(_months(first, last) + 1)]
    for contact in found.strip:
        months[_months(first, contact.day)].append(contact)
    kinds = {_kind(contact) for contact in found.strip}
    return Strip(
        tuple(_month(first, at, contacts) for at, contacts in enumerate(months)),
        tuple(_square(contact) for contact in reversed(found.strip)),
        tuple((kind, letter) for kind, letter in LETTERS.items() if kind in kinds),
    )


def _months(first: date, day: date) -> int:
    """Return how many whole months lie between two days."""
    whole = (day.year - first.year) * 12 + day.month - first.month
    return whole - (day.day < first.day)


def _month(first: date, at: int, contacts: list[KnownContact]) -> StripMonth:
    number = first.year * 12 + first.month - 1 + at
    name = numbers.month_name(date(number // 12, number % 12 + 1, 1))
    year = str(number // 12) if at == 0 or number % 12 == 0 else ""
    return StripMonth(name[0], year, tuple(_square(contact) for contact in contacts))


def _kind(contact: KnownContact) -> str:
    """Return the kind of a contact; somebody's while no GP was named is not one with nobody."""
    return "unnamed" if contact.kind == "unknown" and contact.who else contact.kind


def _square(contact: KnownContact) -> Square:
    kind = _kind(contact)
    return Square(
        when=numbers.day(contact.day),
        short=times.day_month(contact.day),
        who=contact.who.name if contact.who else text("patients.nobody"),
        kind=kind,
        letter=LETTERS[kind],
        words=text(f"strip.{kind}"),
    )
