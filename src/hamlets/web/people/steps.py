"""Who has a second step on when signing in."""

from __future__ import annotations

from collections.abc import Iterable

from allauth.mfa.models import Authenticator

from hamlets.web.people.models import Person


def second_steps(people: Iterable[Person]) -> frozenset[int]:
    """Return the ids of those of these people who have a second step on."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
    rows = Authenticator.objects.filter(user__in=list(people), type__in=kinds)
    return frozenset(rows.values_list("user_id", flat=True))
