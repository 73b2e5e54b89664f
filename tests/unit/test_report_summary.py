"""From a store to a report's results: periods, scope, the sum, and what is missing."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import hamlets
from hamlets.continuity.periods import full_months
from hamlets.continuity.results import ContinuityReport, Period
from hamlets.continuity.summary import summarise
from hamlets.errors import NothingToMeasureError, UnknownPlaceError
from hamlets.publish.report import render
from tests.conftest import MakeStore
from tests.inside import hamlets as run
from tests.inside import refused

PRACTICE, OTHER, HUB = "G99001", "G99002", "U99001"
FIRST, LAST = date(2022, 5, 7), date(2024, 6, 12)
TODAY = date(2024, 6, 20)
World = dict[str, list[dict[str, Any]]]


def contacts(patient: str, staff: list[str | None], practice: str, every: int = 30) -> list[Any]:
    """Return one contact every so many days, the staff in turn."""
    rows: list[dict[str, Any]] = []
    day, turn = FIRST, 0
    while day <= LAST:
        rows.append(
            {
                "patient_id": patient,
                "staff_id": staff[turn % len(staff)],
                "practice_id": practice,
                "start_time": datetime(day.year, day.month, day.day, 9, turn % 60),
                "appointment_id": f"{patient}-{turn}",
                "status": "attended" if turn % 7 else "did_not_attend",
                "mode": "group" if turn % 11 == 5 else "telephone",
            }
        )
        day += timedelta(days=every)
        turn += 1
    return rows


def world(practices: tuple[str, ...] = (PRACTICE,)) -> World:
    """Return GPs Example-Ash, -Birch and -Cedar, a nurse, and patients of two lists."""
    made: World = {"appointments": [], "patients": [], "staff": [], "practices": []}
    for practice in practices:
        ash, birch, cedar, nurse = (f"{practice}-{n}" for n in ("ash", "birch", "cedar", "nurse"))
        made["practices"].append({"practice_id": practice, "name": f"Example {practice}"})
        for staff, name, role in (
            (ash, "Dr Example-Ash", "gp_partner"),
            (birch, "Dr Example-Birch", "gp_salaried"),
            (cedar, "Dr Example-Cedar", "gp_locum"),
            (nurse, "Nurse Example", "nurse"),
        ):
            row = {"staff_id": staff, "practice_id": practice, "name": name, "role": role}
            sessions = 6 if staff == ash else None
            made["staff"].append({**row, "sessions_per_week": sessions, "start_date": None})
        for number in range(24):
            patient = f"{practice}-p{number}"
            own = ash if number % 3 else birch
            seen: list[str | None] = [own, own, cedar, birch, nurse, None]
            made["appointments"] += contacts(patient, seen, practice, every=20 + number % 9)
            made["patients"].append(
                {
                    "patient_id": patient,
                    "practice_id": practice,
                    "named_staff_id": own if number else None,
                    "birth_year": 1943 + number,
                    "sex": "F" if number % 2 else "M",
                    "language": ("English", "Bengali", None)[number % 3],
                }
            )
    return made


def report_of(path: Path, practice: str | None = None, **options: Any) -> ContinuityReport:
    with hamlets.open_store(path) as store:
        return summarise(store, practice, made=TODAY, **options)


@pytest.fixture(scope="module")
def one(make_store: MakeStore) -> ContinuityReport:
    return report_of(make_store(world()))


def counted(made: World, first: date, last: date) -> list[dict[str, Any]]:
    """Return the contacts that count, by the rules written out again."""
    gps = {row["staff_id"] for row in made["staff"] if row["role"].startswith("gp")}
    return [
        row
        for row in made["appointments"]
        if first <= row["start_time"].date() <= last
        and row["status"] == "attended"
        and row["mode"] != "group"
        and row["staff_id"] in gps
    ]


def test_the_year_is_the_last_twelve_full_months(one: ContinuityReport) -> None:
    assert (one.period.first, one.period.last) == (date(2023, 6, 1), date(2024, 5, 31))
    assert one.full_months == 12
    assert [month.start for month in one.trend.months][::23] == [date(2022, 6, 1), date(2024, 5, 1)]
    assert one.headlines[2].period.first == date(2022, 6, 1)


def test_chosen_days_stand_in_for_the_year(make_store: MakeStore) -> None:
    made = world()
    days = Period(date(2023, 9, 1), date(2024, 2, 29))
    report = report_of(make_store(made), period=days)
    rows = counted(made, days.first, days.last)
    named = {row["patient_id"]: row["named_staff_id"] for row in made["patients"]}
    listed = [row for row in rows if named[row["patient_id"]]]
    own = sum(row["staff_id"] == named[row["patient_id"]] for row in listed)
    assert (report.period, report.full_months) == (days, 0)
    assert report.main.estimate.value == pytest.approx(own / len(listed))
    # the window of patients ends with the days, and so does the trend
    assert report.headlines[2].period == Period(FIRST, days.last)
    assert report.trend.months[-1].start == date(2024, 2, 1)
    # before six whole months stand six whole months
    earlier = report.main.earlier
    assert earlier is not None
    before = counted(made, date(2023, 3, 1), date(2023, 8, 31))
    assert earlier.n_contacts == sum(named[row["patient_id"]] is not None for row in before)


def test_chosen_days_reach_as_far_as_the_records(make_store: MakeStore) -> None:
    path = make_store(world())
    report = report_of(path, period=Period(date(2020, 1, 1), date(2030, 1, 1)))
    assert report.period.first == FIRST and report.period.last <= LAST
    assert report.main.earlier is None
    with pytest.raises(NothingToMeasureError) as caught:
        report_of(path, period=Period(date(2030, 1, 1), date(2030, 2, 1)))
    assert "Choose days from" in (caught.value.hint or "")


def test_a_month_is_full_where_only_days_off_are_missing() -> None:
    # 31 May 2031 is a Saturday; 1 June 2030 is a Saturday too.
    assert full_months(date(2030, 6, 3), date(2031, 5, 30))[::11] == [2030 * 12 + 5, 2031 * 12 + 4]
    assert full_months(date(2030, 6, 4), date(2031, 5, 29)) == list(range(24366, 24376))


def test_the_own_gp_share_and_the_waterfall_agree_with_a_count_by_hand(
    one: ContinuityReport,
) -> None:
    made = world()
    rows = counted(made, one.period.first, one.period.last)
    named = {row["patient_id"]: row["named_staff_id"] for row in made["patients"]}
    listed = [row for row in rows if named[row["patient_id"]]]
    own = sum(row["staff_id"] == named[row["patient_id"]] for row in listed)
    assert one.main.estimate.n_contacts == len(listed)
    assert one.main.estimate.value == pytest.approx(own / len(listed))
    assert one.counting.counted == len(rows)
    assert one.counting.no_named_gp == len(rows) - len(listed)
    assert one.waterfall is not None
    locum = sum(row["staff_id"].endswith("cedar") for row in listed)
    assert one.waterfall.counts == (own, 0, 0, len(listed) - own - locum, locum, 0)
    assert sum(sum(counts) for _, counts in one.waterfall.months) == len(listed)


def test_the_sum_starts_at_the_rows_read_and_adds_up(one: ContinuityReport) -> None:
    made = world()
    assert one.counting.from_load and one.counting.adds_up
    assert one.counting.start == len(made["appointments"])
    inside = [
        row
        for row in made["appointments"]
        if one.period.first <= row["start_time"].date() <= one.period.last
    ]
    taken = {line.reason: line.rows for line in one.counting.lines}
    assert taken["outside"] == len(made["appointments"]) - len(inside)
    assert taken["status"] == sum(row["status"] != "attended" for row in inside)


def test_lists_have_days_worked_patients_and_sessions(one: ContinuityReport) -> None:
    made = world()
    ash = one.lists[0]
    assert [row.name for row in one.lists] == ["Dr Example-Ash", "Dr Example-Birch"]
    assert ash.patients == 16 and ash.sessions_per_week == 6
    assert one.lists[1].sessions_per_week is None
    days = {
        row["start_time"].date()
        for row in made["appointments"]
        if row["staff_id"] == ash.staff_id
        and row["status"] == "attended"
        and one.period.first <= row["start_time"].date() <= one.period.last
    }
    assert ash.days_worked == len(days)
    assert ash.own_patients is not None and one.headlines[3].n_staff == 2


def test_groups_stand_in_their_natural_order(one: ContinuityReport) -> None:
    labels = {factor.factor: [row.label for row in factor.rows] for factor in one.groups}
    assert labels["age_band"] == ["45-64", "65-74", "75-84"]
    assert labels["language"] == ["Bengali", "English", "unknown"]
    assert labels["sex"] == ["F", "M"]


def test_a_change_is_the_last_full_month_against_the_one_before(one: ContinuityReport) -> None:
    change = one.headlines[0].change
    assert change is not None
    assert (change.before, change.after) == (date(2024, 4, 1), date(2024, 5, 1))
    before, after = (month.estimate.value for month in one.trend.months[-2:])
    assert before is not None and after is not None
    assert change.difference == pytest.approx(after - before)
    assert change.lower < change.difference < change.upper


def test_the_page_is_made_of_it(one: ContinuityReport) -> None:
    html = render(one)
    assert "Continuity of care at Example G99001" in html
    assert "Only 24 patients. Read every figure here with care." in html
    assert "not explained" not in html


def test_without_named_gps_the_report_says_what_it_can(make_store: MakeStore) -> None:
    bare: World = {
        "appointments": [
            {k: row[k] for k in ("patient_id", "staff_id", "practice_id", "start_time")}
            for row in world()["appointments"]
        ]
    }
    report = report_of(make_store(bare))
    assert [h.estimate.measure for h in report.headlines] == ["upc", "secon", "k", "clinicians"]
    given = report.given
    assert not any((given.named_gps, given.teams, given.roles, given.statuses))
    assert report.waterfall is None and report.lists == ()
    assert report.trend.months[0].estimate.measure == "same_as_previous"
    assert report.counting.adds_up
    assert all(headline.estimate.value is not None for headline in report.headlines)
    assert "we show the GP each patient sees most" in render(report)


def test_one_practice_of_two_counts_its_own_patients_only(
    make_store: MakeStore, one: ContinuityReport
) -> None:
    path = make_store(world((PRACTICE, OTHER)))
    report = report_of(path, PRACTICE)
    assert report.main.estimate == one.main.estimate
    assert report.place.practices == 1 and report.place.name == "Example G99001"
    assert [row.name for row in report.lists] == [row.name for row in one.lists]
    assert report.counting.counted == one.counting.counted
    # The files' rows are of both practices, so the sum starts at the rows held of this one.
    assert not report.counting.from_load and report.counting.adds_up
    both = report_of(path)
    assert both.place.practices == 2 and both.lists == ()
    assert both.counting.counted == 2 * one.counting.counted


def test_an_unknown_practice_is_an_error(make_store: MakeStore) -> None:
    with pytest.raises(UnknownPlaceError):
        report_of(make_store(world()), "G00000")


def test_a_store_without_a_contact_is_an_error(make_store: MakeStore) -> None:
    missed = [{**row, "status": "cancelled"} for row in world()["appointments"][:9]]
    with pytest.raises(NothingToMeasureError):
        report_of(make_store({"appointments": missed}))


def test_fewer_than_twelve_full_months_show_all_days(make_store: MakeStore) -> None:
    short = [row for row in world()["appointments"] if row["start_time"] > datetime(2024, 1, 15)]
    report = report_of(make_store({**world(), "appointments": short}))
    assert report.full_months == 0
    assert report.period.first == min(row["start_time"] for row in short).date()
    assert report.trend.signal == "too_few"
    assert report.counting.adds_up
    assert "Headline numbers use the days from" in render(report)


def test_options_reach_the_measures(make_store: MakeStore) -> None:
    nurse = report_of(make_store(world()), roles="nurse", min_contacts=3)
    assert nurse.options.roles == "nurse" and nurse.options.min_contacts == 3
    assert nurse.counting.adds_up
    made = world()
    seen = [
        row
        for row in made["appointments"]
        if (row["staff_id"] or "").endswith("nurse")
        and row["status"] == "attended"
        and row["mode"] != "group"
        and nurse.period.first <= row["start_time"].date() <= nurse.period.last
    ]
    assert nurse.counting.counted == len(seen)


def with_hub() -> World:
    """Two practices, and a hub that keeps the contacts of a patient who left."""
    made = world((PRACTICE, OTHER))
    made["registrations"] = [
        {"patient_id": row["patient_id"], "practice_id": row["practice_id"], "from_date": FIRST}
        for row in made["patients"]
    ]
    gone = {**made["registrations"][0], "patient_id": "gone", "to_date": date(2022, 6, 1)}
    made["registrations"].append(gone)
    ash = {"staff_id": "hub-ash", "practice_id": HUB, "name": "Dr Example-Ash", "role": "gp"}
    ash |= {"sessions_per_week": 1, "start_date": None, "person_id": f"{PRACTICE}-ash"}
    made["staff"] = [{**row, "person_id": row["staff_id"]} for row in made["staff"]] + [ash]
    made["appointments"] += contacts("gone", ["hub-ash"], HUB, every=9)
    made["appointments"] += contacts(f"{PRACTICE}-p1", ["hub-ash"], HUB, every=11)
    return made


def test_a_hub_is_no_practice(make_store: MakeStore) -> None:
    path = make_store(with_hub())
    both = report_of(path)
    assert both.place.practices == 2
    assert "Continuity of care in 2 practices" in render(both)
    with pytest.raises(NothingToMeasureError, match="No patients are registered with 'U99001'"):
        report_of(path, HUB)


def test_days_and_sessions_at_a_hub_are_none_of_the_list(make_store: MakeStore) -> None:
    report = report_of(make_store(with_hub()), PRACTICE)
    ash = next(row for row in report.lists if row.name == "Dr Example-Ash")
    assert report.workforce is not None
    person = next(p for p in report.workforce.people if p.name == "Dr Example-Ash")
    assert (ash.sessions_per_week, person.sessions_per_week) == (6, 6)
    assert ash.days_worked == person.days_worked


def test_teams_and_buddies_are_those_of_the_practice(make_store: MakeStore) -> None:
    made = world((PRACTICE, OTHER))
    made["teams"] = [{"team_id": "T", "practice_id": OTHER, "name": "Team Example"}]
    made["team_members"] = [{"team_id": "T", "staff_id": f"{OTHER}-ash"}]
    made["buddies"] = [{"staff_id": f"{OTHER}-ash", "buddy_staff_id": f"{OTHER}-birch"}]
    path = make_store(made)
    mine, theirs = report_of(path, PRACTICE), report_of(path, OTHER)
    assert (mine.given.teams, mine.given.buddies) == (False, False)
    assert (theirs.given.teams, theirs.given.buddies) == (True, True)
    assert {h.estimate.level for h in mine.headlines} == {"clinician"}
    assert "Seen by own team" not in render(mine)
    assert "Seen by own team" in render(theirs)


def with_cancers() -> World:
    """A cancer for some patients, and a cough that all of them had a month before."""
    made = world()
    patients = [f"{PRACTICE}-p{n}" for n in range(12)]
    day = date(2024, 3, 1)
    made["events"] = [
        {"patient_id": p, "event_type": "cancer_diagnosis", "event_date": day} for p in patients
    ]
    seen = date(2024, 1, 31)
    made["observations"] = [{"patient_id": p, "code": "COUGH", "date": seen} for p in patients]
    return made


def test_symptoms_reach_the_audits(make_store: MakeStore, tmp_path: Path) -> None:
    path = make_store(with_cancers())
    plain, coded = report_of(path), report_of(path, symptoms=("COUGH",))
    assert "No symptom codes were given" in render(plain)
    found = {audit.event: audit.group("cases").mean("symptom_days") for audit in coded.audits}
    assert found["cancer_diagnosis"].value == 30
    page = render(coded)
    assert "Days from first symptom to the event" in page and "No symptom codes" not in page
    assert "None of the symptom codes" in render(report_of(path, symptoms=("OTHER",)))
    codes = tmp_path / "codes.csv"
    codes.write_text("code\nCOUGH\n")
    out = tmp_path / "r.html"
    assert run("report", "--store", path, "--symptoms", codes, "--output", out).code == 0
    assert "Days from first symptom to the event" in out.read_text()
    missing = tmp_path / "none.csv"
    refused(3, "report", "--store", path, "--symptoms", missing, "--output", tmp_path / "x.html")


def test_the_own_gp_at_a_hub_is_told_apart_from_the_own_gp_here(make_store: MakeStore) -> None:
    made = with_hub()
    report = report_of(make_store(made), PRACTICE)
    own_at_hub = [
        row
        for row in made["appointments"]
        if row["patient_id"] == f"{PRACTICE}-p1"
        and row["practice_id"] == HUB
        and row["status"] == "attended"
        and row["mode"] != "group"
        and report.period.first <= row["start_time"].date() <= report.period.last
    ]
    # p1's named GP is Ash, who also works at the hub
    assert len(own_at_hub) > 9
    page = render(report)
    assert f"{len(own_at_hub)} more contacts were with the own GP, at the hub" in page
    assert re.search(r"Of 100 GP contacts, \d+ were with the own GP here", page)
    assert "with the own GP here" not in render(report_of(make_store(world())))
