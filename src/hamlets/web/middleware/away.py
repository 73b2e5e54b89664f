"""A database that is away gives a plain page that tries again, not an error of ours."""

from __future__ import annotations

from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

_RETRY_SECONDS = 5


class DatabaseAwayMiddleware:
    """Answers 503 with a page that asks again by itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError):
            return away()

    def process_exception(self, _request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page for an error inside a view; None leaves other errors alone."""
        if isinstance(error, OperationalError | InterfaceError):
            return away()
        return None


def away() -> HttpResponse:
    """Return the page, drawn without any question to the database."""
    for connection in connections.all(initialized_only=True):
        connection.close()  # so that the next request opens a new one
    page = render_to_string("errors/away.html", {"retry": _RETRY_SECONDS})
    response = HttpResponse(page, status=503)
    response["Retry-After"] = str(_RETRY_SECONDS)
    response["Refresh"] = str(_RETRY_SECONDS)
    return response
