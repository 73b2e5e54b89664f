"""Drawings as safe inline SVG: made by hand, or cleaned from a chart engine.

A drawing goes into the page as markup, and names in it come from other people's
files. So whatever a chart engine returns is parsed, and only known elements and
attributes are written out again.
"""

from __future__ import annotations

import re
from typing import Literal
from xml.etree import ElementTree

from markupsafe import Markup

Width = Literal["narrow", "wide", "full"]
"""A telephone; a tablet and paper; a desk, where data take the full width of the page."""
FONT = "Arial, sans-serif"

_ELEMENTS = {"svg", "g", "path", "text", "tspan", "rect", "line", "circle"}
_ATTRIBUTES = {
    "width",
    "height",
    "viewBox",
    "d",
    "x",
    "y",
    "x1",
    "y1",
    "x2",
    "y2",
    "cx",
    "cy",
    "r",
    "dx",
    "dy",
    "rx",
    "transform",
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-opacity",
    "opacity",
    "text-anchor",
    "font-size",
    "font-weight",
    "font-family",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
# Characters that turn the reading order round would garble the words after a name.
_DIRECTION = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def plain(name: str, most: int | None = None) -> str:
    """Return a name without control characters, cut to ``most`` characters with an ellipsis."""
    cleaned = " ".join(_DIRECTION.sub("", _CONTROL.sub("", name)).split())
    if most is not None and len(cleaned) > most:
        return cleaned[: most - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
    return cleaned


def text_width(words: str, size: float = 14) -> float:
    """Return about how wide the words are in Arial, in pixels."""
    narrow = sum(words.count(letter) for letter in "iljtfrI.,:;'|! ()")
    broad = sum(words.count(letter) for letter in "mwMW%@")
    rest = len(words) - narrow - broad
    return size * (0.3 * narrow + 0.87 * broad + 0.57 * rest)


class Canvas:
    """A drawing made by hand. Coordinates are pixels at its natural size."""

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self.root = ElementTree.Element("svg")
        self._definitions: list[tuple[str, Literal["lines", "dots"], str]] = []

    def add(self, element: str, **attributes: object) -> ElementTree.Element:
        """Add an element; underscores in names stand for hyphens."""
        return ElementTree.SubElement(
            self.root,
            element,
            {name.replace("_", "-"): _number(value) for name, value in attributes.items()},
        )

    def words(self, x: float, y: float, words: str, **attributes: object) -> None:
        """Write words with their base line at (x, y), in 14 px unless told."""
        style: dict[str, object] = {"font_size": 14, "fill": "#212b32", "font_family": FONT}
        self.add("text", x=x, y=y, **{**style, **attributes}).text = plain(words)

    def pattern(self, ident: str, kind: Literal["lines", "dots"], fill: str) -> str:
        """Return the paint of a patterned fill, defined once in this drawing."""
        self._definitions.append((ident, kind, fill))
        return f"url(#{ident})"

    def markup(self, ident: str, title: str, description: str, css: str) -> Markup:
        """Return the finished SVG with its title and description."""
        if self._definitions:
            holder = ElementTree.Element("defs")
            for name, kind, fill in self._definitions:
                holder.append(_pattern(name, kind, fill))
            self.root.insert(0, holder)
        return _finish(self.root, self.width, self.height, ident, title, description, css)

    def decoration(self, css: str) -> Markup:
        """Return the SVG without words, for a mark whose words stand beside it."""
        size = {"width": _number(self.width), "height": _number(self.height)}
        box = f"0 0 {size['width']} {size['height']}"
        hidden = {"viewBox": box, "class": css, "aria-hidden": "true", "focusable": "false"}
        self.root.attrib.update({**size, **hidden})
        return Markup(ElementTree.tostring(self.root, encoding="unicode"))  # noqa: S704


def clean(source: str, ident: str, title: str, description: str, css: str) -> Markup:
    """Return a chart engine's SVG with only known elements and attributes left."""
    parsed = ElementTree.fromstring(source)  # noqa: S314 - written by our own engine
    width = float(parsed.get("width", "0"))
    height = float(parsed.get("height", "0"))
    root = ElementTree.Element("svg")
    for child in parsed:
        _copy(child, root)
    return _finish(root, width, height, ident, title, description, css)


def _copy(source: ElementTree.Element, target: ElementTree.Element) -> None:
    name = source.tag.rpartition("}")[2]
    if name not in _ELEMENTS or source.get("display") == "none":
        return
    if name == "path" and not source.get("d"):
        return
    made = ElementTree.SubElement(
        target, name, {key: value for key, value in source.attrib.items() if key in _ATTRIBUTES}
    )
    made.text = source.text
    for child in source:
        _copy(child, made)
    if name == "g" and len(made) == 0:
        target.remove(made)


def _finish(
    root: ElementTree.Element,
    width: float,
    height: float,
    ident: str,
    title: str,
    description: str,
    css: str,
) -> Markup:
    root.attrib.update(
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {_number(width)} {_number(height)}",
            "width": _number(width),
            "height": _number(height),
            "class": css,
            "role": "img",
            "aria-labelledby": f"{ident}-title {ident}-desc",
        }
    )
    described = ElementTree.Element("desc", {"id": f"{ident}-desc"})
    described.text = plain(description)
    titled = ElementTree.Element("title", {"id": f"{ident}-title"})
    titled.text = plain(title)
    root.insert(0, described)
    root.insert(0, titled)
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704 - escaped by ElementTree


def _pattern(ident: str, kind: Literal["lines", "dots"], fill: str) -> ElementTree.Element:
    size = "8"
    pattern = ElementTree.Element(
        "pattern", {"id": ident, "width": size, "height": size, "patternUnits": "userSpaceOnUse"}
    )
    ElementTree.SubElement(pattern, "rect", {"width": size, "height": size, "fill": fill})
    if kind == "lines":
        path = {"d": "M-2,2 L2,-2 M0,8 L8,0 M6,10 L10,6", "stroke": "#212b32", "stroke-width": "1"}
        ElementTree.SubElement(pattern, "path", path)
    else:
        dot = {"cx": "4", "cy": "4", "r": "1.3", "fill": "#ffffff"}
        ElementTree.SubElement(pattern, "circle", dot)
    return pattern


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return str(value)
