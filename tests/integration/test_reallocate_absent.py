"""`hamlets teams reallocate` for who has left before the records end, and who comes after."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from hamlets.records import open_store
from hamlets.teams.gathering import gather
from hamlets.teams.gathering.capacity import WEEKS_A_YEAR
from hamlets.teams.gathering.sessions import HALF_DAY_MINUTES
from hamlets.teams.plans.storing import read_plan
from hamlets.teams.staff_changes import StaffChange, read_standing_for
from tests.inside import hamlets, refused
from tests.oracles.stores import build_store
from tests.oracles.villages import LAST, Row, Village
from tests.program import Ran

LEFT, RETIRED, BEGINS = date(2025, 6, 1), date(2025, 5, 1), date(2025, 9, 1)
PLACE = Village(place="LATE", gps=6, patients=120, teams=2)


def staff(who: str, start: date, sessions: float | None, role: str = "gp_salaried") -> Row:
    return {
        "staff_id": who, "practice_id": "LATE", "name": f"Dr Example-{who}", "role": role,
        "start_date": start, "sessions_per_week": sessions,
    }  # fmt: skip


def rota(who: str, first: date, weeks: int, weekdays: tuple[int, ...]) -> list[Row]:
    days = [first + timedelta(days=7 * week + day) for week in range(weeks) for day in weekdays]
    return [
        {"staff_id": who, "practice_id": "LATE", "start_time": datetime.combine(day, time(8)),
         "end_time": datetime.combine(day, time(12))}
        for day in days
    ]  # fmt: skip


def tables() -> dict[str, list[Row]]:
    """Return a practice where D1 left in May and D2, on no list any more, was last seen in June."""
    found = PLACE.tables()
    for row in found["staff"]:
        if row["staff_id"] == "LATE-D1":
            row["end_date"] = LEFT
    for member in found["team_members"]:
        if member["staff_id"] == "LATE-D1":
            member["to_date"] = LEFT
    gone = {"LATE-D1": LEFT, "LATE-D2": RETIRED}
    for name in ("appointments", "sessions"):
        found[name] = [
            row
            for row in found[name]
            if row["start_time"].date() < gone.get(row["staff_id"], date.max)
        ]
    found["staff"] += [
        staff("LATE-D7", BEGINS, 6),
        staff("LATE-D8", BEGINS, None),
        staff("LATE-D9", BEGINS, 6),
        staff("LATE-R1", BEGINS, 6, "gp_registrar"),
        # In training here until they join as a GP; and two who began and have not been seen.
        {**staff("LATE-T1", date(2024, 9, 1), 6, "gp_registrar"), "end_date": BEGINS},
        staff("LATE-T1", BEGINS, 6),
        staff("LATE-E1", date(2025, 3, 1), 5),
        staff("LATE-E2", date(2025, 3, 1), None),
    ]
    found["sessions"] += rota("LATE-D9", BEGINS, 8, (0, 1, 2))
    found["sessions"] += rota("LATE-DX", BEGINS, 8, (0, 1))
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_store(tmp_path_factory.mktemp("late"), tables())


def reallocate(store: Path, place: str, *more: object) -> Ran:
    return hamlets("teams", "reallocate", "--store", store, "--practice", place, *more)


def as_json(store: Path, place: str, *more: object) -> dict[str, Any]:
    ran = reallocate(store, place, *more, "--format", "json")
    assert ran.code == 0, ran
    return ran.json


def lists(store: Path, plan: str) -> dict[str, str | None]:
    rows = read_plan(store, plan).allocations.to_pylist()
    return {row["patient_id"]: row["new_named_staff_id"] for row in rows}


def list_of(place: Village, gp: str) -> int:
    """Return how many patients have a GP, by the latest begun row of each."""
    rows = sorted(place.tables()["named_gps"], key=lambda row: row["from_date"])
    return list({row["patient_id"]: row["staff_id"] for row in rows}.values()).count(gp)


def test_a_list_of_who_left_before_is_shared_out(store: Path) -> None:
    found = as_json(store, "LATE", "--leaver", "LATE-D1")
    with open_store(store) as opened:
        inputs = gather(opened, "LATE")
    names = [*inputs.clinicians.staff_id, "LATE-D1"]
    named = zip(inputs.people.patient_id, inputs.people.named.tolist(), strict=True)
    before = {patient: names[row] for patient, row in named}
    mine = {patient for patient, gp in before.items() if gp == "LATE-D1"}
    assert found["patients"] == len(mine) == list_of(PLACE, "LATE-D1") > 0
    assert found["date"] == "2025-05-31"
    after = lists(store, found["plan_id"])
    assert {after[patient] for patient in mine} <= {f"LATE-D{number}" for number in range(2, 7)}
    moved = sum(after[patient] != gp for patient, gp in before.items() if patient not in mine)
    assert moved == found["others_moved"] <= found["budget"]
    # Their team was D1's on the last day of that, though the records have no D1 in it now.
    assert found["stay_in_team"] > 0
    assert "LATE-D1" not in {name for team in found["teams"] for name in team["members"]}
    text = reallocate(store, "LATE", "--leaver", "LATE-D1").out
    assert f"Dr Example-LATE-D1 left on 31 May 2025. {len(mine)} patients: " in text


def test_who_left_is_taken_as_they_worked(store: Path) -> None:
    """Else their team would count as overfull before the change, and keep what it cannot do."""
    with open_store(store) as opened:
        inputs = gather(opened, "LATE")
        assert "LATE-D1" not in inputs.clinicians.staff_id
        found = read_standing_for(opened, inputs, StaffChange("leaver", "LATE-D1"))
        staff = found.inputs.clinicians
        days = (LEFT - date(2025, 1, 6)).days
        rota = [row for row in tables()["sessions"] if row["staff_id"] == "LATE-D1"]
        minutes = 240 * len(rota)
    assert staff.capacity_minutes[found.row] == pytest.approx(minutes * 365 / days, rel=0.01)
    assert staff.half_days[found.row].any()
    assert staff.half_days.shape == (staff.size, inputs.clinicians.half_days.shape[1])
    assert not found.may[found.row :].any()


def test_a_day_that_is_past_is_taken_where_nobody_was_seen_after(store: Path) -> None:
    found = as_json(store, "LATE", "--leaver", "LATE-D2", "--date", str(RETIRED))
    assert (found["date"], found["patients"] > 0) == (str(RETIRED), True)
    away = ("--leave", "LATE-D2", "--date", str(RETIRED), "--until", "2026-03-01")
    assert "is away from 1 May 2025 until 1 March 2026" in reallocate(store, "LATE", *away).out


def test_without_a_staff_list_the_last_contact_is_the_last_day(tmp_path: Path) -> None:
    place = Village(place="BARE", gps=4, patients=60, listed=False, rota="missing")
    rows = place.tables()
    end = datetime.combine(LAST, time.min) - timedelta(weeks=16)
    rows["appointments"] = [
        row
        for row in rows["appointments"]
        if row["staff_id"] != "BARE-D1" or row["start_time"] < end
    ]
    last = max(row["start_time"] for row in rows["appointments"] if row["staff_id"] == "BARE-D1")
    mine = build_store(tmp_path, rows)
    found = as_json(mine, "BARE", "--leaver", "BARE-D1")
    assert found["patients"] == list_of(place, "BARE-D1") > 0
    assert found["date"] == str(last.date())
    assert not {None, "BARE-D1"} & set(lists(mine, found["plan_id"]).values())


@pytest.mark.parametrize(
    ("who", "more", "weekly", "said"),
    [
        ("LATE-D7", (), 6.0 * HALF_DAY_MINUTES, "are those of the contract"),
        ("LATE-D9", (), 3 * 240.0, "are those of the rota ahead"),
        ("LATE-DX", (), 2 * 240.0, "is in the rota and not on the staff list"),
        ("LATE-D8", ("--sessions", "LATE-D8=5"), 5 * HALF_DAY_MINUTES, "joins on 1 September 2025"),
        ("LATE-D9", ("--sessions", "LATE-D9=8"), 8 * HALF_DAY_MINUTES, "joins on 1 September 2025"),
    ],
)
def test_who_has_not_worked_yet_gets_a_list(
    store: Path, who: str, more: tuple[str, ...], weekly: float, said: str
) -> None:
    found = as_json(store, "LATE", "--joiner", who, "--budget", "60", *more)
    size = sum(gp == who for gp in lists(store, found["plan_id"]).values())
    assert size > 0
    assert found["date"] == str(BEGINS)
    assert [who in team["members"] for team in found["teams"]].count(True) == 1
    assert said in " ".join(read_plan(store, found["plan_id"]).plan.notes)
    sessions = float(more[1].split("=")[1]) if more else None
    with open_store(store) as opened:
        change = StaffChange("joiner", who, sessions=sessions)
        standing = read_standing_for(opened, gather(opened, "LATE"), change)
    clinicians = standing.inputs.clinicians
    minutes = clinicians.capacity_minutes[standing.row]
    # The rota ahead ends on its last session's day, so its weeks are a little short of eight.
    assert minutes == pytest.approx(weekly * WEEKS_A_YEAR, rel=0.1)
    known = bool(clinicians.half_days[standing.row].any())
    assert known == (who in ("LATE-D9", "LATE-DX"))


def test_who_was_in_training_here_joins_in_the_new_post(store: Path) -> None:
    with open_store(store) as opened:
        inputs = gather(opened, "LATE")
        row = inputs.clinicians.staff_id.index("LATE-T1")
        assert not inputs.clinicians.eligible[row]
        standing = read_standing_for(opened, inputs, StaffChange("joiner", "LATE-T1"))
    staff = standing.inputs.clinicians
    assert (standing.row, staff.size) == (row, inputs.clinicians.size)
    assert (staff.role[row], bool(staff.eligible[row])) == ("gp_salaried", True)
    found = as_json(store, "LATE", "--joiner", "LATE-T1", "--budget", "60")
    assert "LATE-T1" in lists(store, found["plan_id"]).values()


def test_who_has_begun_and_not_been_seen_counts_by_the_contract(store: Path) -> None:
    for more, weekly in (((), 5), (("--sessions", "LATE-E1=2"), 2)):
        with open_store(store) as opened:
            inputs = gather(opened, "LATE")
            asked = StaffChange("joiner", "LATE-E1", sessions=float(weekly) if more else None)
            standing = read_standing_for(opened, inputs, asked)
        minutes = standing.inputs.clinicians.capacity_minutes[standing.row]
        assert minutes == weekly * HALF_DAY_MINUTES * WEEKS_A_YEAR
        found = as_json(store, "LATE", "--joiner", "LATE-E1", "--budget", "60", *more)
        assert "LATE-E1" in lists(store, found["plan_id"]).values()


def test_more_sessions_make_a_longer_list(store: Path) -> None:
    sizes: list[int] = []
    for weekly in (2, 8):
        more = ("--joiner", "LATE-D8", "--sessions", f"LATE-D8={weekly}", "--budget", "60")
        plan = as_json(store, "LATE", *more)["plan_id"]
        sizes.append(sum(gp == "LATE-D8" for gp in lists(store, plan).values()))
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize(
    ("code", "more", "words"),
    [
        (2, ("--joiner", "LATE-D8"), "How much Dr Example-LATE-D8 will work is not known"),
        (2, ("--joiner", "LATE-E2"), "How much Dr Example-LATE-E2 will work is not known"),
        (7, ("--joiner", "LATE-R1"), "may not hold a list"),
        (8, ("--joiner", "LATE-D1"), 'No GP "LATE-D1" works at LATE'),
        (2, ("--joiner", "LATE-D7", "--date", "2025-08-15"), "is here from 2025-09-01 on"),
        (2, ("--joiner", "LATE-D7", "--sessions", "LATE-D1=4"), "sessions are those of LATE-D7"),
        (8, ("--leave", "LATE-D1", "--until", "2026-01-01"), "left LATE on 2025-05-31"),
        (8, ("--sessions", "LATE-D1=4"), "left LATE on 2025-05-31"),
        (2, ("--leaver", "LATE-D1", "--date", "2026-01-01"), "left on 2025-05-31, before this"),
        (2, ("--leaver", "LATE-D3", "--date", "2025-02-03"), "has contacts up to 2025-0"),
        (
            2,
            ("--leave", "LATE-D2", "--date", "2025-05-01", "--until", "2025-06-01"),
            "The leave is over",
        ),
        (2, ("--sessions", "LATE-D3=4", "--date", "2025-02-03"), "This day is past"),
        (8, ("--leaver", "BARE-D2"), 'No GP "BARE-D2" works at LATE'),
    ],
)
def test_what_cannot_be_is_a_sentence(
    store: Path, code: int, more: tuple[str, ...], words: str
) -> None:
    ran = refused(code, "teams", "reallocate", "--store", store, "--practice", "LATE", *more)
    assert words in ran.err
