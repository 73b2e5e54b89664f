"""Indicators of networks as one page: standard, funnel, three averages, practices A to Z.

With one network each indicator has its funnel and its practices; with several, its networks.
The page fetches nothing and runs no script. Nothing on it is in order of a result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from markupsafe import Markup

from hamlets.networks.results import (
    AveragesRow,
    CaseMix,
    IndicatorInfo,
    IndicatorResults,
    IndicatorRow,
)
from hamlets.publish import indicator_words as words
from hamlets.publish import numbers, payment_words
from hamlets.publish.funnel import Funnel, Spot, draw_funnel
from hamlets.publish.indicator_words import DASH, rate, said
from hamlets.publish.standard_line import StandardLine, draw_standard
from hamlets.publish.statement import style_and_policy
from hamlets.publish.strings import text
from hamlets.publish.tables import Cell, Column, Csv, Table, Value, cells, columns
from hamlets.publish.templating import make_environment

if TYPE_CHECKING:
    from jinja2 import Environment

FEWEST = 8
"""Patients below which a practice has no dot and no figure."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class IndicatorPart:
    """One indicator on the page."""

    ident: str
    title: str
    lead: str
    meaning: str
    period: str
    funnel_heading: str
    funnels: tuple[Markup, ...]
    funnel_notes: tuple[str, ...]
    three_heading: str
    lines: tuple[Markup, ...]
    three: tuple[str, ...]
    three_notes: tuple[str, ...]
    table: Table
    groups: Table | None
    notes: tuple[str, ...]


def indicators_page(found: IndicatorResults) -> str:
    """Return results as one HTML page; of several months the last one."""
    style, policy = style_and_policy()
    networks = {row.network_id for row in found.averages}
    one = next(iter(networks)) if len(networks) == 1 else None
    name = next((r.name or r.network_id for r in found.averages), None)
    parts = indicator_parts(found, one)
    made = (
        said("page.counts")
        if found.store_version is None
        else said("page.store", version=found.store_version)
    )
    title = (
        said("page.title", network=name)
        if one is not None
        else said("page.title_many", n=len(networks))
    )
    return (
        _environment()
        .get_template("indicators.html")
        .render(
            style=style,
            policy=policy,
            title=title,
            banner=said("page.invented") if found.invented else "",
            lead=said("page.lead", n=len(parts)) if len(parts) > 1 else said("page.lead_one"),
            parts=parts,
            notes=found.notes,
            foot=said("page.foot", made=made, registry=found.registry),
        )
    )


def _environment() -> Environment:
    return make_environment(t=text, said=said)


def indicator_parts(found: IndicatorResults, network: str | None) -> tuple[IndicatorPart, ...]:
    """Return the indicators of one network, with funnels; of several networks, with None."""
    parts: list[IndicatorPart] = []
    for info in found.indicators:
        rows = [r for r in found.rows if r.indicator_id == info.indicator_id]
        latest = max((r.period_end or date.min for r in rows), default=None)
        last = _Last(
            found,
            info,
            tuple(r for r in rows if (r.period_end or date.min) == latest),
            tuple(
                a
                for a in found.averages
                if a.indicator_id == info.indicator_id and (a.period_end or date.min) == latest
            ),
        )
        parts.append(last.of_network(network) if network is not None else last.of_many())
    return tuple(parts)


@dataclass(frozen=True)
class _Last:
    """An indicator's rows of its last period."""

    found: IndicatorResults
    info: IndicatorInfo
    rows: tuple[IndicatorRow, ...]
    averages: tuple[AveragesRow, ...]

    @property
    def _ident(self) -> str:
        return self.info.indicator_id.replace("_", "-")

    @property
    def _period(self) -> str:
        row = self.rows[0]
        if row.period_start is None or row.period_end is None:
            return said("page.period_unknown")
        return said(
            "page.period", first=numbers.day(row.period_start), last=numbers.day(row.period_end)
        )

    @property
    def _events(self) -> bool:
        return self.info.per == 1000

    def _practices(self, network: str) -> list[IndicatorRow]:
        mine = [
            r
            for r in self.rows
            if r.level == "practice" and r.network_id == network and r.group is None
        ]
        return sorted(mine, key=lambda r: (r.name or r.practice_id or "", r.practice_id or ""))

    def of_network(self, network: str) -> IndicatorPart:
        practices = self._practices(network)
        averages = next(
            (a for a in self.averages if a.network_id == network and a.group is None), None
        )
        whole = next(
            (
                r
                for r in self.rows
                if r.level == "network" and r.network_id == network and r.group is None
            ),
            None,
        )
        heading, drawings, notes = self._funnel(practices, whole)
        return IndicatorPart(
            ident=self._ident,
            title=self.info.title,
            lead=words.lead(self.info, averages, whole),
            meaning=self.info.meaning,
            period=self._period,
            funnel_heading=heading,
            funnels=drawings,
            funnel_notes=notes,
            three_heading="" if averages is None else words.three_heading(averages),
            lines=self._lines(averages),
            three=() if averages is None else words.three_sentences(averages, self.info),
            three_notes=self._three_notes(averages),
            table=self._practice_table(practices),
            groups=self._group_table(network),
            notes=self.info.notes,
        )

    def of_many(self) -> IndicatorPart:
        everyone = next((r for r in self.rows if r.level == "all" and r.group is None), None)
        shown = rate(None if everyone is None else everyone.rate, self.info)
        if self.info.target is None:
            lead = said("lead.events" if self._events else "lead.no_standard", value=shown)
        else:
            lead = said(
                "lead.many_events" if self._events else "lead.many",
                value=shown,
                target=words.target(self.info),
            )
        return IndicatorPart(
            ident=self._ident,
            title=self.info.title,
            lead=lead,
            meaning=self.info.meaning,
            period=self._period,
            funnel_heading="",
            funnels=(),
            funnel_notes=(),
            three_heading="",
            lines=(),
            three=(),
            three_notes=(),
            table=self._network_table(),
            groups=None,
            notes=(*self.info.notes, said("three.scheme")),
        )

    def _funnel(
        self, practices: Sequence[IndicatorRow], whole: IndicatorRow | None
    ) -> tuple[str, tuple[Markup, ...], tuple[str, ...]]:
        curve = self.found.curve(self.info.indicator_id, self.rows[0].period_end)
        if curve is None:
            published = self.info.counted == "published"
            return (said("funnel.without") if published else "", (), ())
        lettered = [
            (_letter(k), row)
            for k, row in enumerate(practices)
            if row.rate is not None and row.funnel is not None and (row.denominator or 0) >= FEWEST
        ]
        if not lettered:
            return said("funnel.none"), (), ()
        outside = [a for a, row in lettered if row.funnel and row.funnel.position != "inside"]
        inside = [a for a, _ in lettered if a not in outside]
        average = None if whole is None else whole.rate
        drawn = Funnel(
            spots=tuple(Spot(a, row.denominator or 0, row.rate or 0.0) for a, row in lettered),
            sizes=curve.sizes,
            inner=(curve.lower_95, curve.upper_95),
            outer=(curve.lower_998, curve.upper_998),
            average=average,
            standard=None if self.info.target is None else float(self.info.target),
            average_label=said("funnel.average", value=rate(average, self.info)),
            standard_label=said("funnel.standard", value=words.target(self.info)),
            x_title=said("funnel.x"),
            y_title=said("funnel.y_events" if self._events else "funnel.y"),
            top=100.0 if not self._events else _top([row.rate or 0.0 for _, row in lettered]),
            title=said("funnel.title", title=self.info.title),
            description=said(
                "funnel.description_events" if self._events else "funnel.description",
                many=len(lettered),
                value=rate(average, self.info),
                inside=", ".join(inside) or said("funnel.nobody"),
                outside=", ".join(outside) or said("funnel.nobody"),
            ),
        )
        heading = (
            said("funnel.outside", n=len(outside), many=len(lettered))
            if outside
            else said("funnel.inside")
        )
        notes = [said("funnel.key_standard" if curve.centre_is == "target" else "funnel.key_all")]
        if self._events:
            notes.append(said("funnel.alike"))
        if any(row.funnel and row.funnel.position.startswith("above") for _, row in lettered) and (
            self.info.direction == "higher"
        ):
            notes.append(said("funnel.learning"))
        drawings = tuple(
            draw_funnel(drawn, f"{self._ident}-funnel-{width}", width)
            for width in ("narrow", "wide")
        )
        return heading, drawings, tuple(notes)

    def _lines(self, row: AveragesRow | None) -> tuple[Markup, ...]:
        if row is None or self.info.target is None or self._events:
            return ()
        if row.mean is None or row.pooled is None or row.minimum is None:
            return ()
        shown = [rate(v, self.info) for v in (row.mean, row.pooled, row.minimum)]
        names = ("three.label_mean", "three.label_pooled", "three.label_minimum")
        labels = [payment_words.said(name, value=v) for name, v in zip(names, shown, strict=True)]
        line = StandardLine(
            mean=row.mean,
            pooled=row.pooled,
            minimum=row.minimum,
            standard=float(self.info.target),
            labels=(
                labels[0], labels[1], labels[2],
                payment_words.said("three.label_standard", value=words.target(self.info)),
            ),
            title=payment_words.said("three.chart", title=self.info.title),
            description=" ".join(words.three_sentences(row, self.info)),
        )  # fmt: skip
        return tuple(
            draw_standard(line, f"{self._ident}-three-{width}", width)
            for width in ("narrow", "wide")
        )

    def _three_notes(self, row: AveragesRow | None) -> tuple[str, ...]:
        if row is None:
            return ()
        notes = [said("three.estimated")] if row.estimated_weights else []
        more = words.still_to_reach(row)
        return (*notes, *([more] if more else []), said("three.scheme"))

    def _practice_table(self, practices: Sequence[IndicatorRow]) -> Table:
        mix = {case.practice_id: case for case in self.found.case_mix}
        contacts = self.info.counted == "contacts"
        standardised = any(row.standardised is not None for row in practices)
        heads = [
            said("table.dot"),
            said("table.contacts" if contacts else "table.patients"),
            said("table.events" if self._events else "table.done"),
            said("table.left"),
            said("table.share_events" if self._events else "table.share"),
            *([said("table.alike")] if standardised else []),
            *([said("table.still")] if self.info.target is not None else []),
            said("table.luck"),
            *([said("table.who")] if mix else []),
        ]
        rows = [
            self._practice_cells(
                _letter(k), row, standardised, mix.get(row.practice_id or ""), bool(mix)
            )
            for k, row in enumerate(practices)
        ]
        return Table(
            said("table.caption", title=self.info.title),
            tuple(
                Column(head, number=head not in _in_words())
                for head in (said("table.practice"), *heads)
            ),
            tuple(rows),
            self._csv(practices),
        )

    def _practice_cells(
        self,
        letter: str,
        row: IndicatorRow,
        standardised: bool,
        case: CaseMix | None,
        with_mix: bool,
    ) -> tuple[Cell, ...]:
        name = row.name or row.practice_id or DASH
        few = (row.denominator or 0) < FEWEST and row.denominator is not None
        luck = DASH
        if row.funnel is not None and not few:
            luck = said("table.inside" if row.funnel.position == "inside" else "table.outside")
        left = [n for n in (row.exclusions, row.exceptions) if n is not None]
        shown = [
            letter if row.funnel is not None and not few else DASH,
            _count(row.denominator) if not few else said("table.few"),
            _count(row.numerator) if not few else DASH,
            _count(sum(left)) if left and not few else DASH,
            words.with_range(row, self.info) if not few else DASH,
        ]
        if standardised:
            shown.append(rate(row.standardised, self.info) if not few else DASH)
        if self.info.target is not None:
            shown.append(_count(row.still_to_reach) if not few else DASH)
        shown.append(luck)
        if with_mix:
            shown.append(words.mix(case))
        return cells(name, *shown)

    def _csv(self, rows: Sequence[IndicatorRow]) -> Csv:
        head = ("practice_id", "name", "denominator", "numerator", "exclusions", "exceptions",
                "rate", "lower", "upper", "standardised", "still_to_reach")  # fmt: skip
        values: list[tuple[Value, ...]] = [
            (row.practice_id, row.name, *(getattr(row, name) for name in head[2:]))
            for row in rows
            if row.denominator is None or row.denominator >= FEWEST
        ]
        return Csv(f"{self._ident}.csv", head, tuple(values))

    def _network_table(self) -> Table:
        rows = sorted(
            (a for a in self.averages if a.group is None),
            key=lambda a: (a.name or a.network_id or "", a.network_id or ""),
        )
        with_standard = self.info.target is not None
        heads = [said("table.mean"), said("table.pooled"), said("table.every")]
        if with_standard:
            heads += [said("table.reach")]
        shown = [
            cells(
                a.name or a.network_id or DASH,
                rate(a.mean, self.info),
                rate(a.pooled, self.info),
                rate(a.minimum, self.info),
                *(
                    [said("table.of", n=a.practices_reaching, many=a.practices)]
                    if with_standard
                    else []
                ),
            )
            for a in rows
        ]
        head = ("network_id", "name", "mean", "pooled", "minimum", "practices",
                "practices_reaching")  # fmt: skip
        values: tuple[tuple[Value, ...], ...] = tuple(
            tuple(getattr(a, name) for name in head) for a in rows
        )
        return Table(
            said("table.networks", title=self.info.title),
            columns(said("table.network"), *heads),
            tuple(shown),
            Csv(f"{self._ident}-networks.csv", head, values),
        )

    def _group_table(self, network: str) -> Table | None:
        if self.info.group_is is None:
            return None
        grouped = [r for r in self.rows if r.group is not None]
        everyone = {r.group: r for r in grouped if r.level == "all"}
        mine = sorted(
            (r for r in grouped if r.level == "network" and r.network_id == network),
            key=lambda r: r.group or "",
        )
        shown = [
            cells(
                (r.group or "").replace("_", " "),
                _count(r.numerator),
                words.with_range(r, self.info),
                rate(everyone[r.group].rate, self.info) if r.group in everyone else DASH,
            )
            for r in mine
        ]
        values: tuple[tuple[Value, ...], ...] = tuple(
            (r.group, r.numerator, r.denominator, r.rate, r.lower, r.upper) for r in mine
        )
        return Table(
            said("table.groups", title=self.info.title, group=self.info.group_is),
            columns(
                self.info.group_is.capitalize(),
                said("table.events"),
                said("table.share_events"),
                said("table.everyone"),
            ),
            tuple(shown),
            Csv(
                f"{self._ident}-groups.csv",
                (self.info.group_is, "numerator", "denominator", "rate", "lower", "upper"),
                values,
            ),
        )


def _in_words() -> frozenset[str]:
    """Return the heads of columns that hold words."""
    return frozenset(said(f"table.{key}") for key in ("practice", "dot", "luck", "who"))


def _letter(position: int) -> str:
    """Return A, B, ... Z, AA, AB, ..."""
    first, second = divmod(position, len(_LETTERS))
    return (_LETTERS[first - 1] if first else "") + _LETTERS[second]


def _count(number: int | None) -> str:
    return DASH if number is None else numbers.count(number)


def _top(rates: Sequence[float]) -> float:
    """Return an end of the scale with four even parts, above every rate."""
    most = max(rates) * 1.25 or 1.0
    steps = (base * 10.0**power for power in range(-2, 5) for base in (1, 2, 2.5, 5))
    return 4 * next(step for step in steps if 4 * step >= most)
