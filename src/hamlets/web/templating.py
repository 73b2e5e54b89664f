"""The site's template engine: everything is escaped, a missing name is an error."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from jinja2 import Environment, StrictUndefined

from hamlets.publish import strings
from hamlets.web import dates, words
from hamlets.web.configuration import web_settings
from hamlets.web.forms import drawing
from hamlets.web.forms.components import component
from hamlets.web.forms.fields import lower_first
from hamlets.web.frame import Frame, css_string, frame_of
from hamlets.web.people.devices import device
from hamlets.web.reading.codes import patient_code

_STATIC = Path(__file__).parent / "static"


def environment(**options: Any) -> Environment:
    """Return the engine of the site's pages, with all that templates may call."""
    options.update(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made = Environment(**options)  # noqa: S701 - autoescape is on
    made.globals.update(
        t=words.text,
        said=strings.text,
        url=address,
        asset=asset,
        component=component,
        draw=drawing.draw,
        hidden=drawing.hidden,
        problems=drawing.problems,
        nhs_branding=web_settings().nhs_branding,
        now=timezone.now,
        oidc=web_settings().oidc_name if web_settings().oidc_server else "",
    )
    made.filters.update(
        clock=dates.clock,
        css_string=css_string,
        day=dates.day,
        iso_day=dates.iso_day,
        device=device,
        in_fours=in_fours,
        joined=joined,
        lower_first=lower_first,
        moment=dates.moment,
        patient_code=patient_code,
        patient_label=patient_label,
    )
    return made


def in_fours(code: str) -> str:
    """Return a code in groups of four, for somebody who types it."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def patient_label(label: str) -> str:
    """Return an NHS number as people write it, and of a longer code what tells it from others."""
    if len(label) == 10 and label.isascii() and label.isdigit():
        return f"{label[:3]} {label[3:6]} {label[6:]}"
    return label[:12]


def joined(names: Sequence[str]) -> str:
    """Return names for a sentence: "Ann, Bob and Cem"; past three "Ann, Bob, Cem and 2 others"."""
    shown = list(names[:3])
    if len(names) > len(shown):
        return words.text("part.and_others", names=", ".join(shown), n=len(names) - len(shown))
    if len(shown) < 2:
        return "".join(shown)
    return words.text("part.and", names=", ".join(shown[:-1]), last=shown[-1])


def address(name: str, *args: object, **kwargs: object) -> str:
    """Return the address of a page by the name of its pattern."""
    return reverse(name, args=args, kwargs=kwargs)


@cache
def asset(name: str) -> str:
    """Return the address of a static file, with a mark of its content: a new one is fetched."""
    mark = hashlib.sha256((_STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{settings.STATIC_URL}{name}?v={mark}"


def site(request: HttpRequest) -> dict[str, Any]:
    """Return what the frame of every page needs; nothing is asked of the database before it is.

    ``here`` is the :class:`~hamlets.web.places.standing.Standing` of a page of a place or None.
    """

    def frame() -> Frame:
        return frame_of(request)

    return {"here": getattr(request, "here", None), "frame": SimpleLazyObject(frame)}
