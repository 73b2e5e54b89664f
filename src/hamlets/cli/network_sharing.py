"""``hamlets networks share``: spare staff time, where another practice needs it most."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hamlets.cli.options import read_day
from hamlets.cli.pack_options import NeedOption, SpareOption
from hamlets.errors import UsageError

if TYPE_CHECKING:
    from hamlets.networks.results import NextDay, Sharing
    from hamlets.networks.sharing import Asked, Travel, Worth
    from hamlets.publish.sharing_words import Term

_SUFFIXES = {".json": "json", ".csv": "csv", ".ics": "ics", ".txt": "text"}


class SharingFormat(StrEnum):
    """A plan for people, for programs, for a spreadsheet, or for a calendar."""

    text = "text"
    json = "json"
    csv = "csv"
    ics = "ics"


def share_command(
    need: NeedOption = None,
    spare: SpareOption = None,
    practices: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Places of practices, for travel: lat and lon."),
    ] = None,
    distances: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="Distances instead: from, to, km and minutes."),
    ] = None,
    persons: Annotated[
        Path | None,
        typer.Option(metavar="FILE.csv", help="What people agree to: staff_id, consent, ..."),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="A record store, for the rota instead of the two files."),
    ] = None,
    role: Annotated[
        str, typer.Option(metavar="ROLE", help="With --store: whose time is shared.")
    ] = "nurse",
    network: Annotated[
        str | None, typer.Option(metavar="N", help="With --store or --scheme: the network.")
    ] = None,
    worth: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv",
            help="What a patient more is worth: practice_id, indicator_id, outstanding, "
            "value_next_patient, probability.",
        ),
    ] = None,
    scheme: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Work that out by this scheme, with --counts or --store"),
    ] = None,
    counts: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Counts of standards, for --scheme.")
    ] = None,
    indicator: Annotated[
        str | None,
        typer.Option(metavar="ID", help="With --store: ask for this standard's patients."),
    ] = None,
    per_session: Annotated[
        int | None,
        typer.Option("--patients-per-session", min=1, metavar="N", help="How many one reaches."),
    ] = None,
    weeks: Annotated[
        int, typer.Option(min=1, max=520, metavar="N", help="Weeks to reach all of them in.")
    ] = 13,
    skill: Annotated[
        str,
        typer.Option(metavar="WORD", help="With --store: what they must know (staff's skills)."),
    ] = "",
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="First day of a weekly plan.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--until", metavar="DAY", help="Last day of a weekly plan.")
    ] = None,
    mileage: Annotated[str, typer.Option(metavar="POUNDS", help="What a mile costs.")] = "0.45",
    with_agreements: Annotated[
        bool, typer.Option("--agreements", help="Print the text of each agreement too.")
    ] = False,
    time_limit: Annotated[
        float, typer.Option("--time-limit", min=0, metavar="SECONDS", help="Search no longer.")
    ] = 60.0,
    format: Annotated[  # noqa: A002 - the option's name
        SharingFormat | None,
        typer.Option("--format", metavar="FORMAT", help="Print text, json, csv or ics."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write to this .txt, .json, .csv or .ics file instead."),
    ] = None,
) -> None:
    """Match staff time that practices can spare with what others ask for.

    The plan is the fairest there is: the need that is met least is met as much as can be,
    then the next; of equal ones the one with the fewest km. Nobody moves who does not agree,
    on more days a week than they said, or to two practices in a day.

    \b
    Need:   practice_id, role, and sessions or hours, or patients with patients_per_session;
            skill, indicator_id, half_day (Tue am; several with ;)
    Spare:  practice_id, role, sessions or hours; staff_id, name, skills, date or weekday,
            half_day, start_time, end_time, consent (yes, no, blank: to ask), max_days (a
            week), max_km, hourly_rate
    With --store instead of the two: the rota's half-days of 12 weeks, shared by list size.

    \b
    Examples:
      hamlets networks share --need need.csv --spare spare.csv --practices practices.csv
      hamlets networks share --need need.csv --spare spare.csv --distances road.csv \\
          --from 2031-07-01 --until 2031-09-30 --output nurses.ics
    """
    from hamlets.optimise.deadline import Deadline

    chosen = _format(format, output)
    rate = _mileage(mileage)
    from hamlets.publish.sharing_words import Term

    term = Term(read_day(first, "--from"), read_day(last, "--until"))
    if term.first is not None and term.last is not None and term.last < term.first:
        raise UsageError("The last day is before the first.", where="--until", hint="Mend one.")
    if indicator is not None:
        _check_standard(need, per_session, worth or scheme or store)
    asked = _asked(need, spare, store, role, network, skill, indicator)
    worths = _worths(worth, scheme, counts, store, network, indicator)
    if indicator is not None and per_session is not None:
        asked = _for_standard(asked, worths, indicator, per_session, role, skill, weeks)
    if persons is not None:
        from dataclasses import replace

        from hamlets.networks.sharing.persons import with_persons

        asked = replace(asked, offers=with_persons(asked.offers, persons))
    travel = _travel(asked, practices, distances, store)
    from hamlets.networks.sharing import next_days, share, worths_of_needs

    plan = share(asked, travel, mileage=rate, deadline=Deadline(time_limit))
    rows = next_days(worths or worths_of_needs(asked.needs), asked.needs, asked.offers, travel)
    if chosen is SharingFormat.text and output is None:
        from hamlets.cli.sharing_tables import print_plan

        print_plan(plan, term, rows, with_agreements)
        return
    from hamlets.cli import exports
    from hamlets.cli.terminal import say

    content = _content(plan, term, rows, chosen)
    if output is None:
        exports.print_bytes(content)
    else:
        exports.replace_file(output, content)
        say(f"Wrote the plan to {output}")


def _format(given: SharingFormat | None, output: Path | None) -> SharingFormat:
    """Return the form that is asked for: by --format, else by the file's name."""
    if output is None:
        return given or SharingFormat.text
    from hamlets.cli.exports import check_place

    check_place(output)
    if given is not None:
        return given
    suffix = output.suffix.lower()
    if suffix not in _SUFFIXES:
        raise UsageError(
            "A plan is written as .txt, .json, .csv or .ics.",
            where=str(output),
            hint="End the file's name with one of these, or name a --format.",
        )
    return SharingFormat(_SUFFIXES[suffix])


def _mileage(text: str) -> Decimal:
    try:
        value = Decimal(text.removeprefix("£"))
    except InvalidOperation:
        value = Decimal(-1)
    if not value.is_finite() or not 0 <= value <= 100:
        raise UsageError(
            f"{text!r} is not an amount a mile.", where="--mileage", hint="Write pounds, as 0.45."
        )
    return value


def _check_standard(need: Path | None, per_session: int | None, source: object) -> None:
    """Raise UsageError where needs cannot come from a standard's patients."""
    if need is not None:
        raise UsageError(
            "Both --need and --indicator say what is asked for.",
            where="--indicator",
            hint="Leave one of them out.",
        )
    if per_session is None or source is None:
        lacking = "--store DIR" if source is None else "--patients-per-session N"
        raise UsageError(
            "To ask for a standard's patients takes their number and the size of a session.",
            where="--indicator",
            hint=f"Add {lacking}.",
        )


def _asked(
    need: Path | None,
    spare: Path | None,
    store: Path | None,
    role: str,
    network: str | None,
    skill: str,
    indicator: str | None,
) -> Asked:
    from hamlets.networks.sharing import read_asked

    if need is not None and spare is not None:
        return read_asked(need, spare)
    if need is not None or spare is not None:
        other = "--spare" if spare is None else "--need"
        raise UsageError(
            "A plan needs both what is asked for and what is spare.",
            where=other,
            hint=f"Add {other} FILE.csv.",
        )
    if store is None:
        raise UsageError(
            "Nothing is asked for yet.",
            hint="Give --need and --spare, or --store for both from the rota.",
        )
    from hamlets.networks.sharing.from_store import rota_asked
    from hamlets.records import open_store

    with open_store(store) as opened:
        return rota_asked(
            opened, role, network, skill=skill.lower(), only_offers=indicator is not None
        )


def _travel(
    asked: Asked, practices: Path | None, distances: Path | None, store: Path | None
) -> Travel:
    from hamlets.networks.sharing import check_places, no_travel, read_distances, travel_by

    table = read_distances(distances) if distances is not None else {}
    if practices is None and store is not None and distances is None:
        from hamlets.networks.sharing.from_store import places
        from hamlets.records import open_store

        with open_store(store) as opened:
            return travel_by(places(opened), {})
    if practices is None:
        return travel_by((), table) if table else no_travel
    from hamlets.networks.forming.practices import read_practices

    read = read_practices(practices)
    named = [each.practice_id for each in (*asked.needs, *asked.offers)]
    check_places(read, named, practices.name, only_unknown=bool(table))
    return travel_by(read.taking_part, table)


def _worths(
    worth: Path | None,
    scheme: str | None,
    counts: Path | None,
    store: Path | None,
    network: str | None,
    indicator: str | None,
) -> tuple[Worth, ...]:
    if worth is not None and scheme is not None:
        raise UsageError(
            "Both --worth and --scheme say what a patient is worth.",
            where="--worth",
            hint="Leave one of them out.",
        )
    if worth is not None:
        from hamlets.networks.sharing.worths import read_worths

        return read_worths(worth)
    if scheme is not None:
        from hamlets.cli.sharing_worths import worths_of_scheme

        return worths_of_scheme(scheme, counts, store, network)
    if indicator is not None and store is not None:
        from hamlets.cli.sharing_worths import worths_of_indicator

        return worths_of_indicator(store, indicator)
    return ()


def _for_standard(
    asked: Asked,
    worths: tuple[Worth, ...],
    indicator: str,
    per_session: int,
    role: str,
    skill: str,
    weeks: int,
) -> Asked:
    from fractions import Fraction

    from hamlets.networks.sharing.outstanding import asked_for_standard

    return asked_for_standard(
        asked,
        worths,
        indicator,
        role=role,
        skill=skill.lower(),
        patients_per_session=Fraction(per_session),
        weeks=weeks,
    )


def _content(plan: Sharing, term: Term, rows: tuple[NextDay, ...], form: SharingFormat) -> bytes:
    """Return the plan as the bytes of a file."""
    if form is SharingFormat.json:
        from hamlets.publish.sharing_json import sharing_json

        return (json.dumps(sharing_json(plan, term, rows), ensure_ascii=False) + "\n").encode()
    if form is SharingFormat.csv:
        from hamlets.cli.sharing_tables import moves_csv

        return moves_csv(plan)
    if form is SharingFormat.ics:
        return _calendar(plan, term)
    from hamlets.publish.sharing_words import plan_text

    return plan_text(plan, term).encode()


def _calendar(plan: Sharing, term: Term) -> bytes:
    from hamlets.cli.terminal import say
    from hamlets.publish.calendar_file import calendar_file, unplaced

    if plan.weekly and term.first is None and plan.moves:
        raise UsageError(
            "A weekly plan needs a first day to stand in a calendar.",
            where="--from",
            hint="Add --from 2031-07-01, and --until for the last day.",
        )
    out = unplaced(plan, term)
    if out:
        sessions = sum(move.amount for move in out)
        say(f"Not in the calendar, since no day or half-day was offered: {sessions} {plan.unit}.")
    return calendar_file(plan, term, _bank_holidays(term)).encode()


def _bank_holidays(term: Term) -> list[date]:
    if term.first is None or term.last is None:
        return []
    import holidays

    years = range(term.first.year, term.last.year + 1)
    return sorted(holidays.country_holidays("GB", subdiv="ENG", years=years))
