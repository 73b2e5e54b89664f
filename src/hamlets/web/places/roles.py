"""Roles: what somebody may do at a place. Plain classes, no database.

A role is held at one place. Most reach that place alone; those of a network or a federation
reach the places below for what is aggregate there. No role reaches patients of a practice
but those held at the practice itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of places, from the largest to the smallest."""

    region = "region"
    borough = "borough"
    network = "network"
    practice = "practice"
    team = "team"


class May(StrEnum):
    """What can be allowed at a place."""

    see_figures = "see the figures of the practice, its lists and groups"
    see_aggregates = "see figures without small numbers, and no GP"
    see_disclosed = "see figures made for publishing"
    see_published = "see published pages"
    find_patient = "find a patient and see who knows them"
    change_words = "change the words for reception"
    open_cases = "open the cases of an audit"
    design_teams = "design teams and compare plans"
    adopt_plans = "adopt a plan"
    load_data = "load data and restore versions"
    manage_people = "invite people and give roles"
    see_audit_log = "read the audit log"
    share_data = "switch sharing on and off"
    make_pack = "make the monthly pack"


@dataclass(frozen=True)
class Role:
    """One role: its name, what it is in one sentence, what it allows and where."""

    key: str
    name: str
    sentence: str
    allows: frozenset[May]
    kinds: frozenset[Kind]
    """Kinds of places it can be held at."""
    below: frozenset[May] = frozenset()
    """What it allows at every place below its own."""
    provider: bool = True
    """Whether its holder works for a provider of care, for the conflict rule."""


_PRACTICE = frozenset({Kind.practice})
_ABOVE = frozenset({Kind.region, Kind.borough, Kind.network})
_ANY = frozenset({Kind.region, Kind.borough, Kind.network, Kind.practice})

ROLES: dict[str, Role] = {
    role.key: role
    for role in (
        Role(
            "practice_manager",
            "Practice manager",
            "Runs the practice here: figures, patients, teams, data and people.",
            frozenset(
                {
                    May.see_figures,
                    May.find_patient,
                    May.change_words,
                    May.open_cases,
                    May.design_teams,
                    May.adopt_plans,
                    May.load_data,
                    May.manage_people,
                    May.see_audit_log,
                    May.share_data,
                    May.make_pack,
                }
            ),
            _PRACTICE,
        ),
        Role(
            "clinician",
            "Clinician",
            "Sees the practice's figures, own list first, its patients, cases and plans.",
            frozenset({May.see_figures, May.find_patient, May.open_cases, May.design_teams}),
            _PRACTICE,
        ),
        Role(
            "receptionist",
            "Receptionist",
            "Finds patients of this practice and sees their team. No figures about GPs.",
            frozenset({May.find_patient}),
            _PRACTICE,
        ),
        Role(
            "network_manager",
            "Network manager",
            "Sees the network's figures and its practices' without small numbers. No patients.",
            frozenset({May.see_aggregates, May.manage_people, May.make_pack}),
            frozenset({Kind.network}),
            below=frozenset({May.see_aggregates}),
        ),
        Role(
            "network_clinical_lead",
            "Network clinical lead",
            "Sees the network's figures and its practices' without small numbers. No patients.",
            frozenset({May.see_aggregates}),
            frozenset({Kind.network}),
            below=frozenset({May.see_aggregates}),
        ),
        Role(
            "federation_lead",
            "Federation lead",
            "Sees figures, actions and the state of plans of all networks here. No patients.",
            frozenset({May.see_aggregates}),
            frozenset({Kind.borough, Kind.region}),
            below=frozenset({May.see_aggregates}),
        ),
        Role(
            "invited_specialist",
            "Invited specialist",
            "Sees only what a meeting shares.",
            frozenset(),
            _ANY,
        ),
        Role(
            "commissioner",
            "Commissioner",
            "Sees figures made for publishing. No patients, no GPs, no offers of staff.",
            frozenset({May.see_disclosed}),
            _ABOVE,
            below=frozenset({May.see_disclosed}),
            provider=False,
        ),
        Role(
            "researcher",
            "Researcher",
            "Sees figures made for publishing.",
            frozenset({May.see_disclosed}),
            _ANY,
            below=frozenset({May.see_disclosed}),
            provider=False,
        ),
        Role(
            "patient_group",
            "Patient group member",
            "Sees published pages.",
            frozenset({May.see_published}),
            _ANY,
            provider=False,
        ),
        Role(
            "administrator",
            "Administrator",
            "Invites people and gives roles here and below. No figures and no patients.",
            frozenset({May.manage_people, May.see_audit_log}),
            _ANY,
            below=frozenset({May.manage_people, May.see_audit_log}),
            provider=False,
        ),
    )
}
"""Every role by its key, in the order in which a form offers them."""


def conflict(held: Role, wanted: Role) -> bool:
    """Return whether nobody may hold both in the same place or one above or below the other."""
    return (held.key == "commissioner" and wanted.provider) or (
        wanted.key == "commissioner" and held.provider
    )
