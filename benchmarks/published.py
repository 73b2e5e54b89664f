"""What is published about general practice in England, to hold an invented borough against.

Each figure has a source, and the range that would be called near to it. The wide range is
for ``tests/spec/test_simulated_borough.py``: a small borough must stay inside it, so that
the simulation cannot drift off unnoticed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["share", "index", "number", "days"]
Range = tuple[float, float]

AIGP = "NHS England, Appointments in General Practice"
HULL = "Hull and others, Br J Gen Pract 2022;72(724)"
BARKER = "Barker and others, BMJ 2017;356:j84"
EIGHT_GPS = "an eight-GP practice with personal lists, Br J Gen Pract 2024;74:11"
DEVON = "Pereira Gray and others, BMJ Open 2017;7:e014045, NEW Devon"


@dataclass(frozen=True)
class Quantity:
    """One figure: what it is, what is published, and how it is measured here."""

    id: str
    part: str
    title: str
    published: str
    source: str
    how: str
    kind: Kind
    near: Range | None
    """None: nothing is known to compare with."""
    wide: Range | None
    """None: a small borough says nothing about it."""


_CONTINUITY = (
    Quantity(
        "upc_hull", "Continuity", "Usual provider, mean of practice means", "0.52", HULL,
        "`upc`, preset `hull-2022`, by practice", "index", (0.47, 0.57), (0.40, 0.68),
    ),
    Quantity(
        "upc_hull_lowest", "Continuity", "… lowest practice", "0.32", HULL,
        "the same", "index", (0.27, 0.42), (0.25, 0.62),
    ),
    Quantity(
        "upc_hull_highest", "Continuity", "… highest practice", "0.93", HULL,
        "the same", "index", (0.80, 0.98), (0.45, 0.98),
    ),
    Quantity(
        "upc_old", "Continuity", "Aged 65 and over, more than younger patients", "0.08 (over 60)",
        HULL, "the same, by age band", "index", (0.04, 0.13), (0.00, 0.18),
    ),
    Quantity(
        "upc_barker", "Continuity", "Usual provider, patients of 62 to 82", "0.61", BARKER,
        "`upc`, preset `barker-2017`", "index", (0.56, 0.66), (0.45, 0.75),
    ),
    Quantity(
        "upc_barker_small", "Continuity", "… smaller practices, more than larger", "0.11",
        BARKER, "the same; thirds of practices by list", "index", (0.05, 0.20), None,
    ),
    Quantity(
        "slicc_highest", "Continuity", "Own GP's share of contacts, best practice",
        "51.7 % and 81.9 %: two practices with personal lists",
        f"Sidaway-Lee and others, Br J Gen Pract 2019;69(682); {EIGHT_GPS}",
        "`slicc`, preset `sidaway-lee-2019`, by practice", "share", (0.50, 0.90), (0.15, 0.95),
    ),
    Quantity(
        "slicc", "Continuity", "Own GP's share of contacts, borough", "no figure known", "",
        "`slicc`, preset `kajaria-montag-2023`", "share", None, (0.12, 0.70),
    ),
    Quantity(
        "upc_bristol", "Continuity", "Usual provider, two contacts and more", "no figure known",
        "", "`upc`, preset `bristol`", "index", None, (0.40, 0.75),
    ),
    Quantity(
        "upc_earliest", "Continuity", "Usual provider where everyone takes the earliest slot",
        "no figure known", "", "`upc`, preset `hull-2022`, on a borough made with "
        "`--policy earliest_any`", "index", None, None,
    ),
)  # fmt: skip

_CONTACTS = (
    Quantity(
        "contacts", "Contacts", "Appointments per patient and year", "5.9",
        f"{AIGP}, July 2023 to June 2024", "kept or missed, over years registered", "number",
        (5.3, 6.5), (4.3, 7.5),
    ),
    Quantity(
        "gp_share", "Contacts", "… of them with GPs", "45 %", f"{AIGP}, April 2024",
        "role of the clinician", "share", (0.42, 0.50), (0.35, 0.62),
    ),
    Quantity(
        "missed", "Contacts", "Did not attend", "4.2 %", f"{AIGP}, June 2024",
        "missed of kept and missed", "share", (0.035, 0.055), (0.02, 0.09),
    ),
    Quantity(
        "missed_same_day", "Contacts", "… booked for the same day", "1.9 %", f"{AIGP}, 2019",
        "by days from booking", "share", (0.01, 0.03), (0.00, 0.05),
    ),
    Quantity(
        "missed_later", "Contacts", "… booked more than a week before", "8.2 to 8.9 %",
        f"{AIGP}, 2019", "the same", "share", (0.06, 0.10), (0.04, 0.15),
    ),
    Quantity(
        "same_day", "Contacts", "Booked for the same day", "45 %", f"{AIGP}, April 2024",
        "kept contacts, days from booking", "share", (0.41, 0.49), (0.25, 0.60),
    ),
    Quantity(
        "within_7_days", "Contacts", "… within 7 days", "70 %", f"{AIGP}, June 2024",
        "the same", "share", (0.65, 0.75), (0.50, 0.85),
    ),
    Quantity(
        "within_14_days", "Contacts", "… within 14 days", "82 %", f"{AIGP}, April 2024",
        "the same", "share", (0.78, 0.87), (0.65, 0.95),
    ),
    Quantity(
        "face_to_face", "Contacts", "Face to face", "65 %", f"{AIGP}, April 2024",
        "kept contacts by mode", "share", (0.60, 0.70), (0.45, 0.80),
    ),
    Quantity(
        "telephone", "Contacts", "By telephone", "25.5 %; London 29.6 %",
        f"{AIGP}, April 2024; September 2023", "the same", "share", (0.22, 0.32), (0.12, 0.45),
    ),
    Quantity(
        "online", "Contacts", "By video or online", "4.3 %, rising", f"{AIGP}, April 2024",
        "the same", "share", (0.03, 0.08), (0.005, 0.15),
    ),
    Quantity(
        "home", "Contacts", "Home visits", "1.1 %", f"{AIGP}, April 2024",
        "the same", "share", (0.004, 0.015), (0.001, 0.03),
    ),
    Quantity(
        "hub", "Contacts", "At the network's hub", "no figure known", "",
        "place is not the patient's practice", "share", None, (0.001, 0.05),
    ),
    Quantity(
        "top_tenth", "Contacts", "GP contacts of the tenth who come most", "40 %",
        "Kontopantelis and others, BMJ Open 2021;11:e054666",
        "last 12 months, patients registered throughout", "share", (0.33, 0.46), (0.28, 0.55),
    ),
    Quantity(
        "old_to_young", "Contacts", "GP contacts at 75 and over, to those at 16 to 44",
        "most at 85 and over", "Hobbs and others, Lancet 2016;387:2323",
        "times as many per patient and year", "number", (1.5, 4.5), (1.4, 5.0),
    ),
    Quantity(
        "free", "Contacts", "Slots that stayed free", "no figure known", "",
        "free of free and booked, days past", "share", None, (0.01, 0.40),
    ),
)  # fmt: skip

_WORKFORCE = (
    Quantity(
        "list_size", "Workforce", "Patients per practice", "7,500",
        "Tower Hamlets, 2013", "registered on the last day", "number",
        (6500, 8500), None,
    ),
    Quantity(
        "sessional", "Workforce", "GPs who are salaried, locums or on a retainer", "over 70 %",
        "Tower Hamlets, 2013", "`hamlets workforce`, without trainees", "share", (0.65, 0.85),
        (0.35, 0.95),
    ),
    Quantity(
        "sessions", "Workforce", "Sessions a week of a GP", "6.2",
        "Br J Gen Pract 2024;74:e652, in 2021", "partners and salaried GPs",
        "number", (5.2, 6.8), (4.0, 8.0),
    ),
    Quantity(
        "patients_per_session", "Workforce", "Patients per weekly GP session", "241",
        EIGHT_GPS, "partners and salaried GPs", "number",
        (200, 280), (140, 380),
    ),
    Quantity(
        "gp_day", "Workforce", "GP contacts in a GP's day, median",
        "25 advised, 36 to 41 reported on a Monday",
        "British Medical Association; Pulse survey 2019", "`hamlets workforce`", "number",
        (20, 41), (12, 45),
    ),
)  # fmt: skip

_ILLNESS = (
    Quantity(
        "cancers", "Illness", "Cancers, to those expected at each age and sex", "1.0",
        "Cancer Research UK, 2017-2019", "`cancer_diagnosis` events", "number",
        (0.90, 1.10), (0.60, 1.40),
    ),
    Quantity(
        "symptom_days", "Illness", "Days from first coded symptom to the diagnosis, median", "40",
        "Swann and others, Br J Gen Pract 2018;68:e63", "symptoms in the 365 days before",
        "days", (30, 65), (20, 110),
    ),
    Quantity(
        "deaths_in_hospital", "Illness", "Deaths that were in hospital",
        "43.4 %; more in London", "OHID, palliative and end of life care profiles, 2022",
        "`death_in_hospital` of `death`", "share", (0.43, 0.55), (0.30, 0.70),
    ),
    Quantity(
        "admissions_young", "Illness", "Emergency admissions per 1,000 a year, 16 to 44",
        "34 to 68 by deprivation (20 to 37)", DEVON, "`emergency_admission` events", "number",
        (34, 72), (25, 100),
    ),
    Quantity(
        "admissions_old", "Illness", "… 65 and over", "199 to 282 by deprivation (67 and over)",
        DEVON, "the same", "number", (190, 290), (140, 380),
    ),
    Quantity(
        "attendances", "Illness", "A&E attendances per 1,000 a year", "470",
        "NHS England, January to September 2024, over the population", "`ae_attendance` events",
        "number", (390, 520), (320, 560),
    ),
    Quantity(
        "referrals", "Illness", "Outpatient referrals per 1,000 a year", "no figure known", "",
        "`outpatient_referral` events", "number", None, (140, 300),
    ),
    Quantity(
        "mmr", "Illness", "First MMR by the second birthday", "92.7 %; London 87.5 %",
        "House of Commons, answer of 6 July 2015, for 2013-14",
        "children born two years before", "share", (0.84, 0.94), (0.65, 0.99),
    ),
    Quantity(
        "blood_pressure", "Illness", "Hypertension: last pressure below 140/90", "57 %",
        "Cambridgeshire and Peterborough CCG, 2018", "of the register, in the last 12 months",
        "share", (0.50, 0.68), (0.35, 0.80),
    ),
)  # fmt: skip

QUANTITIES: tuple[Quantity, ...] = (*_CONTINUITY, *_CONTACTS, *_WORKFORCE, *_ILLNESS)
