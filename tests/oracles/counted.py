"""The counted contacts of a window, mapped to a level: what every measure of the twin reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from tests.oracles import chance
from tests.oracles.days import n_band
from tests.oracles.questions import CONTACT_GROUPS
from tests.oracles.rules import Contact, Home, Rules

Groups = tuple[str | None, ...]
Key = tuple[Any, ...]
Result = dict[str, Any]


def label(rules: Rules, contact: Contact, team: str | None, first: date, to: date) -> str:
    """Map a contact to its level: the person, the team by the fixed map, the practice."""
    if rules.question.level == "clinician":
        return contact.person
    if rules.question.level == "practice":
        return contact.practice
    return rules.fixed_team(contact.person, team, first, to)


class Counted:
    """The counted contacts of every patient in one window, mapped to the level."""

    def __init__(self, rules: Rules, first: date, to: date) -> None:
        self.rules, self.first, self.to = rules, first, to
        self.home: dict[str, Home | None] = {}
        self.team: dict[str, str | None] = {}
        self.history: dict[str, list[tuple[Contact, str]]] = {}
        for patient in rules.everyone():
            home = rules.home(patient, first, to)
            team = rules.team_of_named(rules.named_gp(patient, to), to)
            self.home[patient] = home
            self.team[patient] = team
            self.history[patient] = [
                (c, label(rules, c, team, first, to)) for c in rules.contacts(patient, home, to)
            ]

    def of(self, patient: str) -> list[tuple[Contact, str]]:
        """Return the patient's contacts of the window, in order."""
        return [(c, x) for c, x in self.history[patient] if c.day >= self.first]

    def all(self) -> Iterator[tuple[Contact, str]]:
        for patient in self.history:
            yield from self.of(patient)

    def patients(self) -> list[str]:
        return [patient for patient in self.history if self.of(patient)]

    def shares(self, patient: str, gave: Sequence[str]) -> chance.Shares:
        """Point 12: each one's share of what was given, as a patient's map sees it.

        A draw is of a clinician; at team level the patient's own map then says which team
        that is.
        """
        if self.rules.question.level != "team":
            return chance.shares_of(gave)
        team = self.team[patient]
        seen = {x: self.rules.fixed_team(x, team, self.first, self.to) for x in set(gave)}
        return chance.shares_of([seen[x] for x in gave])

    def cell(self, contact: Contact) -> Groups:
        """Return the contact's values of the asked groups that are a contact's attribute."""
        return tuple(
            self.rules.contact_group(name, contact)
            for name in self.rules.question.by
            if name in CONTACT_GROUPS
        )

    def groups(self, contact: Contact) -> Groups:
        """Return the values of all asked groups, on the contact's day."""
        values: list[str | None] = []
        for name in self.rules.question.by:
            if name in CONTACT_GROUPS:
                values.append(self.rules.contact_group(name, contact))
            elif name == "n_band":
                values.append(n_band(len(self.of(contact.patient))))
            elif name in ("practice", "network", "borough"):
                values.append(place_of(self.rules, name, contact.home))
            else:
                values.append(self.rules.patient_group(name, contact.patient, contact.day))
        return tuple(values)


def place_of(rules: Rules, name: str, practice: str) -> str | None:
    if name == "practice":
        return practice
    return rules.network(practice) if name == "network" else rules.borough(practice)


def draw(rules: Rules, contact: Contact) -> str:
    """Return what chance would draw in a contact's place: a clinician, or a practice."""
    return contact.practice if rules.question.level == "practice" else contact.person


def corrected(value: float, by_chance: float, at_best: float) -> float | None:
    """Point 14: null where best and chance are less than 0.01 apart."""
    if abs(at_best - by_chance) < 0.01:
        return None
    return (value - by_chance) / (at_best - by_chance)
