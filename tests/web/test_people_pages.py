"""People and roles, the audit log, invitations and the first start, as pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.core import mail
from django.test import Client

from hamlets.web.audit import chain
from hamlets.web.audit.reading import ABOUT_PATIENTS
from hamlets.web.people import inviting, starting
from hamlets.web.people.models import Person
from hamlets.web.places import sharing
from hamlets.web.places.giving import give_at, held_at
from hamlets.web.places.models import Holding
from hamlets.web.places.standing import stand

Make = Callable[..., Any]
PASSWORD = "correct horse battery staple"


@pytest.fixture
def signed_in(client: Client, person: Make, places: Any) -> Callable[..., Person]:
    def sign_in(role: str = "practice_manager", place: Any = None, **more: str) -> Person:
        who = person(role, place or places.a, **more)
        client.force_login(who)
        return who

    return sign_in


def same(page: Any, code: str) -> str:
    """Return a page without the code asked for and without the form's own secret."""
    return re.sub(
        r'(csrfmiddlewaretoken" value=")\w+', r"\1", page.content.decode().replace(code, "")
    )


def test_a_place_of_nobody_looks_like_one_that_never_was(client: Client, signed_in: Make) -> None:
    signed_in()
    other = client.get("/practice/EX002/people/")
    never = client.get("/practice/NEVER/people/")
    assert (other.status_code, never.status_code) == (404, 404)
    assert same(other, "EX002") == same(never, "NEVER")


def test_a_role_that_may_not_is_told_who_can_change_it(
    client: Client, signed_in: Make, person: Make, places: Any
) -> None:
    person("practice_manager", places.a, name="Pat Example-Manager")
    signed_in("receptionist")
    page = client.get("/practice/EX001/people/")
    assert page.status_code == 403
    assert "Your role here is receptionist" in page.content.decode()
    assert "Pat Example-Manager can change roles" in page.content.decode()


def test_signed_out_every_address_leads_to_the_sign_in(client: Client, places: Any) -> None:
    for address in ("/", "/practice/EX001/people/", "/practice/NEVER/people/"):
        response = client.get(address)
        assert response.status_code == 302
        assert response["Location"].startswith("/account/login/")


def test_an_invitation_is_sent_taken_up_and_used_once(client: Client, signed_in: Make) -> None:
    signed_in()
    page = client.post(
        "/practice/EX001/people/",
        {"name": "Dr <b>New</b>", "email": "new@example.org", "role": "clinician"},
    )
    assert page.status_code == 200
    assert "Dr &lt;b&gt;New" in page.content.decode()
    (sent,) = mail.outbox
    link = next(line for line in sent.body.splitlines() if line.startswith("http"))
    client.logout()
    address = link.removeprefix("http://testserver")
    assert "Clinician" not in client.get(address).content.decode().split("as ")[0]
    weak = client.post(address, {"password": "password"})
    assert weak.status_code == 422
    done = client.post(address, {"password": PASSWORD}, follow=True)
    assert done.redirect_chain[-1][0] == "/practice/EX001/"
    client.logout()
    used = client.get(address)
    assert used.status_code == 410
    assert "was used or is over 7 days old" in used.content.decode()


def test_a_form_that_is_not_right_says_what_to_do(client: Client, signed_in: Make) -> None:
    signed_in()
    page = client.post("/practice/EX001/people/", {"name": "", "email": "x", "role": "emperor"})
    assert page.status_code == 422
    words = page.content.decode()
    assert "There is a problem" in words
    assert "<title>Error: " in words and "Error: Error" not in words


def invite(client: Client, email: str) -> str:
    """Return the words of the page after an invitation."""
    page = client.post(
        "/practice/EX001/people/", {"name": "Dr New", "email": email, "role": "clinician"}
    )
    assert page.status_code == 200
    return page.content.decode()


def test_an_invitation_says_whether_an_e_mail_went_out(
    client: Client, signed_in: Make, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in()
    words = invite(client, "one@example.org")
    assert "Invitation sent" in words and "gets an e-mail" in words
    # no post is set up: the letter stands in the log alone
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    words = invite(client, "two@example.org")
    assert "Invitation made" in words
    assert "No e-mail was sent. Pass this link on to Dr New yourself." in words

    # the post is away: the invitation holds all the same
    def away(*_args: object, **_more: object) -> None:
        raise ConnectionRefusedError

    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    monkeypatch.setattr("django.core.mail.backends.smtp.EmailBackend.open", away)
    words = invite(client, "three@example.org")
    assert "No e-mail was sent." in words and "/invitation/" in words


def test_ending_the_own_role_says_that_it_is_ones_own(
    client: Client, signed_in: Make, person: Make, places: Any
) -> None:
    me = signed_in()
    other = person("receptionist", places.a)
    mine, theirs = (Holding.objects.get(person=who, place=places.a).pk for who in (me, other))
    own = "This is your own role. You cannot give it back to yourself."
    assert own in client.get(f"/practice/EX001/people/{mine}/end/").content.decode()
    assert own not in client.get(f"/practice/EX001/people/{theirs}/end/").content.decode()


def test_the_last_manager_cannot_leave(client: Client, signed_in: Make, places: Any) -> None:
    me = signed_in()
    (holding,) = held_at(stand(me, "practice", "EX001"))
    page = client.post(f"/practice/EX001/people/{holding.pk}/end/")
    assert page.status_code == 409
    assert "Name another administrator first." in page.content.decode()


def test_a_role_is_ended_after_a_question(
    client: Client, signed_in: Make, person: Make, places: Any
) -> None:
    signed_in()
    other = give_at(places.a, person(name="Gone Example"), "clinician", None)
    elsewhere = give_at(places.b, person(), "clinician", None)
    assert "Gone Example" in client.get(f"/practice/EX001/people/{other.pk}/end/").content.decode()
    assert client.post(f"/practice/EX001/people/{other.pk}/end/").status_code == 302
    assert client.post(f"/practice/EX001/people/{other.pk}/end/").status_code == 404
    assert client.post(f"/practice/EX001/people/{elsewhere.pk}/end/").status_code == 404


def test_sharing_is_off_until_switched_on(client: Client, signed_in: Make, places: Any) -> None:
    signed_in()
    assert not sharing.is_on(places.a, "counts")
    client.post("/practice/EX001/people/sharing/counts/", {"on": "yes"})
    assert sharing.is_on(places.a, "counts")
    assert not sharing.is_on(places.b, "counts")
    client.post("/practice/EX001/people/sharing/counts/", {"on": "no"})
    assert not sharing.is_on(places.a, "counts")
    assert client.post("/practice/EX001/people/sharing/all/", {"on": "yes"}).status_code == 404


def test_the_log_shows_this_place_and_hides_patients_from_administrators(
    client: Client, signed_in: Make, person: Make, places: Any
) -> None:
    me = signed_in()
    chain.note(stand(me, "practice", "EX001"), "patient opened", "PATIENT-CODE")
    other = person("practice_manager", places.b)
    chain.note(stand(other, "practice", "EX002"), "patient opened", "OTHER-CODE")
    words = client.get("/practice/EX001/log/").content.decode()
    assert "PATIENT-CODE" in words
    assert "OTHER-CODE" not in words
    client.force_login(person("administrator", places.borough))
    words = client.get("/practice/EX001/log/").content.decode()
    assert "patient opened" in words
    assert "PATIENT-CODE" not in words


@pytest.mark.parametrize("action", sorted(ABOUT_PATIENTS))
def test_no_entry_shows_a_patient_to_who_may_not_see_patients(
    client: Client, signed_in: Make, person: Make, places: Any, action: str
) -> None:
    chain.note(stand(signed_in(), "practice", "EX001"), action, "PATIENT-CODE")
    client.force_login(person("administrator", places.borough))
    words = client.get("/practice/EX001/log/").content.decode()
    assert action in words
    assert "PATIENT-CODE" not in words


def test_every_action_about_a_patient_is_among_those_that_are_hidden() -> None:
    """Whatever is noted about a code of a patient, in the source itself."""
    import hamlets.web as web

    found: set[str] = set()
    for path in Path(web.__file__).parent.rglob("*.py"):
        for call in re.findall(r"chain\.note\(([^()]*(?:\([^()]*\)[^()]*)*)\)", path.read_text()):
            parts = [part.strip() for part in call.split(",")]
            about = parts[2] if len(parts) > 2 and "=" not in parts[2] else ""
            if re.search(r"\b(code|patient)\b", about):
                found.add(parts[1].strip('"'))
    assert found
    assert found <= ABOUT_PATIENTS


def test_the_changes_of_one_person_are_a_click_away(
    client: Client, signed_in: Make, person: Make, places: Any
) -> None:
    me = signed_in()
    chain.note(stand(me, "practice", "EX001"), "tried", "by-me")
    other = person("clinician", places.a)
    chain.note(stand(other, "practice", "EX001"), "tried", "by-the-other")
    held = Holding.objects.get(person=other)
    address = f"/practice/EX001/log/?of={held.pk}"
    assert f'href="{address}"' in client.get("/practice/EX001/people/").content.decode()
    words = client.get(address).content.decode()
    assert "by-the-other" in words
    assert "by-me" not in words
    assert f"What {other.name} did" in words
    elsewhere = person("clinician", places.b)
    theirs = Holding.objects.get(person=elsewhere)
    for strange in (str(theirs.pk), "999999", "x"):
        assert client.get(f"/practice/EX001/log/?of={strange}").status_code == 404


def test_a_long_log_comes_in_pages(client: Client, signed_in: Make) -> None:
    here = stand(signed_in(), "practice", "EX001")
    for number in range(60):
        chain.note(here, "tried", f"thing-{number}")
    first = client.get("/practice/EX001/log/").content.decode()
    assert "thing-59" in first
    assert not re.search(r"thing-0\b", first)
    older = first.split("?before=")[1].split('"')[0]
    last = client.get(f"/practice/EX001/log/?before={older}").content.decode()
    assert re.search(r"thing-0\b", last)
    assert client.get("/practice/EX001/log/?before=x%27").status_code == 200


@pytest.mark.django_db
class TestFirstStart:
    GIVEN: ClassVar[dict[str, str]] = {
        "name": "Pat Example", "email": "pat@example.org", "password": PASSWORD,
        "place_kind": "practice", "place_name": "Practice A", "place_code": "EX001",
    }  # fmt: skip

    def test_the_link_works_once(self, client: Client) -> None:
        address = f"/set-up/{starting.set_up_token()}/"
        assert client.get("/set-up/made-up/").status_code == 404
        assert client.get(address).status_code == 200
        done = client.post(address, self.GIVEN, follow=True)
        assert done.redirect_chain[-1][0] == "/practice/EX001/"
        again = client.get(address)
        assert again.status_code == 410
        assert "Hamlets is set up already." in again.content.decode()

    @pytest.mark.parametrize(
        "wrong",
        [{"place_code": "../x"}, {"password": "short"}, {"email": "pat"}, {"place_kind": "region"}],
    )
    def test_what_is_not_right_makes_nobody(self, client: Client, wrong: dict[str, str]) -> None:
        page = client.post(f"/set-up/{starting.set_up_token()}/", {**self.GIVEN, **wrong})
        assert page.status_code == 422
        assert not starting.is_set_up()


def test_an_invitation_made_up_is_not_found(client: Client, db: None) -> None:
    assert client.get("/invitation/made-up/").status_code == 404
    assert inviting.find("made-up") is None


def test_the_log_says_which_role_and_what_is_shared(
    client: Client, signed_in: Make, person: Make, places: Any
) -> None:
    me = signed_in()
    here = stand(me, "practice", "EX001")
    sharing.switch(here, "looks", on=True)
    end = Holding.objects.get(person=person("receptionist", places.a), place=places.a)
    client.post(f"/practice/EX001/people/{end.pk}/end/")
    words = client.get("/practice/EX001/log/").content.decode()
    assert "role ended: receptionist" in words
    assert "Shared staff may look up one patient at a time" in words
    # the way back is by People, where the log is linked
    assert '<a href="/practice/EX001/people/">People</a>' in words.split('class="trail"')[1]
