"""A first look at files that were sent: what they are, and which columns they have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hamlets.errors import HamletsError, SourceError
from hamlets.web.words import text
from hamlets.web.work.fragments import Plain, storable
from hamlets.web.work.loading import in_words, sources_of

if TYPE_CHECKING:
    from hamlets.records.batches import Recognition
    from hamlets.records.sources import Member, Source
    from hamlets.web.jobs.progress import Progress

_SURE = 0.5
"""Below it, the name of a file speaks for it and its columns do not."""
_SAMPLE = 300
_EXAMPLES = 3
_CHUNK = 2**20
_MOST_COLUMNS = 200

DATES = (
    "%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d-%m-%Y",
    "%d.%m.%Y", "%Y%m%d", "%m/%d/%Y",
)  # fmt: skip
"""Ways to write a day, as people are offered them: the first that reads all examples is it."""
CLOCKS = ("%H:%M", "%H:%M:%S", "%I:%M %p")
JOINS = (" ", "T", "  ")

MEANINGS = {
    "patient_id": ("nhsnumber", "patientid", "patient", "emisnumber", "patientnumber", "patid",
                   "nhsno", "patientguid", "idpatient"),
    "staff_id": ("staffid", "clinician", "sessionholdersfullname", "sessionholder", "gp",
                 "fullnameofthesessionholderofthesession", "doctor", "seenby", "staff",
                 "clinicianname", "provider", "healthcareprofessional"),
    "start_date": ("appointmentdate", "date", "apptdate", "dateofappointment", "slotdate"),
    "start_clock": ("appointmenttime", "time", "appttime", "timeofappointment", "slottime"),
    "start_time": ("starttime", "appointmentdatetime", "datetime", "start", "datestart"),
    "status": ("status", "currentslotstatus", "appointmentstatus", "attended", "slotstatus"),
    "mode": ("mode", "modeofcontact", "contactmode", "contactmethod"),
    "urgency": ("urgency",),
    "duration_minutes": ("durationminutes", "duration", "plannedappointmentduration",
                         "slotduration", "length"),
    "category": ("category", "slottype", "appointmenttype", "nationalslotcategoryname"),
    "appointment_id": ("appointmentid", "slotid", "slotguid", "apptid"),
    "staff_role": ("staffrole", "sessionholdersusertype", "role", "usertype", "jobrole"),
    "site_id": ("siteid", "site", "locationsname", "location"),
    "practice_id": ("practiceid", "odscode", "practicecode"),
}  # fmt: skip
"""What a column may mean, and headings that mean it, in small letters and without blanks."""
_EMIS = ("sessionholdersfullname", "fullnameofthesessionholderofthesession")


def look(
    _store: Path,
    _practice: str,
    progress: Progress,
    *,
    folder: str,
    files: list[Mapping[str, Any]],
    **_loading: Any,
) -> Plain:
    """Return what the files are, how many rows they have, and their columns where unknown."""
    from hamlets.records.sources import open_source

    progress.stage(text("data_work.looking"))
    with in_words(), open_source(sources_of(folder, files)) as source:
        profile, sure = _recognised(source)
        found: Plain = {
            "profile": profile,
            "why": sure.why if sure else "",
            "known": bool(sure and sure.score >= _SURE),
            "files": len(source.members),
            "names": source.names()[:60],
            "ignored": dict(list(source.ignored.items())[:20]),
        }
        found["columns"], found["dates"], found["emis"] = [], {}, False
        first = _first_table(source) if not found["known"] or profile == "csv" else None
        if first is not None:
            found |= _columns(source, first)
        elif not found["known"]:
            raise SourceError(text("data_wrong.unknown"), hint=text("data_wrong.kind_hint"))
        found["rows"] = sum(_rows_of(each) for each in source.members)
    return storable(found)


def _recognised(source: Source) -> tuple[str, Recognition | None]:
    from hamlets.records.fencing import FILLED
    from hamlets.records.readers import READERS

    best: tuple[str, Recognition | None] = ("csv", None)
    for name, make in READERS.items():
        found = make(None, FILLED).recognise(source)
        if found is not None and (best[1] is None or found.score > best[1].score):
            best = name, found
    return best


def _first_table(source: Source) -> Member | None:
    """Return the file whose columns are shown: the appointments, else the first with columns."""
    members = sorted(source.members, key=lambda each: each.stem != "appointments")
    wrong: HamletsError | None = None
    for member in members:
        try:
            if _header(member):
                return member
        except SourceError as error:
            wrong = wrong or error
    if wrong is not None:
        raise wrong
    return None


def _header(member: Member) -> list[str]:
    from hamlets.records.readers.csv_tables import columns_of
    from hamlets.records.readers.csv_text import shown_columns
    from hamlets.records.tables import TABLES

    columns = columns_of(member, TABLES["appointments"])
    if shown_columns(columns).startswith("the first line"):
        raise SourceError(
            text("data_wrong.no_header"), where=member.name, hint=text("data_wrong.no_header_hint")
        )
    return columns


def _columns(source: Source, first: Member) -> Plain:
    """Return the columns of a file, and of all files that have the same ones."""
    header = _header(first)
    others = [each for each in source.members if each is not first]
    alike = [first.name, *(each.name for each in others if _same(each, header))]
    columns: list[Plain] = []
    by_meaning: dict[str, list[str]] = {}
    named = [pair for pair in zip(header, _samples(first, len(header)), strict=True) if pair[0]]
    for name, values in named[:_MOST_COLUMNS]:
        meaning = _meaning(name, set(by_meaning))
        by_meaning |= {meaning: values} if meaning else {}
        examples = list(dict.fromkeys(masked(value) for value in values))[:_EXAMPLES]
        columns.append({"name": name, "meaning": meaning, "examples": examples})
    return {
        "columns": columns,
        "table_files": alike,
        "dates": _dates(by_meaning),
        "emis": any(_plain_name(name) in _EMIS for name in header),
    }


def _same(member: Member, header: list[str]) -> bool:
    try:
        return _header(member) == header
    except SourceError:
        return False


def _samples(member: Member, width: int) -> list[list[str]]:
    """Return some values of each column."""
    found: list[list[str]] = [[] for _ in range(width)]
    for row in _first_rows(member):
        for place, value in enumerate(row[:width]):
            if value and value.strip():
                found[place].append(value.strip())
    return found


def _first_rows(member: Member) -> Iterator[list[str | None]]:
    from hamlets.records.readers.csv_rows import read_rows
    from hamlets.records.readers.csv_text import TextStream, read_header
    from hamlets.records.readers.parquet_rows import is_parquet, parquet_columns, read_parquet
    from hamlets.records.text import as_text

    if is_parquet(member):
        for table in read_parquet(member, parquet_columns(member)):
            columns = [as_text(column.slice(0, _SAMPLE)).to_pylist() for column in table.columns]
            yield from (list(row) for row in zip(*columns, strict=True))
            return
        return
    stream = TextStream(member)
    try:
        header = read_header(stream, set())
        for rows in read_rows(stream, header):
            columns = [column.slice(0, _SAMPLE).to_pylist() for column in rows.columns]
            yield from (list(row) for row in zip(*columns, strict=True))
            return
    finally:
        stream.close()


def _plain_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _meaning(name: str, taken: set[str]) -> str:
    plain = _plain_name(name)
    for meaning, names in MEANINGS.items():
        if meaning not in taken and (plain in names or plain == meaning.replace("_", "")):
            return meaning
    return ""


def masked(value: str) -> str:
    """Return the shape of a value: what tells a person apart is not shown."""
    shape = re.sub(r"\d", "9", re.sub(r"[^\W\d_]", "x", value[:24]))
    return f"{shape}…" if len(value) > 24 else shape


def _dates(samples: Mapping[str, Sequence[str]]) -> Plain:
    """Return how days and times are written, as far as the examples tell."""
    if samples.get("start_time"):
        for day in DATES:
            for clock in CLOCKS:
                for join in JOINS:
                    if _reads(samples["start_time"], f"{day}{join}{clock}"):
                        return {"day": day, "clock": clock, "join": join}
        return {"day": _first_that_reads(DATES, samples["start_time"]), "clock": "", "join": " "}
    return {
        "day": _first_that_reads(DATES, samples.get("start_date", ())),
        "clock": _first_that_reads(CLOCKS, samples.get("start_clock", ())),
        "join": " ",
    }


def _first_that_reads(forms: Sequence[str], values: Sequence[str]) -> str:
    return next((form for form in forms if values and _reads(values, form)), "")


def _reads(values: Sequence[str], form: str) -> bool:
    """Return whether nearly all values are written so: a report may have a stray line."""
    wrong = 0
    for value in values:
        try:
            datetime.strptime(value, form)
        except ValueError:
            wrong += 1
            if wrong * 10 > len(values):
                return False
    return True


def _rows_of(member: Member) -> int:
    """Return about how many rows a file has: its lines, without a header."""
    from hamlets.records.readers.parquet_rows import is_parquet

    if member.size == 0:
        return 0
    if is_parquet(member):
        import pyarrow.parquet as parquet

        with member.open_seekable() as stream:
            return int(parquet.read_metadata(stream).num_rows)
    lines, last = 0, b"\n"
    with member.open() as stream:
        while chunk := stream.read(_CHUNK):
            lines += chunk.count(b"\n")
            last = chunk[-1:]
    lines += last != b"\n"
    return max(0, lines - (member.suffix not in (".ndjson", ".jsonl", ".json")))
