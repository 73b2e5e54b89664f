"""Roles, standings, giving and ending roles, invitations, the first start."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from hamlets.web.audit.models import Entry
from hamlets.web.people import inviting, starting
from hamlets.web.people.models import INVITATION_DAYS, Invitation, Person
from hamlets.web.places.borough import StorePlaces, take_up
from hamlets.web.places.giving import RoleRefusedError, end, give, give_at, held_at, roles_to_give
from hamlets.web.places.models import Place
from hamlets.web.places.roles import ROLES, Kind, May, conflict
from hamlets.web.places.standing import Standing, managers_at, places_of, stand, standing_at

PASSWORD = "correct horse battery staple"
PATIENT_LEVEL = {May.find_patient, May.open_cases}
Make = Callable[..., Any]


def test_no_role_reaches_patients_or_gps_from_above_or_from_elsewhere() -> None:
    for role in ROLES.values():
        assert not role.below & (PATIENT_LEVEL | {May.see_figures}), role.key
        if PATIENT_LEVEL & role.allows:
            assert role.kinds == {Kind.practice}, role.key


def test_an_administrator_sees_neither_figures_nor_patients() -> None:
    assert ROLES["administrator"].allows == {May.manage_people, May.see_audit_log}


@given(st.sampled_from(sorted(ROLES)), st.sampled_from(sorted(ROLES)))
def test_a_conflict_is_one_whichever_came_first(one: str, other: str) -> None:
    assert conflict(ROLES[one], ROLES[other]) == conflict(ROLES[other], ROLES[one])


def test_somebody_stands_only_where_a_role_reaches(person: Make, places: Any) -> None:
    manager = person("practice_manager", places.a)
    assert stand(manager, "practice", "EX001").may(May.adopt_plans)
    for kind, code in (("practice", "EX002"), ("practice", "EX003"), ("network", "EX-N1"),
                       ("practice", "NOT-THERE"), ("team", "EX001")):  # fmt: skip
        with pytest.raises(Http404):
            stand(manager, kind, code)


def test_a_network_role_reaches_its_practices_for_aggregates_alone(
    person: Make, places: Any
) -> None:
    lead = person("network_clinical_lead", places.network)
    below = standing_at(lead, places.b)
    assert below is not None
    assert below.allows == {May.see_aggregates}
    assert standing_at(lead, places.c) is None
    assert standing_at(lead, places.borough) is None


def test_an_ended_role_reaches_nothing(standing: Make, person: Make, places: Any) -> None:
    here: Standing = standing("practice_manager")
    clinician = person("clinician", places.a)
    (holding,) = [h for h in held_at(here) if h.person == clinician]
    end(here, holding.pk)
    assert standing_at(clinician, places.a) is None
    assert [h.person for h in held_at(here)] == [here.person]


def test_places_of_a_person_are_practices_first(person: Make, places: Any) -> None:
    both = person("practice_manager", places.b)
    give_at(places.network, both, "network_manager", None)
    give_at(places.a, both, "clinician", None)
    assert [s.place.name for s in places_of(both)] == ["Practice A", "Practice B", "Network 1"]


class TestConflictRule:
    """A commissioner of a place works for no provider in it, whichever role came first."""

    def test_provider_first(self, person: Make, places: Any) -> None:
        worker = person("clinician", places.a, name="Dr Example")
        with pytest.raises(RoleRefusedError, match="works for a provider in Practice A"):
            give_at(places.borough, worker, "commissioner", None)

    def test_commissioner_first(self, person: Make, places: Any) -> None:
        commissioner = person("commissioner", places.borough, name="Pat Example")
        with pytest.raises(RoleRefusedError, match="commissioner of Example Borough"):
            give_at(places.a, commissioner, "receptionist", None)

    def test_elsewhere_is_no_conflict(self, person: Make, places: Any) -> None:
        commissioner = person("commissioner", places.other_network)
        assert give_at(places.a, commissioner, "clinician", None).role == "clinician"


class TestGiving:
    def test_only_who_manages_people_gives_roles(self, standing: Make, person: Make) -> None:
        with pytest.raises(RoleRefusedError, match="cannot change roles"):
            give(standing("clinician"), person(), "receptionist")

    def test_a_practice_offers_no_role_of_a_network(self, standing: Make, person: Make) -> None:
        here = standing("practice_manager")
        assert "network_manager" not in {role.key for role in roles_to_give(here)}
        with pytest.raises(RoleRefusedError, match="cannot be held"):
            give(here, person(), "network_manager")
        with pytest.raises(RoleRefusedError, match="cannot be held"):
            give(here, person(), "emperor")

    def test_the_same_role_twice_is_said(self, standing: Make, person: Make) -> None:
        here = standing("practice_manager")
        other = person()
        give(here, other, "clinician")
        with pytest.raises(RoleRefusedError, match="Clinician here already"):
            give(here, other, "clinician")

    def test_the_last_who_manages_people_stays(
        self, standing: Make, person: Make, places: Any
    ) -> None:
        here = standing("practice_manager")
        (mine,) = held_at(here)
        with pytest.raises(RoleRefusedError, match="Name another administrator first"):
            end(here, mine.pk)
        give_at(places.borough, person(), "administrator", None)
        end(here, mine.pk)

    def test_nobody_ends_a_role_of_another_place(
        self, standing: Make, person: Make, places: Any
    ) -> None:
        here = standing("practice_manager")
        other = give_at(places.b, person(), "clinician", None)
        with pytest.raises(Http404):
            end(here, other.pk)

    def test_every_change_is_in_the_log(self, standing: Make, person: Make) -> None:
        here = standing("practice_manager")
        holding = give(here, person(email="new@example.org"), "clinician")
        end(here, holding.pk)
        told = [(e.action, e.about) for e in Entry.objects.filter(about="new@example.org")]
        assert told == [("role given", "new@example.org"), ("role ended", "new@example.org")]

    def test_who_can_change_roles(self, person: Make, places: Any) -> None:
        manager = person("practice_manager", places.a)
        above = person("administrator", places.borough)
        person("practice_manager", places.b)
        person("clinician", places.a)
        assert set(managers_at(places.a)) == {manager, above}


class TestInvitation:
    def test_from_link_to_role_and_only_once(self, standing: Make, places: Any) -> None:
        here = standing("practice_manager")
        invited = inviting.invite(here, " New@Example.org ", "New Person", "clinician")
        assert invited.token not in str(Invitation.objects.values())
        person = inviting.accept(invited.token, PASSWORD)
        assert person is not None
        assert (person.email, person.name) == ("new@example.org", "New Person")
        assert stand(person, "practice", "EX001").may(May.find_patient)
        assert inviting.accept(invited.token, PASSWORD) is None
        assert inviting.accept("made-up", PASSWORD) is None

    def test_a_weak_password_leaves_the_link_open(self, standing: Make) -> None:
        invited = inviting.invite(standing("practice_manager"), "n@example.org", "N", "clinician")
        with pytest.raises(ValidationError):
            inviting.accept(invited.token, "password")
        assert not Person.objects.filter(email="n@example.org").exists()
        assert inviting.accept(invited.token, PASSWORD) is not None

    def test_a_link_ends_after_a_week(self, standing: Make) -> None:
        invited = inviting.invite(standing("practice_manager"), "n@example.org", "N", "clinician")
        Invitation.objects.update(made=timezone.now() - timedelta(days=INVITATION_DAYS))
        assert inviting.accept(invited.token, PASSWORD) is None
        assert inviting.open_at(standing("practice_manager")) == []

    def test_who_has_an_account_gets_the_role_at_once(
        self, standing: Make, person: Make, places: Any
    ) -> None:
        here = standing("practice_manager")
        known = person("clinician", places.b, email="known@example.org")
        assert inviting.invite(here, "Known@example.org", "X", "clinician").invitation is None
        assert standing_at(known, places.a) is not None

    def test_the_conflict_rule_holds_when_the_link_is_used(
        self, standing: Make, person: Make, places: Any
    ) -> None:
        invited = inviting.invite(standing("practice_manager"), "c@example.org", "C", "clinician")
        person("commissioner", places.borough, email="c@example.org")
        with pytest.raises(RoleRefusedError):
            inviting.accept(invited.token, PASSWORD)


class TestFirstStart:
    ANSWERS = starting.FirstAnswers(
        "Pat Example", "pat@example.org", PASSWORD, "Practice A", "EX001"
    )

    @pytest.mark.django_db
    def test_makes_a_manager_once(self) -> None:
        token = starting.set_up_token()
        assert starting.set_up_token() == token
        person = starting.set_up(self.ANSWERS)
        assert person is not None
        here = stand(person, "practice", "EX001")
        assert here.may(May.load_data)
        assert here.may(May.manage_people)
        assert starting.is_set_up()
        assert starting.set_up(self.ANSWERS) is None
        assert starting.set_up_token() != token

    @pytest.mark.django_db
    def test_a_weak_password_makes_nothing(self) -> None:
        weak = starting.FirstAnswers("Pat", "pat@example.org", "short", "A", "EX001")
        with pytest.raises(ValidationError):
            starting.set_up(weak)
        assert not starting.is_set_up()
        assert not Place.objects.exists()


@pytest.mark.django_db
def test_places_of_a_store_are_taken_up_once_and_keep_their_names() -> None:
    found = StorePlaces(
        networks=(("N1", "Network 1", "network", "B"), ("B", "Borough", "borough", ""),
                  ("N2", "Network 2", "network", "NOWHERE")),
        practices=(("P1", "Practice 1", "N1"), ("P2", "Practice 2", "N2"),
                   ("P3", "Practice 3", "")),
    )  # fmt: skip
    take_up(found)
    first = Place.objects.get(code="P1")
    assert [Place.objects.get(pk=pk).code for pk in first.line()] == ["B", "N1", "P1"]
    assert [Place.objects.get(code=code).parent for code in ("N2", "P3", "B")] == [None] * 3
    Place.objects.filter(code="P1").update(name="Renamed")
    assert [place.name for place in take_up(found)] == ["Renamed", "Practice 2", "Practice 3"]
    assert Place.objects.count() == 6


@pytest.mark.django_db
def test_networks_above_each_other_in_a_ring_still_end() -> None:
    take_up(StorePlaces((("X", "X", "network", "Y"), ("Y", "Y", "network", "X")), ()))
    assert Place.objects.count() == 2
