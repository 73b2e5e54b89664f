"""Pages for what is not there, not allowed or went wrong."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hamlets.logs import log_defect
from hamlets.web.middleware.away import away, is_away


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return the one answer for what does not exist and what is somebody else's."""
    return render(request, "errors/not_found.html", status=404)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a form that was open too long, or that came from elsewhere."""
    return render(request, "errors/form_expired.html", status=403)


def defect(request: HttpRequest) -> HttpResponse:
    """Return the page for a defect of ours, with the id of its line in the log.

    The line holds where it happened and never what was asked or shown. A database that is away
    is no defect; Django brings that here where it happened before a view was reached.
    """
    error = sys.exc_info()[1]
    if is_away(error):
        return away()
    log_id = log_defect(error) if error is not None else ""
    return render(request, "errors/defect.html", {"log_id": log_id}, status=500)
