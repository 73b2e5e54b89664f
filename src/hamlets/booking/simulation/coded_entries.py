"""The codes that a simulated record uses, and how often each entry is made.

The codes are invented (``EX-OBS-...``): those of real systems need a licence, and an
invented record must not look like a real one. The shares that a practice reaches are
drawn around ``share``; standards that networks set themselves lie between 40 and 95 %.
"""

from __future__ import annotations

from dataclasses import dataclass

from hamlets.booking.simulation.illness import SYMPTOMS


@dataclass(frozen=True)
class Code:
    """One code of the record: what it says, and the unit of its value ("" = no value)."""

    code: str
    title: str
    unit: str = ""


@dataclass(frozen=True)
class Yearly:
    """An entry made for members of a group, about so often a year."""

    code: str
    group: str
    share: float
    """Share of the group with the entry in a year, in a practice like most."""
    times: int = 1
    """Chances a year: 2 means up to two entries."""
    package: str = ""
    """Entries of a package do well or badly together in a practice."""
    at_contact: bool = True
    """Made at a contact where there is one near; else somewhere else (a screening van)."""


@dataclass(frozen=True)
class Measured:
    """How the values of a code scatter: between patients, and from one time to the next."""

    mean: float
    between: float
    within: float
    low: float
    high: float
    decimals: int = 0


@dataclass(frozen=True)
class Immunisation:
    """One dose of the childhood schedule."""

    code: str
    due_days: int
    """Age in days at which it is due."""
    share: float
    """Share of children who have had it in the end."""


_ENTRIES = (
    Code("EX-OBS-DIABETES-CARE-PLAN", "Diabetes care plan agreed"),
    Code("EX-OBS-HBA1C", "HbA1c", "mmol/mol"),
    Code("EX-OBS-CHOLESTEROL", "Total cholesterol", "mmol/L"),
    Code("EX-OBS-SYSTOLIC", "Systolic blood pressure", "mmHg"),
    Code("EX-OBS-DIASTOLIC", "Diastolic blood pressure", "mmHg"),
    Code("EX-OBS-RETINAL-SCREENING", "Retinal screening done"),
    Code("EX-OBS-FOOT-CHECK", "Diabetic foot check done"),
    Code("EX-OBS-URINE-ALBUMIN", "Urine albumin to creatinine ratio", "mg/mmol"),
    Code("EX-OBS-COPD-CARE-PLAN", "COPD care plan agreed"),
    Code("EX-OBS-BREATHLESSNESS", "MRC breathlessness grade", "grade 1 to 5"),
    Code("EX-OBS-REHABILITATION-REFERRAL", "Referred to pulmonary rehabilitation"),
    Code("EX-OBS-ASTHMA-REVIEW", "Asthma review done"),
    Code("EX-OBS-STATIN", "Statin prescribed"),
    Code("EX-OBS-FLU-VACCINATION", "Influenza vaccination given"),
    Code("EX-OBS-SIX-IN-ONE-1", "Six-in-one vaccine, first dose"),
    Code("EX-OBS-SIX-IN-ONE-2", "Six-in-one vaccine, second dose"),
    Code("EX-OBS-SIX-IN-ONE-3", "Six-in-one vaccine, third dose"),
    Code("EX-OBS-MMR-1", "MMR vaccine, first dose"),
    Code("EX-OBS-MMR-2", "MMR vaccine, second dose"),
    Code("EX-OBS-FOUR-IN-ONE", "Four-in-one preschool booster"),
    Code("EX-OBS-END-OF-LIFE-PLAN", "End of life care plan shared"),
    Code("EX-OBS-AUDIT-C", "AUDIT-C alcohol score", "score 0 to 12"),
    Code("EX-OBS-ALCOHOL-ADVICE", "Brief advice on alcohol given"),
    Code("EX-OBS-NEVER-SMOKED", "Never smoked"),
    Code("EX-OBS-EX-SMOKER", "Used to smoke"),
    Code("EX-OBS-SMOKER", "Smokes"),
    Code("EX-OBS-SMOKING-ADVICE", "Help to stop smoking offered"),
    Code("EX-OBS-BMI", "Body mass index", "kg/m2"),
    Code("EX-OBS-MEDICATION-REVIEW-DUE", "Structured medication review due"),
    Code("EX-OBS-MEDICATION-REVIEW-DONE", "Structured medication review done"),
    Code("EX-OBS-MENTAL-HEALTH-PLAN", "Mental health care plan agreed"),
    Code("EX-OBS-DEMENTIA-REVIEW", "Dementia care plan reviewed"),
)

CODES: tuple[Code, ...] = (*_ENTRIES, *(Code(s.code, s.title) for s in SYMPTOMS))
"""Every code of the observations; those of symptoms come last, in the order of SYMPTOMS."""

FIRST_SYMPTOM = len(_ENTRIES)
POSITION = {code.code: position for position, code in enumerate(CODES)}

YEARLY = (
    Yearly("EX-OBS-DIABETES-CARE-PLAN", "diabetes", 0.78, package="diabetes"),
    Yearly("EX-OBS-HBA1C", "diabetes", 0.80, 2, "diabetes"),
    Yearly("EX-OBS-CHOLESTEROL", "diabetes", 0.90, 1, "diabetes"),
    Yearly("EX-OBS-SYSTOLIC", "diabetes", 0.82, 2, "diabetes"),
    Yearly("EX-OBS-FOOT-CHECK", "diabetes", 0.80, package="diabetes"),
    Yearly("EX-OBS-URINE-ALBUMIN", "diabetes", 0.68, package="diabetes"),
    Yearly("EX-OBS-RETINAL-SCREENING", "diabetes", 0.78, package="diabetes", at_contact=False),
    Yearly("EX-OBS-COPD-CARE-PLAN", "copd", 0.72, package="copd"),
    Yearly("EX-OBS-BREATHLESSNESS", "copd", 0.78, package="copd"),
    Yearly("EX-OBS-ASTHMA-REVIEW", "asthma", 0.62, package="copd"),
    Yearly("EX-OBS-SYSTOLIC", "hypertension_only", 0.75, 2, "cvd"),
    Yearly("EX-OBS-SYSTOLIC", "over_45_well", 0.35, package="cvd"),
    Yearly("EX-OBS-STATIN", "cvd", 0.86, 2, "cvd"),
    Yearly("EX-OBS-STATIN", "diabetes_over_40", 0.66, 2, "cvd"),
    Yearly("EX-OBS-CHOLESTEROL", "cvd", 0.72, package="cvd"),
    Yearly("EX-OBS-AUDIT-C", "adults", 0.26, package="lifestyle"),
    Yearly("EX-OBS-NEVER-SMOKED", "adults", 0.42, package="lifestyle"),
    Yearly("EX-OBS-BMI", "adults", 0.28, package="lifestyle"),
    Yearly("EX-OBS-BMI", "diabetes", 0.85, package="diabetes"),
    Yearly("EX-OBS-MENTAL-HEALTH-PLAN", "smi", 0.70, package="mental_health"),
    Yearly("EX-OBS-DEMENTIA-REVIEW", "dementia", 0.74, package="mental_health"),
    Yearly("EX-OBS-MEDICATION-REVIEW-DUE", "many_medicines", 0.90, at_contact=False),
)

MEASURED = {
    "EX-OBS-HBA1C": Measured(57.0, 13.0, 4.0, 36, 140),
    "EX-OBS-CHOLESTEROL": Measured(4.1, 0.8, 0.4, 2.0, 9.0, 1),
    "EX-OBS-SYSTOLIC": Measured(132.0, 10.0, 9.0, 85, 210),
    "EX-OBS-DIASTOLIC": Measured(77.0, 7.0, 6.0, 45, 120),
    "EX-OBS-URINE-ALBUMIN": Measured(2.6, 2.5, 0.6, 0.3, 80, 1),
    "EX-OBS-BREATHLESSNESS": Measured(2.3, 1.0, 0.2, 1, 5),
    "EX-OBS-AUDIT-C": Measured(2.4, 2.4, 0.5, 0, 12),
    "EX-OBS-BMI": Measured(27.3, 4.8, 0.5, 16, 55, 1),
}
"""Values, before the changes for registers in ``observations``."""

CHILDHOOD = (
    Immunisation("EX-OBS-SIX-IN-ONE-1", 56, 0.95),
    Immunisation("EX-OBS-SIX-IN-ONE-2", 84, 0.94),
    Immunisation("EX-OBS-SIX-IN-ONE-3", 112, 0.92),
    Immunisation("EX-OBS-MMR-1", 365, 0.89),
    Immunisation("EX-OBS-MMR-2", 1218, 0.84),
    Immunisation("EX-OBS-FOUR-IN-ONE", 1218, 0.83),
)
"""Shares as published for England (NHS Digital, Childhood Vaccination Coverage 2022-23)."""

FLU_SHARES = {"over_65": 0.74, "at_risk": 0.42, "aged_2_or_3": 0.40}
"""Shares vaccinated by season (UK Health Security Agency, GP patients, 2022-23), inner cities
lower."""

SMOKING = (0.62, 0.24, 0.14)
"""Adults who never smoked, used to and do (Annual Population Survey)."""
SMOKING_ADVICE = 0.75
ALCOHOL_RISK = 5
"""AUDIT-C score from which brief advice is due."""
ALCOHOL_ADVICE = 0.6
REHABILITATION_FROM_GRADE = 3
REHABILITATION = 0.45
MEDICATION_REVIEW = 0.55
END_OF_LIFE_PLAN = 0.48
"""Share of those who die, and of those on the palliative care register, with a shared plan."""
