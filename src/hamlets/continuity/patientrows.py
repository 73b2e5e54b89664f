"""Single patients: one row each, and care density by group."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from hamlets.continuity.answers import Answers
from hamlets.continuity.blocks import Block, blank
from hamlets.continuity.conventions import Question
from hamlets.continuity.definitions import PATIENT_INDICES
from hamlets.continuity.density import care_density
from hamlets.continuity.dimensions import Int64, distinct_rows
from hamlets.continuity.estimates import STATISTIC, Floats, line_of, mean_interval, values_of
from hamlets.continuity.yields import Yield


def _joined(found: Yield, name: str) -> Any:
    parts = [getattr(rows, name) for rows in found.patients]
    return np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)


def patient_table(question: Question, answers: Answers) -> pa.Table:
    """Return one row a patient with at least one counted contact.

    Columns: patient_id, practice_id, n_contacts, one a measure, then
    ``expected_<index>``. With several levels the names carry the level.
    """
    found, context, levels = answers.found, answers.context, question.levels
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
    expectations: dict[str, Any] = {}
    for level in levels:
        wanted = question.at(level)
        indices = [m for m in wanted if m in PATIENT_INDICES]
        counts = np.concatenate([rows.counts[level] for rows in found.patients])[keep]
        bits = np.concatenate([rows.bits[level] for rows in found.patients])[keep]
        expected = _expected(answers, level, home, classes, n, indices)
        suffix = "" if len(levels) == 1 else f"_{level}"
        for index in indices:
            value = values_of(index, n, counts, bits)
            a, b = line_of(index, n.astype(np.float64))
            with np.errstate(invalid="ignore"):
                by_chance = a + b * expected[:, STATISTIC[index]]
            undefined = n < answers.minimum(index)
            columns[index + suffix] = pa.array(value, mask=undefined)
            expectations[f"expected_{index}{suffix}"] = pa.array(by_chance, mask=undefined)
        if "care_density" in wanted:
            density = np.concatenate(care_density(found.care[level, ()]))[keep]
            undefined = np.isnan(density) | (n < answers.minimum("care_density"))
            columns["care_density" + suffix] = pa.array(density, mask=undefined)
    table = pa.table({**columns, **expectations})
    return table.sort_by([("practice_id", "ascending"), ("patient_id", "ascending")])


def _expected(
    answers: Answers, level: str, home: Int64, classes: Int64, n: Int64, indices: list[str]
) -> Floats:
    """Return the expected counts of each patient, worked out once for each practice and n."""
    joint = np.stack([home, classes, n], axis=1)
    distinct, back = distinct_rows(joint)
    parents = np.hstack([np.full((len(distinct), 1), -1), distinct[:, :1]])
    expected = answers.expected("patients", 0, level, indices)
    made = expected.of_rows(parents, distinct[:, 1], distinct[:, 2], answers.threads)
    return made[back]


def density_block(by: tuple[str, ...], level: str, found: Yield, answers: Answers) -> Block:
    """Return mean care density by group; patients with fewer than 2 clinicians have none."""
    care = found.care.get((level, by), [])
    density = [value[c.members] for value, c in zip(care_density(care), care, strict=True)]
    value = np.concatenate(density) if density else np.empty(0)
    n = np.concatenate([c.n[c.members] for c in care]) if care else np.empty(0, dtype=np.int64)
    groups = (
        np.concatenate([c.keys for c in care]) if care else np.empty((0, len(by)), dtype=np.int64)
    )
    keys, place = distinct_rows(groups)
    count = len(keys)
    have = ~np.isnan(value) & (n >= answers.minimum("care_density"))

    # from small to large, so that the order of patients in the store cannot matter
    order = np.lexsort((value, place))
    value, n, place, have = value[order], n[order], place[order], have[order]

    def total(weights: Floats) -> Floats:
        sums: Floats = np.zeros(count)
        np.add.at(sums, place[have], weights[have])
        return sums

    patients = np.bincount(place[have], minlength=count).astype(np.int64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = total(value) / patients
    deviation = total((value - mean[place]) ** 2)
    lower, upper = mean_interval(mean, deviation, patients, None)
    block = Block(
        "care_density",
        level,
        keys,
        mean,
        patients,
        total(n.astype(np.float64)).astype(np.int64),
        lower,
        upper,
        blank(count),
        blank(count),
        excluded_min_n=np.bincount(place[~have], minlength=count).astype(np.int64),
    )
    block.explain(lambda _: "no patient has seen 2 clinicians")
    block.partial = answers.partial(keys, by, rolling=True)
    return block
