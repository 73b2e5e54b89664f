"""Who and what a FHIR reference means.

References come literal (``Practitioner/1``, or a whole address), as
``urn:uuid:``, conditional (``Practitioner?identifier=system|value``), logical
(only an ``identifier``) and contained (``#gp``). All lead to the resource's
id; a conditional or logical one whose resource is not in the source leads to
the identifier's value, which still tells people and practices apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import unquote

from hamlets.records.readers.fhir_files import Resource
from hamlets.records.readers.fhir_words import ODS_CODE, ODS_SITE, PERSON_SYSTEMS

STAFF_TYPES = frozenset(("Practitioner", "PractitionerRole"))


class Target(NamedTuple):
    """What a reference leads to: the type may be unknown (``urn:uuid:``)."""

    type: str | None
    id: str


class Clinician(NamedTuple):
    """A member of staff as contacts name them, and a practice of theirs."""

    staff_id: str
    practice_id: str | None


class Site(NamedTuple):
    """A location and the practice that runs it."""

    site_id: str
    practice_id: str | None


@dataclass
class Role:
    """A PractitionerRole, with its references resolved."""

    file: str
    line: int
    resource: Resource
    staff_id: str
    person: str | None
    """Id of the practitioner."""
    practice_id: str | None


def identifier(resource: Resource, system: str) -> str | None:
    """Return the resource's identifier in this system, else None."""
    for item in resource.get("identifier") or ():
        if item.get("system") == system and item.get("value"):
            return str(item["value"]).strip()
    return None


def _identifier_keys(resource: Resource) -> list[str]:
    kind = resource["resourceType"]
    items: list[Any] = resource.get("identifier") or []
    return [
        f"{kind}?{i.get('system') or ''}|{str(i['value']).strip()}" for i in items if i.get("value")
    ]


class References:
    """The organisations, places and staff of a source, and how to find them."""

    def __init__(self, patients: Callable[[], dict[str, str]]) -> None:
        """``patients`` gives patient ids by identifier; asked once, when first needed."""
        self._ask_patients = patients
        self._patients: dict[str, str] | None = None
        self._by_identifier: dict[str, str] = {}
        self.full_urls: dict[str, tuple[str, str]] = {}
        self.practice_of: dict[str, str] = {}
        self.sites: dict[str, Site] = {}
        self.practitioners: dict[str, tuple[str, int, Resource]] = {}
        self.roles: dict[str, Role] = {}
        self.roles_of: dict[str, list[Role]] = {}
        self._person_by_number: dict[str, str] = {}
        self._staff_cache: dict[str, Clinician | None] = {}
        self._practice_cache: dict[str, str | None] = {}

    # Learning

    def learn_identifiers(self, resource: Resource) -> None:
        """Remember a resource's identifiers, for conditional references to it."""
        for key in _identifier_keys(resource):
            self._by_identifier.setdefault(key, resource["id"])

    def learn_organization(self, _file: str, _line: int, resource: Resource) -> str:
        """Remember an organisation and return its practice id: ODS code, else id."""
        code = identifier(resource, ODS_CODE) or resource["id"]
        self.practice_of[resource["id"]] = code
        self.learn_identifiers(resource)
        return code

    def learn_location(self, _file: str, _line: int, resource: Resource) -> Site:
        """Remember a location (organisations must be known) and return its site."""
        site = Site(
            identifier(resource, ODS_SITE) or resource["id"],
            self.practice(resource.get("managingOrganization"), resource),
        )
        self.sites[resource["id"]] = site
        self.learn_identifiers(resource)
        return site

    def learn_practitioner(self, file: str, line: int, resource: Resource) -> None:
        """Remember a practitioner, and which other ids are the same person."""
        self.practitioners[resource["id"]] = (file, line, resource)
        self.learn_identifiers(resource)
        for system in PERSON_SYSTEMS:
            number = identifier(resource, system)
            if number:
                key = f"{system}|{number}"
                known = self._person_by_number.get(key, resource["id"])
                self._person_by_number[key] = min(known, resource["id"])

    def learn_role(self, file: str, line: int, resource: Resource) -> None:
        """Remember a role (organisations and practitioners must be known)."""
        key: str = resource["id"]
        target = self.target(resource.get("practitioner"), "Practitioner", resource)
        practice = self.practice(resource.get("organization"), resource)
        for place in resource.get("location") or ():
            practice = practice or self.site_practice(place, resource)
        role = Role(
            file=file,
            line=line,
            resource=resource,
            # Servers may number each type from 1; the two ids must not meet.
            staff_id=f"PractitionerRole/{key}" if key in self.practitioners else key,
            person=target.id if target else None,
            practice_id=practice,
        )
        self.roles[key] = role
        self.learn_identifiers(resource)
        if role.person:
            self.roles_of.setdefault(role.person, []).append(role)

    # Resolving

    def person(self, practitioner: str) -> str:
        """Return one id for a practitioner's every record that shares a register number."""
        known = self.practitioners.get(practitioner)
        for system in PERSON_SYSTEMS if known else ():
            number = identifier(known[2], system) if known else None
            if number:
                return self._person_by_number[f"{system}|{number}"]
        return practitioner

    def target(
        self, reference: Any, expected: str | None, holder: Resource | None = None
    ) -> Target | None:
        """Return what a reference object leads to, None where it leads nowhere.

        ``holder`` is the resource whose contained ones ``#id`` may name.
        """
        if not reference:
            return None
        text = reference.get("reference")
        if not text:
            logical = reference.get("identifier")
            if not logical or not logical.get("value"):
                return None
            kind = reference.get("type") or expected
            return self._found(kind, f"{logical.get('system') or ''}|{logical['value']}")
        if text[0] == "#":
            return self._contained(text[1:], expected, holder)
        if text in self.full_urls:
            return Target(*self.full_urls[text])
        if "?" in text:
            kind, _, query = text.partition("?")
            return self._conditional(kind.rpartition("/")[2] or expected, query)
        if text.startswith("urn:"):
            return Target(None, text.rpartition(":")[2])
        parts = text.split("/_history/")[0].split("/")
        return Target(parts[-2] if len(parts) > 1 else expected, parts[-1])

    def _conditional(self, kind: str | None, query: str) -> Target | None:
        for part in query.split("&"):
            name, _, value = part.partition("=")
            if name.startswith("identifier"):
                return self._found(kind, unquote(value))
            if name == "_id":
                return Target(kind, unquote(value))
        return None

    def _found(self, kind: str | None, key: str) -> Target | None:
        """Return the resource with this ``system|value``, else one named by the value."""
        value = key.rpartition("|")[2].strip()
        if not value:
            return None
        index = self._by_identifier
        if kind == "Patient":
            if self._patients is None:
                self._patients = self._ask_patients()
            index = self._patients
        return Target(kind, index.get(f"{kind}?{key}") or value)

    def _contained(self, key: str, expected: str | None, holder: Resource | None) -> Target | None:
        for item in (holder or {}).get("contained") or ():
            if item.get("id") != key:
                continue
            kind = item.get("resourceType") or expected
            if kind == "PractitionerRole" and item.get("practitioner"):
                return self.target(item["practitioner"], "Practitioner", holder)
            for number in item.get("identifier") or ():
                if number.get("value"):
                    return self._found(kind, f"{number.get('system') or ''}|{number['value']}")
        return None

    def patient(self, reference: Any, holder: Resource | None = None) -> str | None:
        """Return the patient's id; None where the reference is to no patient."""
        if not reference:
            return None
        text = reference.get("reference")
        # The two plain forms first: this runs once per row.
        if text and not self.full_urls:
            if text.startswith("Patient/") and text.count("/") == 1:
                return text[8:]
            if text.startswith("urn:uuid:"):
                return text[9:]
        target = self.target(reference, "Patient", holder)
        return target.id if target and target.type in ("Patient", None) else None

    def practice(self, reference: Any, holder: Resource | None = None) -> str | None:
        """Return the practice id of an organisation; None where there is none."""
        if not reference:
            return None
        text = reference.get("reference")
        if text and text in self._practice_cache:
            return self._practice_cache[text]
        target = self.target(reference, "Organization", holder)
        found = None
        if target and target.type in ("Organization", None):
            found = self.practice_of.get(target.id, target.id)
        if text and text[0] != "#":
            self._practice_cache[text] = found
        return found

    def site(self, reference: Any, holder: Resource | None = None) -> Site | None:
        """Return the site of a location reference; None where there is none."""
        target = self.target(reference, "Location", holder)
        if target is None or target.type not in ("Location", None):
            return None
        return self.sites.get(target.id, Site(target.id, None))

    def site_practice(self, reference: Any, holder: Resource | None = None) -> str | None:
        """Return the practice that runs a location."""
        site = self.site(reference, holder)
        return site.practice_id if site else None

    def staff(self, reference: Any, holder: Resource | None = None) -> Clinician | None:
        """Return the member of staff; None where the reference is to no such person."""
        if not reference:
            return None
        text = reference.get("reference")
        if text and text in self._staff_cache:
            return self._staff_cache[text]
        target = self.target(reference, reference.get("type") or "Practitioner", holder)
        found = self._clinician(target) if target else None
        if text and text[0] != "#":
            self._staff_cache[text] = found
        return found

    def _clinician(self, target: Target) -> Clinician | None:
        kind = target.type
        if kind is None:
            if target.id in self.practice_of or target.id in self.sites:
                return None
            kind = "PractitionerRole" if target.id in self.roles else "Practitioner"
        if kind == "PractitionerRole":
            role = self.roles.get(target.id)
            if role is None:
                return Clinician(target.id, None)
            return Clinician(role.staff_id, role.practice_id)
        if kind != "Practitioner":
            return None
        practices = (r.practice_id for r in self.roles_of.get(target.id, ()))
        return Clinician(target.id, next((p for p in practices if p), None))
