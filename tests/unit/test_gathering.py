"""Inputs of small practices worked out by hand, and with something missing or contradicted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hamlets
from hamlets.continuity.calendar import day_of
from hamlets.continuity.columns import NEVER
from hamlets.errors import NothingToMeasureError, UnknownPlaceError
from hamlets.teams.gathering import gather
from hamlets.teams.gathering.sessions import bookable_type
from hamlets.teams.gathering.staff import split_words
from hamlets.teams.gathering.work import expected_minutes, fit_cells, fit_prior
from hamlets.teams.inputs import PracticeInputs
from tests.oracles.stores import build_store

PLACE = "G99001"
MONDAY = date(2025, 1, 6)
WEEKS = 16
LAST = MONDAY + timedelta(days=7 * WEEKS - 3)  # a Friday
Row = dict[str, Any]
Tables = dict[str, list[Row]]


def at(week: int, weekday: int, hour: float) -> datetime:
    start = datetime.combine(MONDAY, datetime.min.time())
    return start + timedelta(days=7 * week + weekday, hours=hour)


def contact(staff: str, when: datetime, patient: str = "p1", **more: Any) -> Row:
    return {
        "patient_id": patient,
        "staff_id": staff,
        "practice_id": PLACE,
        "start_time": when,
        "appointment_id": f"{patient}-{staff}-{when.isoformat()}",
        "status": "attended",
        **more,
    }


def member(staff: str, role: str | None = "gp_salaried", **more: Any) -> Row:
    return {
        "staff_id": staff, "practice_id": PLACE, "role": role, "name": f"Dr Example-{staff}",
        "contract": None, "sessions_per_week": None, "start_date": None, "end_date": None,
        "person_id": None, **more,
    }  # fmt: skip


def session(staff: str, when: datetime, hours: float = 4, **more: Any) -> Row:
    end = when + timedelta(hours=hours)
    row = {"staff_id": staff, "practice_id": PLACE, "start_time": when, "end_time": end}
    return {**row, "session_type": None, **more}


def named(patient: str, staff: str, since: date = MONDAY, **more: Any) -> Row:
    row = {"patient_id": patient, "staff_id": staff, "from_date": since, "to_date": None}
    return {**row, "source": "clinical_system", **more}


def patient(number: int, **more: Any) -> Row:
    return {"patient_id": f"p{number}", "practice_id": PLACE, "household_id": None, **more}


def world(**tables: list[Row]) -> Tables:
    """Ash works Monday mornings, Birch Tuesday afternoons; each sees one patient each time."""
    base = {
        "appointments": [
            row
            for week in range(WEEKS)
            for row in (
                contact("Ash", at(week, 0, 9)),
                contact("Birch", at(week, 1, 14), "p2"),
            )
        ]
        + [contact("Ash", at(WEEKS - 1, 4, 9))],
        "staff": [member("Ash", "gp_partner"), member("Birch")],
        "patients": [patient(1), patient(2), patient(3)],
        "practices": [{"practice_id": PLACE, "name": "Practice A"}],
    }
    return base | tables


def rota(*more: Row) -> list[Row]:
    """Sessions of four hours when Ash and Birch have their contacts."""
    return [
        row
        for week in range(WEEKS)
        for row in (session("Ash", at(week, 0, 9)), session("Birch", at(week, 1, 14)))
    ] + [session("Ash", at(WEEKS - 1, 4, 9)), *more]


def ask(tmp_path: Path, tables: Tables, **options: Any) -> PracticeInputs:
    with hamlets.open_store(build_store(tmp_path, tables, identifiable=True)) as store:
        return gather(store, PLACE, **options)


def who(found: PracticeInputs, row: int) -> str | None:
    return found.clinicians.staff_id[row] if row >= 0 else None


def usual(found: PracticeInputs, staff: str) -> str:
    row = found.clinicians.staff_id.index(staff)
    return "".join(".#"[int(x)] for x in found.clinicians.half_days[row])


def test_a_practice_with_a_rota(tmp_path: Path) -> None:
    found = ask(tmp_path, world(sessions=rota()))
    staff, people = found.clinicians, found.people
    assert (found.practice_id, found.name, day_of(found.day)) == (PLACE, "Practice A", LAST)
    assert (found.rota, staff.staff_id, staff.role) == (
        "given",
        ("Ash", "Birch"),
        ("gp_partner", "gp_salaried"),
    )
    assert staff.contract == ("partner", "salaried")
    assert staff.gp.all() and staff.eligible.all() and (staff.end_day == NEVER).all()
    assert usual(found, "Ash") == "#........." * 2
    assert usual(found, "Birch") == "...#......" * 2
    # Of the 12 whole weeks none has a bank holiday: 18 and 21 April fall out.
    assert staff.actual_half_days.shape == (2, 120)
    assert staff.actual_half_days.sum(axis=1).tolist() == [12, 12]
    days = (LAST - MONDAY).days + 1
    assert staff.capacity_minutes.tolist() == [
        pytest.approx(17 * 240 * 365 / days),
        pytest.approx(16 * 240 * 365 / days),
    ]
    assert people.patient_id == ("p1", "p2", "p3")
    assert people.seen.offset.tolist() == [0, 1, 2, 2]
    assert people.seen.clinician.tolist() == [0, 1]
    assert people.seen.contacts.tolist() == [17, 16]
    ages = [(LAST - (MONDAY + timedelta(days=7 * week))).days for week in range(WEEKS)]
    assert people.seen.weight[0] == pytest.approx(1 + sum(0.5 ** (age / 365) for age in ages))
    assert found.notes == (f"Minutes a year are reckoned from the {days} days that the records"
                           " cover.",)  # fmt: skip


def test_without_a_rota_contacts_tell(tmp_path: Path) -> None:
    found = ask(tmp_path, world())
    assert found.rota == "inferred"
    assert any(note.startswith("No rota covers the last 12 weeks") for note in found.notes)
    assert usual(found, "Ash") == "#........." * 2
    days = (LAST - MONDAY).days + 1
    assert found.clinicians.capacity_minutes[0] == pytest.approx(17 * 250 * 365 / days)


def test_a_rota_that_ended_long_ago_is_none(tmp_path: Path) -> None:
    old = [row for row in rota() if row["start_time"].date() < LAST - timedelta(days=30)]
    assert ask(tmp_path, world(sessions=old)).rota == "inferred"


def test_a_rota_that_contradicts_the_appointments(tmp_path: Path) -> None:
    # Birch has a rota of Wednesdays and contacts on Tuesdays; Cedar a rota and no contacts.
    wrong = [
        row for week in range(WEEKS)
        for row in (session("Ash", at(week, 0, 9)), session("Birch", at(week, 2, 14)),
                    session("Cedar", at(week, 3, 9)))
    ]  # fmt: skip
    wrong.append(session("Ash", at(WEEKS - 1, 4, 9)))
    staff = [member("Ash", "gp_partner"), member("Birch"), member("Cedar")]
    notes = ask(tmp_path, world(sessions=wrong, staff=staff)).notes
    assert (
        "The rota contradicts the appointments: 48 in 100 contacts of the GPs fell in half-days"
        " without a session of theirs."
    ) in notes  # 16 of 33
    assert (
        "The rota contradicts the appointments: 33 in 100 half-days of the GPs' rota are of"
        " people without any contact."
    ) in notes  # 16 of 49


def test_sessions_that_are_not_bookable_are_out(tmp_path: Path) -> None:
    more = [session("Ash", at(week, 2, 9), session_type="Partners' meeting") for week in range(16)]
    more += [session("Ash", at(week, 0, 8.5), session_type="Duty") for week in range(16)]
    more += [session("Ash", at(week, 3, 18.5), 2) for week in range(16)]  # an evening
    found = ask(tmp_path, world(sessions=rota(*more)))
    assert usual(found, "Ash") == "#........." * 2
    days = (LAST - MONDAY).days + 1
    # 8:30 to 12:30 and 9 to 13 are 4.5 hours; an evening counts as work, but is no half-day.
    minutes = 16 * 270 + 240 + 16 * 120
    assert found.clinicians.capacity_minutes[0] == pytest.approx(minutes * 365 / days)
    for words in (None, "", "Morning surgery", "Duty", "Group consultation"):
        assert bookable_type(words)
    for words in ("ADMIN", "Non-clinical", "GP training", "Annual leave", "Partners' meeting"):
        assert not bookable_type(words)


def test_a_fortnight_that_alternates_and_a_holiday_that_does_not(tmp_path: Path) -> None:
    sessions = rota(*(session("Cedar", at(week, 3, 9)) for week in range(WEEKS) if week % 2))
    # Away on three Mondays of one parity: half of that week's, but no other fortnight.
    away = {at(week, 0, 9) for week in (7, 9, 11)}
    sessions = [row for row in sessions if row["start_time"] not in away]
    staff = [member("Ash", "gp_partner"), member("Birch"), member("Cedar")]
    found = ask(tmp_path, world(sessions=sessions, staff=staff))
    assert usual(found, "Ash") == "#........." * 2
    # 13 January 2025 is 2871 weeks after 5 January 1970: the second of a fortnight.
    assert usual(found, "Cedar") == ".........." + "......#..."


def test_joiners_are_not_part_timers(tmp_path: Path) -> None:
    joined = at(10, 0, 0).date()
    staff = [member("Ash", "gp_partner"), member("Birch", start_date=joined)]
    staff += [member("Cedar", start_date=LAST - timedelta(days=3), sessions_per_week=6)]
    sessions = [
        row for row in rota()
        if row["staff_id"] == "Ash" or row["start_time"].date() >= joined
    ]  # fmt: skip
    found = ask(tmp_path, world(sessions=sessions, staff=staff))
    days = (LAST - joined).days + 1
    assert found.clinicians.capacity_minutes[1] == pytest.approx(6 * 240 * 365 / days)
    assert usual(found, "Birch") == "...#......" * 2
    assert found.clinicians.capacity_minutes[2] == 6 * 250 * 44
    assert any(note.endswith("those of their contracts: 1.") for note in found.notes)


def test_time_as_a_registrar_is_no_capacity(tmp_path: Path) -> None:
    qualified = at(8, 0, 0).date()
    staff = [
        member("Ash", "gp_partner"),
        member("Birch", "gp_registrar", end_date=qualified),
        member("Birch", start_date=qualified),
    ]
    found = ask(tmp_path, world(sessions=rota(), staff=staff))
    days = (LAST - qualified).days + 1
    assert found.clinicians.capacity_minutes[1] == pytest.approx(8 * 240 * 365 / days)
    assert usual(found, "Birch") == "...#......" * 2
    assert found.clinicians.eligible[1]


def test_a_rota_that_began_later_is_asked_of_its_own_days(tmp_path: Path) -> None:
    late = [row for row in rota() if row["start_time"] >= at(5, 0, 0)]
    found = ask(tmp_path, world(sessions=late))
    days = (LAST - at(5, 0, 0).date()).days + 1
    assert found.rota == "given"
    assert found.clinicians.capacity_minutes[0] == pytest.approx(12 * 240 * 365 / days)
    assert found.notes == (f"Minutes a year are reckoned from the {days} days that the records"
                           " cover.",)  # fmt: skip


def test_who_may_hold_a_list(tmp_path: Path) -> None:
    soon, later = LAST + timedelta(days=120), LAST + timedelta(days=250)
    staff = [
        member("Ash", "gp_partner"),
        member("Birch", end_date=soon),
        member("Cedar", contract="retainer", end_date=later),
        member("Dogwood", "gp_locum", start_date=MONDAY - timedelta(days=900)),
        member("Elm", "gp_registrar"),
        member("Fir", "nurse"),
        member("Gorse", "gp"),
        member("Hazel", "gp", contract="trainee"),
        member("Ivy", end_date=LAST - timedelta(days=9)),
        member("Juniper", start_date=LAST + timedelta(days=9)),
        # A contract that another follows at once is no leaving.
        member("Larch", end_date=soon),
        member("Larch", "gp_partner", start_date=soon),
        member("Maple", "gp_locum", start_date=MONDAY, end_date=later),
    ]
    tables = world(staff=staff)
    found = ask(tmp_path / "a", tables)
    eligible = dict(zip(found.clinicians.staff_id, found.clinicians.eligible.tolist(), strict=True))
    assert eligible == {
        "Ash": True, "Birch": False, "Cedar": True, "Dogwood": False, "Elm": False, "Fir": False,
        "Gorse": True, "Hazel": False, "Larch": True, "Maple": False,
    }  # fmt: skip
    assert [s for s, gp in zip(eligible, found.clinicians.gp, strict=True) if not gp] == ["Fir"]
    assert day_of(found.clinicians.end_day[1]) == soon
    assert found.clinicians.end_day[8] == NEVER  # Larch
    found = ask(tmp_path / "b", tables, long_term_locums=True)
    more = dict(zip(found.clinicians.staff_id, found.clinicians.eligible.tolist(), strict=True))
    assert {name for name in more if more[name] != eligible[name]} == {"Dogwood"}


def test_a_leaver_forces_a_move_and_a_registrar_is_nobodys(tmp_path: Path) -> None:
    staff = [
        member("Ash", "gp_partner"),
        member("Birch", end_date=LAST + timedelta(days=60)),
        member("Cedar", "gp_registrar", sessions_per_week=7),
        member("Dogwood", end_date=LAST - timedelta(days=60)),
    ]
    names = [named("p1", "Ash"), named("p2", "Birch"), named("p3", "Cedar"), named("p4", "Dogwood")]
    people = [patient(number) for number in range(1, 6)]
    sessions = rota(*(session("Cedar", at(week, 3, 9)) for week in range(WEEKS)))
    found = ask(tmp_path, world(staff=staff, named_gps=names, patients=people, sessions=sessions))
    assert [who(found, row) for row in found.people.named] == ["Ash", None, None, None, None]
    assert found.people.named_gone.tolist() == [False, True, True, True, False]
    assert found.clinicians.staff_id == ("Ash", "Birch", "Cedar")
    assert found.clinicians.capacity_minutes[2] == 0.0
    assert usual(found, "Cedar") == "......#..." * 2


def test_two_role_records_are_one_person(tmp_path: Path) -> None:
    staff = [
        member("Ash", "gp_partner", person_id="person-1", languages="English; Welsh"),
        member("Ash2", "gp_salaried", person_id="person-1", skills="diabetes, minor surgery"),
        member("Birch"),
    ]
    rows = world()["appointments"]
    for row in rows[:16:2]:
        row["staff_id"] = "Ash2"
    found = ask(tmp_path, world(staff=staff, appointments=rows, named_gps=[named("p1", "Ash2")]))
    assert found.clinicians.staff_id == ("Birch", "person-1")
    assert found.people.seen.contacts.tolist() == [17, 16]
    assert who(found, found.people.named[0]) == "person-1"
    assert found.clinicians.languages[1] == {"English", "Welsh"}
    assert found.clinicians.skills[1] == {"diabetes", "minor surgery"}
    assert split_words(None) == frozenset()


def test_a_preference_is_a_lock(tmp_path: Path) -> None:
    names = [
        named("p1", "Birch", source="preference"),
        named("p1", "Ash", MONDAY + timedelta(days=9), source="plan:7"),
        named("p2", "Ash", source="preference", to_date=LAST),  # over
        named("p3", "Cedar", source="Preference"),  # a locum holds no list
        named("p4", "Ash", MONDAY + timedelta(days=5), source="preference"),  # asked again
        named("p4", "Birch", source="preference"),
    ]
    people = [patient(number) for number in range(1, 5)]
    staff = [member("Ash", "gp_partner"), member("Birch"), member("Cedar", "gp_locum")]
    found = ask(tmp_path, world(named_gps=names, staff=staff, patients=people))
    assert [who(found, row) for row in found.people.locked] == ["Birch", None, None, "Ash"]
    assert who(found, found.people.named[0]) == "Ash"
    assert "Patients who asked for somebody who may not hold a list: 1." in found.notes


def test_households_and_those_who_are_not_here(tmp_path: Path) -> None:
    people = [
        patient(1, household_id="H1"),
        patient(2),
        patient(3, household_id="H1"),
        patient(4),
        patient(5, death_date=LAST),
        patient(6, registered_to=LAST),
        patient(7, registered_from=LAST + timedelta(days=1)),
    ]
    found = ask(tmp_path, world(patients=people))
    assert found.people.patient_id == ("p1", "p2", "p3", "p4")
    assert found.people.household.tolist() == [0, 1, 0, 2]


def test_nothing_after_the_day_is_used(tmp_path: Path) -> None:
    day = at(13, 4, 0).date()
    tables = world(sessions=rota(), named_gps=[named("p1", "Ash")])
    cut: Tables = {
        name: [row for row in rows if row.get("start_time", at(0, 0, 0)).date() <= day]
        for name, rows in tables.items()
    }
    more = dict(tables)
    after = day + timedelta(days=1)
    more["named_gps"] = [
        *tables["named_gps"],
        named("p1", "Birch", after),
        named("p2", "Ash", after, source="preference"),
    ]
    more["appointments"] = [
        *tables["appointments"],
        *(contact("Ash", at(15, 2, hour), "p3", site_id="S9") for hour in (9, 10, 15)),
    ]
    one, other = (
        ask(tmp_path / name, told, day=day) for name, told in (("cut", cut), ("more", more))
    )
    assert day_of(one.day) == day == day_of(other.day)
    assert (one.rota, one.notes) == (other.rota, other.notes)
    for mine, theirs in ((one.clinicians, other.clinicians), (one.people, other.people),
                         (one.people.seen, other.people.seen)):  # fmt: skip
        for name, value in vars(mine).items():
            if name not in ("seen", "cohorts"):
                assert np.array_equal(value, getattr(theirs, name)), name
    assert one.people.cohorts.keys() == other.people.cohorts.keys()
    for name, members in one.people.cohorts.items():
        assert np.array_equal(members, other.people.cohorts[name])


def test_nurses_rows_hold_all_their_contacts_and_gps_only_gp_contacts(tmp_path: Path) -> None:
    rows = [
        *world()["appointments"],
        contact("Fir", at(1, 0, 9)),
        contact("Gone", at(2, 0, 9)),
        contact("Gone", at(3, 0, 9)),
        contact("Oak", at(4, 0, 9)),  # a nurse who has left
    ]
    gone = LAST - timedelta(days=20)
    staff = [
        *world()["staff"], member("Fir", "nurse"), member("Gone", end_date=gone),
        member("Oak", "nurse", end_date=gone),
    ]  # fmt: skip
    seen = ask(tmp_path, world(appointments=rows, staff=staff)).people.seen
    assert seen.clinician[:3].tolist() == [-1, 0, 2]  # nobody here, Ash, Fir
    assert seen.contacts[:3].tolist() == [2, 17, 1]


def test_a_practice_without_gps(tmp_path: Path) -> None:
    staff = [member("Ash", "nurse"), member("Birch", "pharmacist")]
    found = ask(tmp_path, world(staff=staff))
    assert not found.clinicians.gp.any()
    assert "No GP is at work here on the day." in found.notes
    assert found.people.seen.contacts.tolist() == [17, 16]
    assert found.people.work_minutes.tolist() == [0.0, 0.0, 0.0]


def test_without_roles_everyone_with_contacts_is_a_gp(tmp_path: Path) -> None:
    rows = [*world()["appointments"], contact("Old", at(1, 0, 9))]
    found = ask(tmp_path, world(staff=[], appointments=rows))
    assert found.clinicians.staff_id == ("Ash", "Birch")  # Old was last seen 15 weeks ago
    assert found.clinicians.eligible.all()
    assert found.notes[0].startswith("No roles are known")


def test_roles_of_contacts_serve_where_there_is_no_staff_list(tmp_path: Path) -> None:
    rows = world()["appointments"]
    for row in rows:
        row["staff_role"] = "gp_salaried" if row["staff_id"] == "Ash" else "gp_registrar"
    found = ask(tmp_path, world(staff=[], appointments=rows))
    assert found.clinicians.role == ("gp_salaried", "gp_registrar")
    assert found.clinicians.eligible.tolist() == [True, False]
    assert found.clinicians.capacity_minutes[1] == 0.0
    assert found.notes[0].startswith("The practice has no staff list")


def test_places_and_days_that_cannot_be_answered(tmp_path: Path) -> None:
    hub = {**contact("Ash", at(1, 0, 12)), "practice_id": "H99001"}
    tables = world(appointments=[*world()["appointments"], hub])
    with hamlets.open_store(build_store(tmp_path, tables)) as store:
        with pytest.raises(UnknownPlaceError):
            gather(store, "Nowhere")
        with pytest.raises(NothingToMeasureError, match="do not reach this day"):
            gather(store, PLACE, day=LAST + timedelta(days=40))
        with pytest.raises(NothingToMeasureError, match="No contact of the practice's patients"):
            gather(store, PLACE, day=MONDAY - timedelta(days=1))


def test_nobody_registered_and_nothing_counted(tmp_path: Path) -> None:
    people = [patient(number, registered_to=MONDAY + timedelta(days=30)) for number in (1, 2)]
    with pytest.raises(NothingToMeasureError, match="Nobody is registered") as raised:
        ask(tmp_path, world(patients=people))
    assert raised.value.hint


def test_prior_by_moments() -> None:
    counts, years = np.array([0.0, 2.0, 4.0, 10.0]), np.array([1.0, 1.0, 2.0, 1.0])
    prior = fit_prior(counts, years)
    assert prior.mean == pytest.approx(16 / 5)
    expected = 3.2 * years
    extra = sum((counts - expected) ** 2 - expected) / 7
    assert prior.years == pytest.approx(3.2 / extra)
    assert fit_prior(np.full(4, 3.0), np.ones(4)).years == np.inf
    assert fit_prior(np.zeros(3), np.ones(3)).mean == 0.0


def test_small_cells_take_their_age_bands_prior() -> None:
    draw = np.random.default_rng(7)
    # Women of band 3 are many; men are many with few contacts; one person's age is not known.
    sex = ["female"] * 60 + ["male"] * 40 + [None] * 5 + ["female"] * 30
    band = np.repeat([3, 4, 7], [105, 29, 1]).astype(np.int32)
    rate = np.repeat([6.0, 0.3, 2.0, 9.0], [60, 40, 5, 30])
    counts = draw.poisson(rate * draw.gamma(1.0, 1.0, 135)).astype(np.float64)
    years = draw.uniform(0.5, 2.0, 135)
    assert counts[60:100].sum() < 30 <= counts[:60].sum()
    mean, weight = fit_cells(counts, years, band, sex, 7)
    for rows, group in (
        (range(60), slice(0, 60)),
        (range(60, 105), slice(0, 105)),  # men, and those whose sex is not known: the band
        (range(105, 135), slice(0, 135)),  # 29 of band 4 are too few: everyone
    ):
        prior = fit_prior(counts[group], years[group])
        assert {(mean[row], weight[row]) for row in rows} == {(prior.mean, prior.years)}


def test_new_patients_have_the_prior_and_visits_their_own_minutes() -> None:
    # One contact a year each, all alike: no spread, so everyone has the mean.
    alike = expected_minutes(
        np.arange(4), np.full(4, 1, np.int32), np.full(4, 12.0), np.ones(4),
        np.full(4, 3, np.int32), ["female"] * 4, 7,
    )  # fmt: skip
    assert alike.tolist() == [10.0] * 4  # four lengths are too few: the default
    # Patient 0 had ten visits in two years, 1 none, 2 five by telephone in three days.
    patient = np.repeat([0, 2], [10, 5])
    mode = np.repeat([5, 2], [10, 5]).astype(np.int32)
    minutes = np.repeat([42.0, np.nan], [10, 5])
    years = np.array([2.0, 2.0, 3 / 365])
    found = expected_minutes(patient, mode, minutes, years, np.full(3, 7, np.int32), [None] * 3, 7)
    usual = (10 * 42 + 5 * 7) / 15
    mean = 10 / 4
    weight = mean * 8 / (25 - 5 + 25 - 5)
    assert found[0] == pytest.approx((weight * mean * usual + 420) / (weight + 2))
    assert found[1] == pytest.approx(weight * mean * usual / (weight + 2))
    assert found[2] == pytest.approx(mean * usual)
    more = expected_minutes(
        patient, mode, minutes, years, np.full(3, 7, np.int32), [None] * 3, 7, admin_minutes=3.0
    )
    assert more[2] == pytest.approx(mean * (usual + 3))
