"""Reading in advance, as a web process begins."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from hamlets.web.answers.versions import current_version
from hamlets.web.reading import opened, warming
from tests.fixtures.reception_site import TODAY, world

Make = Callable[..., Any]


@pytest.fixture
def store(make_store: Make, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = make_store(world(), identifiable=True)
    monkeypatch.setenv("HAMLETS_STORE", str(path))
    monkeypatch.setattr(opened, "_kept", OrderedDict())  # another test may have read it
    return path


def reads(monkeypatch: pytest.MonkeyPatch) -> list[date]:
    """Return the days for which the records are read from now on."""
    found: list[date] = []
    real = opened._read

    def noted(store: Any, day: date, fresh: bool) -> Any:
        found.append(day)
        return real(store, day, fresh)

    monkeypatch.setattr(opened, "_read", noted)
    return found


def test_what_was_read_in_advance_is_not_read_again(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = reads(monkeypatch)
    assert warming.warm(TODAY)
    assert read == [TODAY]
    version = current_version()
    assert version is not None
    with opened.opened(version, "EX001", TODAY) as at:
        assert at.around.members
    assert read == [TODAY]
    # another day is another rota
    with opened.opened(version, "EX001", TODAY + timedelta(days=1)):
        pass
    assert len(read) == 2


def test_without_records_there_is_nothing_to_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAMLETS_STORE", str(tmp_path / "nothing"))
    assert not warming.warm(TODAY)


def test_records_that_cannot_be_read_stop_nothing(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(store, damaged)  # other tests share the store itself
    monkeypatch.setenv("HAMLETS_STORE", str(damaged))
    (damaged / "CURRENT").write_text("not a number", encoding="ascii")
    thread = warming.begin()
    thread.join(30)
    assert not thread.is_alive()
