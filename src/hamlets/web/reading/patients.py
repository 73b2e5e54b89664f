"""Finding a patient of the practice where somebody stands, and who knows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from hamlets.web.answers.versions import Version
from hamlets.web.places.roles import May
from hamlets.web.places.standing import Standing
from hamlets.web.reading.codes import is_code, patient_code
from hamlets.web.reading.opened import Opened, opened

if TYPE_CHECKING:
    from hamlets.continuity.results import Keeper, WhoKnows
    from hamlets.records.store.finding import PatientHead

MOST_RESULTS = 10
LEAST_LETTERS = 2
_NOT_CLINICAL = frozenset({"administrator", "patient_advocate"})


@dataclass(frozen=True)
class Offer:
    """What can be searched for in these records."""

    names: bool
    numbers: bool
    codes: bool


@dataclass(frozen=True)
class Found:
    """A patient in a list of results: no more than it takes to choose."""

    code: str
    name: str
    """Empty in a store of codes."""
    birth_year: int | None


@dataclass(frozen=True)
class Results:
    """Patients found, A to Z; ``more`` says that there are others."""

    patients: tuple[Found, ...]
    more: bool = False


@dataclass(frozen=True)
class Patient:
    """A patient of this practice, as the head of the page names them."""

    number: int
    """In the store: for functions of this module alone."""
    code: str
    name: str
    nhs_number: str
    birth_date: date | None
    birth_year: int | None
    housebound: bool
    death_date: date | None


def offer(here: Standing, version: Version, day: date) -> Offer:
    """Return what can be searched for here."""
    with opened(version, _practice(here), day) as at:
        names = at.store.identifiable
        return Offer(names=names, numbers=at.kept.finder.reads_numbers, codes=not names)


def by_name(here: Standing, version: Version, day: date, name: str, born: date) -> Results:
    """Return the patients of this practice with this birth date whose name begins so."""
    with opened(version, _practice(here), day) as at:
        return named_like(at, name, born)


def by_number(here: Standing, version: Version, day: date, typed: str) -> Results:
    """Return the patient of this practice with this NHS number or code, if there is one."""
    with opened(version, _practice(here), day) as at:
        return numbered(at, typed)


def patient(here: Standing, version: Version, day: date, code: str) -> Patient | None:
    """Return a patient of this practice by the code of an address; None for any other."""
    with opened(version, _practice(here), day) as at:
        return _patient(_head(at, at.patient(code) if is_code(code) else -1))


def code_of(here: Standing, version: Version, day: date, typed: str) -> str | None:
    """Return the address code for what a link carries: a code, or the store's own label."""
    with opened(version, _practice(here), day) as at:
        number = at.patient(typed if is_code(typed) else patient_code(typed))
        found = _head(at, number)
        return None if found is None else patient_code(found.label)


def who_knows(here: Standing, version: Version, day: date, minute: int, who: Patient) -> WhoKnows:
    """Return who knows a patient of this practice, as of a minute of a day."""
    from hamlets.continuity import knowing

    with opened(version, _practice(here), day) as at:
        return knowing.who_knows(at.store, at.around, who.number, minute)


def who_is_in(here: Standing, version: Version, day: date) -> list[Keeper]:
    """Return the clinical staff of this practice and when they are in, GPs first, A to Z."""
    with opened(version, _practice(here), day) as at:
        around = at.around
        members = around.members.get(at.home, {})
        people = [p for p, m in members.items() if m.here and m.role not in _NOT_CLINICAL]
        if not members:  # no staff list: whoever has a rota
            people = sorted({*around.rota.turns, *around.rota.usual})
        keepers = [around.keeper(person) for person in people]
    keepers.sort(key=lambda k: (not k.who.role.startswith("gp"), k.who.name.casefold()))
    return keepers


def is_whole(typed: str) -> bool:
    """Return whether a text is a whole NHS number or a whole code, not a part of one."""
    from hamlets.records.identity import nhs_number

    return is_code(typed.strip().lower()) or nhs_number(typed.strip()) is not None


def _practice(here: Standing) -> str:
    if not here.may(May.find_patient):
        raise PermissionError(here.place.code)
    return here.practice


def named_like(at: Opened, name: str, born: date) -> Results:
    """Return the patients of an opened practice with a birth date and a name."""
    from hamlets.records.store import finding

    found = finding.named_like(at.store, at.kept.finder, at.home, name, born, MOST_RESULTS)
    shown = tuple(_found(head) for head in found[:MOST_RESULTS])
    return Results(shown, len(found) > MOST_RESULTS)


def numbered(at: Opened, typed: str) -> Results:
    """Return the patient of an opened practice with an NHS number or code.

    The practice's rows are read also where nobody has it: the same time for both answers.
    """
    number = at.kept.finder.by_number(typed)
    if number is None:
        code = typed.strip().lower()
        number = at.patient(code) if is_code(code) else -1
    found = _head(at, number)
    return Results(() if found is None else (_found(found),))


def _head(at: Opened, number: int) -> PatientHead | None:
    from hamlets.records.store.finding import head

    return head(at.store, at.kept.finder, at.home, number)


def _found(head: PatientHead) -> Found:
    return Found(patient_code(head.label), head.name, head.birth_year)


def _patient(head: PatientHead | None) -> Patient | None:
    if head is None:
        return None
    return Patient(
        number=head.code,
        code=patient_code(head.label),
        name=head.name,
        nhs_number=head.nhs_number,
        birth_date=head.birth_date,
        birth_year=head.birth_year,
        housebound=head.housebound,
        death_date=head.death_date,
    )
