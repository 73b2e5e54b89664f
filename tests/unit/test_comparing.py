"""Arrangements side by side: cases that can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from oracles.practices import practice

import hamlets
from hamlets.continuity.calendar import day_number
from hamlets.continuity.reference import build_reference
from hamlets.teams.arrangement import Arrangement
from hamlets.teams.comparing.by_hand import (
    alphabetical,
    group_by_alphabet,
    most_seen,
    most_seen_balanced,
)
from hamlets.teams.comparing.equity import compare_groups
from hamlets.teams.comparing.explaining import explain
from hamlets.teams.comparing.measures import Measured, measure_arrangement
from hamlets.teams.comparing.present import Present, present_arrangement
from hamlets.teams.comparing.shown import COLOURS, plan_teams, team_ids, team_names
from hamlets.teams.comparing_words import say_of_lists, say_of_present
from hamlets.teams.inputs import HALF_DAYS, Clinicians, People, PracticeInputs, Seen
from hamlets.teams.model import TeamModel

WHOLE = TeamModel()
NAMES = ("Dr Example-Ash", "Dr Example-Birch", "Dr Example-Cedar", "Nurse Example")
ROLES = ("gp_partner", "gp_salaried", "gp_registrar", "nurse")


def clinicians(size: int = 4) -> Clinicians:
    """Return Ash (Mondays), Birch (Mondays and Tuesdays), Cedar (a registrar) and a nurse."""
    half_days = np.zeros((size, HALF_DAYS), dtype=np.bool_)
    for row, days in enumerate([(0,), (0, 1), (0, 1, 2, 3, 4), (0,)][:size]):
        for day in days:
            half_days[row, [2 * day, 2 * day + 1, 10 + 2 * day, 11 + 2 * day]] = True
    minutes = np.array([1000.0, 2000.0, 0.0, 500.0])
    return Clinicians(
        person=np.arange(size, dtype=np.int32),
        staff_id=tuple("ABCN"[:size]),
        name=NAMES[:size],
        role=ROLES[:size],
        contract=("unknown",) * size,
        gp=np.array([True, True, True, False])[:size],
        eligible=np.array([True, True, False, False])[:size],
        sessions_per_week=np.array([2.0, 4.0, 10.0, 2.0])[:size],
        capacity_minutes=minutes[:size],
        half_days=half_days,
        actual_half_days=half_days,
        site=("main",) * size,
        languages=(frozenset(),) * size,
        skills=(frozenset(),) * size,
        end_day=np.full(size, 2**30, dtype=np.int32),
    )


def people(
    seen: Sequence[dict[int, int]],
    named: Sequence[int],
    work: Sequence[float] | None = None,
    gone: Sequence[int] = (),
) -> People:
    """Return patients by whom they saw (clinician -> contacts, each of weight 1) and their GP."""
    size = len(seen)
    rows = [(gp, count) for each in seen for gp, count in sorted(each.items())]
    offset = np.cumsum([0, *(len(each) for each in seen)])
    return People(
        patient=np.arange(size, dtype=np.int32),
        patient_id=tuple(f"P{row}" for row in range(size)),
        household=np.arange(size, dtype=np.int32),
        named=np.array(named, dtype=np.int32),
        named_gone=np.array([row in gone for row in range(size)], dtype=np.bool_),
        work_minutes=np.array(work or [10.0] * size, dtype=np.float64),
        locked=np.full(size, -1, dtype=np.int32),
        site=(None,) * size,
        age_band=np.full(size, 2, dtype=np.int8),
        imd_quintile=np.full(size, 1, dtype=np.int8),
        language=(None,) * size,
        cohorts={"housebound": np.zeros(size, dtype=np.bool_)},
        seen=Seen(
            offset.astype(np.int64),
            np.array([gp for gp, _ in rows], dtype=np.int32),
            np.array([float(count) for _, count in rows], dtype=np.float64),
            np.array([count for _, count in rows], dtype=np.int32),
        ),
    )


def inputs(patients: People, staff: Clinicians | None = None, day: int = 20_000) -> PracticeInputs:
    return PracticeInputs("G99001", "Practice A", day, staff or clinicians(), patients, "given")


def arranged(
    teams: tuple[tuple[int, ...], ...],
    team: Sequence[int],
    named: Sequence[int],
    shared: tuple[int, ...] = (),
) -> Arrangement:
    return Arrangement(
        teams,
        tuple(() for _ in teams),
        shared,
        tuple(-1 for _ in teams),
        np.array(team, dtype=np.int32),
        np.array(named, dtype=np.int32),
    )


def measured(
    patients: People,
    arrangement: Arrangement,
    staff: Clinicians | None = None,
    model: TeamModel = WHOLE,
) -> Measured:
    return measure_arrangement(inputs(patients, staff), arrangement, model)


def test_contacts_kept_and_chance_are_shares_of_gp_contacts() -> None:
    # 10 GP contacts: 5 with Ash, 3 with Birch, 1 with Cedar, 1 with somebody who has left;
    # the nurse's 7 are not GP contacts.
    patients = people([{0: 4, 1: 1, 3: 7}, {0: 1, 1: 2}, {2: 1, -1: 1}], [0, 0, -1])
    found = measured(patients, arranged(((0, 2), (1,)), [0, 1, 0], [0, 1, 0], shared=(3,)))
    assert found.n_contacts == 10
    assert found.retained_own == (4 + 2 + 0) / 10
    assert found.retained_team == (4 + 2 + 1) / 10
    # Shares .5, .3, .1: the lists of Ash made 5 + 2 contacts, Birch's 3.
    assert found.chance_own == pytest.approx((7 * 0.5 + 3 * 0.3) / 10)
    assert found.chance_team == pytest.approx((7 * 0.6 + 3 * 0.3) / 10)
    assert (found.moved, found.first, found.forced) == (1, 1, 0)
    assert found.moved_share == 1 / 2


def test_a_gone_gp_is_a_forced_move_and_not_in_the_share() -> None:
    patients = people([{0: 1}, {0: 1}], [0, -1], gone=[1])
    found = measured(patients, arranged(((0,), (1,)), [0, 1], [0, 1]))
    assert (found.moved_share, found.moved, found.forced, found.first) == (0.0, 0, 1, 0)


def test_work_is_held_against_bookable_minutes_however_many_sessions() -> None:
    # Ash has 1000 minutes in 2 sessions, Birch 2000 in 9; Cedar's 10 sessions are supernumerary.
    patients = people([{}, {}, {}], [0, 1, 1], work=[120.0, 90.0, 90.0])
    staff = clinicians()
    sessions = staff.sessions_per_week.copy()
    sessions[1] = 9.0
    staff = replace(staff, sessions_per_week=sessions)
    found = measured(patients, arranged(((0, 2), (1,)), [0, 1, 1], [0, 1, 1]), staff)
    assert found.band_max == pytest.approx(0.2)
    assert (found.work_least, found.work_most) == (pytest.approx(90), pytest.approx(120))
    assert (found.list_least, found.list_most) == (pytest.approx(90), pytest.approx(120))
    assert found.retained_team is None  # nobody was seen


def test_uneven_work_is_why_the_present_may_keep_more() -> None:
    # Ash has 1000 minutes and two of three patients now, Birch 2000 minutes.
    patients = people([{0: 5}, {0: 2, 1: 1}, {0: 4}], [0, 0, 1], work=[100.0, 100.0, 100.0])
    today = arranged(((0,), (1,)), [0, 0, 1], [0, 0, 1])
    other = arranged(((0,), (1,)), [1, 1, 0], [1, 1, 0])
    now, plan = measured(patients, today), measured(patients, other)
    here = inputs(patients)
    assert (now.retained_own, plan.retained_own) == (7 / 12, 5 / 12)
    loose = replace(WHOLE, team_gps=(1, 4), cover="none")
    broken, teams, lists = say_of_present(here, loose, today, now, plan)
    assert broken.endswith("not all of your rules. They break: work within 5 in 100.")
    assert teams == "A present team is 100 in 100 from its share of the work; the rule is 5."
    assert "the fullest has 200 where the average is 100" in lists
    assert "in the plan it has 100." in lists
    # The other way round the plan keeps more, so there is nothing to say.
    assert list(say_of_present(here, loose, other, plan, now)) == []


def test_the_rules_that_the_present_teams_break_are_said() -> None:
    patients = people([{0: 5}, {0: 2, 1: 1}, {0: 4}], [0, 0, 1], work=[100.0, 100.0, 100.0])
    today = arranged(((0,), (1,)), [0, 0, 1], [0, 0, 1])
    now = measured(patients, today)
    plan = measured(patients, arranged(((0,), (1,)), [1, 1, 0], [1, 1, 0]))
    model = replace(WHOLE, team_gps=(2, 4), must_link=(("A", "B"),), band_percent=100.0)
    said = next(iter(say_of_present(inputs(patients), model, today, now, plan)))
    assert "They break: at least 2 GPs in a team; " in said
    assert "a GP of every team on Tuesday, Wednesday, Thursday, Friday; " in said
    assert "Dr Example-Ash and Dr Example-Birch in one team" in said
    assert "work within" not in said
    # A present that keeps every rule and more contacts of the last year is said to do so.
    free = replace(WHOLE, team_gps=(1, 4), cover="none", band_percent=100.0)
    said = next(iter(say_of_present(inputs(patients), free, today, now, plan)))
    assert said.startswith("The present teams keep your rules, and more contacts")


def test_lists_far_below_their_share_are_named() -> None:
    work = [100.0] * 9 + [1.0]
    patients = people([{}] * 10, [0] * 9 + [1], work=work)
    plan = arranged(((0, 1),), [0] * 10, [0] * 9 + [1])
    (small,) = say_of_lists(inputs(patients), plan)
    assert "share of the work: Dr Example-Birch (0 in 100 of it, 1 patient)." in small
    even = arranged(((0, 1),), [0] * 10, [1, 1, 0] * 3 + [1])
    assert list(say_of_lists(inputs(patients), even)) == []
    staff = replace(clinicians(), capacity_minutes=np.array([1000.0, 0.0, 3000.0, 9000.0]))
    (without,) = say_of_lists(inputs(patients, staff), plan)
    assert without.startswith("Lists of GPs without bookable minutes: Dr Example-Birch.")


def test_a_team_with_patients_and_no_minutes_has_no_band() -> None:
    patients = people([{0: 1}, {2: 1}], [0, 0])
    found = measured(patients, arranged(((0, 1), (2,)), [0, 1], [0, -1]))
    assert found.band_max is None
    assert (found.work_least, found.list_most) == (None, pytest.approx(100))
    assert any("no bookable minutes" in note for note in found.notes)
    # without patients it is only left out
    found = measured(patients, arranged(((0, 1), (2,)), [0, 0], [0, 1]))
    assert found.band_max == pytest.approx(0)


def test_cover_counts_gps_who_hold_lists() -> None:
    patients = people([{0: 1}], [0])
    found = measured(patients, arranged(((0, 2), (1,)), [0], [0]))
    # Ash: 4 of 20 half-days; Birch: 8. Cedar, a registrar, works on all of them.
    assert found.uncovered_half_days == 16 + 12


def test_no_teams_no_patients_no_contacts() -> None:
    patients = people([{0: 1, 1: 1}, {1: 2}], [0, -1])
    found = measured(patients, arranged((), [-1, -1], [0, -1]))
    assert found.retained_own == 1 / 4
    assert found.retained_team is None
    assert found.chance_team is None
    assert found.band_max is None
    assert found.uncovered_half_days is None
    assert any("no teams" in note for note in found.notes)
    assert any("Patients without a named GP: 1." in note for note in found.notes)
    assert found.option("now").moved_share is None
    assert found.option("plan", expected_own=0.8).expected_own == 0.8

    nobody = people([], [])
    for arrangement in (
        arranged(((0,), (1,)), [], []),
        alphabetical(inputs(nobody), WHOLE, 2),
        most_seen(inputs(nobody), WHOLE, ((0,), (1, 2))),
        most_seen_balanced(inputs(nobody), WHOLE, ((0,), (1, 2)), 5),
    ):
        empty = measured(nobody, arrangement)
        assert empty.retained_own is None
        assert empty.retained_team is None
        assert empty.band_max is None
        assert empty.moved_share is None
        assert [row.list_size for row in plan_teams(inputs(nobody), arrangement, "p")] == [0, 0]
        rows = explain(inputs(nobody), WHOLE, arrangement, arrangement)
        assert not [row for row in rows if row.kind == "shared_patients"]


@pytest.mark.parametrize("size", [0, 1])
def test_a_practice_of_one_gp_or_none(size: int) -> None:
    staff = clinicians(size)
    patients = people([{}, {}], [-1, -1]) if size == 0 else people([{0: 2}, {}], [0, -1])
    place = inputs(patients, staff)
    assert group_by_alphabet(place, WHOLE, 3) == (((0,),) if size else ())
    for arrangement in (
        alphabetical(place, WHOLE, 3),
        most_seen(place, WHOLE, group_by_alphabet(place, WHOLE, 3)),
        most_seen_balanced(place, WHOLE, group_by_alphabet(place, WHOLE, 3), 5),
    ):
        found = measure_arrangement(place, arrangement, WHOLE)
        assert arrangement.named.tolist() == [size - 1, size - 1]
        assert found.retained_own == (1.0 if size else None)
        assert found.retained_team == (1.0 if size else None)
        assert found.chance_own == (1.0 if size else None)
        assert len(plan_teams(place, arrangement, "p")) == size
        assert explain(place, WHOLE, arrangement, arrangement) is not None


def test_a_cohort_plan_is_measured_over_the_cohort() -> None:
    patients = people([{0: 2}, {1: 2}], [0, 0])
    patients = replace(patients, cohorts={"housebound": np.array([True, False])})
    model = TeamModel(approach="cohort", cohort="housebound")
    found = measured(patients, arranged(((0,), (1,)), [0, -1], [0, 0]), model=model)
    assert (found.n_patients, found.retained_own, found.moved_share) == (1, 1.0, 0.0)
    made = alphabetical(inputs(patients), model, 2)
    assert made.team[1] == -1
    assert made.named[1] == 0


def test_gps_are_grouped_by_surname_and_each_team_has_one_with_a_list() -> None:
    place = practice(1, 7, 3, registrars=1, locums=1)
    letters = "GFEDCBA"
    staff = replace(
        place.clinicians,
        name=tuple(
            f"Dr {row} Example-{letters[row]}" if row < 7 else name
            for row, name in enumerate(place.clinicians.name)
        ),
    )
    place = replace(place, clinicians=staff)
    # holders by surname: C D E F G = 4 3 2 1 0; then the locum and the registrar, A and B
    assert group_by_alphabet(place, WHOLE, 2) == ((2, 3, 4, 6), (0, 1, 5))
    assert group_by_alphabet(place, WHOLE, 9) == ((4, 6), (3, 5), (2,), (1,), (0,))
    pairs = TeamModel(approach="buddies")
    assert group_by_alphabet(place, pairs, 2) == ((2, 3, 4), (0, 1))


def test_blocks_follow_ids_and_bookable_minutes() -> None:
    patients = people([{}] * 6, [-1] * 6)
    patients = replace(patients, patient_id=("f", "e", "d", "c", "b", "a"))
    made = alphabetical(inputs(patients), WHOLE, 2)
    # Ash has a third of the minutes: the first two of six by id.
    assert made.named.tolist() == [1, 1, 1, 1, 0, 0]


def test_most_seen_follows_contacts_and_its_balanced_form_keeps_room() -> None:
    patients = people([{1: 1}] * 2 + [{0: 3, 1: 1}] * 4, [-1] * 6)
    teams = ((0,), (1, 2))
    assert most_seen(inputs(patients), WHOLE, teams).named.tolist() == [1, 1, 0, 0, 0, 0]
    even = most_seen_balanced(inputs(patients), WHOLE, teams, 10)
    assert even.named.tolist() == [1, 1, 0, 0, 1, 1]
    assert measured(patients, even).band_max == pytest.approx(0)


def test_patients_without_contacts_keep_their_gp_or_go_where_there_is_room() -> None:
    patients = people([{}] * 4, [0, 0, -1, -1])
    assert most_seen(inputs(patients), WHOLE, ((0,), (1,))).named.tolist() == [0, 0, 1, 1]
    even = most_seen_balanced(inputs(patients), WHOLE, ((0,), (1,)), 50)
    assert even.named.tolist() == [0, 0, 1, 1]


def test_the_balanced_form_keeps_households_together_where_the_model_does() -> None:
    patients = people([{0: 3}, {1: 1}, {1: 1}], [-1, -1, -1])
    patients = replace(patients, household=np.array([0, 0, 1], dtype=np.int32))
    teams = ((0,), (1,))
    place = inputs(patients)
    assert most_seen_balanced(place, WHOLE, teams, 200).named.tolist() == [0, 0, 1]
    apart = TeamModel(households=False)
    assert most_seen_balanced(place, apart, teams, 200).named.tolist() == [0, 1, 1]


def test_full_lists_send_patients_to_another_gp_of_the_team() -> None:
    staff = replace(clinicians(), capacity_minutes=np.array([1000.0, 1000.0, 0.0, 0.0]))
    place = inputs(people([{0: 1}] * 4, [-1] * 4), staff)
    together = ((0, 1),)
    assert most_seen_balanced(place, WHOLE, together, 5).named.tolist() == [0, 0, 0, 0]
    assert most_seen_balanced(place, WHOLE, together, 5, 10).named.tolist() == [0, 0, 1, 1]


def test_a_budget_of_moves_goes_to_those_who_gain_most() -> None:
    seen = [{1: 1}, {1: 3}, {0: 2, 1: 1}, {1: 2}]
    place = inputs(people(seen, [0, 0, 0, -1]))
    teams = ((0,), (1,))
    free = most_seen_balanced(place, WHOLE, teams, 200)
    assert free.named.tolist() == [1, 1, 0, 1]
    # one of three with a named GP may move; who has none may go anywhere
    third = most_seen_balanced(place, WHOLE, teams, 200, 10, disruption_percent=34)
    assert third.named.tolist() == [0, 1, 0, 1]
    assert most_seen_balanced(place, WHOLE, teams, 200, disruption_percent=0).named.tolist() == [
        0, 0, 0, 1,
    ]  # fmt: skip


def test_who_stays_stays_on_a_full_list() -> None:
    staff = replace(clinicians(), capacity_minutes=np.array([1000.0, 1000.0, 0.0, 0.0]))
    place = inputs(people([{1: 1}] * 4, [0, 0, 0, 0]), staff)
    dealt = most_seen_balanced(place, WHOLE, ((0, 1),), 5, 10, disruption_percent=25)
    assert dealt.named.tolist() == [1, 0, 0, 0]


def test_of_gps_seen_alike_the_named_one_is_taken_then_the_first() -> None:
    place = inputs(people([{0: 1, 1: 1}] * 2, [1, -1]))
    teams = ((0,), (1,))
    assert most_seen(place, WHOLE, teams).named.tolist() == [1, 0]
    assert most_seen_balanced(place, WHOLE, teams, 200).named.tolist() == [1, 0]


@pytest.mark.parametrize("band", [2.0, 5.0])
def test_the_balanced_form_keeps_the_band_of_a_whole_practice(band: float) -> None:
    place = practice(5, 9, 300, registrars=1)
    teams = group_by_alphabet(place, WHOLE, 3)
    found = measure_arrangement(place, most_seen_balanced(place, WHOLE, teams, band), WHOLE)
    work = np.bincount(place.people.household, weights=place.people.work_minutes)
    piece = work.max() / work.sum()
    capacity = [place.clinicians.capacity_minutes[list(team)].sum() for team in teams]
    assert found.band_max is not None
    assert found.band_max <= band / 100 + piece * sum(capacity) / min(capacity)
    uneven = measure_arrangement(place, most_seen(place, WHOLE, teams), WHOLE)
    assert uneven.band_max is not None and uneven.band_max > found.band_max


def test_names_and_ids_of_teams_are_fixed_and_unlike() -> None:
    names = team_names(90)
    assert names[:2] == ("Team Blue", "Team Green")
    assert len(set(names)) == 90
    assert len(set(COLOURS)) == len(COLOURS) >= 30
    assert team_ids("p7", 3) == ("p7-01", "p7-02", "p7-03")
    assert sorted(team_ids("p7", 120)) == list(team_ids("p7", 120))


def test_teams_shown_say_cover_and_work() -> None:
    patients = people([{}, {}, {}], [0, 1, 1], work=[120.0, 90.0, 90.0])
    plan = replace(arranged(((0, 2), (1,)), [0, 1, 1], [0, 1, 1], shared=(3,)), leads=(0, -1))
    blue, green = plan_teams(inputs(patients), plan, "p1", ("Team North", "Team South"))
    assert (blue.name, green.name) == ("Team North", "Team South")
    assert (blue.members, blue.member_names) == (("A", "C"), (NAMES[0], NAMES[2]))
    assert (blue.lead, green.lead, blue.shared) == ("A", None, ("N",))
    assert (blue.sessions, green.sessions) == (12.0, 4.0)
    assert blue.work_per_session == pytest.approx(120)
    assert (blue.work_for_minutes, green.work_for_minutes) == (
        pytest.approx(120),
        pytest.approx(90),
    )
    assert blue.cover == (1, 1, 0, 0, 0, 0, 0, 0, 0, 0)
    assert green.cover == (1, 1, 1, 1, 0, 0, 0, 0, 0, 0)
    assert (blue.covered_share, green.covered_share) == (4 / 20, 8 / 20)
    assert (blue.work, blue.capacity, green.list_size) == (120.0, 1000.0, 2)


def test_explanations_are_sentences_about_staff_and_numbers() -> None:
    patients = people([{0: 1, 1: 3}, {0: 2}, {}, {1: 1}, {0: 1}], [0, 0, -1, -1, 0], gone=[3])
    patients = replace(patients, locked=np.array([-1, -1, -1, -1, 1], dtype=np.int32))
    model = TeamModel(must_link=(("A", "B"),), cannot_link=(("B", "C"),))
    plan = replace(arranged(((0, 1), (2,)), [0] * 5, [1, 1, 1, 1, 1], shared=(3,)), leads=(1, -1))
    now = arranged(((0, 1, 2),), [0] * 5, [0, 0, -1, -1, 0])
    rows = explain(inputs(patients), model, plan, now)
    said = {(row.subject, row.kind): row for row in rows}
    assert said["B", "lead"].reason == "Dr Example-Birch leads Team Blue."
    assert said["A", "must_link"].reason == (
        "The team model keeps Dr Example-Ash together with Dr Example-Birch."
    )
    assert said["C", "cannot_link"].reason.endswith("Dr Example-Cedar apart from Dr Example-Birch.")
    assert said["A", "together_now"].reason == (
        "Dr Example-Ash is in a team with Dr Example-Birch now."
    )
    assert said["A", "shared_patients"].number == 1
    assert said["A", "shared_patients"].reason == (
        "1 patient saw both Dr Example-Ash and Dr Example-Birch in the last 24 months,"
        " more than Dr Example-Ash shares with any other GP."
    )
    assert said["B", "cover"].reason == (
        "Without Dr Example-Birch, no GP with a list in Team Blue would work on Tuesdays."
    )
    assert ("A", "cover") not in said
    assert said["A", "kept"].number == 4
    assert said["N", "all_teams"].reason == "Nurse Example works for all teams."
    moves = {(row.subject, row.kind): row.number for row in rows if " to " in row.subject}
    assert moves == {
        ("nobody to B", "no_contact"): 1,
        ("nobody to B", "named_gp_left"): 1,
        ("A to B", "asked"): 1,
        ("A to B", "saw_more"): 1,
        ("A to B", "even_work"): 1,
    }
    assert said["A to B", "saw_more"].reason == (
        "1 patient goes from Dr Example-Ash to Dr Example-Birch: they saw Dr Example-Birch more."
    )
    for row in rows:
        assert len(row.reason.split()) <= 30
        assert row.reason.endswith(".")


def test_rules_that_a_clinician_answers_are_said() -> None:
    staff = replace(
        clinicians(),
        languages=(frozenset({"Bengali"}), frozenset({"Bengali", "Somali"}), *[frozenset()] * 2),
        skills=(frozenset({"minor_surgery"}), frozenset(), frozenset(), frozenset()),
    )
    model = TeamModel(
        roles={"nurse": 1},
        one_site=True,
        languages={"Bengali": 1, "Somali": 1},
        skills={"minor_surgery": 1},
    )
    plan = replace(arranged(((0, 1, 2),), [0], [0]), others=((3,),))
    rows = explain(inputs(people([{0: 1}], [0]), staff), model, plan, plan)
    said = {(row.subject, row.kind): row.reason for row in rows}
    assert said["N", "role"] == (
        "Each team needs 1 of the role nurse, and Nurse Example works for Team Blue alone."
    )
    assert said["A", "site"] == "Dr Example-Ash works mostly at main, where all of Team Blue do."
    # two speak Bengali, so neither alone is why the rule holds
    assert [key for key in said if key[1] == "language"] == [("B", "language")]
    assert said["B", "language"] == "Without Dr Example-Birch, Team Blue would lack Somali."
    assert said["A", "skill"] == (
        "Without Dr Example-Ash, Team Blue would lack the skill minor surgery."
    )


def test_somebody_alone_every_other_week_is_said_so() -> None:
    staff = clinicians()
    half_days = staff.half_days.copy()
    half_days[0, 12] = True  # Ash works on Tuesday morning of the second week
    patients = people([{0: 1}], [0])
    plan = arranged(((0, 1),), [0], [0])
    rows = explain(inputs(patients, replace(staff, half_days=half_days)), WHOLE, plan, plan)
    (cover,) = [row for row in rows if row.kind == "cover"]
    assert "would work every other Tuesday." in cover.reason
    # the template week shows the fewer of the two: Ash is not there each Tuesday
    (team,) = plan_teams(inputs(patients, replace(staff, half_days=half_days)), plan, "p")
    assert team.cover[:4] == (2, 2, 1, 1)


def test_more_than_with_any_other_is_said_only_where_it_is_so() -> None:
    plan = arranged(((0, 1), (2,)), [0, 0], [0, 0])
    for other, said in (([{0: 1, 2: 1}], False), ([{1: 1}], True)):
        patients = people([{0: 1, 1: 1}, *other], [0, 0])
        (row,) = [
            row
            for row in explain(inputs(patients), WHOLE, plan, plan)
            if row.kind == "shared_patients" and row.subject == "A"
        ]
        assert ("more than" in row.reason) == said


def test_groups_are_called_as_elsewhere_and_unknown_comes_last() -> None:
    patients = people([{0: 1}] * 4, [0, 0, 0, -1])
    patients = replace(
        patients,
        age_band=np.array([6, 0, 7, 0], dtype=np.int8),
        imd_quintile=np.array([5, 0, 1, 0], dtype=np.int8),
        language=("so", None, "bn", "so"),
        cohorts={"housebound": np.array([True, False, False, True])},
    )
    now = arranged((), [-1] * 4, [0, 0, 0, -1])
    plan = arranged(((0,), (1,)), [0, 0, 1, 0], [0, 0, 1, 0])
    rows = compare_groups(inputs(patients), WHOLE, now, plan)
    assert [(row.factor, row.group, row.n_patients) for row in rows] == [
        ("age_band", "0-4", 2), ("age_band", "85+", 1), ("age_band", "unknown", 1),
        ("imd_quintile", "1", 1), ("imd_quintile", "5", 1), ("imd_quintile", "unknown", 2),
        ("language", "Bengali", 1), ("language", "Somali", 2), ("language", "unknown", 1),
        ("cohort", "housebound", 2),
    ]  # fmt: skip
    bengali, somali = rows[6], rows[7]
    assert (bengali.moved_share, somali.moved_share) == (1.0, 0.0)
    assert (somali.retained_own_before, somali.retained_own_after) == (0.5, 1.0)
    assert somali.retained_team_before is None


# The present arrangement, from records.

MakeStore = Callable[..., Path]
DAY = date(2025, 6, 2)


def tables(
    members: Sequence[tuple[str, str, str, str]], *, leads: Sequence[tuple[str, str]] = ()
) -> dict[str, list[dict[str, object]]]:
    """Return a small extract with these (team, staff, from, to)."""
    roles = {"A": "gp_partner", "B": "gp_salaried", "C": "gp_registrar", "N": "nurse"}
    rows = [
        {
            "team_id": team,
            "staff_id": staff,
            "from_date": first,
            "to_date": end,
            "lead": (team, staff) in leads,
        }
        for team, staff, first, end in members
    ]
    return {
        "staff": [
            {"staff_id": staff, "practice_id": "G99001", "role": role}
            for staff, role in roles.items()
        ],
        "patients": [{"patient_id": "p1", "practice_id": "G99001", "named_staff_id": "A"}],
        "appointments": [
            {
                "patient_id": "p1",
                "practice_id": "G99001",
                "staff_id": "A",
                "start_time": "2025-05-01T09:00:00",
            }
        ],
        "teams": [
            {"team_id": "T1", "practice_id": "G99001", "name": "Team North"},
            {"team_id": "T2", "practice_id": "G99001", "name": ""},
            {"team_id": "T9", "practice_id": "G99002", "name": "Elsewhere"},
        ],
        "team_members": rows,
    }


def present(make_store: MakeStore, extract: dict[str, list[dict[str, object]]]) -> Present:
    with hamlets.open_store(make_store(extract)) as store:
        labels = build_reference(store).person_labels
        person = np.array([labels.index(each) for each in "ABCN"], dtype=np.int32)
        staff = replace(clinicians(), person=person)
        patients = people([{0: 1}, {1: 1}, {0: 1}], [0, 1, -1])
        return present_arrangement(inputs(patients, staff, day_number(DAY)), store)


def test_the_present_teams_are_those_of_the_day(make_store: MakeStore) -> None:
    found = present(
        make_store,
        tables(
            [
                ("T1", "A", "", ""),
                ("T1", "C", "2025-01-01", "2025-06-03"),
                ("T2", "C", "2025-06-03", ""),  # begins on the day after
                ("T2", "B", "2025-06-02", ""),
                ("T1", "B", "", "2025-06-02"),  # ended the day before
                ("T1", "N", "", ""),
                ("T2", "N", "", ""),
                ("T9", "A", "", ""),  # another practice's, and not the one A's list has
            ],
            leads=[("T1", "A"), ("T2", "N")],
        ),
    )
    assert (found.team_ids, found.names) == (("T1", "T2"), ("Team North", "T2"))
    assert found.arrangement.teams == ((0, 2), (1,))
    assert found.arrangement.shared == (3,)
    assert found.arrangement.others == ((), ())
    assert found.arrangement.leads == (0, -1)
    assert found.arrangement.team.tolist() == [0, 1, -1]
    assert found.arrangement.named.tolist() == [0, 1, -1]
    assert not found.notes


def test_a_gp_of_two_teams_gives_patients_the_one_led(make_store: MakeStore) -> None:
    members = [("T1", "A", "", ""), ("T2", "A", "", ""), ("T2", "N", "", "")]
    found = present(make_store, tables(members)).arrangement
    assert (found.teams, found.others) == (((0,), (0,)), ((), (3,)))
    assert found.team.tolist() == [0, -1, -1]
    found = present(make_store, tables(members, leads=[("T2", "A")])).arrangement
    assert found.team.tolist() == [1, -1, -1]
    # half of Ash's minutes for each team, and nobody works for T1 but Ash
    place = inputs(people([{0: 1}, {1: 1}, {0: 1}], [0, 1, -1]))
    assert [row.capacity for row in plan_teams(place, found, "now")] == [500.0, 500.0]
    assert [row.members for row in plan_teams(place, found, "now")] == [(), ("N",)]
    assert [row.shared for row in plan_teams(place, found, "now")] == [("A",), ("A",)]


def test_without_teams_only_lists_are_known(make_store: MakeStore) -> None:
    extract = tables([("T1", "A", "", "2025-01-01")])
    found = present(make_store, extract)
    assert found.arrangement.teams == ()
    assert found.arrangement.team.tolist() == [-1, -1, -1]
    assert found.notes == ("No teams are recorded on 2 June 2025.",)
