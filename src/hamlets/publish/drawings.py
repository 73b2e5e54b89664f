"""What a chart needs to be drawn: data without pixels.

Sections say what is shown; ``marks`` and ``charts`` decide how it is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class StepBar:
    """Chart C1: one scale with chance, the recorded value and, where known, the ceiling.

    All values as shares of ``top``; ``value`` is None where the range is too wide for it.
    """

    value: float | None
    lower: float | None
    upper: float | None
    chance: float | None
    ceiling: float | None
    now_label: str
    chance_label: str | None
    ceiling_label: str | None
    top_label: str
    description: str
    title: str


@dataclass(frozen=True)
class StackedBar:
    """One bar of 100 contacts; ``parts`` follow the kinds of the palette and sum to 100."""

    parts: tuple[int, ...]
    labels: tuple[str, ...]
    title: str
    description: str


@dataclass(frozen=True)
class MonthBars:
    """Thin stacked bars, one a month."""

    months: tuple[tuple[date, tuple[int, ...]], ...]
    title: str
    description: str


@dataclass(frozen=True)
class Point:
    """One month of a line. Shares between 0 and 1; None leaves a gap."""

    start: date
    value: float | None
    lower: float | None
    upper: float | None
    chance: float | None
    marked: bool
    ceiling: float | None = None


@dataclass(frozen=True)
class Line:
    """A line over months on a scale of 0 to 100."""

    points: tuple[Point, ...]
    now_label: str | None
    chance_label: str | None
    scale_title: str
    title: str
    description: str
    closer: bool = False
    ceiling_label: str | None = None


@dataclass(frozen=True)
class Dot:
    """One row of a dot chart. ``value`` is None where the range is too wide for it."""

    label: str
    value: float | None
    lower: float | None
    upper: float | None
    chance: float | None
    figure: str
    marked: bool = False
    ceiling: float | None = None


@dataclass(frozen=True)
class Dots:
    """Rows of dots with ranges on a scale of 0 to 100, with a line for all patients.

    ``beside`` are the names in charts above and below, so that all scales start together.
    """

    rows: tuple[Dot, ...]
    overall: float | None
    title: str
    description: str
    closer: bool = False
    beside: tuple[str, ...] = ()


@dataclass(frozen=True)
class Columns:
    """Columns of patients by a whole number, filled for cases, outlined for similar patients.

    Heights are unrounded, so that equal columns are equally tall; ``filled_words`` and
    ``outlined_words`` stand at them (the latter are empty where outlines carry no number).
    ``first`` is the number that the first column stands for; the last stands for its number
    or more. The means lie on the same scale; ``outlined`` is empty where nobody is compared.
    """

    labels: tuple[str, ...]
    filled: tuple[float, ...]
    filled_words: tuple[str, ...]
    outlined: tuple[float, ...]
    outlined_words: tuple[str, ...]
    first: int
    mean: float
    lower: float | None
    upper: float | None
    other: float | None
    mean_label: str
    other_label: str | None
    axis: str
    title: str
    description: str


Drawing = StepBar | StackedBar | MonthBars | Line | Dots | Columns
