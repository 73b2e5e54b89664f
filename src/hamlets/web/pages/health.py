"""Whether the site answers, for whoever watches it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe


@require_safe
def health(_request: HttpRequest) -> HttpResponse:
    """Return "ok" in plain text; says nothing about anybody."""
    return HttpResponse("ok\n", content_type="text/plain")


urlpatterns = [path("health/", health, name="health")]
