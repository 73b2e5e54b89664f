"""Counting one indicator's populations in the sandbox, practice by practice.

Each population becomes a table of patients; what is left of them after exclusions and
exceptions is counted once, by the rules of a FHIR Measure, the same for every indicator.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from hamlets.networks.indicators.definition import (
    POPULATIONS,
    TEXT,
    DefinitionError,
    Fault,
    Indicator,
    Population,
)
from hamlets.networks.indicators.handing import COVERS, TABLES
from hamlets.networks.indicators.periods import Period
from hamlets.networks.indicators.sandbox import Sandbox, SandboxError, Statement
from hamlets.networks.indicators.statements import Read, read_statement

MOST_GROUPS = 60
"""More groups than specialties would be a list of patients in disguise."""
BANDS = (5, 15, 25, 45, 65, 75, 85)
"""Ages at which the bands of a standardised rate begin, after the first."""


@dataclass(frozen=True)
class Prepared:
    """An indicator whose SQL has been read and may run."""

    indicator: Indicator
    read: dict[Population, Read]

    @property
    def tables(self) -> frozenset[str]:
        """Return the record tables that its SQL names."""
        return frozenset().union(*(r.tables for r in self.read.values())) & TABLES

    @property
    def columns(self) -> frozenset[str]:
        """Return the columns that its SQL names."""
        return frozenset[str]().union(*(r.columns for r in self.read.values()))


@dataclass(frozen=True)
class Counted:
    """Counts of one practice; of one group of it where the indicator has groups."""

    practice_id: str
    initial_population: int
    denominator: int
    exclusions: int
    exceptions: int
    numerator: int
    group: str | None = None
    stratum: tuple[int, str] | None = None


def prepare(indicator: Indicator, sandbox: Sandbox, functions: frozenset[str]) -> Prepared:
    """Return an indicator ready to run; DefinitionError with all that is wrong with its SQL."""
    allowed = TABLES if indicator.codes else TABLES - {"codes"}
    read: dict[Population, Read] = {}
    faults: list[Fault] = []
    for name in POPULATIONS:
        text = indicator.populations.get(name)
        if text is not None:
            found = read_statement(sandbox.parse(text), text, allowed, functions)
            if isinstance(found, Read):
                read[name] = found
            else:
                faults += [_placed(indicator, name, fault) for fault in found]
        # what comes later may begin from what came before
        allowed |= {name}
    if faults:
        raise DefinitionError(indicator.where, faults)
    return Prepared(indicator, read)


def _placed(indicator: Indicator, name: Population, fault: Fault) -> Fault:
    """Return a fault of SQL with the line of the file and the population it is in."""
    first = indicator.lines.get(f"populations.{name}{TEXT}", indicator.lines.get("populations", 1))
    line = first + (fault.line or 1) - 1
    return Fault(f"{name}: {fault.message}", line)


def patients_on(sandbox: Sandbox, period: Period, practices: Sequence[str]) -> None:
    """Make the table ``patients`` as it is on a period's last day.

    A patient counts with the practice of the registration that covers the day; of several,
    the one that began last, then ended last, then the highest id; without any, the last one.
    """
    values = {"period_end": period.end, "practices": list(practices)}
    sandbox.run([(_PATIENTS, values), ("SELECT 1", {})])


_PATIENTS = f"""
CREATE OR REPLACE TABLE patients AS
WITH best AS (
    SELECT patient_id,
           max(rank + CASE WHEN to_date IS NULL OR to_date > $period_end THEN {COVERS} ELSE 0 END)
           AS best
    FROM own.ranked WHERE from_date IS NULL OR from_date <= $period_end GROUP BY patient_id
)
SELECT p.patient_id, r.practice_id,
       best >= {COVERS} AND (p.death_date IS NULL OR p.death_date > $period_end) AS registered,
       r.from_date AS registered_from,
       CAST(coalesce(date_sub('year', p.birth_date, $period_end),
            year($period_end) - p.birth_year) AS INTEGER) AS age,
       p.birth_year, p.birth_date, p.sex, p.ethnicity, p.imd_decile, p.housebound, p.death_date
FROM best JOIN own.ranked r ON r.rank = best % {COVERS}
JOIN own.people p ON p.patient_id = best.patient_id
WHERE r.practice_id IN (SELECT unnest(CAST($practices AS VARCHAR[])))
"""  # noqa: S608 - a number of ours


def use_codes(sandbox: Sandbox, indicator: Indicator) -> None:
    """Make the table ``codes`` of an indicator's lists; codes that no record has are left out."""
    lists = [name for name, found in indicator.codes.items() for _ in found.codes]
    codes = [code for found in indicator.codes.values() for code in found.codes]
    sandbox.run(
        [
            (
                "CREATE OR REPLACE TEMP TABLE codes AS SELECT list, TRY_CAST(code AS code) AS code"
                " FROM (SELECT unnest(CAST($lists AS VARCHAR[])) AS list,"
                " unnest(CAST($codes AS VARCHAR[])) AS code)"
                " WHERE TRY_CAST(code AS code) IS NOT NULL",
                {"lists": lists, "codes": codes},
            ),
            ("SELECT 1", {}),
        ]
    )


def count(sandbox: Sandbox, prepared: Prepared, period: Period) -> list[Counted]:
    """Return the counts of every practice for a period (``patients_on`` and ``use_codes`` first).

    Raises DefinitionError where a population names a patient twice, where the numerator goes
    beyond the denominator, and where SQL cannot run to its end.
    """
    indicator = prepared.indicator
    for name in POPULATIONS:
        try:
            sandbox.run([_population(prepared, name, period), ("SELECT 1", {})])
        except SandboxError as error:
            fault = Fault(error.message, error.line)
            raise DefinitionError(indicator.where, [_placed(indicator, name, fault)]) from None
    faults = _faults(indicator, sandbox.run([(_checks(indicator), {})]))
    if faults:
        raise DefinitionError(indicator.where, faults)
    if not indicator.events:
        return [_row(row) for row in sandbox.run([(_counts(indicator), {})])]
    groups = sandbox.run([(_counts(indicator), {})])
    return _with_events(groups, sandbox.run([(_events(indicator), {})]))


def _population(prepared: Prepared, name: Population, period: Period) -> Statement:
    """Return the statement that makes a population, and the values of the days it names."""
    indicator, read = prepared.indicator, prepared.read.get(name)
    # names are ours; the SELECT is as the parser wrote it again, so it ends where it seems to
    table = f"CREATE OR REPLACE TEMP TABLE {name} AS "
    if read is None:
        from_what = "initial_population" if name == "denominator" else "patients WHERE false"
        return f"{table}SELECT patient_id FROM {from_what}", {}  # noqa: S608 - names of ours
    columns = "patient_id"
    if name == "numerator" and indicator.events:
        columns += ", CAST(events AS BIGINT) AS events"
    if name == "numerator" and indicator.info.group_is:
        columns += ", CAST(grouped AS VARCHAR) AS grouped"
    days = {
        "period_start": period.start,
        "period_end": period.end,
        "window_start": period.window_start(indicator.info.window_months),
    }
    values = {day: days[day] for day in read.parameters}
    return f"{table}SELECT {columns} FROM ({read.sql})", values  # noqa: S608 - parsed


_BEFORE: dict[Population, Population] = {
    "denominator": "initial_population",
    "numerator": "denominator",
}
"""Populations that are a part of another."""


def _checks(indicator: Indicator) -> str:
    """Return SQL for one row a population: patients unnamed, there twice, not in the one before."""
    parts: list[str] = []
    for name in indicator.populations:
        last = name == "numerator"
        key = "patient_id, grouped" if last and indicator.info.group_is else "patient_id"
        negative = "count(*) FILTER (WHERE events < 0 OR events IS NULL)"
        groups = "count(DISTINCT grouped)"
        before = _BEFORE.get(name)
        outside = f"(SELECT count(*) FROM {name} ANTI JOIN {before} USING (patient_id))"  # noqa: S608 - names of ours
        parts.append(
            f"SELECT '{name}' AS population, count(*) - count(patient_id) AS unnamed,"  # noqa: S608 - the same
            f" count(*) - (SELECT count(*) FROM (SELECT DISTINCT {key} FROM {name})) AS twice,"
            f" {outside if before else 0} AS outside,"
            f" {negative if last and indicator.events else 0} AS negative,"
            f" {groups if last and indicator.info.group_is else 0} AS groups"
            f" FROM {name}"
        )
    return " UNION ALL ".join(parts)


_TOLD = {
    "unnamed": "{n} rows have no patient_id.",
    "twice": "{n} rows name a patient a second time. Use SELECT DISTINCT.",
    "outside": "{n} patients of it are not in the {before}. Begin from that: FROM {before} ...",
    "negative": "{n} rows have fewer than no events.",
}


def _faults(indicator: Indicator, checked: list[dict[str, Any]]) -> list[Fault]:
    faults: list[Fault] = []
    for row in checked:
        name: Population = row["population"]
        if row["groups"] > MOST_GROUPS:
            said = f"It makes {row['groups']:,} groups; {MOST_GROUPS} at most can be looked at."
            faults.append(_placed(indicator, name, Fault(said)))
        for key, words in _TOLD.items():
            if row[key]:
                said = words.format(n=f"{row[key]:,}", before=_BEFORE.get(name))
                faults.append(_placed(indicator, name, Fault(said)))
    return faults


def _strata(indicator: Indicator) -> str:
    if not indicator.standardise:
        return ""
    bands = " ".join(f"WHEN p.age < {age} THEN {number}" for number, age in enumerate(BANDS))
    return (
        f", CASE {bands} WHEN p.age IS NULL THEN -1 ELSE {len(BANDS)} END AS band,"
        " coalesce(lower(CAST(p.sex AS VARCHAR)), '') AS sex"
    )


def _counts(indicator: Indicator) -> str:
    """Return SQL for the counts of each practice; populations that are not there are not joined."""
    joins: list[str] = []

    def member(name: Population) -> str:
        if name not in indicator.populations or (name == "numerator" and indicator.events):
            return "false"
        joins.append(f"LEFT JOIN {name} ON {name}.patient_id = i.patient_id")
        return f"{name}.patient_id IS NOT NULL"

    should = member("denominator") if "denominator" in indicator.populations else "true"
    left, had = member("denominator_exclusion"), member("numerator")
    excepted = member("denominator_exception")
    return f"""
SELECT p.practice_id AS practice_id{_strata(indicator)},
       count(*) AS initial_population,
       count(*) FILTER (WHERE {should}) AS denominator,
       count(*) FILTER (WHERE {should} AND {left}) AS exclusions,
       count(*) FILTER (WHERE {should} AND NOT ({left}) AND NOT ({had})
                        AND {excepted}) AS exceptions,
       count(*) FILTER (WHERE {should} AND NOT ({left}) AND {had}) AS numerator
FROM initial_population i JOIN patients p ON p.patient_id = i.patient_id
{" ".join(joins)}
GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 - no part of it comes from a definition


def _events(indicator: Indicator) -> str:
    grouped = ", n.grouped AS grouped" if indicator.info.group_is else ""
    return f"""
SELECT p.practice_id AS practice_id{_strata(indicator)}{grouped},
       CAST(sum(n.events) AS BIGINT) AS numerator
FROM numerator n JOIN patients p ON p.patient_id = n.patient_id
WHERE n.patient_id NOT IN (SELECT patient_id FROM denominator_exclusion)
  AND n.patient_id NOT IN (SELECT patient_id FROM denominator_exception)
GROUP BY ALL ORDER BY ALL
"""  # noqa: S608 - no part of it comes from a definition


def _stratum(row: dict[str, Any]) -> tuple[int, str] | None:
    return (row["band"], row["sex"]) if "band" in row else None


def _row(row: dict[str, Any], numerator: int | None = None, group: str | None = None) -> Counted:
    return Counted(
        practice_id=row["practice_id"],
        initial_population=row["initial_population"],
        denominator=row["denominator"] - row["exclusions"] - row["exceptions"],
        exclusions=row["exclusions"],
        exceptions=row["exceptions"],
        numerator=row["numerator"] if numerator is None else numerator,
        group=group,
        stratum=_stratum(row),
    )


def _with_events(people: list[dict[str, Any]], events: list[dict[str, Any]]) -> list[Counted]:
    """Return the counts of each practice and stratum: all events, then those of each group."""
    found: dict[tuple[str, Any], dict[str | None, int]] = {}
    groups: set[str] = set()
    for row in events:
        mine = found.setdefault((row["practice_id"], _stratum(row)), {})
        mine[None] = mine.get(None, 0) + row["numerator"]
        if "grouped" in row:
            group = row["grouped"] or "not given"
            groups.add(group)
            mine[group] = mine.get(group, 0) + row["numerator"]
    return [
        _row(row, found.get((row["practice_id"], _stratum(row)), {}).get(group, 0), group)
        for group in (None, *sorted(groups))
        for row in people
    ]
