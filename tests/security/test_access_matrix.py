"""Every address of the site, as every role, at every kind of place: what may be opened.

The expectations are a file, so that a new address without a line of its own fails here.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import site_setup  # noqa: F401 - before anything of Django
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from hamlets.web.people.models import Person
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place
from hamlets.web.places.roles import ROLES, Kind

EXPECTED: dict[str, dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "access_matrix.toml").read_text(encoding="utf-8")
)
FILLED = {
    "holding": "999999999",
    "job": "00000000-0000-0000-0000-000000000000",
    "subject": "counts",
    "token": "made-up",
    "case": "1",
    "number": "1",
    "point": "1",
    "month": "2031-06",
    "edition": "1",
    "plan": "EX001-1",
    "version": "1",
    "patient": "made-up",
    "file": "teams.csv",
    "name": "made-up",
    "staff": "made-up",
    "section": "short",
    "sentence": "made-up",
    "table": "made-up",
}
"""What stands in an address for each of its parts, beside kind and code."""


def addresses(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Yield name and route of every address of ours; those of the accounts package have tests."""
    entry: Any
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from addresses(entry, route)
        elif isinstance(entry, URLPattern) and entry.callback.__module__.startswith(
            "hamlets.web.pages."
        ):
            yield str(entry.name), route


def filled(route: str, kind: str, code: str) -> str:
    address = route.replace("<kind>", kind).replace("<code>", code)
    while "<" in address:
        start, rest = address.split("<", 1)
        part, end = rest.split(">", 1)
        address = start + FILLED[part.split(":")[-1]] + end
    return f"/{address}"


@pytest.fixture
def network(db: None) -> dict[str, Place]:
    borough = Place.objects.create(kind="borough", code="EX-B", name="Borough")
    one = Place.objects.create(kind="network", code="EX-N1", name="Network 1", parent=borough)
    two = Place.objects.create(kind="network", code="EX-N2", name="Network 2", parent=borough)
    own = Place.objects.create(kind="practice", code="EX001", name="Practice A", parent=one)
    same = Place.objects.create(kind="practice", code="EX002", name="Practice B", parent=one)
    other = Place.objects.create(kind="practice", code="EX003", name="Practice C", parent=two)
    return {"borough": borough, "network": one, "own": own, "same": same, "other": other}


@pytest.fixture(autouse=True)
def quick(settings: Any) -> None:
    """Leave out what decides nothing here: the page of a 404, and the list of sessions."""
    settings.ROOT_URLCONF = "tests.fixtures.plain_refusals"
    listing = "allauth.usersessions.middleware.UserSessionsMiddleware"
    assert listing in settings.MIDDLEWARE
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if each != listing]


KINDS = (Kind.practice, Kind.network, Kind.borough)
CASES = [(role.key, kind.value) for role in ROLES.values() for kind in KINDS if kind in role.kinds]


def test_every_address_has_a_line_and_every_line_an_address() -> None:
    assert {name for name, _ in addresses()} == set(EXPECTED)


@pytest.mark.parametrize(("role", "kind"), CASES, ids=lambda part: part)
def test_what_a_role_opens(role: str, kind: str, network: dict[str, Place], client: Client) -> None:
    held = network["own" if kind == "practice" else kind]
    person = Person.objects.create_user("person@example.org", None, name="Example")
    give_at(held, person, role, None)
    client.force_login(person)
    reached = {held.pk}
    if ROLES[role].below:
        reached |= {below.pk for below in held.below()}
    wrong: list[str] = []
    for name, route in addresses():
        line = EXPECTED[name]
        if line.get("public"):
            continue
        for where in network.values():
            status = client.get(filled(route, where.kind, where.code)).status_code
            there = where.kind in line and where.pk in reached
            expected = outcomes(line, role, held, where) if there else {404}
            if status not in expected:
                wrong.append(f"{name} at {where.name}: {status}, expected {sorted(expected)}")
    assert not wrong, "\n".join(wrong)


def outcomes(line: dict[str, Any], role: str, held: Place, where: Place) -> set[int]:
    """Return the status codes that are right where the role reaches the place."""
    what = ROLES[role]
    allows = what.allows if held.pk == where.pk else what.below
    roles = line[where.kind]
    if not ({role, f"{role}@{held.kind}"} & set(roles) or ("any" in roles and allows)):
        return {403}
    if line.get("posts"):
        return {405}
    return {404} if line.get("missing") else {200, 202, 302, 410}


def test_signed_out_nothing_opens(network: dict[str, Place], client: Client) -> None:
    for name, route in addresses():
        if EXPECTED[name].get("public"):
            continue
        for code in ("EX001", "NEVER"):
            response = client.get(filled(route, "practice", code))
            assert response.status_code == 302, name
            assert response["Location"].startswith("/account/login/"), name


if __name__ == "__main__":  # the lines that are missing, to begin with
    sys.stdout.write("\n".join(sorted({name for name, _ in addresses()} - set(EXPECTED))))
