"""What all tests share: a key of their own, and stores made from tiny tables."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from hamlets.publish import charts, page
from tests.compiling import compile_all
from tests.oracles import stores
from tests.oracles.questions import Question

# Threads of the linear algebra wait for each other by spinning: with several tests at a time
# that costs four times the work. Read when numpy is first imported, which is below here.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Container images often forbid keeping bytecode. Here hundreds of short processes start: each
# would compile every module that it imports.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Small and quick by default; `pytest -m slow --hypothesis-profile=thorough` looks further.
settings.register_profile(
    "quick",
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=1000)
settings.load_profile("quick")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the kernel before workers start, where there are to be several."""
    if session.config.getoption("numprocesses", None) and not hasattr(
        session.config, "workerinput"
    ):
        compile_all()


MakeStore = Callable[..., Path]
Measured = Callable[[stores.Tables, Question], dict[stores.Key, dict[str, Any]]]
MeasuredByPatient = Callable[[stores.Tables, Question], dict[str, dict[str, Any]]]


@pytest.fixture(scope="session", autouse=True)
def pseudonym_key(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Tests never read or write the pseudonym key or the log of the person who runs them."""
    folder = tmp_path_factory.mktemp("account")
    path = folder / "pseudonym.key"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HAMLETS_KEY_FILE", str(path))
        patch.setenv("HAMLETS_LOG_FILE", str(folder / "hamlets.log"))
        yield path


@pytest.fixture(scope="session", autouse=True)
def never_waiting_for_the_disk() -> Iterator[None]:
    """The machine stays up, so what a test has written is there: no need to wait for the disk.

    A load flushes some twenty files, which takes as long as all the rest of a small load.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _handle: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def drawing_each_chart_once() -> Iterator[None]:
    """Pages of the tests share most of their charts; the tests of charts draw each anew."""
    once = SimpleNamespace(line=cache(charts.line), dots=cache(charts.dots))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "charts", once)
        yield


@pytest.fixture(scope="session")
def make_store(tmp_path_factory: pytest.TempPathFactory) -> MakeStore:
    """Return a function from tables (one or more extracts, loaded in turn) to a store's path.

    The same tables give the same store: nothing may write to it.
    """
    made: dict[str, Path] = {}

    def make(*extracts: stores.Tables, identifiable: bool = False) -> Path:
        written = repr([{n: list(rows) for n, rows in e.items()} for e in extracts])
        key = hashlib.sha256(f"{identifiable} {written}".encode()).hexdigest()
        if key not in made:
            folder = tmp_path_factory.mktemp("world")
            made[key] = stores.build_store(folder, *extracts, identifiable=identifiable)
        return made[key]

    return make


@pytest.fixture(scope="session")
def measured(make_store: MakeStore) -> Measured:
    """Return a function that asks the kernel a question about a world."""

    def ask(world: stores.Tables, question: Question) -> dict[stores.Key, dict[str, Any]]:
        return stores.ask_store(make_store(world), question)

    return ask


@pytest.fixture(scope="session")
def measured_by_patient(make_store: MakeStore) -> MeasuredByPatient:
    """Return a function that asks the kernel for each patient, by the source's patient id."""

    def ask(world: stores.Tables, question: Question) -> dict[str, dict[str, Any]]:
        path = make_store(world)
        names = stores.known_as(path, world)
        found = stores.ask_store_by_patient(path, question)
        return {names[patient]: row for patient, row in found.items()}

    return ask
