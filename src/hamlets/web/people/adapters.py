"""How the accounts package fits this site: nobody signs up, an invitation is needed."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.shortcuts import render

from hamlets.logs import get_logger
from hamlets.web.configuration import web_settings
from hamlets.web.people.models import Person
from hamlets.web.words import text


class AccountAdapter(DefaultAccountAdapter):
    """No sign-up; people of the demonstration only where it runs."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": text("account_error.inactive"),
        "email_password_mismatch": text("account_error.login"),
        "enter_current_password": text("account_error.old"),
        "incorrect_code": text("account_error.code"),
        "incorrect_password": text("account_error.password"),
        "invalid_login": text("account_error.login"),
        "invalid_or_expired_key": text("account_error.link"),
        "invalid_password_reset": text("account_error.link"),
        "too_many_login_attempts": text("account_error.many"),
        "rate_limited": text("account_error.many"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a mail; where the server is away the page is the same, so that it tells nobody
        who has an account."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as error:  # SMTPException is one too
            get_logger("people").warning("mail not sent", why=type(error).__name__)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        person = super().authenticate(request, **credentials)
        if isinstance(person, Person) and person.invented and not web_settings().demo:
            return None
        return person


class StepAdapter(DefaultMFAAdapter):
    """The second step, with our words for what is wrong."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": text("account_error.not_now"),
        "cannot_generate_recovery_codes": text("account_error.codes_first"),
        "incorrect_code": text("account_error.code"),
        "rate_limited": text("account_error.many"),
    }

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 - theirs
        """Return what stands in the box for a key's name at first."""
        several = Authenticator.objects.filter(user=user, type=type).count()
        return text("account.key_numbered", n=several + 1)


class SocialAdapter(DefaultSocialAccountAdapter):
    """Sign-in through work accounts: only for an address that was invited here before."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Join the work account to the person of that verified address; else say so."""
        if sociallogin.is_existing:
            return
        proved = [a.email.lower() for a in sociallogin.email_addresses if a.verified]
        person = Person.objects.filter(email__in=proved, is_active=True, invented=False).first()
        if person is None:
            raise ImmediateHttpResponse(render(request, "errors/not_invited.html", status=403))
        sociallogin.connect(request, person)
