"""Who knows one patient: own GP, buddy, team, whom the patient saw, and when they are in.

The rules are the kernel's (:mod:`hamlets.continuity.select` and
:mod:`hamlets.continuity.ladder`), written out for one patient in plain Python: a page asks
within a request, and the kernel takes a second to load. A test holds the two together.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hamlets.continuity.being_in import RotaAhead
from hamlets.continuity.calendar import day_number, day_of, months_before
from hamlets.continuity.free_times import FreeTimes, first_free, soonest
from hamlets.continuity.members import Member
from hamlets.continuity.patient_facts import (
    Facts,
    buddies_on,
    named_on,
    others_on,
    person_of,
    read_facts,
    rows_of,
    team_on,
)
from hamlets.continuity.reference import GP_ROLES, Reference
from hamlets.continuity.results.estimates import Period
from hamlets.continuity.results.knowing import (
    Clinician,
    ContactKind,
    Keeper,
    KnownContact,
    PatientTeam,
    SeenBy,
    WhoKnows,
)
from hamlets.records import Store
from hamlets.records.tables import MODES, NOT_GIVEN, ROLES, STATUSES

WINDOW_MONTHS = 24
LEAST_MOSTLY = 3
"""Contacts with one GP from which on that GP can be the one a patient mostly sees."""
_COUNTS = frozenset({NOT_GIVEN, STATUSES.index("arrived"), STATUSES.index("attended")})
_GROUP = MODES.index("group")
_PASSING = frozenset({"gp_locum", "gp_registrar"})


@dataclass(frozen=True)
class Surroundings:
    """What is the same for all patients of a practice on a day."""

    reference: Reference
    home: int
    """Code of the practice."""
    members: dict[int, dict[int, Member]]
    """As :func:`hamlets.continuity.members.read_members` gives them, for the day."""
    team_names: dict[str, str]
    rota: RotaAhead
    day: date
    free: FreeTimes = field(default_factory=dict[tuple[int, int], list[tuple[int, int]]])
    """Free times from the day on; none where the extract is too old to say."""

    def clinician(self, person: int) -> Clinician:
        """Return somebody as people call them; here first, then wherever they work."""
        at = self.members.get(self.home, {}).get(person)
        found = at or next((m[person] for m in self.members.values() if person in m), None)
        label = self.reference.person_labels[person]
        if found is None:
            return Clinician(label, label, ROLES[0])
        return Clinician(found.staff_id or label, found.name or label, found.role)

    def keeper(self, person: int) -> Keeper:
        """Return somebody, and when they are in."""
        return Keeper(self.clinician(person), self.rota.of(person))


def who_knows(store: Store, around: Surroundings, patient: int, minute: int = 0) -> WhoKnows:
    """Return who knows a patient who is stored with the practice of ``around``.

    ``minute`` of the day is when free times begin.

    A patient without rows gives a result in which nobody is known.
    """
    facts = read_facts(store, around.reference, around.home, patient)
    reference, today = around.reference, day_number(around.day)
    last = day_number(store.last_counted_day or around.day)
    first = day_number(months_before(day_of(last), WINDOW_MONTHS)) + 1
    contacts = _contacts(facts, reference, first, last)
    strip = tuple(
        KnownContact(
            day_of(c.day),
            c.kind,
            None if c.person is None else around.clinician(c.person),
        )
        for c in contacts
    )
    named = named_on(facts.named, reference, today)
    own = named.person
    buddies = () if own is None else buddies_on(reference, own, today)
    team = None if own is None else team_on(reference, own, today)
    others = () if own is None or team is None else others_on(reference, team, own, buddies, today)
    others_gp = [p for p in (*buddies, *others) if around.clinician(p).role in GP_ROLES]
    first_other = soonest(around.free, around.home, others_gp, around.day, minute)
    seen, gp_contacts = _seen(contacts, around)
    return WhoKnows(
        day=around.day,
        window=Period(day_of(first), day_of(last)),
        registered=not facts.registrations
        or any(s.value == around.home and s.on(today) for s in facts.registrations),
        naming=named.naming,
        own=None if own is None else around.keeper(own),
        buddies=tuple(around.keeper(person) for person in buddies),
        team=None if team is None else _team(around, team, others),
        seen=tuple(by for _, by in seen),
        strip=strip,
        gp_contacts=gp_contacts,
        own_free=None
        if own is None or named.naming != "named"
        else first_free(around.free, around.home, own, around.day, minute),
        soonest=first_other and (around.clinician(first_other[0]), first_other[1]),
        mostly=_mostly(seen, around, own, gp_contacts, today),
    )


def colleagues(
    around: Surroundings, staff_id: str
) -> tuple[tuple[Keeper, ...], PatientTeam | None]:
    """Return a member of staff's buddies and team on the day, each with when they are in.

    Nobody where the staff id is not known.
    """
    reference, day = around.reference, day_number(around.day)
    person = next(
        (p for p, m in around.members.get(around.home, {}).items() if m.staff_id == staff_id), None
    )
    if person is None:
        return (), None
    buddies = buddies_on(reference, person, day)
    team = team_on(reference, person, day)
    if team is None:
        return tuple(around.keeper(p) for p in buddies), None
    others = others_on(reference, team, person, buddies, day)
    return tuple(around.keeper(p) for p in buddies), _team(around, team, others)


def _team(around: Surroundings, team: int, others: tuple[int, ...]) -> PatientTeam:
    label = around.reference.team_labels[team]
    found = sorted(
        (around.keeper(person) for person in others),
        key=lambda k: (k.who.role not in GP_ROLES, k.who.name.casefold(), k.who.staff_id),
    )
    return PatientTeam(label, around.team_names.get(label) or label, tuple(found))


# ---- whom the patient saw


@dataclass(frozen=True)
class _Contact:
    day: int
    kind: ContactKind
    person: int | None
    gp: bool


def _contacts(facts: Facts, reference: Reference, first: int, last: int) -> list[_Contact]:
    """Return the contacts of a window that took place, oldest first, each with its kind.

    Those without a clinician are of kind unknown: the kernel counts them nowhere.
    """
    home = belongs(facts, reference, first, last)
    if home is None:
        return []
    found: list[_Contact] = []
    for row in facts.rows:
        day = day_number(row["start_day"])
        if not first <= day <= last or row["status"] not in _COUNTS or day > facts.death:
            continue
        if facts.registrations and not any(
            s.value == home and s.on(day) for s in facts.registrations
        ):
            continue
        if row["mode"] == _GROUP:
            continue
        if row["staff"] < 0:
            found.append(_Contact(day, "unknown", None, gp=False))
            continue
        person, role = person_of(reference, row["staff"]), _role(reference, row, day)
        kind = _kind(facts, reference, home, row["practice"], person, role, day)
        gp = role in GP_ROLES or not reference.roles_known
        found.append(_Contact(day, kind, person, gp))
    return found


def belongs(facts: Facts, reference: Reference, first: int, last: int) -> int | None:
    """Return the practice a patient belongs to in a window; None: registered, but not in it.

    See :func:`hamlets.continuity.select.registration_on` and ``most_visited``; -1 where
    nothing at all is known.
    """
    rank = reference.place_rank
    if facts.registrations:
        inside = [s for s in facts.registrations if s.start <= last and s.end > max(first, s.start)]
        best = max(
            inside,
            key=lambda s: (min(s.end - 1, last), s.start, s.end, int(rank[s.value])),
            default=None,
        )
        return None if best is None else best.value
    visits: Counter[int] = Counter()
    latest: dict[int, int] = {}
    for row in facts.rows:
        day = day_number(row["start_day"])
        if first <= day <= last and day <= facts.death and row["status"] in _COUNTS:
            visits[row["practice"]] += 1
            latest[row["practice"]] = (day - first) * 1440 + row["start_second"] // 60
    return max(visits, key=lambda p: (visits[p], latest[p], -int(rank[p])), default=-1)


def _role(reference: Reference, row: dict[str, Any], day: int) -> str:
    """Return the role of a contact: the row's, else that of the staff row that covers the day."""
    if row["role"] > 0:
        return ROLES[row["role"]]
    held = [(s.start, s.value) for s in rows_of(reference.roles, row["staff"]) if s.on(day)]
    return ROLES[max(held)[1]] if held else ROLES[0]


def _kind(
    facts: Facts, reference: Reference, home: int, place: int, person: int, role: str, day: int
) -> ContactKind:
    """Return the step of the waterfall; see :func:`hamlets.continuity.ladder.resolve_contacts`."""
    named = named_on(facts.named, reference, day)
    if named.naming != "named" or named.person is None:
        return "unknown"
    if place != home:
        return "hub"
    if person == named.person:
        return "own"
    if any(s.value == person and s.on(day) for s in rows_of(reference.buddies, named.person)):
        return "buddy"
    team = team_on(reference, named.person, day)
    if team is not None and any(
        s.value == team and s.on(day) for s in rows_of(reference.teams, person)
    ):
        return "team"
    return "locum" if role in _PASSING else "practice"


def _seen(contacts: list[_Contact], around: Surroundings) -> tuple[list[tuple[int, SeenBy]], int]:
    """Return whom the patient saw, most first, with the person; and the contacts with a GP."""
    counts: Counter[int] = Counter()
    as_gp: Counter[int] = Counter()
    latest: dict[int, int] = {}
    for at, contact in enumerate(contacts):
        if contact.person is not None:
            counts[contact.person] += 1
            as_gp[contact.person] += contact.gp
            latest[contact.person] = at
    order = sorted(counts, key=lambda person: (-counts[person], -latest[person]))
    seen = [(p, SeenBy(around.clinician(p), counts[p], gp=2 * as_gp[p] > counts[p])) for p in order]
    return seen, as_gp.total()


def _mostly(
    seen: list[tuple[int, SeenBy]],
    around: Surroundings,
    own: int | None,
    gp_contacts: int,
    day: int,
) -> SeenBy | None:
    """Return the GP a patient mostly sees, where that is another one who may be named here."""
    person, by = next(((p, by) for p, by in seen if by.gp), (None, None))
    if person is None or by is None or person == own:
        return None
    if by.contacts < LEAST_MOSTLY or 2 * by.contacts <= gp_contacts:
        return None
    here = around.members.get(around.home, {}).get(person)
    in_post = here is not None and here.here and day < int(around.reference.leaves[person])
    rights = next((r for r in rows_of(around.reference.lists, person) if r.on(day)), None)
    return by if in_post and (rights is None or rights.value) else None
