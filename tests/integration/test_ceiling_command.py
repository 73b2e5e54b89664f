"""``hamlets teams ceiling`` on an invented borough and on extracts that lack what it needs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import hamlets
from hamlets.booking.simulation.synth import make_setting, synthesise
from hamlets.cli import app
from hamlets.cli.failures import run
from hamlets.continuity import cohort_table, measure
from hamlets.continuity.reference import build_reference
from hamlets.continuity.results import RotaAllows
from hamlets.continuity.summary import summarise
from hamlets.teams import (
    CeilingOf,
    add_ceiling,
    attainable_ceiling,
    with_ceiling,
    with_expected_gains,
)
from hamlets.teams.ceiling.gains import NO_BOOKING
from hamlets.teams.results import CEILING_BY, NO_SLOTS

MakeStore = Callable[..., Path]
Row = dict[str, Any]
SHARES = {
    "recorded_own", "attainable_own", "recorded_team", "attainable_own_or_team", "gap", "away",
    "full", "free_wins", "free_wins_team",
}  # fmt: skip


@pytest.fixture(scope="module")
def borough(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("borough") / "store"
    setting = make_setting(practices=2, patients=14000, months=3, seed=5, end=date(2026, 3, 31))
    synthesise(setting, path)
    return path


def ask(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = run(app, ["teams", "ceiling", *words])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


def rows_of(capsys: pytest.CaptureFixture[str], *words: str) -> list[Row]:
    code, out, err = ask(capsys, *words, "--format", "json")
    assert code == 0, err
    return json.loads(out)


def test_rows_of_every_window_and_group(borough: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = rows_of(capsys, "--store", str(borough), "--window", "all")
    assert {row["window"] for row in whole} == {"strict", "week", "policy"}
    assert {row["practice_id"] for row in whole} == {"EX001", "EX002"}
    assert set(whole[0]) >= SHARES | {"practice_id", "window", "n_contacts", "rota"}
    strict, week = (
        next(r for r in whole if r["window"] == w and r["practice_id"] == "EX001")
        for w in ("strict", "week")
    )
    # a week holds the half-day
    assert strict["recorded_own"] < strict["attainable_own"] < week["attainable_own"]
    assert all(row["rota"] == "given" for row in whole)
    for by in ("list", "team", "month"):
        rows = rows_of(capsys, "--store", str(borough), "--practice", "EX001", "--by", by)
        assert rows
        assert all(row[by] for row in rows)
        assert {row["window"] for row in rows} == {"policy"}


def test_what_holds_of_an_invented_borough(borough: Path) -> None:
    with hamlets.open_store(borough) as store:
        found = attainable_ceiling(store, window="all")
    for by in CEILING_BY:
        assert found.rows(by)
        for row in found.rows(by):
            assert row.recorded_own <= row.attainable_own <= 1
            if row.attainable_own_or_team is not None and row.recorded_team is not None:
                assert row.attainable_own <= row.attainable_own_or_team <= 1
                assert row.recorded_team <= row.attainable_own_or_team
            total = row.recorded_own + row.away + row.full + row.free_wins
            assert total == pytest.approx(1)
    for wins in found.free_wins:
        for counts in (wins.by_weekday, wins.by_hour, wins.by_slot_type, wins.by_list):
            assert sum(row.own for row in counts) == wins.own
            assert sum(row.team for row in counts) == wins.team
        assert [change.wins for change in wins.changes] == sorted(
            (change.wins for change in wins.changes), reverse=True
        )
        assert sum(change.wins for change in wins.changes) <= wins.own
        rows = [r for r in found.practices if r.window == wins.window]
        row = next(r for r in rows if r.practice_id == wins.practice_id)
        assert wins.own == round(row.free_wins * row.n_contacts)


def test_csv_file_and_table(
    borough: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ("--store", str(borough), "--practice", "EX001")
    out = tmp_path / "ceiling.csv"
    code, _, err = ask(capsys, *place, "--by", "list", "--output", str(out))
    assert code == 0
    assert "Wrote" in err
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert {row["list"] for row in rows} and {row["practice_id"] for row in rows} == {"EX001"}
    code, text, _ = ask(capsys, *place)
    assert code == 0
    assert "allowed" in text
    assert "before booking elsewhere." in text
    assert "not a target" in text
    wins = rows_of(capsys, *place, "--free-wins")
    assert {row["by"] for row in wins} == {"weekday", "hour", "slot_type", "list", "booking_change"}


def test_the_report_has_the_ceilings_of_its_year(borough: Path) -> None:
    with hamlets.open_store(borough) as store:
        plain = summarise(store, "EX001")
        report = with_ceiling(plain, store, "EX001")
        first, last = plain.period.first, plain.period.last
        found = attainable_ceiling(store, "EX001", date_from=first, date_to=last)
        strict = with_ceiling(plain, store, "EX001", window="strict", planned=True)
        measured = measure(
            store, measures="slicc", by="practice,month", date_from=first, date_to=last
        )
        by_month = add_ceiling(measured, store).to_pylist()
    own = report.main.estimate
    assert own.ceiling == found.practices[0].attainable_own
    assert replace(own, ceiling=None) == plain.main.estimate
    team = next(h.estimate for h in report.headlines if h.estimate.level == "team")
    assert team.ceiling == found.practices[0].attainable_own_or_team
    assert all(
        h.estimate.ceiling is None for h in report.headlines if h.estimate.measure != "slicc"
    )
    lists = {row.group: row.attainable_own for row in found.lists}
    assert {row.staff_id: row.estimate.ceiling for row in report.lists} == lists
    months = {row["month"]: row["ceiling"] for row in by_month if row["practice"] == "EX001"}
    shown = {f"{m.start:%Y-%m}": m.estimate.ceiling for m in report.trend.months}
    assert shown == {month: months[month] for month in shown}
    assert report.rota_allows == RotaAllows("policy", 10)
    assert strict.rota_allows == RotaAllows("strict", 10, planned=True)
    assert strict.main.estimate.ceiling is not None and own.ceiling is not None
    assert strict.main.estimate.ceiling < own.ceiling


def test_measure_and_report_on_request(
    borough: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("measure", "--store", str(borough), "--measures", "slicc,upc", "--format", "json")

    def measured(*more: str) -> list[Row]:
        assert run(app, [*words, *more]) == 0
        return json.loads(capsys.readouterr().out)

    assert "ceiling" not in measured()[0]
    slicc, upc = sorted(measured("--ceiling", "week"), key=lambda row: row["measure"])
    assert slicc["value"] < slicc["ceiling"] < 1
    assert upc["ceiling"] is None
    assert run(app, [*words, "--ceiling", "week", "--by", "sex"]) == 0
    shown = capsys.readouterr()
    assert all(row["ceiling"] is None for row in json.loads(shown.out))
    assert "There is no ceiling by sex" in shown.err
    assert run(app, [*words, "--ceiling", "week", "--roles", "any"]) == 0
    assert "not with other roles" in capsys.readouterr().err
    assert run(app, [*words, "--ceiling", "week", "--publish"]) == 2
    assert run(app, ["measure", "--store", str(borough), "--ceiling", "policy"]) == 0
    assert "ceiling: the most that the rota allowed" in " ".join(capsys.readouterr().out.split())
    out = tmp_path / "report.html"
    place = ["report", "--store", str(borough), "--practice", "EX001", "--output", str(out)]
    assert run(app, place) == 0
    assert "rota allows" in out.read_text()
    assert run(app, [*place, "--no-ceiling"]) == 0
    assert "rota allows" not in out.read_text()


def test_words_that_are_not_known(borough: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = ask(capsys, "--store", str(borough), "--window", "month")
    assert code == 2
    assert "strict" in err
    code, _, err = ask(capsys, "--store", str(borough), "--practice", "EX999")
    assert code == 8
    assert "EX999" in err


# --- by hand --------------------------------------------------------------------------------

MONDAY = datetime(2025, 6, 2, 9)


def contact(patient: str, staff: str, start: datetime, **more: Any) -> Row:
    return {
        "patient_id": patient, "staff_id": staff, "practice_id": "G99001", "start_time": start,
        "appointment_id": f"{patient}-{start:%d%H%M}-{staff}", "status": "attended",
        "duration_minutes": 10, **more,
    }  # fmt: skip


def world(contacts: list[Row], **tables: list[Row]) -> dict[str, list[Row]]:
    """Return patients a1, a2 of Dr A, b1 of Dr B and whoever else has contacts."""
    patients = sorted({row["patient_id"] for row in contacts})
    named = {"a": "A", "b": "B"}
    return {
        "appointments": contacts,
        "patients": [
            {"patient_id": p, "practice_id": "G99001", "named_staff_id": named.get(p[0])}
            for p in patients
        ],
        "staff": [
            {"staff_id": "A", "practice_id": "G99001", "role": "gp_partner"},
            {"staff_id": "B", "practice_id": "G99001", "role": "gp_salaried"},
            {"staff_id": "L", "practice_id": "G99001", "role": "gp_locum"},
        ],
        **tables,
    }


def one(path: Path, window: str) -> Any:
    with hamlets.open_store(path) as store:
        (row,) = attainable_ceiling(store, window=window).practices
    return row


def slot(staff: str, start: datetime, **more: Any) -> Row:
    return {
        "slot_id": f"{staff}{start:%d%H%M}", "staff_id": staff, "practice_id": "G99001",
        "start_time": start, "end_time": start + timedelta(minutes=10), "status": "free", **more,
    }  # fmt: skip


def test_a_swap_and_a_locum_by_hand(make_store: MakeStore) -> None:
    """Dr A's patient saw Dr B and the other way round; a third was with the locum."""
    later = MONDAY + timedelta(minutes=10)
    contacts = [
        contact("a1", "B", MONDAY),
        contact("b1", "A", MONDAY),
        contact("a2", "L", later),
    ]
    row = one(make_store(world(contacts)), "strict")
    assert row.rota == NO_SLOTS
    assert (row.recorded_own, row.free_wins, row.away) == (0, 0, 0)
    assert row.attainable_own == pytest.approx(2 / 3)
    spare = slot("A", later + timedelta(hours=1), slot_type="GP routine")
    row = one(make_store(world(contacts, slots=[spare])), "strict")
    assert row.rota == "inferred"
    assert row.attainable_own == 1
    assert row.free_wins == pytest.approx(1 / 3)


def test_other_lists_and_teams_by_hand(make_store: MakeStore) -> None:
    """The same swap and locum, had the lists been others."""
    later = MONDAY + timedelta(minutes=10)
    contacts = [
        contact("a1", "B", MONDAY),
        contact("b1", "A", MONDAY),
        contact("a2", "L", later),
    ]
    path = make_store(world(contacts))
    with hamlets.open_store(path) as store:
        reference = build_reference(store)
        gp = {name: reference.person_labels.index(name) for name in "ABL"}
        book = CeilingOf(store, "G99001", "strict")
        (now,) = attainable_ceiling(store, "G99001", "strict").practices
        place = store.labels("practice").index("G99001")
        seen = store.read_group("appointments", place, ["patient", "appointment_id"]).to_pylist()
        patient = {row["appointment_id"].split("-")[0]: row["patient"] for row in seen}

        def lists(**named: str) -> dict[int, int]:
            return {patient[name]: gp[who] for name, who in named.items()}

        present = book.under(lists(a1="A", a2="A", b1="B"), {})
        assert present == (now.attainable_own, now.attainable_own) == (2 / 3, 2 / 3)
        assert book.under(lists(a1="B", a2="A", b1="A"), {}) == (2 / 3, 2 / 3)
        assert book.under(lists(a1="B", b1="A"), {}) == (1, 1)  # a2 is in neither
        assert book.under(lists(a2="A"), {gp["A"]: 0, gp["B"]: 0}) == (1, 1)
        both = {gp["A"]: 0, gp["B"]: 0}
        assert book.under(lists(a1="A", a2="A", b1="A"), both) == (1 / 3, 2 / 3)
        assert book.under({}, both) == (None, None)
        assert book.low


def test_expected_gain_by_hand(make_store: MakeStore, capsys: pytest.CaptureFixture[str]) -> None:
    """Dr A has one free slot, which either of two patients could have had."""
    long_ago = MONDAY - timedelta(days=362)
    contacts = [
        contact("a1", "B", MONDAY, booked_time=MONDAY),
        contact("a2", "B", MONDAY, booked_time=MONDAY),
        contact("b1", "A", long_ago, booked_time=long_ago),
        contact("b2", "B", MONDAY, booked_time=MONDAY),
    ]
    tables = world(contacts, slots=[slot("A", MONDAY + timedelta(hours=1))])
    tables["patients"] = [
        {**row, "housebound": row["patient_id"] == "a1"} for row in tables["patients"]
    ]
    path = make_store(tables)
    words = ["cohorts", "--store", str(path), "--format", "json"]

    def gains(*more: str) -> dict[str, tuple[float | None, int | None]]:
        assert run(app, [*words, *more]) == 0
        rows = json.loads(capsys.readouterr().out)
        return {r["cohort"]: (r["expected_gain_per_100"], r["slots_displaced"]) for r in rows}

    assert set(gains().values()) == {(None, None)}
    found = gains("--gain")
    assert found["housebound"] == (100, 1)
    assert found["everyone"] == (25, 1)
    assert found["new_cancer"] == (None, None)
    for row in tables["appointments"]:
        del row["booked_time"]
    with hamlets.open_store(make_store(tables)) as store:
        rows = with_expected_gains(cohort_table(store), store).rows
    assert next(r for r in rows if r.cohort == "everyone").reason == NO_BOOKING


@pytest.mark.parametrize(
    "change",
    [
        {"status": "blocked"},
        {"slot_type": "Home visit"},
        {"slot_type": "Admin"},
        {"end_time": MONDAY + timedelta(minutes=25)},
        {"staff_id": "L"},
        {"practice_id": "G99002"},
        {"start_time": MONDAY + timedelta(days=8), "end_time": MONDAY + timedelta(days=8, hours=1)},
    ],
    ids=["blocked", "visit", "admin", "short", "locum", "elsewhere", "too late"],
)
def test_slots_that_do_not_suit(make_store: MakeStore, change: Row) -> None:
    contacts = [
        contact("a1", "B", MONDAY, mode="face_to_face"),
        contact("b1", "B", MONDAY + timedelta(days=30), mode="face_to_face"),
    ]
    spare = slot("A", MONDAY + timedelta(minutes=20))
    assert one(make_store(world(contacts, slots=[spare])), "week").attainable_own == 1
    found = one(make_store(world(contacts, slots=[{**spare, **change}])), "week")
    assert found.attainable_own == 0.5


def test_the_policy_window_counts_working_days_from_the_request(make_store: MakeStore) -> None:
    """Asked on a Monday: ten working days on is the Monday after next."""
    asked = MONDAY - timedelta(days=1)  # a Sunday
    seen = contact("a1", "B", MONDAY + timedelta(days=25), booked_time=asked)
    other = contact("b1", "B", MONDAY - timedelta(days=3), booked_time=asked - timedelta(days=9))
    for days, urgent, own in ((11, False, 1), (14, False, 0.5), (0, True, 0.5), (-1, True, 1)):
        row = {**seen, "urgency": "same_day" if urgent else "routine"}
        spare = slot("A", MONDAY + timedelta(days=days, hours=2))
        found = one(make_store(world([row, other], slots=[spare])), "policy")
        assert found.attainable_own == own, (days, urgent)


def test_without_days_of_booking_there_is_no_policy_window(make_store: MakeStore) -> None:
    path = make_store(world([contact("a1", "B", MONDAY), contact("b1", "B", MONDAY)]))
    with hamlets.open_store(path) as store:
        found = attainable_ceiling(store, window="all")
    assert {row.window for row in found.practices} == {"strict", "week"}
    assert any("day of booking of 2 contacts" in note for note in found.notes)


def test_nobody_has_a_named_gp(make_store: MakeStore, capsys: pytest.CaptureFixture[str]) -> None:
    path = make_store(world([contact("x1", "A", MONDAY)]))
    code, _, err = ask(capsys, "--store", str(path))
    assert code == 6
    assert "named GP" in err


def test_a_session_without_contacts_is_not_away(make_store: MakeStore) -> None:
    """The rota says that Dr A was in, so A was full; without a rota A seems away."""
    contacts = [contact("a1", "B", MONDAY), contact("b1", "B", MONDAY + timedelta(days=1))]
    path = make_store(world(contacts))
    assert one(path, "strict").away == 0.5
    sessions = [
        {"staff_id": s, "practice_id": "G99001", "start_time": MONDAY + timedelta(days=d),
         "end_time": MONDAY + timedelta(days=d, hours=3)}
        for s, d in (("A", 0), ("B", 0), ("B", 1))
    ]  # fmt: skip
    row = one(make_store(world(contacts, sessions=sessions)), "strict")
    assert (row.away, row.full) == (0, 0.5)
