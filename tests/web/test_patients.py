"""Who knows this patient: finding one, the page in every state, words and reasons, shared staff."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from hamlets.records import open_store
from hamlets.web.answers.asking import pin
from hamlets.web.audit import chain
from hamlets.web.audit.models import Entry
from hamlets.web.audit.reading import entries_at
from hamlets.web.pages.home import looked_words
from hamlets.web.places import sharing
from hamlets.web.places.standing import stand
from hamlets.web.reading.codes import is_code, patient_code
from hamlets.web.reading.mine import my_team
from hamlets.web.reception import reasons, wording
from hamlets.web.reception.models import ReasonCount, Wording
from tests.fixtures.reception_site import BORN, NUMBERS, OTHERS, TEN, TODAY, world

Make = Callable[..., Any]
HOME = "/practice/EX001/patients/"
HOSTILE = (
    "' OR 1=1 --", '"; DROP TABLE x; --', "<script>alert(1)</script>", "{{7*7}}", "%00", "\x00",
    "../../etc/passwd", "\u202e" * 30, "9" * 5000, "999000001", "Ex%", "_" * 40,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("patients", "elsewhere"):
        monkeypatch.setattr(f"hamlets.web.pages.{module}.now", lambda: (TODAY, TEN))


@pytest.fixture
def named(make_store: Make, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store that keeps names and NHS numbers."""
    path = make_store(world(), identifiable=True)
    monkeypatch.setenv("HAMLETS_STORE", str(path))
    return path


@pytest.fixture
def coded(make_store: Make, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store of codes."""
    path = make_store(world())
    monkeypatch.setenv("HAMLETS_STORE", str(path))
    return path


@pytest.fixture
def desk(client: Client, places: Any, person: Make) -> Client:
    """A receptionist of Practice A, signed in."""
    client.force_login(person("receptionist", places.a, name="Reception Example"))
    return client


def plain(response: Any) -> str:
    """Return the words of a page's main part."""
    main = response.content.decode().split("<main", 1)[1].split("</main>")[0]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", main)))


def opened(desk: Client, state: str) -> str:
    response = desk.get(f"{HOME}{patient_code(NUMBERS[state])}/")
    assert response.status_code == 200
    return plain(response)


# ---- finding


def test_a_name_and_a_birth_date_lead_to_the_patient(desk: Client, named: Path) -> None:
    for name in ("bri", "BRIEFLY exa", "example almond briefly", "Brieﬂy"):
        found = desk.post(HOME, _name(name))
        assert (found.status_code, found["Location"]) == (302, _address("briefly")), name


def _name(name: str, born: date = BORN) -> dict[str, Any]:
    return {"name": name, "born-day": born.day, "born-month": born.month, "born-year": born.year}


def _address(state: str) -> str:
    return f"{HOME}{patient_code(NUMBERS[state])}/"


def test_a_name_alone_asks_for_the_birth_date(desk: Client, named: Path) -> None:
    page = desk.post(HOME, {"name": "Bri"})
    assert page.status_code == 422
    assert "Add a date of birth, so that we show only the right person." in plain(page)
    assert "Briefly" not in plain(page)
    short = desk.post(HOME, _name("B"))
    assert "Enter 2 letters of the name or more." in plain(short)
    assert short.status_code == 422


def test_several_are_listed_with_the_year_of_birth_alone(desk: Client, named: Path) -> None:
    page = desk.post(HOME, _name("example"))
    words = plain(page)
    assert words.count("born 1950") == 10
    assert "More than 10 match. Add more letters of the name." in words
    assert "1 January" not in words
    assert not any(number in page.content.decode() for number in NUMBERS.values())
    assert "Other Example-Almond" not in words, "a patient of Practice B"


def test_a_whole_number_finds_and_a_part_of_one_does_not(desk: Client, named: Path) -> None:
    number = NUMBERS["left"]
    for typed in (number, f"{number[:3]} {number[3:6]} {number[6:]}", f" {number} "):
        assert desk.post(HOME, {"number": typed})["Location"] == _address("left")
    for part in (number[:9], number[:-1] + "7", "99900"):
        page = desk.post(HOME, {"number": part})
        assert page.status_code == 422
        assert "Enter all 10 digits" in plain(page)


def test_nobody_and_somebody_elses_patient_get_the_same_words(desk: Client, named: Path) -> None:
    nobody = desk.post(HOME, {"number": "9990009996"})
    others = desk.post(HOME, {"number": OTHERS})
    assert nobody.status_code == others.status_code == 200
    assert "No patient of Practice A matches." in plain(nobody)
    assert _bare(nobody) == _bare(others)
    assert "No patient of Practice A matches." in plain(desk.post(HOME, _name("other")))


def _bare(response: Any) -> str:
    """Return the page without what is new each time."""
    return re.sub(r'(nonce|value)="[^"]*"', "", response.content.decode())


def test_a_code_of_another_practice_is_no_address_here(desk: Client, named: Path) -> None:
    assert desk.get(f"{HOME}{patient_code(OTHERS)}/").status_code == 404
    assert desk.get(f"{HOME}?q={patient_code(OTHERS)}").status_code == 404
    assert not Entry.objects.filter(action="patient opened").exists()


def test_links_of_audits_and_worklists_lead_to_the_patient(desk: Client, named: Path) -> None:
    for q in (NUMBERS["in"], patient_code(NUMBERS["in"])):
        assert desk.get(HOME, {"q": q})["Location"] == _address("in")
    for q in ("", "made-up", *HOSTILE):
        assert desk.get(HOME, {"q": q}).status_code == 404


def test_a_store_of_codes_is_searched_by_code(desk: Client, coded: Path) -> None:
    with open_store(coded) as store:
        labels = store.labels("patient")
        home = store.labels("practice").index("EX001")
        rows = store.read_group("patients", home, ["patient"]).column("patient").to_pylist()
    page = plain(desk.get(HOME))
    assert "These records hold codes, not names. Search by the code or the NHS number." in page
    assert "Date of birth" not in page
    code = labels[rows[0]]
    assert is_code(code)
    for typed in (code, code.upper()):
        assert desk.post(HOME, {"number": typed})["Location"] == f"{HOME}{code}/"
    assert desk.get(HOME, {"q": code})["Location"] == f"{HOME}{code}/"
    # with the key that made them, a typed NHS number becomes the code
    reached = desk.post(HOME, {"number": NUMBERS["in"]})
    assert is_code(reached["Location"].split("/")[-2])
    assert "Dr Example-Ash" in plain(desk.get(reached["Location"]))
    assert "No patient of Practice A matches." in plain(desk.post(HOME, {"number": OTHERS}))


def test_without_the_key_a_number_cannot_be_typed(
    desk: Client, coded: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HAMLETS_KEY_FILE", str(tmp_path / "none.key"))
    page = plain(desk.get(HOME))
    assert "These records hold codes, not names. Search by the code." in page
    assert "NHS number" not in page
    assert not (tmp_path / "none.key").exists(), "looking makes no key"


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_text_is_text(desk: Client, named: Path, payload: str) -> None:
    for data in ({"number": payload}, _name(payload), {**_name("ab"), "born-year": payload}):
        page = desk.post(HOME, data)
        assert page.status_code in (200, 422), payload
        assert "<script>alert" not in page.content.decode()
    address = payload.replace("/", "%2F").replace("\x00", "%00").replace("?", "%3F")
    assert desk.get(f"{HOME}{address}/").status_code == 404
    assert desk.post(f"{HOME}{address}/reason/", {"reason": payload}).status_code == 404


def test_what_is_typed_is_logged_nowhere(
    desk: Client, named: Path, pseudonym_key: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for number in (*NUMBERS.values(), OTHERS):
        desk.get(desk.post(HOME, {"number": number}).get("Location", HOME))
    desk.post(HOME, _name("example"))
    told = "".join(capfd.readouterr())
    log = pseudonym_key.with_name("hamlets.log")
    told += log.read_text(encoding="utf-8") if log.exists() else ""
    told += repr(list(Entry.objects.values_list()))
    for secret in (*NUMBERS.values(), OTHERS, "Almond"):
        assert secret not in told


# ---- the page in its states


def test_the_look_is_noted_before_the_page_is_made(
    desk: Client, named: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(desk, "in")
    (entry,) = Entry.objects.filter(action="patient opened")
    assert (entry.about, entry.place) == (patient_code(NUMBERS["in"]), "practice:EX001")
    assert entry.name == "Reception Example"

    def broken(*_args: object, **_more: object) -> None:
        raise OSError

    monkeypatch.setattr("hamlets.web.pages.patients.chain.note", broken)
    desk.raise_request_exception = False
    page = desk.get(_address("in"))
    assert page.status_code == 500
    assert "Example-Ash" not in page.content.decode()


def test_own_gp_in(desk: Client, named: Path) -> None:
    page = opened(desk, "in")
    assert "In Example-Almond born 1 January 1950" in page
    assert "NHS number 999 000 0018 (test number)" in page
    assert "Team Blue" in page
    assert "Needs: housebound" in page
    assert "Own GP Dr Example-Ash GP partner in today until 1pm, then Thursday" in page
    assert "Buddy Dr Example-Birch Salaried GP in today all day, then Tuesday 8 July" in page
    assert "Nurse Example-Ivy" in page
    assert "“Dr Example-Ash knows you, and is in today until 1pm. Shall I look for a time?”" in page
    assert "“Your doctor is Dr Example-Ash. Your team is Team Blue." in page
    # the strip: own, nurse of the team, registrar, hub, nobody named
    assert "O, own GP" in page and "T, rest of own team" in page
    assert "L, locum or registrar" in page and "H, hub or another practice" in page
    assert "?, not known who" in page and "nobody named" in page


def test_own_gp_away_briefly_longer_and_without_a_day(desk: Client, named: Path) -> None:
    assert (
        "“Dr Example-Elm is back on Thursday. You can wait until then, or see Dr Example-Birch "
        "today. They work together and share their patients. Which suits you?”"
    ) in opened(desk, "briefly")
    assert (
        "“Dr Example-Fir is away until 1 July. Dr Example-Birch looks after you until then.”"
    ) in opened(desk, "longer")
    page = opened(desk, "open")
    assert "not on the rota up to 8 July" in page
    assert (
        "“Dr Example-Gorse is away now. Dr Example-Birch looks after you until Dr Example-Gorse "
        "is back.”"
    ) in page


def test_own_gp_left_none_or_no_holder_of_lists(desk: Client, named: Path) -> None:
    page = opened(desk, "left")
    assert "Dr Example-Dune GP partner has left the practice" in page
    assert "“Dr Example-Dune has left us. Dr Example-Birch looks after you" in page
    page = opened(desk, "none")
    assert "No GP is named for this patient." in page
    # somebody was seen: that no GP was named is not that nobody is known
    assert "N, no GP named that day" in page and "?, not known who" not in page
    assert "“You have no doctor of your own here yet. I will ask who it can be.”" in page
    page = opened(desk, "registrar")
    assert "cannot be a named GP. Ask who it should be." in page
    assert "“You have no doctor of your own here yet." in page


def test_own_gp_not_the_most_seen(desk: Client, named: Path) -> None:
    page = opened(desk, "mostly")
    assert (
        "Mostly Example-Almond mostly sees Dr Example-Birch (3 of 4). "
        "Ask if the named GP should change."
    ) in page
    assert "mostly sees" not in opened(desk, "in")


def test_nobody_knows_a_patient_whom_they_have_not_seen(desk: Client, named: Path) -> None:
    page = opened(desk, "unseen")
    assert "No contact in these records from" in page
    assert "knows you" not in page
    assert "“Dr Example-Ash is your own doctor, and is in today until 1pm." in page


def test_no_team_and_no_buddy(desk: Client, named: Path) -> None:
    page = opened(desk, "alone")
    assert "This GP is in no team." in page
    assert "No buddy is set for this GP." in page
    assert "“Your doctor is Dr Example-Cedar. I will send you the days.”" in page


def test_gone_and_died_have_no_words_to_use(desk: Client, named: Path) -> None:
    assert "not registered here any more" in opened(desk, "gone")
    page = opened(desk, "died")
    assert "died on 18 May 2025. Check before you call anyone." in page
    for state in ("gone", "died"):
        assert "Words to use" not in opened(desk, state)
        assert "Why not the own GP?" not in opened(desk, state)


def test_where_no_rota_is_known(
    desk: Client, make_store: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_store(world(sessions=[]), identifiable=True)
    monkeypatch.setenv("HAMLETS_STORE", str(path))
    page = opened(desk, "in")
    assert "When they are in is not known." in page
    assert (
        "“Dr Example-Ash is your own doctor. I will look when Dr Example-Ash is next in.”" in page
    )
    assert "These records have no rota" in plain(desk.get(HOME))


def test_a_free_time_of_a_fresh_extract_is_offered(
    desk: Client, make_store: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slot(number: int, staff: str, at: str, kind: str = "GP routine") -> dict[str, Any]:
        return {"slot_id": f"S{number}", "staff_id": staff, "practice_id": "EX001",
                "start_time": f"2025-06-{at}", "end_time": f"2025-06-{at[:-2]}59",
                "status": "Free", "slot_type": kind}  # fmt: skip

    slots = [
        slot(1, "ash", "17 09:30"), slot(2, "ash", "17 11:00", "GP same day"),
        slot(3, "ash", "19 09:20"), slot(4, "birch", "17 16:00"), slot(5, "birch", "17 15:00",
        "Admin"),
    ]  # fmt: skip
    path = make_store(world(slots=slots), identifiable=True)
    monkeypatch.setenv("HAMLETS_STORE", str(path))
    page = opened(desk, "in")
    assert "“Dr Example-Ash knows you, and has Thursday at 9:20am. Shall I book that?”" in page
    assert (
        "“Of course. The first appointment is today at 4pm with Dr Example-Birch, who can see "
        "your notes.”"
    ) in page
    assert "Check your book." in page
    monkeypatch.setattr("hamlets.web.reading.opened._FRESH_DAYS", -10_000)
    monkeypatch.setattr("hamlets.web.reading.opened._kept", type(_kept())())
    page = opened(desk, "in")
    assert "9:20am" not in page, "an old extract says nothing of free times"


def _kept() -> Any:
    from hamlets.web.reading import opened as module

    return module._kept


def test_never_notes_diagnoses_or_reasons_for_contacts(
    desk: Client, make_store: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = world(
        conditions=[{"patient_id": "id-in", "code": "SECRET-CODE", "from_date": "2020-01-01",
                     "register": "SECRET-REGISTER"}],
        events=[{"patient_id": "id-in", "event_type": "cancer_diagnosis",
                 "event_date": "2025-01-01", "code": "SECRET-EVENT"}],
    )  # fmt: skip
    for row in tables["appointments"]:
        row["category"] = "SECRET-CATEGORY"
    monkeypatch.setenv("HAMLETS_STORE", str(make_store(tables, identifiable=True)))
    page = desk.get(_address("in")).content.decode()
    assert "SECRET" not in page
    assert "cancer" not in page


def test_the_week_at_the_desk(desk: Client, named: Path) -> None:
    page = plain(desk.get(HOME))
    assert "Opening a patient is noted with your name." in page
    assert "From the rota, which goes to 8 July 2025." in page
    assert "Dr Example-Ash Today morning Thursday 19 June morning" in page
    assert "Dr Example-Birch Today all day" in page
    assert "Example-Lime" not in page, "nobody is booked with the desk"
    assert "Example-Yew" not in page, "nor with another practice"


# ---- reasons


def test_a_reason_is_counted_and_nothing_else_is_kept(desk: Client, named: Path) -> None:
    for _ in range(2):
        reached = desk.post(f"{_address('in')}reason/", {"reason": "sooner"}, follow=True)
    assert "Counted: Patient prefers sooner." in plain(reached)
    (row,) = ReasonCount.objects.all()
    assert (row.place.code, row.reason, row.count) == ("EX001", "sooner", 2)
    assert row.month == date(2025, 6, 1)
    kept = {field.name for field in ReasonCount._meta.get_fields()}
    assert kept == {"id", "place", "month", "reason", "count"}
    assert not Entry.objects.filter(action__contains="reason").exists()
    assert desk.post(f"{_address('in')}reason/", {"reason": "made-up"}).status_code == 404


def test_the_reasons_are_these_words(desk: Client, named: Path) -> None:
    page = opened(desk, "in")
    assert [reason.words for reason in reasons.reasons()] == [
        "Patient prefers sooner",
        "Patient prefers someone else",
        "Needs to be seen today",
        "Own GP away",
        "Named GP is wrong",
    ]
    assert all(reason.words in page for reason in reasons.reasons())


def test_counts_are_the_managers_by_month(
    desk: Client, named: Path, places: Any, person: Make
) -> None:
    desk.post(f"{_address('in')}reason/", {"reason": "away"})
    address = f"{HOME}words/"
    assert "Why not the own GP, by month" not in plain(desk.get(address))
    desk.force_login(person("practice_manager", places.a))
    assert "Own GP away June 2025 1 May 2025 0" in plain(desk.get(address))


# ---- words


def test_a_practice_changes_its_words_and_it_shows_who_and_when(
    desk: Client, named: Path, places: Any, person: Make
) -> None:
    manager = person("practice_manager", places.a, name="Manager Example")
    desk.force_login(manager)
    address = f"{HOME}words/own_in/"
    assert "{gp}, {when}" in plain(desk.get(address))
    done = desk.post(address, {"words": "{gp}  is here {when}. <b>Good?</b>"}, follow=True)
    assert "Changed by Manager Example on" in plain(done)
    assert "“[own GP] is here [day and time]. <b>Good?</b>”" in plain(done)
    assert "<b>Good" not in done.content.decode()
    assert "“Dr Example-Ash is here today until 1pm. <b>Good?</b>”" in opened(desk, "in")
    (entry,) = Entry.objects.filter(action="words for reception changed")
    assert (entry.about, entry.person) == ("own_in", manager.email)
    desk.post(address, {"words": ""})
    assert "“Dr Example-Ash knows you, and is in" in opened(desk, "in")
    assert Wording.objects.count() == 2, "every change is kept"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("{other} is here", "Only these names can stand in braces here: {gp}, {when}."),
        ("{gp.__class__}", "Only these names"),
        ("{gp!r}", "Only these names"),
        ("{gp:>999999999}", "Only these names"),
        ("{", "A brace is open."),
        ("{0}", "Only these names"),
        ("x" * 301, "300"),
    ],
)
def test_words_that_cannot_be_filled_in_are_refused(
    desk: Client, named: Path, places: Any, person: Make, words: str, said: str
) -> None:
    desk.force_login(person("practice_manager", places.a))
    page = desk.post(f"{HOME}words/own_in/", {"words": words})
    assert page.status_code == 422
    assert said in plain(page)
    assert not Wording.objects.exists()


def test_only_a_manager_changes_words_and_only_of_the_own_practice(
    desk: Client, named: Path, places: Any, person: Make
) -> None:
    assert desk.post(f"{HOME}words/own_in/", {"words": "x"}).status_code == 403
    desk.force_login(person("practice_manager", places.b))
    assert desk.post(f"{HOME}words/own_in/", {"words": "x"}).status_code == 404
    here = stand(person("practice_manager", places.b), "practice", "EX002")
    wording.change(here, "own_in", "Ours: {gp}")
    desk.force_login(person("receptionist", places.a))
    assert "Ours:" not in plain(desk.get(f"{HOME}words/"))
    with pytest.raises(PermissionError):
        wording.change(stand(person("receptionist", places.a), "practice", "EX001"), "own_in", "x")


def test_every_sentence_can_be_filled_in() -> None:
    for key, fields in wording.FIELDS.items():
        ours = wording.catalogue()[f"reception.say.{key}"]
        wording.refuse(ours, fields)
        assert re.findall(r"\{(\w+)\}", ours) or not fields
        assert not re.search(r"\b(he|she|him|her|his)\b", ours)


# ---- staff who are shared between practices


def desk_of(client: Client, person: Make, place: Any) -> Client:
    client.force_login(person("receptionist", place))
    return client


def agree(person: Make, *where: Any) -> None:
    for place in where:
        manager = stand(person("practice_manager", place), place.kind, place.code)
        sharing.switch(manager, "looks", on=True)


def asked(client: Client, **changes: Any) -> Any:
    data = {"practice": "EX002", "number": OTHERS, "reason": "phone", "name": "",
            **changes}  # fmt: skip
    return client.post(f"{HOME}elsewhere/", data)


def test_a_look_needs_both_practices_to_agree(
    desk: Client, named: Path, places: Any, person: Make
) -> None:
    assert "Practice A does not share looks." in plain(asked(desk))
    agree(person, places.b)
    assert "Practice A does not share looks." in plain(asked(desk))
    assert "another practice" not in plain(desk.get(HOME))
    agree(person, places.a)
    assert "Look up a patient of another practice" in plain(desk.get(HOME))
    page = asked(desk)
    assert page.status_code == 200
    assert "A patient of Practice B" in plain(page)
    there = stand(person("practice_manager", places.b), "practice", "EX002")
    sharing.switch(there, "looks", on=False)
    assert "No other practice of your network shares looks yet." in plain(asked(desk))


def test_a_look_shows_team_named_gp_and_who_is_in_and_nothing_else(
    desk: Client, named: Path, places: Any, person: Make
) -> None:
    agree(person, places.a, places.b)
    page = plain(asked(desk))
    assert "Own GP Dr Example-Yew GP partner in today all day" in page
    for hidden in ("Almond", "1950", "999", "own GP", "Words to use", "contact"):
        assert hidden not in page.replace("Own GP", "")
    by_name = asked(desk, number="", name="other", **{f"born-{k}": getattr(BORN, k) for k in
                    ("day", "month", "year")})  # fmt: skip
    assert "Dr Example-Yew" in plain(by_name)


def test_a_look_is_noted_at_both_practices_and_shown_at_the_patients_own(
    desk: Client, named: Path, places: Any, person: Make
) -> None:
    agree(person, places.a, places.b)
    asked(desk, reason="here")
    away = Entry.objects.get(place="practice:EX002", action="patient looked up by shared staff")
    assert away.about == patient_code(OTHERS)
    assert (away.name, away.detail["by_place"]) == ("Reception Example", "practice:EX001")
    mine = Entry.objects.get(place="practice:EX001", action="looked up elsewhere")
    assert (mine.about, mine.detail["found"]) == ("practice:EX002", True)
    assert chain.verify().holds
    manager = person("practice_manager", places.b)
    desk.force_login(manager)
    words = plain(desk.get("/practice/EX002/patients/looks/"))
    assert "Reception Example From Practice A Reason The patient is here" in words
    words = plain(desk.get(f"/practice/EX002/patients/{patient_code(OTHERS)}/"))
    assert "Looked up from Practice A on" in words
    # and on the home page of the patient's practice, not on that of the one that looked
    here = stand(manager, "practice", "EX002")
    assert looked_words(here).startswith("Staff of another practice looked up a patient of")
    asked(desk_of(desk, person, places.a), reason="phone")
    assert " 2 times in the last 90 days, last on " in looked_words(here)
    assert looked_words(stand(person("practice_manager", places.a), "practice", "EX001")) == ""
    administrator = stand(person("administrator", places.b), "practice", "EX002")
    assert looked_words(administrator) == ""
    assert all(patient_code(OTHERS) != line.about for line in entries_at(administrator).lines)


def test_a_look_that_cannot_be_noted_is_not_shown(
    desk: Client, named: Path, places: Any, person: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(person, places.a, places.b)

    def broken(*_args: object, **_more: object) -> None:
        raise OSError

    monkeypatch.setattr("hamlets.web.reading.elsewhere.chain.note", broken)
    desk.raise_request_exception = False
    page = asked(desk)
    assert page.status_code == 500
    assert "Yew" not in page.content.decode()
    assert not Entry.objects.filter(action="patient looked up by shared staff").exists()


def test_a_look_needs_a_reason_and_a_whole_number(
    desk: Client, named: Path, places: Any, person: Make
) -> None:
    agree(person, places.a, places.b)
    wrong_ones: tuple[dict[str, str], ...] = (
        {"reason": ""},
        {"reason": "curious"},
        {"number": OTHERS[:6]},
        {"number": ""},
        {"practice": "EX001"},
        {"practice": "EX003"},
        {"number": "", "name": "other"},
    )
    for wrong in wrong_ones:
        page = asked(desk, **wrong)
        assert page.status_code == 422, wrong
        assert "Yew" not in plain(page)
    assert not Entry.objects.filter(action__contains="looked up").exists()


def test_a_look_finds_only_patients_of_the_practice_that_was_named(
    desk: Client, named: Path, places: Any, person: Make
) -> None:
    agree(person, places.a, places.b)
    for number in (NUMBERS["in"], "9990009996"):
        assert "No patient of Practice B matches." in plain(asked(desk, number=number))
    assert Entry.objects.filter(action="looked up elsewhere", detail__found=False).count() == 2


def test_a_look_is_for_shared_staff_of_the_same_network(
    client: Client, named: Path, places: Any, person: Make
) -> None:
    agree(person, places.a, places.b, places.c)
    client.force_login(person("practice_manager", places.a))
    assert "Your role here cannot." in plain(asked(client))
    client.force_login(person("receptionist", places.c))
    page = client.post("/practice/EX003/patients/elsewhere/", {"practice": "EX002",
                       "number": OTHERS, "reason": "phone"})  # fmt: skip
    assert "No other practice of your network" in plain(page)
    client.force_login(person("network_clinical_lead", places.network))
    assert asked(client).status_code == 403


# ---- whom a clinician works with


def test_a_clinicians_own_team(named: Path, places: Any, person: Make) -> None:
    somebody = person("clinician", places.a)
    for staff_id in ("", "made-up", "yew"):
        somebody.staff_id = staff_id
        assert my_team(stand(somebody, "practice", "EX001"), pin(), TODAY, TEN) is None
    somebody.staff_id = "ash"
    found = my_team(stand(somebody, "practice", "EX001"), pin(), TODAY, TEN)
    assert found is not None
    assert found.team == "Team Blue"
    assert [(line.what, line.name) for line in found.lines][:2] == [
        ("Buddy", "Dr Example-Birch"),
        ("Team Blue", "Dr Example-Elm"),
    ]
    assert found.lines[0].when == "in today all day, then Tuesday 8 July"
    assert "Dr Example-Ash" not in {line.name for line in found.lines}


# ---- without records


def test_without_records_it_says_what_to_do_first(
    desk: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HAMLETS_STORE", str(tmp_path / "none"))
    assert "Nothing here yet. Load appointments first." in plain(desk.get(HOME))
    assert desk.get(f"{HOME}{'a' * 32}/").status_code == 404


def test_a_practice_that_the_store_does_not_know_has_no_patients(
    desk: Client, named: Path, places: Any, person: Make
) -> None:
    desk.force_login(person("receptionist", places.c))
    elsewhere = HOME.replace("EX001", "EX003")
    for number in (NUMBERS["in"], OTHERS):
        assert "No patient of Practice C matches." in plain(
            desk.post(elsewhere, {"number": number})
        )
        assert desk.get(f"{elsewhere}{patient_code(number)}/").status_code == 404
    assert desk.get(HOME).status_code == 404


def test_codes_do_not_give_numbers_away() -> None:
    codes = {patient_code(f"99900{n:05d}") for n in range(500)}
    assert len(codes) == 500
    assert all(is_code(code) for code in codes)
    assert patient_code("a" * 32) == "a" * 32
