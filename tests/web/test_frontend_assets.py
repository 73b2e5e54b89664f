"""Styles and scripts: up to date, complete, from this machine alone, with their licences."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
import site_setup  # noqa: F401 - before anything of Django

import hamlets.publish
import hamlets.web
from hamlets.web.templating import asset

ROOT = Path(__file__).parents[2]
FRONTEND = ROOT / "frontend"
STATIC = Path(hamlets.web.__file__).parent / "static"
SECTIONS = Path(hamlets.publish.__file__).parent / "templates" / "sections.css"


@pytest.mark.parametrize("name", ["site.css", "nhs.css"])
def test_the_styles_are_made_from_these_sources(name: str) -> None:
    digest = hashlib.sha256()
    for path in (FRONTEND / "package.json", *sorted((FRONTEND / "scss").iterdir()), SECTIONS):
        digest.update(path.read_bytes())
    made = re.search(r"from sources ([0-9a-f]{64})", (STATIC / name).read_text(encoding="utf-8"))
    assert made is not None
    assert made[1] == digest.hexdigest(), "Run make assets."


def test_nothing_is_fetched_from_elsewhere() -> None:
    for path in STATIC.rglob("*"):
        if path.suffix in (".css", ".js"):
            source = path.read_text(encoding="utf-8")
            assert not re.search(r"url\(['\"]?(https?:)?//", source), path.name
            assert "@font-face" not in source
            assert "@import" not in source
            assert "sourceMappingURL" not in source


def test_pictures_and_modules_that_are_named_are_there() -> None:
    for path in STATIC.glob("*.css"):
        for name in re.findall(r"url\(\"?([^)\"]+)\"?\)", path.read_text(encoding="utf-8")):
            assert (STATIC / name).exists() or name.startswith("data:"), name
    for path in STATIC.glob("*.js"):
        for name in re.findall(r'from "\./([^"]+)"', path.read_text(encoding="utf-8")):
            assert (STATIC / name).exists(), name


def test_the_logo_of_the_nhs_is_in_no_file_of_ours() -> None:
    for path in STATIC.rglob("*.*"):
        assert "M200 0v80H0V0h200" not in path.read_text(encoding="utf-8"), path.name
    assert {path.name for path in (STATIC / "images").iterdir()} == {
        "mark.svg",
        "nhsuk-icon-cross.svg",
    }


def test_what_is_of_others_has_its_licence_and_its_version() -> None:
    licences = (STATIC / "vendor" / "LICENCES.txt").read_text(encoding="utf-8")
    wanted = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert f"NHS.UK frontend {wanted['nhsuk-frontend']}" in licences
    assert "MIT License" in licences
    assert {path.name for path in (STATIC / "vendor").iterdir()} == {
        "LICENCES.txt",
        "nhsuk-frontend.min.js",
    }


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))
    packages = lock["packages"].items()
    assert all("resolved" not in package for _, package in packages)
    assert all("integrity" in package for name, package in packages if name)


def test_an_address_changes_with_the_content() -> None:
    assert re.fullmatch(r"/static/site\.css\?v=[0-9a-f]{12}", asset("site.css"))
    assert asset("site.css") != asset("nhs.css")
