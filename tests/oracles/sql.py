"""The SQL twin: DuckDB statements over the canonical tables.

Every ordering is written out (PARTITION BY ... ORDER BY); the order in which rows are
stored is never relied on. Each statement makes one temporary table that the next ones
read, so that a wrong number can be followed back. Points are those of the definitions.

It answers for the patient indices and same_as_previous at three levels, slicc at three
levels, opr and the waterfall: per patient, and grouped by practice, list and month.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from tests.oracles.days import after_month, month_name, months_before, months_between
from tests.oracles.questions import PATIENT_INDICES, STEPS, Question

World = dict[str, list[dict[str, Any]]]
Key = tuple[Any, ...]

COLUMNS = {
    "appointments": "patient_id staff_id practice_id start_time:ts appointment_id status mode "
    "staff_role status_given:bool",
    "staff": "staff_id practice_id person_id role start_date:date end_date:date",
    "patients": "patient_id practice_id named_staff_id registered_from:date registered_to:date "
    "death_date:date",
    "registrations": "patient_id practice_id from_date:date to_date:date",
    "named_gps": "patient_id staff_id from_date:date to_date:date",
    "team_members": "team_id staff_id from_date:date to_date:date lead:bool",
    "buddies": "staff_id buddy_staff_id from_date:date to_date:date",
}
"""What the twin reads of each canonical table; text unless it says otherwise."""

TYPES = {"": pa.string(), "ts": pa.timestamp("s"), "date": pa.date32(), "bool": pa.bool_()}
GPS = ("gp", "gp_partner", "gp_salaried", "gp_locum", "gp_registrar")
STATUS_COUNTS = "(NOT status_given OR status IN ('arrived', 'attended'))"
ELIGIBLE = ("gp", "gp_partner", "gp_salaried")

GROUPS = ("practice", "list", "month")
COUNTS = ("value", "n_patients", "n_contacts")
"""What the twin answers for a group."""


def schema(table: str) -> pa.Schema:
    """Return the Arrow schema of what the twin reads of a canonical table."""
    parts = (column.partition(":") for column in COLUMNS[table].split())
    return pa.schema([(name, TYPES[kind]) for name, _, kind in parts])


def from_world(world: World) -> duckdb.DuckDBPyConnection:
    """Return a connection that holds a world's canonical tables."""
    con = duckdb.connect()
    for table in COLUMNS:
        rows = [
            {**row, "status_given": "status" in row} if table == "appointments" else row
            for row in world.get(table, [])
        ]
        names = schema(table).names
        columns = {name: [row.get(name) for row in rows] for name in names}
        keep(con, table, pa.table(columns, schema=schema(table)))
    return con


def keep(con: duckdb.DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    con.register("arriving", rows)
    con.execute(f"CREATE TABLE {table} AS SELECT * FROM arriving")
    con.unregister("arriving")


def words(values: tuple[str, ...]) -> str:
    """Return a SQL list of quoted words."""
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


class Twin:
    """The statements of one question over one connection."""

    def __init__(self, con: duckdb.DuckDBPyConnection, question: Question) -> None:
        self.con = con
        self.question = question
        self.prepare()

    def make(self, name: str, select: str) -> None:
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {select}")

    def rows(self, select: str) -> list[dict[str, Any]]:
        found = self.con.execute(select)
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def one(self, select: str) -> Any:
        row = self.con.execute(select).fetchone()
        return None if row is None else row[0]

    # What does not depend on the window ---------------------------------------

    def prepare(self) -> None:
        # People, not role records; one record: its staff_id, several: the person_id.
        self.make(
            "people",
            """
            WITH record AS (SELECT staff_id, max(person_id) AS person_id FROM staff GROUP BY 1),
            joined AS (
                SELECT person_id, count(*) AS records FROM record
                WHERE person_id IS NOT NULL GROUP BY 1
            )
            SELECT staff_id, CASE WHEN records > 1 THEN person_id ELSE staff_id END AS person
            FROM record LEFT JOIN joined USING (person_id)
            """,
        )
        # Records: a patient's registrations; without any, the row of the patients table.
        self.make(
            "spells",
            """
            SELECT patient_id, practice_id, from_date,
                coalesce(to_date, DATE '9999-12-31') AS to_date
            FROM registrations
            UNION ALL
            SELECT patient_id, practice_id, coalesce(registered_from, DATE '0001-01-01'),
                coalesce(registered_to, DATE '9999-12-31')
            FROM patients
            WHERE practice_id IS NOT NULL
                AND patient_id NOT IN (SELECT patient_id FROM registrations)
            """,
        )
        # Point 1: status, and nobody is seen after the day of death.
        self.make(
            "attended",
            f"""
            SELECT a.*, CAST(start_time AS DATE) AS day,
                date_trunc('minute', start_time) AS minute
            FROM appointments a LEFT JOIN
                (SELECT patient_id, death_date FROM patients) USING (patient_id)
            WHERE {STATUS_COUNTS} AND (death_date IS NULL OR CAST(start_time AS DATE) <= death_date)
            """,
        )
        self.roles_known = bool(
            self.one("SELECT count(*) FROM staff WHERE coalesce(role, 'unknown') <> 'unknown'")
        ) or bool(
            self.one(
                "SELECT count(*) FROM appointments WHERE coalesce(staff_role,'unknown')<>'unknown'"
            )
        )
        self.make(
            "members",
            """
            SELECT team_id, coalesce(person, staff_id) AS person,
                coalesce(from_date, DATE '0001-01-01') AS from_date,
                coalesce(to_date, DATE '9999-12-31') AS to_date, coalesce(lead, false) AS lead
            FROM team_members LEFT JOIN people USING (staff_id)
            """,
        )
        self.make(
            "cover",
            """
            SELECT coalesce(p.person, b.staff_id) AS person,
                coalesce(q.person, b.buddy_staff_id) AS buddy,
                coalesce(from_date, DATE '0001-01-01') AS from_date,
                coalesce(to_date, DATE '9999-12-31') AS to_date
            FROM buddies b LEFT JOIN people p ON p.staff_id = b.staff_id
                LEFT JOIN people q ON q.staff_id = b.buddy_staff_id
            """,
        )

    def window(self) -> tuple[date, date] | None:
        """Point 2: to is the day of the latest counted contact; both ends inclusive."""
        last = self.one(
            f"SELECT max(CAST(start_time AS DATE)) FROM appointments WHERE {STATUS_COUNTS}"
        )
        to = self.question.date_to or last
        if to is None:
            return None
        back = months_before(to, self.question.window_months) + timedelta(days=1)
        return self.question.date_from or back, to

    # Who was what on which day --------------------------------------------------

    def roles_on(self, name: str, pairs: str) -> None:
        """Make a table (staff_id, day, role, left): the dated staff row of each pair."""
        self.make(
            name,
            f"""
            WITH pairs AS (SELECT DISTINCT staff_id, day FROM ({pairs}) WHERE staff_id IS NOT NULL),
            gone AS (SELECT staff_id, max(coalesce(end_date, DATE '9999-12-31')) AS left_on
                FROM staff GROUP BY 1),
            held AS (
                SELECT staff_id, day, role,
                    row_number() OVER (PARTITION BY staff_id, day
                        ORDER BY coalesce(start_date, DATE '0001-01-01') DESC) AS place
                FROM pairs JOIN staff USING (staff_id)
                WHERE (start_date IS NULL OR start_date <= day)
                    AND (end_date IS NULL OR day < end_date)
            )
            SELECT staff_id, day, coalesce(role, 'unknown') AS role,
                coalesce(left_on <= day, false) AS has_left
            FROM pairs LEFT JOIN (SELECT * FROM held WHERE place = 1) USING (staff_id, day)
                LEFT JOIN gone USING (staff_id)
            """,
        )

    def named_on(self, name: str, pairs: str) -> None:
        """Point 7: make a table (patient_id, day, named): the eligible named GP of each pair."""
        self.make(
            "recorded",
            f"""
            WITH pairs AS (SELECT DISTINCT patient_id, day FROM ({pairs})),
            dated AS (
                SELECT patient_id, day, staff_id,
                    row_number() OVER (PARTITION BY patient_id, day ORDER BY from_date DESC)
                        AS place
                FROM pairs JOIN named_gps USING (patient_id)
                WHERE from_date <= day AND (to_date IS NULL OR day < to_date)
            )
            SELECT patient_id, day, staff_id FROM dated WHERE place = 1
            UNION ALL
            SELECT patient_id, day, named_staff_id FROM pairs JOIN patients USING (patient_id)
            WHERE named_staff_id IS NOT NULL
                AND patient_id NOT IN (SELECT patient_id FROM named_gps)
            """,
        )
        # It is the person who must be eligible: through any of their staff records.
        self.make(
            "named_records",
            """
            SELECT r.patient_id, r.day, coalesce(p.person, r.staff_id) AS named,
                coalesce(q.staff_id, r.staff_id) AS staff_id
            FROM recorded r LEFT JOIN people p USING (staff_id)
                LEFT JOIN people q ON q.person = p.person
            """,
        )
        self.roles_on("named_roles", "SELECT staff_id, day FROM named_records")
        eligible = f"role IN {words(ELIGIBLE)}" if self.roles_known else "true"
        self.make(
            name,
            f"""
            SELECT patient_id, day, any_value(named) AS named
            FROM named_records JOIN named_roles USING (staff_id, day)
            GROUP BY patient_id, day HAVING bool_or({eligible}) AND NOT bool_and(has_left)
            """,
        )

    def teams_on(self, name: str, pairs: str) -> None:
        """Point 8: make a table (named, day, team_id): where lead, else the lowest id."""
        self.make(
            name,
            f"""
            WITH pairs AS (SELECT DISTINCT named, day FROM ({pairs}))
            SELECT named, day,
                coalesce(min(team_id) FILTER (WHERE lead), min(team_id)) AS team_id
            FROM pairs JOIN members m ON m.person = pairs.named
            WHERE from_date <= day AND day < to_date
            GROUP BY 1, 2
            """,
        )

    # One window -------------------------------------------------------------------

    def homes(self, first: date, to: date) -> None:
        """Point 6: one practice a patient (homes), and the days on which contacts count (stays)."""
        self.make(
            "homes",
            f"""
            WITH registered AS (
                SELECT *, from_date <= DATE '{to}' AND DATE '{to}' < to_date AS on_to FROM spells
            ),
            by_registration AS (
                SELECT patient_id, practice_id, from_date, to_date,
                    row_number() OVER (PARTITION BY patient_id ORDER BY on_to DESC,
                        CASE WHEN on_to THEN NULL ELSE to_date END DESC,
                        from_date DESC, to_date DESC, practice_id DESC) AS place
                FROM registered
                WHERE on_to OR (from_date < to_date AND to_date <= DATE '{to}'
                    AND to_date > DATE '{first}')
            ),
            counts AS (
                SELECT patient_id, practice_id, count(*) AS n, max(minute) AS latest
                FROM attended
                WHERE day BETWEEN DATE '{first}' AND DATE '{to}'
                    AND patient_id NOT IN (SELECT patient_id FROM spells)
                GROUP BY 1, 2
            ),
            by_contacts AS (
                SELECT patient_id, practice_id,
                    row_number() OVER (PARTITION BY patient_id
                        ORDER BY n DESC, latest DESC, practice_id) AS place
                FROM counts
            )
            SELECT patient_id, practice_id AS home FROM by_registration WHERE place = 1
            UNION ALL
            SELECT patient_id, practice_id FROM by_contacts WHERE place = 1
            """,
        )
        # The days on which a patient was registered there; all days without registrations.
        self.make(
            "stays",
            """
            SELECT patient_id, from_date AS first_day, to_date AS end_day
            FROM homes h JOIN spells s USING (patient_id) WHERE s.practice_id = h.home
            UNION ALL
            SELECT patient_id, DATE '0001-01-01', DATE '9999-12-31' FROM homes
            WHERE patient_id NOT IN (SELECT patient_id FROM spells)
            """,
        )

    def contacts(self, first: date, to: date) -> None:
        """Make ``counted``: every counted contact up to ``to``, with its label at the level."""
        question = self.question
        self.homes(first, to)
        self.roles_on("contact_roles", "SELECT staff_id, day FROM attended")
        modes = (
            "coalesce(mode, 'unknown') <> 'group'"
            if question.modes == "all"
            else f"coalesce(mode, 'unknown') IN {words(tuple(question.modes))}"
        )
        wanted = GPS if question.roles == "gp" else tuple(question.roles)
        if "gp" in wanted:
            wanted = tuple({*wanted, *GPS})
        anyone = question.roles == "any" or not self.roles_known
        self.make(
            "kept",
            f"""
            SELECT * FROM (
                SELECT a.patient_id, a.staff_id, coalesce(person, a.staff_id) AS person,
                    a.practice_id, home, day, minute, appointment_id,
                    CASE WHEN coalesce(staff_role, 'unknown') <> 'unknown' THEN staff_role
                        ELSE coalesce(r.role, 'unknown') END AS role
                FROM attended a JOIN homes USING (patient_id)
                    LEFT JOIN contact_roles r USING (staff_id, day)
                    LEFT JOIN people USING (staff_id)
                WHERE day <= DATE '{to}' AND {modes} AND EXISTS (SELECT 1 FROM stays s
                        WHERE s.patient_id = a.patient_id AND first_day <= day AND day < end_day)
                    AND a.staff_id IS NOT NULL AND a.staff_id <> ''
            ) WHERE {"true" if anyone else f"role IN {words(wanted)}"}
            """,
        )
        self.named_on("contact_named", "SELECT patient_id, day FROM kept")
        self.teams_on("contact_teams", "SELECT named, day FROM contact_named")
        self.named_on("named_at_to", f"SELECT patient_id, DATE '{to}' AS day FROM homes")
        self.teams_on("teams_at_to", "SELECT named, day FROM named_at_to")
        self.fixed_map(first, to)
        label = {
            "clinician": "k.person",
            "practice": "k.practice_id",
            "team": "coalesce(own.label, other.label, 'alone ' || k.person)",
        }[question.level]
        self.make(
            "counted",
            f"""
            SELECT k.*, n.named, t.team_id, l.named AS list_at_to,
                strftime(k.day, '%Y-%m') AS month, {label} AS x
            FROM kept k
                LEFT JOIN contact_named n USING (patient_id, day)
                LEFT JOIN contact_teams t ON t.named = n.named AND t.day = k.day
                LEFT JOIN named_at_to l ON l.patient_id = k.patient_id
                LEFT JOIN teams_at_to tt ON tt.named = l.named
                LEFT JOIN member_of own ON own.person = k.person AND own.team_id = tt.team_id
                LEFT JOIN last_team other ON other.person = k.person
            """,
        )
        self.make(
            "ordered",
            """
            SELECT *, lag(x) OVER (PARTITION BY patient_id
                    ORDER BY minute, appointment_id, staff_id) AS before,
                lag(day) OVER (PARTITION BY patient_id
                    ORDER BY minute, appointment_id, staff_id) AS day_before
            FROM counted
            """,
        )
        self.make("inside", f"SELECT * FROM ordered WHERE day >= DATE '{first}'")

    def fixed_map(self, first: date, to: date) -> None:
        """Point 8: who was ever in which team in the window, and each one's last team."""
        self.make(
            "member_of",
            f"""
            SELECT DISTINCT person, team_id, 'team ' || team_id AS label FROM members
            WHERE from_date <= DATE '{to}' AND to_date > DATE '{first}' AND to_date > from_date
            """,
        )
        self.make(
            "last_team",
            f"""
            WITH last AS (
                SELECT person, team_id,
                    row_number() OVER (PARTITION BY person
                        ORDER BY least(to_date, DATE '{to + timedelta(days=1)}') DESC, team_id)
                        AS place
                FROM members
                WHERE from_date <= DATE '{to}' AND to_date > DATE '{first}'
                    AND to_date > from_date
            )
            SELECT person, 'team ' || team_id AS label FROM last WHERE place = 1
            """,
        )

    def indices(self, first: date) -> None:
        """Make ``patient_indices``: one row a patient with n >= 1."""
        minimum = self.question.minimum
        self.make(
            "patient_indices",
            f"""
            WITH given AS (
                SELECT patient_id, any_value(home) AS home, any_value(list_at_to) AS list, x,
                    count(*) AS c,
                    count(*) FILTER (WHERE before = x AND day_before >= DATE '{first}') AS same
                FROM inside GROUP BY patient_id, x
            ),
            summed AS (
                SELECT patient_id, any_value(home) AS practice, any_value(list) AS list,
                    CAST(sum(c) AS DOUBLE) AS n, max(c) AS most,
                    CAST(sum(c * c) AS DOUBLE) AS squares, count(*) AS m,
                    sum(c * log2(c)) AS logs, sum(same) AS same
                FROM given GROUP BY patient_id
            )
            SELECT patient_id, practice, list, CAST(n AS BIGINT) AS n_contacts,
                CASE WHEN n >= {minimum("upc")} THEN most / n END AS upc,
                CASE WHEN n >= {minimum("coc")} THEN (squares - n) / (n * (n - 1)) END AS coc,
                CASE WHEN n >= {minimum("hi")} THEN squares / (n * n) END AS hi,
                CASE WHEN n >= {minimum("secon")} THEN same / (n - 1) END AS secon,
                CASE WHEN n >= {minimum("mci")} THEN 1 - m / (n + 0.1) END AS mci,
                CASE WHEN n >= {minimum("mmci")}
                    THEN (1 - m / (n + 0.1)) / (1 - 1 / (n + 0.1)) END AS mmci,
                CASE WHEN n >= {minimum("k")} THEN (n - m) / (n - 1) END AS k,
                CASE WHEN n >= {minimum("entropy")} THEN log2(n) - logs / n END AS entropy,
                CASE WHEN n >= {minimum("clinicians")} THEN CAST(m AS DOUBLE) END AS clinicians
            FROM summed
            """,
        )

    def slicc_items(self) -> str:
        """Points 8 and 9: rows (practice, list, month, patient, hit) of slicc's denominator."""
        in_team = """EXISTS (SELECT 1 FROM members m WHERE m.person = i.person
            AND m.team_id = i.team_id AND m.from_date <= i.day AND i.day < m.to_date)"""
        hit = {
            "clinician": "person = named",
            "team": f"person = named OR {in_team}",
            "practice": "practice_id = home",
        }[self.question.level]
        return f"""SELECT home AS practice, named AS list, month, patient_id,
            ({hit}) AS hit FROM inside i WHERE named IS NOT NULL"""

    def waterfall_items(self) -> str:
        """Point 11: rows (practice, list, month, patient, step)."""
        return """
            SELECT home AS practice, named AS list, month, patient_id, CASE
                WHEN practice_id <> home THEN 'hub'
                WHEN person = named THEN 'own'
                WHEN EXISTS (SELECT 1 FROM cover c WHERE c.person = i.named
                    AND c.buddy = i.person AND c.from_date <= i.day AND i.day < c.to_date)
                    THEN 'buddy'
                WHEN EXISTS (SELECT 1 FROM members m WHERE m.person = i.person
                    AND m.team_id = i.team_id AND m.from_date <= i.day AND i.day < m.to_date)
                    THEN 'team'
                WHEN role IN ('gp_locum', 'gp_registrar') THEN 'locum'
                ELSE 'practice' END AS step
            FROM inside i WHERE named IS NOT NULL"""

    def listed(self, first: date, to: date) -> None:
        """Point 10: make ``holders`` (person, practice, patients): on one day or more."""
        # The named GP changes only on these days; the first day of the period is looked at too.
        self.make(
            "looks",
            f"""
            WITH edges AS (
                SELECT patient_id, unnest([from_date, to_date]) AS day FROM named_gps
                UNION ALL SELECT patient_id, first_day FROM stays
                UNION ALL SELECT patient_id, DATE '{first}' FROM homes
                UNION ALL SELECT patient_id, unnest([start_date, end_date]) FROM homes, staff
            )
            SELECT DISTINCT patient_id, home, day FROM edges JOIN homes USING (patient_id)
                LEFT JOIN (SELECT patient_id, death_date FROM patients) USING (patient_id)
            WHERE day BETWEEN DATE '{first}' AND DATE '{to}' AND EXISTS (SELECT 1 FROM stays s
                    WHERE s.patient_id = edges.patient_id AND first_day <= day AND day < end_day)
                AND (death_date IS NULL OR day <= death_date)
            """,
        )
        self.named_on("looked", "SELECT patient_id, day FROM looks")
        self.make(
            "holders",
            f"""
            SELECT named AS person, home AS practice, count(DISTINCT patient_id) AS patients
            FROM looks JOIN looked USING (patient_id, day)
            GROUP BY 1, 2 HAVING count(DISTINCT patient_id) >= {self.question.min_list}
            """,
        )

    def opr_items(self, first: date, to: date) -> None:
        """Make ``opr_items``: a contact belongs to one practice where its GP holds a list."""
        self.listed(first, to)
        self.make(
            "opr_items",
            f"""
            WITH biggest AS (
                SELECT person, practice, row_number() OVER (PARTITION BY person
                    ORDER BY patients DESC, practice) AS place FROM holders
            )
            SELECT coalesce(h.practice, g.practice, b.practice) AS practice, i.person AS list,
                month, patient_id, coalesce(named = i.person, false) AS hit
            FROM inside i
                LEFT JOIN holders h ON h.person = i.person AND h.practice = i.home
                LEFT JOIN holders g ON g.person = i.person AND g.practice = i.practice_id
                JOIN biggest b ON b.person = i.person AND b.place = 1
            WHERE day BETWEEN DATE '{first}' AND DATE '{to}'
            """,
        )

    # Answers ------------------------------------------------------------------------

    def by_patient(self) -> list[dict[str, Any]]:
        """Return one row a patient: patient_id, practice, n_contacts and the indices."""
        window = self.window()
        if window is None:
            return []
        self.contacts(*window)
        self.indices(window[0])
        return self.rows("SELECT * FROM patient_indices")

    def measure(self) -> dict[Key, dict[str, Any]]:
        """Return value, n_patients and n_contacts by (measure, level, groups[, step])."""
        question = self.question
        if set(question.by) - set(GROUPS):
            raise ValueError(f"the SQL twin does not group by {question.by}")
        window = self.window()
        answer: dict[Key, dict[str, Any]] = {}
        if window is None:
            return answer
        if "month" in question.by:
            averaged = set(question.measures) & set(PATIENT_INDICES)
            for _, end in months_between(*window) if averaged else ():
                start = months_before(after_month(end), question.window_months)
                self.contacts(start, end)
                self.indices(start)
                answer |= self.means(month_name(end))
            self.contacts(*window)
        else:
            self.contacts(*window)
            self.indices(window[0])
            answer |= self.means(None)
        if "slicc" in question.measures:
            answer |= self.ratio("slicc", self.slicc_items(), "hit")
        if "same_as_previous" in question.measures:
            answer |= self.ratio(
                "same_as_previous",
                """SELECT home AS practice, named AS list, month, patient_id, before = x AS hit
                FROM inside WHERE before IS NOT NULL""",
                "hit",
            )
        if question.level == "clinician" and "waterfall" in question.measures:
            for step in STEPS:
                answer |= self.ratio("waterfall", self.waterfall_items(), f"step = '{step}'", step)
        if question.level == "clinician" and "opr" in question.measures:
            self.opr_items(*window)
            answer |= self.ratio("opr", "SELECT * FROM opr_items", "hit")
        return answer

    def grouped(self, select: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
        grouping = f"GROUP BY {', '.join(columns)}" if columns else ""
        return self.rows(f"SELECT {', '.join((*columns, select))} {grouping}")

    def means(self, month: str | None) -> dict[Key, dict[str, Any]]:
        question = self.question
        answer: dict[Key, dict[str, Any]] = {}
        columns = tuple(name for name in question.by if name != "month")
        for index in PATIENT_INDICES:
            if index not in question.measures:
                continue
            select = f"""avg({index}) AS value, count({index}) AS n_patients,
                coalesce(sum(n_contacts) FILTER (WHERE {index} IS NOT NULL), 0) AS n_contacts,
                count(*) AS present FROM patient_indices"""
            for row in self.grouped(select, columns):
                if row["present"]:
                    groups = tuple(month if n == "month" else row[n] for n in question.by)
                    answer[index, question.level, groups] = row
        return answer

    def ratio(self, name: str, items: str, hit: str, *step: str) -> dict[Key, dict[str, Any]]:
        question = self.question
        select = f"""avg(CASE WHEN {hit} THEN 1.0 ELSE 0.0 END) AS value,
            count(DISTINCT patient_id) AS n_patients, count(*) AS n_contacts FROM ({items})"""
        return {
            (name, question.level, tuple(row[n] for n in question.by), *step): row
            for row in self.grouped(select, question.by)
            if row["n_contacts"]
        }


def measure(world: World, question: Question) -> dict[Key, dict[str, Any]]:
    """Return the SQL twin's answer about a world."""
    with from_world(world) as con:
        return Twin(con, question).measure()


def by_patient(world: World, question: Question) -> dict[str, dict[str, Any]]:
    """Return the SQL twin's row of each patient of a world."""
    with from_world(world) as con:
        return {row["patient_id"]: row for row in Twin(con, question).by_patient()}
