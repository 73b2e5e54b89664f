"""The workforce of small practices worked out by hand, and with something missing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import hamlets
from hamlets.cli.staff_tables import notes
from hamlets.continuity import workforce
from hamlets.continuity.results import Workforce
from hamlets.continuity.summary import summarise
from hamlets.errors import NothingToMeasureError, UnknownPlaceError, UsageError
from hamlets.publish.report import render
from tests.inside import hamlets as run
from tests.inside import refused
from tests.oracles.stores import build_store

PLACE = "G99001"
MONDAY = date(2025, 1, 6)
WEEKS = 16
PERIOD: dict[str, Any] = {"date_from": MONDAY, "date_to": MONDAY + timedelta(days=7 * WEEKS - 1)}
LAST = PERIOD["date_to"]

Row = dict[str, Any]


def at(week: int, weekday: int, hour: float) -> datetime:
    return datetime.combine(MONDAY, datetime.min.time()) + timedelta(
        days=7 * week + weekday, hours=hour
    )


def contact(number: int, staff: str, when: datetime, patient: str = "p1") -> Row:
    return {
        "patient_id": patient,
        "staff_id": staff,
        "practice_id": PLACE,
        "start_time": when,
        "appointment_id": f"{number:04d}",
        "status": "attended",
    }


def member(staff: str, role: str = "gp_salaried", **more: Any) -> Row:
    return {
        "staff_id": staff,
        "practice_id": PLACE,
        "role": role,
        "name": f"Dr Example-{staff}",
        "contract": None,
        "sessions_per_week": None,
        "end_date": None,
        "person_id": None,
        **more,
    }


def session(staff: str, when: datetime, hours: float = 4) -> Row:
    return {
        "staff_id": staff,
        "practice_id": PLACE,
        "start_time": when,
        "end_time": when + timedelta(hours=hours),
    }


def patients(*named: str | None) -> list[Row]:
    return [
        {"patient_id": f"p{i + 1}", "practice_id": PLACE, "named_staff_id": staff}
        for i, staff in enumerate(named)
    ]


def world(**tables: list[Row]) -> dict[str, list[Row]]:
    """Two GPs: Ash on Monday mornings, Birch on Tuesday afternoons; one contact in each."""
    contacts = [
        row
        for week in range(WEEKS)
        for row in (
            contact(2 * week, "Ash", at(week, 0, 9)),
            contact(2 * week + 1, "Birch", at(week, 1, 14)),
        )
    ]
    base = {
        "appointments": contacts,
        "staff": [member("Ash", "gp_partner"), member("Birch")],
        "patients": patients("Ash", "Birch", None),
        "practices": [{"practice_id": PLACE, "name": "Practice A"}],
    }
    return base | tables


def ask(tmp_path: Path, tables: dict[str, list[Row]], **options: Any) -> Workforce:
    with hamlets.open_store(build_store(tmp_path, tables)) as store:
        (found,) = workforce(store, **{**PERIOD, **options})
    return found


def test_sessions_contracts_and_equivalents(tmp_path: Path) -> None:
    staff = [
        member("Ash", "gp_partner", sessions_per_week=8),
        member("Birch", contract="retainer", sessions_per_week=4.5),
        member("Cedar", "gp_locum", sessions_per_week=2),
        member("Dune", "nurse", sessions_per_week=9),
        member("Elm", sessions_per_week=6, end_date=LAST),  # gone on the last day
    ]
    unit = ask(tmp_path, world(staff=staff)).practice
    assert (unit.headcount, unit.headcount_gps) == (4, 3)
    assert (unit.sessions_per_week, unit.sessions_per_week_gps) == (23.5, 14.5)
    assert unit.full_time_equivalent_gps == pytest.approx(14.5 / 9)
    assert unit.contracts == (("partner", 1), ("locum", 1), ("retainer", 1))
    assert unit.share_sessional == pytest.approx(2 / 3)
    assert unit.share_below_6_sessions == pytest.approx(2 / 3)
    assert unit.patients_per_session == pytest.approx(3 / 14.5)
    assert unit.sessions_from_rota == 0


@pytest.mark.parametrize(("basis", "equivalent"), [(9, 2.0), (8, 2.25), (6, 3.0)])
def test_session_basis(basis: int, equivalent: float, tmp_path: Path) -> None:
    staff = [member(name, sessions_per_week=9) for name in ("Ash", "Birch")]
    unit = ask(tmp_path, world(staff=staff), session_basis=basis).practice
    assert unit.full_time_equivalent == pytest.approx(equivalent)


def test_another_basis_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="full-time week of 10"):
        ask(tmp_path, world(), session_basis=10)


def test_one_post_under_two_ids_counts_once(tmp_path: Path) -> None:
    staff = [
        member("Ash", sessions_per_week=6, person_id="one"),
        member("Ash-role", sessions_per_week=6, person_id="one"),
        member("Ash-else", "other", sessions_per_week=1, person_id="one"),
        member("Birch", sessions_per_week=4),
    ]
    unit = ask(tmp_path, world(staff=staff)).practice
    assert (unit.headcount, unit.sessions_per_week) == (2, 11)


def test_overlap_is_of_all_contacts_and_needs_the_session_not_the_contact(tmp_path: Path) -> None:
    contacts = [
        contact(1, "Birch", at(1, 0, 9), "p1"),  # own GP Ash has a session
        contact(2, "Birch", at(1, 0, 13), "p1"),  # Ash's session ended at 12:30
        contact(3, "Ash", at(1, 0, 12.5), "p2"),  # own GP Birch is away
        contact(4, "Ash", at(2, 0, 9), "p3"),  # nobody is named
    ]
    sessions = [session("Ash", at(w, 0, 8.5)) for w in range(WEEKS)]
    sessions += [session("Birch", at(w, 6, 9)) for w in range(WEEKS)]
    found = ask(tmp_path, world(appointments=contacts, sessions=sessions))
    assert found.rota == "given"
    assert found.practice.overlap == pytest.approx(1 / 4)


def test_half_days_of_sessions(tmp_path: Path) -> None:
    sessions = [session("Ash", at(w, 0, 8.5), 4.6) for w in range(WEEKS)]  # to 13:06
    sessions += [session("Birch", at(w, 1, 8.5), 9.5) for w in range(WEEKS)]  # a long day
    sessions += [session("Birch", at(w, 2, 18), 0.75) for w in range(WEEKS)]  # short: its start
    sessions += [session("Birch", at(w, 3, 18.5), 1.5) for w in range(WEEKS)]
    found = ask(tmp_path, world(sessions=sessions))
    usual = {(c.weekday, c.half) for c in found.week[0].cells if c.usual}
    assert usual == {(0, "am"), (1, "am"), (1, "pm"), (2, "pm"), (3, "evening")}
    assert found.week[0].covered_weekdays == (True, True, True, True, False)
    assert found.practice.weekdays_covered == 4
    halves = {p.staff_id: (p.half_days_worked, p.days_worked) for p in found.people}
    # a contact of Birch on a Tuesday afternoon lies inside the long day
    assert halves == {"Ash": (16, 16), "Birch": (64, 48)}


def test_weeks_with_a_bank_holiday_are_left_out(tmp_path: Path) -> None:
    # 16 weeks from 6 January: Good Friday and Easter Monday take two
    found = ask(tmp_path, world())
    weeks = {cell.weeks for cell in found.week[0].cells}
    assert weeks == {13}
    short = ask(tmp_path / "short", world(), date_to=MONDAY + timedelta(days=33))
    assert {cell.weeks for cell in short.week[0].cells} == {4}


def test_a_day_covered_in_11_of_13_weeks_is_covered_and_10_is_not(tmp_path: Path) -> None:
    first = MONDAY + timedelta(days=7 * (WEEKS - 15))  # 13 weeks without the two of Easter
    for missing, covered in ((2, True), (3, False)):
        contacts = [contact(week, "Ash", at(week, 0, 9)) for week in range(1 + missing, WEEKS)]
        # the first day is a contact of another, so that the weeks are all there
        contacts.append(contact(99, "Birch", at(0, 3, 9)))
        found = ask(tmp_path / str(missing), world(appointments=contacts), date_from=first)
        assert found.week[0].cells[0].weeks == 13
        assert found.week[0].covered_weekdays[0] is covered


def test_usual_number_is_the_most_common_and_of_two_the_lower(tmp_path: Path) -> None:
    contacts: list[Row] = []
    for week in range(WEEKS):
        for staff in ("Ash", "Birch") if week % 3 else ("Ash",):
            contacts.append(contact(len(contacts), staff, at(week, 0, 9)))
    found = ask(tmp_path, world(appointments=contacts))
    assert found.week[0].cells[0].usual == 2


def test_load_of_days(tmp_path: Path) -> None:
    contacts: list[Row] = []
    for weekday, size in enumerate((26, 10, 2, 25)):
        for _ in range(size):
            contacts.append(contact(len(contacts), "Ash", at(1, weekday, 9)))
    load = ask(tmp_path, world(appointments=contacts)).practice.load
    assert load.clinician_days == 4
    assert load.median == 17.5
    assert load.centile_90 == 26
    assert load.share_over_25 == 0.25


def test_teams_people_and_leavers(tmp_path: Path) -> None:
    teams = [{"team_id": "t1", "practice_id": PLACE, "name": "Blue"}]
    members = [
        {"team_id": "t1", "staff_id": "Ash", "from_date": None, "to_date": None, "lead": True},
        {"team_id": "t1", "staff_id": "Birch", "from_date": None, "to_date": LAST, "lead": None},
    ]
    staff = [member("Ash", "gp_partner"), member("Birch", end_date=LAST)]
    found = ask(tmp_path, world(staff=staff, teams=teams, team_members=members))
    (team,) = found.teams
    assert (team.name, team.headcount, team.patients) == ("Blue", 1, 1)
    assert [row.label for row in found.week] == ["", "Blue"]
    # Birch's sessions before leaving still cover Tuesdays
    assert found.week[1].covered_weekdays == (True, True, False, False, False)
    people = [(p.name, p.left, p.patients, p.contacts) for p in found.people]
    assert people == [("Dr Example-Ash", False, 1, 16), ("Dr Example-Birch", True, None, 16)]


def test_teams_that_have_ended_have_no_row(tmp_path: Path) -> None:
    teams = [{"team_id": each, "practice_id": PLACE, "name": "Blue"} for each in ("t1", "t2")]
    members = [
        {"team_id": "t1", "staff_id": "Ash", "from_date": None, "to_date": LAST, "lead": True},
        {"team_id": "t2", "staff_id": "Ash", "from_date": LAST, "to_date": None, "lead": True},
    ]
    found = ask(tmp_path, world(teams=teams, team_members=members))
    assert [(team.team_id, team.headcount) for team in found.teams] == [("t2", 1)]
    assert [row.label for row in found.week] == ["", "Blue"]
    assert found.teams_ended == 1
    assert "Left out, because nobody is in them on the last day: 1 team." in notes((found,))


# What may be missing ----------------------------------------------------------


def test_no_rota(tmp_path: Path) -> None:
    found = ask(tmp_path, world())
    assert found.rota == "inferred"
    assert found.practice.sessions_per_week_gps == 2
    assert found.practice.sessions_from_rota == 2


def test_a_rota_of_the_last_weeks_only_is_no_rota(tmp_path: Path) -> None:
    sessions = [session("Ash", at(w, 0, 8.5)) for w in range(8, WEEKS)]
    assert ask(tmp_path, world(sessions=sessions)).rota == "inferred"


def test_no_staff_list(tmp_path: Path) -> None:
    tables = world(staff=[])
    found = ask(tmp_path, tables)
    assert not found.staff_given
    assert not found.roles_known
    assert (found.practice.headcount, found.practice.headcount_gps) == (2, 2)
    assert found.practice.contracts == (("unknown", 2),)
    assert found.practice.share_sessional is None
    assert "no GP's contract is known" in str(found.practice.reason)
    assert [p.name for p in found.people] == ["Ash", "Birch"]


def test_no_named_gps(tmp_path: Path) -> None:
    unit = ask(tmp_path, world(patients=patients(None, None))).practice
    assert unit.overlap is None
    assert unit.reason == "no overlap: no patient has a named GP"


def test_one_clinician(tmp_path: Path) -> None:
    contacts = [contact(week, "Ash", at(week, 0, 9)) for week in range(WEEKS)]
    staff = [member("Ash", "gp_partner")]
    found = ask(
        tmp_path, world(appointments=contacts, staff=staff, patients=patients("Ash", "Ash"))
    )
    assert found.practice.headcount == 1
    assert found.practice.overlap == 1
    assert len(found.people) == 1


def test_times_that_are_not_known_make_no_rota(tmp_path: Path) -> None:
    days = [{**row, "start_time": row["start_time"].date()} for row in world()["appointments"]]
    found = ask(tmp_path, world(appointments=days))
    assert found.practice.overlap is None
    assert found.practice.sessions_per_week is None
    assert "no GP contact has a time of day" in str(found.practice.reason)
    assert found.practice.load.clinician_days == 2 * WEEKS


def test_no_such_practice(tmp_path: Path) -> None:
    with pytest.raises(UnknownPlaceError):
        ask(tmp_path, world(), practice="G99009")


# The command ------------------------------------------------------------------


def test_command(tmp_path: Path) -> None:
    path = build_store(tmp_path, world(staff=[]))
    options = ["--from", str(MONDAY), "--to", str(LAST)]
    told = run("workforce", "--store", path, *options, "--format", "json")
    (row,) = told.json
    assert row["practice_id"] == PLACE
    assert row["team_id"] is None
    assert row["contracts"] == {
        "partner": 0, "salaried": 0, "locum": 0, "retainer": 0, "trainee": 0, "other": 0,
        "unknown": 2,
    }  # fmt: skip
    assert row["rota"] == "inferred"
    assert row["contacts_per_day_median"] == 1
    assert "No staff list was loaded. We know 2 clinicians by code only." in told.err
    assert "Worked out from appointments, not from a rota." in told.err
    table = run("workforce", "--store", path, *options).out
    assert "Practice A" in table
    assert "Mon am" in table
    people = run("workforce", "--store", path, *options, "--by", "person", "--format", "csv")
    assert [line.split(",")[1] for line in people.out.splitlines()[1:]] == ["Ash", "Birch"]


def test_people_of_several_practices_are_not_shown_together(tmp_path: Path) -> None:
    tables = world()
    other = {**contact(900, "Cedar", at(1, 1, 9), "p9"), "practice_id": "G99002"}
    tables["appointments"].append(other)
    tables["patients"].append({"patient_id": "p9", "practice_id": "G99002"})
    path = build_store(tmp_path, tables)
    told = refused(2, "workforce", "--store", path, "--by", "person")
    assert "one practice at a time" in told.err
    shown = run("workforce", "--store", path, "--by", "person", "--practice", PLACE)
    assert "Dr Example-Ash" in shown.out


@pytest.mark.parametrize(
    "days",
    [
        {"date_from": LAST + timedelta(days=1)},
        {"date_from": LAST + timedelta(days=400), "date_to": LAST + timedelta(days=500)},
        {"date_from": None, "date_to": LAST + timedelta(days=800)},
        {"date_from": None, "date_to": MONDAY - timedelta(days=1)},
    ],
)
def test_days_without_records_are_refused(days: dict[str, date | None], tmp_path: Path) -> None:
    with pytest.raises(NothingToMeasureError, match="The records are of 2025-01-06 to 2025-04-22"):
        ask(tmp_path, world(), **days)


def test_weekdays_need_thirteen_weeks(tmp_path: Path) -> None:
    found = ask(tmp_path, world(), date_from=LAST - timedelta(days=60))
    assert found.practice.weekdays_covered is None
    assert "weekdays need 13 whole weeks" in str(found.practice.reason)
    assert found.week[0].covered_weekdays == ()
    path = tmp_path / "store"
    day = (MONDAY + timedelta(days=4)).isoformat()
    told = run("workforce", "--store", path, "--from", day, "--to", day)
    assert "0 of 5" not in told.out and "none" not in told.out
    assert f"{PLACE}: " in told.out and "weekdays need 13 whole weeks" in told.out


def test_weeks_without_any_records_do_not_count(tmp_path: Path) -> None:
    # three more months, of which nothing is known
    found = ask(tmp_path, world(), date_to=LAST + timedelta(days=91))
    assert found.week[0].cells[0].weeks == 13
    assert found.practice.weekdays_covered == 2


def hub_world() -> dict[str, list[Row]]:
    """The practice, and a hub with contacts of a patient who has left."""
    made = world()
    at_hub = [contact(500 + w, "Elm", at(w, 2, 9), "p4") for w in range(WEEKS)]
    made["appointments"] += [row | {"practice_id": "U99001"} for row in at_hub]
    made["staff"] = [*made["staff"], member("Elm", "gp") | {"practice_id": "U99001"}]
    made["registrations"] = [
        {"patient_id": f"p{n}", "practice_id": PLACE, "from_date": date(2015, 1, 1)}
        for n in range(1, 5)
    ]
    made["registrations"][3]["to_date"] = date(2025, 2, 1)
    return made


def test_a_hub_says_why_it_has_no_patients(tmp_path: Path) -> None:
    path = build_store(tmp_path, hub_world())
    with hamlets.open_store(path) as store:
        (hub,) = workforce(store, "U99001", **PERIOD)
    unit = hub.practice
    assert (unit.patients, unit.patients_per_session, unit.overlap) == (0, None, None)
    assert str(unit.reason).startswith("no patients are registered here")


def test_people_have_the_staff_id_they_hold_here(tmp_path: Path) -> None:
    staff = [
        member("Ash", person_id="one"),
        member("Ash-else", person_id="one") | {"practice_id": "U99001"},
        member("Birch"),
    ]
    found = ask(tmp_path, world(staff=staff))
    named = {person.staff_id: person.person_id for person in found.people}
    assert named == {"Ash": "one", "Birch": "Birch"}


def test_lines_of_the_tables_stay_below_100_characters(tmp_path: Path) -> None:
    many = [contact(900 + i, "Ash", at(3, day, 19)) for i, day in enumerate(range(7))]
    path = build_store(tmp_path, world(appointments=[*world()["appointments"], *many]))
    for by in ("practice", "person"):
        tables = run("workforce", "--store", path, "--by", by).out.split("\nDays and contacts:")[0]
        assert max(len(line) for line in tables.splitlines()) <= 100
    assert "practice" in run("workforce", "--store", path).out.split()[0]


@pytest.mark.parametrize(
    ("weeks", "said"),
    [
        (0.5, "so there is no week to show"),
        (6, "Too few weeks (5) to say which weekdays are covered"),
        (WEEKS, "The practice has a GP on every day"),
    ],
)
def test_a_report_claims_no_covered_weekday_of_few_weeks(
    weeks: float, said: str, tmp_path: Path
) -> None:
    made = world()
    halves = [(w, d, h) for w in range(WEEKS) for d in range(5) for h in (9, 14)]
    every = [contact(i, "Ash", at(*slot)) for i, slot in enumerate(halves)]
    end = datetime.combine(MONDAY, datetime.min.time()) + timedelta(days=7 * weeks)
    made["appointments"] = [row for row in every if row["start_time"] < end]
    with hamlets.open_store(build_store(tmp_path, made)) as store:
        page = render(summarise(store))
    assert said in page
    assert ("The practice has a GP on every day" in page) is (weeks == WEEKS)


def test_a_patients_own_gp_is_here_in_so_many_half_days(tmp_path: Path) -> None:
    # Ash is in on 1 half-day of 10, Birch on 2; every contact falls when the own GP is in
    made = world(patients=patients("Ash", "Ash", "Birch", None))
    made["appointments"] = [
        *(contact(w, "Ash", at(w, 0, 9), "p1") for w in range(WEEKS)),
        *(contact(100 + w, "Birch", at(w, 1, 9), "p3") for w in range(WEEKS)),
        *(contact(200 + w, "Birch", at(w, 1, 14), "p3") for w in range(WEEKS)),
    ]
    found = ask(tmp_path, made)
    assert found.practice.own_gp_half_days == pytest.approx((0.1 + 0.1 + 0.2) / 3)
    assert found.practice.overlap == 1
    with hamlets.open_store(tmp_path / "store") as store:
        page = render(summarise(store))
    assert "A patient&#39;s own GP is here in 1 of 10 half-days." in page
    short = ask(tmp_path / "short", made, date_from=LAST - timedelta(days=60))
    assert short.practice.own_gp_half_days is None


def test_a_file_of_people_is_for_its_owner(tmp_path: Path) -> None:
    path = build_store(tmp_path, world())
    for by, mode in (("person", 0o600), ("practice", None)):
        for kind in ("csv", "json", "parquet"):
            file = tmp_path / f"{by}.{kind}"
            assert run("workforce", "--store", path, "--by", by, "--output", file).code == 0
            found = file.stat().st_mode & 0o777
            assert found == mode if mode else found != 0o600
