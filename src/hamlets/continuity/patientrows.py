"""Single patients: one row each, and care density by group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hamlets.continuity.answers import Answers
from hamlets.continuity.blocks import Block, blank
from hamlets.continuity.conventions import Question
from hamlets.continuity.definitions import PATIENT_INDICES
from hamlets.continuity.density import care_density
from hamlets.continuity.dimensions import Int64
from hamlets.continuity.estimates import STATISTIC, Floats, line_of, mean_interval, values_of
from hamlets.continuity.levels import Shares, counts_at, expected_by_row
from hamlets.continuity.plan import CONTACT_GROUPS
from hamlets.continuity.yields import Yield


def _joined(found: Yield, name: str) -> Any:
    parts = [getattr(rows, name) for rows in found.patients]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def patient_table(wanted: tuple[str, ...], levels: tuple[str, ...], answers: Answers) -> pa.Table:
    """Return one row a patient with at least one counted contact.

    Columns: patient_id, practice_id, n_contacts, one a measure, then
    ``expected_<index>``. With several levels the names carry the level.
    """
    found, context = answers.found, answers.context
    n_all = np.concatenate([rows.counts[levels[0]][:, 0] for rows in found.patients])
    keep = n_all > 0
    n = n_all[keep]
    home = _joined(found, "home")[keep].astype(np.int64)
    classes = _joined(found, "classes")[keep].astype(np.int64)
    patients = pa.array(context.store.labels("patient"), type=pa.string())
    columns: dict[str, Any] = {
        "patient_id": patients.take(pa.array(_joined(found, "patients")[keep])),
        "practice_id": pa.array(
            [context.reference.practice_labels[h] if h >= 0 else None for h in home.tolist()],
            type=pa.string(),
        ),
        "n_contacts": n,
    }
    people = Shares.of(found.total("index_shares", "patients", 3, 1))
    places = Shares.of(found.total("index_shares_places", "patients", 3, 1))
    expectations: dict[str, Any] = {}
    indices = [m for m in wanted if m in PATIENT_INDICES]
    for level in levels:
        counts = np.concatenate([rows.counts[level] for rows in found.patients])[keep]
        expected = _expected(answers, level, home, classes, n, people, places, indices)
        suffix = "" if len(levels) == 1 else f"_{level}"
        for index in indices:
            value = values_of(index, n, counts)
            a, b = line_of(index, n.astype(np.float64))
            with np.errstate(invalid="ignore"):
                by_chance = a + b * expected[:, STATISTIC[index]]
            undefined = n < answers.minimum(index)
            columns[index + suffix] = pa.array(value, mask=undefined)
            expectations[f"expected_{index}{suffix}"] = pa.array(by_chance, mask=undefined)
    if "care_density" in wanted:
        density = np.concatenate(care_density(found.patients, context.reference.people))[keep]
        columns["care_density"] = pa.array(density, mask=np.isnan(density))
    table = pa.table({**columns, **expectations})
    order = pc.sort_indices(
        table, sort_keys=[("practice_id", "ascending"), ("patient_id", "ascending")]
    )
    return table.take(order)


def _expected(
    answers: Answers,
    level: str,
    home: Int64,
    classes: Int64,
    n: Int64,
    people: Shares,
    places: Shares,
    indices: list[str],
) -> Floats:
    """Return the expected counts of each patient, worked out once for each practice and n."""
    joint = np.stack([home, classes, n], axis=1)
    distinct, back = np.unique(joint, axis=0, return_inverse=True)
    parents = np.hstack([np.full((len(distinct), 1), -1), distinct[:, :1]])
    teams = answers.context.maps[answers.context.window]
    made = expected_by_row(
        parents,
        distinct[:, 1],
        distinct[:, 2],
        lambda parent, team: counts_at(level, parent, team, people, places, teams),
        answers.threads,
        indices,
    )
    return made[back.reshape(-1)]


def density_block(question: Question, found: Yield, answers: Answers) -> Block:
    """Return mean care density by group; patients with fewer than 2 clinicians have none."""
    by = question.by
    contact = [g for g in by if g in CONTACT_GROUPS]
    values = care_density(found.patients, answers.context.reference.people)
    keys = [rows.groups.get(by) for rows in found.patients]
    if contact or any(k is None for k in keys):
        return _nothing(by, f"not defined by {contact[0]}" if contact else "no patients")
    members = np.concatenate([k[0] for k in keys if k is not None])
    groups = np.concatenate([k[1] for k in keys if k is not None])
    start = np.cumsum([0] + [len(v) for v in values])
    rows = np.concatenate(
        [k[0] + s for k, s in zip(keys, start[:-1].tolist(), strict=True) if k is not None]
    )
    density = np.concatenate(values)[rows] if len(rows) else np.empty(0)
    n = np.concatenate([r.counts[next(iter(r.counts))][:, 0] for r in found.patients])[rows]
    del members
    some = n > 0
    density, n, groups = density[some], n[some], groups[some]
    distinct, place = (
        np.unique(groups, axis=0, return_inverse=True)
        if groups.shape[1]
        else (groups[:1], np.zeros(len(groups), dtype=np.int64))
    )
    place = place.reshape(-1)
    count = len(distinct)
    have = ~np.isnan(density) & (n >= answers.minimum("care_density"))
    patients = np.bincount(place[have], minlength=count).astype(np.int64)
    total = np.bincount(place[have], weights=density[have], minlength=count)
    squares = np.bincount(place[have], weights=density[have] ** 2, minlength=count)
    contacts = np.bincount(place[have], weights=n[have], minlength=count).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total / patients
    lower, upper = mean_interval(mean, squares, patients, None)
    block = Block(
        "care_density",
        "clinician",
        distinct,
        mean,
        patients,
        contacts,
        lower,
        upper,
        blank(count),
        blank(count),
        excluded_min_n=np.bincount(place[~have], minlength=count).astype(np.int64),
    )
    block.explain(lambda _: "no patient has seen 2 clinicians")
    return block


def _nothing(by: tuple[str, ...], reason: str) -> Block:
    empty, none = np.empty(0), np.empty(0, dtype=np.int64)
    keys = np.empty((0, len(by)), dtype=np.int64)
    block = Block(
        "care_density", "clinician", keys, empty, none, none, empty, empty, empty, empty
    )
    block.reason = [reason] if len(block.value) else []
    return block
