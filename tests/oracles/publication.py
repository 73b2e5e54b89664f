"""Somebody who collects the published views of a store, of several versions, and calculates.

Knows nothing of how the package protects counts. Takes from the true rows only how things add up
(which sums and parts hold), and from the published rows only what is printed. What is asked:
every count that is 7 or fewer and every count that is not printed, with what shares leave over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from tests.oracles.reader import Reader

Row = Mapping[str, Any]
Views = Mapping[str, Sequence[Row]]
"""Rows by the name of a view."""
Span = tuple[int, int]

SAFE = 3.0
RATIOS = ("slicc", "opr", "same_as_previous", "waterfall")
ONE_CONTACT = ("entropy", "clinicians")
LEVELS = ("clinician", "team", "practice")
FEW = "7 or fewer patients"
NEAR = (0.005, 0.995)


@dataclass(frozen=True)
class Printed:
    """One version: the days of its window, its true rows and those that are published."""

    span: Span
    true: Views
    shown: Views
    groups: Mapping[str, tuple[str, ...]]
    """The groupings of each view."""
    margins: Mapping[str, tuple[str, ...]]
    whole_months: bool = False
    """Whether months are whole ones, or only their days in the window."""


@dataclass
class Collector:
    """Puts versions together; ``found`` asks for everything that should not be known."""

    readers: dict[str, Reader] = field(default_factory=dict)
    truth: dict[str, int] = field(default_factory=dict)
    secret: dict[str, str] = field(default_factory=dict)
    """Counts that nobody should be able to tell, and whose reader they belong to."""
    _sums: dict[tuple[str, ...], set[Span]] = field(default_factory=dict)

    _apart: str = ""
    """What the names of measures end in whose days are counted otherwise than before."""
    _changed: frozenset[str] = frozenset()
    _whole_months: bool = False

    def read_all(self, versions: Sequence[Printed]) -> None:
        """Take in versions, and what can be said of them together.

        A measure may count the same days otherwise when the window moves (who has contacts
        enough is then another question); the versions of such a one cannot be added up.
        """
        alone: list[Mapping[str, int]] = []
        for version in versions:
            one = Collector()
            one.read(version)
            alone.append(one.truth)
        self._changed = frozenset(
            self._family(name)
            for one, other in pairwise(alone)
            for name in one.keys() & other.keys()
            if one[name] != other[name]
        )
        for number, version in enumerate(versions):
            self._apart = "'" * number
            self.read(version)
        self.join()

    def read(self, version: Printed) -> None:
        """Take in all views of a version."""
        self._whole_months = version.whole_months
        for view, rows in version.true.items():
            by = version.groups[view]
            printed = {self._key(row, by): row for row in version.shown.get(view, ())}
            for row in rows:
                self._read_row(row, by, version.span, printed.get(self._key(row, by)))
            self._read_nesting(rows, by, version.span)
            for margin in version.margins[view]:
                self._read_sums(version, margin, view)

    def join(self) -> None:
        """Note that contacts over some days are those of the pieces that all days are cut into.

        And in each piece the groups add up, as they do in every span that was read.
        """
        whole: dict[str, set[Span]] = {}
        for name in self.truth:
            what, span = _read_name(name)
            if ".patients" not in what:
                whole.setdefault(what, set()).add(span)
        for what, spans in whole.items():
            for first, last in spans:
                pieces = [p for p in _pieces(spans) if first <= p[0] and p[1] <= last]
                if len(pieces) > 1:
                    form = {_name(what, (first, last)): -1.0}
                    self._reader(what).knows(form | {_name(what, p): 1.0 for p in pieces}, 0, 0)
        for (total, *parts), spans in self._sums.items():
            for piece in _pieces(spans) if ".patients" not in total else ():
                form = {_name(total, piece): -1.0}
                self._reader(total).knows(form | {_name(p, piece): 1.0 for p in parts}, 0, 0)

    def found(self) -> Iterable[tuple[str, float, float]]:
        """Yield each count that can be told to within 3, with where it lies."""
        for family, reader in self.readers.items():
            names = [name for name, of in self.secret.items() if of == family]
            yield from reader.pinned(names, SAFE)

    def _read_row(self, row: Row, by: Sequence[str], span: Span, printed: Row | None) -> None:
        names = self._names(row, by, span)
        reader = self._reader(names["patients"])
        true = {"patients": row["n_patients"]}
        if "num" in names:
            true["contacts"] = row["n_contacts"]
            # Nobody has a contact less than none.
            reader.knows({names["contacts"]: 1, names["patients"]: -1}, 0, float("inf"))
            true["num"] = round((row["value"] or 0) * row["n_contacts"])
            true["rest"] = row["n_contacts"] - true["num"]
            self._add_up(names["contacts"], (names["num"], names["rest"]))
        for part, value in true.items():
            known = self.truth.setdefault(names[part], value)
            assert known == value, "the same days are counted differently"
            hidden = printed is None or printed.get(f"n_{part}") is None
            if value <= 7 or (hidden and part in ("patients", "contacts")):
                self.secret[names[part]] = self._family(names[part])
        if printed is not None:
            self._read_printed(reader, row, printed, names)

    def _read_printed(
        self, reader: Reader, row: Row, printed: Row, names: Mapping[str, str]
    ) -> None:
        if printed["n_patients"] is not None:
            self._shown(reader, names["patients"], printed["n_patients"])
        elif printed["reason"] == FEW:
            reader.few({names["patients"]: 1})
        if "num" not in names or printed["n_contacts"] is None:
            assert "num" not in names or printed["value"] is None, "a share of what is left out"
            self._read_range(reader, row, printed, names)
            return
        contacts = printed["n_contacts"]
        self._shown(reader, names["contacts"], contacts)
        if "count" in printed:
            # The number itself is printed, small or not, and nothing is said of the rest.
            if printed["count"] is not None:
                self._shown(reader, names["num"], printed["count"])
            elif printed["few"]:
                reader.few({names["num"]: 1})
            return
        value = printed["value"]
        if value is None:
            return
        assert 0 < value < 1
        if value in NEAR:
            part = "num" if value == NEAR[0] else "rest"
            reader.knows({names[part]: 1}, 0, contacts // 100 + 5)
            return
        # The share was worked out from a multiple of 5: few of them give this share.
        may = [n for n in range(10, contacts + 5, 5) if abs(n / contacts - value) <= 0.005 + 1e-9]
        assert may, "the share does not come from the rounded parts"
        reader.knows({names["num"]: 1}, max(8, may[0] - 2), may[-1] + 2)
        reader.knows({names["rest"]: 1}, 8, float("inf"))

    def _read_range(self, reader: Reader, row: Row, printed: Row, names: Mapping[str, str]) -> None:
        """A wide range is that of few: the spread of shares is at most that of zeros and ones."""
        if printed["value"] is None or printed["lower"] is None or row["measure"] in ONE_CONTACT:
            return
        value, low, high = printed["value"], printed["lower"], printed["upper"]
        half = max(value - low if low > 0 else 0, high - value if high < 1 else 0) - 0.01
        middle = min((value - 0.005, value + 0.005), key=lambda m: abs(m - 0.5))
        middle = 0.5 if abs(value - 0.5) <= 0.005 else middle
        shown = printed["n_patients"]
        if row["measure"] not in RATIOS and shown is not None:
            # The rules say that the widest ranges are all told as the widest of all.
            widest = 1.96 * (middle * (1 - middle) / (max(8, shown - 2) - 1)) ** 0.5
            if half + 0.01 >= widest - 1e-9:
                half = min(half, 1.96 * (middle * (1 - middle) / (shown + 1)) ** 0.5 - 0.01)
        if half > 0 and row["measure"] not in RATIOS:
            most = 1 + 1.96**2 * middle * (1 - middle) / half**2
            reader.knows({names["patients"]: 1}, 0, most)

    def _shown(self, reader: Reader, name: str, value: int) -> None:
        assert value % 5 == 0 and value >= 10, f"{name} is printed as {value}"
        reader.shown({name: 1}, value)

    def _read_nesting(self, rows: Sequence[Row], by: Sequence[str], span: Span) -> None:
        """Own GP within own team, two contacts within one or more, kinds within all contacts."""
        by_key: dict[str, Row] = {self._key(row, by): row for row in rows}
        for row in rows:
            wider = dict(row)
            if row["measure"] in RATIOS and row["level"] != "practice":
                wider["level"] = LEVELS[LEVELS.index(row["level"]) + 1]
                parts = ("num", "contacts", "patients")
            elif row["measure"] == "upc":
                wider["measure"], parts = "clinicians", ("patients",)
            else:
                continue
            outer = by_key.get(self._key(wider, by))
            for part in parts if outer else ():
                self._within(row, wider, part, by, span)
        steps: dict[str, list[Row]] = {}
        for row in rows:
            if row["measure"] == "waterfall" and row["level"] == "clinician":
                group = self._key({**row, "step": None}, by)
                steps.setdefault(group, []).append(row)
        for kinds in steps.values():
            self._read_kinds(kinds, by_key, by, span)

    def _read_kinds(
        self, kinds: Sequence[Row], by_key: Mapping[str, Row], by: Sequence[str], span: Span
    ) -> None:
        nums = [self._names(kind, by, span)["num"] for kind in kinds]
        whole = self._names(kinds[0], by, span)["contacts"]
        if all(name in self.truth for name in nums):
            self._reader(whole).knows({**dict.fromkeys(nums, 1.0), whole: -1.0}, 0, 0)
        share = by_key.get(self._key({**kinds[0], "measure": "slicc", "step": None}, by))
        if share is None:
            return
        same = self._names(share, by, span)
        kinds_patients = self._names(kinds[0], by, span)["patients"]
        for one, other in ((same["contacts"], whole), (same["patients"], kinds_patients)):
            if self.truth[one] == self.truth[other]:
                self._reader(whole).knows({one: 1, other: -1}, 0, 0)
        own = next((k for k in kinds if k["step"] == "own"), None)
        if own is not None:
            inner = self._names(own, by, span)["num"]
            if self.truth.get(same["num"], -1) >= self.truth.get(inner, 0):
                self._reader(whole).knows({same["num"]: 1, inner: -1}, 0, float("inf"))

    def _within(self, row: Row, wider: Row, part: str, by: Sequence[str], span: Span) -> None:
        inner, outer = self._names(row, by, span)[part], self._names(wider, by, span)[part]
        if inner not in self.truth or outer not in self.truth:
            return
        left = self.truth[outer] - self.truth[inner]
        if left < 0:
            return
        reader = self._reader(outer)
        if left == 0 and part != "num":
            reader.knows({outer: 1, inner: -1}, 0, 0)
            return
        what, _, days = outer.rpartition("@")
        over = f"{what}-{row['level'] if part == 'num' else inner}@{days}"
        reader.knows({outer: -1, inner: 1, over: 1}, 0, 0)
        if left <= 7:
            self.secret[over] = self._family(over)

    def _read_sums(self, version: Printed, margin: str, view: str) -> None:
        over, by = version.groups[margin], version.groups[view]
        for total in version.true[margin]:
            key = self._key(total, over)
            inside = [row for row in version.true[view] if self._key(row, over) == key]
            whole = self._names(total, over, version.span)
            for part, name in whole.items():
                parts = [self._names(row, by, version.span)[part] for row in inside]
                known = [p for p in parts if p in self.truth]
                if (
                    known
                    and name in self.truth
                    and sum(map(self.truth.__getitem__, known)) == self.truth[name]
                ):
                    self._add_up(name, known)

    def _add_up(self, total: str, parts: Sequence[str]) -> None:
        self._reader(total).knows({total: -1.0, **dict.fromkeys(parts, 1.0)}, 0, 0)
        what = tuple(_read_name(name)[0] for name in (total, *parts))
        span = _read_name(total)[1]
        if all(_read_name(name)[1] == span for name in parts):
            self._sums.setdefault(what, set()).add(span)

    def _reader(self, name: str) -> Reader:
        return self.readers.setdefault(self._family(name), Reader())

    @staticmethod
    def _family(name: str) -> str:
        family = name.partition(".")[0]
        kind = family.rstrip("'")
        return {"waterfall": "slicc", "two": "one"}.get(kind, kind) + family[len(kind) :]

    @staticmethod
    def _key(row: Row, by: Sequence[str]) -> str:
        groups = ",".join(str(row[key]) for key in by)
        return f"{row['measure']}.{row['level']}.{row.get('step')}[{groups}]"

    def _names(self, row: Row, by: Sequence[str], span: Span) -> dict[str, str]:
        """Return the unknowns of a row; averages of the same patients share them."""
        measure, level = row["measure"], row["level"]
        ratio = measure in RATIOS
        if not ratio:
            measure = "one" if measure in ONE_CONTACT else "two"
        if self._family(measure) in self._changed:
            measure += self._apart
        days = span
        if "month" in by:
            days = _days_of(row["month"], (1, 10**7) if self._whole_months else span)
        group = ",".join(str(row[key]) for key in by if key != "month")
        step = f"{row['step']}." if row.get("step") else ""
        where = f"[{'/'.join(k for k in by if k != 'month')}:{group}]@{days[0]}:{days[1]}"
        names = {"patients": f"{measure}.{level}.patients{where}"}
        if ratio:
            names["contacts"] = f"{measure}.{level}.contacts{where}"
            names["num"] = f"{measure}.{level}.{step}num{where}"
            names["rest"] = f"{measure}.{level}.{step}rest{where}"
        return names


def _days_of(month: str, span: Span) -> Span:
    """Return the days of a month that are in the window."""
    year, number = int(month[:4]), int(month[5:])
    first = date(year, number, 1).toordinal()
    after = date(year + number // 12, number % 12 + 1, 1).toordinal()
    return max(first, span[0]), min(after - 1, span[1])


def _name(what: str, span: Span) -> str:
    return f"{what}@{span[0]}:{span[1]}"


def _read_name(name: str) -> tuple[str, Span]:
    what, _, days = name.rpartition("@")
    first, _, last = days.partition(":")
    return what, (int(first), int(last))


def _pieces(spans: Iterable[Span]) -> list[Span]:
    cuts = sorted({first for first, _ in spans} | {last + 1 for _, last in spans})
    return [(a, b - 1) for a, b in pairwise(cuts)]
