"""Formed networks as one page: the map, who belongs together, and what it is worth.

It fetches nothing and runs no script. Practices stand A to Z, never in order of a result.
"""

from __future__ import annotations

import base64
import hashlib
import math
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from hamlets.networks.results import (
    Balance,
    Comparison,
    Formation,
    FormedNetwork,
    Suggestion,
)
from hamlets.publish.network_map import NUMBERED, Frame, MapWords, bar_km, draw_map
from hamlets.publish.numbers import count
from hamlets.publish.strings import read_words, text
from hamlets.publish.svg import plain
from hamlets.publish.tables import Cell, Csv, Table, Value, cells, columns
from hamlets.publish.templating import make_environment
from hamlets.publish.territories import territories

if TYPE_CHECKING:
    from jinja2 import Environment

_WIDE, _NARROW = 720.0, 343.0
_WIDEST = 1068.0
"""Of a map that has no list beside it."""


@cache
def catalogue() -> dict[str, str]:
    """Return every string by its dotted key."""
    return read_words([files("hamlets.publish").joinpath("forming_wording.toml")])


def said(key: str, **values: object) -> str:
    """Return the string called ``key`` with its values filled in; KeyError if either lacks."""
    return catalogue()[key].format_map(values)


@cache
def _environment() -> Environment:
    return make_environment(said=said, t=text)


@cache
def _style() -> tuple[Markup, str]:
    """Return the style sheets and the content security policy that allows them alone."""
    room = files("hamlets.publish").joinpath("templates")
    sheet = "".join(
        room.joinpath(name).read_text(encoding="utf-8") for name in ("sections.css", "formed.css")
    )
    digest = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return Markup(sheet), policy  # noqa: S704 - our own files


def render_formation(formation: Formation) -> str:
    """Return the page of formed networks."""
    style, policy = _style()
    page = _environment().get_template("formed.html")
    return page.render(
        style=style,
        policy=policy,
        lead=lead(formation),
        map=_map(formation),
        practices=practices_table(formation),
        networks=networks_table(formation),
        beside=_beside(formation),
        changes=_changes(formation.suggestions, formation),
        notes=[plain(note) for note in formation.notes],
    )


def lead(formation: Formation) -> list[str]:
    """Return what was formed and how good it is, in sentences."""
    people = count(formation.population)
    found = [
        said(
            "lead.formed",
            practices=count(len(formation.practices)),
            patients=people,
            networks=len(formation.networks),
        )
    ]
    beside = formation.comparison
    if beside.staying is not None:
        found.append(said("lead.stay", n=count(beside.staying), total=count(beside.practices)))
    if formation.proven:
        found.append(said(f"lead.proven_{formation.objective}"))
    else:
        found.append(said("lead.gap", gap=math.ceil(formation.gap * 100 - 1e-9)))
    return found


def names(formation: Formation) -> dict[str, str]:
    """Return what each network is called: its number, and its name or id."""
    return {
        each.network_id: said("networks.called", number=number, name=_name(each))
        for number, each in enumerate(formation.networks, 1)
    }


def _name(network: FormedNetwork) -> str:
    name = plain(network.name or network.network_id, 48)
    return said("networks.continues", name=name) if network.continues else name


def _map(formation: Formation) -> dict[str, object]:
    networks = formation.networks
    widest = max(each.widest_km for each in networks)
    heading = "map.heading_one" if len(networks) == 1 else "map.heading"
    many = len(formation.practices) > NUMBERED
    wide = _WIDEST if many else _WIDE
    grounds = territories(formation)
    places = [(each.longitude, each.latitude) for each in formation.practices]
    km = bar_km(Frame(grounds, places, wide))
    title = said("map.title", practices=count(len(formation.practices)), networks=len(networks))
    words = " ".join(
        said(
            "map.text",
            number=number,
            name=plain(each.name or each.network_id),
            practices=len(each.practices),
            patients=count(each.population),
            km=f"{each.widest_km:.1f}",
        )
        for number, each in enumerate(networks, 1)
    )
    numbers = {each.network_id: at for at, each in enumerate(networks, 1)}
    return {
        "heading": said(heading, networks=len(networks), km=f"{widest:.1f}"),
        "line": said(
            "map.line_many" if many else "map.line", place=said("map.place", km=f"{km:g}")
        ),
        "wide": draw_map(formation, grounds, wide, MapWords("map-wide", "wide", title, words)),
        "narrow": draw_map(
            formation, grounds, _NARROW, MapWords("map-narrow", "narrow", title, words)
        ),
        "many": many,
        "beside": []
        if many
        else [
            (plain(each.name, 40) or each.practice_id, numbers[each.network_id])
            for each in formation.practices
        ],
    }


def practices_table(formation: Formation) -> Table:
    """Return the list beside the map: practices A to Z with their networks."""
    numbers = {each.network_id: str(at) for at, each in enumerate(formation.networks, 1)}
    present = any(each.present_id is not None for each in formation.practices)
    heads = [said("list.practice"), said("list.network")]
    if present:
        heads.append(said("list.now"))
    rows: list[tuple[Cell, ...]] = []
    for number, each in enumerate(formation.practices, 1):
        row = [
            f"{number}",
            plain(each.name, 60) or each.practice_id,
            numbers[each.network_id],
        ]
        if present:
            row.append(_now(each.present_id, each.network_id, formation))
        rows.append(cells(*row, count(each.list_size), f"{each.km_to_middle:.1f}"))
    head = (
        "number", "practice_id", "name", "network_id", "present_id", "list_size", "km_to_middle",
        "latitude", "longitude",
    )  # fmt: skip
    values: list[tuple[Value, ...]] = [
        (
            number, each.practice_id, each.name, each.network_id, each.present_id, each.list_size,
            each.km_to_middle, each.latitude, each.longitude,
        )
        for number, each in enumerate(formation.practices, 1)
    ]  # fmt: skip
    return Table(
        said("list.caption"),
        columns(
            said("list.number"), *heads, said("list.patients"), said("list.km"), words=len(heads)
        ),
        tuple(rows),
        Csv("practices.csv", head, tuple(values)),
    )


def _now(present: str | None, network_id: str, formation: Formation) -> str:
    """Return the present network, and whether the new one follows it."""
    if present is None:
        return said("list.unknown")
    name = plain(formation.network_names.get(present, present), 60)
    return said("list.now_same", name=name) if present == network_id else name


def networks_table(formation: Formation) -> Table:
    """Return the networks: practices, patients, how even, how far."""
    mean = formation.population / len(formation.networks)
    flows = any(each.flow is not None for each in formation.networks)
    heads = ["practices", "patients", "off", "km", "wide"] + (["flow"] if flows else [])
    called = names(formation)
    labels = {each.practice_id: plain(each.name, 40) for each in formation.practices}
    rows = [
        cells(
            called[each.network_id],
            labels[each.middle] or each.middle,
            str(len(each.practices)),
            count(each.population),
            _off(each.population / mean - 1),
            f"{each.travel_km / each.population:.2f}",
            f"{each.widest_km:.1f}",
            *([count(round(each.flow or 0))] if flows else []),
        )
        for each in formation.networks
    ]
    values: list[tuple[Value, ...]] = [
        (
            each.network_id, each.name, each.middle, " ".join(each.practices), each.population,
            each.travel_km, each.widest_km, each.flow,
        )
        for each in formation.networks
    ]  # fmt: skip
    head = (
        "network_id", "name", "middle", "practices", "population", "travel_km", "widest_km", "flow",
    )  # fmt: skip
    return Table(
        said("networks.caption"),
        columns(
            said("networks.network"),
            said("networks.middle"),
            *(said(f"networks.{key}") for key in heads),
            words=1,
        ),
        tuple(rows),
        Csv("networks.csv", head, tuple(values)),
    )


def _off(share: float) -> str:
    whole = math.floor(abs(share) * 100 + 0.5)
    sign = "+" if share > 0 else "\N{MINUS SIGN}"
    return f"{sign}{whole}%" if whole else "0%"


def _beside(formation: Formation) -> dict[str, object] | None:
    found = formation.comparison
    present, formed = found.present, found.formed
    if present is None or formed is None:
        return None
    keys = ["networks", "smallest", "largest", "off", "km"]
    if present.flow is not None:
        keys.append("flow")
    rows = [
        cells(said(f"beside.{key}"), now, new)
        for key, now, new in zip(keys, _measures(present), _measures(formed), strict=True)
    ]
    values: list[tuple[Value, ...]] = [
        ("networks", present.networks, formed.networks),
        ("smallest", present.smallest, formed.smallest),
        ("largest", present.largest, formed.largest),
        ("furthest_off", present.furthest_off, formed.furthest_off),
        ("travel_km", present.travel_km, formed.travel_km),
        ("flow", present.flow, formed.flow),
    ]
    sentences: list[str] = []
    if found.adjusted_rand is not None:
        sentences.append(said("beside.agree", index=f"{found.adjusted_rand:.2f}"))
    if found.practices < len(formation.practices):
        sentences.append(said("beside.partly", n=count(found.practices)))
    table = Table(
        said("beside.caption"),
        columns(said("beside.what"), said("beside.now"), said("beside.new")),
        tuple(rows),
        Csv("beside.csv", ("what", "now", "these"), tuple(values)),
    )
    return {"heading": beside_heading(found), "table": table, "sentences": sentences}


def beside_heading(found: Comparison) -> str:
    """Return the message of the comparison, by the numbers that its table shows."""
    if found.present is None or found.formed is None:
        return said("beside.heading_other")
    shorter = round(found.formed.km_per_patient, 2) < round(found.present.km_per_patient, 2)
    more_even = round(found.formed.furthest_off, 2) < round(found.present.furthest_off, 2)
    if shorter and more_even:
        return said("beside.heading_less")
    if shorter:
        return said("beside.heading_travel")
    return said("beside.heading_even") if more_even else said("beside.heading_other")


def _measures(of: Balance) -> list[str]:
    found = [
        str(of.networks),
        count(of.smallest),
        count(of.largest),
        f"{math.floor(of.furthest_off * 100 + 0.5)}%",
        f"{of.km_per_patient:.2f}",
    ]
    return found if of.flow is None else [*found, count(round(of.flow))]


def _changes(suggestions: tuple[Suggestion, ...], formation: Formation) -> Table | None:
    if not suggestions:
        return None
    numbers = {each.network_id: str(at) for at, each in enumerate(formation.networks, 1)}
    flows = formation.objective == "flow"
    rows: list[tuple[Cell, ...]] = []
    for each in suggestions:
        a, b = numbers[each.networks[0]], numbers[each.networks[-1]]
        words = (
            said("change.merge", a=a, b=b) if each.kind == "merge" else said("change.split", a=a)
        )
        change = each.travel_change_km / formation.population
        sign = "+" if change > 0 else "\N{MINUS SIGN}"
        rows.append(
            cells(
                words,
                " + ".join(count(people) for people in each.populations),
                said("change.yes" if each.keeps_band else "change.no"),
                f"{sign}{abs(change):.3f}",
                *([f"{round(each.flow_change or 0):+,}"] if flows else []),
            )
        )
    values: list[tuple[Value, ...]] = [
        (each.kind, " ".join(each.networks), each.travel_change_km, each.flow_change)
        for each in suggestions
    ]
    heads = [said("change.patients"), said("change.band"), said("change.travel")]
    if flows:
        heads.append(said("change.flow"))
    return Table(
        said("change.caption"),
        columns(said("change.change"), *heads, words=2),
        tuple(rows),
        Csv("changes.csv", ("kind", "networks", "travel_change_km", "flow_change"), tuple(values)),
    )
