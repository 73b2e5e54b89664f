"""Pages of team design, from the empty page to a plan that is adopted and stopped."""

from __future__ import annotations

import csv
import io
import stat
import tomllib
import zipfile
from typing import Any

import pytest
from django.test import Client

from hamlets.teams.model import make_model
from hamlets.web.audit.models import Entry
from hamlets.web.jobs import asking as jobs
from hamlets.web.jobs.models import Job, State
from hamlets.web.people.models import Person
from hamlets.web.places.models import Place
from hamlets.web.teamwork import stored
from hamlets.web.teamwork.models import Draft
from hamlets.web.work.team_files import folder_of
from tests.fixtures.team_site import Begin, describe, do_all, form_of, open_page, run
from tests.web.conftest import Borough, MakePerson

HOME = "/practice/EX001/teams/"
PLAN = f"{HOME}plans/EX001-1/"


def here() -> Place:
    return Place.objects.get(code="EX001")


def actions() -> list[str]:
    every = Entry.objects.order_by("number").values_list("action", flat=True)
    return [action for action in every if action != "role given"]


def words(page: Any) -> str:
    return " ".join(page.content.decode().split())


@pytest.fixture
def manager(places: Borough, person: MakePerson, client: Client) -> Person:
    made = person("practice_manager", name="Example Manager")
    client.force_login(made)
    return made


def test_from_nothing_to_a_plan(client: Client, team_store: Begin, manager: Person) -> None:
    team_store(planned=False)
    empty = words(open_page(client, HOME))
    assert (
        "No plan yet. You need 6 months of appointments and a staff list; you have both." in empty
    )
    address = describe(client, HOME, time_limit_seconds="20")
    draft = Draft.objects.get()
    make_model(draft.model)  # the command line reads what the form writes
    written = client.get(f"{address}model.toml").content.decode()
    assert make_model(tomllib.loads(written)) == make_model(draft.model)
    page = run(client, address)
    assert page.status_code == 200
    said = words(page)
    assert "Plan 1 for Practice A (draft)" in said
    assert "No plan under your rules can beat this one" in said
    plan = stored.plans_of(here()).kept[0].plan
    assert plan.made_by == "Example Manager"
    assert Draft.objects.get().plan_id == plan.plan_id
    assert actions() == [
        "team description begun", "team description changed", "team design run", "plan made",
    ]  # fmt: skip


def test_a_plan_is_adopted_its_files_made_and_stopped_again(
    client: Client, team_store: Begin, manager: Person
) -> None:
    team_store()
    check = words(open_page(client, f"{PLAN}adopt/"))
    plan = stored.plans_of(here()).kept[0].plan
    letters = plan.moved + plan.forced + plan.first
    assert "Check before you adopt" in check and f"{letters:,} patients" in check
    assert client.get(PLAN).status_code == 200 and "Stop this plan" not in words(client.get(PLAN))
    wrong = open_page(client, f"{PLAN}adopt/?first-day=1&first-month=1&first-year=1990")
    assert wrong.status_code == 422 and "The records begin on" in words(wrong)
    assert client.post(f"{PLAN}adopt/", {"seen": "on"}).status_code == 422
    sent = client.post(f"{PLAN}adopt/", {"seen": "on", "words": "on"})
    adopted = words(open_page(client, sent["Location"]))
    assert "Plan 1 starts on" in adopted and "You can stop it until" in adopted
    assert [each.standing.state for each in stored.plans_of(here()).kept] == ["adopted"]
    assert client.get(f"{PLAN}adopt/").status_code == 302  # not twice

    open_page(client, client.post(f"{PLAN}files/")["Location"])
    folder = folder_of("EX001", "EX001-1")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(f.stat().st_mode) for f in folder.iterdir()} == {0o600}
    named = client.get(f"{PLAN}files/named-gps.csv").content.decode("utf-8-sig")
    assert len(list(csv.DictReader(io.StringIO(named)))) == letters
    pages = client.get(f"{PLAN}files/team-pages.zip").content
    assert len(zipfile.ZipFile(io.BytesIO(pages)).namelist()) == len(plan.teams)
    for name in ("index.json", "..", "made-up.csv"):
        assert client.get(f"{PLAN}files/{name}").status_code == 404

    assert "Stop plan 1?" in words(client.get(f"{PLAN}withdraw/"))
    stopped = words(open_page(client, client.post(f"{PLAN}withdraw/")["Location"]))
    assert "The plan is taken back." in stopped
    # the dates in the files are not right any more, and the page of a draft offers none
    assert [each.standing.state for each in stored.plans_of(here()).kept] == ["draft"]
    assert actions() == [
        "plan adoption asked", "plan adopted", "files of a plan made",
        "file of a plan downloaded", "file of a plan downloaded",
        "plan withdrawal asked", "plan taken back",
    ]  # fmt: skip


def test_a_plan_is_changed_by_hand_and_back_again(
    client: Client, team_store: Begin, manager: Person
) -> None:
    team_store()
    kept = stored.plans_of(here()).kept[0]
    first, second = kept.plan.teams[:2]
    who = first.members[0]
    same = client.post(f"{PLAN}move/", {"staff": who, "team": first.team_id})
    assert same.status_code == 422
    tried = client.post(f"{PLAN}move/", {"staff": who, "team": second.team_id})
    said = words(open_page(client, tried["Location"]))
    assert "This keeps" in said and "Keep the change" in said and "Undo" in said
    assert len(stored.plans_of(here()).kept) == 1  # nothing is kept yet
    made = open_page(client, client.post(tried["Location"])["Location"])
    assert "Changed by hand" in words(made)
    changed = stored.plans_of(here()).kept[0]
    assert changed.plan.number == 2 and changed.plan.made_by == "Example Manager"
    by_name = {team.name: set(team.members) for team in changed.plan.teams}
    assert who in by_name[second.name] and who not in by_name[first.name]
    assert changed.plan.moved == kept.plan.moved

    team = next(t for t in changed.plan.teams if t.name == first.name)
    back = client.post(f"{HOME}plans/EX001-2/move/", {"staff": who, "team": team.team_id})
    open_page(client, back["Location"])
    open_page(client, client.post(back["Location"])["Location"])
    again = stored.plans_of(here()).kept[0].plan
    assert again.number == 3
    assert [t.members for t in again.teams] == [t.members for t in kept.plan.teams]
    assert again.option() == kept.plan.option()
    assert again.certificate.value == pytest.approx(kept.plan.certificate.value)
    assert again.certificate.gap == pytest.approx(kept.plan.certificate.gap)


def test_rules_that_cannot_hold_give_the_nearest_plan_and_a_way_out(
    client: Client, team_store: Begin, manager: Person
) -> None:
    team_store(planned=False)
    address = describe(client, HOME, least="2", most="2", time_limit_seconds="5")
    page = run(client, address)
    said = words(page)
    assert "This is the nearest plan. It does not keep every rule." in said
    assert "cannot" in said and "Change one rule in the description:" in said
    assert "There is no proof" in said
    changed = client.post(f"{address}change/", {"key": "team_most", "value": "3"})
    assert changed.status_code == 302
    assert Draft.objects.get().model["team_gps"] == [2, 3]
    for key, value in (("team_most", "999"), ("made_up", "1"), ("band_percent", "x")):
        answer = client.post(f"{address}change/", {"key": key, "value": value})
        assert answer.status_code == 404
    # adopting it needs a tick of its own
    plan = stored.plans_of(here()).kept[0].plan.plan_id
    check = open_page(client, f"{HOME}plans/{plan}/adopt/")
    assert "We adopt it although it does not keep every rule" in words(check)
    ticks = {"seen": "on", "words": "on"}
    assert client.post(f"{HOME}plans/{plan}/adopt/", ticks).status_code == 422
    sent = client.post(f"{HOME}plans/{plan}/adopt/", {**ticks, "force": "on"})
    assert sent.status_code == 302
    assert "starts on" in words(open_page(client, sent["Location"]))


def test_a_list_is_shared_out_when_a_gp_leaves(
    client: Client, team_store: Begin, manager: Person
) -> None:
    team_store()
    open_page(client, HOME)
    gp = stored.plans_of(here()).kept[0].plan.teams[0].members[0]
    assert client.post(f"{HOME}staff/", {"kind": "leaver"}).status_code == 422
    wrong = {"kind": "leave", "who": gp}
    assert "Enter the last day of the leave" in words(client.post(f"{HOME}staff/", wrong))
    sent = client.post(f"{HOME}staff/", {"kind": "leaver", "who": gp, "plan": "EX001-1"})
    page = open_page(client, sent["Location"])
    said = words(page)
    assert "leaves on" in said and "can stay in the team" in said
    made = stored.plans_of(here()).kept[0].plan
    assert made.approach == "reallocation" and made.made_by == "Example Manager"
    who = words(open_page(client, f"{HOME}plans/{made.plan_id}/who/"))
    assert f"{made.moved + made.forced + made.first:,} patients would have" in who
    assert actions()[-1] == "patients of a plan opened"
    assert "A GP joins" in words(client.get(f"{HOME}staff/"))
    unknown = {"kind": "joiner", "new": "NOBODY"}
    refused = open_page(client, client.post(f"{HOME}staff/", unknown)["Location"])
    assert "This cannot be worked out" in words(refused) and "NOBODY" in words(refused)


def test_clinicians_design_and_do_not_adopt(
    client: Client, team_store: Begin, places: Borough, person: MakePerson
) -> None:
    team_store()
    client.force_login(person("clinician"))
    page = words(open_page(client, PLAN))
    assert "Plan 1 for" in page and "Check before you adopt" not in page
    proposed = open_page(client, client.post(f"{PLAN}propose/")["Location"])
    assert "(proposed)" in words(proposed)
    for end in ("adopt/", "withdraw/", "files/readme.txt"):
        assert client.get(f"{PLAN}{end}").status_code == 403
    assert client.post(f"{PLAN}files/").status_code == 403
    client.force_login(person("receptionist"))
    for address in (HOME, PLAN, f"{PLAN}who/", f"{HOME}staff/"):
        assert client.get(address).status_code == 403
    client.force_login(person("practice_manager", places.b))
    for address in (PLAN, PLAN.replace("EX001/", "EX002/")):
        assert client.get(address).status_code == 404
    job = Job.objects.filter(place=places.a, kind="plan_propose").get()
    assert client.get(f"/practice/EX002/teams/jobs/{job.pk}/").status_code == 404


def test_a_run_that_ends_otherwise_says_so(
    client: Client, team_store: Begin, manager: Person
) -> None:
    team_store(planned=False)
    address = describe(client, HOME)
    client.post(f"{address}start/")
    waiting = client.get(f"{address}run/")
    assert waiting.status_code == 202
    assert "You can leave this page. We will keep working." in words(waiting)
    assert "Cancel" in words(waiting)
    job = Job.objects.get(kind="design")
    assert client.post(f"{address}start/").status_code == 302  # the same run
    assert Job.objects.filter(kind="design").count() == 1
    Job.objects.filter(pk=job.pk).update(state=State.running, stage="Trying teams (120 tried)")
    jobs.cancel(here(), job.pk)
    stopping = words(client.get(f"{address}run/"))
    assert "Stopping. We keep the plan found so far." in stopping
    Job.objects.filter(pk=job.pk).update(state=State.died)
    died = words(client.get(f"{address}run/"))
    assert "The run stopped before the end" in died and "Nothing was changed." in died
    assert "Run again" in died
    client.post(f"{address}start/")
    assert Job.objects.filter(kind="design").count() == 2
    assert client.get(f"{address}run/").status_code == 202


def test_too_few_months_are_said(
    client: Client, team_store: Begin, manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    team_store(planned=False)
    monkeypatch.setattr("hamlets.web.work.teams.MONTHS_NEEDED", 99)
    page = words(open_page(client, HOME))
    assert "You have 15 full months so far." in page and "Describe teams" not in page


def test_a_practice_without_contacts_is_told_what_it_needs(
    client: Client, team_store: Begin, places: Borough, person: MakePerson
) -> None:
    team_store(planned=False)
    nowhere = Place.objects.create(kind="practice", code="EX099", name="Practice Z")
    client.force_login(person("practice_manager", nowhere))
    page = open_page(client, "/practice/EX099/teams/")
    assert page.status_code == 200
    assert "No plan yet. You need 6 months of appointments and a staff list." in words(page)
    assert "EX099" in words(page)
    assert client.get("/practice/EX099/teams/plans/EX001-1/").status_code == 404


def test_a_form_with_what_cannot_be_says_what_to_do(
    client: Client, team_store: Begin, manager: Person
) -> None:
    team_store(planned=False)
    address = describe(client, HOME)
    page = open_page(client, address)
    gps = form_of(page)["taking_part"]
    for wrong, message in (
        ({"approach": "cohort"}, "Choose which patients should have a team"),
        ({"least": "4", "most": "2"}, "enter no more than the number below it"),
        ({"together_0_one": gps[0]}, "Choose the second GP"),
        ({"together_0_one": gps[0], "together_0_other": gps[0]}, "Choose two different people"),
        (
            {"together_0_one": gps[0], "together_0_other": gps[1],
             "apart_0_one": gps[1], "apart_0_other": gps[0]},
            "cannot be both together and apart",
        ),
        ({"taking_part": []}, "Choose the GPs who are in teams"),
        ({"sessions_least": "5"}, "Enter both numbers of sessions, or none"),
        ({"band_percent": "0"}, "How even must the work be? Enter 0.1 or more"),
        ({"band_percent": "lots"}, "How even must the work be? Enter a number, such as 5 or 2.5"),
    ):  # fmt: skip
        answer = client.post(address, {**form_of(page), **wrong})
        assert answer.status_code == 422, wrong
        assert message in words(answer)
    before = Draft.objects.get()
    pairs = {"together_0_one": gps[0], "together_0_other": gps[1], "apart_1_one": gps[0],
             "apart_1_other": gps[2], "approach": "cohort", "cohort": "frequent_attender",
             "sessions_least": "4", "sessions_most": "40", "leads": gps[:2]}  # fmt: skip
    assert client.post(address, {**form_of(page), **pairs}).status_code == 302
    model = make_model(Draft.objects.get().model)
    assert model.must_link == ((gps[0], gps[1]),) and model.cannot_link == ((gps[0], gps[2]),)
    assert model.cohort == "frequent_attender" and model.team_sessions == (4, 40)
    assert model.leads == tuple(gps[:2])
    # the page shows what was answered, and sending it again changes nothing
    again = open_page(client, address)
    assert client.post(address, form_of(again)).status_code == 302
    assert Draft.objects.get().edition == before.edition + 1
    line = client.post(f"{address}line/", {**form_of(again), "least": "1", "most": "40"})
    assert line.content.decode().endswith("possible.")
    assert do_all() == []
