"""A strict reader of iCalendar files (RFC 5545): what breaks a rule of the format raises.

Written from the standard, for what a file of events may hold; the writer is not looked at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

_NAME = re.compile(r"[A-Z][A-Z0-9-]*")
_ONCE = ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "DESCRIPTION", "STATUS")


@dataclass
class Component:
    """A component: its properties in order (name, parameters, value) and what lies in it."""

    name: str
    properties: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    parts: list[Component] = field(default_factory=list)

    def all(self, name: str) -> list[str]:
        return [value for key, _, value in self.properties if key == name]

    def one(self, name: str) -> str:
        (value,) = self.all(name)
        return value


def read_calendar(data: bytes) -> Component:
    """Return the calendar of a file; AssertionError where it breaks a rule."""
    text = data.decode("utf-8")
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")  # every line ends in CR LF, none in less
    raw = text.split("\r\n")[:-1]
    assert all(len(line.encode()) <= 75 for line in raw), "a line is over 75 octets"
    lines: list[str] = []
    for line in raw:
        assert line, "an empty line"
        if line[0] in " \t":
            lines[-1] += line[1:]
        else:
            lines.append(line)
    root = Component("")
    stack = [root]
    for line in lines:
        name, parameters, value = _content_line(line)
        if name == "BEGIN":
            made = Component(value)
            stack[-1].parts.append(made)
            stack.append(made)
        elif name == "END":
            assert stack.pop().name == value
        else:
            stack[-1].properties.append((name, parameters, value))
    assert stack == [root]
    (calendar,) = root.parts
    assert calendar.name == "VCALENDAR"
    assert calendar.one("VERSION") == "2.0"
    assert calendar.one("PRODID")
    zones = {zone.one("TZID") for zone in calendar.parts if zone.name == "VTIMEZONE"}
    uids: set[str] = set()
    for event in calendar.parts:
        if event.name == "VEVENT":
            _event(event, zones)
            assert event.one("UID") not in uids, "two events have one UID"
            uids.add(event.one("UID"))
    return calendar


def _content_line(line: str) -> tuple[str, dict[str, str], str]:
    head, colon, value = line.partition(":")
    assert colon, line
    name, *parameters = head.split(";")
    assert _NAME.fullmatch(name), line
    return name, dict(p.split("=", 1) for p in parameters), value


def _event(event: Component, zones: set[str]) -> None:
    for name in ("UID", "DTSTAMP", "DTSTART"):
        assert len(event.all(name)) == 1
    for name in _ONCE:
        assert len(event.all(name)) <= 1
    assert re.fullmatch(r"\d{8}T\d{6}Z", event.one("DTSTAMP"))
    for name, parameters, value in event.properties:
        if name in ("DTSTART", "DTEND", "EXDATE"):
            assert parameters["TZID"] in zones
            moment(value)
        if name in ("SUMMARY", "LOCATION", "DESCRIPTION"):
            bare = re.sub(r"\\[\\;,nN]", "", value)
            assert not set(bare) & set("\\;,") and not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", bare)
    assert moment(event.one("DTEND")) > moment(event.one("DTSTART"))
    for rule in event.all("RRULE"):
        parts = dict(part.split("=") for part in rule.split(";"))
        assert parts["FREQ"] == "WEEKLY"
        # with a zone on the start, UNTIL is in universal time
        assert re.fullmatch(r"\d{8}T\d{6}Z", parts.get("UNTIL", "20000101T000000Z"))
        first = moment(event.one("DTSTART"))
        assert parts["BYDAY"] == ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[first.weekday()]
        for left_out in event.all("EXDATE"):
            assert (moment(left_out) - first).days % 7 == 0  # else it leaves nothing out


def moment(value: str) -> datetime:
    return datetime.strptime(value.rstrip("Z"), "%Y%m%dT%H%M%S")


def days_of(event: Component, last: date) -> list[date]:
    """Return the days of an event up to a day, its rule worked out."""
    first = moment(event.one("DTSTART"))
    rules = event.all("RRULE")
    if not rules:
        return [first.date()]
    parts = dict(part.split("=") for part in rules[0].split(";"))
    until = min(last, moment(parts["UNTIL"]).date()) if "UNTIL" in parts else last
    out = {moment(value).date() for value in event.all("EXDATE")}
    found: list[date] = []
    day = first.date()
    while day <= until:
        if day not in out:
            found.append(day)
        day += timedelta(days=7)
    return found
