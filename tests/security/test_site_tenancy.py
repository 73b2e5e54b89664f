"""Every question on the site starts from the place somebody stands in.

Views cannot reach a table of the database or the record store by themselves, so that no page
can forget to ask where its reader stands: they call functions that take the standing first.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import site_setup  # noqa: F401 - before anything of Django
from django.urls import URLPattern, URLResolver, get_resolver

PAGES = Path(__file__).parents[2] / "src/hamlets/web/pages"
DOMAIN_ROOMS = ("records", "continuity", "teams", "booking", "networks", "improvement")
HEAVY = ("numba", "scipy", "ortools", "altair", "duckdb", "pyarrow", "vl_convert")

OPEN_PAGES = {
    "health": "says that the site answers, nothing else",
    "start": "sends people to their first place, or to the first start",
    "set-up": "works only while nobody can sign in, by its secret",
    "invitation": "works once, by its secret",
}
"""Pages without a standing, and why that is right."""


def modules() -> list[Path]:
    return sorted(PAGES.rglob("*.py"))


def faults(source: str) -> Iterator[str]:
    """Yield what a view may not do."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in (
            "objects",
            "_base_manager",
            "_default_manager",
        ):
            yield f"line {node.lineno}: asks the database by itself"
        if isinstance(node, ast.ImportFrom | ast.Import):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names]
            for name in names:
                parts = name.split(".")
                if parts[0] in HEAVY:
                    yield f"line {node.lineno}: imports {name}"
                if parts[:2] == ["hamlets", "web"] and "models" in parts[2:]:
                    yield f"line {node.lineno}: imports the tables of {name}"
                if parts[0] == "hamlets" and len(parts) > 1 and parts[1] in DOMAIN_ROOMS:
                    yield f"line {node.lineno}: reaches the records through {name}"
                if parts[:2] == ["django", "db"]:
                    yield f"line {node.lineno}: imports {name}"
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
            "get_object_or_404",
            "get_model",
        ):
            yield f"line {node.lineno}: asks the database by itself"


@pytest.mark.parametrize("path", modules(), ids=lambda path: path.relative_to(PAGES).as_posix())
def test_a_view_asks_only_through_the_standing(path: Path) -> None:
    assert list(faults(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "source",
    [
        "from hamlets.web.places.models import Place",
        "from hamlets.records import open_store",
        "import hamlets.teams.planning",
        "x = Place.objects.get(pk=1)",
        "x = here.place._base_manager",
        "from django.db import connection",
        "get_object_or_404(Place, pk=1)",
        "import numba",
    ],
)
def test_the_lint_sees_each_way_around(source: str) -> None:
    assert list(faults(source))


def patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    entry: Any
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry)
        else:
            yield entry


def test_every_page_is_behind_the_one_door() -> None:
    """A view is guarded by `page`, or is of the accounts package, or is listed with a reason."""
    seen = set()
    for pattern in patterns(get_resolver()):
        module = pattern.callback.__module__
        if not module.startswith("hamlets.web.pages."):
            continue
        if not getattr(pattern.callback, "needs", ()):
            assert pattern.name in OPEN_PAGES, f"{pattern.name} ({module}) has no door"
            seen.add(pattern.name)
    assert seen <= set(OPEN_PAGES)
