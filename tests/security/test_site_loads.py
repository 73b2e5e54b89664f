"""Loading at the site: what one practice sends cannot touch another in the same records."""

from __future__ import annotations

import csv
import io
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import site_setup  # noqa: F401 - before anything of Django
from django.test import Client

from hamlets.records import load, loading
from hamlets.web.people.models import Person
from hamlets.web.places.giving import give_at
from hamlets.web.places.models import Place
from hamlets.web.uploads.models import Loading
from tests.fixtures.data_site import DATA, do_jobs, file, keep_apart, words_of, zipped
from tests.oracles.stores import Tables, text, write_csv
from tests.security.test_only_practice import END, OWN, A, B, changed_copy, held, practice


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared")
    for letter, code in (("a", A), ("b", B)):
        source = write_csv(practice(code, letter), folder / code)
        load(source, folder / "store", extract_end=END)
    return folder / "store"


@pytest.fixture
def store(given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    keep_apart(tmp_path, monkeypatch)
    copy = shutil.copytree(given, tmp_path / "store")
    monkeypatch.setenv("HAMLETS_STORE", str(copy))
    # the extracts of these tests lie in a year to come
    monkeypatch.setattr(loading, "load", partial(load, extract_end=END))
    return copy


@pytest.fixture
def client(db: None) -> Client:
    """The manager of practice A, signed in; practice B has another."""
    managers: list[Person] = []
    for code in (A, B):
        place = Place.objects.create(kind="practice", code=code, name=f"Practice {code}")
        who = Person.objects.create_user(f"{code}@example.org", None, name=f"Manager {code}")
        give_at(place, who, "practice_manager", None)
        managers.append(who)
    client = Client()
    client.force_login(managers[0])
    return client


def as_zip(tables: Tables) -> bytes:
    files: dict[str, str | bytes] = {}
    for name, rows in tables.items():
        made = io.StringIO()
        columns = list(dict.fromkeys(column for row in rows for column in row))
        writer = csv.writer(made)
        writer.writerow(columns)
        writer.writerows([text(row.get(column)) for column in columns] for row in rows)
        files[f"{name}__csv"] = made.getvalue()
    return zipped(**files)


def push_through(client: Client, tables: Tables, **more: str) -> Any:
    """Send an extract and press every button that loads it, whatever the pages say."""
    sent = {"files": [file("extract.zip", as_zip(tables))], **more}
    address = client.post(DATA, sent)["Location"]
    do_jobs()
    client.post(f"{address}answer/", more)
    do_jobs()
    client.post(f"{address}load/", {"anyway": "yes", **more})
    do_jobs()
    return client.get(address)


def stolen() -> Tables:
    """Return B's extract with A's code in every row."""
    return {
        name: [{**row, **({"practice_id": A} if "practice_id" in row else {})} for row in rows]
        for name, rows in changed_copy().items()
        if name not in ("practices", "sessions", "indicator_counts")
    }


@pytest.mark.parametrize("made", [changed_copy, stolen])
def test_the_rows_of_another_practice_stay(client: Client, store: Path, made: Any) -> None:
    before = held(store)
    tables = {**made()}
    tables["appointments"] = [*tables["appointments"], OWN]
    # fields that the pages do not have are nobody's to send
    tricks = {"only_practice": B, "practice": B, "place": B, "allowed": B, "profile": "csv"}
    page = push_through(client, tables, **tricks)
    after = held(store)
    theirs = [row for row in after["appointments"] if row["appointment_id"] != "a-new"]
    assert theirs == before["appointments"]
    assert {**after, "appointments": ()} == {**before, "appointments": ()}
    told = words_of(page)
    assert "is in. Version 3." in told  # A's own row
    assert B not in told
    assert f"Manager {B}" not in told


def test_nor_by_the_address_of_the_other_practice(client: Client, store: Path) -> None:
    sent = {"files": [file("extract.zip", as_zip(practice(B, "b")))]}
    assert client.post(f"/practice/{B}/data/", sent).status_code == 404
    assert client.get(f"/practice/{B}/data/").status_code == 404
    assert not Loading.objects.exists()


def test_nor_by_going_back(client: Client, store: Path) -> None:
    """Version 1 is A's alone: going back to it would take B's rows away."""
    client.get(DATA)
    do_jobs()
    client.post(f"{DATA}versions/1/", {"allowed": f"{A},{B}"})
    assert do_jobs() == []
    assert (store / "CURRENT").read_text() == "2\n"
    assert "Go back to this" not in words_of(client.get(DATA))


def test_the_list_of_refused_rows_names_nobody_else(client: Client, store: Path) -> None:
    page = push_through(client, stolen())
    assert "Not for this practice to change" in words_of(page)
    number = Loading.objects.get().pk
    response: Any = client.get(f"{DATA}{number}/refused.csv")
    listed = b"".join(response.streaming_content).decode()
    assert B not in listed
    assert "b-gp" not in listed
    assert listed.count("not for this practice to change") > 5
