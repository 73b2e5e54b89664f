"""How the accounts package fits this site: nobody signs up, an invitation is needed."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.shortcuts import render

from hamlets.web.configuration import web_settings
from hamlets.web.people.models import Person


class AccountAdapter(DefaultAccountAdapter):
    """No sign-up; people of the demonstration only where it runs."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        person = super().authenticate(request, **credentials)
        if isinstance(person, Person) and person.invented and not web_settings().demo:
            return None
        return person


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
