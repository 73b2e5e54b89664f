"""The published form of an audit: averages of many patients, rounded counts, nothing else."""

from __future__ import annotations

import math
from typing import Any

from hamlets.disclosure import (
    SMALLEST,
    Counts,
    Published,
    Sum,
    protect,
    publish_count,
    published_mean,
    published_number,
    published_range,
    round_to_5,
)

Plain = dict[str, Any]
SHARES = ("upc", "upc_team")
NO_TEAMS = "no teams in these records"
OF_EVERYBODY = ("gps", "clinicians", "contacts", "handovers")
"""Measures that every patient of a group has, so that their number gives nothing away."""
NOT_SHOWN = "not shown: too few patients"
TENTH, HUNDREDTH = 0.1, 0.01


def published(audits: list[Plain]) -> list[Plain]:
    """Return audits (one, or one a practice) as they may leave the practice.

    Averages of 8 patients or more, to one decimal; numbers of patients rounded to 5; of one
    audit the numbers by different GPs seen, where no small one can be worked out. The rest
    is null: each further count would give a smaller one away.
    """
    sizes = [_group(audit, "cases")["n_patients"] for audit in audits]
    values = {str(i): size for i, size in enumerate(sizes)}
    sums: tuple[Sum, ...] = ()
    if len(audits) > 1:
        # the audit of all practices together is published too
        sums = (Sum("all", tuple(values)),)
        values["all"] = sum(sizes)
    shown = protect(Counts(values, sums)).counts
    return [
        _published(audit, shown[str(i)], alone=len(audits) == 1) for i, audit in enumerate(audits)
    ]


def _group(audit: Plain, name: str) -> Plain:
    return next(group for group in audit["groups"] if group["name"] == name)


def _published(audit: Plain, cases: Published, alone: bool) -> Plain:
    blank = ("n_events", "not_registered", "without_control", "without_matched_control")
    return {
        **audit,
        **dict.fromkeys(blank),
        "published": True,
        "groups": [
            _of_group(group, cases.value is not None, alone) for group in audit["groups"]
        ],
    }  # fmt: skip


def _of_group(group: Plain, cases_shown: bool, alone: bool) -> Plain:
    patients: int = group["n_patients"]
    shown = cases_shown and patients >= SMALLEST
    counts: list[int | None] = [None] * len(group["distribution"])
    if shown and alone:
        counts = _distribution(patients, group["distribution"])
    return {
        **group,
        "n_patients": round_to_5(patients) if shown else None,
        "n_without_contacts": None,
        "means": [_mean(mean, patients, shown) for mean in group["means"]],
        "distribution": counts,
        "modes": None,
    }


def _distribution(patients: int, counts: list[int]) -> list[int | None]:
    names = [str(i) for i in range(len(counts))]
    values = dict(zip(names, counts, strict=True)) | {"n": patients}
    found = protect(Counts(values, (Sum("n", tuple(names)),))).counts
    if found["n"].value is None:
        return [None] * len(counts)
    return [found[name].value for name in names]


def _mean(mean: Plain, patients: int, shown: bool) -> Plain:
    of = publish_count(mean["n_patients"])
    hidden = {
        **mean, "value": None, "lower": None, "upper": None, "n_patients": None, "chance": None,
        "without_zeros": None, "reason": mean["reason"] and NOT_SHOWN,
    }  # fmt: skip
    share = mean["measure"] in SHARES
    rounded = published_mean if share else published_number
    value = rounded(mean["value"], of) if shown else None
    if value is None:
        # that nobody has a team tells nothing of a patient
        return {**hidden, "reason": NO_TEAMS if mean["reason"] == NO_TEAMS else NOT_SHOWN}
    half = None
    if mean["lower"] is not None and mean["upper"] is not None:
        half = max(mean["upper"] - mean["value"], mean["value"] - mean["lower"])
    step, top = (HUNDREDTH, 1.0) if share else (TENTH, math.inf)
    lower, upper = published_range(value, half, step=step, top=top)
    digits = 2 if share else 1
    return {
        **hidden,
        "value": value,
        "lower": None if lower is None else round(lower, digits),
        "upper": None if upper is None else round(upper, digits),
        "n_patients": round_to_5(patients) if mean["measure"] in OF_EVERYBODY else None,
        "chance": published_number(mean["chance"], of),
        "reason": None,
    }
