"""The files of a FHIR source: which resources each holds, and reading them.

NDJSON is read line by line; a plain ``.json`` file is one resource, a list of
resources or a Bundle, and is read whole. A row's line is the line of the
NDJSON file, or the position of the entry in the Bundle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import orjson

from hamlets.errors import SourceError
from hamlets.records.sources import Member, Source

Resource = dict[str, Any]
Broken = Callable[[str, int, str, str], None]
"""Called with (type the file should hold, line, class of the value, reason)."""

TABLE_OF_TYPE = {
    "Organization": "practices",
    "Location": "sites",
    "Practitioner": "staff",
    "PractitionerRole": "staff",
    "CareTeam": "teams",
    "Schedule": "slots",
    "Patient": "patients",
    "EpisodeOfCare": "registrations",
    "Appointment": "appointments",
    "Encounter": "appointments",
    "Condition": "conditions",
    "Observation": "observations",
    "Slot": "slots",
}
"""Resource types that are read -> the table in which their row is counted."""

MAX_DOCUMENT = 256 * 2**20
_NDJSON = (".ndjson", ".jsonl")
_TELL_EVERY = 10_000
_BOM = b"\xef\xbb\xbf"


class FhirFile:
    """One file and the resource types it holds (None = not known yet)."""

    def __init__(self, member: Member, types: frozenset[str] | None, document: bool) -> None:
        self.member = member
        self.name = member.name
        self.types = types
        self.document = document
        self.full_urls: dict[str, tuple[str, str]] = {}
        """Bundle address -> (type, id), where the id is not the address's end."""
        self.deleted: list[tuple[str, str]] = []
        self._read_once = False

    def holds(self, types: frozenset[str]) -> bool:
        """Return whether the file may hold a resource of one of these types."""
        return self.types is None or not self.types.isdisjoint(types)

    def lines(self) -> int:
        """Return the number of lines that are not blank."""
        with self.member.open() as stream:
            return sum(1 for line in stream if not line.isspace())

    def resources(
        self, broken: Broken, tell: Callable[[str, int], None]
    ) -> Iterator[tuple[int, Resource]]:
        """Yield (line, resource). Broken lines are told on the first reading only."""
        say = broken if not self._read_once else _say_nothing
        seen: set[str] = set()
        count = 0
        for line, resource in self._document(say) if self.document else self._ndjson(say):
            seen.add(resource["resourceType"])
            count += 1
            if count == _TELL_EVERY:
                tell(self.name, count)
                count = 0
            yield line, resource
        tell(self.name, count)
        if self.types is None:
            self.types = frozenset(seen)
        self._read_once = True

    def _ndjson(self, broken: Broken) -> Iterator[tuple[int, Resource]]:
        only = next(iter(self.types)) if self.types and len(self.types) == 1 else None
        loads = orjson.loads
        with self.member.open() as stream:
            for number, line in enumerate(stream, 1):
                if number == 1:
                    line = line.removeprefix(_BOM)
                try:
                    resource: Any = loads(line)
                    kind = resource["resourceType"]
                except (ValueError, TypeError, KeyError):
                    self._tell_broken(broken, only, number, line)
                    continue
                if kind == only:
                    yield number, resource
                elif not isinstance(kind, str):
                    broken(only or "Encounter", number, "not a resource", "no resourceType")
                elif kind == "Bundle":
                    for _, entry in self._entries(resource):
                        yield number, entry
                elif only is None or not self.types or kind in self.types:
                    yield number, resource
                else:
                    broken(only, number, "another resource", "not the type its file holds")

    def _tell_broken(self, broken: Broken, only: str | None, number: int, line: bytes) -> None:
        if line.isspace():
            return
        if number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise SourceError(
                "This file is UTF-16; FHIR is UTF-8.",
                where=self.name,
                hint="Save it as UTF-8 and pass that file.",
            )
        cut = " (the line has no end: was the file cut short?)" if line[-1:] != b"\n" else ""
        broken(only or "Encounter", number, "broken JSON", "not a FHIR resource in JSON" + cut)

    def _document(self, broken: Broken) -> Iterator[tuple[int, Resource]]:
        with self.member.open() as stream:
            text = stream.read(MAX_DOCUMENT + 1)
        if len(text) > MAX_DOCUMENT:
            raise SourceError(
                "This JSON document is too large to read whole.",
                where=self.name,
                hint="Export it as NDJSON, one resource a line.",
            )
        try:
            document: Any = orjson.loads(text.removeprefix(_BOM))
        except orjson.JSONDecodeError as error:
            broken("Encounter", error.lineno, "broken JSON", "not a JSON document")
            return
        items = cast("list[Any]", document) if isinstance(document, list) else [document]
        for position, item in enumerate(items, 1):
            if not isinstance(item, dict) or not isinstance(
                cast("Resource", item).get("resourceType"), str
            ):
                broken("Encounter", position, "not a resource", "no resourceType")
            elif item["resourceType"] == "Bundle":
                yield from self._entries(cast("Resource", item))
            else:
                yield position, cast("Resource", item)

    def _entries(self, bundle: Resource) -> Iterator[tuple[int, Resource]]:
        entries: Any = bundle.get("entry")
        if not isinstance(entries, list):
            return
        for position, entry in enumerate(cast("list[Any]", entries), 1):
            if not isinstance(entry, dict):
                continue
            resource: Any = cast("Resource", entry).get("resource")
            address: Any = cast("Resource", entry).get("fullUrl")
            if isinstance(resource, dict) and isinstance(
                cast("Resource", resource).get("resourceType"), str
            ):
                yield position, self._with_id(cast("Resource", resource), address)
            else:
                self._note_deleted(cast("Resource", entry))

    def _with_id(self, resource: Resource, address: object) -> Resource:
        if isinstance(address, str) and address:
            end = address.replace("/", ":").rpartition(":")[2]
            if not resource.get("id"):
                resource["id"] = end
            elif resource["id"] != end:
                self.full_urls[address] = (resource["resourceType"], resource["id"])
        return resource

    def _note_deleted(self, entry: Resource) -> None:
        request: Any = entry.get("request")
        if self._read_once or not isinstance(request, dict):
            return
        asked = cast("Resource", request)
        url: Any = asked.get("url")
        if asked.get("method") == "DELETE" and isinstance(url, str) and url.count("/") == 1:
            kind, _, key = url.partition("/")
            self.deleted.append((kind, key))


def _say_nothing(_kind: str, _line: int, _value_class: str, _reason: str) -> None:
    return


def types_in_head(member: Member) -> frozenset[str]:
    """Return the resource types named by the whole lines in the file's first bytes."""
    head = member.head()
    lines = head.removeprefix(_BOM).split(b"\n")
    if len(lines) > 1 and len(head) >= 64 * 1024:
        lines.pop()
    types: set[str] = set()
    for line in lines:
        try:
            kind: Any = orjson.loads(line)["resourceType"]
        except (ValueError, TypeError, KeyError):
            continue
        if isinstance(kind, str):
            types.add(kind)
    return frozenset(types)


def fhir_files(source: Source) -> tuple[list[FhirFile], list[str]]:
    """Return the FHIR files of a source, by name, and the names of its other files."""
    files: list[FhirFile] = []
    others: list[str] = []
    for member in sorted(source.members, key=lambda m: m.name):
        if member.suffix in _NDJSON:
            files.append(FhirFile(member, _types_of(member), document=False))
        elif member.suffix == ".json":
            types = types_in_head(member)
            if types and "Bundle" not in types and member.head().count(b"\n") > 1:
                files.append(FhirFile(member, _types_of(member), document=False))
            elif b'"resourceType"' in member.head():
                files.append(FhirFile(member, None, document=True))
            else:
                others.append(member.name)
        else:
            others.append(member.name)
    return files, others


def _types_of(member: Member) -> frozenset[str] | None:
    """Return the one type an NDJSON file holds; None if its head shows several or none.

    A first line longer than the head (a large note, say) falls back on the name.
    """
    types = types_in_head(member)
    if not types:
        named = member.stem.split(".")[0].split("-")[0]
        types = frozenset(t for t in TABLE_OF_TYPE if t.lower() == named)
    return types if len(types) == 1 and "Bundle" not in types else None
