"""Pages of team design, from the empty page to a plan that is adopted."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hamlets.web.audit.models import Entry
from hamlets.web.people.models import Person
from hamlets.web.teamwork import stored
from tests.fixtures.team_site import do_all, form_of, make_borough
from tests.web.conftest import Borough, MakePerson

HOME = "/practice/EX001/teams/"


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_borough(tmp_path_factory.mktemp("teams") / "store")


@pytest.fixture
def store(borough: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "store"
    shutil.copytree(borough, path)
    monkeypatch.setenv("HAMLETS_STORE", str(path))
    return path


@pytest.fixture
def manager(store: Path, places: Borough, person: MakePerson, client: Client) -> Person:
    made = person("practice_manager", name="Example Manager")
    client.force_login(made)
    return made


def open_page(client: Client, address: str) -> Any:
    """Return a page, its waiting jobs done."""
    for _ in range(4):
        response = client.get(address, follow=True)
        if response.status_code != 202:
            return response
        do_all()
    return response


def describe(client: Client, **answers: Any) -> str:
    """Begin a description with some answers; return its address."""
    assert open_page(client, HOME).status_code == 200
    begun = client.post(f"{HOME}new/")
    assert begun.status_code == 302
    address = begun["Location"]
    sent = {**form_of(open_page(client, address)), **answers}
    saved = client.post(address, sent)
    assert saved.status_code == 302, saved.content.decode()
    return address


def run(client: Client, address: str) -> Any:
    """Run a description and return the page of its plan."""
    client.post(f"{address}start/")
    return open_page(client, f"{address}run/")


def test_from_nothing_to_an_adopted_plan(client: Client, manager: Person) -> None:
    empty = open_page(client, HOME)
    assert "No plan yet." in empty.content.decode()

    address = describe(client)
    plan = run(client, address)
    words = plan.content.decode()
    assert plan.status_code == 200
    assert "Plan 1 for" in words
    assert "No plan under your rules can beat this one" in words

    check = open_page(client, f"{HOME}plans/EX001-1/adopt/")
    assert "Check before you adopt" in check.content.decode()
    refused = client.post(f"{HOME}plans/EX001-1/adopt/", {})
    assert refused.status_code == 422
    sent = client.post(f"{HOME}plans/EX001-1/adopt/", {"seen": "on", "words": "on"})
    assert sent.status_code == 302
    adopted = open_page(client, sent["Location"])
    assert "Plan 1 starts on" in adopted.content.decode()
    assert [each.standing.state for each in stored.plans_of(manager_place()).kept] == ["adopted"]
    done = list(Entry.objects.values_list("action", flat=True))
    assert done[-2:] == ["plan adoption asked", "plan adopted"]


def manager_place() -> Any:
    from hamlets.web.places.models import Place

    return Place.objects.get(code="EX001")


def test_a_plan_is_changed_by_hand_and_back_again(client: Client, manager: Person) -> None:
    run(client, describe(client))
    kept = stored.plans_of(manager_place()).kept[0]
    first, second = kept.plan.teams[:2]
    who = first.members[0]
    address = f"{HOME}plans/{kept.plan.plan_id}/"
    assert client.post(f"{address}move/", {"staff": who, "team": first.team_id}).status_code == 422
    tried = client.post(f"{address}move/", {"staff": who, "team": second.team_id})
    page = open_page(client, tried["Location"])
    words = page.content.decode()
    assert "This keeps" in words and "Keep the change" in words
    assert len(stored.plans_of(manager_place()).kept) == 1  # nothing is kept yet
    kept_page = client.post(tried["Location"])
    made = open_page(client, kept_page["Location"])
    assert "Changed by hand" in made.content.decode()
    changed = stored.plans_of(manager_place()).kept[0]
    assert changed.plan.number == 2 and changed.plan.made_by == "Example Manager"
    by_name = {team.name: set(team.members) for team in changed.plan.teams}
    assert who in by_name[second.name] and who not in by_name[first.name]
    assert changed.plan.moved == kept.plan.moved

    # and back: the same plan again
    team = next(t for t in changed.plan.teams if t.name == first.name)
    address = f"{HOME}plans/{changed.plan.plan_id}/"
    back = client.post(f"{address}move/", {"staff": who, "team": team.team_id})
    open_page(client, back["Location"])
    open_page(client, client.post(back["Location"])["Location"])
    again = stored.plans_of(manager_place()).kept[0].plan
    assert again.number == 3
    assert [t.members for t in again.teams] == [t.members for t in kept.plan.teams]
    assert again.option() == kept.plan.option()
    assert again.certificate.value == pytest.approx(kept.plan.certificate.value)
    assert again.certificate.gap == pytest.approx(kept.plan.certificate.gap)
