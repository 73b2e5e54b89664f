"""The way to a work account's provider: one that is away is told in words, not as a defect."""

from __future__ import annotations

from typing import Any

from allauth.socialaccount.providers.openid_connect import views
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from requests import RequestException


def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send somebody to the provider, whose own pages then ask who it is."""
    return _asked(views.login, request, provider_id)


def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take up what the provider says of whoever comes back from it."""
    return _asked(views.callback, request, provider_id)


def _asked(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    try:
        return view(request, provider_id)
    # KeyError: what answers there is no provider's metadata
    except (RequestException, KeyError):
        return render(request, "socialaccount/authentication_error.html", status=502)
