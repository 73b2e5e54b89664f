"""Named GPs that change with a plan: dated rows for those patients and for nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from hamlets.continuity.columns import ALWAYS, days, whole
from hamlets.continuity.frame import Patients, read_patients
from hamlets.continuity.reference import build_reference
from hamlets.continuity.spans import Span
from hamlets.records.store.adopted import CURRENT_SOURCE, PLAN_SOURCE, Adoption
from hamlets.records.store.amending import Change
from hamlets.records.store.reading import Store
from hamlets.records.store.schema import stored_schema
from hamlets.teams.inputs import Bools, Int32, Int64
from hamlets.teams.plans.dated_rows import day_number, in_force
from hamlets.teams.plans.people import Staff, patient_codes
from hamlets.teams.plans.storing import StoredPlan

KEY = ("patient", "staff", "from_date")


@dataclass(frozen=True)
class Named:
    """The change to the practice's named GPs, and how many patients it is about."""

    change: Change
    changed: int
    """Patients with another named GP from the day on."""
    first: int
    """Patients who had none."""
    left: int
    """Patients of the plan who are not with the practice any more: passed over."""
    without_gp: int
    """Patients whose planned GP has gone: passed over."""


def named_changes(store: Store, stored: StoredPlan, staff: Staff, start: date) -> Named:
    """Return the rows of ``named_gps`` for patients whose named GP changes or is the first.

    Compared with the named GP that the store has for the day, not with the one there was when
    the plan was made. Adopted from an earlier day than it was made on, a plan also stands
    before what was recorded between the two: it was made in that knowledge.
    """
    rows = stored.allocations
    reference = build_reference(store)
    span = Span(store, (staff.practice,))
    patients = read_patients(span, reference, np.empty(0, np.int64), ())
    codes = patient_codes(store, rows)
    place, with_us = places_of(store, patients, codes, staff.practice, start)
    ids = rows.column("new_named_staff_id").to_pylist()
    wanted = np.array([staff.person(each) for each in ids], np.int32)
    here = np.array([staff.here(each) for each in ids], np.bool_)
    given = np.array([each is not None for each in ids], np.bool_)
    dated = patients.named

    def named_on(day: date) -> Int32:
        found = in_force(dated.offset, dated.start, dated.end, dated.value, day_number(day))
        return np.append(found, np.int32(-1))[place]

    now, made_on = named_on(start), max(start, stored.plan.day)
    new = with_us & here & ((now != wanted) | (named_on(made_on) != wanted))
    then = np.where(now != wanted, now, named_on(made_on))
    change = _change(store, stored, staff, start, patients, codes[new], wanted[new])
    return Named(
        change,
        changed=int((then[new] >= 0).sum()),
        first=int((then[new] < 0).sum()),
        left=int((~with_us).sum()),
        without_gp=int((with_us & given & ~here).sum()),
    )


def places_of(
    store: Store, patients: Patients, codes: Int32, practice: int, start: date
) -> tuple[Int32, Bools]:
    """Return where each code is among the patients (-1: nowhere), and who is still with us."""
    known = patients.codes
    at = np.searchsorted(known, codes)
    found = (codes >= 0) & (at < len(known))
    found[found] = known[at[found]] == codes[found]
    place = np.where(found, at, -1).astype(np.int32)
    last = store.last_counted_day or store.last_day or start
    day = day_number(max(last, start))
    dated = patients.registrations
    registered = in_force(dated.offset, dated.start, dated.end, dated.value, day) == practice
    registered |= np.diff(dated.offset) == 0
    here = registered & (patients.death_day > day)
    return place, np.append(here, False)[place]


def _change(
    store: Store,
    stored: StoredPlan,
    staff: Staff,
    start: date,
    patients: Patients,
    codes: Int32,
    wanted: Int32,
) -> Change:
    schema = stored_schema("named_gps", store.identifiable)
    rows = store.read_group("named_gps", staff.practice, list(KEY))
    loaded = store.version + 1
    source = f"{PLAN_SOURCE}{stored.plan.plan_id}"
    code_of = np.array([staff.code_of(int(person)) for person in wanted], np.int32)
    later, begins = _begun_between(rows, codes, code_of, start, stored.plan.day)
    new = pa.concat_tables(
        [
            _rows(schema, codes, code_of, start, source, loaded),
            _rows(schema, codes[later], code_of[later], begins, source, loaded),
        ]
    )
    # Who has only a current named GP keeps that one for the days before.
    undated = codes[~np.isin(codes, whole(rows, "patient"))]
    place = np.searchsorted(patients.codes, undated)
    row = patients.row[place]
    current = whole(patients.table, "named_staff")[row] if len(row) else np.empty(0, np.int32)
    current = np.where(row >= 0, current, -1)
    had = current >= 0
    before = _rows(schema, undated[had], current[had], None, CURRENT_SOURCE, loaded)
    taken = set(zip(*(new.column(name).to_pylist() for name in KEY), strict=True))
    keys = zip(*(rows.column(name).to_pylist() for name in KEY), strict=True)
    drop = np.array([key in taken for key in keys], np.bool_)
    return Change(drop, pa.concat_tables([before, new]))


def _begun_between(
    rows: pa.Table, codes: Int32, code_of: Int32, start: date, made_on: date
) -> tuple[Int64, pa.Array]:
    """Return who was given somebody else after ``start`` and by the day the plan was made on,
    as positions among the codes, and the day of each time."""
    begins, patient = days(rows, "from_date", ALWAYS), whole(rows, "patient")
    between = (begins > day_number(start)) & (begins <= day_number(made_on))
    between &= np.isin(patient, codes)
    order = np.argsort(codes, kind="stable")
    at = order[np.searchsorted(codes, patient[between], sorter=order)]
    other = whole(rows, "staff")[between] != code_of[at]
    pairs = np.unique(np.stack([at[other], begins[between][other]]), axis=1)
    return pairs[0].astype(np.int64), pa.array(pairs[1].astype(np.int32)).cast(pa.date32())


def _rows(
    schema: pa.Schema,
    patients: Int32,
    staff: Int32,
    start: date | pa.Array | None,
    source: str,
    loaded: int,
) -> pa.Table:
    size = len(patients)
    columns = {
        "patient": patients,
        "staff": staff,
        "from_date": start
        if isinstance(start, pa.Array)
        else pa.array([start] * size, pa.date32()),
        "to_date": pa.nulls(size, pa.date32()),
        "source": pa.array([source] * size, pa.string()),
        "loaded": np.full(size, loaded, np.int32),
    }
    return pa.table([columns[name] for name in schema.names], schema=schema)


def without_plan(store: Store, adoption: Adoption) -> dict[int, Change]:
    """Return the changes, by home practice, that take a plan's named GPs out again."""
    found: dict[int, Change] = {}
    schema = stored_schema("named_gps", store.identifiable)
    for home in store.group_practices():
        rows = store.read_group("named_gps", home, ["patient", "from_date", "source"])
        if not rows.num_rows:
            continue
        sources = np.array(rows.column("source").to_pylist(), object)
        gone = sources == f"{PLAN_SOURCE}{adoption.plan_id}"
        if not gone.any():
            continue
        patient = whole(rows, "patient")
        begins = rows.column("from_date").is_null().to_numpy()
        before = (sources == CURRENT_SOURCE) & begins
        others = np.unique(patient[~gone & ~before])
        # Nothing else is dated for them: the extract's current named GP holds again.
        alone = before & np.isin(patient, patient[gone]) & ~np.isin(patient, others)
        found[home] = Change(gone | alone, schema.empty_table())
    return found
