"""Making administrators from the command line."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from hamlets.errors import UsageError
from hamlets.web.configuration import web_settings
from hamlets.web.people.inviting import invite_to
from hamlets.web.people.models import INVITATION_DAYS, Person
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place
from hamlets.web.places.roles import Kind


def create(email: str, name: str, place: str, place_name: str = "") -> list[str]:
    """Make somebody administrator of a place and return the lines to print.

    Who has no account yet gets a link. UsageError for a wrong address or place.
    """
    try:
        validate_email(email)
    except ValidationError:
        raise UsageError(
            "That is not an e-mail address.", where="--email", hint="Write it as name@example.org."
        ) from None
    where = _place(place, place_name)
    person = Person.objects.filter(email=email.strip().lower()).first()
    if person is not None:
        give_at(where, person, "administrator", None)
        return [f"{person.name} is an administrator of {where.name} now."]
    invited = invite_to(where, email, name, "administrator", None)
    site = web_settings()
    first = site.hosts[0]
    base = f"http://{first}:8000" if site.loopback_only else f"https://{first}"
    return [
        f"{name} becomes an administrator of {where.name} through this link, "
        f"within {INVITATION_DAYS} days (change its first part if your site has another address):",
        f"  {base}/invitation/{invited.token}/",
    ]


def _place(given: str, name: str) -> Place:
    kind, _, code = given.partition(":")
    if kind not in Kind.__members__ or not code:
        raise UsageError(
            "That is not a place.",
            where="--place",
            hint="Write kind and code, for example practice:G99001 or network:NETWORK-1.",
        )
    found = Place.objects.filter(kind=kind, code=code).first()
    return found or Place.objects.create(kind=kind, code=code, name=name or code)
