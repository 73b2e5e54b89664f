"""What befalls patients whoever they see: cancers, admissions, referrals, deaths.

Nothing here looks at who saw whom. The one exception is asked for by name
(``Setting.scattered_practices``): there, patients with a cancer diagnosis come more often
in the year before it, and are marked to meet the GP whom they have met least. So a link
between continuity and an outcome in the simulated records is chance, age and illness, or
that plant.

Rates by age follow published English ones (``incidence``); how far a simulated borough is
from them is on the page "Simulated data" of the documentation.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from hamlets.booking.simulation import incidence
from hamlets.booking.simulation.world import (
    CONDITIONS,
    OPEN,
    WARM_UP_DAYS,
    Bools,
    Illness,
    Int32,
    Patients,
    PracticeWorld,
    Setting,
    stream,
)

EVENT_TYPES = (
    "cancer_diagnosis",
    "death",
    "death_in_hospital",
    "emergency_admission",
    "ae_attendance",
    "outpatient_referral",
    "discharge_delay",
)

Floats = npt.NDArray[np.float64]
Longs = npt.NDArray[np.int64]

_PURPOSE, _PLANT_PURPOSE = 50, 51
_YEAR = 365.25
_BEFORE = 200
"""Days before a cancer diagnosis in which its first symptom may be brought to a GP."""
_PLANTED_DAYS = 365
"""Days before a diagnosis in which patients of a scattered practice meet other GPs."""
_PLANTED_CONTACTS = 6.5
"""GP contacts for which they ask in this time at the least, since who comes thrice cannot meet
five; of those who ask for more, about as many of the last ones are with other GPs."""
_GP_SHARE = 0.43
"""Share of a patient's need that is for GPs."""


@dataclass(frozen=True)
class Symptom:
    """One symptom that is recorded with a code; the codes are invented."""

    code: str
    title: str
    site: str
    """The group of cancers that it goes before."""
    background: float
    """Its share among contacts about a symptom that no cancer follows."""


def _read_symptoms() -> tuple[Symptom, ...]:
    text = files("hamlets.booking.simulation").joinpath("symptoms.csv").read_text("utf-8")
    return tuple(
        Symptom(row["code"], row["title"], row["site"], float(row["background"]))
        for row in csv.DictReader(text.splitlines())
    )


SYMPTOMS: tuple[Symptom, ...] = _read_symptoms()
"""In the order of ``symptoms.csv``, which can be given to ``hamlets audit --symptoms``."""


@dataclass(frozen=True)
class _Risk:
    """When each patient can fall ill, how old they are then, and how ill they are."""

    start: Longs
    stop: Longs
    age: Floats
    male: Bools
    frailty: Floats
    """Multiplies rates of unplanned care; about 1 on average at each age."""

    @property
    def years(self) -> Floats:
        return (self.stop - self.start) / _YEAR


@dataclass
class _Record:
    """Events and requests as they are drawn, part by part."""

    patients: list[Longs]
    days: list[Longs]
    types: list[str]
    codes: list[str]
    request_patients: list[Longs]
    request_days: list[Longs]
    request_urgent: list[Bools]
    request_symptoms: list[Longs]

    def events(self, patient: Longs, day: Longs, kind: str, codes: Sequence[str]) -> None:
        self.patients.append(patient)
        self.days.append(day)
        self.types += [kind] * patient.size
        self.codes += codes

    def requests(self, patient: Longs, day: Longs, urgent: Bools, symptom: Longs) -> None:
        self.request_patients.append(patient)
        self.request_days.append(day)
        self.request_urgent.append(urgent)
        self.request_symptoms.append(symptom)


def draw_illness(world: PracticeWorld, setting: Setting) -> Illness:
    """Return the events and the further requests of one practice's patients.

    Events fall on the days kept (``setting.first`` to ``setting.last``) and while the
    patient is registered. Requests fall on Mondays to Fridays, from ``WARM_UP_DAYS``
    before the first day kept, ordered by day and patient; those that go before a
    diagnosis which itself lies beyond the last day are there too, so that the last
    months look like any others.
    """
    rng = stream(setting.seed, world.practice.number, _PURPOSE)
    first = int(np.datetime64(setting.first, "D").astype(np.int64))
    last = int(np.datetime64(setting.last, "D").astype(np.int64))
    patients = world.patients
    record = _Record([], [], [], [], [], [], [], [])
    kept = _risk(patients, first, last + 1)
    with_warm_up = _risk(patients, first - WARM_UP_DAYS, last + 1)
    cancer_patient, cancer_day = _cancers(rng, patients, first, last, record)
    _background_symptoms(rng, with_warm_up, record)
    _hospital_care(rng, kept, record)
    _deaths(rng, patients, first, last, record)
    shown = (cancer_day <= last) & world.practice.scattered
    cancer_patient, cancer_day = cancer_patient[shown], cancer_day[shown]
    plant = stream(setting.seed, world.practice.number, _PLANT_PURPOSE)
    begins = _planted_requests(plant, patients, cancer_patient, cancer_day, record)
    return _illness(record, patients, (first, last), cancer_patient, (begins, cancer_day))


def _risk(patients: Patients, start_day: int, stop_day: int) -> _Risk:
    start = np.maximum(patients.registered_from.astype(np.int64), start_day)
    stop = np.minimum(patients.registered_to.astype(np.int64), stop_day)
    stop = np.maximum(np.minimum(stop, patients.death_day.astype(np.int64)), start)
    # a child born during the period is at risk from birth
    start = np.minimum(np.maximum(start, patients.birth_day), stop)
    age = np.maximum((start + stop) / 2 - patients.birth_day, 0.0) / _YEAR
    return _Risk(start, stop, age, patients.male, _frailty(patients, age))


def _frailty(patients: Patients, age: Floats) -> Floats:
    """Return how much more unplanned care a patient needs than others of the age."""
    bits = (patients.conditions[:, None] >> np.arange(len(CONDITIONS))) & 1
    usual = np.interp(age, incidence.CONDITION_AGES, incidence.CONDITIONS_AT_AGE)
    by_illness = (0.6 + 0.4 * bits.sum(axis=1)) / (0.6 + 0.4 * usual)
    band = np.searchsorted(incidence.AGE_FROM, age, side="right") - 1
    people = np.bincount(band, minlength=len(incidence.AGE_FROM))
    mean_need = np.bincount(band, patients.need, len(incidence.AGE_FROM)) / np.maximum(people, 1)
    by_need = np.clip(patients.need / np.maximum(mean_need[band], 1e-9), 0.2, 5.0)
    by_place = 1.0 + 0.04 * (5.5 - patients.imd_decile)
    return by_illness * (0.3 + 0.7 * by_need) * by_place


def _draw(rng: np.random.Generator, risk: _Risk, rate: Floats) -> tuple[Longs, Longs]:
    """Return patients and days of a Poisson process with ``rate`` a year."""
    count = rng.poisson(rate * risk.years)
    patient = np.repeat(np.arange(count.size), count)
    length = (risk.stop - risk.start)[patient]
    day = risk.start[patient] + np.floor(rng.random(patient.size) * length).astype(np.int64)
    return patient, day


def _pick(rng: np.random.Generator, size: int, shares: npt.ArrayLike) -> Longs:
    """Return ``size`` positions in ``shares``, drawn in proportion to them."""
    edges = np.cumsum(np.asarray(shares, np.float64))
    drawn = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.minimum(drawn, edges.size - 1).astype(np.int64)


def _cancers(
    rng: np.random.Generator, patients: Patients, first: int, last: int, record: _Record
) -> tuple[Longs, Longs]:
    """Draw first cancers and the contacts about symptoms before them."""
    risk = _risk(patients, first, last + 1 + _BEFORE)
    band = np.searchsorted(incidence.CANCER_AGE_FROM, risk.age, side="right") - 1
    rates = np.where(risk.male, incidence.CANCER_MEN[band], incidence.CANCER_WOMEN[band]) / 1e5
    patient, day = _draw(rng, risk, rates)
    # one diagnosis a patient, the earliest
    order = np.lexsort((day, patient))
    patient, day = patient[order], day[order]
    single = np.r_[True, np.diff(patient) > 0][: patient.size]
    patient, day = patient[single], day[single]
    site = _cancer_sites(rng, risk.age[patient], risk.male[patient])
    shown = np.flatnonzero(day <= last)
    codes = [incidence.CANCER_SITES[s].code for s in site[shown]]
    record.events(patient[shown], day[shown], "cancer_diagnosis", codes)
    _symptoms_before(rng, patients, patient, day, site, record)
    return patient, day


def _cancer_sites(rng: np.random.Generator, age: Floats, male: Bools) -> Longs:
    site = np.zeros(age.size, np.int64)
    for man in (False, True):
        for young in (False, True):
            those = np.flatnonzero((male == man) & ((age < 50) == young))
            shares = [s.share(man, young) for s in incidence.CANCER_SITES]
            site[those] = _pick(rng, those.size, shares)
    return site


def _symptoms_before(
    rng: np.random.Generator,
    patients: Patients,
    patient: Longs,
    day: Longs,
    site: Longs,
    record: _Record,
) -> None:
    """Draw the contacts about symptoms: first one to five and more, closer to the diagnosis."""
    # screening, chance findings and first presentation at A&E have none
    presents = rng.random(patient.size) < incidence.PRESENTS_TO_GP
    patient, day, site = patient[presents], day[presents], site[presents]
    interval = np.clip(rng.gamma(1.2, 52.0, patient.size), 4, _BEFORE)
    further = rng.geometric(incidence.ONE_SYMPTOM_CONTACT, patient.size) - 1
    who = np.repeat(np.arange(patient.size), further + 1)
    opens = np.r_[True, np.diff(who) > 0][: who.size]
    # the first contact opens the interval, the others fall anywhere inside it
    back = np.where(opens, interval[who], 1 + rng.random(who.size) * (interval[who] - 1))
    when = day[who] - np.maximum(np.rint(back).astype(np.int64), 1)
    symptom = np.full(who.size, -1, np.int64)
    of_site = [
        np.flatnonzero([s.site == group for s in SYMPTOMS]) for group in incidence.SYMPTOM_GROUPS
    ]
    group = np.array([incidence.SYMPTOM_GROUPS.index(s.group) for s in incidence.CANCER_SITES])
    draw = rng.random(who.size)
    for number, choices in enumerate(of_site):
        those = np.flatnonzero(group[site[who]] == number)
        symptom[those] = choices[(draw[those] * choices.size).astype(np.int64)]
    # a code is not always recorded, at later contacts less often
    coded = rng.random(who.size) < np.where(opens, 0.85, 0.5)
    registered = when >= patients.registered_from[patient[who]]
    k = np.flatnonzero(registered)
    urgent = rng.random(who.size) < 0.35
    record.requests(patient[who][k], when[k], urgent[k], np.where(coded, symptom, -1)[k])


def _background_symptoms(rng: np.random.Generator, risk: _Risk, record: _Record) -> None:
    """Draw contacts about the same symptoms that no cancer follows: by far the most."""
    rate = np.interp(risk.age, (0, 15, 40, 65, 80), incidence.SYMPTOMS_A_YEAR)
    patient, day = _draw(rng, risk, rate)
    man, woman = (
        np.array([0.0 if s.site == other else s.background for s in SYMPTOMS])
        for other in ("gynaecological", "prostate")
    )
    man[[s.site == "breast" for s in SYMPTOMS]] = 0.0
    symptom = np.where(
        risk.male[patient], _pick(rng, patient.size, man), _pick(rng, patient.size, woman)
    )
    record.requests(patient, day, rng.random(patient.size) < 0.3, symptom)


def _hospital_care(rng: np.random.Generator, risk: _Risk, record: _Record) -> None:
    """Draw admissions, A&E attendances, referrals and delayed discharges."""
    band = np.searchsorted(incidence.AGE_FROM, risk.age, side="right") - 1
    admissions = incidence.ADMISSIONS[band] / 1000 * risk.frailty
    patient, day = _draw(rng, risk, admissions)
    code = np.zeros(patient.size, np.int64)
    for number, shares in enumerate(incidence.ADMISSION_SHARES):
        those = np.flatnonzero(np.searchsorted((16, 65), risk.age[patient], "right") == number)
        code[those] = _pick(rng, those.size, shares)
    reasons = [incidence.ADMISSION_REASONS[c].code for c in code]
    record.events(patient, day, "emergency_admission", reasons)
    _after_admission(rng, risk, patient, day, record)
    through = np.flatnonzero(rng.random(patient.size) < incidence.ADMITTED_THROUGH_AE)
    record.events(patient[through], day[through], "ae_attendance", ["admitted"] * through.size)
    # the rest of A&E: what is published, less those who were admitted
    attendances = incidence.ATTENDANCES[band] / 1000 * np.sqrt(risk.frailty)
    less = incidence.ADMISSIONS[band] / 1000 * incidence.ADMITTED_THROUGH_AE
    patient, day = _draw(rng, risk, np.maximum(attendances - less, 0.0))
    record.events(patient, day, "ae_attendance", ["not_admitted"] * patient.size)
    patient, day = _draw(rng, risk, incidence.REFERRALS[band] / 1000 * np.sqrt(risk.frailty))
    names, shares = zip(*incidence.SPECIALTIES.items(), strict=True)
    codes = [names[k] for k in _pick(rng, patient.size, shares)]
    record.events(patient, day, "outpatient_referral", codes)


def _after_admission(
    rng: np.random.Generator, risk: _Risk, patient: Longs, day: Longs, record: _Record
) -> None:
    stay = 1 + np.floor(rng.exponential(4.0, patient.size)).astype(np.int64)
    asks = rng.random(patient.size) < incidence.CONTACT_AFTER_ADMISSION
    when = day + stay + rng.integers(2, 15, patient.size)
    k = np.flatnonzero(asks & (when < risk.stop[patient]))
    record.requests(patient[k], when[k], rng.random(k.size) < 0.3, np.full(k.size, -1, np.int64))
    chance = np.interp(risk.age[patient], (18, 65, 75, 85), incidence.DELAYED)
    late = day + stay + rng.integers(0, 21, patient.size)
    k = np.flatnonzero((rng.random(patient.size) < chance) & (late < risk.stop[patient]))
    names, shares = zip(*incidence.DELAY_REASONS.items(), strict=True)
    codes = [names[i] for i in _pick(rng, k.size, shares)]
    record.events(patient[k], late[k], "discharge_delay", codes)


def _deaths(
    rng: np.random.Generator, patients: Patients, first: int, last: int, record: _Record
) -> None:
    """Draw where people died, and what the last year asked of the practice and hospital."""
    death = patients.death_day.astype(np.int64)
    dead = np.flatnonzero((death >= first) & (death <= last) & (patients.death_day != OPEN))
    chance = np.full(dead.size, incidence.DIES_IN_HOSPITAL)
    for condition, lower in incidence.DIES_ELSEWHERE.items():
        bit = (patients.conditions[dead] >> CONDITIONS.index(condition)) & 1
        chance = np.where(bit == 1, np.minimum(chance, lower), chance)
    in_hospital = dead[rng.random(dead.size) < chance]
    record.events(dead, death[dead], "death", [""] * dead.size)
    record.events(in_hospital, death[in_hospital], "death_in_hospital", [""] * in_hospital.size)
    # days before the death at which the last year's contacts and admissions fall: the
    # square of a uniform number crowds them towards the end
    who = np.repeat(dead, rng.poisson(incidence.CONTACTS_IN_LAST_YEAR, dead.size))
    when = death[who] - 1 - np.floor(364 * rng.random(who.size) ** 2).astype(np.int64)
    urgent = rng.random(who.size) < 0.4
    k = np.flatnonzero(when >= patients.registered_from[who])
    record.requests(who[k], when[k], urgent[k], np.full(k.size, -1, np.int64))
    who = np.repeat(dead, rng.poisson(incidence.ADMISSIONS_IN_LAST_YEAR, dead.size))
    when = death[who] - 1 - np.floor(364 * rng.random(who.size) ** 2).astype(np.int64)
    k = np.flatnonzero((when >= patients.registered_from[who]) & (when >= first))
    reasons = _pick(rng, k.size, incidence.ADMISSION_SHARES[-1])
    codes = [incidence.ADMISSION_REASONS[c].code for c in reasons]
    record.events(who[k], when[k], "emergency_admission", codes)


def working_day(day: Longs) -> Longs:
    """Return the day itself, or the Friday before a Saturday or Sunday."""
    number = (day + 3) % 7  # 1 January 1970 was a Thursday
    return day - np.maximum(number - 4, 0)


def _planted_requests(
    rng: np.random.Generator, patients: Patients, patient: Longs, day: Longs, record: _Record
) -> Longs:
    """Let planted patients come often enough, evenly over the year, about what is not coded.

    Returns the days from which they are to meet other GPs.
    """
    asked = _requests_before(record, patient, day) + _GP_SHARE * patients.need[patient]
    more = np.maximum(_PLANTED_CONTACTS - asked, 0.0)
    count = np.floor(more + rng.random(patient.size)).astype(np.int64)
    who = np.repeat(np.arange(patient.size), count)
    turn = np.arange(who.size) - np.repeat(np.cumsum(count) - count, count)
    back = (turn + rng.random(who.size)) / count[who] * (_PLANTED_DAYS - 1)
    when = day[who] - 1 - np.floor(back).astype(np.int64)
    urgent = rng.random(who.size) < 0.3
    record.requests(patient[who], when, urgent, np.full(who.size, -1, np.int64))
    share = _PLANTED_CONTACTS / np.maximum(asked, _PLANTED_CONTACTS)
    return day - np.ceil(_PLANTED_DAYS * share).astype(np.int64)


def _requests_before(record: _Record, patient: Longs, day: Longs) -> Longs:
    """Return how many requests were drawn for each patient in the planted days before a day."""
    who, when = np.concatenate(record.request_patients), np.concatenate(record.request_days)
    until = np.full(max(int(max(who.max(initial=-1), patient.max(initial=-1))) + 1, 1), -1)
    until[patient] = day
    before = until[who] - when
    these = who[(until[who] >= 0) & (before > 0) & (before <= _PLANTED_DAYS)]
    return np.bincount(these, minlength=until.size)[patient]


def _illness(
    record: _Record,
    patients: Patients,
    days: tuple[int, int],
    scatter: Longs,
    scatter_days: tuple[Longs, Longs],
) -> Illness:
    first, last = days
    patient = np.concatenate(record.patients)
    day = np.concatenate(record.days)
    order = np.lexsort((patient, day))
    asks = np.concatenate(record.request_patients)
    when = working_day(np.concatenate(record.request_days))
    urgent = np.concatenate(record.request_urgent)
    symptom = np.concatenate(record.request_symptoms)
    in_time = (when >= first - WARM_UP_DAYS) & (when <= last)
    there = (when >= patients.registered_from[asks]) & (when < patients.registered_to[asks])
    k = np.flatnonzero(in_time & there)
    k = k[np.lexsort((symptom[k], asks[k], when[k]))]
    return Illness(
        event_patient=patient[order].astype(np.int32),
        event_type=[record.types[i] for i in order],
        event_day=day[order].astype(np.int32),
        event_code=[record.codes[i] for i in order],
        request_patient=asks[k].astype(np.int32),
        request_day=when[k].astype(np.int32),
        request_urgent=urgent[k],
        request_symptom=symptom[k].astype(np.int16),
        scatter_patient=scatter.astype(np.int32),
        scatter_from=scatter_days[0].astype(np.int32),
        scatter_to=scatter_days[1].astype(np.int32),
    )


def event_days(illness: Illness, kind: str) -> tuple[Int32, Int32]:
    """Return patients and days of one type of event, by day."""
    k = np.flatnonzero(np.array(illness.event_type) == kind)
    return illness.event_patient[k], illness.event_day[k]
