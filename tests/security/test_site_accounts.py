"""Signing in: guesses are slowed, nobody learns who has an account, sessions end."""

from __future__ import annotations

import time
from typing import Any

import pytest
import site_setup  # noqa: F401 - before anything of Django
from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from hamlets.web.people.models import Person
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place

SIGN_IN = "/account/login/"
PASSWORD = "correct horse battery staple"
HOME = "/practice/EX001/people/"


@pytest.fixture
def manager(db: None) -> Person:
    from django.core.management import call_command

    call_command("createcachetable", verbosity=0)
    cache.clear()
    place = Place.objects.create(kind="practice", code="EX001", name="Practice A")
    person = Person.objects.create_user("manager@example.org", PASSWORD, name="Manager Example")
    give_at(place, person, "practice_manager", None)
    return person


def sign_in(client: Client, email: str, password: str, address: str = "10.0.0.1") -> HttpResponse:
    given = {"login": email, "password": password}
    return client.post(SIGN_IN, given, REMOTE_ADDR=address)  # pyright: ignore[reportReturnType]


def test_the_right_password_opens_the_site_with_a_new_session(
    client: Client, manager: Person
) -> None:
    client.get(SIGN_IN)
    before = client.session.session_key
    assert sign_in(client, "Manager@Example.org", PASSWORD).status_code == 302
    assert client.session.session_key not in (None, before)
    assert client.get(HOME).status_code == 200


def test_a_session_that_was_planted_is_not_kept(client: Client, manager: Person) -> None:
    session = client.session
    session["planted"] = "yes"
    session.save()
    planted = session.session_key
    sign_in(client, "manager@example.org", PASSWORD)
    other = Client()
    other.cookies[settings.SESSION_COOKIE_NAME] = str(planted)
    assert other.get(HOME).status_code == 302


def test_a_cookie_is_dead_after_signing_out(client: Client, manager: Person) -> None:
    client.force_login(manager)
    kept = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert client.get("/account/logout/").status_code == 200, "a link alone signs nobody out"
    assert client.get(HOME).status_code == 200
    client.post("/account/logout/")
    other = Client()
    other.cookies[settings.SESSION_COOKIE_NAME] = kept
    assert other.get(HOME).status_code == 302


def test_no_word_tells_who_has_an_account(client: Client, manager: Person) -> None:
    known = sign_in(client, "manager@example.org", "wrong wrong wrong")
    cache.clear()
    nobody = sign_in(client, "nobody@example.org", "wrong wrong wrong")
    assert known.status_code == nobody.status_code
    blank = known.content.decode().replace("manager@", "x@")
    assert words(blank) == words(nobody.content.decode().replace("nobody@", "x@"))


def words(page: str) -> str:
    """Return a page without the secret of its form."""
    return page.split("csrfmiddlewaretoken")[0] + page.split("</form>")[-1]


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_a_mail_server_that_is_away_tells_nobody_who_has_an_account(
    client: Client, manager: Person, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    client.raise_request_exception = False
    known = client.post("/account/password/reset/", {"email": "manager@example.org"})
    cache.clear()
    nobody = client.post("/account/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (nobody.status_code, nobody["Location"])
    assert known.status_code == 302


def test_a_password_reset_tells_nobody_who_has_an_account(client: Client, manager: Person) -> None:
    known = client.post("/account/password/reset/", {"email": "manager@example.org"})
    nobody = client.post("/account/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (nobody.status_code, nobody["Location"])


def test_a_thousand_wrong_passwords_from_ten_addresses(client: Client, manager: Person) -> None:
    """Almost all are refused before a password is looked at, and the right one is too."""
    looked_at = 0
    checked: list[str] = []
    original = Person.check_password

    def check(self: Person, raw: str) -> bool:
        checked.append(raw)
        return original(self, raw)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Person, "check_password", check)
        for number in range(1000):
            sign_in(client, "manager@example.org", f"guess {number}", f"10.0.0.{number % 10}")
        looked_at = len(checked)
        sign_in(client, "manager@example.org", PASSWORD, "10.0.0.3")
    assert looked_at <= 10
    assert client.get(HOME).status_code == 302, "the account waits, whoever asks"


def test_nobody_can_sign_up(client: Client, db: None) -> None:
    assert client.get("/account/signup/").status_code == 404


def test_fifteen_minutes_without_a_click_sign_out(
    client: Client, manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    client.force_login(manager)
    assert client.get(HOME).status_code == 200
    monkeypatch.setattr("hamlets.web.middleware.sessions.time.time", lambda: now + 14 * 60)
    assert client.get(HOME).status_code == 200
    monkeypatch.setattr("hamlets.web.middleware.sessions.time.time", lambda: now + 28 * 60)
    assert client.get(HOME).status_code == 200
    monkeypatch.setattr("hamlets.web.middleware.sessions.time.time", lambda: now + 44 * 60)
    assert client.get(HOME).status_code == 302


def test_twelve_hours_end_every_session(
    client: Client, manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = time.time()
    client.force_login(manager)
    assert client.get(HOME).status_code == 200
    for minutes in range(10, 12 * 60 + 10, 10):
        later = now + minutes * 60
        monkeypatch.setattr("hamlets.web.middleware.sessions.time.time", lambda t=later: t)
        status = client.get(HOME).status_code
        assert status == (200 if minutes < 12 * 60 else 302), minutes


def posting() -> list[str]:
    """Return an address of each page of ours that takes a POST."""
    found: list[str] = []

    def walk(resolver: URLResolver, before: str) -> None:
        entry: Any
        for entry in resolver.url_patterns:
            route = before + str(entry.pattern)
            if isinstance(entry, URLResolver):
                walk(entry, route)
            elif isinstance(entry, URLPattern) and "<" not in route.replace("<kind>", "").replace(
                "<code>", ""
            ):
                found.append("/" + route.replace("<kind>", "practice").replace("<code>", "EX001"))

    walk(get_resolver(), "")
    return sorted(set(found))


def test_every_post_needs_the_secret_of_its_form(manager: Person) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(manager)
    for address in posting():
        if "(" in address or "^" in address:
            continue
        status = strict.post(address, {}).status_code
        assert status in (403, 404, 405), f"{address}: {status}"


@pytest.mark.parametrize(
    "where", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_signing_in_sends_nobody_elsewhere(client: Client, manager: Person, where: str) -> None:
    given = {"login": "manager@example.org", "password": PASSWORD, "next": where}
    response = client.post(SIGN_IN, given)
    assert response.status_code == 302
    assert response["Location"].startswith("/")
    assert not response["Location"].startswith("//")
    assert "evil" not in response["Location"]


def test_an_account_that_was_closed_opens_nothing(client: Client, manager: Person) -> None:
    client.force_login(manager)
    assert client.get(HOME).status_code == 200
    Person.objects.filter(pk=manager.pk).update(is_active=False)
    assert client.get(HOME).status_code == 302


def test_people_of_the_demonstration_sign_in_only_where_it_runs(
    client: Client, manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    Person.objects.update(invented=True)
    sign_in(client, "manager@example.org", PASSWORD)
    assert client.get(HOME).status_code == 302

    class Demo:
        demo = True

    client.force_login(manager)
    assert client.get(HOME).status_code == 302, "nor with a session of an earlier start"
    monkeypatch.setattr("hamlets.web.people.adapters.web_settings", Demo)
    monkeypatch.setattr("hamlets.web.middleware.sessions.web_settings", Demo)
    sign_in(client, "manager@example.org", PASSWORD)
    assert client.get(HOME).status_code == 200


def test_pages_are_kept_by_no_cache_and_carry_the_headers(client: Client, manager: Person) -> None:
    client.force_login(manager)
    page = client.get(HOME)
    assert page["Cache-Control"] == "no-store"
    policy = page["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "default-src 'none'" in policy
    assert page["X-Frame-Options"] == "DENY"
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Referrer-Policy"] == "same-origin"
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
