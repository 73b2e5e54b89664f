"""The continuity report: one self-contained page, the same for screen and print.

Nothing is fetched and no script runs but our own few lines behind the print
button: a content security policy in the page allows their hash alone. The page
needs no script: without it only that button is missing. Names from the records
are escaped everywhere.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from hamlets.continuity.results import ContinuityReport
from hamlets.publish import numbers
from hamlets.publish.page import Section
from hamlets.publish.sections import (
    audits,
    counted,
    define,
    groups,
    lists,
    measures,
    months,
    short,
    who,
    workforce,
)
from hamlets.publish.strings import text
from hamlets.publish.templating import make_environment

if TYPE_CHECKING:
    from jinja2 import Environment

SECTIONS: tuple[Callable[[ContinuityReport], Section], ...] = (
    short.build,
    who.build,
    months.build,
    lists.build,
    groups.build,
    audits.build,
    workforce.build,
    counted.build,
    define.build,
)
"""The page from its first section to its last. A new section is one more line."""

PUBLIC_SECTIONS = (short.build, who.build, months.build, groups.build, counted.build, define.build)
"""What may leave the practice: nothing of single GPs, no audits, no workforce."""

_FEW_PATIENTS = 100


@dataclass(frozen=True)
class Frame:
    """What stands around the sections."""

    title: str
    private: str
    banners: tuple[str, ...]
    under_title: tuple[str, ...]
    foot: str
    notes: tuple[str, ...]
    no_named_gps: bool


def render(report: ContinuityReport) -> str:
    """Return the report as one HTML page, under 2 MB, that needs no network.

    Of a published form (``public.public_report``) only what may leave the practice is drawn.
    """
    frame = frame_of(report)
    style = style_of(report, frame)
    script = files("hamlets.publish").joinpath("templates/print.js").read_text(encoding="utf-8")
    page = environment().get_template("report.html")
    return page.render(
        frame=frame,
        sections=[build(report) for build in (PUBLIC_SECTIONS if report.public else SECTIONS)],
        style=Markup(style),  # noqa: S704 - our own file; names in it are escaped for CSS
        script=Markup(script),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src '{_digest(style)}'; "
        f"script-src '{_digest(script)}'; base-uri 'none'; form-action 'none'",
    )


def _digest(source: str) -> str:
    """Return what a content security policy calls a style or script by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def frame_of(report: ContinuityReport) -> Frame:
    place = measures.place(report)
    many = report.place.practices > 1
    source = report.source
    data = text(
        "page.data_loaded" if source.loaded else "page.data",
        first=numbers.day(source.first_day),
        last=numbers.day(source.last_day),
        loaded=numbers.day(source.loaded) if source.loaded else "",
        version=source.store_version,
    )
    period = numbers.period(report.period.first, report.period.last)
    names_gps = bool(report.lists) and not many
    private = text("page.private" if names_gps else "page.private_many", place=place)
    foot = "page.public_foot" if report.public else "page.foot"
    return Frame(
        title=text(
            "page.title_many" if many else "page.title", place=place, n=report.place.practices
        ),
        private=text("page.public") if report.public else private,
        banners=_banners(report),
        under_title=(period, text("page.made", date=numbers.day(report.made)), data),
        foot=text(foot, place=place[:1].upper() + place[1:]),
        notes=_notes(report),
        no_named_gps=not report.given.named_gps,
    )


def _banners(report: ContinuityReport) -> tuple[str, ...]:
    banners: list[str] = []
    if report.place.invented:
        banners.append(text("page.invented"))
    if report.place.patients < _FEW_PATIENTS:
        few = "page.public_few_patients" if report.public else "page.few_patients"
        banners.append(text(few, n=report.place.patients))
    return tuple(banners)


def _notes(report: ContinuityReport) -> tuple[str, ...]:
    """Return what is missing from the records and what is shown in its place."""
    given = report.given
    notes: list[str] = []
    if not given.roles:
        notes.append(text("page.no_roles"))
    if not given.statuses:
        notes.append(text("page.no_statuses"))
    if report.rota_allows is not None and not report.rota_allows.slots:
        notes.append(text("page.no_slots"))
    if given.named_gps and not given.teams:
        notes.append(text("page.no_teams"))
    if given.named_gps and not given.named_gp_dates:
        notes.append(text("page.named_gp_now"))
    if report.place.one_clinician:
        notes.append(text("page.one_clinician"))
    return tuple(notes)


@cache
def environment() -> Environment:
    return make_environment(t=text)


def style_of(report: ContinuityReport, frame: Frame) -> str:
    """Return the page's style sheet, with the words of the printed foot."""
    folder = files("hamlets.publish").joinpath("templates")
    names = ("sections.css", "report.css")
    sheet = "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in names)
    loaded = report.source.loaded
    date = (
        text("page.print_foot", loaded=numbers.day(loaded))
        if loaded
        else text("page.print_foot_unknown", last=numbers.day(report.source.last_day))
    )
    words = {"foot": frame.foot, "date": date, "page": text("page.print_page")}
    for name, value in words.items():
        sheet = sheet.replace(f"%{name}%", _css_string(value))
    return sheet


def _css_string(words: str) -> str:
    """Return a CSS string: all but letters, digits and blanks as escapes, so nothing breaks out."""
    # The blank after an escape belongs to it, so that the next letter does not.
    plain = "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):06x} " for c in words)
    return f'"{plain}"'
