"""Addresses of the accounts package: each is wanted or closed, and all words are ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth import urls as package
from allauth.account.adapter import DefaultAccountAdapter
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from hamlets.web.people.urls import CLOSED, CLOSED_WITHOUT_NAME, OPEN

MakePerson = Callable[..., Any]
pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def addresses(patterns: list[Any], above: str = "") -> Iterator[tuple[str | None, str]]:
    for pattern in patterns:
        here = above + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, here)
        elif isinstance(pattern, URLPattern):
            yield pattern.name, here


def test_each_address_of_the_package_is_wanted_or_closed() -> None:
    found = list(addresses(package.urlpatterns))
    assert {name for name, _ in found if name} == OPEN | set(CLOSED)
    assert {path for name, path in found if name is None} == set(CLOSED_WITHOUT_NAME)


@pytest.mark.parametrize("name", sorted(CLOSED))
def test_what_is_closed_is_not_found_signed_in_or_out(
    client: Client, person: MakePerson, name: str
) -> None:
    path = reverse(name, kwargs={"key": "abc"} if "key" in CLOSED[name] else None)
    answers = [client.get(path), client.post(path)]
    client.force_login(person("practice_manager"), backend=BACKEND)
    answers += [client.get(path), client.post(path)]
    assert {answer.status_code for answer in answers} == {404}
    assert "Page not found" in answers[0].content.decode()


@pytest.mark.parametrize("path", CLOSED_WITHOUT_NAME)
def test_earlier_addresses_of_the_package_are_not_found(client: Client, path: str) -> None:
    assert client.get(f"/account/{path}").status_code == 404


def test_a_wrong_password_and_an_unknown_address_look_the_same(
    client: Client, person: MakePerson
) -> None:
    person("clinician", email="ash@example.org")

    def asked(email: str) -> str:
        answer = client.post("/account/login/", {"login": email, "password": "not this one"})
        page = answer.content.decode().replace(email, "")
        return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)

    assert asked("ash@example.org") == asked("elm@example.org")


def test_an_unknown_address_gets_a_letter_that_says_so_in_our_words(client: Client) -> None:
    client.post("/account/password/reset/", {"email": "nobody@example.org"})
    letter = mail.outbox[0]
    assert "nobody here has that address" in letter.body
    assert "user" not in letter.body


def test_a_link_that_is_wrong_says_what_to_do(client: Client) -> None:
    page = client.get("/account/password/reset/key/1-abc/").content.decode()
    assert "This link no longer works" in page


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "Use 12 characters or more"),
        ("1qaz2wsx3edc", "Choose a password that others do not use"),
        ("example.person.one@", "without your name or e-mail address"),
        ("", "Enter a password"),
    ],
)
def test_a_password_that_will_not_do_says_what_would(
    client: Client, person: MakePerson, password: str, words: str
) -> None:
    who = person("clinician", email="example.person.one@example.org")
    client.force_login(who, backend=BACKEND)
    asked = {"oldpassword": "correct horse battery staple", "password1": password}
    assert words in client.post("/account/password/change/", asked).content.decode()


def test_too_many_tries_is_a_page_of_ours(client: Client, person: MakePerson) -> None:
    person("clinician", email="busy@example.org")
    pages = [
        client.post("/account/login/", {"login": "busy@example.org", "password": f"wrong {n}"})
        for n in range(8)
    ]
    assert "Too many tries" in pages[-1].content.decode()


def test_no_word_of_the_package_that_a_form_can_say_is_left() -> None:
    from hamlets.web.people.adapters import AccountAdapter

    said = {
        "account_inactive",
        "email_password_mismatch",
        "enter_current_password",
        "incorrect_code",
        "incorrect_password",
        "too_many_login_attempts",
        "rate_limited",
    }
    theirs = DefaultAccountAdapter.error_messages
    assert {key for key in said if AccountAdapter.error_messages[key] == theirs[key]} == set()
