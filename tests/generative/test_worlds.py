"""The made-up worlds hold the cases that the twins are meant to be tried on."""

from __future__ import annotations

from collections import Counter
from random import Random

from tests.oracles import naive
from tests.oracles.questions import STEPS, Question
from tests.oracles.rules import Rules
from tests.oracles.worlds import World, random_world

SEEDS = range(150)


def cases(world: World) -> set[str]:
    """Return the names of the cases that a world holds."""
    contacts = world["appointments"]
    minutes = Counter((row["patient_id"], row["start_time"].replace(second=0)) for row in contacts)
    statuses = {row.get("status") for row in contacts}
    records = Counter(row["staff_id"] for row in world["staff"])
    contacts_of = Counter(row["patient_id"] for row in contacts)
    found = {
        "several practices": len({row["practice_id"] for row in world["patients"]}) > 1,
        "hub": any(row["practice_id"] == "U99001" for row in contacts),
        "no clinician": any(row["staff_id"] is None for row in contacts),
        "no status column": bool(contacts) and "status" not in contacts[0],
        "blank status": bool(contacts) and "status" in contacts[0] and None in statuses,
        "ties within a minute": max(minutes.values(), default=0) > 1,
        "no roles": not any(row["role"] for row in world["staff"]),
        "role on the row": any(row.get("staff_role") for row in contacts),
        "role changes": max(records.values(), default=0) > 1,
        "two records of a person": any(row["person_id"] for row in world["staff"]),
        "staff leave": any(row["end_date"] for row in world["staff"]),
        "dated named GPs": bool(world["named_gps"]),
        "current named GPs": any(row["named_staff_id"] for row in world["patients"]),
        "registrations": bool(world["registrations"]),
        "registered_from": any("registered_from" in row for row in world["patients"]),
        "teams": bool(world["team_members"]),
        "dated members": any(row["from_date"] for row in world["team_members"]),
        "a lead": any(row["lead"] for row in world["team_members"]),
        "buddies": bool(world["buddies"]),
        "deaths": any(row["death_date"] for row in world["patients"]),
        "one contact": 1 in contacts_of.values(),
        "no contact": len(contacts_of) < len(world["patients"]),
        "many contacts": max(contacts_of.values(), default=0) >= 9,
    }
    return {name for name, held in found.items() if held}


def test_every_case_occurs_more_than_once() -> None:
    counts = Counter(case for seed in SEEDS for case in cases(random_world(Random(seed))))
    assert len(counts) == 23, "a case never occurs"
    assert min(counts.values()) >= 5, counts.most_common()[-3:]


def test_every_rule_and_every_step_is_met() -> None:
    out: Counter[str] = Counter()
    steps: Counter[str] = Counter()
    moved = 0
    question = Question(measures=("waterfall",))
    for seed in SEEDS:
        world = random_world(Random(seed))
        out += naive.excluded(world, question)
        for key, row in naive.measure(world, question).items():
            steps[key[3]] += row["value"] > 0
        rules = Rules(world, question)
        for patient in rules.named:
            first, last = (
                rules.named_gp(patient, row["from_date"])
                for row in (rules.named[patient][0], rules.named[patient][-1])
            )
            moved += first != last
    rules_met = {"status", "deceased", "registration", "mode", "no_clinician", "role"}
    assert {rule for rule, n in out.items() if n >= 5} == rules_met
    assert {step for step, n in steps.items() if n >= 5} == set(STEPS)
    assert moved >= 20
