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
    IndicatorInfo,
    IndicatorResults,
    IndicatorRow,
)
from hamlets.publish import indicator_words as words
from hamlets.publish import numbers, payment_words
from hamlets.publish.funnel import Funnel, Spot, draw_funnel
from hamlets.publish.indicator_tables import (
    FEWEST,
    group_table,
    ident,
    letter,
    network_table,
    practice_table,
)
from hamlets.publish.indicator_words import rate, said
from hamlets.publish.standard_line import StandardLine, draw_standard
from hamlets.publish.statement import style_and_policy
from hamlets.publish.strings import text
from hamlets.publish.tables import Table
from hamlets.publish.templating import make_environment

if TYPE_CHECKING:
    from jinja2 import Environment


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
            ident=ident(self.info),
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
            table=practice_table(self.info, practices, self.found.case_mix),
            groups=group_table(self.info, self.rows, network),
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
            ident=ident(self.info),
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
            table=network_table(self.info, self.averages),
            groups=None,
            notes=(
                *self.info.notes,
                *([said("three.scheme")] if self.info.target is not None else []),
            ),
        )

    def _funnel(
        self, practices: Sequence[IndicatorRow], whole: IndicatorRow | None
    ) -> tuple[str, tuple[Markup, ...], tuple[str, ...]]:
        curve = self.found.curve(self.info.indicator_id, self.rows[0].period_end)
        if curve is None:
            published = self.info.counted == "published"
            return (said("funnel.without") if published else "", (), ())
        lettered = [
            (letter(k), row)
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
            draw_funnel(drawn, f"{ident(self.info)}-funnel-{width}", width)
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
            draw_standard(line, f"{ident(self.info)}-three-{width}", width)
            for width in ("narrow", "wide")
        )

    def _three_notes(self, row: AveragesRow | None) -> tuple[str, ...]:
        if row is None:
            return ()
        notes = [said("three.estimated")] if row.estimated_weights else []
        more = words.still_to_reach(row)
        if more:
            notes.append(more)
        if self.info.target is not None:
            notes.append(said("three.scheme"))
        return tuple(notes)


def _top(rates: Sequence[float]) -> float:
    """Return an end of the scale with four even parts, above every rate."""
    most = max(rates) * 1.25 or 1.0
    steps = (base * 10.0**power for power in range(-2, 5) for base in (1, 2, 2.5, 5))
    return 4 * next(step for step in steps if 4 * step >= most)
