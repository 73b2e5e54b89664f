"""Pages made from a plan: a page for each team, sheets for patients and for reception.

Each is one HTML page for A4 or A5 that fetches nothing and runs no script; names from the
records are escaped. No figure of a person's work is on any of them.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from hamlets.publish.team_texts import list_words
from hamlets.publish.team_words import Sheet, Sheets, day_words, name_of, role_words, said
from hamlets.publish.templating import make_environment
from hamlets.teams.results import PlanMember, PlanTeam

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> Environment:
    return make_environment(said=said)


@cache
def _style() -> tuple[Markup, str]:
    """Return the style sheet and the content security policy that allows it alone."""
    sheet = files("hamlets.publish").joinpath("templates/sheets.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return Markup(sheet), policy  # noqa: S704 - our own file


def render_sheet(sheets: Sheets, sheet: Sheet) -> str:
    """Return a sheet of words as a page."""
    style, policy = _style()
    page = _environment().get_template("sheet.html")
    return page.render(sheet=sheet, sheets=sheets, style=style, policy=policy)


def render_team(sheets: Sheets, team: PlanTeam) -> str:
    """Return the page of one team or list: who is in it, their days, and room for photos."""
    style, policy = _style()
    members = [
        {
            "name": name_of(member),
            "role": role_words(member),
            "days": day_words(member.half_days),
            "mark": _mark(sheets, member),
        }
        for member in sheets.people(team)
    ]
    page = _environment().get_template("team.html")
    return page.render(
        sheets=sheets,
        team=sheets.called(team),
        gp=sheets.own_gp(team),
        lead=list_words(sheets, team),
        members=members,
        style=style,
        policy=policy,
    )


def _mark(sheets: Sheets, member: PlanMember) -> str:
    """Return what is said beside a member: who leads a team, and who works with all."""
    if member.shared:
        return sheets.said("team.shared")
    return said("team.leads") if member.lead and sheets.form == "team" else ""
