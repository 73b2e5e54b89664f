"""Rules in words: every rule of a model has them, and what they say is counted right."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hamlets.publish.plan_words import conflict
from hamlets.teams.columns import Rule, list_rules
from hamlets.teams.inputs import PracticeInputs
from hamlets.teams.model import TeamModel
from hamlets.teams.results import RuleWords
from hamlets.teams.rule_words import LIMITS, say_limits, say_rules
from tests.oracles.plans import random_plan
from tests.oracles.practices import practice

INPUTS = practice(3, gps=6, patients_per_gp=5, sites=2, nurses=1, registrars=1)
EVERY = TeamModel(
    team_gps=(2, 4),
    roles={"nurse": 1, "advanced_practitioner": 2},
    cover="half_day",
    must_link=(("S001", "S002"),),
    cannot_link=(("S001", "S002", "S003"), ("S004", "S005")),
    leads=("S001",),
    one_site=True,
    languages={"Welsh": 1},
    skills={"minor_surgery": 2},
    team_sessions=(8.0, 30.0),
)


def words(rule: Rule, model: TeamModel = EVERY, inputs: PracticeInputs = INPUTS) -> RuleWords:
    (found,) = say_rules([rule], inputs, model)
    return found


@pytest.mark.parametrize("approach", ["whole_list", "cohort", "buddies", "personal_lists"])
def test_every_rule_has_words(approach: str) -> None:
    model = replace(EVERY, approach=approach, cohort="frequent_attender")
    rules = list_rules(INPUTS, model)
    found = say_rules(rules, INPUTS, model)
    assert [(each.id, each.about) for each in found] == [(rule.id, rule.about) for rule in rules]
    for each in (*found, *say_limits(LIMITS, model, {})):
        assert each.sentence.endswith(".")
        assert each.sentence[0].isupper()
        assert each.short
        assert not each.short.endswith(".")
        assert not each.fact or each.fact.endswith(".")
        assert not each.change.endswith(".")
        assert len(each.sentence.split()) <= 20
    assert len({each.sentence for each in found}) == len(found)


@pytest.mark.parametrize(
    ("rule", "sentence", "fact"),
    [
        (Rule("size_least", value=2), "Each team has at least 2 GPs.", "There are 6 GPs."),
        (Rule("size_most", value=1), "Each team has at most 1 GP.", "There are 6 GPs."),
        (Rule("role", "nurse"), "Each team has a nurse of its own.", "There is 1 nurse."),
        (Rule("role", "advanced_practitioner", 2),
         "Each team has 2 advanced practitioners of its own.",
         "There is no advanced practitioner."),
        (Rule("lead"), "Each team has a GP who may lead it.", "Only 1 GP may lead a team."),
        (Rule("list_holder"), "Each team has a GP who may hold a list.", "5 GPs may hold a list."),
        (Rule("bookable"), "Each team has a GP with bookable minutes in the rota.",
         "5 GPs have bookable minutes in the rota."),
        (Rule("one_site"), "Everybody of a team works mostly at one site.",
         "GPs by site: site-1 3; site-2 3."),
        (Rule("must_link", "S001, S002", 2), "Dr Example-1 and Dr Example-2 are in one team.", ""),
        (Rule("cannot_link", "S001, S002", 2),
         "Dr Example-1 and Dr Example-2 are in different teams.", ""),
        (Rule("cannot_link", "S001, S002, S003", 3),
         "No two of Dr Example-1, Dr Example-2 and Dr Example-3 are in one team.", ""),
        (Rule("language", "Welsh"), "Each team has a GP who speaks Welsh.", "No GP speaks Welsh."),
        (Rule("cover", "Monday"), "A GP of every team works on Monday.", None),
        (Rule("cover", "Monday morning", 2),
         "At least 2 GPs of every team work on Monday morning.", None),
        (Rule("gps", value=0), "There is a GP for the teams.", None),
    ],
)  # fmt: skip
def test_what_a_rule_says(rule: Rule, sentence: str, fact: str | None) -> None:
    found = words(rule)
    assert found.sentence == sentence
    assert fact is None or found.fact == fact


def test_cover_counts_gps_with_a_list_in_the_week_with_fewer() -> None:
    """The registrar does not count, and a GP of every other Monday counts in one week only."""
    staff = INPUTS.clinicians
    half_days = staff.half_days.copy()
    half_days[:, [0, 1, 10, 11]] = False
    half_days[0, [0, 10]] = True  # a partner, each Monday morning
    half_days[1, 10] = True  # another, in the second week
    half_days[5, [0, 10]] = True  # the registrar
    inputs = replace(INPUTS, clinicians=replace(staff, half_days=half_days))
    found = words(Rule("cover", "Monday"), inputs=inputs)
    assert found.fact == "Only 1 GP who may hold a list works on Monday."
    none = words(Rule("cover", "Monday afternoon"), inputs=inputs)
    assert none.fact == "No GP who may hold a list works on Monday afternoon."


def test_what_could_be_asked_instead_is_a_key_of_the_model() -> None:
    from hamlets.teams.model import KEYS

    for each in (
        *say_rules(list_rules(INPUTS, EVERY), INPUTS, EVERY),
        *say_limits(LIMITS, EVERY, {}),
    ):
        if "(" in each.change:
            assert each.change.rpartition("(")[2].rstrip(")") in KEYS


@pytest.mark.parametrize(
    ("rules", "begin"),
    [
        (("lead",), "This rule cannot hold: "),
        (("lead", "list_holder"), "These 2 rules cannot both hold: "),
        (("lead", "list_holder", "bookable"), "These 3 rules cannot all hold: "),
    ],
)
def test_how_a_conflict_is_said(rules: tuple[str, ...], begin: str) -> None:
    _, _, plan = random_plan()
    said = say_rules([Rule(rule) for rule in rules], INPUTS, EVERY)
    which, change, broken = conflict(replace(plan, conflict=said, given_up=said[:1]))
    assert which.startswith(begin)
    assert change == "Ask for more GPs who may lead (leads)."
    assert broken.endswith("It does not keep: a lead in every team.")


def test_limits_on_lists_are_said_as_looked_for_and_not_as_proved() -> None:
    _, _, plan = random_plan()
    said = say_limits(("band", "budget"), TeamModel(), {"band": "It is 9 in 100."})
    which, change, _ = conflict(replace(plan, conflict=said))
    assert which == (
        "We found no lists that keep these 2 rules together: work within 5 in 100; "
        "at most 20 in 100 patients with a different named GP. It is 9 in 100."
    )
    assert change.startswith("Change one: ask for less even work (band_percent); or more patients")


def test_times_of_cover_stand_together() -> None:
    _, _, plan = random_plan()
    said = say_rules(
        [Rule("cover", "Monday"), Rule("lead"), Rule("cover", "Friday")], INPUTS, EVERY
    )
    _, _, broken = conflict(replace(plan, given_up=said))
    assert broken.endswith("a GP of every team on Monday, Friday; a lead in every team.")
