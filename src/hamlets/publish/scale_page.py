"""Scenarios of scale as one page: side by side, what moves the answer, every input's source.

It fetches nothing and runs no script.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from hamlets.networks.results import OUTCOMES, OutcomeKey, Scales, Scenario
from hamlets.publish.critical_mass import Mass, draw_mass
from hamlets.publish.scale_words import (
    input_range,
    input_value,
    outcome_words,
    outcomes_of,
    said,
    swing_alternative,
)
from hamlets.publish.strings import text
from hamlets.publish.svg import plain
from hamlets.publish.tables import Column, Csv, Table, cells, columns
from hamlets.publish.templating import make_environment
from hamlets.publish.tornado import Bar, Tornado, draw_tornado

if TYPE_CHECKING:
    from jinja2 import Environment

_MOST_BARS = 8
"""Bars of one drawing; the table has all."""
_MOST_NAMES = 2
"""Organisations that a title names."""
_DRAWN_WIDTHS = ("narrow", "wide")


@dataclass(frozen=True)
class SwingPart:
    """The sensitivity of one outcome at one organisation."""

    ident: str
    heading: str
    line: str
    drawings: tuple[Markup, ...]
    more: str
    table: Table


@dataclass(frozen=True)
class PlacePart:
    """What is published of one organisation, and what went in."""

    ident: str
    title: str
    facts_title: str
    facts: tuple[tuple[str, str], ...]
    facts_source: str
    inputs: Table


@cache
def environment() -> Environment:
    """Return the engine of pages on scale."""
    return make_environment(t=text, said=said)


@cache
def style_and_policy() -> tuple[Markup, str]:
    """Return the style sheet and the content security policy that allows it alone."""
    folder = files("hamlets.publish").joinpath("templates")
    sheet = "".join(
        folder.joinpath(name).read_text(encoding="utf-8")
        for name in ("sections.css", "statement.css", "scale.css")
    )
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return Markup(sheet), policy  # noqa: S704 - our own files


def render_scales(scales: Scales) -> str:
    """Return scenarios as one HTML page."""
    style, policy = style_and_policy()
    names = [plain(each.title) for each in scales.scenarios]
    title = said("page.title", names=text_list(names))
    if len(names) == 1:
        title = said("page.title_one", name=names[0])
    elif len(names) > _MOST_NAMES:
        title = said("page.title_many", n=len(names))
    page = environment().get_template("scale.html")
    return page.render(
        style=style,
        policy=policy,
        title=title,
        real=said("page.real") if scales.names_real_ones else "",
        outcomes=outcomes_table(scales),
        how=[(said(f"outcome.{key}"), said(f"how.{key}")) for key in OUTCOMES],
        mass=_mass_drawings(scales),
        mass_heading=_mass_heading(scales),
        services=services_table(scales),
        swings=[part for s in scales.scenarios for part in swing_parts(s)],
        places=[_place(each) for each in scales.scenarios],
    )


def text_list(names: list[str]) -> str:
    """Return names beside one another: "A | B"."""
    return " | ".join(names)


def outcomes_table(scales: Scales) -> Table:
    """Return outcomes down, organisations across."""
    heads = [plain(each.title) for each in scales.scenarios]
    told = [dict(outcomes_of(each)) for each in scales.scenarios]
    kinds = [
        f"{said(f'model.{s.model}')}, {said(f'team.{s.team_model}')}" for s in scales.scenarios
    ]
    rows = [cells(said("page.kind_head"), *kinds)]
    rows += [cells(said(f"outcome.{key}"), *(each[key] for each in told)) for key in OUTCOMES]
    csv = Csv(
        "outcomes.csv",
        ("outcome", *(each.name for each in scales.scenarios)),
        tuple((key, *(s.outcomes[key] for s in scales.scenarios)) for key in OUTCOMES),
    )
    head = columns(said("page.outcome_head"), *heads)
    return Table(said("page.outcomes_caption"), head, tuple(rows), csv)


def services_table(scales: Scales) -> Table:
    """Return services down; patients for a weekly clinic, and clinics by organisation across."""
    first = scales.scenarios[0]
    by_place = [{s.service_id: s for s in each.services} for each in scales.scenarios]
    heads = [said("page.clinics_head", name=plain(each.title)) for each in scales.scenarios]
    rows = tuple(
        cells(
            plain(service.title),
            f"{service.critical_mass:,.0f}",
            *(
                f"{places[service.service_id].clinics:,.1f}"
                if service.service_id in places
                else "\N{EN DASH}"
                for places in by_place
            ),
        )
        for service in first.services
    )
    csv = Csv(
        "services.csv",
        ("service", "patients_for_weekly_clinic", *(each.name for each in scales.scenarios)),
        tuple(
            (
                s.service_id,
                s.critical_mass,
                *(p[s.service_id].clinics if s.service_id in p else None for p in by_place),
            )
            for s in first.services
        ),
    )
    head = columns(said("page.service_head"), said("page.mass_head"), *heads)
    return Table(said("page.services_caption"), head, rows, csv)


def _mass_heading(scales: Scales) -> str:
    ordered = sorted(scales.scenarios[0].services, key=lambda each: each.critical_mass)
    least, most = ordered[0], ordered[-1]
    return said(
        "page.services_heading",
        smallest=_within(least.title),
        low=f"{round(least.critical_mass, -2):,.0f}",
        largest=_within(most.title),
        high=f"{round(most.critical_mass, -2):,.0f}",
    )


def _within(words: str) -> str:
    """Return a title as it stands within a sentence; what begins in capitals stays."""
    told = plain(words)
    return told if told[1:2].isupper() else told[:1].lower() + told[1:]


def _mass_drawings(scales: Scales) -> tuple[Markup, ...]:
    services = tuple((plain(s.title), s.critical_mass) for s in scales.scenarios[0].services)
    patients = [
        next(given.value for given in each.inputs if given.key == "patients")
        for each in scales.scenarios
    ]
    places = tuple(
        (plain(each.title, 34), n) for each, n in zip(scales.scenarios, patients, strict=True)
    )
    parts = " ".join(said("page.curve_part", service=n, n=f"{m:,.0f}") for n, m in services)
    lines = " ".join(said("page.curve_place", name=n, n=f"{m:,.0f}") for n, m in places)
    description = said("page.curve_alternative", n=len(services), parts=parts, places=lines)
    chart = Mass(services, places, said("page.curve_title"), description)
    return tuple(draw_mass(chart, f"mass-{width}", width) for width in _DRAWN_WIDTHS)


def swing_parts(scenario: Scenario) -> list[SwingPart]:
    """Return the sensitivity of each drawn outcome of one organisation."""
    return [_swing_part(scenario, outcome) for outcome in scenario.swings]


def _swing_part(scenario: Scenario, outcome: OutcomeKey) -> SwingPart:
    swings, name = scenario.swings[outcome], plain(scenario.title)
    shown = swings[:_MOST_BARS]
    words = said(f"outcome.{outcome}")
    middle = outcome_words(outcome, scenario.outcomes[outcome], len(scenario.services))
    heading = said("page.swing_heading_none", outcome=words)
    if shown:
        heading = said("page.swing_heading", outcome=words, input=_within(shown[0].title))
    ident = f"{_slug(scenario.name)}-{outcome}".replace("_", "-")
    chart = Tornado(
        tuple(
            Bar(
                plain(swing.title),
                swing.at_low,
                swing.at_high,
                outcome_words(outcome, swing.at_low, 0),
                outcome_words(outcome, swing.at_high, 0),
            )
            for swing in shown
        ),
        scenario.outcomes[outcome],
        middle,
        heading,
        swing_alternative(outcome, shown),
    )
    left = len(swings) - len(shown)
    more = "page.swing_more_1" if left == 1 else "page.swing_more"
    return SwingPart(
        ident=ident,
        heading=heading,
        line=said("page.swing_line", name=name, value=middle),
        drawings=tuple(draw_tornado(chart, f"{ident}-{w}", w) for w in _DRAWN_WIDTHS)
        if shown
        else (),
        more=said(more, n=left) if left else "",
        table=_swing_table(scenario, outcome),
    )


def _swing_table(scenario: Scenario, outcome: OutcomeKey) -> Table:
    words, swings = said(f"outcome.{outcome}"), scenario.swings[outcome]
    rows = tuple(
        cells(
            plain(swing.title),
            said(
                "page.swing_cell",
                outcome=outcome_words(outcome, swing.at_low, 0),
                input=input_value(swing.low_input, swing.unit),
            ),
            said(
                "page.swing_cell",
                outcome=outcome_words(outcome, swing.at_high, 0),
                input=input_value(swing.high_input, swing.unit),
            ),
        )
        for swing in swings
    )
    csv = Csv(
        f"{outcome}.csv",
        ("input", "low_input", "high_input", "at_low", "at_high"),
        tuple((s.key, s.low_input, s.high_input, s.at_low, s.at_high) for s in swings),
    )
    caption = said("page.swing_caption", outcome=words, name=plain(scenario.title))
    heads = [said(f"page.swing_head_{name}") for name in ("input", "low", "high")]
    return Table(caption, columns(*heads), rows, csv)


def _place(scenario: Scenario) -> PlacePart:
    name = plain(scenario.title)
    source = plain(scenario.facts_source)
    return PlacePart(
        ident=_slug(scenario.name),
        title=name,
        facts_title=said("page.facts", name=name),
        facts=tuple((plain(key), plain(value)) for key, value in scenario.facts),
        facts_source=said("page.facts_source", source=source) if source else "",
        inputs=inputs_table(scenario),
    )


def inputs_table(scenario: Scenario) -> Table:
    """Return every input with its range, whether it was published, its source and date."""
    rows = tuple(
        cells(
            plain(given.title),
            input_value(given.value, given.unit),
            input_range(given),
            said(f"page.kind_{given.kind}"),
            ", ".join(part for part in (plain(given.source), plain(given.date)) if part),
        )
        for given in scenario.inputs
    )
    csv = Csv(
        "inputs.csv",
        ("input", "value", "low", "high", "unit", "kind", "source", "date"),
        tuple(
            (g.key, g.value, g.low, g.high, g.unit, g.kind, g.source, g.date)
            for g in scenario.inputs
        ),
    )
    heads = [said(f"page.{key}_head") for key in ("input", "value", "range", "kind", "source")]
    head = tuple(Column(words, number=at in (1, 2)) for at, words in enumerate(heads))
    return Table(said("page.inputs_caption", name=plain(scenario.title)), head, rows, csv)


def _slug(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower()) or "scenario"
