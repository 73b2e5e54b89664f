"""Illness of invented patients: published rates, days that can be, and the one plant."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace

import numpy as np
import pytest
from invented_patients import FIRST, LAST, day, setting, world

from hamlets.booking.simulation import incidence
from hamlets.booking.simulation.illness import (
    EVENT_TYPES,
    SYMPTOMS,
    draw_illness,
    event_days,
    working_day,
)
from hamlets.booking.simulation.world import WARM_UP_DAYS, Illness


@pytest.mark.parametrize(
    ("age", "male"), [(8.0, True), (42.0, False), (42.0, True), (72.5, False), (87.0, True)]
)
def test_cancers_come_at_the_published_rate(age: float, male: bool) -> None:
    size = 60_000
    found = event_days(draw_illness(world(size, age=age, male=male), setting()), "cancer_diagnosis")
    band = np.searchsorted(incidence.CANCER_AGE_FROM, age, side="right") - 1
    rates = incidence.CANCER_MEN if male else incidence.CANCER_WOMEN
    expected = size * 731 / 365.25 * rates[band] / 1e5
    # one diagnosis a patient takes off a few per cent at the highest rates
    assert found[0].size == pytest.approx(expected, rel=0.04, abs=4 * expected**0.5)
    assert np.unique(found[0]).size == found[0].size


def test_the_rates_of_cancer_give_the_published_cases_of_the_united_kingdom() -> None:
    # people by five years of age, thousands, mid-2018; women's share by age
    people = [3914, 4139, 3858, 3648, 4153, 4514, 4453, 4370, 4016, 4480]
    people += [4651, 4244, 3623, 3378, 3202, 2227, 1710, 1024, 584]
    women = [0.487] * 5 + [0.5] * 5 + [0.505] * 3 + [0.515, 0.52, 0.535, 0.555, 0.595, 0.67]
    of_women = incidence.CANCER_WOMEN * np.array(people) * np.array(women) / 100
    of_men = incidence.CANCER_MEN * np.array(people) * (1 - np.array(women)) / 100
    cases = of_women + of_men
    # 2017-2019: some 380,000 a year, 9 % at 25-49, 54 % at 50-74, 36 % at 75 and over
    assert cases.sum() == pytest.approx(380_000, rel=0.04)
    shares = [part.sum() / cases.sum() for part in (cases[5:10], cases[10:15], cases[15:])]
    assert shares == pytest.approx([0.09, 0.54, 0.36], abs=0.015)
    assert of_women[5:10].sum() / of_men[5:10].sum() == pytest.approx(2.0, abs=0.1)
    assert incidence.CANCER_WOMEN[8] / incidence.CANCER_MEN[8] == pytest.approx(2.1, abs=0.07)


@pytest.mark.parametrize("age", [3.0, 30.0, 80.0])
def test_unplanned_care_of_people_of_average_health_is_near_the_published(age: float) -> None:
    size = 20_000
    illness = draw_illness(world(size, age=age), setting())
    band = np.searchsorted(incidence.AGE_FROM, age, side="right") - 1
    a_year = size * 731 / 365.25 / 1000
    usual = np.interp(age, incidence.CONDITION_AGES, incidence.CONDITIONS_AT_AGE)
    well = 0.6 / (0.6 + 0.4 * usual)  # nobody here is on a register
    place = 1 + 0.04 * 0.5
    admitted = event_days(illness, "emergency_admission")[0].size / a_year
    assert admitted == pytest.approx(incidence.ADMISSIONS[band] * well * place, rel=0.1)
    referred = event_days(illness, "outpatient_referral")[0].size / a_year
    assert 0.6 * incidence.REFERRALS[band] < referred < 1.05 * incidence.REFERRALS[band]


def test_the_ill_are_admitted_more_often() -> None:
    well = draw_illness(world(8_000, age=70.0), setting())
    ill = draw_illness(world(8_000, age=70.0, conditions=("copd", "chd", "diabetes")), setting())
    count = [event_days(i, "emergency_admission")[0].size for i in (well, ill)]
    assert count[1] > 2 * count[0]


def test_events_and_requests_fall_on_days_that_can_be() -> None:
    of = world(12_000, deaths=0.05)
    illness = draw_illness(of, setting())
    patients = of.patients
    assert set(illness.event_type) == set(EVENT_TYPES)
    assert illness.event_day.min() >= day(FIRST)
    assert illness.event_day.max() <= day(LAST)
    assert (illness.event_day >= patients.registered_from[illness.event_patient]).all()
    assert (illness.event_day <= patients.death_day[illness.event_patient]).all()
    assert illness.request_day.min() >= day(FIRST) - WARM_UP_DAYS
    assert illness.request_day.max() <= day(LAST)
    assert (illness.request_day < patients.registered_to[illness.request_patient]).all()
    assert (illness.request_day >= patients.registered_from[illness.request_patient]).all()
    assert ((illness.request_day + 3) % 7 < 5).all()
    order = np.lexsort((illness.request_patient, illness.request_day))
    assert (np.diff(illness.request_day) >= 0).all()
    assert (illness.request_patient[order] == illness.request_patient).all()
    assert illness.request_symptom.max() < len(SYMPTOMS)


def test_symptoms_come_before_most_cancers_and_rarely_else() -> None:
    of = world(60_000, age=72.5)
    illness = draw_illness(of, setting())
    patient, when = event_days(illness, "cancer_diagnosis")
    late = when > day(FIRST) + 210 - WARM_UP_DAYS  # all of the time before was drawn
    diagnosed = dict(zip(patient[late].tolist(), when[late].tolist(), strict=True))
    before: dict[int, list[int]] = {who: [] for who in diagnosed}
    coded = illness.request_symptom >= 0
    asked = zip(illness.request_patient[coded], illness.request_day[coded], strict=True)
    for who, on in asked:
        if int(who) in diagnosed and 0 < diagnosed[int(who)] - on <= 210:
            before[int(who)].append(diagnosed[int(who)] - int(on))
    with_symptom = [max(days) for days in before.values() if days]
    assert 0.65 < len(with_symptom) / len(before) < 0.9
    assert 30 < np.median(with_symptom) < 75
    # of all contacts about such a symptom, few are followed by a cancer
    assert sum(map(len, before.values())) < 0.25 * coded.sum()


def test_each_site_has_symptoms_of_its_own() -> None:
    groups = {site.group for site in incidence.CANCER_SITES}
    assert groups == {symptom.site for symptom in SYMPTOMS} == set(incidence.SYMPTOM_GROUPS)
    men = draw_illness(world(20_000, age=70.0, male=True), setting())
    women_only = [k for k, s in enumerate(SYMPTOMS) if s.site == "gynaecological"]
    assert not np.isin(men.request_symptom, women_only).any()
    assert "C61" in men.event_code and "C54" not in men.event_code


def test_deaths_are_the_worlds_and_about_half_in_hospital() -> None:
    of = world(20_000, age=80.0, deaths=0.1)
    illness = draw_illness(of, setting())
    patient, when = event_days(illness, "death")
    assert (of.patients.death_day[patient] == when).all()
    assert patient.size == (of.patients.death_day <= day(LAST)).sum()
    inside = event_days(illness, "death_in_hospital")[0]
    assert np.isin(inside, patient).all()
    assert 0.46 < inside.size / patient.size < 0.58
    ill = world(20_000, age=80.0, deaths=0.1, conditions=("palliative_care",))
    at_home = draw_illness(ill, setting())
    chosen = event_days(at_home, "death_in_hospital")[0].size
    assert chosen / event_days(at_home, "death")[0].size < 0.4


def test_only_a_practice_that_asked_for_it_has_scattered_patients() -> None:
    of = world(20_000, age=70.0)
    plain = draw_illness(of, setting())
    assert plain.scatter_patient.size == 0
    planted = draw_illness(replace(of, practice=replace(of.practice, scattered=True)), setting())
    patient, when = event_days(planted, "cancer_diagnosis")
    order = np.argsort(planted.scatter_patient)
    assert sorted(patient.tolist()) == planted.scatter_patient[order].tolist()
    until = dict(zip(patient.tolist(), when.tolist(), strict=True))
    assert [until[p] for p in planted.scatter_patient.tolist()] == planted.scatter_to.tolist()
    days = planted.scatter_to - planted.scatter_from
    assert days.max() == 365
    assert days.min() > 90  # of those who come very often, the last contacts only
    # the plant changes who is seen and how often, never who falls ill
    assert planted.event_day.tolist() == plain.event_day.tolist()
    before = Counter(requests(plain))
    after = Counter(requests(planted))
    assert before <= after
    more = after - before
    assert more.total() > 2 * patient.size
    for who, on, symptom in more:
        assert 0 < until[who] - on <= 365 + 2  # a Friday for a weekend
        assert symptom == -1


def requests(illness: Illness) -> list[tuple[int, int, int]]:
    columns = (illness.request_patient, illness.request_day, illness.request_symptom)
    return list(zip(*(c.tolist() for c in columns), strict=True))


def test_the_same_seed_gives_the_same_illness_and_another_gives_another() -> None:
    of = world(3_000, deaths=0.02)
    one, two, other = (draw_illness(of, setting(seed)) for seed in (1, 1, 2))
    for field in fields(one):
        assert list(getattr(one, field.name)) == list(getattr(two, field.name))
    assert one.event_day.tolist() != other.event_day.tolist()


def test_an_empty_practice_falls_ill_of_nothing() -> None:
    illness = draw_illness(world(0), setting())
    assert illness.event_day.size == 0
    assert illness.request_day.size == 0


def test_weekends_go_back_to_friday() -> None:
    friday = day(FIRST) + 4  # 1 January 2024 was a Monday
    assert working_day(np.arange(friday - 4, friday + 4)).tolist() == [
        *range(friday - 4, friday + 1), friday, friday, friday + 3,
    ]  # fmt: skip
