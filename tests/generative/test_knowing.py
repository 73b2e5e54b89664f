"""Who knows one patient, asked without the kernel: the kernel and the plain twin agree."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from hamlets.continuity.being_in import recent_sessions, rota_ahead
from hamlets.continuity.calendar import Window, day_number, day_of
from hamlets.continuity.contacts import Workspace, make_rules, resolve_named, select_contacts
from hamlets.continuity.conventions import Conventions
from hamlets.continuity.definitions import STEPS
from hamlets.continuity.frame import read_patients
from hamlets.continuity.knowing import Surroundings, who_knows
from hamlets.continuity.ladder import named_at
from hamlets.continuity.members import read_members
from hamlets.continuity.reference import GP_ROLES, build_reference
from hamlets.continuity.results import WhoKnows
from hamlets.continuity.spans import Span
from hamlets.records import Store, load, open_store
from tests.oracles.questions import Question
from tests.oracles.ratios import step_of
from tests.oracles.rules import Rules
from tests.oracles.stores import build_store, write_csv
from tests.oracles.worlds import random_world

ANY = Question(roles="any")
Told = tuple[date, str, str]
"""Day, person and kind of one contact."""


def around(store: Store, home: int, day: date) -> Surroundings:
    reference = build_reference(store)
    sessions = recent_sessions(store, reference, day)
    members = read_members(store, reference, day_number(day))
    rota = rota_ahead(store, reference, sessions, home, day)
    return Surroundings(reference, home, members, {}, rota, day)


def by_kernel(store: Store, home: int) -> dict[int, list[Told]]:
    """Return the contacts of the usual window of each patient of a home practice."""
    reference = build_reference(store)
    last = store.last_counted_day
    assert last is not None
    first = Rules({}, ANY.with_(date_to=last)).window()
    assert first is not None
    window = Window(day_number(first[0]), day_number(last))
    span = Span(store, (home,))
    rows, keys = span.read(
        "appointments",
        ["patient", "staff", "practice", "start_day", "start_second", "status", "mode", "role"],
    )
    starts = np.flatnonzero(np.diff(keys, prepend=-1))
    patients = read_patients(span, reference, keys[starts], ())
    low, high = patients.runs(keys, starts)
    work = Workspace(reference.people, len(reference.practice_labels))
    rules = make_rules(Conventions(roles="any"), reference.roles_known)
    contacts = select_contacts(
        rows, low, high, patients, reference, rules, window, work, True,
        np.zeros(patients.size, dtype=np.uint8),
    )  # fmt: skip
    resolve_named(contacts, patients.named, reference, work)
    found: dict[int, list[Told]] = {}
    for position, code in enumerate(patients.codes.tolist()):
        found[code] = [
            (
                day_of(int(contacts.day[at])),
                reference.person_labels[contacts.people[contacts.who[at]]],
                STEPS[contacts.step[at]] if contacts.step[at] >= 0 else "unknown",
            )
            for at in range(contacts.low[position], contacts.high[position])
        ]
    return found


def by_twin(rules: Rules, patient: str) -> list[Told]:
    window = rules.window()
    assert window is not None
    first, to = window
    return [
        (c.day, c.person, "unknown" if c.named is None else step_of(rules, c))
        for c in rules.contacts(patient, rules.home(patient, first, to), to)
        if c.day >= first
    ]


def told(known: WhoKnows, rules: Rules) -> list[Told]:
    """Return the contacts with a clinician, as the twin names people."""
    return [(c.day, rules.person(c.who.staff_id), c.kind) for c in known.strip if c.who]


@pytest.mark.parametrize("seed", range(16))
def test_one_patient_is_told_as_the_kernel_and_the_twin_tell(tmp_path: Path, seed: int) -> None:
    world = random_world(Random(seed), patients=20)
    rules = Rules(world, ANY)
    if rules.window() is None:
        pytest.skip("nobody was seen")
    with open_store(build_store(tmp_path, world)) as store:
        rows = store.table("appointments").select(["appointment_id", "patient_id"]).to_pylist()
        source = {row["appointment_id"]: row["patient_id"] for row in world["appointments"]}
        named = {row["patient_id"]: source[row["appointment_id"]] for row in rows}
        labels = store.labels("patient")
        day = rules.window()[1] + timedelta(days=1)  # pyright: ignore[reportOptionalSubscript]
        for home in store.group_practices():
            at = around(store, home, day)
            for code, contacts in by_kernel(store, home).items():
                known = who_knows(store, at, code)
                found = told(known, rules)
                assert found == [(d, rules.person(p), k) for d, p, k in contacts]
                patient = named.get(labels[code])
                if patient is None:
                    continue  # never seen: the twin knows the patient by appointments alone
                assert found == by_twin(rules, patient)
                check_keepers(known, rules, patient, day)
                check_seen(known, rules, patient)


def tight_world(rng: Random) -> dict[str, list[dict[str, Any]]]:
    """Return rows of a few days only, so that every boundary is met: starts, ends, deaths, ties."""
    days = [date(2025, 3, 3) + timedelta(days=n) for n in range(7)]
    staff, places = ["a", "b", "c", "d"], ["G99001", "G99002"]

    def dated(chance: int = 3) -> dict[str, date | None]:
        first, last = sorted((rng.choice(days), rng.choice(days)))
        return {"from_date": rng.choice((None, first)), "to_date": rng.choice((None, last, last))
                if rng.randrange(chance) else None}  # fmt: skip

    roles = ("gp_partner", "gp_salaried", "gp_locum", "gp_registrar", "nurse")
    posts: list[dict[str, Any]] = []
    for one in staff:
        for _ in range(rng.randint(1, 3)):
            when = dated()
            posts.append({"staff_id": one, "practice_id": rng.choice(places),
                          "role": rng.choice(roles), "start_date": when["from_date"],
                          "end_date": when["to_date"]})  # fmt: skip
    named_days = [{**dated(), "from_date": rng.choice(days)} for _ in range(14)]
    patients = [f"p{n}" for n in range(6)]
    registered = rng.choice((0, 0, 1, 2))
    times = (0, 540, 541)
    return {
        "practices": [{"practice_id": place} for place in places],
        "staff": posts,
        "teams": [{"team_id": team, "practice_id": places[0]} for team in ("T1", "T2")],
        "team_members": [
            {"team_id": rng.choice(("T1", "T2")), "staff_id": rng.choice(staff), **dated(),
             "lead": rng.randrange(3) == 0}
            for _ in range(7)
        ],
        "buddies": [
            {"staff_id": rng.choice(staff), "buddy_staff_id": rng.choice(staff), **dated()}
            for _ in range(3)
        ],
        "patients": [
            {"patient_id": one, "practice_id": rng.choice(places) if registered else None,
             "death_date": rng.choice((None, None, rng.choice(days)))}
            for one in patients
        ],
        "registrations": [
            {"patient_id": rng.choice(patients), "practice_id": rng.choice(places), **dated(),
             "from_date": rng.choice(days)}
            for _ in range(4 * registered)
        ],
        "named_gps": [
            {"patient_id": rng.choice(patients), "staff_id": rng.choice(staff), **when}
            for when in named_days
        ],
        "appointments": [
            {"patient_id": rng.choice(patients), "staff_id": rng.choice((*staff, *staff, None)),
             "practice_id": rng.choice(places), "appointment_id": f"A{n}",
             "start_time": datetime.combine(rng.choice(days), time())
             + timedelta(minutes=rng.choice(times)),
             "status": rng.choice(("attended", "attended", "arrived", "cancelled")),
             "mode": rng.choice(("face_to_face", "group", None)),
             "staff_role": rng.choice((None, None, "gp_locum"))}
            for n in range(40)
        ],
    }  # fmt: skip


@pytest.mark.parametrize("seed", range(24))
def test_every_boundary_is_the_kernels(tmp_path: Path, seed: int) -> None:
    rng = Random(seed)
    tables = tight_world(rng)
    # the same patients again, with other named GPs: the latest loaded of one day is in force
    again = {"named_gps": tight_world(rng)["named_gps"]}
    load([write_csv(tables, tmp_path / "1")], tmp_path / "store", source_name="x",
         refuse_limit=100.0)  # fmt: skip
    load([write_csv(again, tmp_path / "2")], tmp_path / "store", source_name="x",
         refuse_limit=100.0)  # fmt: skip
    with open_store(tmp_path / "store") as store:
        reference = build_reference(store)
        person = {label: n for n, label in enumerate(store.labels("staff"))}
        for home in store.group_practices():
            for day in (date(2025, 3, 3), date(2025, 3, 6), date(2025, 3, 9)):
                at = around(store, home, day)
                named = named_by_kernel(store, home, day)
                for code, contacts in by_kernel(store, home).items():
                    known = who_knows(store, at, code)
                    found = [
                        (c.day, reference.person_labels[person[c.who.staff_id]], c.kind)
                        for c in known.strip
                        if c.who
                    ]
                    assert found == contacts
                    own = known.own.who.staff_id if known.naming == "named" and known.own else None
                    assert (own or known.naming) == named[code]


WHY = {-1: "none", -2: "left", -3: "not_gp"}


def named_by_kernel(store: Store, home: int, day: date) -> dict[int, str]:
    """Return the named GP of each patient on a day, or why there is none."""
    reference = build_reference(store)
    span = Span(store, (home,))
    _, keys = span.read("appointments", ["patient"])
    patients = read_patients(span, reference, np.unique(keys), ())
    named, r = np.empty(patients.size, dtype=np.int32), reference.lists
    n = patients.named
    named_at(
        n.offset, n.start, n.end, n.value, r.offset, r.start, r.end, reference.list_may,
        reference.leaves, day_number(day), named,
    )  # fmt: skip
    return {
        code: reference.person_labels[who] if who >= 0 else WHY[who]
        for code, who in zip(patients.codes.tolist(), named.tolist(), strict=True)
    }


def check_keepers(known: WhoKnows, rules: Rules, patient: str, day: date) -> None:
    own = rules.named_gp(patient, day)
    assert (known.naming == "named") == (own is not None)
    if own is None or known.own is None:
        return
    assert rules.person(known.own.who.staff_id) == own
    buddies = {rules.person(k.who.staff_id) for k in known.buddies}
    assert buddies == rules.buddies_of(own, day) - {own}
    team = rules.team_of_named(own, day)
    assert (known.team.team_id if known.team else None) == team
    if known.team is not None:
        others = {rules.person(k.who.staff_id) for k in known.team.others}
        members = {rules.person(r["staff_id"]) for r in rules.world["staff"]}
        wanted = {
            p
            for p in members
            if rules.in_team(p, team, day)
            and p not in buddies | {own}
            and not all(
                r.get("end_date") and r["end_date"] <= day
                for record in rules.records_of(p)
                for r in rules.staff[record]
            )
        }
        assert others == wanted


def check_seen(known: WhoKnows, rules: Rules, patient: str) -> None:
    """The counts are those of the strip, and the one mostly seen has more than half of them."""
    window = rules.window()
    assert window is not None
    contacts = [
        c
        for c in rules.contacts(patient, rules.home(patient, *window), window[1])
        if c.day >= window[0]
    ]
    seen: dict[str, int] = {}
    for c in contacts:
        seen[c.person] = seen.get(c.person, 0) + 1
    assert {rules.person(by.who.staff_id): by.contacts for by in known.seen} == seen
    assert [by.contacts for by in known.seen] == sorted(seen.values(), reverse=True)
    gp = [c for c in contacts if c.role in GP_ROLES or not rules.roles_known]
    assert known.gp_contacts == len(gp)
    if known.mostly is not None:
        most = rules.person(known.mostly.who.staff_id)
        assert most != (rules.person(known.own.who.staff_id) if known.own else None)
        assert known.mostly.contacts == seen[most] >= 3
        assert 2 * known.mostly.contacts > len(gp)


def test_a_contact_without_clinician_is_shown_as_not_known(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"patient_id": "P1", "staff_id": staff, "practice_id": "G99001",
         "start_time": f"2025-03-0{n} 09:00", "status": "attended", "appointment_id": f"{n}"}
        for n, staff in ((1, None), (2, "S1"))
    ]  # fmt: skip
    with open_store(build_store(tmp_path, {"appointments": rows})) as store:
        known = who_knows(store, around(store, 0, date(2025, 3, 3)), 0)
    assert [(c.kind, c.who and c.who.staff_id) for c in known.strip] == [
        ("unknown", None),
        ("unknown", "S1"),
    ]
    assert known.naming == "none"
    assert known.registered
    assert [by.contacts for by in known.seen] == [1]
