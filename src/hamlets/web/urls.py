"""Every address of the site."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("account/", include("allauth.urls")),
]

handler404 = "hamlets.web.pages.errors.not_found"
handler500 = "hamlets.web.pages.errors.defect"
