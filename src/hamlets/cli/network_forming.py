"""``hamlets networks form``: practices into networks, with the proof of how good they are."""

from __future__ import annotations

import re
import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hamlets.cli.options import WaitOption, read_day, wait_seconds
from hamlets.errors import UsageError

if TYPE_CHECKING:
    from hamlets.networks.forming.adopting import Written
    from hamlets.networks.results.forming import Formation

_BAND = re.compile(r"\s*([\d,]+)\s*(?:-|to)\s*([\d,]+)\s*")
_STAGES = {
    "listing": "Listing all possible networks",
    "moving": "Trying networks, one move at a time",
    "pricing": "Proving how good they can be",
    "choosing": "Choosing among the networks that are left",
    "tolerance": "Looking for the least tolerance that works",
    "comparing": "Comparing",
}


class Format(StrEnum):
    """For people, for programs or for maps."""

    text = "text"
    json = "json"
    geojson = "geojson"


class Goal(StrEnum):
    """What is to be best."""

    travel = "travel"
    flow = "flow"


def form_command(
    practices: Annotated[
        Path, typer.Option("--practices", metavar="FILE", help="CSV: code, list size, place.")
    ],
    networks: Annotated[int, typer.Option("--networks", metavar="K", help="How many networks.")],
    tolerance: Annotated[
        float | None,
        typer.Option(
            metavar="PCT", help="Per cent a network may be off the mean population (default: 30)."
        ),
    ] = None,
    band: Annotated[
        str | None,
        typer.Option(metavar="MIN-MAX", help="Patients of a network, instead of a tolerance."),
    ] = None,
    objective: Annotated[
        Goal,
        typer.Option(metavar="WHAT", help="travel: least travel; flow: most patient flow kept."),
    ] = Goal.travel,
    flow: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of patient flow: from, to, patients.")
    ] = None,
    together: Annotated[
        list[str] | None,
        typer.Option(
            metavar="A,B", help="Practices that must be together, or a CSV, a group a row."
        ),
    ] = None,
    apart: Annotated[
        list[str] | None,
        typer.Option(metavar="A,B", help="Practices that must not be, or a CSV, a group a row."),
    ] = None,
    boundaries: Annotated[
        Path | None,
        typer.Option(metavar="GEOJSON", help="Areas: neighbours are practices whose areas touch."),
    ] = None,
    distances: Annotated[
        Path | None, typer.Option(metavar="FILE", help="CSV of distances by road: from, to, km.")
    ] = None,
    places: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="CSV of places for practices without one: code or postcode."
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option(min=1, metavar="N", help="Longest time to look for better networks.")
    ] = 240.0,
    format: Annotated[  # noqa: A002 - the option's name
        Format, typer.Option(metavar="FORMAT", help="Print text, json or geojson.")
    ] = Format.text,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write a page with a map (.html), .json or .geojson."),
    ] = None,
    store: Annotated[
        Path | None,
        typer.Option("--store", metavar="DIR", help="Write who belongs to which into this store."),
    ] = None,
    start: Annotated[
        str | None,
        typer.Option(
            "--from", metavar="DAY", help="With --store: first day (default: of the next month)."
        ),
    ] = None,
    wait: WaitOption = None,
) -> None:
    """Form networks from practices: even in population, in one piece, with little travel.

    Travel is each practice's patients times the km to the practice in its network's middle.
    The answer says how much better any other networks could be: usually 0, proven.

    Columns of --practices: practice_id or practice_code, list_size, lat and lon or latitude and
    longitude; with pcn_code or network_id the networks are compared with the present ones.
    A practice without coordinates or patients, or one that has closed, is left out and named.

    \b
    Examples:
      hamlets networks form --practices practices.csv --networks 7
      hamlets networks form --practices practices.csv --networks 7 --output networks.html
      hamlets networks form --practices practices.csv --networks 7 --band 30000-60000
    """
    from hamlets.cli.exports import check_place, replace_file
    from hamlets.cli.terminal import progress, say
    from hamlets.networks.forming import Request, form_networks, read_groups, read_practices

    ends = read_band(band)
    if ends is not None and tolerance is not None:
        raise UsageError(
            "A tolerance and a band are two ways to say the same.",
            where="--tolerance, --band",
            hint="Give one of them.",
        )
    if tolerance is not None and not 0 <= tolerance <= 10_000:
        raise UsageError("The tolerance must be 0 or more.", where="--tolerance")
    day = read_day(start, "--from")
    if day is not None and store is None:
        raise UsageError(
            "A first day is for networks that are written into a store.",
            where="--from",
            hint="Add --store.",
        )
    kind = output_kind(output) if output is not None else None
    if output is not None:
        check_place(output)
    request = Request(
        networks=networks,
        tolerance=None if ends is not None else 30.0 if tolerance is None else tolerance,
        band=ends,
        objective=objective.value,
        flow=flow,
        distances=distances,
        boundaries=boundaries,
        together=read_groups(together or (), "--together"),
        apart=read_groups(apart or (), "--apart"),
        seconds=seconds,
    )
    read = read_practices(practices, places)
    quiet = format is not Format.text or not sys.stderr.isatty()
    with progress("Reading", quiet=quiet, unit="") as bar:
        found = form_networks(read, request, lambda name: bar.stage(_STAGES[name]))
    if output is not None and kind is not None:
        replace_file(output, _content(found, kind))
    written = None
    if store is not None:
        written = _write(found, store, day or next_month(date.today()), wait_seconds(wait))
    if format is Format.text:
        from hamlets.cli.forming_tables import print_formation

        print_formation(found)
        if output is not None:
            print(f"\nWrote {output}")
        if written is not None:
            print()
            print_written(written)
        return
    _print(found, format)
    if output is not None:
        say(f"Wrote {output}")


def read_band(text: str | None) -> tuple[float, float] | None:
    """Return a band given as MIN-MAX; UsageError for anything else."""
    if text is None:
        return None
    match = _BAND.fullmatch(text)
    low, high = (int(part.replace(",", "") or 0) for part in match.groups()) if match else (1, 0)
    if low > high:
        raise UsageError(
            f"{text!r} is not a band of patients.",
            where="--band",
            hint="Write the fewest and the most: 30000-50000.",
        )
    return float(low), float(high)


def output_kind(path: Path) -> str:
    """Return html, json or geojson by the file's ending; UsageError for any other."""
    kind = path.suffix.lower().removeprefix(".")
    if kind in ("html", "htm"):
        return "html"
    if kind in ("json", "geojson"):
        return kind
    raise UsageError(
        "The file's ending must be .html, .json or .geojson.", where=f"--output {path}"
    )


def next_month(day: date) -> date:
    """Return the first day of the month after a day's."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _content(found: Formation, kind: str) -> bytes:
    if kind == "html":
        from hamlets.publish.forming_report import render_formation

        return render_formation(found).encode()
    return _encoded(found, Format(kind))


def _encoded(found: Formation, kind: Format) -> bytes:
    import orjson

    from hamlets.publish.forming_json import formation_geojson, formation_json

    made: Any = formation_json(found) if kind is Format.json else formation_geojson(found)
    return orjson.dumps(made, option=orjson.OPT_APPEND_NEWLINE)


def _print(found: Formation, kind: Format) -> None:
    from hamlets.cli.exports import print_bytes

    print_bytes(_encoded(found, kind))


def _write(found: Formation, store: Path, day: date, wait: float) -> Written:
    from hamlets.networks.forming.adopting import write_membership

    return write_membership(found, store, day, wait_seconds=wait)


def print_written(written: Written) -> None:
    """Print what became of the records."""
    from hamlets.cli.terminal import print_lines

    lines = [
        f"Store version {written.version}: from {written.from_date} {written.stayed} practices "
        f"stay in their network and {written.joined} begin in another. Months before that day "
        "keep the networks that they had."
    ]
    if written.new_practices:
        lines.append(f"New in the store: {', '.join(written.new_practices)}.")
    lines.append("To undo it, go back to the version before: hamlets store restore.")
    print_lines(lines)
