"""Every address of the site: each page module has its own, in this order."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.urls import include, path

PAGES = (
    "start",
    "health",
    "continuity",
    "audits",
    "learning",
    "workforce",
    "named",
    "files",
    "teams",
    "teams_describe",
    "teams_plan",
    "teams_adopt",
    "teams_move",
    "teams_staff",
    "elsewhere",
    "patients",
    "data",
    "data_steps",
    "data_columns",
    "people",
    "answered",
    "home",  # last: its address is any two words
)
"""Modules of :mod:`hamlets.web.pages` with addresses."""


def _addresses(module: str) -> list[Any]:
    return import_module(f"hamlets.web.pages.{module}").urlpatterns


urlpatterns = [
    path("account/", include("hamlets.web.people.urls")),
    *(pattern for module in PAGES for pattern in _addresses(module)),
]

handler404 = "hamlets.web.pages.errors.not_found"
handler500 = "hamlets.web.pages.errors.defect"
