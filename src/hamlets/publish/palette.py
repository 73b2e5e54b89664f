"""Colours and kinds of contact (NHS.UK palette, checked for colour blindness).

Colour never speaks alone: each kind has a letter, a pattern or an outline, and
a label beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BLUE = "#005eb8"
DARK_BLUE = "#003087"
AQUA = "#00a499"
PALE_GREY = "#d8dde0"
YELLOW = "#ffb81c"
DARK_PINK = "#7c2855"
GREY = "#4c6272"
TEXT = "#212b32"
WHITE = "#ffffff"


@dataclass(frozen=True)
class Kind:
    """How one kind of contact is drawn."""

    step: str
    letter: str
    fill: str
    ink: str
    outline: str | None = None
    pattern: Literal["lines", "dots"] | None = None


KINDS = (
    Kind("own", "O", DARK_BLUE, WHITE),
    Kind("buddy", "B", BLUE, WHITE),
    Kind("team", "T", AQUA, TEXT),
    Kind("practice", "P", PALE_GREY, TEXT, outline=GREY),
    Kind("locum", "L", YELLOW, TEXT, outline=GREY, pattern="lines"),
    Kind("hub", "H", DARK_PINK, WHITE, pattern="dots"),
)
