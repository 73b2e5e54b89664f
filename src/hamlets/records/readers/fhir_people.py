"""Organisations, places, staff and teams: the resources that others refer to.

Counted rows: Organization in ``practices`` (a primary care network in
``networks``), Location in ``sites``, PractitionerRole and Practitioner in
``staff``, CareTeam in ``teams``. Rows beyond those: a practitioner with
several roles gets a staff row for each, so that a contact that names the
practitioner finds the role of its day; a team's members are ``team_members``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hamlets.records.readers.fhir_files import TABLE_OF_TYPE, Resource
from hamlets.records.readers.fhir_references import References, Role, identifier
from hamlets.records.readers.fhir_rows import Dropped, Row, Rows
from hamlets.records.readers.fhir_words import (
    IN_ERROR,
    ROLE_BY_REGISTER,
    contract_of,
    day_after,
    first_day,
    role_of,
    sessions_a_week,
    words_of,
)

_NO_CARE_GIVEN = frozenset(("ins", "pay", "govt", "edu", "reli", "crs", "cg", "bus"))
"""Types of organisation (HL7 organization-type) that see no patients."""


def full_name(resource: Resource) -> str | None:
    """Return the official or first name of a person as one text."""
    names: list[Any] = resource.get("name") or []
    if not names:
        return None
    name = next((n for n in names if n.get("use") == "official"), names[0])
    if name.get("text"):
        return name["text"]
    given = " ".join(name.get("given") or ())
    parts = (*(name.get("prefix") or ()), given, name.get("family"))
    return " ".join(p for p in parts if p) or None


def languages(resource: Resource) -> list[str]:
    """Return the languages of a patient or practitioner, preferred first."""
    found: list[str] = []
    for item in resource.get("communication") or ():
        concept = item.get("language") or item
        codings: list[Any] = concept.get("coding") or [{}]
        word = codings[0].get("code") or concept.get("text")
        if word:
            found.insert(0 if item.get("preferred") else len(found), word)
    return found


def _period(resource: Resource) -> tuple[str | None, str | None]:
    period = resource.get("period") or {}
    return first_day(period.get("start")), day_after(period.get("end"))


class People:
    """Turns the held dimension resources into references and rows."""

    def __init__(self, references: References, rows: Rows, dropped: Dropped) -> None:
        self.references = references
        self.rows = rows
        self.dropped = dropped
        self._held: dict[str, dict[str, tuple[str, int, Resource]]] = {
            kind: {} for kind in ("Organization", "Location", "Practitioner", "PractitionerRole")
        }

    def hold(self, file: str, line: int, resource: Resource) -> None:
        """Keep one resource until all of its kind are known; repeats are counted."""
        kind: str = resource["resourceType"]
        key = resource.get("id")
        if not isinstance(key, str) or not key:
            self.dropped.skip(f"{kind} without id")
        elif key in self._held[kind]:
            self.dropped.skip(f"{kind} (repeated)")
        else:
            self._held[kind][key] = (file, line, resource)

    def files(self) -> list[str]:
        """Return the files that gave a held resource, by name."""
        return sorted(self._by_file)

    def write(self, file: str) -> None:
        """Add the rows of one file; ``learn`` must have been called."""
        self.rows.file = file
        writers = {
            "Organization": self._organization,
            "Location": self._location,
            "PractitionerRole": self._role,
            "Practitioner": self._practitioner,
        }
        for line, resource in self._by_file[file]:
            kind: str = resource["resourceType"]
            try:
                writers[kind](line, resource)
            except (AttributeError, TypeError, KeyError, IndexError):
                self.dropped.malformed(TABLE_OF_TYPE[kind], line)

    def learn(self) -> None:
        """Make the references, in the order in which the kinds build on one another."""
        refs = self.references
        learners: dict[str, Callable[[str, int, Resource], object]] = {
            "Organization": refs.learn_organization,
            "Location": refs.learn_location,
            "Practitioner": refs.learn_practitioner,
            "PractitionerRole": refs.learn_role,
        }
        for kind, learn in learners.items():
            for key, (file, line, resource) in list(self._held[kind].items()):
                try:
                    learn(file, line, resource)
                except (AttributeError, TypeError, KeyError, IndexError):
                    self.rows.file = file
                    self.dropped.malformed(TABLE_OF_TYPE[kind], line)
                    del self._held[kind][key]
        self._networks = {
            key for key, (_, _, r) in self._held["Organization"].items() if _is_network(r)
        }
        self._places: dict[str, Any] = {}
        for _, _, place in self._held["Location"].values():
            practice = refs.practice(place.get("managingOrganization"), place)
            if practice and place.get("position"):
                self._places.setdefault(practice, place["position"])
        self._written: set[str] = set()
        self._by_file: dict[str, list[tuple[int, Resource]]] = {}
        for kind in learners:
            for file, line, resource in self._held[kind].values():
                self._by_file.setdefault(file, []).append((line, resource))

    def _organization(self, line: int, resource: Resource) -> None:
        kinds = {c.get("code") for t in resource.get("type") or () for c in t.get("coding") or ()}
        code = self.references.practice_of[resource["id"]]
        parent = self.references.target(resource.get("partOf"), "Organization", resource)
        above = parent.id if parent and parent.id in self._networks else None
        network = self.references.practice_of[above] if above else None
        if kinds & _NO_CARE_GIVEN:
            self.dropped.skip("Organization (gives no care)")
        elif code in self._written:
            self.dropped.skip("Organization (repeated)")
        elif resource["id"] in self._networks:
            self._written.add(code)
            self.rows.add("networks", line, (code, resource.get("name"), "pcn", network))
        else:
            self._written.add(code)
            latitude, longitude = _position(self._places.get(code))
            row = (code, resource.get("name"), _postcode(resource), latitude, longitude, network)
            self.rows.add("practices", line, row)

    def _location(self, line: int, resource: Resource) -> None:
        site = self.references.sites[resource["id"]]
        if site.practice_id is None:
            self.dropped.skip("Location (no organisation runs it)")
            return
        latitude, longitude = _position(resource.get("position"))
        row = (
            site.site_id,
            site.practice_id,
            resource.get("name"),
            _postcode(resource),
            latitude,
            longitude,
        )
        self.rows.add("sites", line, row)

    def _role(self, line: int, resource: Resource) -> None:
        role = self.references.roles[resource["id"]]
        key = role.person
        person = self.references.person(key) if key else role.staff_id
        self.rows.add("staff", line, self._staff_row(role, role.staff_id, person))
        if key and key not in self.references.practitioners:
            # Only roles name this person: contacts that name the person still find a role.
            roles = self.references.roles_of[key]
            if roles[0] is role:
                self._by_roles(line, key, roles)

    def _practitioner(self, line: int, resource: Resource) -> None:
        key: str = resource["id"]
        roles = self.references.roles_of.get(key)
        if roles:
            self._by_roles(line, key, roles)
            return
        registers = (r for s, r in ROLE_BY_REGISTER if identifier(resource, s))
        self.rows.add(
            "staff",
            line,
            (
                key,
                None,
                self.references.person(key),
                full_name(resource),
                next(registers, None),
                None,
                None,
                ";".join(languages(resource)) or None,
                None,
                None,
            ),
        )

    def _by_roles(self, line: int, key: str, roles: list[Role]) -> None:
        """Add a row for each practice and start; of roles that share both, the clearest."""
        person = self.references.person(key)
        best: dict[tuple[str | None, str | None], Row] = {}
        for role in roles:
            row = self._staff_row(role, key, person)
            place = (row[1], row[8])
            if place not in best or (best[place][4] in (None, "other") and row[4]):
                best[place] = row
        for row in best.values():
            self.rows.add("staff", line, row)

    def _staff_row(self, role: Role, staff_id: str, person: str) -> Row:
        resource = role.resource
        known = self.references.practitioners.get(role.person or "")
        word = role_of(resource.get("code"), resource.get("specialty"))
        start, end = _period(resource)
        return (
            staff_id,
            role.practice_id,
            person,
            full_name(known[2]) if known else (resource.get("practitioner") or {}).get("display"),
            word,
            contract_of(resource.get("code"), word),
            sessions_a_week(resource.get("availableTime")),
            (";".join(languages(known[2])) if known else "") or None,
            start,
            end,
        )

    def care_team(self, line: int, resource: Resource) -> None:
        """Add a practice's team and its members; a patient's own care team is skipped."""
        status = resource.get("status")
        organisations: list[Any] = resource.get("managingOrganization") or [None]
        practice = self.references.practice(organisations[0], resource)
        if status == IN_ERROR:
            self.dropped.in_error("teams", line, resource.get("id"))
        elif resource.get("subject"):
            self.dropped.skip("CareTeam (of one patient)")
        elif practice is None:
            self.dropped.skip("CareTeam (of no organisation)")
        elif status == "proposed":
            self.dropped.skip("CareTeam (proposed)")
        else:
            self.rows.add("teams", line, (resource.get("id"), practice, resource.get("name")))
            self._members(line, resource)

    def _members(self, line: int, resource: Resource) -> None:
        team_start, team_end = _period(resource)
        for member in resource.get("participant") or ():
            clinician = self.references.staff(member.get("member"), resource)
            if clinician is None:
                self.dropped.skip("CareTeam.participant (not staff)")
                continue
            start, end = _period(member)
            roles = f" {words_of(member.get('role'))} "
            lead = "true" if "lead" in roles else "false"
            row = (
                resource.get("id"),
                clinician.staff_id,
                start or team_start,
                end or team_end,
                lead,
            )
            self.rows.add("team_members", line, row)


def _is_network(resource: Resource) -> bool:
    words = words_of(resource.get("type"))
    return "primary care network" in words or "ro272" in words


def _postcode(resource: Resource) -> str | None:
    address: Any = resource.get("address") or None
    if isinstance(address, list):
        address = address[0]
    return address.get("postalCode") if address else None


def _position(position: Any) -> tuple[str | None, str | None]:
    """Return latitude and longitude as text; a position lacks both or has both."""
    if not position or position.get("latitude") is None or position.get("longitude") is None:
        return None, None
    return str(position["latitude"]), str(position["longitude"])
