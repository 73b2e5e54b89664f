"""The monthly pack: two sides of A4 that are the same for all staff of a practice.

Made from the parts of the continuity report, about one month. The form for all
staff names no GP; the managers' form adds an annex that does.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, replace
from html import unescape
from importlib.resources import files

from markupsafe import Markup

from hamlets.continuity.results import MonthlyPack, NamedGpHealth, PackEvent
from hamlets.publish import numbers
from hamlets.publish.page import Chart, Section
from hamlets.publish.report import Frame, environment, frame_of, style_of
from hamlets.publish.sections import counted, lists, measures, months, short, who, workforce
from hamlets.publish.strings import text
from hamlets.publish.svg import plain
from hamlets.publish.tables import Cell, Csv, Table, cells, columns

_ROOM = 9
"""Rows of actions, teams and thanks that side 2 holds at its usual type."""
_OF_PLANS = ("plans_made", "plan_adopted", "plan_began", "plan_withdrawn")
_OTHER_PROBLEMS = ("not_gp", "registrar_or_locum", "unknown_staff")


@dataclass(frozen=True)
class Part:
    """A part of the page: heading, what is missing, sentences, a table."""

    title: str
    heading: str | None = None
    states: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    table: Table | None = None


@dataclass(frozen=True)
class Annex:
    """What only managers get."""

    lists: Section
    unassigned: Part
    counted: Section
    load: str | None


@dataclass(frozen=True)
class PackPage:
    """The page as the template sees it."""

    lead: str
    cards: tuple[short.Card, ...]
    months: Section
    who: Section
    changed: tuple[tuple[str, str], ...]
    week: Section
    upkeep: Part
    waiting: Part
    thanks: tuple[str, ...]
    definitions: tuple[tuple[str, str, str], ...]
    counted: str
    annex: Annex | None
    tight: bool
    """Side 2 has so many rows that it needs smaller type on paper."""


def render_pack(pack: MonthlyPack) -> str:
    """Return the pack as one HTML page that needs no network and no script."""
    frame = frame_of_pack(pack)
    sheet = files("hamlets.publish").joinpath("templates/pack.css").read_text(encoding="utf-8")
    style = style_of(pack.report, frame) + sheet
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        environment()
        .get_template("pack.html")
        .render(
            frame=frame,
            page=page_of(pack),
            style=Markup(style),  # noqa: S704 - our own files; names in them are escaped for CSS
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
            "form-action 'none'",
        )
    )


def frame_of_pack(pack: MonthlyPack) -> Frame:
    """Return what stands around the page."""
    place = measures.place(pack.report)
    frame = frame_of(pack.report)
    return replace(
        frame,
        notes=(*([text("pack.no_named")] if frame.no_named_gps else []), *frame.notes),
        title=text("pack.title", place=place, month=numbers.month(pack.month)),
        private=text("pack.private_managers" if pack.managers else "pack.private", place=place),
    )


def page_of(pack: MonthlyPack) -> PackPage:
    """Return all that the page says, undrawn."""
    weeks = pack.workforce
    if weeks is not None and pack.weeks is not None:
        # The week is of fewer days than what it was looked for in: name those.
        weeks = replace(weeks, period=pack.weeks)
    report = replace(pack.report, workforce=weeks)
    seen = who.build(report)
    return PackPage(
        lead=short.lead(report),
        cards=tuple(short.card(report, headline) for headline in report.headlines),
        months=months.build(report),
        who=seen,
        changed=tuple((numbers.day(e.day), event_words(e, pack.managers)) for e in pack.events),
        week=workforce.build(report),
        upkeep=upkeep(pack.health),
        waiting=_waiting(pack),
        thanks=tuple(line for line in pack.thanks.splitlines() if line.strip()),
        definitions=_definitions(pack, isinstance(seen.body, Chart)),
        counted=_counted(pack),
        annex=_annex(pack) if pack.managers else None,
        tight=_rows(pack) > _ROOM,
    )


def _rows(pack: MonthlyPack) -> int:
    """Return about how many rows on side 2 differ from one practice to the next."""
    teams = len(pack.workforce.week) if pack.workforce else 0
    thanks = sum(1 + len(line) // 90 for line in pack.thanks.splitlines())
    return len(pack.actions or ()) + teams + thanks


def event_words(event: PackEvent, named: bool) -> str:
    """Return what changed in words; names of GPs only where ``named``."""
    if event.kind == "loaded":
        return text("pack.loaded", n=event.number)
    if event.kind == "team":
        return text("pack.team", name=plain(event.name))
    if event.kind in _OF_PLANS:
        return _plan_words(event)
    name = plain(event.name) if named and event.name else text("pack.a_gp")
    if event.kind == "joined":
        return text("pack.joined", name=name)
    if event.number is None:
        return text("pack.left", name=name)
    n = numbers.count(event.number)
    return text("pack.left_list_1" if event.number == 1 else "pack.left_list", name=name, n=n)


def _plan_words(event: PackEvent) -> str:
    if event.kind == "plans_made":
        key = "pack.plans_made_1" if event.number == 1 else "pack.plans_made"
        return text(key, n=event.number)
    if event.kind == "plan_began" and event.other:
        return text("pack.plan_followed", name=event.name, other=event.other)
    starts = "" if event.starts is None else numbers.day(event.starts)
    return text(f"pack.{event.kind}", name=event.name, day=starts)


def unassigned(health: NamedGpHealth) -> int:
    """Return the patients with no named GP, or one who has left."""
    return (health.count("none") or 0) + (health.count("left") or 0)


def upkeep(health: NamedGpHealth | None) -> Part:
    """Return the upkeep of named GPs, delivered continuity beside it."""
    title = text("pack.upkeep")
    if health is None or not health.registered:
        return Part(title, states=(text("pack.upkeep_missing"),))
    n = unassigned(health)
    key = "none" if n == 0 else "1" if n == 1 else "n"
    coverage = health.coverage
    said = [text("pack.coverage", n=_first(numbers.in_100(coverage or 0.0)))]
    if health.slicc is not None and health.slicc.value is not None:
        # Wide ranges keep their middle value out of words, as everywhere.
        if measures.too_wide(health.slicc):
            said.append(text("pack.delivered_wide"))
        else:
            said.append(text("pack.delivered", n=_first(numbers.in_100(health.slicc.value))))
    if health.unregistered:
        said.append(text("pack.unregistered", n=numbers.count(health.unregistered)))
    states = [text(f"pack.missing.{key}") for key in health.missing if key in _SAID]
    return Part(
        title,
        text(f"pack.upkeep_{key}", n=numbers.count(n)),
        tuple(states),
        tuple(said),
        _upkeep_table(health),
    )


_SAID = ("no_staff_list", "no_roles", "nobody_named")


def _first(words: str) -> str:
    return words[:1].upper() + words[1:]


def _upkeep_table(health: NamedGpHealth) -> Table:
    others = [n for problem in _OTHER_PROBLEMS if (n := health.count(problem)) is not None]
    counts = (
        ("none", health.count("none")),
        ("left", health.count("left")),
        ("others", sum(others) if others else None),
        ("mostly", health.count("not_most_seen")),
    )
    # What is not known is a dash; the sentence above the table says why.
    rows = tuple(
        cells(
            text(f"pack.row_{key}"),
            numbers.percent(None) if n is None else numbers.count(n),
            numbers.percent(None if n is None else n / health.registered),
        )
        for key, n in counts
    )
    head = [text(f"pack.head_{name}") for name in ("finding", "patients", "share")]
    csv = Csv("named-gps.csv", ("finding", "patients"), counts)
    day = numbers.day(health.day)
    caption = text("pack.upkeep_caption", day=day, n=numbers.count(health.registered))
    return Table(caption, columns(*head), rows, csv)


def _waiting(pack: MonthlyPack) -> Part:
    title = text("pack.waiting")
    if not pack.actions:
        key = "pack.waiting_unknown" if pack.actions is None else "pack.waiting_none"
        return Part(title, states=(text(key),))
    head = [text(f"pack.head_{name}") for name in ("action", "owner", "due")]
    rows = tuple(
        (
            Cell(plain(action.what)),
            Cell(plain(action.owner)),
            Cell(numbers.day(action.due))
            if action.due
            else Cell(numbers.percent(None), text("pack.no_date")),
        )
        for action in pack.actions
    )
    csv = Csv(
        "waiting-for-us.csv",
        ("action", "owner", "date"),
        tuple((a.what, a.owner, a.due.isoformat() if a.due else None) for a in pack.actions),
    )
    table = Table(text("pack.waiting_caption"), columns(*head, words=2), rows, csv)
    return Part(title, table=table)


def _definitions(pack: MonthlyPack, with_kinds: bool) -> tuple[tuple[str, str, str], ...]:
    """Return (anchor, name, sentence) of the four numbers and of who patients saw."""
    keys = [measures.key(headline.estimate) for headline in pack.report.headlines]
    main = pack.report.trend.months[-1].estimate if pack.report.trend.months else None
    if main is not None:
        keys.append(measures.key(main))
    if with_kinds:
        keys.append("waterfall")
    return tuple(
        (key.replace("_", "-"), text(f"measure.{key}.name"), text(f"measure.{key}.sentence"))
        for key in dict.fromkeys(keys)
    )


def _counted(pack: MonthlyPack) -> str:
    body = counted.build(pack.report).body
    return body.lead if isinstance(body, counted.Counted) else ""


def _annex(pack: MonthlyPack) -> Annex:
    load = None
    if pack.last_load is not None:
        load = text(
            "pack.load",
            read=numbers.count(pack.last_load.read),
            kept=numbers.count(pack.last_load.kept),
            refused=numbers.count(pack.last_load.refused),
            merged=numbers.count(pack.last_load.merged),
        )
    return Annex(
        lists=_year_lists(pack), unassigned=_unassigned(pack.health),
        counted=counted.build(pack.report), load=load,
    )  # fmt: skip


def _year_lists(pack: MonthlyPack) -> Section:
    """Return the lists; they are of 12 months, so the measure they stand beside is too."""
    report, health = pack.report, pack.health
    slicc = health.slicc if health else None
    if slicc is None or not report.lists:
        return lists.build(report)
    last = report.period.last
    start = last.replace(day=1)
    first = start.replace(year=start.year - (start.month < 12), month=start.month % 12 + 1)
    year = replace(report.period, first=first)
    main = replace(report.main, estimate=slicc, period=year)
    return lists.build(replace(report, period=year, headlines=(main, *report.headlines[1:])))


def _unassigned(health: NamedGpHealth | None) -> Part:
    title = text("pack.unassigned")
    if health is None:
        return Part(title, states=(text("pack.upkeep_missing"),))
    head = [text(f"pack.head_{name}") for name in ("finding", "patients", "share")]
    counts = [c for c in (*health.problems, *health.warnings) if c.patients is not None]
    rows = tuple(
        cells(
            text(f"pack.finding.{c.finding}"),
            numbers.count(c.patients or 0),
            numbers.percent(c.share),
        )
        for c in counts
    )
    csv = Csv(
        "findings.csv", ("finding", "patients"), tuple((c.finding, c.patients) for c in counts)
    )
    table = Table(text("pack.unassigned_caption"), columns(*head), rows, csv)
    return Part(title, sentences=(text("pack.unassigned_how"),), table=table)


def names_found(pack: MonthlyPack, *words: str) -> tuple[str, ...]:
    """Return the GPs whose full name stands in any of these pages or texts.

    Of what the manager typed, a family name alone is enough.
    """
    shown = " ".join(_visible(page) for page in words)
    typed = " ".join([pack.thanks, *(f"{a.what} {a.owner}" for a in pack.actions or ())])
    found: list[str] = []
    for name in pack.gps:
        family = plain(name).split()[-1] if plain(name).split() else ""
        alone = len(family) > 2 and re.search(rf"\b{re.escape(family)}\b", typed)
        if alone or (plain(name) and plain(name).casefold() in shown.casefold()):
            found.append(name)
    return tuple(found)


def _visible(page: str) -> str:
    """Return the words of a page without its marks and its style."""
    body = re.sub(r"<(style|script)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def check_line(pack: MonthlyPack, *pages: str) -> str:
    """Return the line to look at before sending: who gets it, and whom it names."""
    if pack.managers:
        return text("pack.check_managers")
    key = "pack.check_unknown" if pack.staff is None else "pack.check"
    to = text(key, n=pack.staff)
    found = names_found(pack, *pages)
    if found:
        said = text("pack.check_names_1" if len(found) == 1 else "pack.check_names", n=len(found))
        return f"{to} {said}"
    return f"{to} {text('pack.check_clear')}"
