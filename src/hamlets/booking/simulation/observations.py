"""Coded entries of a simulated record: what indicators of networks are counted from.

A practice does each package better or worse than others, and each code of a package a
little differently. A patient keeps more or fewer appointments of all kinds. Beyond that,
nothing is built in: whether someone has a care plan does not depend on whom they saw.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from hamlets.booking.simulation import coded_entries as entries
from hamlets.booking.simulation.coded_entries import CODES, POSITION, Yearly
from hamlets.booking.simulation.illness import working_day
from hamlets.booking.simulation.world import (
    CONDITIONS,
    Book,
    Bools,
    Illness,
    Observations,
    Patients,
    PracticeWorld,
    Setting,
    stream,
)
from hamlets.records.tables import STATUSES

__all__ = ["CODES", "draw_observations"]

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

_PURPOSE = 60
_YEAR = 365.25
_NEAR = 45
"""Days after which an entry would rather be made at a contact than on its own."""
_ATTENDED = (STATUSES.index("arrived"), STATUSES.index("attended"))


@dataclass(frozen=True)
class _Made:
    """Entries of one code."""

    patient: Longs
    code: int
    day: Longs
    value: Floats


@dataclass(frozen=True)
class _Drawing:
    """What every step of drawing needs."""

    rng: np.random.Generator
    patients: Patients
    first: int
    last: int
    age: Floats
    """Years, on the middle day."""
    keenness: Floats
    """How likely a patient is to be there when something is due: a standard normal number."""
    contact_keys: Longs
    """patient * _SPAN + day of attended contacts, ascending."""
    groups: dict[str, Bools]
    shift: Callable[[str, str], float]
    """(package, code) -> how far the practice is from others, on the logit scale."""
    levels: dict[str, Floats] = field(default_factory=dict[str, Floats])
    """A standard normal number a patient for each measured code: high or low at every time."""


_SPAN = 2**17  # days: far more than a calendar needs


def draw_observations(
    world: PracticeWorld, illness: Illness, book: Book, setting: Setting
) -> Observations:
    """Return the coded entries of one practice, ordered by patient, code and day.

    Entries fall on the days kept and while the patient is registered, most of them on the
    day of an attended contact; immunisations of children go back to their birth. Symptoms
    are those that the book says were recorded. No patient has a code twice on one day.
    """
    drawing = _drawing(world, book, setting)
    made: list[_Made] = []
    for yearly in entries.YEARLY:
        made += _yearly(drawing, yearly)
    made += _immunisations(drawing)
    made += _influenza(drawing)
    made += _end_of_life(drawing, illness)
    made += _symptoms(book, drawing)
    return _in_order(made, drawing)


def _drawing(world: PracticeWorld, book: Book, setting: Setting) -> _Drawing:
    rng = stream(setting.seed, world.practice.number, _PURPOSE)
    first = int(np.datetime64(setting.first, "D").astype(np.int64))
    last = int(np.datetime64(setting.last, "D").astype(np.int64))
    patients = world.patients
    age = ((first + last) / 2 - patients.birth_day.astype(np.float64)) / _YEAR
    attended = np.isin(book.status, _ATTENDED)
    keys = book.patient[attended].astype(np.int64) * _SPAN + book.day[attended]
    shifts: dict[str, float] = {}

    def shift(package: str, code: str) -> float:
        for name, spread in ((package, 0.5), (code, 0.25)):
            if name not in shifts:
                shifts[name] = float(rng.normal(0.0, spread))
        return shifts[package] + shifts[code]

    keenness = rng.standard_normal(patients.size)
    return _Drawing(
        rng, patients, first, last, age, keenness, np.sort(keys), _groups(patients, age), shift
    )


def _groups(patients: Patients, age: Floats) -> dict[str, Bools]:
    on = {
        name: ((patients.conditions >> bit) & 1).astype(np.bool_)
        for bit, name in enumerate(CONDITIONS)
    }
    cvd = on["chd"] | on["stroke"]
    ill = on["diabetes"] | on["copd"] | on["asthma"] | cvd | on["ckd"]
    counted = ("depression", "cancer", "palliative_care")
    number = np.sum([v for k, v in on.items() if k not in counted], axis=0)
    adults = age >= 16
    return {
        **on,
        "cvd": cvd,
        "adults": adults,
        "diabetes_over_40": on["diabetes"] & ~cvd & (age >= 40),
        "hypertension_only": on["hypertension"] & ~on["diabetes"],
        "over_45_well": (age >= 45) & ~on["hypertension"] & ~on["diabetes"],
        "over_65": age >= 65,
        "at_risk": ill & (age >= 0.5) & (age < 65),
        "aged_2_or_3": (age >= 2) & (age < 4),
        "many_medicines": (number >= 4) | ((number >= 3) & (age >= 75)),
    }


def _chance(drawing: _Drawing, share: float, shift: float, who: Longs) -> Floats:
    """Return each patient's chance where the usual share is ``share``."""
    # 1.17: a normal spread of 0.8 between patients pulls the mean towards one half
    centre = 1.17 * np.log(share / (1 - share)) + shift
    return 1.0 / (1.0 + np.exp(-centre - 0.8 * drawing.keenness[who]))


def _at_contacts(drawing: _Drawing, patient: Longs, day: Longs) -> Longs:
    """Return each day, moved to the patient's next attended contact if one is near."""
    keys = drawing.contact_keys
    if not keys.size:
        return day
    wanted = patient * _SPAN + day
    found = keys[np.minimum(np.searchsorted(keys, wanted), keys.size - 1)]
    near = (found >= wanted) & (found - wanted <= _NEAR)
    return np.where(near, found - patient * _SPAN, day)


def _yearly(drawing: _Drawing, yearly: Yearly) -> list[_Made]:
    members = np.flatnonzero(drawing.groups[yearly.group])
    spread = drawing.shift(yearly.package or yearly.code, yearly.code)
    chance = _chance(drawing, yearly.share, spread, members)
    step = 365 // yearly.times
    patients: list[Longs] = []
    days: list[Longs] = []
    for start in range(drawing.first, drawing.last + 1, step):
        there = members[drawing.rng.random(members.size) < chance]
        patients.append(there)
        days.append(start + drawing.rng.integers(0, step, there.size))
    patient, day = np.concatenate(patients), working_day(np.concatenate(days))
    if yearly.at_contact:
        day = _at_contacts(drawing, patient, day)
    patient, day = _registered(drawing, patient, day)
    return _with_values(drawing, yearly, patient, day)


def _registered(drawing: _Drawing, patient: Longs, day: Longs) -> tuple[Longs, Longs]:
    p = drawing.patients
    there = (day >= p.registered_from[patient]) & (day < p.registered_to[patient])
    # nobody comes on the day they die, and the day after the last has not happened
    there &= (day < p.death_day[patient]) & (day >= drawing.first) & (day <= drawing.last)
    return patient[there], day[there]


def _plain(code: str, patient: Longs, day: Longs) -> _Made:
    return _Made(patient, POSITION[code], day, np.full(patient.size, np.nan))


def _with_values(drawing: _Drawing, yearly: Yearly, patient: Longs, day: Longs) -> list[_Made]:
    """Return the entries with their values, and the entries that these bring about."""
    code = yearly.code
    if code == "EX-OBS-NEVER-SMOKED":
        return _smoking(drawing, patient, day)
    if code == "EX-OBS-MEDICATION-REVIEW-DUE":
        done = _followed(drawing, patient, day, entries.MEDICATION_REVIEW, "review", 120)
        return [_plain(code, patient, day), _plain("EX-OBS-MEDICATION-REVIEW-DONE", *done)]
    if code not in entries.MEASURED:
        return [_plain(code, patient, day)]
    value = _values(drawing, code, patient)
    made = [_Made(patient, POSITION[code], day, value)]
    if code == "EX-OBS-SYSTOLIC":
        lower = _values(drawing, "EX-OBS-DIASTOLIC", patient, 0.25 * (value - 132.0))
        made.append(_Made(patient, POSITION["EX-OBS-DIASTOLIC"], day, lower))
    elif code == "EX-OBS-AUDIT-C":
        risky = value >= entries.ALCOHOL_RISK
        advice = _followed(
            drawing, patient[risky], day[risky], entries.ALCOHOL_ADVICE, "lifestyle", 1
        )
        made.append(_plain("EX-OBS-ALCOHOL-ADVICE", *advice))
    elif code == "EX-OBS-BREATHLESSNESS":
        short = value >= entries.REHABILITATION_FROM_GRADE
        referred = _followed(
            drawing, patient[short], day[short], entries.REHABILITATION, "copd", 60
        )
        made.append(_plain("EX-OBS-REHABILITATION-REFERRAL", *referred))
    return made


def _followed(
    drawing: _Drawing, patient: Longs, day: Longs, share: float, package: str, within: int
) -> tuple[Longs, Longs]:
    """Return those entries that are followed by another, and when (fewer days than within)."""
    chance = _chance(drawing, share, drawing.shift(package, f"{package} followed"), patient)
    k = np.flatnonzero(drawing.rng.random(patient.size) < chance)
    later = day[k] + drawing.rng.integers(0, within, k.size)
    later = np.maximum(working_day(later), day[k])
    return _registered(drawing, patient[k], later)


def _values(drawing: _Drawing, code: str, patient: Longs, more: Floats | float = 0.0) -> Floats:
    measured = entries.MEASURED[code]
    if code not in drawing.levels:
        drawing.levels[code] = drawing.rng.standard_normal(drawing.patients.size)
    own = measured.between * drawing.levels[code][patient]
    one = drawing.rng.normal(0.0, measured.within, patient.size)
    practice = 0.15 * measured.between * -drawing.shift("values", code)
    diabetes = drawing.groups["diabetes"][patient]
    # treated towards lower targets, and heavier
    change = {"EX-OBS-CHOLESTEROL": -0.2, "EX-OBS-SYSTOLIC": -2.0, "EX-OBS-BMI": 3.0}
    value = measured.mean + own + one + practice + more + diabetes * change.get(code, 0.0)
    return np.round(np.clip(value, measured.low, measured.high), measured.decimals)


def _smoking(drawing: _Drawing, patient: Longs, day: Longs) -> list[_Made]:
    edges = np.cumsum(entries.SMOKING)
    draw = drawing.rng.random(drawing.patients.size)[patient]
    status = np.minimum(np.searchsorted(edges, draw, side="right"), 2)
    codes = ("EX-OBS-NEVER-SMOKED", "EX-OBS-EX-SMOKER", "EX-OBS-SMOKER")
    made = [_plain(code, patient[status == k], day[status == k]) for k, code in enumerate(codes)]
    smokers = status == 2
    advice = _followed(
        drawing, patient[smokers], day[smokers], entries.SMOKING_ADVICE, "lifestyle", 1
    )
    return [*made, _plain("EX-OBS-SMOKING-ADVICE", *advice)]


def _immunisations(drawing: _Drawing) -> list[_Made]:
    """Draw the doses of children who are under six at some time of the period."""
    p = drawing.patients
    children = np.flatnonzero(p.birth_day > drawing.first - 6 * _YEAR)
    willing = drawing.rng.random(children.size)
    made: list[_Made] = []
    for dose in entries.CHILDHOOD:
        centre = np.log(dose.share / (1 - dose.share)) + drawing.shift("children", dose.code)
        # one draw a child for all doses: who misses one mostly misses the later ones too
        has = willing < 1.0 / (1.0 + np.exp(-centre))
        late = np.floor(drawing.rng.gamma(0.8, 35.0, children.size)).astype(np.int64)
        day = p.birth_day[children].astype(np.int64) + dose.due_days + late
        day = working_day(day)
        k = np.flatnonzero(has & (day <= drawing.last))
        there = day[k] < np.minimum(p.registered_to, p.death_day)[children[k]]
        made.append(_plain(dose.code, children[k][there], day[k][there]))
    return made


def _influenza(drawing: _Drawing) -> list[_Made]:
    """Draw one dose a season, from September to January and mostly in October."""
    made: list[_Made] = []
    # a season that began before the first day counts with what is left of it
    years = range(_year(drawing.first) - 1, _year(drawing.last) + 1)
    for year in years:
        start = int(np.datetime64(f"{year}-09-10", "D").astype(np.int64))
        for group, share in entries.FLU_SHARES.items():
            members = np.flatnonzero(drawing.groups[group])
            chance = _chance(drawing, share, drawing.shift("flu", group), members)
            who = members[drawing.rng.random(members.size) < chance]
            day = start + np.minimum(drawing.rng.gamma(2.2, 17.0, who.size), 142).astype(np.int64)
            day = working_day(day)
            made.append(_plain("EX-OBS-FLU-VACCINATION", *_registered(drawing, who, day)))
    return made


def _year(day: int) -> int:
    return int(str(np.datetime64(day, "D"))[:4])


def _end_of_life(drawing: _Drawing, illness: Illness) -> list[_Made]:
    """Draw one shared plan for those who die, and for those on the palliative register."""
    rng, death = drawing.rng, drawing.patients.death_day.astype(np.int64)
    died = np.unique(illness.event_patient[np.array(illness.event_type, "U32") == "death"])
    register = np.flatnonzero(drawing.groups["palliative_care"])
    living = np.setdiff1d(register, died).astype(np.int64)
    length = drawing.last + 1 - drawing.first
    who = np.concatenate([died.astype(np.int64), living])
    before = 3 + np.floor(rng.gamma(1.2, 60.0, died.size)).astype(np.int64)
    day = np.concatenate(
        [death[died] - before, drawing.first + rng.integers(0, length, living.size)]
    )
    chance = _chance(drawing, entries.END_OF_LIFE_PLAN, drawing.shift("end_of_life", "plan"), who)
    on_register = drawing.groups["palliative_care"][who]
    k = np.flatnonzero(rng.random(who.size) < np.where(on_register, np.sqrt(chance), chance))
    when = _at_contacts(drawing, who[k], working_day(day[k]))
    return [_plain("EX-OBS-END-OF-LIFE-PLAN", *_registered(drawing, who[k], when))]


def _symptoms(book: Book, drawing: _Drawing) -> list[_Made]:
    """Return the symptoms recorded at attended contacts of the days kept."""
    k = np.flatnonzero((book.symptom >= 0) & np.isin(book.status, _ATTENDED))
    k = k[(book.day[k] >= drawing.first) & (book.day[k] <= drawing.last)]
    patient, day = book.patient[k].astype(np.int64), book.day[k].astype(np.int64)
    symptom = book.symptom[k]
    return [
        _Made(
            patient[symptom == number],
            entries.FIRST_SYMPTOM + int(number),
            day[symptom == number],
            np.full(int((symptom == number).sum()), np.nan),
        )
        for number in np.unique(symptom)
    ]


def _in_order(made: list[_Made], drawing: _Drawing) -> Observations:
    patient = np.concatenate([m.patient for m in made])
    code = np.concatenate([np.full(m.patient.size, m.code) for m in made])
    day = np.concatenate([m.day for m in made])
    value = np.concatenate([m.value for m in made])
    order = np.lexsort((day, code, patient))  # stable: of two on one day, the first made
    patient, code, day, value = patient[order], code[order], day[order], value[order]
    same = (np.diff(patient) == 0) & (np.diff(code) == 0) & (np.diff(day) == 0)
    keep = np.r_[True, ~same][: patient.size]
    return Observations(
        patient=patient[keep].astype(np.int32),
        code=code[keep].astype(np.int16),
        day=day[keep].astype(np.int32),
        value=value[keep].astype(np.float32),
    )
