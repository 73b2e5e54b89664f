"""What the columns of an unknown table mean: from a form to a mapping that readers use."""

from __future__ import annotations

import glob
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hamlets.web.uploads.models import Loading
from hamlets.web.words import text

MEANINGS = (
    "patient_id", "staff_id", "start_date", "start_clock", "start_time", "status", "mode",
    "urgency", "duration_minutes", "category", "appointment_id", "staff_role", "site_id",
    "booked_time", "practice_id",
)  # fmt: skip
"""What a column may mean, in the order in which people are offered it."""
DAYS = {
    "%Y-%m-%d": "2031-12-31",
    "%d/%m/%Y": "31/12/2031",
    "%d/%m/%y": "31/12/31",
    "%d-%b-%Y": "31-Dec-2031",
    "%d-%b-%y": "31-Dec-31",
    "%d %b %Y": "31 Dec 2031",
    "%d-%m-%Y": "31-12-2031",
    "%d.%m.%Y": "31.12.2031",
    "%Y%m%d": "20311231",
    "%m/%d/%Y": "12/31/2031",
}
"""Ways to write a day, with the last day of 2031 as an example."""
CLOCKS = {"%H:%M": "14:30", "%H:%M:%S": "14:30:00", "%I:%M %p": "2:30 PM"}


@dataclass(frozen=True)
class Chosen:
    """What a person said of the columns, by their place."""

    means: dict[int, str]
    day: str
    clock: str
    join: str = " "


def chosen(loading: Loading) -> Chosen:
    """Return what was chosen before; at first, what the headings and examples tell."""
    before = loading.choice.get("columns")
    if before:
        means = {int(place): meaning for place, meaning in before["means"].items()}
        return Chosen(means, before["day"], before["clock"], before["join"])
    look = loading.found
    means = {
        place: each["meaning"]
        for place, each in enumerate(look["columns"])
        if each["meaning"] in MEANINGS
    }
    dates = look.get("dates") or {}
    return Chosen(
        means,
        dates.get("day") or "%d/%m/%Y",
        dates.get("clock") or "%H:%M",
        dates.get("join") or " ",
    )


def as_dict(chosen: Chosen) -> dict[str, Any]:
    """Return a choice as it is kept."""
    means = {str(place): meaning for place, meaning in chosen.means.items()}
    return {"means": means, "day": chosen.day, "clock": chosen.clock, "join": chosen.join}


def given(loading: Loading, sent: Mapping[str, Any]) -> Chosen:
    """Return what a form says; what it may not say counts as not said."""
    means: dict[int, str] = {}
    for place in range(len(loading.found["columns"])):
        meaning = sent.get(f"means-{place}", "")
        if meaning in MEANINGS:
            means[place] = meaning
    before = chosen(loading)
    day, clock = sent.get("day", ""), sent.get("clock", "")
    return Chosen(
        means,
        day if day in DAYS else before.day,
        clock if clock in CLOCKS else before.clock,
        before.join,
    )


def missing(chosen: Chosen) -> list[str]:
    """Return what is needed and no column means."""
    means = set(chosen.means.values())
    found = [name for name in ("patient_id", "staff_id") if name not in means]
    if not means & {"start_date", "start_time"}:
        found.append("start_date")
    return found


def missing_words(chosen: Chosen) -> str:
    """Return the sentence on what is missing; nothing where all is there."""
    names = missing(chosen)
    if not names:
        return ""
    listed = ", ".join(text(f"data_means.{name}") for name in names)
    key = "data_columns.missing_1" if len(names) == 1 else "data_columns.missing"
    return text(key, n=len(names), names=listed)


def problems(chosen: Chosen) -> list[tuple[str, str]]:
    """Return what is wrong with a choice: the field, and the sentence."""
    found: list[tuple[str, str]] = []
    words = missing_words(chosen)
    if words:
        found.append(("means-0", words))
    seen: set[str] = set()
    for place, meaning in sorted(chosen.means.items()):
        if meaning in seen:
            name = text(f"data_means.{meaning}")
            found.append((f"means-{place}", text("data_columns.twice", name=name)))
        seen.add(meaning)
    return found


def mapping(loading: Loading, chosen: Chosen) -> dict[str, Any]:
    """Return the mapping as a mapping file would say it; words given a meaning before stay."""
    names = [each["name"] for each in loading.found["columns"]]
    source = {meaning: names[place] for place, meaning in chosen.means.items()}
    columns = {
        meaning: [name]
        for meaning, name in source.items()
        if meaning not in ("start_date", "start_clock", "start_time")
    }
    if "start_time" in source:
        columns["start_time"] = [source["start_time"]]
        form = f"{chosen.day}{chosen.join}{chosen.clock}"
    else:
        parts = [source[part] for part in ("start_date", "start_clock") if part in source]
        columns["start_time"] = parts
        form = chosen.day + (f" {chosen.clock}" if len(parts) > 1 else "")
    before = loading.choice.get("mapping", {})
    table: dict[str, Any] = {
        "file": [glob.escape(name) for name in loading.found["table_files"]],
        "columns": columns,
        "date_formats": {"start_time": form},
    }
    if "booked_time" in columns:
        table["date_formats"]["booked_time"] = chosen.day
    values = before.get("appointments", {}).get("values")
    if values:
        table["values"] = values
    return {**before, "appointments": table}
