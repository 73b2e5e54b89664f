"""The published form of tables of measures: all registered views, every row already safe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from hamlets.continuity.results import STEPS
from hamlets.disclosure import (
    NEAR_ALL,
    NEAR_NONE,
    SMALLEST,
    Cell,
    Counts,
    Mark,
    Published,
    Release,
    Sum,
    View,
    half_of_mean,
    protect,
    published_mean,
    published_number,
    published_range,
    rate_of,
    rolling,
    view_named,
)
from hamlets.publish.public import corrected_of, whole_hundredths
from hamlets.publish.public_counts import month_span

Row = Mapping[str, Any]
Span = tuple[int, int]

RATIOS = ("slicc", "opr", "same_as_previous", "waterfall")
AVERAGES = ("upc", "coc", "hi", "secon", "mci", "mmci", "k", "entropy", "clinicians")
_ONE_CONTACT = ("entropy", "clinicians")
"""Averages that need a single contact of a patient; the others need two."""
_NUMBERS = ("entropy", "clinicians")
"""Averages that are no shares."""
_TELLING = ("language", "ethnicity", "sex")
"""Groups whose names come from the records: that one is there at all tells of someone."""

FEW_PATIENTS = "7 or fewer patients"
LEFT_OUT = "left out: too small, or another small number could be worked out"


def measures_of(view: View) -> tuple[str, ...]:
    """Return the measures of a view. Averages by month share 23 of 24 months: ratios only."""
    return RATIOS if "month" in view.by else (*RATIOS, *AVERAGES)


def public_views(
    tables: Mapping[str, Sequence[Row]], span: Span, previous: Release | None = None
) -> tuple[dict[str, list[dict[str, Any]]], Release]:
    """Return the rows of all registered views in their published form, and what they give away.

    All are protected together, for who has one can get the others. ``tables`` are the rows of
    each view by its name, all measures at all levels, as ``measure`` returns them; ``span`` is
    the days counted.
    """
    books = _Books(tables, span)
    links = () if previous is None else books.links(previous)
    release = protect(books.counts(), previous, links)
    found: dict[str, list[dict[str, Any]]] = {}
    for name, rows in tables.items():
        view = view_named(name)
        told = _told(rows, view, books, release)
        said = (
            _published(row, view, books, release)
            for row in rows
            if not view.by or tuple(row[key] for key in view.by) in told
        )
        found[name] = [row for row in said if _nameable(row, view)]
    return found, release


def _nameable(row: Row, view: View) -> bool:
    if any(row[key] is not None for key in ("value", "n_patients", "n_contacts")):
        return True
    return not set(view.by) & set(_TELLING)


def _told(rows: Sequence[Row], view: View, books: _Books, release: Release) -> set[tuple[Any, ...]]:
    """Return the groups that may be named: a group that is there has somebody in it.

    So one with 7 or fewer patients by every measure is as absent as one that has none.
    """
    return {
        tuple(row[key] for key in view.by)
        for row in rows
        if release.counts[books.names(row, view.by)["patients"]].mark is not Mark.few
    }


class _Books:
    """The counts of all views by name, and how they add up to each other."""

    def __init__(self, tables: Mapping[str, Sequence[Row]], span: Span) -> None:
        self._span = span
        self._values: dict[str, int] = {}
        self._sums: dict[Sum, None] = {}
        self._silent: set[str] = set()
        self._hide: set[str] = set()
        for name, rows in tables.items():
            by = view_named(name).by
            for row in rows:
                self._add(row, by)
            for group in dict.fromkeys(tuple(row[key] for key in by) for row in rows):
                self._nest(dict(zip(by, group, strict=True)))
        for name, rows in tables.items():
            view = view_named(name)
            for margin in view.margins:
                self._add_up(tables[margin], view_named(margin).by, rows, view.by)

    def counts(self) -> Counts:
        return Counts(
            self._values,
            tuple(self._sums),
            silent=frozenset(self._silent),
            hide=frozenset(self._hide),
        )

    def links(self, previous: Release) -> tuple[Sum, ...]:
        names = dict.fromkeys((*self._values, *previous.counts))
        return rolling(names, (*self._sums, *previous.sums))

    def true(self, name: str) -> int | None:
        return self._values.get(name)

    def name(self, family: str, part: str, group: Mapping[str, Any]) -> str:
        kept = {key: value for key, value in group.items() if key != "month"}
        within = ",".join(f"{key}={value}" for key, value in sorted(kept.items()))
        return Cell(f"{family}.{part}[{within}]", self._days(group)).name

    def _days(self, group: Mapping[str, Any]) -> Span:
        """Return the days counted: those of the month, as far as they are in the window."""
        if "month" not in group:
            return self._span
        first, last = month_span(date.fromisoformat(f"{group['month']}-01"))
        return max(first, self._span[0]), min(last, self._span[1])

    def names(self, row: Row, by: Sequence[str]) -> dict[str, str]:
        """Return the names of a row's counts by part."""
        group = {key: row[key] for key in by}
        family = family_of(row)
        found = {"patients": self.name(family, "patients", group)}
        if row["measure"] in RATIOS:
            step = f"{row['step']}." if row["measure"] == "waterfall" else ""
            found["contacts"] = self.name(family, "contacts", group)
            found["num"] = self.name(family, f"{step}num", group)
            found["rest"] = self.name(family, f"{step}rest", group)
        return found

    def _add(self, row: Row, by: Sequence[str]) -> None:
        names, few = self.names(row, by), row["n_patients"] < SMALLEST
        self._values[names["patients"]] = row["n_patients"]
        if "num" not in names:
            return
        self._values[names["contacts"]] = row["n_contacts"]
        if few:
            self._hide.add(names["contacts"])
        # Of nobody's contacts none are with the own GP: left out, the sums would tell it.
        if row["value"] is None and row["n_contacts"]:
            return
        above = round((row["value"] or 0) * row["n_contacts"])
        left = row["n_contacts"] - above
        self._values |= {names["num"]: above, names["rest"]: left}
        self._silent.add(names["rest"])
        if few or left < SMALLEST:
            self._hide.add(names["num"])
        self._sum(names["contacts"], (names["num"], names["rest"]))
        self._no_fewer(names["contacts"], names["patients"])

    def _nest(self, group: Mapping[str, Any]) -> None:
        """Note what lies inside what: own GP in own team, two contacts in one or more."""
        for measure in ("slicc", "opr", "same_as_previous"):
            for narrow, wide in (("clinician", "team"), ("team", "practice")):
                inner, outer = f"{measure}.{narrow}", f"{measure}.{wide}"
                for part in ("num", "contacts", "patients"):
                    over = self.name(outer, f"{part}.over", group)
                    self._part_of(
                        self.name(outer, part, group), self.name(inner, part, group), over
                    )
        for level in ("clinician", "team", "practice"):
            inner, outer = f"two.{level}", f"one.{level}"
            self._part_of(
                self.name(outer, "patients", group),
                self.name(inner, "patients", group),
                self.name(outer, "patients.over", group),
            )
        steps = [self.name("waterfall.clinician", f"{step}.num", group) for step in STEPS]
        self._sum(self.name("waterfall.clinician", "contacts", group), steps)
        for part in ("patients", "contacts"):
            self._sum(
                self.name("slicc.clinician", part, group),
                (self.name("waterfall.clinician", part, group),),
            )
        # Own GP met at the hub is in the share but not in the kind.
        share = self.name("slicc.clinician", "num", group)
        self._part_of(share, steps[0], self.name("slicc.clinician", "elsewhere", group))

    def _no_fewer(self, contacts: str, patients: str) -> None:
        """Note that everybody counted has a contact; how many have more is not asked."""
        self._sums[Sum(contacts, (patients, f"{contacts}>"))] = None

    def _part_of(self, whole: str, part: str, over: str) -> None:
        if whole in self._values and part in self._values:
            left = self._values[whole] - self._values[part]
            if left == 0 and ".num" not in whole:
                self._sum(whole, (part,))
            elif left >= 0:
                self._values[over] = left
                self._silent.add(over)
                self._sum(whole, (part, over))

    def _add_up(
        self, totals: Sequence[Row], over: Sequence[str], rows: Sequence[Row], by: Sequence[str]
    ) -> None:
        """Note which counts of a view are the parts of which count of a wider view."""

        keys = ("measure", "level", "step", *over)

        def key_of(row: Row) -> tuple[Any, ...]:
            return tuple(row.get(key) for key in keys)

        inside: dict[tuple[Any, ...], list[dict[str, str]]] = {}
        for row in rows:
            inside.setdefault(key_of(row), []).append(self.names(row, by))
        for total in totals:
            parts_of = inside.get(key_of(total), [])
            for part, name in self.names(total, over).items():
                self._sum(name, [names[part] for names in parts_of])

    def _sum(self, total: str, parts: Sequence[str]) -> None:
        values = self._values
        known = total in values and parts and all(part in values for part in parts)
        if known and sum(values[part] for part in parts) == values[total]:
            self._sums[Sum(total, tuple(parts))] = None


def family_of(row: Row) -> str:
    """Return what a row's counts are counts of: averages of one kind share their patients."""
    measure, level = row["measure"], row["level"]
    if measure in RATIOS:
        return f"{measure}.{level}"
    return f"{'one' if measure in _ONE_CONTACT else 'two'}.{level}"


def _published(row: Row, view: View, books: _Books, release: Release) -> dict[str, Any]:
    names = books.names(row, view.by)
    patients = release.counts[names["patients"]]
    contacts = release.counts.get(names.get("contacts", ""))
    value = _value(row, names, books, release)
    number = row["measure"] in _NUMBERS
    ratio = row["measure"] in RATIOS
    chance = (
        published_number(row["chance"], patients, _least(row))
        if number
        else (whole_hundredths(row["chance"]))
    )
    half = _half(row)
    lower, upper = published_range(
        value,
        half if ratio or number else half_of_mean(half, value, patients),
        contacts.value if ratio and contacts is not None else None,
        step=0.1 if number else 0.01,
        top=float("inf") if number else 1.0,
    )
    shown = value is not None
    return {
        "measure": row["measure"],
        "level": row["level"],
        **{key: row[key] for key in view.by},
        **({"step": row["step"]} if "step" in row else {}),
        "value": value,
        "n_patients": patients.value,
        "n_contacts": None if contacts is None else contacts.value,
        "lower": lower,
        "upper": upper,
        "chance": chance if shown else None,
        "corrected": corrected_of(value, chance) if shown and not number else None,
        "reason": None if shown else _reason(row, patients),
        "definition_version": row["definition_version"],
    }


def _reason(row: Row, patients: Published) -> str:
    if patients.mark is Mark.few:
        return FEW_PATIENTS
    return row["reason"] or LEFT_OUT


def _half(row: Row) -> float | None:
    if row["value"] is None or row["lower"] is None or row["upper"] is None:
        return None
    return max(row["value"] - row["lower"], row["upper"] - row["value"])


def _least(row: Row) -> float:
    """Return what every patient has of a number: one GP, and no entropy."""
    return 1.0 if row["measure"] == "clinicians" else 0.0


def _value(row: Row, names: Mapping[str, str], books: _Books, release: Release) -> float | None:
    if row["value"] is None or row["n_patients"] < SMALLEST:
        return None
    patients = release.counts[names["patients"]]
    if row["measure"] in _NUMBERS:
        return published_number(row["value"], patients, _least(row))
    if row["measure"] not in RATIOS:
        return published_mean(row["value"], patients)
    above, below = release.counts[names["num"]], release.counts[names["contacts"]]
    share = rate_of(above, below)
    if share is not None or below.value is None or below.low < SMALLEST * 100:
        return share
    if above.mark is Mark.few:
        return NEAR_NONE
    rest = books.true(names["rest"])
    return NEAR_ALL if rest is not None and rest < SMALLEST else None
