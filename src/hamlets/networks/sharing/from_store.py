"""What is spare and what is asked for, as a store's rota and lists have it.

Expected work is the network's sessions of a role shared out by registered patients: a practice
with more than its part has some to spare, one with less asks for the difference. It is a
first look, to talk about; files say what people really offer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hamlets.errors import NothingToMeasureError, UnknownPlaceError
from hamlets.networks.forming.practices import Practice
from hamlets.networks.membership import read_membership
from hamlets.networks.results.sharing import Half, HalfDay
from hamlets.networks.sharing.asking import Asked, Need, Offer

if TYPE_CHECKING:
    from hamlets.records import Store

WEEKS = 12
"""Weeks of the rota that are looked at, up to the last day with a contact."""
_NOON, _EVENING = time(13), time(18, 30)
_REGULAR = Fraction(1, 2)
"""A half-day is a person's own if they worked it in so many of the weeks."""


def rota_asked(
    store: Store,
    role: str,
    network: str | None = None,
    *,
    skill: str = "",
    only_offers: bool = False,
) -> Asked:
    """Return needs and offers of a role, in sessions a week, for the practices of a network.

    Whole sessions above the expected are offered, of half-days on which most of the role are
    in; with a ``skill``, of people who have it. Nobody has been asked: each offer says so.
    ``only_offers``: the needs come from elsewhere.

    Raises UnknownPlaceError for a network that the store has not, NothingToMeasureError
    without lists, rota or anybody of the role, and where nothing is spare.
    """
    last = store.last_counted_day
    if last is None:
        raise NothingToMeasureError("The store has no contact.", where=store.path.name)
    lists = _lists(store, last, network)
    worked = list(_worked(store, role, set(lists), last))
    if not worked:
        raise NothingToMeasureError(
            f"Nobody of the role {role} is in the rota of the last {WEEKS} weeks.",
            where=store.path.name,
            hint="Name another --role, or load the rota (the table sessions).",
        )
    per_week = {code: Fraction(0) for code in lists}
    for each in worked:
        per_week[each.practice_id] += Fraction(1, WEEKS)
    total, patients = sum(per_week.values(), Fraction()), sum(lists.values())
    expected = {code: total * size / patients for code, size in lists.items()}
    people = {
        key: row for key, row in _people(store, role).items() if not skill or skill in _skills(row)
    }
    needs = tuple(
        Need(code, role, expected[code] - per_week[code], skill)
        for code in lists
        if expected[code] > per_week[code]
    )
    offers = tuple(
        offer
        for code in lists
        for offer in _offers(code, role, worked, people, int(per_week[code] - expected[code]))
    )
    if not offers or not (needs or only_offers):
        raise NothingToMeasureError(
            "By list size each practice has what it needs, to a session a week.",
            where=store.path.name,
            hint="Ask practices what they can spare, and give --need and --spare.",
        )
    note = (
        f"From the rota of the {WEEKS} weeks to {last}: {float(total):.0f} sessions a week of "
        f"{role.replace('_', ' ')} time, shared by list size. Needs of patients differ: talk first."
    )
    return Asked(() if only_offers else needs, offers, "sessions", (note,), frozenset(lists))


def places(store: Store) -> tuple[Practice, ...]:
    """Return the practices of a store that have coordinates."""
    return tuple(
        Practice(str(row["practice_id"]), int(row["list_size"] or 0), lat, lon)
        for row in store.table("practices").to_pylist()
        if (lat := row["latitude"]) is not None and (lon := row["longitude"]) is not None
    )


def _lists(store: Store, day: date, network: str | None) -> dict[str, int]:
    """Return list sizes of the practices that take part, in order of their ids."""
    members = read_membership(store).on(day)
    if network is not None and network not in members.values():
        known = ", ".join(sorted(set(members.values()))) or "none"
        raise UnknownPlaceError(
            f"There is no network {network} on {day}.",
            where=store.path.name,
            hint=f"Networks of the store: {known}.",
        )
    found = {
        str(row["practice_id"]): int(row["list_size"])
        for row in store.table("practices").to_pylist()
        if row["list_size"]
        and (row["practice_id"] in members if network is None
             else members.get(row["practice_id"]) == network)
    }  # fmt: skip
    if len(found) < 2:
        raise NothingToMeasureError(
            "To share takes two practices of a network with list sizes.",
            where=store.path.name,
            hint="Load the tables practices and network_members.",
        )
    return dict(sorted(found.items()))


@dataclass(frozen=True)
class _Session:
    practice_id: str
    staff_id: str
    day: date
    half: Half
    start: time
    end: time


def _worked(store: Store, role: str, practices: set[str], last: date) -> Iterator[_Session]:
    """Yield half-days of people of a role in the last weeks, each once."""
    import pyarrow as pa
    import pyarrow.compute as compute

    pc: Any = compute
    table = store.table("sessions")
    people = pa.array(sorted(_people(store, role)), pa.string())
    begin = datetime.combine(last - timedelta(weeks=WEEKS), time.max)
    end = datetime.combine(last, time.max)
    starts = table.column("start_time")
    keep = pc.and_(
        pc.is_in(table.column("staff_id"), value_set=people),
        pc.and_(
            pc.greater(starts, pa.scalar(begin, starts.type)),
            pc.less_equal(starts, pa.scalar(end, starts.type)),
        ),
    )
    seen: set[tuple[str, str, date, Half]] = set()
    for row in table.filter(keep).sort_by("start_time").to_pylist():
        start, end_time = row["start_time"], row["end_time"]
        half = _half(start.time())
        key = (str(row["practice_id"]), str(row["staff_id"]), start.date(), half)
        if key[0] in practices and key not in seen:
            seen.add(key)
            yield _Session(*key, start.time(), end_time.time())


def _half(start: time) -> Half:
    return "am" if start < _NOON else "pm" if start < _EVENING else "evening"


def _people(store: Store, role: str) -> dict[str, Mapping[str, Any]]:
    return {
        str(row["staff_id"]): row
        for row in store.table("staff").to_pylist()
        if row["role"] == role and row["staff_id"] is not None
    }


def _skills(person: Mapping[str, Any]) -> frozenset[str]:
    """Return what a member of staff knows, in small letters."""
    words = str(person["skills"] or "").lower().replace(",", ";").split(";")
    return frozenset(" ".join(word.split()) for word in words) - {""}


def _offers(
    code: str,
    role: str,
    worked: Sequence[_Session],
    people: Mapping[str, Mapping[str, Any]],
    most: int,
) -> Iterator[Offer]:
    """Yield so many usual half-days of a practice, those first on which most are in."""
    mine = [each for each in worked if each.practice_id == code]
    weeks = Counter((each.staff_id, each.day.weekday(), each.half) for each in mine)
    regular = sorted(key for key, count in weeks.items() if count >= _REGULAR * WEEKS)
    present = Counter((weekday, half) for _, weekday, half in regular)
    usual = [key for key in regular if key[0] in people]
    for _ in range(min(most, len(usual))):
        chosen = min(usual, key=lambda key: (-present[key[1:]], key[1], key[2], key[0]))
        usual.remove(chosen)
        staff_id, weekday, _ = chosen
        present[chosen[1:]] -= 1
        times = Counter(
            (each.start, each.end)
            for each in mine
            if (each.staff_id, each.day.weekday(), each.half) == chosen
        )
        start, end = min(times, key=lambda pair: (-times[pair], pair))
        person = people[staff_id]
        yield Offer(
            practice_id=code,
            role=role,
            amount=1,
            skills=_skills(person),
            slot=HalfDay(None, weekday, _half(start), start, end if end > start else time.max),
            staff_id=staff_id,
            name=str(person["name"] or ""),
        )
