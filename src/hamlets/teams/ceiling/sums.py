"""Whole numbers by class of requests, and their sums by list, team and month.

They are divided at the very end, so parts add up to the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from hamlets.continuity.calendar import day_of as date_of
from hamlets.continuity.calendar import month_number, months_of
from hamlets.teams.ceiling.book import OTHER, OWN, Book, Int64
from hamlets.teams.ceiling.flow import attain
from hamlets.teams.ceiling.requests import Requests

KEYS = ("list", "team", "month")


@dataclass(frozen=True)
class Sums:
    """Requests with a named GP by class: arrays of one length."""

    list: Int64
    team: Int64
    month: Int64
    count: Int64
    own: Int64
    """Recorded with the own GP."""
    in_team: Int64
    """Recorded with the own GP or the team."""
    can_own: Int64
    can_team: Int64
    """Allowed by the rota: own GP or team."""

    def only(self, rows: Any) -> Self:
        """Return some rows."""
        return type(self)(*(column[rows] for column in vars(self).values()))

    def joined(self, other: Self) -> Self:
        """Return the classes of both."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return type(self)(*(np.concatenate(pair) for pair in pairs))

    def by(self, keys: Sequence[str]) -> dict[tuple[int, ...], tuple[int, int, int]]:
        """Return (requests, own, own or team), as the rota allowed, by codes of some keys."""
        if len(self.count) == 0:
            return {}
        codes = np.stack([np.zeros_like(self.list), *(getattr(self, key) for key in keys)], axis=1)
        found, at = np.unique(codes, axis=0, return_inverse=True)
        values = np.zeros((len(found), 3), dtype=np.int64)
        np.add.at(values, at.reshape(-1), np.stack([self.count, self.can_own, self.can_team], 1))
        rows = zip(found[:, 1:].tolist(), values.tolist(), strict=True)
        return {tuple(key): (row[0], row[1], row[2]) for key, row in rows}


def sums_of_moved(book: Book) -> Sums:
    """Return what the rota allowed for the requests of a book that have a named GP."""
    c, attained = book.classes, attain(book)
    sums = Sums(
        list=c.list,
        team=c.team,
        month=c.month,
        count=c.count,
        own=np.where(c.recorded == OWN, c.count, 0),
        in_team=np.where(c.recorded == OTHER, 0, c.count),
        can_own=attained.own,
        can_team=attained.team,
    )
    return sums.only(c.list >= 0)


def sums_of_held(requests: Requests) -> Sums:
    """Return requests that keep their recorded slots, one a class."""
    own, in_team = requests.own.astype(np.int64), requests.in_team.astype(np.int64)
    month = np.zeros(requests.size, dtype=np.int64)
    if requests.size:
        start = int(requests.day.min())
        _, months = months_of(start, int(requests.day.max()))
        month = months[requests.day - start].astype(np.int64) + month_number(date_of(start))
    sums = Sums(
        list=requests.list.astype(np.int64),
        team=requests.team.astype(np.int64),
        month=month,
        count=np.ones(requests.size, dtype=np.int64),
        own=own,
        in_team=in_team | own,
        can_own=own,
        can_team=in_team | own,
    )
    return sums.only(requests.list >= 0)
