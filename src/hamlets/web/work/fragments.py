"""Sections of the report as fragments of HTML, with their downloads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from hamlets.publish.page import Section
    from hamlets.publish.tables import Csv

Plain = dict[str, Any]


def fragment(section: Section) -> Plain:
    """Return a section drawn: its ident, title and HTML.

    Names from the records are escaped in it; the page marks it safe. Its links lead to
    ``#count-<measure>`` and ``#counted``, which stand in the sections ``define`` and
    ``counted``.
    """
    from hamlets.publish.report import environment

    html = environment().get_template(section.template).render(section=section)
    return {"ident": section.ident, "title": section.title, "html": html}


def downloads(*parts: Any) -> dict[str, str]:
    """Return the text of every CSV file of some sections or tables, by file name."""
    return {csv.name: csv.text() for part in parts for csv in _csvs(part)}


def _csvs(part: Any) -> Iterator[Csv]:
    from hamlets.publish.tables import Csv

    if isinstance(part, Csv):
        yield part
    elif isinstance(part, tuple | list):
        for each in part:
            yield from _csvs(each)
    elif is_dataclass(part) and not isinstance(part, type):
        for field in fields(part):
            yield from _csvs(getattr(part, field.name))


def storable(value: Any) -> Any:
    """Return plain data without what no database keeps: zero bytes, halves of letters."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value)
        return {storable(key): storable(each) for key, each in pairs.items()}
    if isinstance(value, list):
        return [storable(each) for each in cast("list[Any]", value)]
    return value


def plain(value: Any) -> Any:
    """Return results as plain data: dataclasses as dictionaries, days as ISO text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        pairs = cast("dict[Any, Any]", value)
        return {str(key): plain(each) for key, each in pairs.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in cast("list[Any]", value)]
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return plain(value.item())  # a number of numpy's
