"""Measure continuity: questions in, an Arrow table out."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from hamlets.continuity.answers import NO_HOLDER, NO_NAMED, NO_PAIR, Answers
from hamlets.continuity.attributes import Places
from hamlets.continuity.blocks import Block, empty_block
from hamlets.continuity.calendar import (
    Window,
    day_number,
    day_of,
    month_number,
    month_start,
    months_before,
)
from hamlets.continuity.cohorts import Frequent
from hamlets.continuity.columns import ALWAYS, NEVER, Int32, days, texts, whole
from hamlets.continuity.contacts import make_rules
from hamlets.continuity.conventions import (
    PRESETS,
    Conventions,
    Question,
    read_conventions,
    read_question,
)
from hamlets.continuity.definitions import DEFINITIONS_VERSION, MEASURES, PATIENT_INDICES
from hamlets.continuity.density import ALL_LIMIT_ROWS
from hamlets.continuity.dimensions import Labels
from hamlets.continuity.lists import find_list_holders
from hamlets.continuity.patientrows import density_block, patient_table
from hamlets.continuity.plan import Plan, make_plan
from hamlets.continuity.reference import Reference, build_reference
from hamlets.continuity.result_tables import result_table
from hamlets.continuity.scan import scan_store
from hamlets.continuity.teammap import SEVERAL, team_map
from hamlets.continuity.yields import Context, Yield
from hamlets.errors import NothingToMeasureError, UsageError
from hamlets.records import Store

UNKNOWN = "unknown"
NOTHING_IN_GROUPS = "No contact belongs to any of these groups, so there is no row."


def last_counted_day(store: Store) -> date | None:
    """Return the day of the latest row with status arrived or attended (or without a status)."""
    return store.last_counted_day


def choose_window(store: Store, conventions: Conventions) -> Window:
    """Return the days to measure; raises NothingToMeasureError without any counted contact."""
    last = conventions.date_to or last_counted_day(store)
    if last is None:
        raise NothingToMeasureError(
            "No appointment in this store counts as a contact.",
            where=str(store.path.name),
            hint="Only rows with status arrived or attended count. Look at the load report.",
        )
    first = conventions.date_from
    if first is None:
        first = date.fromordinal(months_before(last, conventions.window_months).toordinal() + 1)
    if first > last:
        raise UsageError(
            f"The window would begin on {first} and end on {last}.",
            where="--from, --to",
            hint="Choose a first day on or before the last.",
        )
    return Window(day_number(first), day_number(last))


def rolling_windows(window: Window, months: int, first_day: int) -> tuple[Window, ...]:
    """Return one window for each month of the main one, ending with it."""
    result: list[Window] = []
    first_month, last_month = (month_number(day_of(d)) for d in (window.first, window.last))
    for month in range(first_month, last_month + 1):
        month_end = day_number(month_start(month + 1)) - 1
        begin = day_number(month_start(max(month - months + 1, 12)))
        cut = day_number(month_start(month)) < window.first or month_end > window.last
        result.append(Window(begin, min(month_end, window.last), month, cut or begin < first_day))
    return tuple(result)


def place_groups(store: Store, labels: Labels, day: int) -> Places:
    """Return the network and borough of each practice code; the last entry is for no practice."""
    codes = len(store.labels("practice"))
    network: list[str | None] = [None] * codes
    practices = store.shared("practices")
    for code, name in zip(
        whole(practices, "practice").tolist(), texts(practices, "network_id"), strict=True
    ):
        network[code] = name
    members = store.shared("network_members")
    since = [ALWAYS] * codes
    for code, name, start, end in zip(
        whole(members, "practice").tolist(),
        texts(members, "network_id"),
        days(members, "from_date", ALWAYS).tolist(),
        days(members, "to_date", NEVER).tolist(),
        strict=True,
    ):
        if start <= day < end and start >= since[code]:
            network[code], since[code] = name, start
    networks = store.shared("networks")
    parent = dict(zip(texts(networks, "network_id"), texts(networks, "parent_id"), strict=True))
    from hamlets.records.tables import NETWORK_KINDS

    borough_code = NETWORK_KINDS.index("borough")
    kind = dict(zip(texts(networks, "network_id"), whole(networks, "kind").tolist(), strict=True))

    def borough(name: str | None) -> str | None:
        seen: set[str] = set()
        while name is not None and name not in seen:
            if kind.get(name) == borough_code:
                return name
            seen.add(name)
            name = parent.get(name)
        return None

    def coded(group: str, names: list[str | None]) -> Int32:
        return labels.codes(group, [n or UNKNOWN for n in [*names, None]])

    return Places(coded("network", network), coded("borough", [borough(n) for n in network]))


def _epochs(reference: Reference, window: Window) -> Int32:
    """Return the days inside the window on which a team's membership changes."""
    edges = np.unique(np.concatenate([reference.teams.start, reference.teams.end]))
    return edges[(edges > window.first) & (edges <= window.last)].astype(np.int32)


def make_context(
    store: Store,
    plan: Plan,
    conventions: Conventions,
    reference: Reference,
    homes: frozenset[int] | None = None,
) -> Context:
    """Return what a pass over the store, or over some home practices, looks things up in."""
    window = choose_window(store, conventions)
    first_day = day_number(store.first_day or day_of(window.first))
    monthly = "month" in plan.groups
    rolling = rolling_windows(window, conventions.window_months, first_day) if monthly else ()
    maps = {w: team_map(reference, w) for w in (window, *rolling)}
    # a patient's own team matters to a team index only where a clinician has several
    several = any((m.single == SEVERAL).any() for m in maps.values())
    labels = Labels()
    return Context(
        store=store,
        plan=plan,
        reference=reference,
        rules=make_rules(conventions, reference.roles_known),
        places=place_groups(store, labels, window.last),
        labels=labels,
        window=window,
        rolling=rolling,
        maps=maps,
        need_named=bool(plan.ratio or plan.own)
        or bool(plan.groups & {"list", "team"})
        or ("team" in plan.levels and several),
        first_day=min(first_day, window.first),
        epochs=_epochs(reference, window),
        holders=(
            find_list_holders(store, reference, window, conventions.min_list, homes)
            if plan.own
            else None
        ),
        ages=conventions.ages,
        homes=homes,
        frequent=Frequent(conventions.frequent_least, conventions.frequent_any_role),
    )


def _printed(context: Context, found: Yield, conventions: Conventions) -> dict[str, Any]:
    """Return what is printed with the result: conventions as they were applied."""
    window = context.window
    printed = conventions.as_dict()
    printed["date_from"] = day_of(window.first).isoformat()
    printed["date_to"] = day_of(window.last).isoformat()
    notes: list[str] = []
    if conventions.roles != "any" and not context.reference.roles_known:
        notes.append("No roles are known, so contacts with any clinician are counted.")
    if found.facts.get("patients_as_at_extract"):
        notes.append("Named GPs without dates are used for all days, as at the extract.")
    if conventions.date_from and conventions.window_months != Conventions.window_months:
        notes.append("The first day was given, so the window's months are used by month only.")
    if context.rolling:
        notes.append(
            f"By month, patient indices look back {conventions.window_months} months from each "
            "month's end; ratios are of the month."
        )
    if conventions.preset:
        preset = PRESETS[conventions.preset]
        notes.append(f"Preset {preset.name} ({preset.source}). {preset.unknown}.")
    printed["notes"] = notes
    printed["definition_version"] = DEFINITIONS_VERSION
    printed["store_version"] = context.store.version
    printed["content_id"] = context.store.content_id
    printed["counted"] = dict(sorted(found.facts.items()))
    return printed


def _check_something(context: Context, found: Yield) -> None:
    facts = found.facts
    if facts.get("contacts"):
        return
    left_out = {k: facts[k] for k in facts if facts[k] and k not in ("rows", "patients")}
    said = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in left_out.items())
    raise NothingToMeasureError(
        "No contact is left to measure.",
        where=f"{day_of(context.window.first)} to {day_of(context.window.last)}",
        hint=f"Rows left out: {said or 'none in the window'}. Choose other days, roles or modes.",
    )


def _blocks(question: Question, answers: Answers, found: Yield) -> list[Block]:
    made: list[Block] = []
    by = question.by
    for level in question.levels:
        asked = question.at(level)
        indices = [m for m in asked if m in PATIENT_INDICES]
        if indices:
            made.extend(answers.indices(by, indices, level))
        for measure in ("slicc", "same_as_previous"):
            if measure in asked:
                made.extend(answers.ratios(by, measure, level))
        if "care_density" in asked:
            made.append(density_block(by, level, found, answers))
        if level != "clinician":
            continue
        if "waterfall" in asked:
            made.extend(answers.ratios(by, "waterfall", level))
        if "opr" in asked:
            made.append(answers.own(by))
    if not by:
        made = [_or_empty(block) for block in made]
    return made


def _or_empty(block: Block) -> Block:
    if len(block.value):
        return block
    reasons = {"slicc": NO_NAMED, "waterfall": NO_NAMED, "opr": NO_HOLDER}
    reason = reasons.get(block.measure, NO_PAIR)
    return empty_block(block.measure, block.level, 0, reason, block.step)


def measure_many(
    store: Store,
    questions: Sequence[Question],
    conventions: Conventions | None = None,
    *,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
    homes: frozenset[int] | None = None,
) -> list[pa.Table]:
    """Answer several questions in one pass; return one table each (see ``measure``).

    With ``homes`` only patients stored under these home practices are read: figures of a
    practice are whole where ``homes_touching`` named them, those of others are not.
    """
    chosen = conventions or Conventions()
    rows = (
        store.manifest.tables["appointments"].rows if "appointments" in store.manifest.tables else 0
    )
    if rows == 0:
        raise NothingToMeasureError(
            "This store holds no appointments.", hint="Load an extract first."
        )
    reference = build_reference(store)
    plan = make_plan(questions)
    context = make_context(store, plan, chosen, reference, homes)
    count = threads or os.cpu_count() or 1
    found = scan_store(context, count, progress)
    _check_something(context, found)
    answers = Answers(context, found, count, chosen.min_contacts)
    printed = _printed(context, found, chosen)
    tables: list[pa.Table] = []
    for question in questions:
        blocks = _blocks(question, answers, found)
        table = result_table(question, blocks, context, found)
        said = printed
        if table.num_rows == 0:
            said = printed | {"notes": [*printed["notes"], NOTHING_IN_GROUPS]}
        tables.append(table.replace_schema_metadata({"hamlets": json.dumps(said)}))
    return tables


def _without_dear(question: Question, asked: str | Sequence[str], store: Store) -> Question:
    """Leave care density out of "all" where the store is too big for a second pass."""
    rows = (
        store.manifest.tables["appointments"].rows if "appointments" in store.manifest.tables else 0
    )
    named = "care_density" in (asked if isinstance(asked, str) else ",".join(asked))
    if rows > ALL_LIMIT_ROWS and not named:
        kept = tuple(m for m in question.measures if m != "care_density")
        return replace(question, measures=kept)
    return question


def measure(
    store: Store,
    *,
    measures: str | Sequence[str] = "all",
    level: str | Sequence[str] = "clinician",
    by: str | Sequence[str] = "all",
    date_from: date | None = None,
    date_to: date | None = None,
    min_contacts: int | None = None,
    roles: str | Sequence[str] | None = None,
    modes: str | Sequence[str] | None = None,
    window_months: int | None = None,
    min_list: int = 1,
    one_a_day: bool = False,
    preset: str | None = None,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> pa.Table:
    """Return continuity by measure, level and group as an Arrow table.

    ``by`` is "all", "patient" or groups (practice, list, month, ...). Values are
    shares unless the measure says otherwise; null where undefined, with the
    reason. Conventions and counts left out stand in the schema's metadata under
    ``hamlets`` as JSON. Raises UsageError and NothingToMeasureError.
    """
    conventions = read_conventions(
        date_from=date_from,
        date_to=date_to,
        min_contacts=min_contacts,
        roles=roles,
        modes=modes,
        window_months=window_months,
        min_list=min_list,
        one_a_day=one_a_day,
        preset=preset,
    )
    by_patient = by == "patient" or list(by) == ["patient"]
    question = read_question(measures, level, "all" if by_patient else by)
    question = _without_dear(question, measures, store)
    if not by_patient:
        return measure_many(store, [question], conventions, threads=threads, progress=progress)[0]
    reference = build_reference(store)
    wanted = tuple(m for m in question.measures if MEASURES[m].kind in ("patient", "density"))
    if not wanted:
        raise UsageError(
            "None of these measures is defined for single patients.",
            where="--measures",
            hint=f"Choose from: {', '.join(PATIENT_INDICES)}, care_density.",
        )
    density = ((),) if "care_density" in wanted else ()
    plan = Plan(levels=question.levels, by_patient=True, density_groups=density)
    context = make_context(store, plan, conventions, reference)
    count = threads or os.cpu_count() or 1
    found = scan_store(context, count, progress)
    _check_something(context, found)
    answers = Answers(context, found, count, conventions.min_contacts)
    table = patient_table(question, answers)
    printed = _printed(context, found, conventions)
    left = [m for m in question.measures if m not in wanted]
    if left and measures != "all":
        printed["notes"].append(f"Not defined for single patients, so left out: {', '.join(left)}.")
    return table.replace_schema_metadata({"hamlets": json.dumps(printed)})
