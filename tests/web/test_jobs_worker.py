"""The worker with real processes and a database of its own: what is killed, stopped, refused.

On SQLite in a file, and on PostgreSQL where HAMLETS_DATABASE_URL names one.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import job_kinds
import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from hamlets.web.jobs import asking, claiming
from hamlets.web.jobs.forking import Forks
from hamlets.web.jobs.models import Job, State
from hamlets.web.jobs.worker import Worker
from hamlets.web.places.models import Place

ALIAS = "default"
PATIENCE = 20


@pytest.fixture(scope="module")
def job_database(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any
) -> Iterator[None]:
    """A database that other processes can reach, with an empty practice in it."""
    folder = tmp_path_factory.mktemp("site")
    url = os.environ.get("HAMLETS_DATABASE_URL", "")
    settings = connections.settings[ALIAS]
    before, name = settings["NAME"], f"jobs_{os.getpid()}"
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        held = connections[ALIAS]
        del connections[ALIAS]
        patch.setenv("HAMLETS_WORKSPACE", str(folder))
        if url:
            _administer(url, f"CREATE DATABASE {name}")
            patch.setenv(
                "HAMLETS_DATABASE_URL", urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
            )
            settings["NAME"] = name
        else:
            settings["NAME"] = str(folder / "workspace.sqlite3")
        try:
            call_command("migrate", verbosity=0)
            Place.objects.create(kind="practice", code="EX001", name="Practice A")
            yield
        finally:
            connections.close_all()
            del connections[ALIAS]
            settings["NAME"] = before
            connections[ALIAS] = held
            if url:
                _administer(url, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)  # pyright: ignore[reportArgumentType, reportCallIssue]


@pytest.fixture
def place(job_database: None) -> Iterator[Place]:
    yield Place.objects.get()
    Job.objects.all().delete()


MakeWorker = Callable[..., Worker]


def fork() -> Forks:
    return Forks([str(job_kinds.PROGRAM)])


@pytest.fixture(scope="module")
def usual(job_database: None) -> Iterator[Worker]:
    """A worker with the usual limits, which serves many tests."""
    one = Worker(fork=fork)
    yield one
    one.leave()
    one.run()


@pytest.fixture
def worker(place: Place, usual: Worker) -> Iterator[MakeWorker]:
    """Gives the usual worker, or makes one with other limits that leaves at the end."""
    made: list[Worker] = []

    def make(**more: Any) -> Worker:
        if not more:
            return usual
        one = Worker(fork=fork, **more)
        made.append(one)
        return one

    yield make
    for running in usual.running.values():
        if running.pid is not None:
            os.killpg(running.pid, signal.SIGKILL)
    until(usual, lambda: not usual.running)
    for one in made:
        one.leave()
        one.run()


def until(worker: Worker, done: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Let the worker work until something holds."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it never came about"
        worker.look()


def ended(worker: Worker, job: Job) -> Job:
    def is_ended() -> bool:
        job.refresh_from_db()
        return not job.open

    until(worker, is_ended)
    return job


def began(worker: Worker, job: Job) -> int:
    """Return the process of a job's child, once the job's function may run."""

    def pid() -> int | None:
        running = worker.running.get(job.pk)
        return running.pid if running else None

    until(worker, pid)
    time.sleep(0.3)
    found = pid()
    assert found
    return found


def is_alive(pid: int) -> bool:
    """Return whether a process still runs; one that only waits to be buried does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def at_once(n: int, what: Callable[[int], Any]) -> list[Any]:
    """Return what each of n threads gives, all started together, each with its connection."""
    found: list[Any] = [None] * n
    gate = threading.Barrier(n)

    def one(i: int) -> None:
        gate.wait()
        try:
            found[i] = what(i)
        except BaseException as error:  # noqa: BLE001 - the test shows it
            found[i] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_twenty_askers_of_one_key_get_one_job(place: Place) -> None:
    jobs = at_once(20, lambda i: asking.ask(place, "double", "one key", n=i).pk)
    assert len(set(jobs)) == 1, jobs
    assert Job.objects.count() == 1


def test_askers_of_many_keys_get_each_their_own(place: Place) -> None:
    jobs = at_once(12, lambda i: asking.ask(place, "double", f"key {i % 4}", n=i).pk)
    assert len(set(jobs)) == Job.objects.count() == 4


def test_no_job_is_claimed_twice(place: Place) -> None:
    for i in range(24):
        asking.ask(place, "double", f"key {i}", n=i)

    def claim_all(_: int) -> list[Any]:
        found: list[Any] = []
        while (job := claiming.claim()) is not None:
            found.append(job.pk)
        return found

    claimed = [pk for each in at_once(6, claim_all) for pk in each]
    assert len(claimed) == len(set(claimed)) == 24
    assert not Job.objects.filter(state=State.waiting).exists()


def test_a_job_is_done_in_another_process(place: Place, worker: MakeWorker) -> None:
    job = asking.ask(place, "double", "k", n=21)
    assert ended(worker(), job).state == State.done
    assert job.result["n"] == 42
    assert job.result["place"] == "EX001"
    assert job.result["pid"] != os.getpid()
    assert job.started is not None and job.ended is not None and job.ended >= job.started


def test_what_somebody_waits_for_comes_first_then_the_older(place: Place) -> None:
    later = asking.ask(place, "double", "a", asking.LATER, n=1)
    first = asking.ask(place, "double", "b", n=1)
    second = asking.ask(place, "double", "c", n=1)
    raised = asking.ask(place, "double", "a", 20, n=1)
    assert raised.pk == later.pk
    order = [claimed.pk for claimed in iter(claiming.claim, None) if claimed]
    assert order == [later.pk, first.pk, second.pk]


def test_progress_is_told_while_it_runs(place: Place, worker: MakeWorker) -> None:
    job, one = asking.ask(place, "tell", "k"), worker()

    def told() -> bool:
        job.refresh_from_db()
        return (job.stage, job.done, job.total) == ("Counting sheep", 2, 3)

    until(one, told)
    assert job.state == State.running and job.beat is not None


def test_a_refused_job_says_why(place: Place, worker: MakeWorker) -> None:
    job = ended(worker(), asking.ask(place, "refuse", "k"))
    assert (job.state, job.message, job.hint) == (
        State.refused,
        "No contacts match.",
        "Remove a filter.",
    )


@pytest.mark.parametrize("kind", ["defect", "not_plain", "kill_self"])
def test_a_defect_or_a_kill_is_a_death_with_a_sentence(
    place: Place, worker: MakeWorker, kind: str, pseudonym_key: Path
) -> None:
    one = worker()
    job = ended(one, asking.ask(place, kind, "k"))
    assert job.state == State.died
    assert job.message == "The run stopped before the end. Nothing was changed."
    assert "999 000" not in job.message + job.hint + job.stage + str(job.result)
    log = pseudonym_key.parent / "hamlets.log"
    # where nothing was logged there is no file
    assert not log.exists() or "999 000 0018" not in log.read_text()
    # the worker itself goes on
    assert ended(one, asking.again(place, job.pk)).state == State.died
    assert ended(one, asking.ask(place, "double", "l", n=1)).state == State.done


def test_a_child_killed_from_outside_is_a_death(place: Place, worker: MakeWorker) -> None:
    job, one = asking.ask(place, "sleep", "k"), worker()
    os.kill(began(one, job), signal.SIGKILL)
    assert ended(one, job).state == State.died


def test_the_forking_process_killed_from_outside_is_started_anew(
    place: Place, worker: MakeWorker
) -> None:
    job, one = asking.ask(place, "sleep", "k"), worker()
    child = began(one, job)
    os.kill(one.forks.pid, signal.SIGKILL)
    assert ended(one, job).state == State.died
    until(one, lambda: not is_alive(child))
    assert ended(one, asking.ask(place, "double", "l", n=1)).state == State.done


def test_a_waiting_job_is_cancelled_at_once(place: Place) -> None:
    job = asking.ask(place, "double", "k", n=1)
    assert asking.cancel(place, job.pk).state == State.cancelled
    assert claiming.claim() is None


def test_a_running_job_is_cancelled(place: Place, worker: MakeWorker) -> None:
    job, one = asking.ask(place, "sleep", "k"), worker()
    child = began(one, job)
    assert asking.cancel(place, job.pk).state == State.running
    assert ended(one, job).state == State.cancelled
    assert job.message == "You stopped this. Nothing was changed."
    assert not is_alive(child)


def test_a_cancelled_design_gives_its_best_so_far(place: Place, worker: MakeWorker) -> None:
    job, one = asking.ask(place, "best", "k"), worker()
    began(one, job)
    asking.cancel(place, job.pk)
    assert ended(one, job).state == State.done
    assert job.result == {"best": True, "tried": True}


def test_what_does_not_listen_is_ended_after_a_while(place: Place, worker: MakeWorker) -> None:
    job, one = asking.ask(place, "stubborn", "k"), worker(grace=0.5)
    child = began(one, job)
    asking.cancel(place, job.pk)
    assert ended(one, job).state == State.cancelled
    assert not is_alive(child)


def test_too_much_memory_ends_a_job_with_a_sentence(place: Place, worker: MakeWorker) -> None:
    job = ended(worker(memory_mb=400), asking.ask(place, "hungry", "k"))
    assert job.state == State.died
    assert job.message.startswith("The run needed more memory")


def test_too_much_time_ends_a_job_with_a_sentence(place: Place, worker: MakeWorker) -> None:
    job = ended(worker(seconds=1, grace=0.5), asking.ask(place, "sleep", "k"))
    assert job.state == State.died
    assert job.message.startswith("The run took longer than 1 minutes")


def test_long_jobs_leave_a_place_for_short_ones(place: Place, worker: MakeWorker) -> None:
    long = [asking.ask(place, "slow", f"long {i}") for i in range(2)]
    one = worker(places=2)
    began(one, long[0])
    short = asking.ask(place, "double", "short", n=1)
    assert ended(one, short).state == State.done
    states = sorted(Job.objects.filter(kind="slow").values_list("state", flat=True))
    assert states == [State.running, State.waiting]


def test_leaving_lets_the_job_wait_again(place: Place, worker: MakeWorker) -> None:
    job, one = asking.ask(place, "sleep", "k", seconds=60), worker(grace=1)
    child = began(one, job)
    one.leave()
    one.run()
    job.refresh_from_db()
    assert (job.state, job.started, job.beat) == (State.waiting, None, None)
    assert not is_alive(child)


def test_a_killed_worker_takes_its_children_along_and_its_job_is_buried(place: Place) -> None:
    job = asking.ask(place, "sleep", "k", seconds=60)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import django; django.setup()\n"
        "import job_kinds\n"
        "from hamlets.web.jobs.forking import Forks\n"
        "from hamlets.web.jobs.worker import Worker\n"
        "Worker(fork=lambda: Forks([str(job_kinds.PROGRAM)])).run()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(job_kinds.PROGRAM.parent)])
    try:
        end = time.monotonic() + PATIENCE
        children: list[int] = []
        while len(children) < 2 and time.monotonic() < end:
            time.sleep(0.1)
            children = descendants(process.pid)
        assert len(children) == 2  # the forking process and the job's
    finally:
        process.kill()
        process.wait()
    end = time.monotonic() + PATIENCE
    while any(is_alive(pid) for pid in children) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(is_alive(pid) for pid in children)
    job.refresh_from_db()
    assert job.state == State.running
    assert claiming.bury_silent(3600) == 0
    assert claiming.bury_silent(0) == 1
    job.refresh_from_db()
    assert job.state == State.died and job.hint == "Run it again."
    assert asking.again(place, job.pk).state == State.waiting


def descendants(pid: int) -> list[int]:
    """Return the processes that a process started, and those that they started."""
    found: list[int] = []
    try:
        told = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    for child in map(int, told):
        found += [child, *descendants(child)]
    return found


def test_a_database_that_is_away_stops_nothing(
    place: Place, worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    job, one = asking.ask(place, "kill_self", "k"), worker()
    until(one, lambda: job.pk in one.running)
    with monkeypatch.context() as patch:

        def away(*_: Any, **__: Any) -> Any:
            raise OperationalError("away")

        for name in ("claim", "beat", "to_stop", "finish", "bury_silent"):
            patch.setattr(claiming, name, away)
        until(one, lambda: job.pk not in one.running)
        for _ in range(3):
            one.look()
    job.refresh_from_db()
    assert job.state == State.running
    # what could not be written is written when it is back
    assert ended(one, job).state == State.died


def test_the_silent_are_not_buried_just_after_the_database_was_away(
    place: Place, worker: MakeWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    times = [1000.0]
    one = worker(clock=lambda: times[0])
    job = asking.ask(place, "double", "k", n=1)
    Job.objects.filter(pk=job.pk).update(
        state=State.running, beat=timezone.now() - timezone.timedelta(seconds=90)
    )
    with monkeypatch.context() as patch:

        def away(*_: Any, **__: Any) -> Any:
            raise OperationalError("away")

        patch.setattr(claiming, "claim", away)
        patch.setattr(claiming, "bury_silent", away)
        one.look()
    times[0] += 31
    one.look()
    job.refresh_from_db()
    assert job.state == State.running
    times[0] += 61
    one.look()
    job.refresh_from_db()
    assert job.state == State.died
