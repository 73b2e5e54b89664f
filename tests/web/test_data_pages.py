"""Loading data: from files that are sent to a version of the records, and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hamlets.records import load, open_store
from hamlets.records.store.maintenance import prune
from hamlets.web.answers.keeping import store as keep_answer
from hamlets.web.answers.versions import version_numbered
from hamlets.web.audit.models import Entry
from hamlets.web.jobs.models import Job, State
from hamlets.web.people.models import Person
from hamlets.web.uploads.loadings import earlier
from hamlets.web.uploads.models import Loading
from tests.fixtures.data_site import (
    DATA,
    appointments,
    do_jobs,
    file,
    keep_apart,
    report,
    send,
    sent_files,
    words_of,
    zipped,
)

Make = Callable[..., Person]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Name a store that is not there yet."""
    monkeypatch.setenv("HAMLETS_STORE", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture
def manager(client: Client, places: Any, person: Make, store: Path) -> Person:
    who = person("practice_manager", places.a, name="Manager Example")
    client.force_login(who)
    return who


@pytest.fixture(autouse=True)
def own_uploads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_apart(tmp_path, monkeypatch)


def at(response: Any) -> str:
    """Return the address of a page that was shown."""
    return response.request["PATH_INFO"]


def press(client: Client, address: str, **values: str) -> Any:
    """Press a button, let what follows be done, and return the page after it."""
    response = client.post(address, values)
    assert response.status_code == 302
    do_jobs()
    return client.get(response["Location"])


def load_files(client: Client, *files: Any) -> Any:
    """Go through all steps with files that are known."""
    found = send(client, *files)
    press(client, f"{at(found)}answer/")
    return press(client, f"{at(found)}load/")


def version_in(store: Path) -> int:
    current = store / "CURRENT"
    return int(current.read_text()) if current.exists() else 0


def actions(last: int) -> list[str]:
    return [each.action for each in Entry.objects.order_by("-number")[:last]][::-1]


# ---- the steps


def test_from_a_file_to_a_version(client: Client, manager: Person, store: Path) -> None:
    found = send(client, file("appointments.csv", appointments()))
    told = "This looks like tables with our own column names (1 file, about 40 rows)."
    assert told in words_of(found)
    assert "appointments.csv has the columns of the table appointments" in words_of(found)
    check = press(client, f"{at(found)}answer/")
    assert "40 rows read = 40 kept + 0 refused + 0 merged repeats." in words_of(check)
    assert version_in(store) == 0
    done = press(client, f"{at(found)}load/")
    assert "April 2026 is in. Version 1." in words_of(done)
    assert version_in(store) == 1
    assert sent_files() == []
    assert actions(5) == [
        "files sent", "load check asked", "load checked", "load asked", "data loaded"
    ]  # fmt: skip
    entry = Entry.objects.get(action="data loaded")
    assert entry.detail == {"read": 40, "kept": 40, "refused": 0, "collapsed": 0, "version": 1}
    assert entry.place == "practice:EX001"


def test_the_pages_of_the_practice_are_made_anew(
    client: Client, manager: Person, store: Path
) -> None:
    done = load_files(client, file("appointments.csv", appointments()))
    assert "The pages of Practice A are being made." in words_of(done)
    job = Job.objects.get(kind="warm")
    version = version_numbered(1)
    assert job.place is not None
    assert version is not None
    assert (job.place.code, job.question) == ("EX001", {"version": 1})
    keep_answer(job.place, "home", version, {}, {})
    assert "The pages of Practice A are ready." in words_of(client.get(at(done)))


def test_an_archive_of_several_tables(client: Client, manager: Person, store: Path) -> None:
    staff = "staff_id,name,role\ngp-0,Dr Example-Ash,gp\n"
    made = zipped(appointments__csv=appointments(), staff__csv=staff)
    done = load_files(client, file("extract.zip", made))
    assert "41 rows read = 41 kept" in words_of(done)
    with open_store(store) as opened:
        # the table had no practice column: its rows are this practice's
        assert opened.table("staff")["practice_id"].to_pylist() == ["EX001"]


def test_each_step_shows_how_far_it_is(client: Client, manager: Person) -> None:
    response = send(client, file("appointments.csv", appointments()), follow=False)
    address = response["Location"]
    looking = client.get(address)
    assert looking.status_code == 202
    assert '<meta http-equiv="refresh" content="4">' in looking.content.decode()
    assert "Looking at your files" in words_of(looking)
    assert "Cancel leaves everything as it was." in words_of(looking)
    do_jobs()
    client.post(f"{address}answer/")
    Job.objects.filter(kind="load_check").update(
        state=State.running, stage="Reading rows", done=12_000, total=61_240
    )
    checking = words_of(client.get(address))
    assert "Reading rows" in checking
    assert "12,000 of about 61,240 rows" in checking


@pytest.mark.parametrize("state", [State.waiting, State.running])
def test_cancel_leaves_everything_as_it_was(
    client: Client, manager: Person, store: Path, state: str
) -> None:
    load_files(client, file("appointments.csv", appointments()))
    found = send(client, file("more.csv", appointments(60)))
    press(client, f"{at(found)}answer/")
    client.post(f"{at(found)}load/")
    job = Job.objects.get(kind="load", state=State.waiting)
    Job.objects.filter(pk=job.pk).update(state=state)
    client.post(f"{at(found)}cancel/")
    if state == State.running:
        # the worker has not stopped it yet
        assert "Stopping" in words_of(client.get(at(found)))
        job.refresh_from_db()
        assert job.cancel
        Job.objects.filter(pk=job.pk).update(state=State.cancelled)
    assert "You stopped this. Nothing was changed." in words_of(client.get(at(found)))
    assert version_in(store) == 1
    assert sent_files() == []
    assert actions(1) == ["load cancelled"]
    assert do_jobs() == []
    # and it cannot be taken up again
    client.post(f"{at(found)}load/")
    assert not Job.objects.filter(kind="load", state=State.waiting).exists()


def test_a_wish_to_stop_that_comes_too_late(client: Client, manager: Person, store: Path) -> None:
    """What is in the records by then is said to be in them."""
    found = send(client, file("appointments.csv", appointments()))
    press(client, f"{at(found)}answer/")
    client.post(f"{at(found)}load/")
    Job.objects.filter(kind="load").update(cancel=True)
    do_jobs()
    assert "April 2026 is in. Version 1." in words_of(client.get(at(found)))


def test_a_load_that_dies_can_be_run_again(client: Client, manager: Person, store: Path) -> None:
    found = send(client, file("appointments.csv", appointments()))
    press(client, f"{at(found)}answer/")
    client.post(f"{at(found)}load/")
    Job.objects.filter(kind="load").update(
        state=State.died, message="The run stopped before the end. Nothing was changed."
    )
    stopped = client.get(at(found))
    assert "The load stopped before the end" in words_of(stopped)
    assert "Run again" in words_of(stopped)
    assert version_in(store) == 0
    done = press(client, f"{at(found)}again/")
    assert "Version 1." in words_of(done)


def test_the_same_file_again(client: Client, manager: Person, store: Path) -> None:
    load_files(client, file("appointments.csv", appointments()))
    Loading.objects.update(ended=timezone.make_aware(datetime(2026, 5, 3, 10)))
    again = send(client, file("renamed appointments.csv", appointments()))
    page = press(client, f"{at(again)}answer/")
    assert "You loaded this file on 3 May 2026. Nothing changed." in words_of(page)
    assert version_in(store) == 1
    assert sent_files() == []


def test_rows_that_are_here_already(client: Client, manager: Person, store: Path) -> None:
    load_files(client, file("appointments.csv", appointments()))
    fewer = send(client, file("appointments.csv", appointments(20)))
    page = press(client, f"{at(fewer)}answer/")
    assert "All of this is here already. Nothing changed." in words_of(page)


# ---- refused rows


def over_the_limit(rows: int = 100) -> str:
    lines = appointments(rows).splitlines()
    for number in range(1, 9):
        lines[number] = "p1,gp-1,EX001,2026-02-31T09:00:00,attended,face_to_face"
    return "\n".join(lines) + "\n"


def test_over_the_limit_nothing_is_changed(client: Client, manager: Person, store: Path) -> None:
    found = send(client, file("appointments.csv", over_the_limit()))
    check = press(client, f"{at(found)}answer/")
    told = words_of(check)
    assert "8 in 100 rows were refused; the limit is 5. Nothing was changed." in told
    assert 'href="#refused">See why</a>' in check.content.decode()
    assert "There is no such day, as with 31 February (appointments) " in told
    assert "Row 2, column start_time" in told
    assert version_in(store) == 0
    # the plain button does not do it
    client.post(f"{at(found)}load/")
    assert not Job.objects.filter(kind="load").exists()
    done = press(client, f"{at(found)}load/", anyway="yes")
    assert "Version 1." in words_of(done)
    assert Entry.objects.get(action="load asked").detail == {"anyway": True}


def test_refused_rows_are_downloaded(client: Client, manager: Person, store: Path) -> None:
    found = send(client, file("=cmd.csv", over_the_limit()))
    press(client, f"{at(found)}answer/")
    response: Any = client.get(f"{at(found)}refused.csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="refused-rows-')
    lines = text.splitlines()
    assert lines[0] == "table,file,line,column,value_class,reason"
    assert len(lines) == 9
    # no value, and nothing that a spreadsheet would run
    assert lines[1].startswith("appointments,'=cmd.csv,2,start_time,")
    assert "2026-02-31" not in text
    assert actions(1) == ["refused rows downloaded"]


def test_a_list_that_is_no_longer_kept(client: Client, manager: Person, store: Path) -> None:
    found = send(client, file("appointments.csv", over_the_limit()))
    press(client, f"{at(found)}answer/")
    for path in (store / "quarantine").rglob("*.csv"):
        path.unlink()
    response = client.get(f"{at(found)}refused.csv")
    assert response.status_code == 410
    assert "kept for 30 days" in words_of(response)
    assert actions(1) == ["load checked"]


# ---- words and columns


def test_words_are_given_a_meaning(client: Client, manager: Person, store: Path) -> None:
    text = appointments().replace("face_to_face", "Tel Triage (Dr)", 12)
    found = send(client, file("appointments.csv", text))
    check = press(client, f"{at(found)}answer/")
    assert "Tel Triage (Dr) (12) means" in words_of(check)
    name = re.search(r'name="(appointments\.mode\.\d+)"', check.content.decode())
    assert name is not None
    again = press(client, f"{at(found)}words/", **{name[1]: "telephone"})
    assert "Tel Triage" not in words_of(again)
    press(client, f"{at(found)}load/")
    with open_store(store) as opened:
        modes = opened.table("appointments")["mode"].to_pylist()
    assert modes.count("telephone") == 12


def test_a_meaning_that_is_not_offered_counts_as_none(client: Client, manager: Person) -> None:
    text = appointments().replace("face_to_face", "Odd", 12)
    found = send(client, file("appointments.csv", text))
    check = press(client, f"{at(found)}answer/")
    name = re.search(r'name="(appointments\.mode\.\d+)"', check.content.decode())
    assert name is not None
    again = press(client, f"{at(found)}words/", **{name[1]: "'); drop table"})
    assert "Odd (12) means" in words_of(again)


def test_columns_are_matched(client: Client, manager: Person, store: Path) -> None:
    found = send(client, file("Report April.csv", report()))
    assert "This looks like an appointments report from EMIS (1 file, about 30 rows)." in (
        words_of(found)
    )
    columns = client.get(f"{at(found)}columns/")
    page = columns.content.decode()
    assert columns.status_code == 200
    assert "99/99/9999" in page  # the shape of an example, not the example
    assert "06/04/2026" not in page
    assert "Dr Example-Ash" not in page
    assert re.search(r'value="patient_id" selected', page)
    assert re.search(r'value="%d/%m/%Y" selected', page)
    chosen = dict(re.findall(r'id="(means-\d+)".*?value="(\w*)" selected', page))
    check = press(client, f"{at(found)}columns/", day="%d/%m/%Y", clock="%H:%M", **chosen)
    assert "30 rows read = 30 kept + 0 refused" in words_of(check)
    press(client, f"{at(found)}load/")
    with open_store(store) as opened:
        rows = opened.table("appointments").to_pylist()
    assert {row["practice_id"] for row in rows} == {"EX001"}
    assert min(row["start_time"] for row in rows) == datetime(2026, 4, 6, 9)
    assert "columns matched" in [each.action for each in Entry.objects.all()]


def test_what_is_needed_must_be_matched(client: Client, manager: Person) -> None:
    found = send(client, file("report.csv", report()))
    wrong = client.post(f"{at(found)}columns/", {"means-0": "patient_id"})
    assert wrong.status_code == 422
    told = "2 columns are needed and missing: Clinician, Date of appointment."
    assert told in words_of(wrong)
    twice = {"means-0": "patient_id", "means-1": "staff_id", "means-2": "start_date",
             "means-3": "staff_id"}  # fmt: skip
    wrong = client.post(f"{at(found)}columns/", twice)
    assert "Two columns have the same meaning: Clinician. Choose one." in words_of(wrong)
    assert not Job.objects.filter(kind="load_check").exists()


def test_dates_in_another_form_are_matched_from_the_check(
    client: Client, manager: Person, store: Path
) -> None:
    """Our own column names, and days that are written as people do."""
    text = re.sub(r"2026-(\d\d)-(\d\d)T(\d\d:\d\d):00", r"\2/\1/2026 \3", appointments())
    found = send(client, file("appointments.csv", text))
    check = press(client, f"{at(found)}answer/")
    assert "100 in 100 rows were refused" in words_of(check)
    assert "Match the columns, and say how days are written." in words_of(check)
    page = client.get(f"{at(found)}columns/").content.decode()
    chosen = dict(re.findall(r'id="(means-\d+)".*?value="(\w*)" selected', page))
    assert 'value="%d/%m/%Y" selected' in page
    check = press(client, f"{at(found)}columns/", day="%d/%m/%Y", clock="%H:%M", **chosen)
    assert "40 rows read = 40 kept + 0 refused" in words_of(check)


def test_it_is_something_else(client: Client, manager: Person) -> None:
    found = send(client, file("appointments.csv", appointments()))
    assert client.post(f"{at(found)}answer/", {"kind": "columns"})["Location"] == (
        f"{at(found)}columns/"
    )
    page = press(client, f"{at(found)}answer/", kind="fhir")
    assert "These files cannot be loaded" in words_of(page)
    assert "--" not in words_of(page)


# ---- files that are none


PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("photo.csv", PNG, "photo.csv: This is a picture, not a table."),
        ("sheet.xlsx", zipped(**{"[Content_Types]__xml": "x"}), "Save the sheet as CSV (UTF-8)"),
        ("a.zip", zipped(a__csv=appointments())[:-40], "a.zip: The file stops in the middle"),
        ("a.csv.gz", b"\x1f\x8b" + b"x" * 40, "a.csv.gz: The file stops in the middle"),
        ("a.zip", zipped(**{"../a__csv": "x"}), "a file that would land outside its folder"),
        ("a.zip", zipped(**{"inner__zip": zipped(a__csv="x")}), "This archive holds another"),
        ("a.zip", zipped(a__csv="0" * 90_000_000), "unpacks to far more than a table would"),
        ("a.csv", b"p1,2031-04-06,9990000018\n" * 9, "The first line looks like data"),
        ("a.parquet", b"PAR1" + b"x" * 90, "a.parquet: The file stops in the middle"),
        ("a.pdf", b"%PDF-1.7 x", "This is a PDF document, not a table."),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(
    client: Client, manager: Person, store: Path, name: str, content: bytes, told: str
) -> None:
    page = send(client, file(name, content))
    assert told in words_of(page)
    assert "These files cannot be loaded" in words_of(page)
    assert "Nothing was changed." in words_of(page)
    assert not store.exists()
    assert sent_files() == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"patient_id,staff_id,start_time\n", "There is not a single row to load here."),
        (appointments().encode("utf-16"), "40 rows read = 40 kept"),
        (b"\xef\xbb\xbf" + appointments().encode(), "40 rows read = 40 kept"),
        (appointments().replace("p1,", "p\0001,").encode(), "13 in 100 rows were refused"),
        (appointments().replace("status", "sta\0tus").encode(), "sta\ufffdtus"),
        (appointments().replace("face_to", "f\0ce").encode(), "Words we do not know"),
        (appointments().replace(",", ";").encode(), "40 rows read = 40 kept"),
        (appointments().replace("p2,", '"p2,').encode(), "quotation"),
    ],
)  # fmt: skip
def test_odd_tables(
    client: Client, manager: Person, store: Path, content: bytes, told: str
) -> None:
    found = send(client, file("appointments.csv", content))
    assert told in words_of(press(client, f"{at(found)}answer/"))
    assert version_in(store) == 0


def test_words_of_files_are_shown_escaped(client: Client, manager: Person) -> None:
    bad = "<script>alert(1)</script>"
    text = appointments().replace("face_to_face", bad, 12).replace("status", f"status,{bad}")
    text = text.replace("attended,", "attended,x,")
    found = send(client, file("appointments.csv", text))
    for page in (found, client.get(f"{at(found)}columns/"), press(client, f"{at(found)}answer/")):
        assert bad not in page.content.decode()


# ---- versions and the way back


def two_versions(client: Client) -> None:
    load_files(client, file("appointments.csv", appointments()))
    later = appointments(20, first=datetime(2026, 5, 11, 9))
    load_files(client, file("appointments.csv", later))


def test_versions_and_going_back(client: Client, manager: Person, store: Path) -> None:
    two_versions(client)
    page = words_of(client.get(DATA))
    assert re.search(r" 2 Made .*? By Manager Example Rows 60 Go back in use", page)
    assert "Nothing is deleted; a new version is made from it." in page
    ask = client.get(f"{DATA}versions/1/")
    assert "Go back to version 1?" in words_of(ask)
    done = press(client, f"{DATA}versions/1/")
    assert "Version 3 holds what version 1 held. Nothing was deleted." in words_of(done)
    assert version_in(store) == 3
    with open_store(store) as opened:
        assert opened.table("appointments").num_rows == 40
    assert actions(2) == ["going back asked", "gone back to an earlier version"]
    assert "as version 1" in words_of(client.get(DATA))


def test_undo_after_a_load(client: Client, manager: Person, store: Path) -> None:
    two_versions(client)
    last = Loading.objects.get(version=2)
    page = client.get(f"{DATA}{last.pk}/").content.decode()
    assert f'href="{DATA}versions/1/">Undo: go back to version 1</a>' in page
    # the first load has nothing before it
    first = Loading.objects.get(version=1)
    assert "Undo" not in client.get(f"{DATA}{first.pk}/").content.decode()


def test_a_version_that_is_gone(client: Client, manager: Person, store: Path) -> None:
    two_versions(client)
    ask = client.get(f"{DATA}versions/1/")
    assert ask.status_code == 200
    prune(store, keep=1)
    for response in (client.get(f"{DATA}versions/1/"), client.post(f"{DATA}versions/1/")):
        assert response.status_code == 410
        assert "Version 1 is no longer kept. Choose one of the others." in words_of(response)
        assert "See the versions" in words_of(response)
    last = Loading.objects.get(version=2)
    assert "Undo" not in client.get(f"{DATA}{last.pk}/").content.decode()
    assert not Job.objects.filter(kind="restore").exists()


def test_a_version_that_goes_while_its_job_waits(
    client: Client, manager: Person, store: Path
) -> None:
    two_versions(client)
    response = client.post(f"{DATA}versions/1/")
    prune(store, keep=1)
    do_jobs()
    page = client.get(response["Location"])
    assert "Version 1 is no longer kept. Nothing was changed." in words_of(page)
    assert version_in(store) == 2


def test_something_else_was_loaded_meanwhile(
    client: Client, manager: Person, store: Path, tmp_path: Path
) -> None:
    two_versions(client)
    response = client.post(f"{DATA}versions/1/")
    (tmp_path / "appointments.csv").write_text(appointments(5, first=datetime(2026, 6, 1, 9)))
    load(tmp_path / "appointments.csv", store)
    do_jobs()
    page = client.get(response["Location"])
    assert "Something else was loaded in the meantime. Nothing was changed." in words_of(page)
    assert version_in(store) == 3


def test_records_that_others_share(
    client: Client, manager: Person, store: Path, tmp_path: Path
) -> None:
    """One practice cannot take away what another has loaded since."""
    two_versions(client)
    (tmp_path / "appointments.csv").write_text(appointments(50, "EX002"))
    load(tmp_path / "appointments.csv", store)
    client.get(DATA)
    do_jobs()
    page = client.get(DATA)
    told = words_of(page)
    assert "Other practices share these records." in told
    assert "Go back to this" not in told
    # how many rows others have is not told
    assert "110" not in told
    assert re.search(
        r" 3 Made .*? By the command line Rows – loaded for several practices Go back in use", told
    )
    assert client.get(f"{DATA}versions/1/")["Location"] == f"{DATA}#versions"
    client.post(f"{DATA}versions/1/")
    assert not Job.objects.filter(kind="restore").exists()


def test_the_job_itself_looks_whose_the_records_are(
    client: Client, manager: Person, store: Path, tmp_path: Path
) -> None:
    """Another practice came between the page and its job."""
    two_versions(client)
    response = client.post(f"{DATA}versions/1/")
    (tmp_path / "appointments.csv").write_text(appointments(50, "EX002"))
    load(tmp_path / "appointments.csv", store)
    Job.objects.filter(kind="restore").update(
        question={**Job.objects.get(kind="restore").question, "current": 3}
    )
    do_jobs()
    page = client.get(response["Location"])
    assert "Other practices share these records. Nothing was changed." in words_of(page)
    assert version_in(store) == 3


def test_two_practices_of_one_manager(
    client: Client, manager: Person, store: Path, tmp_path: Path, places: Any
) -> None:
    from hamlets.web.places.giving import give_at

    two_versions(client)
    (tmp_path / "appointments.csv").write_text(appointments(50, "EX002"))
    load(tmp_path / "appointments.csv", store)
    give_at(places.b, manager, "practice_manager", None)
    client.get(DATA)
    do_jobs()
    assert "Go back to this" in words_of(client.get(DATA))
    press(client, f"{DATA}versions/2/")
    assert version_in(store) == 4


# ---- others


def test_others_of_the_practice_are_named(
    client: Client, manager: Person, person: Make, places: Any
) -> None:
    colleague = Client()
    colleague.force_login(person("practice_manager", places.a, name="Colleague Example"))
    first = send(colleague, file("a.csv", appointments()))
    colleague.post(f"{at(first)}answer/")
    Job.objects.filter(kind="load_check").update(made=timezone.now() - timedelta(minutes=1))
    second = send_without_checks(client)
    page = words_of(client.get(second))
    assert "Colleague Example is loading. Yours starts when that ends." in page
    assert "Yours starts" not in words_of(colleague.get(at(first)))


def send_without_checks(client: Client) -> str:
    """Send files, and have all but checks done; return the address of the check that waits."""
    response = client.post(DATA, {"files": [file("b.csv", appointments(30))]})
    do_jobs(lambda job: job.kind == "load_look")
    client.post(f"{response['Location']}answer/")
    return response["Location"]


def test_people_of_other_practices_are_not(
    client: Client, manager: Person, person: Make, places: Any
) -> None:
    elsewhere = Client()
    elsewhere.force_login(person("practice_manager", places.b, name="Stranger Example"))
    address = "/practice/EX002/data/"
    there = elsewhere.post(address, {"files": [file("a.csv", appointments(9, "EX002"))]})
    do_jobs()
    elsewhere.post(f"{there['Location']}answer/")
    page = words_of(client.get(send_without_checks(client)))
    assert "Another load is running. Yours starts when that ends." in page
    assert "Stranger" not in page


def test_a_load_of_another_practice_is_not_there(
    client: Client, manager: Person, person: Make, places: Any
) -> None:
    found = send(client, file("appointments.csv", appointments()))
    number = at(found).rstrip("/").rpartition("/")[2]
    other = Client()
    other.force_login(person("practice_manager", places.b))
    for end in ("", "columns/", "refused.csv"):
        assert other.get(f"/practice/EX002/data/{number}/{end}").status_code == 404
    for end in ("answer/", "load/", "words/", "again/", "cancel/"):
        assert other.post(f"/practice/EX002/data/{number}/{end}").status_code == 404
    assert "appointments.csv" in words_of(client.get(DATA))
    assert "appointments.csv" not in words_of(other.get("/practice/EX002/data/"))


def test_what_was_begun_is_gone_on_with(client: Client, manager: Person) -> None:
    found = send(client, file("appointments.csv", appointments()))
    page = client.get(DATA)
    assert "Not finished yet" in words_of(page)
    assert f'href="{at(found)}">Go on' in page.content.decode()
    client.post(f"{at(found)}cancel/")
    assert "Not finished yet" not in words_of(client.get(DATA))


def test_earlier_loads_of_others_are_not_told(
    client: Client, manager: Person, store: Path, person: Make, places: Any
) -> None:
    load_files(client, file("appointments.csv", appointments()))
    mine = Loading.objects.get()
    other = Loading.objects.create(place=places.b, digest=mine.digest)
    assert earlier(other) is None


# ---- invented records


def test_the_demonstration_says_that_it_takes_no_other_data(
    client: Client, manager: Person, store: Path, tmp_path: Path
) -> None:
    (tmp_path / "appointments.csv").write_text(appointments())
    load(tmp_path / "appointments.csv", store, source_name="invented")
    page = words_of(client.get(DATA))
    assert "These records are invented. You can try the steps with a file of your own." in page
    found = send(client, file("appointments.csv", appointments(60)))
    assert "This looks like" in words_of(found)
    check = press(client, f"{at(found)}answer/")
    # people see what their own extract would give
    assert "60 rows read = 60 kept + 0 refused" in words_of(check)
    assert "These records are invented, so the load ends here." in words_of(check)
    assert "Load</button>" not in check.content.decode()
    client.post(f"{at(found)}load/", {"anyway": "yes"})
    assert not Job.objects.filter(kind="load").exists()
    assert version_in(store) == 1
    client.post(f"{at(found)}cancel/")
    assert sent_files() == []


def test_nor_does_its_job(client: Client, manager: Person, store: Path, tmp_path: Path) -> None:
    """The records became invented ones between the page and its job."""
    found = send(client, file("appointments.csv", appointments(60)))
    press(client, f"{at(found)}answer/")
    client.post(f"{at(found)}load/")
    (tmp_path / "appointments.csv").write_text(appointments())
    load(tmp_path / "appointments.csv", store, source_name="invented")
    do_jobs()
    told = "These records are invented, and other data must not be mixed into them."
    assert told in words_of(client.get(at(found)))
    assert version_in(store) == 1


def test_names_are_kept_where_that_was_chosen_first(
    client: Client, manager: Person, store: Path
) -> None:
    assert "unless you choose to keep them" in words_of(client.get(DATA))
    found = send(client, file("appointments.csv", appointments()), keep_names="on")
    press(client, f"{at(found)}answer/")
    press(client, f"{at(found)}load/")
    with open_store(store) as opened:
        assert opened.identifiable
    page = client.get(DATA)
    assert "These records keep names and NHS numbers" in words_of(page)
    assert "keep_names" not in page.content.decode()
    # later loads follow
    done = load_files(client, file("appointments.csv", appointments(60)))
    assert "Version 2." in words_of(done)
