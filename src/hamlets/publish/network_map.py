"""The map of formed networks: numbered dots, grounds with an outline, and the networks' numbers.

Fills are light and say who belongs together, nothing else; neighbours differ in fill, and the
outline and the number say it without colour.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from hamlets.networks.results import Formation
from hamlets.publish.palette import DARK_BLUE, TEXT, WHITE
from hamlets.publish.strings import read_words
from hamlets.publish.svg import Canvas, text_width
from hamlets.publish.territories import Point, Territory

FILLS: tuple[str, ...] = (
    "#d5e5f3",
    "#d9efe9",
    "#fdeecb",
    "#e9dff0",
    "#f5dfe2",
    "#e3e8d3",
    "#dfe3e6",
)
"""Light fills; text and dots on them have a contrast of 10 and more."""
_KM_PER_DEGREE = 111.195
_MARGIN = 24
NUMBERED = 120
"""Of more practices than this the dots have no numbers: they would not be read."""
_BARS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)


class Frame:
    """Where places lie on a drawing of some width."""

    def __init__(self, grounds: tuple[Territory, ...], places: list[Point], width: float) -> None:
        points = [*places, *(p for each in grounds for cell in each.cells for p in cell)]
        middle = math.radians(sum(y for _, y in points) / len(points))
        self.east = _KM_PER_DEGREE * math.cos(middle)
        self.left = min(x for x, _ in points)
        self.top = max(y for _, y in points)
        across = max(1e-6, (max(x for x, _ in points) - self.left) * self.east)
        down = max(1e-6, (self.top - min(y for _, y in points)) * _KM_PER_DEGREE)
        room = width - 2 * _MARGIN
        self.scale = min(room / across, 1.15 * room / down)
        """Pixels of a km."""
        self.indent = _MARGIN + (room - across * self.scale) / 2
        self.width = width
        self.height = down * self.scale + 2 * _MARGIN + 28

    def at(self, point: Point) -> Point:
        """Return where a longitude and latitude lies."""
        x, y = point
        return (
            self.indent + (x - self.left) * self.east * self.scale,
            _MARGIN + (self.top - y) * _KM_PER_DEGREE * self.scale,
        )


def bar_km(frame: Frame) -> float:
    """Return the length of the scale's bar: a round number of km, a quarter of the map at most."""
    most = frame.width / 4 / frame.scale
    return max((km for km in _BARS if km <= most), default=_BARS[0])


@dataclass(frozen=True)
class MapWords:
    """What a drawing is called, and what it shows in words."""

    ident: str
    css: str
    title: str
    description: str


def draw_map(
    formation: Formation, grounds: tuple[Territory, ...], width: float, words: MapWords
) -> Markup:
    """Return the map as an SVG of some width. ``grounds``: those of the networks, in order."""
    places = [(each.longitude, each.latitude) for each in formation.practices]
    frame = Frame(grounds, places, width)
    canvas = Canvas(frame.width, frame.height)
    fills = fills_of(formation)
    for ground in grounds:
        for cell in ground.cells:
            canvas.add("path", d=_path(frame, cell), fill=fills[ground.network_id])
    for ground in grounds:
        lines = " ".join(_line(frame, edge) for edge in ground.outline)
        if lines:
            canvas.add(
                "path", d=lines, fill="none", stroke=DARK_BLUE, stroke_width=1.6,
                stroke_linecap="round",
            )  # fmt: skip
    _dots(canvas, frame, formation)
    _networks(canvas, frame, formation)
    _bar(canvas, frame)
    return canvas.markup(words.ident, words.title, words.description, words.css)


def fills_of(formation: Formation) -> Mapping[str, str]:
    """Return the fill of each network: networks next to each other have different ones."""
    of = {each.practice_id: each.network_id for each in formation.practices}
    beside: dict[str, set[str]] = {each.network_id: set() for each in formation.networks}
    for a, b in formation.links:
        if of[a] != of[b]:
            beside[of[a]].add(of[b])
            beside[of[b]].add(of[a])
    found: dict[str, str] = {}
    used = dict.fromkeys(FILLS, 0)
    for name in sorted(beside, key=lambda each: (-len(beside[each]), each)):
        taken = {found[other] for other in beside[name] if other in found}
        free = [fill for fill in FILLS if fill not in taken] or list(FILLS)
        found[name] = min(free, key=lambda fill: (used[fill], FILLS.index(fill)))
        used[found[name]] += 1
    return found


def _path(frame: Frame, cell: tuple[Point, ...]) -> str:
    return "M" + " L".join(f"{x:.1f},{y:.1f}" for x, y in map(frame.at, cell)) + " Z"


def _line(frame: Frame, edge: tuple[Point, Point]) -> str:
    (x1, y1), (x2, y2) = frame.at(edge[0]), frame.at(edge[1])
    return f"M{x1:.1f},{y1:.1f} L{x2:.1f},{y2:.1f}"


def _dots(canvas: Canvas, frame: Frame, formation: Formation) -> None:
    """Draw the practices; dots that would lie upon each other are moved apart a little."""
    numbered = len(formation.practices) <= NUMBERED
    radius = 9.5 if numbered else 2.6
    points = [frame.at((each.longitude, each.latitude)) for each in formation.practices]
    shown = _apart(points, 2 * radius + 1.5) if numbered else points
    for number, ((x, y), (x0, y0)) in enumerate(zip(shown, points, strict=True), 1):
        if math.dist((x, y), (x0, y0)) > radius:
            canvas.add("line", x1=x0, y1=y0, x2=x, y2=y, stroke=TEXT, stroke_width=1)
            canvas.add("circle", cx=x0, cy=y0, r=1.8, fill=TEXT)
        canvas.add("circle", cx=x, cy=y, r=radius, fill=WHITE if numbered else TEXT, stroke=TEXT)
        if numbered:
            canvas.words(x, y + 4, str(number), font_size=11, text_anchor="middle")


def _apart(points: list[Point], least: float) -> list[Point]:
    """Return points moved so that no two are nearer than ``least``, or nearly so."""
    shown = [list(each) for each in points]
    for _ in range(120):
        moved = False
        for a in range(len(shown)):
            for b in range(a):
                dx, dy = shown[a][0] - shown[b][0], shown[a][1] - shown[b][1]
                away = math.hypot(dx, dy)
                if away >= least - 0.05:
                    continue
                if away < 1e-6:
                    dx, dy, away = math.cos(2.4 * a), math.sin(2.4 * a), 1.0
                    push = least / 2
                else:
                    push = (least - away) / 2
                shown[a][0] += dx / away * push
                shown[a][1] += dy / away * push
                shown[b][0] -= dx / away * push
                shown[b][1] -= dy / away * push
                moved = True
        if not moved:
            break
    return [(x, y) for x, y in shown]


def _networks(canvas: Canvas, frame: Frame, formation: Formation) -> None:
    """Write each network's number where its ground is, clear of the dots."""
    small = len(formation.practices) > NUMBERED
    dots = [frame.at((each.longitude, each.latitude)) for each in formation.practices]
    dots = dots if small else _apart(dots, 20.5)
    taken: list[Point] = []
    for number, network in enumerate(formation.networks, 1):
        mine = [
            frame.at((each.longitude, each.latitude))
            for each in formation.practices
            if each.network_id == network.network_id
        ]
        middle = (sum(x for x, _ in mine) / len(mine), sum(y for _, y in mine) / len(mine))
        size = 11 if small else 15
        x, y = middle if small else _clear(frame, middle, [*dots, *taken])
        taken.append((x, y))
        wide = text_width(str(number), size) + (6 if small else 12)
        high = size + (4 if small else 8)
        canvas.add(
            "rect", x=x - wide / 2, y=y - high / 2, width=wide, height=high, rx=2,
            fill=DARK_BLUE, stroke=WHITE, stroke_width=1.5,
        )  # fmt: skip
        canvas.words(
            x, y + size * 0.36, str(number), font_size=size, fill=WHITE, font_weight="bold",
            text_anchor="middle",
        )  # fmt: skip


def _clear(frame: Frame, middle: Point, dots: list[Point]) -> Point:
    """Return the place nearest the middle that is clear of the dots, or the clearest near it."""
    best, best_key = middle, (1.0, 0.0)
    for ring in range(14):
        for step in range(1 if ring == 0 else 16):
            turn = math.tau * step / 16
            x = middle[0] + 6 * ring * math.cos(turn)
            y = middle[1] + 6 * ring * math.sin(turn)
            if not (14 <= x <= frame.width - 14 and 14 <= y <= frame.height - 40):
                continue
            room = min(math.dist((x, y), dot) for dot in dots)
            key = (max(0.0, 25 - room) * 3 + 6 * ring * 0.4, ring)
            if (best, best_key) == (middle, (1.0, 0.0)) or key < best_key:
                best, best_key = (x, y), key
    return best


def _bar(canvas: Canvas, frame: Frame) -> None:
    """Draw the scale's bar at the foot."""
    km = bar_km(frame)
    y, x = frame.height - 14, float(_MARGIN)
    end = x + km * frame.scale
    canvas.add("path", d=f"M{x:.1f},{y - 5:.1f} L{x:.1f},{y:.1f} L{end:.1f},{y:.1f} "
               f"L{end:.1f},{y - 5:.1f}", fill="none", stroke=TEXT, stroke_width=1.5)  # fmt: skip
    words = _words()["map.bar"].format(km=f"{km:g}")
    canvas.words(end + 8, y + 1, words, font_size=14)


def _words() -> dict[str, str]:
    from importlib.resources import files

    return read_words([files("hamlets.publish").joinpath("forming_wording.toml")])
