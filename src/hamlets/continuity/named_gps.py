"""Named-GP health: who has an eligible named GP, what needs putting right, and what it delivers.

A named GP without visits is a name: so the share of contacts with the own GP
always stands beside the share of patients who have one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from hamlets.continuity import named_patients
from hamlets.continuity.asking import find_peopled, nobody_registered, to_estimate
from hamlets.continuity.calendar import Window, day_number, day_of, months_before
from hamlets.continuity.columns import ALWAYS, Int32
from hamlets.continuity.contacts import Workspace, make_rules
from hamlets.continuity.conventions import Conventions, Question
from hamlets.continuity.definitions import DEFINITIONS_VERSION
from hamlets.continuity.named_patients import (
    DUTY_DAYS,
    LOOK_BACK_DAYS,
    NEW_DAYS,
    Registered,
    Seen,
)
from hamlets.continuity.named_standing import (
    ELIGIBLE,
    LEFT,
    NONE,
    NOT_GP,
    REGISTRAR_OR_LOCUM,
    UNKNOWN_STAFF,
    Flags,
    Standing,
    read_standing,
)
from hamlets.continuity.named_suggestions import Suggestions, suggest
from hamlets.continuity.periods import contact_days
from hamlets.continuity.reference import Reference, build_reference, text_rank
from hamlets.continuity.results import (
    NAMED_GP_PROBLEMS,
    NAMED_GP_WARNINGS,
    Correction,
    Estimate,
    NamedGpCount,
    NamedGpHealth,
    NamedGpList,
)
from hamlets.continuity.results.named_gps import Missing
from hamlets.errors import NothingToMeasureError, UnknownPlaceError
from hamlets.records import Store

SEEN_MONTHS = 24
DELIVERED_MONTHS = 12
_GRACE_DAYS = 31
"""How long after the last contact the records still tell how things stand."""
_SHORT_DAYS = 7
"""Records that begin so many days late (a holiday, a weekend) still cover the months."""
_SPAN_ROWS = 250_000


@dataclass(frozen=True)
class Findings:
    """What holds of each registered patient."""

    problem: Int32
    """Position in NAMED_GP_PROBLEMS, or ELIGIBLE."""
    warnings: dict[str, Flags]

    @property
    def any(self) -> Flags:
        found = self.problem != ELIGIBLE
        for holds in self.warnings.values():
            found = found | holds
        return found


@dataclass(frozen=True)
class _Found:
    """All that is known of the registered patients on the day."""

    store: Store
    day: int
    reference: Reference
    standing: Standing
    patients: Registered
    seen: Seen
    strangers: Int32
    findings: Findings


def named_gp_health(
    store: Store,
    practice: str | None = None,
    day: date | None = None,
    *,
    corrections: bool = False,
    with_slicc: bool = True,
    threads: int | None = None,
) -> tuple[NamedGpHealth, ...]:
    """Return the state of the named-GP field on a day, one entry a practice by its code.

    ``day`` is the last day with a contact by default, and within the records or the month
    after them. With ``corrections`` each
    patient with a finding is listed: that stays inside the practice. Without ``with_slicc``
    the shares of contacts with the own GP are left out, which takes most of the time. Raises
    NothingToMeasureError where the records hold no named GP at all, do not reach the day or
    hold nobody registered on it, UnknownPlaceError for a practice without patients.
    """
    if not (store.given("named_gps", "staff_id") or store.given("patients", "named_staff_id")):
        raise NothingToMeasureError(
            "There are no named GPs in these records.",
            hint="Add a column named_staff_id to the patients file and load it again.",
        )
    chosen = _day_within(store, day)
    code = _practice_code(store, practice)
    found = _find(store, day_number(chosen), code)
    delivered: Delivered = _delivered(store, chosen, threads) if with_slicc else ({}, {})
    practices: list[int] = np.unique(found.patients.practice).tolist()
    labels = found.reference.practice_labels
    names = _place_names(store)
    suggestions = _suggestions(found) if corrections else None
    health = [
        _of_practice(found, p, labels[p], names.get(p) or labels[p], delivered, suggestions)
        for p in sorted(practices, key=lambda p: labels[p].encode())
    ]
    if not health:
        raise NothingToMeasureError(
            "Nobody is known to be registered on this day.",
            where=chosen.isoformat(),
            hint="Registration comes from the patients or the registrations table.",
        )
    return tuple(health)


def _day_within(store: Store, day: date | None) -> date:
    """Return the day asked about, or the last one; NothingToMeasureError outside the records."""
    first, last = contact_days(store)
    if day is not None and not first <= day <= last + timedelta(days=_GRACE_DAYS):
        raise NothingToMeasureError(
            "These records do not reach this day, so what was found would not be true.",
            where=day.isoformat(),
            hint=f"The records are of {first} to {last}.",
        )
    return day or last


def _practice_code(store: Store, practice: str | None) -> int | None:
    if practice is None:
        return None
    labels = store.labels("practice")
    if practice not in labels:
        raise UnknownPlaceError(
            f"No patients of a practice {practice!r} are in these records.",
            where="--practice",
            hint="`hamlets measure --by practice` lists the practices there are.",
        )
    code = labels.index(practice)
    if not find_peopled(store, [code]):
        raise nobody_registered(practice)
    return code


def _place_names(store: Store) -> dict[int, str]:
    table = store.shared("practices", ["practice", "name"])
    columns = (table.column(n).to_pylist() for n in ("practice", "name"))
    return {code: name for code, name in zip(*columns, strict=True) if name}


def _find(store: Store, day: int, only: int | None) -> _Found:
    reference = build_reference(store)
    first = months_before(day_of(day), SEEN_MONTHS) + timedelta(days=1)
    window = Window(day_number(first), day)
    rules = make_rules(Conventions(), reference.roles_known)
    work = Workspace(reference.people, len(reference.practice_labels))
    spans = [
        span
        for practices in store.spans(_SPAN_ROWS)
        if (
            span := named_patients.read_span(store, practices, reference, rules, window, work, only)
        )
    ]
    if not spans:
        raise NothingToMeasureError(
            "Nobody is known to be registered on this day.",
            where=day_of(day).isoformat(),
            hint="Registration comes from the patients or the registrations table.",
        )
    patients, seen, strangers = named_patients.join(spans)
    standing = read_standing(store, reference, day)
    findings = _judge(patients, seen, standing, day)
    return _Found(store, day, reference, standing, patients, seen, strangers, findings)


def _judge(patients: Registered, seen: Seen, standing: Standing, day: int) -> Findings:
    """Return the findings of every patient."""
    named = patients.named
    someone = named >= 0
    problem = np.full(patients.size, NONE, dtype=np.int32)
    problem[someone] = standing.problem[named[someone]]
    # Of a practice that gave a staff list, a named person who is not on it is nobody it knows.
    listing = np.isin(patients.practice, list(standing.practices))
    stranger = someone & listing & (problem == ELIGIBLE)
    stranger[stranger] = ~standing.listed[named[stranger]]
    problem[stranger] = UNKNOWN_STAFF
    fine = problem == ELIGIBLE
    with_named = np.zeros(patients.size, dtype=np.int64)
    own = seen.person == named[seen.patient]
    with_named[seen.patient[own]] = seen.contacts[own]
    most = np.zeros(patients.size, dtype=np.int64)
    np.maximum.at(most, seen.patient, seen.contacts)
    since = patients.registered
    new = (since != ALWAYS) & (day - since > DUTY_DAYS) & (day - since < NEW_DAYS)
    ago = day - patients.since
    # The same person again after a gap replaces nobody.
    changed = fine & (patients.before >= 0) & (patients.before != named)
    return Findings(
        problem,
        {
            "not_seen_24_months": fine & (patients.contacts > 0) & (with_named == 0),
            "not_most_seen": fine & (most > with_named),
            "new_unnoticed": new & ~patients.named_early,
            "replaced": changed & (ago <= DUTY_DAYS),
            "replaced_earlier": changed & (ago > DUTY_DAYS) & (ago <= LOOK_BACK_DAYS),
        },
    )


Delivered = tuple[dict[str, Estimate], dict[tuple[str, str], Estimate]]


def _delivered(store: Store, day: date, threads: int | None) -> Delivered:
    """Return the own-GP share of 12 months by practice, and by practice and list."""
    from hamlets.continuity.measuring import measure_many

    first = months_before(day, DELIVERED_MONTHS) + timedelta(days=1)
    questions = [
        Question(("slicc",), ("clinician",), by) for by in (("practice",), ("practice", "list"))
    ]
    try:
        tables = measure_many(
            store, questions, Conventions(date_from=first, date_to=day), threads=threads
        )
    except NothingToMeasureError:
        return {}, {}
    rows: list[list[dict[str, Any]]] = [table.to_pylist() for table in tables]
    return (
        {row["practice"]: to_estimate(row) for row in rows[0]},
        {(row["practice"], row["list"]): to_estimate(row) for row in rows[1]},
    )


def _of_practice(
    found: _Found,
    practice: int,
    label: str,
    name: str,
    delivered: Delivered,
    suggestions: Suggestions | None,
) -> NamedGpHealth:
    patients, findings = found.patients, found.findings
    here = patients.practice == practice
    registered = int(here.sum())
    problem = findings.problem[here]
    missing = _missing(found, practice, here)
    counts = _problems(problem, missing)
    warned: list[int | None] = [int(findings.warnings[w][here].sum()) for w in NAMED_GP_WARNINGS]
    if "no_registration_dates" in missing:
        warned[NAMED_GP_WARNINGS.index("new_unnoticed")] = None
    dated = ~patients.undated & (patients.named >= 0) & here
    if "as_at_extract" in missing and not dated.any():
        # A name without dates never changes in these records.
        for warning in ("replaced", "replaced_earlier"):
            warned[NAMED_GP_WARNINGS.index(warning)] = None

    def count(finding: str, n: int | None) -> NamedGpCount:
        return NamedGpCount(finding, n, None if n is None else n / registered)

    return NamedGpHealth(
        practice_id=label,
        name=name,
        day=day_of(found.day),
        registered=registered,
        eligible=int((problem == ELIGIBLE).sum()),
        problems=tuple(map(count, NAMED_GP_PROBLEMS, counts)),
        warnings=tuple(map(count, NAMED_GP_WARNINGS, warned)),
        slicc=delivered[0].get(label),
        lists=_lists(found, practice, here, delivered[1]),
        corrections=() if suggestions is None else _corrections(found, practice, here, suggestions),
        missing=missing,
        unregistered=int((found.strangers == practice).sum()),
        definition_version=DEFINITIONS_VERSION,
    )


def _problems(problem: Int32, missing: tuple[Missing, ...]) -> list[int | None]:
    """Return the patients of each problem; None where none was found and none can be."""
    counts: list[int | None] = [
        int((problem == code).sum()) for code in range(len(NAMED_GP_PROBLEMS))
    ]
    blind: set[int] = set()
    if "no_staff_list" in missing:
        blind |= {LEFT, NOT_GP, REGISTRAR_OR_LOCUM, UNKNOWN_STAFF}
    if "no_roles" in missing:
        blind |= {NOT_GP, REGISTRAR_OR_LOCUM}
    # The list of another practice may still tell of somebody named here.
    return [None if code in blind and not n else n for code, n in enumerate(counts)]


def _missing(found: _Found, practice: int, here: Flags) -> tuple[Missing, ...]:
    patients = found.patients
    first, last = contact_days(found.store)
    wanted = months_before(day_of(found.day), SEEN_MONTHS) + timedelta(days=1 + _SHORT_DAYS)
    said: dict[Missing, bool] = {
        "no_staff_list": practice not in found.standing.practices,
        "no_roles": not found.reference.roles_known,
        "as_at_extract": bool((patients.undated & (patients.named >= 0))[here].any()),
        "no_registration_dates": bool((patients.registered[here] == ALWAYS).all()),
        "unregistered": bool((found.strangers == practice).any()),
        "nobody_named": not (patients.named[here] >= 0).any(),
        "after_records": day_of(found.day) > last,
        "short_records": first > wanted,
    }
    return tuple(key for key, holds in said.items() if holds)


def _lists(
    found: _Found, practice: int, here: Flags, delivered: dict[tuple[str, str], Estimate]
) -> tuple[NamedGpList, ...]:
    """Return every named person from A to Z by name."""
    label = found.reference.practice_labels[practice]
    named = found.patients.named[here]
    problem = found.findings.problem[here]
    labels = found.reference.person_labels
    rows: list[NamedGpList] = []
    for person in np.unique(named[named >= 0]).tolist():
        mine = problem[named == person]
        code = int(mine[0])
        rows.append(
            NamedGpList(
                staff_id=found.standing.staff_id(practice, person),
                name=found.standing.names.get(person) or labels[person],
                patients=len(mine),
                eligible=code == ELIGIBLE,
                problem=None if code == ELIGIBLE else NAMED_GP_PROBLEMS[code],
                slicc=delivered.get((label, labels[person])),
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.staff_id)))


def _suggestions(found: _Found) -> Suggestions:
    fine = found.findings.problem == ELIGIBLE
    wanted = np.flatnonzero(found.findings.any)
    rank = text_rank(found.reference.person_labels)
    listing = found.standing.practices if found.reference.roles_known else frozenset[int]()
    return suggest(found.patients, found.seen, found.standing, listing, fine, wanted, rank)


def _corrections(
    found: _Found, practice: int, here: Flags, suggestions: Suggestions
) -> tuple[Correction, ...]:
    """Return the patients of a practice with a finding, by their code as text.

    Staff are given by the id that this practice's system knows them by.
    """
    ids = found.store.labels("patient")
    label = found.reference.practice_labels[practice]
    standing, names = found.standing, found.standing.names
    patients, findings = found.patients, found.findings
    tell = findings.warnings["replaced"] | findings.warnings["replaced_earlier"]
    rows: list[Correction] = []
    for position in np.flatnonzero(here & findings.any).tolist():
        named = int(patients.named[position])
        who, why, contacts = suggestions.of(position)
        rows.append(
            Correction(
                patient_id=ids[patients.patient[position]],
                practice_id=label,
                named_staff_id=standing.staff_id(practice, named) if named >= 0 else None,
                named_name=names.get(named),
                findings=_findings_of(findings, position),
                suggested_staff_id=None if who is None else standing.staff_id(practice, who),
                suggested_name=None if who is None else names.get(who),
                suggested_why=why,
                contacts_with_suggested=contacts,
                contacts=int(patients.contacts[position]),
                tell_by=day_of(int(patients.since[position]) + DUTY_DAYS)
                if tell[position]
                else None,
            )
        )
    return tuple(sorted(rows, key=lambda row: row.patient_id.encode()))


def _findings_of(findings: Findings, position: int) -> tuple[str, ...]:
    code = int(findings.problem[position])
    problem = () if code == ELIGIBLE else (NAMED_GP_PROBLEMS[code],)
    return (*problem, *(name for name, holds in findings.warnings.items() if holds[position]))
