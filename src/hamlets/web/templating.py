"""The site's template engine: everything is escaped, a missing name is an error."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


def environment(**options: Any) -> Environment:
    """Return the engine, which finds the NHS components and the report's templates too."""
    loader = options.pop("loader")
    options.update(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    shared = (PackageLoader("nhsuk_frontend_jinja"), PackageLoader("hamlets.publish"))
    return Environment(loader=ChoiceLoader([loader, *shared]), **options)  # noqa: S701 - it is on


def site(request: HttpRequest) -> dict[str, Any]:
    """Return what the frame of every page needs."""
    return {"here": getattr(request, "here", None)}
