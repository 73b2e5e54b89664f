"""The definitions as look-ups over a world: who counted, where, with whom, on that day.

A world is the canonical tables as lists of dicts. Every rule names the point
of the definitions it comes from, so that a disagreement can be argued from
the text. Nothing here is quick, and nothing is clever.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tests.oracles.days import age_band, age_on, hours_of, month_name, months_before
from tests.oracles.questions import Question

Row = dict[str, Any]
World = dict[str, list[Row]]

GP_ROLES = {"gp", "gp_partner", "gp_salaried", "gp_locum", "gp_registrar"}
NEVER_NAMED = {"gp_locum", "gp_registrar"}
FAR = date.max


@dataclass(frozen=True)
class Home:
    """The practice a patient belongs to, and the days on which contacts count for it."""

    practice: str
    spells: tuple[tuple[date, date], ...] = ((date.min, FAR),)
    """First day of each registration there, and the first day that no longer counts."""

    def registered(self, day: date) -> bool:
        """Return whether the patient was registered there on a day."""
        return any(first <= day < end for first, end in self.spells)


@dataclass(frozen=True)
class Contact:
    """One contact that counts."""

    patient: str
    person: str
    practice: str
    home: str
    start: datetime
    role: str
    named: str | None
    """Person who was the patient's named GP that day."""
    row: Row = field(compare=False, hash=False)

    @property
    def day(self) -> date:
        return self.start.date()


def covers(row: Row, day: date, first: str = "from_date", end: str = "to_date") -> bool:
    """Return whether a dated row holds on a day: its end is exclusive, a blank one is open."""
    begins, ends = row.get(first), row.get(end)
    return (begins is None or begins <= day) and (ends is None or day < ends)


class Rules:
    """The definitions' look-ups over one world."""

    def __init__(self, world: World, question: Question) -> None:
        self.world = world
        self.question = question
        self.appointments = world.get("appointments", [])
        self.patients = {row["patient_id"]: row for row in world.get("patients", [])}
        self.staff: dict[str, list[Row]] = defaultdict(list)
        for row in world.get("staff", []):
            self.staff[row["staff_id"]].append(row)
        self.rows_of: dict[str, list[Row]] = defaultdict(list)
        for row in self.appointments:
            self.rows_of[row["patient_id"]].append(row)
        self.registrations: dict[str, list[Row]] = defaultdict(list)
        for row in world.get("registrations", []):
            self.registrations[row["patient_id"]].append(row)
        self.named: dict[str, list[Row]] = defaultdict(list)
        for row in world.get("named_gps", []):
            self.named[row["patient_id"]].append(row)
        # Point 3: is any role known anywhere in the store?
        self.roles_known = any(
            (row.get("role") or "unknown") != "unknown" for row in world.get("staff", [])
        ) or any((row.get("staff_role") or "unknown") != "unknown" for row in self.appointments)

    # People -----------------------------------------------------------------

    def person(self, staff_id: str) -> str:
        """Continuity counts people, not role records: records.md, person_id.

        A person with one staff record is shown by its staff_id, else by the person_id.
        """
        person = next((r["person_id"] for r in self.staff[staff_id] if r.get("person_id")), None)
        if person is None:
            return staff_id
        records = {
            record
            for record, rows in self.staff.items()
            if any(row.get("person_id") == person for row in rows)
        }
        return staff_id if len(records) == 1 else person

    def role_of_record(self, staff_id: str, day: date) -> str:
        """Point 3: the dated staff row; no row on that day is an unknown role."""
        rows = [r for r in self.staff[staff_id] if covers(r, day, "start_date", "end_date")]
        if not rows:
            return "unknown"
        latest = max(rows, key=lambda r: r.get("start_date") or date.min)
        return latest.get("role") or "unknown"

    def role_on(self, row: Row) -> str:
        """Point 3: staff_role of the contact's row, else the dated staff row."""
        given = row.get("staff_role")
        if given and given != "unknown":
            return given
        return self.role_of_record(row["staff_id"], row["start_time"].date())

    # Named GP and teams -----------------------------------------------------

    def named_gp(self, patient: str, day: date) -> str | None:
        """Point 7: the person who is the patient's named GP on a day, if eligible then."""
        dated = self.named[patient]
        if dated:
            # Latest from_date <= day < to_date; a gap means none, not today's value.
            entries = [row for row in dated if covers(row, day)]
            if not entries:
                return None
            staff_id = max(entries, key=lambda row: row["from_date"])["staff_id"]
        else:
            # Only a current value: it holds for all days.
            staff_id = self.patients.get(patient, {}).get("named_staff_id")
            if not staff_id:
                return None
        # It is the person who must be eligible: through any of their staff records.
        person = self.person(staff_id)
        records = [row for record in self.records_of(person) for row in self.staff[record]]
        if records and all(row.get("end_date") and row["end_date"] <= day for row in records):
            return None  # has left before the day
        if self.roles_known:
            roles = {self.role_of_record(record, day) for record in self.records_of(person)}
            if not roles & (GP_ROLES - NEVER_NAMED):
                return None
        return person

    def records_of(self, person: str) -> list[str]:
        """Return the staff records of a person."""
        return [record for record in self.staff if self.person(record) == person] or [person]

    def memberships(self, person: str) -> list[Row]:
        """Return the team memberships of a person, through any of their staff records."""
        return [
            row
            for row in self.world.get("team_members", [])
            if self.person(row["staff_id"]) == person
        ]

    def team_of_named(self, named: str | None, day: date) -> str | None:
        """Point 8: the team of which the named GP is a member that day.

        Several: the one where they lead, else the lowest team_id.
        """
        if named is None:
            return None
        rows = [row for row in self.memberships(named) if covers(row, day)]
        leading = [row["team_id"] for row in rows if row.get("lead")]
        return min(leading or [row["team_id"] for row in rows], default=None)

    def in_team(self, person: str, team: str | None, day: date) -> bool:
        """Point 8: is the clinician a member of the team on the day?"""
        return team is not None and any(
            row["team_id"] == team and covers(row, day) for row in self.memberships(person)
        )

    def fixed_team(self, person: str, patient_team: str | None, first: date, to: date) -> str:
        """Point 8: the one fixed map of a patient, so that mapping only ever merges.

        The patient's team if ever a member in the window, else the clinician's last
        team in the window (lowest id), else a team of one.
        """
        rows = [
            row
            for row in self.memberships(person)
            if (row.get("from_date") or date.min) <= to
            and (row.get("to_date") or FAR) > max(first, row.get("from_date") or date.min)
        ]
        if patient_team is not None and any(row["team_id"] == patient_team for row in rows):
            return f"team {patient_team}"
        if rows:
            ends = [(min(row.get("to_date") or FAR, to + timedelta(days=1)), row) for row in rows]
            last = max(end for end, _ in ends)
            return f"team {min(row['team_id'] for end, row in ends if end == last)}"
        return f"alone {person}"

    def buddies_of(self, named: str, day: date) -> set[str]:
        """Point 11: the people who are the named GP's buddies on a day."""
        return {
            self.person(row["buddy_staff_id"])
            for row in self.world.get("buddies", [])
            if self.person(row["staff_id"]) == named and covers(row, day)
        }

    # Which contacts count -----------------------------------------------------

    def status_counts(self, row: Row) -> bool:
        """Point 1: arrived or attended; a row whose extract has no status column counts."""
        return "status" not in row or row["status"] in ("arrived", "attended")

    def alive(self, row: Row) -> bool:
        """Point 1: a contact after the day of death never counts."""
        died = self.patients.get(row["patient_id"], {}).get("death_date")
        return died is None or row["start_time"].date() <= died

    def spells(self, patient: str) -> list[tuple[str, date, date]]:
        """Return a patient's registrations as (practice, first day, end); records.md, rules."""
        spells = [
            (row["practice_id"], row["from_date"], row.get("to_date") or FAR)
            for row in self.registrations[patient]
        ]
        own = self.patients.get(patient, {})
        if not spells and own.get("practice_id"):
            # The patients table gives one row of registrations; a blank end is open.
            begins = own.get("registered_from") or date.min
            spells = [(own["practice_id"], begins, own.get("registered_to") or FAR)]
        return spells

    def home(self, patient: str, first: date, to: date) -> Home | None:
        """Point 6: the practice a patient belongs to in a window, None when registered outside."""
        spells = self.spells(patient)
        if not spells:
            return self.home_by_contacts(patient, first, to)

        # Overlaps: the one that started last, then ended last, then the highest id.
        def latest(spell: tuple[str, date, date]) -> tuple[date, date, str]:
            return (spell[1], spell[2], spell[0])

        on_to = [s for s in spells if s[1] <= to < s[2]]
        if not on_to:
            # Else the registration of the last day registered in the window.
            ended = [s for s in spells if s[1] < s[2] <= to and s[2] > first]
            last = max((s[2] for s in ended), default=None)
            on_to = [s for s in ended if s[2] == last]
        if not on_to:
            return None
        practice = max(on_to, key=latest)[0]
        # A contact counts when the patient was registered there on its day: not before the
        # registration began, not in a gap; someone who came back counts from both times.
        return Home(practice, tuple(s[1:] for s in spells if s[0] == practice))

    def home_by_contacts(self, patient: str, first: date, to: date) -> Home | None:
        """Point 6 without registrations: most counted contacts, tie the latest, then lowest id."""
        rows = [
            row
            for row in self.rows_of[patient]
            if self.status_counts(row)
            and self.alive(row)
            and first <= row["start_time"].date() <= to
        ]
        counts = Counter(row["practice_id"] for row in rows)
        most = [practice for practice, n in counts.items() if n == max(counts.values())]
        if not most:
            return None
        latest = {
            practice: max(
                row["start_time"].replace(second=0)
                for row in rows
                if row["practice_id"] == practice
            )
            for practice in most
        }
        return Home(min(p for p in most if latest[p] == max(latest.values())))

    def refused_by(self, row: Row, home: Home | None) -> str | None:
        """Return the first rule that leaves a row out, None when it counts."""
        day = row["start_time"].date()
        if not self.status_counts(row):
            return "status"
        if not self.alive(row):
            return "deceased"
        if home is None or not home.registered(day):
            return "registration"
        mode = row.get("mode") or "unknown"
        modes = self.question.modes
        if mode == "group" if modes == "all" else mode not in modes:
            return "mode"
        if not row.get("staff_id"):
            return "no_clinician"  # point 4
        if self.roles_known and self.question.roles != "any":
            role = self.role_on(row)
            roles = self.question.roles
            wanted = GP_ROLES if roles == "gp" else set(roles)
            if "gp" in wanted:
                wanted = wanted | GP_ROLES
            if role not in wanted:
                return "role"
        return None

    def order(self, row: Row) -> tuple[datetime, bytes, str]:
        """Point 5: the minute, the appointment's id as UTF-8 text, the member of staff."""
        return (
            row["start_time"].replace(second=0),
            row["appointment_id"].encode(),
            row["staff_id"] or "",
        )

    def contacts(self, patient: str, home: Home | None, to: date) -> list[Contact]:
        """Return the patient's counted contacts up to ``to``, in order, from any day before."""
        found: list[Contact] = []
        for row in sorted(self.rows_of[patient], key=self.order):
            day = row["start_time"].date()
            if day <= to and home is not None and self.refused_by(row, home) is None:
                found.append(
                    Contact(
                        patient,
                        self.person(row["staff_id"]),
                        row["practice_id"],
                        home.practice,
                        row["start_time"],
                        self.role_on(row),
                        self.named_gp(patient, day),
                        row,
                    )
                )
        return found

    def window(self) -> tuple[date, date] | None:
        """Point 2: both ends inclusive; to = the day of the latest counted contact.

        Counted by its status: who was registered can only be asked once ``to`` is known.
        """
        days = [row["start_time"].date() for row in self.appointments if self.status_counts(row)]
        to = self.question.date_to or max(days, default=None)
        if to is None:
            return None
        back = months_before(to, self.question.window_months) + timedelta(days=1)
        return self.question.date_from or back, to

    # Groups -------------------------------------------------------------------

    def network(self, practice: str) -> str | None:
        """Return the network a practice belongs to now."""
        rows = [r for r in self.world.get("practices", []) if r["practice_id"] == practice]
        return rows[0].get("network_id") if rows else None

    def borough(self, practice: str) -> str | None:
        """Return the borough above a practice's network."""
        networks = {row["network_id"]: row for row in self.world.get("networks", [])}
        at = self.network(practice)
        while at in networks and networks[at].get("kind") != "borough":
            at = networks[at].get("parent_id")
        return at if at in networks else None

    def patient_group(self, name: str, patient: str, day: date) -> str | None:
        """Point 19: an attribute of the patient on a day."""
        row = self.patients.get(patient, {})
        if name == "list":
            return self.named_gp(patient, day)
        if name == "team":
            return self.team_of_named(self.named_gp(patient, day), day)
        if name == "age_band":
            born = row.get("birth_year")
            return "unknown" if born is None else age_band(age_on(born, day))
        if name == "imd_quintile":
            decile = row.get("imd_decile")
            return "unknown" if decile is None else str((decile + 1) // 2)
        if name in ("sex", "ethnicity", "language"):
            return row.get(name) or "unknown"
        raise KeyError(name)

    def contact_group(self, name: str, contact: Contact) -> str | None:
        """Point 19: an attribute of a contact."""
        row = contact.row
        if name == "month":
            return month_name(contact.day)
        if name == "hours":
            return hours_of(contact.start)
        if name == "site":
            return row.get("site_id")
        if name == "role":
            return contact.role
        if name == "hub":
            return "yes" if contact.practice != contact.home else "no"
        return row.get(name) or "unknown"

    def everyone(self) -> Iterator[str]:
        """Return every patient the world knows."""
        yield from sorted({*self.patients, *self.rows_of, *self.registrations, *self.named})
