"""The design system's own macros, as functions that return markup.

They take what the design system's documentation names. They test for options that were not
given, so they run in an engine of their own in which a missing option is simply empty; our
pages keep the strict one. A field costs a few milliseconds, and a table of many cells
seconds: use them for the frame and forms, and a plain loop for data.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import ChainableUndefined, Environment, PackageLoader
from markupsafe import Markup


@cache
def _engine() -> Environment:
    """Return the one engine of all components: what several of them use is compiled once."""
    return Environment(
        loader=PackageLoader("nhsuk_frontend_jinja"),
        autoescape=True,
        undefined=ChainableUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _macro(name: str) -> Any:
    first, *rest = name.split("-")
    function = first + "".join(word.capitalize() for word in rest)
    module = _engine().get_template(f"nhsuk/components/{name}/macro.jinja").module
    return getattr(module, function)


def component(name: str, /, **options: Any) -> Markup:
    """Return a component, as ``component("date-input", id=..., items=[...])``.

    Raises TemplateNotFound for a name that the design system does not have.
    """
    return Markup(_macro(name)(options))  # noqa: S704 - written by the macros, which escape
