"""``python -m benchmarks.realism``: an invented borough beside what is published.

Makes the borough that ``make demo`` makes (36 practices, 270,000 patients, 24 months,
seed 1, ending on a fixed day), measures it with Hamlets' own measures, prints the figures
and writes them into docs/reference/simulated-data.md.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from statistics import fmean
from typing import Any

import duckdb
import numpy as np

from benchmarks.published import QUANTITIES, Quantity
from hamlets.booking.simulation import incidence
from hamlets.booking.simulation.illness import SYMPTOMS
from hamlets.booking.simulation.synth import make_setting, synthesise
from hamlets.continuity import measure, workforce
from hamlets.records import Store, open_store

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "simulated-data.md"
BEGIN, END = "<!-- figures: written by `python -m benchmarks.realism` -->", "<!-- end -->"
LAST_DAY = date(2025, 12, 31)

Figures = dict[str, float]
Rows = list[dict[str, Any]]


def figures_of(store: Store) -> Figures:
    """Return every figure that can be measured in a store, by the id of its quantity."""
    tables = _connect(store)
    found = _continuity(store, tables)
    for part in (_contacts(tables), _patterns(tables), _staff(store), _events(tables)):
        found |= part
    return {name: value for name, value in found.items() if value is not None}


def _rows(store: Store, measures: str, preset: str, by: str = "all") -> Rows:
    return measure(store, measures=measures, preset=preset, by=by).to_pylist()


def _mean(rows: Iterable[dict[str, Any]]) -> float:
    """Return the mean over all patients of several groups."""
    rows = [r for r in rows if r["value"] is not None]
    people = sum(r["n_patients"] for r in rows)
    return sum(r["value"] * r["n_patients"] for r in rows) / people


def _continuity(store: Store, tables: Any) -> dict[str, float | None]:
    hull = [r["value"] for r in _rows(store, "upc", "hull-2022", "practice") if r["value"]]
    ages = _rows(store, "upc", "hull-2022", "age_band")
    old = [r for r in ages if r["age_band"] in ("65-74", "75-84", "85+")]
    barker = _rows(store, "upc", "barker-2017", "practice")
    own = [r["value"] for r in _rows(store, "slicc", "sidaway-lee-2019", "practice")]
    sizes: dict[str, int] = dict(
        tables.execute(
            "select practice_id, list_size from practices where list_size > 0"
        ).fetchall()
    )
    by_size = sorted(barker, key=lambda r: sizes.get(r["practice"], 0))
    third = len(by_size) // 3
    return {
        "upc_hull": fmean(hull),
        "upc_hull_lowest": min(hull),
        "upc_hull_highest": max(hull),
        "upc_old": _mean(old) - _mean(r for r in ages if r not in old),
        "upc_barker": _mean(barker),
        "upc_barker_small": _mean(by_size[:third]) - _mean(by_size[-third:]) if third else None,
        "slicc_highest": max(v for v in own if v is not None),
        "slicc": _rows(store, "slicc", "kajaria-montag-2023")[0]["value"],
        "upc_bristol": _rows(store, "upc", "bristol")[0]["value"],
    }


def _connect(store: Store) -> Any:
    """Return a connection with the store's tables, and views that the questions share.

    The period is whole months: the first of a month is often no day of appointments.
    """
    connection = duckdb.connect()
    names = (
        "practices",
        "patients",
        "appointments",
        "staff",
        "events",
        "observations",
        "slots",
        "registrations",
    )
    for name in (*names, "conditions"):
        connection.register(name, store.table(name))
    last = store.last_counted_day
    first = store.first_day
    assert last is not None
    assert first is not None
    connection.execute(f"""
        create view days as
        select date_trunc('month', date '{first}')::date as first, date '{last}' as last;
        create table people as
        select p.patient_id, p.practice_id, any_value(sex) as sex,
            any_value(year(last) - birth_year) as age,
            bool_or(to_date is null or to_date > last) and any_value(death_date) is null as here,
            min(greatest(from_date, first)) as start,
            sum(greatest(date_diff('day', greatest(from_date, first), least(
                coalesce(to_date, last + 1), coalesce(death_date, last + 1), last + 1)), 0))
                / 365.25 as years
        from patients p join registrations using (patient_id), days group by 1, 2;
        create table roles as select staff_id, any_value(role) as role from staff group by 1;
        create table contacts as
        select a.patient_id, a.practice_id, mode, status = 'did_not_attend' as missed,
            starts_with(coalesce(staff_role, role), 'gp') as gp,
            cast(start_time as date) as day,
            date_diff('day', cast(booked_time as date), cast(start_time as date)) as ahead
        from appointments a left join roles using (staff_id), days
        where status in ('arrived', 'attended', 'did_not_attend')
            and cast(start_time as date) <= last;
    """)
    return connection


def _one(tables: Any, question: str) -> dict[str, float | None]:
    """Return the one row of a question, by column."""
    answer = tables.execute(question)
    names = [column[0] for column in answer.description]
    return {
        name: None if value is None else float(value)
        for name, value in zip(names, answer.fetchone(), strict=True)
    }


def _contacts(tables: Any) -> dict[str, float | None]:
    of_all = _one(
        tables,
        """
        select count(*) / (select sum(years) from people) as contacts, avg(gp::int) as gp_share,
            avg(missed::int) as missed,
            avg(missed::int) filter (ahead = 0) as missed_same_day,
            avg(missed::int) filter (ahead > 7) as missed_later
        from contacts
        """,
    )
    of_kept = _one(
        tables,
        """
        select avg((ahead = 0)::int) as same_day, avg((ahead <= 7)::int) as within_7_days,
            avg((ahead <= 14)::int) as within_14_days,
            avg((mode = 'face_to_face')::int) as face_to_face,
            avg((mode = 'telephone')::int) as telephone,
            avg((mode in ('video', 'online'))::int) as online,
            avg((mode in ('home_visit', 'care_home'))::int) as home,
            avg((c.practice_id <> p.practice_id)::int) as hub
        from contacts c join people p using (patient_id) where not missed
        """,
    )
    return of_all | of_kept


def _patterns(tables: Any) -> dict[str, float | None]:
    top = """
        with n as (
            select p.patient_id, p.practice_id,
                count(c.day) filter (c.gp and not c.missed and c.day > last - 365) as n
            from days, people p left join contacts c using (patient_id)
            where p.here and p.start <= last - 364 group by 1, 2
        ), ranked as (
            select n, percent_rank() over (partition by practice_id order by n desc) as rank from n
        )
        select sum(n) filter (rank < 0.1) / sum(n) as top_tenth from ranked
        """
    ages = """
        with n as (
            select patient_id, count(*) as n from contacts where gp and not missed group by 1
        ), rates as (
            select age >= 75 as old, sum(coalesce(n, 0)) / sum(years) as rate
            from people left join n using (patient_id)
            where age >= 75 or age between 16 and 44 group by 1
        )
        select max(rate) filter (old) / max(rate) filter (not old) as old_to_young from rates
        """
    free = """
        with slot as (
            select count(*) as n from slots, days
            where status = 'free' and cast(start_time as date) <= last
        )
        select slot.n / (slot.n + (select count(*) from contacts)) as free from slot
        """
    lists = """
        select avg(n) as list_size
        from (select count(*) as n from people where here group by practice_id)
        """
    return _one(tables, top) | _one(tables, ages) | _one(tables, free) | _one(tables, lists)


def _staff(store: Store) -> dict[str, float | None]:
    found = [w for w in workforce(store) if w.practice.headcount_gps]
    units = [w.practice for w in found]
    qualified = [
        p
        for w in found
        for p in w.people
        if p.contract in ("partner", "salaried", "retainer") and not p.left
    ]
    sessions = sum(p.sessions_per_week or 0.0 for p in qualified)
    contracts = [pair for u in units for pair in u.contracts if pair[0] != "trainee"]
    sessional = ("salaried", "locum", "retainer")
    known = sum(n for word, n in contracts if word != "unknown")
    loads = [u.load for u in units if u.load.median is not None]
    days = sum(load.clinician_days for load in loads)
    return {
        "sessional": sum(n for word, n in contracts if word in sessional) / known,
        "sessions": sessions / len(qualified),
        "patients_per_session": sum(u.patients for u in units) / sessions,
        "gp_day": sum((load.median or 0.0) * load.clinician_days for load in loads) / days,
    }


def _events(tables: Any) -> dict[str, float | None]:
    rates = _one(
        tables,
        """
        with e as (
            select event_type, p.age as age from events join people p using (patient_id)
        ), y as (
            select sum(years) as all_years, sum(years) filter (age between 16 and 44) as young,
                sum(years) filter (age >= 65) as old from people
        ), n as (
            select count(*) filter (event_type = 'death_in_hospital') as inside,
                count(*) filter (event_type = 'death') as deaths,
                count(*) filter (event_type = 'ae_attendance') as attended,
                count(*) filter (event_type = 'outpatient_referral') as referred,
                count(*) filter (event_type = 'emergency_admission' and age between 16 and 44)
                    as young_in,
                count(*) filter (event_type = 'emergency_admission' and age >= 65) as old_in
            from e
        )
        select inside / deaths as deaths_in_hospital, 1000 * young_in / young as admissions_young,
            1000 * old_in / old as admissions_old, 1000 * attended / all_years as attendances,
            1000 * referred / all_years as referrals
        from n, y
        """,
    )
    return rates | _cancers(tables) | _recorded(tables)


def _cancers(tables: Any) -> dict[str, float | None]:
    people = tables.execute(
        "select age - 1 as age, sex, sum(years) as years from people where age >= 0 group by all"
    ).fetchnumpy()
    # the age in the middle of the two years, not at their end
    band = np.searchsorted(incidence.CANCER_AGE_FROM, people["age"], side="right") - 1
    man = np.char.lower(np.asarray(people["sex"], str)) == "male"
    rates = np.where(man, incidence.CANCER_MEN[band], incidence.CANCER_WOMEN[band])
    expected = float((rates * people["years"]).sum()) / 1e5
    number = "select count(*) from events where event_type = 'cancer_diagnosis'"
    found = tables.execute(number).fetchone()[0]
    codes = ", ".join(f"'{symptom.code}'" for symptom in SYMPTOMS)
    delay = _one(
        tables,
        f"""
        with first as (
            select patient_id, event_date, min(o.date) as symptom
            from events join observations o using (patient_id)
            where event_type = 'cancer_diagnosis' and o.code in ({codes})
                and o.date between event_date - 365 and event_date - 1
            group by 1, 2
        )
        select median(date_diff('day', symptom, event_date)) as symptom_days from first
        """,
    )
    return {"cancers": found / expected, **delay}


def _recorded(tables: Any) -> dict[str, float | None]:
    mmr = """
        with due as (
            select patient_id, year(last) - age as born from people, days where here and age = 2
        )
        select count(distinct o.patient_id) / count(distinct due.patient_id) as mmr
        from due left join observations o
            on o.patient_id = due.patient_id and o.code = 'EX-OBS-MMR-1'
            and year(o.date) <= due.born + 2
        """
    pressure = """
        with reading as (
            select o.patient_id, o.date,
                max(try_cast(value as double)) filter (o.code = 'EX-OBS-SYSTOLIC') as upper,
                max(try_cast(value as double)) filter (o.code = 'EX-OBS-DIASTOLIC') as lower
            from observations o, days
            where patient_id in (select patient_id from conditions join people using (patient_id)
                where register = 'hypertension' and here)
                and o.code in ('EX-OBS-SYSTOLIC', 'EX-OBS-DIASTOLIC') and o.date > last - 365
            group by 1, 2
        ), latest as (
            select arg_max(upper, date) as upper, arg_max(lower, date) as lower
            from reading group by patient_id
        )
        select count(*) filter (upper < 140 and lower < 90) / (
            select count(distinct patient_id) from conditions join people using (patient_id)
            where register = 'hypertension' and here) as blood_pressure
        from latest
        """
    return _one(tables, mmr) | _one(tables, pressure)


def written(value: float, kind: str) -> str:
    """Return a figure as the page shows it."""
    if kind == "share":
        return f"{100 * value:.1f} %"
    if kind == "index":
        return f"{value:.2f}"
    if kind == "days" or value >= 20:
        return f"{value:,.0f}"
    return f"{value:.1f}"


def verdict(quantity: Quantity, value: float) -> str:
    """Return how a figure compares with the published one, in a word or two."""
    if quantity.near is None:
        return ""
    low, high = quantity.near
    if low <= value <= high:
        return "near"
    return "**too low**" if value < low else "**too high**"


def table(figures: Figures) -> list[str]:
    """Return the page's tables, a part after the other."""
    lines: list[str] = []
    for part in dict.fromkeys(q.part for q in QUANTITIES):
        lines += [f"### {part}", "", "| quantity | published | simulated | | measured by |"]
        lines += ["|---|---|---|---|---|"]
        for q in (q for q in QUANTITIES if q.part == part and q.id in figures):
            value = figures[q.id]
            published = f"{q.published}<br>{q.source}" if q.source else q.published
            row = (q.title, published, written(value, q.kind), verdict(q, value), q.how)
            lines.append("| " + " | ".join(row) + " |")
        lines.append("")
    known = [q for q in QUANTITIES if q.near and q.id in figures]
    near = sum(verdict(q, figures[q.id]) == "near" for q in known)
    return [f"{near} of {len(known)} published figures are near.", "", *lines]


def write_page(lines: list[str]) -> None:
    """Put the tables between the page's marks."""
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN, 1)
    after = rest.split(END, 1)[1]
    block = "\n".join([BEGIN, "", *lines, END])
    PAGE.write_text(before + block + after, encoding="utf-8")


def make_and_measure(
    folder: Path, *, practices: int, patients: int, months: int, policy: str | None = None
) -> Figures:
    """Make a borough in a folder and return its figures."""
    setting = make_setting(
        practices=practices, patients=patients, months=months, seed=1, policy=policy, end=LAST_DAY
    )
    synthesise(setting, folder)
    with open_store(folder) as store:
        return figures_of(store)


def main() -> None:
    """Measure and print; write the page where asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.realism", description=__doc__)
    parser.add_argument("--practices", type=int, default=36)
    parser.add_argument("--patients", type=int, default=270_000)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--print-only", action="store_true", help="leave the page as it is")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="hamlets-realism-") as folder:
        os.environ.setdefault("HAMLETS_KEY_FILE", f"{folder}/pseudonym.key")
        figures = make_and_measure(
            Path(folder) / "borough",
            practices=options.practices,
            patients=options.patients,
            months=options.months,
        )
        earliest = make_and_measure(
            Path(folder) / "earliest", practices=6, patients=45_000, months=24,
            policy="earliest_any",
        )  # fmt: skip
    figures["upc_earliest"] = earliest["upc_hull"]
    lines = table(figures)
    print("\n".join(lines))
    if not options.print_only:
        write_page(lines)


if __name__ == "__main__":
    main()
