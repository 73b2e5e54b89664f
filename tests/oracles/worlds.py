"""Small made-up worlds: canonical tables as lists of dicts, by rule or by chance.

``random_world`` draws one from a ``random.Random``; ``worlds`` is the same as a
Hypothesis strategy, which shrinks. Every person, practice and patient is invented.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

Row = dict[str, Any]
World = dict[str, list[Row]]

FIRST, LAST = date(2022, 11, 1), date(2025, 6, 15)
"""Two years and seven months: the usual window leaves some history before it."""

HUB = "U99001"
GPS = ("gp_partner", "gp_salaried", "gp", "gp_registrar", "gp_locum")
OTHERS = ("nurse", "pharmacist", "unknown")


def world_of_lists(group: Iterable[Row], practice: str = "G99001") -> World:
    """Return a world in which each ``sequence`` is one patient, dated in its order.

    ``named`` or ``named_provider``, where given, is the patient's named GP on all days.
    """
    contacts: list[Row] = []
    patients: list[Row] = []
    for i, member in enumerate(group):
        patient = f"patient-{i:03d}"
        named = member.get("named") or member.get("named_provider")
        patients.append({"patient_id": patient, "practice_id": practice, "named_staff_id": named})
        for j, person in enumerate(member["sequence"]):
            contacts.append(
                {
                    "patient_id": patient,
                    "staff_id": person or None,
                    "practice_id": practice,
                    "start_time": datetime(2023, 1, 2, 9) + timedelta(hours=12 * j),
                    "appointment_id": f"{i:03d}-{j:03d}",
                    "status": "attended",
                }
            )
    people = {c["staff_id"] for c in contacts} | {p["named_staff_id"] for p in patients}
    return {
        "appointments": contacts,
        "patients": patients,
        "staff": gp_rows((p for p in people if p), practice),
    }


def gp_rows(people: Iterable[str], practice: str) -> list[Row]:
    """Return a staff row for each of some salaried GPs."""
    return [
        {"staff_id": person, "practice_id": practice, "role": "gp_salaried"}
        for person in sorted(people)
    ]


def _day(rng: Random, first: date = FIRST, last: date = LAST) -> date:
    return first + timedelta(days=rng.randint(0, (last - first).days))


def _maybe(rng: Random, share: float) -> bool:
    return rng.randrange(100) < share * 100


class _Maker:
    """Makes one world; each method one table."""

    def __init__(self, rng: Random, patients: int, practices: int) -> None:
        self.rng = rng
        self.practices = [f"G9900{i + 1}" for i in range(practices)]
        self.hub = _maybe(rng, 0.6)
        self.places = self.practices + ([HUB] if self.hub else [])
        self.size = patients
        self.roles = _maybe(rng, 0.85)
        self.registered = rng.choice(("none", "table", "table", "patients"))
        self.naming = rng.choice(("none", "dated", "dated", "current", "mixed"))

    def practice_rows(self) -> list[Row]:
        return [
            {"practice_id": practice, "network_id": "N1" if i < 2 else "N2"}
            for i, practice in enumerate(self.practices)
        ] + ([{"practice_id": HUB, "network_id": None}] if self.hub else [])

    def network_rows(self) -> list[Row]:
        return [
            {"network_id": "N1", "kind": "pcn", "parent_id": "B1"},
            {"network_id": "N2", "kind": "network", "parent_id": "B1"},
            {"network_id": "B1", "kind": "borough", "parent_id": None},
        ]

    def staff_rows(self) -> list[Row]:
        rng = self.rng
        rows: list[Row] = []
        for practice in self.practices:
            for i in range(rng.randint(1, 5)):
                rows += self.one_member(f"{practice[-1]}{'abcde'[i]}", practice)
        if self.hub:
            rows += self.one_member("ha", HUB)
            if _maybe(rng, 0.6):
                # A GP of a practice who has a second staff record at the hub.
                one = rng.choice([row["staff_id"] for row in rows if row["practice_id"] != HUB])
                rows.append(
                    {
                        "staff_id": "hb",
                        "practice_id": HUB,
                        "person_id": "person-two-records",
                        "role": rng.choice(("gp_locum", "gp_salaried")) if self.roles else None,
                        "start_date": None,
                        "end_date": None,
                    }
                )
                for row in rows:
                    if row["staff_id"] == one:
                        row["person_id"] = "person-two-records"
        return rows

    def one_member(self, staff_id: str, practice: str) -> list[Row]:
        rng = self.rng
        role = rng.choice(GPS + OTHERS + ("gp_partner", "gp_salaried")) if self.roles else None
        row: Row = {
            "staff_id": staff_id,
            "practice_id": practice,
            "person_id": None,
            "role": role,
            "start_date": None,
            "end_date": None,
        }
        if role == "gp_registrar" and _maybe(rng, 0.5):
            qualifies = _day(rng)
            later = {**row, "role": "gp_salaried", "start_date": qualifies}
            return [{**row, "start_date": date(2019, 1, 1), "end_date": qualifies}, later]
        if _maybe(rng, 0.2):
            row["end_date"] = _day(rng)
        if _maybe(rng, 0.1):
            row["start_date"] = _day(rng, FIRST, FIRST + timedelta(days=300))
            if row["end_date"] and row["end_date"] <= row["start_date"]:
                row["end_date"] = None
        return [row]

    def team_rows(self, staff: list[Row]) -> tuple[list[Row], list[Row]]:
        rng = self.rng
        teams: list[Row] = []
        members: list[Row] = []
        for practice in self.practices:
            at = sorted({row["staff_id"] for row in staff if row["practice_id"] in (practice, HUB)})
            for i in range(rng.randint(0, 3)):
                team = f"T{practice[-1]}{i}"
                teams.append({"team_id": team, "practice_id": practice, "name": f"Team {i}"})
                for staff_id in at:
                    if not _maybe(rng, 0.45):
                        continue
                    row: Row = {
                        "team_id": team,
                        "staff_id": staff_id,
                        "from_date": None,
                        "to_date": None,
                        "lead": _maybe(rng, 0.25),
                    }
                    if _maybe(rng, 0.4):
                        row["from_date"] = _day(rng)
                        if _maybe(rng, 0.5):
                            row["to_date"] = row["from_date"] + timedelta(days=rng.randint(1, 400))
                    members.append(row)
        return teams, members

    def buddy_rows(self, staff: list[Row]) -> list[Row]:
        rng = self.rng
        names = sorted({row["staff_id"] for row in staff})
        rows: list[Row] = []
        for one in names:
            other = rng.choice(names)
            if other > one and _maybe(rng, 0.5):
                begins = _day(rng) if _maybe(rng, 0.4) else None
                ends = begins + timedelta(days=200) if begins and _maybe(rng, 0.5) else None
                for a, b in ((one, other), (other, one)):
                    rows.append(
                        {"staff_id": a, "buddy_staff_id": b, "from_date": begins, "to_date": ends}
                    )
        return rows

    def patient_rows(self, staff: list[Row]) -> list[Row]:
        rng = self.rng
        rows: list[Row] = []
        for i in range(self.size):
            practice = rng.choice(self.practices)
            at = [row["staff_id"] for row in staff if row["practice_id"] == practice]
            row: Row = {
                "patient_id": f"patient-{i}",
                "practice_id": practice,
                "birth_year": rng.choice((1925, 1938, 1945, 1955, 1970, 1995, 2009, 2020, None)),
                "sex": rng.choice(("female", "male", None)),
                "ethnicity": rng.choice(("A", "B")),
                "language": rng.choice(("en", "syl")),
                "imd_decile": rng.choice((1, 2, 5, 10, None)),
                "death_date": _day(rng) if _maybe(rng, 0.06) else None,
            }
            if self.naming in ("current", "mixed") and _maybe(rng, 0.8):
                row["named_staff_id"] = rng.choice(at)
            else:
                row["named_staff_id"] = None
            if self.registered == "patients":
                row["registered_from"] = date(2015, 1, 1) if _maybe(rng, 0.7) else _day(rng)
                row["registered_to"] = None
                if _maybe(rng, 0.15):
                    days = rng.randint(30, 600)
                    row["registered_to"] = row["registered_from"] + timedelta(days=days)
            rows.append(row)
        return rows

    def named_rows(self, patients: list[Row], staff: list[Row]) -> list[Row]:
        rng = self.rng
        rows: list[Row] = []
        if self.naming not in ("dated", "mixed"):
            return rows
        for patient in patients:
            if _maybe(rng, 0.25 if self.naming == "dated" else 0.5):
                continue
            at = [r["staff_id"] for r in staff if r["practice_id"] == patient["practice_id"]]
            begins = rng.choice((date(2018, 4, 1), FIRST + timedelta(days=rng.randint(0, 300))))
            for _ in range(rng.randint(1, 3)):
                row: Row = {
                    "patient_id": patient["patient_id"],
                    "staff_id": rng.choice(at),
                    "from_date": begins,
                    "to_date": None,
                }
                # Gaps and overlaps: the next entry begins after, on or before the end.
                begins = max(begins, FIRST) + timedelta(days=rng.randint(30, 400))
                if _maybe(rng, 0.6):
                    row["to_date"] = begins + timedelta(days=rng.choice((-20, 0, 0, 45)))
                rows.append(row)
        return rows

    def registration_rows(self, patients: list[Row]) -> list[Row]:
        rng = self.rng
        rows: list[Row] = []
        if self.registered != "table":
            return rows
        for patient in patients:
            if _maybe(rng, 0.12):
                continue  # a temporary resident
            begins = date(2012, 5, 1) if _maybe(rng, 0.75) else _day(rng)
            row: Row = {
                "patient_id": patient["patient_id"],
                "practice_id": patient["practice_id"],
                "from_date": begins,
                "to_date": None,
            }
            rows.append(row)
            if _maybe(rng, 0.3):
                row["to_date"] = _day(rng, max(begins, FIRST) + timedelta(days=1), date(2025, 8, 1))
                if _maybe(rng, 0.6):
                    shift = timedelta(days=rng.choice((-10, 0, 0, 40)))
                    rows.append(
                        {
                            **row,
                            "practice_id": rng.choice(self.practices),
                            "from_date": max(row["to_date"] + shift, begins + timedelta(days=1)),
                            "to_date": None,
                        }
                    )
        return rows

    def appointment_rows(
        self, patients: list[Row], named: list[Row], staff: list[Row]
    ) -> list[Row]:
        rng = self.rng
        with_status, with_mode = _maybe(rng, 0.85), _maybe(rng, 0.8)
        with_role = self.roles and _maybe(rng, 0.3)
        rows: list[Row] = []
        for patient in patients:
            own = [r["staff_id"] for r in named if r["patient_id"] == patient["patient_id"]]
            own += [patient["named_staff_id"]] if patient["named_staff_id"] else []
            start = datetime(2025, 1, 1)
            for i in range(rng.choice((0, 1, 2, 2, 3, 4, 6, 9, 14))):
                if i == 0 or not _maybe(rng, 0.15):
                    minutes = rng.choice((0, 7 * 60 + 55, 8 * 60, 9 * 60, 600, 1109, 1110, 1200))
                    start = datetime.combine(_day(rng), datetime.min.time())
                    start += timedelta(minutes=minutes + rng.randint(0, 3))
                place = patient["practice_id"] if _maybe(rng, 0.85) else rng.choice(self.places)
                at = [r["staff_id"] for r in staff if r["practice_id"] == place]
                person = rng.choice(own) if own and _maybe(rng, 0.4) else rng.choice(at)
                row: Row = {
                    "patient_id": patient["patient_id"],
                    "staff_id": None if _maybe(rng, 0.05) else person,
                    "practice_id": place,
                    # Seconds differ where minutes are the same: the minute decides, then the id.
                    "start_time": start + timedelta(seconds=rng.choice((0, 0, 10, 50))),
                    "appointment_id": f"{rng.choice('9aZé')}{len(rows)}",
                    "urgency": rng.choice(("same_day", "routine", None)),
                    "site_id": rng.choice(("S1", "S2")),
                }
                if with_status:
                    row["status"] = rng.choice(
                        ("attended",) * 9
                        + ("arrived", "arrived", "did_not_attend", "cancelled", "booked", None)
                    )
                if with_mode:
                    row["mode"] = rng.choice(
                        ("face_to_face",) * 5 + ("telephone", "telephone", "online", "group", None)
                    )
                if with_role:
                    row["staff_role"] = rng.choice((None, None, "gp_locum", "nurse", "gp_salaried"))
                rows.append(row)
        rng.shuffle(rows)
        return rows

    def world(self) -> World:
        staff = self.staff_rows()
        teams, members = self.team_rows(staff)
        patients = self.patient_rows(staff)
        named = self.named_rows(patients, staff)
        contacts = self.appointment_rows(patients, named, staff)
        registered = self.registration_rows(patients)
        known = patients
        if _maybe(self.rng, 0.25):
            # Temporary residents, and extracts without a patients table.
            keep = self.rng.choice((0.0, 0.7))
            known = [row for row in patients if _maybe(self.rng, keep)]
        return {
            "practices": self.practice_rows(),
            "networks": self.network_rows(),
            "staff": staff,
            "teams": teams,
            "team_members": members,
            "buddies": self.buddy_rows(staff),
            "patients": known,
            "named_gps": named,
            "registrations": registered,
            "appointments": contacts,
        }


def random_world(rng: Random, patients: int | None = None, practices: int | None = None) -> World:
    """Return a world of a few patients; the same ``rng`` state gives the same world."""
    size = patients if patients is not None else rng.randint(1, 9)
    return _Maker(rng, size, practices or rng.randint(1, 3)).world()


def worlds() -> st.SearchStrategy[World]:
    """Return a strategy of small worlds with at least one appointment."""
    made = st.randoms(use_true_random=False).map(random_world)
    return made.filter(lambda world: bool(world["appointments"]))


def sequences(letters: str = "ABCDE", most: int = 12) -> st.SearchStrategy[list[str]]:
    """Return a strategy of one patient's clinicians in order, two contacts or more."""
    return st.lists(st.sampled_from(letters), min_size=2, max_size=most)


def _sick(rng: Random, patient: str, born: date, seen: list[date]) -> list[tuple[str, Row]]:
    """Return a patient's events and codes, many of them soon after a contact."""

    def some_day(first: date) -> date:
        if seen and _maybe(rng, 0.7):
            return rng.choice(seen) + timedelta(days=rng.randint(-1, 50))
        return _day(rng, first)

    rows: list[tuple[str, Row]] = []
    for kind in ("cancer_diagnosis", "cancer_diagnosis", "death_in_hospital", "ae_attendance"):
        if _maybe(rng, 0.3):
            day = some_day(FIRST)
            rows.append(("events", {"patient_id": patient, "event_type": kind, "event_date": day}))
    for name, column in (("conditions", "from_date"), ("observations", "date")):
        for code in ("S1", "S2", "S3"):
            if _maybe(rng, 0.3):
                row = {"patient_id": patient, "code": code, column: some_day(born)}
                rows.append((name, row))
    return rows


def _again(rng: Random, row: Row, staff: list[Row]) -> list[Row]:
    """Return a few more contacts of the same months, so that a look-back holds several."""
    at = [
        row["staff_id"],
        *(r["staff_id"] for r in staff if r["practice_id"] == row["practice_id"]),
    ]
    return [
        {
            **row,
            "staff_id": rng.choice(at),
            "start_time": row["start_time"] + timedelta(days=days, minutes=rng.randint(0, 2)),
        }
        for days in rng.sample(range(-60, 60), rng.randint(0, 5))
        if FIRST <= row["start_time"].date() + timedelta(days=days) <= LAST
    ]


def audited_world(rng: Random, patients: int | None = None, practices: int | None = None) -> World:
    """Return a world with events and codes; few kinds of patient, so that many may be compared."""
    size = patients if patients is not None else rng.randint(4, 30)
    world = random_world(rng, size, practices)
    for row in world["patients"]:
        row["birth_year"] = rng.choice((1945, 1958, None))
        row["sex"] = rng.choice(("female", "female", "male", None))
    staff = world["staff"]
    for row in staff:
        # whether somebody may hold a list before their first row is not asked here
        if row["start_date"] and not any(other["end_date"] == row["start_date"] for other in staff):
            row["start_date"] = None
    world["appointments"] += [
        more for row in world["appointments"] for more in _again(rng, row, staff)
    ]
    for i, row in enumerate(world["appointments"]):
        row["appointment_id"] = f"{row['appointment_id'][0]}{i}"
    world |= {"events": [], "conditions": [], "observations": []}
    for i in range(size + 1):  # one whom no other table knows
        patient = f"patient-{i}"
        seen = [
            row["start_time"].date()
            for row in world["appointments"]
            if row["patient_id"] == patient
        ]
        for name, row in _sick(rng, patient, FIRST - timedelta(days=200), seen):
            world[name].append(row)
    return world
