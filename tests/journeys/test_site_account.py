"""Accounts in a real browser: signing in, passwords, an app with codes, a key, going out again."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core import mail

from hamlets.web.people.models import Person
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place
from tests.journeys.browsing import Site, fits, shot
from tests.journeys.conftest import LAYOUT, Find

pytestmark = [
    pytest.mark.browser,
    pytest.mark.allow_hosts(["127.0.0.1", "localhost", "::1"]),
    pytest.mark.django_db(transaction=True),
]
PASSWORD = "correct horse battery staple"


@pytest.fixture
def person(db: None) -> Person:
    """Make somebody with a place."""
    practice = Place.objects.create(kind="practice", code="EX001", name="Practice A")
    made = Person.objects.create_user(
        email="ash@example.org", password=PASSWORD, name="Dr Example-Ash"
    )
    give_at(practice, made, "practice_manager", None)
    return made


class Look:
    """Looks at a page wide and narrow, and keeps a picture where somebody wants one."""

    def __init__(self, find: Find) -> None:
        self.find = find
        self.seen = 0

    def __call__(self, page: Any, name: str) -> None:
        self.seen += 1
        for width, rules in ((320, LAYOUT), (1280, ())):
            page.set_viewport_size({"width": width, "height": 900})
            shot(page, f"account-{name}-{width}")
            assert self.find(page, *rules) == [], name
            assert fits(page), name


@pytest.fixture
def look(find: Find) -> Look:
    return Look(find)


def sign_in(page: Any, password: str = PASSWORD) -> None:
    page.get_by_label("E-mail address").fill("ash@example.org")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def prove(page: Any, password: str = PASSWORD) -> None:
    """Prove once more who is there, before something that matters."""
    page.get_by_label("Your password").fill(password)
    page.get_by_role("button", name="Go on").click()


def test_a_password_is_forgotten_and_changed(site: Site, person: Person, look: Look) -> None:
    page = site.visit()
    page.goto("/account/login/")
    look(page, "login")
    sign_in(page, "not this one")
    assert page.title().startswith("Error: ")
    assert page.evaluate("document.activeElement.className") == "nhsuk-error-summary"
    look(page, "login-problem")
    page.get_by_role("link", name="I forgot my password").click()
    look(page, "reset")
    page.get_by_label("E-mail address").fill("ash@example.org")
    page.get_by_role("button", name="Send the link").click()
    look(page, "reset-sent")

    letter = mail.outbox[0]
    assert letter.subject.endswith("A new password for Hamlets")
    link = next(word for word in letter.body.split() if word.startswith("http"))
    path = re.sub(r"^https?://[^/]+", "", link)
    page.goto(path)
    look(page, "reset-new")
    page.get_by_label("New password").fill("short")
    page.get_by_role("button", name="Save the new password").click()
    assert page.get_by_role("link", name="Use 12 characters or more").is_visible()
    page.get_by_label("New password").fill("three quiet purple lamps")
    page.get_by_role("button", name="Save the new password").click()
    look(page, "reset-done")
    page.goto(path)
    look(page, "reset-used")

    page.goto("/account/login/")
    sign_in(page, "three quiet purple lamps")
    page.goto("/account/2fa/")
    page.get_by_role("link", name="Change your password").click()
    look(page, "password")
    page.get_by_label("Password now").fill("three quiet purple lamps")
    page.get_by_label("New password").fill("four quiet purple lamps")
    page.get_by_role("button", name="Save the new password").click()
    assert page.get_by_text("Your password is changed.").is_visible()
    # an address of an app is not proved by a link here, and that keeps no second step away
    page.goto("/account/2fa/totp/activate/")
    prove(page, "four quiet purple lamps")
    assert page.get_by_role("heading", name="Set up an app with codes").is_visible()
    assert site.trouble == []
    assert look.seen == 8


def code_of(secret: str) -> str:
    """Return the code that an app shows now."""
    return totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30))


def test_an_app_and_a_key_keep_others_out(site: Site, person: Person, look: Look) -> None:
    page = site.visit()
    keys = page.context.new_cdp_session(page)
    keys.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    keys.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/account/login/?next=/account/2fa/")
    sign_in(page)
    look(page, "mine")

    page.get_by_role("link", name="Set up an app").click()
    look(page, "again")
    prove(page)
    look(page, "app")
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Switch it on").click()
    assert page.get_by_role("heading", name="There is a problem").is_visible()
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()
    look(page, "codes")
    codes = page.locator(".codes li").all_inner_texts()
    assert len(codes) == 10

    page.goto("/account/2fa/webauthn/")
    look(page, "keys-none")
    page.get_by_role("button", name="Add a key").click()
    look(page, "key-add")
    page.get_by_label("Name of the key").fill("blue key")
    page.get_by_label("Use this key to sign in without a password").check()
    page.get_by_role("button", name="Add a key").click()
    page.get_by_text("The key is added.").wait_for()
    look(page, "mine-all")
    page.goto("/account/2fa/webauthn/")
    look(page, "keys")
    page.get_by_role("link", name="Change the name").click()
    look(page, "key-name")
    page.goto("/account/sessions/")
    look(page, "sessions")

    # the sign-out of the frame asks nothing more
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("heading", name="Sign in").is_visible()
    sign_in(page)
    look(page, "step")
    page.get_by_label("Code").fill(codes[0])
    page.get_by_role("button", name="Sign in").click()
    page.goto("/account/2fa/")
    assert page.get_by_text("9 of 10 not used yet.").is_visible()

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "login" not in url)
    page.goto("/account/2fa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    look(page, "again-ways")
    page.get_by_role("link", name="Use a key or passkey").click()
    look(page, "again-key")
    page.get_by_role("button", name="Use a key or passkey").click()
    page.wait_for_url("**/remove/")
    look(page, "key-remove")
    page.get_by_role("button", name="Remove the key").click()
    assert page.get_by_text("The key is removed.").is_visible()
    page.goto("/account/2fa/totp/deactivate/")
    look(page, "app-off")
    page.get_by_role("button", name="Switch it off").click()
    assert page.get_by_text("The app is off.").is_visible()
    assert site.trouble == []


def test_all_but_keys_works_without_scripts(site: Site, person: Person) -> None:
    page = site.visit(320, scripts=False)
    page.goto("/account/login/?next=/account/2fa/")
    assert page.get_by_role("button", name="Sign in with a passkey").count() == 0
    sign_in(page)
    page.locator(".fold-menu summary").click()
    shot(page, "account-menu-no-script-320")
    page.get_by_role("link", name="See where you are signed in").click()
    assert page.get_by_role("table").get_by_text("this one").is_visible()
    page.goto("/account/2fa/webauthn/add/")
    prove(page)
    assert page.get_by_text("Keys need JavaScript").is_visible()
    page.locator(".fold-menu summary").click()
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_role("heading", name="Sign in").is_visible()
    assert site.trouble == []
