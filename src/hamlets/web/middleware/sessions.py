"""Sessions end after 15 minutes without a click, and after 12 hours whatever happens."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from hamlets.web.configuration import web_settings

BEGAN, SEEN = "began", "seen"
_KEEP_EVERY = 60
"""Seconds between two writes of the last click, so that reading a page seldom writes."""


class SessionLimitsMiddleware:
    """Signs out who was away too long, before any page is made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            if getattr(request.user, "invented", False) and not web_settings().demo:
                logout(request)  # a person of the demonstration, and it does not run here
                return self.get_response(request)
            now = int(time.time())
            session = request.session
            began, seen = session.get(BEGAN, now), session.get(SEEN, now)
            idle, whole = settings.SESSION_IDLE_SECONDS, settings.SESSION_COOKIE_AGE
            if now - seen >= idle or now - began >= whole:
                logout(request)
            elif BEGAN not in session or now - seen >= _KEEP_EVERY:
                session[BEGAN], session[SEEN] = began, now
        return self.get_response(request)
