"""The parts of a page as the template sees them: sections, charts, notes.

A section is built from results without drawing anything; the template asks each
panel for its drawing in the widths it needs.
"""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from hamlets.publish import charts, marks, spread
from hamlets.publish.drawings import (
    Columns,
    Dots,
    Drawing,
    Line,
    MonthBars,
    StackedBar,
    StepBar,
)
from hamlets.publish.svg import Width
from hamlets.publish.tables import Table


@dataclass(frozen=True)
class Panel:
    """One drawing, with a small heading where a chart has several."""

    drawing: Drawing
    label: str | None = None

    @property
    def widths(self) -> tuple[Width, ...]:
        """Return the widths that a page needs; two charts beside each other take no full width."""
        beside = isinstance(self.drawing, Columns)
        return ("narrow", "wide") if beside else ("narrow", "wide", "full")

    def svg(self, ident: str, width: Width) -> Markup:
        """Return the drawing for one width. ``ident`` is unique in the page."""
        name = f"{ident}-{width}"
        match self.drawing:
            case StepBar():
                return marks.step_bar(self.drawing, name)
            case StackedBar():
                return marks.stacked_bar(self.drawing, name, width)
            case MonthBars():
                return marks.month_bars(self.drawing, name, width)
            case Line():
                return charts.line(self.drawing, name, width)
            case Dots():
                return charts.dots(self.drawing, name, width)
            case Columns():
                return spread.columns(self.drawing, name, width)


@dataclass(frozen=True)
class KeyEntry:
    """One mark of the key above a dot chart."""

    mark: marks.MarkName
    words: str

    def svg(self) -> Markup:
        """Return the mark."""
        return marks.key_mark(self.mark)


@dataclass(frozen=True)
class Fold:
    """Something more under a click: drawings, a table, or both."""

    summary: str
    note: str | None = None
    panels: tuple[Panel, ...] = ()
    table: Table | None = None


@dataclass(frozen=True)
class Chart:
    """A chart with all that must stand with it.

    ``heading`` is its message, ``line`` says measure, place, period and counted
    contacts, ``count`` is the measure whose definition "How we count this" opens.
    """

    ident: str
    heading: str
    line: str
    panels: tuple[Panel, ...]
    table: Table
    count: str
    key: tuple[KeyEntry, ...] = ()
    notes: tuple[str, ...] = ()
    folds: tuple[Fold, ...] = ()
    table_words: str = ""
    """What opens the table, where another table stands beside it; else "Show as a table"."""


@dataclass(frozen=True)
class Section:
    """A section of the report. ``template`` draws ``body``; without a body only the notes show."""

    ident: str
    title: str
    template: str
    body: object = None
    notes: tuple[str, ...] = ()
    how: bool = False
    """The notes end with how to add a named GP."""
