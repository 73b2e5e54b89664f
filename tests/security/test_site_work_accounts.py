"""Signing in with a work account: a real provider of OpenID Connect on this computer is asked.

It does what the standard says: metadata, keys, codes that are used once, proof of the asker
(PKCE), signed tokens. What it says of an address decides who gets in.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
import requests
import site_setup  # noqa: F401 - before anything of Django
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.cache import cache
from django.test import Client
from jwt.algorithms import RSAAlgorithm

from hamlets.errors import UsageError
from hamlets.web import configuration
from hamlets.web.people.models import Person
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place

pytestmark = [pytest.mark.django_db, pytest.mark.allow_hosts(["127.0.0.1", "localhost"])]
LOGIN = "/account/oidc/employer/login/"
CALLBACK = "/account/oidc/employer/login/callback/"
HOME = "/practice/EX001/people/"
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider(ThreadingHTTPServer):
    """A provider of work accounts; ``claims`` is what it says of whoever signs in."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.claims: dict[str, Any] = {"sub": "77", "email": "manager@example.org"}
        self.audience = "hamlets"
        self.codes: dict[str, str] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Asked(BaseHTTPRequestHandler):
    """One question to the provider."""

    server: Provider

    def log_message(self, *_: object) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Say nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        at = self.server.address
        if parts.path == "/.well-known/openid-configuration":
            self.tell(
                {
                    "issuer": at,
                    "authorization_endpoint": f"{at}/authorize",
                    "token_endpoint": f"{at}/token",
                    "userinfo_endpoint": f"{at}/userinfo",
                    "jwks_uri": f"{at}/keys",
                    "token_endpoint_auth_methods_supported": ["client_secret_post"],
                }
            )
        elif parts.path == "/keys":
            key = json.loads(RSAAlgorithm.to_jwk(KEY.public_key()))
            self.tell({"keys": [{**key, "kid": "1", "use": "sig", "alg": "RS256"}]})
        elif parts.path == "/authorize":
            assert given["code_challenge_method"] == "S256"
            self.server.codes["once"] = given["code_challenge"]
            back = urlencode({"code": "once", "state": given["state"]})
            self.send_response(302)
            self.send_header("Location", f"{given['redirect_uri']}?{back}")
            self.end_headers()
        elif parts.path == "/userinfo":
            self.tell(self.server.claims)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        given = {name: values[0] for name, values in parse_qs(body).items()}
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        asker = (given.get("client_id"), given.get("client_secret"))
        if asker != ("hamlets", "secret") or self.server.codes.pop(given["code"], "") != proof:
            self.tell({"error": "invalid_grant"}, 400)
            return
        now = int(time.time())
        token = {**self.server.claims, "iss": self.server.address, "aud": self.server.audience,
                 "iat": now, "exp": now + 60}  # fmt: skip
        signed = jwt.encode(token, KEY, algorithm="RS256", headers={"kid": "1"})
        self.tell({"access_token": "a", "token_type": "Bearer", "id_token": signed})

    def tell(self, what: Any, status: int = 200) -> None:
        body = json.dumps(what).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def chosen(monkeypatch: pytest.MonkeyPatch, settings: Any, server: str, domains: str = "") -> None:
    """Set the environment as for a site with that provider."""
    for name, value in (
        ("SERVER", server), ("CLIENT", "hamlets"), ("SECRET", "secret"), ("DOMAINS", domains),
    ):  # fmt: skip
        monkeypatch.setenv(f"HAMLETS_OIDC_{name}", value)
    fresh = configuration.WebSettings()
    monkeypatch.setattr(configuration, "web_settings", lambda: fresh)
    settings.SOCIALACCOUNT_PROVIDERS = configuration.work_accounts()


@pytest.fixture
def work(provider: Provider, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Provider:
    from django.core.management import call_command

    call_command("createcachetable", verbosity=0)
    cache.clear()
    chosen(monkeypatch, settings, provider.address)
    return provider


@pytest.fixture
def manager() -> Person:
    place = Place.objects.create(kind="practice", code="EX001", name="Practice A")
    person = Person.objects.create_user("manager@example.org", None, name="Manager Example")
    give_at(place, person, "practice_manager", None)
    return person


def sign_in(client: Client, there: str = "") -> Any:
    """Press the button, be sent to the provider, and come back with what it gives."""
    sent = client.post(LOGIN + there)
    assert sent.status_code == 302, sent.content.decode()
    back = requests.get(sent["Location"], allow_redirects=False, timeout=10).headers["Location"]
    assert urlsplit(back).path == CALLBACK
    return client.get(f"{CALLBACK}?{urlsplit(back).query}")


def test_a_proved_address_that_was_invited_opens_the_site(
    client: Client, manager: Person, work: Provider
) -> None:
    work.claims |= {"email": "Manager@Example.org", "email_verified": True}
    assert sign_in(client).status_code == 302
    assert client.get(HOME).status_code == 200
    # from now on it is the account that counts, not what it says of its address
    work.claims = {"sub": "77", "email": "married@example.org", "email_verified": False}
    other = Client()
    assert sign_in(other).status_code == 302
    assert other.get(HOME).status_code == 200
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {},
        {"email": "stranger@example.org", "email_verified": True},
        {"email": "", "email_verified": True},
    ],
)
def test_who_was_not_invited_or_is_not_proved_stays_outside(
    client: Client, manager: Person, work: Provider, claims: dict[str, Any]
) -> None:
    work.claims |= claims
    page = sign_in(client)
    assert page.status_code == 403
    assert client.get(HOME).status_code == 302
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    ("domains", "opens"),
    [
        ("example.org", True),
        ("nhs.net, @example.org", True),
        ("ample.org", False),
        ("nhs.net", False),
    ],
)
def test_addresses_of_a_named_domain_count_as_proved(
    client: Client,
    manager: Person,
    work: Provider,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    domains: str,
    opens: bool,
) -> None:
    """Entra says nothing of whether an address was checked."""
    chosen(monkeypatch, settings, work.address, domains)
    assert sign_in(client).status_code == (302 if opens else 403)
    assert (client.get(HOME).status_code == 200) == opens


@pytest.mark.parametrize("what", ["invented", "ended"])
def test_people_of_the_demonstration_and_those_who_left_stay_outside(
    client: Client, manager: Person, work: Provider, what: str
) -> None:
    work.claims |= {"email_verified": True}
    if what == "invented":
        manager.invented = True
    else:
        manager.is_active = False
    manager.save()
    sign_in(client)
    assert client.get(HOME).status_code == 302


def test_an_account_that_was_joined_ends_with_the_person(
    client: Client, manager: Person, work: Provider
) -> None:
    work.claims |= {"email_verified": True}
    sign_in(client)
    manager.is_active = False
    manager.save()
    other = Client()
    sign_in(other)
    assert other.get(HOME).status_code == 302


def test_a_second_step_is_still_asked_for(client: Client, manager: Person, work: Provider) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(manager, generate_totp_secret())
    work.claims |= {"email_verified": True}
    answer = sign_in(client)
    assert answer["Location"].startswith("/account/2fa/authenticate/")
    assert client.get(HOME).status_code == 302


def test_an_answer_that_nobody_asked_for_signs_nobody_in(
    client: Client, manager: Person, work: Provider
) -> None:
    """A link from elsewhere with somebody's code: the state is not this browser's."""
    work.claims |= {"email_verified": True}
    client.post(LOGIN)
    page = client.get(f"{CALLBACK}?code=once&state=made-up")
    assert page.status_code in (200, 401, 403)
    assert "did not sign you in" in page.content.decode()
    assert client.get(HOME).status_code == 302


def test_a_token_for_another_site_signs_nobody_in(
    client: Client, manager: Person, work: Provider
) -> None:
    work.claims |= {"email_verified": True}
    work.audience = "another"
    assert "did not sign you in" in sign_in(client).content.decode()
    assert client.get(HOME).status_code == 302


def test_a_provider_that_is_away_is_told_in_words(
    client: Client, manager: Person, work: Provider, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    chosen(monkeypatch, settings, "http://127.0.0.1:9")
    page = client.post(LOGIN)
    assert page.status_code == 502
    assert "It may be away for the moment." in page.content.decode()


def test_the_way_back_stays_on_this_site(client: Client, manager: Person, work: Provider) -> None:
    work.claims |= {"email_verified": True}
    assert sign_in(client, f"?next={HOME}")["Location"] == HOME
    other = Client()
    assert "evil" not in sign_in(other, "?next=https://evil.example/")["Location"]


@pytest.mark.parametrize(
    "server",
    [
        "http://login.example.org",
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com/organizations/v2.0/.well-known/openid-configuration",
        "ftp://127.0.0.1",
    ],
)
def test_a_provider_whose_word_proves_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, settings: Any, server: str
) -> None:
    with pytest.raises(UsageError) as refused:
        chosen(monkeypatch, settings, server)
    assert refused.value.hint


def test_without_a_provider_there_is_no_such_address(client: Client) -> None:
    assert client.post(LOGIN).status_code == 404
