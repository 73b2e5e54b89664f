"""The invented staff: contracts, turnover, people with several posts, teams."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from itertools import pairwise

import pytest

from hamlets.booking.simulation.clinicians import PracticeStaff, make_staff
from hamlets.booking.simulation.groups import cover_of
from hamlets.booking.simulation.places import Borough, make_borough
from hamlets.booking.simulation.posts import NAMED_ROLES, Post
from hamlets.booking.simulation.world import OPEN, Setting

SETTING = Setting(36, 270_000, date(2024, 11, 1), date(2026, 10, 31), 3)
TODAY = (SETTING.last - date(1970, 1, 1)).days


@pytest.fixture(scope="module")
def borough() -> Borough:
    return make_borough(SETTING)


@pytest.fixture(scope="module")
def staff(borough: Borough) -> dict[str, PracticeStaff]:
    return make_staff(SETTING, borough)


def present(staff: dict[str, PracticeStaff]) -> list[Post]:
    """Return today's posts that are not at a hub."""
    posts = [p for s in staff.values() for p in (*s.posts, *s.desk)]
    return [p for p in posts if not p.hub and p.start <= TODAY < p.end]


def test_about_300_gps_most_of_them_sessional(staff: dict[str, PracticeStaff]) -> None:
    contracts = ("partner", "salaried", "locum", "retainer")
    gps = [p for p in present(staff) if p.role.startswith("gp") and p.contract in contracts]
    assert 255 < len(gps) < 345
    assert sum(p.contract != "partner" for p in gps) / len(gps) > 0.7


def test_partners_give_more_sessions_than_salaried_gps(staff: dict[str, PracticeStaff]) -> None:
    def mean(contract: str) -> float:
        given = [p.sessions for p in present(staff) if p.contract == contract]
        return sum(given) / len(given)

    assert 5.7 < mean("partner") < 6.8
    assert 4.6 < mean("salaried") < 5.7
    assert mean("retainer") <= 4
    assert 6 <= mean("trainee") <= 7


def test_about_a_ninth_of_the_gps_leave_in_a_year(staff: dict[str, PracticeStaff]) -> None:
    gps = [p for s in staff.values() for p in s.posts if p.role in NAMED_ROLES and not p.hub]
    years = 2.2
    left = sum(TODAY - 365 * years < p.end <= TODAY for p in gps) / years
    there = sum(p.start <= TODAY - 365 < p.end for p in gps)
    assert 0.06 < left / there < 0.17


def test_nobody_follows_before_the_chair_is_free(staff: dict[str, PracticeStaff]) -> None:
    chairs: dict[tuple[str, int], list[Post]] = defaultdict(list)
    for place, found in staff.items():
        for post in found.posts:
            if post.chair >= 0 and post.contract != "locum" and not post.employer:
                chairs[place, post.chair].append(post)
    for chain in chairs.values():
        chain.sort(key=lambda p: p.start)
        assert all(a.end <= b.start for a, b in pairwise(chain))
        assert all(p.start < p.end for p in chain)


def test_ids_are_unique_and_names_show_that_they_are_invented(
    staff: dict[str, PracticeStaff],
) -> None:
    posts = [p for s in staff.values() for p in (*s.posts, *s.desk)]
    assert len({p.staff_id for p in posts}) == len(posts)
    assert all("Example-" in p.name for p in posts)
    for found in staff.values():
        names: dict[str, set[str]] = defaultdict(set)
        for post in (*found.posts, *found.desk):
            names[post.name].add(post.person_id)
        assert all(len(people) == 1 for people in names.values())


def test_some_people_have_two_role_records(staff: dict[str, PracticeStaff]) -> None:
    places: dict[str, set[str]] = defaultdict(set)
    roles: dict[str, set[str]] = defaultdict(set)
    for place, found in staff.items():
        for post in found.posts:
            places[post.person_id].add(place)
            roles[post.person_id].add(post.role)
    assert any(r == {"gp_registrar", "gp_salaried"} for r in roles.values())
    shared = {p for s in staff.values() for post in s.posts if post.role == "pharmacist"
              for p in [post.person_id]}  # fmt: skip
    assert any(len(places[p]) == 2 for p in shared)


def test_shared_staff_are_in_one_place_on_a_weekday(staff: dict[str, PracticeStaff]) -> None:
    days: dict[str, list[int]] = defaultdict(list)
    for found in staff.values():
        for post in found.posts:
            if post.employer and not post.hub:
                days[post.person_id] += post.weekdays
    assert days
    assert all(len(d) == len(set(d)) for d in days.values())


def test_teams_hold_each_gp_once_and_some_practices_have_none(
    staff: dict[str, PracticeStaff],
) -> None:
    with_teams = [s for s in staff.values() if s.teams]
    with_buddies = [s for s in staff.values() if s.buddies]
    # about a third of 36
    assert 6 <= len(with_teams) <= 18
    assert 6 <= len(with_buddies) <= 18
    assert staff["EX001"].teams
    assert staff["EX001"].buddies
    for found in with_teams:
        members = [m[0] for t in found.teams for m in t.members]
        assert len(members) == len(set(members))
        posts = {p.staff_id: p for p in found.posts}
        for team in found.teams:
            for who, first, last, _ in team.members:
                assert posts[who].start <= first < last <= posts[who].end
            assert any(lead for *_, lead in team.members)


def test_buddies_go_both_ways_while_both_are_there(staff: dict[str, PracticeStaff]) -> None:
    for found in staff.values():
        posts = {p.staff_id: p for p in found.posts}
        rows = set(found.buddies)
        for one, other, first, last in rows:
            assert (other, one, first, last) in rows
            assert max(posts[one].start, posts[other].start) <= first
            assert last <= min(posts[one].end, posts[other].end, int(OPEN))


def test_who_stands_in_is_who_the_tables_say(staff: dict[str, PracticeStaff]) -> None:
    found = staff["EX001"]
    cover = cover_of(found.posts, found.teams, found.buddies)
    ids = [p.staff_id for p in found.posts]
    rows = {
        (ids[staff_], ids[other], buddy, first, last)
        for staff_, other, buddy, first, last in zip(
            cover.staff.tolist(), cover.stands_in.tolist(), cover.buddy.tolist(),
            cover.from_day.tolist(), cover.to_day.tolist(), strict=True,
        )
    }  # fmt: skip
    assert {(a, b, first, last) for a, b, buddy, first, last in rows if buddy} == set(found.buddies)
    of_team = {m[0]: team.team_id for team in found.teams for m in team.members}
    mates = [(a, b) for a, b, buddy, _, _ in rows if not buddy]
    assert mates
    assert all(of_team[a] == of_team[b] and a != b for a, b in mates)
    role = {p.staff_id: p.role for p in found.posts}
    assert {role[who] for pair in mates for who in pair} <= set(NAMED_ROLES)


def test_practices_without_teams_and_buddies_have_nobody_to_stand_in() -> None:
    assert cover_of((), (), ()).staff.size == 0
