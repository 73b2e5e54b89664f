"""From the counts of single patients to the numbers of a group: means, ranges, distribution."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

from hamlets.continuity.audit_counts import (
    BY_MODE,
    CLINICIANS,
    CONTACTS,
    GPS,
    HANDOVERS,
    MOST,
    MOST_TEAM,
    Counts,
)
from hamlets.continuity.estimates import Floats, mean_interval
from hamlets.continuity.results import (
    AUDIT_MEASURES,
    MOST_GPS,
    AuditGroup,
    AuditGroupName,
    AuditMean,
)
from hamlets.records.tables import MODES

FEWEST = 8
"""Patients below whom there is no average: they are to be read one by one."""
LEAST_FOR_UPC = 2
_COUNTS = {"gps": GPS, "clinicians": CLINICIANS, "contacts": CONTACTS, "handovers": HANDOVERS}
_SHARES = {"upc": MOST, "upc_team": MOST_TEAM}
TOO_FEW_CASES = f"fewer than {FEWEST} cases"
NO_TEAMS = "no teams in these records"


def _mean(values: Floats) -> float:
    """Return the mean; the order of the patients changes no digit."""
    return math.fsum(values.tolist()) / len(values)


def _too_few(measure: str, patients: int) -> str:
    what = {
        "upc": f" with {LEAST_FOR_UPC} contacts",
        "upc_team": f" with {LEAST_FOR_UPC} contacts",
        "symptom_days": " with a symptom code",
    }.get(measure, "")
    return f"{'no patient' if patients == 0 else f'fewer than {FEWEST} patients'}{what}"


def _values(measure: str, counts: Counts) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return each patient's number, and for whom it is defined."""
    n = counts.of(CONTACTS)
    if measure in _COUNTS:
        return counts.of(_COUNTS[measure]).astype(np.float64), np.ones(len(n), dtype=bool)
    if measure in _SHARES:
        return counts.of(_SHARES[measure]) / np.maximum(n, 1), n >= LEAST_FOR_UPC
    return counts.symptom_days.astype(np.float64), counts.symptom_days > 0


def _audit_mean(measure: str, counts: Counts, reason: str | None) -> AuditMean:
    values, defined = _values(measure, counts)
    value = values[defined]
    patients = len(value)
    if reason is None and patients < FEWEST:
        reason = _too_few(measure, patients)
    if reason is not None:
        return AuditMean(measure, None, n_patients=patients, reason=reason)
    mean = _mean(value)
    lower, upper = mean_interval(
        np.array([mean]),
        np.array([math.fsum(((value - mean) ** 2).tolist())]),
        np.array([patients]),
        1.0 if measure in _SHARES else None,
    )
    chance = None
    if measure == "gps" and not np.isnan(counts.expected).any():
        chance = _mean(counts.expected)
    without_zeros = None
    if measure in _COUNTS:
        some = counts.of(CLINICIANS if measure == "clinicians" else CONTACTS) > 0
        if int(some.sum()) >= FEWEST:
            without_zeros = _mean(values[some])
    known = patients > 1
    return AuditMean(
        measure,
        mean,
        float(lower[0]) if known else None,
        float(upper[0]) if known else None,
        patients,
        chance,
        without_zeros,
    )


def group_of(name: AuditGroupName, counts: Counts, cases: int, *, teams: bool) -> AuditGroup:
    """Return the numbers of one group of patients; no averages where there are few cases.

    Without ``teams`` the share of the team seen most is not known: it would repeat the GP's.
    """
    reason = TOO_FEW_CASES if cases < FEWEST else None
    of_team = reason or (None if teams else NO_TEAMS)
    gps = np.minimum(counts.of(GPS), MOST_GPS)
    by_mode = counts.columns[:, BY_MODE:].sum(axis=0).tolist()
    return AuditGroup(
        name=name,
        n_patients=len(counts.columns),
        n_without_contacts=int((counts.of(CONTACTS) == 0).sum()),
        means=tuple(
            _audit_mean(measure, counts, of_team if measure == "upc_team" else reason)
            for measure in AUDIT_MEASURES
        ),
        distribution=tuple(np.bincount(gps, minlength=MOST_GPS + 1).tolist()),
        modes=tuple((mode, n) for mode, n in zip(MODES, by_mode, strict=True) if n),
    )
