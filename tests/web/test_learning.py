"""Learning points beside the cases of an audit."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hamlets.web.answers.asking import unpacked
from hamlets.web.audit.models import Entry
from hamlets.web.learning.models import LONGEST, LearningPoint
from hamlets.web.people.models import Person
from tests.fixtures import practice_answers

Make = Callable[..., Any]
CASE = "/practice/EX001/audits/case/1/"
DEATHS = "?event=death"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, practice_answers.Kept]:
    return practice_answers.make_once(tmp_path_factory)


@pytest.fixture
def manager(
    client: Client, places: Any, person: Make, made: Any, monkeypatch: pytest.MonkeyPatch
) -> Person:
    monkeypatch.setenv("HAMLETS_STORE", str(made[0]))
    practice_answers.keep(places.a, made[1])
    who = person("practice_manager", places.a)
    client.force_login(who)
    return who


def note(client: Client, words: str, case: str = CASE) -> Any:
    return client.post(f"{case}learning/{DEATHS}", {"words": words})


def told(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_a_point_is_kept_beside_its_case_and_listed_with_the_cases(
    client: Client, manager: Person
) -> None:
    assert "Note a learning point" in told(client, CASE + DEATHS)
    assert "What did we learn?" in told(client, f"{CASE}learning/{DEATHS}")
    answer = note(client, "Ring the own GP first <b>")
    assert answer.status_code == 302
    assert answer["Location"].startswith(CASE)
    for address in (CASE + DEATHS, "/practice/EX001/audits/" + DEATHS):
        page = told(client, address)
        assert "Ring the own GP first &lt;b&gt;" in page
        assert f"Noted by {manager.name} on " in page
    assert "Ring the own GP" not in told(client, "/practice/EX001/audits/case/2/" + DEATHS)
    assert "Ring the own GP" not in told(client, "/practice/EX001/audits/")


def test_the_log_says_that_and_of_whom_but_not_what(client: Client, manager: Person) -> None:
    note(client, "Ring the own GP first")
    entry = Entry.objects.get(action="learning point noted")
    opened = Entry.objects.filter(action="case opened").first()
    assert len(entry.about) == 32
    assert entry.detail == {"event": "death"}
    client.get(CASE + DEATHS)
    opened = Entry.objects.filter(action="case opened").latest("number")
    assert opened.about == entry.about


@pytest.mark.parametrize("words", ["", "   ", "x" * (LONGEST + 1)])
def test_nothing_or_too_much_is_refused_with_a_sentence(
    client: Client, manager: Person, words: str
) -> None:
    answer = note(client, words)
    assert answer.status_code == 422
    said = answer.content.decode()
    assert "Enter what the team learned" in said or f"{LONGEST} " in said
    assert not LearningPoint.objects.exists()


def test_a_case_that_is_not_there_takes_no_point(client: Client, manager: Person) -> None:
    assert note(client, "Words", "/practice/EX001/audits/case/9999/").status_code == 404
    assert not LearningPoint.objects.exists()


def test_only_whoever_noted_it_takes_it_back(
    client: Client, manager: Person, person: Make, places: Any
) -> None:
    note(client, "Ring the own GP first")
    back = f"/practice/EX001/audits/learning/{LearningPoint.objects.get().pk}/{DEATHS}"
    assert "Take it back" in told(client, CASE + DEATHS)
    client.force_login(person("clinician", places.a))
    page = told(client, CASE + DEATHS)
    assert "Ring the own GP first" in page
    assert "Take it back" not in page
    assert client.post(back).status_code == 404
    client.force_login(manager)
    assert client.post(back).status_code == 302
    assert "Ring the own GP first" not in told(client, CASE + DEATHS)
    assert Entry.objects.filter(action="learning point taken back").count() == 1
    assert client.post(back).status_code == 404, "once"


def test_another_practice_sees_nothing_and_takes_nothing_back(
    client: Client, manager: Person, person: Make, places: Any, made: Any
) -> None:
    note(client, "Ring the own GP first")
    number = LearningPoint.objects.get().pk
    other = person("practice_manager", places.b)
    client.force_login(other)
    assert client.get(CASE + DEATHS).status_code == 404
    assert client.post(f"/practice/EX001/audits/learning/{number}/").status_code == 404
    assert client.post(f"/practice/{places.b.code}/audits/learning/{number}/").status_code == 404
    assert LearningPoint.objects.get().taken_back is None


def test_print_without_names_names_nobody(client: Client, manager: Person) -> None:
    note(client, "Ring the own GP first")
    bare = told(client, f"{CASE}{DEATHS}&print=without-names")
    assert "Ring the own GP first" in bare
    assert f"Noted by {manager.name}" not in bare
    assert "Take it back" not in bare


def test_a_point_stays_with_its_case_when_numbers_move(
    client: Client, manager: Person, places: Any
) -> None:
    """New records bring earlier deaths: case 1 becomes another, and the point goes with its own."""
    from hamlets.web.answers.asking import packed
    from hamlets.web.answers.models import Answer

    note(client, "Ring the own GP first")
    answer = next(
        row
        for row in Answer.objects.filter(place=places.a, name="cases")
        if row.question.get("event") == "death"
    )
    body = unpacked(answer.body)
    for case in body["cases"]:
        case["number"] += 1
    answer.body = packed(body)
    answer.save()
    assert "Ring the own GP first" in told(client, "/practice/EX001/audits/case/2/" + DEATHS)
    assert "Case 02" in told(client, "/practice/EX001/audits/" + DEATHS).split("learning-point")[1]
    body["cases"] = body["cases"][1:]
    answer.body = packed(body)
    answer.save()
    listed = told(client, "/practice/EX001/audits/" + DEATHS)
    assert "A case of an earlier period" in listed
