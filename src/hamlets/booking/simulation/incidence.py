"""How often patients fall ill: rates by age, and shares by kind.

Rates are rounded to what the sources show, read by eye where a source prints a chart only:

- cancer: Cancer Research UK, all cancers but non-melanoma skin cancer, 2017-2019, by age
  and sex; time before diagnosis: Swann and others, Br J Gen Pract 2018;68:e63;
- admissions: Pereira Gray and others, BMJ Open 2017;7:e014045 (by age and deprivation);
- A&E: NHS England, 20.4 million attendances in the first nine months of 2024;
- place of death: Office for Health Improvement and Disparities, palliative and end of life
  care profiles 2022 (higher in London than in England).

Referrals, delays, reasons and specialties are plausible guesses and say so on the page
"Simulated data" of the documentation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

AGE_FROM = np.array([-1, 5, 16, 45, 65, 75, 85])
"""The age bands of the continuity groups; the first takes the newborn too."""

ADMISSIONS = np.array([95.0, 38.0, 60.0, 85.0, 130.0, 225.0, 350.0])
"""Emergency admissions per 1,000 patients and year by ``AGE_FROM``, last year of life apart."""
ATTENDANCES = np.array([640.0, 360.0, 420.0, 330.0, 350.0, 500.0, 780.0])
"""A&E attendances of all types, those who were admitted included."""
REFERRALS = np.array([120.0, 105.0, 190.0, 300.0, 400.0, 450.0, 350.0])
"""Referrals by GPs to outpatient clinics."""

ADMITTED_THROUGH_AE = 0.7
CONTACT_AFTER_ADMISSION = 0.5
DELAYED = (0.002, 0.03, 0.07, 0.1)
"""Share of admissions with a delayed discharge, at ages 18, 65, 75 and 85."""

CONDITION_AGES = (0.0, 18.0, 45.0, 65.0, 75.0, 85.0)
CONDITIONS_AT_AGE = (0.05, 0.15, 0.45, 1.3, 1.9, 2.3)
"""Registers that a patient of the age is on, on average."""

_CANCER = np.array(
    # from age, men, women
    [
        (-1, 22, 20),
        (5, 13, 11),
        (10, 14, 13),
        (15, 24, 25),
        (20, 38, 45),
        (25, 48, 75),
        (30, 70, 120),
        (35, 90, 185),
        (40, 130, 280),
        (45, 225, 440),
        (50, 450, 630),
        (55, 780, 735),
        (60, 1230, 945),
        (65, 1780, 1200),
        (70, 2380, 1495),
        (75, 3040, 1850),
        (80, 3280, 1975),
        (85, 3420, 2040),
        (90, 3180, 1805),
    ],
    np.float64,
)
CANCER_AGE_FROM, CANCER_MEN, CANCER_WOMEN = _CANCER.T
"""New cases per 100,000 and year by ``CANCER_AGE_FROM``."""

PRESENTS_TO_GP = 0.8
ONE_SYMPTOM_CONTACT = 0.58
"""Share with a single contact about the symptom, and of the others with one more, and so on:
58, 25, 9 and 4 % had 1, 2, 3 and 4 (Lyratzopoulos and others, Br J Cancer 2013;108:686)."""
SYMPTOMS_A_YEAR = (0.01, 0.02, 0.045, 0.07, 0.08)
"""Contacts a year about such a symptom without cancer, at ages 0, 15, 40, 65 and 80."""

SYMPTOM_GROUPS = (
    "breast",
    "prostate",
    "lung",
    "bowel",
    "skin",
    "urinary",
    "gynaecological",
    "upper_gi",
    "blood",
    "other",
)


@dataclass(frozen=True)
class CancerSite:
    """A site with its category of ICD-10, and its share of new cases."""

    code: str
    group: str
    women: float
    men: float
    young_women: float
    young_men: float

    def share(self, male: bool, young: bool) -> float:
        """Return the share among new cases; ``young`` is under 50."""
        if young:
            return self.young_men if male else self.young_women
        return self.men if male else self.women


CANCER_SITES = (
    CancerSite("C50", "breast", 0.28, 0.00, 0.44, 0.00),
    CancerSite("C61", "prostate", 0.00, 0.29, 0.00, 0.02),
    CancerSite("C34", "lung", 0.14, 0.13, 0.02, 0.04),
    CancerSite("C18", "bowel", 0.12, 0.12, 0.06, 0.12),
    CancerSite("C43", "skin", 0.04, 0.05, 0.10, 0.10),
    CancerSite("C67", "urinary", 0.02, 0.04, 0.01, 0.02),
    CancerSite("C64", "urinary", 0.03, 0.04, 0.02, 0.05),
    CancerSite("C54", "gynaecological", 0.06, 0.00, 0.03, 0.00),
    CancerSite("C56", "gynaecological", 0.04, 0.00, 0.04, 0.00),
    CancerSite("C53", "gynaecological", 0.01, 0.00, 0.07, 0.00),
    CancerSite("C25", "upper_gi", 0.03, 0.03, 0.01, 0.02),
    CancerSite("C15", "upper_gi", 0.03, 0.06, 0.01, 0.03),
    CancerSite("C85", "blood", 0.05, 0.05, 0.06, 0.12),
    CancerSite("C91", "blood", 0.03, 0.04, 0.03, 0.08),
    CancerSite("C62", "other", 0.00, 0.01, 0.00, 0.18),
    CancerSite("C71", "other", 0.02, 0.03, 0.04, 0.08),
    CancerSite("C80", "other", 0.10, 0.11, 0.06, 0.14),
)


@dataclass(frozen=True)
class AdmissionReason:
    """A category of ICD-10 under which people are admitted as an emergency."""

    code: str
    title: str
    avoidable: bool
    """Ambulatory care sensitive: good care outside hospital can often prevent it."""


ADMISSION_REASONS = (
    AdmissionReason("I50", "Heart failure", True),
    AdmissionReason("J44", "Chronic obstructive pulmonary disease", True),
    AdmissionReason("J45", "Asthma", True),
    AdmissionReason("E11", "Diabetes with complications", True),
    AdmissionReason("I20", "Angina", True),
    AdmissionReason("G40", "Epilepsy", True),
    AdmissionReason("L03", "Cellulitis", True),
    AdmissionReason("N39", "Urinary tract infection", True),
    AdmissionReason("J18", "Pneumonia", False),
    AdmissionReason("J22", "Chest infection", False),
    AdmissionReason("R07", "Chest pain", False),
    AdmissionReason("R10", "Abdominal pain", False),
    AdmissionReason("K52", "Stomach upset", False),
    AdmissionReason("S72", "Broken hip", False),
    AdmissionReason("S09", "Head injury", False),
    AdmissionReason("I63", "Stroke", False),
    AdmissionReason("A41", "Sepsis", False),
    AdmissionReason("R55", "Collapse", False),
    AdmissionReason("B34", "Viral infection", False),
    AdmissionReason("R69", "Other", False),
)
ADMISSION_SHARES = (
    # children, 16-64, 65 and over, in the order of ADMISSION_REASONS
    (0, 0, 4, 1, 0, 2, 1, 3, 2, 10, 0, 6, 7, 0, 6, 0, 1, 1, 14, 42),
    (1, 2, 2, 2, 2, 2, 3, 3, 2, 2, 9, 10, 2, 0, 3, 1, 2, 2, 2, 48),
    (5, 5, 1, 1, 2, 1, 2, 7, 8, 4, 4, 3, 2, 4, 2, 4, 5, 4, 1, 35),
)

SPECIALTIES = {
    "dermatology": 9.0,
    "trauma_orthopaedics": 12.0,
    "gynaecology": 9.0,
    "ophthalmology": 9.0,
    "ear_nose_throat": 8.0,
    "general_surgery": 9.0,
    "gastroenterology": 7.0,
    "cardiology": 7.0,
    "urology": 6.0,
    "respiratory": 4.0,
    "neurology": 5.0,
    "rheumatology": 4.0,
    "endocrinology": 3.0,
    "paediatrics": 4.0,
    "mental_health": 4.0,
}
DELAY_REASONS = {
    "care_package": 4.0,
    "care_home_place": 3.0,
    "rehabilitation_place": 2.0,
    "assessment": 2.0,
    "housing": 1.0,
}

DIES_IN_HOSPITAL = 0.52
DIES_ELSEWHERE = {"cancer": 0.42, "dementia": 0.36, "palliative_care": 0.32}
CONTACTS_IN_LAST_YEAR = 6.0
"""Requests on top of the usual in the last year of life."""
ADMISSIONS_IN_LAST_YEAR = 1.1
