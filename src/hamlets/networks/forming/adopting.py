"""Writing formed networks into the records: who belongs to which from a day on."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from hamlets.errors import UsageError
from hamlets.networks.membership import Member, Membership, read_membership
from hamlets.networks.results.forming import Formation

_SOURCE = "networks"
_MOST_DAYS_AHEAD = 731
_EARLIEST = date(1948, 7, 5)
Row = Sequence[object]


@dataclass(frozen=True)
class Written:
    """What became of the records."""

    version: int
    from_date: date
    joined: int
    """Practices that begin in another network, or in their first."""
    stayed: int
    closed: int
    """Rows of earlier networks that end on that day."""
    new_practices: tuple[str, ...]
    """Practices that the records did not have."""


def write_membership(
    formation: Formation, store_folder: Path, start: date, *, wait_seconds: float = 60
) -> Written:
    """Write networks and their members from a day on, as one new version of the store.

    Earlier memberships of these practices end on that day and stay for the months before
    it. A practice whose network was known without dates gets a dated row for the time before.
    A store is made where there is none. Raises UsageError where the day cannot be; StoreError
    and its kinds as a load does.
    """
    from hamlets.records import load
    from hamlets.records.store.opening import INVENTED

    if not _EARLIEST <= start <= date.today() + timedelta(days=_MOST_DAYS_AHEAD):
        raise UsageError(
            "Networks cannot start on this day.",
            where="--from",
            hint="Choose a day no more than two years ahead.",
        )
    standing = _read(store_folder)
    tables = _tables(formation, standing, start)
    version = standing.version
    with tempfile.TemporaryDirectory() as folder:
        for name, (columns, rows) in tables.items():
            _write(Path(folder) / f"{name}.csv", columns, rows)
        if any(rows for _, rows in tables.values()):
            version = load(
                [Path(folder)],
                store_folder,
                profile="csv",
                identifiable=standing.identifiable,
                refuse_limit=0.0,
                source_name=INVENTED if standing.invented else _SOURCE,
                wait_seconds=wait_seconds,
                extract_end=datetime.combine(max(start, date.today()), time()) + timedelta(days=1),
                remark={"made by": "networks form"},
            ).store_version
    here = {each.practice_id: each.network_id for each in formation.practices}
    before = standing.membership
    stayed = sum(before.network_of(code, start) == network for code, network in here.items())
    return Written(
        version,
        start,
        len(here) - stayed,
        stayed,
        sum(row[3] is not None for row in tables["network_members"][1]),
        tuple(sorted(set(here) - standing.practices)),
    )


@dataclass(frozen=True)
class _Standing:
    """What the store says now. ``version`` 0: there is none."""

    version: int
    membership: Membership
    practices: frozenset[str]
    parents: Mapping[str, str | None]
    """The network or borough above each network."""
    first_day: date | None
    identifiable: bool
    invented: bool


def _read(folder: Path) -> _Standing:
    from hamlets.records import open_store
    from hamlets.records.store.layout import Layout

    if Layout(folder).current_version() is None:
        return _Standing(0, Membership(()), frozenset(), {}, None, False, False)
    with open_store(folder) as store:
        return _Standing(
            store.version,
            read_membership(store),
            frozenset(row["practice_id"] for row in store.table("practices").to_pylist()),
            {row["network_id"]: row["parent_id"] for row in store.table("networks").to_pylist()},
            store.first_day,
            store.identifiable,
            store.invented,
        )


def _tables(
    formation: Formation, standing: _Standing, start: date
) -> dict[str, tuple[tuple[str, ...], list[Row]]]:
    """Return the rows to load, by table: (columns, rows)."""
    members: list[Row] = []
    for each in formation.practices:
        members += _members(each.practice_id, each.network_id, standing, start)
    networks = [
        (
            each.network_id,
            each.name or each.network_id,
            "network",
            _parent(each.practices, standing, start),
        )
        for each in formation.networks
        if each.network_id not in standing.parents
    ]
    practices = [
        (each.practice_id, each.name, each.latitude, each.longitude, each.list_size)
        for each in formation.practices
        if each.practice_id not in standing.practices
    ]
    found: dict[str, tuple[tuple[str, ...], list[Row]]] = {
        "network_members": (("network_id", "practice_id", "from_date", "to_date"), members)
    }
    if networks:
        found["networks"] = ("network_id", "name", "kind", "parent_id"), list(networks)
    if practices:
        columns = ("practice_id", "name", "latitude", "longitude", "list_size")
        found["practices"] = columns, list(practices)
    return found


def _parent(practices: Sequence[str], standing: _Standing, start: date) -> str | None:
    """Return the borough above most of the networks that a new one's practices come from."""
    before = [standing.membership.network_of(code, start) for code in practices]
    above = Counter(standing.parents.get(name) for name in before if name is not None)
    return max(above, key=lambda name: (above[name], name or "")) if above else None


def _members(code: str, network: str, standing: _Standing, start: date) -> list[Row]:
    """Return a practice's rows that change: earlier ones that end, and the new one."""
    rows: list[Row] = []
    continues = False
    for row in standing.membership.members:
        if row.practice_id != code or not _reaches(row, start):
            continue
        began = row.from_date or (standing.first_day or start)
        if row.network_id == network and began <= start and row.to_date is None:
            continues = True
            if row.from_date is None and began < start:
                rows.append((network, code, began, None))
            elif row.from_date is None:
                continues = False
            continue
        # a row that would begin later is taken back: it ends on the day it begins
        rows.append((row.network_id, code, began, max(start, began)))
    if not continues:
        rows.append((network, code, start, None))
    return [row for row in rows if row[2] != row[3] or _known(standing, code, row)]


def _reaches(row: Member, start: date) -> bool:
    return row.to_date is None or row.to_date > start


def _known(standing: _Standing, code: str, row: Row) -> bool:
    """Return whether an empty row stands for one that the store has."""
    return any(
        each.practice_id == code and each.network_id == row[0] and each.from_date == row[2]
        for each in standing.membership.members
    )


def _write(path: Path, columns: Iterable[str], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(["" if value is None else value for value in row] for row in rows)
