"""Expected GP minutes a year of each patient (definitions, Teams 1).

A patient's contacts a year are drawn towards those of others of their age and sex: counts are
Poisson, rates of a cell (age band x sex) gamma with shape a and b years, found by the method
of moments for counts over unequal times (Bühlmann & Straub 1970; negative binomial):

    m = sum c / sum t,  s2 = sum((c - m t)^2 - m t) / sum(t^2),  b = m / s2,  a = m b

So a patient with c contacts in t years has (a + c) / (b + t) a year. Minutes follow the ways
of contact: a contact counts the practice's mean minutes of its mode, one that is only expected
the mean over all contacts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hamlets.records.tables import MODES
from hamlets.teams.inputs import Bools, Float64, Int32, Int64

DEFAULT_MINUTES = {
    "unknown": 10.0, "face_to_face": 10.0, "telephone": 7.0, "video": 10.0, "online": 5.0,
    "home_visit": 30.0, "care_home": 30.0, "group": 10.0,
}  # fmt: skip
"""Minutes of a contact where the practice's own are not recorded: assumptions, to be replaced."""
LEAST_DURATIONS = 5
"""Fewer recorded lengths than this of a mode say nothing of its mean."""
LONGEST_MINUTES = 240.0
"""What is longer, or not above 0, is a mistake and no length."""
LEAST_PATIENTS = 30
LEAST_CONTACTS = 30
"""A cell with fewer patients or contacts takes the figures of its age band, then of everyone."""
FLOOR_YEARS = 28 / 365
"""Registered for less, a patient has the prior: first weeks are unlike those that follow."""


@dataclass(frozen=True)
class Prior:
    """Gamma prior of contacts a year: mean, and years that it weighs (infinite without spread)."""

    mean: float
    years: float


def fit_prior(contacts: Float64, years: Float64) -> Prior:
    """Return the prior of patients by the method of moments.

    Where counts spread no more than chance makes them, everyone has the mean.
    """
    total, squares = float(years.sum()), float((years * years).sum())
    mean = float(contacts.sum()) / total if total > 0 else 0.0
    expected = mean * years
    extra = float(((contacts - expected) ** 2 - expected).sum())
    if extra <= 0 or mean <= 0:
        return Prior(mean, np.inf)
    return Prior(mean, mean * squares / extra)


def number_sexes(sex: list[str | None]) -> Int64:
    """Return a number for each patient's sex, 0 where not known, the rest by word."""
    words = [(word or "").strip().casefold() for word in sex]
    known = {word: number for number, word in enumerate(sorted(set(words) - {"", "unknown"}), 1)}
    return np.array([known.get(word, 0) for word in words], dtype=np.int64)


def fit_cells(contacts: Float64, years: Float64, age_band: Int32, sex: list[str | None],
              unknown_band: int) -> tuple[Float64, Float64]:  # fmt: skip
    """Return each patient's prior mean and years, of the smallest group that is large enough.

    Cell, age band, practice. Patients of unknown sex take their age band's, of unknown age the
    practice's. Those registered for a few days only tell nothing and are in no group's figures.
    """
    told = years >= FLOOR_YEARS
    everyone = fit_prior(contacts[told], years[told])
    mean = np.full(len(contacts), everyone.mean)
    weight = np.full(len(contacts), everyone.years)
    band, ageless, numbers = age_band.astype(np.int64), age_band == unknown_band, number_sexes(sex)
    cell = band * (int(numbers.max(initial=0)) + 1) + numbers
    for codes, unknown in ((band, ageless), (cell, ageless | (numbers == 0))):
        for code in np.unique(codes[~unknown]).tolist():
            mine = codes == code
            used = mine & told
            if used.sum() >= LEAST_PATIENTS and contacts[used].sum() >= LEAST_CONTACTS:
                prior = fit_prior(contacts[used], years[used])
                mean[mine], weight[mine] = prior.mean, prior.years
    return mean, weight


def mean_minutes(mode: Int32, minutes: Float64) -> Float64:
    """Return mean minutes by mode code + 1, of recorded lengths or by default."""
    found = np.array([DEFAULT_MINUTES["unknown"], *(DEFAULT_MINUTES[word] for word in MODES)])
    valid = (minutes > 0) & (minutes <= LONGEST_MINUTES)  # NaN is neither
    count = np.bincount(mode[valid] + 1, minlength=len(found))
    total = np.bincount(mode[valid] + 1, weights=minutes[valid], minlength=len(found))
    enough = count >= LEAST_DURATIONS
    found[enough] = total[enough] / count[enough]
    return found


def expected_minutes(
    patient: Int64,
    mode: Int32,
    minutes: Float64,
    years: Float64,
    age_band: Int32,
    sex: list[str | None],
    unknown_band: int,
    admin_minutes: float = 0.0,
) -> Float64:
    """Return w, the GP minutes a year that each patient may be expected to need.

    Contacts are rows of ``patient`` (a position), ``mode`` (a code) and ``minutes`` (NaN where
    not recorded); ``years`` registered, at most 2, and the attributes are by patient.
    ``admin_minutes`` are added to each contact: nothing in the records tells them.
    """
    size = len(years)
    each = mean_minutes(mode, minutes)[mode + 1] + admin_minutes
    usual = float(each.mean()) if len(each) else 0.0
    contacts = np.bincount(patient, minlength=size).astype(np.float64)
    own = np.bincount(patient, weights=each, minlength=size)
    mean, weight = fit_cells(contacts, years, age_band, sex, unknown_band)
    new: Bools = years < FLOOR_YEARS
    own, seen = np.where(new, 0.0, own), np.where(new, 0.0, years)
    sure = ~np.isfinite(weight)
    held = np.where(sure, 1.0, weight)
    drawn = (held * mean * usual + own) / np.maximum(held + seen, 1e-9)
    return np.where(sure | new, mean * usual, drawn)
