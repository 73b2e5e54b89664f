"""Which words reception can use for a patient: chosen by how the own GP stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hamlets.web.places.standing import Standing
from hamlets.web.reception import times
from hamlets.web.reception.wording import sentences
from hamlets.web.words import text

if TYPE_CHECKING:
    from hamlets.continuity.results import Keeper, WhoKnows

_GPS = ("gp", "gp_partner", "gp_salaried", "gp_locum", "gp_registrar")


@dataclass(frozen=True)
class Said:
    """Words to use, and when."""

    when: str
    words: str


@dataclass(frozen=True)
class _Choice:
    key: str
    values: dict[str, str]


def words_for(here: Standing, known: WhoKnows, minute: int) -> tuple[Said, ...]:
    """Return the words for a patient, the first being the one that fits now."""
    own_words = {one.key: one for one in sentences(here)}
    return tuple(
        Said(own_words[c.key].when, own_words[c.key].words.format_map(c.values))
        for c in choices(known, minute)
    )


def choices(known: WhoKnows, minute: int) -> Iterator[_Choice]:
    """Yield the sentences that fit, each with the names and times that stand in it."""
    yield _first(known, minute)
    yield _Choice("urgent", {})
    other = other_in_today(known, minute)
    if known.soonest is not None and _earlier(known):
        who, time = known.soonest
        when = times.at_time(time.day, time.minute, known.day)
        yield _Choice("sooner_slot", {"other": who.name, "when": when})
        yield _Choice("someone_else", {"other": who.name})
    elif other is not None:
        when = times.today_words(other.being_in, minute)
        yield _Choice("sooner", {"other": other.who.name, "when": when})
        if other.who.role in _GPS:
            yield _Choice("someone_else", {"other": other.who.name})
    if known.own is not None and known.naming == "named":
        gp = known.own.who.name
        if known.team is not None:
            yield _Choice("who", {"gp": gp, "team": known.team.name})
        else:
            yield _Choice("who_alone", {"gp": gp})


def _earlier(known: WhoKnows) -> bool:
    """Return whether somebody else has an earlier free time than the own GP."""
    if known.soonest is None or known.own_free is None:
        return known.soonest is not None
    other, own = known.soonest[1], known.own_free
    return (other.day, other.minute) < (own.day, own.minute)


def _first(known: WhoKnows, minute: int) -> _Choice:
    state = known.state(minute)
    if state == "none" or known.own is None:
        mostly = known.mostly
        return (
            _Choice("no_gp", {"other": mostly.who.name}) if mostly else _Choice("no_gp_alone", {})
        )
    gp, being_in = known.own.who.name, known.own.being_in
    buddy = known.buddies[0].who.name if known.buddies else text("reception.your_team")
    # nobody knows a patient whom they have not seen
    new = "" if any(by.who == known.own.who for by in known.seen) else "_new"
    if state == "left":
        return _Choice("left", {"gp": gp, "buddy": buddy})
    if known.own_free is not None and state == "in":
        when = times.at_time(known.own_free.day, known.own_free.minute, known.day)
        return _Choice(f"own_slot{new}", {"gp": gp, "when": when})
    if state == "unknown":
        return _Choice("not_known", {"gp": gp})
    if state == "in":
        return _Choice(f"own_in{new}", {"gp": gp, "when": times.today_words(being_in, minute)})
    following = being_in.next_days(1)
    if state == "briefly":
        when = times.on_day(following[0], known.day)
        standing_in = _buddy_today(known, minute)
        if standing_in is None:
            return _Choice("briefly_alone", {"gp": gp, "when": when})
        return _Choice("briefly", {"gp": gp, "when": when, "buddy": standing_in.who.name})
    if following:
        until = times.day_month(following[0])
        return _Choice("longer", {"gp": gp, "when": until, "buddy": buddy})
    return _Choice("longer_open", {"gp": gp, "buddy": buddy})


def _buddy_today(known: WhoKnows, minute: int) -> Keeper | None:
    return next((b for b in known.buddies if b.being_in.left_today(minute)), None)


def other_in_today(known: WhoKnows, minute: int) -> Keeper | None:
    """Return a buddy, else a GP of the team, who is in today; None where nobody is."""
    team = known.team.others if known.team else ()
    gps = (keeper for keeper in team if keeper.who.role in _GPS)
    return next((one for one in (*known.buddies, *gps) if one.being_in.left_today(minute)), None)
