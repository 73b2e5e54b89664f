"""Coded entries of invented records: days, values, shares, and what each brings about."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from invented_patients import FIRST, LAST, book, day, setting, world

from hamlets.booking.simulation import coded_entries as entries
from hamlets.booking.simulation.coded_entries import CODES, FIRST_SYMPTOM, MEASURED, POSITION
from hamlets.booking.simulation.illness import SYMPTOMS, draw_illness
from hamlets.booking.simulation.observations import draw_observations
from hamlets.booking.simulation.world import Observations, PracticeWorld
from hamlets.records.tables import STATUSES

ATTENDED, MISSED = STATUSES.index("attended"), STATUSES.index("did_not_attend")
NO_CONTACTS = book([], [], [])


def drawn(of: PracticeWorld, seed: int = 1) -> Observations:
    return draw_observations(of, draw_illness(of, setting(seed)), NO_CONTACTS, setting(seed))


def of_code(observations: Observations, code: str) -> np.ndarray:
    return np.flatnonzero(observations.code == POSITION[code])


def test_codes_are_told_apart_and_visibly_invented() -> None:
    assert len({c.code for c in CODES}) == len(CODES)
    assert len({c.title for c in CODES}) == len(CODES)
    assert all(c.code.startswith(("EX-OBS-", "EX-SYM-")) for c in CODES)
    assert {y.code for y in entries.YEARLY} <= set(POSITION)
    assert {c.code for c in CODES if c.unit} == set(MEASURED)
    assert [c.code for c in CODES[FIRST_SYMPTOM:]] == [s.code for s in SYMPTOMS]


def test_entries_are_in_order_inside_the_days_and_only_once_a_day() -> None:
    of = world(6_000, deaths=0.05)
    made = drawn(of)
    keys = list(zip(made.patient, made.code, made.day, strict=True))
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    assert made.day.max() <= day(LAST)
    assert (made.day < of.patients.death_day[made.patient]).all()
    children = np.isin(made.code, [POSITION[i.code] for i in entries.CHILDHOOD])
    assert (made.day[~children] >= day(FIRST)).all()
    assert (made.day[children] > of.patients.birth_day[made.patient[children]]).all()
    assert ((made.day + 3) % 7 < 5).all(), "nobody works at the weekend without contacts then"


def test_values_are_there_where_the_code_has_a_unit_and_can_be() -> None:
    registers = ("diabetes", "copd", "asthma", "chd", "smi", "dementia")
    made = drawn(world(4_000, deaths=0.02, conditions=registers))
    for position, code in enumerate(CODES[:FIRST_SYMPTOM]):
        value = made.value[made.code == position]
        assert value.size, code.code
        if not code.unit:
            assert np.isnan(value).all(), code.code
            continue
        limits = MEASURED[code.code]
        assert limits.low <= value.min() <= value.max() <= limits.high
        assert np.allclose(value, np.round(value.astype(np.float64), limits.decimals), atol=1e-4)


def test_a_patients_values_keep_to_the_patients_own_level() -> None:
    made = drawn(world(4_000, age=60.0, conditions=("diabetes",)))
    k = of_code(made, "EX-OBS-HBA1C")
    same = np.flatnonzero(np.diff(made.patient[k]) == 0)
    pairs = np.corrcoef(made.value[k][same], made.value[k][same + 1])
    assert pairs[0, 1] > 0.75


@pytest.mark.parametrize(
    ("code", "register", "share"),
    [
        ("EX-OBS-DIABETES-CARE-PLAN", "diabetes", 0.78),
        ("EX-OBS-RETINAL-SCREENING", "diabetes", 0.78),
        ("EX-OBS-COPD-CARE-PLAN", "copd", 0.72),
    ],
)
def test_practices_scatter_around_the_usual_share(code: str, register: str, share: float) -> None:
    reached = []
    for number in range(24):
        made = drawn(world(500, age=66.0, conditions=(register,), number=number))
        reached.append(of_code(made, code).size / (500 * 731 / 365))
    assert np.mean(reached) == pytest.approx(share, abs=0.08)
    assert 0.04 < np.std(reached) < 0.16
    assert all(0.35 < r < 0.98 for r in reached)


def test_children_get_the_later_doses_after_the_earlier() -> None:
    made = drawn(world(4_000, age=5.0))
    given = {dose.code: of_code(made, dose.code).size / 4_000 for dose in entries.CHILDHOOD}
    assert given["EX-OBS-SIX-IN-ONE-1"] > given["EX-OBS-MMR-1"] > given["EX-OBS-MMR-2"] > 0.5
    first, second = (of_code(made, f"EX-OBS-MMR-{n}") for n in (1, 2))
    days = dict(zip(made.patient[first], made.day[first], strict=True))
    later = [made.day[k] - days[made.patient[k]] for k in second if made.patient[k] in days]
    assert np.mean(np.array(later) > 300) > 0.99


def test_influenza_is_given_from_september_to_january_once_a_season() -> None:
    made = drawn(world(4_000, age=72.0))
    k = of_code(made, "EX-OBS-FLU-VACCINATION")
    month = made.day[k].astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12 + 1
    assert set(month.tolist()) <= {9, 10, 11, 12, 1, 2}
    assert np.bincount(made.patient[k]).max() <= 3  # the end of one, two, the start of one


def test_brief_advice_and_rehabilitation_follow_their_findings() -> None:
    made = drawn(world(4_000, age=66.0, conditions=("copd",)))
    for cause, effect, least in (
        ("EX-OBS-AUDIT-C", "EX-OBS-ALCOHOL-ADVICE", entries.ALCOHOL_RISK),
        ("EX-OBS-BREATHLESSNESS", "EX-OBS-REHABILITATION-REFERRAL", 3),
    ):
        k = of_code(made, cause)
        due = set(made.patient[k][made.value[k] >= least].tolist())
        done = set(made.patient[of_code(made, effect)].tolist())
        assert done <= due
        assert 0.2 < len(done) / len(due) < 0.95


def test_symptoms_are_those_of_attended_contacts_on_their_day() -> None:
    days = [day(FIRST) + 40, day(FIRST) + 41, day(FIRST) - 5, day(FIRST) + 40]
    kept = book([3, 4, 5, 6], days, [ATTENDED, MISSED, ATTENDED, ATTENDED], [0, 1, 2, -1])
    of = world(10, age=30.0)
    made = draw_observations(of, draw_illness(of, setting()), kept, setting())
    k = np.flatnonzero(made.code >= FIRST_SYMPTOM)
    assert made.patient[k].tolist() == [3]
    assert made.day[k].tolist() == [days[0]]
    assert CODES[made.code[k[0]]].code == SYMPTOMS[0].code


def test_entries_are_made_at_contacts_that_are_near() -> None:
    size = 400
    of = world(size, age=66.0, conditions=("diabetes",))
    days = [day(FIRST) + 30 * m + p % 5 for p in range(size) for m in range(24)]
    kept = book([p for p in range(size) for _ in range(24)], days, [ATTENDED] * len(days))
    made = draw_observations(of, draw_illness(of, setting()), kept, setting())
    contacts = set(zip(kept.patient.tolist(), kept.day.tolist(), strict=True))
    k = of_code(made, "EX-OBS-HBA1C")
    at = [(int(made.patient[i]), int(made.day[i])) in contacts for i in k]
    assert np.mean(at) > 0.9


def test_the_same_seed_gives_the_same_entries() -> None:
    of = world(1_500, deaths=0.02)
    one, two, other = drawn(of), drawn(of), drawn(of, seed=2)
    for field in fields(one):
        assert getattr(one, field.name).tobytes() == getattr(two, field.name).tobytes()
    assert one.day.tobytes() != other.day.tobytes()


def test_a_practice_without_patients_has_no_entries() -> None:
    assert drawn(world(0)).patient.size == 0
