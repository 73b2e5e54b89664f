"""Tables of the borough as a whole: places, staff, teams, buddies and the hubs' rota."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from hamlets.booking.simulation.arrays import day_column, time_column
from hamlets.booking.simulation.making import Ground
from hamlets.booking.simulation.places import BOROUGH_ID, BOROUGH_NAME
from hamlets.booking.simulation.posts import Post


def shared_tables(ground: Ground) -> dict[str, pa.Table]:
    """Return every table that is not about patients, by name; the practices' rota is not here."""
    tables = {
        "practices": _practices(ground),
        "networks": _networks(ground),
        "network_members": _members(ground),
        "sites": _sites(ground),
        "staff": _staff(ground),
        "teams": _teams(ground),
        "team_members": _team_members(ground),
        "buddies": _buddies(ground),
        "sessions": _hub_sessions(ground),
    }
    return {name: table for name, table in tables.items() if table.num_rows}


def _practices(ground: Ground) -> pa.Table:
    practices, networks = ground.borough.practices, ground.borough.networks
    rows: list[tuple[str, str, float, float, int | None, str]] = [
        (p.practice_id, p.name, p.latitude, p.longitude, p.list_size, p.network_id)
        for p in practices
    ]
    rows += [
        (n.hub_id, f"Hub of {n.name}", n.latitude, n.longitude, None, n.network_id)
        for n in networks
    ]
    names = ("practice_id", "name", "latitude", "longitude", "list_size", "network_id")
    return pa.table(dict(zip(names, (list(c) for c in zip(*rows, strict=True)), strict=True)))


def _networks(ground: Ground) -> pa.Table:
    networks = ground.borough.networks
    return pa.table(
        {
            "network_id": [BOROUGH_ID, *(n.network_id for n in networks)],
            "name": [BOROUGH_NAME, *(n.name for n in networks)],
            "kind": ["borough", *("network" for _ in networks)],
            "parent_id": pa.array([None, *(BOROUGH_ID for _ in networks)], pa.string()),
        }
    )


def _members(ground: Ground) -> pa.Table:
    members = ground.borough.members
    return pa.table(
        {
            "network_id": [m.network_id for m in members],
            "practice_id": [m.practice_id for m in members],
            "from_date": pa.array([m.from_day for m in members], pa.date32()),
            "to_date": pa.array([m.to_day for m in members], pa.date32()),
        }
    )


def _sites(ground: Ground) -> pa.Table:
    rows = [
        (site, p.practice_id, f"{p.name}, {_SITE_NAMES[k]}", p.latitude + 0.006 * k, p.longitude)
        for p in ground.borough.practices
        for k, site in enumerate(p.sites)
    ]
    rows += [
        (f"{n.hub_id}-S1", n.hub_id, f"Hub of {n.name}", n.latitude, n.longitude)
        for n in ground.borough.networks
    ]
    names = ("site_id", "practice_id", "name", "latitude", "longitude")
    return pa.table(dict(zip(names, (list(c) for c in zip(*rows, strict=True)), strict=True)))


_SITE_NAMES = ("main site", "branch site")


def _staff(ground: Ground) -> pa.Table:
    posts: list[tuple[str, Post]] = []
    for place, staff in ground.staff.items():
        known = ground.hub_sessions.get(place, True)
        posts += [(place, p) for p in (*staff.posts, *staff.desk) if known]
    # someone who had left years before the first day would be on no extract
    first = (ground.setting.first - date(1970, 1, 1)).days - 730
    posts = [(place, p) for place, p in posts if p.end > first]
    return pa.table(
        {
            "staff_id": [p.staff_id for _, p in posts],
            "practice_id": [place for place, _ in posts],
            "network_id": pa.array([p.employer or None for _, p in posts], pa.string()),
            "person_id": [p.person_id for _, p in posts],
            "name": [p.name for _, p in posts],
            "role": [p.role for _, p in posts],
            "contract": [p.contract for _, p in posts],
            "sessions_per_week": [p.sessions for _, p in posts],
            "languages": [p.languages for _, p in posts],
            "skills": pa.array([p.skills or None for _, p in posts], pa.string()),
            "start_date": _dates([p.start for _, p in posts]),
            "end_date": _dates([p.end for _, p in posts]),
        }
    )


def _dates(days: Sequence[int]) -> pa.Array:
    return day_column(np.array(days, np.int64))


def _teams(ground: Ground) -> pa.Table:
    teams = [(place, t) for place, s in ground.staff.items() for t in s.teams]
    return pa.table(
        {
            "team_id": pa.array([t.team_id for _, t in teams], pa.string()),
            "practice_id": pa.array([place for place, _ in teams], pa.string()),
            "name": pa.array([t.name for _, t in teams], pa.string()),
        }
    )


def _team_members(ground: Ground) -> pa.Table:
    rows = [(t.team_id, *m) for s in ground.staff.values() for t in s.teams for m in t.members]
    return pa.table(
        {
            "team_id": pa.array([r[0] for r in rows], pa.string()),
            "staff_id": pa.array([r[1] for r in rows], pa.string()),
            "from_date": _dates([r[2] for r in rows]),
            "to_date": _dates([r[3] for r in rows]),
            "lead": pa.array([r[4] for r in rows], pa.bool_()),
        }
    )


def _buddies(ground: Ground) -> pa.Table:
    rows = [row for s in ground.staff.values() for row in s.buddies]
    return pa.table(
        {
            "staff_id": pa.array([r[0] for r in rows], pa.string()),
            "buddy_staff_id": pa.array([r[1] for r in rows], pa.string()),
            "from_date": _dates([r[2] for r in rows]),
            "to_date": _dates([r[3] for r in rows]),
        }
    )


def _hub_sessions(ground: Ground) -> pa.Table:
    first = (ground.setting.first - date(1970, 1, 1)).days
    rows = [
        (hub, ground.staff[hub].posts[s.staff].staff_id, s.day, s.start, s.slots, s.minutes)
        for hub, sessions in ground.hub_sessions.items()
        for s in sessions
        if s.day >= first
    ]
    day, start, slots, minutes = (np.array([r[k] for r in rows], np.int64) for k in range(2, 6))
    return pa.table(
        {
            "staff_id": pa.array([r[1] for r in rows], pa.string()),
            "practice_id": pa.array([r[0] for r in rows], pa.string()),
            "start_time": time_column(day, start),
            "end_time": time_column(day, start + slots * minutes),
            "site_id": pa.array([f"{r[0]}-S1" for r in rows], pa.string()),
            "session_type": pa.array(["Hub"] * len(rows), pa.string()),
            "slots": pa.array(slots.astype(np.int32)),
        }
    )
