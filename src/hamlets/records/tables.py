"""The canonical tables: names, columns, kinds and vocabularies.

These names are the columns of the generic CSV profile and of the record
store's public tables. Everything that reads, checks, stores or documents a
table takes it from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "word", "date", "time", "number", "integer", "boolean"]
"""How a column's text is read. ``word`` is a word of a vocabulary."""

ROLES = (
    "unknown",
    "gp",
    "gp_partner",
    "gp_salaried",
    "gp_locum",
    "gp_registrar",
    "nurse",
    "advanced_practitioner",
    "pharmacist",
    "healthcare_assistant",
    "physician_associate",
    "physiotherapist",
    "paramedic",
    "social_prescriber",
    "care_coordinator",
    "social_worker",
    "patient_advocate",
    "administrator",
    "other",
)
STATUSES = ("unknown", "booked", "arrived", "attended", "did_not_attend", "cancelled")
MODES = (
    "unknown",
    "face_to_face",
    "telephone",
    "video",
    "online",
    "home_visit",
    "care_home",
    "group",
)
URGENCIES = ("unknown", "same_day", "routine", "follow_up")
CONTRACTS = ("unknown", "partner", "salaried", "locum", "retainer", "trainee", "other")
NETWORK_KINDS = (
    "unknown",
    "network",
    "pcn",
    "borough",
    "federation",
    "super_partnership",
    "multi_practice",
    "region",
)

VOCABULARIES: dict[str, tuple[str, ...]] = {
    "role": ROLES,
    "status": STATUSES,
    "mode": MODES,
    "urgency": URGENCIES,
    "contract": CONTRACTS,
    "kind": NETWORK_KINDS,
}
"""Words of each vocabulary; a word's position is its code in the store.

The order is part of the store's format: new words go at the end. Code 0 is
``unknown`` (a blank or unmapped word); NOT_GIVEN marks a row whose extract had
no such column at all.
"""

NOT_GIVEN = -1


@dataclass(frozen=True)
class Column:
    """One column of a canonical table."""

    name: str
    kind: Kind
    required: bool = False
    vocabulary: str | None = None
    identifying: bool = False
    """Kept only in a store made with ``--identifiable``."""
    description: str = ""


@dataclass(frozen=True)
class Table:
    """One canonical table. ``key`` names the columns that tell its rows apart."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    by_patient: bool = False
    """Clustered by the patient's home practice, as appointments are."""
    description: str = ""

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns if c.required)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns)

    def column(self, name: str) -> Column:
        """Return the column called ``name``; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def _c(
    name: str,
    kind: Kind,
    description: str,
    *,
    required: bool = False,
    vocabulary: str | None = None,
    identifying: bool = False,
) -> Column:
    return Column(name, kind, required, vocabulary, identifying, description)


def _patient(required: bool = True) -> Column:
    return _c("patient_id", "id", "The patient, as the source names them.", required=required)


def _staff(name: str = "staff_id", required: bool = True) -> Column:
    return _c(name, "id", "The member of staff, as the source names them.", required=required)


def _practice(required: bool = True) -> Column:
    return _c("practice_id", "id", "The practice's ODS code.", required=required)


_FROM = _c("from_date", "date", "First day it holds.", required=True)
_TO = _c("to_date", "date", "First day it no longer holds; blank = still open.")

TABLES: dict[str, Table] = {
    t.name: t
    for t in (
        Table(
            "practices",
            (
                _practice(),
                _c("name", "text", "Name."),
                _c("postcode", "text", "Postcode of the practice."),
                _c("latitude", "number", "Latitude, WGS84 degrees."),
                _c("longitude", "number", "Longitude, WGS84 degrees."),
                _c("list_size", "integer", "Registered patients."),
                _c("network_id", "id", "The network it belongs to now."),
                _c("sites", "text", "Its sites, where no sites table is given."),
            ),
            key=("practice_id",),
            description="Practices, and other places that give contacts.",
        ),
        Table(
            "networks",
            (
                _c("network_id", "id", "Code of the network.", required=True),
                _c("name", "text", "Name."),
                _c("kind", "word", "Kind of organisation.", vocabulary="kind"),
                _c("parent_id", "id", "The network or borough above it."),
            ),
            key=("network_id",),
            description="Networks, boroughs and the like, as a tree.",
        ),
        Table(
            "network_members",
            (
                _c("network_id", "id", "The network.", required=True),
                _practice(),
                _FROM,
                _TO,
            ),
            key=("network_id", "practice_id", "from_date"),
            description="Which practice belonged to which network, and when.",
        ),
        Table(
            "sites",
            (
                _c("site_id", "id", "Code of the site.", required=True),
                _practice(),
                _c("name", "text", "Name."),
                _c("postcode", "text", "Postcode of the site."),
                _c("latitude", "number", "Latitude, WGS84 degrees."),
                _c("longitude", "number", "Longitude, WGS84 degrees."),
            ),
            key=("site_id",),
            description="Buildings of a practice.",
        ),
        Table(
            "staff",
            (
                _staff(),
                _practice(),
                _c("network_id", "id", "Employer, where it is a network."),
                _c("person_id", "id", "Joins the role records of one person."),
                _c("name", "text", "Name of the member of staff."),
                _c("role", "word", "Role.", vocabulary="role"),
                _c("contract", "word", "Contract.", vocabulary="contract"),
                _c("sessions_per_week", "number", "Sessions worked in a week."),
                _c("languages", "text", "Languages spoken."),
                _c("skills", "text", "Special skills."),
                _c("start_date", "date", "First day in the role."),
                _c("end_date", "date", "First day no longer in the role."),
            ),
            key=("staff_id", "practice_id", "start_date"),
            description="Role records of staff; a person may have several.",
        ),
        Table(
            "teams",
            (
                _c("team_id", "id", "Code of the team.", required=True),
                _practice(),
                _c("name", "text", "Name."),
            ),
            key=("team_id",),
            description="Micro-teams.",
        ),
        Table(
            "team_members",
            (
                _c("team_id", "id", "The team.", required=True),
                _staff(),
                _c("from_date", "date", "First day it holds; blank = always."),
                _TO,
                _c("lead", "boolean", "Leads the team."),
            ),
            key=("team_id", "staff_id", "from_date"),
            description="Who was in which team, and when.",
        ),
        Table(
            "buddies",
            (
                _staff(),
                _staff("buddy_staff_id"),
                _c("from_date", "date", "First day it holds; blank = always."),
                _TO,
            ),
            key=("staff_id", "buddy_staff_id", "from_date"),
            description="Who covers for whom.",
        ),
        Table(
            "patients",
            (
                _patient(),
                _practice(),
                _c(
                    "nhs_number",
                    "id",
                    "NHS number; joins one person across sources.",
                    identifying=True,
                ),
                _c("name", "text", "Name of the patient.", identifying=True),
                _staff("named_staff_id", required=False),
                _c("birth_date", "date", "Date of birth.", identifying=True),
                _c("birth_year", "integer", "Year of birth."),
                _c("sex", "text", "Sex."),
                _c("ethnicity", "text", "Ethnic group."),
                _c("language", "text", "Main language."),
                _c("household_id", "id", "Household."),
                _c("lsoa_code", "text", "Small area of residence (LSOA)."),
                _c("imd_decile", "integer", "Deprivation decile, 1 = most deprived."),
                _c("housebound", "boolean", "Housebound."),
                _c("registered_from", "date", "First day registered."),
                _c("registered_to", "date", "First day no longer registered."),
                _c("death_date", "date", "Day of death."),
            ),
            key=("patient_id",),
            by_patient=True,
            description="Patients.",
        ),
        Table(
            "registrations",
            (_patient(), _practice(), _FROM, _TO),
            key=("patient_id", "practice_id", "from_date"),
            by_patient=True,
            description="Where a patient was registered, and when.",
        ),
        Table(
            "named_gps",
            (
                _patient(),
                _staff(),
                _FROM,
                _TO,
                _c(
                    "source",
                    "text",
                    "clinical_system, preference (the patient asked), plan:<id> (an adopted plan),"
                    " or clinical_system:current (a current one that a plan made Hamlets date).",
                ),
            ),
            key=("patient_id", "staff_id", "from_date"),
            by_patient=True,
            description="Who was a patient's named GP, and when.",
        ),
        Table(
            "appointments",
            (
                _patient(),
                _staff(),
                _practice(),
                _c("start_time", "time", "When it started, Europe/London.", required=True),
                _c("appointment_id", "id", "Code of the appointment in its source."),
                _c("booked_time", "time", "When it was booked."),
                _c("status", "word", "Status.", vocabulary="status"),
                _c("mode", "word", "Way of contact.", vocabulary="mode"),
                _c("urgency", "word", "Urgency.", vocabulary="urgency"),
                _c("duration_minutes", "number", "Length in minutes."),
                _c("category", "text", "The source's own category or class."),
                _c("site_id", "id", "The site."),
                _c("staff_role", "word", "Role of the clinician that day.", vocabulary="role"),
            ),
            key=("appointment_id",),
            by_patient=True,
            description="Appointments and other contacts: the one table that is required.",
        ),
        Table(
            "conditions",
            (
                _patient(),
                _c("code", "text", "Clinical code.", required=True),
                _FROM,
                _TO,
                _c("register", "text", "Disease register it counts for."),
            ),
            key=("patient_id", "code", "from_date"),
            by_patient=True,
            description="Conditions and registers.",
        ),
        Table(
            "events",
            (
                _patient(),
                _c("event_type", "text", "cancer_diagnosis, death, ...", required=True),
                _c("event_date", "date", "Day of the event.", required=True),
                _c("code", "text", "Clinical code."),
            ),
            key=("patient_id", "event_type", "event_date", "code"),
            by_patient=True,
            description="Diagnoses, deaths, admissions and other events that audits start from.",
        ),
        Table(
            "observations",
            (
                _patient(),
                _c("code", "text", "Clinical code.", required=True),
                _c("date", "date", "Day of the observation.", required=True),
                _c("value", "text", "Value."),
                _c("unit", "text", "Unit of the value."),
            ),
            key=("patient_id", "code", "date", "value"),
            by_patient=True,
            description="Measurements and reviews that indicators are made from.",
        ),
        Table(
            "sessions",
            (
                _staff(),
                _practice(),
                _c("start_time", "time", "Start of the session.", required=True),
                _c("end_time", "time", "End of the session.", required=True),
                _c("site_id", "id", "The site."),
                _c("session_type", "text", "Type of session."),
                _c("slots", "integer", "Slots in the session."),
            ),
            key=("staff_id", "practice_id", "start_time"),
            description="The rota.",
        ),
        Table(
            "slots",
            (
                _c("slot_id", "id", "Code of the slot.", required=True),
                _staff(),
                _practice(),
                _c("start_time", "time", "Start of the slot.", required=True),
                _c("end_time", "time", "End of the slot.", required=True),
                _c("status", "text", "Free, booked or blocked, in the source's words."),
                _c("site_id", "id", "The site."),
                _c("slot_type", "text", "Type of slot."),
            ),
            key=("slot_id",),
            description="Slots of the appointment book, booked or free.",
        ),
        Table(
            "indicator_counts",
            (
                _practice(),
                _c("indicator_id", "id", "The indicator.", required=True),
                _c("period_start", "date", "First day.", required=True),
                _c("period_end", "date", "Last day.", required=True),
                _c("numerator", "integer", "Numerator.", required=True),
                _c("denominator", "integer", "Denominator.", required=True),
                _c("exclusions", "integer", "Left out by the rules."),
            ),
            key=("practice_id", "indicator_id", "period_start", "period_end"),
            description="Indicator counts made elsewhere.",
        ),
    )
}
"""Every canonical table by name, in the order in which a load reads them."""

PATIENT_TABLES = tuple(t.name for t in TABLES.values() if t.by_patient)
SHARED_TABLES = tuple(t.name for t in TABLES.values() if not t.by_patient)
