"""Two sections that only the site has: team by team, and ways of contact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from hamlets.web.words import text

if TYPE_CHECKING:
    from hamlets.continuity.results import ContinuityReport, Estimate
    from hamlets.publish.page import Section
    from hamlets.publish.tables import Table
    from hamlets.records import Store

_VISIT, _ONLINE = "face_to_face", "online"
_MODES = (_VISIT, "telephone", "video", _ONLINE, "home_visit", "group", "other")


@dataclass(frozen=True)
class Part:
    """One team or one way of contact."""

    name: str
    estimate: Estimate
    differs: str
    """From all of the practice, by more than luck would give: higher, lower or no."""


def teams_section(opened: Store, practice: str, found: ContinuityReport) -> Section | None:
    """Return "Team by team", A to Z; None where no named GP is known."""
    from hamlets.publish.page import Section

    if not found.given.named_gps:
        return None
    title = text("by_team.title")
    if not found.given.teams:
        return Section("teams", title, "chart.html", notes=(text("by_team.none"),))
    rows = _measured(opened, practice, found, "team", "team")
    overall = _overall(found, "team")
    names = {row["team_id"]: row["name"] for row in opened.table("teams").to_pylist()}
    parts = _parts(
        [(_team_name(row["team"], names), row) for row in rows if row["n_contacts"]], overall
    )
    parts.sort(key=lambda part: part.name.casefold())
    if not parts or overall is None:
        return Section("teams", title, "chart.html", notes=(text("by_team.none"),))
    n = sum(part.differs != "no" for part in parts)
    heading = text("by_team.same")
    if n:
        heading = text("by_team.differ_1" if n == 1 else "by_team.differ", n=n, total=len(parts))
    notes = (text("by_team.bigger"),)
    chart = _chart(found, "by-team", heading, parts, overall, "by_team", notes)
    return Section("teams", title, "chart.html", chart)


def ways_section(opened: Store, practice: str, found: ContinuityReport) -> Section | None:
    """Return "Ways of contact" in a fixed order; None where no named GP is known."""
    from hamlets.publish.page import Section

    if not found.given.named_gps:
        return None
    level: Literal["team", "clinician"] = "team" if found.given.teams else "clinician"
    overall = _overall(found, level)
    rows = {row["mode"]: row for row in _measured(opened, practice, found, "mode", level)}
    known = [mode for mode in _MODES if mode in rows and rows[mode]["n_contacts"]]
    title = text("ways.title")
    if overall is None or not known:
        return Section("ways", title, "chart.html", notes=(text("ways.none"),))
    modes = [*known, *sorted(mode for mode in rows if mode not in _MODES)]
    parts = _parts([(_mode_name(mode), rows[mode]) for mode in modes], overall)
    by_mode = dict(zip(modes, parts, strict=True))
    heading = ways_heading(
        by_mode[_VISIT].estimate if _VISIT in by_mode else None,
        by_mode[_ONLINE].estimate if _ONLINE in by_mode else None,
        text("ways.team" if level == "team" else "ways.own"),
    )
    return Section(
        "ways",
        title,
        "chart.html",
        _chart(found, "by-way", heading, parts, overall, "ways", ()),
    )


def ways_heading(visits: Estimate | None, online: Estimate | None, who: str) -> str:
    """Return whether online contacts differ from visits, from the interval of the difference."""
    from hamlets.continuity import signals
    from hamlets.publish import numbers

    if visits is None or online is None or visits.value is None or online.value is None:
        return text("ways.same")
    before = signals.half_width(visits.value, visits.lower, visits.upper)
    after = signals.half_width(online.value, online.lower, online.upper)
    if before is None or after is None:
        return text("ways.same")
    _, low, high = signals.difference((visits.value, before), (online.value, after))
    a, b = numbers.per_100(online.value), numbers.per_100(visits.value)
    if a == b or low <= 0 <= high:
        return text("ways.same")
    return text("ways.online_less" if high < 0 else "ways.online_more", who=who, a=a, b=b)


def _measured(
    opened: Store, practice: str, found: ContinuityReport, by: str, level: str
) -> list[dict[str, Any]]:
    from hamlets.continuity import Question, measure_many
    from hamlets.continuity.asking import find_scope
    from hamlets.continuity.conventions import read_conventions
    from hamlets.continuity.touching import homes_touching

    options = read_conventions(
        date_from=found.period.first,
        date_to=found.period.last,
        roles=found.options.roles,
        modes=found.options.modes,
    )
    scope = find_scope(opened, practice)
    question = Question(("slicc",), (level,), ("practice", by))
    homes = homes_touching(opened, scope.homes[0])
    table = measure_many(opened, [question], options, homes=homes)[0]
    rows: list[dict[str, Any]] = table.to_pylist()
    return [row for row in rows if row["practice"] == practice]


def _overall(found: ContinuityReport, level: str) -> Estimate | None:
    """Return the whole practice's figure of this level, if it has a value."""
    for headline in found.headlines:
        estimate = headline.estimate
        if estimate.measure == "slicc" and estimate.level == level:
            return estimate if estimate.value is not None else None
    return None


def _parts(rows: Sequence[tuple[str, dict[str, Any]]], overall: Estimate | None) -> list[Part]:
    from hamlets.continuity import signals
    from hamlets.continuity.asking import to_estimate

    found: list[Part] = []
    for name, row in rows:
        estimate, differs = to_estimate(row), "no"
        if overall is not None and overall.value is not None:
            half = signals.half_width(overall.value, overall.lower, overall.upper)
            differs = signals.outside_limits(
                estimate.value, estimate.n_contacts, overall.value, half, overall.n_contacts
            )
        found.append(Part(name, estimate, differs))
    return found


def _team_name(team: str, names: dict[str, str | None]) -> str:
    from hamlets.publish.svg import plain

    return text("by_team.unknown") if team == "unknown" else plain(names.get(team) or team)


def _mode_name(mode: str) -> str:
    from hamlets.web.words import known

    return text(f"ways.mode.{mode if known(f'ways.mode.{mode}') else 'other'}")


def _chart(
    found: ContinuityReport,
    ident: str,
    heading: str,
    parts: Sequence[Part],
    overall: Estimate,
    words: str,
    notes: tuple[str, ...],
) -> Any:
    from hamlets.publish import numbers
    from hamlets.publish.drawings import Dots
    from hamlets.publish.page import Chart, Panel
    from hamlets.publish.sections import measures, rows

    measure = measures.name(overall)
    dots = Dots(
        rows=tuple(rows.dot(part.name, part.estimate) for part in parts),
        overall=rows.middle(overall),
        title=heading,
        description=" ".join(
            text("ways.alt", name=part.name, value=measures.value_cell(part.estimate).text)
            for part in parts
        ),
    )
    with_chance = any(part.estimate.chance is not None for part in parts)
    return Chart(
        ident=ident,
        heading=heading,
        line=text(
            "by_team.line",
            measure=measure,
            place=measures.place(found),
            period=numbers.period(found.period.first, found.period.last),
            n=numbers.count(sum(part.estimate.n_contacts for part in parts)),
        ),
        panels=(Panel(dots),),
        table=_table(parts, measure, words),
        count=measures.key(overall),
        key=rows.key(overall, with_chance),
        notes=notes,
    )


def _table(parts: Sequence[Part], measure: str, words: str) -> Table:
    """Return the table: chance first, since more people together meet more by chance."""
    from hamlets.publish import numbers
    from hamlets.publish.sections import measures
    from hamlets.publish.strings import text as published
    from hamlets.publish.tables import Cell, Csv, Table, columns

    by_team = words == "by_team"
    first = text("by_team.head_team" if by_team else "ways.head_way")
    names = ("chance", "patients", "contacts")
    head = [first, *(text(f"ways.head.{name}") for name in names), measure]
    head += [text("ways.head.range"), text("ways.head.outside")]
    body = tuple(
        (
            Cell(part.name),
            measures.chance_cell(part.estimate),
            Cell(numbers.count(part.estimate.n_patients)),
            Cell(numbers.count(part.estimate.n_contacts)),
            measures.value_cell(part.estimate),
            measures.range_cell(part.estimate),
            Cell(published(f"outside.{part.differs}")),
        )
        for part in parts
    )
    fields = ("chance", "n_patients", "n_contacts", "value", "lower", "upper")
    csv = Csv(
        "team-by-team.csv" if by_team else "ways-of-contact.csv",
        ("team" if by_team else "way", *fields, "differs"),
        tuple(
            (part.name, *(getattr(part.estimate, name) for name in fields), part.differs)
            for part in parts
        ),
    )
    return Table(
        text("by_team.caption" if by_team else "ways.caption", measure=measure),
        columns(*head),
        body,
        csv,
    )
