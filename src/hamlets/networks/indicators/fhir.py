"""Indicators as FHIR: each definition a Measure, each row of a place a MeasureReport (R4).

Counts are populations of one group, as the standard has them: the initial population, the
denominator before exclusions, those left out, and the numerator. The score is the rate as a
share of 1, or as events for each patient.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from hamlets.networks.indicators.definition import POPULATIONS, Indicator, Population
from hamlets.networks.results.indicators import IndicatorInfo, IndicatorResults, IndicatorRow

Resource = dict[str, Any]

CANONICAL = "https://hamlets.invalid/fhir/Measure/"
"""Where a Measure says it is from; ``.invalid`` is nobody's, and a place puts its own."""
_ORGANISATION = "https://fhir.nhs.uk/Id/ods-organization-code"
_POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
_SCORING = "http://terminology.hl7.org/CodeSystem/measure-scoring"
_IMPROVEMENT = "http://terminology.hl7.org/CodeSystem/measure-improvement-notation"
_CODES: dict[Population, str] = {
    "initial_population": "initial-population",
    "denominator": "denominator",
    "denominator_exclusion": "denominator-exclusion",
    "denominator_exception": "denominator-exception",
    "numerator": "numerator",
}
_DIALECT = "text/x-sql"


def as_fhir(results: IndicatorResults, definitions: Sequence[Indicator], made: date) -> Resource:
    """Return a Bundle of the Measures used and a summary MeasureReport a row.

    Rows without a period are left out: a MeasureReport needs one. ``made`` is its day.
    """
    by_id = {one.id: one for one in definitions}
    measures = [
        _measure(info, by_id[info.indicator_id], made)
        for info in results.indicators
        if info.indicator_id in by_id
    ]
    reports = [
        _report(row, results.info(row.indicator_id), made)
        for row in results.rows
        if row.period_start is not None and row.group is None
    ]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "timestamp": f"{made.isoformat()}T00:00:00Z",
        "entry": [
            {"fullUrl": _url(resource), "resource": resource} for resource in [*measures, *reports]
        ],
    }


def _url(resource: Resource) -> str:
    if resource["resourceType"] == "Measure":
        return resource["url"]
    return f"{CANONICAL.removesuffix('Measure/')}MeasureReport/{resource['id']}"


def _identity(indicator_id: str) -> str:
    """Return an id as FHIR allows it: no underscores."""
    return indicator_id.replace("_", "-")


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _measure(info: IndicatorInfo, definition: Indicator, made: date) -> Resource:
    scoring = {"events": "ratio", "mean": "continuous-variable"}.get(info.counted, "proportion")
    measure: Resource = {
        "resourceType": "Measure",
        "id": _identity(info.indicator_id),
        "url": f"{CANONICAL}{_identity(info.indicator_id)}",
        "version": str(info.version),
        "name": info.indicator_id,
        "title": info.title,
        "status": "active",
        "experimental": False,
        "date": made.isoformat(),
        "publisher": definition.authored_by,
        "description": info.meaning,
        "author": [{"name": definition.authored_by}],
        "reviewer": [{"name": info.checked_by}],
        "effectivePeriod": {"end": info.next_review.isoformat()},
        "relatedArtifact": [{"type": "citation", "citation": info.source}],
        "scoring": _coded(_SCORING, scoring),
        "improvementNotation": _coded(
            _IMPROVEMENT, "increase" if info.direction == "higher" else "decrease"
        ),
    }
    if definition.populations:
        measure["group"] = [{"population": _criteria(definition)}]
    if info.notes:
        measure["guidance"] = " ".join(info.notes)
    return measure


def _criteria(definition: Indicator) -> list[Resource]:
    return [
        {
            "code": _coded(_POPULATION, _CODES[name]),
            "criteria": {"language": _DIALECT, "expression": definition.populations[name]},
        }
        for name in POPULATIONS
        if name in definition.populations
    ]


def _report(row: IndicatorRow, info: IndicatorInfo, made: date) -> Resource:
    place = row.practice_id or row.network_id
    key = "|".join(
        str(part) for part in (row.indicator_id, row.level, place, row.period_start, row.period_end)
    )
    report: Resource = {
        "resourceType": "MeasureReport",
        "id": hashlib.sha256(key.encode()).hexdigest()[:32],
        "status": "complete",
        "type": "summary",
        "measure": f"{CANONICAL}{_identity(row.indicator_id)}|{info.version}",
        "date": made.isoformat(),
        "period": {"start": str(row.period_start), "end": str(row.period_end)},
        "improvementNotation": _coded(
            _IMPROVEMENT, "increase" if info.direction == "higher" else "decrease"
        ),
    }
    if place is not None:
        display = {"display": row.name} if row.name else {}
        report["reporter"] = {
            "identifier": {"system": _ORGANISATION, "value": place},
            **display,
        }
    group: Resource = {}
    counts = _counts(row)
    if counts:
        group["population"] = [
            {"code": _coded(_POPULATION, _CODES[name]), "count": count}
            for name, count in counts.items()
        ]
    if row.rate is not None:
        group["measureScore"] = {"value": round(row.rate / info.per, 12)}
    if group:
        report["group"] = [group]
    return report


def _counts(row: IndicatorRow) -> dict[Population, int]:
    """Return the counts of a row as FHIR has them: the denominator before anyone is left out."""
    left = (row.exclusions or 0) + (row.exceptions or 0)
    given: dict[Population, int | None] = {
        "initial_population": row.initial_population,
        "denominator": None if row.denominator is None else row.denominator + left,
        "denominator_exclusion": row.exclusions,
        "denominator_exception": row.exceptions,
        "numerator": row.numerator,
    }
    return {name: count for name, count in given.items() if count is not None}
