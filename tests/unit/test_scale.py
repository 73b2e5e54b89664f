"""Scenarios of scale: each sum, the presets against what was published, what moves an outcome."""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamlets.errors import SourceError, UsageError
from hamlets.networks.results import OUTCOMES, Swing
from hamlets.networks.scale import PRESETS, compare, evaluate, preset_text, read_given, read_own
from hamlets.networks.scale.modelling import continuity, critical_mass
from hamlets.networks.scale.reading import NO_SOURCE
from hamlets.publish.scale_page import render_scales, swing_parts
from hamlets.publish.scale_words import outcome_words, swing_alternative
from hamlets.publish.tornado import Bar, Tornado, draw_tornado

BASE = {each.key: each.value for each in read_given("tower-hamlets-network-2").inputs}
SERVICES = ("physiotherapy", "diabetes", "ultrasound", "minor_surgery", "cardiology")


def test_critical_mass_is_who_fills_one_clinic_a_week() -> None:
    # 46 clinics of 12 are 552 places; at 60 contacts for 1,000 patients that is 9,200 patients
    assert critical_mass(BASE, "diabetes") == 9200
    places = BASE["diabetes.slots"] * BASE["clinic_weeks"]
    assert 9.2 * BASE["diabetes.contacts_per_1000"] == pytest.approx(places)


@pytest.mark.parametrize(
    ("per_site", "expected"),
    [(1000, 0.70), (4000, 0.70), (8000, 0.645), (12000, 0.59), (50000, 0.59)],
)
def test_continuity_falls_from_small_to_large_sites_and_is_flat_beyond(
    per_site: float, expected: float
) -> None:
    values = {**BASE, "patients": per_site * BASE["sites"]}
    assert continuity(values) == pytest.approx(expected)
    assert continuity({**values, "team_gain": 0.05}) == pytest.approx(expected + 0.05)
    assert continuity({**values, "team_gain": 0.9}) == 1.0


def test_the_sums_of_network_2_done_by_hand() -> None:
    found = evaluate(BASE, SERVICES)
    assert found["patients_per_site"] == 6800
    assert found["fixed_cost"] == 3 * 45_000 + 20_000
    assert found["running_cost"] == 0.5 * 34_000 + 5 * 60 * 80
    assert found["cost_per_patient"] == pytest.approx((155_000 + 41_000) / 34_000)
    assert found["decision_weeks"] == pytest.approx(4 + 0.2 * 4)
    assert found["settling_months"] == 0
    # 34,000 patients fill a weekly clinic of all but the consultant's, who needs 55,200
    assert found["services_viable"] == 4
    assert found["continuity"] == pytest.approx(0.70 - 0.11 * 2800 / 8000)


def test_a_clinic_that_is_just_full_enough_is_viable() -> None:
    enough = BASE["least_fill"] * critical_mass(BASE, "diabetes")
    for patients, viable in ((enough, 1), (enough - 1, 0)):
        found = evaluate({**BASE, "patients": patients}, ["diabetes"])
        assert found["services_viable"] == viable


def test_practices_that_join_are_turned_round_some_at_a_time() -> None:
    values = {**BASE, "joining_practices": 9.0, "joining_at_once": 2.0}
    assert evaluate(values, SERVICES)["settling_months"] == 12 * ceil(9 / 2)


@pytest.mark.parametrize(
    ("name", "model", "patients", "sites", "words"),
    [
        ("tower-hamlets-network-2", "network", 34_000, 5, "Company limited by shares"),
        ("suffolk", "federation", 539_000, 60, "Community interest company"),
        ("vitality", "super_partnership", 51_000, 8, "over 12 months to turn round"),
        ("whitstable", "super_partnership", 34_000, 3, "more continuity"),
        ("hurley", "multi_practice", 100_000, 18, "10,000 patients surveyed a year"),
    ],
)
def test_presets_say_what_was_published(
    name: str, model: str, patients: int, sites: int, words: str
) -> None:
    preset = read_given(name)
    inputs = {each.key: each for each in preset.inputs}
    assert (preset.model, preset.facts_source) == (model, "Nuffield Trust, December 2013")
    assert (inputs["patients"].value, inputs["sites"].value) == (patients, sites)
    for key in ("patients", "sites"):
        assert inputs[key].kind == "published" and "Nuffield Trust 2013" in inputs[key].source
    assert any(words in fact for _, fact in preset.facts)
    assert (inputs["continuity_small"].value, inputs["continuity_large"].value) == (0.70, 0.59)


@pytest.mark.parametrize("name", PRESETS)
def test_every_input_of_a_preset_has_a_source_a_date_and_a_range(name: str) -> None:
    for each in read_given(name).inputs:
        assert each.source not in ("", NO_SOURCE), each.key
        assert each.date, each.key
        assert each.low <= each.value <= each.high
        # costs were never published: nobody may read them as the organisation's own
        if "cost" in each.key or "pounds" in each.unit:
            assert each.kind == "assumption", each.key


@pytest.mark.parametrize("name", PRESETS)
def test_a_swing_is_the_outcome_at_both_ends_with_all_else_kept(name: str) -> None:
    preset = read_given(name)
    values = {each.key: each.value for each in preset.inputs}
    ranges = {each.key: each for each in preset.inputs}
    (scenario,) = compare([preset]).scenarios
    for outcome, swings in scenario.swings.items():
        widths = [swing.width for swing in swings]
        assert widths == sorted(widths, reverse=True)
        listed = {swing.key for swing in swings}
        for key, each in ranges.items():
            ends = [
                evaluate({**values, key: end}, SERVICES)[outcome] for end in (each.low, each.high)
            ]
            assert (ends[0] != ends[1]) == (key in listed)
        for swing in swings:
            assert (
                swing.at_low == evaluate({**values, swing.key: swing.low_input}, SERVICES)[outcome]
            )


@given(st.floats(1_000, 1_000_000), st.floats(1_000, 1_000_000))
def test_more_patients_never_mean_fewer_clinics_or_more_continuity(one: float, two: float) -> None:
    small, large = sorted((one, two))
    a, b = (evaluate({**BASE, "patients": n}, SERVICES) for n in (small, large))
    assert a["weekly_clinics"] <= b["weekly_clinics"]
    assert a["services_viable"] <= b["services_viable"]
    assert a["continuity"] >= b["continuity"]


def test_own_numbers_stand_above_and_say_so_when_they_have_no_source(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(
        'title = "Ours"\nteam_model = "micro_teams"\n'
        "[inputs.patients]\nvalue = 50000\n"
        '[inputs.cost_per_post]\nvalue = 50000\nlow = 48000\nhigh = 52000\nsource = "Payroll"\n'
        "[services.dermatology]\ncontacts_per_1000 = 20\n"
        "slots = { value = 10, low = 8, high = 12 }\n"
    )
    for found in (read_own(path), read_given("suffolk", path), read_given(str(path))):
        inputs = {each.key: each for each in found.inputs}
        assert found.title == "Ours"
        assert (inputs["patients"].low, inputs["patients"].high) == (50_000, 50_000)
        assert inputs["patients"].source == NO_SOURCE
        assert inputs["patients"].kind == "assumption"
        assert inputs["cost_per_post"].source == "Payroll"
        assert (inputs["team_gain"].value, inputs["team_gain"].high) == (0.05, 0.10)
        assert ("dermatology", "dermatology") in found.services


BAD = [
    ("[inputs.patients]\nvalue = -5", "cannot be below 1"),
    ("[inputs.patients]\nvalue = 0", "cannot be below 1"),
    ('[inputs.patients]\nvalue = "many"', "is not a number"),
    ("[inputs.patients]\nvalue = true", "is not a number"),
    ("[inputs.patients]\nvalue = nan", "beyond any"),
    ("[inputs.patients]\nvalue = 5\nlow = 6", "between low and high"),
    ("[inputs.continuity_small]\nvalue = 70", "is above 1"),
    ("[inputs.clinic_weeks]\nvalue = 60", "is above 53"),
    ("[inputs.least_fill]\nvalue = 0", "not above 0"),
    ("[inputs.small_site]\nvalue = 20000", "as large as a large one"),
    ("[inputs.pay]\nvalue = 5", "a key 'pay' that there is none of"),
    ("[inputs]\npatients = 5", "is not a table"),
    ('model = "empire"', "there is no 'empire'"),
    ('team_model = "squads"', "there is no 'squads'"),
    ("[services.x]\nslots = 5", "has no contacts_per_1000"),
    ("[services.x]\nslots = 5\ncontacts_per_1000 = 0", "is not above 0"),
    ("[team_models.x]\nvalue = 0.2", "there is none of"),
    ("this is no toml", "cannot be read as TOML"),
]


@pytest.mark.parametrize(("text", "sentence"), BAD)
def test_a_file_that_is_wrong_is_told_what_to_mend(
    tmp_path: Path, text: str, sentence: str
) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(text)
    with pytest.raises(SourceError) as caught:
        read_own(path)
    assert sentence in caught.value.message
    assert caught.value.where == "ours.toml" and caught.value.hint


def test_a_preset_that_there_is_none_of_is_told() -> None:
    with pytest.raises(UsageError, match="no preset 'everywhere'"):
        read_given("everywhere")


def test_a_preset_printed_and_read_again_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "hurley.toml"
    path.write_text(preset_text("hurley"))
    assert read_given(str(path)) == read_given("hurley")


def test_the_drawing_has_each_bar_in_words_and_inside_its_frame() -> None:
    (scenario,) = compare([read_given("vitality")]).scenarios
    swings = scenario.swings["cost_per_patient"]
    told = swing_alternative("cost_per_patient", swings)
    assert told.startswith(f"Bars for {len(swings)} inputs, longest first.")
    assert "Registered patients: £12.04 with 51,000 patients, £5.40 with 120,000 patients." in told
    for part in swing_parts(scenario):
        assert len(part.drawings) == 2
        for drawing in part.drawings:
            assert "<title" in drawing and "<desc" in drawing


@pytest.mark.parametrize("width", ["narrow", "wide"])
def test_a_bar_on_one_side_only_and_no_bar_at_all_can_be_drawn(width: str) -> None:
    one = Tornado((Bar("Both above", 2.0, 3.0, "2", "3"), Bar("None", 1.0, 1.0, "1", "1")), 1.0,
                  "1", "title", "words")  # fmt: skip
    assert "Both above" in draw_tornado(one, "a", width)
    assert draw_tornado(replace(one, bars=()), "b", width)


def test_outcomes_are_read_as_people_say_them() -> None:
    assert outcome_words("continuity", 0.6615, 5) == "66 in 100"
    assert outcome_words("services_viable", 4.0, 5) == "4 of 5"
    assert outcome_words("settling_months", 0.0, 5) == "nobody joins"
    assert outcome_words("decision_weeks", 4.8, 5) == "4.8 weeks"
    assert all(outcome_words(key, 1.0, 1) for key in OUTCOMES)


def test_a_page_says_that_it_is_a_model_and_escapes_what_people_write(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text('title = "<b>Ours</b>"\n[facts]\n"<i>" = "<script>alert(1)</script>"\n')
    page = render_scales(compare([read_own(path), read_given("hurley")]))
    assert "not a forecast" in page and "They are not what anybody spent or did." in page
    assert "<script>" not in page and "<b>Ours" not in page
    assert "Nuffield Trust 2013" in page
    for each in read_given("hurley").inputs:
        assert each.title in page


def test_a_page_is_called_after_its_organisations() -> None:
    given = [read_given(name) for name in PRESETS]
    assert "How big? Whitstable<" in render_scales(compare(given[3:4]))
    assert "How big? Whitstable | Hurley, London<" in render_scales(compare(given[3:]))
    assert "How big? 5 organisations<" in render_scales(compare(given))


def test_a_swing_knows_its_width() -> None:
    assert Swing("k", "t", "u", 1, 2, 5.0, 3.0).width == 2.0
