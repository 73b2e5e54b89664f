"""Asking for answers: kept ones, jobs, versions that go, and answers made in advance."""

from __future__ import annotations

import inspect
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.http import Http404
from django.utils import timezone

from hamlets.errors import UsageError
from hamlets.records.store.maintenance import prune, restore
from hamlets.web.answers import asking as answers
from hamlets.web.answers import keeping, warming
from hamlets.web.answers.asking import (
    Answered,
    NothingLoaded,
    Stopped,
    VersionGone,
    Waiting,
    ask,
    packed,
    unpacked,
)
from hamlets.web.answers.models import Answer
from hamlets.web.answers.versions import current_version, kept_contents, version_numbered
from hamlets.web.jobs import asking as jobs
from hamlets.web.jobs.kinds import KINDS
from hamlets.web.jobs.models import Job, State
from tests.conftest import MakeStore

Make = Callable[..., Any]


def extract(day: str) -> dict[str, list[dict[str, Any]]]:
    return {
        "appointments": [
            {"patient_id": "p1", "staff_id": "s1", "practice_id": "EX001",
             "start_time": f"{day} 09:00", "status": "attended", "appointment_id": day}
        ]
    }  # fmt: skip


@pytest.fixture
def store(make_store: MakeStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of two versions, which the site shows."""
    made = make_store(extract("2025-03-01"), extract("2025-04-01"))
    path = Path(shutil.copytree(made, tmp_path / "store"))
    monkeypatch.setenv("HAMLETS_STORE", str(path))
    return path


def end(job: Job, state: State, **more: Any) -> None:
    Job.objects.filter(pk=job.pk).update(state=state, ended=timezone.now(), **more)


def test_before_anything_is_loaded_there_is_nothing(
    places: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAMLETS_STORE", str(tmp_path / "nothing"))
    assert current_version() is None
    with pytest.raises(NothingLoaded):
        ask(places.a, "home")
    assert warming.warm("") == ""
    assert keeping.forget_gone() == 0


def test_a_version_is_told_from_its_small_files(store: Path) -> None:
    now = current_version()
    assert now is not None and now.number == 2
    assert now.last_contact is not None and now.last_contact.isoformat() == "2025-04-01"
    assert now.loaded is not None and not now.invented
    before = version_numbered(1)
    assert before is not None and before.last_contact is not None
    assert before.last_contact.isoformat() == "2025-03-01"
    assert version_numbered(0) is version_numbered(3) is None
    assert kept_contents() == {now.content_id, before.content_id}


def test_a_question_is_a_job_and_then_an_answer(places: Any, store: Path, standing: Make) -> None:
    here = standing("practice_manager")
    first = ask(here, "continuity", roles="nurse")
    assert isinstance(first, Waiting)
    assert first.seconds == KINDS["continuity"].seconds
    assert first.job.asked_by == here.person
    assert first.job.question == {"version": 2, "roles": "nurse"}
    again = ask(places.a, "continuity", roles="nurse")
    assert isinstance(again, Waiting) and again.job.pk == first.job.pk

    keeping.keep(first.job, {"lead": "Half of them."})
    end(first.job, State.done)
    found = ask(here, "continuity", roles="nurse")
    assert isinstance(found, Answered)
    assert found.body == {"lead": "Half of them."} and found.version.number == 2


def test_another_place_question_or_version_is_another_answer(places: Any, store: Path) -> None:
    waiting = ask(places.a, "home")
    assert isinstance(waiting, Waiting)
    keeping.keep(waiting.job, {"place": "A"})
    end(waiting.job, State.done)
    assert isinstance(ask(places.a, "home"), Answered)
    others = [ask(places.b, "home"), ask(places.a, "home", version=1), ask(places.a, "workforce")]
    assert all(isinstance(other, Waiting) for other in others)
    assert Job.objects.filter(state=State.waiting).count() == 3


def test_what_is_usual_need_not_be_said(places: Any, store: Path) -> None:
    said = ask(places.a, "continuity", months=12, roles="gp", modes="all", window=None)
    unsaid = ask(places.a, "continuity")
    other = ask(places.a, "continuity", months=6)
    assert isinstance(said, Waiting) and isinstance(unsaid, Waiting) and isinstance(other, Waiting)
    assert said.job.pk == unsaid.job.pk != other.job.pk


def test_every_kind_has_a_function_that_takes_what_is_usual() -> None:
    for kind in KINDS.values():
        if not kind.function.startswith("hamlets."):
            continue  # of other tests
        module, _, name = kind.function.rpartition(".")
        signature = inspect.signature(getattr(import_module(module), name))
        first = [name.lstrip("_") for name in list(signature.parameters)[:3]]
        assert first == ["store", "practice", "progress"], kind.name
        for part, value in kind.usual.items():
            default = signature.parameters[part].default
            assert default in (value, None), f"{kind.name}: {part}"


def test_a_version_that_is_gone_says_which_there_is(places: Any, store: Path) -> None:
    assert isinstance(ask(places.a, "home", version=1), Waiting)
    prune(store, keep=1)
    for wanted in (1, 7, 0):
        with pytest.raises(VersionGone) as gone:
            ask(places.a, "home", version=wanted)
        assert (gone.value.wanted, gone.value.current) == (wanted, 2)


def test_two_versions_of_one_content_share_their_answers(places: Any, store: Path) -> None:
    waiting = ask(places.a, "home", version=1)
    assert isinstance(waiting, Waiting)
    keeping.keep(waiting.job, {"of": "version 1"})
    end(waiting.job, State.done)
    restore(store, 1)
    found = ask(places.a, "home")
    assert isinstance(found, Answered)
    assert (found.version.number, found.body) == (3, {"of": "version 1"})


def test_answers_of_a_version_that_is_gone_go_too(places: Any, store: Path) -> None:
    for version in (1, 2):
        waiting = ask(places.a, "home", version=version)
        assert isinstance(waiting, Waiting)
        keeping.keep(waiting.job, {"of": version})
    assert keeping.forget_gone() == 0
    prune(store, keep=1)
    assert keeping.forget_gone() == 1
    assert Answer.objects.get().version == 2
    # one that ends after its version went is not kept
    late = Job.objects.filter(question__version=1).get()
    keeping.keep(late, {"of": 1})
    assert Answer.objects.count() == 1


def test_a_refusal_stands_until_somebody_asks_again(places: Any, store: Path) -> None:
    waiting = ask(places.a, "home")
    assert isinstance(waiting, Waiting)
    end(waiting.job, State.refused, message="No contacts match.", hint="Remove a filter.")
    found = ask(places.a, "home")
    assert isinstance(found, Stopped) and found.refused
    assert found.job.message == "No contacts match."
    assert jobs.again(places.a, found.job.pk).state == State.waiting
    assert isinstance(ask(places.a, "home"), Waiting)


def test_a_worker_of_another_version_is_told_so(
    places: Any, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = ask(places.a, "home")
    assert isinstance(waiting, Waiting)
    with monkeypatch.context() as patch:
        patch.setattr(answers, "__version__", "0.0.0")
        with pytest.raises(UsageError) as caught:
            keeping.keep(waiting.job, {"drawn": "by another"})
    assert "different versions" in caught.value.message and caught.value.hint
    assert not Answer.objects.exists()


def test_a_death_is_tried_once_more_by_itself(places: Any, store: Path) -> None:
    for _ in range(2):
        waiting = ask(places.a, "home")
        assert isinstance(waiting, Waiting)
        end(waiting.job, State.died, message="The run stopped before the end.")
    found = ask(places.a, "home")
    assert isinstance(found, Stopped) and not found.refused


def test_an_answer_that_was_forgotten_is_worked_out_again(places: Any, store: Path) -> None:
    waiting = ask(places.a, "home")
    assert isinstance(waiting, Waiting)
    end(waiting.job, State.done)
    assert isinstance(ask(places.a, "home"), Waiting)


def test_usual_seconds_come_from_the_last_jobs(places: Any, store: Path) -> None:
    assert jobs.usual_seconds("home") == KINDS["home"].seconds
    for seconds in (10, 30, 12):
        job = jobs.ask(places.a, "home", f"k{seconds}")
        began = timezone.now() - timezone.timedelta(seconds=seconds)
        end(job, State.done, started=began)
    assert jobs.usual_seconds("home") == 12


def test_no_job_of_another_place_can_be_reached(places: Any, standing: Make) -> None:
    job = jobs.ask(places.a, "home", "k")
    for other in (places.b, places.network, standing("practice_manager", places.b)):
        for reach in (jobs.find, jobs.cancel, jobs.again):
            with pytest.raises(Http404):
                reach(other, job.pk)
    with pytest.raises(Http404):
        jobs.find(places.a, "no id at all")
    assert jobs.find(places.a, str(job.pk)).pk == job.pk
    with pytest.raises(ValueError, match="no kind"):
        jobs.ask(places.a, "nonsense", "k")


def test_a_job_that_has_ended_cannot_be_cancelled(places: Any) -> None:
    job = jobs.ask(places.a, "home", "k")
    end(job, State.done)
    assert jobs.cancel(places.a, job.pk).state == State.done


def test_what_is_kept_is_plain(places: Any) -> None:
    body = {"words": "Ångström – “quoted”", "n": [1, 2.5, None, True], "<b>": "&"}
    assert unpacked(packed(body)) == body
    for wrong in ({"x": float("nan")}, {"x": {1, 2}}):
        with pytest.raises((TypeError, ValueError)):
            packed(wrong)


def test_a_new_content_is_warmed_once_for_each_practice(places: Any, store: Path) -> None:
    seen = warming.warm("")
    now = current_version()
    assert now is not None and seen == now.content_id
    warm = Job.objects.filter(kind="warm", state=State.waiting)
    assert sorted(warm.values_list("place__code", "priority")) == [
        ("EX001", jobs.LATER), ("EX002", jobs.LATER), ("EX003", jobs.LATER)
    ]  # fmt: skip
    assert warming.warm(seen) == seen
    assert warming.warm("") == seen  # another worker begins
    assert warm.count() == 3
    # a load in between: what waited for the old content is dropped
    restore(store, 1)
    assert warming.warm(seen) != seen
    assert warm.count() == 3
    assert Job.objects.filter(kind="warm", state=State.cancelled).count() == 3


def test_a_practice_with_its_answers_is_not_warmed_again(places: Any, store: Path) -> None:
    now = current_version()
    assert now is not None
    for name in warming.FIRST:
        keeping.store(places.b, name, now, {}, {"there": True})
    warming.warm("")
    codes = Job.objects.filter(kind="warm").values_list("place__code", flat=True)
    assert sorted(codes) == ["EX001", "EX003"]


def test_all_usual_answers_of_a_practice_are_kept_at_once(places: Any, store: Path) -> None:
    job = jobs.ask(places.a, "warm", "warm:a", version=2)
    keeping.keep_all(job, [("home", {}, {"h": 1}), ("cases", {"event": "death"}, {"c": 1})])
    assert isinstance(ask(places.a, "home"), Answered)
    found = ask(places.a, "cases", event="death", look_back=365)
    assert isinstance(found, Answered) and found.body == {"c": 1}


def test_asking_loads_nothing_heavy() -> None:
    program = (
        "import sys, os, tempfile\n"
        "os.environ['HAMLETS_WORKSPACE'] = tempfile.mkdtemp()\n"
        "os.environ['DJANGO_SETTINGS_MODULE'] = 'hamlets.web.settings'\n"
        "import django; django.setup()\n"
        "from hamlets.web.answers import asking, steps, versions, warming, keeping\n"
        "from hamlets.web.jobs import asking, worker\n"
        "heavy = {'numba', 'numpy', 'pyarrow', 'scipy', 'ortools', 'altair', 'duckdb'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.stdout.strip() == "[]", ran.stderr


def test_the_key_is_short_enough_for_its_column(places: Any, store: Path) -> None:
    now = current_version()
    assert now is not None
    key = answers.key_of(places.a, "home", now, {"long": "x" * 1000})
    assert len(key) <= 120
    assert len(f"{warming.KIND}:{10**9}:{now.content_id}") <= 120
