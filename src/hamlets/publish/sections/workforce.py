"""Section 7, "Who was working": the week, the people from A to Z, the load of a day."""

from __future__ import annotations

from dataclasses import dataclass

from hamlets.continuity.results import (
    WEEKDAYS,
    ContinuityReport,
    PersonRow,
    WeekCell,
    WeekRow,
    Workforce,
    WorkforceUnit,
)
from hamlets.publish import numbers
from hamlets.publish.page import Section
from hamlets.publish.sections import measures
from hamlets.publish.strings import text
from hamlets.publish.svg import plain
from hamlets.publish.tables import Cell, Column, Csv, Table, columns

_WORKING_DAYS = 5
_SHADES = 4
"""Steps of blue; the last stands for so many GPs or more."""


@dataclass(frozen=True)
class Shown:
    """What the section shows."""

    heading: str
    line: str
    lead: str
    states: tuple[str, ...]
    week: Table
    week_notes: tuple[str, ...]
    units: Table
    people: Table
    people_notes: tuple[str, ...]
    load: str | None


def build(report: ContinuityReport) -> Section:
    """Return the section "Who was working"."""
    title = text("workforce.title")
    if report.place.practices > 1:
        # A GP's days are for the GP's own practice.
        notes = (text("workforce.many", n=report.place.practices),)
        return Section("workforce", title, "workforce.html", notes=notes)
    found = report.workforce
    if found is None or not found.week:
        return Section("workforce", title, "workforce.html", notes=(text("workforce.empty"),))
    if not _weeks(found):
        return Section("workforce", title, "workforce.html", notes=(text("workforce.no_week"),))
    body = Shown(
        heading=heading(found, measures.place(report)),
        line=text(
            "workforce.line",
            who=_who(found)[0],
            place=measures.place(report),
            period=numbers.period(found.period.first, found.period.last),
        ),
        lead=lead(found),
        states=_states(found),
        week=_week(report, found),
        week_notes=_week_notes(found),
        units=_units(report, found),
        people=_people(found),
        people_notes=_people_notes(found),
        load=_load(found),
    )
    return Section("workforce", title, "workforce.html", body)


def _states(found: Workforce) -> tuple[str, ...]:
    states: list[str] = []
    if not found.staff_given:
        states.append(text("workforce.no_staff", n=len(found.people)))
    if found.rota == "inferred":
        states.append(text("workforce.inferred"))
    elif found.practice.sessions_from_rota:
        states.append(text("workforce.from_rota", n=found.practice.sessions_from_rota))
    return tuple(states)


def heading(found: Workforce, place: str) -> str:
    """Return the heading: half-days without a GP, then weekdays that often have none."""
    rows = team_rows(found)
    total, who = len(rows), _who(found)[1]
    gaps = [(row, sum(usual == 0 for usual in _working(row))) for row in rows]
    gaps = [(row, n) for row, n in gaps if n]
    days = [(row, sum(not covered for covered in row.covered_weekdays)) for row in rows]
    days = [(row, n) for row, n in days if n]
    for key, told in (("half_days", gaps), ("weekdays", days)):
        if len(told) > 1:
            return text(f"workforce.{key}_many", k=len(told), total=total, who=who)
        if told:
            row, n = told[0]
            words = f"workforce.{key}_1" if n == 1 else f"workforce.{key}"
            return text(words, n=n, who=who, team=_row_name(row, place))
    if not all(row.covered_weekdays for row in rows):
        return text("workforce.few_weeks", n=_weeks(found))
    return text("workforce.covered" if _has_teams(found) else "workforce.covered_practice", who=who)


def _weeks(found: Workforce) -> int:
    """Return how many weeks the usual week is of; below 13 it says nothing of weekdays."""
    return max((cell.weeks for row in found.week for cell in row.cells), default=0)


def _has_teams(found: Workforce) -> bool:
    return any(row.label for row in found.week)


def team_rows(found: Workforce) -> list[WeekRow]:
    """Return the teams' rows, or the practice's where there are no teams."""
    return [row for row in found.week if row.label] or list(found.week)


def _row_name(row: WeekRow, place: str) -> str:
    return plain(row.label) or place


def _working(row: WeekRow) -> list[int]:
    """Return the GPs of the mornings and afternoons of Monday to Friday."""
    usual = {(cell.weekday, cell.half): cell.usual for cell in row.cells}
    return [usual.get((day, half), 0) for day in range(_WORKING_DAYS) for half in ("am", "pm")]


def lead(found: Workforce) -> str:
    """Return the lead sentence: GPs and sessions, who works part of the week, own GP in."""
    unit = found.practice
    many, one = _who(found)
    who = one if unit.headcount_gps == 1 else many
    values = {"n": unit.headcount_gps, "who": who}
    if unit.sessions_per_week_gps is None:
        parts = [text(_one("workforce.lead_gps_only", unit.headcount_gps), **values)]
    else:
        sessions = _sessions(unit.sessions_per_week_gps)
        parts = [text(_one("workforce.lead_gps", unit.headcount_gps), **values, sessions=sessions)]
    below = _below(unit)
    if below is not None:
        parts.append(text("workforce.lead_below", n=below, total=unit.gps_with_sessions))
    if unit.own_gp_half_days is not None:
        parts.append(text("workforce.lead_here", n=_of_ten(unit.own_gp_half_days)))
    return " ".join(parts)


def _who(found: Workforce) -> tuple[str, str]:
    """Return what the people counted are called, many and one."""
    kind = "gp" if found.roles_known else "any"
    return text(f"workforce.who.{kind}"), text(f"workforce.who.{kind}_1")


def _below(unit: WorkforceUnit) -> int | None:
    """Return the GPs with fewer than 6 sessions; None where no sessions are known."""
    if unit.share_below_6_sessions is None or not unit.gps_with_sessions:
        return None
    return round(unit.share_below_6_sessions * unit.gps_with_sessions)


def _one(key: str, n: int) -> str:
    return f"{key}_1" if n == 1 else key


def _of_ten(share: float) -> str:
    """Return a share of 10 half-days; never none or all, unless it is so."""
    tens = int(share * 10 + 0.5 + 1e-9)
    if share > 0 and tens == 0:
        return text("workforce.fewer_than_1")
    if share < 1 and tens == 10:
        return text("workforce.more_than_9")
    return str(tens)


def _sessions(value: float) -> str:
    return f"{numbers.one_decimal(value)}".removesuffix(".0")


def _heads(found: Workforce) -> list[tuple[int, str]]:
    """Return the half-days that the grid shows: Monday to Friday, and others with a GP."""
    heads = [(day, half) for day in range(_WORKING_DAYS) for half in ("am", "pm")]
    more = {
        (cell.weekday, cell.half) for row in found.week for cell in row.cells if cell.usual > 0
    } - set(heads)
    order = ("am", "pm", "evening")
    return sorted([*heads, *more], key=lambda head: (head[0], order.index(head[1])))


def _week(report: ContinuityReport, found: Workforce) -> Table:
    heads = _heads(found)
    rows: list[tuple[Cell, ...]] = []
    place = measures.place(report)
    for row in found.week:
        cells = {(cell.weekday, cell.half): cell for cell in row.cells}
        shown = (_grid_cell(cells.get(head), head) for head in heads)
        rows.append((Cell(_row_name(row, place)), *shown, _covered_cell(row)))
    csv = Csv(
        "week.csv",
        ("team", "weekday", "half_day", "usual_gps", "weeks_with_a_gp", "weeks"),
        tuple(
            (_row_name(row, place), WEEKDAYS[c.weekday], c.half, c.usual, c.covered_weeks, c.weeks)
            for row in found.week
            for c in row.cells
        ),
    )
    names = [f"{WEEKDAYS[day]} {text(f'workforce.half.{half}')}" for day, half in heads]
    first = Column(text("workforce.head_team"), number=False)
    last = Column(text("workforce.head_covered"))
    table = (first, *(Column(name) for name in names), last)
    return Table(text("workforce.week_caption", who=_who(found)[0]), table, tuple(rows), csv)


def _covered_cell(row: WeekRow) -> Cell:
    if not row.covered_weekdays:
        return Cell(numbers.percent(None), text("workforce.too_few_weeks"))
    return Cell(text("workforce.of", n=sum(row.covered_weekdays), total=_WORKING_DAYS))


def _grid_cell(cell: WeekCell | None, head: tuple[int, str]) -> Cell:
    """Return the number of GPs; "none" where the heading counts it: evenings need nobody."""
    usual = 0 if cell is None else cell.usual
    if usual == 0 and (head[0] >= _WORKING_DAYS or head[1] == "evening"):
        return Cell(numbers.percent(None))
    if usual == 0:
        return Cell(text("workforce.nobody"), css="nobody")
    return Cell(str(usual), css=f"shade-{min(usual, _SHADES)}")


def _week_notes(found: Workforce) -> tuple[str, ...]:
    notes = [text("workforce.week_note"), text("workforce.covered_note")]
    if not _has_teams(found):
        notes.append(text("workforce.no_teams"))
    return tuple(notes)


def _units(report: ContinuityReport, found: Workforce) -> Table:
    names = ("team", "gps", "all", "sessions", "fte", "below", "patients", "load", "here")
    contacts = measures.contacts_word(report)
    words = {"contacts": contacts[:1].upper() + contacts[1:], "who": _who(found)[0]}
    words["whose"] = words["who"][:1].upper() + words["who"][1:]
    head = [text(f"workforce.unit.{name}", **words) for name in names]
    units = (found.practice, *found.teams)
    place = measures.place(report)
    csv = Csv(
        "workforce.csv",
        (
            "unit",
            "gps",
            "staff",
            "gp_sessions_per_week",
            "gp_full_time_equivalent",
            "share_below_6_sessions",
            "gps_with_sessions",
            "patients_per_session",
            "contacts_per_session",
            "own_gp_in",
            "weekdays_covered",
            "share_sessional",
            "clinician_days",
            "contacts_a_day_median",
            "contacts_a_day_centile_90",
            "share_of_days_over_25",
            "own_gp_half_days",
        ),
        tuple(
            (
                plain(u.name) or place,
                u.headcount_gps,
                u.headcount,
                u.sessions_per_week_gps,
                u.full_time_equivalent_gps,
                u.share_below_6_sessions,
                u.gps_with_sessions,
                u.patients_per_session,
                u.contacts_per_session,
                u.overlap,
                u.weekdays_covered,
                u.share_sessional,
                u.load.clinician_days,
                u.load.median,
                u.load.centile_90,
                u.load.share_over_25,
                u.own_gp_half_days,
            )
            for u in units
        ),
    )
    rows = tuple(_unit_row(unit, place) for unit in units)
    return Table(text("workforce.units_caption"), columns(*head), rows, csv)


def _unit_row(unit: WorkforceUnit, place: str) -> tuple[Cell, ...]:
    return (
        Cell(plain(unit.name) or place),
        Cell(numbers.count(unit.headcount_gps)),
        Cell(numbers.count(unit.headcount)),
        _number(unit.sessions_per_week_gps, whole=True),
        _number(unit.full_time_equivalent_gps),
        _below_cell(unit),
        _count(unit.patients_per_session),
        _number(unit.contacts_per_session),
        _share(unit.overlap),
    )


def _below_cell(unit: WorkforceUnit) -> Cell:
    below = _below(unit)
    if below is None:
        return Cell(numbers.percent(None), text("lists.unknown"))
    return Cell(text("workforce.of", n=below, total=unit.gps_with_sessions))


def _number(value: float | None, whole: bool = False) -> Cell:
    if value is None:
        return Cell(numbers.percent(None), text("lists.unknown"))
    return Cell(_sessions(value) if whole else numbers.one_decimal(value))


def _count(value: float | None) -> Cell:
    if value is None:
        return Cell(numbers.percent(None), text("lists.unknown"))
    return Cell(numbers.count(int(value + 0.5)))


def _share(value: float | None) -> Cell:
    if value is None:
        return Cell(numbers.percent(None), text("lists.unknown"))
    return Cell(numbers.percent(value))


def role_words(role: str) -> str:
    """Return a role or contract in words: "GP partner"; a dash where it is not known."""
    if role in ("", "unknown"):
        return numbers.percent(None)
    words = plain(role).replace("_", " ")
    return f"GP{words[2:]}" if words == "gp" or words.startswith("gp ") else words.capitalize()


def _people(found: Workforce) -> Table:
    names = ("name", "role", "contract", "sessions", "half_days", "list", "pace")
    head = [text(f"workforce.person.{name}") for name in names]
    people = sorted(found.people, key=lambda p: (_person_name(p).casefold(), p.staff_id))
    csv = Csv(
        "people.csv",
        (
            "name",
            "role",
            "contract",
            "sessions_per_week",
            "half_days_worked",
            "days_worked",
            "patients",
            "contacts",
            "contacts_per_session",
        ),
        tuple(
            (
                _person_name(p),
                p.role,
                p.contract,
                p.sessions_per_week,
                p.half_days_worked,
                p.days_worked,
                p.patients,
                p.contacts,
                p.contacts_per_session,
            )
            for p in people
        ),
    )
    rows = tuple(_person_row(person) for person in people)
    return Table(text("workforce.people_caption"), columns(*head, words=2), rows, csv)


def _person_name(person: PersonRow) -> str:
    return plain(person.name) or plain(person.staff_id)


def _person_row(person: PersonRow) -> tuple[Cell, ...]:
    patients = person.patients
    return (
        Cell(_person_name(person), text("workforce.left") if person.left else None),
        Cell(role_words(person.role)),
        Cell(role_words(person.contract)),
        _number(person.sessions_per_week, whole=True),
        Cell(numbers.count(person.half_days_worked)),
        Cell(numbers.percent(None) if patients is None else numbers.count(patients)),
        Cell(
            numbers.percent(None)
            if person.contacts_per_session is None
            else numbers.one_decimal(person.contacts_per_session)
        ),
    )


def _people_notes(found: Workforce) -> tuple[str, ...]:
    paces = [p.contacts_per_session for p in found.people if p.contacts_per_session is not None]
    if not paces:
        return ()
    low, high = numbers.one_decimal(min(paces)), numbers.one_decimal(max(paces))
    return (text("workforce.pace", low=low, high=high),)


def _load(found: Workforce) -> str | None:
    load = found.practice.load
    if not load.clinician_days or load.median is None or load.centile_90 is None:
        return None
    said = text(
        "workforce.load",
        n=numbers.count(load.clinician_days),
        who=_who(found)[1],
        median=_sessions(load.median),
        high=_sessions(load.centile_90),
    )
    if load.share_over_25 is None:
        return said
    if not load.share_over_25:
        return f"{said} {text('workforce.load_none')}"
    share = numbers.in_100(load.share_over_25)
    return f"{said} {text('workforce.load_over', share=share[:1].upper() + share[1:])}"
