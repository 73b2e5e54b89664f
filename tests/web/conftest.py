"""The places and people that tests of the site share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import site_setup  # noqa: F401 - before anything of Django

from hamlets.web.people.models import Person
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place
from hamlets.web.places.standing import Standing, stand


@dataclass(frozen=True)
class Borough:
    """A borough of two networks: A and B in one, C in the other."""

    borough: Place
    network: Place
    other_network: Place
    a: Place
    b: Place
    c: Place


@pytest.fixture
def places(db: None) -> Borough:
    borough = Place.objects.create(kind="borough", code="EX-B", name="Example Borough")
    network = Place.objects.create(kind="network", code="EX-N1", name="Network 1", parent=borough)
    other = Place.objects.create(kind="network", code="EX-N2", name="Network 2", parent=borough)

    def practice(code: str, name: str, above: Place) -> Place:
        return Place.objects.create(kind="practice", code=code, name=name, parent=above)

    return Borough(
        borough,
        network,
        other,
        practice("EX001", "Practice A", network),
        practice("EX002", "Practice B", network),
        practice("EX003", "Practice C", other),
    )


MakePerson = Callable[..., Person]


@pytest.fixture
def person(places: Borough) -> MakePerson:
    """Makes a person with a role at a place (no role: no place)."""
    count = 0

    def make(role: str | None = None, place: Place | None = None, **more: str) -> Person:
        nonlocal count
        count += 1
        made = Person.objects.create_user(
            email=more.get("email", f"person-{count}@example.org"),
            password=more.get("password", "correct horse battery staple"),
            name=more.get("name", f"Example Person {count}"),
        )
        if role is not None:
            give_at(place or places.a, made, role, None)
        return made

    return make


@pytest.fixture
def standing(person: MakePerson, places: Borough) -> Callable[..., Standing]:
    """Makes a person with a role at a place, and returns how they stand there."""

    def make(role: str, place: Place | None = None) -> Standing:
        where = place or places.a
        return stand(person(role, where), where.kind, where.code)

    return make


@pytest.fixture(scope="session")
def team_borough(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """Two practices as a store: with a plan of the first one, and without."""
    from tests.fixtures.team_site import make_borough, make_planned

    folder = tmp_path_factory.mktemp("teams")
    bare = make_borough(folder / "bare")
    planned = Path(shutil.copytree(bare, folder / "planned"))
    make_planned(planned)
    return {False: bare, True: planned}


@pytest.fixture
def team_store(
    team_borough: dict[bool, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Path]:
    """Gives a test a store of its own for the site to show."""

    def begin(*, planned: bool = True) -> Path:
        path = tmp_path / "store"
        shutil.copytree(team_borough[planned], path)
        monkeypatch.setenv("HAMLETS_STORE", str(path))
        return path

    return begin
