"""Invitations: a link that lets one person choose a password and take up one role, once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from hamlets.logs import get_logger
from hamlets.web.audit import chain
from hamlets.web.people.models import Invitation, Person, new_token
from hamlets.web.places.giving import RoleRefusedError, give_at, refuse_conflict, roles_to_give
from hamlets.web.places.models import Place
from hamlets.web.places.roles import ROLES, May, Role
from hamlets.web.places.standing import Standing
from hamlets.web.words import text


@dataclass(frozen=True)
class Invited:
    """What came of an invitation."""

    invitation: Invitation | None
    """None where the person has an account already and was given the role at once."""
    token: str
    """The secret of the link, known only now."""


def invite(here: Standing, email: str, name: str, role_key: str) -> Invited:
    """Invite somebody to a role at this place; RoleRefusedError says why not.

    Who has an account already gets the role at once: the same words either way, so that nobody
    learns from here who has an account.
    """
    from hamlets.web.places.giving import give

    if not here.may(May.manage_people):
        raise RoleRefusedError(text("roles.not_yours"))
    if role_key not in {role.key for role in roles_to_give(here)}:
        raise RoleRefusedError(text("roles.not_here"))
    known = Person.objects.filter(email=email.strip().lower()).first()
    if known is not None:
        give(here, known, role_key)
        return Invited(None, "")
    with transaction.atomic():
        invited = invite_to(here.place, email, name, role_key, here.person)
        chain.note(here, "invited", email.strip().lower(), role=role_key)
    return invited


def invite_to(
    place: Place, email: str, name: str, role_key: str, invited_by: Person | None
) -> Invited:
    """Make an invitation, whoever asks: for commands and for the first start."""
    token = new_token()
    invitation = Invitation.objects.create(
        digest=_digest(token),
        email=email.strip().lower(),
        name=name.strip(),
        role=role_key,
        place=place,
        invited_by=invited_by,
    )
    return Invited(invitation, token)


def send(invitation: Invitation, link: str) -> bool:
    """Send the link by e-mail; return whether it is on its way.

    It is not where no post is set up, or where it cannot be reached.
    """
    try:
        send_mail(
            text("invitation.subject", place=invitation.place.name),
            text(
                "invitation.mail",
                name=invitation.name,
                place=invitation.place.name,
                role=ROLES[invitation.role].name.lower(),
                link=link,
            ),
            None,
            [invitation.email],
        )
    except OSError as error:  # SMTPException is one too
        get_logger("people").warning("invitation not sent", why=type(error).__name__)
        return False
    return not settings.EMAIL_BACKEND.endswith("console.EmailBackend")


def find(token: str) -> Invitation | None:
    """Return the invitation of a link, used or not; None where there never was one."""
    return (
        Invitation.objects.filter(digest=_digest(token))
        .select_related("place", "invited_by")
        .first()
    )


def accept(token: str, password: str) -> Person | None:
    """Return the new person with the role; None where the link is used, too old or unknown.

    Raises ValidationError where the password is too weak, RoleRefusedError where the role
    would break the conflict rule by now.
    """
    with transaction.atomic():
        invitation = (
            Invitation.objects.select_for_update(of=("self",))
            .filter(digest=_digest(token))
            .select_related("place")
            .first()
        )
        if invitation is None or not invitation.is_open():
            return None
        person = Person.objects.filter(email=invitation.email).first()
        if person is None:
            person = Person(email=invitation.email, name=invitation.name)
            validate_password(password, person)
            person.set_password(password)
            person.save()
        refuse_conflict(person, ROLES[invitation.role], invitation.place)
        give_at(invitation.place, person, invitation.role, invitation.invited_by)
        invitation.used = timezone.now()
        invitation.save(update_fields=["used"])
        chain.record(person, "invitation accepted", place=invitation.place, role=invitation.role)
    return person


def open_at(here: Standing) -> list[Invitation]:
    """Return the invitations to this place that still work, newest first."""
    waiting = Invitation.objects.filter(place=here.place, used__isnull=True).order_by("-made")
    return [invitation for invitation in waiting if invitation.is_open()]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def role_of(invitation: Invitation) -> Role:
    """Return the role that an invitation gives."""
    return ROLES[invitation.role]
