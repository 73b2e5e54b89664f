"""The versions of the records as a practice sees them: number, day, who, rows, and the way back.

Told from small files, without opening the store.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from hamlets.records.store.layout import Layout, read_json
from hamlets.web.answers.asking import Answered, Waiting, ask
from hamlets.web.answers.versions import current_version, store_folder
from hamlets.web.places.roles import Kind, May
from hamlets.web.places.standing import Standing, places_of
from hamlets.web.uploads.models import Loading

PRACTICES = "store_practices"


@dataclass(frozen=True)
class Line:
    """One version."""

    number: int
    when: datetime | None
    who: str
    """Empty where it was not made through the site, or not by this practice."""
    rows: int | None
    """Rows of all tables where the records are this practice's alone, else those it loaded; None
    where others loaded them."""
    current: bool
    back_to: int | None
    """The version whose content it has, where it was made by going back."""


def versions(here: Standing, *, alone: bool) -> list[Line]:
    """Return the versions that are kept, newest first.

    Where others share the records, those that this practice made and the one in use.
    """
    layout = Layout(store_folder())
    current = layout.current_version()
    if current is None:
        return []
    told = _told(layout)
    made = {each.version: each for each in _made_here(here)}
    numbers = [n for n in reversed(layout.version_numbers()) if n <= current]
    return [
        _line(layout, number, number == current, made.get(number), told.get(number), alone)
        for number in numbers
        if alone or number in made or number == current
    ]


def is_kept(number: int) -> bool:
    """Return whether the records still have this version."""
    layout = Layout(store_folder())
    current = layout.current_version()
    return current is not None and number <= current and layout.manifest(number).exists()


def own_practices(here: Standing) -> list[str]:
    """Return the practices whose data the person may load."""
    return [
        each.place.code
        for each in places_of(here.person)
        if each.place.kind == Kind.practice and each.may(May.load_data)
    ]


def alone(here: Standing) -> bool | None:
    """Return whether all practices of the records are the person's own; None while unknown."""
    if current_version() is None:
        return None
    found = ask(here, PRACTICES)
    if not isinstance(found, Answered):
        return None if isinstance(found, Waiting) else False
    return set(found.body["practices"]) <= set(own_practices(here))


def _made_here(here: Standing) -> list[Loading]:
    rows = Loading.objects.filter(place=here.place, version__isnull=False)
    return list(rows.exclude(end="same").select_related("person").order_by("pk"))


def _line(
    layout: Layout,
    number: int,
    current: bool,
    made: Loading | None,
    told: datetime | None,
    alone: bool,
) -> Line:
    if alone:
        manifest = read_json(layout.manifest(number), layout.relative(layout.manifest(number)))
        rows = sum(int(table["rows"]) for table in manifest["tables"].values())
    else:
        rows = sum((made.report.get("rows_kept") or {}).values()) if made else None
    return Line(
        number,
        made.ended if made else told,
        made.person.name if made and made.person else "",
        rows,
        current,
        made.back_to if made else None,
    )


def _told(layout: Layout) -> dict[int, datetime]:
    """Return when each version was made, as the history says."""
    found: dict[int, datetime] = {}
    with suppress(OSError):
        for line in layout.history.read_text(encoding="utf-8").splitlines():
            # a line that was cut short is passed over
            with suppress(ValueError, KeyError, TypeError):
                said = cast("dict[str, Any]", json.loads(line))
                found[int(said["version"])] = datetime.fromisoformat(str(said["when"]))
    return found
