"""A database that is away gives a plain page that tries again, not an error of ours."""

from __future__ import annotations

from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

_RETRY_SECONDS = 5


class DatabaseAwayMiddleware:
    """Answers 503 with a page that asks again by itself, for errors inside a view.

    Those of other middleware reach the page for defects first, which gives this page too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, _request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page for an error inside a view; None leaves other errors alone."""
        return away() if is_away(error) else None


def is_away(error: BaseException | None) -> bool:
    """Return whether an error says that the database cannot be reached."""
    return isinstance(error, OperationalError | InterfaceError)


def away() -> HttpResponse:
    """Return the page, drawn without any question to the database."""
    for connection in connections.all(initialized_only=True):
        connection.close()  # so that the next request opens a new one
    page = render_to_string("errors/away.html", {"retry": _RETRY_SECONDS})
    response = HttpResponse(page, status=503)
    response["Retry-After"] = str(_RETRY_SECONDS)
    response["Refresh"] = str(_RETRY_SECONDS)
    return response
